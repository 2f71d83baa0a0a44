"""How much of DEAR's 60 calls a minute is used when every step has a backlog, and that DEAR never says no.

The real budget, over its own table, and the real transport; DEAR counts the calls when they arrive, which is a while
after they were granted. Time is virtual, but for that everything takes as long as it does in the field.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

import requests

from bench.network import InProcess, session_to
from bench.result import Row, Sizes, Tell, at_least, at_most, exactly
from bench.tables import new_tables
from bench.turns import Turns
from bench.world import ACCOUNT, BASE_PATH, DEAR, KEY, RUN_SECONDS
from crossdock.dear.client import DearClient
from crossdock.dear.transport import Transport
from crossdock.domain.errors import BudgetSpent, Throttled
from crossdock.domain.states import Step
from crossdock.store.budget import DynamoCallBudget
from crossdock.store.window import Process
from sandbox.dear.app import create_app as create_dear
from sandbox.documents import Documents

_OF = "call budget"
STEPS = (Step.CONFIRM_SHIPMENTS, Step.CREATE_INVOICES, Step.DOWNLOAD_ORDERS, Step.SYNC_INVENTORY)
LIMIT, MINUTE = 60, 60.0
TURN = 62.0
"""Seconds in which the budget goes round once. The first turn is not measured: it begins with an unused budget."""
SLOWEST_WRITE, SLOWEST_WAY, MOST_WORK = 0.1, 0.5, 0.4
"""Seconds: of a request to the table, from the grant of a call to DEAR, and of a step's own between two calls."""


@dataclass(frozen=True)
class Shape:
    """How the steps run: without an end, or for `seconds` of each minute, their starts so far `apart`.

    `kept`: a run finds the process of the one before it, with what that has learnt of other clocks.
    """

    name: str
    seconds: float | None = None
    apart: float = 0
    kept: bool = True


SHAPES = (
    Shape("steps that run on and on"),
    Shape("58 s of each minute, each run a new process", seconds=58, apart=15, kept=False),
    Shape("55 s of each minute, all start at once", seconds=RUN_SECONDS),
)


def call_budget(sizes: Sizes, tell: Tell) -> list[Row]:
    """Four steps with more to do than DEAR allows, under each shape."""
    rows: list[Row] = []
    for shape in SHAPES:
        tell(f"{sizes.turns} minutes of four steps at once: {shape.name}")
        account = _Account(TURN * (1 + sizes.turns))
        account.live(shape)
        rows += _figures(shape, account)
    return rows


def _figures(shape: Shape, account: "_Account") -> list[Row]:
    of = f"{_OF}: {shape.name}"
    used = account.used()
    return [
        Row(of, "used of 60 calls a minute", used, at_least(0.95), later=not shape.kept),
        Row(of, "most calls in any 60 seconds", account.most_in_a_minute(), at_most(LIMIT)),
        Row(of, "calls that DEAR refused", account.throttled, exactly(0)),
    ]


class _Account:
    """A DEAR account that takes 60 calls in any 60 seconds, and everybody who calls it."""

    def __init__(self, seconds: float) -> None:
        self.turns, self.seconds = Turns(seconds), seconds
        self.table = new_tables().checkpoints
        self._processes = count()
        self.random = Random(1)  # noqa: S311 - the same chances in every run, nothing secret
        self.arrived: list[float] = []
        self.throttled = 0
        app = create_dear(
            Documents(None), self.turns, account_id=ACCOUNT, api_key=KEY, calls_per_minute=LIMIT, base_path=BASE_PATH
        )
        self._session = session_to(DEAR, _Distant(app, self))

    def live(self, shape: Shape) -> None:
        """Let every step run as the shape says until the time is over."""
        for place, step in enumerate(STEPS):
            process = self._process()
            starts = range(0, int(self.seconds), 60) if shape.seconds else (0,)
            for start in starts:
                begin = start + shape.apart * place
                ends = begin + (shape.seconds or self.seconds)
                self.turns.begin(self._run(step, process if shape.kept else self._process(), ends), begin)
        self.turns.run()

    def _process(self) -> Process:
        return Process(f"p{next(self._processes):03}")

    def _run(self, step: Step, process: Process, ends: float) -> Callable[[], None]:
        """A run that calls DEAR as often as it may. Out of calls it would end; here the next one begins in its time."""

        def run() -> None:
            far: Any = _FarTable(self)
            budget = DynamoCallBudget(far, ACCOUNT, step, self.turns, _Until(self.turns, ends), process=process)
            client = DearClient(Transport(f"{DEAR}{BASE_PATH}", ACCOUNT, KEY, budget, session=self._session))
            while self.turns.time < ends:
                try:
                    client.company()
                except BudgetSpent as spent:
                    self.turns.sleep(max(0.05, (spent.free_at - self.turns.now()).total_seconds()))
                except Throttled:
                    self.throttled += 1
                self.turns.sleep(self.random.uniform(0.5, 1) * MOST_WORK)

        return run

    def used(self) -> float:
        """Calls a minute once the budget's first turn is over, as a part of 60."""
        calls = sum(at >= TURN for at in self.arrived)
        return calls / (self.seconds - TURN)

    def most_in_a_minute(self) -> int:
        """The most calls in any 60 seconds, by their arrival."""
        times = sorted(self.arrived)
        most = first = 0
        for last, at in enumerate(times):
            while at - times[first] >= MINUTE:
                first += 1
            most = max(most, last - first + 1)
        return most


class _Distant(InProcess):
    """DEAR at the end of a wire: a call takes a while to arrive."""

    def __init__(self, app: Any, account: _Account) -> None:
        super().__init__(app)
        self._account = account

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        turns = self._account.turns
        turns.sleep(self._account.random.uniform(0, SLOWEST_WAY))
        self._account.arrived.append(turns.time)
        return super().send(request)


class _FarTable:
    """The table at the end of a wire: a request takes a while to arrive, and its answer to come back."""

    def __init__(self, account: _Account) -> None:
        self._account, self.name = account, account.table.name

    def get_item(self, **arguments: Any) -> Any:
        return self._slowly(self._account.table.get_item, arguments)

    def update_item(self, **arguments: Any) -> Any:
        return self._slowly(self._account.table.update_item, arguments)

    def _slowly(self, ask: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        self._wait()
        try:
            return ask(**arguments)
        finally:
            self._wait()

    def _wait(self) -> None:
        self._account.turns.sleep(self._account.random.uniform(0, SLOWEST_WRITE / 2))


class _Until:
    """The end of a run at a moment of the virtual time."""

    def __init__(self, turns: Turns, ends: float) -> None:
        self._turns, self._ends = turns, ends

    def seconds_left(self) -> float:
        return self._ends - self._turns.time
