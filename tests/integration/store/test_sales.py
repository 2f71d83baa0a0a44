"""The coverage ledger in the table."""

from typing import Any

import pytest

from crossdock.domain.errors import LostRace
from crossdock.domain.model import Reason
from crossdock.domain.states import Decision, Step
from crossdock.store.items import item_of
from crossdock.store.orders import DynamoOrders
from tests.integration.store.records import CONNECTION, NOON, at, sale


def test_a_pending_sale_waits_for_the_download(orders: DynamoOrders) -> None:
    orders.save_sale(sale())

    (key,) = orders.due(CONNECTION, Step.DOWNLOAD_ORDERS, NOON)

    assert orders.sale_at(key) == sale()


def test_a_decided_sale_waits_for_nothing(orders: DynamoOrders) -> None:
    orders.save_sale(sale())

    orders.save_sale(sale().decided(Decision.SKIPPED, at(1), Reason(code="status", text="the sale is a draft")))

    assert orders.due(CONNECTION, Step.DOWNLOAD_ORDERS, at(99)) == []
    assert [entry.sale_id for entry in orders.list_sales(CONNECTION, Decision.SKIPPED)] == ["sale-1"]
    assert list(orders.list_sales(CONNECTION, Decision.PENDING)) == []


def test_a_sale_seen_twice_is_stored_once(orders: DynamoOrders) -> None:
    first = sale()
    orders.save_sale(first)

    with pytest.raises(LostRace) as lost:
        orders.save_sale(sale(first_seen_at=at(5)))

    assert lost.value.winner == first


def test_of_two_decisions_the_second_loses_and_learns_the_first(orders: DynamoOrders) -> None:
    orders.save_sale(sale())
    skipped, voided = (sale().decided(decision, at(1)) for decision in (Decision.SKIPPED, Decision.VOIDED))
    orders.save_sale(skipped)

    with pytest.raises(LostRace) as lost:
        orders.save_sale(voided)

    assert lost.value.winner == skipped


def test_a_version_without_the_one_before_it_is_refused(orders: DynamoOrders) -> None:
    with pytest.raises(LostRace) as lost:
        orders.save_sale(sale(version=2))

    assert lost.value.winner is None


def test_sales_are_found_by_number_however_it_is_written(orders: DynamoOrders) -> None:
    orders.save_sale(sale("sale-1", "So-7", first_seen_at=at(9)))
    orders.save_sale(sale("sale-2", "SO-7"))
    orders.save_sale(sale("sale-3", "SO-70"))

    found = orders.sales_numbered(CONNECTION, "so-7")

    assert [entry.sale_id for entry in found] == ["sale-2", "sale-1"]


def test_a_sale_whose_number_changed_is_found_by_the_new_one(orders: DynamoOrders) -> None:
    orders.save_sale(sale())
    renamed = sale().decided(Decision.HELD, at(1), order_number="SO-2")

    orders.save_sale(renamed)

    assert orders.sales_numbered(CONNECTION, "SO-2") == (renamed,)


def test_many_sales_are_read_at_once_and_missing_ones_left_out(orders: DynamoOrders, orders_table: Any) -> None:
    known = [f"sale-{number}" for number in range(150)]
    with orders_table.batch_writer() as writer:
        for sale_id in known:
            writer.put_item(Item=item_of(sale(sale_id)))
    calls = count_calls(orders_table, "BatchGetItem")

    found = orders.sales(CONNECTION, [*known, *known[:9], "sale-x"])

    assert sorted(found) == sorted(known)
    assert found["sale-149"] == sale("sale-149")
    assert len(calls) == 2


def count_calls(table: Any, call: str) -> list[str]:
    """A list that grows with every such call."""
    calls: list[str] = []
    table.meta.client.meta.events.register(
        f"before-call.dynamodb.{call}", lambda **_: calls.append(call), unique_id=f"count-{table.name}"
    )
    return calls
