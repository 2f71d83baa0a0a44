"""The JSON documents of `crossdock webhook ...`. Stable: fields may be added, none changes its meaning."""

from datetime import datetime

from crossdock.domain.model import Record


class WebhookAddress(Record):
    """Where one connection is pushed to."""

    connection: str
    shipments: str
    orders: str
    dear_events: str


class WebhookAddresses(Record):
    """`crossdock webhook show-url`."""

    addresses: tuple[WebhookAddress, ...]


class SecretRotated(Record):
    """`crossdock webhook secret rotate`."""

    connection: str
    kept_in: str
    old_good_until: datetime | None


class DearToken(Record):
    """`crossdock webhook dear-token`."""

    connection: str
    kept_in: str
    url: str


class TriedCall(Record):
    """One call, the status that it should have, and the answer. `answered` None: there was none."""

    call: str
    expected: int
    answered: int | None
    said: str


class WebhookTried(Record):
    """`crossdock webhook test`."""

    connection: str
    works: bool
    calls: tuple[TriedCall, ...]
