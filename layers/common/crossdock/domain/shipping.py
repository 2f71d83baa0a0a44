"""From the warehouse's shipments to DEAR's pick, pack and ship lines, and whether what stands in DEAR agrees. Pure."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.model import Record
from crossdock.domain.order import Order, OrderLine
from crossdock.domain.sale import ShipLine, StageLine
from crossdock.domain.shipment import ParcelLine, Shipment


class PackedLine(Record):
    """So many of one order line in one box."""

    line: OrderLine
    quantity: Decimal
    lot: str | None
    expires_on: date | None


class Box(Record):
    """A parcel as DEAR will know it: `name` is unique within the order and free of commas."""

    name: str
    shipped_on: date
    carrier: str | None
    tracking_number: str | None
    tracking_url: str | None
    lines: tuple[PackedLine, ...]


def boxes_of(order: Order, shipments: Iterable[Shipment], carriers: dict[str, str]) -> tuple[Box, ...]:
    """The boxes of an order. Raises NeedsPerson for goods that were not ordered, or more of them than were.

    `carriers`: the warehouse's carrier to DEAR's name; one that is not in it goes through as it is.
    """
    left = {line.line_id: line.quantity for line in order.content.lines}
    boxes: list[Box] = []
    for shipment in sorted(shipments, key=lambda each: (each.shipped_at, each.id)):
        for parcel in shipment.parcels:
            lines = tuple(packed for line in parcel.lines for packed in _packed(order, line, left))
            carrier = carriers.get(parcel.carrier or "", parcel.carrier)
            name = parcel.parcel_id.replace(",", "-")
            taken = {box.name for box in boxes}
            boxes.append(
                Box(
                    name=f"{shipment.id.replace(',', '-')} {name}" if name in taken else name,
                    shipped_on=shipment.shipped_at.date(),
                    carrier=carrier,
                    tracking_number=parcel.tracking_number,
                    tracking_url=parcel.tracking_url,
                    lines=lines,
                )
            )
    return tuple(boxes)


def _packed(order: Order, shipped: ParcelLine, left: dict[str, Decimal]) -> list[PackedLine]:
    """Find the order line, by its id or else by its SKU, and take the units off what is left of it."""
    by_id = [line for line in order.content.lines if line.line_id == shipped.line_id]
    lines = by_id or ([] if shipped.line_id else [line for line in order.content.lines if line.sku == shipped.sku])
    if not lines or any(line.sku != shipped.sku for line in lines):
        raise NeedsPerson(
            "not_ordered",
            f"the warehouse shipped {shipped.quantity} of {shipped.sku}, which {order.content.order_number} "
            f"does not have{f' in line {shipped.line_id}' if shipped.line_id else ''}",
        )
    packed: list[PackedLine] = []
    wanted = shipped.quantity
    for line in lines:
        units = min(wanted, left[line.line_id])
        if units > 0:
            left[line.line_id] -= units
            wanted -= units
            lot, expires_on = shipped.lot or line.lot, shipped.expires_on or line.expires_on
            packed.append(PackedLine(line=line, quantity=units, lot=lot, expires_on=expires_on))
    if wanted > 0:
        raise NeedsPerson(
            "shipped_more_than_ordered",
            f"the warehouse shipped {wanted} more of {shipped.sku} than {order.content.order_number} has",
        )
    return packed


def shipped_units(order: Order, shipments: Iterable[Shipment]) -> dict[str, Decimal]:
    """line_id to units that left."""
    totals: dict[str, Decimal] = {}
    for box in boxes_of(order, shipments, {}):
        for packed in box.lines:
            totals[packed.line.line_id] = totals.get(packed.line.line_id, Decimal(0)) + packed.quantity
    return totals


def pick_lines(boxes: Iterable[Box], location: str | None) -> tuple[StageLine, ...]:
    """A pick line per order line and lot: the same SKU in two lines stays two."""
    totals: dict[tuple[str, str | None, date | None], PackedLine] = {}
    for box in boxes:
        for packed in box.lines:
            key = (packed.line.line_id, packed.lot, packed.expires_on)
            before = totals.get(key)
            quantity = packed.quantity + (before.quantity if before else 0)
            totals[key] = packed.model_copy(update={"quantity": quantity})
    return tuple(_stage_line(packed, location, None) for packed in totals.values())


def pack_lines(boxes: Iterable[Box], location: str | None) -> tuple[StageLine, ...]:
    """A pack line per item and box."""
    return tuple(_stage_line(packed, location, box.name) for box in boxes for packed in box.lines)


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


def units_by_sku(lines: Iterable[StageLine]) -> dict[tuple[str, str | None], Decimal]:
    """(SKU, batch) to units within one fulfilment's stage, to compare what stands with what should."""
    totals: dict[tuple[str, str | None], Decimal] = {}
    for line in lines:
        key = (line.sku, line.batch)
        totals[key] = totals.get(key, Decimal(0)) + line.quantity
    return totals


def unit_differences(stage: str, stands: Iterable[StageLine], should: Iterable[StageLine]) -> tuple[str, ...]:
    """How what stands in DEAR differs from what shipped, a sentence for each SKU; empty when they agree.

    Lots are compared only where both sides name them: DEAR's own picks carry lots that a warehouse may not send.
    """
    there, ours = list(stands), list(should)
    if not all(line.batch for line in there) or not all(line.batch for line in ours):
        there = [line.model_copy(update={"batch": None}) for line in there]
        ours = [line.model_copy(update={"batch": None}) for line in ours]
    before, after = units_by_sku(there), units_by_sku(ours)
    none = Decimal(0)
    return tuple(
        f"{sku}: DEAR has {before.get((sku, lot), none)} in its {stage}, {after.get((sku, lot), none)} shipped"
        for sku, lot in sorted(before.keys() | after.keys(), key=str)
        if before.get((sku, lot)) != after.get((sku, lot))
    )


def ship_lines_for(stands: Iterable[StageLine], boxes: tuple[Box, ...]) -> tuple[ShipLine, ...]:
    """The ship lines for a pack that stands in DEAR already, in DEAR's own boxes.

    Raises NeedsPerson when DEAR's boxes cannot be told to be the warehouse's parcels.
    """
    names = tuple(dict.fromkeys(line.box or "" for line in stands))
    lines = ship_lines(boxes)
    if set(names) == {box.name for box in boxes}:
        return lines
    if len(names) == len(lines):
        return tuple(line.model_copy(update={"boxes": (name,)}) for line, name in zip(lines, names, strict=True))
    if len(names) == 1:
        numbers = dict.fromkeys(line.tracking_number for line in lines if line.tracking_number)
        return (lines[0].model_copy(update={"boxes": names, "tracking_number": ", ".join(numbers) or None}),)
    raise NeedsPerson(
        "boxes_differ", f"DEAR has the goods packed in {len(names)} boxes, the warehouse shipped {len(lines)} parcels"
    )


def tracking_numbers(lines: Iterable[ShipLine]) -> frozenset[str]:
    """Every tracking number of a ship stage, each by itself."""
    joined = ",".join(line.tracking_number or "" for line in lines)
    return frozenset(number.strip() for number in joined.split(",") if number.strip())
