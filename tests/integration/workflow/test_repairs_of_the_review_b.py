"""What a sale no longer says is not sent, and what it says by now is judged, whoever lets it go on."""

from typing import Any

import pytest

from crossdock.domain.model import Reason
from crossdock.domain.order import HELD_BY_PERSON, LEFT_OUT, TIMELINE_LENGTH
from crossdock.domain.states import Decision, OrderStatus, Step
from tests.integration.workflow.conftest import World, simple
from tests.integration.workflow.test_edits import DOWN, OUT, act, at_the_warehouse, mugs, there
from tests.integration.workflow.test_holds import hold, release

QUAY = {"line1": "12 Quay Street", "city": "Portland", "state": "OR", "postcode": "97201", "country": "United States"}
NOWHERE = {**mugs(5), "shipping_address": {**QUAY, "postcode": ""}}


def put_back(world: World) -> None:
    """The sale to be read again, as a release or changed settings have it."""
    (entry,) = world.orders.sales_numbered("main", "SO-1")
    world.orders.save_sale(entry.decided(Decision.PENDING, world.clock.now()))


def held_unread(world: World) -> None:
    """A sale that a person holds before it was read."""
    world.dear.fault(method="GET", path=".*/sale$", kind="status", status=500)
    world.tick(DOWN)
    (entry,) = world.orders.sales_numbered("main", "SO-1")
    reason = Reason(code=HELD_BY_PERSON, text="held by a person: wait")
    world.orders.save_sale(entry.decided(Decision.HELD, world.clock.now(), reason))


def decided(world: World) -> tuple[Decision, str | None]:
    (entry,) = world.orders.sales_numbered("main", "SO-1")
    return entry.decision, entry.reason.code if entry.reason else None


# --- a sale that cannot be planned ---------------------------------------------------------------------------


def test_the_release_of_a_persons_hold_sends_nothing_while_the_sale_is_in_trouble(world):
    world.seed(simple(shipping_address=QUAY))
    world.tick(DOWN)
    hold(world)
    act(world, "edit", NOWHERE)
    world.tick(DOWN)

    release(world)
    world.tick(OUT)
    waits, meanwhile = world.order("SO-1"), there(world)
    act(world, "edit", {"shipping_address": QUAY})
    world.tick(DOWN, OUT)

    assert meanwhile == {}
    assert (waits.status, waits.reason.code, waits.hold) == (OrderStatus.HELD, "sale_in_trouble", None)
    assert there(world) == {"SO-1": {"MUG-RED": "5"}}


def test_a_persons_hold_outlives_that_the_sale_was_in_trouble(world):
    world.seed(simple(shipping_address=QUAY))
    world.tick(DOWN)
    hold(world)
    act(world, "edit", NOWHERE)
    world.tick(DOWN)
    act(world, "edit", {"shipping_address": QUAY})

    world.tick(DOWN, OUT)
    held, meanwhile = world.order("SO-1"), there(world)
    release(world)
    world.tick(OUT)

    assert (held.reason.code, meanwhile) == (HELD_BY_PERSON, {})
    assert there(world) == {"SO-1": {"MUG-RED": "5"}}


def test_the_release_of_a_refused_order_sends_nothing_while_the_sale_is_in_trouble(world):
    world.seed(simple(shipping_address=QUAY))
    world.warehouse.fault(method="POST", path="/orders$", kind="status", status=422)
    world.tick(DOWN, OUT)
    refused = world.order("SO-1").reason.code
    act(world, "edit", NOWHERE)
    world.tick(DOWN)

    release(world)
    world.tick(OUT)

    assert refused == "refused"
    assert there(world) == {}


# --- a row that is judged anew -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "sale", "code"),
    [
        ({"earliest_order_date": "2020-01-01"}, {"earliest_order_date": "2026-01-01"}, {}, "too_old"),
        ({"sale_statuses": ["ORDERED", "PICKED"]}, {"sale_statuses": ["ORDERED"]}, {"status": "PICKED"}, "status"),
    ],
)
def test_narrower_settings_reach_a_sale_that_waits_to_be_read(world, before, after, sale, code):
    world.settings |= before
    world.seed(simple(order_date="2025-01-05", **sale))
    world.dear.fault(method="GET", path=".*/sale$", kind="status", status=500)
    world.tick(DOWN)

    world.settings |= after
    put_back(world)
    world.tick(DOWN, OUT)

    assert decided(world) == (Decision.SKIPPED, code)
    assert there(world) == {}


def test_a_held_sale_that_narrower_settings_leave_out_is_skipped_when_it_is_put_back(world):
    world.settings |= {"earliest_order_date": "2020-01-01", "ship_methods": {"x": "y"}}
    world.seed(simple(order_date="2025-01-05", carrier="DHL"))
    world.tick(DOWN)
    held = decided(world)

    world.settings |= {"ship_methods": {"DHL": "y"}, "earliest_order_date": "2026-01-01"}
    put_back(world)
    world.tick(DOWN, OUT)

    assert held == (Decision.HELD, "unmapped_ship_method")
    assert decided(world) == (Decision.SKIPPED, "too_old")


@pytest.mark.parametrize(
    ("stock", "actions"),
    [(100, [("pick", {}), ("pack", {})]), (3, [("edit", mugs(5))])],
    ids=["packed", "backordered"],
)
def test_the_release_of_a_held_sale_goes_by_what_its_row_says_by_now(world, stock: int, actions: list[Any]):
    world.seed(simple(), stock=stock)
    held_unread(world)
    for action, body in actions:
        act(world, action, body)
    world.tick(DOWN)

    put_back(world)
    world.tick(DOWN, OUT)

    assert decided(world) == (Decision.SKIPPED, "status")
    assert there(world) == {}


# --- after goods have left -----------------------------------------------------------------------------------


def part_shipped(world: World) -> str:
    at_the_warehouse(world, simple("SO-1", ("MUG-RED", 5), type="Advanced", shipping_address=QUAY))
    (reference,) = there(world)
    parcel = {"parcel_id": "P1", "lines": [{"line_id": "1", "quantity": "2"}]}
    world.warehouse.control(f"orders/{reference}/ship", {"parcels": [parcel], "final": False})
    world.tick(Step.COLLECT_SHIPMENTS)
    return reference


def test_a_new_address_holds_an_order_of_which_a_part_has_left_until_it_is_edited_back(world):
    reference = part_shipped(world)
    act(world, "edit", {"shipping_address": {**QUAY, "line1": "99 Other Road"}})
    world.tick(DOWN, OUT)
    held = world.order(reference)

    act(world, "edit", {"shipping_address": QUAY})
    world.tick(DOWN, OUT)

    assert (held.status, held.reason.code) == (OrderStatus.HELD, "changed_after_shipping")
    assert "ship_to changed in line1" in held.reason.text
    assert "Other" not in repr([held.reason, held.timeline])
    assert world.order(reference).status is OrderStatus.PART_SHIPPED


def test_a_new_address_that_a_person_accepted_holds_the_rest_of_the_order_only_once(world):
    reference = part_shipped(world)
    act(world, "edit", {"shipping_address": {**QUAY, "line1": "99 Other Road"}})
    world.tick(DOWN)
    release(world, reference)
    act(world, "edit", {})

    world.tick(DOWN)

    assert world.order(reference).status is OrderStatus.PART_SHIPPED


@pytest.mark.parametrize("invoiced", [False, True])
def test_a_sale_undone_after_its_goods_have_left_is_held_for_a_person(world, invoiced: bool):
    at_the_warehouse(world)
    world.warehouse.control("orders/SO-1/ship", {})
    world.tick(Step.COLLECT_SHIPMENTS)
    if invoiced:
        world.settle()
    before = world.order("SO-1").status
    act(world, "undo")

    world.settle()

    held = world.order("SO-1")
    assert before is (OrderStatus.INVOICED if invoiced else OrderStatus.SHIPPED)
    assert (held.status, held.reason.code) == (OrderStatus.HELD, "undone_too_late")


# --- the timeline --------------------------------------------------------------------------------------------


def without_stamp(order):
    """The order without what tells when it was read."""
    facts = order.facts.model_copy(update={"read_at_stamp": ""})
    return order.model_copy(update={"facts": facts, "version": 0, "updated_at": order.created_at})


def test_reads_that_change_nothing_leave_the_order_as_it_is_but_for_their_stamp(world):
    at_the_warehouse(world)
    act(world, "edit", {"shipping_notes": ""})
    world.tick(DOWN)
    before = world.order("SO-1")

    for _ in range(3):
        act(world, "edit", {"shipping_notes": ""})
        world.tick(DOWN)

    after = world.order("SO-1")
    assert without_stamp(after) == without_stamp(before)
    assert after.facts.read_at_stamp == world.orders.sale("main", after.sale_id).row.updated


def test_of_a_long_timeline_the_beginning_and_the_end_are_kept(world):
    at_the_warehouse(world)
    order = world.order("SO-1")
    first = order.timeline[0]

    for number in range(3 * TIMELINE_LENGTH):
        order = order.noted(world.clock.now(), event="tried", detail=str(number))

    assert len(order.timeline) == TIMELINE_LENGTH
    assert (order.timeline[0], order.timeline[-1].detail) == (first, str(3 * TIMELINE_LENGTH - 1))
    assert [event.event for event in order.timeline].count(LEFT_OUT) == 1
