"""Invoice in DEAR what was shipped: at most one invoice per fulfilment, never above what left the building."""

from datetime import date, timedelta
from re import IGNORECASE, search

from crossdock.domain.errors import Conflict, NeedsPerson
from crossdock.domain.invoicing import InvoiceDraft, carries_marker, draft_invoice
from crossdock.domain.order import Order
from crossdock.domain.sale import Invoice, SaleType
from crossdock.domain.settings import InvoiceMode
from crossdock.domain.shipping import shipped_units
from crossdock.domain.states import OrderStatus, ShipmentStatus, Step
from crossdock.workflow import Workplace, attend_orders, begin, writing

WITH_CHARGES = "invoice with charges"
"""The intent to write the one invoice of a sale that takes its additional charges."""

NOT_INVOICED = {"", "NOT AVAILABLE", "NOT INVOICED", "VOIDED"}
"""What a sale's CombinedInvoiceStatus says while there is nothing to look at (blueprint: Sale List)."""


def create_invoices(work: Workplace) -> None:
    """Work through the queue of confirmed orders."""
    attend_orders(work, Step.CREATE_INVOICES, _invoice)


def _invoice(work: Workplace, order: Order) -> None:
    """Look where an invoice may stand already; else intent, call, result."""
    if work.connection.settings.invoice is InvoiceMode.OFF:
        work.orders.save_order(order.settled(work.now(), event="not invoiced", detail="invoicing is off"))
        work.tally.progress("left uninvoiced")
        return
    invoices = _invoices(work, order) if _may_be_invoiced(work, order) else ()
    if standing := _standing(order, invoices):
        _invoiced(work, order, standing)
        return
    siblings = work.orders.orders_of_sale(order.connection, order.sale_id)
    charged = any(_carries_charges(each) for each in siblings if each.reference != order.reference)
    with_charges = not charged and not any(invoice.has_charges for invoice in invoices)
    order = begin(work, order, WITH_CHARGES if with_charges else "invoice")
    try:
        with writing():
            made = work.dear().create_invoice(_draft(work, order, with_charges=with_charges))
    except Conflict as conflict:
        made = _standing(order, _invoices(work, order))
        if made is None:
            raise conflict from None
    _invoiced(work, order, made)


def _draft(work: Workplace, order: Order, *, with_charges: bool) -> InvoiceDraft:
    shipments = [
        record.shipment
        for record in work.orders.shipments_of_order(order)
        if record.status is not ShipmentStatus.VOIDED
    ]
    today = work.now().date()
    return draft_invoice(
        order,
        shipped_units(order, shipments),
        on=today,
        due=_due_date(today, order.facts.terms),
        authorise=work.connection.settings.invoice is InvoiceMode.AUTHORISE,
        with_charges=with_charges,
    )


def _due_date(today: date, terms: str | None) -> date:
    """The day the invoice is due: terms such as "30 days" say it themselves; others fall due at once."""
    days = search(r"(\d+)\s*day", terms or "", flags=IGNORECASE)
    return today + timedelta(days=int(days.group(1)) if days else 0)


def _carries_charges(order: Order) -> bool:
    """Whether this order's invoice has, or may have, taken the sale's additional charges."""
    begun = order.intent is not None and order.intent.action == WITH_CHARGES
    return begun or "charges" in order.done


def _may_be_invoiced(work: Workplace, order: Order) -> bool:
    """Whether to look before writing. The list's row is proof enough only when it is newer than our confirmation."""
    entry = work.orders.sale(order.connection, order.sale_id)
    confirmed_at = max((event.at for event in order.timeline if event.event == OrderStatus.CONFIRMED), default="")
    if entry is None or entry.updated_at.isoformat() <= confirmed_at:
        return True
    return order.intent is not None or order.facts.invoiced or entry.row.invoicing not in NOT_INVOICED


def _invoices(work: Workplace, order: Order) -> tuple[Invoice, ...]:
    return tuple(each for each in work.dear().read_invoices(order.sale_id) if each.status.invoiced)


def _standing(order: Order, invoices: tuple[Invoice, ...]) -> Invoice | None:
    """The invoice that covers this order already, ours or a person's; None where there is none."""
    for invoice in invoices:
        if carries_marker(invoice.memo, order):
            return invoice
    if order.facts.type is SaleType.SIMPLE:
        return invoices[0] if invoices else None
    ours = str(order.fulfilment_number)
    linked = [each for each in invoices if each.linked_fulfilment == ours]
    unlinked = [each for each in invoices if not each.linked_fulfilment and "Crossdock " not in each.memo]
    if not linked and unlinked:
        raise NeedsPerson(
            "invoiced_by_a_person",
            f"DEAR has the invoice {unlinked[0].number or 'without a number'} that names no fulfilment: "
            "see whether it covers this order",
        )
    return linked[0] if linked else None


def _invoiced(work: Workplace, order: Order, invoice: Invoice | None) -> None:
    now = work.now()
    ours = invoice is None or carries_marker(invoice.memo, order)
    number = invoice.number if invoice else None
    detail = (number or "") if ours else f"{number or 'an invoice'} stood in DEAR already; left alone"
    done = (*order.done, "invoice", "charges") if _carries_charges(order) else (*order.done, "invoice")
    order = order.moved(OrderStatus.INVOICED, now, detail=detail, done=done, invoice_number=number)
    shipments = [
        record.moved(ShipmentStatus.INVOICED, now)
        for record in work.orders.shipments_of_order(order)
        if record.status is ShipmentStatus.CONFIRMED
    ]
    work.orders.save_settled(order, shipments)
    work.tally.progress("invoiced" if ours else "invoiced already")
