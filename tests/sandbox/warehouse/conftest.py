"""A warehouse in memory, and orders to send to it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.documents import Documents
from sandbox.warehouse.app import create_app
from tests.sandbox.warehouse.client import TOKEN, TestClock, WarehouseClient, make_order


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def documents() -> Iterator[Documents]:
    store = Documents(None)
    yield store
    store.close()


@pytest.fixture
def warehouse(documents: Documents, clock: TestClock) -> WarehouseClient:
    return WarehouseClient(create_app(documents, clock, token=TOKEN))


@pytest.fixture
def an_order() -> Callable[..., dict[str, Any]]:
    return make_order
