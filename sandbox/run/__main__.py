"""Deploys the real template on a local cloud of its own, runs it against the sandbox until all is settled, checks."""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from datetime import datetime, timedelta

import requests
from rich.console import Console, RenderableType
from rich.live import Live
from rich.markup import escape

from cli.aws import open_site
from cli.faults import Complaint
from cli.ticking import Round, tick_until_quiet
from cli.waiting import Pair
from crossdock.domain.states import SCHEDULED_STEPS
from crossdock.runtime.clock import SystemClock
from sandbox.__main__ import Running, connection_file, running
from sandbox.cloud.errors import CloudError
from sandbox.cloud.local import LocalCloud
from sandbox.cloud.places import LOCAL, ROOT
from sandbox.run.board import board, orders_table, reasons, summary
from sandbox.run.books import Evidence, most_calls_in_a_minute
from sandbox.run.judging import compared, judge, unexpected
from sandbox.run.looking import Looking
from sandbox.run.people import People
from sandbox.run.story import STORY
from sandbox.scenario import connection, demo
from simulation.books import Books

CONNECTION = "main"
PORT = 4577
PATIENCE = timedelta(minutes=8)
FOLDER = LOCAL / "run"
TOLD = {"Held": {"held", "error"}, "Not invoiced by Crossdock": {"confirmed"}, "Skipped": {"skipped", "voided"}}
"""Whose reasons are printed in full, by title."""


class Show:
    """Watches the ticking: knows what to draw, and lets people do their work after every round."""

    def __init__(self, console: Console, looking: Looking, people: People) -> None:
        self._console, self._looking, self._people = console, looking, people
        self._rounds = 0
        self._clock = SystemClock()
        self._began = time.monotonic()
        self._now_doing = ""
        self.calls_by_steps = 0
        self.counts: Counter[str] = Counter()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._began

    def picture(self) -> RenderableType:
        """The state as it is now; the screen asks for it again and again, also while a step runs."""
        looking = self._looking
        return board(looking.lines(), looking.budget(), self._now_doing, self.elapsed, self._console.size)

    def running(self, pair: Pair) -> None:
        self._now_doing = f"running {pair.step}"

    def ran(self, number: int, done: Round) -> None:  # noqa: ARG002 - it is begun anew each time that all was quiet
        self._rounds += 1
        for report in done.reports:
            self.calls_by_steps += report.dear_calls
            self.counts.update(report.counts)
        if not self._console.is_terminal:
            self._console.print(f"{self.elapsed:4.0f} s  round {self._rounds}: {_told(done)}", highlight=False)
        for failure in done.failures:
            self._console.print(f"[red]{failure.step} failed:[/] {failure.problem}. {failure.log}")
        self._now_doing = "the warehouse picks, packs and ships; people work in DEAR"
        for told in self._people.play():
            self._console.print(f"       [dim]{escape(told)}[/]", highlight=False)

    def waiting(self, until: datetime, because: str) -> None:
        while (left := (until - self._clock.now()).total_seconds()) > 0:
            self._now_doing = f"waiting {left:.0f} s: {because}"
            time.sleep(min(left, 0.5))


def _told(done: Round) -> str:
    counted = ((report.step, sorted(report.counts.items())) for report in done.reports if any(report.counts.values()))
    told = (f"{step}: " + " ".join(f"{what} {count}" for what, count in counts if count) for step, counts in counted)
    return ", ".join(told) or "nothing moved"


def main() -> None:
    """Show the whole product at work; exit 0 only if Crossdock and the sandbox's books agree."""
    console = Console(highlight=False)
    try:
        sys.exit(_run(console))
    except CloudError as error:
        console.print(f"[red]{error.problem}[/]\n{error.todo}" + (f"\nLog: {error.log}" if error.log else ""))
    except Complaint as complaint:
        console.print(f"[red]{complaint}[/]")
    except KeyboardInterrupt:
        console.print("\nStopped. `make run` begins afresh.")
    sys.exit(1)


def _run(console: Console) -> int:
    console.print("[bold]Crossdock, from DEAR to the warehouse and back, on this machine[/]\n")
    shutil.rmtree(FOLDER, ignore_errors=True)
    scenario = demo()
    with _cloud(console) as (cloud, api_url), running(FOLDER, "demo", len(scenario.expected), 0, 0) as sandbox:
        _say(console, f"sandbox DEAR at {sandbox.dear_url}, sandbox warehouse at {sandbox.warehouse_url}")
        os.environ.update(cloud.environment())
        _connect(console, sandbox, api_url)
        site = open_site(cloud.name, os.environ, SystemClock())
        # The picture is drawn by a thread of its own, and boto3's resources are not to be shared between threads.
        watched = open_site(cloud.name, os.environ, SystemClock())
        looking = Looking(watched, CONNECTION, sandbox.dear_url)
        calls_to_connect = looking.budget().total
        people = People(sandbox.dear_url, sandbox.warehouse_url, STORY)
        show = Show(console, looking, people)
        pairs = tuple(Pair(step, CONNECTION) for step in SCHEDULED_STEPS)
        live = Live(console=console, get_renderable=show.picture, refresh_per_second=2, transient=True)
        with live if console.is_terminal else nullcontext():
            tally = tick_until_quiet(site, pairs, SystemClock(), show, timeout=PATIENCE)
            while people.busy and tally.quiet:
                tally = tick_until_quiet(site, pairs, SystemClock(), show, timeout=PATIENCE)
        console.print(orders_table(looking.lines(), console.width))
        left = [*(f"{each.step}: {each.because}" for each in tally.left), *people.left()]
        evidence = Evidence(CONNECTION, sandbox.dear_url, sandbox.warehouse_url, scenario, sandbox.credentials)
        return _judge(console, evidence.books(site, cloud.ministack.log), looking, show, calls_to_connect, left)


@contextmanager
def _cloud(console: Console) -> Iterator[tuple[LocalCloud, str]]:
    """A local cloud of this run's own, begun empty and stopped at the end."""
    cloud = LocalCloud.named("crossdock-run", PORT)
    cloud.purge()
    with console.status("starting the local cloud, building and deploying template.yaml (about half a minute)"):
        began = time.monotonic()
        cloud.start()
        try:
            outputs = cloud.deploy()
        except BaseException:
            cloud.stop()
            raise
    _say(console, f"template.yaml is deployed on a local cloud ({time.monotonic() - began:.0f} s)")
    try:
        yield cloud, cloud.api_url(outputs)
    finally:
        cloud.stop()


def _connect(console: Console, sandbox: Running, api_url: str) -> None:
    """What an operator does: a connection file, secrets in the environment, `crossdock connect`."""
    file = FOLDER / "connection.toml"
    table = {"name": CONNECTION, **connection(f"{sandbox.dear_url}/ExternalApi/v2", sandbox.warehouse_url)}
    file.write_text(connection_file(table))
    secrets = asdict(sandbox.credentials)
    command = [sys.executable, "-m", "cli.main", "connect", str(file), "--no-input"]
    done = subprocess.run(  # noqa: S603 - the command is this project's own
        command, cwd=ROOT, env={**os.environ, **secrets}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CloudError(f"`crossdock connect` failed.\n{done.stdout}{done.stderr}", f"The file is {file}.")
    _say(console, "crossdock connect: DEAR, the warehouse and the settings are checked and stored")
    push = {"url": f"{api_url}/v1/connections/{CONNECTION}", "secret": secrets["CROSSDOCK_WEBHOOK_SECRET"]}
    requests.post(f"{sandbox.warehouse_url}/_control/settings", json={"push": push}, timeout=10).raise_for_status()


def _judge(console: Console, books: Books, looking: Looking, show: Show, calls_to_connect: int, left: list[str]) -> int:
    """Print what Crossdock says beside what the books say, what was held or skipped, and the promises.

    0 when all is as it must be.
    """
    lines, ours = looking.lines(), looking.counted()
    ours["stock corrected"] = show.counts["stock corrected"]
    ours["DEAR calls"] = show.calls_by_steps + calls_to_connect
    rows = compared(books, ours)
    console.print(summary(rows))
    for title, statuses in TOLD.items():
        console.print(reasons(title, [line for line in lines if line.status in statuses]))
    most = most_calls_in_a_minute(books.calls)
    console.print(f"\nDEAR calls: {len(books.calls)} in all, never more than {most} in any 60 seconds.\n")
    if judge(books, rows, (*unexpected(lines, demo().expected), *left)).shown(console):
        console.print(f"\nThis should not be. The functions' log is in {LOCAL / 'cloud-crossdock-run'}.")
        return 1
    console.print("[bold green]✓[/] Nothing lost, nothing doubled: Crossdock and the sandbox's books agree.")
    return 0


def _say(console: Console, what: str) -> None:
    console.print(f"[green]✓[/] {what}")


if __name__ == "__main__":
    main()
