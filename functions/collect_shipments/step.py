"""Fetch what the warehouse shipped, and match the shipments that came before their order was known."""

from datetime import timedelta
from functools import partial

from crossdock.domain.errors import CrossdockError
from crossdock.domain.order import back_off_seconds
from crossdock.domain.shipment import Shipment, ShipmentRecord
from crossdock.domain.states import Step
from crossdock.ports import ShipmentPage
from crossdock.recording import record_shipment
from crossdock.workflow import Boundary, Workplace, check_time, due_keys

OVERLAP = timedelta(minutes=10)
"""Read again each time: a warehouse may store a change a little after the time that it carries."""
FIRST_LOOK_BACK = timedelta(days=7)


def collect_shipments(work: Workplace) -> None:
    """Read new shipments, then try to match the unmatched."""
    _poll(work)
    _match(work)


def _poll(work: Workplace) -> None:
    """Read from the newest change seen, by the warehouse's own clock; moved on once a pass is stored whole."""
    checkpoint = work.checkpoints.checkpoint(work.name, Step.COLLECT_SHIPMENTS)
    since = checkpoint.since or work.now() - FIRST_LOOK_BACK
    newest, cursor, sound = since, checkpoint.cursor, True
    while True:
        check_time(work)
        page = work.warehouse().shipments(updated_since=since - OVERLAP, cursor=cursor)
        sound = _store(work, page) and sound
        newest = max((newest, *(shipment.updated_at for shipment in page.shipments)))
        if page.cursor is None:
            break
        cursor = page.cursor
    if sound:
        work.checkpoints.save_checkpoint(
            work.name, Step.COLLECT_SHIPMENTS, checkpoint.model_copy(update={"since": newest, "cursor": None})
        )


def _store(work: Workplace, page: ShipmentPage) -> bool:
    """Store a page; whether all of it is kept. One shipment that cannot be kept holds back the checkpoint alone."""
    for text in page.refused:
        work.tally.tell("unreadable")
        work.tally.trouble("shipment", "unreadable_shipment", text)
    boundary = Boundary(work)
    lost: list[CrossdockError] = []
    for shipment in page.shipments:
        boundary.attend(shipment.reference, partial(_record, work, shipment), lost.append)
    return not lost


def _record(work: Workplace, shipment: Shipment) -> None:
    result = record_shipment(work.orders, work.name, shipment, work.now())
    if result == "duplicate":
        work.tally.tell("known already")
    else:
        work.tally.progress("collected" if result == "stored" else "kept for an unknown order")


def _match(work: Workplace) -> None:
    boundary = Boundary(work)
    for key in due_keys(work, Step.COLLECT_SHIPMENTS):
        record = work.orders.shipment_at(key)
        if record is not None and record.sale_id is None:
            boundary.attend(record.shipment.reference, partial(_match_one, work, record), partial(_later, work, record))


def _match_one(work: Workplace, record: ShipmentRecord) -> None:
    if work.orders.order(work.name, record.shipment.reference) is None:
        _later(work, record, None)
        work.tally.tell("still unmatched")
        return
    record_shipment(work.orders, work.name, record.shipment, work.now())
    work.tally.progress("matched")


def _later(work: Workplace, record: ShipmentRecord, _error: CrossdockError | None) -> None:
    wait = 60 + back_off_seconds(record.shipment.reference, record.attempts + 1)
    update = {
        "version": record.version + 1,
        "attempts": record.attempts + 1,
        "due_at": work.now() + timedelta(seconds=wait),
    }
    work.orders.save_shipment(record.model_copy(update=update))
