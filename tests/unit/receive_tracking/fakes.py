"""The store in memory, as far as receive_tracking uses it, and a clock that stands still."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from crossdock.domain.aliases import Aliases
from crossdock.domain.errors import AnsweredBefore
from crossdock.domain.order import Order
from crossdock.domain.shipment import Shipment, ShipmentRecord
from crossdock.ports import AnsweredPush, PushId

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)


class StoppedClock:
    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class MemoryOrders:
    """Orders by reference and shipments by id. `broken_for` are shipment ids whose storing fails with `fault`."""

    def __init__(self, *orders: Order) -> None:
        self.orders = {order.reference: order for order in orders}
        self.records: dict[tuple[str, str], ShipmentRecord] = {}
        self.fault: Exception = OSError("the disk of Ada Moss is full")
        self.broken_for: set[str] = set()
        self.pushes: dict[tuple[str, str], AnsweredPush] = {}

    def order(self, connection: str, reference: str) -> Order | None:
        order = self.orders.get(reference)
        return order if order and order.connection == connection else None

    def shipment(self, connection: str, reference: str, shipment_id: str) -> ShipmentRecord | None:
        record = self.records.get((reference, shipment_id))
        return record if record and record.connection == connection else None

    def shipments_of_order(self, order: Order) -> tuple[ShipmentRecord, ...]:
        return tuple(record for (reference, _), record in self.records.items() if reference == order.reference)

    def open_push(self, push: PushId, shipments: Iterable[Shipment]) -> "MemoryOrders":  # noqa: ARG002
        if before := self.pushes.get((push.connection, push.webhook_id)):
            raise AnsweredBefore(before.answer if before.push.body_hash == push.body_hash else None)
        return self

    def save_answered(self, answered: AnsweredPush) -> None:
        self.open_push(answered.push, ())
        self.pushes[answered.push.connection, answered.push.webhook_id] = answered

    def save_shipment(
        self, record: ShipmentRecord, order: Order | None = None, answered: AnsweredPush | None = None
    ) -> None:
        if record.shipment.id in self.broken_for:
            raise self.fault
        if answered is not None:
            self.save_answered(answered)
        self.records[(record.shipment.reference, record.shipment.id)] = record
        if order is not None:
            self.orders[order.reference] = order


class MemoryCheckpoints:
    """Connections by name, and the hints that were noted."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.fault: Exception | None = None
        self.hints: dict[str, datetime] = {}
        self.known_aliases = Aliases()
        self.aliases_read: list[str] = []
        self.now = NOW

    def connection_names(self) -> tuple[str, ...]:
        if self.fault:
            raise self.fault
        return self.names

    @property
    def stock(self) -> "MemoryCheckpoints":
        """Also what is kept for the inventory, of which aliases are used here."""
        return self

    def aliases(self, connection: str) -> Aliases:
        self.aliases_read.append(connection)
        return self.known_aliases

    def note_hint(self, connection: str, at_most_every: timedelta) -> bool:
        if self.now - self.hints.get(connection, NOW - at_most_every) < at_most_every:
            return False
        self.hints[connection] = self.now
        return True
