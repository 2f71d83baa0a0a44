"""The calls of the API. Who asks is checked first; whoever may not ask gets one and the same answer."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

from crossdock.domain.aliases import Aliases
from crossdock.ports import Checkpoints, Clock, Orders
from receive_tracking.door import Door
from receive_tracking.hints import Wake, take_hint
from receive_tracking.message import LARGEST_BODY
from receive_tracking.signature import BadSignature
from receive_tracking.step import Answer, Push, order_status, receive, refusal

NOT_LET_IN = refusal(HTTPStatus.UNAUTHORIZED, ("webhook-signature", "is missing, wrong or too old"))
DEAR_NOT_LET_IN = refusal(HTTPStatus.UNAUTHORIZED, ("authorization", "is missing or wrong"))
TOO_LARGE = refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, ("body", "is larger than 256 KiB"))

ALIASES_KNOWN_FOR = timedelta(seconds=30)
"""So long the aliases of a connection are not read again; a scheduled run uses them for longer."""


class TrackingApi:
    """Part 2 of the HTTP contract, and DEAR's own events, over ports. Raises what the ports raise."""

    def __init__(
        self, orders: Orders, checkpoints: Checkpoints, clock: Clock, door: Door, wake: Wake | None = None
    ) -> None:
        self._orders, self._checkpoints, self._clock, self._door = orders, checkpoints, clock, door
        self._aliases = _Lately(checkpoints.stock.aliases, clock)
        self._wake = wake

    def push(self, connection: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Shipments, signed over the body as it came."""
        if len(body) > LARGEST_BODY:
            return TOO_LARGE
        try:
            webhook_id = self._door.let_in(connection, headers, body)
        except BadSignature:
            return NOT_LET_IN
        push = Push(webhook_id=webhook_id, body=body)
        answer = receive(connection, push, self._orders, self._aliases.of(connection), self._clock)
        return answer.model_copy(update={"webhook_id": webhook_id})

    def ask(self, connection: str, reference: str, headers: Mapping[str, str]) -> Answer:
        """Where an order stands, signed over an empty body."""
        try:
            webhook_id = self._door.let_in(connection, headers, b"")
        except BadSignature:
            return NOT_LET_IN
        return order_status(connection, reference, self._orders).model_copy(update={"webhook_id": webhook_id})

    def hint(self, connection: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """An event of DEAR's, with the bearer token that DEAR was given. What it says is not read."""
        if len(body) > LARGEST_BODY:
            return TOO_LARGE
        try:
            self._door.let_dear_in(connection, headers)
        except BadSignature:
            return DEAR_NOT_LET_IN
        return take_hint(connection, self._checkpoints, self._wake)


class _Lately:
    """The aliases of each connection, read again when they are not young any more."""

    def __init__(self, read: Callable[[str], Aliases], clock: Clock) -> None:
        self._read, self._clock = read, clock
        self._kept: dict[str, tuple[datetime, Aliases]] = {}

    def of(self, connection: str) -> Aliases:
        now = self._clock.now()
        if connection not in self._kept or now - self._kept[connection][0] >= ALIASES_KNOWN_FOR:
            self._kept[connection] = (now, self._read(connection))
        return self._kept[connection][1]
