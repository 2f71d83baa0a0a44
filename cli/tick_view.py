"""How a tick looks while it runs, and what it ends with."""

from datetime import datetime
from typing import Self

from rich.status import Status
from rich.text import Text

from cli.faults import FINE, REFUSED, TIMED_OUT
from cli.screen import Screen, cell, counted, plain, seconds_text, table
from cli.shapes import Failure, Tick
from cli.tables import at, report_trouble, reports_table, summed
from cli.ticking import Round, Tally
from cli.waiting import Pair
from crossdock.domain.report import Report, RunOutcome
from crossdock.ports import Clock


class LiveTick:
    """The watcher for people: a live line for what runs, and a table for every round that has something to say."""

    def __init__(self, screen: Screen, clock: Clock, *, only_news: bool) -> None:
        self._screen, self._clock, self._only_news = screen, clock, only_news
        self._status: Status | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def running(self, pair: Pair) -> None:
        text = Text(plain(f"{pair.step} of {pair.connection} …"))
        if self._status is None:
            self._status = self._screen.people.status(text)
            self._status.start()
        self._status.update(text)

    def ran(self, number: int, done: Round) -> None:
        self._stop()
        reports = [report for report in done.reports if not self._only_news or _is_news(report)]
        if reports:
            self._screen.show(reports_table(reports, f"Round {number}" if self._only_news else None))
        for failure in done.failures:
            self._screen.show(failure_text(failure))

    def waiting(self, until: datetime, why: str) -> None:
        self._screen.wait(self._clock, until, why)

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def failure_text(failure: Failure) -> Text:
    """One line: what failed, and where to look."""
    where = f" Look into its log: {failure.log}" if failure.log else ""
    return Text(plain(f"✗ {failure.step} of {failure.connection}: {failure.problem}.{where}"), style="red")


def _is_news(report: Report) -> bool:
    return bool(report.moved or report_trouble(report) or report.outcome not in {RunOutcome.DONE, RunOutcome.OFF})


def document_of(tally: Tally, now: datetime) -> Tick:
    return Tick(
        rounds=tally.rounds,
        seconds=round((now - tally.started_at).total_seconds(), 1),
        quiet=tally.quiet,
        reports=tuple(tally.reports),
        failures=tuple(tally.failures),
        left=tuple(tally.left),
    )


def conclude(screen: Screen, tally: Tally, now: datetime) -> int:
    """The last words, and the exit code."""
    code = _code(tally)
    if tally.quiet is not None:
        took = seconds_text((now - tally.started_at).total_seconds())
        calls = counted(sum(report.dear_calls for report in tally.reports), "DEAR call")
        how = {FINE: "Quiet", TIMED_OUT: "Time is up"}.get(code, "Not all of it goes on")
        rounds = counted(tally.rounds, "round")
        screen.show(Text(f"{how} after {rounds}, {took} and {calls}: {summed(tally.reports)}.", "bold"))
    if tally.left and tally.quiet is not None:
        shown = table("Left to do", "Connection", "Because", "When", wide="Because")
        for left in tally.left:
            when = at(left.due_at, now) if left.due_at else ""
            shown.add_row(cell(left.step), cell(left.connection), cell(left.because), cell(when))
        screen.show(shown)
    return code


def _code(tally: Tally) -> int:
    if tally.timed_out:
        return TIMED_OUT
    failed = bool(tally.failures) and tally.quiet is None
    return REFUSED if tally.left or failed else FINE
