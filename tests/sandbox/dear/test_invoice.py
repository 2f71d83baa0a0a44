"""`/sale/invoice`: one on a simple sale, many on an advanced one, never above what was ordered."""

from typing import Any

import pytest

from tests.sandbox.dear.client import NEW_TASK, DearClient, billed, invoice

BREADS = billed("BREAD", 2)


def test_a_simple_sale_has_one_invoice_under_its_own_id(dear: DearClient, simple: str) -> None:
    answer = dear.post("/sale/invoice", invoice(simple, [BREADS]))

    (made,) = answer.body["Invoices"]
    assert (made["TaskID"], made["InvoiceNumber"], made["Status"]) == (simple, "INV-00001", "AUTHORISED")
    assert dear.sale(simple)["Status"] == "INVOICED"


@pytest.mark.parametrize("task_id", [NEW_TASK, "own"])
def test_both_ids_reach_the_draft_of_a_simple_sale(dear: DearClient, simple: str, task_id: str) -> None:
    dear.post("/sale/invoice", invoice(simple, [BREADS], Status="DRAFT", Memo="first"))

    again = invoice(simple, [billed("JAM", 1, 3.5)], simple if task_id == "own" else task_id, Status="DRAFT")
    (kept,) = dear.post("/sale/invoice", again).body["Invoices"]

    assert ([line["SKU"] for line in kept["Lines"]], kept["Memo"]) == (["JAM"], "first")


def test_a_simple_sale_that_is_invoiced_takes_no_second_invoice(dear: DearClient, simple: str) -> None:
    dear.post("/sale/invoice", invoice(simple, [billed("BREAD", 1)]))

    answer = dear.post("/sale/invoice", invoice(simple, [billed("BREAD", 1)]))

    assert "Status is AUTHORISED" in answer.refusal
    assert len(dear.ledger("invoice")) == 1


def test_an_advanced_sale_gets_a_new_invoice_with_every_zero_id(dear: DearClient, advanced: str) -> None:
    first = dear.post("/sale/invoice", invoice(advanced, [billed("BREAD", 1)])).body["Invoices"]

    both = dear.post("/sale/invoice", invoice(advanced, [billed("BREAD", 1)])).body["Invoices"]

    assert [made["InvoiceNumber"] for made in both] == ["INV-00001", "INV-00002"]
    assert len({made["TaskID"] for made in both} | {advanced}) == 3
    assert both[0] == first[0]


def test_invoices_together_never_exceed_the_order(dear: DearClient, advanced: str) -> None:
    dear.post("/sale/invoice", invoice(advanced, [billed("BREAD", 1)], Status="DRAFT"))

    answer = dear.post("/sale/invoice", invoice(advanced, [BREADS]))

    assert "invoiced Quantity 3 is more than the ordered 2" in answer.refusal
    assert len(dear.get("/sale/invoice", SaleID=advanced)["Invoices"]) == 1


def test_an_invoice_needs_an_authorised_order(dear: DearClient) -> None:
    (sale_id,) = dear.seed(sales=[{"status": "ORDERING", "lines": [{"sku": "BREAD", "quantity": 2}]}])

    assert "must be AUTHORISED" in dear.post("/sale/invoice", invoice(sale_id, [BREADS])).refusal


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"Total": 16.011}, "Total 16.011 is wrong, it should be 16"),
        ({"Total": None}, "Total is required"),
        ({"Tax": None}, "Tax is required"),
        ({"Discount": 50}, "it should be 8"),
        ({"Discount": 101}, "between 0 and 100"),
        ({"Quantity": 0}, "greater than 0"),
        ({"Quantity": 3, "Total": 24}, "more than the ordered 2"),
        ({"Name": ""}, "Name is required"),
        ({"TaxRule": "Moon tax"}, "Tax Rule 'Moon tax' was not found in reference book"),
        ({"Account": "999"}, "Account '999' was not found in reference book"),
        ({"SKU": "MILK"}, "not in the Sale Order"),
        ({"SKU": "NOTHING"}, "was not found in reference book"),
    ],
)
def test_a_wrong_line_refuses_the_invoice(dear: DearClient, simple: str, change: dict[str, Any], expected: str) -> None:
    answer = dear.post("/sale/invoice", invoice(simple, [{**BREADS, **change}]))

    assert expected in answer.refusal
    assert dear.get("/sale/invoice", SaleID=simple)["Invoices"] == []


@pytest.mark.parametrize("total", [15.99, 16.01])
def test_a_cent_of_difference_is_let_pass_and_put_right(dear: DearClient, simple: str, total: float) -> None:
    answer = dear.post("/sale/invoice", invoice(simple, [{**BREADS, "Total": total}]))

    assert answer.body["Invoices"][0]["Lines"][0]["Total"] == 16


@pytest.mark.parametrize("missing", ["InvoiceDate", "InvoiceDueDate", "Status"])
def test_dates_and_status_are_required(dear: DearClient, simple: str, missing: str) -> None:
    body = invoice(simple, [BREADS])
    del body[missing]

    assert missing in dear.post("/sale/invoice", body).refusal


def test_charges_are_invoiced_beside_the_lines_or_among_them(dear: DearClient, simple: str, advanced: str) -> None:
    amounts = {"Quantity": 1, "Price": 5, "Tax": 0.5, "Total": 5, "TaxRule": "Tax on Sales", "Account": "210"}

    dear.post("/sale/invoice", invoice(simple, [BREADS], AdditionalCharges=[{"Description": "Freight", **amounts}]))
    combined = [BREADS, {"ProductID": NEW_TASK, "Name": "Freight", **amounts}]
    dear.post("/sale/invoice", invoice(advanced, combined, CombineAdditionalCharges=True))

    for sale_id in (simple, advanced):
        (made,) = dear.sale(sale_id)["Invoices"]
        assert [charge["Description"] for charge in made["AdditionalCharges"]] == ["Freight"]
        assert (made["TotalBeforeTax"], made["Tax"], made["Total"]) == (21, 0.5, 21.5)


def test_an_invoice_and_a_fulfilment_name_each_other(dear: DearClient, advanced: str) -> None:
    dear.post("/sale/invoice", invoice(advanced, [BREADS], LinkedFulfillmentNumber="1"))

    assert dear.tasks(advanced)[0]["LinkedInvoiceNumber"] == "INV-00001"
    (entry,) = dear.ledger("invoice")
    assert (entry["fulfilment_number"], entry["invoice_number"], entry["total"]) == (1, "INV-00001", 16)


def test_a_fulfilment_that_is_not_there_cannot_be_linked(dear: DearClient, advanced: str) -> None:
    answer = dear.post("/sale/invoice", invoice(advanced, [BREADS], LinkedFulfillmentNumber="2"))

    assert "'2' was not found" in answer.refusal


def test_putting_keeps_what_is_left_out_and_deletes_what_is_empty(dear: DearClient, simple: str) -> None:
    charge = {"Description": "Freight", "Quantity": 1, "Price": 5, "Tax": 0, "TaxRule": "Tax Exempt"}
    dear.post("/sale/invoice", invoice(simple, [BREADS], Status="DRAFT", AdditionalCharges=[charge]))
    body = {"SaleID": simple, "TaskID": simple}

    dear.put("/sale/invoice", {**body, "AdditionalCharges": []})
    answer = dear.put("/sale/invoice", {**body, "Memo": "123", "Status": "AUTHORISED"})

    (made,) = answer.body["Invoices"]
    assert ([line["SKU"] for line in made["Lines"]], made["AdditionalCharges"]) == (["BREAD"], [])
    assert (made["Memo"], made["Status"]) == ("123", "AUTHORISED")


def test_putting_to_an_invoice_that_is_not_there_is_refused(dear: DearClient, simple: str) -> None:
    assert "was not found" in dear.put("/sale/invoice", {"SaleID": simple, "TaskID": simple}).refusal


def test_an_invoice_without_lines_cannot_be_authorised(dear: DearClient, simple: str) -> None:
    assert "nothing to invoice" in dear.post("/sale/invoice", invoice(simple, [])).refusal


def test_a_voided_invoice_makes_room_for_another(dear: DearClient, advanced: str) -> None:
    (made,) = dear.post("/sale/invoice", invoice(advanced, [BREADS])).body["Invoices"]

    voided = dear.delete("/sale/invoice", TaskID=made["TaskID"], Void="true").body["Invoices"]
    again = dear.post("/sale/invoice", invoice(advanced, [BREADS])).body["Invoices"]

    assert (voided[0]["Status"], voided[0]["Lines"]) == ("VOIDED", [])
    assert [known["Status"] for known in again] == ["VOIDED", "AUTHORISED"]
