"""From the warehouse's shipments to boxes: which units of which order line left, in which parcel. Pure."""

from collections.abc import Container, Iterable, Iterator, Mapping
from decimal import Decimal

from crossdock.domain.assembling import as_sold
from crossdock.domain.boxes import Box, PackedLine, box_name, joined_tracking
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.order import Order, OrderLine
from crossdock.domain.settings import Settings
from crossdock.domain.shipment import Parcel, ParcelLine, Shipment


def boxes_of(
    order: Order,
    shipments: Iterable[Shipment],
    carriers: Mapping[str, str],
    *,
    before: Iterable[Shipment] = (),
    standing: Container[str] = (),
) -> tuple[Box, ...]:
    """The boxes of some of an order's shipments, with kits as they were sold.

    Raises NeedsPerson for goods that were not ordered, or more of them than were, or that make no whole kits.
    `carriers`: the warehouse's carrier to DEAR's name; one that is not in it goes through as it is. `before`: the
    order's shipments that are confirmed already, whose units are no longer to be had. `standing`: as in `box_name`.
    """
    unshipped = {line.line_id: line.quantity for line in order.content.lines}
    for shipment in in_order(before):
        for parcel in shipment.parcels:
            for line in parcel.lines:
                _packed(order, line, unshipped)
    boxes: list[Box] = []
    for shipment in in_order(shipments):
        for parcel in shipment.parcels:
            lines = tuple(packed for line in parcel.lines for packed in _packed(order, line, unshipped))
            taken = {box.name.casefold() for box in boxes}
            name = box_name(parcel.parcel_id, shipment.id, taken, standing)
            boxes.append(_box(name, shipment, parcel, lines, carriers))
    return as_sold(order, tuple(boxes))


def in_order(shipments: Iterable[Shipment]) -> list[Shipment]:
    """As they left the building, whatever order they were told in."""
    return sorted(shipments, key=lambda each: (each.shipped_at, each.id))


def shipped_units(order: Order, shipments: Iterable[Shipment], before: Iterable[Shipment] = ()) -> dict[str, Decimal]:
    """The line_id of each line as sold to the units of it that left. `before`: as in `boxes_of`."""
    totals: dict[str, Decimal] = {}
    for box in boxes_of(order, shipments, {}, before=before):
        for packed in box.lines:
            totals[packed.line.line_id] = totals.get(packed.line.line_id, Decimal(0)) + packed.quantity
    return totals


def units_by_line(order: Order, shipments: Iterable[Shipment]) -> dict[str, Decimal]:
    """The line_id of each line at the warehouse to the units of it that left, for people to see.

    What fits no line, or no longer, is left out here: it holds the order, with the numbers.
    """
    unshipped = {line.line_id: line.quantity for line in order.content.lines}
    for shipment in in_order(shipments):
        for parcel in shipment.parcels:
            for shipped in parcel.lines:
                wanted = shipped.quantity
                for line in _lines_for(order, shipped):
                    units = min(wanted, unshipped[line.line_id])
                    unshipped[line.line_id] -= units
                    wanted -= units
    return {line.line_id: line.quantity - unshipped[line.line_id] for line in order.content.lines}


def short_of(order: Order, shipments: Iterable[Shipment]) -> dict[str, Decimal]:
    """The line_id of each line as sold to the units of it that did not ship; empty where everything did."""
    shipped = shipped_units(order, shipments)
    missing = {line.line_id: line.quantity - shipped.get(line.line_id, Decimal(0)) for line in order.sold.lines}
    return {line_id: units for line_id, units in missing.items() if units > 0}


def check_carriers(order: Order, shipments: Iterable[Shipment], settings: Settings) -> None:
    """Raises NeedsPerson for a carrier without a name in DEAR, where such are held; a release lets it pass."""
    if settings.unmapped_carrier != "hold" or "unmapped_carrier" in order.passed:
        return
    named = {parcel.carrier for each in shipments for parcel in each.parcels if parcel.carrier}
    if unmapped := sorted(named - settings.carriers.keys()):
        raise NeedsPerson(
            "unmapped_carrier",
            f"the warehouse's carrier {', '.join(map(repr, unmapped))} has no name in DEAR: add it under "
            "settings.carriers, or release the order to pass it as it is",
        )


def placed(boxes: Iterable[Box], own: str | None, settings: Settings) -> tuple[Box, ...]:
    """The boxes with DEAR's location that they left from, where the shipment or the settings name one.

    `own`: the location of the sale.
    Raises NeedsPerson for a warehouse code that the settings map to no location.
    """
    return tuple(box.model_copy(update={"location": _location(box, own, settings)}) for box in boxes)


def location_of(code: str | None, own: str | None, settings: Settings) -> str | None:
    """DEAR's location of a warehouse code; None where none has it.

    Of several with one code it is where the order's goods leave from anyway: `ship_from`, or its sale's `own`.
    """
    having = sorted(location for location, its in settings.warehouses.items() if its == code)
    return next((location for location in (settings.ship_from, own, *having) if location in having), None)


def _location(box: Box, own: str | None, settings: Settings) -> str | None:
    if box.warehouse is None or not settings.warehouses:
        return settings.ship_from
    if location := location_of(box.warehouse, own, settings):
        return location
    raise NeedsPerson(
        "unmapped_warehouse",
        f"the warehouse shipped box {box.name} from {box.warehouse!r}, which is no DEAR location: add it under "
        "settings.warehouses and release the order",
    )


def _box(
    name: str, shipment: Shipment, parcel: Parcel, lines: tuple[PackedLine, ...], carriers: Mapping[str, str]
) -> Box:
    tracking = (parcel.tracking_number or "").strip()
    return Box(
        name=name,
        shipped_on=shipment.shipped_at.date(),
        carrier=carriers.get(parcel.carrier or "", parcel.carrier),
        tracking_number=joined_tracking((tracking,), name) if tracking else None,
        tracking_url=parcel.tracking_url,
        lines=lines,
        warehouse=shipment.warehouse,
    )


def _lines_for(order: Order, shipped: ParcelLine) -> list[OrderLine]:
    """The order lines that the parcel's line may be of: by its id, or else by its SKU."""
    if shipped.line_id:
        return [line for line in order.content.lines if (line.line_id, line.sku) == (shipped.line_id, shipped.sku)]
    return [line for line in order.content.lines if line.sku == shipped.sku]


def _packed(order: Order, shipped: ParcelLine, unshipped: dict[str, Decimal]) -> list[PackedLine]:
    """Find the order line, and take the units off what is left of it."""
    lines = _lines_for(order, shipped)
    if not lines:
        raise NeedsPerson(
            "not_ordered",
            f"the warehouse shipped {shipped.quantity} of {shipped.sku}, which {order.content.order_number} "
            f"does not have{f' in line {shipped.line_id}' if shipped.line_id else ''}",
        )
    serials = iter(_serials(shipped))
    packed: list[PackedLine] = []
    wanted = shipped.quantity
    for line in lines:
        units = min(wanted, unshipped[line.line_id])
        if units > 0:
            unshipped[line.line_id] -= units
            wanted -= units
            packed += _divided(line, units, shipped, serials)
    if wanted > 0:
        raise NeedsPerson(
            "shipped_more_than_ordered",
            f"the warehouse shipped {wanted} more of {shipped.sku} than {order.content.order_number} has",
        )
    return packed


def _divided(line: OrderLine, units: Decimal, shipped: ParcelLine, serials: Iterator[str]) -> Iterator[PackedLine]:
    """The units under their lot or, where serial numbers are told, one by one under theirs."""
    if not shipped.serials:
        yield _of_lot(line, units, shipped.lot or line.lot, shipped)
        return
    for _ in range(int(units)):
        yield _of_lot(line, Decimal(1), next(serials), shipped)


def _of_lot(line: OrderLine, units: Decimal, lot: str | None, shipped: ParcelLine) -> PackedLine:
    """The units of one lot. An expiry date that was planned is the planned lot's, and no other's."""
    planned = line.expires_on if (lot or "").casefold() == (line.lot or "").casefold() else None
    return PackedLine(line=line, quantity=units, lot=lot, expires_on=shipped.expires_on or planned)


def _serials(shipped: ParcelLine) -> tuple[str, ...]:
    """The serial numbers of a parcel's line: one for each unit, or none at all."""
    told = len(set(shipped.serials))
    if shipped.serials and (told != shipped.quantity or told != len(shipped.serials)):
        raise NeedsPerson(
            "serials_differ",
            f"the warehouse shipped {shipped.quantity} of {shipped.sku} and named {told} different serial numbers: "
            "have it correct its shipment",
        )
    return shipped.serials
