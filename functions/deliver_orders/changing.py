"""Tell the warehouse that a sale changed: replace its order there, or cancel it and send it anew."""

from crossdock.domain.errors import Conflict, LostRace, NeedsPerson
from crossdock.domain.model import Event, Reason
from crossdock.domain.order import CHANGED_AFTER_DELIVERY, Order, Wanted
from crossdock.domain.references import free_reference
from crossdock.domain.states import OrderStatus
from crossdock.workflow import Workplace, begin, writing

REPLACE, RESEND = "replace", "resend"
"""What is intended: a PUT, or a cancellation that a new order follows."""

_TRIES = 4


def change(work: Workplace, order: Order, wanted: Wanted) -> None:
    """Intent, call, result. Both ways may be repeated: the same content again, and cancelling twice, are harmless."""
    begun = order.intent.action if order.intent else None
    standing = (
        work.warehouse().find_order(order.reference) if begun == REPLACE or not order.warehouse_order_id else None
    )
    if not order.warehouse_order_id:
        order = _known_there(order, standing.id if standing else None)
    if begun == REPLACE and standing is not None and standing.status == "cancelled":
        _too_late(work, order, wanted, "cancelled")
        return
    updates = work.connection.settings.changed_orders != RESEND and work.warehouse().replaces_orders
    if begun == RESEND or not updates:
        _resend(work, order, wanted)
    else:
        _replace(work, order, wanted)


def _known_there(order: Order, order_id: str | None) -> Order:
    if order_id is None:
        raise NeedsPerson("not_at_warehouse", "the sale changed, and the warehouse knows no order with this reference")
    return order.model_copy(update={"warehouse_order_id": order_id})


def _replace(work: Workplace, order: Order, wanted: Wanted) -> None:
    again = order.intent is not None
    order = begin(work, order, REPLACE)
    try:
        with writing():
            work.warehouse().replace_order(str(order.warehouse_order_id), order.reference, wanted.content)
    except Conflict as late:
        _too_late(work, order, wanted, late.found.get("status", ""), unsure=again)
        return
    _save_accepted(work, order, wanted)
    work.tally.progress("changed at the warehouse")


def _save_accepted(work: Workplace, order: Order, sent: Wanted) -> None:
    """Keep what the warehouse has taken, even where the sale, or a shipment, has changed the order meanwhile."""
    for _ in range(_TRIES - 1):
        try:
            work.orders.save_order(order.accepted(sent, work.now()))
        except LostRace:
            order = work.orders.order(order.connection, order.reference) or order
        else:
            return
    work.orders.save_order(order.accepted(sent, work.now()))


def _too_late(work: Workplace, order: Order, wanted: Wanted, status: str, *, unsure: bool = False) -> None:
    """The warehouse changes nothing any more: a person must see the difference. Goods that leave go on being noted."""
    if order.makes_sure and status != "cancelled":
        work.orders.save_order(order.noted(work.now(), event="too late", wanted=None, intent=None, due_at=None))
        return
    says = f"the warehouse says that it is {status} already" if status else "the warehouse says that it is too late"
    doubt = "; whether it took the change at an earlier try is not known" if unsure else ""
    reason = Reason(code=CHANGED_AFTER_DELIVERY, text=f"the sale changed, but {says}{doubt}: {wanted.told}")
    kept = order.intent if unsure else None
    work.orders.save_order(order.moved(OrderStatus.HELD, work.now(), reason=reason, intent=kept))
    work.tally.progress("held")
    work.tally.trouble(order.content.order_number, reason.code, reason.text)


def _resend(work: Workplace, order: Order, wanted: Wanted) -> None:
    """Cancel it there; only when that is certain, an order of the next generation takes its place."""
    order = begin(work, order, RESEND)
    try:
        with writing():
            work.warehouse().cancel_order(str(order.warehouse_order_id), "the sale changed: it is sent anew")
    except Conflict as late:
        status = late.found.get("status", "")
        if status != "cancelled":
            _too_late(work, order, wanted, status)
            return
    _succeed(work, order, wanted)
    work.tally.progress("sent anew")


def _succeed(work: Workplace, order: Order, wanted: Wanted) -> None:
    """The old order ends and the new one begins in one transaction, so that the goods are never asked for twice."""
    now = work.now()
    entry = work.orders.sale(order.connection, order.sale_id)
    if entry is None:
        raise NeedsPerson("no_ledger_entry", "the sale of this order has no entry in the ledger")
    taken = {each.reference for each in work.orders.orders_of_sale(order.connection, order.sale_id)}
    reference = free_reference(order.sale_number, order.sale_id, order.fulfilment_number, taken)
    detail = f"the sale changed ({wanted.told}): sent anew as {reference}"
    following = entry.model_copy(
        update={"references": (*entry.references, reference), "version": entry.version + 1, "updated_at": now}
    )
    work.orders.add_orders(
        following,
        (order.moved(OrderStatus.CANCELED, now, detail=detail), _successor(work, order, wanted, reference)),
    )


def _successor(work: Workplace, order: Order, wanted: Wanted, reference: str) -> Order:
    now = work.now()
    event = Event(at=now.isoformat(), event=OrderStatus.NEW, detail=f"in place of {order.reference}")
    return Order(
        connection=order.connection,
        sale_id=order.sale_id,
        sale_number=order.sale_number,
        reference=reference,
        fulfilment_number=order.fulfilment_number,
        task_id=order.task_id,
        status=OrderStatus.NEW,
        content=wanted.content,
        content_hash=wanted.content_hash,
        kits=wanted.kits,
        facts=order.facts,
        due_at=now,
        created_at=now,
        updated_at=now,
        timeline=(event,),
    )
