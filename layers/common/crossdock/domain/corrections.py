"""What a warehouse's correction changes: goods, which DEAR cannot take back once confirmed, or tracking. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from crossdock.domain.shipment import Parcel, Shipment


def goods_differences(before: Shipment, after: Shipment) -> tuple[str, ...]:
    """How what left, where from and when differs, a sentence each; empty where at most the tracking does."""
    old = {parcel.parcel_id: parcel for parcel in before.parcels}
    new = {parcel.parcel_id: parcel for parcel in after.parcels}
    told: list[str] = []
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            told.append(f"parcel {name} is withdrawn, with {_content(old[name])}")
        elif name not in old:
            told.append(f"parcel {name} is new, with {_content(new[name])}")
        else:
            told += _line_differences(old[name], new[name])
    # The same moment in another offset, as of daylight saving, may have another date.
    if before.shipped_at != after.shipped_at and before.shipped_at.date() != after.shipped_at.date():
        told.append(f"it left on {after.shipped_at:%Y-%m-%d}, not on {before.shipped_at:%Y-%m-%d}")
    if before.warehouse != after.warehouse:
        told.append(f"it left from {after.warehouse or 'the usual place'}, not from {before.warehouse or 'there'}")
    return tuple(told)


def tracking_differs(before: Shipment, after: Shipment) -> bool:
    """Whether a parcel has another tracking number, address or carrier."""
    old = {parcel.parcel_id: _tracking(parcel) for parcel in before.parcels}
    return any(old.get(parcel.parcel_id) != _tracking(parcel) for parcel in after.parcels)


def _tracking(parcel: Parcel) -> tuple[str | None, ...]:
    return parcel.carrier, parcel.tracking_number, parcel.tracking_url


def _line_differences(was: Parcel, now: Parcel) -> Iterator[str]:
    before, after = _units(was), _units(now)
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            sku, what = key[1], f" ({key[2]})" if key[2] else ""
            none = Decimal(0)
            yield f"parcel {was.parcel_id}: {before.get(key, none)} of {sku}{what} became {after.get(key, none)}"


def _units(parcel: Parcel) -> dict[tuple[str | None, str, str], Decimal]:
    """(line, SKU, lot, expiry and serials in words) to units."""
    totals: dict[tuple[str | None, str, str], Decimal] = {}
    for line in parcel.lines:
        marks = [line.lot and f"lot {line.lot}", line.expires_on and f"expiry {line.expires_on}"]
        marks += [f"serial {serial}" for serial in sorted(line.serials)]
        key = (line.line_id, line.sku, ", ".join(mark for mark in marks if mark))
        totals[key] = totals.get(key, Decimal(0)) + line.quantity
    return totals


def _content(parcel: Parcel) -> str:
    return " and ".join(f"{line.quantity} of {line.sku}" for line in parcel.lines)
