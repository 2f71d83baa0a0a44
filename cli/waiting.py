"""What `crossdock tick --until-quiet` waits for, and what it no longer waits for."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from cli.shapes import Failure, Left
from cli.site import Site
from crossdock.domain.report import Report, RunOutcome
from crossdock.domain.states import Step
from crossdock.ports import DueKey

WAITED_FOR = timedelta(minutes=15)
"""What is due again later than this is left to the schedule."""

BUSY_PAUSE = timedelta(seconds=5)
STOPPED_PAUSE = timedelta(seconds=5)
TRIES_WITHOUT_PROGRESS = 3
"""So often is a step run that says it cannot go on; then the command goes on without it."""


class Pair(NamedTuple):
    """A step to be run for a connection."""

    step: Step
    connection: str


class Wait(NamedTuple):
    """Something that is worth waiting for. `due_at`: the time that it has itself, if any."""

    pair: Pair
    until: datetime
    why: str
    due_at: datetime | None = None


class Waits:
    """Which steps must not be run before when, which have something due, and which are given up."""

    def __init__(self, site: Site, pairs: Iterable[Pair]) -> None:
        self._site, self._pairs = site, tuple(pairs)
        self._held: dict[Pair, Wait] = {}
        self._tries: dict[Pair, int] = {}
        self._stopped: dict[Pair, str] = {}

    def learn(self, reports: Iterable[Report], failures: Iterable[Failure], now: datetime) -> None:
        """Take in how runs ended. One that moved something before it stopped has made progress."""
        for report in reports:
            pair = Pair(report.step, report.connection)
            self._held.pop(pair, None)
            if report.outcome is RunOutcome.STOPPED and not report.moved:
                self._stop(pair, because(report))
            elif report.outcome is not RunOutcome.BUSY:
                self._tries.pop(pair, None)
            if (until := _resumes_at(report, now)) and not self._is_given_up(pair):
                self._held[pair] = Wait(pair, max(until, now), because(report), report.resume_at)
        for failure in failures:
            pair = Pair(failure.step, failure.connection)
            self._held.pop(pair, None)
            self._stop(pair, failure.problem)
            if not self._is_given_up(pair):
                self._held[pair] = Wait(pair, now + STOPPED_PAUSE, failure.problem)

    def free(self, now: datetime) -> tuple[Pair, ...]:
        """The steps that may be run now."""
        return tuple(pair for pair in self._pairs if pair not in self._held or self._held[pair].until <= now)

    def ahead(self, now: datetime) -> list[Wait]:
        """Everything worth waiting for, the next first: runs to be repeated, and items in the steps' queues."""
        return sorted((*self._held.values(), *self._queued(now)), key=lambda wait: wait.until)

    def over(self, ahead: Iterable[Wait], now: datetime) -> tuple[Pair, ...]:
        """The steps whose wait is over, in workflow order."""
        ready = {wait.pair for wait in ahead if wait.until <= now}
        return tuple(pair for pair in self._pairs if pair in ready)

    def given_up(self) -> list[Left]:
        """The steps that said again and again that they cannot go on."""
        return [
            Left(step=pair.step, connection=pair.connection, because=self._stopped[pair], due_at=None)
            for pair in self._pairs
            if self._is_given_up(pair)
        ]

    def _stop(self, pair: Pair, why: str) -> None:
        self._tries[pair] = self._tries.get(pair, 0) + 1
        self._stopped[pair] = why

    def _is_given_up(self, pair: Pair) -> bool:
        return self._tries.get(pair, 0) >= TRIES_WITHOUT_PROGRESS

    def _queued(self, now: datetime) -> Iterator[Wait]:
        for pair in self._pairs:
            if pair in self._held or self._is_given_up(pair):
                continue
            due_at = self._site.orders.next_due(pair.connection, pair.step)
            if due_at is None or due_at - now > WAITED_FOR or _only_unknown_orders(self._site, pair):
                continue
            # An item that stays due although its step has run is not asked for again without a breath.
            yield Wait(pair, max(due_at, now + BUSY_PAUSE), _first_item(self._site, pair, due_at), due_at)


def because(report: Report) -> str:
    """Why a run ended before its work was done."""
    told = {RunOutcome.BUSY: "another copy of it is running", RunOutcome.DEADLINE: "its time was over"}
    return report.stopped_because or told.get(report.outcome, report.outcome)


def _resumes_at(report: Report, now: datetime) -> datetime | None:
    """When a run that did not come to its end should be repeated."""
    match report.outcome:
        case RunOutcome.BUDGET | RunOutcome.STOPPED:
            return report.resume_at or now + STOPPED_PAUSE
        case RunOutcome.BUSY:
            return now + BUSY_PAUSE
        case RunOutcome.DEADLINE:
            return now
    return None


def _only_unknown_orders(site: Site, pair: Pair) -> bool:
    """Whether all that waits for collecting are shipments of orders that nobody knows: no waiting brings those."""
    if pair.step is not Step.COLLECT_SHIPMENTS:
        return False
    references = {record.shipment.reference for record in site.orders.list_unmatched(pair.connection)}
    return not any(site.orders.order(pair.connection, reference) for reference in references)


def _first_item(site: Site, pair: Pair, due_at: datetime) -> str:
    """The first item of the queue, in words."""
    keys = site.orders.due(pair.connection, pair.step, due_at, limit=1)
    return (_named(site, pair.step, keys[0]) if keys else None) or "something is due"


def _named(site: Site, step: Step, key: DueKey) -> str | None:
    if step is Step.COLLECT_SHIPMENTS:
        record = site.orders.shipment_at(key)
        return f"shipment {record.shipment.id}" if record else None
    if step is Step.DOWNLOAD_ORDERS:
        entry = site.orders.sale_at(key)
        return _with_reason(entry.order_number, entry.reason.text if entry.reason else "") if entry else None
    order = site.orders.order_at(key)
    return _with_reason(order.content.order_number, order.reason.text if order.reason else "") if order else None


def _with_reason(subject: str, reason: str) -> str:
    return f"{subject}: {reason}" if reason else subject
