"""Holding and releasing by hand: which one is meant, what becomes of it, and what is said beforehand."""

import json
from typing import Any

import pytest

from crossdock.domain.errors import LostRace
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Reason
from crossdock.domain.order import HELD_BY_PERSON, Order
from crossdock.domain.states import Decision, OrderStatus, Step
from tests.integration.store.records import CONNECTION, NOON, content, order, sale
from tests.unit.cli.fakes import MemoryOrders, Stack, connection

FAULT = Reason(code="refused", text="the warehouse does not carry SKU-1")
METHOD = Reason(code="unmapped_ship_method", text="the ship method has no warehouse code")


class SavingOrders(MemoryOrders):
    """Keeps orders that are written; a step may change one first, as often as `steps_first` says."""

    def __init__(self) -> None:
        super().__init__()
        self.steps_first = 0

    def save_order(self, changed: Order) -> None:
        at = next(at for at, each in enumerate(self.orders) if each.reference == changed.reference)
        if self.steps_first:
            self.steps_first -= 1
            self.orders[at] = self.orders[at].noted(NOON, event="read again")
            raise LostRace(changed.reference)
        assert changed.version == self.orders[at].version + 1
        self.orders[at] = changed


@pytest.fixture
def orders(stack: Stack) -> SavingOrders:
    stack.checkpoints.save_connection(connection())
    stack.orders = SavingOrders()
    return stack.orders


def loaded(*references: str, **changes: Any) -> SaleEntry:
    fields = {"decision": Decision.LOADED, "due_at": None, "references": references or ("SO-1",)}
    return sale(**{**fields, **changes})


def numbered(reference: str, **changes: Any) -> Order:
    return order(reference, content=content(reference, "sale-1"), **changes)


def printed(stack: Stack, *arguments: str) -> Any:
    ended = stack.run(*arguments, "--json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def test_an_order_is_held_with_the_persons_reason(stack: Stack, orders: SavingOrders) -> None:
    orders.add(loaded(), order(status=OrderStatus.SHIPPED))

    document = printed(stack, "hold", "SO-1", "--reason", "the customer rang")

    (held,) = orders.orders
    assert (held.status, held.queue, held.hold) == (OrderStatus.HELD, None, "the customer rang")
    assert (document["before"], document["after"]) == ("shipped", "held")
    assert document["why"] == "held by a person: the customer rang"
    assert "crossdock release" in document["happens_next"]


def test_holding_tells_that_the_warehouse_may_ship_all_the_same(stack: Stack, orders: SavingOrders) -> None:
    orders.add(loaded(), order(status=OrderStatus.AT_WMS, due_at=None))

    shown = " ".join(stack.run("hold", "SO-1", "--reason", "wait").out.split())

    assert "Order SO-1 of acme: at_wms → held" in shown
    assert "may ship it all the same" in shown
    assert "it must hold no name and no address" in shown


@pytest.mark.parametrize("decision", [Decision.PENDING, Decision.SKIPPED, Decision.HELD, Decision.ERROR])
def test_a_sale_without_orders_is_held_by_its_entry(stack: Stack, orders: SavingOrders, decision: Decision) -> None:
    orders.add(sale(decision=decision, reason=METHOD))

    document = printed(stack, "hold", "so-1", "--reason", "wait for payment")

    entry = orders.entries["sale-1"]
    assert (entry.decision, entry.reason.code, entry.due_at) == (Decision.HELD, HELD_BY_PERSON, None)
    assert (document["reference"], document["before"], document["after"]) == (None, decision, "held")


def test_a_sale_whose_orders_are_all_canceled_is_held_by_its_entry(stack: Stack, orders: SavingOrders) -> None:
    orders.add(loaded(decision=Decision.SKIPPED, reason=METHOD), order(status=OrderStatus.CANCELED, due_at=None))

    printed(stack, "hold", "SO-1", "--reason", "wait")

    assert orders.entries["sale-1"].decision is Decision.HELD
    assert orders.orders[0].status is OrderStatus.CANCELED


@pytest.mark.parametrize(
    ("entry", "stands", "told"),
    [
        (loaded(), order(status=OrderStatus.INVOICED, due_at=None), "SO-1 is invoiced"),
        (sale(decision=Decision.VOIDED, due_at=None), None, "SO-1 is voided"),
        (loaded(), order().held_by_person("a first reason", NOON), "a first reason"),
    ],
)
def test_what_is_done_voided_or_held_by_a_person_already_is_not_held(
    stack: Stack, orders: SavingOrders, entry: SaleEntry, stands: Order | None, told: str
) -> None:
    orders.add(entry, *([stands] if stands else []))

    ended = stack.run("hold", "SO-1", "--reason", "wait")

    assert ended.code == 1
    assert "SO-1 cannot be held" in ended.err
    assert told in ended.err


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201, "two\nlines"])
def test_a_reason_is_one_line_that_says_something(stack: Stack, orders: SavingOrders, reason: str) -> None:
    orders.add(loaded(), order())

    ended = stack.run("hold", "SO-1", "--reason", reason)

    assert ended.code == 1
    assert orders.orders[0].status is OrderStatus.NEW


def test_several_fulfilments_are_listed_and_one_is_named_by_its_number(stack: Stack, orders: SavingOrders) -> None:
    orders.add(loaded("SO-1.1", "SO-1.2"), numbered("SO-1.1"), numbered("SO-1.2"))

    refused = stack.run("hold", "SO-1", "--reason", "wait")
    taken = stack.run("hold", "SO-1.2", "--reason", "wait")

    assert refused.code == 1
    assert "SO-1.1 of acme, new; SO-1.2 of acme, new" in refused.err
    assert taken.code == 0
    assert [each.status for each in orders.orders] == [OrderStatus.NEW, OrderStatus.HELD]


def test_a_number_in_two_connections_is_told_apart_by_the_option(stack: Stack, orders: SavingOrders) -> None:
    stack.checkpoints.save_connection(connection("other"))
    there = {"connection": "other", "sale_id": "sale-2"}
    orders.add(sale(), sale("sale-2", connection="other"))
    orders.add(*(each for each in (order(), order(**there))))

    refused = stack.run("hold", "SO-1", "--reason", "wait")
    taken = stack.run("hold", "SO-1", "--reason", "wait", "--connection", CONNECTION)

    assert "SO-1 of other" in refused.err
    assert taken.code == 0
    assert [each.status for each in orders.orders] == [OrderStatus.HELD, OrderStatus.NEW]


# --- release -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [OrderStatus.HELD, OrderStatus.ERROR])
def test_a_stopped_order_is_released_due_at_once_and_told_that_it_may_stop_again(
    stack: Stack, orders: SavingOrders, stop: OrderStatus
) -> None:
    orders.add(loaded(), order().moved(stop, NOON, reason=FAULT))

    document = printed(stack, "release", "SO-1")

    (back,) = orders.orders
    assert (back.status, back.queue, back.reason) == (OrderStatus.NEW, Step.DELIVER_ORDERS, None)
    assert (document["before"], document["after"]) == (stop, "new")
    assert document["note"] == f"Where it is not mended, it stops again: {FAULT.text}"


def test_releasing_a_persons_hold_threatens_with_nothing(stack: Stack, orders: SavingOrders) -> None:
    orders.add(loaded(), order().held_by_person("wait", NOON))

    document = printed(stack, "release", "SO-1")

    assert (document["after"], document["note"]) == ("new", None)


@pytest.mark.parametrize("decision", [Decision.HELD, Decision.ERROR])
def test_a_stopped_sale_is_released_to_be_read_again(stack: Stack, orders: SavingOrders, decision: Decision) -> None:
    orders.add(sale(decision=decision, reason=METHOD, due_at=None))

    document = printed(stack, "release", "SO-1")

    entry = orders.entries["sale-1"]
    assert (entry.decision, entry.due_at) == (Decision.PENDING, NOON)
    assert document["after"] == "pending"


def test_an_order_that_waits_for_its_sale_is_released_by_reading_the_sale(stack: Stack, orders: SavingOrders) -> None:
    waits = Reason(code="sale_in_trouble", text="no ship method")
    orders.add(loaded(decision=Decision.HELD, reason=METHOD), order().moved(OrderStatus.HELD, NOON, reason=waits))

    printed(stack, "release", "SO-1")

    assert orders.entries["sale-1"].decision is Decision.PENDING
    assert orders.orders[0].status is OrderStatus.HELD


def test_what_is_not_held_is_not_released_and_told_where_it_stands(stack: Stack, orders: SavingOrders) -> None:
    orders.add(loaded(), order(status=OrderStatus.AT_WMS, due_at=None))

    ended = stack.run("release", "SO-1")

    assert ended.code == 1
    assert "SO-1 is not held" in ended.err
    assert "SO-1 is at_wms: waits for the warehouse to ship" in ended.err


def test_a_step_that_is_first_is_no_reason_to_give_up(stack: Stack, orders: SavingOrders) -> None:
    orders.add(loaded(), order())
    orders.steps_first = 2

    printed(stack, "hold", "SO-1", "--reason", "wait")

    assert orders.orders[0].status is OrderStatus.HELD


def test_an_order_that_never_comes_to_rest_is_left_alone(stack: Stack, orders: SavingOrders) -> None:
    orders.add(loaded(), order())
    orders.steps_first = 100

    ended = stack.run("hold", "SO-1", "--reason", "wait")

    assert ended.code == 2
    assert "Nothing was done" in ended.err


def test_an_unknown_number_is_told(stack: Stack, orders: SavingOrders) -> None:
    orders.add(loaded(), order())

    assert "Nothing is known of 'SO-9'" in stack.run("release", "SO-9").err
