"""The second half: a sale in scope is read once and becomes one order per fulfilment."""

from datetime import timedelta
from typing import Any

from crossdock.domain.changes import differences
from crossdock.domain.errors import CrossdockError, Remedy
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Event, Reason
from crossdock.domain.order import ATTEMPTS_BEFORE_ERROR, Order, back_off_seconds
from crossdock.domain.planning import PlannedOrder, plan_sale
from crossdock.domain.references import free_reference
from crossdock.domain.states import Decision, OrderStatus
from crossdock.workflow import Workplace, passes
from download_orders.matching import LEAVING, check_units, match, promised
from download_orders.withdrawing import withdraw

_NOT_SHIPPED = {OrderStatus.NEW, OrderStatus.AT_WMS}


def load_sale(work: Workplace, entry: SaleEntry) -> None:
    """Read the sale, plan its orders, and store those that are new; the others are compared by content."""
    sale = work.dear().read_sale(entry.sale_id)
    work.tally.tell("read")
    existing = work.orders.orders_of_sale(work.name, entry.sale_id)
    plan = plan_sale(sale, work.connection.settings, promised(existing))
    if plan.skipped is not None:
        _skip(work, entry, plan.skipped, existing)
        return
    standing, left_over = match(plan.orders, existing)
    for order in left_over:
        if order.status in _NOT_SHIPPED:
            withdraw(work, order, "fulfilment_gone", "its fulfilment was voided or shipped in DEAR")
    for planned in plan.orders:
        if planned.reference in standing:
            _compare(work, standing[planned.reference], planned)
    taken = {order.reference for order in existing}
    fresh = [_new_order(work, entry, each, taken) for each in plan.orders if each.reference not in standing]
    if fresh:
        check_units(sale, fresh, work.orders.orders_of_sale(work.name, entry.sale_id))
    references = (*entry.references, *(order.reference for order in fresh))
    loaded = entry.decided(Decision.LOADED, work.now(), None, references=references, read_stamp=entry.row.updated)
    work.orders.add_orders(loaded, fresh)
    work.tally.progress("downloaded", len(fresh))


def _skip(work: Workplace, entry: SaleEntry, reason: Reason, existing: tuple[Order, ...]) -> None:
    """A sale that asks for no order (any more): what has not left the warehouse is withdrawn."""
    undone = reason.code == "not_authorised"
    code, what = ("undone", "it was undone in DEAR") if undone else (reason.code, reason.text)
    for order in existing:
        if undone or order.status in _NOT_SHIPPED:
            withdraw(work, order, code, what)
    loaded = not undone and any(order.status not in LEAVING | _NOT_SHIPPED for order in existing)
    decision = Decision.LOADED if loaded else Decision.SKIPPED
    kept = None if loaded else reason
    work.orders.save_sale(entry.decided(decision, work.now(), kept, read_stamp=entry.row.updated))
    if loaded:
        work.tally.tell("nothing new")
    else:
        work.tally.progress("skipped")


def _new_order(work: Workplace, entry: SaleEntry, planned: PlannedOrder, taken: set[str]) -> Order:
    now = work.now()
    number = planned.fulfilment_number
    reference = free_reference(entry.order_number, entry.sale_id, number, taken)
    return Order(
        connection=work.name,
        sale_id=entry.sale_id,
        sale_number=entry.order_number,
        status=OrderStatus.NEW,
        due_at=now,
        created_at=now,
        updated_at=now,
        timeline=(Event(at=now.isoformat(), event=OrderStatus.NEW, detail="downloaded from DEAR"),),
        **{**dict(planned), "reference": reference},
    )


def _compare(work: Workplace, order: Order, planned: PlannedOrder) -> None:
    """A changed sale: replaced while it is here, held with the difference once the warehouse has it."""
    now = work.now()
    # Once goods have left, what was written for one fulfilment does not stand for another.
    first, second = (planned, order) if order.status in _NOT_SHIPPED else (order, planned)
    bound: dict[str, Any] = {
        "facts": planned.facts,
        "task_id": first.task_id or second.task_id,
        "fulfilment_number": order.fulfilment_number or planned.fulfilment_number,
    }
    content: dict[str, Any] = {"content": planned.content, "content_hash": planned.content_hash}
    told = "; ".join(differences(order.content, planned.content))
    here = _never_sent(order)
    if _same_goods(order, planned) or not (here or order.status in _NOT_SHIPPED):
        if any(getattr(order, name) != value for name, value in bound.items()):
            work.orders.save_order(order.noted(now, event="read again", **bound))
    elif not here:
        reason = Reason(code="changed_after_delivery", text=f"the sale changed after the warehouse got it: {told}")
        work.orders.save_order(order.moved(OrderStatus.HELD, now, reason=reason, **bound))
        work.tally.progress("held")
    elif order.status is OrderStatus.NEW:
        work.orders.save_order(order.noted(now, event="replaced", detail=told, **bound, **content))
        work.tally.progress("replaced")
    else:
        work.orders.save_order(order.moved(OrderStatus.NEW, now, detail=f"mended in DEAR: {told}", **bound, **content))
        work.tally.progress("replaced")


def _never_sent(order: Order) -> bool:
    """Whether the order is only here, be it stopped: then a change of the sale is its mend, too."""
    if order.status is OrderStatus.NEW:
        return order.intent is None
    return order.held_from is OrderStatus.NEW and order.intent is None and order.warehouse_order_id is None


def _same_goods(order: Order, planned: PlannedOrder) -> bool:
    """Whether nothing changed that the warehouse must know.

    A fulfilment's number, and its share of the total, come with the binding of an order that had none.
    """
    before, after = order.content, planned.content
    if before.order_number != after.order_number:
        after = after.model_copy(update={"order_number": before.order_number, "total": before.total})
    return before == after


def note_trouble(work: Workplace, entry: SaleEntry, error: CrossdockError) -> None:
    """Write down why a sale could not be loaded: held for a person, read again later, or given up."""
    now = work.now()
    current = work.orders.sale(work.name, entry.sale_id) or entry
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
