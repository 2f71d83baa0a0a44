"""The example bodies, read; and the ways in which the wire is known to differ from them."""

from datetime import date
from decimal import Decimal

import pytest

from crossdock.dear import reading, wire, wire_lists
from crossdock.domain.errors import Interrupted, NeedsPerson
from crossdock.domain.sale import SaleType, StageStatus

CALL = "GET /sale"


@pytest.fixture
def sale_body(example):
    return example("get_sale")


def read_rows(body):
    return reading.sale_rows(reading.parsed(wire_lists.RowPage, "GET /saleList", body).sale_list)[0]


def test_the_rows_of_the_list(example):
    first, second = read_rows(example("get_saleList"))

    assert (first.sale_id, first.order_number) == ("6293be2d-46eb-5755-9a31-0932ee273016", "SO-00533")
    assert (first.type, second.type) == (SaleType.ADVANCED, SaleType.SIMPLE)
    assert (first.status, second.status) == ("ORDERED", "BACKORDERED")
    assert first.updated == "2025-12-27T05:20:22.826Z"
    assert first.order_date == date(2025, 12, 27)
    assert (first.picking, first.packing, first.shipping, first.invoicing) == (
        "PICKED",
        "PACKED",
        "SHIPPING",
        "INVOICED",
    )
    assert first.location_id == "aa1d3dd8-caa4-51ff-8660-4b3a77587907"


def test_the_head_of_the_sale(sale_body):
    sale = reading.sale(CALL, sale_body)

    assert (sale.sale_id, sale.order_number) == ("3a7622a5-ba80-56f0-af16-edc8c7b295a7", "SO-00468")
    assert (sale.type, sale.status, sale.order_status) == (SaleType.ADVANCED, "ORDERED", "AUTHORISED")
    assert (sale.order_date, sale.ship_by) == (date(2026, 1, 25), date(2026, 2, 27))
    assert (sale.location, sale.carrier, sale.terms) == ("Quayside Depot", "by sea", "45 days")
    assert (sale.currency, sale.currency_rate, sale.tax_inclusive) == ("NOK", 1, False)
    assert sale.ship_to.display == ("18 Tannery Row Smithy Court Osterdock", "Fjellvik VST 4417")
    assert (sale.ship_to.company, sale.ship_to.contact) == ("ORRIS - Garden Yarrow Guild", "Ivar Tveit")
    assert (sale.memo, sale.shipping_notes, sale.customer_reference) == (None, None, None)
    assert sale.attributes == {}
    assert sale.updated == "2026-02-19T12:27:58.45Z"
    assert sale.total == 174


def test_the_lines_and_charges_of_the_sale(sale_body):
    sale = reading.sale(CALL, sale_body)

    (line,) = sale.lines
    assert (line.sku, line.quantity, line.price, line.tax_rule) == ("TEA-250", 3, 58, "Output VAT")
    assert (line.weight, line.weight_unit, line.comment, line.drop_ship) == (None, None, None, False)
    (charge,) = sale.charges
    assert (charge.quantity, charge.price, charge.total) == (3, Decimal("2537.5"), Decimal("7612.5"))


def test_the_amounts_read_add_up(sale_body):
    sale = reading.sale(CALL, sale_body)

    rows = (*sale.lines, *sale.charges)
    assert [row.quantity * row.price for row in rows] == [row.total for row in rows]
    assert sale.invoices[0].total == sum(row.total for row in rows)


def test_the_fulfilments_of_the_sale(sale_body, example):
    (within,) = reading.sale(CALL, sale_body).fulfilments
    (alone,) = reading.fulfilments(
        reading.parsed(wire.FulfilmentsOfSale, CALL, example("get_sale_fulfilment")).fulfilments
    )

    assert within == alone
    assert (within.task_id, within.number) == ("a7a8d2d4-0014-5d3c-8b4a-ecd66f172d8d", 1)
    assert (within.pick, within.pack, within.ship) == (
        StageStatus.DRAFT,
        StageStatus.NOT_AVAILABLE,
        StageStatus.NOT_AVAILABLE,
    )
    (picked,), (packed,), (shipped,) = within.pick_lines, within.pack_lines, within.ship_lines
    assert (picked.location, picked.batch, picked.expires_on, picked.box) == (
        "Quayside Depot",
        "LOT-0426-B",
        date(2026, 2, 27),
        None,
    )
    assert packed.box == "Carton A"
    assert (shipped.boxes, shipped.carrier, shipped.tracking_number) == (("Carton A",), "Nordbud Parcel", None)
    assert (shipped.shipped_on, shipped.shipped) == (date(2026, 2, 19), True)
    assert within.linked_invoice == "INV-00731"


def test_the_answer_to_a_new_fulfilment_shows_every_task(example):
    first, second = reading.fulfilments(
        reading.parsed(wire.FulfilmentsOfSale, CALL, example("post_sale_fulfilment")).fulfilments
    )

    assert (first.pick, second.pick) == (StageStatus.AUTHORISED, StageStatus.DRAFT)
    assert (second.number, second.linked_invoice, second.pick_lines) == (2, None, ())


def test_the_invoices_of_the_sale(sale_body, example):
    (within,) = reading.sale(CALL, sale_body).invoices
    (alone,) = reading.invoices(reading.parsed(wire.InvoicesOfSale, CALL, example("get_sale_invoice")).invoices)

    assert (within.task_id, within.number) == ("679bbbd3-8b0a-5424-8a81-a2419aaaee93", "INV-00731")
    assert (within.status, alone.status) == (StageStatus.AUTHORISED, StageStatus.DRAFT)
    assert (alone.memo, alone.linked_fulfilment) == ("", "1")
    assert (within.total, alone.total) == (Decimal("7786.5"), 0)


@pytest.mark.parametrize("stage", ["pick", "pack"])
def test_a_stage_read_on_its_own(example, stage):
    found = reading.parsed(wire.Stage, CALL, example(f"get_sale_fulfilment_{stage}"))

    assert [(line.sku, line.quantity) for line in found.lines] == [("TEA-250", 3)]


def test_a_ship_stage_read_on_its_own(example):
    found = reading.parsed(wire.ShipStage, CALL, example("get_sale_fulfilment_ship"))

    assert [line.boxes for line in found.lines] == ["Carton A"]


def test_the_rows_of_availability(example):
    page = reading.parsed(wire_lists.AvailabilityPage, CALL, example("get_ref_productavailability"))

    row = reading.availability_row(page.product_availability_list[3])
    assert (row.sku, row.location) == ("cup 4", "Quayside Depot")
    assert (row.on_hand, row.allocated, row.available) == (0, 15, 6)
    assert (row.bin, row.batch) == (None, None)


def test_the_answers_about_adjustments(example):
    listed = reading.parsed(wire_lists.AdjustmentPage, CALL, example("get_stockadjustmentList"))

    assert [row.status for row in listed.stock_adjustment_list] == ["COMPLETED", "COMPLETED", "DRAFT"]
    assert reading.parsed(wire.Written, CALL, example("get_stockadjustment")).status == "COMPLETED"
    assert reading.parsed(wire.Written, CALL, example("post_stockadjustment")).status == "DRAFT"


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

    assert sale.sale_id == "3a7622a5-ba80-56f0-af16-edc8c7b295a7"
    assert sale.lines[0].product_id == ""


@pytest.mark.parametrize("written", ["2026-02-27", "2026-02-27T00:00:00", "2026-02-27T23:59:59.9999999Z"])
def test_a_document_date_is_never_shifted(sale_body, written):
    sale_body["ShipBy"] = written

    assert reading.sale(CALL, sale_body).ship_by == date(2026, 2, 27)


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00", "27/02/2026", 5])
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
    rows = example("get_saleList")
    rows["SaleList"][0]["Type"] = sale_body["Type"] = "Subscription Sale"

    with pytest.raises(NeedsPerson, match="Subscription Sale"):
        reading.sale(CALL, sale_body)

    assert len(read_rows(rows)) == 2


@pytest.mark.parametrize("value", [None, "", " ", {}])
def test_a_row_without_a_number_goes_by_its_id(example, value):
    found = reading.parsed(wire_lists.RowPage, "GET /saleList", example("get_saleList")).sale_list
    found[1]["OrderNumber"] = value

    rows, refused = reading.sale_rows(found)

    assert refused == ()
    assert rows[1].order_number == rows[1].sale_id


@pytest.mark.parametrize("value", [None, "", " ", {}])
def test_a_row_without_an_id_is_refused_by_its_place_and_field(example, value):
    found = reading.parsed(wire_lists.RowPage, "GET /saleList", example("get_saleList")).sale_list
    found[1]["SaleID"] = value

    rows, refused = reading.sale_rows(found)

    assert len(rows) == 1
    assert "row 2 of the page" in refused[0]
    assert "saleid" in refused[0]


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
