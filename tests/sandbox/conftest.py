"""What the tests of both sandboxes share: a clock that is moved by hand, and documents in memory."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.documents import Documents


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def move(self, **by: float) -> None:
        self._now += timedelta(**by)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def documents() -> Iterator[Documents]:
    store = Documents()
    yield store
    store.close()
