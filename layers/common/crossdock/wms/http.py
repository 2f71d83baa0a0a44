"""The `http` adapter: a warehouse that speaks Crossdock's own public contract, version 1."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import quote

import requests

from crossdock.domain import errors
from crossdock.domain.errors import NeedsPerson, NotFound
from crossdock.domain.inventory import StockSnapshotPage
from crossdock.domain.order import Content
from crossdock.domain.settings import WarehouseSettings
from crossdock.ports import ShipmentPage, WarehouseOrder
from crossdock.wms.answers import SYSTEM, Unreadable
from crossdock.wms.contract import (
    order_body,
    private_texts,
    read_cancellation,
    read_matches,
    read_order,
    read_shipments,
    read_stock,
    time_text,
)
from crossdock.wms.credentials import Refresh, WarehouseCredentials
from crossdock.wms.transport import Transport

SHIPMENTS_PER_PAGE = 200
ITEMS_PER_PAGE = 1000


class HttpWarehouse:
    """`Warehouse` over HTTP. Every call is made once; what it may raise is in `crossdock.wms.answers`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def replaces_orders(self) -> bool:
        """The contract has PUT /orders/{id}."""
        return True

    def create_order(self, reference: str, content: Content) -> WarehouseOrder:
        """Send the order, with the reference as its idempotency key."""
        document = self._transport.send(
            "POST",
            "/orders",
            order_body(reference, content),
            headers={"Idempotency-Key": reference},
            private=private_texts(content),
        )
        with _reading("POST /orders"):
            order = read_order(document)
            if order.reference != reference:
                raise Unreadable("the answer is about another reference than the one sent")
        return order

    def find_order(self, reference: str) -> WarehouseOrder | None:
        """The order with this reference. Raises NeedsPerson when the warehouse has several."""
        document = self._transport.get("/orders", {"reference": reference})
        with _reading("GET /orders"):
            matches = read_matches(document, reference)
        if len(matches) > 1:
            ids = ", ".join(order.id for order in matches[:5])
            raise NeedsPerson(
                "several_warehouse_orders",
                f"the warehouse has {len(matches)} orders with reference {reference} ({ids}): cancel all but one there",
            )
        return matches[0] if matches else None

    def replace_order(self, order_id: str, reference: str, content: Content) -> None:
        """Replace the whole order; the contract promises no body in the answer, so none is read."""
        path = _order_path("PUT", order_id)
        self._transport.send("PUT", path, order_body(reference, content), private=private_texts(content))

    def cancel_order(self, order_id: str, reason: str) -> None:
        """Cancel the order."""
        path = _order_path("POST", order_id) + "/cancel"
        document = self._transport.send("POST", path, {"reason": reason})
        with _reading(f"POST {path}"):
            read_cancellation(document, order_id)

    def shipments(self, *, updated_since: datetime, cursor: str | None) -> ShipmentPage:
        """A page of up to 200 shipments that were created or changed at or after the moment."""
        params = {"updated_since": time_text(updated_since), "limit": str(SHIPMENTS_PER_PAGE)}
        document = self._transport.get("/shipments", _with_cursor(params, cursor))
        with _reading("GET /shipments"):
            return read_shipments(document, cursor)

    def stock(self, *, cursor: str | None) -> StockSnapshotPage:
        """A page of up to 1,000 items of the stock snapshot."""
        document = self._transport.get("/inventory", _with_cursor({"limit": str(ITEMS_PER_PAGE)}, cursor))
        with _reading("GET /inventory"):
            return read_stock(document, cursor)


def open_http(
    settings: WarehouseSettings,
    credentials: WarehouseCredentials,
    session: requests.Session | None,
    refresh: Refresh | None,
) -> HttpWarehouse:
    """The adapter, ready for its first call; no connection is made yet."""
    return HttpWarehouse(Transport(settings.base_url, credentials, session=session, refresh=refresh))


def _order_path(method: str, order_id: str) -> str:
    if not order_id.strip("."):
        # Dots alone would be taken for steps up the path, and an empty id for the list of all orders.
        raise NotFound(SYSTEM, f"{method} /orders/{{id}}", f"{order_id!r} is not an order id")
    return f"/orders/{quote(order_id, safe='')}"


def _with_cursor(params: dict[str, str], cursor: str | None) -> dict[str, str]:
    return params if cursor is None else {**params, "cursor": cursor}


@contextmanager
def _reading(call: str) -> Iterator[None]:
    try:
        yield
    except Unreadable as unreadable:
        raise errors.Unreadable(SYSTEM, call, str(unreadable)) from unreadable
