"""The port `CallBudget` on DynamoDB: one item per DEAR account, shared by every process that calls it.

Never more than 60 calls in any 60 seconds, as DEAR sees them. A grant is a conditional write on the item's version,
so two processes never use the same free call; it counts for 60 seconds and a margin, and the margin covers the way
from the write to DEAR: a grant whose write was slow is not used. A grant with a time in the future counts, so a clock
that goes back, or another process's that is ahead, only makes calls free later; and where ours may be the one that is
ahead, foreign grants count for as much longer, up to three seconds; a clock that is further off is set by the table's
time (see `crossdock.store.window`).

Calls beyond the first 30 of a minute are spread, so that one comes free every second and a step that goes first
never waits long for it, whatever bulk the others have.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from crossdock.domain.errors import BudgetSpent
from crossdock.domain.model import Record
from crossdock.domain.states import Step
from crossdock.ports import Clock, Deadline
from crossdock.store.conditions import Condition, is_paused_less_than, is_version
from crossdock.store.faults import CONDITION_FAILED, code_of, dynamodb
from crossdock.store.keys import Item, budget_key
from crossdock.store.window import (
    Grant,
    Limit,
    Process,
    Window,
    counting,
    free_at,
    grants_as_values,
    milliseconds,
    spread_until,
    told_at,
    wanted_name,
    window_of,
)
from crossdock.store.writes import found_by, read_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

SLOW_WRITE = 750
"""Milliseconds after which a grant is too old to be used."""

HELD_FOR = timedelta(milliseconds=700)
"""So long may a call be held before it is made; what is left of the margin is for its way to DEAR."""

LONGEST_SLEEP = 2_000
"""Milliseconds after which a step that waits looks again."""

MOST_TRIES = 200
"""Rounds of one take: each lost one means that another process got a call or made its wish known."""

_THIS_PROCESS = Process()


def account_key(account_id: str) -> str:
    """The key of an account's call budget: the same for all its connections, and not the account id itself."""
    return sha256(account_id.lower().encode()).hexdigest()[:16]


class BudgetState(Record):
    """The budget as people see it. `by_step` counts the calls of the last minute."""

    used: int
    free_at: datetime
    paused_until: datetime | None
    by_step: dict[Step, int]


class DynamoCallBudget:
    """The calls of one account, taken for one step. `process` is whose clock it goes by: by default, this one."""

    def __init__(  # noqa: PLR0913 - what bounds the budget can be set by name
        self,
        table: "Table",
        account_key: str,
        step: Step,
        clock: Clock,
        deadline: Deadline,
        *,
        calls: int = 60,
        window_seconds: float = 60,
        margin_seconds: float = 2,
        max_wait_seconds: float = 20,
        burst: int = 30,
        process: Process = _THIS_PROCESS,
    ) -> None:
        self._table, self._account_key, self._step = table, account_key, step
        self._clock, self._deadline = clock, deadline
        self._limit = Limit(calls, int(window_seconds * 1000), int(margin_seconds * 1000), burst)
        self._max_wait_seconds = max_wait_seconds
        self._window = Window()
        self._process = process
        self._held_until: datetime | None = None

    def take(self) -> None:
        """Use up one call, waiting for it where that is worth it. Raises BudgetSpent."""
        if self._is_held():
            self._held_until = None
            return
        patience = timedelta(seconds=min(self._max_wait_seconds, self._deadline.seconds_left()))
        give_up_at = self._clock.now() + patience
        told = False
        free = 0
        for _ in range(MOST_TRIES):
            now = self._now()
            free = free_at(self._window, self._limit, self._process, self._step, now)
            if free <= now:
                free = spread_until(self._window, self._limit, self._process, now)
                if free <= now:
                    if self._grant(now):
                        return
                    continue
            elif not told:
                self._want(now)
                told = True
                continue
            if free > self._process.time_of(give_up_at):
                break
            self._wait(free - now)
        raise BudgetSpent(self._process.moment_of(free))

    def hold(self) -> None:
        """Take a call now, and keep it for a moment. Raises BudgetSpent."""
        if not self._is_held():
            self.take()
            self._held_until = self._clock.now() + HELD_FOR

    def expect(self, calls: int) -> None:
        """Say no before work of so many calls begins, rather than in its midst: by what the last call showed.

        Raises BudgetSpent.
        """
        if not self._window.version:
            self._look()
        now = self._now()
        free = free_at(self._window, self._limit, self._process, self._step, now, calls)
        if free > now + 1000 * self._max_wait_seconds:
            self._want(now)
            raise BudgetSpent(self._process.moment_of(free))

    def pause(self, seconds: float) -> None:
        """Stop every step's calls for so long; a pause that lasts longer stands."""
        until = self._now() + int(seconds * 1000)
        self._change("SET paused_until = :until", {}, is_paused_less_than(until))

    def calls_used(self, now: datetime) -> int:
        """Calls of every step in the minute before `now`."""
        return read_budget(self._table, self._account_key, now).used

    def _is_held(self) -> bool:
        return self._held_until is not None and self._clock.now() < self._held_until

    def _grant(self, now: int) -> bool:
        """Write the grant; False when another process was first, or the write took too long to be used."""
        kept = counting(self._window, self._limit, self._process, now)
        known = self._window.version
        granted = self._change(
            f"SET grants = :grants, marks = :marks REMOVE {wanted_name(self._step)}",
            grants_as_values((*kept, Grant(now, self._process.name, self._step))),
            is_version(known),
        )
        return granted and 0 <= self._now() - now <= SLOW_WRITE

    def _wait(self, milliseconds: int) -> None:
        """Wait, and see what stands then: a call that was left to another step may be free before its time."""
        if milliseconds > 0:
            self._clock.sleep(min(milliseconds, LONGEST_SLEEP) / 1000)
            self._look()

    def _want(self, now: int) -> None:
        """Make it known that the step found no call free, so that lesser ones leave it some."""
        self._change(f"SET {wanted_name(self._step)} = :now", {":now": now}, None)

    def _change(self, change: str, values: dict[str, Any], condition: Condition | None) -> bool:
        """Change the item if the condition holds; what stands there then is known in either case."""
        guard: Any = condition.arguments() if condition else {}
        values = {**values, ":one": 1, **guard.pop("ExpressionAttributeValues", {})}
        key = budget_key(self._account_key)
        asked_at = self._clock.now()
        try:
            with dynamodb("UpdateItem"):
                answer = self._table.update_item(
                    Key=key.attributes(),
                    UpdateExpression=f"{change} ADD version :one",
                    ExpressionAttributeValues=values,
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **guard,
                )
        except ClientError as failed:
            if code_of(failed) != CONDITION_FAILED:
                raise
            self._compare_clocks(failed.response, asked_at)
            self._see(found_by(failed, self._table, key))
            return False
        self._compare_clocks(answer, asked_at)
        self._see(answer["Attributes"])
        return True

    def _look(self) -> None:
        """See what stands, without changing it."""
        asked_at = self._clock.now()
        with dynamodb("GetItem"):
            answer = self._table.get_item(Key=budget_key(self._account_key).attributes(), ConsistentRead=True)
        self._compare_clocks(answer, asked_at)
        self._see(answer.get("Item"))

    def _compare_clocks(self, answer: Mapping[str, Any], asked_at: datetime) -> None:
        if told := told_at(answer):
            self._process.compare(told, asked_at, self._clock.now())

    def _see(self, item: Item | None) -> None:
        self._window = window_of(item)
        self._process.learn(self._window.grants, self._now())

    def _now(self) -> int:
        return self._process.now(self._clock.now())


def read_budget(
    table: "Table", account_key: str, now: datetime, *, calls: int = 60, window_seconds: float = 60
) -> BudgetState:
    """How much of an account's budget is used, for people to see."""
    window = window_of(read_item(table, budget_key(account_key)))
    at = milliseconds(now)
    length = int(window_seconds * 1000)
    recent = [grant for grant in window.grants if grant.at > at - length]
    leaving = sorted(grant.at + length for grant in recent)
    free = leaving[len(leaving) - calls] if len(leaving) >= calls else at
    steps = [grant.step for grant in recent]
    return BudgetState(
        used=len(recent),
        free_at=_moment(max(free, window.paused_until)),
        paused_until=_moment(window.paused_until) if window.paused_until > at else None,
        by_step={step: steps.count(step) for step in Step if step in steps},
    )


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
