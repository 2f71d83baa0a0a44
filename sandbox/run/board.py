"""The live picture of a run: every sale with its status, and how much of DEAR's call budget is used."""

from dataclasses import dataclass

from rich.console import Group, RenderableType
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
COLUMNS = 2
NOTE_WIDTH = 34


@dataclass(frozen=True)
class Seen:
    """One line of the board."""

    number: str
    status: str
    note: str = ""


@dataclass(frozen=True)
class Budget:
    """DEAR's calls: those of the last minute, and all."""

    used: int
    limit: int
    total: int


def board(lines: list[Seen], budget: Budget, now_doing: str, elapsed: float) -> RenderableType:
    """Everything at once, narrow enough for an ordinary terminal."""
    grid = Table.grid(padding=(0, 3))
    rows = -(-len(lines) // COLUMNS)
    grid.add_row(*(_orders(lines[at : at + rows]) for at in range(0, len(lines), rows or 1)))
    return Group(grid, Text(), _budget(budget, elapsed), Text(now_doing, style="italic"))


def _orders(lines: list[Seen]) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold")
    table.add_column("order", no_wrap=True)
    table.add_column("status", no_wrap=True, width=10)
    table.add_column("", no_wrap=True, max_width=NOTE_WIDTH, overflow="ellipsis")
    for line in lines:
        style = STYLES.get(line.status, "white")
        table.add_row(line.number, Text(line.status, style=style), Text(line.note, style="dim"))
    return table


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
