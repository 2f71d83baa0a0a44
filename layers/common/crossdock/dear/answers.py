"""What an answer of DEAR means: its parsed body, or one error of the domain's tree, decided by one small table.

Blueprint: API Status Codes, Error Model. Beyond the blueprint: the call limit may come with any status, errors come
as an array or as one object, a refused key is answered in plain text, and a wrong path with 200 and an HTML page.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from crossdock.dear import exact_json
from crossdock.domain.errors import Conflict, Interrupted, NotFound, OutsideError, Refused, Throttled, Unauthorised
from crossdock.domain.privacy import NOTHING_SENT, Sent, masked

SYSTEM = "DEAR"
LONGEST_TEXT = 300
_LONGEST_READ = 10_000
USUAL_PAUSE_SECONDS = 60
LONGEST_PAUSE_SECONDS = 300

_SUCCESSES, _REDIRECTS, _REFUSALS = range(200, 300), range(300, 400), range(400, 500)

_LIMIT = re.compile(r"api limit", re.IGNORECASE)
_MISSING = re.compile(r"(was|were|is|are) not found|not found in reference book|does not exist", re.IGNORECASE)
_ALREADY = re.compile(
    r"status is (partially )?authori[sz]ed"
    r"|status is not\W{0,5}(draft|not available)"
    r"|already (been )?(exists?|authori[sz]ed)|(exists|authori[sz]ed) already"
    r"|there is non.authori[sz]ed"
    r"|no need to create",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Call:
    """A call to DEAR, as errors name it: never its parameters, nor its body."""

    method: str
    path: str

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Answer:
    """What came back, whole."""

    status: int
    body: bytes
    content_type: str = ""
    retry_after: str = ""

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")


@dataclass(frozen=True)
class _Problem:
    """One entry of an error body. `code` may differ from the HTTP status."""

    code: int | None
    text: str


@dataclass(frozen=True)
class _Seen:
    """What the table looks at."""

    call: Call
    answer: Answer
    problems: list[_Problem]

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def said_no(self) -> bool:
        return self.status in _REFUSALS and self.status != HTTPStatus.REQUEST_TIMEOUT

    def tells(self, pattern: re.Pattern[str]) -> bool:
        return any(pattern.search(problem.text) for problem in self.problems)


_Row = Callable[[_Seen], bool]


def _names_the_limit(seen: _Seen) -> bool:
    """With an error status the whole body is searched; with 200 only what was told, for notes may say anything."""
    return seen.tells(_LIMIT) or (seen.status not in _SUCCESSES and _LIMIT.search(seen.answer.text) is not None)


def _is(*statuses: int) -> _Row:
    return lambda seen: seen.status in statuses


def _reads_unavailable(seen: _Seen) -> bool:
    """A 503 may be the limit or plain trouble: harmless for a read, an unknown outcome for a write."""
    return seen.status == HTTPStatus.SERVICE_UNAVAILABLE and not seen.call.writes


def _already_so(seen: _Seen) -> bool:
    return seen.call.writes and seen.said_no and seen.tells(_ALREADY)


def _unknown_to_it(seen: _Seen) -> bool:
    """In an answer to a write, a missing thing is a value that the write refers to: a refusal, not an absence."""
    if seen.call.writes or not seen.said_no:
        return False
    return seen.tells(_MISSING) or any(problem.code == HTTPStatus.NOT_FOUND for problem in seen.problems)


def _said_no(seen: _Seen) -> bool:
    return seen.said_no


_TABLE: tuple[tuple[_Row, type[OutsideError]], ...] = (
    (_names_the_limit, Throttled),
    (_is(HTTPStatus.TOO_MANY_REQUESTS), Throttled),
    (_reads_unavailable, Throttled),
    (_is(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN), Unauthorised),
    (_already_so, Conflict),
    (_is(HTTPStatus.NOT_FOUND), NotFound),
    (_unknown_to_it, NotFound),
    (_said_no, Refused),
)
"""The first row that fits decides. Where none does (5xx, redirects, what cannot be read) the outcome is unknown."""


def body_of(call: Call, answer: Answer, hidden: tuple[str, ...] = (), sent: Sent = NOTHING_SENT) -> Any:
    """The parsed body, None for an empty 204. Raises the table's error, which never repeats the `hidden` texts.

    Nor does it repeat personal data: what was `sent`, or what looks like it.
    """
    if answer.status == HTTPStatus.NO_CONTENT:
        return None
    parsed = _parsed(answer)
    if answer.status in _SUCCESSES and parsed is not None and not _is_error(parsed):
        return parsed
    seen = _Seen(call, answer, _problems(answer, parsed))
    kind = next((kind for fits, kind in _TABLE if fits(seen)), Interrupted)
    message = cleaned("; ".join(dict.fromkeys(problem.text for problem in seen.problems)), hidden, sent)
    if kind is Throttled:
        wait = _pause_asked_for(answer.retry_after)
        raise Throttled(SYSTEM, str(call), message, status=answer.status, retry_after=wait)
    raise kind(SYSTEM, str(call), message, status=answer.status)


def cleaned(text: str, hidden: tuple[str, ...] = (), sent: Sent = NOTHING_SENT) -> str:
    """The text on one line, at most 300 characters, without control characters, hidden texts and personal data."""
    for secret in filter(None, hidden):
        text = re.sub(re.escape(secret), "***", text, flags=re.IGNORECASE)
    printable = "".join(" " if unicodedata.category(each).startswith(("C", "Z")) else each for each in text)
    line = masked(" ".join(printable.split())[:_LONGEST_READ], sent)
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"


def _parsed(answer: Answer) -> Any:
    try:
        return exact_json.read(answer.body)
    except ValueError:
        return None


def _is_error(parsed: Any) -> bool:
    """Whether it is an error in DEAR's shape, for it may come with 200 as well."""
    entries = parsed if isinstance(parsed, list) else [parsed]
    return bool(entries) and all(
        isinstance(entry, dict) and "Exception" in entry and set(entry) <= {"ErrorCode", "Exception"}
        for entry in entries
    )


def _problems(answer: Answer, parsed: Any) -> list[_Problem]:
    """What the body says: of JSON the known texts alone, for it may carry what we sent; of a page its being one."""
    if parsed is None:
        return [_Problem(None, _plain(answer))]
    entries = parsed if isinstance(parsed, list) else [parsed]
    told = [_problem(entry) for entry in entries if isinstance(entry, dict)]
    return [each for each in told if each.text] or [_Problem(None, parsed if isinstance(parsed, str) else "no reason")]


def _problem(entry: dict[str, Any]) -> _Problem:
    known = {str(name).lower(): value for name, value in entry.items()}
    text = known.get("exception") or known.get("message") or ""
    code = str(known.get("errorcode", ""))
    return _Problem(int(code) if code.isdecimal() and code.isascii() else None, text if isinstance(text, str) else "")


def _plain(answer: Answer) -> str:
    text = answer.text.strip()
    if _LIMIT.search(text):
        return text if "<" not in text else "a page that names the API limit"
    if "html" in answer.content_type.lower() or text.startswith("<"):
        return "a web page instead of JSON"
    if answer.status in _REDIRECTS:
        return "a redirect, which is not followed"
    if not text:
        return "an empty body"
    return text if answer.status >= HTTPStatus.BAD_REQUEST else "a body that is not JSON"


def _pause_asked_for(retry_after: str) -> float:
    """Seconds: the first whole number ("60 Seconds" is seen), within bounds; a date or nothing is the usual minute."""
    number = None if ":" in retry_after else re.search(r"\d+", retry_after)
    return min(max(int(number[0][:9]), 1), LONGEST_PAUSE_SECONDS) if number else USUAL_PAUSE_SECONDS
