"""The store's adapters over fresh tables, and a clock that moves by hand."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from crossdock.store.checkpoints import DynamoCheckpoints
from crossdock.store.orders import DynamoOrders
from tests.integration.store.records import NOON


class HandClock:
    """A clock that stands until it is moved; sleeping moves it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def orders(orders_table: Any) -> DynamoOrders:
    return DynamoOrders(orders_table)


@pytest.fixture
def checkpoints(checkpoints_table: Any, clock: HandClock) -> DynamoCheckpoints:
    return DynamoCheckpoints(checkpoints_table, clock)
