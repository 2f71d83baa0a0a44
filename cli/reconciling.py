"""`crossdock reconcile`: compare DEAR's whole list with what we know now, and show where the two disagree."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rich.console import Group, RenderableType
from rich.text import Text

from cli.faults import FINE, REFUSED, TIMED_OUT
from cli.screen import Screen, cell, counted, plain, table
from cli.shapes import FindingShown, Left, Reconciled
from cli.site import Desk, InvocationFailed, Site
from cli.waiting import BUSY_PAUSE, because
from crossdock.domain.reconciling import WHAT_TO_DO, Found
from crossdock.domain.report import Report, RunOutcome
from crossdock.domain.states import Step
from crossdock.ports import Clock
from crossdock.rewinding import reconcile_anew

PATIENCE = timedelta(minutes=30)
"""How long one connection's pass is waited for; the schedule goes on with what it leaves."""


@dataclass
class _Tally:
    findings: list[FindingShown] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    listed: int = 0
    calls: int = 0
    timed_out: bool = False


def reconcile(desk: Desk, site: Site, screen: Screen, names: list[str]) -> tuple[Reconciled, int]:
    """Run a whole pass for each connection; what it found, and the exit code."""
    tally = _Tally()
    for name in names:
        reconcile_anew(site.checkpoints, name)
        if (why := _run_to_the_end(site, screen, desk.clock, name, tally)) is not None:
            tally.left.append(Left(step=Step.RECONCILE, connection=name, because=why, due_at=None))
            continue
        found = Found.noted(site.checkpoints.checkpoint(name, Step.RECONCILE).notes)
        for kind, number in found.counts.items():
            tally.counts[kind] = tally.counts.get(kind, 0) + number
        tally.findings += _shown(name, found)
    document = Reconciled(
        listed=tally.listed, dear_calls=tally.calls, counts=tally.counts, findings=tuple(tally.findings),
        left=tuple(tally.left),
    )  # fmt: skip
    return document, TIMED_OUT if tally.timed_out else REFUSED if tally.left else FINE


def _run_to_the_end(site: Site, screen: Screen, clock: Clock, name: str, tally: _Tally) -> str | None:
    """Run the step until its pass is over; why not, if it does not come to that."""
    give_up_at = clock.now() + PATIENCE
    while True:
        with screen.busy(f"{name}: {tally.listed} sales of DEAR's list compared …"):
            try:
                (report,) = site.invoker.invoke(Step.RECONCILE, name) or (None,)
            except InvocationFailed as failed:
                return f"{failed}. {failed.log}"
        if report is None:
            return "the step does not know the connection, or it is not active"
        tally.listed += report.counts.get("listed", 0)
        tally.calls += report.dear_calls
        if report.outcome in {RunOutcome.OFF, RunOutcome.STOPPED}:
            return because(report)
        checkpoint = site.checkpoints.checkpoint(name, Step.RECONCILE)
        if checkpoint.since is not None and checkpoint.pass_started_at is None:
            return None
        until = _goes_on_at(report, clock.now())
        if until >= give_up_at:
            tally.timed_out = True
            return because(report)
        if until > clock.now():
            screen.wait(clock, until, because(report))


def _goes_on_at(report: Report, now: datetime) -> datetime:
    match report.outcome:
        case RunOutcome.BUSY:
            return now + BUSY_PAUSE
        case RunOutcome.BUDGET:
            return report.resume_at or now + BUSY_PAUSE
    return now


def _shown(connection: str, found: Found) -> list[FindingShown]:
    return [
        FindingShown(
            connection=connection,
            kind=finding.kind,
            order_number=finding.order_number,
            sale_id=finding.sale_id,
            dear_says=finding.dear_says,
            we_say=finding.we_say,
            what_to_do=WHAT_TO_DO[finding.kind],
        )
        for finding in found.shown
    ]


def reconciled_block(document: Reconciled) -> RenderableType:
    """The table for people, and what was not compared."""
    parts: list[RenderableType] = []
    number = sum(document.counts.values())
    compared = f"{counted(document.listed, 'sale')} compared with {counted(document.dear_calls, 'DEAR call')}"
    if document.findings:
        parts.append(_findings_table(document))
        kinds = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in document.counts.items())
        parts.append(Text(f"{compared}. {number} found: {kinds}.", style="bold"))
        if number > len(document.findings):
            parts.append(Text(f"{number - len(document.findings)} more are counted, and not shown."))
    elif not document.left:
        parts.append(Text(f"{compared}: DEAR and Crossdock agree on all of them.", style="bold green"))
    parts += [
        Text(plain(f"✗ {left.connection} was not compared to the end: {left.because}"), style="red")
        for left in document.left
    ]
    return Group(*parts)


def _findings_table(document: Reconciled) -> RenderableType:
    several = len({finding.connection for finding in document.findings}) > 1
    head = ["Connection"] if several else []
    shown = table(*head, "Sale", "Found", "DEAR says", "Crossdock says", "What to do", wide="What to do")
    for finding in document.findings:
        shown.add_row(
            *([cell(finding.connection)] if several else []),
            cell(finding.order_number, "bold"),
            cell(finding.kind.replace("_", " ")),
            cell(finding.dear_says),
            cell(finding.we_say),
            cell(finding.what_to_do),
        )
    return shown
