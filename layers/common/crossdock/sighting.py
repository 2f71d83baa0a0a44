"""What is done with one row of saleList, whoever has read it: its sale gets an entry in the ledger, and a decision."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crossdock.domain.errors import CrossdockError, LostRace
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.order import Order
from crossdock.domain.sale import SaleRow
from crossdock.domain.stamps import stamp_of
from crossdock.domain.states import Decision, OrderStatus
from crossdock.domain.verdicts import IS_VOIDED, RECOVERING, Verdict, is_settled, judge, may_be_ours
from crossdock.withdrawing import withdraw
from crossdock.workflow import Workplace

OVERLAP = timedelta(hours=1)
"""Each pass reads this far back again: rows of a window were seen to be missed (reference notes, 2.4)."""

TRIES = 5
"""Of a row whose sale others write at the same time."""


@dataclass(frozen=True)
class Judging:
    """How strict a pass is with rows that have not changed: see `is_settled`.

    `lost_since`: a sale that changed since and would be skipped for where it stands is read: it may have had an order.
    """

    full: bool = False
    again_before: datetime | None = None
    lost_since: datetime | None = None


def note(work: Workplace, row: SaleRow, entry: SaleEntry | None, location: str | None, judging: Judging) -> None:
    """Give the row its entry, unless that stands as it is."""
    if entry is not None and is_settled(entry, row, full=judging.full, again_before=judging.again_before):
        work.tally.tell("unchanged")
    else:
        sight(work, row, entry, location, lost_since=judging.lost_since)


def sight(
    work: Workplace, row: SaleRow, entry: SaleEntry | None, location: str | None, *, lost_since: datetime | None = None
) -> None:
    """Judge the row, settled or not, and write down what became of its sale; a lost race is run again."""
    for _ in range(TRIES):
        try:
            _sight(work, row, entry, location, lost_since=lost_since)
        except LostRace:
            entry = work.orders.sale(work.name, row.sale_id)
        else:
            return
    raise CrossdockError(f"{row.order_number} was changed by others all the while")


def _sight(
    work: Workplace, row: SaleRow, entry: SaleEntry | None, location: str | None, *, lost_since: datetime | None
) -> None:
    orders = work.orders.orders_of_sale(work.name, row.sale_id) if entry is not None and entry.references else ()
    verdict = judge(row, entry, orders, work.connection.settings, location)
    unsent = all(order.only_here or order.status is OrderStatus.CANCELED for order in orders)
    if lost_since and unsent and may_be_ours(verdict.reason) and _changed_since(row, lost_since):
        verdict = Verdict(decision=Decision.PENDING, reason=RECOVERING)
    if verdict.decision is Decision.VOIDED:
        for order in orders:
            withdraw(work, order, IS_VOIDED.code, IS_VOIDED.text)
    if not verdict.new:
        work.tally.tell("unchanged")
        return
    known = entry or _first_entry(work, row)
    work.orders.save_sale(known.decided(verdict.decision, work.now(), verdict.reason, row=row))
    _tell(work, verdict, orders)


def _changed_since(row: SaleRow, moment: datetime) -> bool:
    stamp = stamp_of(row)
    return stamp is None or stamp >= moment


def known_locations(work: Workplace, rows: Iterable[SaleRow], known: dict[str, str]) -> dict[str, str]:
    """LocationID to name: asked of DEAR only where settings name locations and an id is new to us."""
    wanted = {row.location_id for row in rows if row.location_id}
    if not work.connection.settings.locations or wanted <= known.keys():
        return known
    asked = work.dear().locations()
    return {**dict.fromkeys(wanted, ""), **known, **asked}


def _first_entry(work: Workplace, row: SaleRow) -> SaleEntry:
    now = work.now()
    return SaleEntry(
        connection=work.name,
        sale_id=row.sale_id,
        order_number=row.order_number,
        row=row,
        decision=Decision.PENDING,
        version=0,
        first_seen_at=now,
        updated_at=now,
    )


def _tell(work: Workplace, verdict: Verdict, orders: tuple[Order, ...]) -> None:
    """A sale with orders that changed is no progress yet; nor is one that a person holds."""
    match verdict.decision:
        case Decision.VOIDED:
            work.tally.progress("voided")
        case Decision.HELD:
            work.tally.tell("held by a person")
        case Decision.SKIPPED:
            work.tally.progress("skipped")
        case Decision.PENDING if not (verdict.reason and verdict.reason.code == "changed" and orders):
            work.tally.progress("to be read")
        case _:
            work.tally.tell("changed")
