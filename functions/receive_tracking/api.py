"""The two calls of the tracking API. Who asks is checked first; whoever may not ask gets one and the same answer."""

from collections.abc import Mapping
from http import HTTPStatus

from crossdock.ports import Checkpoints, Clock, Orders
from receive_tracking.door import Door
from receive_tracking.message import LARGEST_BODY
from receive_tracking.signature import BadSignature
from receive_tracking.step import Answer, Push, order_status, receive, refusal

NOT_LET_IN = refusal(HTTPStatus.UNAUTHORIZED, ("webhook-signature", "is missing, wrong or too old"))
TOO_LARGE = refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, ("body", "is larger than 256 KiB"))


class TrackingApi:
    """Part 2 of the HTTP contract, over ports. Raises what the ports raise."""

    def __init__(self, orders: Orders, checkpoints: Checkpoints, clock: Clock, door: Door) -> None:
        self._orders, self._checkpoints, self._clock, self._door = orders, checkpoints, clock, door

    def push(self, connection: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Shipments, signed over the body as it came."""
        if len(body) > LARGEST_BODY:
            return TOO_LARGE
        try:
            webhook_id = self._door.let_in(connection, headers, body)
        except BadSignature:
            return NOT_LET_IN
        push = Push(webhook_id=webhook_id, body=body)
        answer = receive(connection, push, self._orders, self._checkpoints, self._clock)
        return answer.model_copy(update={"webhook_id": webhook_id})

    def ask(self, connection: str, reference: str, headers: Mapping[str, str]) -> Answer:
        """Where an order stands, signed over an empty body."""
        try:
            webhook_id = self._door.let_in(connection, headers, b"")
        except BadSignature:
            return NOT_LET_IN
        return order_status(connection, reference, self._orders).model_copy(update={"webhook_id": webhook_id})
