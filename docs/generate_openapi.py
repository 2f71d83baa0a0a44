#!/usr/bin/env python3
"""Writes docs/openapi.json from the API's own models: `python docs/generate_openapi.py`."""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "functions"))

from pydantic.json_schema import models_json_schema  # noqa: E402 - the functions' folder is no package of ours

from crossdock.domain.shipment import Shipment  # noqa: E402
from receive_tracking.answers import Accepted, Errors, Noted, OrderStanding  # noqa: E402
from receive_tracking.api import DEAR_NOT_LET_IN, NOT_LET_IN, TOO_LARGE  # noqa: E402
from receive_tracking.message import LARGEST_BODY, LARGEST_PUSH, Envelope  # noqa: E402
from receive_tracking.signature import TOLERANCE  # noqa: E402

DOCUMENT = Path(__file__).with_name("openapi.json")
SAMPLE = ROOT / "events" / "receive_tracking" / "push.json"
_MINUTES = int(TOLERANCE.total_seconds() // 60)
_DECIMAL = r"^[0-9]{1,14}(\.[0-9]{1,4})?$"

INTRODUCTION = f"""A warehouse pushes its shipments to Crossdock, and asks where an order stands. DEAR tells of changes.

Requests of a warehouse are signed as the Standard Webhooks specification says. Times are RFC 3339 with an offset.
Quantities are decimal strings. Fields that are not listed are ignored. A body is at most {LARGEST_BODY // 1024} KiB."""

FIELDS = {
    "Push.type": "What the message is.",
    "Push.timestamp": "When it was made.",
    "Push.data": f"One shipment, or up to {LARGEST_PUSH}.",
    "Shipment.id": "The warehouse's own id of the shipment; with `revision` it is its identity.",
    "Shipment.revision": "1 at first; a correction repeats the id with a higher one.",
    "Shipment.order_id": "The warehouse's id of the order.",
    "Shipment.reference": "The order's `reference`, as the warehouse was given it.",
    "Shipment.kind": "`voided` withdraws the shipment.",
    "Shipment.shipped_at": "When it left.",
    "Shipment.final": "true: nothing more will ship for this order, whatever is short.",
    "Shipment.warehouse": "The code of the place that the goods left from, where it is another than the order's.",
    "Shipment.parcels": "At least one, unless it is voided; each with a `parcel_id` of its own.",
    "Shipment.updated_at": "When it last changed.",
    "Parcel.parcel_id": "The parcel's id, unique within the shipment.",
    "Parcel.carrier": "Who carries it.",
    "Parcel.service": "The carrier's service.",
    "Parcel.tracking_number": "As the carrier gave it.",
    "Parcel.tracking_url": "Where the parcel can be followed.",
    "Parcel.weight": "A decimal string.",
    "Parcel.weight_unit": "Such as kg.",
    "Parcel.lines": "What is in it.",
    "ParcelLine.line_id": "The order line's id, as the warehouse was given it.",
    "ParcelLine.sku": "The product, by the warehouse's name of it.",
    "ParcelLine.quantity": "A decimal string above 0, of at most four decimals.",
    "ParcelLine.lot": "The lot or batch.",
    "ParcelLine.serials": "Serial numbers.",
    "ParcelLine.expires_on": "When the lot expires.",
}
"""What each field of a push means; names, types and limits are the models'."""

_SIGNATURE = """`v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`, keyed with the bytes that are base64
in the secret after `whsec_`. Several are separated by spaces; one good one is enough."""

_ERRORS: dict[int, str] = {
    400: "The body breaks the contract: every wrong field is named, nothing is stored. Or a shipment is refused for "
    "good, such as one that is too large: it is named, the others are stored.",
    401: f"The signature is missing, wrong, or more than {_MINUTES} minutes off; or there is no such connection.",
    404: "No order has this reference.",
    409: "This webhook-id was used for another body.",
    413: f"The body is larger than {LARGEST_BODY // 1024} KiB.",
    429: "Slow down: send it again after the seconds in Retry-After.",
    500: "Not done, by a fault on our side: send it again later, with the same webhook-id.",
}
_SHOWN = {401: NOT_LET_IN.body, 413: TOO_LARGE.body}


def document() -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Crossdock tracking API", "version": "1", "description": INTRODUCTION},
        "servers": [{
            "url": "https://{api}/{stage}", "description": "`crossdock webhook show-url` prints it.",
            "variables": {"api": {"default": "api.example.com"}, "stage": {"default": "live"}},
        }],
        "paths": {
            "/v1/connections/{connection}/shipments": {"parameters": [_connection()], "post": _push()},
            "/v1/connections/{connection}/orders/{reference}": {
                "parameters": [_connection(), _reference()], "get": _ask(),
            },
            "/v1/connections/{connection}/dear-events": {"parameters": [_connection()], "post": _hint()},
        },
        "components": {"schemas": _schemas(), "securitySchemes": {
            "signature": {"type": "apiKey", "in": "header", "name": "webhook-signature", "description": _SIGNATURE},
            "dearToken": {"type": "http", "scheme": "bearer", "description": "Made by `crossdock webhook dear-token`."},
        }},
    }  # fmt: skip


def _push() -> dict[str, Any]:
    body = {"application/json": {"schema": _ref("Push"), "example": json.loads(json.loads(SAMPLE.read_text())["body"])}}
    told = '{"accepted":[{"id":"S-1","revision":1,"result":"stored"}]}'
    return {
        "operationId": "pushShipments",
        "summary": "Push shipments",
        "description": "Answered 202 once every shipment is stored durably. The same webhook-id with the same body "
        "gets the first answer again, for a day.",
        "security": [{"signature": []}],
        "parameters": _signed_headers(),
        "requestBody": {"required": True, "content": body},
        "responses": {"202": _answer("Stored.", "Accepted", told), **_errors(400, 401, 409, 413, 429, 500)},
    }


def _ask() -> dict[str, Any]:
    return {
        "operationId": "askForOrder",
        "summary": "Ask where an order stands",
        "description": "Signed over an empty body.",
        "security": [{"signature": []}],
        "parameters": _signed_headers(),
        "responses": {"200": _answer("Where it stands.", "OrderStanding"), **_errors(401, 404, 429, 500)},
    }


def _hint() -> dict[str, Any]:
    refused = {
        "401": _answer("The token is missing or wrong, or there is no such connection.", "Errors", DEAR_NOT_LET_IN.body)
    }
    return {
        "operationId": "noteDearEvent",
        "summary": "Take an event of DEAR's as a hint",
        "description": "Has DEAR's list read soon, at most once a minute. What the body says is not read.",
        "security": [{"dearToken": []}],
        "requestBody": {"content": {"application/json": {"schema": {}}}},
        "responses": {"202": _answer("Noted.", "Noted", '{"noted":true}'), **refused, **_errors(413, 429, 500)},
    }


def _connection() -> dict[str, Any]:
    return _parameter(
        "path", "connection", "The connection's name.", {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,30}$"}
    )


def _reference() -> dict[str, Any]:
    return _parameter(
        "path", "reference", "The order's reference.", {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,40}$"}
    )


def _signed_headers() -> list[dict[str, Any]]:
    about_id = "Unique for each message; the same when it is sent again."
    about_time = f"Whole seconds since 1970, at most {_MINUTES} minutes off."
    return [
        _parameter("header", "webhook-id", about_id, {"type": "string", "pattern": "^[!-~]{1,256}$"}),
        _parameter("header", "webhook-timestamp", about_time, {"type": "string", "pattern": "^[0-9]{1,12}$"}),
    ]


def _parameter(place: str, name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"in": place, "name": name, "required": True, "description": description, "schema": schema}


def _answer(description: str, model: str, example: str | None = None) -> dict[str, Any]:
    shown = {"example": json.loads(example)} if example else {}
    return {"description": description, "content": {"application/json": {"schema": _ref(model), **shown}}}


def _errors(*statuses: int) -> dict[str, Any]:
    return {str(status): _answer(_ERRORS[status], "Errors", _SHOWN.get(status)) for status in statuses}


def _ref(model: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model}"}


def _schemas() -> dict[str, Any]:
    """The models' schemas, a push with its shipments put into its data."""
    read = [(model, "validation") for model in (Envelope, Shipment)]
    answered = [(model, "serialization") for model in (Accepted, Errors, OrderStanding, Noted)]
    _, found = models_json_schema([*read, *answered], ref_template="#/components/schemas/{model}")
    schemas = {name: _plain(schema) for name, schema in found["$defs"].items()}
    push = schemas.pop("Envelope") | {"description": "A message with shipments."}
    several = {"type": "array", "items": _ref("Shipment"), "minItems": 1, "maxItems": LARGEST_PUSH}
    push["properties"]["data"] = {"oneOf": [_ref("Shipment"), several]}
    schemas["Push"] = push
    schemas["Shipment"] |= {
        "if": {"properties": {"kind": {"const": "shipped"}}},
        "then": {"required": ["parcels"], "properties": {"parcels": {"type": "array", "minItems": 1}}},
    }
    schemas["ParcelLine"]["properties"]["quantity"] = {
        "type": "string",
        "pattern": _DECIMAL,
        "not": {"pattern": "^[0.]+$"},
    }
    schemas["Parcel"]["properties"]["weight"] = {"anyOf": [{"type": "string", "pattern": _DECIMAL}, {"type": "null"}]}
    for place, description in FIELDS.items():
        model, _, field = place.partition(".")
        schemas[model]["properties"][field]["description"] = description
    return dict(sorted(schemas.items()))


def _plain(schema: Any) -> Any:
    """A schema without what only repeats its names; a text that must not be empty must not be blank either."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _plain(value) for key, value in schema.items() if key not in {"title", "default", "additionalProperties"}
    }
    return kept | ({"pattern": r"\S"} if kept.get("minLength") and "pattern" not in kept else {})


def text() -> str:
    """The document as it lies in the repository."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(text(), encoding="utf-8")
    print(f"{DOCUMENT.name} is written.")
