"""The bodies of the writes, held against request examples that have the blueprint's fields."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crossdock.dear import exact_json, writing
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.inventory import Adjustment, AdjustmentLine
from crossdock.domain.invoicing import NEW_TASK, InvoiceDraft, InvoiceLine
from crossdock.domain.sale import Charge, ShipLine, StageLine

TASK = "a7a8d2d4-0014-5d3c-8b4a-ecd66f172d8d"
TEA = StageLine(
    product_id="38beb810-9f6f-5459-b053-fbf978bec621",
    sku="TEA-250",
    name="Black tea, loose",
    quantity=Decimal(3),
    location="Quayside Depot",
    batch="LOT-0426-B",
    expires_on=date(2026, 2, 27),
)
SHIPPED = ShipLine(
    shipped_on=date(2026, 2, 19),
    carrier="Nordbud Parcel",
    boxes=("Carton A",),
    tracking_number="1Z999",
    tracking_url="https://track.example/1Z999",
)


def draft(**changes):
    line = InvoiceLine(
        product_id="38beb810-9f6f-5459-b053-fbf978bec621",
        sku="TEA-250",
        name="Black tea, loose",
        quantity=Decimal(3),
        price=Decimal(58),
        discount=Decimal(0),
        tax=Decimal(0),
        total=Decimal(174),
        tax_rule="Output VAT",
        comment="spring",
    )
    charge = Charge(
        description="Delivery",
        quantity=Decimal(3),
        price=Decimal("2537.5"),
        discount=Decimal(0),
        tax=Decimal(0),
        total=Decimal("7612.5"),
        tax_rule="Output VAT",
        comment="by van",
    )
    fields = {
        "sale_id": "3a7622a5-ba80-56f0-af16-edc8c7b295a7",
        "task_id": NEW_TASK,
        "memo": "Crossdock SO-00468.1",
        "authorise": False,
        "invoice_date": date(2026, 2, 19),
        "due_date": date(2026, 3, 21),
        "linked_fulfilment": "1",
        "currency_rate": Decimal(1),
        "bill_line1": "18 Tannery Row Smithy Court Osterdock",
        "bill_line2": "Fjellvik VST 4417",
        "lines": (line,),
        "charges": (charge,),
    }
    return InvoiceDraft(**(fields | changes))


def test_a_pick_is_written_as_the_example_is_but_for_the_locations_id(example):
    expected = example("post_sale_fulfilment_pick_request")
    del expected["Lines"][0]["LocationID"]

    assert writing.pick(TASK, [TEA]) == expected


def test_a_pack_names_the_box_of_every_line(example):
    expected = example("post_sale_fulfilment_pack_request")
    for name in ("LocationID", "WarrantyRegistrationNumber"):
        del expected["Lines"][0][name]

    assert writing.pack(TASK, [TEA.model_copy(update={"box": "Carton A"})]) == expected


def test_what_a_stage_line_does_not_have_is_left_out():
    line = StageLine(product_id="", sku="TEA-250", name="Black tea, loose", quantity=Decimal("0.5"))

    (written,) = writing.pick(TASK, [line])["Lines"]

    assert written == {"SKU": "TEA-250", "Name": "Black tea, loose", "Quantity": Decimal("0.5")}


def test_a_ship_touches_neither_the_address_nor_the_required_date(example):
    given = example("post_sale_fulfilment_ship_request")

    body = writing.ship(TASK, [SHIPPED])

    assert set(given) - set(body) == {"RequireBy", "ShippingAddress", "ShippingNotes"}
    assert body["Lines"][0] == given["Lines"][0] | {
        "TrackingNumber": "1Z999",
        "TrackingURL": "https://track.example/1Z999",
    }


def test_boxes_that_left_together_are_one_line_with_commas():
    body = writing.ship(TASK, [SHIPPED.model_copy(update={"boxes": ("A", "B")})])

    assert body["Lines"][0]["Box"] == "A,B"


def test_a_box_with_a_comma_in_its_name_is_refused_before_anything_is_packed():
    with pytest.raises(NeedsPerson, match="comma"):
        writing.pack(TASK, [TEA.model_copy(update={"box": "A,B"})])


def test_a_tracking_address_too_long_for_dear_is_left_out():
    body = writing.ship(TASK, [SHIPPED.model_copy(update={"tracking_url": "https://t.example/" + "x" * 500})])

    assert "TrackingURL" not in body["Lines"][0]


def test_an_invoice_has_the_examples_fields_but_for_the_accounts(example):
    given = example("post_sale_invoice_request")

    body = writing.invoice(draft())

    assert set(body) == set(given)
    assert set(body["Lines"][0]) == set(given["Lines"][0]) - {"Account"}
    assert set(body["AdditionalCharges"][0]) == set(given["AdditionalCharges"][0]) - {"Account"}
    assert (body["CombineAdditionalCharges"], body["Status"], body["TaskID"]) == (False, "DRAFT", NEW_TASK)
    assert (body["InvoiceDate"], body["InvoiceDueDate"]) == (given["InvoiceDate"], given["InvoiceDueDate"])


def test_an_invoice_is_authorised_and_unlinked_where_the_draft_says_so():
    body = writing.invoice(draft(authorise=True, linked_fulfilment=None, charges=()))

    assert body["Status"] == "AUTHORISED"
    assert "LinkedFulfillmentNumber" not in body
    assert body["AdditionalCharges"] == []


@pytest.mark.parametrize(
    ("rate", "written"), [("1.25000", Decimal("1.25")), ("0.0137", Decimal("0.0137")), ("0.00006", None), (None, None)]
)
def test_a_rate_that_does_not_fit_an_invoice_is_left_out_and_never_rounded(rate, written):
    body = writing.invoice(draft(currency_rate=Decimal(rate) if rate else None))

    assert body.get("CurrencyConversionRate") == written


def test_an_adjustment_sets_absolute_quantities_and_carries_its_marker(example):
    line = AdjustmentLine(
        sku="CUP9",
        location="Quayside Depot",
        quantity=Decimal(1800),
        before=Decimal(1803),
        unit_cost=Decimal("7.50"),
        why="w" * 300,
    )
    wanted = Adjustment(
        marker="Crossdock stock 7",
        account="7300",
        effective_on=datetime(2026, 2, 28, 18, 30, tzinfo=UTC),
        set_on_hand=True,
        lines=(line,),
    )

    body = writing.adjustment(wanted)

    given = example("post_stockadjustment_request")
    assert set(body) - set(given) == {"UpdateOnHand"}
    assert set(body["Lines"][0]) <= set(given["Lines"][0])
    assert body["EffectiveDate"] == given["EffectiveDate"]
    assert (body["Status"], body["UpdateOnHand"], body["Reference"]) == ("COMPLETED", True, "Crossdock stock 7")
    assert (body["Lines"][0]["Quantity"], body["Lines"][0]["UnitCost"]) == (1800, Decimal("7.50"))
    assert body["Lines"][0]["Comments"] == "w" * 256


def test_every_body_is_json_with_exact_numbers():
    bodies = [
        writing.pick(TASK, [TEA.model_copy(update={"quantity": Decimal("0.1")})]),
        writing.invoice(draft()),
    ]

    assert [exact_json.read(exact_json.written(body).encode()) for body in bodies] == bodies


def test_a_number_that_json_does_not_have_is_never_written():
    with pytest.raises(ValueError, match="no number"):
        exact_json.written({"Quantity": Decimal("NaN")})
