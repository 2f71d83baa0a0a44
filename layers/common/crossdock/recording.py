"""Taking a warehouse's shipment in: idempotent by id and revision, whichever way and however often it comes."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from crossdock.domain.confirming import corrected, left
from crossdock.domain.corrections import goods_differences, tracking_differs
from crossdock.domain.errors import LostRace, NeedsPerson
from crossdock.domain.model import Event, Reason
from crossdock.domain.order import LEAVES, Order
from crossdock.domain.sale import SaleType
from crossdock.domain.shipment import Shipment, ShipmentRecord
from crossdock.domain.shipping import short_of
from crossdock.domain.states import OrderStatus, ShipmentStatus
from crossdock.ports import Orders

Result = Literal["stored", "duplicate", "unknown_order"]
type Save = Callable[[Result, ShipmentRecord, Order | None], None]
"""Stores a shipment and its order's next version, knowing what came of it."""

TRIES = 6
MATCH_AGAIN_AFTER = timedelta(minutes=1)
OVERTAKEN_FOR = timedelta(minutes=20)
"""A final shipment that was pushed and is short waits so long, or until it is listed: the rest may have left before it
and not be known yet. The shipments are listed every 15 minutes at the least (template: CollectShipmentsRate)."""

_NOTHING_LEFT = {OrderStatus.NEW, OrderStatus.AT_WMS}
"""Where no shipment of the order stands: the first would have moved it on."""

_BEFORE_CONFIRMATION = {
    OrderStatus.NEW,
    OrderStatus.AT_WMS,
    OrderStatus.PART_SHIPPED,
    OrderStatus.SHIPPED,
    OrderStatus.CANCEL_REQUESTED,
}


def record_shipment(
    orders: Orders,
    connection: str,
    shipment: Shipment,
    at: datetime,
    *,
    polled: bool = True,
    save: Save | None = None,
) -> Result:
    """Store the shipment and move its order, in one transaction. Safe to repeat; a lost race is run again.

    `polled`: it was listed, with all that changed before it. One that was pushed may have overtaken another.
    `save` stands in for `orders.save_shipment`.
    """
    keep = save or (lambda _, record, order: orders.save_shipment(record, order))
    for _ in range(TRIES - 1):
        try:
            return _record(orders, connection, shipment, at, keep, polled=polled)
        except LostRace:
            continue
    return _record(orders, connection, shipment, at, keep, polled=polled)


def _record(orders: Orders, connection: str, shipment: Shipment, at: datetime, save: Save, *, polled: bool) -> Result:
    order = orders.order(connection, shipment.reference)
    kept = orders.shipment(connection, shipment.reference, shipment.id)
    if kept and kept.shipment.revision >= shipment.revision:
        if order is not None and kept.sale_id is None:
            save("duplicate", *_stored(orders, kept, kept.shipment, order, at, polled=polled))
        elif order is not None and polled and shipment.final and _waits_for_the_list(order, at):
            orders.save_order(order.noted(at, event="listed", detail=f"shipment {shipment.id}", due_at=at))
        return "duplicate"
    if order is None:
        save("unknown_order", _unmatched(connection, kept, shipment, at), None)
        return "unknown_order"
    save("stored", *_stored(orders, kept, shipment, order, at, polled=polled))
    return "stored"


def _waits_for_the_list(order: Order, at: datetime) -> bool:
    untried = order.intent is None and order.attempts == 0
    return order.status is OrderStatus.SHIPPED and untried and order.due_at is not None and order.due_at > at


def _unmatched(connection: str, kept: ShipmentRecord | None, shipment: Shipment, at: datetime) -> ShipmentRecord:
    later = at + MATCH_AGAIN_AFTER
    event = Event(at=at.isoformat(), event="received", detail=f"revision {shipment.revision}, order not known yet")
    # Nothing left the building with a shipment that is withdrawn: it needs no order.
    status, due_at = (ShipmentStatus.VOIDED, None) if shipment.kind == "voided" else (ShipmentStatus.UNMATCHED, later)
    if kept is None:
        return ShipmentRecord(
            connection=connection,
            sale_id=None,
            shipment=shipment,
            status=status,
            received_at=at,
            due_at=due_at,
            reason=Reason(code="unknown_order", text="no order with this reference is known yet"),
            timeline=(event,),
        )
    return kept.model_copy(
        update={
            "shipment": shipment,
            "version": kept.version + 1,
            "status": status,
            "due_at": due_at,
            "timeline": (*kept.timeline, event),
        }
    )


def _stored(
    orders: Orders, kept: ShipmentRecord | None, shipment: Shipment, order: Order, at: datetime, *, polled: bool
) -> tuple[ShipmentRecord, Order]:
    """The shipment's record, and the next version of its order."""
    voided = shipment.kind == "voided"
    status = ShipmentStatus.VOIDED if voided else ShipmentStatus.RECEIVED
    if kept is not None and kept.confirmed:
        status = kept.status
    event = Event(at=at.isoformat(), event=status, detail=f"revision {shipment.revision}")
    if kept is None:
        record = ShipmentRecord(
            connection=order.connection, sale_id=order.sale_id, shipment=shipment, status=status, received_at=at,
            timeline=(event,),
        )  # fmt: skip
    else:
        record = kept.told(order.sale_id, shipment, status, event)
    others = [
        each.shipment
        for each in (() if order.status in _NOTHING_LEFT else orders.shipments_of_order(order))
        if each.shipment.id != shipment.id and each.status is not ShipmentStatus.VOIDED
    ]
    standing = others if voided else [*others, shipment]
    after = _order_after(order, kept, shipment, standing, at)
    if not polled and after.status is OrderStatus.SHIPPED and after.due_at and not _is_complete(after, standing):
        after = after.model_copy(update={"due_at": max(after.due_at, at + OVERTAKEN_FOR)})
    return record, after


def _order_after(
    order: Order, kept: ShipmentRecord | None, shipment: Shipment, standing: list[Shipment], at: datetime
) -> Order:
    """The order once this shipment is known. What the warehouse did is a fact: it moves a held order too."""
    told = f"shipment {shipment.id}, revision {shipment.revision}"
    stood = order.stands
    if stood is OrderStatus.CANCELED:
        return _held(order, at, "shipped_after_cancel", f"{told}: the warehouse shipped what it had cancelled")
    if kept is not None and kept.confirmed:
        return _after_confirmation(order, kept.shipment, shipment, standing, at)
    what = "was withdrawn" if shipment.kind == "voided" else "came"
    begun = order.confirming and (shipment.id in order.part or not _may_follow(order))
    if stood not in _BEFORE_CONFIRMATION or begun:
        text = f"{told} {what} after the confirmation in DEAR had begun: compare DEAR with the warehouse"
        return _held(_less_short(order, standing), at, "shipment_after_confirmation", text)
    known: dict[str, Any] = {"warehouse_order_id": order.warehouse_order_id or shipment.order_id}
    if not standing and stood in LEAVES:
        back = OrderStatus.CANCEL_REQUESTED if order.unwanted else OrderStatus.AT_WMS
        return order.moved(back, at, **known)
    if not standing:
        return order.noted(at, event=told)
    return left(order, _status_of(order, standing), at, **known)


def _may_follow(order: Order) -> bool:
    """Whether one more shipment has a place of its own, while another one is being confirmed."""
    return order.facts.type is SaleType.ADVANCED or order.stands is OrderStatus.PART_SHIPPED


def _after_confirmation(
    order: Order, before: Shipment, shipment: Shipment, standing: list[Shipment], at: datetime
) -> Order:
    """A correction of what DEAR shows: tracking and carrier are written anew; all else is for a person to compare."""
    told = f"shipment {shipment.id}, revision {shipment.revision}"
    if shipment.kind == "voided":
        text = f"{told} was withdrawn after its confirmation in DEAR: see where the goods are, and undo it there"
        return _held(order, at, "voided_after_confirmation", text)
    if differences := goods_differences(before, shipment):
        text = f"{told} came after its confirmation in DEAR, with other goods: {'; '.join(differences)}"
        return _held(_less_short(order, standing), at, "corrected_after_confirmation", text)
    rewrite = tracking_differs(before, shipment)
    status = _status_of(order, standing)
    if order.stands in LEAVES and status is not order.stands:
        ids = dict.fromkeys((*order.corrected, shipment.id)) if rewrite else order.corrected
        return left(order, status, at, corrected=tuple(ids))
    return corrected(order, shipment.id, at) if rewrite else order.noted(at, event=told)


def _status_of(order: Order, standing: list[Shipment]) -> OrderStatus:
    """Shipped when the warehouse says so, or when nothing is left that it could ship."""
    over = any(each.final for each in standing) or _is_complete(order, standing)
    return OrderStatus.SHIPPED if over else OrderStatus.PART_SHIPPED


def _is_complete(order: Order, standing: list[Shipment]) -> bool:
    """Whether every unit that the warehouse was asked for has left."""
    asked = _units((line.sku, line.quantity) for line in order.content.lines)
    lines = (line for each in standing for parcel in each.parcels for line in parcel.lines)
    shipped = _units((line.sku, line.quantity) for line in lines)
    return all(shipped.get(sku, 0) >= units for sku, units in asked.items())


def _units(parts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for sku, units in parts:
        totals[sku] = totals.get(sku, Decimal(0)) + units
    return totals


def _less_short(order: Order, standing: list[Shipment]) -> Order:
    """The order without what was given up and left all the same: it is not free for another fulfilment."""
    try:
        missing = short_of(order, standing) if order.short else {}
    except NeedsPerson:
        missing = {}
    short = {line_id: min(units, missing[line_id]) for line_id, units in order.short.items() if line_id in missing}
    return order.model_copy(update={"short": short})


def _held(order: Order, at: datetime, code: str, text: str) -> Order:
    return order.moved(OrderStatus.HELD, at, reason=Reason(code=code, text=text))
