"""Which lines of a sale go with which fulfilment: never summed by SKU, never more than was ordered."""

from collections.abc import Mapping
from decimal import Decimal

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.order import Content, OrderLine
from crossdock.domain.sale import Fulfilment, Sale, SaleLine, SaleType, StageLine


def share_out(
    sale: Sale, lines: tuple[tuple[int, SaleLine], ...], promised: Mapping[str, Content]
) -> list[tuple[Fulfilment | None, tuple[OrderLine, ...]]]:
    """Which lines go with which fulfilment. Same SKUs in several fulfilments or lines are never summed.

    A picked fulfilment takes its pick lines; the first open one without lines takes what is left. An order that
    stands for it already does not grow by what another fulfilment was picked short.
    """
    standing = [fulfilment for fulfilment in sale.fulfilments if not fulfilment.voided]
    if sale.type is SaleType.SIMPLE or not standing:
        first = standing[0] if standing else None
        shipped = first is not None and not first.ship.open
        return [(first, () if shipped else tuple(_order_line(str(at), line, line.quantity) for at, line in lines))]
    left = {position: line.quantity for position, line in lines}
    shares: list[tuple[Fulfilment | None, tuple[OrderLine, ...]]] = []
    taken_by: dict[str, tuple[OrderLine, ...]] = {}
    empty: list[Fulfilment] = []
    for fulfilment in sorted(standing, key=lambda each: each.number):
        if not fulfilment.pick_lines:
            empty.append(fulfilment)
            continue
        taken = _take(sale, fulfilment.pick_lines, dict(lines), left)
        taken_by[fulfilment.task_id] = taken
        shares.append((fulfilment, taken if fulfilment.ship.open else ()))
    if empty and empty[0].ship.open:
        if empty[0].task_id in promised:
            _withhold_shorts(taken_by, promised, left)
        by_position = dict(lines)
        rest = tuple(_order_line(str(at), by_position[at], units) for at, units in left.items() if units > 0)
        shares.append((empty[0], rest))
    return shares


def _withhold_shorts(
    taken_by: Mapping[str, tuple[OrderLine, ...]], promised: Mapping[str, Content], left: dict[int, Decimal]
) -> None:
    """Take from `left` what a standing order asked for and its fulfilment was not picked."""
    for task_id in taken_by.keys() & promised.keys():
        for position, units in left.items():
            short = _units_at(position, promised[task_id].lines) - _units_at(position, taken_by[task_id])
            left[position] = units - min(max(short, Decimal(0)), units)


def _units_at(position: int, lines: tuple[OrderLine, ...]) -> Decimal:
    """The units that these lines hold of the sale's line at this position."""
    return sum((line.quantity for line in lines if line.line_id.split("-")[0] == str(position)), Decimal(0))


def _take(
    sale: Sale, picked: tuple[StageLine, ...], lines: dict[int, SaleLine], left: dict[int, Decimal]
) -> tuple[OrderLine, ...]:
    """The order lines behind pick lines, position by position; `left` goes down by what is taken."""
    taken: list[OrderLine] = []
    for pick in picked:
        wanted = pick.quantity
        for position, line in lines.items():
            if line.product_id != pick.product_id or wanted <= 0 or left[position] <= 0:
                continue
            units = min(wanted, left[position])
            left[position] -= units
            wanted -= units
            again = sum(1 for each in taken if each.line_id.split("-")[0] == str(position))
            line_id = f"{position}-{again + 1}" if again else str(position)
            taken.append(
                _order_line(line_id, line, units).model_copy(update={"lot": pick.batch, "expires_on": pick.expires_on})
            )
        if wanted > 0:
            raise NeedsPerson(
                "picked_more_than_ordered",
                f"DEAR picked {pick.quantity} of {pick.sku} in {sale.order_number}, which is more than was ordered",
            )
    return tuple(taken)


def _order_line(line_id: str, line: SaleLine, quantity: Decimal) -> OrderLine:
    return OrderLine(
        line_id=line_id,
        sku=line.sku,
        name=line.name,
        quantity=quantity,
        price=line.price,
        discount=line.discount,
        tax=_share(line.tax, quantity, line.quantity),
        total=_share(line.total, quantity, line.quantity),
        comment=line.comment,
        weight=line.weight,
        weight_unit=line.weight_unit,
        product_id=line.product_id,
        tax_rule=line.tax_rule,
    )


def _share(money: Decimal, units: Decimal, of: Decimal) -> Decimal:
    """What falls on so many of a line's units; the sale's own figure where it is all of them."""
    return money if units == of else (money * units / of).quantize(Decimal("0.0001"))
