"""The right to be the only copy of a step that runs for a connection.

Its times are compared between processes. A clock that is off by more than clocks may be is set by the time that
DynamoDB tells with the answer (see `crossdock.store.window`).
"""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from crossdock.domain.errors import LeaseLost
from crossdock.ports import Clock
from crossdock.store import conditions
from crossdock.store.conditions import Condition
from crossdock.store.faults import CONDITION_FAILED, code_of, dynamodb
from crossdock.store.keys import Item, Key
from crossdock.store.window import Process, told_at

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

RENEWED_AFTER = 1 / 20
"""Of a lease's time: kept right before an outside write, the lease outlives the slowest call."""


class DynamoLease:
    """A lease that was taken. `fence` counts every taking, so that a holder that comes back finds out."""

    def __init__(self, table: "Table", key: Key, clock: Clock, holder: str, seconds: float) -> None:
        self._table, self._key, self._clock = table, key, clock
        self._holder, self._seconds = holder, seconds
        self._time = Process()
        self._fence = 0
        self._taken_at = 0

    def take(self) -> bool:
        """Take the lease by one conditional write; False while another holder has it."""
        asked_at = self._clock.now()
        now = self._time.time_of(asked_at)
        answer = _update(
            self._table,
            self._key,
            "SET holder = :holder, held_until = :until, fence = if_not_exists(fence, :none) + :one",
            {":holder": self._holder, ":until": self._until(now), ":none": 0, ":one": 1},
            conditions.lease_is_free(now, self._holder),
        )
        if answer is None:
            return False
        before = answer.get("Attributes", {})
        self._fence, self._taken_at = int(before.get("fence", 0)) + 1, now
        if told := told_at(answer):
            self._time.compare(told, asked_at, self._clock.now())
        return self._time.time_of(asked_at) == now or self._take_by_the_right_time(before)

    def _take_by_the_right_time(self, before: Item) -> bool:
        """Whether it was free, now that our clock is set, and is still ours; then its time is put right.

        One that was not is given back as it was: left in our name, at our time, it would be held for longer by each
        run whose clock is ahead, and free for none.
        """
        if before.get("holder", self._holder) != self._holder and before["held_until"] > self._now():
            self._give_back(before)
            return False
        self._taken_at = 0
        try:
            self.keep()
        except LeaseLost:
            return False
        return True

    def _give_back(self, before: Item) -> None:
        _update(
            self._table,
            self._key,
            "SET holder = :before, held_until = :until, fence = :earlier",
            {":before": before["holder"], ":until": before["held_until"], ":earlier": before["fence"]},
            conditions.lease_is_ours(self._holder, self._fence),
        )

    def keep(self) -> None:
        """Renew unless that was done a moment ago. Raises LeaseLost when another copy has taken over."""
        now = self._now()
        if now - self._taken_at < self._seconds * RENEWED_AFTER * 1000:
            return
        renewed = _update(
            self._table,
            self._key,
            "SET held_until = :until",
            {":until": self._until(now)},
            conditions.lease_is_ours(self._holder, self._fence),
        )
        if renewed is None:
            raise LeaseLost(f"{self._key.sk} of {self._key.pk} was taken over by another run")
        self._taken_at = now

    def _now(self) -> int:
        return self._time.time_of(self._clock.now())

    def _until(self, now: int) -> int:
        return now + int(self._seconds * 1000)


def release(table: "Table", key: Key, holder: str) -> None:
    """Give the lease back if it is still this holder's. The fence stays, so that it never counts twice."""
    _update(table, key, "REMOVE holder, held_until", {}, conditions.lease_is_held(holder))


def _update(
    table: "Table", key: Key, change: str, values: dict[str, Any], condition: Condition
) -> dict[str, Any] | None:
    """The answer, with the item before the change; None when the condition did not hold."""
    guard = condition.arguments()
    names, guarded = guard["ExpressionAttributeNames"], guard.get("ExpressionAttributeValues", {})
    try:
        with dynamodb("UpdateItem"):
            answer = table.update_item(
                Key=key.attributes(),
                UpdateExpression=change,
                ConditionExpression=guard["ConditionExpression"],
                ExpressionAttributeNames=names,
                ExpressionAttributeValues={**values, **guarded},
                ReturnValues="ALL_OLD",
            )
    except ClientError as failed:
        if code_of(failed) == CONDITION_FAILED:
            return None
        raise
    return dict(answer)
