"""`/sale/fulfilment/pick`: what may be picked, and what picking does to stock."""

from typing import Any

import pytest

from tests.sandbox.dear.client import DearClient, goods

BATCHED = {"order_number": "SO-3", "lines": [{"sku": "MILK", "quantity": 6}]}


def test_an_authorised_pick_takes_goods_and_their_reservation(dear: DearClient, simple: str) -> None:
    before = dear.available("BREAD")

    dear.authorise("pick", simple, [goods("BREAD", 2), goods("JAM", 1)])

    after = dear.available("BREAD")
    assert (before["OnHand"], before["Allocated"], before["Available"]) == (100, 2, 98)
    assert (after["OnHand"], after["Allocated"], after["Available"]) == (98, 0, 98)


def test_a_draft_pick_takes_nothing(dear: DearClient, simple: str) -> None:
    answer = dear.post("/sale/fulfilment/pick", {"TaskID": simple, "Status": "DRAFT", "Lines": [goods("BREAD", 2)]})

    assert answer.body["Status"] == "DRAFT"
    assert (dear.available("BREAD")["OnHand"], dear.available("BREAD")["Allocated"]) == (100, 2)
    assert dear.sale(simple)["Status"] == "PICKING"


@pytest.mark.parametrize("verb", ["post", "put"])
def test_a_draft_is_replaced_by_the_next_pick(dear: DearClient, simple: str, verb: str) -> None:
    dear.post("/sale/fulfilment/pick", {"TaskID": simple, "Status": "DRAFT", "Lines": [goods("BREAD", 2)]})

    body = {"TaskID": simple, "Status": "AUTHORISED", "Lines": [goods("JAM", 1)]}
    answer = getattr(dear, verb)("/sale/fulfilment/pick", body)

    assert [(line["SKU"], line["Quantity"]) for line in answer.body["Lines"]] == [("JAM", 1)]


def test_an_authorised_pick_cannot_be_sent_again(dear: DearClient, simple: str) -> None:
    dear.picked(simple)

    answer = dear.authorise("pick", simple, [goods("BREAD", 2)])

    assert "Status is AUTHORISED" in answer.refusal
    assert dear.available("BREAD")["OnHand"] == 98
    assert len(dear.ledger("pick")) == 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (goods("MILK", 1), "not in the Sale Order"),
        (goods("BREAD", 2.0001), "left to pick"),
        (goods("BREAD", 0), "greater than 0"),
        (goods("BREAD", "two"), "must be a number"),
        (goods("BREAD", 1, "Attic"), "'Attic' was not found in reference book"),
        ({"SKU": "BREAD", "Quantity": 1}, "Location is required"),
        (goods("NOTHING", 1), "was not found in reference book"),
    ],
)
def test_a_wrong_line_refuses_the_whole_pick(
    dear: DearClient, simple: str, line: dict[str, Any], expected: str
) -> None:
    lines = [goods("JAM", 1), {**line, **({"BatchSN": "L1"} if line["SKU"] == "MILK" else {})}]

    answer = dear.authorise("pick", simple, lines)

    assert expected in answer.refusal
    assert dear.tasks(simple)[0]["Pick"] == {"Status": "NOT AVAILABLE", "Lines": []}
    assert dear.available("JAM")["OnHand"] == 20


def test_two_lines_of_a_product_count_together(dear: DearClient, simple: str) -> None:
    assert "left to pick" in dear.authorise("pick", simple, [goods("BREAD", 2), goods("BREAD", 1)]).refusal


def test_nothing_is_picked_unless_the_order_is_authorised(dear: DearClient, simple: str) -> None:
    dear.control("POST", "/sales/SO-1/void", {})

    assert "must be AUTHORISED" in dear.authorise("pick", simple, [goods("BREAD", 2)]).refusal


def test_goods_may_leave_from_another_location_than_the_sales(dear: DearClient, simple: str) -> None:
    answer = dear.authorise("pick", simple, [goods("BREAD", 2, "Overflow")])

    assert answer.body["Lines"][0]["Location"] == "Overflow"
    assert dear.available("BREAD", "Overflow")["OnHand"] == 8
    assert (dear.available("BREAD")["OnHand"], dear.available("BREAD")["Allocated"]) == (100, 0)


def test_a_location_may_be_named_by_its_id(dear: DearClient, simple: str) -> None:
    (overflow,) = dear.get("/ref/location", Name="Overflow")["LocationList"]

    answer = dear.authorise("pick", simple, [{"SKU": "BREAD", "Quantity": 1, "LocationID": overflow["ID"]}])

    assert answer.body["Lines"][0]["Location"] == "Overflow"


def test_more_than_is_on_the_shelf_cannot_be_picked(dear: DearClient) -> None:
    (sale_id,) = dear.seed(sales=[{"lines": [{"sku": "BREAD", "quantity": 30}]}])

    answer = dear.authorise("pick", sale_id, [goods("BREAD", 11, "Overflow")])

    assert "not enough stock on hand" in answer.refusal
    assert dear.available("BREAD", "Overflow")["OnHand"] == 10


def test_the_check_of_the_shelf_can_be_switched_off(dear: DearClient) -> None:
    dear.settings(check_stock=False)
    (sale_id,) = dear.seed(sales=[{"lines": [{"sku": "BREAD", "quantity": 30}]}])

    dear.authorise("pick", sale_id, [goods("BREAD", 11, "Overflow")])

    assert dear.available("BREAD", "Overflow")["OnHand"] == -1


def test_a_product_with_batches_needs_the_batch(dear: DearClient) -> None:
    (sale_id,) = dear.seed(sales=[BATCHED])

    assert "BatchSN is required" in dear.authorise("pick", sale_id, [goods("MILK", 1)]).refusal
    dear.authorise("pick", sale_id, [goods("MILK", 2, BatchSN="L1")])

    rows = dear.get("/ref/productavailability", Sku="MILK")["ProductAvailabilityList"]
    assert {row["Batch"]: row["OnHand"] for row in rows} == {"L1": 3, "L2": 5}


def test_a_batch_that_is_not_there_cannot_be_picked(dear: DearClient) -> None:
    (sale_id,) = dear.seed(sales=[BATCHED])

    assert "not enough" in dear.authorise("pick", sale_id, [goods("MILK", 1, BatchSN="L9")]).refusal


def test_autopick_takes_the_batch_that_expires_first(dear: DearClient) -> None:
    (sale_id,) = dear.seed(sales=[BATCHED])

    lines = dear.picked(sale_id)

    assert [(line["BatchSN"], line["Quantity"]) for line in lines] == [("L2", 5), ("L1", 1)]
    assert lines[0]["ExpiryDate"] == "2026-05-01T00:00:00"


def test_autopick_takes_stock_from_bins(dear: DearClient) -> None:
    dear.seed(
        locations=[{"name": "Annex", "bins": ["A-1", "A-2"]}],
        stock=[
            {"sku": "JAM", "location": "Annex", "bin": "A-1", "on_hand": 1},
            {"sku": "JAM", "location": "Annex", "bin": "A-2", "on_hand": 5},
        ],
    )
    (sale_id,) = dear.seed(sales=[{"location": "Annex", "lines": [{"sku": "JAM", "quantity": 3}]}])

    lines = dear.picked(sale_id)

    assert [(line["Location"], line["Quantity"]) for line in lines] == [("Annex: A-1", 1), ("Annex: A-2", 2)]
    rows = dear.get("/ref/productavailability", Location="Annex")["ProductAvailabilityList"]
    assert [(row["Bin"], row["OnHand"]) for row in rows] == [("A-2", 3)]


def test_what_is_no_inventory_moves_no_stock(dear: DearClient) -> None:
    (sale_id,) = dear.seed(sales=[{"lines": [{"sku": "BREAD"}, {"sku": "HELP"}]}])

    lines = dear.picked(sale_id)

    assert [(line["SKU"], line["NonInventory"]) for line in lines] == [("BREAD", False), ("HELP", True)]


def test_a_second_fulfilment_picks_no_more_than_the_first_left(dear: DearClient, advanced: str) -> None:
    first = dear.tasks(advanced)[0]["TaskID"]
    dear.authorise("pick", first, [goods("BREAD", 1)])
    dear.post("/sale/fulfilment", {"SaleID": advanced})
    second = dear.tasks(advanced)[1]["TaskID"]

    refused = dear.authorise("pick", second, [goods("BREAD", 2)])
    lines = dear.picked(second)

    assert "Quantity 2 is more than the 1 left" in refused.refusal
    assert [(line["SKU"], line["Quantity"]) for line in lines] == [("BREAD", 1), ("JAM", 1)]
    assert dear.sale(advanced)["CombinedPickingStatus"] == "PICKED"


def test_the_ledger_tells_which_fulfilment_was_picked_with_what(dear: DearClient, advanced: str) -> None:
    task_id = dear.tasks(advanced)[0]["TaskID"]

    dear.picked(task_id)

    (entry,) = dear.ledger("pick")
    assert entry["by"] == "api"
    assert (entry["sale_id"], entry["order_number"], entry["task_id"]) == (advanced, "SO-2", task_id)
    assert (entry["fulfilment_number"], entry["status"]) == (1, "AUTHORISED")
    assert entry["body"] == {"TaskID": task_id, "AutoPickMode": "AUTOPICK"}
    assert [(line["SKU"], line["Quantity"]) for line in entry["lines"]] == [("BREAD", 2), ("JAM", 1)]
