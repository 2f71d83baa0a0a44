"""What a sale that was read again means for an order that stands: by how far the order is. Pure.

docs/edits.md has the table. Nothing is sent from here: what the warehouse must be told waits on the order, as `wanted`.
"""

from datetime import datetime
from typing import Any, Literal, NamedTuple

from crossdock.domain.changes import differences, hash_of, same_goods, units
from crossdock.domain.confirming import PART_CONFIRMED
from crossdock.domain.model import Reason
from crossdock.domain.order import (
    CHANGED_AFTER_DELIVERY,
    CHANGED_AFTER_SHIPPING,
    CONFIRMATION,
    LEAVES,
    NOT_PACKED,
    Content,
    Order,
    SoldKit,
    Wanted,
)
from crossdock.domain.planning import PlannedOrder
from crossdock.domain.sale import StageStatus
from crossdock.domain.states import STOPS, OrderStatus

type ChangedOrders = Literal["update", "resend", "hold"]

SALE_IN_TROUBLE = "sale_in_trouble"
"""Why an order waits that was not sent yet: its sale, as it now is, cannot be planned."""

_BY_A_CHANGE = frozenset({CHANGED_AFTER_DELIVERY, CHANGED_AFTER_SHIPPING})
_NOT_SHIPPED = frozenset({OrderStatus.NEW, OrderStatus.AT_WMS})


class Edit(NamedTuple):
    """The order's next version, and the word that the run's report counts it by; none where nothing moved."""

    order: Order
    outcome: str | None = None


def edited(order: Order, planned: PlannedOrder, mode: ChangedOrders, at: datetime) -> Edit | None:
    """What reading the sale again does to the order; None where nothing changed."""
    if order.forgotten_at is not None:
        # It is done, and what was taken out of it must not come back.
        return None
    bound = _binding(order, planned)
    if order.only_here:
        return _here(order, planned, at, bound)
    if order.stands in _NOT_SHIPPED:
        return _at_the_warehouse(order, planned, mode, at, bound)
    if _may_still_be_stopped(order):
        return _after_shipping(order, planned, at, bound)
    # Once the confirmation has begun, DEAR itself lets nobody change the lines any more.
    return _bound(order, at, bound)


def in_trouble(order: Order, trouble: str, at: datetime) -> Order | None:
    """The order, of a sale that cannot be planned as it now is: it is not sent. None where nothing is to be written.

    What the warehouse has, or may have, stays as it is. A person's hold stays, and its release sends nothing either.
    """
    reason = Reason(code=SALE_IN_TROUBLE, text=f"the sale changed and cannot be loaded as it is: {trouble}")
    if not order.only_here or order.trouble == reason:
        return None
    if order.hold:
        return order.noted(at, event=SALE_IN_TROUBLE, detail=reason.text, trouble=reason)
    return order.moved(OrderStatus.HELD, at, reason=reason, trouble=reason)


def _here(order: Order, planned: PlannedOrder, at: datetime, bound: dict[str, Any]) -> Edit | None:
    """Not sent yet: the new content takes the old one's place, and a change is a mend, too."""
    stopped = order.status in STOPS and not order.hold
    bound = {**bound, "trouble": None, "wanted": None}
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
    asked_again = {**bound, "reason": None} if order.status is OrderStatus.AT_WMS and order.unwanted else bound
    if same_goods(asked, planned.content) and (order.wanted or not _held_for_a_change(order)):
        return _bound(order, at, asked_again)
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
    return Edit(order.wanting(wanted, at, **asked_again), "to be changed")


def _changed_back(order: Order, at: datetime, bound: dict[str, Any]) -> Edit:
    """The sale is again what the warehouse has: nothing is sent, and a hold for the change ends."""
    back = {**bound, "wanted": None}
    if order.status in STOPS and not order.hold and (order.wanted or _held_for_a_change(order)):
        return Edit(order.released(at, detail="the sale is as it was", **back), "released")
    if order.status is OrderStatus.AT_WMS:
        back |= {"due_at": None, "reason": None, "attempts": 0}
    return Edit(order.noted(at, event="changed back", **back), "changed back")


def _after_shipping(order: Order, planned: PlannedOrder, at: datetime, bound: dict[str, Any]) -> Edit | None:
    """Goods have left: what still can be mended needs a person, before anything is written in DEAR.

    Of an order that has left whole these are other goods or quantities; of one with more to leave all that the
    warehouse was told.
    """
    content, kits = _asked_now(order, planned)
    alike = same_goods if order.stands is OrderStatus.PART_SHIPPED else _same_units
    if order.wanted and same_goods(order.wanted.content, content):
        return _bound(order, at, bound)
    if alike(order.content, content):
        known = order.wanted is None and not _held_for_a_change(order)
        return _bound(order, at, bound) if known else _changed_back(order, at, bound)
    if order.wanted and alike(order.wanted.content, content):
        return _bound(order, at, bound)
    told = "; ".join(differences(order.content, content))
    wanted = Wanted(content=content, content_hash=hash_of(content), kits=kits, told=told)
    if order.status in STOPS and not order.hold and not _held_for_a_change(order):
        return Edit(order.noted(at, event="changed", detail=f"after shipping: {told}", wanted=wanted, **bound))
    reason = Reason(code=CHANGED_AFTER_SHIPPING, text=f"the sale changed after goods had left: {told}")
    return Edit(order.moved(OrderStatus.HELD, at, reason=reason, wanted=wanted, **bound), "held")


def _may_still_be_stopped(order: Order) -> bool:
    """Whether something has left, and DEAR knows nothing of it, or knows one part and waits for the next."""
    parts = order.stands is OrderStatus.PART_SHIPPED and PART_CONFIRMED in order.done
    between = parts and CONFIRMATION.isdisjoint(order.done)
    return order.stands in LEAVES and order.intent is None and (between or not order.done)


def _asked_now(order: Order, planned: PlannedOrder) -> tuple[Content, tuple[SoldKit, ...]]:
    """What the sale asks for; with the order's own lines where the plan has a part of them alone.

    That is once a part is confirmed, and where DEAR's people have picked no more than the order: whether they picked
    what left, confirming compares.
    """
    before, after = units(order.content), units(planned.content)
    picked = not planned.facts.pick.open and all(before.get(sku, 0) >= after[sku] for sku in after)
    if not order.done and not picked:
        return planned.content, planned.kits
    return order.with_own_lines(planned.content), order.kits


def _same_units(before: Content, after: Content) -> bool:
    return units(before) == units(after)


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
    changed = {name for name, value in bound.items() if getattr(order, name) != value}
    if changed == {"facts"}:
        return Edit(order.refreshed(at, **bound))
    return Edit(order.noted(at, event="read again", **bound)) if changed else None
