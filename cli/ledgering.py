"""The coverage ledger: every sale that DEAR's list showed, counted by decision and reason, and listed."""

import csv
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import nsmallest
from typing import IO, NamedTuple

from cli.faults import Complaint
from cli.looking import connections_named, natural
from cli.reasons import words_of
from cli.shapes import Ledger, LedgerCount, LedgerRow
from cli.site import Site
from cli.wording import why_sale
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.states import Decision

ROWS_SHOWN = 200
"""Sales that people are shown unless they ask for all."""

COLUMNS = tuple(LedgerRow.model_fields)
"""Of the CSV, as in the JSON document."""

_WITHOUT_REASON = {Decision.LOADED: "became orders", Decision.PENDING: "waits to be read from DEAR"}

_STEERS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


class Wanted(NamedTuple):
    """Which entries: None stands for all. `number`: a part of the order number, in any case."""

    connection: str | None = None
    decision: Decision | None = None
    reason: str | None = None
    number: str | None = None


def decision_named(name: str | None) -> Decision | None:
    """The decision of that name. Raises Complaint where there is none."""
    if name is None:
        return None
    wanted = name.strip().lower()
    if wanted not in list(Decision):
        raise Complaint(f"There is no decision {name!r}.", f"Decisions: {', '.join(Decision)}.")
    return Decision(wanted)


def entries(site: Site, wanted: Wanted) -> Iterator[SaleEntry]:
    """The entries as they are stored, one at a time. Raises Complaint, at the end, for a reason that none has."""
    seen: set[str] = set()
    found = False
    for connection in connections_named(site, wanted.connection):
        for decision in [wanted.decision] if wanted.decision else Decision:
            for entry in site.orders.list_sales(connection.name, decision):
                code = entry.reason.code if entry.reason else None
                seen |= {code} if code else set()
                if wanted.reason in {None, code} and _has_number(entry, wanted.number):
                    found = True
                    yield entry
    if wanted.reason and not found and wanted.reason not in seen:
        known = ", ".join(sorted(seen)) or "none"
        raise Complaint(f"No sale has the reason {wanted.reason!r}.", f"Reasons that sales have: {known}.")


def _has_number(entry: SaleEntry, number: str | None) -> bool:
    return number is None or number.strip().casefold() in entry.order_number.casefold()


def ledger(site: Site, wanted: Wanted, now: datetime, most: int | None = None) -> Ledger:
    """All counts, and the sales by order number: all of them, or the first `most`."""
    counts: Counter[tuple[Decision, str | None]] = Counter()
    told: dict[str, str] = {}
    counted = _counted(entries(site, wanted), counts, told)
    kept = sorted(counted, key=_place) if most is None else nsmallest(most, counted, key=_place)
    return Ledger(counts=_counts(counts, told), sales=tuple(ledger_row(entry, now) for entry in kept))


def _place(entry: SaleEntry) -> tuple[object, ...]:
    return natural(entry.order_number), entry.connection


def _counted(
    found: Iterable[SaleEntry], counts: Counter[tuple[Decision, str | None]], told: dict[str, str]
) -> Iterator[SaleEntry]:
    """The same entries, each counted as it passes; `told` gets one text of every reason."""
    for entry in found:
        code = entry.reason.code if entry.reason else None
        counts[entry.decision, code] += 1
        if entry.reason:
            told.setdefault(entry.reason.code, entry.reason.text)
        yield entry


def _counts(counted: Counter[tuple[Decision, str | None]], told: dict[str, str]) -> tuple[LedgerCount, ...]:
    order = list(Decision)
    by_decision = sorted(counted.items(), key=lambda item: (order.index(item[0][0]), -item[1], item[0][1] or ""))
    return tuple(
        LedgerCount(decision=decision, reason_code=code, why=_in_words(decision, code, told), sales=sales)
        for (decision, code), sales in by_decision
    )


def _in_words(decision: Decision, code: str | None, told: dict[str, str]) -> str:
    if code is None:
        return _WITHOUT_REASON.get(decision, "no reason is recorded")
    return words_of(code, told[code]).why


def ledger_row(entry: SaleEntry, now: datetime) -> LedgerRow:
    return LedgerRow(
        connection=entry.connection,
        order_number=entry.order_number,
        sale_id=entry.sale_id,
        dear_status=entry.row.status,
        decision=entry.decision,
        reason_code=entry.reason.code if entry.reason else None,
        why=why_sale(entry, now),
        references=entry.references,
        first_seen_at=entry.first_seen_at,
        updated_at=entry.updated_at,
    )


# --- CSV -----------------------------------------------------------------------------------------------------


def write_csv(file: IO[str], rows: Iterable[LedgerRow]) -> None:
    """A header and the rows as they come (RFC 4180). Nothing is written before the first row is there."""
    writer = csv.writer(file, lineterminator="\r\n")
    try:
        for number, row in enumerate(rows):
            if number == 0:
                writer.writerow(COLUMNS)
            writer.writerow(_cells(row))
        file.flush()
    except BrokenPipeError:
        # The reader has enough, as `head` has; what is left in the buffer must not be told of at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())


def _cells(row: LedgerRow) -> list[str]:
    fields = row.model_dump(mode="json") | {"references": " ".join(row.references)}
    return [_harmless(str(fields[name])) if fields[name] is not None else "" for name in COLUMNS]


def _harmless(text: str) -> str:
    """Text that no spreadsheet reads as a formula."""
    return f"'{text}" if text.startswith(_STEERS) else text
