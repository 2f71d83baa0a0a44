"""The store in memory, as far as receive_tracking uses it, and a clock that stands still."""

from datetime import UTC, datetime, timedelta

from crossdock.domain.aliases import Aliases
from crossdock.domain.errors import LostRace
from crossdock.domain.order import Order
from crossdock.domain.settings import Connection, WarehouseSettings
from crossdock.domain.shipment import ShipmentRecord

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

    def order(self, connection: str, reference: str) -> Order | None:
        order = self.orders.get(reference)
        return order if order and order.connection == connection else None

    def shipment(self, connection: str, reference: str, shipment_id: str) -> ShipmentRecord | None:
        record = self.records.get((reference, shipment_id))
        return record if record and record.connection == connection else None

    def shipments_of_order(self, order: Order) -> tuple[ShipmentRecord, ...]:
        return tuple(record for (reference, _), record in self.records.items() if reference == order.reference)

    def save_shipment(self, record: ShipmentRecord, order: Order | None = None) -> None:
        if record.shipment.id in self.broken_for:
            raise self.fault
        self.records[(record.shipment.reference, record.shipment.id)] = record
        if order is not None:
            self.orders[order.reference] = order


class MemoryCheckpoints:
    """Connections by name, and pushes that were answered."""

    def __init__(self, *names: str) -> None:
        warehouse = WarehouseSettings(base_url="https://wms.example.com")
        self.found = {name: Connection(name=name, warehouse=warehouse) for name in names}
        self.pushes: dict[tuple[str, str], tuple[str, str]] = {}
        self.known_aliases = Aliases()

    @property
    def stock(self) -> "MemoryCheckpoints":
        """Also what is kept for the inventory, of which aliases are used here."""
        return self

    def aliases(self, connection: str) -> Aliases:  # noqa: ARG002
        return self.known_aliases

    def connection(self, name: str) -> Connection | None:
        return self.found.get(name)

    def replayed(self, connection: str, webhook_id: str, body_hash: str) -> str | None:
        known_hash, answer = self.pushes.get((connection, webhook_id), (body_hash, None))
        if known_hash != body_hash:
            raise LostRace(f"push {webhook_id}")
        return answer

    def remember_push(self, connection: str, webhook_id: str, body_hash: str, answer: str) -> None:
        self.replayed(connection, webhook_id, body_hash)
        self.pushes.setdefault((connection, webhook_id), (body_hash, answer))
