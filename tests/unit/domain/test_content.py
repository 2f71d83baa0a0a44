"""Which of DEAR's fields the warehouse is told, by the settings."""

from decimal import Decimal

import pytest

from crossdock.domain.content import content_of
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.sale import CreditNote, Invoice, StageStatus
from crossdock.domain.settings import Settings
from tests.unit.builders import charge, sale

FULL = {
    "memo": "of the order", "quote_memo": "of the quote", "source_channel": "Shopify", "default_account": "200",
    "sales_representative": "Kim", "carrier": "DHL Express", "attributes": {"AdditionalAttribute3": "Overnight"},
}  # fmt: skip


def invoice(status=StageStatus.AUTHORISED, memo="of the invoice", *charges):
    return Invoice(task_id="t", number="INV-1", status=status, memo=memo, linked_fulfilment=None, charges=charges)


def booked(account, description):
    return charge().model_copy(update={"account": account, "description": description})


def content(settings=None, **changes):
    return content_of(sale(**{**FULL, **changes}), Settings(**(settings or {})), None, ())


@pytest.mark.parametrize(
    ("notes_from", "told"),
    [
        ("order_memo", "of the order"),
        ("quote_memo", "of the quote"),
        ("invoice_memo", "of the invoice"),
        ("credit_note_memo", "of the credit note"),
    ],
)
def test_the_notes_are_the_memo_that_the_settings_name(notes_from, told):
    notes = (CreditNote(status=StageStatus.VOIDED, memo="gone"),
             CreditNote(status=StageStatus.AUTHORISED, memo="of the credit note"))  # fmt: skip
    invoices = (invoice(StageStatus.VOIDED, "gone"), invoice())

    assert content({"notes_from": notes_from}, invoices=invoices, credit_notes=notes).notes == told


def test_a_memo_that_is_not_there_leaves_the_notes_blank():
    assert content({"notes_from": "invoice_memo"}).notes is None


@pytest.mark.parametrize(("source_from", "told"), [("channel", "Shopify"), ("account", "200"), ("sales_rep", "Kim")])
def test_the_source_is_what_the_settings_name(source_from, told):
    made = content({"source_from": source_from})

    assert (made.source, made.channel) == (told, "Shopify")


@pytest.mark.parametrize("source_from", ["account", "sales_rep"])
def test_a_blank_source_falls_back_to_the_channel(source_from):
    assert content({"source_from": source_from}, default_account=None, sales_representative=None).source == "Shopify"


@pytest.mark.parametrize(
    ("settings", "changes", "told"),
    [
        ({}, {}, "DHL Express"),
        ({"ship_method_from": "carrier"}, {}, "DHL Express"),
        ({"ship_method_from": "none"}, {}, None),
        ({"ship_method_from": "additional_attribute_3"}, {}, "Overnight"),
        ({"ship_method_from": "additional_attribute_4"}, {}, None),
        ({"shipping_accounts": ["270"]}, {"charges": (booked("270", "Air Freight"),)}, "Air Freight"),
        ({"shipping_accounts": ["270"]}, {"charges": (booked("400", "Gift Wrap"),)}, "DHL Express"),
        ({"shipping_accounts": ["270"]}, {"charges": (booked(None, "Air Freight"),)}, "DHL Express"),
    ],
)
def test_the_ship_method_is_read_where_the_settings_say(settings, changes, told):
    made = content(settings, **changes)

    assert (made.ship_method, made.ship_method_raw) == (told, told)


def test_an_invoices_charge_is_read_before_the_orders():
    invoices = (
        invoice(StageStatus.VOIDED, "", booked("270", "Gone")),
        invoice(StageStatus.DRAFT, "", booked("270", "Sea")),
    )

    made = content({"shipping_accounts": ["270"]}, invoices=invoices, charges=(booked("270", "Air"),))

    assert made.ship_method == "Sea"


def test_a_mapped_ship_method_keeps_dears_own_text_beside_it():
    made = content({"ship_method_from": "additional_attribute_3", "ship_methods": {"Overnight": "ON"}})

    assert (made.ship_method, made.carrier, made.ship_method_raw) == ("ON", "ON", "Overnight")


def test_an_unmapped_ship_method_is_held_or_passed_by_the_setting():
    with pytest.raises(NeedsPerson) as held:
        content({"ship_methods": {"Other": "X"}})

    passed = content({"ship_methods": {"Other": "X"}, "unmapped_ship_method": "pass"})

    assert held.value.code == "unmapped_ship_method"
    assert passed.ship_method == "DHL Express"


def test_the_total_is_the_sales_own_for_a_whole_sale_and_the_lines_for_a_fulfilment():
    whole = content_of(sale(), Settings(), None, ())
    part = content_of(sale(), Settings(), 2, ())

    assert (whole.total, part.total) == (Decimal("22.00"), Decimal(0))
    assert part.order_number == "SO-00001.2"
