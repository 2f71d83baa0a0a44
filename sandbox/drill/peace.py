"""After the faults: everybody does their work undisturbed until nothing is left of it."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from cli.site import Site
from cli.ticking import Round, tick_until_quiet
from cli.waiting import Pair
from crossdock.domain.states import SCHEDULED_STEPS
from crossdock.runtime.clock import SystemClock
from sandbox.drill.account import Account

PATIENCE = timedelta(minutes=6)
"""Within which everything must settle."""


def settle(sites: dict[str, Site], accounts: list[Account], settled: Callable[[], None]) -> list[str]:
    """Tick each connection until it is quiet and the warehouse has nothing to ship; what is left, in sentences."""
    with ThreadPoolExecutor(len(accounts)) as pool:
        return [
            left
            for each in pool.map(lambda account: _settled(sites[account.name], account, settled), accounts)
            for left in each
        ]


def _settled(site: Site, account: Account, settled: Callable[[], None]) -> list[str]:
    account.enter_the_rest()
    pairs = tuple(Pair(step, account.name) for step in SCHEDULED_STEPS)
    end = time.monotonic() + PATIENCE.total_seconds()
    watcher = _Quietly()
    failed: list[str] = []
    while True:
        time_left = timedelta(seconds=max(end - time.monotonic(), 1))
        tally = tick_until_quiet(site, pairs, SystemClock(), watcher, timeout=time_left)
        failed += [f"{account.name}: {each.step} failed undisturbed: {each.problem}" for each in tally.failures]
        left = [f"{account.name}: {each.step} has not settled: {each.because}" for each in tally.left]
        if not account.ship_everything() or time.monotonic() > end:
            break
    settled()
    return failed + left


class _Quietly:
    """Watches without a word."""

    def running(self, pair: Pair) -> None:
        """Not shown."""

    def ran(self, number: int, done: Round) -> None:
        """Not shown."""

    def waiting(self, until: datetime, why: str) -> None:  # noqa: ARG002 - nobody is told
        time.sleep(max((until - SystemClock().now()).total_seconds(), 0))
