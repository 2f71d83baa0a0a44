"""What an edited sale means for its order, by how far that is; and the difference in words, without personal data."""

from datetime import timedelta
from typing import Any

import pytest

from crossdock.domain.changes import differences
from crossdock.domain.edits import SALE_IN_TROUBLE, edited
from crossdock.domain.model import Reason
from crossdock.domain.order import Order
from crossdock.domain.planning import PlannedOrder, plan_sale
from crossdock.domain.sale import StageStatus
from crossdock.domain.settings import Settings
from crossdock.domain.states import OrderStatus, Step
from tests.unit.builders import NOON, address, fulfilment, order, sale, sale_line

LATER = NOON + timedelta(hours=1)
FAULT = Reason(code="refused", text="the warehouse does not carry MUG-RED")


def planned(quantity: str = "2", **changes: Any) -> PlannedOrder:
    return plan_sale(sale(lines=(sale_line(quantity=quantity),), **changes), Settings()).orders[0]


def standing(status: OrderStatus, **changes: Any) -> Order:
    known: dict[str, Any] = {} if status is OrderStatus.NEW else {"warehouse_order_id": "W-1"}
    due = NOON if status in {OrderStatus.NEW, OrderStatus.SHIPPED} else None
    return order(status, due_at=due, **{**known, **changes})


def edit(stands: Order, to: PlannedOrder, mode: Any = "update") -> Order:
    found = edited(stands, to, mode, LATER)
    return found.order if found else stands


def changed(stands: Order, quantity: str = "5", mode: Any = "update") -> Order:
    return edit(stands, planned(quantity), mode)


def quantity_of(of: Order) -> str:
    return str(of.content.lines[0].quantity)


# --- the difference ------------------------------------------------------------------------------------------


def test_lines_that_came_went_and_changed_are_told_line_by_line_in_their_order():
    before = plan_sale(sale(lines=tuple(sale_line(f"SKU-{at}") for at in range(1, 11))), Settings()).orders[0].content
    lines = [sale_line(f"SKU-{at}") for at in range(1, 9)]
    lines[1] = sale_line("SKU-2", "9", price=lines[1].price)
    lines += [sale_line("SKU-9", name="Another name")]
    after = plan_sale(sale(lines=tuple(lines)), Settings()).orders[0].content

    told = differences(before, after)

    assert told[:3] == (
        "line 2: 2 of SKU-2 became 9 of SKU-2",
        "line 9: name of SKU-9 changed",
        "line 10: 2 of SKU-10 removed",
    )


def test_of_an_address_and_a_note_it_is_told_that_they_changed_and_not_what_they_say():
    before = planned().content
    moved = address(line1="7 Secret Lane", city="Bath", display=("", ""))
    after = planned(ship_to=moved, memo="Ring Ada Moss").content

    told = "; ".join(differences(before, after))

    assert "ship_to changed in line1, city" in told
    assert "notes changed" in told
    assert not {"Secret", "Bath", "Ada", "Quay"} & set(told.replace(";", " ").split())


# --- not sent yet --------------------------------------------------------------------------------------------


def test_what_was_not_sent_is_replaced():
    after = changed(standing(OrderStatus.NEW))

    assert (quantity_of(after), after.wanted, after.queue) == ("5", None, Step.DELIVER_ORDERS)


def test_what_was_stopped_before_it_was_sent_is_mended_by_the_change():
    stopped = standing(OrderStatus.NEW).moved(OrderStatus.HELD, NOON, reason=FAULT)

    after = changed(stopped)

    assert (after.status, quantity_of(after), after.queue) == (OrderStatus.NEW, "5", Step.DELIVER_ORDERS)


def test_what_waited_for_its_sale_goes_on_once_the_sale_can_be_planned_though_it_is_as_it_was():
    waits = Reason(code=SALE_IN_TROUBLE, text="no address")
    stopped = standing(OrderStatus.NEW).moved(OrderStatus.HELD, NOON, reason=waits)

    after = edit(stopped, planned())

    assert (after.status, after.queue) == (OrderStatus.NEW, Step.DELIVER_ORDERS)


def test_a_refused_order_whose_sale_is_as_it_was_stays_held():
    stopped = standing(OrderStatus.NEW).moved(OrderStatus.HELD, NOON, reason=FAULT)

    assert edit(stopped, planned()).status is OrderStatus.HELD


def test_what_a_person_holds_is_replaced_and_stays_held():
    after = changed(standing(OrderStatus.NEW).held_by_person("wait", NOON))

    assert (after.status, quantity_of(after)) == (OrderStatus.HELD, "5")


# --- at the warehouse ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["update", "resend"])
def test_a_change_at_the_warehouse_waits_to_be_told_while_the_order_keeps_what_the_warehouse_has(mode):
    after = changed(standing(OrderStatus.AT_WMS), mode=mode)

    assert (after.status, after.queue) == (OrderStatus.AT_WMS, Step.DELIVER_ORDERS)
    assert (quantity_of(after), str(after.wanted.content.lines[0].quantity)) == ("2", "5")


def test_a_change_at_the_warehouse_is_held_with_the_difference_where_the_setting_says_so():
    after = changed(standing(OrderStatus.AT_WMS), mode="hold")

    assert (after.status, after.reason.code) == (OrderStatus.HELD, "changed_after_delivery")
    assert "2 of MUG-RED became 5 of MUG-RED" in after.reason.text


@pytest.mark.parametrize("mode", ["update", "hold"])
def test_the_same_change_seen_again_changes_nothing(mode):
    once = changed(standing(OrderStatus.AT_WMS), mode=mode)

    assert edited(once, planned("5"), mode, LATER) is None


def test_of_two_changes_the_last_one_counts():
    after = changed(changed(standing(OrderStatus.AT_WMS)), "7")

    assert str(after.wanted.content.lines[0].quantity) == "7"
    assert after.wanted.told == "line 1: 2 of MUG-RED became 7 of MUG-RED"


@pytest.mark.parametrize("mode", ["update", "resend", "hold"])
def test_an_edit_back_ends_the_change_and_the_hold_for_it(mode):
    after = edit(changed(standing(OrderStatus.AT_WMS), mode=mode), planned(), mode)

    assert (after.status, after.wanted, after.queue) == (OrderStatus.AT_WMS, None, None)


def test_an_edit_back_is_sent_where_the_change_may_have_arrived():
    begun = changed(standing(OrderStatus.AT_WMS)).intending("replace", LATER)

    after = edit(begun, planned())

    assert str(after.wanted.content.lines[0].quantity) == "2"
    assert after.queue is Step.DELIVER_ORDERS


def test_an_edit_back_does_not_end_a_persons_hold():
    held = changed(standing(OrderStatus.AT_WMS).held_by_person("wait", NOON))

    after = edit(held, planned())

    assert (after.status, after.wanted, after.hold) == (OrderStatus.HELD, None, "wait")


def test_an_order_held_for_a_change_by_an_older_version_is_released_by_the_edit_back():
    old = Reason(code="changed_after_delivery", text="the sale changed after the warehouse got it")
    held = standing(OrderStatus.AT_WMS).moved(OrderStatus.HELD, NOON, reason=old)

    assert edit(held, planned()).status is OrderStatus.AT_WMS


def test_a_change_that_the_warehouse_refused_is_tried_again_with_the_next_edit():
    refused = changed(standing(OrderStatus.AT_WMS)).moved(OrderStatus.HELD, NOON, reason=FAULT)

    after = changed(refused, "7")

    assert (after.status, after.queue) == (OrderStatus.AT_WMS, Step.DELIVER_ORDERS)


def test_a_delivery_whose_outcome_is_open_keeps_its_content_and_its_intent():
    begun = standing(OrderStatus.NEW).intending("deliver", NOON)

    after = changed(begun)

    assert (after.status, quantity_of(after), after.intent) == (OrderStatus.NEW, "2", begun.intent)


# --- goods have left -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [OrderStatus.PART_SHIPPED, OrderStatus.SHIPPED])
def test_other_quantities_after_shipping_hold_the_order_and_an_edit_back_releases_it(status):
    held = changed(standing(status))

    back = edit(held, planned())

    assert (held.status, held.reason.code) == (OrderStatus.HELD, "changed_after_shipping")
    assert "2 of MUG-RED became 5" in held.reason.text
    assert back.status is status


def test_a_release_accepts_the_change_after_shipping_and_it_is_not_held_again():
    released = changed(standing(OrderStatus.SHIPPED)).released(LATER)

    assert edited(released, planned("5"), "update", LATER) is None
    assert released.queue is Step.CONFIRM_SHIPMENTS


def test_a_price_or_a_note_after_shipping_holds_nothing():
    after = edit(standing(OrderStatus.SHIPPED), planned(memo="Leave at the door"))

    assert after.status is OrderStatus.SHIPPED


def test_a_change_is_noted_on_an_order_that_is_held_after_shipping_for_another_reason():
    held = standing(OrderStatus.SHIPPED).moved(OrderStatus.HELD, NOON, reason=FAULT)

    after = changed(held)

    assert after.reason == FAULT
    assert (after.timeline[-1].event, after.wanted is not None) == ("changed", True)


@pytest.mark.parametrize(
    "stands",
    [
        standing(OrderStatus.SHIPPED, done=("pick",)),
        standing(OrderStatus.SHIPPED).intending("pick", NOON),
        standing(OrderStatus.CONFIRMED),
        standing(OrderStatus.INVOICED),
    ],
)
def test_once_the_confirmation_has_begun_only_the_sales_facts_are_read_again(stands):
    picked = planned("5", fulfilments=(fulfilment(1, pick=StageStatus.AUTHORISED),))

    after = edit(stands, picked)

    assert (after.status, after.content, after.facts) == (stands.status, stands.content, picked.facts)
