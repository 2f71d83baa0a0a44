"""A stand-in for API Gateway: HTTP in, the function's events out. It throttles where it is told to."""

from base64 import b64encode
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from receive_tracking import app as tracking_app
from tests.contract.tracking.conftest import Context


class Gateway:
    """The API over HTTP. `answers_first`: statuses that the next requests get, before any reaches the function."""

    def __init__(self) -> None:
        self.answers_first: list[int] = []
        self.seen: list[dict[str, str]] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Turn a request into the event that API Gateway makes of it, and the function's answer into a response."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        headers = {name[5:].replace("_", "-").title(): text for name, text in environ.items() if name[:5] == "HTTP_"}
        self.seen.append(headers)
        if self.answers_first:
            start_response(
                f"{self.answers_first.pop(0)} -", [("Content-Type", "application/json"), ("Retry-After", "0")]
            )
            return [b"{}"]
        event: dict[str, Any] = {
            "path": environ["PATH_INFO"],
            "httpMethod": environ["REQUEST_METHOD"],
            "headers": headers,
            "requestContext": {},
            "body": b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        context: Any = Context()
        answer = tracking_app.handler(event, context)
        start_response(f"{answer['statusCode']} -", [("Content-Type", "application/json")])
        return [answer["body"].encode()]
