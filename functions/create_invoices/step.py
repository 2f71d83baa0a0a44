"""Invoice in DEAR what was shipped: at most one invoice per fulfilment, never above what left the building."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from create_invoices.looking import Seen, begun, look, standing
from create_invoices.rules import dates_for
from crossdock.domain.confirming import billed
from crossdock.domain.errors import Conflict, NeedsPerson, Refused
from crossdock.domain.invoicing import (
    INVOICED_ALREADY,
    InvoiceDraft,
    InvoiceDue,
    InvoiceTerms,
    asked,
    carries_ours,
    draft_invoice,
    invoices_due,
    units_of,
)
from crossdock.domain.model import Reason
from crossdock.domain.order import Order
from crossdock.domain.sale import Invoice, StageStatus
from crossdock.domain.settings import InvoiceMode
from crossdock.domain.states import OrderStatus, ShipmentStatus, Step
from crossdock.workflow import Workplace, attend_orders, begin, writing

WITH_CHARGES = "invoice with charges"
"""The intent to write the one invoice of a sale that takes its additional charges."""

CALLS_OF_AN_INVOICE = 2
"""A look, where there is need of one, and the invoice. One that is cut between costs another look."""

LINES_SHOWN = 5
"""Of an invoice that DEAR refused."""


class Written(NamedTuple):
    """The order with the intent to invoice it, the invoice that then stood, and what is to be told of it."""

    order: Order
    invoice: Invoice | None
    told: tuple[str, ...] = ()


def create_invoices(work: Workplace) -> None:
    """Work through the queue of confirmed orders."""
    attend_orders(work, Step.CREATE_INVOICES, _invoice)


def _invoice(work: Workplace, order: Order) -> None:
    """An invoice for each fulfilment that is confirmed and has none; what a person has invoiced is left alone."""
    dues = invoices_due(order, work.orders.shipments_of_order(order))
    if work.connection.settings.invoice is InvoiceMode.OFF:
        _end(work, order, dues, event="not invoiced", detail="invoicing is off")
        work.tally.progress("left uninvoiced")
        return
    if not dues:
        text = "none of its shipments is confirmed in DEAR, not withdrawn and not invoiced"
        raise NeedsPerson("nothing_to_invoice", text)
    work.dear().expect(CALLS_OF_AN_INVOICE)
    seen = look(work, order, dues, _siblings(work, order))
    theirs: list[tuple[InvoiceDue, Invoice]] = []
    for due in dues:
        found = standing(seen.order, due, seen.invoices)
        written = Written(seen.order, found) if found else _write(work, seen, due)
        order = written.order
        if written.invoice is not None and not carries_ours(written.invoice.memo, order):
            theirs.append((due, written.invoice))
        else:
            order = _settle(work, written, due)
        seen = Seen(order, seen.invoices)
    if theirs:
        _leave_alone(work, seen.order, theirs)


def _write(work: Workplace, seen: Seen, due: InvoiceDue) -> Written:
    """Intent and call; what DEAR says stands already is looked up instead, once."""
    siblings = _siblings(work, seen.order)
    charged = any(_carries_charges(each) for each in siblings) or "charges" in seen.order.done
    with_charges = not charged and not any(invoice.has_charges for invoice in seen.invoices)
    dates = dates_for(work, seen.order)
    draft = draft_invoice(seen.order, due, _invoiced_before(work, seen.order, siblings), InvoiceTerms(
        on=dates.on, due=dates.due, tax_method=dates.tax_method, with_charges=with_charges,
        authorise=work.connection.settings.invoice is InvoiceMode.AUTHORISE,
        memo=work.connection.settings.invoice_memo,
    ))  # fmt: skip
    order = begin(work, seen.order, WITH_CHARGES if with_charges else "invoice")
    try:
        with writing():
            return Written(order, work.dear().create_invoice(draft), dates.told)
    except Conflict as conflict:
        found = standing(order, due, begun(work.dear().read_invoices(order.sale_id)))
        if found is None:
            raise conflict from None
        return Written(order, found)
    except Refused as refused:
        raise _refusal(order, draft, refused) from None


def _siblings(work: Workplace, order: Order) -> tuple[Order, ...]:
    """The sale's other orders."""
    orders = work.orders.orders_of_sale(order.connection, order.sale_id)
    return tuple(each for each in orders if each.reference != order.reference)


def _carries_charges(order: Order) -> bool:
    """Whether this order's invoice has, or may have, taken the sale's additional charges."""
    begun_so = order.intent is not None and order.intent.action == WITH_CHARGES
    return begun_so or "charges" in order.done


def _invoiced_before(work: Workplace, order: Order, siblings: Iterable[Order]) -> dict[int, Decimal]:
    """The units of each line of the sale that are invoiced already, by the line's place."""
    units: dict[int, Decimal] = {}
    for each in (order, *siblings):
        records = work.orders.shipments_of_order(each)
        invoiced = [record for record in records if record.status is ShipmentStatus.INVOICED]
        for place, count in units_of(each, invoiced).items() if invoiced else ():
            units[place] = units.get(place, Decimal(0)) + count
    return units


def _settle(work: Workplace, written: Written, due: InvoiceDue) -> Order:
    """The invoice of one fulfilment is known to stand. The order is invoiced once nothing of it is left."""
    now, order = work.now(), written.order
    number = written.invoice.number if written.invoice else None
    told = "; ".join(filter(None, (number, *written.told)))
    records = {record.shipment.id: record for record in work.orders.shipments_of_order(order)}
    mine = [records[each.shipment.id] for each in due.shipments]
    settled = [each.moved(ShipmentStatus.INVOICED, now) for each in mine if each.status is ShipmentStatus.CONFIRMED]
    numbers = ", ".join(dict.fromkeys(filter(None, (order.invoice_number, number)))) or None
    charged = _carries_charges(order) or (written.invoice is not None and written.invoice.has_charges)
    done = tuple(dict.fromkeys((*order.done, "invoice", *(("charges",) if charged else ()))))
    left = sum(each.uninvoiced for each in records.values()) - len(settled)
    if left:
        order = order.recorded("invoice", now, detail=told, done=done, invoice_number=numbers)
    else:
        more = any(each.status is ShipmentStatus.RECEIVED for each in records.values())
        order = billed(order, now, told, more=more, done=done, invoice_number=numbers)
    work.orders.save_settled(order, settled)
    work.tally.progress("invoiced")
    return order


def _leave_alone(work: Workplace, order: Order, found: list[tuple[InvoiceDue, Invoice]]) -> None:
    """What a person has invoiced stays as it is: the order ends where it stands, and says why."""
    theirs = [invoice for _, invoice in found]
    named = ", ".join(dict.fromkeys(each.number or "an invoice without a number" for each in theirs))
    drafted = " as a draft" if all(each.status is StageStatus.DRAFT for each in theirs) else ""
    text = f"a person has invoiced it in DEAR{drafted} with {named}, which is left alone"
    numbers = ", ".join(filter(None, (order.invoice_number, *(each.number for each in theirs)))) or None
    reason = Reason(code=INVOICED_ALREADY, text=text)
    dues = [due for due, _ in found]
    _end(work, order, dues, event="left alone", detail=text, reason=reason, invoice_number=numbers)
    work.tally.progress("invoiced by a person")


def _end(
    work: Workplace, order: Order, dues: Iterable[InvoiceDue], *, event: str, detail: str, **changes: object
) -> None:
    """Leave the order where it stands, with no invoice to come for these; the rest is the confirmation's."""
    now = work.now()
    ids = {each.shipment.id for due in dues for each in due.shipments if not each.left_alone}
    left_alone = [each.let_be(now) for each in work.orders.shipments_of_order(order) if each.shipment.id in ids]
    more = order.status is not OrderStatus.CONFIRMED or bool(order.corrected)
    then = {"errand": Step.CONFIRM_SHIPMENTS, "due_at": now} if more else {"errand": None, "due_at": None}
    order = order.noted(now, event=event, detail=detail, intent=None, attempts=0, **then, **changes)
    work.orders.save_settled(order, left_alone)


def _refusal(order: Order, draft: InvoiceDraft, refused: Refused) -> NeedsPerson:
    """DEAR's number and ours, side by side: nothing is forced."""
    named = [line for line in draft.lines if line.sku in refused.message] or list(draft.lines)
    lines = "; ".join(
        f"{line.quantity} {line.sku} at {line.price} less {line.discount}% is {line.total}, tax {line.tax}"
        for line in named[:LINES_SHOWN]
    )
    total = asked(draft, tax_inclusive=order.facts.tax_inclusive)
    error = NeedsPerson("invoice_refused", f"{refused}. Ours: {lines}; the invoice {total}, tax included")
    error.in_write = refused.in_write
    return error
