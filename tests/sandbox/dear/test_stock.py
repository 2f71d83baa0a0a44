"""`/ref/productavailability` and `/stockadjustment`: what is there, and absolute new quantities."""

from typing import Any

import pytest

from tests.sandbox.dear.client import Answer, DearClient, goods


def adjust(dear: DearClient, lines: list[Any], **more: Any) -> Answer:
    body = {"EffectiveDate": "2026-03-02", "Status": "COMPLETED", "Account": "403", "Lines": lines}
    return dear.post("/stockadjustment", {**body, **more})


def to(quantity: float, sku: str = "BREAD", **more: Any) -> dict[str, Any]:
    return {**goods(sku, quantity, UnitCost=6), **more}


def test_there_is_a_row_per_product_location_and_batch(dear: DearClient) -> None:
    rows = dear.get("/ref/productavailability")["ProductAvailabilityList"]

    assert [(row["SKU"], row["Location"], row["Batch"], row["OnHand"]) for row in rows] == [
        ("BREAD", "Main Warehouse", None, 100),
        ("BREAD", "Overflow", None, 10),
        ("JAM", "Main Warehouse", None, 20),
        ("MILK", "Main Warehouse", "L2", 5),
        ("MILK", "Main Warehouse", "L1", 5),
    ]


def test_stock_on_hand_is_money(dear: DearClient) -> None:
    row = dear.available("BREAD")

    assert (row["OnHand"], row["StockOnHand"]) == (100, 500)


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ({"Sku": "bread"}, 2),
        ({"Sku": "BREA"}, 0),
        ({"Name": "Plum"}, 1),
        ({"Name": "Jam"}, 0),
        ({"Location": "overflow"}, 1),
        ({"Batch": "L1"}, 1),
        ({"Category": "Other"}, 5),
        ({"Category": "Toys"}, 0),
        ({"ModifiedSince": "2030-01-01"}, 5),
    ],
)
def test_availability_is_filtered(dear: DearClient, query: dict[str, Any], total: int) -> None:
    assert dear.get("/ref/productavailability", **query)["Total"] == total


def test_rows_that_are_zero_in_everything_are_left_out(dear: DearClient) -> None:
    adjust(dear, [to(0, "JAM")])

    assert dear.available("JAM") is None


def test_what_is_promised_without_stock_shows_as_a_negative_row(dear: DearClient) -> None:
    dear.seed(products=[{"sku": "RARE"}], sales=[{"lines": [{"sku": "RARE", "quantity": 3}]}])

    row = dear.available("RARE")

    assert (row["OnHand"], row["Allocated"], row["Available"]) == (0, 3, -3)


def test_what_is_on_order_stands_on_every_row_of_the_location(dear: DearClient) -> None:
    dear.control("POST", "/stock", {"sku": "MILK", "on_hand": 4, "batch": "L1", "on_order": 7})

    rows = dear.get("/ref/productavailability", Sku="MILK")["ProductAvailabilityList"]

    assert [(row["Batch"], row["OnOrder"]) for row in rows] == [("L2", 7), ("L1", 7)]


@pytest.mark.usefixtures("simple")
def test_an_adjustment_sets_what_is_available_by_default(dear: DearClient) -> None:
    adjust(dear, [to(50)])

    row = dear.available("BREAD")
    assert (row["OnHand"], row["Allocated"], row["Available"]) == (52, 2, 50)


@pytest.mark.usefixtures("simple")
def test_an_adjustment_can_set_what_is_on_hand(dear: DearClient) -> None:
    adjust(dear, [to(50)], UpdateOnHand=True)

    row = dear.available("BREAD")
    assert (row["OnHand"], row["Allocated"], row["Available"]) == (50, 2, 48)


def test_added_stock_comes_in_at_its_unit_cost(dear: DearClient) -> None:
    answer = adjust(dear, [to(110)])

    (entry,) = answer.body["Transactions"]
    assert (entry["Amount"], entry["Credit"]) == (60, "403: Stock Adjustment Expense")
    assert dear.available("BREAD")["StockOnHand"] == 560


def test_the_answer_tells_existing_stock_from_new(dear: DearClient) -> None:
    answer = adjust(dear, [to(90), to(3, "JAM", Location="Overflow")])

    (existing,), (new,) = answer.body["ExistingStockLines"], answer.body["NewStockLines"]
    assert (existing["SKU"], existing["QuantityOnHand"], existing["Available"], existing["Adjustment"]) == (
        "BREAD",
        100,
        100,
        90,
    )
    assert (new["SKU"], new["Quantity"], new["UnitCost"], new["Location"]) == ("JAM", 3, 6, "Overflow")


def test_a_draft_moves_nothing_until_it_is_completed(dear: DearClient) -> None:
    draft = adjust(dear, [to(90)], Status="DRAFT").body
    before = dear.available("BREAD")["OnHand"]

    body = {"TaskID": draft["TaskID"], "EffectiveDate": "2026-03-02", "Status": "COMPLETED", "Lines": [to(80)]}
    done = dear.put("/stockadjustment", body)
    again = dear.put("/stockadjustment", body)

    assert (draft["Transactions"], before, dear.available("BREAD")["OnHand"]) == ([], 100, 80)
    assert done.body["StocktakeNumber"] == draft["StocktakeNumber"]
    assert "Status is COMPLETED" in again.refusal


@pytest.mark.parametrize("on_hand", [False, True])
def test_a_line_that_changes_nothing_is_refused(dear: DearClient, on_hand: bool) -> None:
    answer = adjust(dear, [to(90), to(20, "JAM")], UpdateOnHand=on_hand)

    assert "no need to create Stock Adjustment" in answer.refusal
    assert dear.available("BREAD")["OnHand"] == 100
    assert dear.get("/stockadjustmentList")["Total"] == 0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (to(1, UnitCost=None), "UnitCost is required"),
        (to(-1), "must not be negative"),
        (to(1, Location="Attic"), "was not found in reference book"),
        (to(1, Location=None), "Location is required"),
        (to(1, "HELP"), "only products of type Stock"),
        (to(1, "MILK"), "BatchSN is required"),
        (to(1, "MILK", BatchSN="L3"), "ExpiryDate is required"),
        (to(1, "NOTHING"), "was not found in reference book"),
    ],
)
def test_a_wrong_line_refuses_the_adjustment(dear: DearClient, line: dict[str, Any], expected: str) -> None:
    answer = adjust(dear, [to(90), line])

    assert expected in answer.refusal
    assert dear.ledger("stock_adjustment") == []


def test_stock_that_is_named_twice_is_refused(dear: DearClient) -> None:
    assert "more than one line" in adjust(dear, [to(90), to(80)]).refusal


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"Account": "999"}, "Account '999' was not found in reference book"),
        ({"EffectiveDate": None}, "EffectiveDate is required"),
        ({"Status": "VOIDED"}, "Status must be one of"),
        ({"Lines": []}, "Lines are required"),
    ],
)
def test_a_wrong_header_refuses_the_adjustment(dear: DearClient, change: dict[str, Any], expected: str) -> None:
    assert expected in adjust(dear, [to(90)], **change).refusal


def test_batches_are_adjusted_one_by_one(dear: DearClient) -> None:
    adjust(dear, [to(2, "MILK", BatchSN="L1", ExpiryDate="2026-06-01")])

    rows = dear.get("/ref/productavailability", Sku="MILK")["ProductAvailabilityList"]
    assert {row["Batch"]: row["OnHand"] for row in rows} == {"L1": 2, "L2": 5}


def test_adjustments_are_listed_oldest_first_and_found_by_their_reference(dear: DearClient) -> None:
    adjust(dear, [to(90)], Reference="one")
    adjust(dear, [to(80)], Reference="two", Status="DRAFT")

    rows = dear.get("/stockadjustmentList")["StockAdjustmentList"]
    drafts = dear.get("/stockadjustmentList", Status="draft")["StockAdjustmentList"]

    assert [(row["StocktakeNumber"], row["Reference"]) for row in rows] == [("ST-00001", "one"), ("ST-00002", "two")]
    assert drafts == rows[1:]
    assert dear.get("/stockadjustment", TaskID=rows[0]["TaskID"])["Reference"] == "one"


def test_an_adjustment_is_not_found_by_the_wrong_key_name(dear: DearClient) -> None:
    task_id = adjust(dear, [to(90)]).body["TaskID"]

    assert "was not found" in dear.call("GET", "/stockadjustment", query_string={"ID": task_id}).refusal


@pytest.mark.usefixtures("simple")
def test_the_ledger_keeps_quantities_before_and_after(dear: DearClient) -> None:
    adjust(dear, [to(50)], Reference="sync-1")

    (entry,) = dear.ledger("stock_adjustment")
    assert (entry["by"], entry["reference"], entry["status"]) == ("api", "sync-1", "COMPLETED")
    assert entry["lines"] == [
        {
            "sku": "BREAD",
            "location": "Main Warehouse",
            "batch": None,
            "on_hand_before": 100,
            "on_hand_after": 52,
            "available_before": 98,
            "available_after": 50,
        }
    ]
