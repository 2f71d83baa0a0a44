"""`/sale`: the document, how it may be asked for, voiding and undoing."""

import pytest

from tests.sandbox.dear.client import DearClient, billed, invoice

CHARGED = {
    "order_number": "SO-9",
    "lines": [{"sku": "BREAD", "quantity": 3, "price": 8, "discount": 10}],
    "charges": [{"description": "Freight", "price": 12.5, "tax_rule": "Tax Exempt"}],
}


def test_totals_and_taxes_are_computed(dear: DearClient) -> None:
    (sale_id,) = dear.seed(sales=[CHARGED])

    order = dear.sale(sale_id)["Order"]

    assert (order["Lines"][0]["Total"], order["Lines"][0]["Tax"]) == (21.6, 2.16)
    assert (order["TotalBeforeTax"], order["Tax"], order["Total"]) == (34.1, 2.16, 36.26)


def test_an_inclusive_sale_has_its_tax_within_the_total(dear: DearClient) -> None:
    (sale_id,) = dear.seed(sales=[{"lines": [{"sku": "BREAD", "price": 11}], "tax_calculation": "Inclusive"}])

    order = dear.sale(sale_id)["Order"]

    assert (order["TotalBeforeTax"], order["Tax"], order["Total"]) == (10, 1, 11)


def test_charges_can_be_shown_as_lines_without_a_product(dear: DearClient) -> None:
    (sale_id,) = dear.seed(sales=[CHARGED])

    order = dear.get("/sale", ID=sale_id, CombineAdditionalCharges="true")["Order"]

    assert [line["Name"] for line in order["Lines"]] == ["Baked Bread", "Freight"]
    assert order["Lines"][1]["ProductID"] == "00000000-0000-0000-0000-000000000000"
    assert order["AdditionalCharges"] == []


@pytest.mark.parametrize(("form", "expected"), [("Regular", "United States"), ("Code2", "US"), ("Code", "USA")])
def test_countries_come_as_names_or_codes(dear: DearClient, simple: str, form: str, expected: str) -> None:
    sale = dear.get("/sale", ID=simple, CountryFormat=form)

    assert sale["ShippingAddress"]["Country"] == expected
    assert sale["Fulfilments"][0]["Ship"]["ShippingAddress"]["Country"] == expected


def test_lines_carry_the_weight_of_their_product(dear: DearClient, simple: str) -> None:
    line = dear.sale(simple)["Order"]["Lines"][0]

    assert (line["ProductWeight"], line["WeightUnits"]) == (0.4, "kg")


def test_inventory_movements_can_be_hidden(dear: DearClient, simple: str) -> None:
    dear.picked(simple)

    shown = dear.sale(simple)["InventoryMovements"]
    hidden = dear.get("/sale", ID=simple, HideInventoryMovements="true")["InventoryMovements"]

    assert [movement["COGS"] for movement in shown] == [10, 2]
    assert hidden == []


def test_transactions_are_shown_on_request_only(dear: DearClient, simple: str) -> None:
    dear.post("/sale/invoice", invoice(simple, [billed("BREAD", 2)]))

    (booking,) = dear.get("/sale", ID=simple, IncludeTransactions="true")["Transactions"]

    assert (booking["Debit"], booking["Credit"], booking["Amount"]) == ("610", "200", 16)
    assert dear.sale(simple)["Transactions"] == []


def test_nothing_that_the_sandbox_keeps_for_itself_is_shown(dear: DearClient, simple: str) -> None:
    def keys(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value).union(*(keys(item) for item in value.values()))
        return set().union(*(keys(item) for item in value)) if isinstance(value, list) else set()

    shown = keys(dear.sale(simple)) | keys(dear.get("/saleList"))

    assert not [key for key in shown if key.startswith("_")]


def test_a_voided_sale_stays_listed_and_frees_what_it_held(dear: DearClient, simple: str) -> None:
    dear.picked(simple)

    dear.delete("/sale", ID=simple, Void="true")

    sale, (row,) = dear.sale(simple), dear.get("/saleList")["SaleList"]
    assert (sale["Status"], sale["Order"]["Status"], sale["CombinedPickingStatus"]) == ("VOIDED", "VOIDED", "VOIDED")
    assert row["Status"] == "VOIDED"
    assert (dear.available("BREAD")["OnHand"], dear.available("BREAD")["Allocated"]) == (100, 0)
    assert [entry["by"] for entry in dear.ledger("sale_void")] == ["api"]


def test_an_undone_sale_is_a_draft_order_again(dear: DearClient, simple: str) -> None:
    dear.delete("/sale", ID=simple)

    sale = dear.sale(simple)
    assert (sale["Status"], sale["Order"]["Status"], sale["Fulfilments"]) == ("ORDERING", "DRAFT", [])
    assert dear.available("BREAD")["Allocated"] == 0
