"""The blueprint's example bodies, read; and the ways in which the wire is known to differ from them."""

from datetime import date
from decimal import Decimal

import pytest

from crossdock.dear import reading, wire, wire_lists
from crossdock.domain.errors import Interrupted, NeedsPerson
from crossdock.domain.sale import SaleType, StageStatus

CALL = "GET /sale"


@pytest.fixture
def sale_body(example):
    return example("sale")


def read_rows(body):
    return reading.sale_rows(reading.parsed(wire_lists.RowPage, "GET /saleList", body).sale_list)[0]


def test_the_rows_of_the_list(example):
    first, second = read_rows(example("saleList"))

    assert (first.sale_id, first.order_number) == ("6222cb47-0e1e-450d-af6d-0cefcee9eef7", "SO-00092")
    assert (first.type, second.type) == (SaleType.ADVANCED, SaleType.SIMPLE)
    assert (first.status, second.status) == ("ORDERED", "BACKORDERED")
    assert first.updated == "2017-09-29T03:03:13.913Z"
    assert first.order_date == date(2017, 9, 29)
    assert (first.picking, first.packing, first.shipping, first.invoicing) == (
        "PICKED",
        "PACKED",
        "SHIPPING",
        "INVOICED",
    )
    assert first.location_id == "8b5d4343-c007-43d7-8e8f-6fa6c0d29f22"


def test_the_head_of_the_sale(sale_body):
    sale = reading.sale(CALL, sale_body)

    assert (sale.sale_id, sale.order_number) == ("916ab4c0-6ccb-4c93-873d-0603859050e4", "SO-00001")
    assert (sale.type, sale.status, sale.order_status) == (SaleType.ADVANCED, "ORDERED", "AUTHORISED")
    assert (sale.order_date, sale.ship_by) == (date(2017, 10, 28), date(2017, 11, 30))
    assert (sale.location, sale.carrier, sale.terms) == ("Main Warehouse", "test carrier", "30 days")
    assert (sale.currency, sale.currency_rate, sale.tax_inclusive) == ("RUB", 1, False)
    assert sale.ship_to.display == ("3 Park Street Industrial Village Southbank", "Melbourne VIC 3331")
    assert (sale.ship_to.company, sale.ship_to.contact) == ("DIISR - Small Business Services", "Sheree Bond")
    assert (sale.memo, sale.shipping_notes, sale.customer_reference) == (None, None, None)
    assert sale.attributes == {}
    assert sale.updated == "2017-11-22T10:10:49.75Z"
    assert sale.total == 8


def test_the_lines_and_charges_of_the_sale(sale_body):
    sale = reading.sale(CALL, sale_body)

    (line,) = sale.lines
    assert (line.sku, line.quantity, line.price, line.tax_rule) == ("Bread", 1, 8, "Tax on Sales")
    assert (line.weight, line.weight_unit, line.comment, line.drop_ship) == (None, None, None, False)
    (charge,) = sale.charges
    assert (charge.quantity, charge.price, charge.total) == (1, 350, 350)


def test_the_fulfilments_of_the_sale(sale_body, example):
    (within,) = reading.sale(CALL, sale_body).fulfilments
    (alone,) = reading.fulfilments(reading.parsed(wire.FulfilmentsOfSale, CALL, example("sale_fulfilment")).fulfilments)

    assert within == alone
    assert (within.task_id, within.number) == ("cde5fb4a-1dac-4e9a-bc33-5dfa14eedb57", 1)
    assert (within.pick, within.pack, within.ship) == (
        StageStatus.DRAFT,
        StageStatus.NOT_AVAILABLE,
        StageStatus.NOT_AVAILABLE,
    )
    (picked,), (packed,), (shipped,) = within.pick_lines, within.pack_lines, within.ship_lines
    assert (picked.location, picked.batch, picked.expires_on, picked.box) == (
        "Main Warehouse",
        "PO-00001-1",
        date(2017, 11, 30),
        None,
    )
    assert packed.box == "Box 1"
    assert (shipped.boxes, shipped.carrier, shipped.tracking_number) == (("Box 1",), "DEFAULT Carrier", None)
    assert (shipped.shipped_on, shipped.shipped) == (date(2017, 11, 22), True)
    assert within.linked_invoice == "INV-00001"


def test_the_answer_to_a_new_fulfilment_shows_every_task(example):
    first, second = reading.fulfilments(
        reading.parsed(wire.FulfilmentsOfSale, CALL, example("sale_fulfilment_post")).fulfilments
    )

    assert (first.pick, second.pick) == (StageStatus.AUTHORISED, StageStatus.DRAFT)
    assert (second.number, second.linked_invoice, second.pick_lines) == (2, None, ())


def test_the_invoices_of_the_sale(sale_body, example):
    (within,) = reading.sale(CALL, sale_body).invoices
    (alone,) = reading.invoices(reading.parsed(wire.InvoicesOfSale, CALL, example("sale_invoice")).invoices)

    assert (within.task_id, within.number) == ("b039f19e-66f8-4309-a4b1-abf928303c88", "INV-00001")
    assert (within.status, alone.status) == (StageStatus.AUTHORISED, StageStatus.DRAFT)
    assert (alone.memo, alone.linked_fulfilment) == ("", "1")
    assert (within.total, alone.total) == (358, 0)


@pytest.mark.parametrize("stage", ["pick", "pack"])
def test_a_stage_read_on_its_own(example, stage):
    found = reading.parsed(wire.Stage, CALL, example(f"sale_fulfilment_{stage}"))

    assert [(line.sku, line.quantity) for line in found.lines] == [("Bread", 1)]


def test_a_ship_stage_read_on_its_own(example):
    found = reading.parsed(wire.ShipStage, CALL, example("sale_fulfilment_ship"))

    assert [line.boxes for line in found.lines] == ["Box 1"]


def test_the_rows_of_availability(example):
    page = reading.parsed(wire_lists.AvailabilityPage, CALL, example("productavailability"))

    row = reading.availability_row(page.product_availability_list[3])
    assert (row.sku, row.location) == ("test product 4", "Main Warehouse")
    assert (row.on_hand, row.allocated, row.available) == (0, 5, 2)
    assert (row.bin, row.batch) == (None, None)


def test_the_answers_about_adjustments(example):
    listed = reading.parsed(wire_lists.AdjustmentPage, CALL, example("stockadjustmentList"))

    assert [row.status for row in listed.stock_adjustment_list] == ["COMPLETED", "COMPLETED", "DRAFT"]
    assert reading.parsed(wire.Written, CALL, example("stockadjustment")).status == "COMPLETED"
    assert reading.parsed(wire.Written, CALL, example("stockadjustment_post")).status == "DRAFT"


def test_numbers_and_flags_may_come_as_text(sale_body):
    sale_body |= {"SkipQuote": "false", "CurrencyRate": "1.25000"}
    sale_body["Order"]["Lines"][0] |= {"Quantity": "2.5", "DropShip": "True", "ProductWeight": "0.75"}
    sale_body["Order"]["Lines"][0]["WeightUnits"] = "kg"

    sale = reading.sale(CALL, sale_body)

    assert sale.currency_rate == Decimal("1.25000")
    assert (sale.lines[0].quantity, sale.lines[0].drop_ship) == (Decimal("2.5"), True)
    assert (sale.lines[0].weight, sale.lines[0].weight_unit) == (Decimal("0.75"), "kg")


def test_null_lists_and_objects_are_empty(sale_body):
    sale_body |= {"Fulfilments": None, "Invoices": None, "AdditionalAttributes": None, "ShippingAddress": None}
    sale_body["Order"] |= {"AdditionalCharges": None, "Lines": None}

    sale = reading.sale(CALL, sale_body)

    assert (sale.fulfilments, sale.invoices, sale.attributes, sale.lines, sale.charges) == ((), (), {}, (), ())
    assert sale.ship_to.display == ("", "")


def test_the_spellings_of_fulfilment_and_the_case_of_names_do_not_matter(sale_body):
    (task,) = sale_body.pop("Fulfilments")
    task["FulFilmentNumber"] = 7
    del task["FulfillmentNumber"]
    task["Ship"]["Lines"][0]["Box"] = "A, B"
    del task["Ship"]["Lines"][0]["Boxes"]
    sale_body["FulFillments"] = [task]

    (found,) = reading.sale(CALL, sale_body).fulfilments

    assert found.number == 7
    assert found.ship_lines[0].boxes == ("A", "B")


def test_identifiers_are_lower_case_and_the_empty_one_is_none(sale_body):
    sale_body["ID"] = sale_body["ID"].upper()
    sale_body["Order"]["Lines"][0]["ProductID"] = "00000000-0000-0000-0000-000000000000"

    sale = reading.sale(CALL, sale_body)

    assert sale.sale_id == "916ab4c0-6ccb-4c93-873d-0603859050e4"
    assert sale.lines[0].product_id == ""


@pytest.mark.parametrize("written", ["2017-11-30", "2017-11-30T00:00:00", "2017-11-30T23:59:59.9999999Z"])
def test_a_document_date_is_never_shifted(sale_body, written):
    sale_body["ShipBy"] = written

    assert reading.sale(CALL, sale_body).ship_by == date(2017, 11, 30)


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00", "30/11/2017", 5])
def test_a_date_that_is_none_reads_as_none(sale_body, written):
    sale_body["ShipBy"] = written

    assert reading.sale(CALL, sale_body).ship_by is None


def test_an_unknown_status_is_other_and_a_missing_one_not_available(sale_body):
    task = sale_body["Fulfilments"][0]
    task["Pick"]["Status"] = "Reticulated"
    task["Pack"]["Status"] = "authorized"
    del task["Ship"]

    (found,) = reading.sale(CALL, sale_body).fulfilments

    assert (found.pick, found.pack, found.ship) == (
        StageStatus.OTHER,
        StageStatus.AUTHORISED,
        StageStatus.NOT_AVAILABLE,
    )


def test_attributes_keep_their_names_and_blank_ones_are_left_out(sale_body):
    sale_body["AdditionalAttributes"] |= {
        "AdditionalAttribute1": "Gold",
        "AdditionalAttribute2": "  ",
        "AdditionalAttribute3": None,
        "AdditionalAttribute10": 5,
        "AdditionalAttribute11": "x",
    }

    assert reading.sale(CALL, sale_body).attributes == {"AdditionalAttribute1": "Gold", "AdditionalAttribute10": "5"}


def test_a_service_sale_is_known_by_its_flag_too(sale_body):
    sale_body |= {"Type": None, "ServiceOnly": "true"}

    assert reading.sale(CALL, sale_body).type is SaleType.SERVICE


def test_an_unknown_type_of_sale_waits_for_a_person_and_never_hides_the_list(sale_body, example):
    rows = example("saleList")
    rows["SaleList"][0]["Type"] = sale_body["Type"] = "Subscription Sale"

    with pytest.raises(NeedsPerson, match="Subscription Sale"):
        reading.sale(CALL, sale_body)

    assert len(read_rows(rows)) == 2


@pytest.mark.parametrize("name", ["SaleID", "OrderNumber"])
@pytest.mark.parametrize("value", [None, "", " ", {}])
def test_a_row_without_an_identity_is_refused_by_its_place_and_field(example, name, value):
    found = reading.parsed(wire_lists.RowPage, "GET /saleList", example("saleList")).sale_list
    found[1][name] = value

    rows, refused = reading.sale_rows(found)

    assert len(rows) == 1
    assert "row 2 of the page" in refused[0]
    assert name.lower() in refused[0]


@pytest.mark.parametrize("quantity", [None, "many", True, "NaN", "1e99", [1]])
def test_a_quantity_that_is_none_is_never_guessed(sale_body, quantity):
    sale_body["Order"]["Lines"][0]["Quantity"] = quantity

    with pytest.raises(Interrupted, match=r"order\.lines\.0\.quantity"):
        reading.sale(CALL, sale_body)


def test_what_cannot_be_read_is_named_and_not_shown(sale_body):
    sale_body["Order"]["Lines"][0]["Price"] = "someone@example.com"

    with pytest.raises(Interrupted) as caught:
        reading.sale(CALL, sale_body)

    assert "someone" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_sale_without_an_order_number_cannot_be_read(sale_body):
    sale_body["Order"]["SaleOrderNumber"] = ""

    with pytest.raises(Interrupted, match="order number"):
        reading.sale(CALL, sale_body)
