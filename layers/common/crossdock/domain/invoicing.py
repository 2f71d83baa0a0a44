"""Invoices: what shipped, at the sale's own prices, discounts and tax rules, never more."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.memo import memo_of, names_one_of
from crossdock.domain.model import Record
from crossdock.domain.order import Order, OrderLine
from crossdock.domain.rounding import Figures, Part, TaxMethod, taxes, total_of
from crossdock.domain.sale import Charge, Sale, SaleType
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.shipping import shipped_units

NEW_TASK = "00000000-0000-0000-0000-000000000000"
"""Asks DEAR for a new invoice task (blueprint: Sale Invoice, POST)."""

FIRST = 1
"""DEAR's number of a sale's first fulfilment, the only one of a simple sale."""

INVOICED_ALREADY = "invoiced_already"
"""The reason code of an order that a person has invoiced in DEAR: it ends as confirmed."""

type Units = Mapping[int, Decimal]
"""Units by the place, from 1, of the sale's line that they belong to."""


class InvoiceLine(Record):
    """A line of the invoice, its total as DEAR validates it."""

    product_id: str
    sku: str
    name: str
    quantity: Decimal
    price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    tax_rule: str | None
    comment: str | None = None


class InvoiceDraft(Record):
    """An invoice to be written to DEAR (blueprint: Sale Invoice POST Model)."""

    sale_id: str
    task_id: str
    memo: str
    authorise: bool
    invoice_date: date
    due_date: date
    linked_fulfilment: str | None
    currency_rate: Decimal | None
    bill_line1: str | None
    bill_line2: str | None
    lines: tuple[InvoiceLine, ...]
    charges: tuple[Charge, ...]


class InvoiceDue(Record):
    """What one invoice is for: the shipments that were confirmed on one fulfilment, and the mark it is known by.

    `before`: the order's shipments on earlier fulfilments.
    """

    fulfilment: int | None
    marker: str
    shipments: tuple[ShipmentRecord, ...]
    before: tuple[ShipmentRecord, ...] = ()


class InvoiceTerms(Record):
    """What an invoice has beside goods: its dates, how it is written, and how the account works out tax."""

    on: date
    due: date
    authorise: bool
    with_charges: bool
    memo: str = "{marker}"
    tax_method: TaxMethod = TaxMethod.TOTAL


def invoices_due(order: Order, shipments: Iterable[ShipmentRecord]) -> tuple[InvoiceDue, ...]:
    """The invoices that the order's confirmed shipments ask for, one for each fulfilment in the order of its number.

    What was withdrawn since it was confirmed is not invoiced.
    """
    groups: dict[tuple[int, str], list[ShipmentRecord]] = {}
    for record in shipments:
        if record.confirmed:
            own = _fulfilment_of(order, record)
            number = own if own is not None else order.fulfilment_number
            groups.setdefault((number or 0, marker(order, own)), []).append(record)
    dues: list[InvoiceDue] = []
    before: list[ShipmentRecord] = []
    for (number, mark), records in sorted(groups.items()):
        due = tuple(record for record in records if record.uninvoiced)
        before += [record for record in records if record not in due and not record.withdrawn]
        if due:
            dues.append(InvoiceDue(fulfilment=number or None, marker=mark, shipments=due, before=tuple(before)))
        before += due
    return tuple(dues)


def _fulfilment_of(order: Order, record: ShipmentRecord) -> int | None:
    """On which fulfilment it was confirmed. A simple sale's only one is not told from others; None is the order's own.

    A record without a number, on another task than the order's, is of a sale that was simple then.
    """
    if order.facts.type is SaleType.SIMPLE:
        return None
    earlier = record.task_id is not None and record.task_id != order.task_id
    return FIRST if record.fulfilment_number is None and earlier else record.fulfilment_number


def marker(order: Order, fulfilment: int | None = None) -> str:
    """What our invoice of this order carries in its memo, so that it is recognised later.

    An order that is confirmed on several fulfilments has several invoices, which the number after it tells apart.
    """
    own = f"Crossdock {order.reference}"
    told_already = fulfilment is None or re.search(rf"\.{fulfilment}(-r\d+)?$", order.reference)
    return own if told_already or order.facts.type is SaleType.SIMPLE else f"{own}/{fulfilment}"


def carries_marker(memo: str, mark: str) -> bool:
    """Whether a memo carries the mark as a whole, not as the beginning of another's."""
    return re.search(r"(?<![A-Za-z0-9])" + re.escape(mark) + r"(?![A-Za-z0-9]|[./-][A-Za-z0-9])", memo) is not None


def carries_ours(memo: str, order: Order) -> bool:
    """Whether a memo carries a mark of ours, of this sale's orders on any of its fulfilments."""
    numbers = {order.sale_number, re.sub(r"(\.\d+)?(-r\d+)?$", "", order.reference)}
    return names_one_of(memo, numbers)


def figures_of(sale: Sale) -> tuple[Figures, ...]:
    """The sale's lines in figures, each at its place."""
    return tuple(Figures.model_validate({name: getattr(line, name) for name in Figures.model_fields})
                 for line in sale.lines)  # fmt: skip


def units_of(
    order: Order, records: Iterable[ShipmentRecord], before: Iterable[ShipmentRecord] = ()
) -> dict[int, Decimal]:
    """What these shipments of the order have of each line of the sale, as sold and at most what was ordered."""
    shipped = shipped_units(order, [record.shipment for record in records], [record.shipment for record in before])
    units: dict[int, Decimal] = {}
    for line in order.sold.lines:
        left = min(shipped.get(line.line_id, Decimal(0)), line.quantity)
        if left > 0:
            units[_place(line)] = units.get(_place(line), Decimal(0)) + left
    return units


def draft_invoice(order: Order, due: InvoiceDue, before: Units, terms: InvoiceTerms) -> InvoiceDraft:
    """The invoice of one fulfilment. `before`: what the sale's earlier invoices have.

    Raises NeedsPerson where nothing is to be invoiced, or the sale no longer has the lines that shipped.
    """
    units = units_of(order, due.shipments, due.before)
    if not units:
        raise NeedsPerson("nothing_to_invoice", "what is confirmed of it has no unit of the order: see what left")
    figures = _figures(order)
    before = before if order.facts.lines else {}
    _check_lines(order, figures, units, before)
    parts = {
        place: Part(each, units.get(place, Decimal(0)), min(before.get(place, Decimal(0)), each.quantity))
        for place, each in figures.items()
    }
    tax = dict(zip(parts, taxes(list(parts.values()), terms.tax_method), strict=True))
    lines = {_place(line): line for line in reversed(order.sold.lines)}
    simple = order.facts.type is SaleType.SIMPLE
    return InvoiceDraft(
        sale_id=order.sale_id,
        task_id=order.sale_id if simple else NEW_TASK,
        memo=_memo(order, due, terms),
        authorise=terms.authorise,
        invoice_date=terms.on,
        due_date=terms.due,
        linked_fulfilment=str(due.fulfilment) if due.fulfilment else None,
        currency_rate=order.facts.currency_rate,
        bill_line1=order.facts.bill_line1,
        bill_line2=order.facts.bill_line2,
        lines=tuple(_line(lines[place], parts[place], tax[place]) for place in units),
        charges=order.facts.charges if terms.with_charges else (),
    )


def asked(draft: InvoiceDraft, *, tax_inclusive: bool) -> Decimal:
    """What the invoice asks for, tax and all."""
    totals = [line.total for line in draft.lines] + [charge.total for charge in draft.charges]
    tax = [] if tax_inclusive else [line.tax for line in draft.lines] + [charge.tax for charge in draft.charges]
    return sum((*totals, *tax), Decimal(0))


def _memo(order: Order, due: InvoiceDue, terms: InvoiceTerms) -> str:
    numbers = [parcel.tracking_number for record in due.shipments for parcel in record.shipment.parcels]
    return memo_of(
        terms.memo,
        {"marker": due.marker, "order_number": order.sale_number, "reference": order.reference},
        tuple(dict.fromkeys(number for number in numbers if number)),
    )


def _figures(order: Order) -> dict[int, Figures]:
    """The sale's lines by place; of an order from before they were kept, its own lines."""
    if order.facts.lines:
        return dict(enumerate(order.facts.lines, start=1))
    own: dict[int, Figures] = {}
    for line in order.sold.lines:
        of_line = Figures.model_validate({name: getattr(line, name) for name in Figures.model_fields})
        known = own.get(_place(line))
        own[_place(line)] = _together(known, of_line) if known else of_line
    return own


def _together(one: Figures, other: Figures) -> Figures:
    """Two parts of the same line of the sale, such as two lots of it."""
    return one.model_copy(
        update={name: getattr(one, name) + getattr(other, name) for name in ("quantity", "tax", "total")}
    )


def _check_lines(order: Order, figures: dict[int, Figures], units: Units, before: Units) -> None:
    """What shipped must be on the sale still, on the same line, and with what is invoiced not be more than it has."""
    skus = {_place(line): line for line in order.sold.lines}
    told = []
    for place, count in units.items():
        line, now = skus[place], figures.get(place)
        if now is None or now.product_id != line.product_id:
            told.append(f"line {place} was {line.sku} and is {now.sku if now else 'gone'}")
        elif count + (already := before.get(place, Decimal(0))) > now.quantity:
            of_it = f"{already} of it invoiced, {count} more shipped" if already else f"{count} shipped"
            told.append(f"line {place} has {now.quantity} of {now.sku}, and {of_it}")
    if told:
        text = f"the sale is not what shipped any more: {'; '.join(told)}. Mend the sale, or invoice it in DEAR"
        raise NeedsPerson("sale_lines_changed", text)


def _place(line: OrderLine) -> int:
    """The place in the sale of the line that an order's line comes from: its id begins with it."""
    return int(line.line_id.split("-")[0])


def _line(line: OrderLine, part: Part, tax: Decimal) -> InvoiceLine:
    return InvoiceLine(
        product_id=line.product_id,
        sku=line.sku,
        name=line.name,
        quantity=part.units,
        price=part.figures.price,
        discount=part.figures.discount,
        tax=tax,
        total=total_of(part),
        tax_rule=part.figures.tax_rule,
        comment=line.comment,
    )
