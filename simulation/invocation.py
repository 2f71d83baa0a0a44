"""A function's invocation as Lambda makes it: a container that may be warm, a deadline, one run of one step.

`crossdock.runtime.handler` does the same with boto3, Powertools and the machine's clock; its parts that decide
anything, the lease, the deadline and `workflow.run`, are the ones that run here.
"""

import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hmac import digest
from traceback import extract_tb

from crossdock.dear.client import DearClient
from crossdock.dear.transport import Credentials, Transport
from crossdock.domain.errors import CrossdockError
from crossdock.domain.report import Report
from crossdock.domain.settings import Connection
from crossdock.domain.states import Step
from crossdock.ports import Dear, Warehouse
from crossdock.runtime.clock import LambdaDeadline
from crossdock.runtime.handler import LEASE_SECONDS
from crossdock.store.budget import DynamoCallBudget, account_key
from crossdock.store.checkpoints import DynamoCheckpoints
from crossdock.store.orders import DynamoOrders
from crossdock.store.window import Process as BudgetProcess
from crossdock.wms.credentials import WarehouseCredentials
from crossdock.wms.registry import open_warehouse
from crossdock.workflow import Workplace, run
from receive_tracking.api import TrackingApi
from receive_tracking.door import Door
from receive_tracking.step import Answer
from simulation.database import TableOfProcess
from simulation.network import PoisonError
from simulation.outside import API_KEY, TOKEN, WEBHOOK_SECRET, Outside
from simulation.turns import Process

TIMEOUTS = {
    Step.DOWNLOAD_ORDERS: 90, Step.DELIVER_ORDERS: 90, Step.COLLECT_SHIPMENTS: 240, Step.CONFIRM_SHIPMENTS: 90,
    Step.CREATE_INVOICES: 90, Step.SYNC_INVENTORY: 840, Step.RECONCILE: 840, Step.RECEIVE_TRACKING: 15,
}  # fmt: skip
"""Seconds that template.yaml gives each function."""


class Log:
    """What a process says; kept to be looked at."""

    def __init__(self, said: list[str], faults: list[str]) -> None:
        self._said, self._faults = said, faults

    def info(self, event: str, **facts: object) -> None:
        self._said.append(f"{event} {facts}")

    def warning(self, event: str, **facts: object) -> None:
        self._said.append(f"{event} {facts}")

    def exception(self, event: str, **facts: object) -> None:
        self._said.append(f"{event} {facts}")
        if not isinstance(sys.exception(), PoisonError):
            self._faults.append(f"{event} {facts}: {_where(sys.exception())}")


class Secrets:
    """The secrets of every connection."""

    def webhook(self, connection: str, at: datetime, *, fresh: bool = False) -> tuple[str, ...]:  # noqa: ARG002 - one for all
        return (WEBHOOK_SECRET,)

    def dear_token(self, connection: str) -> str | None:  # noqa: ARG002 - none
        return None


@dataclass
class Container:
    """A warm process of a function: how wrong its clock is, and what its call budget has learnt."""

    budget: BudgetProcess
    wrong_by: float = 0.0
    busy: bool = False


@dataclass
class Stage:
    """What an invocation finds: the tables as its process sees them, and where it says things."""

    orders: TableOfProcess
    checkpoints: TableOfProcess
    log: Log


class Opened:
    """The outside systems of one connection, opened when first needed."""

    def __init__(self, outside: Outside, connection: Connection, process: Process, budget: DynamoCallBudget) -> None:
        self._outside, self._connection, self._process, self._budget = outside, connection, process, budget
        self._dear: DearClient | None = None
        self._warehouse: Warehouse | None = None

    def dear(self) -> Dear:
        if self._dear is None:
            transport = Transport(
                self._connection.dear.base_url,
                self._outside.account,
                API_KEY,
                self._budget,
                session=self._outside.dear.session(self._process),
                refresh_credentials=lambda: Credentials(self._outside.account, API_KEY),
            )
            self._dear = DearClient(transport)
        return self._dear

    def warehouse(self) -> Warehouse:
        if self._warehouse is None:
            session = self._outside.warehouse.session(self._process)
            credentials = WarehouseCredentials(token=TOKEN)
            self._warehouse = open_warehouse(self._connection.warehouse, credentials, session=session)
        return self._warehouse

    def calls_made(self) -> int:
        return self._dear.calls_made() if self._dear else 0


def run_step(
    stage: Stage,
    step: Step,
    use_case: Callable[[Workplace], None],
    outside: Outside,
    process: Process,
    container: Container,
) -> Report | None:
    """One run; None where another copy runs, or there is no such connection."""
    checkpoints = DynamoCheckpoints(stage.checkpoints, process)  # type: ignore[arg-type]  # the calls it makes
    active = [each for each in checkpoints.connections() if each.active and each.name == outside.name]
    if not active:
        return None
    (connection,) = active
    lease = checkpoints.take_lease(connection.name, step, process.name, LEASE_SECONDS)
    if lease is None:
        return None
    deadline = LambdaDeadline(process)
    budget = DynamoCallBudget(
        stage.checkpoints,  # type: ignore[arg-type]  # the calls it makes
        account_key(outside.account),
        step,
        process,
        deadline,
        process=container.budget,
    )
    opened = Opened(outside, connection, process, budget)
    work = Workplace(
        connection=connection, orders=DynamoOrders(stage.orders), checkpoints=checkpoints, clock=process,  # type: ignore[arg-type]
        deadline=deadline, lease=lease, log=stage.log, dear=opened.dear, warehouse=opened.warehouse,
    )  # fmt: skip
    try:
        report = run(step, use_case, work).model_copy(update={"dear_calls": opened.calls_made()})
        checkpoints.save_report(report)
    finally:
        checkpoints.release_lease(connection.name, step, process.name)
    return report


def take_push(stage: Stage, outside: Outside, process: Process, webhook_id: str, body: bytes) -> Answer:
    """The answer to a push of the warehouse, signed by it at this moment."""
    checkpoints = DynamoCheckpoints(stage.checkpoints, process)  # type: ignore[arg-type]  # the calls it makes
    door = Door(checkpoints, Secrets(), process, log=lambda _: stage.log)
    api = TrackingApi(DynamoOrders(stage.orders), checkpoints, process, door)  # type: ignore[arg-type]
    return api.push(outside.name, _signed(webhook_id, body, int(process.now().timestamp())), body)


def _signed(webhook_id: str, body: bytes, at: int) -> dict[str, str]:
    key = b64decode(WEBHOOK_SECRET.removeprefix("whsec_"))
    signature = b64encode(digest(key, f"{webhook_id}.{at}.".encode() + body, "sha256")).decode()
    return {"webhook-id": webhook_id, "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}


def told(error: Exception) -> tuple[str, bool]:
    """An error that ended an invocation, in words; and whether it is one of ours, and not a fault of the code."""
    if isinstance(error, CrossdockError):
        return str(error), True
    return _where(error), False


def _where(error: BaseException | None) -> str:
    """A fault by its kind and the last places that it came from: its text may quote data."""
    if error is None:
        return ""
    frames = extract_tb(error.__traceback__)[-3:]
    places = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} at {places}"
