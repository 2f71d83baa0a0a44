"""The second half: a sale in scope is read once and becomes one order per fulfilment."""

from collections.abc import Container, Iterable
from datetime import datetime, timedelta

from crossdock.domain.edits import edited, in_trouble
from crossdock.domain.errors import CrossdockError, NeedsPerson, Remedy
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Event, Reason
from crossdock.domain.order import ATTEMPTS_BEFORE_ERROR, HELD_BY_PERSON, Order, back_off_seconds
from crossdock.domain.planning import Plan, PlannedOrder, plan_rest, plan_sale
from crossdock.domain.references import free_reference
from crossdock.domain.sale import Sale, SaleType
from crossdock.domain.scope import judge_row
from crossdock.domain.settings import Settings
from crossdock.domain.states import LEAVING, Decision, OrderStatus
from crossdock.domain.statuses import SaleStatus
from crossdock.domain.verdicts import IS_VOIDED, VOIDED, may_be_ours
from crossdock.withdrawing import withdraw
from crossdock.workflow import Workplace, passes
from download_orders.kits import bills_for
from download_orders.matching import check_growth, check_known, check_units, grows, match, promised
from download_orders.taking_up import take_up

_NOT_SHIPPED = {OrderStatus.NEW, OrderStatus.AT_WMS}
_NOTHING_OPEN = {"no_open_fulfilment", "already_shipped"}
_FILTERED = {"attribute_filter", "order_filter", "item_filter"}


def load_sale(work: Workplace, entry: SaleEntry, *, asked: datetime | None = None) -> None:
    """Read the sale, plan its orders, and store those that are new; the others are compared by content.

    `asked`: when recovery began, while the warehouse may have orders of the sale that are not known here as they are.
    """
    existing = work.orders.orders_of_sale(work.name, entry.sale_id)
    out = _out_by_now(work, entry, existing)
    if out and not (asked and may_be_ours(out)):
        work.orders.save_sale(entry.decided(Decision.SKIPPED, work.now(), out))
        work.tally.progress("skipped")
        return
    sale = work.dear().read_sale(entry.sale_id)
    work.tally.tell("read")
    entry = entry.numbered(sale.order_number)
    if asked and take_up(work, entry, sale, existing, asked):
        return
    if reason := IS_VOIDED if entry.row.status == VOIDED else out:
        _leave_out(work, entry, reason, existing)
        return
    settings = work.connection.settings
    plan, in_scope = _plan(work, sale, existing, settings)
    if plan.skipped is not None and plan.skipped.code in _FILTERED and any(map(_is_there, existing)):
        # What the warehouse has goes on being told of changes; nothing else of the sale is sent.
        _take_back_unsent(work, existing, plan.skipped)
        existing = work.orders.orders_of_sale(work.name, sale.sale_id)
        plan, in_scope = _plan(work, sale, existing, _unfiltered(settings))[0], frozenset()
    if plan.skipped is not None:
        if plan.skipped.code in _NOTHING_OPEN:
            _compare_rests(work, sale, existing)
        _skip(work, entry, plan.skipped, existing)
        return
    standing, left_over = match(plan.orders, existing)
    _let_go(work, sale, left_over)
    pairs = [(standing[each.reference], each) for each in plan.orders if each.reference in standing]
    _bring_in_line(work, sale, pairs, in_scope)
    new = [each for each in plan.orders if each.reference not in standing and each.reference in in_scope]
    _store(work, entry, sale, [_new_order(work, entry, each, existing) for each in new])


def _leave_out(work: Workplace, entry: SaleEntry, reason: Reason, existing: Iterable[Order]) -> None:
    """The sale was read because it might have an order at the warehouse: it has none, or it is to have none."""
    decision = Decision.VOIDED if reason is IS_VOIDED else Decision.SKIPPED
    for order in existing:
        withdraw(work, order, reason.code, reason.text)
    work.orders.save_sale(entry.decided(decision, work.now(), reason, read_stamp=entry.row.updated))
    work.tally.progress(decision.value)


def _let_go(work: Workplace, sale: Sale, left_over: Iterable[Order]) -> None:
    """Orders for which the sale has no fulfilment any more: what has not left is withdrawn."""
    for order in left_over:
        if order.stands in _NOT_SHIPPED:
            withdraw(work, order, "fulfilment_gone", "its fulfilment was voided or shipped in DEAR")
    _compare_rests(work, sale, left_over)


def _bring_in_line(
    work: Workplace, sale: Sale, standing: Iterable[tuple[Order, PlannedOrder]], in_scope: Container[str]
) -> None:
    """Each order with what the sale now asks of it; those that grow come last, when the others have given up units."""
    grown: list[tuple[Order, PlannedOrder]] = []
    for stands, planned in standing:
        if stands.only_here and _lacks_stock(work, sale) and planned.reference not in in_scope:
            _take_back(work, stands)
        elif grows(stands, planned):
            grown.append((stands, planned))
        else:
            _compare(work, stands, planned)
    for stands, planned in grown:
        check_growth(sale, stands, planned, work.orders.orders_of_sale(work.name, sale.sale_id))
        _compare(work, stands, planned)


def _out_by_now(work: Workplace, entry: SaleEntry, existing: Iterable[Order]) -> Reason | None:
    """Why the sale's row is not loaded, judged anew: since it was, settings may have changed, or it was put back."""
    if any(order.status is not OrderStatus.CANCELED for order in existing):
        return None
    return judge_row(entry.row, work.connection.settings, None)


def _unfiltered(settings: Settings) -> Settings:
    """Without what chooses sales; a line that is dropped stays dropped."""
    dropping = tuple(each for each in settings.item_filters if each.action == "drop_line")
    return settings.model_copy(update={"attribute_filters": {}, "order_filters": (), "item_filters": dropping})


def _is_there(order: Order) -> bool:
    """Whether the warehouse has it, or may have, and not all of it has left."""
    return order.stands in {*_NOT_SHIPPED, OrderStatus.PART_SHIPPED} and not order.only_here


def _take_back_unsent(work: Workplace, existing: Iterable[Order], why: Reason) -> None:
    for order in existing:
        if order.only_here:
            withdraw(work, order, why.code, why.text)


def _plan(work: Workplace, sale: Sale, existing: Iterable[Order], settings: Settings) -> tuple[Plan, frozenset[str]]:
    """What the sale asks for, and the references of what the chosen statuses take in.

    Orders that stand are compared whatever the sale's status has become: it moves on as people work on it in DEAR.
    What was not sent yet is stopped where the sale, as it now is, cannot be planned.
    """
    live = [order for order in existing if order.stands not in LEAVING]
    promises, bills = promised(live), bills_for(work, sale, live)
    try:
        chosen = plan_sale(sale, settings, promises, bills)
        if not live:
            return chosen, frozenset(planned.reference for planned in chosen.orders)
        every = settings.model_copy(update={"sale_statuses": frozenset(SaleStatus)})
        scope = () if sale.type is SaleType.SIMPLE and _lacks_stock(work, sale) else chosen.orders
        return plan_sale(sale, every, promises, bills), frozenset(planned.reference for planned in scope)
    except NeedsPerson as trouble:
        _stop_unsent(work, live, trouble)
        raise


def _lacks_stock(work: Workplace, sale: Sale) -> bool:
    """Whether the sale is on backorder, and the settings load no such sales."""
    backordered = SaleStatus.BACKORDERED
    return sale.status == backordered and backordered not in work.connection.settings.sale_statuses


def _take_back(work: Workplace, order: Order) -> None:
    """The sale went on backorder before its order was sent: it gets a new one when its stock is there."""
    reason = Reason(code="backordered", text="the sale is BACKORDERED; this connection does not load such sales")
    work.orders.save_order(order.moved(OrderStatus.CANCELED, work.now(), reason=reason))
    work.tally.progress("taken back")


def _stop_unsent(work: Workplace, live: Iterable[Order], trouble: NeedsPerson) -> None:
    """Nothing is sent as the sale was, while what it is now cannot be sent."""
    for order in live:
        stopped = in_trouble(order, str(trouble), work.now())
        if stopped is not None:
            work.orders.save_order(stopped)


def _store(work: Workplace, entry: SaleEntry, sale: Sale, fresh: list[Order]) -> None:
    """The sale's entry with its new orders: loaded, or skipped where none of its orders stands any more."""
    now = work.now()
    if fresh:
        standing = work.orders.orders_of_sale(work.name, entry.sale_id)
        check_known(standing)
        check_units(sale, fresh, standing)
    elif _lacks_stock(work, sale) and not _any_stands(work, entry):
        reason = Reason(code="backordered", text="it is BACKORDERED; this connection does not load such sales")
        work.orders.save_sale(entry.decided(Decision.SKIPPED, now, reason, read_stamp=entry.row.updated))
        work.tally.progress("skipped")
        return
    references = (*entry.references, *(order.reference for order in fresh))
    loaded = entry.decided(Decision.LOADED, now, None, references=references, read_stamp=entry.row.updated)
    work.orders.add_orders(loaded, fresh)
    work.tally.progress("downloaded", len(fresh))


def _any_stands(work: Workplace, entry: SaleEntry) -> bool:
    return any(order.stands not in LEAVING for order in work.orders.orders_of_sale(work.name, entry.sale_id))


def _skip(work: Workplace, entry: SaleEntry, reason: Reason, existing: tuple[Order, ...]) -> None:
    """A sale that asks for no order (any more): what has not left the warehouse is withdrawn.

    The filters choose what is loaded; what the warehouse has is not taken from it because the sale now fails one.
    """
    undone, filtered = reason.code == "not_authorised", reason.code in _FILTERED
    code, what = ("undone", "it was undone in DEAR") if undone else (reason.code, reason.text)
    gone = [each for each in existing if undone or (each.stands in _NOT_SHIPPED and (each.only_here or not filtered))]
    for order in gone:
        withdraw(work, order, code, what)
    loaded = any(order not in gone and order.stands not in LEAVING for order in existing)
    decision = Decision.LOADED if loaded else Decision.SKIPPED
    kept = None if loaded else reason
    work.orders.save_sale(entry.decided(decision, work.now(), kept, read_stamp=entry.row.updated))
    if loaded:
        work.tally.tell("nothing new")
    else:
        work.tally.progress("skipped")


def _new_order(work: Workplace, entry: SaleEntry, planned: PlannedOrder, existing: tuple[Order, ...]) -> Order:
    """The order that the sale asks for; held where a person had held the one that it comes instead of."""
    now = work.now()
    number = planned.fulfilment_number
    taken = {order.reference for order in existing}
    order = Order(
        connection=work.name,
        sale_id=entry.sale_id,
        sale_number=entry.order_number,
        status=OrderStatus.NEW,
        due_at=now,
        created_at=now,
        updated_at=now,
        timeline=(Event(at=now.isoformat(), event=OrderStatus.NEW, detail="downloaded from DEAR"),),
        **{**dict(planned), "reference": free_reference(entry.order_number, entry.sale_id, number, taken)},
    )
    before = [each for each in existing if each.fulfilment_number in {None, number}]
    last = max(before, key=lambda each: each.created_at, default=None)
    if last is None or not last.hold:
        return order
    return order.held_by_person(last.hold, now).model_copy(update={"version": order.version})


def _compare_rests(work: Workplace, sale: Sale, orders: Iterable[Order]) -> None:
    """What is still to leave of an order in parts is to go where the sale now says, though no fulfilment is open."""
    for order in orders:
        if order.stands is OrderStatus.PART_SHIPPED:
            _compare(work, order, plan_rest(sale, work.connection.settings, order))


def _compare(work: Workplace, order: Order, planned: PlannedOrder) -> None:
    """A sale that was read again, by content: what that means for its order is the domain's to say."""
    edit = edited(order, planned, work.connection.settings.changed_orders, work.now())
    if edit is None:
        return
    work.orders.save_order(edit.order)
    if edit.outcome is not None:
        work.tally.progress(edit.outcome)


def note_trouble(work: Workplace, entry: SaleEntry, error: CrossdockError) -> None:
    """Write down why a sale could not be loaded: held for a person, read again later, or given up."""
    now = work.now()
    current = work.orders.sale(work.name, entry.sale_id) or entry
    if current.decision is Decision.HELD and current.reason and current.reason.code == HELD_BY_PERSON:
        return
    attempt = current.attempts + 1
    if error.remedy is Remedy.HOLD:
        saved = current.decided(Decision.HELD, now, error.reason, read_stamp=current.row.updated)
        work.tally.progress("held")
    elif attempt >= ATTEMPTS_BEFORE_ERROR and not passes(error):
        text = f"given up after {attempt} tries: {error}"
        saved = current.decided(Decision.ERROR, now, Reason(code=error.code, text=text))
        work.tally.progress("in error")
    else:
        later = now + timedelta(seconds=back_off_seconds(current.sale_id, attempt))
        saved = current.backed_off(now, later, error.reason)
        work.tally.tell("to be tried again")
    work.orders.save_sale(saved)
