"""What a drill did, counted, and what the auditor says of it."""

from collections import Counter
from dataclasses import replace

from rich.table import Table

from cli.site import Site
from sandbox.cloud.local import LocalCloud
from sandbox.drill.account import Account
from sandbox.drill.storm import Happened
from sandbox.run.board import STYLES
from sandbox.run.books import most_calls_in_a_minute
from sandbox.run.judging import Judgement, judge
from sandbox.run.looking import Looking
from simulation.books import Books


def judged(books: dict[str, Books], left: list[str], cloud: LocalCloud) -> Judgement:
    """What the auditor says of each connection, in one; and whatever the code itself did not foresee."""
    broken = [
        replace(each, text=f"{name}: {each.text}") for name, found in books.items() for each in judge(found).broken
    ]
    log = cloud.ministack.log.read_text(errors="replace").splitlines()
    faults = [line[:400] for line in log if '"level":"ERROR"' in line]
    return Judgement(tuple(broken), (*left, *(f"the code failed: {line}" for line in faults)))


def statuses(sites: dict[str, Site], accounts: list[Account]) -> Counter[str]:
    lines = (line for each in accounts for line in Looking(sites[each.name], each.name, each.systems.dear).lines())
    return Counter(line.status for line in lines)


def what_happened(happened: Happened, books: dict[str, Books], orders: Counter[str], settled: float) -> Table:
    table = Table(title="What happened", title_justify="left", show_header=False)
    table.add_row("sales", f"{sum(len(each.entered) for each in books.values())} in {len(books)} DEAR accounts")
    runs, copies = happened.invoked.total(), happened.copies.total()
    table.add_row("steps invoked", f"{runs:,}, {copies:,} of them beside another copy")
    for step, times in sorted(happened.copies.items()):
        table.add_row(f"  {step}", f"{happened.invoked[step]:,}, {times:,} beside another")
    for outcome, times in happened.outcomes.most_common():
        table.add_row(f"  ended: {outcome}", f"{times:,}")
    table.add_row("killed", f"{happened.killed.total()}")
    for what, times in happened.killed.most_common():
        table.add_row(f"  {what}", f"{times}")
    table.add_row("people's acts", ", ".join(f"{times} {how}" for how, times in happened.people.items()))
    most = max(most_calls_in_a_minute(each.calls) for each in books.values())
    table.add_row("DEAR calls", f"{sum(len(each.calls) for each in books.values()):,}, at most {most} a minute")
    table.add_row("settled after the last fault", f"{settled:.0f} s")
    table.add_row("orders and sales", f"{orders.total()}")
    for status in sorted(orders, key=list(STYLES).index):
        table.add_row(f"  {status}", f"{orders[status]}")
    return table
