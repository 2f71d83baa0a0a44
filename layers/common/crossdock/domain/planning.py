"""What becomes of a sale: skipped with a reason, held with a reason, or one order per fulfilment. Pure."""

from collections.abc import Mapping
from decimal import Decimal

from crossdock.domain.addressing import check_address, postal_address
from crossdock.domain.changes import hash_of
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.model import Reason, Record
from crossdock.domain.order import Content, OrderLine, SaleFacts
from crossdock.domain.references import reference_of
from crossdock.domain.sale import Fulfilment, Sale, SaleLine, SaleType, StageStatus
from crossdock.domain.scope import judge_location
from crossdock.domain.settings import Settings
from crossdock.domain.shares import share_out


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


def plan_sale(sale: Sale, settings: Settings, promised: Mapping[str, Content] | None = None) -> Plan:
    """The orders that the sale asks for. Raises NeedsPerson when only a person can mend what is wrong.

    `promised`: what the orders that stand already ask for, by the task of their fulfilment.
    """
    if reason := judge_location(sale.location, settings):
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
    check_address(sale.ship_to)
    method = _ship_method(sale, settings)
    planned = [
        _planned(sale, settings, method, fulfilment, order_lines)
        for fulfilment, order_lines in share_out(sale, lines, promised or {})
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
        ship_to=postal_address(sale, sale.ship_to, settings),
        bill_to=postal_address(sale, sale.bill_to, settings),
        notes=sale.memo,
        shipping_notes=sale.shipping_notes,
        currency=sale.currency,
        total=sale.total if number is None else sum((line.total for line in lines), Decimal(0)),
        lines=lines,
        attributes=sale.attributes,
    )


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
