"""Processes that call a DEAR account through the budget, and DEAR's count of their calls."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from crossdock.domain.errors import BudgetSpent
from crossdock.domain.states import Step
from crossdock.store.budget import DynamoCallBudget
from crossdock.store.window import Process
from tests.unit.store.world import BEGIN, BudgetItem, BudgetTable, World, WorldClock

SLOWEST_WRITE = 0.1
SLOWEST_WAY = 0.5
"""Seconds from the grant to DEAR."""


class Account:
    """A DEAR account: sees every call when it arrives."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.item = BudgetItem()
        self.calls: list[tuple[float, Step]] = []
        self._names = iter(f"p{number:03}" for number in range(1000))

    def caller(
        self,
        step: Step,
        *,
        wrong_by: Callable[[float], float] = lambda _: 0,
        work: float = 0.3,
        ends: float = 1e9,
        slowest_write: float = SLOWEST_WRITE,
        starts: float = 0,
        process: Process | None = None,
        burst: int = 30,
    ) -> None:
        """A process that calls as often as it may, `work` seconds of its own between two calls."""
        who = process or Process(next(self._names))

        def live(turn: threading.Semaphore) -> None:
            clock = WorldClock(self.world, turn, wrong_by)
            table = BudgetTable(self.item, self.world, turn, slowest_write)
            budget = DynamoCallBudget(table, "account", step, clock, clock, burst=burst, process=who)
            while self.world.time < ends:
                try:
                    budget.take()
                except BudgetSpent as spent:
                    clock.sleep(max(0.05, seconds(spent.free_at) - seconds(clock.now())))
                    continue
                self._arrive(step)
                clock.sleep(self.world.random.uniform(0.5, 1) * work)

        self.world.start(live, at=starts)

    def most_in_a_minute(self) -> int:
        """The most calls in any 60 seconds, as DEAR counts them."""
        times = sorted(at for at, _ in self.calls)
        most = first = 0
        for last, at in enumerate(times):
            while at - times[first] >= 60:
                first += 1
            most = max(most, last - first + 1)
        return most

    def used_between(self, begin: float, end: float) -> float:
        """Calls a minute in that time, as a part of 60."""
        return sum(begin <= at < end for at, _ in self.calls) / (end - begin)

    def by_step(self, begin: float = 0) -> Counter[Step]:
        return Counter(step for at, step in self.calls if at >= begin)

    def _arrive(self, step: Step) -> None:
        self.calls.append((self.world.time + self.world.random.uniform(0, SLOWEST_WAY), step))


def seconds(moment: datetime) -> float:
    return (moment - BEGIN).total_seconds()
