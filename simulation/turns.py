"""Virtual time, and processes that take turns: exactly one runs, and it changes only where one waits.

A process is real code in a thread of its own. Where it waits for something outside, time passes and whoever is due
before it goes first; where nobody is, it simply goes on. What happens at the same moment happens in the order in which
it was planned, so a run follows from its seed alone.
"""

import heapq
import threading
from _thread import LockType, allocate_lock
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Killed(BaseException):
    """The process is no more: its memory is gone, and whatever it does after this has no effect."""


class Turns:
    """The calendar of a run: what happens when, and whose turn it is."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.switches = 0
        self._calendar: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._idle: list[_Worker] = []
        self._home = allocate_lock()
        self._home.acquire()
        self._failure: BaseException | None = None

    def now(self) -> datetime:
        """The true time."""
        return BEGIN + timedelta(seconds=self.seconds)

    def at(self, seconds: float, act: Callable[[], None]) -> None:
        """Plan something for a moment; what is past happens next."""
        heapq.heappush(self._calendar, (max(seconds, self.seconds), next(self._order), act))

    def start(self, body: Callable[["Process"], None], process: "Process", seconds: float) -> None:
        """Plan a process to begin at a moment."""
        self.at(seconds, lambda: self._begin(body, process))

    def run(self, until: float) -> None:
        """Let time pass; raises what went wrong in a process."""
        while self._calendar and self._calendar[0][0] <= until:
            seconds, _, act = heapq.heappop(self._calendar)
            self.seconds = max(self.seconds, seconds)
            act()
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
        self.seconds = max(self.seconds, until)

    def close(self) -> None:
        """Kill whoever still waits, and send the threads home."""
        self._calendar.clear()
        for worker in self._idle:
            worker.dismiss()

    def wait(self, process: "Process", seconds: float) -> None:
        """Let time pass for a process; others that are due go first."""
        due = self.seconds + seconds
        if not self._calendar or self._calendar[0][0] > due:
            self.seconds = due
            return
        self.switches += 1
        turn = process.turn
        self.at(due, lambda: self._hand_over(turn))
        self._home.release()
        turn.acquire()

    def _begin(self, body: Callable[["Process"], None], process: "Process") -> None:
        worker = self._idle.pop() if self._idle else _Worker(self)
        process.turn = worker.turn
        worker.job = lambda: body(process)
        self._hand_over(worker.turn)

    def _hand_over(self, turn: LockType) -> None:
        turn.release()
        self._home.acquire()

    def done(self, worker: "_Worker", failure: BaseException | None) -> None:
        """A worker has ended its job; its turn goes back to the calendar."""
        self._failure = self._failure or failure
        self._idle.append(worker)
        self._home.release()


class _Worker:
    """A thread that processes borrow, one after another."""

    def __init__(self, turns: Turns) -> None:
        self.turn = allocate_lock()
        self.turn.acquire()
        self.job: Callable[[], None] | None = None
        self._turns = turns
        threading.Thread(target=self._work, daemon=True).start()

    def dismiss(self) -> None:
        self.job = None
        self.turn.release()

    def _work(self) -> None:
        while True:
            self.turn.acquire()
            if self.job is None:
                return
            failure: BaseException | None = None
            try:
                self.job()
            except Killed:
                pass
            except BaseException as error:  # noqa: BLE001 - told by run()
                failure = error
            self.job = None
            self._turns.done(self, failure)


class Process:
    """One process: a clock that may be wrong, a time at which it is killed, and whether it lives."""

    def __init__(self, turns: Turns, name: str, *, ends_at: float = float("inf"), wrong_by: float = 0.0) -> None:
        self.name = name
        self.dead = False
        self.turn: LockType = turns._home  # noqa: SLF001 - until it begins
        self._turns, self._ends_at, self._wrong_by = turns, ends_at, wrong_by

    def now(self) -> datetime:
        """The time as this process believes it to be."""
        return self._turns.now() + timedelta(seconds=self._wrong_by)

    def true_time(self) -> datetime:
        """What everybody else's clock says."""
        return self._turns.now()

    def sleep(self, seconds: float) -> None:
        """Wait; a process whose time is over does not come back."""
        self.check()
        left = self._ends_at - self._turns.seconds
        self._turns.wait(self, max(min(seconds, left), 0.0))
        if seconds >= left:
            self.dead = True
        self.check()

    def kill(self) -> None:
        """End the process where it stands."""
        self.dead = True
        raise Killed

    def check(self) -> None:
        """A dead process does nothing more, whatever its code still tries."""
        if self.dead:
            raise Killed

    def get_remaining_time_in_millis(self) -> int:
        """What Lambda's context says."""
        return int((self._ends_at - self._turns.seconds) * 1000)
