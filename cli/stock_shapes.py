"""What `crossdock inventory ... --json` prints; documented in docs/cli.md as all of `cli.shapes` is."""

from datetime import datetime
from decimal import Decimal

from crossdock.domain.model import Record
from crossdock.domain.proposals import ProposalStatus
from crossdock.domain.report import Problem


class ProposalShown(Record):
    """A change of stock that waits for a person, or was decided by one."""

    connection: str
    location: str
    sku: str
    batch: str | None
    before: Decimal
    after: Decimal
    why: str
    waits_because: str
    counted_at: datetime
    status: ProposalStatus
    seen_at: datetime
    decided_at: datetime | None


class AsideShown(Record):
    """A SKU that DEAR does not take stock of."""

    connection: str
    location: str
    sku: str
    code: str
    text: str
    at: datetime


class WrittenShown(Record):
    """A line that was written to DEAR; `marker` is the adjustment's Reference there."""

    connection: str
    at: datetime
    location: str
    before: Decimal
    after: Decimal
    why: str
    marker: str
    batch: str | None


class Inventory(Record):
    """`crossdock inventory show`. `history` belongs to the SKU `history_of`."""

    proposals: tuple[ProposalShown, ...]
    set_aside: tuple[AsideShown, ...]
    history_of: str | None
    history: tuple[WrittenShown, ...]


class InventoryDecided(Record):
    """`crossdock inventory approve` and `reject`. `changed_meanwhile`: left as they were by another's change."""

    decided: tuple[ProposalShown, ...]
    changed_meanwhile: tuple[ProposalShown, ...]


class StockLine(Record):
    """A difference of stock, and what the next pass would do with it: `written`, `waits` or `left_out`."""

    location: str
    sku: str
    batch: str | None
    before: Decimal
    after: Decimal
    why: str
    outcome: str
    because: str | None


class ComparedStock(Record):
    """What comparing the stock of a connection found."""

    connection: str
    counted_at: datetime | None = None
    writes_nothing_because: str | None = None
    lines: tuple[StockLine, ...] = ()
    problems: tuple[Problem, ...] = ()
    dear_calls: int = 0


class InventoryPreview(Record):
    """`crossdock inventory preview`."""

    connections: tuple[ComparedStock, ...]
    dear_calls: int


class AliasShown(Record):
    """A product's two names."""

    connection: str
    dear_sku: str
    warehouse_sku: str


class AliasesShown(Record):
    """`crossdock inventory aliases`."""

    aliases: tuple[AliasShown, ...]
