"""DEAR's sale statuses: what each means, and which sales a chosen set of them takes in. Pure."""

from collections.abc import Callable, Collection, Container, Iterable
from decimal import Decimal
from enum import StrEnum

from crossdock.domain.model import Record
from crossdock.domain.sale import Fulfilment, Invoice, Sale, SaleRow, SaleType, StageStatus


class SaleStatus(StrEnum):
    """The status of a whole sale (blueprint: Available Sale Statuses)."""

    DRAFT = "DRAFT"
    VOIDED = "VOIDED"
    ESTIMATING = "ESTIMATING"
    ESTIMATED = "ESTIMATED"
    ORDERING = "ORDERING"
    ORDERED = "ORDERED"
    BACKORDERED = "BACKORDERED"
    PICKING = "PICKING"
    PICKED = "PICKED"
    PACKING = "PACKING"
    PACKED = "PACKED"
    SHIPPING = "SHIPPING"
    INVOICING = "INVOICING"
    INVOICED = "INVOICED"
    CREDITED = "CREDITED"
    COMPLETED = "COMPLETED"


STATUS_GROUPS: dict[str, frozenset[SaleStatus]] = {
    "PACKED AND SHIPPING": frozenset({SaleStatus.PACKED, SaleStatus.SHIPPING}),
    "ANY": frozenset(SaleStatus),
}
"""Names that stand for several statuses in the settings."""

SIMPLE_ONLY = frozenset(
    {
        SaleStatus.PICKING, SaleStatus.PICKED, SaleStatus.PACKING, SaleStatus.PACKED, SaleStatus.SHIPPING,
        SaleStatus.INVOICING, SaleStatus.INVOICED, SaleStatus.CREDITED,
    }
)  # fmt: skip
"""Statuses that DEAR never gives to an advanced sale (blueprint: Available Sale Statuses)."""

NOT_AUTHORISED_YET = frozenset(
    {SaleStatus.DRAFT, SaleStatus.ESTIMATING, SaleStatus.ESTIMATED, SaleStatus.ORDERING}
)  # fmt: skip
"""Statuses of a sale whose order nobody has authorised: nothing of it may be shipped yet."""

SHIPPED_ALREADY = frozenset({SaleStatus.INVOICING, SaleStatus.INVOICED, SaleStatus.COMPLETED})
"""Statuses that a sale has only once its goods have left."""

_NOT_PICKED = frozenset({SaleStatus.ORDERED, SaleStatus.BACKORDERED})

NEVER, DRAFT, DONE = StageStatus.NOT_AVAILABLE, StageStatus.DRAFT, StageStatus.AUTHORISED
_BILLED = {StageStatus.AUTHORISED, StageStatus.PAID}

AUTHORISED_ORDER = frozenset({"AUTHORISED", "AUTH_NO_ALLOC"})
"""An order that may be shipped; the second has no stock set aside for it (blueprint: Available Order Statuses)."""

FINISHED_ORDER = frozenset({"FULFILLED", "CLOSED"})
"""An authorised order of which nothing more is to be shipped (blueprint: Available Order Statuses)."""


class SaleParts(Record):
    """What the status of a sale follows from. `balance`: total invoiced less paid, in the customer's currency.

    `advanced`: DEAR keeps the stages of such a sale out of its status; it is ORDERED or BACKORDERED until COMPLETED.
    """

    voided: bool = False
    quote: StageStatus = NEVER
    quote_skipped: bool = False
    order: StageStatus = NEVER
    backordered: bool = False
    pick: StageStatus = NEVER
    pack: StageStatus = NEVER
    ship: StageStatus = NEVER
    invoice: StageStatus = NEVER
    credit_note: StageStatus = NEVER
    balance: Decimal = Decimal(0)
    advanced: bool = False


def _no_order(parts: SaleParts) -> bool:
    return parts.order is NEVER


def _unpicked(parts: SaleParts) -> bool:
    return parts.order is DONE and (parts.advanced or parts.pick is NEVER)


_TABLE: tuple[tuple[SaleStatus, Callable[[SaleParts], bool]], ...] = (
    (SaleStatus.VOIDED, lambda sale: sale.voided),
    (SaleStatus.ESTIMATING, lambda sale: _no_order(sale) and sale.quote is DRAFT),
    (SaleStatus.ESTIMATED, lambda sale: _no_order(sale) and (sale.quote is DONE or sale.quote_skipped)),
    (SaleStatus.DRAFT, lambda sale: _no_order(sale) and sale.quote is NEVER),
    (SaleStatus.ORDERING, lambda sale: sale.order is DRAFT),
    (
        SaleStatus.COMPLETED,
        lambda sale: sale.invoice is StageStatus.PAID and sale.ship is DONE and sale.balance == 0,
    ),
    (SaleStatus.CREDITED, lambda sale: sale.credit_note is DONE and sale.balance != 0),
    (SaleStatus.INVOICED, lambda sale: sale.ship is DONE and sale.invoice in _BILLED and sale.balance != 0),
    (SaleStatus.INVOICING, lambda sale: sale.order is DONE and sale.ship is DONE and sale.invoice is DRAFT),
    (SaleStatus.SHIPPING, lambda sale: sale.ship is DRAFT),
    (SaleStatus.PACKED, lambda sale: sale.pack is DONE and sale.ship is NEVER),
    (SaleStatus.PACKING, lambda sale: sale.pack is DRAFT),
    (SaleStatus.PICKED, lambda sale: sale.pick is DONE and sale.pack is NEVER),
    (SaleStatus.PICKING, lambda sale: sale.pick is DRAFT),
    (SaleStatus.BACKORDERED, lambda sale: _unpicked(sale) and sale.backordered),
    (SaleStatus.ORDERED, lambda sale: _unpicked(sale) and not sale.backordered),
)
"""When a sale has a status, the row that is looked at first above: an order that is not there outdoes stages, a later
stage an earlier one, and a credit note an invoice (blueprint: Available Sale Statuses, which has no order of rows)."""


def derive_status(parts: SaleParts) -> SaleStatus | None:
    """The status that follows from the parts; None for parts that the blueprint's table has no row for."""
    for status, holds in _TABLE:
        if not (parts.advanced and status in SIMPLE_ONLY) and holds(parts):
            return status
    return None


def parts_of(sale: Sale, fulfilment: Fulfilment | None) -> SaleParts:
    """The parts of a fulfilment as if it were a simple sale; with None, those of the whole sale."""
    whole = fulfilment is None
    stages = [each for each in sale.fulfilments if not each.voided] if fulfilment is None else [fulfilment]
    invoices = [each for each in sale.invoices if fulfilment is None or _bills(each, sale, fulfilment)]
    billed = [invoice for invoice in invoices if invoice.status in _BILLED]
    return SaleParts(
        voided="VOIDED" in {sale.status, sale.order_status} or (fulfilment is not None and fulfilment.voided),
        quote=_stage(sale.quote_status),
        order=_order(sale.order_status),
        backordered=any(line.backordered > 0 for line in sale.lines),
        pick=_together(each.pick for each in stages),
        pack=_together(each.pack for each in stages),
        ship=_together(each.ship for each in stages),
        invoice=_together(invoice.status for invoice in invoices if invoice.status is not StageStatus.VOIDED),
        credit_note=DONE if any(note.status is DONE for note in sale.credit_notes) else NEVER,
        balance=sum((invoice.total - invoice.paid for invoice in billed), Decimal(0)),
        advanced=whole and sale.type is SaleType.ADVANCED,
    )


def status_of_fulfilment(sale: Sale, fulfilment: Fulfilment) -> SaleStatus | None:
    """The status that this fulfilment of an advanced sale would have, were it a simple sale."""
    return derive_status(parts_of(sale, fulfilment))


def fulfilments_in_scope(
    sale: Sale, wanted: Collection[SaleStatus], promised: Container[str] = ()
) -> tuple[Fulfilment, ...] | None:
    """The fulfilments that a set of statuses takes in; None for all of them.

    All of a simple sale, which its row has been matched by, and of a sale whose own status is wanted. `promised`: the
    tasks of fulfilments that have an order. They stay in scope: a stage that moves on takes no order back.
    """
    if sale.type is not SaleType.ADVANCED or _own_status(sale) in wanted:
        return None
    return tuple(
        each
        for each in sale.fulfilments
        if each.task_id in promised or (not each.voided and status_of_fulfilment(sale, each) in wanted)
    )


def row_matches(row: SaleRow, wanted: Collection[SaleStatus]) -> bool:
    """Whether a row of saleList may be of a sale that a set of statuses takes in.

    By its Status, or where that is blank or unknown by what its other columns leave possible; an advanced sale also by
    its combined statuses. Where columns leave several possible, one of them is enough: the sale is read to know.
    """
    possible = {SaleStatus(row.status)} if row.status in set(SaleStatus) else _possible(row)
    if row.type is SaleType.ADVANCED:
        possible |= {status for status in SIMPLE_ONLY if _COMBINED[status](row)}
    return not possible.isdisjoint(wanted)


def warnings_for(wanted: Collection[SaleStatus]) -> tuple[str, ...]:
    """What a chosen set of statuses means that its names do not say, a sentence or two each."""
    chosen = frozenset(wanted)
    later = "and loaded then" if chosen >= _NOT_PICKED else "and loaded then only if its new status is chosen too"
    told = [
        _of_simple_sales(chosen),
        _told(
            chosen & NOT_AUTHORISED_YET,
            f"the order is not authorised. Such a sale is listed as skipped (not_authorised) until it is, {later}.",
        ),
        _told(
            chosen & SHIPPED_ALREADY,
            "given by DEAR once the goods have left. Such a sale is listed as skipped (already_shipped): "
            "Crossdock never ships what DEAR has shipped.",
        ),
        _told(chosen & {SaleStatus.VOIDED}, "a voided sale is never loaded; its orders are withdrawn."),
        _one_of_two(chosen),
    ]
    if chosen <= NOT_AUTHORISED_YET | SHIPPED_ALREADY | {SaleStatus.VOIDED}:
        told.append("With these statuses no sale will ever be loaded.")
    return tuple(warning for warning in told if warning)


def _of_simple_sales(chosen: frozenset[SaleStatus]) -> str:
    whole = chosen & _NOT_PICKED
    if whole == _NOT_PICKED:
        matched = "As both ORDERED and BACKORDERED are chosen, every open advanced sale is loaded, whatever its stage."
    elif whole:
        matched = (
            f"An advanced sale stays ORDERED or BACKORDERED while it is open: one that is {''.join(whole)} is loaded "
            "whole, of another the fulfilments that are in these stages."
        )
    else:
        matched = (
            "Advanced sales are matched by their combined pick, pack and ship statuses instead, and of each the "
            "fulfilments are loaded that are in these stages."
        )
    return _told(chosen & SIMPLE_ONLY, f"given by DEAR to simple sales only. {matched}")


def _one_of_two(chosen: frozenset[SaleStatus]) -> str:
    if chosen & _NOT_PICKED == {SaleStatus.ORDERED}:
        return (
            "ORDERED without BACKORDERED: a sale with a product on backorder is BACKORDERED in DEAR. "
            "It is not loaded until all of it is in stock."
        )
    if chosen & _NOT_PICKED == {SaleStatus.BACKORDERED}:
        return "BACKORDERED without ORDERED: a sale that is all in stock is ORDERED in DEAR, and is not loaded."
    return ""


def _told(statuses: Collection[SaleStatus], meaning: str) -> str:
    return f"{', '.join(status for status in SaleStatus if status in statuses)}: {meaning}" if statuses else ""


_PARTLY_PICKED = {"PICKED", "PARTIALLY PICKED"}
_PARTLY_PACKED = {"PACKED", "PARTIALLY PACKED"}
_PARTLY_SHIPPED = {"SHIPPED", "PARTIALLY SHIPPED"}
_BILLED_WORDS = {"AUTHORISED", "INVOICED", "PAID", "PARTIALLY INVOICED", "PARTIALLY PAID"}

_COMBINED: dict[SaleStatus, Callable[[SaleRow], bool]] = {
    SaleStatus.PICKING: lambda row: row.picking in {"PICKING", "PARTIALLY PICKED"},
    SaleStatus.PICKED: lambda row: row.picking in _PARTLY_PICKED and row.packing != "PACKED",
    SaleStatus.PACKING: lambda row: row.packing in {"PACKING", "PARTIALLY PACKED"},
    SaleStatus.PACKED: lambda row: row.packing in _PARTLY_PACKED and row.shipping != "SHIPPED",
    SaleStatus.SHIPPING: lambda row: row.shipping in {"SHIPPING", "PARTIALLY SHIPPED"},
    SaleStatus.INVOICING: lambda row: (
        row.shipping in _PARTLY_SHIPPED and row.invoicing in {"DRAFT", "INVOICING", "PARTIALLY INVOICED"}
    ),
    SaleStatus.INVOICED: lambda row: row.shipping in _PARTLY_SHIPPED and row.invoicing in _BILLED_WORDS,
    SaleStatus.CREDITED: lambda row: row.credit_note_status == "AUTHORISED" and row.invoicing in _BILLED_WORDS,
}
"""Whether one fulfilment of an advanced sale may be where a simple sale has the status: of several, some are further
on than others, and the combined word is of all of them (blueprint: Sale List)."""

_WORDS = {
    "": NEVER, "NOT PICKED": NEVER, "NOT PACKED": NEVER, "NOT SHIPPED": NEVER, "NOT INVOICED": NEVER,
    "PICKING": DRAFT, "PACKING": DRAFT, "SHIPPING": DRAFT, "INVOICING": DRAFT,
    "PICKED": DONE, "PACKED": DONE, "SHIPPED": DONE, "INVOICED": DONE,
}  # fmt: skip
"""What a combined word says of the one stage of a simple sale."""


def _possible(row: SaleRow) -> set[SaleStatus]:
    """The statuses that fit a row's other columns, which tell neither backorders nor what is owed."""
    invoice = _stage(row.invoicing)
    known = {
        "voided": row.order_status == "VOIDED",
        "quote": _stage(row.quote_status),
        "order": _order(row.order_status),
        "pick": _stage(row.picking),
        "pack": _stage(row.packing),
        "ship": _stage(row.shipping),
        "invoice": invoice,
        "credit_note": _stage(row.credit_note_status),
        "advanced": row.type is SaleType.ADVANCED,
    }
    owed = (Decimal(0), Decimal(1)) if invoice in _BILLED else (Decimal(0),)
    found = {
        derive_status(SaleParts.model_validate({**known, "backordered": backordered, "balance": balance}))
        for backordered in (False, True)
        for balance in owed
    }
    return {status for status in found if status is not None}


def _own_status(sale: Sale) -> SaleStatus | None:
    """The sale's status as DEAR gives it, or where that is blank or unknown, as its parts do."""
    return SaleStatus(sale.status) if sale.status in set(SaleStatus) else derive_status(parts_of(sale, None))


def _bills(invoice: Invoice, sale: Sale, fulfilment: Fulfilment) -> bool:
    """Whether the invoice is of this fulfilment; a simple sale has only one."""
    if sale.type is not SaleType.ADVANCED:
        return True
    by_number = (invoice.linked_fulfilment or "").strip() == str(fulfilment.number)
    return by_number or (invoice.number is not None and invoice.number == fulfilment.linked_invoice)


def _together(stages: Iterable[StageStatus]) -> StageStatus:
    """Of several, where they all are; else draft, which is begun and not done."""
    found = set(stages)
    if found == _BILLED:
        return DONE
    return found.pop() if len(found) == 1 else DRAFT if found else NEVER


def _stage(text: str) -> StageStatus:
    if text in _WORDS:
        return _WORDS[text]
    return StageStatus(text) if text in set(StageStatus) else StageStatus.OTHER


def _order(text: str) -> StageStatus:
    return DONE if text in AUTHORISED_ORDER | FINISHED_ORDER else _stage(text)
