"""An order that a person holds, that is released, and whose sale changes: what stays, what goes on, what is due."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.errors import IllegalMove
from crossdock.domain.model import Reason
from crossdock.domain.order import HELD_BY_PERSON, Order, Wanted
from crossdock.domain.states import OrderStatus, Step
from tests.unit.builders import NOON, order, sale, sale_line

LATER = NOON + timedelta(hours=1)
FAULT = Reason(code="a_fault", text="something a person must mend")
CHANGED = order(of=sale(lines=(sale_line(quantity="5"),)))


def wanted(**changes: Any) -> Wanted:
    told = "line 1: 2 of MUG-RED became 5 of MUG-RED"
    return Wanted(**{"content": CHANGED.content, "content_hash": CHANGED.content_hash, "told": told, **changes})


def at_wms(**changes: Any) -> Order:
    return order(OrderStatus.AT_WMS, **{"due_at": None, "warehouse_order_id": "W-1", **changes})


# --- a person's hold -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "queue"),
    [
        (OrderStatus.NEW, Step.DELIVER_ORDERS),
        (OrderStatus.AT_WMS, None),
        (OrderStatus.PART_SHIPPED, None),
        (OrderStatus.SHIPPED, Step.CONFIRM_SHIPMENTS),
        (OrderStatus.CONFIRMED, Step.CREATE_INVOICES),
    ],
)
def test_what_a_person_holds_is_in_no_queue_and_a_release_puts_it_back_where_it_stood(status, queue):
    held = order(status).held_by_person("the customer rang", NOON)

    back = held.released(LATER)

    assert (held.status, held.queue, held.reason.code) == (OrderStatus.HELD, None, HELD_BY_PERSON)
    assert "the customer rang" in held.reason.text
    assert (back.status, back.queue, back.reason, back.hold) == (status, queue, None, None)
    assert back.due_at == (LATER if queue else None)
    assert [event.event for event in back.timeline] == ["held", "released"]


@pytest.mark.parametrize("status", [OrderStatus.INVOICED, OrderStatus.CANCELED, OrderStatus.CANCEL_REQUESTED])
def test_what_is_done_or_withdrawn_is_not_held_by_a_person(status):
    with pytest.raises(IllegalMove, match=status):
        order(status).held_by_person("too late", NOON)


def test_a_shipment_of_an_order_that_a_person_holds_is_noted_and_the_release_goes_on_from_there():
    held = at_wms().held_by_person("a complaint", NOON)

    shipped = held.moved(OrderStatus.SHIPPED, LATER)
    back = shipped.released(LATER)

    assert (shipped.status, shipped.held_from, shipped.due_at) == (OrderStatus.HELD, OrderStatus.SHIPPED, None)
    assert shipped.timeline[-1].event == "shipped"
    assert back.queue is Step.CONFIRM_SHIPMENTS


@given(moves=st.lists(st.sampled_from(list(OrderStatus)), max_size=8), waits=st.booleans())
def test_whatever_comes_no_step_works_on_what_a_person_holds_but_to_cancel_it(moves, waits):
    held = at_wms().held_by_person("a complaint", NOON)
    record = held.wanting(wanted(), NOON) if waits else held
    for status in moves:
        try:
            record = record.moved(status, LATER, reason=FAULT)
        except IllegalMove:
            continue
        assert record.status in {OrderStatus.HELD, OrderStatus.CANCEL_REQUESTED, OrderStatus.CANCELED}
        assert record.hold == "a complaint"
        assert (record.queue is None) == (record.status is not OrderStatus.CANCEL_REQUESTED)


def test_further_trouble_is_told_once_beside_the_persons_reason():
    held = order(OrderStatus.SHIPPED).held_by_person("a complaint", NOON)

    twice = held.moved(OrderStatus.HELD, LATER, reason=FAULT).moved(OrderStatus.HELD, LATER, reason=FAULT)

    assert twice.reason.code == HELD_BY_PERSON
    assert twice.reason.text == f"held by a person: a complaint; meanwhile: {FAULT.text}"


def test_a_withdrawal_passes_a_persons_hold_and_what_cannot_be_cancelled_is_held_again():
    requested = at_wms().held_by_person("a complaint", NOON).moved(OrderStatus.CANCEL_REQUESTED, LATER)
    too_late = Reason(code="too_late_to_cancel", text="the warehouse works on it")

    back = requested.moved(OrderStatus.AT_WMS, LATER, reason=too_late)

    assert requested.queue is Step.DELIVER_ORDERS
    assert (back.status, back.held_from, back.queue) == (OrderStatus.HELD, OrderStatus.AT_WMS, None)
    assert back.reason.text == "held by a person: a complaint; meanwhile: the warehouse works on it"


def test_a_person_may_hold_what_a_fault_stopped_and_the_fault_stays_to_be_seen():
    stopped = order(OrderStatus.SHIPPED).moved(OrderStatus.HELD, NOON, reason=FAULT)

    held = stopped.held_by_person("leave it to me", LATER)

    assert held.held_from is OrderStatus.SHIPPED
    assert held.reason.text == f"held by a person: leave it to me; before that: {FAULT.text}"


def test_an_order_in_error_is_released_with_its_tries_begun_anew():
    given_up = order(attempts=11).moved(OrderStatus.ERROR, NOON, reason=FAULT)

    back = given_up.released(LATER)

    assert (back.status, back.attempts, back.due_at) == (OrderStatus.NEW, 0, LATER)


def test_a_release_keeps_the_intent_and_waits_until_the_lost_write_has_had_its_time():
    held = order().intending("deliver", NOON).held_by_person("stop", NOON)

    back = held.released(NOON + timedelta(seconds=5))

    assert back.intent == held.intent
    assert back.due_at == NOON + timedelta(minutes=1)


@pytest.mark.parametrize("status", [OrderStatus.NEW, OrderStatus.AT_WMS, OrderStatus.CANCELED])
def test_what_is_not_held_cannot_be_released(status):
    with pytest.raises(IllegalMove, match=status):
        order(status).released(NOON)


# --- a change that waits -------------------------------------------------------------------------------------


def test_a_change_puts_an_order_at_the_warehouse_into_the_delivery_queue_and_its_acceptance_takes_it_out():
    changed = at_wms().wanting(wanted(), NOON)

    accepted = changed.intending("replace", NOON).accepted(changed.wanted, LATER)

    assert (changed.status, changed.queue, changed.due_at) == (OrderStatus.AT_WMS, Step.DELIVER_ORDERS, NOON)
    assert changed.content == order().content, "until the warehouse has taken it"
    assert (accepted.content, accepted.content_hash) == (CHANGED.content, CHANGED.content_hash)
    assert (accepted.wanted, accepted.queue, accepted.intent) == (None, None, None)


def test_what_the_sale_came_to_ask_for_meanwhile_waits_still():
    first = at_wms().wanting(wanted(), NOON).intending("replace", NOON)
    last = wanted(content=order(of=sale(lines=(sale_line(quantity="7"),))).content)

    accepted = first.wanting(last, NOON).accepted(first.wanted, LATER)

    assert accepted.content == CHANGED.content
    assert (accepted.wanted, accepted.due_at) == (last, LATER)


def test_a_second_change_waits_until_the_first_whose_answer_was_lost_has_had_its_time():
    begun = at_wms().wanting(wanted(), NOON).intending("replace", NOON)

    again = begun.wanting(wanted(told="another"), NOON + timedelta(seconds=1))

    assert again.due_at == NOON + timedelta(minutes=1)


@pytest.mark.parametrize("status", [OrderStatus.PART_SHIPPED, OrderStatus.SHIPPED])
def test_goods_that_leave_before_the_warehouse_was_told_are_noted_and_the_order_is_held_with_the_difference(status):
    changed = at_wms().wanting(wanted(), NOON).intending("replace", NOON)

    held = changed.moved(status, LATER)

    assert (held.status, held.held_from, held.intent) == (OrderStatus.HELD, status, None)
    assert held.reason.code == "changed_after_delivery"
    assert "2 of MUG-RED became 5 of MUG-RED" in held.reason.text


def test_an_order_held_for_a_change_stays_held_when_its_goods_leave_and_is_not_stopped_twice():
    held = at_wms().moved(OrderStatus.HELD, NOON, reason=FAULT, wanted=wanted())

    shipped = held.moved(OrderStatus.SHIPPED, LATER)
    released = shipped.released(LATER)
    corrected = released.moved(OrderStatus.SHIPPED, LATER)

    assert (shipped.status, shipped.held_from) == (OrderStatus.HELD, OrderStatus.SHIPPED)
    assert (corrected.status, corrected.queue) == (OrderStatus.SHIPPED, Step.CONFIRM_SHIPMENTS)


def test_an_acceptance_that_crossed_with_the_shipment_ends_the_hold():
    begun = at_wms().wanting(wanted(), NOON).intending("replace", NOON)
    crossed = begun.moved(OrderStatus.SHIPPED, LATER)

    accepted = crossed.accepted(begun.wanted, LATER)

    assert (accepted.status, accepted.content) == (OrderStatus.SHIPPED, CHANGED.content)
    assert accepted.queue is Step.CONFIRM_SHIPMENTS


def test_a_withdrawal_forgets_the_change():
    withdrawn = at_wms().wanting(wanted(), NOON).moved(OrderStatus.CANCEL_REQUESTED, LATER)

    assert withdrawn.wanted is None
    assert withdrawn.queue is Step.DELIVER_ORDERS


def test_a_change_does_not_end_a_persons_hold_and_waits_behind_it():
    held = at_wms().held_by_person("a complaint", NOON)

    changed = held.wanting(wanted(), LATER)
    back = changed.released(LATER)

    assert (changed.status, changed.due_at) == (OrderStatus.HELD, None)
    assert (back.status, back.queue) == (OrderStatus.AT_WMS, Step.DELIVER_ORDERS)
