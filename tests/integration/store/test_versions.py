"""Two versions of the code at work on the same records, as during a deployment, or after one was taken back."""

from collections.abc import Mapping
from typing import Any

import pytest

from crossdock.domain.states import OrderStatus
from crossdock.store.items import item_of
from crossdock.store.orders import DynamoOrders
from tests.integration.store.records import CONNECTION, at, order, sale


def of_a_later_version(record: Any) -> dict[str, Any]:
    """The item as a version would write it that keeps more of a sale than this one knows."""
    item = item_of(record)
    if "facts" in item:
        item["facts"] = {**item["facts"], "priority": "high"}
    return {**item, "released_by": {"name": "warehouse"}}


def added(item: Mapping[str, Any]) -> tuple[Any, Any]:
    return item.get("released_by"), item.get("facts", {}).get("priority")


@pytest.mark.parametrize("turns", [1, 3])
def test_an_older_version_keeps_what_a_newer_one_has_written(
    orders: DynamoOrders, orders_table: Any, turns: int
) -> None:
    orders.save_sale(sale())
    orders.add_orders(sale().model_copy(update={"version": 2}), [order()])
    orders_table.put_item(Item=of_a_later_version(order()))

    for turn in range(turns):
        known = orders.order(CONNECTION, "SO-1")
        orders.save_order(known.noted(at(turn), event="looked at"))

    key = {name: item_of(order())[name] for name in ("pk", "sk")}
    assert added(orders_table.get_item(Key=key)["Item"]) == ({"name": "warehouse"}, "high")


def test_a_record_of_a_newer_version_moves_on_in_an_older_one(orders: DynamoOrders, orders_table: Any) -> None:
    orders.save_sale(sale())
    orders.add_orders(sale().model_copy(update={"version": 2}), [order()])
    orders_table.put_item(Item=of_a_later_version(order()))

    known = orders.order(CONNECTION, "SO-1")
    orders.save_order(known.moved(OrderStatus.AT_WMS, at(1), warehouse_order_id="WO-1"))

    assert orders.order_by_warehouse_id(CONNECTION, "WO-1").status is OrderStatus.AT_WMS
