"""The sandbox warehouse as a WSGI application."""

from wsgiref.types import WSGIApplication

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from sandbox.clock import Clock
from sandbox.control import CallLog, control_blueprint
from sandbox.documents import Documents
from sandbox.faults import Faults
from sandbox.warehouse.api import contract_blueprint, require_bearer
from sandbox.warehouse.control import warehouse_control
from sandbox.warehouse.errors import Unauthorised, WarehouseError, problem
from sandbox.warehouse.house import PREFIX, build_house


def create_app(documents: Documents, clock: Clock, *, token: str, honours_idempotency: bool = False) -> WSGIApplication:
    """Make the warehouse over the documents: the contract's part 1 at `/`, the control plane at `/_control`."""
    app = Flask("sandbox.warehouse")
    house = build_house(documents, clock, honours_idempotency=honours_idempotency)
    app.before_request(lambda: require_bearer(token))
    app.register_blueprint(contract_blueprint(documents, house))
    app.register_blueprint(control_blueprint(documents, clock, PREFIX))
    app.register_blueprint(warehouse_control(house))
    app.register_error_handler(WarehouseError, _answer)
    app.register_error_handler(HTTPException, _http_answer)
    return CallLog(Faults(app, documents, PREFIX, clock=clock), documents, clock, PREFIX)


def _answer(error: WarehouseError) -> tuple[Response, int, dict[str, str]]:
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthorised) else {}
    return jsonify(error.body), error.status, headers


def _http_answer(error: HTTPException) -> tuple[Response, int]:
    message = error.description or error.name
    return jsonify({"errors": [problem("", message)]}), error.code or 500
