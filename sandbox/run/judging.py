"""The end of a run: what Crossdock says beside what the books say, the promises as the auditor judges them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sandbox.run.board import Seen
from sandbox.run.books import counted
from simulation.auditor import Violation, audit
from simulation.books import Books

HELD_LATE = "held once shipped"
"""The scenario's words for a sale that is held when its goods have gone."""
PROMISES = {
    1: "No sale in scope is missing, and no other goes out",
    2: "One warehouse order for each fulfilment",
    3: "Every shipment is in DEAR once, as it left",
    4: "One invoice for each fulfilment, of what left",
    5: "Stock is written once, and as it is",
    6: "Whatever stands has a reason",
    7: "Never more than 60 DEAR calls in 60 seconds",
    9: "No secret and no personal data in logs and reports",
}
"""Those that the auditor can judge at the end of a run, by their numbers in docs/architecture.md."""

COUNTED = {
    "downloaded": "sales downloaded from DEAR",
    "delivered": "orders delivered to the warehouse",
    "shipped": "shipments that left",
    "confirmed": "fulfilments confirmed in DEAR",
    "invoiced": "invoices in DEAR",
    "stock corrected": "SKUs whose stock was corrected",
    "DEAR calls": "DEAR calls",
}
"""What both sides count, in words."""

type Row = tuple[str, int, int]
"""What was counted, by Crossdock and in the books."""


@dataclass(frozen=True)
class Judgement:
    """What the auditor found broken, and all else that is not as it must be, in sentences."""

    broken: tuple[Violation, ...]
    others: tuple[str, ...] = ()

    @property
    def wrong(self) -> list[str]:
        return [*map(str, self.broken), *self.others]

    def shown(self, console: Console) -> int:
        """Print the promises and everything that is wrong; 0 when nothing is."""
        console.print(promises(self.broken))
        for text in self.wrong:
            console.print(f"[bold red]✗[/] {escape(text)}")
        return 1 if self.wrong else 0


def judge(books: Books, rows: Iterable[Row] = (), others: Iterable[str] = ()) -> Judgement:
    """Judge the books; `rows` must agree, and `others` are wrong already."""
    differing = (
        f"{what}: Crossdock says {ours}, the books say {theirs}" for what, ours, theirs in rows if ours != theirs
    )
    return Judgement(tuple(audit(books)), (*differing, *others))


def compared(books: Books, ours: Mapping[str, int]) -> list[Row]:
    """What Crossdock says it did beside what the two systems have seen."""
    theirs = counted(books)
    return [(told, ours[what], theirs[what]) for what, told in COUNTED.items()]


def unexpected(lines: Iterable[Seen], expected: Mapping[str, str]) -> list[str]:
    """Sales that did not become what the scenario says they must, or for another reason."""
    became: dict[str, set[str]] = {}
    for line in lines:
        status = "skipped" if line.status == "voided" else line.status
        became.setdefault(line.number.split(".")[0], set()).add(f"{status}: {line.code}" if line.code else status)
    return [
        f"{number} should be {becomes}, and is {', '.join(sorted(became.get(number, {'unknown'})))}"
        for number, becomes in expected.items()
        if became.get(number) != {becomes.replace(HELD_LATE, "held")}
    ]


def promises(broken: Iterable[Violation]) -> Table:
    """Each promise, and whether it was kept."""
    times = Counter(each.promise for each in broken)
    table = Table(title="The promises, judged from the sandbox's books", title_justify="left", show_header=False)
    table.add_column(justify="right")
    for number, text in PROMISES.items():
        verdict = f"[bold red]BROKEN {times[number]} times[/]" if times[number] else "[green]kept[/]"
        table.add_row(str(number), text, verdict)
    return table
