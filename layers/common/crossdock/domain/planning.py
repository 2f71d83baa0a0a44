"""What becomes of a sale: skipped with a reason, held with a reason, or one order per fulfilment. Pure."""

from collections.abc import Container, Mapping
from decimal import Decimal
from hashlib import sha256
from itertools import count
from re import sub

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.model import Reason, Record
from crossdock.domain.order import Content, OrderLine, PostalAddress, SaleFacts
from crossdock.domain.sale import Address, Fulfilment, Sale, SaleLine, SaleRow, SaleType, StageLine, StageStatus
from crossdock.domain.settings import Settings

LONGEST_REFERENCE = 40
"""Contract, part 1, Order: reference."""


class PlannedOrder(Record):
    """An order that a sale asks for, not stored yet."""

    reference: str
    fulfilment_number: int | None
    task_id: str | None
    content: Content
    content_hash: str
    facts: SaleFacts


class Plan(Record):
    """What a sale asks for: orders, or the reason why there are none."""

    orders: tuple[PlannedOrder, ...] = ()
    skipped: Reason | None = None


def judge_row(row: SaleRow, settings: Settings, location: str | None) -> Reason | None:
    """Why a row of saleList is skipped without reading the sale; None when the sale must be read.

    `location`: the name behind the row's OrderLocationID, None where it is not known.
    """
    if row.type is SaleType.SERVICE:
        return Reason(code="service_sale", text="a service sale has nothing to ship")
    if row.shipping == "SHIPPED":
        return Reason(code="already_shipped", text="DEAR says that it is shipped")
    if row.status not in settings.sale_statuses:
        wanted = ", ".join(sorted(settings.sale_statuses))
        return Reason(code="status", text=f"its status is {row.status or 'blank'}; this connection loads {wanted}")
    earliest = settings.earliest_order_date
    if earliest and row.order_date and row.order_date < earliest:
        return Reason(code="too_old", text=f"ordered on {row.order_date}, before the earliest order date {earliest}")
    return _judge_location(location, settings) if location else None


def _judge_location(location: str | None, settings: Settings) -> Reason | None:
    if not settings.locations or location in settings.locations:
        return None
    return Reason(code="location", text=f"its location is {location or 'blank'}, which this connection does not serve")


def plan_sale(sale: Sale, settings: Settings, promised: Mapping[str, Content] | None = None) -> Plan:
    """The orders that the sale asks for. Raises NeedsPerson when only a person can mend what is wrong.

    `promised`: what the orders that stand already ask for, by the task of their fulfilment.
    """
    if reason := _judge_location(sale.location, settings):
        return Plan(skipped=reason)
    if sale.order_status != "AUTHORISED":
        return Plan(skipped=Reason(code="not_authorised", text=f"its order is {sale.order_status or 'blank'}"))
    lines = tuple(
        (position, line)
        for position, line in enumerate(sale.lines, start=1)
        if line.quantity > 0 and not line.drop_ship and line.product_id
    )
    if not lines:
        return Plan(skipped=Reason(code="nothing_to_ship", text="it has no line that a warehouse could ship"))
    if nameless := [str(position) for position, line in lines if not line.sku]:
        raise NeedsPerson("no_sku", f"line {', '.join(nameless)} of {sale.order_number} has a product without a SKU")
    _check_address(sale.ship_to)
    method = _ship_method(sale, settings)
    planned = [
        _planned(sale, settings, method, fulfilment, order_lines)
        for fulfilment, order_lines in _share_out(sale, lines, promised or {})
        if order_lines
    ]
    return Plan(orders=tuple(planned)) if planned else Plan(skipped=_nothing_open(sale, lines))


def _nothing_open(sale: Sale, lines: tuple[tuple[int, SaleLine], ...]) -> Reason:
    """Why no fulfilment asks for an order: all is shipped, or units are left that no fulfilment takes."""
    ordered = sum(line.quantity for _, line in lines)
    picked = sum(pick.quantity for each in sale.fulfilments if not each.voided for pick in each.pick_lines)
    if sale.type is SaleType.ADVANCED and picked < ordered:
        return Reason(code="no_open_fulfilment", text="units are left and DEAR has no open fulfilment for them")
    return Reason(code="already_shipped", text="every fulfilment is shipped in DEAR")


def _share_out(
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


def _planned(
    sale: Sale, settings: Settings, method: str | None, fulfilment: Fulfilment | None, lines: tuple[OrderLine, ...]
) -> PlannedOrder:
    numbered = fulfilment if sale.type is SaleType.ADVANCED else None
    number = numbered.number if numbered else None
    content = _content(sale, settings, method, number, lines)
    task_id = fulfilment.task_id if fulfilment else None
    if sale.type is SaleType.SIMPLE:
        task_id = task_id or sale.sale_id
    return PlannedOrder(
        reference=reference_of(sale.order_number, sale.sale_id, number),
        fulfilment_number=number,
        task_id=task_id,
        content=content,
        content_hash=hash_of(content),
        facts=_facts(sale, fulfilment),
    )


def _facts(sale: Sale, fulfilment: Fulfilment | None) -> SaleFacts:
    return SaleFacts(
        type=sale.type,
        read_at_stamp=sale.updated,
        location=sale.location,
        tax_inclusive=sale.tax_inclusive,
        currency_rate=sale.currency_rate,
        terms=sale.terms,
        bill_line1=sale.bill_to.display[0] or None,
        bill_line2=sale.bill_to.display[1] or None,
        pick=fulfilment.pick if fulfilment else StageStatus.NOT_AVAILABLE,
        pack=fulfilment.pack if fulfilment else StageStatus.NOT_AVAILABLE,
        ship=fulfilment.ship if fulfilment else StageStatus.NOT_AVAILABLE,
        charges=sale.charges,
        invoiced=any(invoice.status.invoiced for invoice in sale.invoices),
    )


def _content(
    sale: Sale, settings: Settings, method: str | None, number: int | None, lines: tuple[OrderLine, ...]
) -> Content:
    return Content(
        order_number=f"{sale.order_number}.{number}" if number else sale.order_number,
        sale_id=sale.sale_id,
        customer_reference=sale.customer_reference,
        channel=sale.source_channel,
        source=sale.source_channel,
        ordered_at=sale.order_date,
        ship_by=sale.ship_by,
        warehouse=settings.warehouses.get(sale.location or ""),
        location=sale.location,
        ship_method=method,
        carrier=method,
        ship_method_raw=sale.carrier,
        ship_to=_postal(sale, sale.ship_to, settings),
        bill_to=_postal(sale, sale.bill_to, settings),
        notes=sale.memo,
        shipping_notes=sale.shipping_notes,
        currency=sale.currency,
        total=sale.total if number is None else sum((line.total for line in lines), Decimal(0)),
        lines=lines,
        attributes=sale.attributes,
    )


def _share(money: Decimal, units: Decimal, of: Decimal) -> Decimal:
    """What falls on so many of a line's units; the sale's own figure where it is all of them."""
    return money if units == of else (money * units / of).quantize(Decimal("0.0001"))


def _ship_method(sale: Sale, settings: Settings) -> str | None:
    """The warehouse's code for DEAR's carrier. Without any mapping, DEAR's text goes through as it is."""
    if not sale.carrier or not settings.ship_methods:
        return sale.carrier
    mapped = settings.ship_methods.get(sale.carrier)
    if mapped is None and settings.unmapped_ship_method == "hold":
        raise NeedsPerson(
            "unmapped_ship_method",
            f"the ship method {sale.carrier!r} has no warehouse code: add it under settings.ship_methods",
        )
    return mapped or sale.carrier


def _check_address(address: Address) -> None:
    missing = [part for part in ("line1", "country") if not getattr(address, part)]
    if missing:
        shown = "; its display lines are filled" if any(address.display) else ""
        raise NeedsPerson(
            "address_incomplete",
            f"the shipping address has no {' and no '.join(missing)}{shown}: "
            "correct the address on the customer in DEAR, then select it on the order",
        )


def _postal(sale: Sale, address: Address, settings: Settings) -> PostalAddress:
    name = address.contact or sale.contact or sale.customer
    first, _, last = (name or "").rpartition(" ") if settings.split_names else ("", "", "")
    return PostalAddress(
        name=name,
        first_name=first or None,
        last_name=last or None,
        company=address.company,
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        region=address.state,
        postcode=address.postcode,
        country=address.country,
        phone=sale.phone,
        email=sale.email,
    )


def reference_of(order_number: str, sale_id: str, fulfilment_number: int | None, generation: int = 1) -> str:
    """Our key of an order at the warehouse: within the contract's alphabet and length, stable, and unique.

    A number that had to be changed to fit carries a piece of the sale's id, so that two never become one. An order
    that is sent again after it was cancelled is of the next generation, which its reference shows.
    """
    suffix = f".{fulfilment_number}" if fulfilment_number else ""
    suffix += f"-r{generation}" if generation > 1 else ""
    safe = sub(r"[^A-Za-z0-9.-]", "-", order_number)
    if safe != order_number or len(safe) + len(suffix) > LONGEST_REFERENCE:
        suffix = f"-{sha256(sale_id.encode()).hexdigest()[:8]}{suffix}"
    return safe[: LONGEST_REFERENCE - len(suffix)] + suffix


def free_reference(order_number: str, sale_id: str, fulfilment_number: int | None, taken: Container[str]) -> str:
    """The reference of the first generation that is not taken."""
    references = (reference_of(order_number, sale_id, fulfilment_number, generation) for generation in count(1))
    return next(reference for reference in references if reference not in taken)


def hash_of(content: Content) -> str:
    """The same for the same content, whatever the order of its fields."""
    return sha256(content.model_dump_json().encode()).hexdigest()


def differences(before: Content, after: Content) -> tuple[str, ...]:
    """What changed, a sentence each; addresses are named, never shown."""
    told: list[str] = []
    old = {line.line_id: line for line in before.lines}
    new = {line.line_id: line for line in after.lines}
    for line_id in sorted(old.keys() | new.keys()):
        was, now = old.get(line_id), new.get(line_id)
        if was is None and now is not None:
            told.append(f"line {line_id}: {now.quantity} of {now.sku} added")
        elif now is None and was is not None:
            told.append(f"line {line_id}: {was.quantity} of {was.sku} removed")
        elif was and now and (was.sku, was.quantity) != (now.sku, now.quantity):
            told.append(f"line {line_id}: {was.quantity} of {was.sku} became {now.quantity} of {now.sku}")
        elif was != now:
            told.append(f"line {line_id}: price or text changed")
    fields = [name for name in type(before).model_fields if name != "lines"]
    told.extend(f"{name} changed" for name in fields if getattr(before, name) != getattr(after, name))
    return tuple(told)
