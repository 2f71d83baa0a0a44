"""Kits on their way back: the components that the warehouse shipped become the kits that DEAR sold. Pure."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import ceil

from crossdock.domain.boxes import LONGEST_TRACKING_NUMBER, Box, PackedLine
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.order import Order, SoldKit


def as_sold(order: Order, boxes: tuple[Box, ...]) -> tuple[Box, ...]:
    """The boxes with kits in place of components. Only whole kits go back: else NeedsPerson, with the numbers.

    A kit lies in the box that has its first component. A box that is left without a line is none to DEAR: its tracking
    number goes to the box of its kit.
    """
    if not order.kits:
        return boxes
    components = {line_id for kit in order.kits for line_id in kit.component_ids}
    packed = [[line for line in box.lines if line.line.line_id not in components] for box in boxes]
    homes: dict[str, int] = {}
    for kit in order.kits:
        for at, units in _places(kit, boxes, _whole_kits(kit, boxes)):
            lot, expires_on = kit.line.lot, kit.line.expires_on
            packed[at].append(PackedLine(line=kit.line, quantity=units, lot=lot, expires_on=expires_on))
            for line_id in kit.component_ids:
                homes.setdefault(line_id, at)
    return _without_empty(order, boxes, packed, homes)


def _whole_kits(kit: SoldKit, boxes: tuple[Box, ...]) -> Fraction:
    """How many kits the shipped components make, none left over. All of a fraction that was sold counts as whole."""
    shipped = {line_id: sum(_units_in(box, line_id) for box in boxes) for line_id in kit.component_ids}
    makes = [Fraction(units) / per_kit for units, per_kit in zip(shipped.values(), _per_kit(kit), strict=True)]
    if len(set(makes)) == 1 and (makes[0].denominator == 1 or makes[0] == Fraction(kit.line.quantity)):
        return makes[0]
    parts = ", ".join(
        f"{units} of {float(per_kit * Fraction(kit.line.quantity)):g} {component.sku}"
        for units, per_kit, component in zip(shipped.values(), _per_kit(kit), kit.bill.components, strict=True)
    )
    raise NeedsPerson(
        "kit_incomplete",
        f"of {kit.line.quantity} {kit.line.sku} the warehouse shipped {parts}: that makes {min(makes) // 1} whole kits "
        "and leaves components over. Have the rest shipped, or confirm it in DEAR by hand",
    )


def _places(kit: SoldKit, boxes: tuple[Box, ...], kits: Fraction) -> Iterator[tuple[int, Decimal]]:
    """In which boxes the kits lie, and how many: a kit begins where the first unit of its first component is."""
    first, per_kit = kit.component_ids[0], _per_kit(kit)[0]
    passed = Fraction(0)
    begun = Fraction(0)
    for at, box in enumerate(boxes):
        passed += Fraction(_units_in(box, first))
        here = min(Fraction(ceil(passed / per_kit)), kits) - begun
        begun += here
        if here:
            yield at, Decimal(here.numerator) / Decimal(here.denominator)


def _without_empty(
    order: Order, boxes: tuple[Box, ...], packed: list[list[PackedLine]], homes: dict[str, int]
) -> tuple[Box, ...]:
    """The boxes that have lines; of the others the tracking numbers, with the box of the kit that they were part of."""
    place = {line.line_id: number for number, line in enumerate(order.sold.lines)}
    found = {
        at: box.model_copy(update={"lines": tuple(sorted(lines, key=lambda each: place[each.line.line_id]))})
        for at, (box, lines) in enumerate(zip(boxes, packed, strict=True))
        if lines
    }
    for at, box in enumerate(boxes):
        if at not in found:
            home = homes[box.lines[0].line.line_id]
            found[home] = _joined(found[home], box)
    return tuple(found.values())


def _joined(home: Box, emptied: Box) -> Box:
    numbers = dict.fromkeys(number for number in (home.tracking_number, emptied.tracking_number) if number)
    joined = ", ".join(numbers) or None
    if joined and len(joined) > LONGEST_TRACKING_NUMBER:
        raise NeedsPerson(
            "kit_in_too_many_parcels",
            f"the kits in box {home.name} came in so many parcels that their tracking numbers do not fit in DEAR's "
            f"{LONGEST_TRACKING_NUMBER} letters: confirm it in DEAR by hand",
        )
    kept = {"carrier": home.carrier or emptied.carrier, "tracking_url": home.tracking_url or emptied.tracking_url}
    return home.model_copy(update={"tracking_number": joined, **kept})


def _units_in(box: Box, line_id: str) -> Decimal:
    return sum((packed.quantity for packed in box.lines if packed.line.line_id == line_id), Decimal(0))


def _per_kit(kit: SoldKit) -> tuple[Fraction, ...]:
    """Units of each component in one kit."""
    return tuple(Fraction(component.quantity) / Fraction(kit.bill.produces) for component in kit.bill.components)
