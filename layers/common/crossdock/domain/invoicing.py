"""Invoices: what shipped, at the sale's own prices, discounts and tax rules, never more."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from crossdock.domain.model import Record
from crossdock.domain.order import Order, OrderLine
from crossdock.domain.sale import Charge, SaleType

NEW_TASK = "00000000-0000-0000-0000-000000000000"
"""Asks DEAR for a new invoice task (blueprint: Sale Invoice, POST)."""

FOUR_PLACES = Decimal("0.0001")


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


def marker(order: Order) -> str:
    """What our invoice of this order carries in its memo, so that it is recognised later."""
    return f"Crossdock {order.reference}"


def carries_marker(memo: str, order: Order) -> bool:
    """Whether a memo carries the order's marker as a whole, not as the beginning of another's."""
    return re.search(re.escape(marker(order)) + r"(?![A-Za-z0-9.-])", memo) is not None


def draft_invoice(
    order: Order, shipped: dict[str, Decimal], *, on: date, due: date, authorise: bool, with_charges: bool
) -> InvoiceDraft:
    """The invoice of one order. `shipped`: line_id to units that left; a line that did not ship is not invoiced."""
    lines = tuple(
        _line(line, min(shipped[line.line_id], line.quantity))
        for line in order.content.lines
        if shipped.get(line.line_id)
    )
    simple = order.facts.type is SaleType.SIMPLE
    return InvoiceDraft(
        sale_id=order.sale_id,
        task_id=order.sale_id if simple else NEW_TASK,
        memo=marker(order),
        authorise=authorise,
        invoice_date=on,
        due_date=due,
        linked_fulfilment=str(order.fulfilment_number) if order.fulfilment_number else None,
        currency_rate=order.facts.currency_rate,
        bill_line1=order.facts.bill_line1,
        bill_line2=order.facts.bill_line2,
        lines=lines,
        charges=order.facts.charges if with_charges else (),
    )


def _line(line: OrderLine, quantity: Decimal) -> InvoiceLine:
    """The line's own figures when all of it shipped; else total by price and discount, tax in proportion."""
    if quantity == line.quantity:
        total, tax = line.total, line.tax
    else:
        net = quantity * line.price * (1 - line.discount / 100)
        total = net.quantize(FOUR_PLACES, ROUND_HALF_UP)
        tax = (line.tax * quantity / line.quantity).quantize(FOUR_PLACES, ROUND_HALF_UP)
    return InvoiceLine(
        product_id=line.product_id,
        sku=line.sku,
        name=line.name,
        quantity=quantity,
        price=line.price,
        discount=line.discount,
        tax=tax,
        total=total,
        tax_rule=line.tax_rule,
        comment=line.comment,
    )
