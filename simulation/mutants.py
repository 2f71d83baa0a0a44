"""`make mutants`: each mutation in a copy of the source tree, where the simulation must notice it within 200 seeds."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulation.mutations import MUTATIONS, Mutation

ROOT = Path(__file__).parents[1]
COPIED = ("layers", "functions", "cli", "sandbox", "simulation")
COPIES = ROOT / ".local" / "mutants"
SEEDS = 200


@dataclass(frozen=True)
class Verdict:
    """What became of a mutation: the seed that noticed it and what it saw, or what is wrong with the patch."""

    mutation: Mutation
    seed: int | None
    told: str
    seconds: float

    @property
    def caught(self) -> bool:
        return self.seed is not None


def main() -> None:
    """Try every mutation, or those that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m simulation.mutants", description=__doc__)
    parser.add_argument("--only", help="a part of the names of those to try")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"seeds for each (default: {SEEDS})")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many at once (default: cores)")
    asked = parser.parse_args()
    wanted = [each for each in MUTATIONS if (asked.only or "") in each.name]
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    verdicts: list[Verdict] = []
    with ThreadPoolExecutor(asked.processes) as pool:
        for ended in as_completed([pool.submit(tried, each, asked.seeds) for each in wanted]):
            verdict = ended.result()
            verdicts.append(verdict)
            how = f"caught by seed {verdict.seed}" if verdict.caught else "[red]SURVIVED[/red]"
            console.print(f"{how}: {verdict.mutation.name} ({verdict.seconds:.0f} s)")
    _show(console, sorted(verdicts, key=lambda each: MUTATIONS.index(each.mutation)))
    sys.exit(0 if all(verdict.caught for verdict in verdicts) else 1)


def tried(mutation: Mutation, seeds: int) -> Verdict:
    """Whether the simulation notices the mutation."""
    began = time.monotonic()
    copy = COPIES / mutation.name.replace(" ", "-").replace(",", "")
    try:
        if problem := _apply(mutation, copy):
            return Verdict(mutation, None, problem, time.monotonic() - began)
        seed, told = _hunt(copy, 1, seeds)
        while seed is not None and not _sound(seed):
            seed, told = _hunt(copy, seed + 1, seeds)
        return Verdict(mutation, seed, told, time.monotonic() - began)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _apply(mutation: Mutation, copy: Path) -> str | None:
    """A copy of the source with the patch in it; what is wrong when the patch does not fit."""
    shutil.rmtree(copy, ignore_errors=True)
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    file = copy / mutation.file
    text = file.read_text() if file.exists() else ""
    if text.count(mutation.old) != 1:
        return f"the patch does not apply any more: {mutation.file} has its text {text.count(mutation.old)} times"
    file.write_text(text.replace(mutation.old, mutation.new))
    return None


@cache
def _sound(seed: int) -> bool:
    """Whether the code as it is passes with this seed: else its failing in a copy says nothing."""
    return _run(ROOT, seed, 1).returncode == 0


def _run(tree: Path, first: int, seeds: int) -> subprocess.CompletedProcess[str]:
    """Hunt in a source tree."""
    command = [sys.executable, "-m", "simulation", "--hunt", "--first", str(first), "--seeds", str(seeds)]
    path = os.pathsep.join(str(tree / part) for part in ("layers/common", "functions", "."))
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(  # noqa: S603 - our own code
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False
    )


def _hunt(copy: Path, first: int, last: int) -> tuple[int | None, str]:
    """The first seed that fails in the copy, and what it broke."""
    ended = _run(copy, first, last - first + 1)
    if ended.returncode == 0:
        return None, f"no seed up to {last} noticed it"
    if not ended.stdout.strip():
        return None, f"the copy does not run: {(ended.stderr.strip().splitlines() or ['no output'])[-1]}"
    found = json.loads(ended.stdout.splitlines()[-1])
    return int(found["seed"]), str(found["violation"])


def _show(console: Console, verdicts: list[Verdict]) -> None:
    caught = sum(verdict.caught for verdict in verdicts)
    table = Table(title=f"{caught} of {len(verdicts)} mutants caught", title_justify="left")
    for heading in ("mutation", "seed", "what the auditor saw"):
        table.add_column(heading)
    for verdict in verdicts:
        seed = str(verdict.seed) if verdict.caught else "[red]survived"
        table.add_row(escape(verdict.mutation.name), seed, escape(verdict.told[:110]))
    console.print(table)


if __name__ == "__main__":
    main()
