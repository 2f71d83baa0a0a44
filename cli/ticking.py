"""`crossdock tick`: run the deployed steps as the schedule would, once or until nothing is left to do."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from cli.shapes import Failure, Left
from cli.site import InvocationFailed, Site
from cli.waiting import Pair, Wait, Waits, because
from crossdock.domain.report import Report, RunOutcome
from crossdock.ports import Clock


@dataclass
class Round:
    """The steps that were run, one after another, and how that went."""

    reports: list[Report] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @property
    def moved(self) -> int:
        return sum(report.moved for report in self.reports)


class Watcher(Protocol):
    """Who is told how it goes."""

    def running(self, pair: Pair) -> None: ...
    def ran(self, number: int, done: Round) -> None: ...

    def waiting(self, until: datetime, why: str) -> None:
        """Wait until then, and say what for."""
        ...


@dataclass
class Tally:
    """What a whole tick did. `quiet` None: it was not asked for."""

    started_at: datetime
    rounds: int = 0
    quiet: bool | None = None
    timed_out: bool = False
    reports: list[Report] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def tick_once(site: Site, pairs: Iterable[Pair], clock: Clock, watcher: Watcher) -> Tally:
    """One round, and what it could not do."""
    tally = Tally(started_at=clock.now())
    done = _run(site, pairs, tally, watcher)
    tally.left = [
        Left(step=report.step, connection=report.connection, because=because(report), due_at=report.resume_at)
        for report in done.reports
        if report.outcome is RunOutcome.STOPPED
    ]
    return tally


def tick_until_quiet(
    site: Site, pairs: tuple[Pair, ...], clock: Clock, watcher: Watcher, *, timeout: timedelta
) -> Tally:
    """Rounds until none moves anything and nothing is due.

    After a round that moved nothing only the steps that something waits for are run again, so that waiting costs no
    DEAR calls; as soon as one of them moves something, all are.
    """
    tally = Tally(started_at=clock.now())
    waits = Waits(site, pairs)
    due = pairs
    while True:
        done = _run(site, due, tally, watcher)
        now = clock.now()
        waits.learn(done.reports, done.failures, now)
        due = waits.free(now) if done.moved else ()
        ahead = waits.ahead(now)
        if not due and not ahead:
            break
        if (now if due else max(ahead[0].until, now)) - tally.started_at >= timeout:
            tally.timed_out = True
            tally.left.extend(_left(ahead, done))
            break
        if not due:
            watcher.waiting(ahead[0].until, _told(ahead[0]))
            due = waits.over(ahead, clock.now())
    tally.left.extend(waits.given_up())
    tally.quiet = not tally.left and not tally.timed_out
    return tally


def _run(site: Site, pairs: Iterable[Pair], tally: Tally, watcher: Watcher) -> Round:
    """Run each step once. A function that fails stops no other."""
    done = Round()
    for pair in pairs:
        watcher.running(pair)
        try:
            done.reports.extend(site.invoker.invoke(pair.step, pair.connection))
        except InvocationFailed as failed:
            failure = Failure(step=pair.step, connection=pair.connection, problem=str(failed), log=failed.log)
            done.failures.append(failure)
    tally.rounds += 1
    tally.reports.extend(done.reports)
    tally.failures.extend(done.failures)
    watcher.ran(tally.rounds, done)
    return done


def _told(wait: Wait) -> str:
    return f"{wait.pair.step} of {wait.pair.connection} goes on at {wait.until:%H:%M:%S} UTC ({wait.why})"


def _left(ahead: Iterable[Wait], done: Round) -> list[Left]:
    """What waits still; where nothing does, the steps that were still moving things."""
    left = [
        Left(step=wait.pair.step, connection=wait.pair.connection, because=wait.why, due_at=wait.due_at)
        for wait in ahead
    ]
    return left or [
        Left(step=report.step, connection=report.connection, because="it was still moving things", due_at=None)
        for report in done.reports
        if report.moved
    ]
