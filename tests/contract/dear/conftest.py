"""What the tests of the DEAR adapter share: a budget that counts, a client over it, and the example bodies."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from crossdock.dear import exact_json
from crossdock.dear.client import DearClient
from crossdock.dear.transport import Transport

BASE_URL = "https://dear.example/ExternalApi/v2"
ACCOUNT = "0f3c8d0a-1111-4222-8333-444455556666"
KEY = "7b1f0c2e-9999-4888-8777-666655554444"
EXAMPLES = Path(__file__).parent / "examples"


class CountingBudget:
    """A budget that always has a call left, and notes what was asked of it."""

    def __init__(self) -> None:
        self.taken = 0
        self.pauses: list[float] = []

    def take(self) -> None:
        self.taken += 1

    def expect(self, calls: int) -> None:
        """There always are."""

    def hold(self) -> None:
        """It stays free."""

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def budget() -> CountingBudget:
    return CountingBudget()


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


@pytest.fixture
def transport(budget: CountingBudget, session: requests.Session) -> Transport:
    return Transport(BASE_URL, ACCOUNT, KEY, budget, session=session)


@pytest.fixture
def dear(transport: Transport) -> DearClient:
    return DearClient(transport)


@pytest.fixture(scope="session")
def example() -> Callable[[str], Any]:
    """Reads an example body as the transport would."""
    return lambda name: exact_json.read((EXAMPLES / f"{name}.json").read_bytes())
