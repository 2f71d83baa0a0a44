"""What the warehouse pushes, and its question where an order stands: ports in, an answer out."""

import json
from collections import Counter
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from traceback import extract_tb
from typing import Any

from pydantic import Field

from crossdock.domain.errors import CrossdockError, LostRace
from crossdock.domain.model import Record
from crossdock.domain.order import Order
from crossdock.domain.shipment import Shipment, ShipmentRecord
from crossdock.ports import Checkpoints, Clock, Orders
from crossdock.recording import record_shipment
from receive_tracking.message import Problem, PushInvalid, read_push


class Push(Record):
    """A message whose signature was found good."""

    webhook_id: str
    body: bytes = Field(repr=False)


class Answer(Record):
    """An HTTP status and a JSON text; what else it has is for the log, the id once it is proven."""

    status: int
    body: str = Field(repr=False)
    counts: dict[str, int] = {}
    faults: tuple[str, ...] = ()
    webhook_id: str | None = None


def refusal(status: HTTPStatus, *problems: Problem) -> Answer:
    """An answer of errors, in the contract's shape."""
    errors = [{"field": field, "message": message} for field, message in problems]
    return Answer(status=status, body=json.dumps({"errors": errors}))


def receive(connection: str, push: Push, orders: Orders, checkpoints: Checkpoints, clock: Clock) -> Answer:
    """Store the shipments of a push, each for itself; 202 once all are durable.

    A repeat gets the first answer again. Where one could not be stored the answer is 500 and is not remembered:
    the warehouse sends the push again, and what was stored then counts as a duplicate.
    """
    body_hash = sha256(push.body).hexdigest()
    try:
        if (first := checkpoints.replayed(connection, push.webhook_id, body_hash)) is not None:
            return Answer(status=HTTPStatus.ACCEPTED, body=first, counts={"replayed": 1})
        pushed = read_push(push.body)
        shipments = list(map(checkpoints.stock.aliases(connection).incoming, pushed))
        answer = _store(connection, shipments, orders, clock)
        if answer.status == HTTPStatus.ACCEPTED:
            checkpoints.remember_push(connection, push.webhook_id, body_hash, answer.body)
    except PushInvalid as invalid:
        return refusal(HTTPStatus.BAD_REQUEST, *invalid.problems)
    except LostRace:
        return refusal(HTTPStatus.CONFLICT, ("webhook-id", "was used for another body"))
    return answer


def _store(connection: str, shipments: list[Shipment], orders: Orders, clock: Clock) -> Answer:
    accepted: list[dict[str, object]] = []
    faults: list[str] = []
    for shipment in shipments:
        try:
            result = record_shipment(orders, connection, shipment, clock.now(), polled=False)
        except Exception as fault:  # noqa: BLE001 - the boundary of one shipment: its trouble stops no other
            faults.append(fault_told(fault))
            continue
        accepted.append({"id": shipment.id, "revision": shipment.revision, "result": result})
    counts = Counter(str(each["result"]) for each in accepted)
    if faults:
        return not_stored(*faults).model_copy(update={"counts": {**counts, "failed": len(faults)}})
    return Answer(status=HTTPStatus.ACCEPTED, body=json.dumps({"accepted": accepted}), counts=counts)


def not_stored(*faults: str) -> Answer:
    """The answer to whatever went wrong on our side: nothing but a request to send it again."""
    answer = refusal(HTTPStatus.INTERNAL_SERVER_ERROR, ("", "not done: send it again later"))
    return answer.model_copy(update={"faults": faults})


def fault_told(fault: Exception) -> str:
    """A fault for the log: our own errors in their words, others by kind and place, for their text may quote data."""
    if isinstance(fault, CrossdockError):
        return str(fault)
    frames = extract_tb(fault.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(fault).__name__ + place


def order_status(connection: str, reference: str, orders: Orders) -> Answer:
    """Where an order stands, or 404."""
    order = orders.order(connection, reference)
    if order is None:
        return refusal(HTTPStatus.NOT_FOUND, ("reference", "no order has it"))
    document = _shown(order, orders.shipments_of_order(order))
    return Answer(status=HTTPStatus.OK, body=json.dumps(document))


def _shown(order: Order, shipments: tuple[ShipmentRecord, ...]) -> dict[str, Any]:
    return {
        "reference": order.reference,
        "order_number": order.content.order_number,
        "status": order.status,
        "reason": order.reason.text if order.reason else None,
        "shipments": [
            {"id": each.shipment.id, "revision": each.shipment.revision, "status": each.status} for each in shipments
        ],
        "timeline": [event.model_dump() for event in order.timeline],
    }
