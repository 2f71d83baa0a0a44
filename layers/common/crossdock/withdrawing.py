"""Taking an order back whose sale was voided or undone in DEAR: withdrawn where that still can be, held where not."""

from crossdock.domain.model import Reason
from crossdock.domain.order import Order, left_too_late
from crossdock.domain.states import OrderStatus
from crossdock.workflow import Workplace

_GONE = {OrderStatus.CANCELED, OrderStatus.CANCEL_REQUESTED}


def withdraw(work: Workplace, order: Order, code: str, what: str) -> None:
    """Cancel the order here, ask the warehouse to, or, once goods have left, hold it for a person."""
    now = work.now()
    stood = order.held_from or order.status
    too_late = left_too_late(Reason(code=code, text=what))
    if stood in _GONE or (order.reason is not None and order.reason.code == too_late.code):
        return
    if stood is OrderStatus.NEW and order.intent is None and order.warehouse_order_id is None:
        work.orders.save_order(order.moved(OrderStatus.CANCELED, now, detail=what))
    elif stood in {OrderStatus.NEW, OrderStatus.AT_WMS}:
        # A delivery whose outcome is not known may still arrive: it is looked up once it has had its time.
        unsure = order.intent if stood is OrderStatus.NEW else None
        work.orders.save_order(order.moved(OrderStatus.CANCEL_REQUESTED, now, detail=what, intent=unsure))
    else:
        work.orders.save_order(order.moved(OrderStatus.HELD, now, reason=too_late))
