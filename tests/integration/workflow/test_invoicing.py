"""Invoices in DEAR for what left: once each, at the sale's own figures as they now are, and never over a person's."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crossdock.dear.client import DearClient
from crossdock.domain.sale import CreditNote, StageStatus
from crossdock.domain.shipment import Shipment
from crossdock.domain.states import OrderStatus, ShipmentStatus, Step
from crossdock.recording import record_shipment
from tests.integration.workflow.conftest import simple
from tests.integration.workflow.test_sales_of_every_kind import advanced, bodies, fulfilment
from tests.unit.builders import parcel


def confirm(world, *sales):
    """Bring sales to where their invoices are due, the list being read after the confirmation as it is each minute."""
    world.seed(*sales)
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    world.warehouse.control("work", {"push_share": 0})
    world.tick(Step.COLLECT_SHIPMENTS, Step.CONFIRM_SHIPMENTS)


def invoice(world):
    world.tick(Step.DOWNLOAD_ORDERS, Step.CREATE_INVOICES)


def edit(world, number, **changes):
    """A person changes the sale, a while after our confirmation."""
    world.clock.sleep(60)
    world.dear.control(f"sales/{number}/edit", changes)
    world.clock.sleep(60)


def calls_of(world, path):
    calls = world.dear.control("calls", method="GET")
    calls = calls["calls"] if isinstance(calls, dict) else calls
    return [call for call in calls if call["path"].endswith(path) and call["method"] == "GET"]


def shipped(world, shipment_id, *lines, final):
    """The warehouse tells of a shipment of (line_id, SKU, units) of the one order."""
    body = {
        "id": shipment_id, "revision": 1, "reference": "SO-9", "kind": "shipped", "final": final,
        "shipped_at": world.clock.now().isoformat(), "updated_at": world.clock.now().isoformat(),
        "parcels": [parcel(f"BOX-{shipment_id}", *lines)],
    }  # fmt: skip
    record_shipment(world.orders, "main", Shipment.model_validate(body), world.clock.now())


@pytest.mark.parametrize(
    ("term", "due"),
    [
        ({"duration": 14}, "2026-03-15"),
        ({"duration": 10, "method": "day of next month"}, "2026-04-10"),
        ({"duration": 5, "method": "last day of next month"}, "2026-04-30"),
        ({"duration": 7, "method": "days since the end of the month"}, "2026-04-07"),
    ],
)
def test_an_invoice_is_dated_by_the_accounts_own_day_and_due_by_the_sales_terms(world, term, due):
    world.dear.control("seed", {"payment_terms": [{"name": "House terms", **term}]})
    world.clock.time = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)  # still 1 March in Los Angeles

    confirm(world, simple("SO-1", terms="House terms"))
    invoice(world)

    (body,) = bodies(world, "invoice")
    assert (body["InvoiceDate"][:10], body["InvoiceDueDate"][:10]) == ("2026-03-01", due)


def test_terms_that_dear_does_not_list_are_due_at_once_and_the_order_says_so(world):
    confirm(world, simple("SO-1", terms="A handshake"), simple("SO-2", terms="A handshake"))
    invoice(world)

    order = world.order("SO-1")
    assert order.status is OrderStatus.INVOICED
    assert "DEAR's list has no payment terms 'A handshake'" in order.timeline[-1].detail
    for body in bodies(world, "invoice"):
        assert body["InvoiceDueDate"] == body["InvoiceDate"]
    assert len(calls_of(world, "/ref/paymentterm")) == 1, "asked once, not for every sale"


def test_the_accounts_rules_are_asked_again_after_a_day(world):
    confirm(world, simple("SO-1"))
    invoice(world)
    world.clock.sleep(25 * 3600)

    confirm(world, simple("SO-2"))
    invoice(world)

    assert (len(calls_of(world, "/me")), len(calls_of(world, "/ref/paymentterm"))) == (2, 2)


def test_the_memo_is_the_settings_template_with_the_marker(world):
    world.settings["invoice_memo"] = "Order {order_number}, parcels {tracking}. Ours: {marker}."
    confirm(world, simple("SO-1"))

    invoice(world)

    (body,) = bodies(world, "invoice")
    (record,) = world.orders.shipments_of_order(world.order("SO-1"))
    tracking = record.shipment.parcels[0].tracking_number
    assert body["Memo"] == f"Order SO-1, parcels {tracking}. Ours: Crossdock SO-1."


@pytest.mark.parametrize("method", ["Row Total", "Total"])
@pytest.mark.parametrize("calculation", ["Exclusive", "Inclusive"])
def test_an_invoice_of_everything_asks_for_the_sales_own_total(world, method, calculation):
    world.dear.control("seed", {"company": {"TaxCalculationMethod": method}})
    odd = [{"sku": "MUG-RED", "quantity": 3, "price": 3.3333, "discount": 7.25},
           {"sku": "MUG-BLUE", "quantity": 7, "price": 0.1234}]  # fmt: skip
    confirm(world, simple("SO-1", lines=odd, tax_calculation=calculation,
                          charges=[{"description": "Freight", "price": 4.99}]))  # fmt: skip
    ordered = world.order("SO-1").content.total

    invoice(world)

    (made,) = world.dear.ledger("invoice")
    assert world.order("SO-1").status is OrderStatus.INVOICED
    assert Decimal(str(made["total"])) == ordered


def test_prices_and_charges_that_a_person_changed_after_the_delivery_are_read_again_once_and_invoiced(world):
    confirm(world, simple("SO-1", charges=[{"description": "Freight", "price": 5}]), simple("SO-2"))
    reads = len(calls_of(world, "/sale"))
    edit(world, "SO-1", charges=[{"description": "Freight", "price": 8}])

    invoice(world)

    charged = [charge["Price"] for body in bodies(world, "invoice") for charge in body["AdditionalCharges"]]
    assert charged == [8]
    assert len(calls_of(world, "/sale")) == reads + 1, "only the sale that changed is read"
    assert world.order("SO-2").status is OrderStatus.INVOICED


def test_a_sale_whose_lines_are_no_longer_what_shipped_is_held_with_the_difference(world, monkeypatch):
    confirm(world, simple("SO-1"))
    edit(world, "SO-1", note="changed")
    read = DearClient.read_sale

    def fewer(self, sale_id):
        sale = read(self, sale_id)
        lines = tuple(line.model_copy(update={"quantity": Decimal(1)}) for line in sale.lines)
        return sale.model_copy(update={"lines": lines})

    monkeypatch.setattr(DearClient, "read_sale", fewer)
    invoice(world)

    order = world.order("SO-1")
    assert (order.status, order.reason.code) == (OrderStatus.HELD, "sale_lines_changed")
    assert "line 1 has 1 of MUG-RED, and 2 shipped" in order.reason.text
    assert bodies(world, "invoice") == []


def test_a_credit_note_holds_the_order_until_a_person_releases_it_in_spite_of_it(world, monkeypatch):
    confirm(world, simple("SO-1"))
    edit(world, "SO-1", note="credited")
    read = DearClient.read_sale
    note = CreditNote(status=StageStatus.AUTHORISED)

    def credited(self, sale_id):
        return read(self, sale_id).model_copy(update={"credit_notes": (note,)})

    monkeypatch.setattr(DearClient, "read_sale", credited)
    invoice(world)
    held = world.order("SO-1")
    before = bodies(world, "invoice")

    world.orders.save_order(held.released(world.clock.now()))
    invoice(world)

    assert (held.status, held.reason.code, before) == (OrderStatus.HELD, "credit_note", [])
    assert world.order("SO-1").status is OrderStatus.INVOICED


def test_a_sale_voided_after_the_goods_left_is_held_and_never_invoiced(world):
    confirm(world, simple("SO-1"))
    world.clock.sleep(60)
    world.dear.control("sales/SO-1/void", {})

    world.tick(Step.CREATE_INVOICES)
    before_the_list = world.order("SO-1")
    world.orders.save_order(before_the_list.released(world.clock.now()))
    invoice(world)

    assert (before_the_list.status, before_the_list.reason.code) == (OrderStatus.HELD, "voided_too_late")
    assert world.order("SO-1").status is OrderStatus.HELD
    assert bodies(world, "invoice") == []


def test_a_draft_that_a_person_began_is_left_alone_and_reported(world):
    confirm(world, simple("SO-1"))
    world.dear.control("sales/SO-1/invoice", {"status": "DRAFT"})

    invoice(world)

    order = world.order("SO-1")
    assert (order.status, order.reason.code, order.queue) == (OrderStatus.CONFIRMED, "invoiced_already", None)
    assert "as a draft with INV-00001" in order.reason.text
    assert bodies(world, "invoice") == []


def test_a_total_that_dear_refuses_is_held_with_both_numbers_and_nothing_is_forced(world):
    confirm(world, simple("SO-1"))
    text = json.dumps([{"ErrorCode": 400, "Exception": "Product 'MUG-RED': Total 20 is wrong, it should be 19.99"}])
    world.dear.fault(method="POST", path=".*/sale/invoice$", kind="status", status=400, body=text)

    invoice(world)

    order = world.order("SO-1")
    assert (order.status, order.reason.code) == (OrderStatus.HELD, "invoice_refused")
    assert "it should be 19.99. Ours: 2 MUG-RED at 10 less 0% is 20" in order.reason.text
    assert "the invoice 22" in order.reason.text
    assert bodies(world, "invoice") == []


def test_an_invoice_whose_answer_was_lost_is_found_by_its_marker_and_carries_the_charges_once(world):
    world.settings["invoice_memo"] = "For {order_number}: {marker}"
    confirm(world, advanced("SO-9", fulfilment("DRAFT", ("MUG-RED", 1)), fulfilment("DRAFT", ("MUG-BLUE", 2)),
                            charges=[{"description": "Freight", "price": 5}]))  # fmt: skip
    world.dear.fault(method="POST", path=".*/sale/invoice$", kind="timeout_after")

    world.settle()

    made = bodies(world, "invoice")
    assert sorted(body["LinkedFulfillmentNumber"] for body in made) == ["1", "2"]
    assert sorted(len(body["AdditionalCharges"]) for body in made) == [0, 1]
    assert {world.order(f"SO-9.{number}").status for number in (1, 2)} == {OrderStatus.INVOICED}


def test_an_order_that_is_confirmed_in_parts_is_invoiced_part_by_part_to_the_sales_own_total(world):
    world.seed({**advanced("SO-9", charges=[{"description": "Freight", "price": 5}]), "fulfilments": []})
    world.tick()
    shipped(world, "S-1", ("1", "MUG-RED", "1"), final=False)
    world.settle()
    first = world.order("SO-9")
    shipped(world, "S-2", ("1", "MUG-RED", "2"), ("2", "MUG-BLUE", "2"), final=True)
    world.settle()

    made = bodies(world, "invoice")
    assert (first.status, first.invoice_number) == (OrderStatus.PART_SHIPPED, "INV-00001")
    assert [(body["LinkedFulfillmentNumber"], body["Memo"]) for body in made] == [
        ("1", "Crossdock SO-9/1"),
        ("2", "Crossdock SO-9/2"),
    ]
    assert [len(body["AdditionalCharges"]) for body in made] == [1, 0]
    order = world.order("SO-9")
    assert (order.status, order.invoice_number) == (OrderStatus.INVOICED, "INV-00001, INV-00002")
    assert {each.status for each in world.orders.shipments_of_order(order)} == {ShipmentStatus.INVOICED}
    asked = sum(Decimal(str(each["total"])) for each in world.dear.ledger("invoice"))
    assert asked == order.content.total


def test_with_invoicing_off_the_order_ends_confirmed_and_asks_dear_nothing(world):
    world.settings["invoice"] = "off"
    confirm(world, simple("SO-1"))
    before = len(world.dear.control("calls", method="GET")["calls"])

    world.tick(Step.CREATE_INVOICES)

    order = world.order("SO-1")
    assert (order.status, order.queue, order.timeline[-1].event) == (OrderStatus.CONFIRMED, None, "not invoiced")
    assert len(world.dear.control("calls", method="GET")["calls"]) == before
