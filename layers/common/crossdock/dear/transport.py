"""HTTP to DEAR: one call at a time, paid for from the budget, never repeated by itself, every failure a typed error.

Blueprint: Connecting to the API.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from crossdock.dear import exact_json
from crossdock.dear.answers import SYSTEM, Answer, Call, body_of
from crossdock.dear.sent import sent_in
from crossdock.domain.errors import Interrupted, Throttled, Unauthorised, Unreachable
from crossdock.outgoing import open_session
from crossdock.ports import CallBudget

LARGEST_BODY = 32 * 1024 * 1024
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Credentials:
    """The two identifiers of a caller; neither shows in a repr."""

    account_id: str = field(repr=False)
    api_key: str = field(repr=False)

    @property
    def sendable(self) -> bool:
        """Whether both fit into a header."""
        return all(value and value.isascii() and value.isprintable() for value in (self.account_id, self.api_key))


class Transport:
    """Calls to one DEAR account over one session. `timeout`: seconds to connect, seconds for an answer.

    `refresh_credentials` is asked once for every call that is refused for its key; a changed key repeats that call,
    which was not applied.
    """

    def __init__(
        self,
        base_url: str,
        account_id: str,
        api_key: str,
        budget: CallBudget,
        *,
        session: requests.Session | None = None,
        timeout: tuple[float, float] = (5, 30),
        refresh_credentials: Callable[[], Credentials] | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._credentials = Credentials(account_id, api_key)
        self._budget = budget
        self._session = session or open_session()
        self._timeout = timeout
        self._refresh = refresh_credentials
        self.calls_made = 0

    def __repr__(self) -> str:
        return f"Transport({self._base_url!r})"

    def request(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> Any:
        """The parsed JSON of the answer, None where it has no content. Raises an OutsideError or BudgetSpent."""
        call = Call(method, path)
        try:
            return self._attempt(call, params, body)
        except Unauthorised:
            if not self._has_new_credentials():
                raise
        return self._attempt(call, params, body)

    def expect(self, calls: int) -> None:
        """Raises BudgetSpent when so many calls will not come free soon."""
        self._budget.expect(calls)

    def hold(self) -> None:
        """Take the next call now. Raises BudgetSpent."""
        self._budget.hold()

    def _has_new_credentials(self) -> bool:
        if self._refresh is None:
            return False
        fresh = self._refresh()
        changed = fresh != self._credentials
        self._credentials = fresh
        return changed

    def _attempt(self, call: Call, params: Mapping[str, str] | None, body: Mapping[str, Any] | None) -> Any:
        if not self._credentials.sendable:
            raise Unauthorised(SYSTEM, str(call), "the account id or the application key is empty or not plain text")
        self._budget.take()
        self.calls_made += 1
        answer = self._answer(call, params, body)
        try:
            hidden = (self._credentials.account_id, self._credentials.api_key)
            return body_of(call, answer, hidden, sent_in(body))
        except Throttled as throttled:
            self._budget.pause(throttled.retry_after)
            raise

    def _answer(self, call: Call, params: Mapping[str, str] | None, body: Mapping[str, Any] | None) -> Answer:
        prepared = self._prepared(call, params, body)
        url = prepared.url or ""
        try:
            # Through the adapter, because a session looks into a redirect even when told not to follow it.
            response = self._session.get_adapter(url).send(prepared, timeout=self._timeout, **self._settings(url))
        except (requests.RequestException, HTTPError) as failure:
            if _never_connected(failure):
                raise Unreachable(SYSTEM, str(call), "no connection could be made") from failure
            raise Interrupted(SYSTEM, str(call), f"no answer came ({type(failure).__name__})") from failure
        with response:
            return _read(call, response)

    def _settings(self, url: str) -> dict[str, Any]:
        """The session's own proxies and certificates, for an answer that is read piece by piece."""
        return dict(self._session.merge_environment_settings(url, {}, stream=True, verify=None, cert=None))

    def _prepared(
        self, call: Call, params: Mapping[str, str] | None, body: Mapping[str, Any] | None
    ) -> requests.PreparedRequest:
        data = None if body is None else exact_json.written(body).encode()
        request = requests.Request(
            call.method, f"{self._base_url}{call.path}", params=params, data=data, headers=self._headers()
        )
        try:
            return self._session.prepare_request(request)
        except requests.RequestException as failure:
            # Without its cause, for that may quote a header.
            told = f"the call cannot be made ({type(failure).__name__}): check the address and the credentials"
            raise Unreachable(SYSTEM, str(call), told) from None

    def _headers(self) -> dict[str, str]:
        return {
            "api-auth-accountid": self._credentials.account_id,
            "api-auth-applicationkey": self._credentials.api_key,
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "crossdock",
        }


def _read(call: Call, response: requests.Response) -> Answer:
    """The whole answer, within the size limit. Raises Interrupted for one that is cut or too large."""
    body = bytearray()
    try:
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > LARGEST_BODY:
                raise Interrupted(SYSTEM, str(call), "the answer is larger than 32 MB", status=response.status_code)
    except (requests.RequestException, HTTPError) as cut:
        told = f"the answer broke off ({type(cut).__name__})"
        raise Interrupted(SYSTEM, str(call), told, status=response.status_code) from cut
    return Answer(
        status=response.status_code,
        body=bytes(body),
        content_type=response.headers.get("Content-Type", ""),
        retry_after=response.headers.get("Retry-After", ""),
    )


def _never_connected(failure: Exception) -> bool:
    """Whether the call surely never left: refused, unknown host, connect time-out, or an address that is none."""
    if isinstance(failure, requests.ConnectTimeout | requests.exceptions.InvalidURL):
        return True
    inner = failure.args[0] if failure.args else None
    reason = getattr(inner, "reason", inner)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
