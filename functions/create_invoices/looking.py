"""What DEAR shows of a sale before it is invoiced: read again only where something may have changed since our read."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.invoicing import InvoiceDue, carries_marker, carries_ours, figures_of, marker
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.order import Order, SaleFacts, left_too_late
from crossdock.domain.sale import Invoice, Sale, SaleRow, SaleType, StageStatus
from crossdock.domain.stamps import stamp_of
from crossdock.domain.states import ShipmentStatus
from crossdock.domain.verdicts import IS_VOIDED, VOIDED
from crossdock.workflow import Workplace

NOT_INVOICED = frozenset({"", "NOT AVAILABLE", "NOT INVOICED", VOIDED})
"""What a sale's CombinedInvoiceStatus says while there is nothing to look at (blueprint: Sale List)."""

NOT_CREDITED = frozenset({"", "NOT AVAILABLE", "NOT CREDITED", VOIDED})

CLOCKS_DIFFER = timedelta(seconds=5)
"""DEAR's stamp of our own last write may be so much later than our note of it."""

MANY_CALLS = 20
"""Only with so many left is a sale read that the next list, a minute later, may show to be as it was."""

CREDIT_NOTE, UNLINKED = "credit_note", "invoiced_by_a_person"
"""Why an order is held here; a person who releases it overrules that."""

_OURS = ("fulfilment", "pick", "pack", "ship", "confirmed", "invoice", "converted")
"""How the events begin that tell of our own writes to the sale."""


class Seen(NamedTuple):
    """The order as the sale now is, and the sale's invoices; none where there was no need to look."""

    order: Order
    invoices: tuple[Invoice, ...] = ()


def look(work: Workplace, order: Order, dues: Iterable[InvoiceDue], siblings: Iterable[Order]) -> Seen:
    """Read the sale again where it must be: its invoices, and its prices, charges and terms as they are now.

    Raises NeedsPerson for a sale that is voided or has a credit note.
    """
    entry = work.orders.sale(order.connection, order.sale_id)
    confirmed = [event.at for due in dues for record in due.shipments for event in record.timeline
                 if event.event == ShipmentStatus.CONFIRMED]  # fmt: skip
    own = [*confirmed, *_writes(order)]
    if not _may_have_changed(entry, order, own, [at for each in siblings for at in _writes(each)]):
        return Seen(order)
    if entry is not None and own and not _is_listed_since(entry, own):
        work.dear().expect(MANY_CALLS)
    sale = work.dear().read_sale(order.sale_id)
    _check(sale, order)
    facts = _facts(order.facts, sale)
    if facts != order.facts:
        order = order.noted(work.now(), event="read again", facts=facts)
        work.orders.save_order(order)
    return Seen(order, begun(sale.invoices))


def begun(invoices: Iterable[Invoice]) -> tuple[Invoice, ...]:
    """The invoices that stand. An empty draft is a place for one, and no more."""
    return tuple(
        each
        for each in invoices
        if each.status.invoiced
        and (each.status is not StageStatus.DRAFT or each.lines or each.charges or each.memo.strip())
    )


def standing(order: Order, due: InvoiceDue, invoices: tuple[Invoice, ...]) -> Invoice | None:
    """The invoice that covers this fulfilment already, ours or a person's; None where there is none."""
    for invoice in invoices:
        if carries_marker(invoice.memo, due.marker):
            return invoice
    if order.facts.type is SaleType.SIMPLE:
        return invoices[0] if invoices else None
    for invoice in invoices:
        if not due.before and carries_marker(invoice.memo, marker(order)):
            return invoice  # From when the sale was simple: what was confirmed first.
    others = [each for each in invoices if not carries_ours(each.memo, order)]
    linked = [each for each in others if due.fulfilment and each.linked_fulfilment == str(due.fulfilment)]
    unlinked = [each for each in others if not each.linked_fulfilment]
    if not linked and unlinked and UNLINKED not in order.passed:
        raise NeedsPerson(
            UNLINKED,
            f"DEAR has the invoice {unlinked[0].number or 'without a number'} that names no fulfilment: "
            "see whether it covers this order, and link it in DEAR; or release the order to have it invoiced",
        )
    return linked[0] if linked else None


def _may_have_changed(entry: SaleEntry | None, order: Order, own: list[str], others: list[str]) -> bool:
    """Whether to look before writing. `own`, `others`: when we wrote to the sale, for this order and for its others.

    The list's row is proof enough only when it is newer than our confirmation, and its stamp is of our own last write.
    """
    if entry is None or order.intent is not None or order.facts.invoiced or _tells_of_more(entry.row):
        return True
    if not own or not _is_listed_since(entry, own):
        return True
    changed = stamp_of(entry.row)
    return changed is None or changed > _moment(max((*own, *others))) + CLOCKS_DIFFER


def _is_listed_since(entry: SaleEntry, own: list[str]) -> bool:
    return entry.updated_at > _moment(max(own))


def _tells_of_more(row: SaleRow) -> bool:
    uncommon = row.invoicing not in NOT_INVOICED or row.credit_note_status not in NOT_CREDITED
    return uncommon or VOIDED in {row.status, row.order_status}


def _writes(order: Order) -> list[str]:
    """When we wrote to the sale for this order, as far as it is recorded."""
    return [event.at for event in order.timeline if event.event.startswith(_OURS)]


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(UTC)


def _check(sale: Sale, order: Order) -> None:
    """A credit note is passed once a person has released the order in spite of it; a voided sale never is."""
    if VOIDED in {sale.status, sale.order_status}:
        why = left_too_late(IS_VOIDED)
        raise NeedsPerson(why.code, f"{why.text}; it is not invoiced")
    if any(note.status.invoiced for note in sale.credit_notes) and CREDIT_NOTE not in order.passed:
        text = (
            "DEAR has a credit note on the sale: invoice what is due in DEAR, or release the order to have it invoiced"
        )
        raise NeedsPerson(CREDIT_NOTE, text)


def _facts(known: SaleFacts, sale: Sale) -> SaleFacts:
    """What an invoice takes from the sale, as it is now."""
    return known.model_copy(
        update={
            "type": sale.type,
            "tax_inclusive": sale.tax_inclusive,
            "currency_rate": sale.currency_rate,
            "terms": sale.terms,
            "bill_line1": sale.bill_to.display[0] or None,
            "bill_line2": sale.bill_to.display[1] or None,
            "charges": sale.charges,
            "lines": figures_of(sale),
        }
    )
