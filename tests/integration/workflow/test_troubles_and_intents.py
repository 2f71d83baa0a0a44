"""Long outages, errors that come from look-ups, corrections in the middle, and invoices that people make."""

import pytest

from crossdock.dear.client import DearClient
from crossdock.domain.errors import Conflict, CrossdockError, Unreachable
from crossdock.domain.states import OrderStatus, Step
from crossdock.recording import record_shipment
from crossdock.store.orders import DynamoOrders
from crossdock.store.writes import no_room_for
from crossdock.wms.http import HttpWarehouse
from tests.integration.workflow.conftest import simple
from tests.integration.workflow.test_sales_of_every_kind import advanced, bodies, fulfilment


def outlive(world, hours):
    """More tries than any error may have, with the longest back-off in between."""
    for _ in range(hours * 4):
        world.tick()
        world.clock.sleep(900)


@pytest.mark.parametrize("path", [".*/pick$", ".*/sale/invoice$", ".*/sale$"])
def test_an_outage_of_dear_of_hours_is_waited_out(world, path):
    world.seed(simple("SO-1"))
    if not path.endswith("/sale$"):
        world.tick()
        world.warehouse.control("work", {"push_share": 0})
    world.dear.fault(path=path, kind="status", status=500, count=-1)

    outlive(world, 4)
    world.dear.control("faults", method="DELETE")
    world.clock.sleep(1800)
    world.settle()

    assert world.order("SO-1").status in {OrderStatus.AT_WMS, OrderStatus.INVOICED}


def test_a_hold_at_the_look_up_keeps_the_intent_so_a_void_still_cancels_at_the_warehouse(world):
    world.seed(simple("SO-1"))
    world.warehouse.fault(method="POST", path="/orders$", kind="timeout_after")
    world.warehouse.fault(method="GET", path="/orders$", kind="status", status=400, body='{"errors": []}')
    world.tick()
    world.clock.sleep(120)
    world.tick(Step.DELIVER_ORDERS)
    held = world.order("SO-1")
    world.dear.control("sales/SO-1/void", {})
    world.clock.sleep(60)

    world.settle()

    assert (held.status, held.intent.action) == (OrderStatus.HELD, "deliver")
    assert world.order("SO-1").status is OrderStatus.CANCELED
    assert len(world.warehouse.ledger("order_cancelled")) == 1


def test_an_order_given_up_of_which_nothing_went_out_is_canceled_with_its_sale(world, monkeypatch):
    def create_order(_self, *_):
        raise CrossdockError("the call cannot be made")

    world.seed(simple("SO-1"))
    monkeypatch.setattr(HttpWarehouse, "create_order", create_order)
    outlive(world, 4)
    given_up = world.order("SO-1")

    world.dear.control("sales/SO-1/void", {})
    world.tick(Step.DOWNLOAD_ORDERS)

    assert (given_up.status, given_up.intent) == (OrderStatus.ERROR, None)
    assert world.order("SO-1").status is OrderStatus.CANCELED


def test_a_shipment_withdrawn_during_a_conflict_is_not_shipped_in_dear(world, monkeypatch):
    world.seed(simple("SO-1"))
    world.tick()
    world.warehouse.control("work", {"push_share": 0})
    world.tick(Step.COLLECT_SHIPMENTS)
    (record,) = world.orders.shipments_of_order(world.order("SO-1"))

    def pick(_self, *_):
        withdrawn = record.shipment.model_copy(update={"revision": 2, "kind": "voided", "parcels": ()})
        record_shipment(world.orders, "main", withdrawn, world.clock.now())
        raise Conflict("DEAR", "POST /sale/fulfilment/pick", "Status is AUTHORISED")

    monkeypatch.setattr(DearClient, "pick", pick)
    world.tick(Step.CONFIRM_SHIPMENTS)

    assert bodies(world, "ship") == []
    assert world.order("SO-1").reason.code == "shipment_after_confirmation"


def test_a_sale_whose_read_is_always_throttled_steps_back_and_lets_the_others_go(world):
    world.seed(*(simple(f"SO-{number}") for number in range(1, 4)))
    for _ in range(6):
        world.dear.fault(method="GET", path=".*/sale$", kind="status", status=503, body="Service unavailable")

    for _ in range(8):
        world.tick()
        world.clock.sleep(90)

    assert {world.order(f"SO-{number}").status for number in range(1, 4)} == {OrderStatus.AT_WMS}


def test_an_invoice_that_a_person_made_after_the_last_list_is_seen_before_ours_is_written(world):
    world.seed(advanced("SO-9", fulfilment("DRAFT", ("MUG-RED", 1))))
    world.tick()
    world.warehouse.control("work", {"push_share": 0})
    world.tick(Step.COLLECT_SHIPMENTS, Step.CONFIRM_SHIPMENTS)
    world.dear.control("sales/SO-9/invoice", {"number": 1, "lines": [{"sku": "MUG-RED", "quantity": 1}]})

    world.tick(Step.CREATE_INVOICES)

    assert bodies(world, "invoice") == []
    assert "left alone" in world.order("SO-9.1").timeline[-1].detail


def test_two_sales_whose_numbers_make_the_same_reference_are_told_apart_by_a_person(world):
    world.seed(advanced("SO-9", fulfilment("AUTHORISED", ("MUG-RED", 1))), simple("SO-9.1"))

    world.settle()

    created = [entry["reference"] for entry in world.warehouse.ledger("order_created")]
    assert len(created) == len(set(created))
    told = [entry for number in ("SO-9", "SO-9.1") for entry in world.orders.sales_numbered("main", number)]
    assert {entry.decision for entry in told} in ({"loaded"}, {"loaded", "held"})


@pytest.mark.parametrize("refused", [Unreachable("DynamoDB", "PutItem", "too many requests"), no_room_for("SO-1")])
@pytest.mark.parametrize("number", ["SO-1", "SO-2", "SO-3"])
def test_an_order_whose_trouble_cannot_be_stored_does_not_hold_up_the_others(world, monkeypatch, number, refused):
    save = DynamoOrders.save_order

    def save_order(self, order):
        if order.sale_number == number:
            raise refused
        save(self, order)

    world.seed(*(simple(each) for each in ("SO-1", "SO-2", "SO-3")))
    world.tick(Step.DOWNLOAD_ORDERS)
    with monkeypatch.context() as patched:
        patched.setattr(DynamoOrders, "save_order", save_order)
        report = world.tick(Step.DELIVER_ORDERS)[Step.DELIVER_ORDERS]
    stands = {each: world.order(each).status for each in ("SO-1", "SO-2", "SO-3")}
    world.clock.sleep(120)
    world.tick(Step.DELIVER_ORDERS)

    assert stands == dict.fromkeys(stands, OrderStatus.AT_WMS) | {number: OrderStatus.NEW}
    assert [problem.subject for problem in report.problems] == [number, number]
    assert world.order(number).status is OrderStatus.AT_WMS
    assert len(world.warehouse.ledger("order_created")) == 3


def test_an_order_that_the_index_still_shows_as_due_after_a_lost_answer_waits_its_minute(world, monkeypatch):
    world.seed(simple("SO-1"))
    world.tick(Step.DOWNLOAD_ORDERS)
    stale = world.orders.due("main", Step.DELIVER_ORDERS, world.clock.now(), limit=9)
    world.warehouse.fault(method="POST", path="/orders$", kind="timeout_after")
    world.tick(Step.DELIVER_ORDERS)
    before = world.order("SO-1")

    with monkeypatch.context() as lagging:
        lagging.setattr(DynamoOrders, "due", lambda *_, **__: stale)
        world.tick(Step.DELIVER_ORDERS)

    assert before.due_at > world.clock.now()
    assert world.order("SO-1") == before
