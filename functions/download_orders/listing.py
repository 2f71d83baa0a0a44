"""The first half: DEAR's list into the coverage ledger. Cheap: a call for each thousand rows, no sale is read."""

import json
from dataclasses import replace
from datetime import datetime
from functools import partial

from crossdock.domain.errors import CrossdockError
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.sale import SaleRow
from crossdock.domain.stamps import stamp_of
from crossdock.domain.states import Decision, Step
from crossdock.list_pass import PassLost, read_list, save_place
from crossdock.ports import Checkpoint, SalePage
from crossdock.recovering import lost_since
from crossdock.rewinding import by_settings, judged_again_before, without_rewind
from crossdock.sighting import OVERLAP, Judging, known_locations, note
from crossdock.workflow import Boundary, Workplace, check_time
from download_orders.unstored import Unstored

_LOCATIONS = "locations"
_STOPPED = {Decision.HELD, Decision.ERROR}


def list_changes(work: Workplace) -> Checkpoint:
    """One pass over what changed since the last. The checkpoint is taken first and moved when all rows are stored.

    A pass that runs out of time goes on at its page in the next run, but not by other settings than it began with.
    """
    checkpoint = by_settings(work.checkpoints.checkpoint(work.name, Step.DOWNLOAD_ORDERS), work.connection)
    if checkpoint.pass_started_at is None:
        checkpoint = checkpoint.model_copy(update={"pass_started_at": work.now(), "page": 1})
    checkpoint = _tell_unstored(work, checkpoint)
    started_at, since = checkpoint.pass_started_at, checkpoint.since
    judging = Judging(
        full=since is None, again_before=judged_again_before(checkpoint), lost_since=lost_since(checkpoint)
    )
    try:
        done, shifted = read_list(
            work, Step.DOWNLOAD_ORDERS, checkpoint, since - OVERLAP if since else None, partial(_take, work, judging)
        )
        ended = save_place(work, Step.DOWNLOAD_ORDERS, _ended(done, started_at))
    except PassLost:
        work.tally.tell("list to be read anew")
        return work.checkpoints.checkpoint(work.name, Step.DOWNLOAD_ORDERS)
    if shifted:
        text = f"DEAR's list kept changing while it was read ({shifted}): what it hid shows in the next reconcile"
        work.tally.trouble(work.name, "list_kept_changing", text)
    return ended


def _ended(checkpoint: Checkpoint, started_at: datetime | None) -> Checkpoint:
    """The checkpoint after a pass: moved, unless a row is still to be tried that could not be stored."""
    unstored, sound = Unstored.noted(checkpoint.notes).after_pass()
    done = checkpoint.model_copy(update={"notes": unstored.note_in(checkpoint.notes)})
    return without_rewind(done).model_copy(update={"since": started_at}) if sound else done


def _tell_unstored(work: Workplace, checkpoint: Checkpoint) -> Checkpoint:
    """In every report, for nothing else shows such a row; the checkpoint without those that were stored meanwhile."""
    unstored = Unstored.noted(checkpoint.notes)
    if not unstored.rows:
        return checkpoint
    unstored = unstored.without_stored(work.orders.sales(work.name, list(unstored.rows)))
    for row in (each for each in unstored.rows.values() if each.given_up):
        text = (
            f"DEAR's row of {row.order_number} could not be stored in {row.passes} passes: the list goes on without it"
        )
        work.tally.trouble(row.order_number, "row_not_stored", text)
    return checkpoint.model_copy(update={"notes": unstored.note_in(checkpoint.notes)})


def _take(work: Workplace, judging: Judging, checkpoint: Checkpoint, page: SalePage) -> Checkpoint:
    """Give every row its entry; the checkpoint with the locations it knows, and the rows that were not stored."""
    rows = _each_once(page)
    checkpoint, locations = _with_locations(work, checkpoint, rows)
    known = work.orders.sales(work.name, [row.sale_id for row in rows])
    boundary = Boundary(work)
    failed: list[SaleRow] = []
    for row in rows:
        check_time(work)
        entry, location = known.get(row.sale_id), locations.get(row.location_id or "")
        act = partial(note, work, row, entry, location, _strict(judging, entry, checkpoint.pass_started_at))
        boundary.attend(row.order_number, act, partial(_note_failed, failed, row))
    unstored = Unstored.noted(checkpoint.notes).after_page(rows, failed)
    return checkpoint.model_copy(update={"notes": unstored.note_in(checkpoint.notes)})


def _strict(judging: Judging, entry: SaleEntry | None, started_at: datetime | None) -> Judging:
    """How strict the pass is with a sale: after a change of settings, a full one judges again what was stopped."""
    stopped = entry is not None and entry.decision in _STOPPED
    return replace(judging, again_before=started_at) if stopped and judging.full else judging


def _note_failed(failed: list[SaleRow], row: SaleRow, _error: CrossdockError) -> None:
    failed.append(row)


def _each_once(page: SalePage) -> tuple[SaleRow, ...]:
    """A sale that stands on the page twice changed while DEAR made it: the newer row is the one to go by."""
    rows: dict[str, SaleRow] = {}
    for row in page.rows:
        other = rows.get(row.sale_id)
        stamps = (stamp_of(other), stamp_of(row)) if other else (None, None)
        if not (stamps[0] and stamps[1] and stamps[0] > stamps[1]):
            rows[row.sale_id] = row
    return tuple(rows.values())


def _with_locations(
    work: Workplace, checkpoint: Checkpoint, rows: tuple[SaleRow, ...]
) -> tuple[Checkpoint, dict[str, str]]:
    """The names of the rows' locations; they are kept in the checkpoint."""
    kept: dict[str, str] = json.loads(checkpoint.notes.get(_LOCATIONS, "{}"))
    locations = known_locations(work, rows, kept)
    if locations != kept:
        notes = {**checkpoint.notes, _LOCATIONS: json.dumps(locations)}
        checkpoint = checkpoint.model_copy(update={"notes": notes})
    return checkpoint, locations
