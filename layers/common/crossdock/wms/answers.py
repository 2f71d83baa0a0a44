"""What a warehouse's answer means: one table from status and body to a document or to the error tree.

| status                     | becomes                                              |
|----------------------------|------------------------------------------------------|
| 2xx                        | the JSON object; unreadable: Interrupted             |
| 401, 403                   | Unauthorised                                         |
| 404                        | NotFound                                             |
| 409                        | Conflict, with their record                          |
| 429, 503 to a read that    | Throttled                                            |
| names a Retry-After        |                                                      |
| 408, 425, 3xx, 5xx         | Interrupted: whether it was applied is not known     |
| any other 4xx              | Refused, with the problems that it names             |
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from crossdock.domain.errors import Conflict, Interrupted, NotFound, OutsideError, Refused, Throttled, Unauthorised
from crossdock.domain.privacy import MASK, NOTHING_SENT, Sent, masked

SYSTEM = "warehouse"
DEFAULT_PAUSE_SECONDS = 60
LONGEST_PAUSE_SECONDS = 300
LONGEST_TEXT = 300
_LONGEST_READ = 10_000
_MOST_PROBLEMS = 50
_OUTCOME_UNKNOWN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})

Document = dict[str, Any]


class Unreadable(ValueError):
    """An answer that is not what the contract promises; the text says what is wrong with it."""


@dataclass(frozen=True)
class Call:
    """A call to the warehouse: its name ("POST /orders"), whether it writes, and what of it is kept out of errors.

    `private` is the customer's data in it, `hidden` are the credentials that it carried.
    """

    name: str
    writes: bool
    private: Sent = NOTHING_SENT
    hidden: tuple[str, ...] = field(default=(), repr=False)


def read_answer(call: Call, status: int, headers: Mapping[str, str], body: bytes) -> Document:
    """The answer's document, empty where the body is; or the error that the table above has for it."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        try:
            return _document(body)
        except Unreadable as unreadable:
            raise Interrupted(SYSTEM, call.name, str(unreadable), status=status) from unreadable
    raise _error(call, status, headers, body)


def _document(body: bytes) -> Document:
    if not body.strip():
        return {}
    try:
        document = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable("the answer is not readable JSON") from error
    if not isinstance(document, dict):
        raise Unreadable("the answer is not a JSON object")
    return document


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _error(call: Call, status: int, headers: Mapping[str, str], body: bytes) -> OutsideError:
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return Unauthorised(SYSTEM, call.name, "the credentials were refused", status=status)
        case HTTPStatus.NOT_FOUND:
            return NotFound(SYSTEM, call.name, "it knows nothing at this address", status=status)
        case HTTPStatus.CONFLICT:
            return _conflict(call, status, body)
        case _ if _is_throttle(call, status, headers):
            pause = _pause_seconds(headers)
            return Throttled(SYSTEM, call.name, f"slow down for {pause} seconds", status=status, retry_after=pause)
    if status in _OUTCOME_UNKNOWN or not 400 <= status < 500:  # noqa: PLR2004 - the class of client errors
        return Interrupted(SYSTEM, call.name, _trouble(status), status=status)
    return _refusal(call, status, body)


def _trouble(status: int) -> str:
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return "it points to another address, which is not followed; check the base URL"
    return "it did not finish the call"


def _is_throttle(call: Call, status: int, headers: Mapping[str, str]) -> bool:
    says_when = status == HTTPStatus.SERVICE_UNAVAILABLE and "Retry-After" in headers
    return status == HTTPStatus.TOO_MANY_REQUESTS or (says_when and not call.writes)


def _pause_seconds(headers: Mapping[str, str]) -> int:
    """Retry-After in seconds, from 1 to 300: a number, a text that begins with one, a date, or 60 for none of them."""
    value = headers.get("Retry-After", "").strip()
    number = re.match(r"\D{0,20}?(\d{1,9})", value, re.ASCII) if "GMT" not in value.upper() else None
    seconds = int(number[1]) if number else _seconds_until(value, headers.get("Date", ""))
    return max(1, min(seconds, LONGEST_PAUSE_SECONDS))


def _seconds_until(value: str, answered_at: str) -> int:
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(answered_at)
    except (TypeError, ValueError):
        return DEFAULT_PAUSE_SECONDS
    return int(wait.total_seconds())


def _conflict(call: Call, status: int, body: bytes) -> Conflict:
    document = _document_or_nothing(body)
    found = {key: str(document[key]) for key in ("id", "reference", "status") if _is_scalar(document.get(key))}
    known_as = ", ".join(f"{key} {value}" for key, value in found.items())
    text = f"it stands there already, or it is too late ({known_as or 'no record was shown'})"
    return Conflict(SYSTEM, call.name, _shown(text, call), status=status, found=found)


def _is_scalar(value: object) -> bool:
    return (isinstance(value, str) and value != "") or (isinstance(value, int) and not isinstance(value, bool))


def _refusal(call: Call, status: int, body: bytes) -> Refused:
    """What the warehouse has against it. Its words are shown without the customer's data that we sent."""
    problems = tuple(
        (_shown(error.get("field"), call), _shown(error.get("message"), call))
        for error in _named_errors(_document_or_nothing(body))
    )
    told = "; ".join(f"{field}: {message}" if field else message for field, message in problems)
    text = told or "it gave no reason"
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    return Refused(SYSTEM, call.name, text, status=status, problems=problems)


def _named_errors(document: Document) -> list[Document]:
    errors = document.get("errors")
    if not isinstance(errors, list):
        return []
    return [error for error in errors[:_MOST_PROBLEMS] if isinstance(error, dict)]


def _document_or_nothing(body: bytes) -> Document:
    try:
        return _document(body)
    except Unreadable:
        return {}


def _shown(value: object, call: Call) -> str:
    text = " ".join(value.split())[:_LONGEST_READ] if isinstance(value, str) else ""
    for secret in call.hidden:
        text = re.sub(re.escape(secret), MASK, text, flags=re.IGNORECASE)
    return masked(text, call.private)[:LONGEST_TEXT]
