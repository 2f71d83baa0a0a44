"""HTTP without a network: a session whose calls go straight into a WSGI application."""

from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from werkzeug.test import EnvironBuilder, run_wsgi_app


class InProcess(HTTPAdapter):
    """Sends every call into the application, in the caller's own thread."""

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__()
        self._app = app

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """The application's answer, as if it had come over the wire."""
        builder = EnvironBuilder(
            path=urlsplit(request.url or "").path,
            query_string=urlsplit(request.url or "").query,
            method=request.method or "GET",
            headers=list(request.headers.items()),
            data=request.body,
        )
        chunks, status, headers = run_wsgi_app(self._app, builder.get_environ(), buffered=True)
        answer = HTTPResponse(
            body=BytesIO(b"".join(chunks)),
            headers=HTTPHeaderDict(headers.items()),
            status=int(status.split(" ", 1)[0]),
            preload_content=False,
        )
        return self.build_response(request, answer)


def session_to(url: str, adapter: HTTPAdapter) -> requests.Session:
    """A session that reaches `url` through the adapter."""
    session = requests.Session()
    session.trust_env = False
    session.mount(url, adapter)
    return session
