"""Ends that are reached: orders whose invoice is a person's, converted sales, what was withdrawn, used approvals."""

from datetime import timedelta
from typing import Any

import pytest

from crossdock.domain.proposals import Proposal, ProposalStatus
from crossdock.domain.report import Report
from crossdock.domain.states import OrderStatus, ShipmentStatus, Step
from tests.integration.workflow.conftest import World, simple
from tests.integration.workflow.test_confirmation import bodies, held_for, sale_in_dear, ship
from tests.integration.workflow.test_confirmation_in_parts import advanced

DOWN, OUT = Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS
COLLECT, CONFIRM, INVOICE = Step.COLLECT_SHIPMENTS, Step.CONFIRM_SHIPMENTS, Step.CREATE_INVOICES
STOCK = Step.SYNC_INVENTORY


def minute(world: World, *steps: Step) -> dict[Step, Report]:
    world.clock.sleep(60)
    return world.tick(*(steps or (DOWN, OUT, COLLECT, CONFIRM, INVOICE)))


def calls(world: World) -> int:
    told = world.dear.control("calls", method="GET")
    return len(told["calls"] if isinstance(told, dict) else told)


# --- what gets no invoice of ours ----------------------------------------------------------------------------


def test_a_part_whose_invoice_is_off_is_waited_with_in_silence(world: World) -> None:
    world.settings["invoice"] = "off"
    reference = advanced(world, 3)
    ship(world, ("A", 1), reference=reference, final=False)
    world.settle()
    told = world.order(reference).timeline

    for _ in range(3):
        minute(world)

    assert world.order(reference).timeline == told
    assert [event.event for event in told].count("not invoiced") == 1


def test_a_part_that_a_person_has_invoiced_costs_no_further_calls(world: World) -> None:
    world.settings["invoice"] = "draft"
    reference = advanced(world, 3)
    ship(world, ("A", 1), reference=reference, final=False)
    minute(world, COLLECT, CONFIRM)
    world.dear.control("sales/SO-1/invoice", {"number": 1, "lines": [{"sku": "MUG-RED", "quantity": 1}]})
    world.settle()
    told, made = world.order(reference).timeline, calls(world)

    for _ in range(3):
        minute(world, CONFIRM, INVOICE)

    assert (calls(world), world.order(reference).timeline) == (made, told)
    assert bodies(world, "invoice") == []


def test_the_part_after_one_that_a_person_has_invoiced_is_invoiced(world: World) -> None:
    world.settings["invoice"] = "draft"
    reference = advanced(world, 3)
    ship(world, ("A", 1), reference=reference, final=False)
    minute(world, COLLECT, CONFIRM)
    world.dear.control("sales/SO-1/invoice", {"number": 1, "lines": [{"sku": "MUG-RED", "quantity": 1}]})
    world.settle()

    ship(world, ("B", 2), reference=reference)
    world.settle()

    assert [[line["Quantity"] for line in body["Lines"]] for body in bodies(world, "invoice")] == [[2]]


# --- a simple sale that was converted ------------------------------------------------------------------------


def converted_late(world: World) -> None:
    """Two parts of a simple sale, both confirmed before the invoices' step comes to either."""
    world.settings |= {"partial_shipments": "convert", "invoice": "draft"}
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick(DOWN, OUT)
    ship(world, ("P1", 1), final=False)
    minute(world, COLLECT, CONFIRM)
    ship(world, ("P2", 2))
    minute(world, COLLECT, CONFIRM)


def linked(world: World) -> list[tuple[str, list[int]]]:
    sent = bodies(world, "invoice")
    return [(body["LinkedFulfillmentNumber"], [line["Quantity"] for line in body["Lines"]]) for body in sent]


def test_each_part_of_a_converted_sale_is_invoiced_on_the_fulfilment_that_shows_it(world: World) -> None:
    converted_late(world)

    world.settle()

    assert linked(world) == [("1", [1]), ("2", [2])]
    assert world.order("SO-1").status is OrderStatus.INVOICED


def test_a_part_that_was_confirmed_before_its_number_was_kept_belongs_to_the_first_fulfilment(world: World) -> None:
    converted_late(world)
    order = world.order("SO-1")
    first, second = world.orders.shipments_of_order(order)
    older = [
        each.model_copy(update={"fulfilment_number": None, "version": each.version + 1})
        for each in (first, second)
        if each.task_id != order.task_id
    ]
    world.orders.save_settled(order.noted(world.clock.now(), event="older"), older)

    world.settle()

    assert len(older) == 1
    assert linked(world) == [("1", [1]), ("2", [2])]


def test_our_own_invoice_of_a_converted_sale_is_not_taken_for_a_persons(world: World) -> None:
    converted_late(world)
    world.dear.fault(method="POST", path=".*/sale/invoice$", kind="status", status=503, skip=1, body="x")

    world.settle()

    order = world.order("SO-1")
    units = [line["Quantity"] for invoice in sale_in_dear(world)["Invoices"] for line in invoice["Lines"]]
    assert sum(units) == 3
    assert "left alone" not in {event.event for event in order.timeline}
    assert order.status is OrderStatus.INVOICED


# --- what was withdrawn --------------------------------------------------------------------------------------


def test_a_shipment_that_was_withdrawn_is_not_invoiced_though_its_order_is_released(world: World) -> None:
    world.settings["invoice"] = "draft"
    world.seed(simple("SO-1", charges=[{"description": "Freight", "price": 5}]))
    world.tick(DOWN, OUT)
    shipment = ship(world, ("P1", 2))
    minute(world, COLLECT, CONFIRM)
    world.warehouse.control(f"shipments/{shipment}/void", {})
    minute(world, COLLECT)
    held = world.order("SO-1")

    world.orders.save_order(held.released(world.clock.now()))
    minute(world, INVOICE)

    assert held_for(held) == "voided_after_confirmation"
    assert bodies(world, "invoice") == []
    assert held_for(world.order("SO-1")) == "nothing_to_invoice"


def test_what_left_beside_a_withdrawn_part_is_invoiced_and_ends_the_order(world: World) -> None:
    world.settings["invoice"] = "draft"
    reference = advanced(world, 3)
    shipment = ship(world, ("A", 1), reference=reference, final=False)
    minute(world, COLLECT, CONFIRM)
    ship(world, ("B", 2), reference=reference)
    minute(world, COLLECT, CONFIRM)
    world.warehouse.control(f"shipments/{shipment}/void", {})
    minute(world, COLLECT)

    world.orders.save_order(world.order(reference).released(world.clock.now()))
    minute(world, INVOICE)

    assert linked(world) == [("2", [2])]
    assert world.order(reference).status is OrderStatus.INVOICED
    kept = {each.shipment.kind: each.status for each in world.orders.shipments_of_order(world.order(reference))}
    assert kept == {"voided": ShipmentStatus.CONFIRMED, "shipped": ShipmentStatus.INVOICED}


# --- approvals -----------------------------------------------------------------------------------------------


def approved(world: World) -> None:
    """DEAR has 100 cups, the warehouse counted 40, and a person approved that."""
    world.tick(DOWN)
    world.settings["inventory"] = {"account": "403", "approve_above_units": 10}
    cups = {"sku": "CUP", "location": "Main Warehouse", "on_hand": 100}
    world.dear.control("seed", {"products": [{"sku": "CUP", "name": "Cup"}], "stock": [cups]})
    counted(world, 40)
    world.step(STOCK)
    stock = world.checkpoints.stock
    stock.save_proposal(proposal(world).turned(ProposalStatus.APPROVED, world.clock.now()))


def counted(world: World, units: int) -> None:
    world.warehouse.control("stock", {"stock": [{"sku": "CUP", "warehouse": "MAIN", "on_hand": str(units)}]})


def proposal(world: World) -> Proposal:
    (only,) = world.checkpoints.stock.proposals("main")
    return only


def adjusted(world: World) -> list[Any]:
    return [line["Quantity"] for entry in world.dear.ledger("stock_adjustment") for line in entry["body"]["Lines"]]


def test_an_approval_whose_write_was_found_later_is_used_up(world: World) -> None:
    approved(world)
    world.dear.fault(method="POST", path=".*/stockadjustment$", kind="timeout_after")
    world.step(STOCK)
    world.clock.sleep(900)

    counted(world, 5)
    world.step(STOCK)

    assert adjusted(world) == [40]
    assert (proposal(world).status, proposal(world).after) == (ProposalStatus.OPEN, 5)


@pytest.mark.parametrize(("age", "written"), [(timedelta(hours=23), [40]), (timedelta(hours=25), [])])
def test_an_approval_holds_for_a_day(world: World, age: timedelta, written: list[int]) -> None:
    approved(world)

    world.clock.sleep(age.total_seconds())
    counted(world, 40)
    world.step(STOCK)

    assert adjusted(world) == written


def test_an_approval_is_not_for_less_than_was_shown(world: World) -> None:
    approved(world)
    world.dear.control("stock", [{"sku": "CUP", "location": "Main Warehouse", "on_hand": 55}])

    counted(world, 0)
    world.step(STOCK)

    assert adjusted(world) == []
    assert (proposal(world).status, proposal(world).after) == (ProposalStatus.OPEN, 0)


# --- terms ---------------------------------------------------------------------------------------------------


def test_a_sale_without_terms_is_not_counted_among_unknown_terms(world: World) -> None:
    world.settings["invoice"] = "draft"
    world.seed(simple("SO-1", terms=""), simple("SO-2", terms=""))
    world.tick(DOWN, OUT)
    ship(world, ("P1", 2), reference="SO-1")
    minute(world)
    ship(world, ("P2", 2), reference="SO-2")
    world.clock.sleep(7200)

    reports = minute(world)

    asked = [call for call in world.dear.control("calls", method="GET")["calls"] if "paymentterm" in call["path"]]
    assert "unknown terms" not in str(reports[INVOICE])
    assert len(bodies(world, "invoice")) == 2
    assert len(asked) == 1
