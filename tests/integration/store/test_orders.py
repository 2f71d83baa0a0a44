"""Orders in the table: stored with their look-up keys, changed by one writer at a time, found without a scan."""

from typing import Any

import pytest

from crossdock.domain.errors import LostRace, NeedsPerson
from crossdock.domain.states import Decision, OrderStatus, Step
from crossdock.store.orders import DynamoOrders
from tests.integration.store.records import CONNECTION, at, content, line, order, sale


def loaded(orders: DynamoOrders, *new: Any) -> None:
    """A sale that was seen, and then loaded with these orders."""
    entry = sale(new[0].sale_id, new[0].sale_number)
    orders.save_sale(entry)
    orders.add_orders(entry.decided(Decision.LOADED, at(1)), new)


def test_new_orders_are_stored_with_their_sale_and_found_by_reference(orders: DynamoOrders) -> None:
    first, second = order("SO-1.1"), order("SO-1.2")

    loaded(orders, first, second)

    assert orders.sale(CONNECTION, "sale-1").decision is Decision.LOADED
    assert orders.order(CONNECTION, "SO-1.2") == second
    assert orders.orders_of_sale(CONNECTION, "sale-1") == (first, second)
    assert orders.order(CONNECTION, "SO-9") is None


def test_a_sale_that_was_never_seen_is_stored_with_its_orders(orders: DynamoOrders) -> None:
    entry = sale(decision=Decision.LOADED)

    orders.add_orders(entry, [order()])

    assert orders.sales_numbered(CONNECTION, "so-1") == (entry,)
    assert orders.order(CONNECTION, "SO-1") == order()


def test_a_reference_is_never_taken_twice(orders: DynamoOrders) -> None:
    holder = order("SO-1", "sale-1")
    loaded(orders, holder)
    other = sale("sale-2")
    orders.save_sale(other)

    with pytest.raises(NeedsPerson, match="reference SO-1 is taken by SO-1"):
        orders.add_orders(other.decided(Decision.LOADED, at(1)), [order("SO-1", "sale-2")])

    assert orders.order(CONNECTION, "SO-1") == holder
    assert orders.sale(CONNECTION, "sale-2") == other
    assert orders.orders_of_sale(CONNECTION, "sale-2") == ()


def test_orders_are_not_added_on_an_outdated_sale(orders: DynamoOrders) -> None:
    entry = sale()
    orders.save_sale(entry)
    skipped = entry.decided(Decision.SKIPPED, at(1))
    orders.save_sale(skipped)

    with pytest.raises(LostRace) as lost:
        orders.add_orders(entry.decided(Decision.LOADED, at(2)), [order()])

    assert lost.value.winner == skipped
    assert orders.order(CONNECTION, "SO-1") is None


def test_a_sale_takes_forty_eight_orders_at_once_and_no_more(orders: DynamoOrders) -> None:
    many = [order(f"SO-1.{number}") for number in range(49)]

    with pytest.raises(NeedsPerson, match="49 new orders") as refused:
        orders.add_orders(sale(), many)
    orders.add_orders(sale(), many[:48])

    assert refused.value.code == "order_too_large"
    assert len(orders.orders_of_sale(CONNECTION, "sale-1")) == 48


def test_an_order_that_is_too_large_needs_a_person(orders: DynamoOrders) -> None:
    lines = tuple(line(number, comment="x" * 1000) for number in range(400))

    with pytest.raises(NeedsPerson) as refused:
        orders.add_orders(sale(), [order(content=content("SO-1", "sale-1", lines))])

    assert refused.value.code == "order_too_large"
    assert orders.sale(CONNECTION, "sale-1") is None


def test_an_order_that_grew_too_large_needs_a_person(orders: DynamoOrders) -> None:
    loaded(orders, order())
    lines = tuple(line(number, comment="x" * 1100) for number in range(400))
    grown = order().noted(at(1), event="grown", content=content("SO-1", "sale-1", lines))

    with pytest.raises(NeedsPerson) as alone:
        orders.save_order(grown)
    with pytest.raises(NeedsPerson) as settled:
        orders.save_settled(grown, [])

    assert (alone.value.code, settled.value.code) == ("order_too_large", "order_too_large")
    assert orders.order(CONNECTION, "SO-1") == order()


def test_of_two_writers_the_second_loses_and_learns_who_won(orders: DynamoOrders) -> None:
    loaded(orders, order())
    first = orders.order(CONNECTION, "SO-1").intending("create", at(1))
    second = orders.order(CONNECTION, "SO-1").moved(OrderStatus.CANCELED, at(2))

    orders.save_order(first)
    with pytest.raises(LostRace) as lost:
        orders.save_order(second)

    assert lost.value.winner == first
    assert orders.order(CONNECTION, "SO-1") == first


def test_two_writers_with_the_very_same_change_do_not_both_win(orders: DynamoOrders) -> None:
    loaded(orders, order())
    change = order().intending("create", at(1))

    orders.save_order(change)

    with pytest.raises(LostRace):
        orders.save_order(change)


def test_a_write_whose_answer_was_lost_is_not_a_lost_race(
    orders: DynamoOrders, orders_table: Any, table_kind: str
) -> None:
    if table_kind == "memory":
        pytest.skip("botocore's own repetition is what is looked at, and it does not stand before the table in memory")
    loaded(orders, order())
    change = order().intending("create", at(1))
    answers = lose_first_answer(orders_table, "PutItem")

    orders.save_order(change)

    assert len(answers) == 2
    assert orders.order(CONNECTION, "SO-1") == change


def test_a_new_warehouse_id_finds_the_order_from_then_on(orders: DynamoOrders) -> None:
    loaded(orders, order())
    sent = order().moved(OrderStatus.AT_WMS, at(1), warehouse_order_id="W-7")
    noted = sent.noted(at(2), event="seen")

    before = orders.order_by_warehouse_id(CONNECTION, "W-7")
    orders.save_order(sent)
    orders.save_order(noted)

    assert before is None
    assert orders.order_by_warehouse_id(CONNECTION, "W-7") == noted


def test_a_warehouse_may_call_an_order_that_is_sent_anew_by_the_same_id(orders: DynamoOrders) -> None:
    first = order("SO-1").moved(OrderStatus.AT_WMS, at(1), warehouse_order_id="W-7")
    again = order("SO-1-r2").moved(OrderStatus.AT_WMS, at(3), warehouse_order_id="W-7")
    loaded(orders, order("SO-1"), order("SO-1-r2"))
    orders.save_order(first)
    orders.save_order(first.moved(OrderStatus.CANCELED, at(2)))

    orders.save_order(again)

    assert orders.order_by_warehouse_id(CONNECTION, "W-7") == again


def test_a_warehouse_id_of_another_sales_order_is_refused(orders: DynamoOrders) -> None:
    holder = order("SO-1", "sale-1").moved(OrderStatus.AT_WMS, at(1), warehouse_order_id="W-7")
    loaded(orders, order("SO-1", "sale-1"))
    loaded(orders, order("SO-2", "sale-2"))
    orders.save_order(holder)

    with pytest.raises(NeedsPerson, match="warehouse order W-7 is taken by SO-1"):
        orders.save_order(order("SO-2", "sale-2").moved(OrderStatus.AT_WMS, at(1), warehouse_order_id="W-7"))

    assert orders.order_by_warehouse_id(CONNECTION, "W-7") == holder
    assert orders.order(CONNECTION, "SO-2").status is OrderStatus.NEW


def test_the_queue_gives_what_is_due_oldest_first(orders: DynamoOrders) -> None:
    for number, seconds in ((1, 30), (2, 10), (3, 20), (4, 99)):
        loaded(orders, order(f"SO-{number}", f"sale-{number}", due_at=at(seconds)))

    due = orders.due(CONNECTION, Step.DELIVER_ORDERS, at(30))
    two = orders.due(CONNECTION, Step.DELIVER_ORDERS, at(30), limit=2)

    assert [orders.order_at(key).reference for key in due] == ["SO-2", "SO-3", "SO-1"]
    assert [key.due_at for key in two] == [at(10), at(20)]
    assert orders.due("other", Step.DELIVER_ORDERS, at(30)) == []


def test_an_order_leaves_the_queue_with_the_move_that_ends_its_wait(orders: DynamoOrders) -> None:
    loaded(orders, order())

    orders.save_order(order().moved(OrderStatus.AT_WMS, at(1), warehouse_order_id="W-7"))

    assert orders.due(CONNECTION, Step.DELIVER_ORDERS, at(60)) == []
    assert orders.next_due(CONNECTION, Step.DELIVER_ORDERS) is None


def test_what_is_due_next_is_told_even_of_the_future(orders: DynamoOrders) -> None:
    loaded(orders, order("SO-1", "sale-1", due_at=at(500)))
    loaded(orders, order("SO-2", "sale-2", due_at=at(400)))

    assert orders.next_due(CONNECTION, Step.DELIVER_ORDERS) == at(400)


def test_a_key_of_the_queue_is_read_afresh_and_only_as_what_it_is(orders: DynamoOrders) -> None:
    loaded(orders, order())
    (key,) = orders.due(CONNECTION, Step.DELIVER_ORDERS, at(60))
    moved = order().moved(OrderStatus.CANCELED, at(1))
    orders.save_order(moved)

    assert orders.order_at(key) == moved
    assert orders.sale_at(key) is None
    assert orders.shipment_at(key.model_copy(update={"sort": "shipment#none"})) is None


def test_orders_are_listed_by_status(orders: DynamoOrders) -> None:
    loaded(orders, order("SO-1", "sale-1"))
    loaded(orders, order("SO-2", "sale-2"))
    orders.save_order(order("SO-2", "sale-2").moved(OrderStatus.CANCELED, at(1)))

    assert [found.reference for found in orders.list_orders(CONNECTION, OrderStatus.NEW)] == ["SO-1"]
    assert [found.reference for found in orders.list_orders(CONNECTION, OrderStatus.CANCELED)] == ["SO-2"]


def test_the_last_changed_orders_are_listed_first_and_older_ones_can_be_left_out(orders: DynamoOrders) -> None:
    for number in (1, 2, 3):
        loaded(orders, order(f"SO-{number}", f"sale-{number}", updated_at=at(number)))

    everything = [found.reference for found in orders.list_orders(CONNECTION, OrderStatus.NEW)]
    recent = [found.reference for found in orders.list_orders(CONNECTION, OrderStatus.NEW, since=at(2))]

    assert everything == ["SO-3", "SO-2", "SO-1"]
    assert recent == ["SO-3", "SO-2"]


def test_connections_do_not_see_one_another(orders: DynamoOrders) -> None:
    loaded(orders, order())

    assert orders.order("other", "SO-1") is None
    assert orders.orders_of_sale("other", "sale-1") == ()
    assert list(orders.list_orders("other", OrderStatus.NEW)) == []


def lose_first_answer(table: Any, call: str) -> list[str]:
    """Make botocore believe that the first answer to `call` never came: it tries again."""
    seen: list[str] = []

    def lose(response: Any, **_: Any) -> float | None:
        seen.append(call)
        return 0 if len(seen) == 1 and response else None

    table.meta.client.meta.events.register_first(f"needs-retry.dynamodb.{call}", lose)
    return seen
