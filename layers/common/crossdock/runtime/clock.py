"""The real clock, and a Lambda's deadline."""

import time
from datetime import UTC, datetime
from typing import Protocol

MARGIN_SECONDS = 8.0
"""What a run keeps back: time for the last outside call to time out and for its result to be written."""


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
