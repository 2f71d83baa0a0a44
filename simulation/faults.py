"""What goes wrong at an outside call, drawn from the seed: how often, what, and to whom."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random


class Fault(StrEnum):
    """What may happen to one outside call."""

    TIMEOUT_BEFORE = "timed out, not applied"
    TIMEOUT_AFTER = "applied, then timed out"
    APPLIED_LATE = "timed out, then applied"
    NO_CONNECTION = "no connection"
    CUT_BEFORE = "connection cut, not applied"
    CUT_AFTER = "applied, then connection cut"
    TOO_MANY = "429"
    UNAVAILABLE = "503 without Retry-After"
    UNAVAILABLE_AFTER = "503, applied"
    LIMIT_AS_400 = "400 that is a throttle"
    SERVER_ERROR = "500, not applied"
    SERVER_ERROR_AFTER = "500, applied"
    HTML = "HTML with 200"
    CUT_BODY = "cut body"
    SLOW = "slow"
    FORBIDDEN = "403"
    KILLED_BEFORE = "killed before the call"
    KILLED_AFTER = "killed after the call"
    DB_THROTTLED = "DynamoDB throttled"
    DB_LOST_ANSWER = "DynamoDB applied, then an error"
    DB_NOT_APPLIED = "DynamoDB error, not applied"
    DB_REPEATED = "DynamoDB applied, repeated by the client"
    DB_CONFLICT = "DynamoDB transaction conflict"
    DB_HOT = "DynamoDB throttled one record for a while"
    STALLED = "process stood still for minutes"
    OLD_SNAPSHOT = "stock snapshot of hours ago"
    PARTIAL_SNAPSHOT = "partial stock snapshot"


_HTTP = (
    Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER, Fault.APPLIED_LATE, Fault.NO_CONNECTION, Fault.CUT_BEFORE,
    Fault.CUT_AFTER, Fault.TOO_MANY, Fault.UNAVAILABLE, Fault.UNAVAILABLE_AFTER, Fault.SERVER_ERROR,
    Fault.SERVER_ERROR_AFTER, Fault.HTML, Fault.CUT_BODY, Fault.SLOW, Fault.KILLED_BEFORE, Fault.KILLED_AFTER,
)  # fmt: skip
KINDS: dict[str, tuple[Fault, ...]] = {
    "dear": (*_HTTP, Fault.LIMIT_AS_400, Fault.FORBIDDEN),
    "warehouse": _HTTP,
    "inventory": (Fault.OLD_SNAPSHOT, Fault.PARTIAL_SNAPSHOT),
    "dynamodb": (
        Fault.DB_THROTTLED, Fault.DB_LOST_ANSWER, Fault.DB_NOT_APPLIED, Fault.DB_REPEATED, Fault.DB_CONFLICT,
        Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.SLOW,
    ),
    "stall": (Fault.STALLED,),
}  # fmt: skip
"""What may happen to a call, by the system that it goes to."""


@dataclass
class Weather:
    """How bad it is: the share of calls that go wrong, by system, and which kinds do. `over` ends it all."""

    random: Random
    shares: dict[str, float]
    kinds: frozenset[Fault] = frozenset(Fault)
    over: bool = False
    met: Counter[Fault] = field(default_factory=Counter)

    def strike(self, system: str, *, writes: bool = True) -> Fault | None:
        """The fault that this call meets, if any. Writes are hit more often: there the outcome matters."""
        share = self.shares.get(system, 0.0)
        if self.over or self.random.random() >= (share if writes else share / 3):
            return None
        fault = self.random.choice(KINDS[system])
        if fault not in self.kinds:
            return None
        self.met[fault] += 1
        return fault


def weather(random: Random, kinds: Iterable[Fault] = Fault) -> Weather:
    """Calm, mixed or heavy, by the seed; in heavy weather a tenth of all writes fails."""
    force = random.choice((0.0, 0.004, 0.01, 0.03, 0.03, 0.06, 0.12))
    shares = {
        "dear": force * random.uniform(0.3, 1.5),
        "warehouse": force * random.uniform(0.3, 1.5),
        "inventory": min(force * 6, 0.3),
        "dynamodb": force * random.uniform(0.02, 0.3),
    }
    return Weather(random, shares, frozenset(kinds))
