"""The first half: DEAR's list into the coverage ledger. Cheap: a call for each thousand rows, no sale is read."""

import json
from functools import partial

from crossdock.domain.errors import CrossdockError
from crossdock.domain.sale import SaleRow
from crossdock.domain.stamps import stamp_of
from crossdock.domain.states import Step
from crossdock.list_pass import PassLost, read_list
from crossdock.ports import Checkpoint, SalePage
from crossdock.rewinding import judged_again_before, without_rewind
from crossdock.sighting import OVERLAP, Judging, known_locations, note
from crossdock.workflow import Boundary, Workplace, check_time

_LOCATIONS = "locations"
_UNSOUND = "unsound"
"""The note of a pass in which a row could not be stored: it is kept over a resumed pass, which then is not the last."""


def list_changes(work: Workplace) -> None:
    """One pass over what changed since the last. The checkpoint is taken first and moved when all rows are stored.

    A pass that runs out of time goes on at its page in the next run.
    """
    checkpoint = work.checkpoints.checkpoint(work.name, Step.DOWNLOAD_ORDERS)
    if checkpoint.pass_started_at is None:
        checkpoint = checkpoint.model_copy(update={"pass_started_at": work.now(), "page": 1})
    started_at, since = checkpoint.pass_started_at, checkpoint.since
    judging = Judging(full=since is None, again_before=judged_again_before(checkpoint))
    try:
        done, shifted = read_list(
            work, Step.DOWNLOAD_ORDERS, checkpoint, since - OVERLAP if since else None, partial(_take, work, judging)
        )
    except PassLost:
        work.tally.tell("list to be read anew")
        return
    if shifted:
        text = f"DEAR's list kept changing while it was read ({shifted}): what it hid shows in the next reconcile"
        work.tally.trouble(work.name, "list_kept_changing", text)
    if _UNSOUND in done.notes:
        notes = {name: text for name, text in done.notes.items() if name != _UNSOUND}
        done = done.model_copy(update={"notes": notes})
    else:
        done = without_rewind(done).model_copy(update={"since": started_at})
    work.checkpoints.save_checkpoint(work.name, Step.DOWNLOAD_ORDERS, done)


def _take(work: Workplace, judging: Judging, checkpoint: Checkpoint, page: SalePage) -> Checkpoint:
    """Give every row its entry; the checkpoint with the locations it knows, and marked where a row was not stored."""
    rows = _each_once(page)
    checkpoint, locations = _with_locations(work, checkpoint, rows)
    known = work.orders.sales(work.name, [row.sale_id for row in rows])
    boundary = Boundary(work)
    failed: list[CrossdockError] = []
    for row in rows:
        check_time(work)
        location = locations.get(row.location_id or "")
        act = partial(note, work, row, known.get(row.sale_id), location, judging)
        boundary.attend(row.order_number, act, failed.append)
    if not failed:
        return checkpoint
    return checkpoint.model_copy(update={"notes": {**checkpoint.notes, _UNSOUND: "yes"}})


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
