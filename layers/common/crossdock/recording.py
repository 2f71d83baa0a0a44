"""Taking a warehouse's shipment in: idempotent by id and revision, whichever way and however often it comes."""

from datetime import datetime, timedelta
from typing import Any, Literal

from crossdock.domain.errors import LostRace
from crossdock.domain.model import Event, Reason
from crossdock.domain.order import Order
from crossdock.domain.shipment import Shipment, ShipmentRecord
from crossdock.domain.states import OrderStatus, ShipmentStatus
from crossdock.ports import Orders

Result = Literal["stored", "duplicate", "unknown_order"]

TRIES = 6
MATCH_AGAIN_AFTER = timedelta(minutes=1)

_BEFORE_CONFIRMATION = {
    OrderStatus.NEW,
    OrderStatus.AT_WMS,
    OrderStatus.PART_SHIPPED,
    OrderStatus.SHIPPED,
    OrderStatus.CANCEL_REQUESTED,
}


def record_shipment(orders: Orders, connection: str, shipment: Shipment, at: datetime) -> Result:
    """Store the shipment and move its order, in one transaction. Safe to repeat; a lost race is run again."""
    for _ in range(TRIES - 1):
        try:
            return _record(orders, connection, shipment, at)
        except LostRace:
            continue
    return _record(orders, connection, shipment, at)


def _record(orders: Orders, connection: str, shipment: Shipment, at: datetime) -> Result:
    order = orders.order(connection, shipment.reference)
    kept = orders.shipment(connection, shipment.reference, shipment.id)
    if kept and kept.shipment.revision >= shipment.revision:
        if order is not None and kept.sale_id is None:
            _store(orders, kept, kept.shipment, order, at)
        return "duplicate"
    if order is None:
        orders.save_shipment(_unmatched(connection, kept, shipment, at))
        return "unknown_order"
    _store(orders, kept, shipment, order, at)
    return "stored"


def _unmatched(connection: str, kept: ShipmentRecord | None, shipment: Shipment, at: datetime) -> ShipmentRecord:
    later = at + MATCH_AGAIN_AFTER
    event = Event(at=at.isoformat(), event="received", detail=f"revision {shipment.revision}, order not known yet")
    if kept is None:
        return ShipmentRecord(
            connection=connection,
            sale_id=None,
            shipment=shipment,
            status=ShipmentStatus.UNMATCHED,
            received_at=at,
            due_at=later,
            reason=Reason(code="unknown_order", text="no order with this reference is known yet"),
            timeline=(event,),
        )
    return kept.model_copy(
        update={
            "shipment": shipment,
            "version": kept.version + 1,
            "due_at": later,
            "timeline": (*kept.timeline, event),
        }
    )


def _store(orders: Orders, kept: ShipmentRecord | None, shipment: Shipment, order: Order, at: datetime) -> None:
    voided = shipment.kind == "voided"
    status = ShipmentStatus.VOIDED if voided else ShipmentStatus.RECEIVED
    if kept is None or kept.status not in {ShipmentStatus.CONFIRMED, ShipmentStatus.INVOICED}:
        record_status = status
    else:
        record_status = kept.status
    event = Event(at=at.isoformat(), event=record_status, detail=f"revision {shipment.revision}")
    record = ShipmentRecord(
        connection=order.connection,
        sale_id=order.sale_id,
        shipment=shipment,
        status=record_status,
        received_at=kept.received_at if kept else at,
        version=kept.version + 1 if kept else 1,
        timeline=(*(kept.timeline if kept else ()), event),
    )
    others = [
        each.shipment
        for each in orders.shipments_of_order(order)
        if each.shipment.id != shipment.id and each.status is not ShipmentStatus.VOIDED
    ]
    standing = others if voided else [*others, shipment]
    orders.save_shipment(record, _order_after(order, shipment, standing, at))


def _order_after(order: Order, shipment: Shipment, standing: list[Shipment], at: datetime) -> Order:
    """The order once this shipment is known. What the warehouse did is a fact: it moves a held order too."""
    told = f"shipment {shipment.id}, revision {shipment.revision}"
    stood = order.held_from or order.status
    if order.status is OrderStatus.CANCELED:
        return _held(order, at, "shipped_after_cancel", f"{told}: the warehouse shipped what it had cancelled")
    confirming = order.done or (order.intent is not None and stood in _SHIPPED)
    if stood not in _BEFORE_CONFIRMATION or confirming:
        what = "was withdrawn" if shipment.kind == "voided" else "came"
        text = f"{told} {what} after the confirmation in DEAR had begun: compare DEAR with the warehouse"
        return _held(order, at, "shipment_after_confirmation", text)
    known: dict[str, Any] = {"warehouse_order_id": order.warehouse_order_id or shipment.order_id}
    if not standing:
        return order.moved(OrderStatus.AT_WMS, at, **known) if stood in _SHIPPED else order.noted(at, event=told)
    final = any(each.final for each in standing)
    status = OrderStatus.SHIPPED if final else OrderStatus.PART_SHIPPED
    return order.moved(status, at, **known)


_SHIPPED = {OrderStatus.SHIPPED, OrderStatus.PART_SHIPPED}


def _held(order: Order, at: datetime, code: str, text: str) -> Order:
    return order.moved(OrderStatus.HELD, at, reason=Reason(code=code, text=text))
