"""From boxes to DEAR's pick, pack and ship lines, and whether what stands in DEAR agrees with them. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from crossdock.domain.boxes import Box, PackedLine, joined_tracking
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.sale import ShipLine, StageLine


def pick_lines(boxes: Iterable[Box], location: str | None) -> tuple[StageLine, ...]:
    """A pick line per order line, lot and location: the same SKU in two lines stays two.

    `location`: where a box leaves from that names no other.
    """
    totals: dict[tuple[str, str | None, date | None, str | None], PackedLine] = {}
    for box in boxes:
        for packed in box.lines:
            key = (packed.line.line_id, packed.lot, packed.expires_on, box.location or location)
            before = totals.get(key)
            quantity = packed.quantity + (before.quantity if before else 0)
            totals[key] = packed.model_copy(update={"quantity": quantity})
    return tuple(_stage_line(packed, key[3], None) for key, packed in totals.items())


def pack_lines(boxes: Iterable[Box], location: str | None) -> tuple[StageLine, ...]:
    """A pack line per item and box."""
    return tuple(_stage_line(packed, box.location or location, box.name) for box in boxes for packed in box.lines)


def pack_lines_of(picked: Iterable[StageLine], boxes: tuple[Box, ...]) -> tuple[StageLine, ...]:
    """The pack lines for a pick that stands in DEAR: each with the location, batch and expiry that DEAR picked.

    The units are the same, as `unit_differences` has found. What names a lot is served first.
    """
    picks = list(picked)
    left = [line.quantity for line in picks]
    wanted = [(box, packed) for box in boxes for packed in box.lines]
    found: dict[str, list[StageLine]] = {box.name: [] for box in boxes}
    for box, packed in sorted(wanted, key=lambda each: each[1].lot is None):
        missing = packed.quantity
        for at in _fitting(picks, packed):
            units = min(missing, left[at])
            if units > 0:
                left[at] -= units
                missing -= units
                found[box.name].append(picks[at].model_copy(update={"quantity": units, "box": box.name}))
    return tuple(line for lines in found.values() for line in lines)


def _fitting(picks: list[StageLine], packed: PackedLine) -> Iterator[int]:
    """Places of the pick lines that may hold these units, those of the same lot first."""
    same = [at for at, line in enumerate(picks) if line.sku == packed.line.sku]
    yield from sorted(same, key=lambda at: picks[at].batch != packed.lot)


def ship_lines(boxes: Iterable[Box]) -> tuple[ShipLine, ...]:
    """A ship line per box."""
    return tuple(
        ShipLine(
            shipped_on=box.shipped_on,
            carrier=box.carrier,
            boxes=(box.name,),
            tracking_number=box.tracking_number,
            tracking_url=box.tracking_url,
        )
        for box in boxes
    )


def ship_lines_for(
    stands: Iterable[StageLine], boxes: tuple[Box, ...], shipped: Iterable[ShipLine] = ()
) -> tuple[ShipLine, ...]:
    """The ship lines for a pack that stands in DEAR already, in DEAR's own boxes.

    `shipped`: the ship lines that stand as well. Parcels may come in another order by then: a box that has another name
    in DEAR is known by its tracking number, never by its place.
    Raises NeedsPerson when DEAR's boxes cannot be told to be the warehouse's parcels.
    """
    names = tuple(dict.fromkeys(line.box or "" for line in stands))
    lines = ship_lines(boxes)
    known = {name.casefold(): name for name in names}
    own = [known[box.name.casefold()] for box in boxes if box.name.casefold() in known]
    if len(own) == len(lines) == len(names):
        return _in_boxes(lines, own)
    if len(names) == 1:
        numbers = tuple(line.tracking_number for line in lines if line.tracking_number)
        joined = joined_tracking(numbers, names[0] or "without a name")
        return (lines[0].model_copy(update={"boxes": names, "tracking_number": joined}),)
    if standing := tuple(shipped):
        return _by_number(lines, standing)
    if len(names) == len(lines) and not own:
        return _in_boxes(lines, names)
    raise NeedsPerson(
        "boxes_differ",
        f"DEAR has the goods packed in box {', '.join(names)}, the warehouse shipped box "
        f"{', '.join(box.name for box in boxes)}: ship it in DEAR by hand, or undo the pack and release the order",
    )


def _in_boxes(lines: tuple[ShipLine, ...], names: Sequence[str]) -> tuple[ShipLine, ...]:
    return tuple(line.model_copy(update={"boxes": (name,)}) for line, name in zip(lines, names, strict=True))


def _by_number(lines: tuple[ShipLine, ...], standing: tuple[ShipLine, ...]) -> tuple[ShipLine, ...]:
    """Each line in the boxes that have its number in DEAR; where a single one is left on both sides, they are it."""
    free, strange, found = list(standing), [], []
    for line in lines:
        numbers = tracking_numbers([line])
        there = next((each for each in free if numbers and tracking_numbers([each]) == numbers), None)
        if there is None:
            strange.append(line)
        else:
            free.remove(there)
            found.append(line.model_copy(update={"boxes": there.boxes}))
    if len(strange) == len(free) == 1:
        return (*found, strange[0].model_copy(update={"boxes": free[0].boxes}))
    if missing := tracking_numbers(strange) - tracking_numbers(standing):
        raise NeedsPerson(
            "boxes_differ",
            f"the warehouse corrected tracking, and which box in DEAR now has {', '.join(sorted(missing))} cannot be "
            "told: enter it there by hand and release the order",
        )
    return tuple(found)


def tracking_numbers(lines: Iterable[ShipLine]) -> frozenset[str]:
    """Every tracking number of a ship stage, each by itself."""
    joined = ",".join((line.tracking_number or "").replace(";", ",") for line in lines)
    return frozenset(number.strip() for number in joined.split(",") if number.strip())


def tracking_updates(stands: Iterable[ShipLine], should: Iterable[ShipLine]) -> tuple[ShipLine, ...]:
    """Every line of a shipment that stands, with our tracking and carrier; empty where DEAR shows them already.

    What we do not know, DEAR keeps, but for the address of a number that is there no more. Boxes are told apart without
    regard to case.
    """
    ours = {_names(line): line for line in should}
    updated = [(line, _updated(line, ours.get(_names(line)))) for line in stands]
    return tuple(after for _, after in updated) if any(before != after for before, after in updated) else ()


def _updated(line: ShipLine, ours: ShipLine | None) -> ShipLine:
    if ours is None:
        return line
    known = {"tracking_number": ours.tracking_number, "carrier": ours.carrier, "tracking_url": ours.tracking_url}
    changes: dict[str, str | None] = {name: value for name, value in known.items() if value}
    if ours.tracking_number and not tracking_numbers([line]) <= tracking_numbers([ours]):
        changes["tracking_url"] = ours.tracking_url
    return line.model_copy(update=changes)


def _names(line: ShipLine) -> frozenset[str]:
    return frozenset(box.casefold() for box in line.boxes)


def unit_differences(stage: str, stands: Iterable[StageLine], should: Iterable[StageLine]) -> tuple[str, ...]:
    """How what stands in DEAR differs from what shipped, a sentence for each SKU; empty when they agree.

    Lots are compared only where both sides name them: DEAR's own picks carry lots that a warehouse may not send.
    """
    there, ours = list(stands), list(should)
    if not all(line.batch for line in there) or not all(line.batch for line in ours):
        there = [line.model_copy(update={"batch": None}) for line in there]
        ours = [line.model_copy(update={"batch": None}) for line in ours]
    before, after = _units(there), _units(ours)
    none = Decimal(0)
    return tuple(
        f"{sku}{f' of lot {lot}' if lot else ''}: DEAR has {before.get((sku, lot), none)} in its {stage}, "
        f"{after.get((sku, lot), none)} shipped"
        for sku, lot in sorted(before.keys() | after.keys(), key=str)
        if before.get((sku, lot)) != after.get((sku, lot))
    )


def elsewhere(picked: Iterable[StageLine], boxes: Iterable[Box]) -> tuple[str, ...]:
    """What DEAR picked from another location than the goods left from, a sentence for each SKU and location.

    Only where the location is known; a bin, "Main: A1", is at its location.
    """
    left_from: dict[str, set[str]] = {}
    for box in boxes:
        for packed in box.lines:
            if box.location is not None:
                left_from.setdefault(packed.line.sku, set()).add(box.location)
    told = (
        f"{line.sku}: DEAR picked it from {line.location}, it left from {' and '.join(sorted(left_from[line.sku]))}"
        for line in picked
        if line.sku in left_from and line.location and not _at(line.location, left_from[line.sku])
    )
    return tuple(dict.fromkeys(told))


def _at(place: str, locations: set[str]) -> bool:
    return any(place == location or place.startswith(f"{location}: ") for location in locations)


def _units(lines: Iterable[StageLine]) -> dict[tuple[str, str | None], Decimal]:
    """(SKU, batch) to units within one fulfilment's stage, to compare what stands with what should."""
    totals: dict[tuple[str, str | None], Decimal] = {}
    for line in lines:
        key = (line.sku, line.batch)
        totals[key] = totals.get(key, Decimal(0)) + line.quantity
    return totals


def _stage_line(packed: PackedLine, location: str | None, box: str | None) -> StageLine:
    line = packed.line
    return StageLine(
        product_id=line.product_id,
        sku=line.sku,
        name=line.name,
        quantity=packed.quantity,
        location=location,
        batch=packed.lot,
        expires_on=packed.expires_on,
        box=box,
    )
