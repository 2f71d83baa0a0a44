"""Virtual time for several processes: each is a thread that runs alone until it waits, and waiting costs nothing.

The order of their turns follows from the waits, so a run can be repeated exactly.
"""

import heapq
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

_BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Ended(BaseException):
    """The time is over: ends a process wherever it waits."""


class Turns:
    """Gives the turn to whoever waits the shortest, until the time is over."""

    def __init__(self, seconds: float) -> None:
        self.time = 0.0
        self._ends = seconds
        self._waiting: list[tuple[float, int, threading.Semaphore]] = []
        self._numbers = count()
        self._given_back = threading.Semaphore(0)
        self._turn = threading.Semaphore(0)
        self._failed: list[BaseException] = []

    def now(self) -> datetime:
        return _BEGIN + timedelta(seconds=self.time)

    def sleep(self, seconds: float) -> None:
        """Give the turn away for so long. Raises Ended."""
        mine = threading.Semaphore(0)
        self._line_up(self.time + seconds, mine)
        self._given_back.release()
        mine.acquire()
        if self.time >= self._ends:
            raise Ended

    def begin(self, process: Callable[[], None], at: float = 0) -> None:
        """Have a process start at a time."""
        turn = threading.Semaphore(0)
        self._line_up(at, turn)
        threading.Thread(target=self._live, args=(process, turn), daemon=True).start()

    def run(self) -> None:
        """Let the time pass. Raises what a process raised."""
        while self._waiting:
            at, _, turn = heapq.heappop(self._waiting)
            self.time = max(self.time, at)
            turn.release()
            self._given_back.acquire()
        if self._failed:
            raise self._failed[0]

    def _line_up(self, at: float, turn: threading.Semaphore) -> None:
        heapq.heappush(self._waiting, (at, next(self._numbers), turn))

    def _live(self, process: Callable[[], None], turn: threading.Semaphore) -> None:
        turn.acquire()
        try:
            if self.time < self._ends:
                process()
        except Ended:
            pass
        except BaseException as failed:  # noqa: BLE001 - told by run()
            self._failed.append(failed)
        finally:
            self._given_back.release()
