"""After the tables were put back to an earlier time: nothing is written before what was done since is known again.

It stands in DEAR and at the warehouse, and nowhere here. So DEAR's list is read again from that time, the warehouse is
asked for an order of each sale that has none here, and its shipments are read again. Until that is done the steps that
write find their lease taken.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from crossdock.collecting import FIRST_LOOK_BACK, collect
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.states import Decision, Step
from crossdock.domain.verdicts import RECOVERING
from crossdock.ports import INDEX_LAG_SECONDS, Checkpoint, Checkpoints
from crossdock.recording import record_shipment
from crossdock.rewinding import BEGAN, LOST_SINCE, WAITS, change_checkpoint, judged_again_before, rewind
from crossdock.sighting import OVERLAP
from crossdock.workflow import Workplace

WAITING = (
    Step.DELIVER_ORDERS, Step.CONFIRM_SHIPMENTS, Step.CREATE_INVOICES, Step.SYNC_INVENTORY, Step.RECONCILE,
)  # fmt: skip
"""The steps that go by what is known here."""

ASKED_FOR = timedelta(days=1)
"""So long after it was begun a sale without an order is still asked for at the warehouse: one may be read late."""

STOCK_WAITS = timedelta(hours=1)
"""So long stock waits after the others: what DEAR has picked is known again when it was to be confirmed again."""

SHIPMENTS_WAIT = timedelta(minutes=30)
"""So long after it was begun a shipment that cannot be read or stored is tried again before the steps go on."""

_HOLDER = "recovery"
_BEGUN_WITHIN, _LONGEST = timedelta(minutes=15), timedelta(days=30)
"""For how long leases are taken: until it is written down that they are, and until it is over."""


def recover(checkpoints: Checkpoints, connection: str, since: datetime, now: datetime) -> tuple[Step, ...]:
    """Begin, for what was done since; the next runs of download_orders do the rest. Safe to repeat.

    Where steps are still at work nothing is begun: those, for which it must be tried again.
    """
    if busy := _take(checkpoints, connection, _BEGUN_WITHIN):
        _release(checkpoints, connection)
        return busy
    rewind(checkpoints, connection, since - OVERLAP, judged_again_before=now)
    change_checkpoint(checkpoints, connection, Step.DOWNLOAD_ORDERS, lambda each: _marked(each, since, now))
    change_checkpoint(checkpoints, connection, Step.COLLECT_SHIPMENTS, lambda each: _back_to(each, since))
    return _take(checkpoints, connection, _LONGEST)


def recovering_since(checkpoint: Checkpoint) -> datetime | None:
    """When it was begun, while the steps that write wait; by the checkpoint of download_orders."""
    return datetime.fromisoformat(checkpoint.notes[BEGAN]) if WAITS in checkpoint.notes else None


def lost_since(checkpoint: Checkpoint) -> datetime | None:
    """Since when nothing is known, while the steps that write wait."""
    return datetime.fromisoformat(checkpoint.notes[LOST_SINCE]) if WAITS in checkpoint.notes else None


def asks_the_warehouse(checkpoint: Checkpoint, now: datetime) -> datetime | None:
    """When it was begun, while the warehouse may have orders that are not known here, or not as they are there."""
    if BEGAN not in checkpoint.notes:
        return None
    began = datetime.fromisoformat(checkpoint.notes[BEGAN])
    return began if WAITS in checkpoint.notes or now < began + ASKED_FOR else None


def keep_waiting(work: Workplace) -> None:
    """Have the steps wait on: `recover` may have died before it took their leases for long."""
    _take(work.checkpoints, work.name, _LONGEST)


def end_if_done(work: Workplace, checkpoint: Checkpoint) -> None:
    """Let the steps go on once the list is read, each sale was tried, and what the warehouse shipped is stored."""
    if judged_again_before(checkpoint) is not None:
        return
    work.clock.sleep(INDEX_LAG_SECONDS)
    waiting = (entry for entry in work.orders.list_sales(work.name, Decision.PENDING) if not entry.attempts)
    if any(entry.reason == RECOVERING for entry in waiting):
        return
    if not collect(work) and _is_young(checkpoint, work.now()):
        return
    for record in tuple(work.orders.list_unmatched(work.name)):
        # What left first must be known first: it came before its order was taken up.
        with suppress(NeedsPerson):  # collect_shipments tells of it, and goes on trying
            record_shipment(work.orders, work.name, record.shipment, work.now())
    if work.checkpoints.checkpoint(work.name, Step.DOWNLOAD_ORDERS).version != checkpoint.version:
        return  # It was begun anew meanwhile.
    # The mark goes last: a run that dies before is followed by one that lets go as well.
    work.checkpoints.take_lease(work.name, Step.SYNC_INVENTORY, _HOLDER, STOCK_WAITS.total_seconds())
    _release(work.checkpoints, work.name, besides=Step.SYNC_INVENTORY)
    change_checkpoint(work.checkpoints, work.name, Step.DOWNLOAD_ORDERS, _let_go)
    work.tally.progress("recovered")


def _is_young(checkpoint: Checkpoint, now: datetime) -> bool:
    """Whether a shipment that cannot be read or stored is waited for still: not for ever, as it may never be."""
    began = recovering_since(checkpoint)
    return began is not None and now < began + SHIPMENTS_WAIT


def _take(checkpoints: Checkpoints, connection: str, lasts: timedelta) -> tuple[Step, ...]:
    """Take the leases of the steps that wait; the steps that have theirs."""
    seconds = lasts.total_seconds()
    return tuple(step for step in WAITING if checkpoints.take_lease(connection, step, _HOLDER, seconds) is None)


def _release(checkpoints: Checkpoints, connection: str, *, besides: Step | None = None) -> None:
    for step in WAITING:
        if step is not besides:
            checkpoints.release_lease(connection, step, _HOLDER)


def _marked(checkpoint: Checkpoint, since: datetime, now: datetime) -> Checkpoint:
    lost = min(since, checkpoint.since or since) - OVERLAP
    marks = {LOST_SINCE: lost.isoformat(), BEGAN: now.isoformat(), WAITS: "yes"}
    return checkpoint.model_copy(update={"notes": {**checkpoint.notes, **marks}})


def _let_go(checkpoint: Checkpoint) -> Checkpoint:
    notes = {name: text for name, text in checkpoint.notes.items() if name != WAITS}
    return checkpoint.model_copy(update={"notes": notes})


def _back_to(checkpoint: Checkpoint, since: datetime) -> Checkpoint:
    place = min(checkpoint.since or since - FIRST_LOOK_BACK, since)
    return checkpoint.model_copy(update={"since": place, "pass_started_at": None, "cursor": None})
