"""Having DEAR's list read again from an earlier time: by a person's wish, and whenever the settings change."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from crossdock.domain.errors import LostRace
from crossdock.domain.states import Step
from crossdock.forgetting import mark_in
from crossdock.list_pass import without_place
from crossdock.ports import Checkpoint, Checkpoints
from crossdock.sighting import OVERLAP

TRIES = 5
"""Of a write that a running step may overtake."""

BEGAN, LOST_SINCE, WAITS = "recovering_since", "lost_since", "steps_wait"
"""What the checkpoint notes while a connection recovers (recovering.py): no rewind drops it."""

_JUDGED_AGAIN = "judged_again_before"


def rewind(
    checkpoints: Checkpoints, connection: str, to: datetime | None, *, judged_again_before: datetime | None = None
) -> Checkpoint:
    """Have the next passes of the download read from `to` (None: from the start); the checkpoint as it stands then.

    It never moves ahead. A pass that is running loses its place, and begins anew as well. With `judged_again_before`
    every sale of the pass whose decision is older is judged again, be it loaded and unchanged.
    """
    change = partial(_moved, to=to, again_before=judged_again_before)
    return change_checkpoint(checkpoints, connection, Step.DOWNLOAD_ORDERS, change)


def reconcile_anew(checkpoints: Checkpoints, connection: str) -> Checkpoint:
    """Have the next run of reconcile begin a pass, whether it is time or not, and whatever one is under way."""
    return change_checkpoint(checkpoints, connection, Step.RECONCILE, _begun_anew)


def judged_again_before(checkpoint: Checkpoint) -> datetime | None:
    """Before when a decision must be for this pass to judge it again; None where no rewind is under way."""
    noted = checkpoint.notes.get(_JUDGED_AGAIN)
    return datetime.fromisoformat(noted) if noted else None


def without_rewind(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint of a pass that has judged everything again."""
    notes = {name: text for name, text in checkpoint.notes.items() if name != _JUDGED_AGAIN}
    return checkpoint.model_copy(update={"notes": notes})


def change_checkpoint(
    checkpoints: Checkpoints, connection: str, step: Step, change: Callable[[Checkpoint], Checkpoint]
) -> Checkpoint:
    """Change a checkpoint that a running step may change as well; as it stands then."""
    attempt = 1
    while True:
        changed = change(checkpoints.checkpoint(connection, step))
        try:
            return checkpoints.save_checkpoint(connection, step, changed)
        except LostRace:
            if attempt == TRIES:
                raise
            attempt += 1


def _begun_anew(checkpoint: Checkpoint) -> Checkpoint:
    return Checkpoint(version=checkpoint.version, notes=mark_in(checkpoint.notes))


def _moved(checkpoint: Checkpoint, to: datetime | None, again_before: datetime | None) -> Checkpoint:
    """What waits to be judged again keeps waiting; all else that was noted, names of locations too, is asked anew."""
    since = min(checkpoint.since, to + OVERLAP) if checkpoint.since and to else None
    before = again_before or judged_again_before(checkpoint)
    notes = {name: checkpoint.notes[name] for name in (BEGAN, LOST_SINCE, WAITS) if name in checkpoint.notes}
    notes |= {_JUDGED_AGAIN: before.isoformat()} if before else {}
    return without_place(checkpoint).model_copy(update={"since": since, "notes": notes})
