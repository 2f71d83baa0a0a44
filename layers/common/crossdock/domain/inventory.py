"""Stock on both sides: what the warehouse counted, what DEAR believes, and what is written to make them equal."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from crossdock.domain.model import Record

Count = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]

type LineKey = tuple[str, str | None]
"""A SKU, and the batch where it is kept by batch."""


class StockItem(BaseModel):
    """A row of the warehouse's snapshot (contract part 1, Inventory item)."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    sku: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    warehouse: str | None = None
    lot: Annotated[str, StringConstraints(max_length=200)] | None = None
    expires_on: date | None = None
    on_hand: Count
    available: Count
    as_of: AwareDatetime | None = None


class StockSnapshotPage(Record):
    """A page of the snapshot. `complete` false on any page makes the whole snapshot partial."""

    items: tuple[StockItem, ...]
    as_of: datetime
    complete: bool
    cursor: str | None
    refused: tuple[str, ...] = ()


class AvailabilityRow(Record):
    """A row of DEAR's availability: one product, location, bin and batch (blueprint: Product Availability)."""

    product_id: str
    sku: str
    location: str
    on_hand: Decimal
    allocated: Decimal
    available: Decimal
    bin: str | None = None
    batch: str | None = None
    expires_on: date | None = None


class StockProduct(Record):
    """What DEAR's catalogue says of a product as far as its stock goes (blueprint: Product).

    `price_tiers`: the ten prices, tier 1 first; nought where there is none.
    """

    product_id: str
    sku: str
    stocked: bool = True
    deprecated: bool = False
    costing_method: str = "FIFO"
    average_cost: Decimal = Decimal(0)
    price_tiers: tuple[Decimal, ...] = ()

    @property
    def by_batch(self) -> bool:
        """Whether DEAR tells its stock apart by batch or serial number: every costing method but plain FIFO."""
        return self.costing_method.strip().upper() not in {"", "FIFO"}

    def cost(self, source: str) -> Decimal:
        """The value that a setting `cost_from` names; nought where the product has none."""
        if source == "average_cost":
            return self.average_cost
        number = int(source.rpartition("_")[2])
        return self.price_tiers[number - 1] if number <= len(self.price_tiers) else Decimal(0)


class AdjustmentLine(Record):
    """Set one SKU, or one batch of it, at one location to an absolute quantity, and why."""

    sku: str
    location: str
    quantity: Decimal
    before: Decimal
    unit_cost: Decimal
    why: str
    batch: str | None = None
    expires_on: date | None = None

    @property
    def key(self) -> LineKey:
        return self.sku, self.batch

    @property
    def change(self) -> Decimal:
        return self.quantity - self.before


class Adjustment(Record):
    """A stock adjustment to be written to DEAR (blueprint: Stock Adjustment, POST)."""

    marker: str
    account: str
    effective_on: datetime
    set_on_hand: bool
    lines: tuple[AdjustmentLine, ...]


class Written(Record):
    """A line that was written to DEAR, as its SKU's history keeps it; `marker` is the adjustment's Reference."""

    at: datetime
    location: str
    before: Decimal
    after: Decimal
    why: str
    marker: str
    batch: str | None = None


class Aside(Record):
    """A SKU that DEAR does not take stock of, why, and since when; it is left out for a while."""

    location: str
    sku: str
    code: str
    text: str
    at: datetime
