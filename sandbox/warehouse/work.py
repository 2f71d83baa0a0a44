"""A day's work in one call: every order that can ship is shipped, and some of it is pushed as well."""

from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from sandbox.warehouse.errors import Conflict
from sandbox.warehouse.floor import SHIPPABLE, Floor, ShipRequest, parcel_of
from sandbox.warehouse.orders import Order, Orders, owed, summary
from sandbox.warehouse.parcels import Portion, planned
from sandbox.warehouse.push import Pusher
from sandbox.warehouse.settings import PushTarget


class WorkOrder(BaseModel):
    """How much to do, and which share of the shipments is pushed; the others wait to be polled."""

    model_config = ConfigDict(extra="forbid")

    push_share: Decimal = Field(default=Decimal("0.5"), ge=0, le=1)
    limit: int | None = Field(default=None, ge=0)


def do_work(task: WorkOrder, orders: Orders, floor: Floor, pusher: Pusher, target: PushTarget | None) -> dict[str, Any]:
    """Ship what can be shipped, oldest order first, then push; give what went out, what waits and why."""
    shipped: list[dict[str, Any]] = []
    waiting: list[dict[str, Any]] = []
    to_push: list[dict[str, Any]] = []
    for order in (order for order in orders.all() if order["status"] in SHIPPABLE):
        if task.limit is not None and len(shipped) >= task.limit:
            break
        try:
            shipment, count = floor.ship(order["content"]["reference"], _request_for(order))
        except Conflict as error:
            waiting.append({**summary(order), "why": error.body})
            continue
        shipped.append(shipment)
        if target is not None and is_pushed(count, task.push_share):
            to_push.append(shipment)
    pushes = [pusher.send(target, [shipment]) for shipment in to_push]
    return {
        "shipped": shipped,
        "waiting": waiting,
        "pushes": pushes,
        "counts": {
            "shipped": len(shipped),
            "parcels": sum(len(shipment["parcels"]) for shipment in shipped),
            "waiting": len(waiting),
            "pushed": len(pushes),
            "delivered": sum(1 for push in pushes if push["delivered"]),
        },
    }


def is_pushed(count: int, share: Decimal) -> bool:
    """Say whether the shipment with this number, from 1, is among the share that is pushed, evenly spread."""
    return count * share // 1 > (count - 1) * share // 1


def _request_for(order: Order) -> ShipRequest:
    portions = [Portion(line_id, quantity) for line_id, quantity in owed(order).items()]
    return ShipRequest(parcels=[parcel_of(parcel) for parcel in planned(portions)])
