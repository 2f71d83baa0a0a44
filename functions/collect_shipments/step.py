"""Fetch what the warehouse shipped, and match the shipments that came before their order was known."""

from datetime import timedelta
from functools import partial

from crossdock.collecting import collect
from crossdock.domain.errors import CrossdockError
from crossdock.domain.order import back_off_seconds
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.states import Step
from crossdock.recording import record_shipment
from crossdock.workflow import Boundary, Workplace, due_keys

REPORTED_AFTER = timedelta(hours=1)
"""So long a shipment may be ahead of its order."""


def collect_shipments(work: Workplace) -> None:
    """Read new shipments, then try to match the unmatched: what was pushed waits for no list that cannot be read."""
    try:
        collect(work)
    finally:
        _match(work)
        _tell_unmatched(work)


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


def _tell_unmatched(work: Workplace) -> None:
    """In every report, for as long as it lasts: what left the building for an order that nobody knows."""
    now = work.now()
    for record in work.orders.list_unmatched(work.name):
        if record.received_at + REPORTED_AFTER <= now:
            shipment = record.shipment
            text = (
                f"the warehouse shipped {shipment.id} for {shipment.reference}, which is no order here: see whether "
                "its sale is skipped or held, or have the warehouse correct the reference"
            )
            work.tally.trouble(shipment.reference, "unmatched_for_an_hour", text)


def _later(work: Workplace, record: ShipmentRecord, _error: CrossdockError | None) -> None:
    wait = 60 + back_off_seconds(record.shipment.reference, record.attempts + 1)
    update = {
        "version": record.version + 1,
        "attempts": record.attempts + 1,
        "due_at": work.now() + timedelta(seconds=wait),
    }
    work.orders.save_shipment(record.model_copy(update=update))
