"""A DEAR sandbox with a small catalogue."""

from collections.abc import Iterator

import pytest
from flask import Flask

from sandbox.dear.app import create_app
from sandbox.documents import Documents
from sandbox.serving import Server
from tests.sandbox.conftest import HandClock
from tests.sandbox.dear.client import ACCOUNT_ID, API_KEY, DearClient

PRODUCTS = [
    {"sku": "BREAD", "name": "Baked Bread", "price": 8, "cost": 5, "weight": 0.4, "barcode": "0001"},
    {"sku": "JAM", "name": "Plum Jam", "price": 3.5, "cost": 2},
    {"sku": "MILK", "name": "Milk", "price": 2, "cost": 1, "costing_method": "FEFO - Batch"},
    {"sku": "HELP", "name": "Help", "price": 50, "type": "Service"},
]
STOCK = [
    {"sku": "BREAD", "on_hand": 100},
    {"sku": "BREAD", "on_hand": 10, "location": "Overflow"},
    {"sku": "JAM", "on_hand": 20},
    {"sku": "MILK", "on_hand": 5, "batch": "L1", "expiry": "2026-06-01"},
    {"sku": "MILK", "on_hand": 5, "batch": "L2", "expiry": "2026-05-01"},
]


@pytest.fixture
def app(documents: Documents, clock: HandClock) -> Flask:
    return create_app(documents, clock, account_id=ACCOUNT_ID, api_key=API_KEY, calls_per_minute=None)


@pytest.fixture
def dear(app: Flask) -> DearClient:
    client = DearClient(app)
    client.seed(products=PRODUCTS, stock=STOCK)
    return client


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    with Server(app) as running:
        yield running


@pytest.fixture
def simple(dear: DearClient) -> str:
    """An authorised simple sale of two breads and a jam."""
    (sale_id,) = dear.seed(sales=[{"order_number": "SO-1", "lines": two_breads_and_a_jam()}])
    return sale_id


@pytest.fixture
def advanced(dear: DearClient) -> str:
    """An authorised advanced sale of the same."""
    (sale_id,) = dear.seed(sales=[{"order_number": "SO-2", "type": "Advanced", "lines": two_breads_and_a_jam()}])
    return sale_id


def two_breads_and_a_jam() -> list[dict[str, object]]:
    exempt = {"tax_rule": "Tax Exempt"}
    return [{"sku": "BREAD", "quantity": 2, **exempt}, {"sku": "JAM", "quantity": 1, **exempt}]
