"""`/sale/fulfilment/pack`: what was picked, box by box."""

from typing import Any

import pytest

from tests.sandbox.dear.client import DearClient, goods

ALL = [goods("BREAD", 2, Box="Box 1"), goods("JAM", 1, Box="Box 2")]


def test_a_pack_needs_an_authorised_pick(dear: DearClient, simple: str) -> None:
    dear.post("/sale/fulfilment/pick", {"TaskID": simple, "Status": "DRAFT", "Lines": [goods("BREAD", 2)]})

    assert "Pick must be AUTHORISED, it is DRAFT" in dear.authorise("pack", simple, ALL).refusal


def test_a_picked_task_offers_its_lines_to_be_boxed(dear: DearClient, simple: str) -> None:
    dear.picked(simple)

    pack = dear.get("/sale/fulfilment/pack", TaskID=simple)

    assert pack["Status"] == "NOT AVAILABLE"
    assert [(line["SKU"], line["Quantity"], line["Box"]) for line in pack["Lines"]] == [
        ("BREAD", 2, ""),
        ("JAM", 1, ""),
    ]
    assert dear.tasks(simple)[0]["Pack"]["Lines"] == []


def test_everything_picked_goes_into_boxes(dear: DearClient, simple: str) -> None:
    dear.picked(simple)

    answer = dear.authorise("pack", simple, ALL)

    assert [(line["SKU"], line["Box"]) for line in answer.body["Lines"]] == [("BREAD", "Box 1"), ("JAM", "Box 2")]
    assert dear.sale(simple)["Status"] == "PACKED"
    (entry,) = dear.ledger("pack")
    assert (entry["task_id"], entry["status"], entry["body"]["Lines"]) == (simple, "AUTHORISED", ALL)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (ALL[:1], "everything that was picked must be packed"),
        ([goods("BREAD", 1, Box="1"), ALL[1]], "everything that was picked must be packed"),
        ([goods("BREAD", 3, Box="1"), ALL[1]], "more is packed than was picked"),
        ([goods("BREAD", 2, "Overflow", Box="1"), ALL[1]], "more is packed than was picked"),
        ([goods("BREAD", 2), ALL[1]], "Box is required"),
        ([{"SKU": "BREAD", "Quantity": 2, "Box": "1"}], "Location is required"),
        ([], "must be packed"),
    ],
)
def test_a_pack_that_is_not_what_was_picked_is_refused(
    dear: DearClient, simple: str, lines: list[Any], expected: str
) -> None:
    dear.picked(simple)

    assert expected in dear.authorise("pack", simple, lines).refusal
    assert dear.tasks(simple)[0]["Pack"] == {"Status": "NOT AVAILABLE", "Lines": []}


def test_the_batch_that_is_packed_is_the_one_that_was_picked(dear: DearClient) -> None:
    (sale_id,) = dear.seed(sales=[{"lines": [{"sku": "MILK", "quantity": 1}]}])
    dear.authorise("pick", sale_id, [goods("MILK", 1, BatchSN="L1")])

    wrong = dear.authorise("pack", sale_id, [goods("MILK", 1, BatchSN="L2", Box="1")])
    right = dear.authorise("pack", sale_id, [goods("MILK", 1, BatchSN="L1", Box="1")])

    assert "more is packed" in wrong.refusal
    assert right.status == 200


def test_posting_adds_to_a_draft_and_putting_replaces_it(dear: DearClient, simple: str) -> None:
    dear.picked(simple)
    draft = {"TaskID": simple, "Status": "DRAFT"}

    dear.post("/sale/fulfilment/pack", {**draft, "Lines": ALL[:1]})
    added = dear.post("/sale/fulfilment/pack", {**draft, "Lines": ALL[1:]}).body["Lines"]
    doubled = dear.authorise("pack", simple, ALL)
    replaced = dear.put("/sale/fulfilment/pack", {**draft, "Lines": ALL[1:]}).body["Lines"]

    assert [line["SKU"] for line in added] == ["BREAD", "JAM"]
    assert "more is packed" in doubled.refusal
    assert [line["SKU"] for line in replaced] == ["JAM"]
    assert dear.sale(simple)["Status"] == "PACKING"


def test_an_authorised_pack_cannot_be_sent_again(dear: DearClient, simple: str) -> None:
    dear.packed(simple)

    assert "Status is AUTHORISED" in dear.authorise("pack", simple, ALL).refusal
    assert "Status is AUTHORISED" in dear.put("/sale/fulfilment/pack", {"TaskID": simple, "Lines": ALL}).refusal
