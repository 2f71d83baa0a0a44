"""The lines of a stock adjustment as they are sent, checked against what is in stock now."""

from dataclasses import dataclass
from decimal import Decimal

from sandbox.dear import dates, stock
from sandbox.dear.errors import Rejected
from sandbox.dear.fulfilments import body_lines
from sandbox.dear.money import decimal
from sandbox.dear.registers import Place, is_stock, needs_batch, place, product
from sandbox.dear.tenant import Doc, Tenant


@dataclass(frozen=True)
class Change:
    """One line: the quantity it sets, and what was there before."""

    product: Doc
    place: Place
    batch: str | None
    expiry: str | None
    received: str | None
    comments: str
    quantity: Decimal
    unit_cost: Decimal
    on_hand: Decimal
    allocated: Decimal
    sets_on_hand: bool

    @property
    def new_on_hand(self) -> Decimal:
        return self.quantity if self.sets_on_hand else self.quantity + self.allocated

    @property
    def existed(self) -> bool:
        """Whether the row had stock before, which decides where the answer lists the line."""
        return self.on_hand != 0


def changes_of(tenant: Tenant, body: Doc) -> list[Change]:
    """Read the lines of a body; raises on the first that is wrong, doubled or would change nothing."""
    given = body_lines(body)
    if not given:
        raise Rejected("Lines are required")
    changes = [_change(tenant, raw, sets_on_hand=body.get("UpdateOnHand") is True) for raw in given]
    seen: set[tuple[str, str]] = set()
    for change in changes:
        key = (change.product["ID"], stock.row_key(change.place, change.batch))
        if key in seen:
            raise Rejected(f"{_named(change)}: more than one line for the same stock")
        seen.add(key)
        if change.new_on_hand == change.on_hand:
            raise Rejected(f"{_named(change)}: quantity is not changed, there is no need to create Stock Adjustment.")
    return changes


def _change(tenant: Tenant, raw: Doc, *, sets_on_hand: bool) -> Change:
    found = product(tenant, raw)
    what = f"Product '{found['SKU']}'"
    if not is_stock(found):
        raise Rejected(f"{what}: only products of type Stock can be adjusted")
    where = place(tenant, raw.get("Location"), raw.get("LocationID"))
    quantity = decimal(raw.get("Quantity"), f"{what}: Quantity")
    if quantity < 0:
        raise Rejected(f"{what}: Quantity must not be negative")
    batch, expiry = _batch_and_expiry(found, raw, what)
    row = stock.find_row(tenant, found, where, batch)
    return Change(
        product=found,
        place=where,
        batch=batch,
        expiry=expiry,
        received=dates.optional_date(raw.get("ReceivedDate"), "ReceivedDate"),
        comments=raw.get("Comments") or "",
        quantity=quantity,
        unit_cost=decimal(raw.get("UnitCost"), f"{what}: UnitCost"),
        on_hand=Decimal(0) if row is None else decimal(row["on_hand"], "on hand"),
        allocated=stock.allocated_on_row(tenant, found, where, batch),
        sets_on_hand=sets_on_hand,
    )


def _batch_and_expiry(found: Doc, raw: Doc, what: str) -> tuple[str | None, str | None]:
    if not needs_batch(found):
        return None, None
    batch = raw.get("BatchSN") or None
    if batch is None:
        raise Rejected(f"{what}: BatchSN is required for costing method '{found['CostingMethod']}'")
    expiry = dates.optional_date(raw.get("ExpiryDate"), "ExpiryDate")
    if expiry is None and found["CostingMethod"].startswith("FEFO"):
        raise Rejected(f"{what}: ExpiryDate is required for costing method '{found['CostingMethod']}'")
    return batch, expiry


def _named(change: Change) -> str:
    return f"Product '{change.product['SKU']}' in '{change.place.name}'"
