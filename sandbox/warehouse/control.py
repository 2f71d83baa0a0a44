"""The warehouse's own control plane: stock, settings, shipping, work and pushes.

It is beside the shared routes at `/_control`, asks for no token, and is meant for a loopback address only.
"""

from typing import Any

from flask import Blueprint, Response, jsonify
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sandbox.faults import CONTROL_ROOT
from sandbox.warehouse.api import json_object
from sandbox.warehouse.contract import Key, parsed
from sandbox.warehouse.floor import Correction, ShipRequest, Withdrawal
from sandbox.warehouse.house import House
from sandbox.warehouse.orders import summary
from sandbox.warehouse.settings import Settings
from sandbox.warehouse.shipments import public
from sandbox.warehouse.stock import StockUpdate
from sandbox.warehouse.work import WorkOrder, do_work


class PushAgain(BaseModel):
    """Shipments to push as a new message, or a message to send once more as it was."""

    model_config = ConfigDict(extra="forbid")

    ids: list[Key] = Field(default_factory=list, max_length=100)
    webhook_id: Key | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> "PushAgain":
        if bool(self.ids) == bool(self.webhook_id):
            raise ValueError("give ids or webhook_id")
        return self


def warehouse_control(house: House) -> Blueprint:
    """Make the routes below `/_control` that only the warehouse has."""
    plane = Blueprint("warehouse_floor", __name__, url_prefix=CONTROL_ROOT)
    _add_settings(plane, house)
    _add_orders(plane, house)
    _add_shipments(plane, house)
    _add_pushes(plane, house)
    return plane


def _add_settings(plane: Blueprint, house: House) -> None:
    @plane.post("/stock")
    def set_stock() -> Response:
        update = parsed(StockUpdate, json_object())
        house.stock.set(update)
        return jsonify({"rows": len(update.stock)})

    @plane.get("/settings")
    def show_settings() -> Response:
        return jsonify(house.settings().shown())

    @plane.post("/settings")
    def change_settings() -> Response:
        parsed(Settings, json_object()).store(house.documents)
        return jsonify(house.settings().shown())


def _add_orders(plane: Blueprint, house: House) -> None:
    @plane.get("/orders")
    def list_orders() -> Response:
        return jsonify({"orders": [summary(order) for order in house.orders.all()]})

    @plane.post("/orders/<reference>/start")
    def start_order(reference: str) -> Response:
        return jsonify(summary(house.orders.start(reference)))

    @plane.post("/orders/<reference>/ship")
    def ship_order(reference: str) -> tuple[Response, int]:
        wanted = parsed(ShipRequest, json_object(or_nothing=True))
        shipment, _ = house.floor.ship(reference, wanted)
        return jsonify(_told(house, shipment, push=wanted.push)), 201

    @plane.post("/work")
    def work() -> Response:
        task = parsed(WorkOrder, json_object(or_nothing=True))
        done = do_work(task, house.orders, house.floor, house.pusher, house.settings().push)
        return jsonify(done)


def _add_shipments(plane: Blueprint, house: House) -> None:
    @plane.post("/shipments/<shipment_id>/correct")
    def correct_shipment(shipment_id: str) -> Response:
        correction = parsed(Correction, json_object(or_nothing=True))
        return jsonify(_told(house, house.floor.correct(shipment_id, correction), push=correction.push))

    @plane.post("/shipments/<shipment_id>/void")
    def void_shipment(shipment_id: str) -> Response:
        withdrawal = parsed(Withdrawal, json_object(or_nothing=True))
        return jsonify(_told(house, house.floor.void(shipment_id), push=withdrawal.push))


def _add_pushes(plane: Blueprint, house: House) -> None:
    @plane.post("/push")
    def push_again() -> Response:
        again = parsed(PushAgain, json_object())
        target = house.settings().push
        if again.webhook_id is not None:
            return jsonify(house.pusher.repeat(target, again.webhook_id))
        return jsonify(house.pusher.send(target, [public(house.shipments.get(one)) for one in again.ids]))

    @plane.get("/pushes")
    def show_pushes() -> Response:
        return jsonify({"pushes": house.pusher.notes()})


def _told(house: House, shipment: dict[str, Any], *, push: bool) -> dict[str, Any]:
    """Give the shipment, and how its push went where one was wanted."""
    return {"shipment": shipment, "push": house.pusher.send(house.settings().push, [shipment]) if push else None}
