"""The real clock, and a Lambda's deadline."""

import time
from datetime import UTC, datetime
from typing import Protocol

MARGIN_SECONDS = 35.0
"""What a run keeps back: time for the last outside call to connect (5), to time out (30) and to be written down.

Of the 90 seconds of a step that starts each minute 55 remain to begin calls in: nearly all of DEAR's 60 calls a minute
find their place, and a call that hangs does not end the function.
"""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class _LambdaContext(Protocol):
    def get_remaining_time_in_millis(self) -> int: ...


class LambdaDeadline:
    """The time that Lambda leaves to this invocation, less the margin."""

    def __init__(self, context: _LambdaContext, margin: float = MARGIN_SECONDS) -> None:
        self._context, self._margin = context, margin

    def seconds_left(self) -> float:
        return self._context.get_remaining_time_in_millis() / 1000 - self._margin
