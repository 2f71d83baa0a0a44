"""Large changes of stock are proposals: they wait for a person, who approves or rejects what was shown."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from crossdock.domain.inventory import AdjustmentLine, LineKey
from crossdock.domain.model import Record
from crossdock.domain.settings import InventorySettings
from crossdock.domain.shelf import Shelf

FEWEST_LOWERED = 20
"""Fewer SKUs than these, lowered in one pass, are no sign of a bad snapshot however large their share."""


APPROVED_FOR = timedelta(hours=24)
"""So long an approval holds: what differs later is another difference, though it may look the same."""


class ProposalStatus(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    CLOSED = "closed"


class Cause(StrEnum):
    """Which limit a line exceeds."""

    UNITS = "units"
    PERCENT = "percent"
    SHARE = "share"


class Wait(NamedTuple):
    """Why a line is not written without a person: the limit, and a sentence."""

    cause: Cause
    told: str


class Proposal(Record):
    """A line that waits for a person, or was decided by one. Every change goes through a method and adds a version."""

    connection: str
    location: str
    sku: str
    batch: str | None = None
    before: Decimal
    after: Decimal
    why: str
    cause: Cause
    waits_because: str
    counted_at: datetime
    seen_at: datetime
    status: ProposalStatus = ProposalStatus.OPEN
    decided_at: datetime | None = None
    version: int = 1

    @property
    def key(self) -> LineKey:
        return self.sku, self.batch

    @property
    def change(self) -> Decimal:
        return self.after - self.before

    @property
    def stands(self) -> bool:
        return self.status is not ProposalStatus.CLOSED

    def allows(self, line: AdjustmentLine, now: datetime) -> bool:
        """Whether a person approved this line lately: the direction that was shown, no more, and not past its end."""
        if self.status is not ProposalStatus.APPROVED or self.decided_at is None:
            return False
        if now - self.decided_at > APPROVED_FOR or not _same_way(self.change, line.change):
            return False
        past = line.quantity < self.after if self.change < 0 else line.quantity > self.after
        return abs(line.change) <= abs(self.change) and not past

    def refuses(self, line: AdjustmentLine) -> bool:
        """Whether a person rejected just this change."""
        return self.status is ProposalStatus.REJECTED and line.change == self.change

    def turned(self, status: ProposalStatus, at: datetime) -> "Proposal":
        return self.model_copy(update={"status": status, "decided_at": at, "version": self.version + 1})

    def shows(self, line: AdjustmentLine) -> bool:
        """Whether it is open for just this line."""
        same = (self.before, self.after) == (line.before, line.quantity)
        return self.status is ProposalStatus.OPEN and same


class Gate(NamedTuple):
    """What becomes of the lines of a place. `rejected` stay unwritten and are not shown again."""

    written: tuple[AdjustmentLine, ...]
    waiting: tuple[tuple[AdjustmentLine, Wait], ...]
    rejected: tuple[AdjustmentLine, ...]


def gate(
    lines: Iterable[AdjustmentLine],
    standing: Mapping[LineKey, Proposal],
    settings: InventorySettings,
    brake: Wait | None,
    now: datetime,
) -> Gate:
    """Sort the lines by what a person has said, then by the limits. `brake`: why every line of the place waits."""
    written: list[AdjustmentLine] = []
    waiting: list[tuple[AdjustmentLine, Wait]] = []
    rejected: list[AdjustmentLine] = []
    for line in lines:
        proposal = standing.get(line.key)
        if proposal and proposal.refuses(line):
            rejected.append(line)
        elif proposal and proposal.allows(line, now):
            written.append(line)
        elif wait := brake or _waits(line, settings) or _still_waits(proposal, line, settings):
            waiting.append((line, wait))
        else:
            written.append(line)
    return Gate(tuple(written), tuple(waiting), tuple(rejected))


def brake_of(lines: Iterable[AdjustmentLine], believed: Shelf, settings: InventorySettings) -> Wait | None:
    """Why every line of a place waits: so many of its SKUs would be lowered at once that the count may be wrong."""
    change: dict[str, Decimal] = {}
    for line in lines:
        change[line.sku] = change.get(line.sku, Decimal(0)) + line.change
    lowered = sum(1 for units in change.values() if units < 0)
    stocked = sum(1 for sku in believed.skus if (believed.units(sku) or 0) > 0)
    if lowered < FEWEST_LOWERED or lowered <= stocked * settings.approve_above_share:
        return None
    return Wait(Cause.SHARE, f"{lowered} of the {stocked} SKUs in stock would be lowered at once")


def proposed(
    connection: str, line: AdjustmentLine, wait: Wait, before: Proposal | None, counted_at: datetime, now: datetime
) -> Proposal:
    """The open proposal of a line, as the next version of what stands or stood there."""
    return Proposal(
        connection=connection,
        location=line.location,
        sku=line.sku,
        batch=line.batch,
        before=line.before,
        after=line.quantity,
        why=line.why,
        cause=wait.cause,
        waits_because=wait.told,
        counted_at=counted_at,
        seen_at=before.seen_at if before and before.stands else now,
        version=before.version + 1 if before else 1,
    )


def _waits(line: AdjustmentLine, settings: InventorySettings) -> Wait | None:
    size = abs(line.change)
    units, percent = settings.approve_above_units, settings.approve_above_percent
    if units is not None and size > units:
        return Wait(Cause.UNITS, f"a change by {size} units is above {units}")
    if percent is not None and line.before > 0 and size * 100 > line.before * percent:
        return Wait(Cause.PERCENT, f"a change by {size * 100 / line.before:.0f} percent is above {percent}")
    return None


def _still_waits(proposal: Proposal | None, line: AdjustmentLine, settings: InventorySettings) -> Wait | None:
    """What a bad count put off is not written as the others of its list are decided: only a person ends that."""
    undecided = {ProposalStatus.OPEN, ProposalStatus.APPROVED}  # An approval that allows the line was heeded before.
    if proposal is None or proposal.status not in undecided or proposal.cause is not Cause.SHARE:
        return None
    if settings.approve_above_share == 1 or not _same_way(proposal.change, line.change):
        return None
    return Wait(Cause.SHARE, proposal.waits_because)


def _same_way(one: Decimal, other: Decimal) -> bool:
    return (one > 0) == (other > 0)
