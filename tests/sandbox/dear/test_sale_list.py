"""`/saleList`: filters, pages, order, and when `Updated` moves."""

from typing import Any

import pytest

from tests.sandbox.conftest import HandClock
from tests.sandbox.dear.client import DearClient, billed, invoice

LINES = [{"sku": "BREAD", "quantity": 1}]


def numbers(dear: DearClient, **query: Any) -> list[str]:
    return [row["OrderNumber"] for row in dear.get("/saleList", **query)["SaleList"]]


@pytest.fixture
def varied(dear: DearClient, clock: HandClock) -> DearClient:
    """Sales in several states, a second apart, oldest first."""
    specs: list[dict[str, Any]] = [
        {"order_number": "A", "status": "ORDERING", "ship_by": "2026-03-05", "customer": "Acme"},
        {"order_number": "B", "status": "PICKED", "external_id": "shop-7", "customer_reference": "PO-77"},
        {"order_number": "C", "status": "PACKED", "location": "Overflow", "ship_by": "2026-03-05"},
        {"order_number": "D", "status": "VOIDED"},
        {"order_number": "E", "status": "INVOICED", "ship_by": "2026-03-01"},
        {"order_number": "F", "status": "ESTIMATED"},
    ]
    for spec in specs:
        clock.move(seconds=1)
        dear.seed(sales=[{"lines": LINES, **spec}])
    return dear


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["F", "E", "D", "C", "B", "A"]),
        ({"Status": "picked"}, ["B"]),
        ({"OrderStatus": "AUTHORISED"}, ["E", "C", "B"]),
        ({"QuoteStatus": "AUTHORISED"}, ["F"]),
        ({"CombinedPickStatus": "PICKED"}, ["E", "C", "B"]),
        ({"CombinedPackStatus": "NOT PACKED"}, ["B"]),
        ({"CombinedShippingStatus": "NOT SHIPPED"}, ["C", "B"]),
        ({"CombinedInvoiceStatus": "INVOICED"}, ["E"]),
        ({"CreditNoteStatus": "VOIDED"}, []),
        ({"ExternalID": "shop-7"}, ["B"]),
        ({"ReadyForShipping": "true"}, ["C"]),
        ({"ShipBy": "2026-03-05"}, ["C", "A"]),
        ({"ShipBy": "2026-03-04"}, []),
        ({"Search": "acm"}, ["A"]),
        ({"Search": "po-77"}, ["B"]),
        ({"Search": "INV-"}, ["E"]),
        ({"OrderStatus": "AUTHORISED", "CombinedPackStatus": "PACKED"}, ["E", "C"]),
        ({"orderstatus": "authorised", "COMBINEDPACKSTATUS": "packed"}, ["E", "C"]),
        ({"FulFilmentStatus": "FULFILLED", "Location": "Overflow"}, ["F", "E", "D", "C", "B", "A"]),
        ({"Page": 2, "Limit": 4}, ["B", "A"]),
        ({"Page": 9}, []),
    ],
)
def test_filters_narrow_the_list_and_unknown_ones_are_ignored(
    varied: DearClient, query: dict[str, Any], expected: list[str]
) -> None:
    assert numbers(varied, **query) == expected


def test_the_location_is_filtered_by_its_id(varied: DearClient) -> None:
    (overflow,) = varied.get("/ref/location", Name="Overflow")["LocationList"]

    assert numbers(varied, OrderLocationID=overflow["ID"].upper()) == ["C"]


@pytest.mark.usefixtures("simple")
def test_updated_since_excludes_the_very_millisecond(dear: DearClient) -> None:
    (row,) = dear.get("/saleList")["SaleList"]

    assert row["Updated"] == "2026-03-02T09:00:00.123Z"
    assert numbers(dear, UpdatedSince="2026-03-02T09:00:00.122") == ["SO-1"]
    assert numbers(dear, UpdatedSince="2026-03-02T09:00:00.123") == []
    assert numbers(dear, UpdatedSince="2026-03-02T09:00:00.122999Z") == ["SO-1"]


@pytest.mark.usefixtures("simple")
def test_updated_until_excludes_the_very_millisecond(dear: DearClient) -> None:
    assert numbers(dear, UpdatedUntil="2026-03-02T09:00:00.123") == []
    assert numbers(dear, UpdatedUntil="2026-03-02T09:00:00.124") == ["SO-1"]


@pytest.mark.usefixtures("simple")
def test_created_since_does_not_move_with_changes(dear: DearClient, clock: HandClock) -> None:
    clock.move(minutes=5)
    dear.control("POST", "/sales/SO-1/touch", {})

    assert numbers(dear, CreatedSince="2026-03-02T09:01:00") == []
    assert numbers(dear, UpdatedSince="2026-03-02T09:01:00") == ["SO-1"]


def test_a_filter_that_is_no_date_is_refused(dear: DearClient) -> None:
    assert dear.call("GET", "/saleList", query_string={"UpdatedSince": "yesterday"}).status == 400


@pytest.mark.usefixtures("simple")
def test_a_stamp_loses_the_zeros_at_its_end(dear: DearClient, clock: HandClock) -> None:
    clock.move(microseconds=626_544)

    dear.control("POST", "/sales/SO-1/touch", {})

    assert dear.get("/saleList")["SaleList"][0]["Updated"] == "2026-03-02T09:00:00.75Z"


@pytest.mark.usefixtures("simple")
@pytest.mark.parametrize("action", ["edit", "void", "undo", "touch", "pick", "invoice"])
def test_updated_moves_with_whatever_the_user_does(dear: DearClient, clock: HandClock, action: str) -> None:
    before = dear.get("/saleList")["SaleList"][0]["Updated"]
    clock.move(seconds=1)

    dear.control("POST", f"/sales/SO-1/{action}", {})

    assert dear.get("/saleList")["SaleList"][0]["Updated"] > before


def test_updated_moves_with_every_write_even_when_the_clock_stands_still(dear: DearClient, simple: str) -> None:
    stamps = [dear.sale(simple)["LastModifiedOn"]]

    dear.shipped(simple)
    stamps.append(dear.sale(simple)["LastModifiedOn"])
    assert dear.post("/sale/invoice", invoice(simple, [billed("BREAD", 2)])).status == 200
    stamps.append(dear.sale(simple)["LastModifiedOn"])
    dear.delete("/sale", ID=simple, Void="true")
    stamps.append(dear.sale(simple)["LastModifiedOn"])

    assert len(set(stamps)) == 4


def test_reading_changes_nothing(dear: DearClient, simple: str, clock: HandClock) -> None:
    dear.packed(simple)
    paths = [
        ("/saleList", {}),
        ("/sale", {"ID": simple}),
        ("/sale/fulfilment", {"SaleID": simple}),
        ("/sale/fulfilment/pack", {"TaskID": simple}),
        ("/sale/invoice", {"SaleID": simple}),
        ("/ref/productavailability", {}),
    ]
    first = [dear.get(path, **query) for path, query in paths]
    clock.move(minutes=1)

    assert [dear.get(path, **query) for path, query in paths] == first
    assert len(dear.control("GET", "/ledger")["ledger"]) == 2
