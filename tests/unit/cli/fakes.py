"""A stack in memory: what a command reads, writes and runs, and the terminal it is looked at on."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from rich.console import Console

from cli.main import run
from cli.screen import Screen
from cli.site import Desk, InvocationFailed, Secret, Site
from crossdock.dear.transport import Credentials
from crossdock.domain.errors import CrossdockError, LostRace
from crossdock.domain.inventory import StockItem, StockSnapshotPage
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.order import Order
from crossdock.domain.report import Report, RunOutcome
from crossdock.domain.settings import Connection, parse_connection
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.states import Decision, OrderStatus, Step
from crossdock.ports import Checkpoint, DueKey, LeftOut, WarehouseOrder
from crossdock.wms.registry import WarehouseCredentials
from tests.integration.store.records import CONNECTION, NOON


class HandClock:
    """Stands until it is moved; sleeping moves it, and is written down."""

    def __init__(self) -> None:
        self.time = NOON
        self.slept = 0.0

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.time += timedelta(seconds=seconds)


class MemoryOrders:
    """Orders, sales and shipments as the commands read them. `due_at` of a step's queue is set by hand."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.entries: dict[str, SaleEntry] = {}
        self.shipments: list[ShipmentRecord] = []
        self.races_to_lose = 0

    def add(self, *records: Order | SaleEntry | ShipmentRecord) -> None:
        for record in records:
            match record:
                case Order():
                    self.orders.append(record)
                case SaleEntry():
                    self.entries[record.sale_id] = record
                case ShipmentRecord():
                    self.shipments.append(record)

    def due(self, connection: str, step: Step, until: datetime, limit: int = 50) -> list[DueKey]:
        keys = [key for key in self._queue(connection, step) if key.due_at <= until]
        return sorted(keys, key=lambda key: key.due_at)[:limit]

    def next_due(self, connection: str, step: Step) -> datetime | None:
        return min((key.due_at for key in self._queue(connection, step)), default=None)

    def _queue(self, connection: str, step: Step) -> Iterator[DueKey]:
        for order in self.orders:
            if order.connection == connection and order.queue is step and order.due_at:
                yield DueKey(partition=order.sale_id, sort=order.reference, due_at=order.due_at)
        for entry in self.entries.values():
            if entry.connection == connection and step is Step.DOWNLOAD_ORDERS and entry.due_at:
                yield DueKey(partition=entry.sale_id, sort="sale", due_at=entry.due_at)
        for record in self.shipments:
            if record.connection == connection and step is Step.COLLECT_SHIPMENTS and record.due_at:
                yield DueKey(partition="unmatched", sort=record.shipment.id, due_at=record.due_at)

    def order_at(self, key: DueKey) -> Order | None:
        return next((each for each in self.orders if each.reference == key.sort), None)

    def sale_at(self, key: DueKey) -> SaleEntry | None:
        return self.entries.get(key.partition)

    def shipment_at(self, key: DueKey) -> ShipmentRecord | None:
        return next((each for each in self.shipments if each.shipment.id == key.sort), None)

    def order(self, connection: str, reference: str) -> Order | None:
        return next((each for each in self._of(connection) if each.reference == reference), None)

    def order_by_warehouse_id(self, connection: str, warehouse_order_id: str) -> Order | None:
        return next((each for each in self._of(connection) if each.warehouse_order_id == warehouse_order_id), None)

    def orders_of_sale(self, connection: str, sale_id: str) -> tuple[Order, ...]:
        return tuple(each for each in self._of(connection) if each.sale_id == sale_id)

    def _of(self, connection: str) -> list[Order]:
        return [each for each in self.orders if each.connection == connection]

    def sale(self, connection: str, sale_id: str) -> SaleEntry | None:
        entry = self.entries.get(sale_id)
        return entry if entry and entry.connection == connection else None

    def save_sale(self, entry: SaleEntry) -> None:
        if self.races_to_lose:
            self.races_to_lose -= 1
            raise LostRace(entry.order_number)
        assert entry.version == self.entries[entry.sale_id].version + 1
        self.entries[entry.sale_id] = entry

    def list_orders(self, connection: str, status: OrderStatus) -> Iterator[Order]:
        return (each for each in self._of(connection) if each.status is status)

    def list_sales(self, connection: str, decision: Decision) -> Iterator[SaleEntry]:
        entries = tuple(self.entries.values())
        return (each for each in entries if each.connection == connection and each.decision is decision)

    def list_unmatched(self, connection: str) -> Iterator[ShipmentRecord]:
        return (each for each in self.shipments if each.connection == connection and each.sale_id is None)

    def shipments_of_order(self, order: Order) -> tuple[ShipmentRecord, ...]:
        return tuple(each for each in self.shipments if each.shipment.reference == order.reference)

    def sales_numbered(self, connection: str, order_number: str) -> tuple[SaleEntry, ...]:
        wanted = order_number.upper()
        entries = (each for each in self.entries.values() if each.connection == connection)
        return tuple(each for each in entries if each.order_number.upper() == wanted)


class MemoryCheckpoints:
    """Connections, the download's checkpoint, and last reports."""

    def __init__(self) -> None:
        self.found: dict[str, Connection] = {}
        self.left_out: tuple[LeftOut, ...] = ()
        self.read: dict[tuple[str, Step], Checkpoint] = {}
        self.last_reports: list[Report] = []
        self.saving_fails: Exception | None = None
        self.races_to_lose = 0

    def connections(self) -> tuple[Connection, ...]:
        return tuple(self.found[name] for name in sorted(self.found))

    def every_connection(self) -> tuple[Connection | LeftOut, ...]:
        return (*self.connections(), *self.left_out)

    def connection(self, name: str) -> Connection | None:
        return self.found.get(name)

    def save_connection(self, connection: Connection) -> None:
        if self.saving_fails:
            raise self.saving_fails
        self.found[connection.name] = connection

    def checkpoint(self, connection: str, step: Step) -> Checkpoint:
        return self.read.get((connection, step), Checkpoint())

    def save_checkpoint(self, connection: str, step: Step, checkpoint: Checkpoint) -> Checkpoint:
        if self.races_to_lose:
            self.races_to_lose -= 1
            raise LostRace("the checkpoint")
        assert checkpoint.version == self.checkpoint(connection, step).version
        self.read[connection, step] = checkpoint.model_copy(update={"version": checkpoint.version + 1})
        return self.read[connection, step]

    def reports(self, connection: str) -> tuple[Report, ...]:
        return tuple(report for report in self.last_reports if report.connection == connection)


class MemoryVault:
    """Secrets by name. `fails_at` is the party whose writing fails."""

    def __init__(self) -> None:
        self.secrets: dict[str, Secret] = {}
        self.fails_at: str | None = None

    def name(self, connection: str, party: str) -> str:
        return f"crossdock/test/{connection}/{party}"

    def read(self, connection: str, party: str) -> Secret | None:
        return self.secrets.get(self.name(connection, party))

    def write(self, connection: str, party: str, secret: Secret) -> None:
        if party == self.fails_at:
            raise CrossdockError("no room")
        self.secrets[self.name(connection, party)] = secret

    def remove(self, connection: str, party: str) -> None:
        self.secrets.pop(self.name(connection, party), None)


class FakeDear:
    """DEAR's answers to what `connect` asks; `fault` is raised instead."""

    def __init__(self) -> None:
        self.fault: CrossdockError | None = None
        self.calls = 0

    def company(self) -> str:
        self._call()
        return "Moss & Daughters"

    def locations(self) -> dict[str, str]:
        self._call()
        return {"l-1": "Main Warehouse", "l-2": "Shop Floor"}

    def account_codes(self) -> frozenset[str]:
        self._call()
        return frozenset({"310", "620"})

    def tax_rules(self) -> frozenset[str]:
        self._call()
        return frozenset({"GST", "Exempt"})

    def _call(self) -> None:
        self.calls += 1
        if self.fault:
            raise self.fault


class FakeWarehouse:
    """Knows no order; `fault` is raised instead."""

    def __init__(self) -> None:
        self.fault: CrossdockError | None = None
        self.asked_for: list[str] = []
        self.codes = ["M1"]

    def stock(self, *, cursor: str | None) -> StockSnapshotPage:  # noqa: ARG002
        items = tuple(
            StockItem(sku="A", warehouse=code, on_hand=Decimal(1), available=Decimal(1)) for code in self.codes
        )
        return StockSnapshotPage(items=items, as_of=NOON, complete=True, cursor=None)

    def find_order(self, reference: str) -> WarehouseOrder | None:
        self.asked_for.append(reference)
        if self.fault:
            raise self.fault
        return None


class ScriptedInvoker:
    """Functions that answer by script: for a step and a connection the next entry, and in the end `done`."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.script: dict[tuple[Step, str], list[object]] = {}
        self.ran: list[tuple[Step, str, float]] = []

    def plan(self, step: Step, *answers: object, connection: str = CONNECTION) -> None:
        """`answers`: reports' fields as dicts, exceptions, or callables that return one."""
        self.script[step, connection] = list(answers)

    def invoke(self, step: Step, connection: str) -> list[Report]:
        self.ran.append((step, connection, (self.clock.time - NOON).total_seconds()))
        answers = self.script.get((step, connection), [])
        answer: object = answers.pop(0) if answers else {}
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        assert isinstance(answer, dict)
        return [report(step, connection, **answer)]


def report(step: Step, connection: str = CONNECTION, **changes: object) -> Report:
    fields: dict[str, object] = {
        "step": step, "connection": connection, "outcome": RunOutcome.DONE, "started_at": NOON, "finished_at": NOON,
    }  # fmt: skip
    return Report.model_validate(fields | changes)


def connection(name: str = CONNECTION, **settings: object) -> Connection:
    return parse_connection(
        {"name": name, "warehouse": {"base_url": "https://wms.example.com"}, "settings": settings},
    )


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@dataclass
class Stack:
    """The stack in memory, and a person at its command line."""

    clock: HandClock = field(default_factory=HandClock)
    orders: MemoryOrders = field(default_factory=MemoryOrders)
    checkpoints: MemoryCheckpoints = field(default_factory=MemoryCheckpoints)
    vault: MemoryVault = field(default_factory=MemoryVault)
    dear: FakeDear = field(default_factory=FakeDear)
    warehouse: FakeWarehouse = field(default_factory=FakeWarehouse)
    environment: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] | None = None
    opened: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    given: list[Credentials | WarehouseCredentials] = field(default_factory=list)
    fault: BaseException | None = None

    def __post_init__(self) -> None:
        self.invoker = ScriptedInvoker(self.clock)

    def run(self, *arguments: str) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        consoles = [Console(file=file, width=240, markup=False, emoji=False, highlight=False) for file in (out, err)]
        desk = Desk(
            environment=self.environment,
            clock=self.clock,
            screen=lambda json: Screen(*consoles, json=json),
            open_site=self._open,
            ask=self._ask if self.answers is not None else None,
        )
        code = run(arguments, desk)
        return Ended(code, out.getvalue(), err.getvalue())

    def _open(self, stack: str) -> Site:
        self.opened.append(stack)
        if self.fault:
            raise self.fault
        return Site(
            stack=stack,
            orders=self.orders,  # type: ignore[arg-type]
            checkpoints=self.checkpoints,  # type: ignore[arg-type]
            vault=self.vault,
            invoker=self.invoker,
            api_url="https://api.example.com/live",
            dear=self._noting(self.dear),
            warehouse=self._noting(self.warehouse),
        )

    def _noting(self, system: object) -> Callable[..., object]:  # type: ignore[misc]
        def opened(_: Connection, credentials: Credentials | WarehouseCredentials) -> object:
            self.given.append(credentials)
            return system

        return opened

    def _ask(self, what: str) -> str:
        self.asked.append(what)
        assert self.answers is not None
        return self.answers.get(what, "")


def steps_ran(invoker: ScriptedInvoker) -> list[str]:
    return [str(step) for step, _, _ in invoker.ran]


def failed(problem: str = "it failed (KeyError)") -> InvocationFailed:
    return InvocationFailed(problem, "aws logs tail /aws/lambda/crossdock-deliver-orders --since 15m")
