"""A whole world in one process: the real steps and store, a DEAR and a warehouse on loopback, a clock to turn."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import requests

from collect_shipments.step import collect_shipments
from confirm_shipments.step import confirm_shipments
from create_invoices.step import create_invoices
from crossdock.dear.client import DearClient
from crossdock.dear.transport import Transport
from crossdock.domain.report import Report
from crossdock.domain.settings import Connection, parse_connection
from crossdock.domain.states import SCHEDULED_STEPS, Step
from crossdock.ports import CallBudget
from crossdock.store.checkpoints import DynamoCheckpoints
from crossdock.store.orders import DynamoOrders
from crossdock.wms.aliases import AliasedWarehouse
from crossdock.wms.credentials import WarehouseCredentials
from crossdock.wms.registry import open_warehouse
from crossdock.workflow import Workplace, run
from deliver_orders.step import deliver_orders
from download_orders.step import download_orders
from reconcile.step import reconcile
from sandbox.dear.app import create_app as create_dear
from sandbox.documents import Documents
from sandbox.serving import Server
from sandbox.warehouse.app import create_app as create_warehouse
from simulation.dynamo import Table
from sync_inventory.step import sync_inventory
from tests.integration.workflow.backups import Backup, make_backup, ship_and_settle

USE_CASES = {
    Step.DOWNLOAD_ORDERS: download_orders,
    Step.DELIVER_ORDERS: deliver_orders,
    Step.COLLECT_SHIPMENTS: collect_shipments,
    Step.CONFIRM_SHIPMENTS: confirm_shipments,
    Step.CREATE_INVOICES: create_invoices,
    Step.SYNC_INVENTORY: sync_inventory,
    Step.RECONCILE: reconcile,
}
SILENCE = 1.0
"""Seconds of silence that the clients bear here. Less, and a busy machine times out what no test scripted."""


class TurnableClock:
    """Stands still until it is turned, so that waiting costs nothing."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.time += timedelta(milliseconds=1)
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class FreeBudget:
    def take(self) -> None:
        """Every call is free here; the budget has tests of its own."""

    def expect(self, calls: int) -> None:
        """They are."""

    def hold(self) -> None:
        """It stays free."""

    def pause(self, seconds: float) -> None:
        """Nothing to pause."""


class OpenEnd:
    def seconds_left(self) -> float:
        return 60.0


class SilentLog:
    def __init__(self) -> None:
        self.faults: list[str] = []

    def info(self, event: str, **facts: object) -> None:
        """Not looked at."""

    def warning(self, event: str, **facts: object) -> None:
        """Not looked at."""

    def exception(self, event: str, **facts: object) -> None:
        self.faults.append(f"{event}: {facts}")


class System:
    """A sandbox system and its control plane."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, path: str, body: Any = None, method: str = "POST") -> Any:
        answer = requests.request(method, f"{self.url}/_control/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def ledger(self, kind: str | None = None) -> list[dict[str, Any]]:
        entries = self.control("ledger", method="GET")
        entries = entries["ledger"] if isinstance(entries, dict) else entries
        return [entry for entry in entries if kind in {None, entry["kind"]}]

    def fault(self, **fault: Any) -> None:
        """Script a fault; a scripted time-out is longer than the clients bear."""
        self.control("faults", {"seconds": SILENCE * 1.3, **fault})


class World:
    """Everything of one connection; `tick` is what the schedule would do."""

    def __init__(self, orders: DynamoOrders, checkpoints: DynamoCheckpoints, dear: System, warehouse: System) -> None:
        self.clock = TurnableClock()
        self.orders, self.checkpoints, self.dear, self.warehouse = orders, checkpoints, dear, warehouse
        self.log = SilentLog()
        self.budget: CallBudget = FreeBudget()
        self.settings: dict[str, Any] = {
            "warehouses": {"Main Warehouse": "MAIN"}, "inventory": {"account": "403"},
        }  # fmt: skip

    @property
    def connection(self) -> Connection:
        return parse_connection({
            "name": "main", "dear": {"base_url": f"{self.dear.url}/ExternalApi/v2"},
            "warehouse": {"base_url": self.warehouse.url}, "settings": self.settings,
        })  # fmt: skip

    def step(self, step: Step) -> Report:
        lease = self.checkpoints.take_lease("main", step, "a-test", 60)
        assert lease is not None
        client = self.client()
        warehouse = open_warehouse(self.connection.warehouse, WarehouseCredentials(token="token"))
        warehouse._transport._timeout = (1, SILENCE)  # type: ignore[attr-defined]
        work = Workplace(
            connection=self.connection, orders=self.orders, checkpoints=self.checkpoints, clock=self.clock,
            deadline=OpenEnd(), lease=lease, log=self.log, dear=lambda: client,
            warehouse=lambda: AliasedWarehouse(warehouse, lambda: self.checkpoints.stock.aliases("main")),
        )  # fmt: skip
        try:
            return run(step, USE_CASES[step], work)
        finally:
            self.checkpoints.release_lease("main", step, "a-test")

    def client(self) -> DearClient:
        base_url = self.connection.dear.base_url
        return DearClient(Transport(base_url, "account", "key", self.budget, timeout=(1, SILENCE)))

    def tick(self, *steps: Step) -> dict[Step, Report]:
        return {step: self.step(step) for step in steps or SCHEDULED_STEPS}

    def settle(self, ticks: int = 12) -> None:
        """Tick, time passing in between, until nothing moves and nothing is due."""
        for _ in range(ticks):
            reports = self.tick()
            waiting = [self.orders.next_due("main", step) for step in SCHEDULED_STEPS]
            ended = all(report.outcome in {"done", "off"} for report in reports.values())
            if ended and not any(report.moved for report in reports.values()) and not any(waiting):
                return
            self.clock.sleep(60)
        due = {step: self.orders.next_due("main", step) for step in SCHEDULED_STEPS}
        pytest.fail(f"not settled in {ticks} ticks; due at {due}; {reports}")

    def order(self, reference: str) -> Any:
        found = self.orders.order("main", reference)
        assert found is not None, f"no order {reference}"
        return found

    def seed(self, *sales: dict[str, Any], stock: int = 100) -> None:
        """Sales of mugs; both sides agree on the stock."""
        mugs = [{"sku": sku, "name": sku.title(), "price": 10, "cost": 4} for sku in ("MUG-RED", "MUG-BLUE")]
        shelf = [{"sku": mug["sku"], "location": "Main Warehouse", "on_hand": stock} for mug in mugs]
        self.dear.control("seed", {"products": mugs, "stock": shelf, "sales": list(sales)})
        self.warehouse.control(
            "stock",
            {"stock": [{"sku": mug["sku"], "warehouse": "MAIN", "on_hand": str(stock)} for mug in mugs]},
        )


@pytest.fixture
def world(orders_table: Any, checkpoints_table: Any) -> Iterator[World]:
    clock = TurnableClock()
    dear = create_dear(Documents(None), clock, account_id="account", api_key="key", calls_per_minute=None)
    warehouse = create_warehouse(Documents(None), clock, token="token")
    with Server(dear) as dear_server, Server(warehouse) as warehouse_server:
        made = World(
            DynamoOrders(orders_table), DynamoCheckpoints(checkpoints_table, clock), System(dear_server.url),
            System(warehouse_server.url),
        )  # fmt: skip
        made.clock = clock
        yield made
        assert made.log.faults == []


def simple(number: str = "SO-1", *lines: tuple[str, int], **changes: Any) -> dict[str, Any]:
    return {
        "order_number": number, "type": "Simple", "status": "ORDERED", "customer": "Moss & Daughters",
        "location": "Main Warehouse",
        "lines": [{"sku": sku, "quantity": quantity, "price": 10} for sku, quantity in lines or (("MUG-RED", 2),)],
        **changes,
    }  # fmt: skip


@pytest.fixture
def backup(world: World, orders_table: Any, checkpoints_table: Any) -> Callable[[], Backup]:
    """Makes a backup. Before it a sale is done with, so that DEAR's list was read to its end."""
    if not isinstance(orders_table, Table):
        pytest.skip("only the table in memory is put back in no time")
    world.seed(simple("SO-0", ("MUG-BLUE", 1)))
    ship_and_settle(world)
    return partial(make_backup, world, (orders_table, checkpoints_table))
