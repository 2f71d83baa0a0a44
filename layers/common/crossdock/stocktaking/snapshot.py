"""The warehouse's stock, all pages of it, and whether it may be written from."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from crossdock.domain.inventory import StockItem
from crossdock.domain.settings import InventorySettings
from crossdock.domain.shelf import Shelf, sku_key
from crossdock.domain.states import Step
from crossdock.workflow import Workplace, check_time

CLOCKS_APART = timedelta(minutes=5)
"""So far a snapshot may be ahead of our clock."""


@dataclass
class Snapshot:
    """What the warehouse counted. `complete` only when every page said so and every item could be read."""

    as_of: datetime
    complete: bool = True
    items: list[StockItem] = field(default_factory=list)

    def shelf(self, codes: frozenset[str], mode: Literal["on_hand", "available"], known: Iterable[str]) -> Shelf:
        """What lies in these warehouses; an item that names no warehouse lies in any.

        DEAR takes a SKU in any letters for one product: each is spelled as in `known`, or else as it is met first.
        """
        shelf, spelled = Shelf(), {sku_key(sku): sku for sku in known}
        for item in self.items:
            if item.warehouse is None or item.warehouse in codes:
                units = item.on_hand if mode == "on_hand" else item.available
                shelf.put(spelled.setdefault(sku_key(item.sku), item.sku), units, item.lot, item.expires_on)
        return shelf

    def unnamed(self, codes: frozenset[str]) -> list[str]:
        """The codes that no item names, where items name a warehouse at all."""
        named = {item.warehouse for item in self.items}
        return [] if None in named else sorted(codes - named)


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


def sales_are_listed(work: Workplace) -> bool:
    """Whether download_orders has read DEAR's list of sales to its end; if not, it is told.

    Before, goods that DEAR has picked and that still lie in the warehouse would be taken for a surplus.
    """
    if work.checkpoints.checkpoint(work.name, Step.DOWNLOAD_ORDERS).since is not None:
        return True
    text = "not every sale of DEAR is listed yet: no stock is written until download_orders has read the whole list"
    work.tally.trouble("stock", "sales_unlisted", text)
    return False


def is_usable(work: Workplace, settings: InventorySettings, snapshot: Snapshot) -> bool:
    """Whether stock may be written from this snapshot: it is whole and fresh. If not, it is told."""
    if not snapshot.complete:
        text = "the warehouse's snapshot is partial: nothing is written from it"
        work.tally.trouble("stock", "partial_snapshot", text)
        return False
    return is_fresh(work, settings, snapshot.as_of)


def is_fresh(work: Workplace, settings: InventorySettings, as_of: datetime) -> bool:
    """Whether a snapshot of this moment may be written from; if not, it is told."""
    age = work.now() - as_of
    if -CLOCKS_APART <= age <= timedelta(minutes=settings.longest_age):
        return True
    what = "too old" if age > timedelta() else "too far in the future"
    text = f"the warehouse's snapshot is of {as_of:%Y-%m-%d %H:%M} UTC: {what} to be written from"
    work.tally.trouble("stock", "stale_snapshot", text)
    return False
