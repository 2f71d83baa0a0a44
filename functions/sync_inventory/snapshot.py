"""The warehouse's stock, all pages of it."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from crossdock.domain.inventory import StockItem
from crossdock.workflow import Workplace, check_time


@dataclass
class Snapshot:
    """What the warehouse counted. `complete` only when every page said so and every item could be read."""

    as_of: datetime
    complete: bool = True
    items: list[StockItem] = field(default_factory=list)

    def units(self, warehouse: str, mode: Literal["on_hand", "available"]) -> dict[str, Decimal]:
        """SKU to units in one warehouse; an item that names no warehouse counts for each."""
        totals: dict[str, Decimal] = {}
        for item in self.items:
            if item.warehouse in {None, warehouse}:
                units = item.on_hand if mode == "on_hand" else item.available
                totals[item.sku] = totals.get(item.sku, Decimal(0)) + units
        return totals


def read_snapshot(work: Workplace) -> Snapshot:
    """Every page; the oldest `as_of` counts, since anything may have left after it."""
    cursor: str | None = None
    snapshot: Snapshot | None = None
    while True:
        check_time(work)
        page = work.warehouse().stock(cursor=cursor)
        snapshot = snapshot or Snapshot(as_of=page.as_of)
        snapshot.as_of = min(snapshot.as_of, page.as_of)
        snapshot.complete = snapshot.complete and page.complete and not page.refused
        snapshot.items.extend(page.items)
        for text in page.refused:
            work.tally.trouble("stock", "unreadable_stock", text)
        if page.cursor is None:
            return snapshot
        cursor = page.cursor
