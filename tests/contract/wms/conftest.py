"""The sandbox warehouse on a real port, and a person who works in it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from crossdock.ports import Warehouse
from sandbox.clock import SystemClock
from sandbox.documents import Documents
from sandbox.serving import Server
from sandbox.warehouse.app import create_app
from tests.contract.wms.samples import TOKEN, warehouse_at


class Floor:
    """The warehouse's control plane, as a person uses it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def do(self, path: str, body: Any = None) -> Any:
        answer = requests.post(f"{self.url}/_control/{path}", json=body or {}, timeout=5)
        answer.raise_for_status()
        return answer.json()

    def fault(self, kind: str, path: str = ".", **facts: Any) -> None:
        self.do("faults", [{"kind": kind, "path": path, **facts}])

    def written(self, kind: str) -> list[dict[str, Any]]:
        entries = requests.get(f"{self.url}/_control/ledger", timeout=5).json()["ledger"]
        return [entry for entry in entries if entry["kind"] == kind]


@pytest.fixture(scope="module")
def served() -> Iterator[Floor]:
    with Server(create_app(Documents(None), SystemClock(), token=TOKEN)) as server:
        yield Floor(server.url)


@pytest.fixture
def floor(served: Floor) -> Floor:
    requests.post(f"{served.url}/_control/reset", timeout=5).raise_for_status()
    return served


@pytest.fixture
def warehouse(floor: Floor) -> Warehouse:
    return warehouse_at(floor.url)


@pytest.fixture
def long_ago() -> datetime:
    return datetime(2020, 1, 1, tzinfo=UTC)
