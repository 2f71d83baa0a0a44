"""Lengths of time as people say them, and tables that fit."""

import io

import pytest
from rich.console import Console

from cli.looking import natural
from cli.screen import Screen, console_on, plain, seconds_text
from tests.integration.store.records import at
from tests.unit.cli.fakes import HandClock


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-3, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (11 * 60 + 5, "11 min"),
        (3600, "1 h"),
        (3660, "1 h 1 min"),
        (86400, "1 d"),
        (90000, "1 d 1 h"),
    ],
)
def test_lengths_of_time(seconds: float, told: str) -> None:
    assert seconds_text(seconds) == told


def test_numbers_sort_as_people_count() -> None:
    numbers = ["SO-10", "SO-1.10", "so-11", "SO-2", "SO-1.2"]

    assert sorted(numbers, key=natural) == ["SO-1.2", "SO-1.10", "SO-2", "SO-10", "so-11"]


def test_control_letters_are_taken_out_and_lines_stay() -> None:
    assert plain("a\x1b[31mb\nc\u202ed") == "a [31mb\nc d"


def test_a_pipe_gets_wide_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert console_on(io.StringIO()).width == 140
    monkeypatch.setenv("COLUMNS", "90")
    assert console_on(io.StringIO()).width == 90


def test_a_countdown_is_live_on_a_terminal() -> None:
    file = io.StringIO()
    terminal = Console(file=file, force_terminal=True, width=100)
    clock = HandClock()

    Screen(terminal, terminal).wait(clock, at(3), "the dock opens")

    assert clock.time == at(3)
    assert clock.slept == 3
    assert "the dock opens" in file.getvalue()
