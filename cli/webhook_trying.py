"""`crossdock webhook test`: calls the deployed API as a warehouse would, in ways that store nothing."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hmac import digest
from uuid import uuid4

import requests
from rich.table import Table
from rich.text import Text

from cli.screen import cell, plain, table
from cli.site import Site
from cli.webhook_secrets import address_of, stored
from cli.webhook_shapes import TriedCall, WebhookTried

TIMEOUT = 30.0
LONGEST_SAID = 200
_PREFIX = "whsec_"


@dataclass(frozen=True)
class Call:
    """A call that changes nothing, and the status that a working API answers it with."""

    told: str
    method: str
    url: str
    body: bytes
    expected: int
    signed: bool = True
    headers: dict[str, str] = field(default_factory=dict)


def try_webhook(site: Site, connection: str, now: datetime) -> WebhookTried:
    """Call the API three times. Raises Complaint where there is no secret to sign with."""
    secret = str(stored(site, connection)["secrets"][0])  # type: ignore[index]  # connect and rotate write a list
    tried = tuple(_made(call, secret, now) for call in _calls(site, connection, now))
    return WebhookTried(connection=connection, works=all(each.answered == each.expected for each in tried), calls=tried)


def _calls(site: Site, connection: str, now: datetime) -> tuple[Call, ...]:
    """A question for an order that cannot be, a push without shipments, and the same unsigned."""
    address = address_of(site, connection)
    empty = json.dumps({"type": "shipment.updated", "timestamp": now.isoformat(), "data": []}).encode()
    nowhere = address.orders.format(reference=f"crossdock-test-{uuid4().hex[:12]}")
    return (
        Call("a signed question for an order that does not exist", "GET", nowhere, b"", 404),
        Call("a signed push without a shipment", "POST", address.shipments, empty, 400),
        Call("the same push unsigned", "POST", address.shipments, empty, 401, signed=False),
    )


def _made(call: Call, secret: str, now: datetime) -> TriedCall:
    headers = {"content-type": "application/json"} if call.body else {}
    if call.signed:
        headers |= signature(secret, call.body, now)
    try:
        answer = requests.request(
            call.method, call.url, data=call.body or None, headers=headers, timeout=TIMEOUT, allow_redirects=False
        )
    except requests.RequestException as fault:
        return TriedCall(call=call.told, expected=call.expected, answered=None, said=type(fault).__name__)
    said = plain(answer.text[:LONGEST_SAID])
    return TriedCall(call=call.told, expected=call.expected, answered=answer.status_code, said=said)


def signature(secret: str, body: bytes, now: datetime) -> Mapping[str, str]:
    """The headers of Standard Webhooks."""
    encoded = secret.removeprefix(_PREFIX)
    key = b64decode(encoded + "=" * (-len(encoded) % 4))
    webhook_id, timestamp = f"msg_{uuid4().hex}", str(int(now.timestamp()))
    signed = digest(key, f"{webhook_id}.{timestamp}.".encode() + body, "sha256")
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{b64encode(signed).decode()}",
    }


def tried_blocks(document: WebhookTried) -> tuple[Table, Text]:
    """A row for each call, and what it comes to."""
    shown = table("Call", "Expected", "Answered", "It said", wide="It said")
    for each in document.calls:
        good = each.answered == each.expected
        answered = cell(each.answered or "nothing", "green" if good else "red")
        shown.add_row(cell(each.call), cell(each.expected), answered, cell(each.said))
    if document.works:
        return shown, Text(f"✓ The API knows {document.connection}, its secret and its tables; nothing was stored.")
    mend = "A 401 to a signed call: was the secret changed less than ten seconds ago, is this machine's clock right?"
    return shown, Text(f"✗ The API does not answer as it should. {mend}", style="red")
