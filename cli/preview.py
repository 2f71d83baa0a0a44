"""`crossdock preview`: what a connection file would do with the last sales. It reads DEAR and writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from rich.text import Text

from cli.connection_file import ACCOUNT_ID, API_KEY, WMS_PASSWORD, WMS_TOKEN, WMS_USER, read_connection
from cli.credentials import gather
from cli.faults import FINE, INTERRUPTED, REFUSED, WRONG_USE, Complaint
from cli.previewing.bills import Bills
from cli.previewing.calling import Patient, Stopped
from cli.previewing.findings import Findings
from cli.previewing.missing import accounts_named, locations_named, missing_names
from cli.previewing.sample import Sample, last_sales
from cli.previewing.view import Reading, cost_text, preview_blocks
from cli.problems import Refusal, problem_table
from cli.screen import Screen
from cli.shapes import Preview
from cli.site import Desk, Site
from cli.storing import dated
from crossdock.domain.bills import Bill
from crossdock.domain.errors import CrossdockError, Unauthorised
from crossdock.domain.sale import SaleRow
from crossdock.domain.settings import Connection
from crossdock.ports import Clock, Dear

_NOT_NEEDED = {WMS_TOKEN: "not-needed", WMS_USER: "", WMS_PASSWORD: ""}
"""The warehouse is not asked anything, so nobody is asked for its credentials."""


def preview(desk: Desk, stack: str, file: Path, last: int, *, yes: bool, json: bool) -> int:
    """Show what the file's settings would do with the last sales; the exit code. Raises Complaint."""
    screen = desk.screen(json)
    try:
        connection = read_connection(file)
        site = desk.open_site(stack)
        environment: Mapping[str, str] = {**desk.environment, **_NOT_NEEDED}
        given = gather(connection.name, environment, site.vault, desk.ask)
    except Refusal as refusal:
        screen.err.print(Text(refusal.title, style="bold red"), problem_table(refusal.problems))
        return WRONG_USE
    looked = _Look(desk, screen, connection, site.dear(connection, given.dear), last)
    looked.find()
    ended = looked.read(ask=not yes)
    shown = looked.document(_first_day(site, connection, desk.clock))
    screen.answer(shown, *preview_blocks(shown))
    if ended is not None:
        raise ended
    return FINE


def _first_day(site: Site, connection: Connection, clock: Clock) -> date | None:
    """The earliest order date that `connect` would set, where the file names none."""
    if connection.settings.earliest_order_date:
        return None
    meant = dated(connection, site.checkpoints.connection(connection.name), clock.now().date())
    return meant.settings.earliest_order_date


@dataclass
class _Names:
    """What DEAR has, where the settings make it worth a call. `locations`: LocationID to name."""

    locations: dict[str, str] | None = None
    accounts: frozenset[str] | None = None


class _Look:
    """One preview: the sample is found, then read; at any moment there is a document of what is known."""

    def __init__(self, desk: Desk, screen: Screen, connection: Connection, dear: Dear, last: int) -> None:
        self._desk, self._screen, self._connection, self._dear, self._last = desk, screen, connection, dear, last
        self._sample = Sample(rows=())
        self._names = _Names()
        self._findings = Findings(connection.settings, {})
        self._to_read: list[SaleRow] = []

    def find(self) -> None:
        """Find the last sales, and judge those that the list alone decides. Raises Complaint."""
        patient = Patient(self._desk.clock, partial(self._screen.wait, self._desk.clock))
        self._screen.show(Text(f"Looking for the last {self._last} sales: a call for each 1,000 that DEAR lists."))
        try:
            self._sample = last_sales(
                lambda page, since: patient.call(lambda: self._dear.list_sales(page=page, updated_since=since)),
                self._last,
                self._desk.clock.now(),
            )
            self._names = self._ask_for_names(patient)
        except Stopped as stopped:
            raise _stopped(stopped) from stopped
        except KeyboardInterrupt as interrupted:
            raise Complaint(
                "Stopped before DEAR's list was read.", "Nothing was written.", code=INTERRUPTED
            ) from interrupted
        self._findings = Findings(self._connection.settings, self._names.locations or {})
        self._to_read = [row for row in self._sample.rows if not self._findings.take_row(row)]

    def read(self, *, ask: bool) -> Complaint | None:
        """Read what the list leaves open; why it ended early, where it did."""
        kits = self._connection.settings.kits == "components"
        self._screen.show(cost_text(len(self._sample.rows), len(self._to_read), self._dear.calls_made(), kits=kits))
        try:
            if self._to_read and ask and not self._goes_on():
                return Complaint("Stopped before the sales were read.", "Nothing was written.", code=INTERRUPTED)
            self._read_all()
        except Stopped as stopped:
            return _stopped(stopped)
        except KeyboardInterrupt:
            return Complaint("Stopped before all sales were read.", "Nothing was written.", code=INTERRUPTED)
        return None

    def document(self, first_day: date | None) -> Preview:
        findings, found, settings = self._findings, len(self._sample.rows), self._connection.settings
        not_read = found - findings.judged
        too_old = [row for row in findings.loaded if first_day and row.order_date and row.order_date < first_day]
        locations = self._names.locations
        return Preview(
            connection=self._connection.name,
            asked_for=self._last,
            found=found,
            loads=len(findings.loaded),
            does_not_load=findings.judged - len(findings.loaded),
            orders=findings.orders,
            partial=not_read > 0,
            not_read=not_read,
            groups=findings.groups(),
            missing=missing_names(
                findings, None if locations is None else set(locations.values()), self._names.accounts
            ),
            earliest_order_date=settings.earliest_order_date or first_day,
            would_be_too_old=len(too_old) if first_day else None,
            unreadable_rows=self._sample.unreadable,
            dear_calls=self._dear.calls_made(),
        )

    def _ask_for_names(self, patient: Patient) -> _Names:
        settings = self._connection.settings
        return _Names(
            locations=patient.call(self._dear.locations) if locations_named(settings) else None,
            accounts=patient.call(self._dear.account_codes) if accounts_named(settings) else None,
        )

    def _goes_on(self) -> bool:
        """Ask the person, where one sits there."""
        if self._desk.ask is None:
            return True
        return self._desk.ask("Press Enter to go on, or type no to stop").strip().lower() in {"", "y", "yes"}

    def _read_all(self) -> None:
        with Reading(self._screen, self._desk.clock, len(self._to_read)) as reading:
            patient = Patient(self._desk.clock, reading.wait)
            opened = self._connection.settings.kits == "components"
            bills = Bills(partial(_bill, patient, self._dear) if opened else None)
            for row in self._to_read:
                self._read_one(patient, bills, row)
                reading.read()

    def _read_one(self, patient: Patient, bills: Bills, row: SaleRow) -> None:
        try:
            self._findings.take_sale(row, patient.call(lambda: self._dear.read_sale(row.sale_id)), bills)
        except CrossdockError as error:
            self._findings.take_trouble(row, error)


def _bill(patient: Patient, dear: Dear, product_id: str) -> Bill:
    return patient.call(lambda: dear.read_bill(product_id))


def _stopped(stopped: Stopped) -> Complaint:
    """Why DEAR is asked no more. The sale that was asked for last counts as not read."""
    if isinstance(stopped.cause, Unauthorised):
        return Complaint(
            str(stopped), f"Check {ACCOUNT_ID} and {API_KEY}: are they whole, and not reset?", code=REFUSED
        )
    return Complaint(str(stopped), "Nothing was written; run the command again later.", code=REFUSED)
