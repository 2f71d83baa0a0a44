"""How a preview looks: what it will cost, how far it is, and what it found."""

from datetime import datetime
from typing import Self

from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from cli.screen import Screen, cell, counted, plain, seconds_text, table
from cli.shapes import MissingName, Preview, PreviewGroup
from cli.tables import status_cell
from crossdock.ports import Clock

CALLS_PER_MINUTE = 60
"""DEAR's limit for an account."""

_KINDS = {"ship_method": "ship method", "sale_location": "location of sales"}


def cost_text(found: int, to_read: int, calls: int, *, kits: bool) -> Text:
    """What the reads will cost, before the first is made. `kits`: products have to be looked up, too."""
    sales = f"Found {counted(found, 'sale')} with {counted(calls, 'call')} to DEAR"
    listed = f"{sales}; the list alone decides {found - to_read} of them." if found else f"{sales}."
    if not to_read:
        return Text(listed)
    took = seconds_text(to_read * 60 / CALLS_PER_MINUTE)
    more = ", and one more for each product in them, as settings.kits is components" if kits else ""
    reads = counted(to_read, "call")
    told = f"Reading the other {to_read} takes {reads}: about {took} at {CALLS_PER_MINUTE} a minute{more}"
    return Text(f"{listed}\n{told}; longer while steps use DEAR as well. Nothing is written.")


class Reading:
    """The bar while sales are read; nothing where nobody looks. A wait takes its place for as long as it lasts."""

    def __init__(self, screen: Screen, clock: Clock, total: int) -> None:
        self._screen, self._clock = screen, clock
        self._bar = Progress(
            TextColumn("Reading sales"),
            BarColumn(),
            MofNCompleteColumn(),
            _Pace(),
            console=screen.people,
            transient=True,
            disable=not screen.people.is_terminal,
        )
        self._task = self._bar.add_task("", total=total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def read(self) -> None:
        """One more is read."""
        self._bar.advance(self._task)

    def wait(self, until: datetime, why: str) -> None:
        self._bar.stop()
        self._screen.wait(self._clock, until, why)
        self._bar.start()


class _Pace(ProgressColumn):
    """Calls a minute so far, and the time that is left at this pace, or at DEAR's limit where we begin faster."""

    def render(self, task: Task) -> Text:
        if not task.completed or task.elapsed is None:
            return Text("")
        each = max(task.elapsed / task.completed, 60 / CALLS_PER_MINUTE)
        pace = task.completed * 60 / max(task.elapsed, 60)
        return Text(f"{pace:.0f} a minute, {seconds_text((task.remaining or 0) * each)} left", style="dim")


def preview_blocks(shown: Preview) -> list[RenderableType]:
    """The whole result for people."""
    blocks: list[RenderableType] = [Text(_head(shown), style="bold"), *_notes(shown)]
    if shown.groups:
        blocks += [Text(), _groups(shown.groups)]
    if shown.missing:
        blocks += [Text(), _missing(shown.missing)]
    return blocks


def _head(shown: Preview) -> str:
    load, rest = "loads" if shown.loads == 1 else "load", "does" if shown.does_not_load == 1 else "do"
    if not shown.found:
        return "DEAR lists no sale yet: there is nothing to try the settings on."
    if shown.partial:
        left = f"Partial, {shown.not_read} of the last {shown.found} were not read"
        known = shown.loads + shown.does_not_load
        return (
            f"{left}: with these settings {shown.loads} of the other {known} {load}; {shown.does_not_load} {rest} not."
        )
    which = f"the last {shown.found} sales" if shown.found > 1 else "1 sale"
    return f"With these settings {shown.loads} of {which} {load}; {shown.does_not_load} {rest} not."


def _notes(shown: Preview) -> list[Text]:
    notes = []
    if shown.found < shown.asked_for and shown.found:
        notes.append(Text(f"DEAR lists no more than {'these' if shown.found > 1 else 'this'}.", style="dim"))
    if shown.orders != shown.loads:
        notes.append(Text(f"They become {shown.orders} orders at the warehouse."))
    if held := sum(group.sales for group in shown.groups if group.decision == "held"):
        others = shown.does_not_load - held
        notes.append(Text(f"{held} would be held until a person mends them; {others} would be left out or wait."))
    if shown.would_be_too_old is not None and shown.earliest_order_date:
        notes.append(Text(_too_old(shown), style="yellow" if shown.would_be_too_old else ""))
    if shown.unreadable_rows:
        text = f"{len(shown.unreadable_rows)} rows of DEAR's list could not be read: {shown.unreadable_rows[0]}"
        notes.append(Text(plain(text), style="yellow"))
    return notes


def _too_old(shown: Preview) -> str:
    """The trap of the first connect, before somebody falls into it."""
    return (
        f"The file names no earliest_order_date, so `crossdock connect` takes {shown.earliest_order_date}: "
        f"{shown.would_be_too_old} of the {shown.loads} were ordered before that day and would be left out. "
        "To load them, write the day into the file."
    )


def _groups(groups: tuple[PreviewGroup, ...]) -> RenderableType:
    made = table(
        "Sales", "Would be", "Why, and what mends it", title="What does not load", wide="Why, and what mends it"
    )
    made.columns[0].justify = "right"
    for group in groups:
        made.add_row(cell(group.sales, "bold"), status_cell(group.decision), _told(group))
    return made


def _told(group: PreviewGroup) -> Text:
    parts = ", ".join(f"{name} {sales}" for name, sales in group.breakdown.items())
    more = ", ..." if group.sales > len(group.examples) else ""
    text = Text(plain(group.why + (f": {parts}" if parts else "")))
    text.append(plain(f"\n→ {group.mend}"), style="green" if group.decision == "held" else "dim")
    return text.append(plain(f"\n  {', '.join(group.examples)}{more}"), style="dim")


def _missing(missing: tuple[MissingName, ...]) -> RenderableType:
    made = table("What", "Name", "Sales", "What it means, and what mends it", title="Names that do not match",
                 wide="What it means, and what mends it")  # fmt: skip
    made.columns[2].justify = "right"
    for each in missing:
        text = Text(plain(each.effect)).append(plain(f"\n→ {each.mend}"), style="green")
        made.add_row(cell(_KINDS.get(each.kind, each.kind)), cell(each.name, "bold"), cell(each.sales), text)
    return made
