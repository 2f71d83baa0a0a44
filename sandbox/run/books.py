"""What DEAR and the warehouse wrote down themselves, and whether it is as it must be. Knows nothing of our tables."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

Entry = dict[str, Any]
WAREHOUSE_LOCATION = "Main Warehouse"
INVOICED = "invoiced"
CONFIRMED = (INVOICED, "confirmed")
HELD_LATE = "held once shipped"
"""The scenario's words for where a sale ends, without the reason."""
Units = Counter[tuple[str, str]]
"""(number of the sale, SKU) to units."""


@dataclass(frozen=True)
class Books:
    """The ledgers of both sandbox systems, the calls that came to DEAR, its sales and both sides' stock."""

    dear: list[Entry]
    warehouse: list[Entry]
    calls: list[Entry]
    dear_sales: list[Entry]
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

    def shipments(self) -> list[Entry]:
        """Each shipment that left, as the warehouse last told of it; `sale` is the number of its sale."""
        latest: dict[str, Entry] = {}
        for entry in self.warehouse:
            if entry["kind"] in {"shipped", "shipment_corrected", "shipment_voided"}:
                latest[entry["shipment_id"]] = {**entry["body"], "sale": sale_of(entry)}
        return [shipment for shipment in latest.values() if shipment["kind"] == "shipped"]

    def shipped_in_dear(self) -> set[tuple[str, int]]:
        """The fulfilments that were shipped in DEAR, by us or by a person: (number of the sale, number in it)."""
        return {
            (entry["order_number"], entry["fulfilment_number"])
            for entry in self.dear
            if entry["kind"] == "ship" and entry["status"] == "AUTHORISED"
        }

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


def sale_of(entry: Entry) -> str:
    """The number of the sale; an order at the warehouse may have the fulfilment's behind it."""
    return str(entry["order_number"]).split(".")[0]


def violations(books: Books, expected: Mapping[str, str]) -> list[str]:
    """What is wrong, a sentence each; empty when every promise was kept. `expected` is the scenario's."""
    ends = {number: becomes.split(":")[0] for number, becomes in expected.items()}
    return [
        *_one_order_each(books),
        *_came_where_it_must(books, ends),
        *_shipped_is_confirmed(books, ends),
        *_invoiced_is_shipped(books, ends),
        *_left_alone(books, ends),
        *_within_the_limit(books),
        *_same_stock(books),
    ]


def _one_order_each(books: Books) -> list[str]:
    orders = Counter(entry["reference"] for entry in books.noted("order_created"))
    return [f"{reference}: {count} orders at the warehouse" for reference, count in orders.items() if count > 1]


def _came_where_it_must(books: Books, ends: Mapping[str, str]) -> list[str]:
    ordered = {sale_of(entry) for entry in books.noted("order_created")}
    wanted = {number for number, end in ends.items() if end in CONFIRMED or end == HELD_LATE}
    return [
        *(f"{number}: never came to the warehouse" for number in sorted(wanted - ordered)),
        *(f"{number}: at the warehouse, and should not be" for number in sorted(ordered - wanted)),
    ]


def _shipped_is_confirmed(books: Books, ends: Mapping[str, str]) -> Iterator[str]:
    """Every shipment is in DEAR exactly once, whoever wrote it: the units that were packed, each tracking number."""
    shipped, packed, left = _shipped(books, ends, CONFIRMED), Units(), Counter[str]()
    for shipment in _of(books.shipments(), ends, CONFIRMED):
        left.update(parcel["tracking_number"] for parcel in shipment["parcels"])
    for entry in _of(books.dear, ends, CONFIRMED):
        if entry["kind"] == "pack":
            _add(packed, sale_of(entry), entry["body"]["Lines"])
    for number, sku in shipped.keys() | packed.keys():
        if shipped[number, sku] != packed[number, sku]:
            yield f"{number}: {shipped[number, sku]} {sku} left the building, DEAR has {packed[number, sku]} packed"
    told = Counter(
        line["TrackingNumber"]
        for sale in books.dear_sales
        if ends.get(sale["Order"]["SaleOrderNumber"]) in CONFIRMED
        for task in sale["Fulfilments"]
        for line in task["Ship"]["Lines"]
    )
    for number in left | told:
        if left[number] != told[number]:
            yield f"tracking number {number}: {left[number]} parcels, {told[number]} times in DEAR"


def _invoiced_is_shipped(books: Books, ends: Mapping[str, str]) -> Iterator[str]:
    """What left is invoiced, no more and no less, and the sale's charges once."""
    shipped, invoiced = _shipped(books, ends, {INVOICED}), Units()
    for entry in _of(books.written("invoice"), ends, {INVOICED}):
        _add(invoiced, sale_of(entry), entry["body"]["Lines"])
    for number, sku in shipped.keys() | invoiced.keys():
        if shipped[number, sku] != invoiced[number, sku]:
            yield f"{number}: {invoiced[number, sku]} {sku} invoiced, {shipped[number, sku]} shipped"
    for sale in books.dear_sales:
        number, asked = sale["Order"]["SaleOrderNumber"], len(sale["Order"]["AdditionalCharges"])
        charged = sum(len(invoice["AdditionalCharges"]) for invoice in sale["Invoices"])
        if ends.get(number) in CONFIRMED and charged != asked:
            yield f"{number}: {charged} charges are invoiced, of {asked}"


def _left_alone(books: Books, ends: Mapping[str, str]) -> Iterator[str]:
    """What is held or skipped is not written to, and an invoice of a person is not repeated."""
    for entry in books.dear:
        end = ends.get(entry.get("order_number", ""), "")
        kinds = {INVOICED: set[str](), "confirmed": {"invoice"}}.get(end, {"pick", "pack", "ship", "invoice"})
        if end and entry["by"] == "api" and entry["kind"] in kinds:
            yield f"{entry['order_number']}: {entry['kind']} was written to DEAR, and should not have been"


def _within_the_limit(books: Books) -> list[str]:
    most = books.most_calls_in_a_minute()
    told = [f"{most} calls came to DEAR within 60 seconds"] if most > 60 else []  # noqa: PLR2004 - DEAR's own limit
    return [*told, *([f"DEAR refused {books.throttled()} calls for its limit"] if books.throttled() else [])]


def _same_stock(books: Books) -> Iterator[str]:
    """DEAR counts what the warehouse does, and what has left of sales that DEAR has picked nothing of.

    Where a person picked otherwise than shipped, a person must say whose stock the difference is: both are right.
    """
    counted, believed, away, disputed = Units(), Units(), Units(), Units()
    for row in books.warehouse_stock:
        counted["", row["sku"]] += Decimal(str(row["on_hand"]))  # type: ignore[assignment]
    for row in books.dear_stock:
        if row["Location"] == WAREHOUSE_LOCATION:
            believed["", row["SKU"]] += Decimal(str(row["OnHand"]))  # type: ignore[assignment]
    picked, shipped = _picked(books), _shipped(books)
    begun = {number for number, _ in picked}
    for number, sku in shipped.keys() | picked.keys():
        kind = disputed if number in begun else away
        kind["", sku] += shipped[number, sku] - picked[number, sku]
    for key in sorted(believed):
        right = counted[key] + away[key]
        if believed[key] not in {right, right + disputed[key]}:
            yield f"stock of {key[1]}: DEAR has {believed[key]}, and should have {right}"


def _picked(books: Books) -> Units:
    """What DEAR has picked of the sales that came to the warehouse."""
    ours, picked = {sale_of(entry) for entry in books.noted("order_created")}, Units()
    for sale in books.dear_sales:
        for task in sale["Fulfilments"]:
            if sale["Order"]["SaleOrderNumber"] in ours and task["Pick"]["Status"] == "AUTHORISED":
                _add(picked, sale["Order"]["SaleOrderNumber"], task["Pick"]["Lines"])
    return picked


def _shipped(books: Books, ends: Mapping[str, str] | None = None, wanted: Collection[str] = ()) -> Units:
    """What left; with `ends`, only of sales that end as wanted."""
    shipped = Units()
    for shipment in books.shipments():
        if ends is None or ends.get(shipment["sale"]) in wanted:
            for parcel in shipment["parcels"]:
                for line in parcel["lines"]:
                    shipped[shipment["sale"], line["sku"]] += Decimal(line["quantity"])  # type: ignore[assignment]
    return shipped


def _of(entries: list[Entry], ends: Mapping[str, str], wanted: Collection[str]) -> list[Entry]:
    """Those of sales that end as wanted."""
    return [entry for entry in entries if ends.get(entry.get("sale") or entry.get("order_number", "")) in wanted]


def _add(units: Units, number: str, lines: list[Entry]) -> None:
    """Add lines as DEAR's bodies have them."""
    for line in lines:
        units[number, line["SKU"]] += Decimal(str(line["Quantity"]))  # type: ignore[assignment]
