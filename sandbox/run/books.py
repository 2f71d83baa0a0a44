"""What the auditor gets to see of a real run: both systems' own books, as they show them, and what was entered."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import requests

from cli.site import Site
from sandbox.__main__ import Credentials
from sandbox.clock import SystemClock
from sandbox.scenario import Scenario
from simulation.books import Becomes, Books, Entered, Entry, Reports
from simulation.operator import reported


def read_books(
    dear: str,
    warehouse: str,
    *,
    entered: tuple[Entered, ...] = (),
    reports: Reports = lambda _: [],
    said: tuple[str, ...] = (),
    secrets: tuple[str, ...] = (),
) -> Books:
    """The books as they stand now, of the systems at these base URLs."""
    return Books(
        entered=entered,
        sales=_read(dear, "sales"),
        dear=_read(dear, "ledger"),
        calls=_read(dear, "calls"),
        dear_stock=_read(dear, "stock"),
        warehouse=_read(warehouse, "ledger"),
        reports=reports,
        said=said,
        secrets=secrets,
    )


def _read(url: str, what: str) -> tuple[Entry, ...]:
    answer = requests.get(f"{url}/_control/{what}", timeout=30)
    answer.raise_for_status()
    return tuple(answer.json()[what])


def entered_of(scenario: Scenario) -> tuple[Entered, ...]:
    """The scenario's sales in the auditor's words, with what must become of each while nobody interferes."""
    return tuple(
        Entered(
            number=sale["order_number"],
            becomes=_becomes(scenario.expected[sale["order_number"]]),
            lines=tuple((line["sku"], Decimal(str(line["quantity"])), False) for line in sale["lines"]),
            picked=tuple(_picked(sale)),
        )
        for sale in scenario.dear_seed["sales"]
    )


def _becomes(expected: str) -> Becomes:
    """Where people have a part in it, the sale must only be told truly."""
    if expected == "invoiced":
        return "done"
    return "stopped" if expected.startswith(("held:", "skipped:")) else "open"


def _picked(sale: Entry) -> list[tuple[str, Decimal]]:
    tasks = (task for task in sale.get("fulfilments", ()) if task["pick"] == "AUTHORISED")
    return [(line["sku"], Decimal(str(line["quantity"]))) for task in tasks for line in task["lines"]]


def personal_data(scenario: Scenario) -> tuple[str, ...]:
    """What of the scenario's customers must show nowhere."""
    sales = scenario.dear_seed["sales"]
    found = {text for sale in sales for text in (sale["email"], sale["phone"], sale["shipping_address"]["Line1"])}
    return tuple(sorted(found - {""}))


@dataclass(frozen=True)
class Evidence:
    """All that is to be known of a connection from outside: both systems' base URLs, what was entered, the secrets."""

    connection: str
    dear: str
    warehouse: str
    scenario: Scenario
    credentials: Credentials

    def books(self, site: Site, log: Path) -> Books:
        """The books as they stand now, with the product's own reports, and the functions' log."""
        now, entered = SystemClock().now(), entered_of(self.scenario)
        reports = {each.number: reported(site, self.connection, each.number, now) for each in entered}
        return read_books(
            self.dear,
            self.warehouse,
            entered=entered,
            reports=lambda number: reports[number],
            said=tuple(log.read_text(errors="replace").splitlines()),
            secrets=(*personal_data(self.scenario), *self.credentials.secret),
        )


# --- counting ---


def written(books: Books, kind: str) -> list[Entry]:
    """Writes that came to DEAR by its API."""
    return [entry for entry in books.dear if entry["kind"] == kind and entry["by"] == "api"]


def noted(books: Books, kind: str) -> list[Entry]:
    """Writes that the warehouse accepted."""
    return [entry for entry in books.warehouse if entry["kind"] == kind]


def counted(books: Books) -> dict[str, int]:
    """How much of each kind of work the two systems have seen."""
    calls = books.calls
    shipped_in_dear = {
        (entry["order_number"], entry["fulfilment_number"])
        for entry in books.dear
        if entry["kind"] == "ship" and entry["status"] == "AUTHORISED"
    }
    return {
        "downloaded": len({call["query"].lower() for call in calls if _asks_for_a_sale(call)}),
        "delivered": len(noted(books, "order_created")),
        "shipped": len(noted(books, "shipped")),
        "confirmed": len(shipped_in_dear),
        "invoiced": len(written(books, "invoice")),
        "stock corrected": sum(len(entry["lines"]) for entry in written(books, "stock_adjustment")),
        "DEAR calls": len(calls),
    }


def _asks_for_a_sale(call: Entry) -> bool:
    path: str = call["path"]
    return path.lower().endswith("/sale")


def most_calls_in_a_minute(calls: tuple[Entry, ...]) -> int:
    """The most calls that came to DEAR within any sliding 60 seconds."""
    moments = sorted(datetime.fromisoformat(call["at"]).timestamp() for call in calls)
    return max((sum(1 for at in moments if first <= at < first + 60) for first in moments), default=0)
