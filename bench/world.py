"""One connection at work: the real steps, store and clients; a DEAR, a warehouse and a clock in this process."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from wsgiref.types import WSGIApplication

from bench.network import InProcess, session_to
from bench.tables import new_tables
from crossdock.dear.client import DearClient
from crossdock.dear.transport import Transport
from crossdock.domain.report import Report, RunOutcome
from crossdock.domain.settings import Connection, parse_connection
from crossdock.domain.states import SCHEDULED_STEPS, Step
from crossdock.store.budget import DynamoCallBudget
from crossdock.store.checkpoints import DynamoCheckpoints
from crossdock.store.orders import DynamoOrders
from crossdock.store.window import Process
from crossdock.wms.credentials import WarehouseCredentials
from crossdock.wms.registry import open_warehouse
from crossdock.workflow import Workplace, run
from sandbox.dear.app import create_app as create_dear
from sandbox.documents import Documents
from sandbox.warehouse.app import create_app as create_warehouse

NAME = "main"
ACCOUNT, KEY, TOKEN = "account", "key", "token"
DEAR, WAREHOUSE = "https://dear.invalid", "https://warehouse.invalid"
BASE_PATH = "/ExternalApi/v2"
RUN_SECONDS = 55
"""How long a run of a scheduled step may begin calls: 90 seconds, less the 35 that are kept for the last of them."""
_BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)


class TurnedClock:
    """Time that passes when somebody waits, and a millisecond whenever somebody looks."""

    def __init__(self) -> None:
        self._time = _BEGIN

    def now(self) -> datetime:
        self._time += timedelta(milliseconds=1)
        return self._time

    def sleep(self, seconds: float) -> None:
        self._time += timedelta(seconds=seconds)


class RunDeadline:
    """The end of a run, so many seconds after it was made."""

    def __init__(self, clock: TurnedClock, seconds: float = RUN_SECONDS) -> None:
        self._clock, self._ends = clock, clock.now() + timedelta(seconds=seconds)

    def seconds_left(self) -> float:
        return (self._ends - self._clock.now()).total_seconds()


class Faults:
    """A log that keeps what must not happen in a benchmark: a fault of the code."""

    def __init__(self) -> None:
        self.met: list[str] = []

    def info(self, event: str, **facts: object) -> None:
        """Not looked at."""

    def warning(self, event: str, **facts: object) -> None:
        """Not looked at."""

    def exception(self, event: str, **facts: object) -> None:
        self.met.append(f"{event}: {facts}")


class System:
    """A sandbox, its documents and the way to it."""

    def __init__(self, url: str, app: WSGIApplication, documents: Documents, prefix: str) -> None:
        self.documents, self._url, self._prefix = documents, url, prefix
        self.session = session_to(url, InProcess(app))
        self._counted = 0

    def control(self, path: str, body: Any) -> Any:
        """Tell the control plane something. Raises requests.HTTPError when it refuses."""
        answer = self.session.post(f"{self._url}/_control/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def calls(self) -> Counter[str]:
        """Calls by method and path since this was last asked, as the sandbox counted them."""
        seen = self.documents.all(f"{self._prefix}.call")
        new, self._counted = seen[self._counted :], len(seen)
        return Counter(f"{call['method']} {call['path'].lower().removeprefix(BASE_PATH.lower())}" for call in new)


class World:
    """Everything of one connection. `settings` is what its file would say under [settings]."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.tables, self.clock, self.log = new_tables(), TurnedClock(), Faults()
        self.orders = DynamoOrders(self.tables.orders)
        self.checkpoints = DynamoCheckpoints(self.tables.checkpoints, self.clock)
        books, shelves = Documents(None), Documents(None)
        dear = create_dear(books, self.clock, account_id=ACCOUNT, api_key=KEY, base_path=BASE_PATH)
        self.dear = System(DEAR, dear, books, "dear")
        self.warehouse = System(WAREHOUSE, create_warehouse(shelves, self.clock, token=TOKEN), shelves, "warehouse")
        self.connection = _connection(settings)
        self._process = Process()

    def step(self, step: Step, seconds: float = RUN_SECONDS) -> Report:
        """One run of a step, as its schedule would start it."""
        deadline = RunDeadline(self.clock, seconds)
        holder = "a-run"
        lease = self.checkpoints.take_lease(NAME, step, holder, 60)
        if lease is None:
            raise RuntimeError(f"another run of {step} has the lease")
        table = self.tables.checkpoints
        budget = DynamoCallBudget(table, ACCOUNT, step, self.clock, deadline, process=self._process)
        transport = Transport(f"{DEAR}{BASE_PATH}", ACCOUNT, KEY, budget, session=self.dear.session)
        credentials = WarehouseCredentials(token=TOKEN)
        warehouse = open_warehouse(self.connection.warehouse, credentials, session=self.warehouse.session)
        work = Workplace(
            connection=self.connection,
            orders=self.orders,
            checkpoints=self.checkpoints,
            clock=self.clock,
            deadline=deadline,
            lease=lease,
            log=self.log,
            dear=lambda: DearClient(transport),
            warehouse=lambda: warehouse,
        )
        try:
            report = run(step, use_case(step), work)
            self.checkpoints.save_report(report)
        finally:
            self.checkpoints.release_lease(NAME, step, holder)
        if self.log.met:
            raise RuntimeError(f"{step} met a fault: {self.log.met[0]}")
        return report

    def tick(self) -> dict[Step, Report]:
        """Every scheduled step once."""
        return {step: self.step(step) for step in SCHEDULED_STEPS}

    def repeat(self, step: Step) -> int:
        """Run the step every minute until it is done and has nothing due; how many runs that took."""
        for runs in range(1, 1000):
            report = self.step(step)
            if report.outcome is RunOutcome.DONE and self.orders.next_due(NAME, step) is None:
                return runs
            if report.outcome not in {RunOutcome.DONE, RunOutcome.BUDGET, RunOutcome.DEADLINE}:
                raise RuntimeError(f"{step} ended as {report.outcome}: {report.stopped_because}")
            self.clock.sleep(60)
        raise RuntimeError(f"{step} does not come to an end")


def use_case(step: Step) -> Callable[[Workplace], None]:
    """What a step does: the function of its name in its module."""
    found: Callable[[Workplace], None] = getattr(import_module(f"{step}.step"), step)
    return found


def _connection(settings: dict[str, Any]) -> Connection:
    return parse_connection({
        "name": NAME,
        "dear": {"base_url": f"{DEAR}{BASE_PATH}"},
        "warehouse": {"base_url": WAREHOUSE},
        "settings": settings,
    })  # fmt: skip
