"""What the warehouse is told of a sale: which of DEAR's fields the settings choose for each of the contract's."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from crossdock.domain.addressing import bill_to_of, ship_to_of
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.memo import names_one_of
from crossdock.domain.order import Content, OrderLine
from crossdock.domain.references import reference_of
from crossdock.domain.sale import Charge, Invoice, Sale
from crossdock.domain.settings import Settings


def content_of(sale: Sale, settings: Settings, fulfilment_number: int | None, lines: tuple[OrderLine, ...]) -> Content:
    """An order's content. Raises NeedsPerson for an address or a ship method that a person must mend first."""
    method = ship_method_of(sale, settings)
    code = _mapped(method, settings)
    numbered = f"{sale.order_number}.{fulfilment_number}" if fulfilment_number else sale.order_number
    return Content(
        order_number=numbered,
        sale_id=sale.sale_id,
        customer_reference=sale.customer_reference,
        channel=sale.source_channel,
        source=_source_of(sale, settings),
        ordered_at=sale.order_date,
        ship_by=sale.ship_by,
        warehouse=settings.warehouses.get(sale.location or ""),
        location=sale.location,
        ship_method=code,
        carrier=code,
        ship_method_raw=method,
        ship_to=ship_to_of(sale, settings),
        bill_to=bill_to_of(sale, settings),
        notes=_notes_of(sale, settings),
        shipping_notes=sale.shipping_notes,
        currency=sale.currency,
        total=sum((line.total for line in lines), Decimal(0)) if fulfilment_number else sale.total,
        lines=lines,
        attributes=sale.attributes,
    )


def ship_method_of(sale: Sale, settings: Settings) -> str | None:
    """DEAR's own words for how the sale is to be shipped, from where the settings say."""
    source = settings.ship_method_from
    if source == "none":
        return None
    if source == "carrier":
        return sale.carrier
    if source == "shipping_account":
        accounts = {account.casefold() for account in settings.shipping_accounts}
        booked = (charge for charge in _charges(sale) if charge.account and charge.account.casefold() in accounts)
        return next((charge.description for charge in booked if charge.description), sale.carrier)
    return sale.attribute(source) or None


def _charges(sale: Sale) -> Iterator[Charge]:
    """Those of the standing invoices first: there DEAR always names the account."""
    for invoice in sale.invoices:
        if invoice.status.invoiced and not _is_ours(invoice, sale):
            yield from invoice.charges
    yield from sale.charges


def _mapped(method: str | None, settings: Settings) -> str | None:
    """The warehouse's code. Without any mapping, DEAR's text goes through as it is (decision 6)."""
    if not method or not settings.ship_methods:
        return method
    code = settings.ship_methods.get(method)
    if code is None and settings.unmapped_ship_method == "hold":
        raise NeedsPerson(
            "unmapped_ship_method",
            f"the ship method {method!r} has no warehouse code: add it under settings.ship_methods",
        )
    return code or method


def _notes_of(sale: Sale, settings: Settings) -> str | None:
    match settings.notes_from:
        case "quote_memo":
            return sale.quote_memo
        case "invoice_memo":
            theirs = (invoice for invoice in sale.invoices if invoice.status.invoiced and not _is_ours(invoice, sale))
            return _first(invoice.memo for invoice in theirs)
        case "credit_note_memo":
            return _first(note.memo for note in sale.credit_notes if note.status.invoiced)
    return sale.memo


def _source_of(sale: Sale, settings: Settings) -> str | None:
    match settings.source_from:
        case "account":
            return sale.default_account or sale.source_channel
        case "sales_rep":
            return sale.sales_representative or sale.source_channel
    return sale.source_channel


def _is_ours(invoice: Invoice, sale: Sale) -> bool:
    """Whether we made it: what we wrote of one fulfilment says nothing new of the sale."""
    return names_one_of(invoice.memo, {sale.order_number, reference_of(sale.order_number, sale.sale_id, None)})


def _first(texts: Iterable[str]) -> str | None:
    return next((text for text in texts if text), None)
