"""Kits on their way out: a product that DEAR assembles by itself becomes the components of its bill. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import lcm

from crossdock.domain.bills import Bill, Component
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.order import Content, Order, OrderLine, SoldKit

PLACES = 4
"""Decimal places that a quantity may have (contract part 1: decimal strings of at most four)."""


def expand(content: Content, bills: Mapping[str, Bill]) -> tuple[Content, tuple[SoldKit, ...]]:
    """The content with a line per component in place of each kit, and the kits as they were sold.

    `bills`: by product id, with those of all components (`unlearnt` says which are missing); a product without one
    goes as it is. Raises NeedsPerson for a bill that leads back to itself or that does not divide.
    """
    lines: list[OrderLine] = []
    kits: list[SoldKit] = []
    for line in content.lines:
        bill = whole_bill(line.product_id, bills)
        if not bill.is_kit:
            lines.append(line)
            continue
        kit = SoldKit(line=line, bill=bill)
        kits.append(kit)
        lines.extend(_component_lines(kit))
    return content.model_copy(update={"lines": tuple(lines)}), tuple(kits)


def check_bill(product_id: str, units: Decimal, bills: Mapping[str, Bill]) -> None:
    """Raises NeedsPerson, as `expand` would, for a bill that cannot be followed for so many units."""
    bill = whole_bill(product_id, bills)
    for component in bill.components if bill.is_kit else ():
        _units(bill, component, units)


def unlearnt(product_ids: Iterable[str], bills: Mapping[str, Bill]) -> tuple[str, ...]:
    """Which of these products, and of what they are made of, have no bill yet: to be looked up, and asked again."""
    missing: dict[str, None] = {}
    seen: set[str] = set()
    waiting = list(product_ids)
    while waiting:
        product_id = waiting.pop()
        if product_id in seen or not product_id:
            continue
        seen.add(product_id)
        bill = bills.get(product_id)
        if bill is None:
            missing[product_id] = None
        elif bill.is_kit and not bill.whole:
            waiting += [component.product_id for component in bill.components]
    return tuple(missing)


def bills_in_use(orders: Iterable[Order]) -> dict[str, Bill]:
    """How these orders were sent: DEAR built their kits when the sale was authorised, whatever the bill says since."""
    used: dict[str, Bill] = {}
    for order in orders:
        for line in order.sold.lines:
            plain = Bill(product_id=line.product_id, sku=line.sku, whole=True)
            used.setdefault(line.product_id, plain)
        kits = (*(order.wanted.kits if order.wanted else ()), *order.kits)
        used |= {kit.line.product_id: kit.bill for kit in kits}
    return used


def whole_bill(product_id: str, bills: Mapping[str, Bill]) -> Bill:
    """The bill down to what lies on a shelf: kits within kits opened, the same component added up, no services."""
    bill = bills.get(product_id) or Bill(product_id=product_id, sku="")
    if bill.whole or not bill.is_kit:
        return bill
    leaves: dict[str, tuple[Component, Fraction]] = {}
    _collect(bill, Fraction(1), bills, (), leaves)
    unit = lcm(*(share.denominator for _, share in leaves.values())) if leaves else 1
    components = tuple(
        component.model_copy(update={"quantity": Decimal(int(share * unit))}) for component, share in leaves.values()
    )
    return bill.model_copy(update={"components": components, "produces": Decimal(unit), "whole": True})


def _collect(
    bill: Bill,
    units: Fraction,
    bills: Mapping[str, Bill],
    within: tuple[Bill, ...],
    leaves: dict[str, tuple[Component, Fraction]],
) -> None:
    """Add to `leaves`, by product id, what so many units of the bill's product take."""
    if bill.product_id in {each.product_id for each in within}:
        way = " > ".join(each.sku for each in (*within, bill))
        raise NeedsPerson("kit_bill_cycle", f"a bill of materials in DEAR leads back to itself: {way}")
    for component in bill.components:
        share = units * Fraction(component.quantity) / Fraction(bill.produces)
        inner = bills.get(component.product_id)
        if inner is not None and inner.service:
            continue
        if inner is not None and inner.is_kit:
            _collect(inner, share, bills, (*within, bill), leaves)
            continue
        before = leaves.get(component.product_id)
        leaves[component.product_id] = (_described(component, inner), share + (before[1] if before else 0))


def _described(component: Component, product: Bill | None) -> Component:
    """The component with what its own product says: a bill may leave out the SKU, and never has a weight."""
    if product is None:
        return component
    return component.model_copy(
        update={
            "sku": product.sku or component.sku,
            "name": product.name or component.name,
            "weight": product.weight,
            "weight_unit": product.weight_unit,
        }
    )


def _component_lines(kit: SoldKit) -> Iterable[OrderLine]:
    """A line per component. They cost nothing: a kit's price cannot be divided among them honestly."""
    comment = f"part of kit {kit.line.sku}" + (f"; {kit.line.comment}" if kit.line.comment else "")
    for line_id, component in zip(kit.component_ids, kit.bill.components, strict=True):
        yield OrderLine(
            line_id=line_id,
            sku=component.sku,
            name=component.name,
            quantity=_units(kit.bill, component, kit.line.quantity),
            price=Decimal(0),
            discount=Decimal(0),
            tax=Decimal(0),
            total=Decimal(0),
            comment=comment,
            weight=component.weight,
            weight_unit=component.weight_unit,
            product_id=component.product_id,
        )


def _units(bill: Bill, component: Component, kits: Decimal) -> Decimal:
    exact = Fraction(kits) * Fraction(component.quantity) / Fraction(bill.produces)
    steps = exact * 10**PLACES
    if steps.denominator != 1 or steps <= 0:
        raise NeedsPerson(
            "kit_not_divisible",
            f"{kits} of kit {bill.sku} would take {float(exact):g} of {component.sku}: "
            "mend its bill of materials in DEAR, or send kits as kits",
        )
    units = Decimal(int(steps)).scaleb(-PLACES)
    return Decimal(f"{units.normalize():f}")
