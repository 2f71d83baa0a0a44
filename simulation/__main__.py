"""`make simulate SEEDS=N [SEED=K]`: runs seeds on every core, and fails when one broke a promise."""

import argparse
import gc
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import batched, islice

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from simulation.coverage import ALL, Move
from simulation.faults import Fault
from simulation.recipe import recipe_of
from simulation.trial import Trial, smaller, trial

AT_ONCE = 8
"""Seeds in one errand of a worker."""
SHOWN = 5
"""Failures that are shown in full."""


def main() -> None:
    """Run what was asked for."""
    asked = _arguments()
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    if asked.seed is not None:
        sys.exit(_one(console, asked.seed, whole=asked.trace))
    if asked.hunt:
        sys.exit(_hunt(range(asked.first, asked.first + asked.seeds)))
    began = time.monotonic()
    trials = list(_watched(console, range(asked.first, asked.first + asked.seeds), asked.processes))
    _summary(console, trials, time.monotonic() - began)
    failed = [each for each in trials if each.violations]
    for each in failed[:SHOWN]:
        _failure(console, each)
    sys.exit(1 if failed else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many runs (default: 200)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (default: 1)")
    parser.add_argument("--seed", type=int, help="replay this seed alone, and shrink it if it fails")
    parser.add_argument("--trace", action="store_true", help="with --seed: show everything that happened")
    parser.add_argument("--hunt", action="store_true", help="stop at the first seed that fails, and tell it as JSON")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many at once (default: cores)")
    return parser.parse_args()


def tried(seeds: Iterable[int]) -> list[Trial]:
    """An errand of one worker."""
    return [trial(recipe_of(seed)) for seed in seeds]


def _hunt(seeds: range) -> int:
    """For whoever breaks the product on purpose: the first seed that notices, in one process."""
    for seed in seeds:
        if violations := _noticed(seed):
            sys.stdout.write(json.dumps({"seed": seed, "violation": violations[0]}) + "\n")
            return 1
    return 0


def _noticed(seed: int) -> tuple[str, ...]:
    """What the seed brings to light; code that is broken on purpose may break the reports, too."""
    try:
        return trial(recipe_of(seed)).violations
    except Exception as error:  # noqa: BLE001 - whatever it is, it was noticed
        return (f"a report failed: {type(error).__name__}",)


def _watched(console: Console, seeds: range, processes: int) -> Iterator[Trial]:
    columns = (
        TextColumn("simulating"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[speed]} seeds/s"),
        TextColumn("{task.fields[failed]}"), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console) as progress, ProcessPoolExecutor(processes, initializer=gc.freeze) as pool:
        task = progress.add_task("", total=len(seeds), speed="-", failed="")
        began, failed, done = time.monotonic(), 0, 0
        errands = batched(seeds, AT_ONCE, strict=False)
        waiting = {pool.submit(tried, errand) for errand in islice(errands, 4 * processes)}
        while waiting:
            ended = next(as_completed(waiting))
            waiting.remove(ended)
            waiting |= {pool.submit(tried, errand) for errand in islice(errands, 1)}
            for each in ended.result():
                done, failed = done + 1, failed + bool(each.violations)
                if each.violations:
                    told = f"seed {each.recipe.seed} broke a promise: {each.violations[0]}"
                    progress.console.print(told, markup=False)
                yield each
            speed = f"{done / (time.monotonic() - began):.1f}"
            progress.update(task, completed=done, speed=speed, failed=f"[red]{failed} failed" if failed else "")


def _one(console: Console, seed: int, *, whole: bool) -> int:
    """Replay one seed; one that fails is made smaller and shown."""
    made = trial(recipe_of(seed), traced=True)
    if whole:
        console.print("\n".join(made.trace), markup=False, soft_wrap=True)
    if not made.violations:
        console.print(f"seed {seed}: every promise was kept; trace {made.digest[:16]}")
        return 0
    _failure(console, made)
    small = smaller(made)
    if small is not made:
        console.rule(f"the same in {len(small.recipe.places)} of {len(made.recipe.places)} sales")
        _failure(console, small)
    return 1


def _failure(console: Console, failed: Trial) -> None:
    recipe = failed.recipe
    console.print(f"\nseed {recipe.seed} broke a promise; again: make simulate SEED={recipe.seed}", style="bold red")
    for text in failed.violations:
        console.print(f"  {text}", markup=False, soft_wrap=True)
    console.print(f"  sales {recipe.places}, settings {recipe.settings}", markup=False, soft_wrap=True)
    for line in failed.trace[-400:]:
        console.print(f"    {line}", markup=False, soft_wrap=True)


def _summary(console: Console, trials: list[Trial], seconds: float) -> None:
    faults: Counter[Fault] = Counter()
    moves: Counter[Move] = Counter()
    for each in trials:
        faults.update(each.faults)
        moves.update(each.moves)
    settled = sorted(each.settled_after for each in trials if each.settled_after is not None)
    missed = sorted(ALL - moves.keys())
    table = Table(title="What was simulated", title_justify="left", show_header=False)
    table.add_row("runs", f"{len(trials):,} in {seconds:,.0f} s, {len(trials) / seconds:.1f} seeds/s")
    table.add_row("sales", f"{sum(each.sales for each in trials):,}")
    table.add_row("invocations", f"{sum(each.invocations for each in trials):,}")
    table.add_row("calls to DEAR and warehouses", f"{sum(each.calls for each in trials):,}")
    for fault, times in faults.most_common():
        table.add_row(f"  {fault}", f"{times:,}")
    for upheaval, times in Counter(each.recipe.upheaval or "" for each in trials).most_common():
        if upheaval:
            table.add_row(f"runs with {upheaval}", f"{times:,}")
    if settled:
        middle = settled[len(settled) // 2] / 60
        table.add_row("settled after the last fault", f"{middle:.0f} min in the middle, {settled[-1] / 60:.0f} at most")
    table.add_row("moves of the state machine", f"{len(ALL) - len(missed)} of {len(ALL)}")
    table.add_row("  not made", ", ".join(f"{kind} {before} → {after}" for kind, before, after in missed) or "none")
    broken = [each for each in trials if each.violations]
    seeds = ", ".join(str(each.recipe.seed) for each in broken[:30])
    table.add_row("violations", f"[red]in {len(broken)} runs: {seeds}" if broken else "none")
    console.print(table)


if __name__ == "__main__":
    main()
