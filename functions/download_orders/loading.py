"""The second half: a sale in scope is read once and becomes one order per fulfilment."""

from datetime import timedelta
from typing import Any

from crossdock.domain.errors import CrossdockError, Remedy
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Event, Reason
from crossdock.domain.order import ATTEMPTS_BEFORE_ERROR, Order, back_off_seconds
from crossdock.domain.planning import PlannedOrder, differences, plan_sale
from crossdock.domain.states import Decision, OrderStatus
from crossdock.workflow import Workplace
from download_orders.withdrawing import withdraw


def load_sale(work: Workplace, entry: SaleEntry) -> None:
    """Read the sale, plan its orders, and store those that are new; the others are compared by content."""
    sale = work.dear().read_sale(entry.sale_id)
    work.tally.tell("read")
    existing = work.orders.orders_of_sale(work.name, entry.sale_id)
    plan = plan_sale(sale, work.connection.settings)
    if plan.skipped is not None:
        _skip(work, entry, plan.skipped, existing)
        return
    fresh = []
    for planned in plan.orders:
        standing = _standing(planned, existing)
        if standing is None:
            fresh.append(_new_order(work, entry, planned))
        else:
            _compare(work, standing, planned)
    references = (*entry.references, *(order.reference for order in fresh))
    loaded = entry.decided(Decision.LOADED, work.now(), None, references=references, read_stamp=entry.row.updated)
    work.orders.add_orders(loaded, fresh)
    work.tally.progress("downloaded", len(fresh))


def _skip(work: Workplace, entry: SaleEntry, reason: Reason, existing: tuple[Order, ...]) -> None:
    """A sale that asks for no order (any more): one that was undone in DEAR is withdrawn where it went already."""
    if reason.code == "not_authorised":
        for order in existing:
            withdraw(work, order, "undone", "it was undone in DEAR")
    loaded = bool(existing) and reason.code != "not_authorised"
    decision = Decision.LOADED if loaded else Decision.SKIPPED
    kept = None if loaded else reason
    work.orders.save_sale(entry.decided(decision, work.now(), kept, read_stamp=entry.row.updated))
    if loaded:
        work.tally.tell("nothing new")
    else:
        work.tally.progress("skipped")


def _standing(planned: PlannedOrder, existing: tuple[Order, ...]) -> Order | None:
    """The order that this fulfilment has already: by its task, else by its reference, else the one not bound yet."""
    for order in existing:
        if planned.task_id is not None and order.task_id == planned.task_id:
            return order
    for order in existing:
        if order.reference == planned.reference:
            return order
    return next((order for order in existing if order.task_id is None), None)


def _new_order(work: Workplace, entry: SaleEntry, planned: PlannedOrder) -> Order:
    now = work.now()
    return Order(
        connection=work.name,
        sale_id=entry.sale_id,
        sale_number=entry.order_number,
        status=OrderStatus.NEW,
        due_at=now,
        created_at=now,
        updated_at=now,
        timeline=(Event(at=now.isoformat(), event=OrderStatus.NEW, detail="downloaded from DEAR"),),
        **dict(planned),
    )


def _compare(work: Workplace, order: Order, planned: PlannedOrder) -> None:
    """A changed sale: replaced while it is here, held with the difference once the warehouse has it."""
    now = work.now()
    bound = order.task_id or planned.task_id
    update: dict[str, Any] = {"facts": planned.facts, "task_id": bound}
    if order.content_hash == planned.content_hash or order.status not in {OrderStatus.NEW, OrderStatus.AT_WMS}:
        if order.facts != planned.facts or order.task_id != bound:
            work.orders.save_order(order.noted(now, event="read again", **update))
        return
    content: dict[str, Any] = {"content": planned.content, "content_hash": planned.content_hash}
    told = "; ".join(differences(order.content, planned.content))
    if order.status is OrderStatus.NEW and order.intent is None:
        work.orders.save_order(order.noted(now, event="replaced", detail=told, **update, **content))
        work.tally.progress("replaced")
        return
    reason = Reason(code="changed_after_delivery", text=f"the sale changed after the warehouse got it: {told}")
    work.orders.save_order(order.moved(OrderStatus.HELD, now, reason=reason, **update))
    work.tally.progress("held")


def note_trouble(work: Workplace, entry: SaleEntry, error: CrossdockError) -> None:
    """Write down why a sale could not be loaded: held for a person, read again later, or given up."""
    now = work.now()
    current = work.orders.sale(work.name, entry.sale_id) or entry
    attempt = current.attempts + 1
    if error.remedy is Remedy.HOLD:
        saved = current.decided(Decision.HELD, now, error.reason, read_stamp=current.row.updated)
        work.tally.progress("held")
    elif attempt >= ATTEMPTS_BEFORE_ERROR:
        text = f"given up after {attempt} tries: {error}"
        saved = current.decided(Decision.ERROR, now, Reason(code=error.code, text=text))
        work.tally.progress("in error")
    else:
        later = now + timedelta(seconds=back_off_seconds(current.sale_id, attempt))
        saved = current.backed_off(now, later, error.reason)
        work.tally.tell("to be tried again")
    work.orders.save_sale(saved)
