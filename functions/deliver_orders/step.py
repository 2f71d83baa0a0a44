"""Hand new orders to the warehouse, change those whose sale changed, withdraw those that were voided: each once."""

from crossdock.domain.errors import Conflict, NeedsPerson
from crossdock.domain.model import Reason
from crossdock.domain.order import Order
from crossdock.domain.states import OrderStatus, Step
from crossdock.ports import WarehouseOrder
from crossdock.workflow import Workplace, attend_orders, begin, writing
from deliver_orders.changing import change


def deliver_orders(work: Workplace) -> None:
    """Work through the queue of orders that wait to be delivered, changed or cancelled."""
    attend_orders(work, Step.DELIVER_ORDERS, _act)


def _act(work: Workplace, order: Order) -> None:
    if order.status is OrderStatus.CANCEL_REQUESTED:
        _cancel(work, order)
    elif order.status is OrderStatus.AT_WMS and order.wanted is not None:
        change(work, order, order.wanted)
    else:
        _deliver(work, order)


def _deliver(work: Workplace, order: Order) -> None:
    """Intent, call, result. Where an earlier try left its intent, its outcome is looked up first."""
    if order.intent is not None:
        found = work.warehouse().find_order(order.reference)
        if found is not None:
            _delivered(work, order, found, "found at the warehouse by its reference")
            return
        order = _as_wanted(order)
    order = begin(work, order, "deliver")
    try:
        with writing():
            made = work.warehouse().create_order(order.reference, order.content)
    except Conflict as conflict:
        standing = work.warehouse().find_order(order.reference)
        if standing is None:
            raise conflict from None
        _delivered(work, order, standing, "the warehouse had this reference already")
        return
    settled = order.wanted is not None and order.wanted.content == order.content
    _delivered(work, order.model_copy(update={"wanted": None}) if settled else order, made, f"as {made.id}")


def _as_wanted(order: Order) -> Order:
    """The order as the sale now is: the warehouse has nothing of it. `wanted` stays until its answer proves that."""
    if order.wanted is None:
        return order
    wanted = order.wanted
    content = {"content": wanted.content, "content_hash": wanted.content_hash, "kits": wanted.kits}
    return order.model_copy(update=content)


def _delivered(work: Workplace, order: Order, made: WarehouseOrder, how: str) -> None:
    if made.status == "cancelled":
        text = f"the warehouse has an order {made.id} with this reference, and it is cancelled there"
        raise NeedsPerson("cancelled_at_warehouse", text)
    work.orders.save_order(order.moved(OrderStatus.AT_WMS, work.now(), detail=how, warehouse_order_id=made.id))
    work.tally.progress("delivered")


def _cancel(work: Workplace, order: Order) -> None:
    """Cancelling twice is harmless, so the call is simply made; too late is told, and the order goes on."""
    if order.warehouse_order_id is None:
        found = work.warehouse().find_order(order.reference)
        if found is None:
            _canceled(work, order)
            return
        order = order.model_copy(update={"warehouse_order_id": found.id})
    try:
        work.warehouse().cancel_order(str(order.warehouse_order_id), "the sale was voided in DEAR")
    except Conflict as late:
        status = late.found.get("status", "unknown")
        if status == "cancelled":
            _canceled(work, order)
            return
        too_late = Reason(
            code="too_late_to_cancel", text=f"voided in DEAR, but the warehouse says that it is {status} already"
        )
        back = order.moved(OrderStatus.AT_WMS, work.now(), reason=too_late, warehouse_order_id=order.warehouse_order_id)
        work.orders.save_order(back)
        work.tally.progress("too late to cancel")
        work.tally.trouble(order.content.order_number, too_late.code, too_late.text)
        return
    _canceled(work, order)


def _canceled(work: Workplace, order: Order) -> None:
    work.orders.save_order(order.moved(OrderStatus.CANCELED, work.now()))
    work.tally.progress("canceled")
