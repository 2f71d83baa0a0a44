"""The live picture of a run: every sale with its status, and how much of DEAR's call budget is used."""

from collections import Counter
from dataclasses import dataclass

from rich.console import ConsoleDimensions, Group, RenderableType
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

STYLES = {
    "new": "white",
    "pending": "white",
    "at_wms": "cyan",
    "part_shipped": "blue",
    "shipped": "blue",
    "confirmed": "magenta",
    "invoiced": "green",
    "held": "bold yellow",
    "error": "bold red",
    "skipped": "dim",
    "voided": "dim",
    "canceled": "dim",
}
WIDE = 112
"""From so many characters on, two columns of orders stand side by side."""
LINES_BELOW = 6
FINISHED = ("invoiced", "skipped", "voided", "canceled")


@dataclass(frozen=True)
class Seen:
    """One line of the board."""

    number: str
    status: str
    note: str = ""
    code: str = ""


@dataclass(frozen=True)
class Budget:
    """DEAR's calls: those of the last minute, and all."""

    used: int
    limit: int
    total: int


def board(lines: list[Seen], budget: Budget, now_doing: str, elapsed: float, size: ConsoleDimensions) -> RenderableType:
    """Everything at once. A screen that is too low for every order shows those first that are not finished."""
    columns = 2 if size.width >= WIDE else 1
    room = max(size.height - LINES_BELOW, 3) * columns
    shown = lines if len(lines) <= room else sorted(lines, key=lambda line: line.status in FINISHED)[:room]
    return Group(
        orders_table(shown, size.width), _counts(lines), _budget(budget, elapsed), Text(now_doing, style="italic")
    )


def orders_table(lines: list[Seen], width: int) -> Table:
    """The orders in one column, or in two where there is room."""
    columns = 2 if width >= WIDE else 1
    grid = Table.grid(padding=(0, 3))
    rows = max(-(-len(lines) // columns), 1)
    grid.add_row(*(_orders(lines[at : at + rows], width // columns - 3) for at in range(0, len(lines), rows)))
    return grid


def _orders(lines: list[Seen], width: int) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold")
    table.add_column("order", no_wrap=True, min_width=10)
    table.add_column("status", no_wrap=True, min_width=12)
    table.add_column("", no_wrap=True, max_width=max(width - 27, 10), overflow="ellipsis")
    for line in lines:
        style = STYLES.get(line.status, "white")
        table.add_row(line.number, Text(line.status, style=style), Text(line.note, style="dim"))
    return table


def _counts(lines: list[Seen]) -> Text:
    counted = Counter(line.status for line in lines)
    text = Text("\n")
    for status, style in STYLES.items():
        if counted[status]:
            text.append(f"{status} {counted[status]}   ", style=style)
    return text


def _budget(budget: Budget, elapsed: float) -> Table:
    grid = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=budget.limit, completed=min(budget.used, budget.limit), width=30)
    told = f"{budget.used}/{budget.limit} in the last minute, {budget.total} in all"
    grid.add_row("DEAR calls", bar, told, Text(f"{elapsed:4.0f} s", style="dim"))
    return grid


def summary(rows: list[tuple[str, int, int]]) -> Table:
    """What Crossdock says it did beside what the sandbox's books say was done."""
    table = Table(title="What happened", title_justify="left", header_style="bold")
    table.add_column("")
    table.add_column("Crossdock", justify="right")
    table.add_column("the sandbox's books", justify="right")
    table.add_column("")
    for what, ours, theirs in rows:
        agreed = "[green]agree[/]" if ours == theirs else "[bold red]DIFFER[/]"
        table.add_row(what, str(ours), str(theirs), agreed)
    return table


def reasons(title: str, lines: list[Seen]) -> Table:
    """Held or skipped sales, each with its reason."""
    table = Table(title=title, title_justify="left", header_style="bold", box=None, padding=(0, 2))
    table.add_column("order", no_wrap=True)
    table.add_column("why")
    for line in lines:
        table.add_row(line.number, escape(line.note))
    return table
