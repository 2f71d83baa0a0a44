"""What lies on the warehouse's shelves, by SKU, warehouse code and lot."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from sandbox.clock import Clock, stamp
from sandbox.control import Ledger
from sandbox.documents import Documents
from sandbox.warehouse.contract import DateText, DecimalText, Key
from sandbox.warehouse.errors import Conflict, problem
from sandbox.warehouse.orders import WAITING, Order, number, owed
from sandbox.warehouse.paging import cursor_for, parts_of, unusable_cursor

_KIND = "warehouse.stock"
_SNAPSHOT = "warehouse.snapshot"
SNAPSHOTS_KEPT = 8


class StockRow(BaseModel):
    """How many units of a SKU lie in one place."""

    model_config = ConfigDict(extra="forbid")

    sku: Key
    on_hand: DecimalText
    warehouse: str | None = None
    lot: str | None = None
    expires_on: DateText | None = None
    held: DecimalText = "0"

    def is_place_of(self, other: Self) -> bool:
        return (self.warehouse, self.lot) == (other.warehouse, other.lot)


class StockUpdate(BaseModel):
    """Rows to set; with `replace` every other row is gone."""

    model_config = ConfigDict(extra="forbid")

    stock: list[StockRow]
    replace: bool = False


class Stock:
    """The shelves; a SKU without any row is not counted: it ships, and no snapshot shows it."""

    def __init__(self, documents: Documents, ledger: Ledger, clock: Clock) -> None:
        self._documents = documents
        self._ledger = ledger
        self._clock = clock

    def set(self, update: StockUpdate) -> None:
        """Put rows as they are given, as a count of the shelves would."""
        with self._documents.transaction():
            if update.replace:
                for doc in self._documents.all(_KIND):
                    self._documents.delete(_KIND, doc["sku"])
            for row in update.stock:
                others = [other for other in self._rows(row.sku) if not row.is_place_of(other)]
                self._save(row.sku, [*others, row])
            rows = [row.model_dump(mode="json") for row in update.stock]
            self._ledger.record("stock_changed", rows, because="counted", replaced=update.replace)

    def take(
        self, sku: str, quantity: Decimal, warehouse: str | None, lot: str | None
    ) -> list[tuple[StockRow | None, Decimal]]:
        """Take units off the shelves, the earliest to expire first; give from which row how many.

        A row of `None` is a SKU that is not counted. Too few units anywhere: `Conflict`, nothing taken.
        """
        rows = self._rows(sku)
        if not rows:
            return [(None, quantity)]
        taken: list[tuple[StockRow | None, Decimal]] = []
        left = quantity
        for row in sorted(rows, key=lambda row: (row.expires_on or "9999", row.lot or "")):
            if (warehouse not in (None, row.warehouse)) or (lot not in (None, row.lot)):
                continue
            units = min(left, Decimal(row.on_hand) - Decimal(row.held))
            if units > 0:
                taken.append((row.model_copy(), units))
                row.on_hand = plain(Decimal(row.on_hand) - units)
                left -= units
        if left > 0:
            raise Conflict({"errors": [problem("stock", f"{plain(left)} of {sku} are not on the shelves")]})
        self._save(sku, rows)
        return taken

    def give_back(self, sku: str, quantity: Decimal, warehouse: str | None, lot: str | None) -> None:
        """Put units back into the row that they were taken from."""
        rows = self._rows(sku)
        for row in rows:
            if (row.warehouse, row.lot) == (warehouse, lot):
                row.on_hand = plain(Decimal(row.on_hand) + quantity)
                return self._save(sku, rows)
        return self._save(sku, [*rows, StockRow(sku=sku, on_hand=plain(quantity), warehouse=warehouse, lot=lot)])

    def page(self, orders: Iterable[Order], cursor: str | None, limit: int, *, complete: bool) -> dict[str, Any]:
        """Give a page of a snapshot, all of whose pages show the moment of the first."""
        if cursor is None:
            name, start = "", 0
            snapshot = self._snapshot(orders, complete=complete)
        else:
            name, offset = parts_of(cursor, 2)
            start = int(offset)
            snapshot = self._documents.get(_SNAPSHOT, name) or {}
        if not snapshot:
            raise unusable_cursor()
        end = start + limit
        has_more = end < len(snapshot["items"])
        if has_more and not name:
            name = self._keep(snapshot)
        return {
            "items": snapshot["items"][start:end],
            "as_of": snapshot["as_of"],
            "complete": snapshot["complete"],
            "next_cursor": cursor_for(name, str(end)) if has_more else None,
        }

    def _snapshot(self, orders: Iterable[Order], *, complete: bool) -> dict[str, Any]:
        with self._documents.transaction():
            as_of = stamp(self._clock.now())
            demand = _demand(orders)
            docs = sorted(self._documents.all(_KIND), key=lambda doc: str(doc["sku"]))
            items = [item for doc in docs for item in _items(self._rows(doc["sku"]), demand, as_of)]
        return {"items": items, "as_of": as_of, "complete": complete}

    def _keep(self, snapshot: dict[str, Any]) -> str:
        with self._documents.transaction():
            latest = number(self._documents, _SNAPSHOT)
            self._documents.put(_SNAPSHOT, str(latest), snapshot)
            self._documents.delete(_SNAPSHOT, str(latest - SNAPSHOTS_KEPT))
        return str(latest)

    def _rows(self, sku: str) -> list[StockRow]:
        doc = self._documents.get(_KIND, sku)
        return [] if doc is None else [StockRow.model_validate(row) for row in doc["rows"]]

    def _save(self, sku: str, rows: list[StockRow]) -> None:
        self._documents.put(_KIND, sku, {"sku": sku, "rows": [row.model_dump(mode="json") for row in rows]})


def _demand(orders: Iterable[Order]) -> dict[tuple[str, str | None], Decimal]:
    """Add up what open orders still want, by SKU and warehouse."""
    demand: dict[tuple[str, str | None], Decimal] = {}
    for order in orders:
        if order["status"] not in WAITING:
            continue
        left = owed(order)
        for line in order["content"]["lines"]:
            key = (line["sku"], order["content"].get("warehouse"))
            demand[key] = demand.get(key, Decimal(0)) + left.get(line["line_id"], Decimal(0))
    return demand


def _items(rows: list[StockRow], demand: dict[tuple[str, str | None], Decimal], as_of: str) -> Iterable[dict[str, Any]]:
    """Give the contract's inventory items; what is kept aside never exceeds what is there."""
    for row in rows:
        free = max(Decimal(row.on_hand) - Decimal(row.held), Decimal(0))
        allocated = Decimal(0)
        for key in ((row.sku, row.warehouse), (row.sku, None)):
            units = min(demand.get(key, Decimal(0)), free - allocated)
            if units > 0:
                demand[key] -= units
                allocated += units
        yield {
            **row.model_dump(mode="json"),
            "allocated": plain(allocated),
            "available": plain(free - allocated),
            "as_of": as_of,
        }


def plain(quantity: Decimal) -> str:
    """Write a quantity without an exponent or needless zeros."""
    return f"{quantity.normalize():f}"
