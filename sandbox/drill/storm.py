"""The faults of a drill: steps run in many copies at once, people at work, functions and whole systems killed."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from random import Random
from threading import Event, Lock
from typing import Any

import requests

from cli.site import InvocationFailed, Site
from crossdock.domain.states import SCHEDULED_STEPS, Step
from sandbox.cloud.local import LocalCloud
from sandbox.drill.account import Account

STEPS = (*SCHEDULED_STEPS, Step.RECONCILE)
AT_ONCE = 2
"""How many steps of an account run side by side, at least."""
WRITERS = (Step.DELIVER_ORDERS, Step.CONFIRM_SHIPMENTS, Step.CREATE_INVOICES)
COPIES = {1: 5, 2: 3, 3: 2, 4: 1}
"""How many copies of a step are started at once: how often."""
BY_SCHEDULE = 0.1
"""The share of invocations that name no connection, so that the function starts one for each."""
PEOPLE_REST = (1.0, 5.0)
KILLER_RESTS = (1.0, 4.0)
DOWN_FOR = (0.5, 4.0)
"""Seconds between two acts of people and two kills, and for which a killed system stays down."""
SYSTEMS_SHARE = 0.25
"""The share of kills that take a DEAR and its warehouse."""


@dataclass
class Happened:
    """What a drill did, counted."""

    invoked: Counter[Step] = field(default_factory=Counter)
    copies: Counter[Step] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def count(self, counter: Counter[Any], what: Any, times: int = 1) -> None:
        with self._lock:
            counter[what] += times


class Storm:
    """Everything that goes wrong, in threads of its own, for some seconds."""

    def __init__(
        self, seed: str, cloud: LocalCloud, sites: dict[str, Site], accounts: list[Account], happened: Happened
    ) -> None:
        self._seed, self._cloud, self._sites, self._accounts = seed, cloud, sites, accounts
        self._happened = happened
        self._over = Event()
        self._functions = dict(cloud.outputs().functions)

    def rage(self, kills: int, of_each: int, at_most: float, watch: Callable[[], None]) -> None:
        """Let it all happen, until so many kills, so many of them of each step that writes to others; or that long.

        `watch` is called twice a second.
        """
        tasks: list[Callable[[], None]] = [self._kill]
        for account in self._accounts:
            tasks += [partial(self._live, account)]
            tasks += [partial(self._invoke_all, account, place) for place in range(AT_ONCE)]
        end = time.monotonic() + at_most
        with ThreadPoolExecutor(len(tasks)) as pool:
            begun = [pool.submit(task) for task in tasks]
            while not self._enough(kills, of_each) and time.monotonic() < end and not any(map(Future.done, begun)):
                self._over.wait(0.5)
                watch()
            self._over.set()
        for each in begun:
            each.result()

    def _enough(self, kills: int, of_each: int) -> bool:
        killed = self._happened.killed
        return killed.total() >= kills and all(killed[step] >= of_each for step in WRITERS)

    # --- steps ---

    def _invoke_all(self, account: Account, place: int) -> None:
        """Every step, in one or several copies, until it is over: in workflow order at the first place, else in any."""
        random = Random(f"{self._seed}/{account.name}/steps/{place}")
        with ThreadPoolExecutor(max(COPIES)) as pool:
            while not self._over.is_set():
                for step in random.sample(STEPS, len(STEPS)) if place else STEPS:
                    copies = random.choices(list(COPIES), list(COPIES.values()))[0]
                    if self._over.is_set():
                        return
                    if random.random() < BY_SCHEDULE:
                        self._invoke_as_the_schedule_does(step)
                    self._happened.count(self._happened.copies, step, copies - 1)
                    list(pool.map(self._invoke, repeat(account), repeat(step, copies)))

    def _invoke(self, account: Account, step: Step) -> None:
        happened = self._happened
        happened.count(happened.invoked, step)
        try:
            reports = self._sites[account.name].invoker.invoke(step, account.name)
        except InvocationFailed:
            happened.count(happened.outcomes, "cut off")
        else:
            for report in reports:
                happened.count(happened.outcomes, str(report.outcome))

    def _invoke_as_the_schedule_does(self, step: Step) -> None:
        function = self._functions[step]
        self._happened.count(self._happened.outcomes, "started by the schedule's event")
        self._cloud.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=b"{}")

    # --- people ---

    def _live(self, account: Account) -> None:
        """The people of one account; what a system that is down, or has rules, refuses them is counted."""
        while not self._over.wait(account.random.uniform(*PEOPLE_REST)):
            try:
                account.work()
            except requests.RequestException:
                self._happened.count(self._happened.people, "refused")
            else:
                self._happened.count(self._happened.people, "done")

    # --- kills ---

    def _kill(self) -> None:
        random = Random(f"{self._seed}/kills")
        while not self._over.wait(random.uniform(*KILLER_RESTS)):
            if random.random() < SYSTEMS_SHARE:
                self._kill_systems(random.choice(self._accounts), random.uniform(*DOWN_FOR))
            else:
                self._kill_function(random)

    def _kill_systems(self, account: Account, seconds: float) -> None:
        account.systems.kill()
        self._happened.count(self._happened.killed, "a DEAR and its warehouse")
        self._over.wait(seconds)
        account.systems.start()

    def _kill_function(self, random: Random) -> None:
        """Kill a process that is at work, of the step that was killed least; where none is, wait for one."""
        while not (workers := self._cloud.ministack.workers()):
            if self._over.wait(0.1):
                return
        steps = {function: step for step, function in self._functions.items()}
        killed = self._happened.killed
        pid = min(random.sample(sorted(workers), len(workers)), key=lambda pid: killed[steps[workers[pid]]])
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self._happened.count(killed, steps[workers[pid]])
