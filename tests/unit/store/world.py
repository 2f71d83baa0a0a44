"""A world of processes in virtual time: each runs real code in a thread, one at a time, and every wait is a turn.

So several processes race for one table in an order that a seed decides, and an hour passes in a moment. The true time
is the world's; a process sees it through a clock that may be wrong.
"""

import heapq
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from random import Random
from typing import Any

from botocore.exceptions import ClientError

BEGIN = datetime(2025, 3, 1, 12, tzinfo=UTC)


class TheEnd(BaseException):
    """The world's time is over: ends a process wherever it waits."""


class World:
    """Runs processes by turns until its time is over."""

    def __init__(self, seconds: float, seed: int = 0) -> None:
        self.time = 0.0
        self.random = Random(seed)
        self._seconds = seconds
        self._turns: list[tuple[float, int, threading.Semaphore]] = []
        self._order = count()
        self._waiting = threading.Semaphore(0)
        self._failures: list[BaseException] = []

    def wait(self, seconds: float, turn: threading.Semaphore) -> None:
        """Give the turn away and come back so much later."""
        self._line_up(self.time + seconds, turn)
        self._waiting.release()
        turn.acquire()
        if self.time >= self._seconds:
            raise TheEnd

    def start(self, process: Callable[[threading.Semaphore], None], at: float = 0) -> None:
        """Begin a process at a time."""
        turn = threading.Semaphore(0)
        self._line_up(at, turn)
        threading.Thread(target=self._live, args=(process, turn), daemon=True).start()

    def run(self) -> None:
        """Let time pass until every process has ended."""
        while self._turns:
            at, _, turn = heapq.heappop(self._turns)
            self.time = max(self.time, at)
            turn.release()
            self._waiting.acquire()
        if self._failures:
            raise self._failures[0]

    def _line_up(self, at: float, turn: threading.Semaphore) -> None:
        heapq.heappush(self._turns, (at, next(self._order), turn))

    def _live(self, process: Callable[[threading.Semaphore], None], turn: threading.Semaphore) -> None:
        turn.acquire()
        try:
            if self.time < self._seconds:
                process(turn)
        except TheEnd:
            pass
        except BaseException as failure:  # noqa: BLE001 - told by run()
            self._failures.append(failure)
        finally:
            self._waiting.release()


class WorldClock:
    """A process's clock: the world's time, and by how far it is wrong, which may change."""

    def __init__(self, world: World, turn: threading.Semaphore, wrong_by: Callable[[float], float]) -> None:
        self._world, self._turn, self._wrong_by = world, turn, wrong_by

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self._world.time + self._wrong_by(self._world.time))

    def sleep(self, seconds: float) -> None:
        self._world.wait(seconds, self._turn)

    def seconds_left(self) -> float:
        return 3600


class BudgetItem:
    """The one item of a budget, shared by all processes: conditions and changes are applied at once, or not at all."""

    name = "checkpoints"

    def __init__(self) -> None:
        self.item: dict[str, Any] = {}
        self.writes = 0
        self.reads = 0

    def get(self) -> dict[str, Any]:
        self.reads += 1
        return {"Item": dict(self.item)} if self.item else {}

    def update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.writes += 1
        values = arguments["ExpressionAttributeValues"]
        if not self._holds(arguments.get("ConditionExpression"), values):
            code = {"Code": "ConditionalCheckFailedException"}
            raise ClientError({"Error": code, "Item": _as_sent(self.item)}, "UpdateItem")
        change, _, gone = arguments["UpdateExpression"].removesuffix(" ADD version :one").partition(" REMOVE ")
        for assignment in change.removeprefix("SET ").split(", "):
            name, _, value = assignment.partition(" = ")
            self.item[name] = values[value]
        self.item.pop(gone, None)
        self.item["version"] = self.item.get("version", 0) + 1
        return {"Attributes": dict(self.item)}

    def _holds(self, condition: str | None, values: dict[str, Any]) -> bool:
        match condition:
            case None:
                return True
            case "attribute_not_exists( #pk )":
                return not self.item
            case "#version = :version":
                return bool(self.item.get("version") == values[":version"])
            case _:
                return bool(self.item.get("paused_until", 0) < values[":until"])


class BudgetTable:
    """A process's way to the item: every call takes a while, before it is applied and after."""

    def __init__(self, item: BudgetItem, world: World, turn: threading.Semaphore, slowest: float) -> None:
        self._item, self._world, self._turn, self._slowest = item, world, turn, slowest

    def get_item(self, **_: Any) -> dict[str, Any]:
        return self._answered(self._item.get)

    def update_item(self, **arguments: Any) -> dict[str, Any]:
        return self._answered(lambda: self._item.update(arguments))

    def _answered(self, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What comes back, be it a refusal, with the time at which it was applied."""
        self._delay()
        told = {"HTTPHeaders": {"date": format_datetime(BEGIN + timedelta(seconds=self._world.time), usegmt=True)}}
        try:
            return {**act(), "ResponseMetadata": told}
        except ClientError as refused:
            refused.response["ResponseMetadata"] = told  # type: ignore[typeddict-item]
            raise
        finally:
            self._delay()

    def _delay(self) -> None:
        self._world.wait(self._world.random.uniform(0, self._slowest / 2), self._turn)


def _as_sent(item: dict[str, Any]) -> dict[str, Any]:
    """An item in DynamoDB's own notation."""
    return {name: _value(value) for name, value in item.items()}


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {"L": [_value(one) for one in value]}
    return {"S": value} if isinstance(value, str) else {"N": str(value)}
