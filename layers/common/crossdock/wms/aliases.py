"""A warehouse that calls products by other names: the one place where its SKUs become DEAR's and back."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property

from crossdock.domain.aliases import Aliases
from crossdock.domain.inventory import StockSnapshotPage
from crossdock.domain.order import Content
from crossdock.ports import ShipmentPage, Warehouse, WarehouseOrder


class AliasedWarehouse:
    """`Warehouse` over another one. The aliases are read once, at the first call that has a SKU in it."""

    def __init__(self, warehouse: Warehouse, read_aliases: Callable[[], Aliases]) -> None:
        self._warehouse, self._read_aliases = warehouse, read_aliases

    @cached_property
    def _aliases(self) -> Aliases:
        return self._read_aliases()

    @property
    def replaces_orders(self) -> bool:
        return self._warehouse.replaces_orders

    def create_order(self, reference: str, content: Content) -> WarehouseOrder:
        return self._warehouse.create_order(reference, self._aliases.outgoing(content))

    def find_order(self, reference: str) -> WarehouseOrder | None:
        return self._warehouse.find_order(reference)

    def replace_order(self, order_id: str, reference: str, content: Content) -> None:
        self._warehouse.replace_order(order_id, reference, self._aliases.outgoing(content))

    def cancel_order(self, order_id: str, reason: str) -> None:
        self._warehouse.cancel_order(order_id, reason)

    def shipments(self, *, updated_since: datetime, cursor: str | None) -> ShipmentPage:
        page = self._warehouse.shipments(updated_since=updated_since, cursor=cursor)
        return page.model_copy(update={"shipments": tuple(self._aliases.incoming(each) for each in page.shipments)})

    def stock(self, *, cursor: str | None) -> StockSnapshotPage:
        return self._aliases.counted(self._warehouse.stock(cursor=cursor))
