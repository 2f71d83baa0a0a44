"""What the warehouse pushes, and its question where an order stands: ports in, an answer out."""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from http import HTTPStatus

from pydantic import Field

from crossdock.domain.aliases import Aliases
from crossdock.domain.errors import AnsweredBefore, NeedsPerson
from crossdock.domain.faults import fault_told
from crossdock.domain.model import Record
from crossdock.domain.order import Order
from crossdock.domain.shipment import Shipment, ShipmentRecord
from crossdock.ports import AnsweredPush, Clock, Orders, PushId
from crossdock.recording import Result, record_shipment
from receive_tracking.answers import Accepted, OrderStanding, ShipmentStanding, Taken, errors
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
    return Answer(status=status, body=errors(problems).model_dump_json())


def receive(connection: str, push: Push, orders: Orders, aliases: Aliases, clock: Clock) -> Answer:
    """Store the shipments of a push, each for itself; 202 once all are durable.

    A repeat gets the first answer again. Where one could not be stored the answer is 500 and is not remembered:
    the warehouse sends the push again, and what was stored then counts as a duplicate. Where none but those are left
    that never can be, it is 400, and names them.
    """
    digest = sha256(push.body).hexdigest()
    seen = PushId(connection=connection, webhook_id=push.webhook_id, body_hash=digest, at=clock.now())
    try:
        return _received(seen, push.body, orders, aliases)
    except AnsweredBefore as before:
        if before.answer is None:
            return refusal(HTTPStatus.CONFLICT, ("webhook-id", "was used for another body"))
        return Answer(status=HTTPStatus.ACCEPTED, body=before.answer, counts={"replayed": 1})


def _received(seen: PushId, body: bytes, orders: Orders, aliases: Aliases) -> Answer:
    try:
        pushed = read_push(body)
    except PushInvalid as invalid:
        orders.open_push(seen, ())  # an id that was used before is told first
        return refusal(HTTPStatus.BAD_REQUEST, *invalid.problems)
    shipments = [aliases.incoming(shipment) for shipment in pushed]
    return _store(seen, shipments, orders.open_push(seen, shipments))


def _store(seen: PushId, shipments: Sequence[Shipment], orders: Orders) -> Answer:
    """Store each shipment; the answer goes with the last one, if all went well."""
    taken: tuple[Taken, ...] = ()
    faults: list[str] = []
    refused: list[Problem] = []
    for number, shipment in enumerate(shipments):
        answers = number == len(shipments) - 1 and not faults and not refused
        try:
            taken = (*taken, _take(seen, shipment, orders, taken if answers else None))
        except AnsweredBefore:
            raise
        except NeedsPerson as never:
            refused.append((f"data[{number}]" if len(shipments) > 1 else "data", str(never)))
        except Exception as fault:  # noqa: BLE001 - the boundary of one shipment: its trouble stops no other
            faults.append(fault_told(fault))
    counts = Counter(str(each.result) for each in taken)
    if faults:
        return not_stored(*faults).model_copy(update={"counts": {**counts, "failed": len(faults)}})
    if refused:
        told = {"counts": {**counts, "refused": len(refused)}, "faults": tuple(text for _, text in refused)}
        return refusal(HTTPStatus.BAD_REQUEST, *refused).model_copy(update=told)
    return Answer(status=HTTPStatus.ACCEPTED, body=_told(taken), counts=counts)


def _take(seen: PushId, shipment: Shipment, orders: Orders, before: tuple[Taken, ...] | None) -> Taken:
    """Store one shipment. `before`, of the last one: what became of the others; the push is then answered with it."""

    def taken(result: Result) -> Taken:
        return Taken(id=shipment.id, revision=shipment.revision, result=result)

    def answered(result: Result) -> AnsweredPush | None:
        return None if before is None else AnsweredPush(push=seen, answer=_told((*before, taken(result))))

    def save(result: Result, record: ShipmentRecord, order: Order | None) -> None:
        orders.save_shipment(record, order, answered(result))

    result = record_shipment(orders, seen.connection, shipment, seen.at, polled=False, save=save)
    if result == "duplicate" and (answer := answered(result)):
        orders.save_answered(answer)
    return taken(result)


def _told(taken: tuple[Taken, ...]) -> str:
    return Accepted(accepted=taken).model_dump_json()


def not_stored(*faults: str) -> Answer:
    """The answer to whatever went wrong on our side: nothing but a request to send it again."""
    answer = refusal(HTTPStatus.INTERNAL_SERVER_ERROR, ("", "not done: send it again later"))
    return answer.model_copy(update={"faults": faults})


def order_status(connection: str, reference: str, orders: Orders) -> Answer:
    """Where an order stands, or 404."""
    order = orders.order(connection, reference)
    if order is None:
        return refusal(HTTPStatus.NOT_FOUND, ("reference", "no order has it"))
    return Answer(status=HTTPStatus.OK, body=_shown(order, orders.shipments_of_order(order)).model_dump_json())


def _shown(order: Order, shipments: tuple[ShipmentRecord, ...]) -> OrderStanding:
    return OrderStanding(
        reference=order.reference,
        order_number=order.content.order_number,
        status=order.status,
        reason=order.reason.text if order.reason else None,
        shipments=tuple(
            ShipmentStanding(id=each.shipment.id, revision=each.shipment.revision, status=each.status)
            for each in shipments
        ),
        timeline=order.timeline,
    )
