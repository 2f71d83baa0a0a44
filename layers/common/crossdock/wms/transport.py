"""HTTP to a warehouse: one call, one answer or one error of the tree. Nothing is sent twice from here."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import requests
from requests.auth import AuthBase
from urllib3.exceptions import NameResolutionError, NewConnectionError

from crossdock.domain.errors import Interrupted, OutsideError, Unauthorised, Unreachable
from crossdock.domain.privacy import NOTHING_SENT, Sent
from crossdock.outgoing import open_session
from crossdock.wms.answers import SYSTEM, Call, Document, read_answer
from crossdock.wms.credentials import Refresh, WarehouseCredentials

CONNECT_SECONDS = 5
READ_SECONDS = 30
LARGEST_ANSWER = 32 * 1024 * 1024
_CHUNK = 64 * 1024


class _Authorisation(AuthBase):
    """Sets the header itself, so that a .netrc on the machine is never looked at."""

    def __init__(self, credentials: WarehouseCredentials) -> None:
        self._credentials = credentials

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._credentials.authorization
        return request


class Transport:
    """Calls below one base URL with one set of credentials.

    `refresh` is asked for every call that is refused for its credentials; changed ones repeat that call, which was not
    applied.
    """

    def __init__(
        self,
        base_url: str,
        credentials: WarehouseCredentials,
        *,
        session: requests.Session | None = None,
        refresh: Refresh | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._credentials, self._refresh = credentials, refresh
        self._session = session or open_session()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Document:
        """Read; the answer's document."""
        return self._call(Call(f"GET {path}", writes=False), "GET", path, params=dict(params or {}))

    def send(
        self,
        method: str,
        path: str,
        body: Document,
        *,
        headers: Mapping[str, str] | None = None,
        private: Sent = NOTHING_SENT,
    ) -> Document:
        """Write; the answer's document. What is `private` does not come back in an error."""
        call = Call(f"{method} {path}", writes=True, private=private)
        given = {"Content-Type": "application/json", **(headers or {})}
        return self._call(call, method, path, data=json.dumps(body, allow_nan=False).encode(), headers=given)

    def _call(self, call: Call, method: str, path: str, **options: Any) -> Document:
        try:
            return self._attempt(call, method, path, **options)
        except Unauthorised:
            if not self._has_new_credentials():
                raise
        return self._attempt(call, method, path, **options)

    def _has_new_credentials(self) -> bool:
        if self._refresh is None:
            return False
        before, self._credentials = self._credentials, self._refresh()
        return self._credentials != before

    def _attempt(self, call: Call, method: str, path: str, **options: Any) -> Document:
        options["headers"] = {"Accept": "application/json", "User-Agent": "Crossdock", **options.get("headers", {})}
        try:
            with self._session.request(
                method,
                self._base_url + path,
                auth=_Authorisation(self._credentials),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
                **options,
            ) as response:
                body = _body(call, response)
        except requests.RequestException as error:
            # The library's own text names the host and the query, so only its kind is told.
            raise _broken(call, error) from error
        hiding = replace(call, hidden=self._credentials.hidden)
        return read_answer(hiding, response.status_code, response.headers, body)


def _body(call: Call, response: requests.Response) -> bytes:
    """The whole body, unpacked, or Interrupted where it is larger than we read."""
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise Interrupted(SYSTEM, call.name, "the answer is larger than 32 MB", status=response.status_code)
    return bytes(body)


def _broken(call: Call, error: requests.RequestException) -> OutsideError:
    why = _never_connected(error)
    if why:
        return Unreachable(SYSTEM, call.name, why)
    if isinstance(error, requests.Timeout):
        return Interrupted(SYSTEM, call.name, f"no answer came within {READ_SECONDS} seconds")
    return Interrupted(SYSTEM, call.name, "the connection broke before the whole answer had come")


def _never_connected(error: requests.RequestException) -> str | None:
    """Why no connection was made; None where one was, or may have been."""
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {CONNECT_SECONDS} seconds"
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, NameResolutionError):
        return "its name could not be resolved"
    if isinstance(reason, NewConnectionError):
        return "it takes no connections"
    if reason is not None and reason.args and isinstance(reason.args[0], ssl.SSLCertVerificationError):
        return "its certificate is not trusted"
    return None
