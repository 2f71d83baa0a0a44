"""The call limit: so many accepted calls in any sliding minute, and the forms in which DEAR refuses more."""

import json
from collections.abc import Callable
from datetime import timedelta

from flask import Response

from sandbox.clock import stamp
from sandbox.dear import dates
from sandbox.dear.errors import Rejected
from sandbox.dear.tenant import Tenant

WINDOW = timedelta(seconds=60)


def admit(tenant: Tenant) -> Response | None:
    """Count the call in, or give the answer that refuses it; refused calls do not count."""
    with tenant.transaction():
        settings = tenant.settings()
        limit = settings.calls_per_minute
        if limit is None:
            return None
        now = tenant.clock.now()
        kept = tenant.documents.get("throttle", "") or {"accepted": []}
        recent = [at for at in kept["accepted"] if dates.moment(at, "at") > now - WINDOW]
        if len(recent) < limit:
            tenant.documents.put("throttle", "", {"accepted": [*recent, stamp(now)]})
            return None
        form: str = settings.throttle_form
        if form == "cycle":
            form = tuple(_FORMS)[(tenant.next_number("throttle") - 1) % len(_FORMS)]
        return _FORMS[form](f"You have reached {limit} calls per 60 seconds API limit.")


def _text(status: int, sentence: str, retry_after: str | None = None) -> Response:
    answer = Response(sentence, status=status, content_type="text/plain; charset=utf-8")
    if retry_after:
        answer.headers["Retry-After"] = retry_after
    return answer


def _json(sentence: str) -> Response:
    body = json.dumps(Rejected(sentence).body("array"))
    return Response(body, status=400, content_type="application/json; charset=utf-8")


_FORMS: dict[str, Callable[[str], Response]] = {
    "429": lambda sentence: _text(429, sentence, "60 Seconds"),
    "429-bare": lambda sentence: _text(429, sentence),
    "503-text": lambda sentence: _text(503, sentence),
    "400-array": _json,
}
