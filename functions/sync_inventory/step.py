"""Make DEAR's stock equal to what the warehouse counted: only differences, each adjustment at most once."""

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal
from re import escape, search

from crossdock.collecting import collect
from crossdock.domain.errors import Conflict, Refused
from crossdock.domain.inventory import Adjustment, AdjustmentLine, StockDifference, compare_stock
from crossdock.domain.report import RunOutcome
from crossdock.domain.settings import InventorySettings
from crossdock.workflow import RunEnds, Workplace, check_time
from sync_inventory.flight import in_flight, unread_picked_sale
from sync_inventory.notes import Notes
from sync_inventory.snapshot import Snapshot, read_snapshot

INDEX_LAG_SECONDS = 2.0
"""The list of open orders is an index: it follows what was just stored a little later."""

CLOCKS_APART = timedelta(minutes=5)
"""So far a snapshot may be ahead of our clock."""


def sync_inventory(work: Workplace) -> None:
    """One pass: settle what an earlier one left open, count, compare, write the differences."""
    settings = work.connection.settings.inventory
    if settings is None:
        raise RunEnds(RunOutcome.OFF, "inventory is off: there is no [settings.inventory]")
    _settle(work)
    snapshot = read_snapshot(work)
    if not snapshot.complete:
        work.tally.trouble(
            "stock", "partial_snapshot", "the warehouse's snapshot is partial: nothing is written from it"
        )
        return
    if not _fresh(work, settings, snapshot.as_of):
        return
    # What left before the count must be known, or DEAR would take it off a second time with the confirmation.
    if not collect(work):
        text = "not every shipment of the warehouse could be read and stored: no stock is written"
        work.tally.trouble("stock", "shipments_unread", text)
        return
    if work.tally.counts["collected"]:
        work.clock.sleep(INDEX_LAG_SECONDS)
    for location, warehouse in sorted(work.connection.settings.warehouses.items()):
        check_time(work)
        _sync_location(work, settings, snapshot, location, warehouse)


def _fresh(work: Workplace, settings: InventorySettings, as_of: datetime) -> bool:
    """Whether a snapshot of this moment may be written from; if not, it is told."""
    age = work.now() - as_of
    if -CLOCKS_APART <= age <= timedelta(minutes=settings.longest_age):
        return True
    what = "too old" if age > timedelta() else "too far in the future"
    text = f"the warehouse's snapshot is of {as_of:%Y-%m-%d %H:%M} UTC: {what} to be written from"
    work.tally.trouble("stock", "stale_snapshot", text)
    return False


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
    if not counted and any(believed.values()):
        text = f"the snapshot has no item of {warehouse!r}: a wrong code would empty {location}; nothing is written"
        work.tally.trouble(location, "warehouse_not_in_snapshot", text)
        return
    difference = compare_stock(
        location,
        counted,
        believed,
        batched=frozenset(batched),
        in_flight=in_flight(work, location, snapshot.as_of),
        settings=settings,
    )
    _tell(work, difference)
    aside = Notes(work).aside(work.now())
    lines = _certain(work, tuple(line for line in difference.lines if line.sku not in aside))
    for start in range(0, len(lines), settings.max_lines):
        check_time(work)
        _write(work, settings, snapshot.as_of, lines[start : start + settings.max_lines])


def _certain(work: Workplace, lines: tuple[AdjustmentLine, ...]) -> tuple[AdjustmentLine, ...]:
    """The lines that a sale with lines unknown to us does not make doubtful: it can only have lowered DEAR's stock."""
    sale = unread_picked_sale(work) if lines else None
    if sale is None:
        return lines
    for line in lines:
        if line.quantity > line.before:
            text = f"DEAR has picked sale {sale}, whose lines are not known here: stock is not raised until they are"
            work.tally.trouble(line.sku, "unread_picked_sale", text)
    return tuple(line for line in lines if line.quantity < line.before)


def _tell(work: Workplace, difference: StockDifference) -> None:
    work.tally.tell("differences", len(difference.lines))
    for sku in difference.deferred:
        work.tally.trouble(sku, "in_flight", "an order of it is being confirmed or withdrawn; it is compared after")
    for sku in difference.batched:
        work.tally.trouble(sku, "batched", "DEAR keeps it by batch or bin; a total cannot be written")


def _write(work: Workplace, settings: InventorySettings, as_of: datetime, lines: tuple[AdjustmentLine, ...]) -> None:
    """Intent, call, result. A line that DEAR refuses is set aside, and the others are written without it.

    The snapshot's age is looked at each time: a pass of many writes may outlast it.
    """
    if not _fresh(work, settings, as_of):
        return
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
        _write_apart(work, settings, as_of, lines, refused)
        return
    notes.end()
    work.tally.progress("stock corrected", len(lines))
    for line in lines:
        work.log.info("stock corrected", sku=line.sku, before=str(line.before), after=str(line.quantity), why=line.why)


def _write_apart(
    work: Workplace, settings: InventorySettings, as_of: datetime, lines: tuple[AdjustmentLine, ...], refused: Refused
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
        _write(work, settings, as_of, part)


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
