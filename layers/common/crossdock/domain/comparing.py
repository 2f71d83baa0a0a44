"""Comparing the warehouse's count of one place with what DEAR believes: the lines that make the two equal."""

from decimal import Decimal

from crossdock.domain.flights import Flights, InFlight
from crossdock.domain.inventory import AdjustmentLine
from crossdock.domain.model import Record
from crossdock.domain.settings import InventorySettings
from crossdock.domain.shelf import Lot, Shelf

NOUGHT = Decimal(0)


class StockDifference(Record):
    """What comparing one place found; SKUs that are named beside `lines` were not compared.

    `deferred`: what is in flight of it is not known for certain yet; `batched`: DEAR keeps it by batch, and the
    warehouse names no lots; `binned`: it lies in bins in DEAR; `several_dates`: DEAR has one batch of it under several
    expiry dates, each with its own quantity, and a count of the batch does not say how it divides.
    """

    lines: tuple[AdjustmentLine, ...]
    deferred: tuple[str, ...] = ()
    batched: tuple[str, ...] = ()
    binned: tuple[str, ...] = ()
    several_dates: tuple[str, ...] = ()

    @property
    def left_out(self) -> frozenset[str]:
        return frozenset((*self.deferred, *self.batched, *self.binned, *self.several_dates))


def compare_stock(
    location: str,
    counted: Shelf,
    believed: Shelf,
    *,
    in_flight: Flights,
    settings: InventorySettings,
    in_bins: frozenset[str] = frozenset(),
    by_batch: frozenset[str] = frozenset(),
) -> StockDifference:
    """The lines that make DEAR's quantities of one location equal to the warehouse's complete count.

    A SKU or lot that is missing from either side is zero there. `in_bins`: SKUs that DEAR has in bins; `by_batch`:
    SKUs that DEAR keeps by batch though it has no stock of them that would show it.
    """
    comparison = _Comparison(location, counted, believed, in_flight, settings)
    binned = (counted.skus | believed.skus) & in_bins
    for sku in sorted((counted.skus | believed.skus) - in_bins):
        if in_flight.of(sku).unsettled:
            comparison.deferred.append(sku)
        elif believed.has_several_dates(sku):
            comparison.several_dates.append(sku)
        elif believed.names_lots(sku) or sku in by_batch:
            comparison.by_lot(sku)
        else:
            comparison.in_total(sku)
    return StockDifference(
        lines=tuple(comparison.lines),
        deferred=tuple(comparison.deferred),
        batched=tuple(comparison.batched),
        binned=tuple(sorted(binned)),
        several_dates=tuple(comparison.several_dates),
    )


class _Comparison:
    """The comparison of one place while it goes through its SKUs."""

    def __init__(
        self, location: str, counted: Shelf, believed: Shelf, in_flight: Flights, settings: InventorySettings
    ) -> None:
        self._location, self._counted, self._believed = location, counted, believed
        self._in_flight, self._settings = in_flight, settings
        self.lines: list[AdjustmentLine] = []
        self.deferred: list[str] = []
        self.batched: list[str] = []
        self.several_dates: list[str] = []

    def in_total(self, sku: str) -> None:
        """Compare a SKU whose units are all alike."""
        before = self._believed.units(sku) or NOUGHT
        target, why = _target(self._counted.units(sku), self._in_flight.of(sku), self._settings)
        if NOUGHT < target < self._settings.minimum_level:
            target, why = NOUGHT, f"{why}; {_below(self._settings)}"
        self._set(sku, before, target, why)

    def by_lot(self, sku: str) -> None:
        """Compare a SKU lot by lot, where both sides tell the lots of all its units."""
        counted, believed = self._counted.lots(sku), self._believed.lots(sku)
        loose = [lots.pop("", None) for lots in (counted, believed)]
        if any(lot and lot.units for lot in loose):
            self.batched.append(sku)
            return
        if not self._in_flight.lots_known(sku):
            self.deferred.append(sku)
            return
        targets = {
            key: _target(
                counted[key].units if key in counted else None, self._in_flight.of_lot(sku, key), self._settings
            )
            for key in sorted(counted.keys() | believed.keys())
        }
        low = NOUGHT < sum((target for target, _ in targets.values()), NOUGHT) < self._settings.minimum_level
        for key, (target, why) in targets.items():
            before = believed[key].units if key in believed else NOUGHT
            lot = believed.get(key) or counted[key]
            expires_on = lot.expires_on or (counted[key].expires_on if key in counted else None)
            told = Lot(name=lot.name, units=before, expires_on=expires_on)
            self._set(sku, before, NOUGHT if low else target, f"{why}; {_below(self._settings)}" if low else why, told)

    def _set(self, sku: str, before: Decimal, target: Decimal, why: str, lot: Lot | None = None) -> None:
        if target == before:
            return
        self.lines.append(
            AdjustmentLine(
                sku=sku,
                location=self._location,
                quantity=target,
                before=before,
                unit_cost=self._settings.unit_cost,
                why=why,
                batch=lot.name if lot else None,
                expires_on=lot.expires_on if lot else None,
            )
        )


def _target(count: Decimal | None, flight: InFlight, settings: InventorySettings) -> tuple[Decimal, str]:
    counted = count if count is not None else NOUGHT
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
    return max(target, NOUGHT), "; ".join(why)


def _below(settings: InventorySettings) -> str:
    return f"below the minimum level of {settings.minimum_level}"
