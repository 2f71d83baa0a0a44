"""Standard Webhooks signatures: whether a body comes from someone who has a secret of ours, and came just now.

Headers: `webhook-id`; `webhook-timestamp`, whole seconds since 1970; `webhook-signature`, one or more `v1,<base64>`
separated by spaces. What is signed is the HMAC-SHA256 of `id.timestamp.body`; a secret is `whsec_<base64>`.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with
_LONGEST_ID = 256
_LONGEST_TIMESTAMP = 12
_VERSION = "v1,"


class BadSignature(Exception):
    """The headers are missing, malformed, too old or too new, or no signature matches: no caller is told which."""


class BadSecret(ValueError):
    """A secret of ours that nobody can sign with; the text does not show it."""


def verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: datetime) -> str:
    """The webhook id of a genuine message, or BadSignature. Several secrets are valid while one is rotated.

    Every secret is tried on every signature, so that the time this takes tells nothing. Raises BadSecret.
    """
    given = {name.lower(): value for name, value in headers.items()}
    webhook_id = _checked_id(given.get("webhook-id", ""))
    timestamp = _checked_timestamp(given.get("webhook-timestamp", ""), now)
    signatures = _v1_signatures(given.get("webhook-signature", ""))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    expected = [b64encode(hmac.digest(key_of(secret), signed, "sha256")) for secret in secrets]
    matches = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in signatures]
    if not any(matches):
        raise BadSignature
    return webhook_id


def _checked_id(text: str) -> str:
    if not text or len(text) > _LONGEST_ID or not (text.isascii() and text.isprintable()):
        raise BadSignature
    return text


def _checked_timestamp(text: str, now: datetime) -> str:
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST_TIMESTAMP:
        raise BadSignature
    if abs(now.timestamp() - int(text)) > TOLERANCE.total_seconds():
        raise BadSignature
    return text


def _v1_signatures(text: str) -> list[bytes]:
    if not text.isascii():
        raise BadSignature
    return [part.removeprefix(_VERSION).encode() for part in text.split() if part.startswith(_VERSION)]


def key_of(secret: str) -> bytes:
    """The key in a secret, whose base64 may come without its padding. Raises BadSecret."""
    encoded = secret.removeprefix(SECRET_PREFIX)
    try:
        key = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError as error:
        raise BadSecret("a webhook secret is not whsec_ with base64 after it") from error
    if not key or encoded == secret:
        raise BadSecret("a webhook secret is empty or does not begin with whsec_")
    return key
