"""Pushes in the table: answered once, together with what they brought, and read ahead in one request."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from crossdock.domain.errors import AnsweredBefore, LostRace
from crossdock.domain.order import Order
from crossdock.domain.states import OrderStatus
from crossdock.ports import AnsweredPush, PushId
from crossdock.store.orders import DynamoOrders
from tests.integration.store.records import CONNECTION, NOON, at, order, sale, shipment, unmatched


def push(webhook_id: str = "msg_1", body_hash: str = "hash", when: datetime = NOON) -> PushId:
    return PushId(connection=CONNECTION, webhook_id=webhook_id, body_hash=body_hash, at=when)


def answered(answer: str = "first", **changes: Any) -> AnsweredPush:
    return AnsweredPush(push=push(**changes), answer=answer)


def answer_to(orders: DynamoOrders, seen: PushId) -> str | None:
    """The answer that stands, None where it was to another body. Fails where there is none."""
    with pytest.raises(AnsweredBefore) as before:
        orders.open_push(seen, ())
    return before.value.answer


@pytest.fixture
def at_warehouse(orders: DynamoOrders) -> Order:
    """An order that the warehouse has."""
    orders.add_orders(sale(), [order()])
    sent = order().moved(OrderStatus.AT_WMS, at(1), warehouse_order_id="W-7")
    orders.save_order(sent)
    return sent


def test_the_first_answer_to_a_push_is_kept(orders: DynamoOrders) -> None:
    orders.save_answered(answered())

    with pytest.raises(AnsweredBefore) as again:
        orders.save_answered(answered("second"))

    assert again.value.answer == "first"
    assert answer_to(orders, push()) == "first"
    orders.open_push(push("msg_2"), ())
    orders.open_push(push().model_copy(update={"connection": "other"}), ())


def test_another_body_under_the_same_id_is_told_apart(orders: DynamoOrders) -> None:
    orders.save_answered(answered())

    with pytest.raises(AnsweredBefore) as other:
        orders.save_answered(answered("second", body_hash="other"))

    assert other.value.answer is None
    assert answer_to(orders, push(body_hash="other")) is None


def test_a_push_is_forgotten_after_a_day(orders: DynamoOrders, orders_table: Any) -> None:
    orders.save_answered(answered())
    tomorrow = NOON + timedelta(days=1)

    kept = orders_table.get_item(Key={"pk": f"{CONNECTION}#push#msg_1", "sk": "push"})["Item"]
    orders.save_answered(answered("second", body_hash="other", when=tomorrow))

    assert kept["expires_at"] == int(tomorrow.timestamp())
    assert answer_to(orders, push(body_hash="other", when=tomorrow)) == "second"


def test_a_push_is_answered_together_with_its_shipment_or_not_at_all(orders: DynamoOrders, at_warehouse: Order) -> None:
    orders.save_order(at_warehouse.noted(at(2), event="seen"))

    with pytest.raises(LostRace):
        orders.save_shipment(shipment(), at_warehouse.moved(OrderStatus.SHIPPED, at(3)), answered())
    orders.open_push(push(), ())
    orders.save_shipment(unmatched(reference="SO-9"), None, answered())

    assert answer_to(orders, push()) == "first"


def test_a_shipment_is_not_stored_with_a_push_that_was_answered(orders: DynamoOrders, at_warehouse: Order) -> None:
    orders.save_answered(answered())

    with pytest.raises(AnsweredBefore) as before:
        orders.save_shipment(shipment(), at_warehouse.moved(OrderStatus.SHIPPED, at(3)), answered("second"))

    assert before.value.answer == "first"
    assert orders.order(CONNECTION, "SO-1") == at_warehouse
    assert orders.shipment(CONNECTION, "SO-1", "SH-1") is None


def test_what_a_push_needs_is_read_at_once_and_told_once(
    orders: DynamoOrders, at_warehouse: Order, orders_table: Any
) -> None:
    asked: list[str] = []
    events = orders_table.meta.client.meta.events
    named = [shipment().shipment, unmatched(reference="SO-9").shipment]

    opened = orders.open_push(push(), named)
    events.register("before-call.dynamodb", lambda model, **_: asked.append(model.name), unique_id="asked")
    told = opened.order(CONNECTION, "SO-1"), opened.shipment(CONNECTION, "SO-1", "SH-1")
    unknown = opened.order(CONNECTION, "SO-9"), opened.shipment(CONNECTION, "SO-9", "SH-1")
    read_again = list(asked)
    events.unregister("before-call.dynamodb", unique_id="asked")
    orders.save_order(at_warehouse.noted(at(2), event="seen"))

    assert (told, unknown) == ((at_warehouse, None), (None, None))
    assert read_again == []
    assert opened.order(CONNECTION, "SO-1") == at_warehouse.noted(at(2), event="seen")


def test_an_unmatched_shipment_is_none_of_its_orders_until_it_is_matched(orders: DynamoOrders) -> None:
    orders.save_shipment(unmatched())
    orders.add_orders(sale(), [order()])

    assert orders.shipments_of_order(order()) == ()
