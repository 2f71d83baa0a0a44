#!/usr/bin/env python3
"""Signs and pushes a shipment: `python push.py shipment.json`. Python 3.9 or later, nothing else.

CROSSDOCK_URL is what `crossdock webhook show-url` prints, CROSSDOCK_WEBHOOK_SECRET what the operator gives you.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime

TRIES = 5


def push(url: str, secret: str, shipment: dict) -> str:
    """Push until it is taken; every try has the same id, so that it counts once."""
    now = datetime.now(UTC).isoformat()
    body = json.dumps({"type": "shipment.updated", "timestamp": now, "data": shipment}).encode()
    webhook_id = f"msg_{uuid.uuid4().hex}"
    for attempt in range(TRIES):
        try:
            request = urllib.request.Request(url, body, signed(secret, webhook_id, body), method="POST")  # noqa: S310
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the URL is the operator's
                return answer.read().decode()
        except urllib.error.HTTPError as refused:
            if refused.code != 429 and refused.code < 500:  # noqa: PLR2004 - HTTP
                sys.exit(f"refused with {refused.code}: {refused.read().decode()}")
        except OSError:
            pass  # no answer: whether it arrived is not known, so it is sent again
        time.sleep(2**attempt)
    sys.exit("not taken: push it again later, with the same id")


def signed(secret: str, webhook_id: str, body: bytes) -> dict:
    """The headers, with the time of this try."""
    encoded = secret.removeprefix("whsec_")
    key = base64.b64decode(encoded + "=" * (-len(encoded) % 4))
    timestamp = str(int(time.time()))
    digest = hmac.new(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature,
    }


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - plain for readers of any library
        print(push(os.environ["CROSSDOCK_URL"], os.environ["CROSSDOCK_WEBHOOK_SECRET"], json.load(file)))
