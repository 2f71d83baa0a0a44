"""What DEAR and the warehouse wrote down themselves, and whether it is as it must be. Knows nothing of our tables."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

Entry = dict[str, Any]
WAREHOUSE_LOCATION = "Main Warehouse"
Units = Counter[tuple[str, str]]
"""(SaleID, SKU) to units."""


@dataclass(frozen=True)
class Books:
    """The ledgers of both sandbox systems and the calls that came to DEAR."""

    dear: list[Entry]
    warehouse: list[Entry]
    calls: list[Entry]
    dear_stock: list[Entry]
    warehouse_stock: list[Entry]

    def written(self, kind: str) -> list[Entry]:
        """Writes that came to DEAR by its API."""
        return [entry for entry in self.dear if entry["kind"] == kind and entry["by"] == "api"]

    def noted(self, kind: str) -> list[Entry]:
        """Writes that the warehouse accepted."""
        return [entry for entry in self.warehouse if entry["kind"] == kind]

    def sales_read(self) -> set[str]:
        """The sales that were asked of DEAR one by one."""
        return {call["query"].lower() for call in self.api_calls() if call["path"].lower().endswith("/sale")}

    def stock_lines(self) -> int:
        return sum(len(entry["body"]["Lines"]) for entry in self.written("stock_adjustment"))

    def most_calls_in_a_minute(self) -> int:
        """The most calls that came to DEAR within any sliding 60 seconds."""
        moments = sorted(datetime.fromisoformat(call["at"]).timestamp() for call in self.api_calls())
        return max((sum(1 for at in moments if first <= at < first + 60) for first in moments), default=0)

    def api_calls(self) -> list[Entry]:
        return [call for call in self.calls if "/_control" not in call["path"]]

    def throttled(self) -> int:
        return sum(1 for call in self.api_calls() if call.get("throttled"))


def violations(books: Books, invoiced: Iterable[str]) -> list[str]:
    """What is wrong, a sentence each; empty when every promise was kept. `invoiced`: sales that must be done."""
    return [
        *_one_order_each(books),
        *_shipped_is_confirmed(books),
        *_invoiced_is_shipped(books),
        *_all_done(books, set(invoiced)),
        *_within_the_limit(books),
        *_same_stock(books),
    ]


def _one_order_each(books: Books) -> list[str]:
    orders = Counter(entry["reference"] for entry in books.noted("order_created"))
    return [f"{reference}: {count} orders at the warehouse" for reference, count in orders.items() if count > 1]


def _shipped_is_confirmed(books: Books) -> list[str]:
    """Every shipment is in DEAR exactly once: the units that were packed, and each tracking number."""
    shipped, packed = Units(), Units()
    left: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for entry in books.noted("shipped"):
        _add_parcels(shipped, entry)
        left.update(parcel["tracking_number"] for parcel in entry["body"]["parcels"])
    for entry in books.written("pack"):
        _add_lines(packed, entry)
    for entry in books.written("ship"):
        told.update(line["TrackingNumber"] for line in entry["body"]["Lines"])
    wrong = [
        f"{sku} of sale {sale_id}: {shipped[sale_id, sku]} left the building, DEAR has {packed[sale_id, sku]} packed"
        for sale_id, sku in shipped.keys() | packed.keys()
        if shipped[sale_id, sku] != packed[sale_id, sku]
    ]
    lost = [f"tracking number {number}: {left[number]} parcels, {told[number]} times in DEAR" for number in left | told]
    return [*wrong, *(text for text, number in zip(lost, left | told, strict=True) if left[number] != told[number])]


def _invoiced_is_shipped(books: Books) -> list[str]:
    shipped, invoiced = Units(), Units()
    for entry in books.noted("shipped"):
        _add_parcels(shipped, entry)
    for entry in books.written("invoice"):
        _add_lines(invoiced, entry)
    return [
        f"{sku} of sale {sale_id}: {invoiced[sale_id, sku]} invoiced, {shipped[sale_id, sku]} shipped"
        for sale_id, sku in invoiced
        if invoiced[sale_id, sku] > shipped[sale_id, sku]
    ]


def _all_done(books: Books, expected: set[str]) -> list[str]:
    done = {entry["order_number"] for entry in books.written("invoice")}
    ordered = {entry["order_number"].split(".")[0] for entry in books.noted("order_created")}
    return [
        *(f"{number}: never invoiced in DEAR" for number in sorted(expected - done)),
        *(f"{number}: never came to the warehouse" for number in sorted(expected - ordered)),
        *(f"{number}: invoiced, and should not have been" for number in sorted(done - expected)),
        *(f"{number}: at the warehouse, and should not be" for number in sorted(ordered - expected)),
    ]


def _within_the_limit(books: Books) -> list[str]:
    most = books.most_calls_in_a_minute()
    told = [f"{most} calls came to DEAR within 60 seconds"] if most > 60 else []  # noqa: PLR2004 - DEAR's own limit
    return [*told, *([f"DEAR refused {books.throttled()} calls for its limit"] if books.throttled() else [])]


def _same_stock(books: Books) -> list[str]:
    """Both sides count the same units of every product that DEAR knows, where the warehouse stands."""
    counted = {row["sku"]: Decimal(str(row["on_hand"])) for row in books.warehouse_stock}
    believed: dict[str, Decimal] = {}
    for row in books.dear_stock:
        if row["Location"] == WAREHOUSE_LOCATION:
            believed[row["SKU"]] = believed.get(row["SKU"], Decimal(0)) + Decimal(str(row["OnHand"]))
    return [
        f"stock of {sku}: DEAR has {believed[sku]}, the warehouse {counted.get(sku, Decimal(0))}"
        for sku in sorted(believed)
        if believed[sku] != counted.get(sku, Decimal(0))
    ]


def _add_parcels(units: Units, entry: Entry) -> None:
    for parcel in entry["body"]["parcels"]:
        for line in parcel["lines"]:
            units[entry["sale_id"].lower(), line["sku"]] += Decimal(line["quantity"])  # type: ignore[assignment]


def _add_lines(units: Units, entry: Entry) -> None:
    for line in entry["body"]["Lines"]:
        units[entry["sale_id"].lower(), line["SKU"]] += Decimal(str(line["Quantity"]))  # type: ignore[assignment]
