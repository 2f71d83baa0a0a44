"""Stock: what the warehouse counted, what DEAR believes, and the differences worth writing."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from crossdock.domain.model import Record
from crossdock.domain.settings import InventorySettings

Count = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]


class StockItem(BaseModel):
    """A row of the warehouse's snapshot (contract part 1, Inventory item)."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    sku: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    warehouse: str | None = None
    lot: str | None = None
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


class AdjustmentLine(Record):
    """Set one SKU at one location to an absolute quantity, and why."""

    sku: str
    location: str
    quantity: Decimal
    before: Decimal
    unit_cost: Decimal
    why: str


class Adjustment(Record):
    """A stock adjustment to be written to DEAR (blueprint: Stock Adjustment, POST)."""

    marker: str
    account: str
    effective_on: datetime
    set_on_hand: bool
    lines: tuple[AdjustmentLine, ...]


class InFlight(Record):
    """Units of a SKU that one side has moved and the other has not yet.

    `left_unconfirmed`: shipped before the snapshot, not yet taken off in DEAR.
    `confirmed_since`: taken off in DEAR, but still counted in the snapshot.
    `undelivered`: allocated in DEAR for orders that the warehouse did not know at the snapshot.
    `unsettled`: a write to DEAR that concerns the SKU has no known outcome yet.
    """

    left_unconfirmed: Decimal = Decimal(0)
    confirmed_since: Decimal = Decimal(0)
    undelivered: Decimal = Decimal(0)
    unsettled: bool = False


class StockDifference(Record):
    """What comparing one location found."""

    lines: tuple[AdjustmentLine, ...]
    deferred: tuple[str, ...] = ()
    batched: tuple[str, ...] = ()


def compare_stock(
    location: str,
    counted: dict[str, Decimal],
    believed: dict[str, Decimal],
    *,
    batched: frozenset[str],
    in_flight: dict[str, InFlight],
    settings: InventorySettings,
) -> StockDifference:
    """The lines that make DEAR's quantities of one location equal to the warehouse's count.

    `counted`: SKU to units at the warehouse, of a complete snapshot; `believed`: SKU to units in DEAR. A SKU that is
    missing from either is zero there. `batched`: SKUs that DEAR keeps by batch, for which a total cannot be written.
    """
    lines: list[AdjustmentLine] = []
    deferred: list[str] = []
    skus = set(counted) | set(believed)
    for sku in sorted(skus - batched):
        flight = in_flight.get(sku, InFlight())
        if flight.unsettled:
            deferred.append(sku)
            continue
        before = believed.get(sku, Decimal(0))
        target, why = _target(counted.get(sku), flight, settings)
        if target != before:
            lines.append(
                AdjustmentLine(
                    sku=sku,
                    location=location,
                    quantity=target,
                    before=before,
                    unit_cost=settings.unit_cost,
                    why=why,
                )
            )
    return StockDifference(
        lines=tuple(lines),
        deferred=tuple(deferred),
        batched=tuple(sorted(skus & batched)),
    )


def _target(count: Decimal | None, flight: InFlight, settings: InventorySettings) -> tuple[Decimal, str]:
    counted = count if count is not None else Decimal(0)
    why = [f"the warehouse counted {counted}" if count is not None else "the warehouse has none"]
    if settings.mode == "on_hand":
        target = counted + flight.left_unconfirmed - flight.confirmed_since
        if flight.left_unconfirmed:
            why.append(f"{flight.left_unconfirmed} left and are not yet confirmed in DEAR")
        if flight.confirmed_since:
            why.append(f"{flight.confirmed_since} left after the count")
    else:
        target = counted - flight.undelivered
        if flight.undelivered:
            why.append(f"{flight.undelivered} are ordered and not yet known to the warehouse")
    target = max(target, Decimal(0))
    if target < settings.minimum_level:
        why.append(f"below the minimum level of {settings.minimum_level}")
        target = Decimal(0)
    return target, "; ".join(why)
