"""`crossdock recover`: after the tables were put back, nothing is written before what was done since is known again."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial

from rich.console import Group, RenderableType
from rich.text import Text

from cli.faults import TIMED_OUT, Complaint
from cli.looking import no_connection
from cli.rewinding import moment_named
from cli.screen import Screen, plain
from cli.shapes import Recovery
from cli.site import Desk, Site
from crossdock.domain.states import Step
from crossdock.recovering import WAITING, recover

PATIENCE = timedelta(minutes=16)
"""How long steps that are still at work are waited for: longer than any function may run."""

ASKED_AGAIN_AFTER = timedelta(seconds=10)

OLDEST = timedelta(days=35)
"""So far DynamoDB's continuous backups reach back."""

_NOTHING_KNOWN = "tables that are put back to before the first connection know nothing to recover"

type Busy = Mapping[str, tuple[Step, ...]]
"""The steps that are still at work, by connection."""


def names_to_recover(site: Site, wanted: str | None) -> tuple[str, ...]:
    """The connection of that name, or all, with those whose settings cannot work now. Raises Complaint."""
    names = site.checkpoints.connection_names()
    if wanted and wanted not in names:
        raise no_connection(wanted, names, none=f"none; {_NOTHING_KNOWN}")
    if not names:
        raise Complaint("There is no connection.", f"Here, {_NOTHING_KNOWN}.")
    return (wanted,) if wanted else names


def moment_of_restore(text: str, now: datetime) -> datetime:
    """The moment that the tables were put back to. Raises Complaint for one that cannot be."""
    moment = moment_named(text, now)
    if now - moment > OLDEST:
        raise Complaint(
            f"{moment:%Y-%m-%d %H:%M} UTC is more than {OLDEST.days} days ago, and no continuous backup is so old.",
            "All that DEAR lists since would be read before anything is written again, and nothing ends that early. Of "
            f"an older backup recover the last {OLDEST.days} days, and compare the rest by hand.",
        )
    return moment


def begin_recovery(desk: Desk, site: Site, screen: Screen, names: Iterable[str], to: datetime) -> Recovery:
    """Begin it for each connection, once none of its steps is at work. Raises Complaint where one stays so."""
    began_at = desk.clock.now()
    begin = partial(_begin, site, to=to)
    names = tuple(names)
    busy = begin(names, now=began_at)
    told: Busy = {}
    while busy:
        now = desk.clock.now()
        if now - began_at >= PATIENCE:
            raise _still_at_work(busy)
        if busy != told:
            screen.show(Text(plain(f"Waiting for runs that are not over yet: {_listed(busy)}")))
            told = busy
        with screen.busy(f"{_listed(busy)} …"):
            desk.clock.sleep(ASKED_AGAIN_AFTER.total_seconds())
        busy = begin(busy, now=desk.clock.now())
    return Recovery(to=to, began_at=began_at, connections=names, waiting_steps=WAITING)


def _begin(site: Site, names: Iterable[str], *, to: datetime, now: datetime) -> Busy:
    """What is at work still, of the connections where something is."""
    left = {name: recover(site.checkpoints, name, to, now) for name in names}
    return {name: steps for name, steps in left.items() if steps}


def _still_at_work(busy: Busy) -> Complaint:
    mend = (
        "Nothing is begun where a step is at work. Turn the schedules off (deploy with ScheduleState=DISABLED), wait "
        "until the runs are over, and run the same command again."
    )
    return Complaint(f"Still at work after 16 minutes: {_listed(busy)}.", mend, code=TIMED_OUT)


def _listed(busy: Busy) -> str:
    return "; ".join(f"{', '.join(steps)} of {name}" for name, steps in busy.items())


def recovery_block(document: Recovery) -> RenderableType:
    """What happens now, and how to see when it is over, for people."""
    names, since = ", ".join(document.connections), f"{document.to:%Y-%m-%d %H:%M} UTC"
    head = f"{names}: the next runs of download_orders make known again what was done since {since}."
    what = (
        "They read DEAR's list and the warehouse's shipments from then, and take up the orders that the warehouse has "
        f"and Crossdock has not. Until then {', '.join(document.waiting_steps)} wait; stock waits an hour more."
    )
    see = (
        "Next: turn the schedules on, two minutes after the restore at the soonest. `crossdock connections` shows what "
        'still waits; reports of download_orders count "taken up again", and "recovered" when it is over.'
    )
    return Group(Text(plain(head), style="bold"), Text(what), Text(see))
