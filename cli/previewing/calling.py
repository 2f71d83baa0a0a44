"""Calls to DEAR for a person who waits: a call that is not free now is waited for, and silence ends the command."""

from collections.abc import Callable
from datetime import datetime, timedelta

from crossdock.domain.errors import (
    BudgetSpent,
    CrossdockError,
    Interrupted,
    Throttled,
    Unauthorised,
    Unreachable,
    Unreadable,
)
from crossdock.ports import Clock
from crossdock.workflow import FAILURES_THAT_STOP_A_RUN

MOST_WAITS = 10
"""For one call: after these DEAR is used by others for so long that the person had better come again."""

type Wait = Callable[[datetime, str], None]
"""Until when, and why."""


class Stopped(Exception):
    """No further call makes sense. Its cause is the error of the last call."""

    def __init__(self, cause: CrossdockError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Patient:
    """Makes calls, one after the other."""

    def __init__(self, clock: Clock, wait: Wait) -> None:
        self._clock, self._wait = clock, wait
        self._unanswered = 0

    def call[Answer](self, make: Callable[[], Answer]) -> Answer:
        """The answer. Raises Stopped where the next call would fare no better, else what the call raised."""
        try:
            answer = self._when_free(make)
        except (Unauthorised, BudgetSpent, Throttled) as error:
            raise Stopped(error) from error
        except Unreadable:
            self._unanswered = 0
            raise
        except (Unreachable, Interrupted) as error:
            self._unanswered += 1
            if self._unanswered >= FAILURES_THAT_STOP_A_RUN:
                raise Stopped(error) from error
            raise
        except CrossdockError:
            self._unanswered = 0
            raise
        self._unanswered = 0
        return answer

    def _when_free[Answer](self, make: Callable[[], Answer]) -> Answer:
        for _ in range(MOST_WAITS):
            try:
                return make()
            except BudgetSpent as spent:
                self._wait(spent.free_at, "other steps use DEAR's calls")
            except Throttled as throttled:
                later = self._clock.now() + timedelta(seconds=throttled.retry_after)
                self._wait(later, "DEAR asks to slow down")
        return make()
