"""Parts that leave while people work on the sale in DEAR, or after it was settled: nothing twice, nothing forgotten."""

import pytest

from crossdock.dear.client import DearClient
from crossdock.domain.states import OrderStatus, Step
from tests.integration.workflow.conftest import simple
from tests.integration.workflow.test_confirmation import bodies, held_for, reported
from tests.integration.workflow.test_confirmation_in_parts import advanced, fulfilments
from tests.integration.workflow.test_edits import act, at_the_warehouse, there
from tests.integration.workflow.test_holds import release
from tests.integration.workflow.test_repairs_of_the_review import drafted

DOWN, OUT = Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS
COLLECT, CONFIRM, INVOICE = Step.COLLECT_SHIPMENTS, Step.CONFIRM_SHIPMENTS, Step.CREATE_INVOICES


def minute(world, *steps, times=1):
    for _ in range(times):
        world.clock.sleep(60)
        world.tick(*steps)


def told(world, reference, shipment_id, *parcels, **fields):
    """The warehouse says that red mugs left; a parcel is (its id, units)."""
    made = [
        {"parcel_id": parcel_id, "carrier": "DHL", "tracking_number": f"T-{parcel_id}",
         "lines": [{"line_id": "1", "sku": "MUG-RED", "quantity": str(units)}]}
        for parcel_id, units in parcels
    ]  # fmt: skip
    return reported(world, reference=reference, id=shipment_id, parcels=made, **fields)


def add_fulfilment(world, units, pick="DRAFT"):
    """A person adds a fulfilment for red mugs in DEAR."""
    world.dear.control("sales/SO-1/fulfilment", {"lines": [{"sku": "MUG-RED", "quantity": units}], "pick": pick})


# --- what left after it was given up -------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["another shipment", "a correction"])
def test_what_left_after_a_short_end_is_not_sent_again_with_the_fulfilment_that_shows_it(world, how):
    world.settings["invoice"] = "off"
    reference = advanced(world, 5)
    told(world, reference, "S-1", ("A", 3), final=True)
    minute(world, CONFIRM)
    short = world.order(reference)
    if how == "a correction":
        told(world, reference, "S-1", ("A", 5), revision=2, final=True)
    else:
        told(world, reference, "S-2", ("B", 2), final=True)

    add_fulfilment(world, 2)
    minute(world, DOWN, OUT)

    assert (short.status, list(short.short.values())) == (OrderStatus.CONFIRMED, [2])
    assert held_for(world.order(reference)) in {"shipment_after_confirmation", "corrected_after_confirmation"}
    assert there(world) == {reference: {"MUG-RED": "5"}}


@pytest.mark.parametrize("parcels", [0, 1])
def test_a_withdrawn_shipment_takes_no_units_and_no_fulfilment_from_its_successor(world, parcels):
    world.settings["invoice"] = "draft"
    reference = advanced(world, 3)
    told(world, reference, "S-1", ("A", 1), final=False)
    minute(world, CONFIRM)
    told(world, reference, "S-1", *(("A", 1),) * parcels, revision=2, kind="voided", final=False)
    withdrawn = held_for(world.order(reference))
    told(world, reference, "S-2", ("B", 3), final=True)
    world.dear.control("sales/SO-1/undo", {})
    world.dear.control("sales/SO-1/authorise", {})
    minute(world, DOWN)
    for _ in range(4):
        if world.order(reference).status is OrderStatus.HELD:
            release(world, reference)
        minute(world, CONFIRM, INVOICE)

    assert withdrawn == "voided_after_confirmation"
    assert world.order(reference).status is OrderStatus.INVOICED
    assert [task[1] for task in fulfilments(world)] == [3]


def test_a_withdrawn_part_that_dear_still_shows_keeps_its_fulfilment(world):
    world.settings["invoice"] = "off"
    reference = advanced(world, 3)
    told(world, reference, "S-1", ("A", 1), final=False)
    minute(world, CONFIRM)
    told(world, reference, "S-1", revision=2, kind="voided", final=False)
    told(world, reference, "S-2", ("B", 2), final=True)
    release(world, reference)
    minute(world, CONFIRM)

    assert world.order(reference).status is OrderStatus.CONFIRMED
    assert fulfilments(world) == [(1, 1, "AUTHORISED"), (2, 2, "AUTHORISED")]


def test_each_shipment_of_what_the_warehouse_had_cancelled_is_held_for_that(world):
    at_the_warehouse(world, simple("SO-1", ("MUG-RED", 3)))
    act(world, "void")
    world.tick(DOWN, OUT)
    cancelled = world.order("SO-1").status
    told(world, "SO-1", "S-1", ("A", 1), final=False)
    first = held_for(world.order("SO-1"))
    told(world, "SO-1", "S-2", ("B", 2), final=True)

    assert (cancelled, first) == (OrderStatus.CANCELED, "shipped_after_cancel")
    assert held_for(world.order("SO-1")) == "shipped_after_cancel"


# --- voided ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("added", [False, True])
def test_the_goods_of_a_voided_fulfilment_are_confirmed_on_another_once_released(world, added):
    world.settings["invoice"] = "off"
    reference = advanced(world, 3)
    told(world, reference, "S-1", ("A", 3), final=True)
    client = world.client()
    (task,) = client.read_fulfilments(world.order(reference).sale_id)
    client.void_fulfilment(task.task_id)
    world.settle()
    if added:
        add_fulfilment(world, 3)
        world.clock.sleep(60)
        world.settle()
    for _ in range(2):
        release(world, reference)
        world.settle()

    assert world.order(reference).status is OrderStatus.CONFIRMED
    assert there(world) == {reference: {"MUG-RED": "3"}}


@pytest.mark.parametrize("kind", ["Simple", "Advanced"])
def test_a_sale_that_was_voided_too_late_keeps_its_reason_when_more_of_it_leaves(world, kind):
    world.settings["invoice"] = "off"
    world.dear.control("settings", {"first_fulfilment": True})
    at_the_warehouse(world, simple("SO-1", ("MUG-RED", 3), type=kind))
    (only,) = world.orders.list_orders("main", OrderStatus.AT_WMS)
    told(world, only.reference, "S-1", ("A", 1), final=False)
    act(world, "void")
    world.tick(DOWN)
    first = held_for(world.order(only.reference))
    told(world, only.reference, "S-2", ("B", 2), final=True)
    minute(world, DOWN, OUT, CONFIRM)
    second = held_for(world.order(only.reference))
    release(world, only.reference)
    minute(world, DOWN, OUT, CONFIRM)

    assert first == second == held_for(world.order(only.reference)) == "voided_too_late"
    assert bodies(world, "pick") == []


def test_what_left_before_its_sale_was_voided_and_the_warehouse_told_is_held_for_that(world):
    world.settings["invoice"] = "off"
    at_the_warehouse(world)
    world.warehouse.control("orders/SO-1/ship", {})
    act(world, "void")
    world.tick(DOWN, OUT)
    minute(world, DOWN, OUT, COLLECT, CONFIRM)

    assert held_for(world.order("SO-1")) == "voided_too_late"


# --- parts and their invoices ----------------------------------------------------------------------------------


def test_the_last_part_goes_on_by_itself_once_dears_people_have_packed_it(world):
    world.settings |= {"ship_action": "shipped_only", "invoice": "off"}
    reference = advanced(world, 3)
    told(world, reference, "S-1", ("A", 1), final=False)
    world.dear.control("sales/SO-1/pick", {"lines": [{"sku": "MUG-RED", "quantity": 1}]})
    world.dear.control("sales/SO-1/pack", {})
    world.clock.sleep(60)
    world.settle()
    told(world, reference, "S-2", ("B", 2), final=True)
    world.clock.sleep(60)
    world.settle()
    waits = held_for(world.order(reference))
    add_fulfilment(world, 2, "AUTHORISED")
    world.dear.control("sales/SO-1/pack", {})
    world.clock.sleep(60)
    world.settle()

    assert waits == "not_packed"
    assert world.order(reference).status is OrderStatus.CONFIRMED


def test_a_part_that_came_while_an_invoice_was_not_answered_is_confirmed(world):
    world.settings["invoice"] = "draft"
    reference = advanced(world, 6)
    told(world, reference, "S-1", ("A", 1), final=False)
    minute(world, CONFIRM)
    world.dear.fault(method="POST", path=".*/sale/invoice$", kind="timeout_after")
    minute(world, INVOICE)
    unanswered = world.order(reference).intent
    told(world, reference, "S-2", ("B", 2), final=False)
    minute(world, CONFIRM, INVOICE, times=10)

    assert unanswered is not None
    assert fulfilments(world) == [(1, 1, "AUTHORISED"), (2, 2, "AUTHORISED")]


def test_a_part_that_comes_during_the_invoices_call_is_confirmed(world, monkeypatch):
    world.settings["invoice"] = "draft"
    reference = advanced(world, 6)
    told(world, reference, "S-1", ("A", 1), final=False)
    minute(world, CONFIRM)
    write = DearClient.create_invoice

    def meanwhile(self, draft):
        made = write(self, draft)
        told(world, reference, "S-2", ("B", 2), final=False)
        return made

    with monkeypatch.context() as patch:
        patch.setattr(DearClient, "create_invoice", meanwhile)
        minute(world, INVOICE)
    minute(world, CONFIRM, INVOICE, times=10)

    assert fulfilments(world) == [(1, 1, "AUTHORISED"), (2, 2, "AUTHORISED")]
    assert len(bodies(world, "invoice")) == 2


def test_a_confirmed_part_is_invoiced_while_the_next_waits_for_another_order(world):
    world.settings["invoice"] = "draft"
    drafted(world, 3, 2)
    told(world, "SO-1.1", "S-1", ("A", 1), final=False)
    told(world, "SO-1.1", "S-2", ("B", 2), final=True)
    minute(world, DOWN, COLLECT, CONFIRM, INVOICE, times=20)

    assert fulfilments(world)[0] == (1, 1, "AUTHORISED")
    assert len(bodies(world, "invoice")) == 1
    assert (world.order("SO-1.1").status, world.order("SO-1.1").reason.code) == (OrderStatus.SHIPPED, "others_first")


def test_a_part_does_not_wait_for_the_fulfilment_of_an_order_that_was_cancelled(world):
    world.settings["invoice"] = "off"
    drafted(world, 3, 2)
    for number, units in ((2, 0), (1, 5)):
        lines = [{"sku": "MUG-RED", "quantity": units}] if units else []
        world.dear.control("sales/SO-1/pick", {"number": number, "status": "DRAFT", "lines": lines})
    world.clock.sleep(60)
    world.settle()
    cancelled = world.order("SO-1.2").status
    told(world, "SO-1.1", "S-1", ("A", 3), final=False)
    minute(world, CONFIRM)
    told(world, "SO-1.1", "S-2", ("B", 2), final=True)
    minute(world, DOWN, CONFIRM, times=30)

    assert cancelled is OrderStatus.CANCELED
    assert world.order("SO-1.1").status is OrderStatus.CONFIRMED
    assert fulfilments(world) == [(1, 3, "AUTHORISED"), (2, 2, "AUTHORISED")]
