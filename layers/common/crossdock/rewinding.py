"""Having DEAR's list read again from an earlier time: by a person's wish, and whenever the settings change."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from hashlib import blake2s

from crossdock.domain.errors import LostRace
from crossdock.domain.settings import Connection
from crossdock.domain.states import Step
from crossdock.forgetting import mark_in
from crossdock.list_pass import without_place
from crossdock.ports import Checkpoint, Checkpoints
from crossdock.sighting import OVERLAP

TRIES = 5
"""Of a write that a running step may overtake."""

BEGAN, LOST_SINCE, WAITS = "recovering_since", "lost_since", "steps_wait"
"""What the checkpoint notes while a connection recovers (recovering.py): no rewind drops it."""

_JUDGED_AGAIN, _JUDGED_BY = "judged_again_before", "judged_by"
_KEPT = (BEGAN, LOST_SINCE, WAITS, _JUDGED_BY)


def rewind(
    checkpoints: Checkpoints,
    connection: str,
    to: datetime | None,
    *,
    judged_again_before: datetime | None = None,
    judged_by: Connection | None = None,
) -> Checkpoint:
    """Have the next passes of the download read from `to` (None: from the start); the checkpoint as it stands then.

    It never moves ahead. A pass that is running loses its place, and begins anew as well. With `judged_again_before`
    every sale of the pass whose decision is older is judged again, be it loaded and unchanged. `judged_by`: the
    settings that stand while others are about to, for a checkpoint that does not say what its passes went by.
    """
    change = partial(_moved, to=to, again_before=judged_again_before, judged_by=judged_by)
    return change_checkpoint(checkpoints, connection, Step.DOWNLOAD_ORDERS, change)


def by_settings(checkpoint: Checkpoint, connection: Connection) -> Checkpoint:
    """The checkpoint for a pass by these settings: set back to the start, where its passes went by others.

    So a change is made good by whichever run meets it, whoever died on the way or read the settings before it. One that
    does not say, as older versions left it, counts as gone by these.
    """
    mark = _mark_of(connection)
    if checkpoint.notes.get(_JUDGED_BY, mark) != mark:
        checkpoint = _moved(checkpoint, None, None)
    return checkpoint.model_copy(update={"notes": {**checkpoint.notes, _JUDGED_BY: mark}})


def _mark_of(connection: Connection) -> str:
    """The same for the same settings, in whatever order, and in a version that has more of them."""
    said = connection.model_dump(include={"dear", "settings"}, exclude_defaults=True)
    text = json.dumps(said, sort_keys=True, default=_plain)
    return blake2s(text.encode(), digest_size=16).hexdigest()


def _plain(value: object) -> object:
    """What JSON has no word for: a set in one order in every process, all else as its text."""
    return sorted(value) if isinstance(value, frozenset) else str(value)


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


def _moved(
    checkpoint: Checkpoint, to: datetime | None, again_before: datetime | None, judged_by: Connection | None = None
) -> Checkpoint:
    """What waits to be judged again keeps waiting; all else that was noted, names of locations too, is asked anew."""
    since = min(checkpoint.since, to + OVERLAP) if checkpoint.since and to else None
    before = again_before or judged_again_before(checkpoint)
    notes = {name: checkpoint.notes[name] for name in _KEPT if name in checkpoint.notes}
    notes |= {_JUDGED_AGAIN: before.isoformat()} if before else {}
    if judged_by is not None:
        notes.setdefault(_JUDGED_BY, _mark_of(judged_by))
    return without_place(checkpoint).model_copy(update={"since": since, "notes": notes})
