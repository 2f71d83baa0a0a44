"""Confirmation repaired: holds that stand, siblings that are open, and fulfilments that nobody has."""

import pytest

from crossdock.domain.states import OrderStatus, Step
from crossdock.recording import record_shipment
from tests.integration.workflow.conftest import simple
from tests.integration.workflow.test_confirmation import held_for, reported, ship, writes
from tests.integration.workflow.test_confirmation_in_parts import advanced, fulfilments
from tests.integration.workflow.test_sales_of_every_kind import fulfilment

DEAR_STEPS = (Step.COLLECT_SHIPMENTS, Step.CONFIRM_SHIPMENTS)


@pytest.fixture(autouse=True)
def no_invoices(world):
    world.settings["invoice"] = "off"


def minutes(world, count, *steps):
    for _ in range(count):
        world.clock.sleep(60)
        world.tick(*(steps or DEAR_STEPS))


def first_part(world, quantity=4):
    reference = advanced(world, quantity)
    shipment = ship(world, ("A", 1), reference=reference, final=False)
    minutes(world, 1)
    return reference, shipment


def picked_in_dear(world, units):
    lines = [{"sku": "MUG-RED", "quantity": units}]
    world.dear.control("sales/SO-1/fulfilment", {"lines": lines, "pick": "AUTHORISED"})


def shipped_in_dear(world, units, tracking):
    picked_in_dear(world, units)
    world.dear.control("sales/SO-1/pack", {})
    world.dear.control("sales/SO-1/ship", {"tracking_number": tracking})


@pytest.mark.parametrize("withdrawn", [True, False])
def test_a_hold_for_a_person_is_not_lifted_by_the_next_shipment(world, withdrawn):
    reference, shipment = first_part(world)
    goods = {"parcels": [{"parcel_id": "A", "lines": [{"line_id": "1", "quantity": "2"}]}]}
    world.warehouse.control(f"shipments/{shipment}/{'void' if withdrawn else 'correct'}", {} if withdrawn else goods)
    minutes(world, 1)
    ship(world, ("B", 2), reference=reference)

    minutes(world, 1)

    order = world.order(reference)
    assert held_for(order) == ("voided_after_confirmation" if withdrawn else "corrected_after_confirmation")
    assert order.held_from is OrderStatus.SHIPPED
    assert len(world.orders.shipments_of_order(order)) == 2
    assert len(fulfilments(world)) == 1


def test_a_part_waits_while_a_siblings_fulfilment_is_open_and_goes_on_once_that_is_done(world):
    world.settings["sale_statuses"] = ["any"]
    drafts = [fulfilment("DRAFT", ("MUG-RED", 3)), fulfilment("DRAFT", ("MUG-RED", 4))]
    world.seed(simple("SO-1", ("MUG-RED", 7), type="Advanced", fulfilments=drafts))
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)

    def tell(reference, number, units, *, final):
        lines = [{"sku": "MUG-RED", "quantity": str(units)}]
        parcels = [{"parcel_id": f"{reference}-{number}", "lines": lines}]
        at = f"2026-03-02T12:00:{number:02}Z"
        reported(world, reference=reference, id=f"{reference}-{number}", final=final, shipped_at=at, parcels=parcels)
        minutes(world, 1, Step.CONFIRM_SHIPMENTS)

    tell("SO-1.2", 1, 2, final=False)
    tell("SO-1.2", 2, 2, final=True)
    for _ in range(15):
        world.clock.sleep(900)
        world.tick(Step.CONFIRM_SHIPMENTS)
    waiting = world.order("SO-1.2")
    tell("SO-1.1", 1, 3, final=True)
    world.clock.sleep(900)
    world.tick(Step.CONFIRM_SHIPMENTS)

    assert (waiting.status, waiting.reason.code) == (OrderStatus.SHIPPED, "others_first")
    assert world.order("SO-1.2").status is OrderStatus.CONFIRMED


def test_a_part_does_not_wait_for_ever_for_a_fulfilment_that_a_person_opened_for_other_goods(world):
    world.seed(simple("SO-1", ("MUG-RED", 4), ("MUG-BLUE", 1), type="Advanced"))
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    (order,) = world.orders.list_orders("main", OrderStatus.AT_WMS)
    reference = order.reference
    ship(world, ("A", 1), reference=reference, final=False)
    minutes(world, 1)
    world.dear.control("sales/SO-1/fulfilment", {"lines": [{"sku": "MUG-BLUE", "quantity": 1}]})
    ship(world, ("B", 3), reference=reference)
    minutes(world, 1)
    waiting = world.order(reference)
    minutes(world, 30)
    held = world.order(reference)

    for stage in ("pick", "pack", "ship"):
        world.dear.control(f"sales/SO-1/{stage}", {"number": 2})
    for _ in range(2):  # the second one passes what stands on nobody's fulfilment
        world.orders.save_order(world.order(reference).released(world.clock.now()))
        minutes(world, 2)

    assert (waiting.status, waiting.reason.code) == (OrderStatus.SHIPPED, "others_first")
    assert held_for(held) == "fulfilment_open"
    assert "number 2 is open" in held.reason.text
    assert world.order(reference).status is OrderStatus.CONFIRMED
    assert [units for _, units, _ in fulfilments(world)] == [1, 1, 3]


def test_a_part_is_held_while_the_fulfilment_of_the_part_before_it_is_undone_in_dear(world):
    reference, _ = first_part(world)
    world.dear.control("sales/SO-1/undo", {})
    world.dear.control("sales/SO-1/authorise", {})
    ship(world, ("B", 3), reference=reference)
    minutes(world, 2)
    held = world.order(reference)

    for stage in ("pick", "pack", "ship"):
        world.dear.control(f"sales/SO-1/{stage}", {"number": 1, "lines": [{"sku": "MUG-RED", "quantity": 1}]})
    world.orders.save_order(held.released(world.clock.now()))
    minutes(world, 2)

    assert held_for(held) == "undone_in_dear"
    assert "number 1, which showed a shipment that is confirmed" in held.reason.text
    assert world.order(reference).status is OrderStatus.CONFIRMED
    assert [units for _, units, _ in fulfilments(world)] == [1, 3]


@pytest.mark.parametrize("steps", [DEAR_STEPS, (Step.DOWNLOAD_ORDERS, *DEAR_STEPS)])
def test_a_second_part_that_a_person_shipped_in_dear_is_matched_and_not_repeated(world, steps):
    reference, _ = first_part(world)
    shipped_in_dear(world, 1, "T-B")
    ship(world, ("B", 1), reference=reference, final=False)

    minutes(world, 3, *steps)

    assert fulfilments(world) == [(1, 1, "AUTHORISED"), (2, 1, "AUTHORISED")]


def test_a_second_part_that_dear_picked_on_its_own_fulfilment_is_confirmed_there(world):
    reference, _ = first_part(world)
    picked_in_dear(world, 3)
    ship(world, ("B", 3), reference=reference)

    minutes(world, 2)

    assert world.order(reference).status is OrderStatus.CONFIRMED
    assert fulfilments(world) == [(1, 1, "AUTHORISED"), (2, 3, "AUTHORISED")]


def test_nothing_is_added_while_a_picked_fulfilment_with_fewer_units_is_nobodys(world):
    reference, _ = first_part(world)
    picked_in_dear(world, 2)
    ship(world, ("B", 3), reference=reference)
    minutes(world, 1)
    held = world.order(reference)
    world.orders.save_order(held.released(world.clock.now()))

    minutes(world, 1)

    assert held_for(held) == held_for(world.order(reference)) == "unclaimed_fulfilment"
    assert "MUG-RED: DEAR has 2 in its pick, 3 shipped" in held.reason.text
    assert "fulfilment" not in writes(world)


def test_what_a_person_shipped_under_other_numbers_is_for_a_person_and_a_release_passes_it(world):
    reference, _ = first_part(world, 7)
    shipped_in_dear(world, 3, "ANOTHER")
    ship(world, ("B", 3), reference=reference)
    minutes(world, 1)
    held = world.order(reference)
    world.orders.save_order(held.released(world.clock.now()))

    minutes(world, 1)

    assert held_for(held) == "unclaimed_fulfilment"
    assert world.order(reference).status is OrderStatus.CONFIRMED
    assert len(fulfilments(world)) == 3


def test_an_order_that_turns_out_to_be_over_says_what_is_short_and_cancels_the_rest(world):
    world.settings["short_shipments"] = "cancel"
    reference, _ = first_part(world, 3)
    world.dear.control("sales/SO-1/fulfilment", {"lines": []})
    (record,) = world.orders.shipments_of_order(world.order(reference))
    last = record.shipment.model_copy(update={"revision": record.shipment.revision + 1, "final": True})
    record_shipment(world.orders, "main", last, world.clock.now())

    minutes(world, 1)

    order = world.order(reference)
    assert order.status is OrderStatus.CONFIRMED
    assert order.timeline[-1].detail.startswith("short: 2 of MUG-RED; cancelled")
    assert fulfilments(world)[-1][2] == "VOIDED"
