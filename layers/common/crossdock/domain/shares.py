"""Which lines of a sale go with which fulfilment: never summed by SKU, never more than was ordered."""

from collections.abc import Container, Mapping
from decimal import Decimal
from typing import Literal

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.model import Record
from crossdock.domain.order import Content, OrderLine
from crossdock.domain.sale import Fulfilment, Invoice, Sale, SaleLine, SaleType, StageLine

type LinesFrom = Literal["order", "pick", "pack", "invoice"]

_DONE: dict[LinesFrom, str] = {"pick": "picked", "pack": "packed", "invoice": "invoiced"}


class Share(Record):
    """What of a sale goes with one fulfilment; with none where DEAR has none yet."""

    fulfilment: Fulfilment | None
    lines: tuple[OrderLine, ...]

    def only(self, positions: Container[int]) -> "Share":
        """The share without the lines of other positions of the sale."""
        kept = tuple(line for line in self.lines if position_of(line) in positions)
        return self.model_copy(update={"lines": kept})


def share_out(
    sale: Sale, lines: tuple[tuple[int, SaleLine], ...], promised: Mapping[str, Content], lines_from: LinesFrom
) -> list[Share]:
    """Which lines go with which fulfilment, a share without lines where it is shipped.

    Of an advanced sale, a fulfilment that is picked takes its pick lines; the first open one without lines takes what
    is left. An order that stands for it already does not grow by what another fulfilment was picked short.
    """
    standing = [fulfilment for fulfilment in sale.fulfilments if not fulfilment.voided]
    if sale.type is SaleType.SIMPLE or not standing:
        return [_only_share(sale, standing[0] if standing else None, lines, lines_from)]
    left = {position: line.quantity for position, line in lines}
    shares: list[Share] = []
    taken_by: dict[str, tuple[OrderLine, ...]] = {}
    empty: list[Fulfilment] = []
    for fulfilment in sorted(standing, key=lambda each: each.number):
        if not fulfilment.pick_lines:
            empty.append(fulfilment)
            continue
        handled = _handled(sale, fulfilment, lines_from)
        done = _DONE[lines_from if handled else "pick"]
        taken = _take(sale, handled or fulfilment.pick_lines, dict(lines), left, done)
        taken_by[fulfilment.task_id] = taken
        shares.append(Share(fulfilment=fulfilment, lines=taken if fulfilment.ship.open else ()))
    if empty and empty[0].ship.open:
        if empty[0].task_id in promised:
            _withhold_shorts(taken_by, promised, left)
        by_position = dict(lines)
        rest = tuple(_order_line(str(at), by_position[at], units) for at, units in left.items() if units > 0)
        shares.append(Share(fulfilment=empty[0], lines=rest))
    return shares


def position_of(line: OrderLine) -> int:
    """The place, from 1, of the sale's line that an order's line comes from."""
    return int(line.line_id.split("-")[0])


def _only_share(
    sale: Sale, fulfilment: Fulfilment | None, lines: tuple[tuple[int, SaleLine], ...], lines_from: LinesFrom
) -> Share:
    """The one share of a simple sale, or of one without fulfilments."""
    if fulfilment is not None and not fulfilment.ship.open:
        return Share(fulfilment=fulfilment, lines=())
    if handled := _handled(sale, fulfilment, lines_from):
        left = {position: line.quantity for position, line in lines}
        return Share(fulfilment=fulfilment, lines=_take(sale, handled, dict(lines), left, _DONE[lines_from]))
    return Share(fulfilment=fulfilment, lines=tuple(_order_line(str(at), line, line.quantity) for at, line in lines))


def _handled(sale: Sale, fulfilment: Fulfilment | None, lines_from: LinesFrom) -> tuple[StageLine, ...]:
    """The pick, pack or invoice lines that the settings ask for; empty where there are none.

    Goods that the supplier sends himself are invoiced like the others: they are no line of an order.
    """
    match lines_from:
        case "pick":
            return fulfilment.pick_lines if fulfilment else ()
        case "pack":
            return fulfilment.pack_lines if fulfilment else ()
        case "invoice":
            invoiced = [line for invoice in _invoices_of(sale, fulfilment) for line in invoice.lines]
            theirs = _only_drop_shipped(sale)
            return tuple(line for line in invoiced if line.quantity > 0 and line.product_id not in theirs)
    return ()


def _only_drop_shipped(sale: Sale) -> set[str]:
    """The products of the sale that no warehouse sends, on none of its lines."""
    ours = {line.product_id for line in sale.lines if not line.drop_ship}
    return {line.product_id for line in sale.lines if line.drop_ship} - ours


def _invoices_of(sale: Sale, fulfilment: Fulfilment | None) -> list[Invoice]:
    """The standing invoices of a simple sale, or of one fulfilment of an advanced one."""
    standing = [invoice for invoice in sale.invoices if invoice.status.invoiced]
    if sale.type is SaleType.SIMPLE or fulfilment is None:
        return standing
    return [
        invoice
        for invoice in standing
        if invoice.linked_fulfilment == str(fulfilment.number)
        or (invoice.number is not None and invoice.number == fulfilment.linked_invoice)
    ]


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
    return sum((line.quantity for line in lines if position_of(line) == position), Decimal(0))


def _take(
    sale: Sale, picked: tuple[StageLine, ...], lines: dict[int, SaleLine], left: dict[int, Decimal], done: str
) -> tuple[OrderLine, ...]:
    """The order lines behind pick lines, position by position; `left` goes down by what is taken.

    `done`: what DEAR did with the lines, as a message says it.
    """
    taken: list[OrderLine] = []
    for pick in picked:
        wanted = pick.quantity
        for position, line in lines.items():
            if line.product_id != pick.product_id or wanted <= 0 or left[position] <= 0:
                continue
            units = min(wanted, left[position])
            left[position] -= units
            wanted -= units
            again = sum(1 for each in taken if position_of(each) == position)
            line_id = f"{position}-{again + 1}" if again else str(position)
            taken.append(
                _order_line(line_id, line, units).model_copy(update={"lot": pick.batch, "expires_on": pick.expires_on})
            )
        if wanted > 0:
            raise NeedsPerson(
                "picked_more_than_ordered",
                f"DEAR {done} {pick.quantity} of {pick.sku} in {sale.order_number}, which is more than was ordered",
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
