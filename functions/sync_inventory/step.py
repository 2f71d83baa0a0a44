"""Make DEAR's stock equal to what the warehouse counted: only differences, each adjustment at most once."""

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal
from re import escape, search

from crossdock.domain.errors import Conflict, Refused
from crossdock.domain.inventory import Adjustment, AdjustmentLine, StockDifference, compare_stock
from crossdock.domain.report import RunOutcome
from crossdock.domain.settings import InventorySettings
from crossdock.workflow import RunEnds, Workplace, check_time
from sync_inventory.flight import in_flight
from sync_inventory.notes import Notes
from sync_inventory.snapshot import Snapshot, read_snapshot


def sync_inventory(work: Workplace) -> None:
    """One pass: settle what an earlier one left open, count, compare, write the differences."""
    settings = work.connection.settings.inventory
    if settings is None:
        raise RunEnds(RunOutcome.OFF, "inventory is off: there is no [settings.inventory]")
    _settle(work)
    snapshot = read_snapshot(work)
    age = work.now() - snapshot.as_of
    if age > timedelta(minutes=settings.longest_age):
        text = f"the warehouse's snapshot is of {snapshot.as_of:%Y-%m-%d %H:%M} UTC: too old to be written from"
        work.tally.trouble("stock", "stale_snapshot", text)
        return
    for location, warehouse in sorted(work.connection.settings.warehouses.items()):
        check_time(work)
        _sync_location(work, settings, snapshot, location, warehouse)


def _sync_location(
    work: Workplace, settings: InventorySettings, snapshot: Snapshot, location: str, warehouse: str
) -> None:
    counted = snapshot.units(warehouse, settings.mode)
    believed: dict[str, Decimal] = {}
    batched: set[str] = set()
    for row in work.dear().availability(location):
        units = row.on_hand if settings.mode == "on_hand" else row.available
        believed[row.sku] = believed.get(row.sku, Decimal(0)) + units
        if row.batch or row.bin:
            batched.add(row.sku)
    difference = compare_stock(
        location,
        counted,
        believed,
        batched=frozenset(batched),
        in_flight=in_flight(work, location, snapshot.as_of),
        complete=snapshot.complete,
        settings=settings,
    )
    _tell(work, difference)
    aside = Notes(work).aside(work.now())
    lines = tuple(line for line in difference.lines if line.sku not in aside)
    for start in range(0, len(lines), settings.max_lines):
        check_time(work)
        _write(work, settings, lines[start : start + settings.max_lines])


def _tell(work: Workplace, difference: StockDifference) -> None:
    work.tally.tell("differences", len(difference.lines))
    for sku in difference.deferred:
        work.tally.trouble(sku, "in_flight", "a shipment of it is being confirmed; the next pass compares it")
    for sku in difference.batched:
        work.tally.trouble(sku, "batched", "DEAR keeps it by batch or bin; a total cannot be written")


def _write(work: Workplace, settings: InventorySettings, lines: tuple[AdjustmentLine, ...]) -> None:
    """Intent, call, result. A line that DEAR refuses is set aside, and the others are written without it."""
    now = work.now()
    adjustment = Adjustment(
        marker=_marker(work.name, now, lines),
        account=settings.account,
        effective_on=now,
        set_on_hand=settings.mode == "on_hand",
        lines=lines,
    )
    notes = Notes(work)
    notes.begin(adjustment.marker)
    try:
        work.dear().adjust_stock(adjustment)
    except Refused as refused:
        notes.end()
        _write_apart(work, settings, lines, refused)
        return
    notes.end()
    work.tally.progress("stock corrected", len(lines))
    for line in lines:
        work.log.info("stock corrected", sku=line.sku, before=str(line.before), after=str(line.quantity), why=line.why)


def _write_apart(
    work: Workplace, settings: InventorySettings, lines: tuple[AdjustmentLine, ...], refused: Refused
) -> None:
    """The lines that the refusal names are set aside; one that names none is halved until the culprit is alone."""
    named = {line.sku for line in lines if search(rf"(?<![\w-]){escape(line.sku)}(?![\w-])", refused.message)}
    if len(lines) == 1 or (named and len(named) < len(lines)):
        culprits = lines if len(lines) == 1 else tuple(line for line in lines if line.sku in named)
        _set_aside(work, culprits, refused)
        parts = [tuple(line for line in lines if line.sku not in named)] if len(lines) > 1 else []
    else:
        middle = len(lines) // 2
        parts = [lines[:middle], lines[middle:]]
    for part in parts:
        check_time(work)
        _write(work, settings, part)


def _set_aside(work: Workplace, lines: tuple[AdjustmentLine, ...], refused: Refused) -> None:
    """Remember SKUs that DEAR refuses; one that already is as it should be is only left out this time."""
    if isinstance(refused, Conflict):
        work.tally.tell("correct already", len(lines))
        return
    for line in lines:
        Notes(work).set_aside(line.sku, work.now())
        work.tally.trouble(line.sku, "stock_refused", str(refused))
        work.tally.tell("stock refused")


def _marker(connection: str, at: datetime, lines: tuple[AdjustmentLine, ...]) -> str:
    """What the adjustment carries as its Reference: unique to this attempt, so that it can be found again."""
    digest = hashlib.sha256("|".join(f"{line.sku}={line.quantity}" for line in lines).encode()).hexdigest()[:8]
    return f"Crossdock {connection} {at:%Y%m%dT%H%M%S%f} {digest}"


def _settle(work: Workplace) -> None:
    """An adjustment whose outcome is not known is looked up before anything is compared.

    Found or not, nothing is sent again: the comparison that follows starts from what DEAR has now.
    """
    notes = Notes(work)
    if marker := notes.begun():
        found = work.dear().find_adjustment(marker)
        work.tally.tell("adjustment found" if found else "adjustment not applied")
        notes.end()
