"""What a reading of DEAR's whole list finds: sales that no window showed, and orders that DEAR sees differently."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2s
from typing import NamedTuple

from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Record
from crossdock.domain.order import Order
from crossdock.domain.sale import SaleRow
from crossdock.domain.stamps import stamp_of
from crossdock.domain.states import Decision, OrderStatus
from crossdock.domain.verdicts import VOIDED

SETTLED_AFTER = timedelta(hours=1)
"""So long after our last word on an order DEAR's list may still be catching up with it."""

MOST_SHOWN = 200
"""Findings that are kept one by one; of more there are only the counts."""

MOST_UNSEEN = 10_000
"""Sales with open orders that are looked for over several runs: so many fit into a checkpoint."""


class FindingKind(StrEnum):
    """What may be found, the worst last."""

    NEVER_SEEN = "never_seen"
    MOVED_WITHOUT_US = "moved_without_us"
    SHIPPED_IN_DEAR_NOT_BY_US = "shipped_in_dear_not_by_us"
    CONFIRMED_HERE_NOT_IN_DEAR = "confirmed_here_not_in_dear"
    GONE_FROM_DEAR = "gone_from_dear"


WHAT_TO_DO: dict[FindingKind, str] = {
    FindingKind.NEVER_SEEN: "nothing: it is in the ledger now, and is loaded if it is in scope",
    FindingKind.MOVED_WITHOUT_US: "nothing: it is judged again now",
    FindingKind.SHIPPED_IN_DEAR_NOT_BY_US: "see who shipped it in DEAR; if the goods left another way, stop the order "
    "at the warehouse",
    FindingKind.CONFIRMED_HERE_NOT_IN_DEAR: "look whether the shipment was undone in DEAR; if so, authorise it there",
    FindingKind.GONE_FROM_DEAR: "look for the sale in DEAR; if it was deleted, stop the order at the warehouse",
}


class Finding(Record):
    """Something on which DEAR and we disagree, or disagreed until now. Holds no personal data."""

    kind: FindingKind
    sale_id: str
    order_number: str
    dear_says: str
    we_say: str

    @property
    def text(self) -> str:
        return f"DEAR says: {self.dear_says}; Crossdock says: {self.we_say}. {WHAT_TO_DO[self.kind].capitalize()}"


_NOTE, _UNSEEN = "findings", "unseen"


class Found(Record):
    """The findings of a pass: the first of them, and how many there are of each kind."""

    counts: dict[FindingKind, int] = {}
    shown: tuple[Finding, ...] = ()

    @classmethod
    def noted(cls, notes: Mapping[str, str]) -> "Found":
        """What a checkpoint's notes keep of a pass."""
        return cls.model_validate_json(notes.get(_NOTE, "{}"))

    def note(self) -> dict[str, str]:
        return {_NOTE: self.model_dump_json()}

    def plus(self, finding: Finding) -> "Found":
        """With one more; one that is known already, as where the list was read twice, counts once."""
        if any((each.kind, each.order_number) == (finding.kind, finding.order_number) for each in self.shown):
            return self
        counts = {**self.counts, finding.kind: self.counts.get(finding.kind, 0) + 1}
        shown = (*self.shown, finding) if len(self.shown) < MOST_SHOWN else self.shown
        return Found(counts=counts, shown=shown)


# --- rows and entries ----------------------------------------------------------------------------------------

_TELLING = (
    "updated", "order_number", "type", "status", "order_status", "picking", "packing", "shipping", "order_date",
    "location_id",
)  # fmt: skip
"""What of a row decides about its sale."""


def missed(row: SaleRow, entry: SaleEntry | None, shown_before: datetime) -> FindingKind | None:
    """Whether this state of the sale was shown by no window, and will be by none.

    What changed after `shown_before` is left to the windows. A row whose stamp cannot be read is never left to them.
    """
    stamp = stamp_of(row)
    if stamp is not None and stamp > shown_before:
        return None
    if entry is None:
        return FindingKind.NEVER_SEEN
    known = stamp_of(entry.row)
    if known is not None and stamp is not None and known > stamp:
        return None
    differs = any(getattr(row, name) != getattr(entry.row, name) for name in _TELLING)
    return FindingKind.MOVED_WITHOUT_US if differs else None


def is_known(row: SaleRow, entry: SaleEntry | None) -> bool:
    """Whether the download has acted on this state of the sale: until then it is not at odds with DEAR, only behind."""
    return entry is not None and entry.row.updated == row.updated and entry.decision is not Decision.PENDING


def finding_of_row(kind: FindingKind, row: SaleRow, entry: SaleEntry | None) -> Finding:
    told = f"it was {_told(entry.row)}" if entry else "it was never listed"
    return Finding(kind=kind, sale_id=row.sale_id, order_number=row.order_number, dear_says=_told(row), we_say=told)


# --- orders --------------------------------------------------------------------------------------------------

OPEN = (
    OrderStatus.NEW, OrderStatus.AT_WMS, OrderStatus.PART_SHIPPED, OrderStatus.SHIPPED, OrderStatus.HELD,
    OrderStatus.ERROR,
)  # fmt: skip
"""Orders that still want something: their sales must be in the list."""

CONFIRMED = (OrderStatus.CONFIRMED, OrderStatus.INVOICED)
"""Orders whose shipment we wrote to DEAR."""

_SHIPPED_AT_ALL = {"SHIPPED", "PARTIALLY SHIPPED"}


class Standing(NamedTuple):
    """How a sale's orders stand: some open, some confirmed in DEAR, some not confirmed."""

    open: bool
    confirmed: bool
    unconfirmed: bool

    @classmethod
    def of(cls, order: Order, others: "Standing | None") -> "Standing":
        confirmed = _is_confirmed(order)
        mine = cls(open=order.status in OPEN, confirmed=confirmed, unconfirmed=not confirmed)
        return cls(*(one or other for one, other in zip(mine, others, strict=True))) if others else mine


def may_disagree(row: SaleRow, standing: Standing | None) -> bool:
    """Whether the sale's orders are worth a look."""
    if standing is None:
        return False
    return standing.unconfirmed if row.shipping == "SHIPPED" else standing.confirmed


def disagreement(row: SaleRow, order: Order, now: datetime) -> FindingKind | None:
    """Whether DEAR's word on shipping and ours are at odds; what is on its way to DEAR is not."""
    if order.status not in {*OPEN, *CONFIRMED}:
        return None
    confirmed = _is_confirmed(order)
    if confirmed and row.shipping not in _SHIPPED_AT_ALL and row.status != VOIDED:
        settled = order.updated_at + SETTLED_AFTER <= now
        return FindingKind.CONFIRMED_HERE_NOT_IN_DEAR if settled else None
    if row.shipping == "SHIPPED" and not confirmed and not _on_its_way(order):
        return FindingKind.SHIPPED_IN_DEAR_NOT_BY_US
    return None


def finding_of_order(kind: FindingKind, order: Order, row: SaleRow | None) -> Finding:
    """`row` None: DEAR's list does not have the sale."""
    stands = order.status if order.held_from is None else f"{order.status}, from {order.held_from}"
    return Finding(
        kind=kind,
        sale_id=order.sale_id,
        order_number=order.content.order_number,
        dear_says=_told(row) if row else "nothing: its list does not have the sale",
        we_say=stands,
    )


def _is_confirmed(order: Order) -> bool:
    return (order.held_from or order.status) in CONFIRMED


def _on_its_way(order: Order) -> bool:
    """Whether we are writing the shipment to DEAR, or have: then DEAR's word is ours."""
    began = order.intent is not None and order.intent.action in {"pick", "pack", "ship"}
    return order.status is OrderStatus.SHIPPED or began or "ship" in order.done


def _told(row: SaleRow) -> str:
    return f"{row.status or 'no status'}, {row.shipping or 'no word on shipping'}"


# --- sales that the list should show -------------------------------------------------------------------------


class Unseen:
    """The sales with open orders that the list has not shown yet. Too many to be kept are not looked for."""

    def __init__(self, marks: set[str], *, complete: bool = True) -> None:
        self._marks, self.complete = marks, complete

    @classmethod
    def of(cls, sale_ids: set[str]) -> "Unseen":
        return cls({_mark(sale_id) for sale_id in sale_ids}, complete=len(sale_ids) <= MOST_UNSEEN)

    @classmethod
    def noted(cls, notes: Mapping[str, str]) -> "Unseen":
        kept = json.loads(notes.get(_UNSEEN, "null"))
        return cls(set(kept or ()), complete=kept is not None)

    def note(self) -> dict[str, str]:
        return {_UNSEEN: json.dumps(sorted(self._marks))} if self.complete else {}

    def saw(self, sale_ids: set[str]) -> None:
        self._marks -= {_mark(sale_id) for sale_id in sale_ids}

    def has(self, sale_id: str) -> bool:
        return self.complete and _mark(sale_id) in self._marks


def without_unseen(notes: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in notes.items() if name != _UNSEEN}


def _mark(sale_id: str) -> str:
    return blake2s(sale_id.encode(), digest_size=6).hexdigest()
