"""How an order's units are put into parcels: the same order always gives the same parcels."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

FITS_ONE_PARCEL = 8
FITS_TWO_PARCELS = 24
LINES_FOR_ONE_PARCEL = 3


@dataclass(frozen=True)
class Portion:
    """Units of one order line."""

    line_id: str
    quantity: Decimal


def planned(portions: Sequence[Portion]) -> list[list[Portion]]:
    """Spread the portions over one to three parcels; every unit is in exactly one of them.

    Many units, or more than three lines, take more parcels; a line of whole units is split where a parcel is
    full. A fractional quantity (metres, kilograms) is never split.
    """
    count = _parcel_count(portions)
    capacity = Decimal(ceil(_units(portions) / count))
    parcels: list[list[Portion]] = [[]]
    room = capacity
    for portion in portions:
        left = portion.quantity
        while left > 0:
            is_last = len(parcels) == count
            if room < 1 and not is_last:
                parcels.append([])
                room = capacity
                continue
            piece = left if is_last or _is_fractional(left) else min(left, room // 1)
            parcels[-1].append(Portion(portion.line_id, piece))
            left -= piece
            room -= piece
    return parcels


def _parcel_count(portions: Sequence[Portion]) -> int:
    if _units(portions) <= FITS_ONE_PARCEL and len(portions) <= LINES_FOR_ONE_PARCEL:
        return 1
    return 2 if _units(portions) <= FITS_TWO_PARCELS else 3


def _units(portions: Sequence[Portion]) -> Decimal:
    return sum((portion.quantity for portion in portions), Decimal(0))


def _is_fractional(quantity: Decimal) -> bool:
    return quantity % 1 != 0
