"""What becomes of a sale: skipped with a reason, held with a reason, or one order per fulfilment. Pure."""

from collections.abc import Mapping

from crossdock.domain.bills import Bill
from crossdock.domain.changes import hash_of
from crossdock.domain.content import content_of
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.invoicing import figures_of
from crossdock.domain.kits import expand
from crossdock.domain.model import Reason, Record
from crossdock.domain.order import Content, Order, OrderLine, SaleFacts, SoldKit, as_sold
from crossdock.domain.references import reference_of
from crossdock.domain.sale import Fulfilment, Sale, SaleLine, SaleType, StageStatus
from crossdock.domain.scope import LineVerdict, judge_lines, judge_sale, shippable
from crossdock.domain.settings import Settings
from crossdock.domain.shares import Share, share_out
from crossdock.domain.statuses import fulfilments_in_scope


class PlannedOrder(Record):
    """An order that a sale asks for, not stored yet."""

    reference: str
    fulfilment_number: int | None
    task_id: str | None
    content: Content
    content_hash: str
    kits: tuple[SoldKit, ...] = ()
    facts: SaleFacts

    @property
    def sold_lines(self) -> tuple[OrderLine, ...]:
        """The lines as DEAR sold them."""
        return as_sold(self.content, self.kits).lines


class Plan(Record):
    """What a sale asks for: orders, or the reason why there are none."""

    orders: tuple[PlannedOrder, ...] = ()
    skipped: Reason | None = None


def plan_sale(
    sale: Sale,
    settings: Settings,
    promised: Mapping[str, Content] | None = None,
    bills: Mapping[str, Bill] | None = None,
) -> Plan:
    """The orders that the sale asks for. Raises NeedsPerson when only a person can mend what is wrong.

    `promised`: what the orders that stand already ask for, by the task of their fulfilment. `bills`: what kits are
    made of, by product; a product without one goes as it is.
    """
    if reason := judge_sale(sale, settings):
        return Plan(skipped=reason)
    lines = tuple((position, line) for position, line in enumerate(sale.lines, start=1) if shippable(line))
    _check_identities(sale)
    if not lines:
        return Plan(skipped=Reason(code="nothing_to_ship", text="it has no line that a warehouse could ship"))
    verdict = judge_lines(sale.lines, settings)
    if verdict.refused:
        return Plan(skipped=verdict.refused)
    shares = [share for share in share_out(sale, lines, promised or {}, settings.lines_from) if share.lines]
    if not shares:
        return Plan(skipped=_nothing_open(sale, lines))
    in_scope = fulfilments_in_scope(sale, settings.sale_statuses, promised or {})
    wanted = [share for share in shares if in_scope is None or share.fulfilment in in_scope]
    if not wanted:
        return Plan(skipped=Reason(code="status", text="none of its fulfilments is in a status that is loaded"))
    kept = [share.only(verdict.kept) for share in wanted]
    planned = [_planned(sale, settings, share, bills or {}) for share in kept if share.lines]
    return Plan(orders=tuple(planned)) if planned else Plan(skipped=_all_dropped(verdict))


def plan_rest(sale: Sale, settings: Settings, order: Order) -> PlannedOrder:
    """What the sale asks of an order in parts for which no fulfilment is open: its own lines, all else as it now is.

    Raises NeedsPerson.
    """
    content = order.with_own_lines(content_of(sale, settings, order.fulfilment_number, ()))
    return PlannedOrder(
        reference=order.reference,
        fulfilment_number=order.fulfilment_number,
        task_id=order.task_id,
        content=content,
        content_hash=hash_of(content),
        kits=order.kits,
        facts=_facts(sale, None),
    )


def plan_standing(
    sale: Sale, settings: Settings, number: int | None, bills: Mapping[str, Bill], *, takes_rest: bool
) -> PlannedOrder | None:
    """What an order that the warehouse has stands for, whatever DEAR shows of its shipping by now.

    `number`: its fulfilment, None for the whole sale; `takes_rest`: it has what no other fulfilment has. Where the sale
    has nothing for it any more, it has no task, and may have any of the sale's lines: None where there are none. Raises
    NeedsPerson.
    """
    lines = tuple((position, line) for position, line in enumerate(sale.lines, start=1) if shippable(line))
    whole = number is None and sale.type is SaleType.ADVANCED
    reopened = tuple(_reopened(each, empty=takes_rest and each.number == number) for each in sale.fulfilments)
    open_sale = sale.model_copy(update={"fulfilments": () if whole else reopened})
    as_they_are = {each.task_id: each for each in sale.fulfilments}
    kept = judge_lines(sale.lines, settings).kept
    for share in share_out(open_sale, lines, {}, settings.lines_from):
        fulfilment = as_they_are.get(share.fulfilment.task_id) if share.fulfilment else None
        if whole or sale.type is SaleType.SIMPLE or (fulfilment is not None and fulfilment.number == number):
            mine = share.model_copy(update={"fulfilment": fulfilment}).only(kept)
            if mine.lines:
                return _planned(sale, settings, mine, bills)
    (every,) = share_out(sale.model_copy(update={"fulfilments": ()}), lines, {}, settings.lines_from)
    mine = every.only(kept)
    gone = {"fulfilment_number": number}
    return _planned(sale, settings, mine, bills).model_copy(update=gone) if mine.lines else None


def _reopened(fulfilment: Fulfilment, *, empty: bool) -> Fulfilment:
    changes: dict[str, object] = {"ship": StageStatus.NOT_AVAILABLE}
    return fulfilment.model_copy(update={**changes, "pick_lines": ()} if empty else changes)


def _check_identities(sale: Sale) -> None:
    """A line that names its goods by half can be neither sent nor left out."""
    half = [str(at) for at, line in enumerate(sale.lines, start=1) if line.quantity > 0 and not line.drop_ship
            and bool(line.sku) != bool(line.product_id)]  # fmt: skip
    if half:
        text = f"line {', '.join(half)} of {sale.order_number} has a product without a SKU, or a SKU without a product"
        raise NeedsPerson("no_sku", text)


def _nothing_open(sale: Sale, lines: tuple[tuple[int, SaleLine], ...]) -> Reason:
    """Why no fulfilment asks for an order: all is shipped, or units are left that no fulfilment takes."""
    ordered = sum(line.quantity for _, line in lines)
    picked = sum(pick.quantity for each in sale.fulfilments if not each.voided for pick in each.pick_lines)
    if sale.type is SaleType.ADVANCED and picked < ordered:
        return Reason(code="no_open_fulfilment", text="units are left and DEAR has no open fulfilment for them")
    return Reason(code="already_shipped", text="every fulfilment is shipped in DEAR")


def _all_dropped(verdict: LineVerdict) -> Reason:
    why = "; ".join(dict.fromkeys(why for _, why in verdict.dropped))
    return Reason(code="item_filter", text=f"the item filters drop every line: {why}")


def _planned(sale: Sale, settings: Settings, share: Share, bills: Mapping[str, Bill]) -> PlannedOrder:
    fulfilment = share.fulfilment
    numbered = fulfilment if sale.type is SaleType.ADVANCED else None
    number = numbered.number if numbered else None
    content, kits = expand(content_of(sale, settings, number, share.lines), bills)
    task_id = fulfilment.task_id if fulfilment else None
    if sale.type is SaleType.SIMPLE:
        task_id = task_id or sale.sale_id
    return PlannedOrder(
        reference=reference_of(sale.order_number, sale.sale_id, number),
        fulfilment_number=number,
        task_id=task_id,
        content=content,
        content_hash=hash_of(content),
        kits=kits,
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
        picked=fulfilment.pick_lines if fulfilment and not fulfilment.pick.open else (),
        picked_on=fulfilment.task_id if fulfilment else None,
        charges=sale.charges,
        lines=figures_of(sale),
        invoiced=any(invoice.status.invoiced for invoice in sale.invoices),
    )
