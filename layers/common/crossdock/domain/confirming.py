"""How an order goes on while its shipments become known, confirmed in DEAR and invoiced, part by part. Pure."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from crossdock.domain.order import CONFIRMATION, HAVE_LEFT, SETTLES_AFTER, Order
from crossdock.domain.states import OrderStatus, Step

PART_CONFIRMED = "part"
"""Among what is done: a part of the order is confirmed on a fulfilment of its own."""
TRACKING = "tracking"
"""The intent to write tracking numbers and carriers anew."""
VOIDING = "void fulfilments"
"""The intent to void the open, empty fulfilments of a sale whose rest is cancelled."""

_BY_CONFIRMING = CONFIRMATION | {TRACKING, VOIDING}


def left(order: Order, status: OrderStatus, at: datetime, **changes: Any) -> Order:
    """The order once the warehouse said what left: due for its confirmation.

    A confirmation or an invoice that was begun keeps its intent; an invoice whose outcome is not known comes first.
    """
    after = order.moved(status, at, **{"intent": _kept(order), "errand": _first(order), **changes})
    return _settling(after)


def corrected(order: Order, shipment_id: str, at: datetime, **changes: Any) -> Order:
    """The order with a confirmed shipment whose tracking is to be written anew. What is stopped, stays stopped."""
    ids = (*(each for each in order.corrected if each != shipment_id), shipment_id)
    detail = f"shipment {shipment_id}: tracking or carrier"
    after = order.noted(at, event="corrected", detail=detail, corrected=ids, errand=_first(order), **changes)
    return _settling(after.model_copy(update={"due_at": at if after.next_step else None}))


def part_confirmed(
    order: Order, status: OrderStatus, at: datetime, detail: str, *, short: dict[str, Decimal], more: bool
) -> Order:
    """The order once DEAR shows a part of it, or the last of it: what is confirmed is due for its invoice.

    `more`: shipments wait that are not confirmed yet; where they wait for others, the invoice does not. `short`: see
    Order.
    """
    done = order.done
    if status is not OrderStatus.CONFIRMED:
        done = (*(each for each in done if each not in {*CONFIRMATION, PART_CONFIRMED}), PART_CONFIRMED)
    errand = Step.CONFIRM_SHIPMENTS if order.corrected else None
    if errand is None and (more or status is OrderStatus.PART_SHIPPED):
        errand = Step.CREATE_INVOICES
    return order.moved(status, at, detail=detail, part=(), done=done, short=short, errand=errand)


def billed(order: Order, at: datetime, detail: str = "", *, more: bool = False, **changes: Any) -> Order:
    """The order once all that is confirmed of it is invoiced. It ends where everything is confirmed.

    Else it waits for the warehouse or, where there is `more` to confirm or tracking to correct, goes on with that.
    """
    errand = Step.CONFIRM_SHIPMENTS if more or order.corrected else None
    if order.status is OrderStatus.CONFIRMED:
        return order.moved(OrderStatus.INVOICED, at, detail=detail, errand=errand, **changes)
    return waiting(order, at, event="invoiced", detail=detail, errand=errand, **changes)


def waiting(order: Order, at: datetime, *, event: str = "", detail: str = "", **changes: Any) -> Order:
    """The order where it is, its errand done: due for no more than its status, or `changes`, ask for."""
    told = {"errand": None, "attempts": 0, "reason": None, "intent": None, **changes}
    after = order.noted(at, event=event, detail=detail, **told)
    timeline = after.timeline if event else order.timeline
    return after.model_copy(update={"timeline": timeline, "due_at": at if after.next_step else None})


def is_billing(order: Order) -> bool:
    """Whether an invoice was begun whose outcome is not known."""
    kept = _kept(order)
    return kept is not None and kept.action not in _BY_CONFIRMING


def _kept(order: Order) -> Any:
    return order.intent if order.stands in HAVE_LEFT else None


def _first(order: Order) -> Step:
    return Step.CREATE_INVOICES if is_billing(order) else Step.CONFIRM_SHIPMENTS


def _settling(order: Order) -> Order:
    """A write whose answer was lost has its time before it is looked up."""
    if order.intent is None or order.due_at is None:
        return order
    return order.model_copy(update={"due_at": max(order.due_at, order.intent.at + SETTLES_AFTER)})
