"""What lies in one place, by SKU and lot: the same shape for the warehouse's count and for DEAR's belief."""

from datetime import date
from decimal import Decimal

from crossdock.domain.model import Record


class Lot(Record):
    """Units of one lot, by the name that it was first told with; without a name, those whose lot nobody told.

    `several_dates`: its units were told with different expiry dates, of which `expires_on` is the soonest.
    """

    name: str | None
    units: Decimal
    expires_on: date | None = None
    several_dates: bool = False


def sku_key(sku: str) -> str:
    """A SKU as it is compared: without regard to case, as DEAR does."""
    return sku.casefold()


def lot_key(lot: str | None) -> str:
    """A lot's name as it is compared: without regard to case and outer blanks, as DEAR does. None is the empty text."""
    return (lot or "").strip().casefold()


class Shelf:
    """Units by SKU and lot. A SKU that was never put there is missing, which is more than zero units of it."""

    def __init__(self) -> None:
        self._lots: dict[str, dict[str, Lot]] = {}

    def put(self, sku: str, units: Decimal, lot: str | None = None, expires_on: date | None = None) -> None:
        """Add units to what lies there; the soonest expiry of a lot counts."""
        lots, key = self._lots.setdefault(sku, {}), lot_key(lot)
        before = lots.get(key)
        name = before.name if before else (lot or "").strip() or None
        days = [day for day in (before.expires_on if before else None, expires_on) if day]
        total = units + (before.units if before else Decimal(0))
        several = before is not None and (before.several_dates or before.expires_on != expires_on)
        lots[key] = Lot(name=name, units=total, expires_on=min(days, default=None), several_dates=several)

    @property
    def skus(self) -> frozenset[str]:
        return frozenset(self._lots)

    def units(self, sku: str) -> Decimal | None:
        """Of all lots; None for a SKU that is missing."""
        lots = self._lots.get(sku)
        return None if lots is None else sum((lot.units for lot in lots.values()), Decimal(0))

    def lots(self, sku: str) -> dict[str, Lot]:
        """Each lot by its key; the empty key holds the units without one."""
        return dict(self._lots.get(sku, {}))

    def names_lots(self, sku: str) -> bool:
        return any(self._lots.get(sku, {}))

    def has_several_dates(self, sku: str) -> bool:
        """Whether one lot of the SKU was told with different expiry dates."""
        return any(lot.several_dates for lot in self._lots.get(sku, {}).values())

    @property
    def is_empty(self) -> bool:
        """Whether there are no units of anything."""
        return not any(lot.units for lots in self._lots.values() for lot in lots.values())
