"""What a sale that was read again means for an order that stands: by how far the order is. Pure.

docs/edits.md has the table. Nothing is sent from here: what the warehouse must be told waits on the order, as `wanted`.
"""

from datetime import datetime
from typing import Any, Literal, NamedTuple

from crossdock.domain.changes import differences, same_goods, units
from crossdock.domain.model import Reason
from crossdock.domain.order import CHANGED_AFTER_DELIVERY, CHANGED_AFTER_SHIPPING, NOT_PACKED, Order, Wanted
from crossdock.domain.planning import PlannedOrder
from crossdock.domain.sale import StageStatus
from crossdock.domain.states import STOPS, OrderStatus

type ChangedOrders = Literal["update", "resend", "hold"]

SALE_IN_TROUBLE = "sale_in_trouble"
"""Why an order waits that was not sent yet: its sale, as it now is, cannot be planned."""

_BY_A_CHANGE = frozenset({CHANGED_AFTER_DELIVERY, CHANGED_AFTER_SHIPPING})
_NOT_SHIPPED = frozenset({OrderStatus.NEW, OrderStatus.AT_WMS})
_LEFT = frozenset({OrderStatus.PART_SHIPPED, OrderStatus.SHIPPED})


class Edit(NamedTuple):
    """The order's next version, and the word that the run's report counts it by; none where nothing moved."""

    order: Order
    outcome: str | None = None


def edited(order: Order, planned: PlannedOrder, mode: ChangedOrders, at: datetime) -> Edit | None:
    """What reading the sale again does to the order; None where nothing changed."""
    bound = _binding(order, planned)
    if order.only_here:
        return _here(order, planned, at, bound)
    if order.stands in _NOT_SHIPPED:
        return _at_the_warehouse(order, planned, mode, at, bound)
    if order.stands in _LEFT and not order.done and order.intent is None:
        return _after_shipping(order, planned, at, bound)
    # Once the confirmation has begun, DEAR itself lets nobody change the lines any more.
    return _bound(order, at, bound)


def _here(order: Order, planned: PlannedOrder, at: datetime, bound: dict[str, Any]) -> Edit | None:
    """Not sent yet: the new content takes the old one's place, and a change is a mend, too."""
    stopped = order.status in STOPS and not order.hold
    if same_goods(order.content, planned.content):
        if stopped and order.reason and order.reason.code == SALE_IN_TROUBLE:
            return Edit(order.released(at, detail="mended in DEAR", **bound), "released")
        return _bound(order, at, bound)
    told = "; ".join(differences(order.content, planned.content))
    content = {**bound, "content": planned.content, "content_hash": planned.content_hash, "kits": planned.kits}
    if stopped:
        return Edit(order.moved(OrderStatus.NEW, at, detail=f"mended in DEAR: {told}", **content), "replaced")
    return Edit(order.noted(at, event="replaced", detail=told, **content), "replaced")


def _at_the_warehouse(
    order: Order, planned: PlannedOrder, mode: ChangedOrders, at: datetime, bound: dict[str, Any]
) -> Edit | None:
    """The warehouse has it, or may have it: it is to be told, unless the sale is what the warehouse has."""
    asked = order.wanted.content if order.wanted else order.content
    if same_goods(asked, planned.content) and (order.wanted or not _held_for_a_change(order)):
        return _bound(order, at, bound)
    back = same_goods(order.content, planned.content)
    if back and not _may_be_changed_there(order):
        return _changed_back(order, at, bound)
    told = "; ".join(differences(order.content, planned.content)) or "as it was at first"
    wanted = Wanted(content=planned.content, content_hash=planned.content_hash, kits=planned.kits, told=told)
    if mode == "hold":
        reason = Reason(
            code=CHANGED_AFTER_DELIVERY, text=f"the sale changed, and the warehouse has the order as it was: {told}"
        )
        return Edit(order.moved(OrderStatus.HELD, at, reason=reason, wanted=wanted, **bound), "held")
    return Edit(order.wanting(wanted, at, **bound), "to be changed")


def _changed_back(order: Order, at: datetime, bound: dict[str, Any]) -> Edit:
    """The sale is again what the warehouse has: nothing is sent, and a hold for the change ends."""
    back = {**bound, "wanted": None}
    if order.status in STOPS and not order.hold and (order.wanted or _held_for_a_change(order)):
        return Edit(order.released(at, detail="the sale is as it was", **back), "released")
    if order.status is OrderStatus.AT_WMS:
        back |= {"due_at": None, "reason": None, "attempts": 0}
    return Edit(order.noted(at, event="changed back", **back), "changed back")


def _after_shipping(order: Order, planned: PlannedOrder, at: datetime, bound: dict[str, Any]) -> Edit | None:
    """Goods have left: other goods or quantities need a person, before anything is written in DEAR."""
    asked = order.wanted.content if order.wanted else order.content
    if units(order.content) == units(planned.content):
        known = order.wanted is None and not _held_for_a_change(order)
        return _bound(order, at, bound) if known else _changed_back(order, at, bound)
    if units(asked) == units(planned.content):
        return _bound(order, at, bound)
    told = "; ".join(differences(order.content, planned.content))
    wanted = Wanted(content=planned.content, content_hash=planned.content_hash, kits=planned.kits, told=told)
    if order.status in STOPS and not order.hold and not _held_for_a_change(order):
        return Edit(order.noted(at, event="changed", detail=f"after shipping: {told}", wanted=wanted, **bound))
    reason = Reason(code=CHANGED_AFTER_SHIPPING, text=f"the sale changed after goods had left: {told}")
    return Edit(order.moved(OrderStatus.HELD, at, reason=reason, wanted=wanted, **bound), "held")


def _waited_for_packing(order: Order) -> bool:
    return (
        order.status is OrderStatus.HELD
        and not order.hold
        and order.reason is not None
        and (order.reason.code == NOT_PACKED)
    )


def _held_for_a_change(order: Order) -> bool:
    return order.status in STOPS and order.reason is not None and order.reason.code in _BY_A_CHANGE


def _may_be_changed_there(order: Order) -> bool:
    """Whether a change was begun whose outcome is not known: then what the warehouse has is not known, either."""
    return order.wanted is not None and order.intent is not None and order.intent.action != "deliver"


def _binding(order: Order, planned: PlannedOrder) -> dict[str, Any]:
    """What every read brings: the sale's facts, and the fulfilment that the order stands for.

    Once goods have left, what was written for one fulfilment does not stand for another.
    """
    first, second = (planned, order) if order.stands in _NOT_SHIPPED else (order, planned)
    return {
        "facts": planned.facts,
        "task_id": first.task_id or second.task_id,
        "fulfilment_number": order.fulfilment_number or planned.fulfilment_number,
    }


def _bound(order: Order, at: datetime, bound: dict[str, Any]) -> Edit | None:
    if _waited_for_packing(order) and bound["facts"].pack is StageStatus.AUTHORISED:
        return Edit(order.released(at, detail="packed in DEAR", **bound), "released")
    if all(getattr(order, name) == value for name, value in bound.items()):
        return None
    return Edit(order.noted(at, event="read again", **bound))
