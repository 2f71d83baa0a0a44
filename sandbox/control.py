"""The control plane that both sandboxes share: health, faults, the ledger, the calls and reset."""

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Blueprint, Response, jsonify, request
from pydantic import TypeAdapter, ValidationError

from sandbox.clock import Clock, stamp
from sandbox.documents import Documents
from sandbox.faults import CALL_KEY, CONTROL_ROOT, Fault, FaultScript

_FAULTS = TypeAdapter(list[Fault])


class Ledger:
    """Every write that a sandbox accepted, in order: what an auditor judges the product by."""

    def __init__(self, documents: Documents, clock: Clock, prefix: str) -> None:
        """Keep the ledger in the documents under a kind that begins with `prefix`."""
        self._documents = documents
        self._clock = clock
        self._kind = f"{prefix}.ledger"

    def record(self, kind: str, body: Any, **keys: Any) -> int:
        """Add a write with the keys that find it again, and give its number."""
        return self._documents.append(self._kind, {"at": stamp(self._clock.now()), "kind": kind, **keys, "body": body})

    def entries(self) -> list[dict[str, Any]]:
        """Give all writes: seq, at, kind, the keys, body."""
        return self._documents.log(self._kind)


class CallLog:
    """WSGI middleware that records every call but the control plane's: at, method, path, query, status.

    A call is stored when it comes in, with status `null` until it is answered; one that was dropped keeps it.
    The application and its other middleware may mark the call through `environ[CALL_KEY]`.
    """

    def __init__(self, app: WSGIApplication, documents: Documents, clock: Clock, prefix: str) -> None:
        """Wrap the application, faults and all, so that the log sees what the network would."""
        self._app = app
        self._documents = documents
        self._clock = clock
        self._kind = f"{prefix}.call"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Record the call and pass it on."""
        path = environ.get("PATH_INFO", "")
        if path.lower().startswith(CONTROL_ROOT):
            return self._app(environ, start_response)
        call: dict[str, Any] = {
            "at": stamp(self._clock.now()),
            "method": environ["REQUEST_METHOD"],
            "path": path,
            "query": environ.get("QUERY_STRING", ""),
            "status": None,
        }
        key = self._arrived(call)
        environ[CALL_KEY] = call

        def answered(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            call["status"] = int(status.split(" ", 1)[0])
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        try:
            return self._app(environ, answered)
        finally:
            self._documents.put(self._kind, key, call)

    def _arrived(self, call: dict[str, Any]) -> str:
        with self._documents.transaction():
            counter = f"{self._kind}_count"
            number = (self._documents.get(counter, "") or {"number": 0})["number"] + 1
            self._documents.put(counter, "", {"number": number})
            key = f"{number:09}"
            self._documents.put(self._kind, key, call)
        return key


def control_blueprint(
    documents: Documents, clock: Clock, prefix: str, on_reset: Callable[[], None] | None = None
) -> Blueprint:
    """Make the routes below `/_control`; `on_reset` runs after everything was forgotten."""
    plane = Blueprint(f"{prefix}_control", __name__, url_prefix=CONTROL_ROOT)
    _add_faults(plane, FaultScript(documents, prefix, clock))
    ledger = Ledger(documents, clock, prefix)

    @plane.get("/health")
    def health() -> Response:
        return jsonify({"status": "ok", "sandbox": prefix, "now": stamp(clock.now())})

    @plane.get("/ledger")
    def show_ledger() -> Response:
        return jsonify({"ledger": ledger.entries()})

    @plane.get("/calls")
    def show_calls() -> Response:
        return jsonify({"calls": documents.all(f"{prefix}.call")})

    @plane.post("/reset")
    def reset() -> tuple[str, int]:
        with documents.transaction():
            documents.clear()
            if on_reset is not None:
                on_reset()
        return "", 204

    return plane


def _add_faults(plane: Blueprint, script: FaultScript) -> None:
    @plane.post("/faults")
    def add_faults() -> tuple[Response, int]:
        given = request.get_json()
        try:
            faults = _FAULTS.validate_python(given if isinstance(given, list) else [given])
        except ValidationError as error:
            return jsonify({"error": str(error)}), 400
        return jsonify({"faults": [fault.model_dump(mode="json") for fault in script.add(faults)]}), 201

    @plane.delete("/faults")
    def drop_faults() -> tuple[str, int]:
        script.clear()
        return "", 204

    @plane.get("/faults")
    def show_faults() -> Response:
        faults = [fault.model_dump(mode="json") for fault in script.all()]
        return jsonify({"faults": faults, "hits": script.hits()})
