"""`make drill`: a hundred sales through the deployed stack while its processes are killed, judged from outside."""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from sandbox.cloud.errors import CloudError
from sandbox.cloud.local import LocalCloud
from sandbox.cloud.places import LOCAL
from sandbox.drill.account import Account, accounts_of, connected
from sandbox.drill.peace import settle
from sandbox.drill.storm import Happened, Storm
from sandbox.drill.systems import free_port
from sandbox.drill.verdict import judged, statuses, what_happened

FOLDER = LOCAL / "drill"
KILLS, KILLS_OF_EACH = 40, 4
"""How many in all, and of each step that writes to others."""
AT_MOST = 300.0
"""Seconds that the faults last on a machine that is too slow for them."""


def main() -> None:
    """Run the drill; exit 0 only if every promise was kept."""
    asked = _arguments()
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    console.print(f"[bold]Fault drill on the deployed stack[/], seed {asked.seed}\n")
    try:
        sys.exit(_drill(console, asked.seed, asked.sales))
    except CloudError as error:
        console.print(f"[red]{error}[/]", markup=True)
    except KeyboardInterrupt:
        console.print("\nStopped.")
    sys.exit(1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.drill", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="what the faults and the people follow from (default: 1)")
    parser.add_argument("--sales", type=int, default=100, help="how many sales (default: 100)")
    return parser.parse_args()


def _drill(console: Console, seed: int, sales: int) -> int:
    began = time.monotonic()
    accounts = accounts_of(seed, sales, FOLDER)
    columns = (
        TextColumn("{task.description:<34}"),
        BarColumn(),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        preparing = progress.add_task("deploying, connecting", total=1, told="")
        with _cloud(accounts) as cloud:
            sites = connected(cloud, accounts)
            progress.update(preparing, completed=1)
            happened = Happened()
            raging = progress.add_task("faults, in kills", total=KILLS, told="")
            Storm(str(seed), cloud, sites, accounts, happened).rage(
                KILLS,
                KILLS_OF_EACH,
                AT_MOST,
                lambda: progress.update(
                    raging, completed=happened.killed.total(), told=f"{happened.invoked.total()} runs"
                ),
            )
            peace = time.monotonic()
            settling = progress.add_task("peace, until all has settled", total=len(accounts), told="")
            left = settle(sites, accounts, lambda: progress.advance(settling))
            settled = time.monotonic() - peace
            books = {each.name: each.evidence.books(sites[each.name], cloud.ministack.log) for each in accounts}
            orders = statuses(sites, accounts)
    judgement = judged(books, left, cloud)
    console.print(what_happened(happened, books, orders, settled))
    failed = judgement.shown(console)
    console.print(
        f"\n{'Failed' if failed else 'Nothing lost, nothing doubled'}: {time.monotonic() - began:.0f} s in all."
    )
    return failed


@contextmanager
def _cloud(accounts: list[Account]) -> Iterator[LocalCloud]:
    """A local cloud of the drill's own with the stack on it, and the accounts' systems."""
    cloud = LocalCloud.named("crossdock-drill", free_port())
    cloud.purge()
    try:
        with ThreadPoolExecutor(2) as pool:
            opened = pool.map(Account.open, accounts)
            cloud.start()
            cloud.deploy()
            list(opened)
        os.environ.update(cloud.environment())
        yield cloud
    finally:
        for account in accounts:
            account.systems.kill()
        cloud.stop()


if __name__ == "__main__":
    main()
