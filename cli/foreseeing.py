"""The dry run of a rewind: DEAR's list since a time, each row judged as the download would judge it."""

from datetime import datetime
from enum import StrEnum

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from cli.faults import REFUSED, Complaint
from cli.previewing.calling import Patient, Stopped
from cli.screen import Screen, counted, plain, seconds_text
from cli.shapes import RewindRow
from cli.site import Desk, Site
from crossdock.dear.transport import Credentials
from crossdock.domain.errors import CrossdockError
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.sale import SaleRow
from crossdock.domain.settings import Connection
from crossdock.domain.states import Decision
from crossdock.domain.verdicts import Verdict, judge
from crossdock.ports import Dear, SalePage

PAGE = 1000
"""Rows of a page of DEAR's list."""


class Outcome(StrEnum):
    """What a re-read would do with a sale; what changes most comes first."""

    VOID = "void"
    READ = "read"
    RECORD = "record"
    SKIP = "skip"
    NOTHING = "nothing"


MEANS = {
    Outcome.VOID: "void in DEAR: orders are withdrawn, or held where goods have left",
    Outcome.READ: "a call each: loaded, or compared with the order that it has",
    Outcome.RECORD: "new to the ledger, and out of scope",
    Outcome.SKIP: "out of scope",
    Outcome.NOTHING: "done with, or held by a person",
}


def foresee(
    desk: Desk, site: Site, screen: Screen, connections: tuple[Connection, ...], to: datetime
) -> tuple[tuple[RewindRow, ...], int]:
    """A row for each sale that changed since, and the DEAR calls that it took. Raises Complaint."""
    rows: list[RewindRow] = []
    calls = 0
    for connection in connections:
        dear = site.dear(connection, _credentials(site, connection.name))
        try:
            rows.extend(_Foreseeing(desk, site, screen, connection, dear).rows(to))
        except (Stopped, CrossdockError) as error:
            raise Complaint(plain(str(error)), "Nothing was changed: run it again.", code=REFUSED) from error
        calls += dear.calls_made()
    return tuple(rows), calls


def _credentials(site: Site, connection: str) -> Credentials:
    stored = site.vault.read(connection, "dear") or {}
    if not {"account_id", "api_key"} <= stored.keys():
        mend = "Run `crossdock connect` with its file again."
        raise Complaint(f"The DEAR key of {connection} is not stored.", mend, code=REFUSED)
    return Credentials(account_id=str(stored["account_id"]), api_key=str(stored["api_key"]))


class _Foreseeing:
    """The dry run for one connection."""

    def __init__(self, desk: Desk, site: Site, screen: Screen, connection: Connection, dear: Dear) -> None:
        self._desk, self._site, self._screen, self._connection, self._dear = desk, site, screen, connection, dear
        self._patient = Patient(desk.clock, lambda until, why: screen.wait(desk.clock, until, why))
        self._locations: dict[str, str] = {}

    def rows(self, to: datetime) -> list[RewindRow]:
        """Page by page, with a bar; a sale that moved from page to page meanwhile is judged once."""
        page = self._page(1, to)
        self._tell(page)
        found: dict[str, RewindRow] = {}
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        people = self._screen.people
        with Progress(*columns, console=people, transient=True, disable=not people.is_terminal) as progress:
            task = progress.add_task(f"{self._connection.name}: sales", total=page.total)
            number = 1
            while True:
                self._ask_for_locations(page)
                entries = self._site.orders.sales(self._connection.name, [row.sale_id for row in page.rows])
                for row in page.rows:
                    found[row.sale_id] = self._judged(row, entries.get(row.sale_id))
                    progress.advance(task)
                if not page.more:
                    return list(found.values())
                number += 1
                page = self._page(number, to)

    def _page(self, number: int, to: datetime) -> SalePage:
        return self._patient.call(lambda: self._dear.list_sales(page=number, updated_since=to))

    def _tell(self, first: SalePage) -> None:
        pages = max(1, -(-first.total // PAGE))
        names = 1 if self._connection.settings.locations else 0
        calls = pages + names
        text = f"{self._connection.name}: {counted(first.total, 'sale')}, {counted(calls, 'DEAR call')}"
        self._screen.show(Text(plain(f"{text}, one of them made; {seconds_text(calls)} at DEAR's pace.")))

    def _ask_for_locations(self, page: SalePage) -> None:
        """As the download does: only where settings name locations, and once."""
        if self._connection.settings.locations and not self._locations and any(row.location_id for row in page.rows):
            self._locations = self._patient.call(self._dear.locations)

    def _judged(self, row: SaleRow, entry: SaleEntry | None) -> RewindRow:
        name = self._connection.name
        orders = self._site.orders.orders_of_sale(name, row.sale_id) if entry and entry.references else ()
        verdict = judge(row, entry, orders, self._connection.settings, self._locations.get(row.location_id or ""))
        reason = verdict.reason if verdict.decision is Decision.SKIPPED else None
        return RewindRow(
            connection=name,
            order_number=row.order_number,
            sale_id=row.sale_id,
            outcome=_outcome(entry, verdict),
            reason_code=reason.code if reason else None,
            why=reason.text if reason else None,
        )


def _outcome(entry: SaleEntry | None, verdict: Verdict) -> Outcome:
    match verdict.decision:
        case Decision.PENDING:
            return Outcome.READ
        case Decision.SKIPPED:
            return Outcome.SKIP if entry else Outcome.RECORD
        case Decision.VOIDED if verdict.new:
            return Outcome.VOID
    return Outcome.NOTHING
