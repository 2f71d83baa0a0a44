"""The sliding window of granted DEAR calls: the rules of the budget, without the table.

Times are epoch milliseconds. A grant carries the time of the process that took it, so comparing it with another
process's clock can err by how far the two disagree. Every sight of a foreign grant bounds that error: the grant was
made before it was seen, so our clock is ahead of its maker's by at most our time less the grant's. This *doubt* is
added to the time for which that maker's grants count; it is small while the maker is active, never above MOST_SKEW,
and none for our own grants. A clock that is behind only makes grants count for longer.

A clock that is further off than that is set by the time that DynamoDB tells with every answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from secrets import token_hex
from typing import Any, NamedTuple

from crossdock.domain.states import Step
from crossdock.store.keys import Item

PRIORITY = (
    Step.CONFIRM_SHIPMENTS,
    Step.DELIVER_ORDERS,
    Step.CREATE_INVOICES,
    Step.DOWNLOAD_ORDERS,
    Step.SYNC_INVENTORY,
    Step.RECONCILE,
)
"""Who goes first; every other step comes after these."""

MOST_SKEW = 3_000
"""How far the clocks of two processes may disagree at most."""

FORGIVEN_SKEW = 500
"""Doubt that the window's margin covers."""

PROCESS_LENGTH = 4
"""Characters of a process's name in the table."""

_STEPS = tuple(Step)
_UNKNOWN = "?" * PROCESS_LENGTH


class Grant(NamedTuple):
    """One call that was granted."""

    at: int
    process: str
    step: Step


@dataclass(frozen=True, slots=True)
class Window:
    """What the table holds of an account's budget."""

    version: int = 0
    grants: tuple[Grant, ...] = ()
    paused_until: int = 0
    wanted: dict[Step, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls in so many milliseconds; a grant counts for the margin longer.

    While fewer than `burst` count, calls may follow one another at once; then they are spread.
    """

    calls: int
    window: int
    margin: int
    burst: int

    @property
    def reserve(self) -> int:
        """Free calls that a step leaves to one that goes before it: 10 of 60."""
        return self.calls // 6

    @property
    def pace(self) -> int:
        """Milliseconds between two spread calls: a little less than evenly, so that lost time is made good."""
        return self.window * 9 // (self.calls * 10)


class Process:
    """A process with a clock of its own, and how far that may be ahead of each other process's, as far as it has seen.

    What it has learnt is worth keeping as long as the process lives: a new one must doubt everybody.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name or token_hex(PROCESS_LENGTH // 2)
        self._latest = 0
        self._behind = timedelta(0)
        self._doubts: dict[str, int] = {}

    def now(self, moment: datetime) -> int:
        """The time. A clock that has gone back goes on under a new name: what was learnt of the old one is void."""
        now = self.time_of(moment)
        if now < self._latest:
            self.name, self._doubts = token_hex(PROCESS_LENGTH // 2), {}
        self._latest = now
        return now

    def time_of(self, moment: datetime) -> int:
        """The time at a moment of our clock."""
        return milliseconds(moment + self._behind)

    def moment_of(self, time: int) -> datetime:
        """What our clock shows at a time."""
        return datetime.fromtimestamp(time / 1000, UTC) - self._behind

    def compare(self, told: datetime, asked_at: datetime, answered_at: datetime) -> None:
        """Set the clock by the time, to the second, that the table told between these two moments of ours.

        A clock within what clocks may differ by is left alone: to set it at each answer would make it go back.
        """
        early, late = told - (answered_at + self._behind), told + timedelta(seconds=1) - (asked_at + self._behind)
        skew = timedelta(milliseconds=MOST_SKEW)
        if early > skew:
            self._behind += early
        elif late < -skew:
            self._behind += late

    def learn(self, grants: Iterable[Grant], now: int) -> None:
        """Take note of the grants that stand, seen at `now` or before; processes that have none are forgotten."""
        doubts: dict[str, int] = {}
        for grant in grants:
            known = doubts.get(grant.process, self._doubts.get(grant.process, MOST_SKEW))
            doubts[grant.process] = min(known, max(0, now - grant.at))
        self._doubts = doubts

    def leaves_at(self, grant: Grant, limit: Limit) -> int:
        """When the grant no longer counts, by our clock."""
        return grant.at + limit.window + limit.margin + max(0, self._doubt(grant) - FORGIVEN_SKEW)

    def _doubt(self, grant: Grant) -> int:
        if grant.process == self.name:
            return 0
        return MOST_SKEW if grant.process == _UNKNOWN else self._doubts.get(grant.process, MOST_SKEW)


def counting(window: Window, limit: Limit, process: Process, now: int) -> tuple[Grant, ...]:
    """The grants that still count. One from further ahead than clocks can be comes from a broken clock.

    It was made before now, whatever it says, and is taken for the latest that it can be.
    """
    latest = now + MOST_SKEW
    kept = (grant for grant in window.grants if process.leaves_at(grant, limit) > now)
    return tuple(Grant(latest, _UNKNOWN, grant.step) if grant.at > latest else grant for grant in kept)


def free_at(window: Window, limit: Limit, process: Process, step: Step, now: int, calls: int = 1) -> int:
    """When so many calls are free for the step; now or earlier when they are."""
    leaving = sorted(process.leaves_at(grant, limit) for grant in counting(window, limit, process, now))
    most = limit.calls - (calls - 1)
    free = _when_below(leaving, most, now)
    left_to_others_until = max(
        (at + limit.window for other, at in window.wanted.items() if _rank(other) < _rank(step)), default=0
    )
    if left_to_others_until > now:
        reserved = _when_below(leaving, most - limit.reserve, now)
        free = min(reserved, max(free, left_to_others_until))
    return max(free, window.paused_until)


def spread_until(window: Window, limit: Limit, process: Process, now: int) -> int:
    """Until when to wait although a call is free: bulk that came all at once would leave all at once, a minute later.

    Spread, a call comes free every second, and a step that goes first never waits long for it.
    """
    standing = counting(window, limit, process, now)
    if len(standing) < limit.burst:
        return now
    return min(now, max(grant.at for grant in standing)) + limit.pace


def _when_below(leaving: list[int], calls: int, now: int) -> int:
    """When fewer than `calls` of the grants that leave at these times are left."""
    too_many = len(leaving) - calls
    return leaving[too_many] if too_many >= 0 else now


def _rank(step: Step) -> int:
    return PRIORITY.index(step) if step in PRIORITY else len(PRIORITY)


def told_at(answer: Mapping[str, Any]) -> datetime | None:
    """The time that DynamoDB told with an answer, to the second."""
    told = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return parsedate_to_datetime(told) if told else None


def milliseconds(moment: datetime) -> int:
    """Since the epoch."""
    return int(moment.timestamp() * 1000)


# --- as an item ----------------------------------------------------------------------------------------------


def wanted_name(step: Step) -> str:
    """The attribute that says when the step last found no call free; short, for the item's sake."""
    return f"w{_STEPS.index(step)}"


def window_of(item: Item | None) -> Window:
    """The window that an item holds."""
    if not item:
        return Window()
    width = PROCESS_LENGTH + 1
    marks = str(item.get("marks", ""))
    grants = tuple(
        Grant(int(at), marks[width * place : width * place + PROCESS_LENGTH], _STEPS[int(marks[width * place + 4])])
        for place, at in enumerate(item.get("grants", ()))
    )
    wanted = {step: int(item[wanted_name(step)]) for step in Step if wanted_name(step) in item}
    return Window(int(item.get("version", 0)), grants, int(item.get("paused_until", 0)), wanted)


def grants_as_values(grants: tuple[Grant, ...]) -> dict[str, Any]:
    """Grants as attribute values: their times, and in one text who took each and for what step.

    So the item stays below one kilobyte, the unit that a write is charged by.
    """
    marks = "".join(f"{grant.process}{_STEPS.index(grant.step)}" for grant in grants)
    return {":grants": [grant.at for grant in grants], ":marks": marks}
