"""Part 1 of the HTTP contract: the seven calls that a warehouse serves."""

import hmac
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ConfigDict

from sandbox.documents import Documents
from sandbox.faults import CONTROL_ROOT
from sandbox.warehouse.contract import is_moment, parsed
from sandbox.warehouse.errors import Refused, Unauthorised, problem
from sandbox.warehouse.house import House
from sandbox.warehouse.orders import summary
from sandbox.warehouse.paging import limit_of
from sandbox.warehouse.shipments import public


class _Cancellation(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    reason: str


def contract_blueprint(documents: Documents, house: House) -> Blueprint:
    """Make the routes of the contract over the house."""
    plane = Blueprint("warehouse", __name__)
    orders, shipments, stock = house.orders, house.shipments, house.stock

    @plane.post("/orders")
    def create_order() -> tuple[Response, int]:
        order = orders.create(json_object(), request.headers.get("Idempotency-Key"), house.settings())
        return jsonify(summary(order)), 201

    @plane.get("/orders")
    def find_orders() -> Response:
        reference = request.args.get("reference")
        if not reference:
            raise Refused([problem("reference", "is required")], status=400)
        order = orders.find(reference)
        return jsonify({"orders": [] if order is None else [summary(order)]})

    @plane.get("/orders/<order_id>")
    def show_order(order_id: str) -> Response:
        with documents.transaction():
            order = orders.get(order_id)
            shown = [public(shipments.get(shipment_id)) for shipment_id in order["shipments"]]
        return jsonify({**order["content"], **summary(order), "shipments": shown})

    @plane.put("/orders/<order_id>")
    def replace_order(order_id: str) -> Response:
        return jsonify(summary(orders.replace(order_id, json_object(), house.settings())))

    @plane.post("/orders/<order_id>/cancel")
    def cancel_order(order_id: str) -> Response:
        order = orders.cancel(order_id, parsed(_Cancellation, json_object()).reason)
        return jsonify({"id": order["id"], "status": order["status"]})

    @plane.get("/shipments")
    def list_shipments() -> Response:
        return jsonify(shipments.page(_since(), request.args.get("cursor"), limit_of(request.args)))

    @plane.get("/inventory")
    def list_inventory() -> Response:
        complete = house.settings().snapshot_complete
        page = stock.page(orders.all(), request.args.get("cursor"), limit_of(request.args), complete=complete)
        return jsonify(page)

    return plane


def require_bearer(token: str) -> None:
    """Let only the control plane and callers with the token pass."""
    if request.path.startswith(CONTROL_ROOT):
        return
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise Unauthorised


def json_object(*, or_nothing: bool = False) -> dict[str, Any]:
    """Read the body as a JSON object; an empty one counts as `{}` where nothing need be said."""
    if or_nothing and not request.get_data():
        return {}
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise Refused([problem("", "the body must be a JSON object")], status=400)
    return body


def _since() -> datetime | None:
    text = request.args.get("updated_since")
    if text is None:
        return None
    if not is_moment(text):
        raise Refused([problem("updated_since", "must be an RFC 3339 time with an offset")], status=400)
    return datetime.fromisoformat(text)
