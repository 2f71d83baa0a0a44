"""Whatever comes in: the function answers as the contract says, and never with a fault of ours."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from receive_tracking.message import MOST_PROBLEMS, PushInvalid, read_push
from tests.contract.tracking.conftest import SECRET, Function, sample

SAMPLE = json.loads(sample("push")["body"])
quick = settings(
    database=None, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

names = st.sampled_from(["webhook-id", "Webhook-Timestamp", "webhook-signature", "authorization", "x", ""])
values = st.text(max_size=40) | st.sampled_from(["v1,", "v1,AAAA", "v1 ,", "Bearer ", "1772454599", "9" * 400, "-0"])
paths = st.sampled_from(["main", "nobody", "a/b", "%00", "..", "ü", "x" * 300]) | st.text(max_size=20)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
bodies = st.binary(max_size=300) | documents.map(lambda document: json.dumps(document).encode())


def places(document: Any, under: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a document."""
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [under, *(place for key, value in inner for place in places(value, (*under, key)))]


def with_value(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The document with another value at one place."""
    if not place:
        return value
    changed = document.copy()
    changed[place[0]] = with_value(document[place[0]], place[1:], value)
    return changed


nearly_right = st.builds(with_value, st.just(SAMPLE), st.sampled_from(places(SAMPLE)), documents)


@given(body=bodies | nearly_right.map(lambda document: json.dumps(document).encode()))
@settings(database=None, max_examples=300)
def test_the_reader_reads_a_body_or_names_what_is_wrong(body: bytes) -> None:
    problems: tuple[Any, ...] = ()
    shipments: list[Any] = []
    try:
        shipments = read_push(body)
    except PushInvalid as invalid:
        problems = invalid.problems

    assert bool(shipments) is not bool(problems)
    assert len(problems) <= MOST_PROBLEMS
    assert all(isinstance(part, str) for problem in problems for part in problem)


@given(
    path=paths, kind=st.sampled_from(["shipments", "orders/SO-1", "orders/", "dear-events", ""]),
    method=st.sampled_from(["GET", "POST", "PUT"]), headers=st.dictionaries(names, values, max_size=5), body=bodies,
    encoded=st.sampled_from(["plain", "base64", "broken base64"]),
)  # fmt: skip
@quick
def test_whoever_has_no_secret_is_turned_away(
    function: Function, path: str, kind: str, method: str, headers: dict[str, str], body: bytes, encoded: str
) -> None:
    text = body.decode(errors="replace") if encoded == "plain" else b64encode(body).decode()
    event = {
        "path": f"/v1/connections/{path}/{kind}", "httpMethod": method, "headers": headers, "requestContext": {},
        "body": text + ("=" if encoded == "broken base64" else ""), "isBase64Encoded": encoded != "plain",
    }  # fmt: skip

    status, told = function.call(event)

    assert status in {401, 404}
    assert list(told) == ["errors"]


@given(body=bodies | nearly_right.map(lambda document: json.dumps(document).encode()), number=st.integers(0, 2**60))
@quick
def test_whatever_is_signed_is_taken_or_refused_and_never_breaks_us(
    function: Function, body: bytes, number: int
) -> None:
    at, webhook_id = datetime.now(UTC), f"msg_{number}"
    key = Webhook(SECRET)
    text = body.decode(errors="replace")
    event = sample("push")
    event["body"], event["isBase64Encoded"] = b64encode(text.encode()).decode(), True
    event["headers"] |= {
        "webhook-id": webhook_id, "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": key.sign(webhook_id, at, text),
    }  # fmt: skip

    first = function.call(event)
    again = function.call(event)

    assert first[0] in {202, 400, 409}, first
    assert again == first
    assert list(first[1]) in (["accepted"], ["errors"])


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_time_at_the_edge_of_the_calendar_is_no_fault(function: Function, text: str) -> None:
    data = SAMPLE["data"] | {"shipped_at": text, "updated_at": text}
    at = datetime.now(UTC)
    body = json.dumps(SAMPLE | {"data": data})
    event = sample("push") | {"body": body}
    event["headers"] |= {
        "webhook-id": "msg_edge", "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_edge", at, body),
    }  # fmt: skip

    assert function.call(event)[0] in {202, 400}
