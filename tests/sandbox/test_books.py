"""The outside auditor of a run finds what is wrong, and nothing where all is right."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.run.books import Books, violations

Entry = dict[str, Any]
EXPECTED = {"SO-1": "invoiced", "SO-2": "confirmed: invoiced_already", "SO-3": "held once shipped: pick_differs"}


def test_nothing_is_wrong_where_all_is_right():
    assert violations(run(), EXPECTED) == []


def test_a_corrected_tracking_number_counts_as_it_was_told_last():
    books = run()
    shipped = next(entry for entry in books.warehouse if entry["kind"] == "shipped")
    corrected = {**shipped["body"], "parcels": [{**shipped["body"]["parcels"][0], "tracking_number": "NEW"}]}
    books.warehouse.append({**shipped, "kind": "shipment_corrected", "body": corrected})

    before = violations(books, EXPECTED)
    books.dear_sales[0]["Fulfilments"][0]["Ship"]["Lines"][0]["TrackingNumber"] = "NEW"

    assert len(before) == 2
    assert violations(books, EXPECTED) == []


def test_where_a_person_picked_otherwise_than_shipped_either_count_is_right():
    books = run(believed=10)

    assert violations(books, EXPECTED) == []


def _second_order(books: Books) -> None:
    books.warehouse.append(next(entry for entry in books.warehouse if entry["kind"] == "order_created"))


def _packed_twice(books: Books) -> None:
    books.dear.append(next(entry for entry in books.dear if entry["kind"] == "pack"))


def _never_confirmed(books: Books) -> None:
    books.dear[:] = [entry for entry in books.dear if (entry["kind"], entry["order_number"]) != ("pack", "SO-2")]


def _lost_tracking_number(books: Books) -> None:
    books.dear_sales[0]["Fulfilments"][0]["Ship"]["Lines"].clear()


def _invoiced_too_little(books: Books) -> None:
    entry = next(entry for entry in books.dear if entry["kind"] == "invoice" and entry["by"] == "api")
    entry["body"]["Lines"][0]["Quantity"] = 1


def _charged_twice(books: Books) -> None:
    books.dear_sales[0]["Invoices"].append({"AdditionalCharges": [{}]})


def _invoiced_what_a_person_had(books: Books) -> None:
    books.dear.append(wrote("invoice", "SO-2", "api", 2))


def _wrote_to_a_held_sale(books: Books) -> None:
    books.dear.append(wrote("ship", "SO-3", "api", 1))


def _stock_is_wrong(books: Books) -> None:
    books.dear_stock[0]["OnHand"] = 8


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_second_order, "2 orders at the warehouse"),
        (_packed_twice, "DEAR has 4 packed"),
        (_never_confirmed, "DEAR has 0 packed"),
        (_lost_tracking_number, "0 times in DEAR"),
        (_invoiced_too_little, "1 MUG invoiced, 2 shipped"),
        (_charged_twice, "2 charges are invoiced, of 1"),
        (_invoiced_what_a_person_had, "SO-2: invoice was written"),
        (_wrote_to_a_held_sale, "SO-3: ship was written"),
        (_stock_is_wrong, "stock of MUG: DEAR has 8"),
    ],
)
def test_what_is_wrong_is_told(spoil: Callable[[Books], None], told: str):
    books = run()

    spoil(books)

    (text,) = violations(books, EXPECTED)
    assert told in text


def run(believed: int = 9) -> Books:
    """Sales of two mugs: a plain one, one that a person shipped and invoiced, one of which DEAR has picked three."""
    numbers = tuple(EXPECTED)
    by = dict(zip(numbers, ("api", "user", "user"), strict=True))
    dear = [wrote("pick", number, by[number], 3 if number == "SO-3" else 2) for number in numbers]
    dear += [wrote(kind, number, by[number], 2) for number in numbers[:2] for kind in ("pack", "ship", "invoice")]
    return Books(
        dear=dear,
        warehouse=[entry for number in numbers for entry in (created(number), left(number))],
        calls=[],
        dear_sales=[sale(number, 3 if number == "SO-3" else 2) for number in numbers],
        dear_stock=[{"SKU": "MUG", "Location": "Main Warehouse", "OnHand": believed}],
        warehouse_stock=[{"sku": "MUG", "on_hand": "10"}],
    )


def wrote(kind: str, number: str, by: str, units: int) -> Entry:
    lines = [{"SKU": "MUG", "Quantity": units}]
    return {"kind": kind, "by": by, "order_number": number, "status": "AUTHORISED", "body": {"Lines": lines}}


def created(number: str) -> Entry:
    return {"kind": "order_created", "order_number": f"{number}.1", "reference": f"{number}.1"}


def left(number: str) -> Entry:
    parcel = {"tracking_number": f"T-{number}", "lines": [{"sku": "MUG", "quantity": "2"}]}
    shipment = f"S-{number}"
    body = {"kind": "shipped", "parcels": [parcel]}
    return {"kind": "shipped", "order_number": f"{number}.1", "shipment_id": shipment, "body": body}


def sale(number: str, picked: int) -> Entry:
    shipped = [] if number == "SO-3" else [{"TrackingNumber": f"T-{number}"}]
    pick = {"Status": "AUTHORISED", "Lines": [{"SKU": "MUG", "Quantity": picked}]}
    return {
        "Order": {"SaleOrderNumber": number, "AdditionalCharges": [{}]},
        "Fulfilments": [{"Pick": pick, "Ship": {"Lines": shipped}}],
        "Invoices": [{"AdditionalCharges": [{}]}],
    }
