"""`make bench`: counts what Crossdock costs, as a table and as JSON; exit 1 when a target is missed."""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.calling import call_budget
from bench.downloading import first_connection, nothing_new
from bench.history import history
from bench.pushing import pushing
from bench.result import Row, Sizes, Tell, figure
from bench.whole_way import stock_correction, whole_way

type Bench = Callable[[Sizes, Tell], list[Row]]

BENCHES: dict[str, Bench] = {
    "first_connection": first_connection,
    "nothing_new": nothing_new,
    "call_budget": call_budget,
    "history": history,
    "whole_way": whole_way,
    "stock_correction": stock_correction,
    "pushing": pushing,
}
WRITTEN_TO = Path(__file__).parents[1] / ".local" / "bench.json"
WIDTH_OF_A_PIPE = 140


def main() -> None:
    """Run the benchmarks that were asked for, or all."""
    asked = _arguments()
    told = Console(stderr=True, highlight=False)
    sizes = Sizes()
    rows: list[Row] = []
    seconds: dict[str, float] = {}
    for name in asked.only or BENCHES:
        began = time.monotonic()
        with _telling(told, name) as tell:
            rows += BENCHES[name](sizes, tell)
        seconds[name] = round(time.monotonic() - began, 1)
    document = _document(sizes, rows, seconds)
    WRITTEN_TO.parent.mkdir(exist_ok=True)
    WRITTEN_TO.write_text(json.dumps(document, indent=2) + "\n")
    if asked.json:
        sys.stdout.write(WRITTEN_TO.read_text())
    else:
        _show(rows, seconds)
    sys.exit(0 if document["ok"] else 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--only", action="append", choices=list(BENCHES), help="this benchmark; may be repeated")
    return parser.parse_args()


def _document(sizes: Sizes, rows: list[Row], seconds: dict[str, float]) -> dict[str, Any]:
    return {
        "ok": not any(row.failed for row in rows),
        "machine": {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()},
        "sizes": asdict(sizes),
        "seconds": seconds,
        "rows": [row.document() for row in rows],
    }


@contextmanager
def _telling(console: Console, name: str) -> Iterator[Tell]:
    """Says what is being done: on a terminal in one line that changes, else a line each."""
    title = name.replace("_", " ")
    if not console.is_terminal:
        yield lambda text: console.print(f"{title}: {text}", soft_wrap=True)
        return
    with console.status(title) as status:
        yield lambda text: status.update(f"{title}: {text}")


def _show(rows: list[Row], seconds: dict[str, float]) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_OF_A_PIPE
    table = Table("", "", "measured", "target", "")
    table.columns[2].justify = "right"
    of = ""
    for row in rows:
        if row.of != of:
            table.add_section()
        table.add_row(row.of if row.of != of else "", row.what, figure(row.measured), *_verdict(row))
        of = row.of
    console.print(table)
    missed = [row for row in rows if row.failed]
    took = ", ".join(f"{name} {taken:.0f} s" for name, taken in seconds.items())
    console.print(f"Took, for information alone: {took}. All of it as JSON: .local/bench.json")
    console.print(f"[red]✗ {len(missed)} missed[/]" if missed else "✓ every target is met")


def _verdict(row: Row) -> tuple[str, str]:
    if row.target is None:
        return "", ""
    mark = "[green]✓[/]" if row.ok else "[red]✗[/]" if row.failed else "not yet"
    return f"{row.target}{' (later)' if row.later else ''}", mark


if __name__ == "__main__":
    main()
