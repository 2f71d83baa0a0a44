"""HTTP without sockets: an adapter for requests that calls a WSGI application, and breaks calls as the seed says.

A broken call fails in the way in which a real socket makes requests fail, so that the transports see no difference.
"""

import json
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from math import inf
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit
from wsgiref.types import WSGIApplication

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError
from werkzeug.test import run_wsgi_app

from crossdock.domain.errors import CrossdockError
from simulation.faults import Fault, Weather
from simulation.turns import Process, Turns

PATIENCE = 30.0
"""Seconds of silence that both transports bear."""

type Answer = tuple[int, CaseInsensitiveDict[str], bytes]

_SIGN_IN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"
_LIMIT = "You have reached 60 calls per 60 seconds API limit."
_AS_ARRAY = json.dumps([{"ErrorCode": 400, "Exception": _LIMIT}]).encode()
_ANSWERS: dict[Fault, tuple[int, str, bytes]] = {
    Fault.TOO_MANY: (429, "text/plain", _LIMIT.encode()),
    Fault.UNAVAILABLE: (503, "text/plain", b"The service is unavailable."),
    Fault.UNAVAILABLE_AFTER: (503, "text/plain", b"The service is unavailable."),
    Fault.LIMIT_AS_400: (400, "application/json", _AS_ARRAY),
    Fault.SERVER_ERROR: (500, "text/plain", b"Internal Server Error"),
    Fault.SERVER_ERROR_AFTER: (500, "text/plain", b"Internal Server Error"),
    Fault.HTML: (200, "text/html", _SIGN_IN),
    Fault.FORBIDDEN: (403, "text/plain", b"Incorrect credentials!"),
}
_APPLIED = frozenset({
    Fault.TIMEOUT_AFTER, Fault.CUT_AFTER, Fault.UNAVAILABLE_AFTER, Fault.SERVER_ERROR_AFTER, Fault.CUT_BODY,
    Fault.KILLED_AFTER, Fault.SLOW, Fault.OLD_SNAPSHOT, Fault.PARTIAL_SNAPSHOT,
})  # fmt: skip


class PoisonError(Exception):
    """What the code itself does wrong: no fault of the outside, and nothing that passes."""


class Poison(NamedTuple):
    """At which calls the code itself fails, while it is at work: a pattern of "METHOD URL body".

    `is_known`: it fails with an error of its own, by which nothing was applied.
    """

    pattern: str
    begins: float = 0.0
    ends: float = inf
    is_known: bool = False

    def meets(self, request: requests.PreparedRequest, at: float) -> bool:
        text = f"{request.method} {request.url} {request.body!r}"
        return self.begins <= at < self.ends and re.search(self.pattern, text) is not None


class Line:
    """The way to one system: who serves it, what breaks on the way, and a note of every call."""

    def __init__(
        self, turns: Turns, name: str, app: WSGIApplication, weather: Weather, note: Callable[..., None]
    ) -> None:
        self.turns, self.name, self.app, self.weather, self.note = turns, name, app, weather, note
        self.dead = False
        self.poisons: list[Poison] = []
        self._snapshots: list[bytes] = []

    def session(self, process: Process) -> requests.Session:
        """A session whose every call goes down this line, made by the process."""
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", _Adapter(self, process))
        return session

    def answer(self, request: requests.PreparedRequest) -> Answer:
        """The application's whole answer; what it does is done."""
        chunks, status, headers = run_wsgi_app(self.app, _environ(request), buffered=True)
        given: CaseInsensitiveDict[str] = CaseInsensitiveDict(list(headers))
        return int(status.split(" ", 1)[0]), given, b"".join(chunks)

    def other_snapshot(self, fault: Fault | None, body: bytes) -> bytes:
        """A stock snapshot as it was hours ago, or one with a part missing; each true one is kept for later."""
        self._snapshots.append(body)
        if fault is Fault.OLD_SNAPSHOT:
            return self._snapshots[0]
        if fault is not Fault.PARTIAL_SNAPSHOT:
            return body
        document = json.loads(body)
        items = document["items"]
        return json.dumps({**document, "items": items[: len(items) // 2], "complete": False}).encode()


class _Adapter(BaseAdapter):
    """What requests sends through, on behalf of one process."""

    def __init__(self, line: Line, process: Process) -> None:
        super().__init__()
        self._line, self._process = line, process

    def close(self) -> None:
        """Nothing was opened."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Make the call, or fail at it."""
        line, process = self._line, self._process
        process.check()
        path = urlsplit(request.url or "").path
        for poison in line.poisons:
            if poison.meets(request, line.turns.seconds):
                raise CrossdockError("the call cannot be made") if poison.is_known else PoisonError
        fault = self._fault(request, path)
        line.note(process.name, f"{request.method} {path}", fault)
        random = line.weather.random
        if fault is Fault.KILLED_BEFORE:
            process.kill()
        process.sleep(random.uniform(0.02, 0.25))
        if fault is Fault.NO_CONNECTION:
            raise requests.ConnectionError(_refused(request))
        if fault is Fault.SLOW:
            process.sleep(random.uniform(2.0, PATIENCE - 2))
        answer = line.answer(request) if fault is None or fault in _APPLIED else None
        if fault is Fault.APPLIED_LATE:
            line.turns.at(line.turns.seconds + PATIENCE + random.uniform(0.5, 25), lambda: self._late(request))
        if fault is Fault.KILLED_AFTER:
            process.kill()
        process.sleep(random.uniform(0.01, 0.15))
        return self._broken(request, fault, answer)

    def _fault(self, request: requests.PreparedRequest, path: str) -> Fault | None:
        line = self._line
        if line.dead:
            return Fault.NO_CONNECTION
        fault = line.weather.strike(line.name, writes=request.method != "GET")
        if fault is None and path.endswith("/inventory"):
            fault = line.weather.strike("inventory")
        return fault

    def _late(self, request: requests.PreparedRequest) -> None:
        self._line.note(self._line.name, f"{request.method} {urlsplit(request.url or '').path} is applied now", None)
        self._line.answer(request)

    def _broken(
        self, request: requests.PreparedRequest, fault: Fault | None, answer: Answer | None
    ) -> requests.Response:
        if fault in {Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER, Fault.APPLIED_LATE}:
            self._process.sleep(PATIENCE)
            raise requests.ReadTimeout("Read timed out.")
        if fault in {Fault.CUT_BEFORE, Fault.CUT_AFTER}:
            raise requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "reset")))
        if fault in _ANSWERS:
            status, kind, body = _ANSWERS[fault]
            return _response(request, (status, CaseInsensitiveDict({"Content-Type": kind}), body))
        if answer is None:
            raise ValueError(f"nothing is answered for {fault}")
        if urlsplit(request.url or "").path.endswith("/inventory"):
            answer = (*answer[:2], self._line.other_snapshot(fault, answer[2]))
        return _response(request, answer, cut=fault is Fault.CUT_BODY)


class _Body:
    """A body that is read in pieces, and may break off."""

    def __init__(self, content: bytes, *, cut: bool) -> None:
        self._content, self._cut = content, cut

    def stream(self, _size: int, **_: Any) -> Iterator[bytes]:
        if not self._cut:
            yield self._content
            return
        yield self._content[: len(self._content) // 2]
        raise ProtocolError("Connection broken: IncompleteRead")

    def close(self) -> None:
        """Nothing was opened."""

    release_conn = close


def _response(request: requests.PreparedRequest, answer: Answer, *, cut: bool = False) -> requests.Response:
    status, headers, body = answer
    response = requests.Response()
    response.status_code, response.headers, response.url = status, headers, request.url or ""
    response.raw = _Body(body, cut=cut)
    response.request = request
    return response


def _refused(request: requests.PreparedRequest) -> MaxRetryError:
    reason = NewConnectionError(None, "Connection refused")  # type: ignore[arg-type]  # no pool is there to name
    return MaxRetryError(None, request.url or "", reason)  # type: ignore[arg-type]


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    parts = urlsplit(request.url or "")
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method, "SCRIPT_NAME": "", "PATH_INFO": unquote(parts.path),
        "QUERY_STRING": parts.query, "SERVER_NAME": parts.netloc, "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": parts.netloc, "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0), "wsgi.url_scheme": "https", "wsgi.input": BytesIO(content),
        "wsgi.errors": BytesIO(), "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        text = value.decode() if isinstance(value, bytes) else value
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = text
    return environ
