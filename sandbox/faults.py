"""Faults on order: calls that time out, break off or get a wrong answer, applied or not."""

import json
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Self
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from pydantic import BaseModel, ConfigDict, Field, field_validator
from werkzeug.test import run_wsgi_app

from sandbox.clock import Clock, SystemClock, stamp
from sandbox.documents import Documents

CONTROL_ROOT = "/_control"
CALL_KEY = "sandbox.call"
"""Where the environ carries the call's own record: a dict that faults and throttles add their mark to."""


class ConnectionDropped(ConnectionError):
    """The connection ended without a whole answer; under a real server the socket is closed as well."""


class FaultKind(StrEnum):
    """What goes wrong; the values say whether the call took effect."""

    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    STATUS = "status"
    STATUS_AFTER = "status_after"
    HTML = "html"
    CUT = "cut"
    SLOW = "slow"


_UNAPPLIED = {FaultKind.TIMEOUT_BEFORE, FaultKind.STATUS, FaultKind.HTML}


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer, ready to be sent or to be broken."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    def headers_with_length(self) -> list[tuple[str, str]]:
        """Give the headers with the length of the full body."""
        kept = [(name, value) for name, value in self.headers if name.lower() != "content-length"]
        return [*kept, ("Content-Length", str(len(self.body)))]


_NO_ANSWER = Answer("", [], b"")
_PAGE = Answer(
    "200 OK",
    [("Content-Type", "text/html; charset=utf-8")],
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>",
)


class Fault(BaseModel):
    """One line of the script: which calls go wrong, how, and how often.

    `path` is a regular expression that is searched in the path without regard to case, `query` one for the query.
    The first `skip` matching calls pass, the next `count` go wrong (-1: all of them). `seconds` is how long the call
    is held.
    """

    model_config = ConfigDict(extra="forbid")

    path: str = "."
    query: str = ""
    kind: FaultKind
    method: str | None = None
    count: int = Field(default=1, ge=-1)
    skip: int = Field(default=0, ge=0)
    seconds: float = Field(default=0.0, ge=0)
    status: int = Field(default=503, ge=100, le=599)
    body: Any = ""
    headers: dict[str, str] = Field(default_factory=dict)
    id: int = 0
    seen: int = 0
    hits: int = 0

    @field_validator("path", "query")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"it is not a regular expression: {error}") from error
        return value

    def matches(self, method: str, path: str, query: str = "") -> bool:
        """Say whether the call is one that this fault is meant for."""
        wanted = self.method is None or self.method.upper() == method.upper()
        searched = ((self.path, path), (self.query, query))
        return wanted and all(re.search(pattern, text, re.IGNORECASE) for pattern, text in searched)

    def after_a_call(self) -> tuple[Self, bool]:
        """Count one matching call; give the counted fault and whether the call goes wrong."""
        seen = self.seen + 1
        strikes = seen > self.skip and (self.count < 0 or self.hits < self.count)
        return self.model_copy(update={"seen": seen, "hits": self.hits + strikes}), strikes


class FaultScript:
    """The faults of one sandbox and the record of their hits, kept in its documents."""

    def __init__(self, documents: Documents, prefix: str, clock: Clock | None = None) -> None:
        """Keep everything under kinds that begin with `prefix`, e.g. `dear` or `warehouse`."""
        self._documents = documents
        self._clock = clock or SystemClock()
        self._faults = f"{prefix}.fault"
        self._hits = f"{prefix}.fault_hit"

    def add(self, faults: Iterable[Fault]) -> list[Fault]:
        """Put faults at the end of the script and give them with their ids."""
        with self._documents.transaction():
            number = max((fault.id for fault in self.all()), default=0)
            added = [
                fault.model_copy(update={"id": number + offset, "seen": 0, "hits": 0})
                for offset, fault in enumerate(faults, start=1)
            ]
            for fault in added:
                self._store(fault)
        return added

    def all(self) -> list[Fault]:
        """Give the whole script, spent faults included."""
        return [Fault.model_validate(doc) for doc in self._documents.all(self._faults)]

    def hits(self) -> list[dict[str, Any]]:
        """Give every hit in order: at, fault, kind, method, path."""
        return self._documents.log(self._hits)

    def clear(self) -> None:
        """Drop the script; the record of hits stays."""
        with self._documents.transaction():
            for fault in self.all():
                self._documents.delete(self._faults, str(fault.id))

    def strike(self, method: str, path: str, query: str = "") -> Fault | None:
        """Count the call and give the fault that hits it, the first of the script that does."""
        with self._documents.transaction():
            for fault in self.all():
                if not fault.matches(method, path, query):
                    continue
                counted, strikes = fault.after_a_call()
                self._store(counted)
                if strikes:
                    self._record(counted, method, path)
                    return counted
        return None

    def _store(self, fault: Fault) -> None:
        self._documents.put(self._faults, str(fault.id), fault.model_dump(mode="json"))

    def _record(self, fault: Fault, method: str, path: str) -> None:
        hit = {"at": stamp(self._clock.now()), "fault": fault.id, "kind": fault.kind.value}
        self._documents.append(self._hits, {**hit, "method": method, "path": path})


class Faults:
    """WSGI middleware that lets calls go wrong as the script says; control paths never do."""

    def __init__(
        self,
        app: WSGIApplication,
        documents: Documents,
        prefix: str,
        *,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Wrap the application; a simulation gives its own `sleep`, which moves the virtual clock."""
        self._app = app
        self._script = FaultScript(documents, prefix, clock)
        self._sleep = sleep

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the call, or fail to, in the way that its fault wants."""
        path = environ.get("PATH_INFO", "")
        if path.lower().startswith(CONTROL_ROOT):
            return self._app(environ, start_response)
        fault = self._script.strike(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""))
        if fault is None:
            return self._app(environ, start_response)
        environ.get(CALL_KEY, {})["fault"] = fault.kind.value
        return self._broken(fault, environ, start_response)

    def _broken(self, fault: Fault, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if fault.kind in _UNAPPLIED:
            _read_request(environ)
            applied = _NO_ANSWER
        else:
            applied = _answer_of(self._app, environ)
        match fault.kind:
            case FaultKind.TIMEOUT_BEFORE | FaultKind.TIMEOUT_AFTER:
                return self._hold_and_drop(fault, environ)
            case FaultKind.STATUS | FaultKind.STATUS_AFTER:
                return _answer(start_response, _scripted(fault))
            case FaultKind.HTML:
                return _answer(start_response, _PAGE)
            case FaultKind.CUT:
                start_response(applied.status, applied.headers_with_length())
                return _half(applied.body, environ)
            case FaultKind.SLOW:
                self._sleep(fault.seconds)
                return _answer(start_response, applied)

    def _hold_and_drop(self, fault: Fault, environ: WSGIEnvironment) -> Iterable[bytes]:
        self._sleep(fault.seconds)
        _close_socket(environ)
        raise ConnectionDropped(f"{fault.kind.value}: closed after {fault.seconds} s without an answer")


def _answer_of(app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """Run the application to its end, so that what it does is done, and keep its answer."""
    chunks, status, headers = run_wsgi_app(app, environ, buffered=True)
    return Answer(status, list(headers), b"".join(chunks))


def _scripted(fault: Fault) -> Answer:
    is_text = isinstance(fault.body, str)
    body = fault.body if is_text else json.dumps(fault.body)
    content_type = "text/plain; charset=utf-8" if is_text else "application/json; charset=utf-8"
    given = {name.lower() for name in fault.headers}
    headers = [] if "content-type" in given else [("Content-Type", content_type)]
    return Answer(_status_line(fault.status), [*headers, *fault.headers.items()], body.encode())


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def _answer(start_response: StartResponse, answer: Answer) -> Iterable[bytes]:
    start_response(answer.status, answer.headers_with_length())
    return [answer.body]


def _half(body: bytes, environ: WSGIEnvironment) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    _close_socket(environ)
    raise ConnectionDropped("cut: half of the body was sent")


def _read_request(environ: WSGIEnvironment) -> None:
    """Take the request's body off the wire: closing on unread bytes would reset the connection early."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length:
        environ["wsgi.input"].read(length)


def _close_socket(environ: WSGIEnvironment) -> None:
    connection = environ.get("werkzeug.socket")
    if connection is None:
        return
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client has left already
