"""Problems of a connection, found before anything is stored: which field, what is wrong, how to mend it."""

from collections.abc import Iterable
from difflib import get_close_matches

from rich.table import Table

from cli.screen import cell, table
from crossdock.domain.model import Record


class Problem(Record):
    """One thing that a person has to mend."""

    field: str
    wrong: str
    mend: str


class Refusal(Exception):
    """Problems that stop a command."""

    def __init__(self, title: str, problems: Iterable[Problem]) -> None:
        super().__init__(title)
        self.title, self.problems = title, tuple(problems)


def problem_table(problems: Iterable[Problem]) -> Table:
    shown = table("Field", "What is wrong", "How to mend it")
    for problem in problems:
        shown.add_row(cell(problem.field, "bold"), cell(problem.wrong, "red"), cell(problem.mend))
    return shown


def nearest(wanted: str, existing: Iterable[str]) -> str | None:
    """The existing name most like the wanted one, whatever the case of its letters."""
    by_folded = {name.casefold(): name for name in sorted(existing)}
    found = get_close_matches(wanted.strip().casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None
