"""`crossdock rewind`: have DEAR's list read again from an earlier time, or show first what that would do."""

from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.text import Text

from cli.faults import Complaint
from cli.foreseeing import MEANS, Outcome, foresee
from cli.screen import Screen, cell, counted, plain, table
from cli.shapes import RewindCount, RewindRow, Rewound
from cli.site import Desk, Site
from crossdock.domain.settings import Connection
from crossdock.domain.states import Step
from crossdock.rewinding import rewind

EXAMPLES = 5
"""Order numbers that are shown of a group."""


def moment_named(text: str, now: datetime) -> datetime:
    """An ISO date or date-time as a moment; one without a zone is UTC. Raises Complaint."""
    try:
        found = datetime.fromisoformat(text.strip())
        moment = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        mend = "Give an ISO date or date-time, such as 2026-03-01 or 2026-03-01T14:30+01:00; without a zone it is UTC."
        raise Complaint(f"{text!r} is not a time.", mend) from None
    if moment >= now:
        raise Complaint(f"{_told(moment)} has not passed yet.", "A time without a zone is taken as UTC.")
    return moment


def rewind_or_show(
    desk: Desk, site: Site, screen: Screen, connections: tuple[Connection, ...], to: datetime, *, dry_run: bool
) -> Rewound:
    """Do it, or with `dry_run` only say what it would do: then nothing is written."""
    names = tuple(each.name for each in connections)
    if dry_run:
        rows, calls = foresee(desk, site, screen, connections, to)
        whole = tuple(name for name in names if site.checkpoints.checkpoint(name, Step.DOWNLOAD_ORDERS).since is None)
        return Rewound(
            to=to, dry_run=True, connections=names, whole_list=whole, dear_calls=calls, counts=_counts(rows), sales=rows
        )
    now = desk.clock.now()
    moved = {name: rewind(site.checkpoints, name, to, judged_again_before=now) for name in names}
    whole = tuple(name for name, checkpoint in moved.items() if checkpoint.since is None)
    return Rewound(to=to, dry_run=False, connections=names, whole_list=whole, dear_calls=0, counts=(), sales=())


def _counts(rows: Iterable[RewindRow]) -> tuple[RewindCount, ...]:
    """By outcome, and for each by how many; a reason's text may differ from sale to sale: the first stands for all."""
    groups: dict[tuple[str, str | None], list[RewindRow]] = {}
    for row in rows:
        groups.setdefault((row.outcome, row.reason_code), []).append(row)
    order = list(Outcome)
    ordered = sorted(groups.items(), key=lambda item: (order.index(Outcome(item[0][0])), -len(item[1])))
    return tuple(
        RewindCount(
            outcome=outcome,
            reason_code=code,
            why=same[0].why,
            sales=len(same),
            examples=tuple(row.order_number for row in same[:EXAMPLES]),
        )
        for (outcome, code), same in ordered
    )


def rewound_block(document: Rewound) -> RenderableType:
    """What was done, or would be, for people."""
    notes = [
        Text(plain(f"{name}: its first list is not read to the end yet, so it is read whole, as it would be anyway."))
        for name in document.whole_list
    ]
    since = _told(document.to)
    if not document.dry_run:
        names = ", ".join(document.connections)
        done = Text(plain(f"{names}: the next runs of download_orders read DEAR's list from {since}."), style="bold")
        what = "Each sale that changed since is judged again. What has an order is compared with it, never sent twice."
        return Group(done, Text(what), *notes, Text("Next: the schedule goes on; `crossdock tick` does so now."))
    head = f"{len(document.sales)} sales changed in DEAR since {since}. What a rewind would do with them:"
    return Group(Text(head, style="bold"), _counts_table(document), *notes, Text(_cost(document)))


def _counts_table(document: Rewound) -> RenderableType:
    shown = table("Sales", "Outcome", "Because", "Such as", wide="Because")
    for count in document.counts:
        because = count.why or MEANS[Outcome(count.outcome)]
        shown.add_row(cell(count.sales), cell(count.outcome, "bold"), cell(because), cell(", ".join(count.examples)))
    return shown


def _cost(document: Rewound) -> str:
    reads = sum(count.sales for count in document.counts if count.outcome == Outcome.READ)
    pages = -(-len(document.sales) // 1000) or 1
    calls = counted(reads + pages, "DEAR call")
    return f"Nothing was changed. It would take some {calls}; without --dry-run it is done."


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
