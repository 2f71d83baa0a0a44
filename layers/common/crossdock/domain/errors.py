"""Every way in which something can go wrong, as one tree with two axes.

What happened is the class; what to do about it is `remedy`; whether an outside write may have taken effect
is `outcome`.

    CrossdockError
    ├── OutsideError             another system's answer, or its silence
    │   ├── Throttled            it asked us to slow down: nothing was applied
    │   ├── Unreachable          no connection was made: nothing was applied
    │   ├── Interrupted          time-out, broken connection, 5xx, unreadable answer: unknown
    │   │   └── Unreadable       it answered, and the answer makes no sense
    │   ├── Refused              it said no, for good: a person must look
    │   │   ├── Conflict         it is already so, or it is too late
    │   │   └── NotFound         it does not know the thing
    │   └── Unauthorised         the credentials are wrong: the connection stops
    ├── BudgetSpent              the DEAR call budget has no call left for this step now
    ├── NeedsPerson              a fault that time does not mend: the order is held
    ├── OthersFirst              something else must be done first: it is waited for
    ├── LostRace                 a conditional write found another state: the winner is attached
    ├── AnsweredBefore           a push that was answered: it gets its first answer again
    ├── LeaseLost                another copy of the step has taken over
    ├── IllegalMove              a change of state that the table does not have
    └── SettingsInvalid          a setting that cannot work, named by its field
"""

from datetime import datetime
from enum import StrEnum

from crossdock.domain.model import Reason


class Remedy(StrEnum):
    """What to do: try again by itself, wait for a person, or stop the connection."""

    RETRY = "retry"
    HOLD = "hold"
    ABORT = "abort"


class Outcome(StrEnum):
    """Whether the write that failed may have been applied all the same."""

    NOT_APPLIED = "not applied"
    UNKNOWN = "unknown"


class CrossdockError(Exception):
    """The root. Its text is safe to log and to show: no secret, no personal data."""

    code = "error"
    remedy = Remedy.RETRY
    outcome = Outcome.NOT_APPLIED
    in_write = False
    """Whether it was met in the write that an intent announced, not in a look-up before it."""
    passing = False
    """Whether it is a wait for others, which ends however long it lasts: it is never given up."""

    @property
    def reason(self) -> Reason:
        return Reason(code=self.code, text=str(self))


class OutsideError(CrossdockError):
    """Another system's answer to `call` ("POST /orders"), with its status where there was one."""

    def __init__(self, system: str, call: str, message: str, *, status: int | None = None) -> None:
        self.system, self.call, self.message, self.status = system, call, message, status
        told = f" answered {status}" if status else ""
        super().__init__(f"{system}{told} to {call}: {message}")


class Throttled(OutsideError):
    """Asked to slow down. `retry_after` in seconds."""

    code = "throttled"

    def __init__(
        self, system: str, call: str, message: str, *, status: int | None = None, retry_after: float = 60
    ) -> None:
        super().__init__(system, call, message, status=status)
        self.retry_after = retry_after


class Unreachable(OutsideError):
    """No connection was made, so nothing was applied."""

    code = "unreachable"


class Interrupted(OutsideError):
    """Silence, a cut answer or a fault on their side: a write may or may not have been applied."""

    code = "outcome_unknown"
    outcome = Outcome.UNKNOWN


class Unreadable(Interrupted):
    """It answered, with something that cannot be read: no sign that the system is down."""

    code = "unreadable_answer"


class Refused(OutsideError):
    """A clear no. `problems` are (field, message) pairs where the system named fields."""

    code = "refused"
    remedy = Remedy.HOLD

    def __init__(
        self,
        system: str,
        call: str,
        message: str,
        *,
        status: int | None = None,
        problems: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(system, call, message, status=status)
        self.problems = problems


class Conflict(Refused):
    """It is so already, or it is too late; the caller looks before it decides. `found` is their record."""

    code = "conflict"

    def __init__(
        self,
        system: str,
        call: str,
        message: str,
        *,
        status: int | None = None,
        found: dict[str, str] | None = None,
    ) -> None:
        super().__init__(system, call, message, status=status)
        self.found = found or {}


class NotFound(Refused):
    """The other system does not know the thing that was asked for."""

    code = "not_found"


class Unauthorised(OutsideError):
    """The credentials were refused: every step of the connection stops until they are mended."""

    code = "unauthorised"
    remedy = Remedy.ABORT


class BudgetSpent(CrossdockError):
    """No DEAR call is free for this step before `free_at`."""

    code = "budget_spent"

    def __init__(self, free_at: datetime) -> None:
        super().__init__(f"the DEAR call budget is spent until {free_at:%H:%M:%S} UTC")
        self.free_at = free_at


class NeedsPerson(CrossdockError):
    """A fault that time does not mend. The text says what is wrong and what mends it."""

    remedy = Remedy.HOLD

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class OthersFirst(CrossdockError):
    """Something else must be done first, however long that takes. The text says what."""

    code = "others_first"
    passing = True


class LostRace(CrossdockError):
    """Another writer was first. `winner` is the record that stands now, where it is known."""

    code = "lost_race"

    def __init__(self, what: str, winner: object | None = None) -> None:
        super().__init__(f"{what} was changed by another writer")
        self.winner = winner


class AnsweredBefore(CrossdockError):
    """A push under this id was answered; `answer` is the first answer, None where that was to another body."""

    code = "answered_before"

    def __init__(self, answer: str | None) -> None:
        super().__init__("the push was answered before")
        self.answer = answer


class LeaseLost(CrossdockError):
    """Another copy of this step holds the lease now; this one leaves quietly."""

    code = "lease_lost"


class IllegalMove(CrossdockError):
    """A change of state that the table in the domain does not have."""

    code = "illegal_move"
    remedy = Remedy.ABORT


class SettingsInvalid(CrossdockError):
    """Settings that cannot work. `problems` are (field, message) pairs; the message names the mend."""

    code = "settings_invalid"
    remedy = Remedy.ABORT

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{field}: {message}" for field, message in problems))
        self.problems = problems
