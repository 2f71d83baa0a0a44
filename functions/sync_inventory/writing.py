"""Writing lines to DEAR: intent, call, result and history; a line that DEAR refuses does not stop the others."""

import hashlib
from datetime import datetime, timedelta
from re import escape, search

from crossdock.domain.errors import Conflict, Refused
from crossdock.domain.inventory import Adjustment, AdjustmentLine, Aside, Written
from crossdock.domain.settings import InventorySettings
from crossdock.ports import StockWrite
from crossdock.stocktaking.comparing import Compared
from crossdock.stocktaking.flight import in_flight
from crossdock.stocktaking.snapshot import is_fresh
from crossdock.workflow import Workplace, check_time
from sync_inventory.approving import Approvals, use_up

LONGEST_WHY = 120
"""Letters of a line's reason in the intent: all lines of an adjustment are one item."""

COMPARED_FOR = timedelta(seconds=90)
"""So long a comparison is written from: what is confirmed meanwhile would be overwritten by its absolute figures."""

type Lines = tuple[AdjustmentLine, ...]


class Writing:
    """Adjustments of one place, from one comparison."""

    def __init__(self, work: Workplace, settings: InventorySettings, approvals: Approvals, compared: Compared) -> None:
        self._work, self._settings, self._approvals, self._compared = work, settings, approvals, compared

    def write(self, lines: Lines) -> None:
        """One adjustment. The snapshot's age is looked at each time: a pass of many writes may outlast it."""
        work, settings = self._work, self._settings
        if not lines or not is_fresh(work, settings, self._approvals.counted_at):
            return
        work.dear().hold_call()
        lines = self._approvals.still_let_through(self._unmoved(lines))
        now = work.now()
        if not lines:
            return
        marker = _marker(work.name, now, lines)
        adjustment = Adjustment(
            marker=marker,
            account=settings.account,
            effective_on=now,
            set_on_hand=settings.mode == "on_hand",
            lines=lines,
        )
        work.checkpoints.stock.begin(work.name, StockWrite(marker=marker, lines=_as_written(lines, marker, now)))
        try:
            work.dear().adjust_stock(adjustment)
        except Refused as refused:
            work.checkpoints.stock.end(work.name)
            self._write_apart(lines, refused)
            return
        _remember(work, StockWrite(marker=marker, lines=_as_written(lines, marker, now)))
        # Before the end: of a pass that dies in between, `settle` uses up the approvals that are left.
        self._approvals.written(lines)
        work.checkpoints.stock.end(work.name)
        work.tally.progress("stock corrected", len(lines))
        for line in lines:
            _log(work, line)

    def _unmoved(self, lines: Lines) -> Lines:
        """Those of which nothing began to move, or arrived, since they were compared; the others wait for a pass."""
        work, compared = self._work, self._compared
        unmoved: Lines = ()
        if work.now() - compared.read_at <= COMPARED_FOR:
            now = in_flight(work, compared.place.location, self._approvals.counted_at)
            unmoved = tuple(line for line in lines if now.of(line.sku) == compared.flights.of(line.sku))
        else:
            text = (
                "DEAR's figures were read too long ago to write what is left of the lines: the next pass compares again"
            )
            work.tally.trouble(compared.place.location, "compared_too_long_ago", text)
        if left := len(lines) - len(unmoved):
            work.tally.tell("left for the next pass", left)
        return unmoved

    def _write_apart(self, lines: Lines, refused: Refused) -> None:
        """The lines that the refusal names are set aside; one that names none is halved until the culprit is alone."""
        named = {line.sku for line in lines if search(rf"(?<![\w-]){escape(line.sku)}(?![\w-])", refused.message)}
        others = tuple(line for line in lines if line.sku not in named)
        if len(lines) == 1 or (named and others):
            self._set_aside(lines if len(lines) == 1 else tuple(line for line in lines if line.sku in named), refused)
            parts = [others] if len(lines) > 1 else []
        else:
            middle = len(lines) // 2
            parts = [lines[:middle], lines[middle:]]
        for part in parts:
            check_time(self._work)
            self.write(part)

    def _set_aside(self, lines: Lines, refused: Refused) -> None:
        """Remember SKUs that DEAR refuses; one that already is as it should be is only left out this time."""
        if isinstance(refused, Conflict):
            self._work.tally.tell("correct already", len(lines))
            return
        for line in lines:
            aside = Aside(
                location=line.location, sku=line.sku, code="stock_refused", text=str(refused), at=self._work.now()
            )
            self._work.checkpoints.stock.set_aside(self._work.name, aside)
            self._work.tally.trouble(line.sku, aside.code, aside.text)
            self._work.tally.tell("stock refused")


def settle(work: Workplace) -> None:
    """An adjustment whose outcome is not known is looked up before anything is compared.

    Found or not, nothing is sent again: the comparison that follows starts from what DEAR has now.
    """
    begun = work.checkpoints.stock.begun(work.name)
    if begun is None:
        return
    found = work.dear().find_adjustment(begun.marker)
    work.tally.tell("adjustment found" if found else "adjustment not applied")
    if found:
        _remember(work, begun)
        use_up(work, begun)
    work.checkpoints.stock.end(work.name)


def _remember(work: Workplace, write: StockWrite) -> None:
    for sku, written in write.lines:
        work.checkpoints.stock.add_history(work.name, sku, written)


def _as_written(lines: Lines, marker: str, at: datetime) -> tuple[tuple[str, Written], ...]:
    return tuple(
        (
            line.sku,
            Written(
                at=at,
                location=line.location,
                batch=line.batch,
                before=line.before,
                after=line.quantity,
                why=line.why[:LONGEST_WHY],
                marker=marker,
            ),
        )
        for line in lines
    )


def _marker(connection: str, at: datetime, lines: Lines) -> str:
    """What the adjustment carries as its Reference: unique to this attempt, so that it can be found again."""
    told = "|".join(f"{line.sku}={line.quantity}" for line in lines)
    digest = hashlib.sha256(told.encode()).hexdigest()[:8]
    return f"Crossdock {connection} {at:%Y%m%dT%H%M%S%f} {digest}"


def _log(work: Workplace, line: AdjustmentLine) -> None:
    facts = {"sku": line.sku, "batch": line.batch, "before": str(line.before), "after": str(line.quantity)}
    work.log.info("stock corrected", **facts, why=line.why)
