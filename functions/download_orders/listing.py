"""The first half: DEAR's list into the coverage ledger. Cheap: a call for each thousand rows, no sale is read."""

import json
from datetime import timedelta
from functools import partial

from crossdock.domain.errors import CrossdockError
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Reason
from crossdock.domain.order import Order
from crossdock.domain.sale import SaleRow, SaleType
from crossdock.domain.scope import judge_row
from crossdock.domain.states import Decision, OrderStatus, Step
from crossdock.ports import Checkpoint
from crossdock.workflow import Boundary, Workplace, check_time
from download_orders.withdrawing import withdraw

OVERLAP = timedelta(hours=1)
"""Each pass reads this far back again: rows of a window were seen to be missed (reference notes, 2.4)."""

_AT_REST = {OrderStatus.SHIPPED, OrderStatus.CONFIRMED, OrderStatus.INVOICED}
_UNSOUND = "unsound"
"""The note of a pass in which a row could not be stored: it is kept over a resumed pass, which then is not the last."""
_VOIDED = "VOIDED"


def list_changes(work: Workplace) -> None:
    """One pass over what changed since the last. The checkpoint is taken first and moved when all rows are stored.

    A pass that runs out of time goes on at its page in the next run.
    """
    checkpoint = work.checkpoints.checkpoint(work.name, Step.DOWNLOAD_ORDERS)
    if checkpoint.pass_started_at is None:
        checkpoint = checkpoint.model_copy(update={"pass_started_at": work.now(), "page": 1})
    since = checkpoint.since - OVERLAP if checkpoint.since else None
    more = True
    while more:
        check_time(work)
        page = work.dear().list_sales(page=checkpoint.page, updated_since=since)
        work.tally.tell("listed", len(page.rows))
        for refused in page.refused:
            work.tally.trouble(work.name, "unreadable_row", refused)
        checkpoint = _note_rows(work, checkpoint, page.rows)
        more = page.more
        if more:
            turned = checkpoint.model_copy(update={"page": checkpoint.page + 1})
            checkpoint = work.checkpoints.save_checkpoint(work.name, Step.DOWNLOAD_ORDERS, turned)
    since = checkpoint.since if _UNSOUND in checkpoint.notes else checkpoint.pass_started_at
    notes = {name: note for name, note in checkpoint.notes.items() if name != _UNSOUND}
    done = checkpoint.model_copy(update={"since": since, "notes": notes, "pass_started_at": None, "page": 1})
    work.checkpoints.save_checkpoint(work.name, Step.DOWNLOAD_ORDERS, done)


def _note_rows(work: Workplace, checkpoint: Checkpoint, rows: tuple[SaleRow, ...]) -> Checkpoint:
    """Give every row its entry; the checkpoint with the locations it knows, and marked where a row was not stored."""
    checkpoint, locations = _locations(work, checkpoint, rows)
    known = work.orders.sales(work.name, [row.sale_id for row in rows])
    boundary = Boundary(work)
    failed: list[CrossdockError] = []
    for row in rows:
        location = locations.get(row.location_id or "")
        note = partial(_note, work, row, known.get(row.sale_id), location, full=checkpoint.since is None)
        boundary.attend(row.order_number, note, failed.append)
    if not failed:
        return checkpoint
    return checkpoint.model_copy(update={"notes": {**checkpoint.notes, _UNSOUND: "yes"}})


def _locations(work: Workplace, checkpoint: Checkpoint, rows: tuple[SaleRow, ...]) -> tuple[Checkpoint, dict[str, str]]:
    """LocationID to name: asked of DEAR only where settings name locations and an id is new to us."""
    if not work.connection.settings.locations:
        return checkpoint, {}
    locations: dict[str, str] = json.loads(checkpoint.notes.get("locations", "{}"))
    if any(row.location_id and row.location_id not in locations for row in rows):
        asked = work.dear().locations()
        unknown = {row.location_id: "" for row in rows if row.location_id and row.location_id not in asked}
        locations = {**unknown, **asked}
        notes = {**checkpoint.notes, "locations": json.dumps(locations)}
        checkpoint = checkpoint.model_copy(update={"notes": notes})
    return checkpoint, locations


def _note(work: Workplace, row: SaleRow, entry: SaleEntry | None, location: str | None, *, full: bool) -> None:
    if entry is None:
        _store(work, row, _first_entry(work, row), location)
    elif entry.row == row and not _to_be_judged_again(entry, full=full):
        work.tally.tell("unchanged")
    else:
        _store(work, row, entry, location)


def _to_be_judged_again(entry: SaleEntry, *, full: bool) -> bool:
    """Settings may have changed since: what the sale itself told holds until a full pass, which follows a change."""
    read = entry.read_stamp == entry.row.updated
    return entry.decision is Decision.SKIPPED and (full or not read)


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


def _store(work: Workplace, row: SaleRow, entry: SaleEntry, location: str | None) -> None:
    """Decide what becomes of the row. A sale that has live orders is judged by them, not by the filters."""
    orders = work.orders.orders_of_sale(work.name, row.sale_id) if entry.references else ()
    if row.status == _VOIDED:
        _voided(work, row, entry, orders)
        return
    live = tuple(order for order in orders if order.status is not OrderStatus.CANCELED)
    if live:
        _loaded(work, row, entry, live)
        return
    reason = judge_row(row, work.connection.settings, location)
    decision = Decision.SKIPPED if reason else Decision.PENDING
    if (entry.row, entry.decision, entry.reason) == (row, decision, reason) and entry.version:
        work.tally.tell("unchanged")
        return
    work.orders.save_sale(entry.decided(decision, work.now(), reason, row=row))
    if reason:
        work.tally.progress("skipped")
    else:
        work.tally.progress("to be read")


def _loaded(work: Workplace, row: SaleRow, entry: SaleEntry, orders: tuple[Order, ...]) -> None:
    """A sale with orders changed: read again, unless nothing that could have changed matters any more."""
    may_grow = row.type is not SaleType.SIMPLE and row.shipping != "SHIPPED"
    at_rest = not may_grow and all(order.status in _AT_REST for order in orders)
    decision = Decision.LOADED if at_rest else Decision.PENDING
    reason = None if at_rest else Reason(code="changed", text="it changed in DEAR and is to be read again")
    work.orders.save_sale(entry.decided(decision, work.now(), reason, row=row))
    work.tally.tell("changed")


def _voided(work: Workplace, row: SaleRow, entry: SaleEntry, orders: tuple[Order, ...]) -> None:
    """Withdraw what can be withdrawn; what has left the building is held, loudly."""
    for order in orders:
        withdraw(work, order, "voided", "it was voided in DEAR")
    reason = Reason(code="voided", text="it was voided in DEAR")
    work.orders.save_sale(entry.decided(Decision.VOIDED, work.now(), reason, row=row))
    work.tally.progress("voided")
