"""Shipments pushed to Crossdock, signed as the Standard Webhooks specification says.

A push that fails is only noted: whoever missed it finds the shipment by polling.
"""

import json
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Any

import requests
from standardwebhooks import Webhook

from sandbox.clock import Clock, stamp
from sandbox.documents import Documents
from sandbox.warehouse.errors import NotFound
from sandbox.warehouse.settings import PushTarget

TIMEOUT_SECONDS = 10.0
"""Long enough for a function that has to start first."""

_MESSAGE = "warehouse.push_message"
_NOTES = "warehouse.push"


class Pusher:
    """Sends shipments, remembers each message, and notes how every attempt went."""

    def __init__(self, documents: Documents, clock: Clock, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._documents = documents
        self._clock = clock
        self._timeout = timeout_seconds

    def send(self, target: PushTarget | None, shipments: list[dict[str, Any]]) -> dict[str, Any]:
        """Push contract shipments as one new message; one alone travels as an object, more as an array."""
        body = json.dumps(
            {
                "type": "shipment.updated",
                "timestamp": stamp(self._clock.now()),
                "data": shipments[0] if len(shipments) == 1 else shipments,
            }
        )
        webhook_id = f"msg_{token_urlsafe(16)}"
        message = {
            "webhook_id": webhook_id,
            "shipments": [{"id": shipment["id"], "revision": shipment["revision"]} for shipment in shipments],
            "body": body,
        }
        self._documents.put(_MESSAGE, webhook_id, message)
        return self._attempt(target, message)

    def repeat(self, target: PushTarget | None, webhook_id: str) -> dict[str, Any]:
        """Push a message again, with the same id and byte for byte the same body, freshly signed."""
        message = self._documents.get(_MESSAGE, webhook_id)
        if message is None:
            raise NotFound("webhook_id", webhook_id)
        return self._attempt(target, message)

    def notes(self) -> list[dict[str, Any]]:
        """Give every attempt in order: seq, at, webhook_id, shipments, delivered, status, answer, error."""
        return self._documents.log(_NOTES)

    def _attempt(self, target: PushTarget | None, message: dict[str, Any]) -> dict[str, Any]:
        note: dict[str, Any] = {
            "at": stamp(self._clock.now()),
            "webhook_id": message["webhook_id"],
            "shipments": message["shipments"],
            **self._outcome(target, message),
        }
        self._documents.append(_NOTES, note)
        return note

    def _outcome(self, target: PushTarget | None, message: dict[str, Any]) -> dict[str, Any]:
        if target is None:
            return _undelivered("no address to push to is set")
        now = self._clock.now()
        signer = Webhook(target.secret.get_secret_value())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message["webhook_id"],
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signer.sign(message["webhook_id"], now, message["body"]),
        }
        try:
            answer = requests.post(
                f"{target.url.rstrip('/')}/shipments",
                data=message["body"].encode(),
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            # The text of the error may quote what was sent; its kind is enough.
            return _undelivered(type(error).__name__)
        return {
            "delivered": answer.status_code == HTTPStatus.ACCEPTED,
            "status": answer.status_code,
            "answer": _readable(answer),
            "error": None,
        }


def _undelivered(error: str) -> dict[str, Any]:
    return {"delivered": False, "status": None, "answer": None, "error": error}


def _readable(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text[:200]
