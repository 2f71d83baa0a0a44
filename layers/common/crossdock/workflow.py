"""How every step works: under a lease, item by item from its queue, each item behind its own error boundary."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from crossdock.domain.errors import (
    BudgetSpent,
    CrossdockError,
    Interrupted,
    LeaseLost,
    LostRace,
    Outcome,
    OutsideError,
    Remedy,
    Throttled,
    Unauthorised,
    Unreachable,
    Unreadable,
)
from crossdock.domain.model import Reason
from crossdock.domain.order import ATTEMPTS_BEFORE_ERROR, Order, back_off_seconds
from crossdock.domain.report import Report, RunOutcome, Tally
from crossdock.domain.settings import Connection
from crossdock.domain.states import OrderStatus, Step
from crossdock.ports import Checkpoints, Clock, Deadline, Dear, DueKey, Lease, Orders, Warehouse

SECRETS = "Secrets Manager"
"""Without its secrets a connection can do nothing: trouble there ends the run and is no fault of the item."""

SLOWEST_WRITE_SECONDS = 60.0
"""A write whose answer we lost may still be worked on: its outcome is looked up no sooner."""

FAILURES_THAT_STOP_A_RUN = 3
"""So many unanswered calls in a row: the other system is down, and trying every item would only take longer."""


class Logger(Protocol):
    """What a step may say in the log: an event and plain facts, no personal data."""

    def info(self, event: str, **facts: object) -> None: ...
    def warning(self, event: str, **facts: object) -> None: ...
    def exception(self, event: str, **facts: object) -> None: ...


@dataclass(frozen=True)
class Workplace:
    """All that one run of a step for one connection has at hand."""

    connection: Connection
    orders: Orders
    checkpoints: Checkpoints
    clock: Clock
    deadline: Deadline
    lease: Lease
    log: Logger
    dear: Callable[[], Dear]
    warehouse: Callable[[], Warehouse]
    tally: Tally = field(default_factory=Tally)

    @property
    def name(self) -> str:
        return self.connection.name

    def now(self) -> datetime:
        return self.clock.now()


class RunEnds(Exception):
    """The run must end now; the next tick goes on where this one stopped."""

    def __init__(self, outcome: RunOutcome, because: str, resume_at: datetime | None = None) -> None:
        super().__init__(because)
        self.outcome, self.because, self.resume_at = outcome, because, resume_at


def run(step: Step, use_case: Callable[[Workplace], None], work: Workplace) -> Report:
    """Run a step's use case to its end and say how it went; no outside trouble leaves this function."""
    started_at = work.now()
    try:
        use_case(work)
    except RunEnds as end:
        work.tally.stop(end.outcome, end.because, end.resume_at)
    except CrossdockError as error:
        ending = _end_of_run(error, work) or RunEnds(RunOutcome.STOPPED, str(error))
        work.tally.stop(ending.outcome, ending.because, ending.resume_at)
        work.tally.trouble(work.name, error.code, str(error))
        work.log.warning("step stopped", code=error.code, because=str(error))
    tally = work.tally
    return Report(
        step=step,
        connection=work.name,
        outcome=tally.outcome,
        moved=tally.moved,
        counts=dict(tally.counts),
        problems=tuple(tally.problems),
        stopped_because=tally.stopped_because,
        resume_at=tally.resume_at,
        started_at=started_at,
        finished_at=work.now(),
    )


def check_time(work: Workplace) -> None:
    """End the run when its time is over, and make sure that it is still the only one."""
    if work.deadline.seconds_left() <= 0:
        raise RunEnds(RunOutcome.DEADLINE, "the run's time is over; the next tick goes on")
    work.lease.keep()


def begin(work: Workplace, order: Order, action: str) -> Order:
    """Record the intent of an outside write. The lease is renewed first: it must outlive the call that follows."""
    work.lease.keep()
    order = order.intending(action, work.now())
    work.orders.save_order(order)
    return order


@contextmanager
def writing() -> Iterator[None]:
    """Around the call that an intent announced, so that its own errors can be told from those of a look-up."""
    try:
        yield
    except CrossdockError as error:
        error.in_write = True
        raise


def due_keys(work: Workplace, step: Step) -> Iterator[DueKey]:
    """What is due for the step, each item at most once in a run: the index may lag behind what was just written."""
    seen: set[tuple[str, str]] = set()
    while True:
        keys = work.orders.due(work.name, step, work.now(), limit=50 + len(seen))
        fresh = [key for key in keys if (key.partition, key.sort) not in seen]
        if not fresh:
            return
        for key in fresh:
            seen.add((key.partition, key.sort))
            check_time(work)
            yield key


class Boundary:
    """The per-item error boundary: what one item's trouble means for the item, and for the run."""

    def __init__(self, work: Workplace) -> None:
        self.work = work
        self._unanswered = 0

    def attend(self, subject: str, action: Callable[[], None], on_trouble: Callable[[CrossdockError], None]) -> None:
        """Do `action`; its trouble is handed to `on_trouble`, unless it concerns the run as a whole."""
        try:
            action()
            self._unanswered = 0
        except LostRace:
            self.work.tally.tell("changed meanwhile")
        except CrossdockError as error:
            end = _end_of_run(error, self.work)
            if end is None or _may_be_the_items_own(error):
                self._settle(subject, error, on_trouble)
            if end is not None:
                raise end from error
        except Exception as error:
            self.work.log.exception("item failed", subject=subject, kind=type(error).__name__)
            fault = CrossdockError(f"an internal fault ({type(error).__name__}); the log has its trace")
            self._settle(subject, fault, on_trouble)

    def _settle(self, subject: str, error: CrossdockError, on_trouble: Callable[[CrossdockError], None]) -> None:
        self.work.tally.trouble(subject, error.code, str(error))
        self.work.log.warning("item in trouble", subject=subject, code=error.code, remedy=error.remedy)
        try:
            on_trouble(error)
        except LostRace:
            self.work.tally.tell("changed meanwhile")
        except CrossdockError as unwritten:
            # It stays due, and is told in every report; the others do not wait for it.
            self.work.tally.trouble(subject, unwritten.code, f"what became of it could not be stored: {unwritten}")
            error = unwritten
        self._unanswered = self._unanswered + 1 if _is_silence(error) else 0
        if self._unanswered >= FAILURES_THAT_STOP_A_RUN and isinstance(error, OutsideError):
            raise RunEnds(RunOutcome.STOPPED, f"{error.system} does not answer; the next tick tries again")


def _is_silence(error: CrossdockError) -> bool:
    """Whether the other system may be down; one that answers, however oddly, is not."""
    return isinstance(error, (Unreachable, Interrupted)) and not isinstance(error, Unreadable)


def _may_be_the_items_own(error: CrossdockError) -> bool:
    """Whether trouble that ends the run may come from the item: then the item steps back, and others go first."""
    return isinstance(error, (Throttled, Unauthorised)) and error.system != SECRETS


def _end_of_run(error: CrossdockError, work: Workplace) -> RunEnds | None:
    """The end of the run, where an error concerns more than the item at hand."""
    if isinstance(error, BudgetSpent):
        return RunEnds(RunOutcome.BUDGET, str(error), error.free_at)
    if isinstance(error, Throttled):
        resume_at = work.now() + timedelta(seconds=error.retry_after)
        outcome = RunOutcome.BUDGET if error.system == "DEAR" else RunOutcome.STOPPED
        return RunEnds(outcome, str(error), resume_at)
    if isinstance(error, LeaseLost):
        return RunEnds(RunOutcome.BUSY, str(error))
    if isinstance(error, Unauthorised) or (isinstance(error, OutsideError) and error.system == SECRETS):
        work.tally.trouble(work.name, error.code, str(error))
        return RunEnds(RunOutcome.STOPPED, str(error))
    return None


def attend_orders(work: Workplace, step: Step, act: Callable[[Workplace, Order], None]) -> None:
    """Work through a step's queue of orders: each is read afresh, and acted on behind its own boundary.

    The index may lag behind an order that was put off, as after a write whose outcome is not known: that one waits.
    """
    boundary = Boundary(work)
    for key in due_keys(work, step):
        order = work.orders.order_at(key)
        if order is not None and order.queue is step and order.due_at and order.due_at <= work.now():
            on_trouble = partial(stop_or_retry, work, order.reference, step)
            boundary.attend(order.content.order_number, partial(act, work, order), on_trouble)


def stop_or_retry(work: Workplace, reference: str, step: Step, error: CrossdockError) -> None:
    """Write an order's trouble down: held for a person, due again later, or in error after the last try.

    The order is read afresh: the failed action may have recorded an intent on it. One that has moved on meanwhile
    is no longer this step's to judge.
    """
    order = work.orders.order(work.name, reference)
    if order is None or order.queue is not step:
        return
    work.orders.save_order(troubled(order, error, work.now()))
    work.tally.tell("held" if error.remedy is Remedy.HOLD else "to be tried again")


def troubled(order: Order, error: CrossdockError, now: datetime) -> Order:
    """The order after an error: what the error's remedy asks for.

    Its intent goes only when nothing can have been applied; else the next try looks the outcome up first.
    """
    first_try = order.intent is not None and order.intent.attempt == 1
    not_applied = error.in_write and error.outcome is Outcome.NOT_APPLIED and first_try
    intent = None if not_applied else order.intent
    if error.remedy is Remedy.HOLD:
        return order.moved(OrderStatus.HELD, now, reason=error.reason, intent=intent)
    attempt = order.attempts + 1
    if attempt >= ATTEMPTS_BEFORE_ERROR and not passes(error):
        text = f"given up after {attempt} tries: {error}"
        return order.moved(OrderStatus.ERROR, now, reason=Reason(code=error.code, text=text), intent=intent)
    wait = back_off_seconds(order.reference, attempt)
    if error.in_write and error.outcome is Outcome.UNKNOWN:
        wait = max(wait, SLOWEST_WRITE_SECONDS)
    return order.backed_off(now, now + timedelta(seconds=wait), error.reason, intent=intent)


def passes(error: CrossdockError) -> bool:
    """Whether it is trouble that passes however long it lasts: an outage, a throttle, a key to be mended, a wait."""
    return error.passing or _is_silence(error) or isinstance(error, (Throttled, Unauthorised))
