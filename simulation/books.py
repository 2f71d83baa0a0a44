"""What an auditor has: both systems' own ledgers and documents, and the list of what was entered; no table of ours."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal


class Amounts[Key](dict[Key, Decimal]):
    """Units by key; what is not there counts as none."""

    def __missing__(self, _: Key) -> Decimal:
        return Decimal(0)

    def add(self, more: Mapping[Key, Decimal]) -> None:
        for key, units in more.items():
            self[key] += units


type Entry = dict[str, Any]
type Units = Amounts[tuple[str, str]]
"""(sale's number, SKU) to units."""
type Becomes = Literal["done", "stopped", "open"]
type Reports = Callable[[str], list[tuple[str, str]]]
"""A sale's number to (where it stands, why) of the sale and its orders, as the product's own reports tell it."""

HARMLESS = frozenset({"sale_touch", "payment"})
"""What a user may do to a sale without changing what must become of it."""


@dataclass(frozen=True)
class Entered:
    """A sale as it was entered. `picked`: what DEAR had picked of it before the beginning, by SKU."""

    number: str
    becomes: Becomes
    lines: tuple[tuple[str, Decimal, bool], ...]
    picked: tuple[tuple[str, Decimal], ...] = ()

    @property
    def goods(self) -> Amounts[str]:
        """Units by SKU that a warehouse could ship."""
        goods: Amounts[str] = Amounts()
        for sku, units, dropped in self.lines:
            if not dropped:
                goods[sku] += units
        return goods


@dataclass(frozen=True)
class Books:
    """Everything that is judged. Ledgers and calls are in the order in which they were written.

    `late_withdrawals`: the product could not work for a while, so what was voided meanwhile may have gone out.
    """

    entered: tuple[Entered, ...]
    sales: tuple[Entry, ...]
    dear: tuple[Entry, ...]
    calls: tuple[Entry, ...]
    dear_stock: tuple[Entry, ...]
    warehouse: tuple[Entry, ...]
    reports: Reports
    said: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    invoicing: bool = True
    inventory: bool = True
    settled: bool = True
    late_withdrawals: bool = False
    asked_to_hold: frozenset[str] = frozenset()
    location: str = "Main Warehouse"
    code: str = "MAIN"

    def sale(self, number: str) -> Entry:
        """The sale as DEAR has it now."""
        return next(sale for sale in self.sales if sale["Order"]["SaleOrderNumber"] == number)

    @cached_property
    def number_of(self) -> dict[str, str]:
        """SaleID to number."""
        return {sale["ID"].lower(): sale["Order"]["SaleOrderNumber"] for sale in self.sales}

    @cached_property
    def edited(self) -> frozenset[str]:
        """Sales that a user of DEAR has worked on."""
        return frozenset(
            entry["order_number"]
            for entry in self.dear
            if entry.get("by") == "user" and entry["kind"] not in HARMLESS and "order_number" in entry
        )

    @cached_property
    def disturbed(self) -> frozenset[str]:
        """Sales of which the warehouse changed, withdrew or dropped something by itself."""
        odd = {"shipment_corrected", "shipment_voided", "order_reopened"}
        return frozenset(self.sale_of(entry) for entry in self.warehouse if entry["kind"] in odd or _is_dropped(entry))

    @cached_property
    def dropped(self) -> frozenset[str]:
        """Order numbers that the warehouse cancelled by itself."""
        return frozenset(entry["order_number"] for entry in self.warehouse if _is_dropped(entry))

    def sale_of(self, entry: Entry) -> str:
        """The number of the sale that a ledger entry belongs to."""
        return self.number_of.get(str(entry.get("sale_id", "")).lower(), str(entry.get("order_number", "")))

    def is_plain(self, each: Entered) -> bool:
        """Whether nobody interfered with the sale, so that what must become of it is known."""
        touched = self.edited | self.disturbed | self.asked_to_hold
        return each.number not in touched


def _is_dropped(entry: Entry) -> bool:
    return bool(entry["kind"] == "order_cancelled" and entry.get("reason") == "no goods")


@dataclass
class Shipped:
    """What the warehouse says has left, as its ledger is read on: by sale, by fulfilment, and the labels.

    `ever` has what was withdrawn again, too.
    """

    units: Units = field(default_factory=Amounts)
    ever: Units = field(default_factory=Amounts)
    by_order: dict[str, Units] = field(default_factory=lambda: defaultdict(Amounts))
    labels: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _live: dict[str, tuple[str, str, list[Entry]]] = field(default_factory=dict)
    _most: dict[str, Amounts[str]] = field(default_factory=lambda: defaultdict(Amounts))

    def read(self, entry: Entry, number: str) -> None:
        """Take in one entry of the warehouse's ledger."""
        if entry["kind"] not in {"shipped", "shipment_corrected", "shipment_voided"}:
            return
        shipment_id = entry["shipment_id"]
        if shipment_id in self._live:
            self._count(*self._live.pop(shipment_id), sign=-1)
        if entry["kind"] != "shipment_voided":
            self._live[shipment_id] = (number, entry["order_number"], entry["body"]["parcels"])
            self._count(*self._live[shipment_id], sign=1)
            self._note_most(shipment_id, number, entry["body"]["parcels"])

    def _note_most(self, shipment_id: str, number: str, parcels: list[Entry]) -> None:
        """Count a shipment among what has ever left: with the most that any revision of it said."""
        now: Amounts[str] = Amounts()
        for parcel in parcels:
            for line in parcel["lines"]:
                now[line["sku"]] += Decimal(line["quantity"])
        for sku, units in now.items():
            more = max(units - self._most[shipment_id][sku], Decimal(0))
            self._most[shipment_id][sku] += more
            self.ever[number, sku] += more

    def _count(self, number: str, order_number: str, parcels: list[Entry], *, sign: int) -> None:
        for parcel in parcels:
            label = parcel["tracking_number"]
            (self.labels[number].add if sign > 0 else self.labels[number].discard)(label)
            for line in parcel["lines"]:
                units = sign * Decimal(line["quantity"])
                self.units[number, line["sku"]] += units
                self.by_order[order_number][number, line["sku"]] += units


def shipped(books: Books) -> Shipped:
    """What has left by the end."""
    told = Shipped()
    for entry in books.warehouse:
        told.read(entry, books.sale_of(entry))
    return told


def units_of(lines: list[Entry]) -> Amounts[str]:
    """SKU to units, of lines as DEAR's bodies have them."""
    units: Amounts[str] = Amounts()
    for line in lines:
        units[line["SKU"]] += Decimal(str(line["Quantity"]))
    return units


def moment(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry["at"])


def in_time(books: Books) -> Iterator[tuple[str, Entry]]:
    """Both ledgers as one, in the order of time; ("dear" or "warehouse", entry)."""
    both = [("warehouse", entry) for entry in books.warehouse] + [("dear", entry) for entry in books.dear]
    yield from sorted(both, key=lambda each: each[1]["at"])
