"""Reading what the warehouse shipped: the work of one step, and what another must know before it compares stock."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from crossdock.domain.errors import CrossdockError, LostRace, Remedy
from crossdock.domain.shipment import Shipment
from crossdock.domain.states import Step
from crossdock.ports import Checkpoint, ShipmentPage
from crossdock.recording import record_shipment
from crossdock.workflow import Boundary, Workplace, check_time

OVERLAP = timedelta(minutes=10)
"""Read again in each pass: a warehouse may store a change a little after the time that it carries."""
FIRST_LOOK_BACK = timedelta(days=7)

UNREADABLE_KEPT_FOR = timedelta(days=7)
UNREADABLE_KEPT = 50
_UNREADABLE = "unreadable"


def collect(work: Workplace) -> bool:
    """Store what the warehouse has shipped by now; whether everything that it showed could be read and is stored.

    It reads from the newest change seen, by the warehouse's own clock, and keeps its place after each page (oldest
    change first). A pass that a run does not end is gone on with at that place, without the overlap, so that even a
    page for each run gets on.
    """
    checkpoint = work.checkpoints.checkpoint(work.name, Step.COLLECT_SHIPMENTS)
    place = checkpoint.since or work.now() - FIRST_LOOK_BACK
    since = place if checkpoint.pass_started_at else place - OVERLAP
    started_at = checkpoint.pass_started_at or work.now()
    cursor: str | None = None
    stored, readable = True, True
    while True:
        check_time(work)
        page = work.warehouse().shipments(updated_since=since, cursor=cursor)
        page, whole = _store(work, page)
        stored, readable = stored and whole, readable and not page.refused
        place = _further(place, page, work.now()) if stored else place
        checkpoint = _keep(work, checkpoint, page, place, started_at)
        if page.cursor is None:
            _tell_unreadable(work, checkpoint)
            return stored and readable
        cursor = page.cursor


def _store(work: Workplace, page: ShipmentPage) -> tuple[ShipmentPage, bool]:
    """Store each behind its own boundary; the page, with all that is refused for good, and whether the rest is stored.

    What is refused for good would hold up all that follows. One lost to another writer counts as not stored.
    """
    boundary = Boundary(work)
    stored: list[Shipment] = []
    refused: list[str] = []
    for shipment in page.shipments:
        record, leave = partial(_record, work, shipment, stored), partial(_leave, shipment, refused)
        boundary.attend(shipment.reference, record, leave)
    whole = len(stored) + len(refused) == len(page.shipments)
    return page.model_copy(update={"refused": (*page.refused, *refused)}), whole


def _record(work: Workplace, shipment: Shipment, stored: list[Shipment]) -> None:
    result = record_shipment(work.orders, work.name, shipment, work.now())
    stored.append(shipment)
    if result == "duplicate":
        work.tally.tell("known already")
    else:
        work.tally.progress("collected" if result == "stored" else "kept for an unknown order")


def _leave(shipment: Shipment, refused: list[str], error: CrossdockError) -> None:
    """The boundary has told it. The place moves past it only where no further try would store it."""
    if error.remedy is Remedy.HOLD:
        refused.append(f"shipment {shipment.id}: {error}")


def _further(place: datetime, page: ShipmentPage, now: datetime) -> datetime:
    """The newest change of the page; a stamp from the future is no place to go on from."""
    return max((place, *(min(shipment.updated_at, now) for shipment in page.shipments)))


def _keep(
    work: Workplace, checkpoint: Checkpoint, page: ShipmentPage, place: datetime, started_at: datetime
) -> Checkpoint:
    """Store the place, and what could not be read.

    Once another writer was first, be it a copy or a recovery that goes back, the place is no longer this pass's to
    move: its version stays behind, so none of its later writes succeeds either.
    """
    over = page.cursor is None
    unreadable = _unreadable(checkpoint, page.refused, work.now())
    moved = checkpoint.model_copy(
        update={
            # What was stored late while a pass of several runs was under way: the overlap is counted from its start.
            "since": min(place, started_at) if over else place,
            "pass_started_at": None if over else started_at,
            "cursor": None,
            "notes": {_UNREADABLE: json.dumps(unreadable)} if unreadable else {},
        }
    )
    if moved == checkpoint:
        return checkpoint
    try:
        return work.checkpoints.save_checkpoint(work.name, Step.COLLECT_SHIPMENTS, moved)
    except LostRace:
        return moved


def _unreadable(checkpoint: Checkpoint, refused: Iterable[str], now: datetime) -> dict[str, str]:
    """Each shipment that could not be read, or never stored, with when it was first seen: the last, for some days."""
    known: dict[str, str] = json.loads(checkpoint.notes.get(_UNREADABLE, "{}"))
    seen = {**dict.fromkeys(refused, now.isoformat()), **known}
    recent = [item for item in seen.items() if datetime.fromisoformat(item[1]) + UNREADABLE_KEPT_FOR > now]
    return dict(sorted(recent, key=lambda item: item[1])[-UNREADABLE_KEPT:])


def _tell_unreadable(work: Workplace, checkpoint: Checkpoint) -> None:
    """In every report, not only in that of the pass that met it: nothing else shows such a shipment."""
    unreadable = _unreadable(checkpoint, (), work.now())
    for text in unreadable:
        work.tally.trouble("shipment", "unreadable_shipment", text)
    if unreadable:
        work.tally.tell("unreadable", len(unreadable))
