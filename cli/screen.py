"""Where output goes: tables and progress for people, JSON for machines on standard output alone."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TextIO

from pydantic import BaseModel
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from crossdock.ports import Clock

WIDTH_OF_A_PIPE = 140
"""Columns of a table that goes to a file or a pipe, where nobody's window sets them."""


class Screen:
    """The two ways out. With `json`, everything for people goes to standard error."""

    def __init__(self, out: Console, err: Console, *, json: bool = False) -> None:
        self._out, self.err, self._json = out, err, json
        self.people = err if json else out

    def show(self, *parts: RenderableType) -> None:
        """Something for people only."""
        for part in parts:
            self.people.print(part)

    def answer(self, document: BaseModel, *parts: RenderableType) -> None:
        """The command's result: the document with --json, else the parts."""
        if self._json:
            print(document.model_dump_json(indent=2), file=self._out.file)
        else:
            self.show(*parts)

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """A live line while something runs; nothing where nobody looks."""
        with self.people.status(Text(plain(text))):
            yield

    def wait(self, clock: Clock, until: datetime, why: str) -> None:
        """Wait with a live countdown; where nobody looks, one line says what for."""
        if not self.people.is_terminal:
            self.show(Text(f"Waiting {seconds_text((until - clock.now()).total_seconds())}: {plain(why)}"))
        with self.people.status("") as line:
            while (left := (until - clock.now()).total_seconds()) > 0:
                line.update(Text(f"Waiting {seconds_text(left)}: {plain(why)}"))
                clock.sleep(min(left, 1))


def consoles() -> tuple[Console, Console]:
    """Standard output and standard error as consoles that take texts as they are, without markup."""
    return console_on(sys.stdout), console_on(sys.stderr)


def console_on(file: TextIO) -> Console:
    """A console that takes texts as they are; wide enough for a table where it is no terminal."""
    console = Console(file=file, markup=False, emoji=False, highlight=False, soft_wrap=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = max(console.width, WIDTH_OF_A_PIPE)
    return console


def table(*columns: str, title: str | None = None, wide: str = "") -> Table:
    """An open table; the column named `wide` takes the room that is left."""
    made = Table(
        title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, show_edge=False, pad_edge=False
    )
    for column in columns:
        fills = column == wide
        made.add_column(column, overflow="fold", ratio=1 if fills else None, min_width=24 if fills else None)
    made.expand = bool(wide)
    return made


def plain(text: str) -> str:
    """Text of another system without what could steer a terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)


def cell(text: object, style: str = "") -> Text:
    """A table's cell, shown as it is."""
    return Text("" if text is None else plain(str(text)), style=style)


def counted(number: int, thing: str) -> str:
    """A number with its noun: 1 DEAR call, 2 DEAR calls, 1,200 sales."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def seconds_text(seconds: float) -> str:
    """A length of time as people say it: the two largest units at most."""
    left = max(0, round(seconds))
    if left < 60:  # noqa: PLR2004 - seconds of a minute
        return f"{left} s"
    minutes, left = divmod(left, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min {left} s" if left and minutes < 10 else f"{minutes} min"  # noqa: PLR2004 - finer is noise
