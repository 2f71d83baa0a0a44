"""Every answer that DEAR documents for a call we make reads whole.

The bodies in `examples` have the fields, types and oddities of the blueprint's examples, named by method and
path; their texts, numbers, dates and ids are made up, and sums that add up there add up here. Lists that repeat
are cut to four entries. A name that ends in `_request` is a body that is sent, which `test_writing.py` reads.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crossdock.dear import exact_json, reading, wire, wire_lists
from crossdock.dear.bills import bill_of
from crossdock.domain.planning import Plan, plan_sale
from crossdock.domain.sale import Sale
from crossdock.domain.settings import Settings

EXAMPLES = Path(__file__).parent / "examples"
PRODUCT = "0cd13ec7-4b6d-513e-ae9d-02e2ef1761b9"
"""The id of the product in the example of the list of products."""


def shape(of: Any) -> Callable[[Any], Any]:
    return lambda body: reading.parsed(of, "GET", body)


def read_rows(body: Any) -> list[Any]:
    rows, _refused = reading.sale_rows(reading.parsed(wire_lists.RowPage, "GET /saleList", body).sale_list)
    return list(rows)


def read_availability(body: Any) -> list[Any]:
    page = reading.parsed(wire_lists.AvailabilityPage, "GET", body)
    return [reading.availability_row(row) for row in page.product_availability_list]


def read_fulfilments(body: Any) -> list[Any]:
    return list(reading.fulfilments(reading.parsed(wire.FulfilmentsOfSale, "GET", body).fulfilments))


def read_invoices(body: Any) -> list[Any]:
    return list(reading.invoices(reading.parsed(wire.InvoicesOfSale, "GET", body).invoices))


def read_bill(body: Any) -> Any:
    """The bill of the example's product: it has one component."""
    return bill_of(PRODUCT, reading.parsed(wire_lists.ProductPage, "GET /product", body))


def read_sale(body: Any) -> Sale:
    return reading.sale("GET /sale", body)


READERS: dict[str, Callable[[Any], Any]] = {
    "get_me": shape(wire_lists.Company),
    "get_product": read_bill,
    "get_ref_account": lambda body: shape(wire_lists.AccountPage)(body).accounts_list,
    "get_ref_location": lambda body: shape(wire_lists.LocationPage)(body).location_list,
    "get_ref_paymentterm": lambda body: shape(wire_lists.TermPage)(body).payment_term_list,
    "get_ref_productavailability": read_availability,
    "get_ref_tax": lambda body: shape(wire_lists.TaxPage)(body).tax_rule_list,
    "get_sale": read_sale,
    "get_saleList": read_rows,
    "get_sale_fulfilment": read_fulfilments,
    "get_sale_fulfilment_pack": shape(wire.Stage),
    "get_sale_fulfilment_pick": shape(wire.Stage),
    "get_sale_fulfilment_ship": shape(wire.ShipStage),
    "get_sale_invoice": read_invoices,
    "get_sale_order": shape(wire.OrderPart),
    "get_stockadjustment": shape(wire.Written),
    "get_stockadjustmentList": lambda body: shape(wire_lists.AdjustmentPage)(body).stock_adjustment_list,
    "post_sale_fulfilment": read_fulfilments,
    "post_sale_fulfilment_pack": shape(wire.Written),
    "post_sale_fulfilment_ship": shape(wire.Written),
    "post_stockadjustment": shape(wire.Written),
}
"""How the client reads each answer. An answer that is the same for several methods stands once."""

LISTS = {
    "get_ref_account": "AccountsList",
    "get_ref_location": "LocationList",
    "get_ref_paymentterm": "PaymentTermList",
    "get_ref_productavailability": "ProductAvailabilityList",
    "get_ref_tax": "TaxRuleList",
    "get_saleList": "SaleList",
    "get_sale_fulfilment": "Fulfilments",
    "get_sale_invoice": "Invoices",
    "get_stockadjustmentList": "StockAdjustmentList",
    "post_sale_fulfilment": "Fulfilments",
}


@cache
def example(name: str) -> Any:
    """The body as the transport reads it; a test that changes it makes its own copy."""
    return exact_json.read((EXAMPLES / f"{name}.json").read_bytes())


def test_every_example_of_an_answer_has_a_reader():
    answers = {path.stem for path in EXAMPLES.glob("*.json") if not path.stem.endswith("_request")}

    assert answers == set(READERS)


@pytest.mark.parametrize("name", READERS)
def test_an_example_body_reads(name):
    assert READERS[name](example(name))


@pytest.mark.parametrize(("name", "rows"), LISTS.items())
def test_no_row_of_an_example_is_left_out(name, rows):
    assert len(READERS[name](example(name))) == len(example(name)[rows])


@pytest.mark.parametrize("name", [name for name in READERS if name.endswith(("pick", "pack", "ship"))])
def test_every_stage_tells_its_status(name):
    body = example(name)

    assert reading.parsed(wire.Written, "POST", body).status == body["Status"]


def test_the_parts_of_a_sale_read_alike_within_it_and_on_their_own():
    sale = read_sale(example("get_sale"))
    order = READERS["get_sale_order"](example("get_sale_order"))

    assert list(sale.fulfilments) == read_fulfilments(example("get_sale_fulfilment"))
    assert [line.sku for line in sale.lines] == [line.sku for line in order.lines]


def test_the_whole_sale_is_read_without_a_field_that_is_dropped_on_the_way():
    body = example("get_sale")

    sale = read_sale(body)

    assert (len(sale.lines), len(sale.charges)) == (
        len(body["Order"]["Lines"]),
        len(body["Order"]["AdditionalCharges"]),
    )
    assert (len(sale.invoices), len(sale.credit_notes)) == (len(body["Invoices"]), len(body["CreditNotes"]))
    assert (sale.customer, sale.email, sale.carrier) == (body["Customer"], body["Email"], body["Carrier"])
    assert sale.ship_to.display == (
        body["ShippingAddress"]["DisplayAddressLine1"],
        body["ShippingAddress"]["DisplayAddressLine2"],
    )


def test_the_bill_of_a_product_has_each_of_its_components():
    bill = read_bill(example("get_product"))

    (product,) = example("get_product")["Products"]
    assert [component.sku for component in bill.components] == [
        line["ProductCode"] for line in product["BillOfMaterialsProducts"]
    ]


def test_the_example_sale_becomes_one_order_of_what_it_orders():
    sale = read_sale(example("get_sale"))

    plan = plan_sale(sale, Settings(sale_statuses="any", unmapped_ship_method="pass"))

    assert isinstance(plan, Plan)
    (order,) = plan.orders
    assert [(line.sku, line.quantity) for line in order.content.lines] == [
        (line.sku, line.quantity) for line in sale.lines
    ]


@pytest.mark.parametrize("raw", ["\n", "\t", "\r\n"])
def test_a_line_break_that_stands_raw_within_a_text_is_read(raw):
    body = (EXAMPLES / "get_sale.json").read_text()
    note = body.replace('"ShippingNotes": ""', f'"ShippingNotes": "Ring the bell,{raw}then wait"', 1)

    assert read_sale(exact_json.read(note.encode())).shipping_notes == f"Ring the bell,{raw}then wait"


def test_half_a_character_reads_as_a_question_mark_that_can_be_stored_and_sent():
    body = (EXAMPLES / "get_sale.json").read_text()
    halved = body.replace('"ShippingNotes": ""', '"ShippingNotes": "to the \\ud83c shop"', 1)

    assert read_sale(exact_json.read(halved.encode())).shipping_notes == "to the ? shop"
