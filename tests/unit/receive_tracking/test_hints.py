"""DEAR's events: however many come and whatever they say, they cost a run of the download each minute at most."""

import json
from datetime import timedelta
from typing import Any, cast

import pytest

from crossdock.ports import Checkpoints, Orders
from receive_tracking.api import TrackingApi
from receive_tracking.app import _start
from receive_tracking.door import Door
from tests.unit.receive_tracking.fakes import NOW, MemoryCheckpoints, MemoryOrders, StoppedClock
from tests.unit.receive_tracking.test_door import SECRET, ListLog, MemorySecrets

TOKEN = {"Authorization": "Bearer token-of-main"}
EVENT = b'{"EventType": "Sale/OrderAuthorised", "SaleID": "sale-1", "SaleOrderNumber": "SO-1"}'


class Scene:
    """Two connections, DEAR's events for them, and the runs that they start."""

    def __init__(self, *, stopped: bool = False) -> None:
        self.checkpoints = MemoryCheckpoints("main", "other")
        self.woken: list[str] = []
        checkpoints, clock = cast("Checkpoints", self.checkpoints), StoppedClock()
        door = Door(checkpoints, MemorySecrets(main=(SECRET,), other=(SECRET,)), clock, log=ListLog())
        wake = None if stopped else self.woken.append
        self.api = TrackingApi(cast("Orders", MemoryOrders()), checkpoints, clock, door, wake)

    def send(self, body: bytes = EVENT, connection: str = "main", **headers: str) -> int:
        return self.api.hint(connection, headers or {"Authorization": f"Bearer token-of-{connection}"}, body).status


def test_an_event_starts_the_download_of_its_connection() -> None:
    scene = Scene()

    assert scene.send() == 202
    assert scene.woken == ["main"]


def test_a_flood_starts_one_run_a_minute_for_each_connection() -> None:
    scene = Scene()

    for second in range(180):
        scene.checkpoints.now = NOW + timedelta(seconds=second)
        assert {scene.send(), scene.send(connection="other")} == {202}

    assert scene.woken == ["main", "other"] * 3


@pytest.mark.parametrize("body", [b"", b"not json {", b"[]", b'{"SaleID": 7}', b"\xff\xfe", EVENT * 100])
def test_what_an_event_says_is_not_read(body: bytes) -> None:
    scene = Scene()

    assert scene.send(body) == 202
    assert scene.woken == ["main"]


@pytest.mark.parametrize(
    ("connection", "headers"),
    [
        ("main", {"x": "y"}),
        ("main", {"Authorization": "Bearer guessed"}),
        ("other", TOKEN),
        ("nobody", TOKEN),
    ],
)
def test_without_its_token_an_event_does_nothing(connection: str, headers: dict[str, str]) -> None:
    scene = Scene()

    assert scene.send(EVENT, connection, **headers) == 401
    assert scene.woken == []
    assert scene.checkpoints.hints == {}


def test_an_event_that_is_too_large_does_nothing() -> None:
    scene = Scene()

    assert scene.send(b"x" * (256 * 1024 + 1)) == 413
    assert scene.woken == []


def test_while_the_schedules_are_stopped_an_event_starts_nothing() -> None:
    scene = Scene(stopped=True)

    assert scene.send() == 202
    assert scene.checkpoints.hints == {}


def test_the_download_is_started_for_one_connection_and_not_waited_for() -> None:
    class Functions:
        def __init__(self) -> None:
            self.asked: dict[str, Any] = {}

        def invoke(self, **asked: Any) -> None:
            self.asked = asked

    functions = Functions()

    _start(functions, "crossdock-download-orders", "main")

    assert functions.asked["InvocationType"] == "Event"
    assert functions.asked["FunctionName"] == "crossdock-download-orders"
    assert json.loads(functions.asked["Payload"]) == {"connection": "main"}
