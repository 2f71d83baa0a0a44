"""Sixty calls in any sliding minute, and the four forms of a refusal."""

import pytest

from tests.sandbox.conftest import HandClock
from tests.sandbox.dear.client import Answer, DearClient

SENTENCE = "You have reached 3 calls per 60 seconds API limit."


def spent(dear: DearClient, **settings: object) -> Answer:
    """Use the three calls of a minute up, and give the answer to a fourth."""
    dear.settings(calls_per_minute=3, **settings)
    for _ in range(3):
        dear.get("/me")
    return dear.call("GET", "/me")


def test_the_window_slides_call_by_call(dear: DearClient, clock: HandClock) -> None:
    dear.settings(calls_per_minute=2, throttle_form="429")
    dear.get("/me")
    clock.move(seconds=40)
    dear.get("/me")

    clock.move(seconds=19.999)
    early = dear.call("GET", "/me").status
    clock.move(seconds=0.001)
    free = dear.call("GET", "/me").status
    full_again = dear.call("GET", "/me").status

    assert (early, free, full_again) == (429, 200, 429)


def test_a_refused_call_does_not_count(dear: DearClient, clock: HandClock) -> None:
    spent(dear)

    for _ in range(10):
        clock.move(seconds=5)
        dear.call("GET", "/me")
    clock.move(seconds=10)

    assert dear.call("GET", "/me").status == 200


@pytest.mark.parametrize(
    ("form", "status", "retry_after"),
    [("429", 429, "60 Seconds"), ("429-bare", 429, None), ("503-text", 503, None)],
)
def test_a_refusal_in_text(dear: DearClient, form: str, status: int, retry_after: str | None) -> None:
    answer = spent(dear, throttle_form=form)

    assert (answer.status, answer.body, answer.headers.get("Retry-After")) == (status, SENTENCE, retry_after)


def test_a_refusal_as_a_validation_error(dear: DearClient) -> None:
    answer = spent(dear, throttle_form="400-array")

    assert (answer.status, answer.body) == (400, [{"ErrorCode": 400, "Exception": SENTENCE}])


def test_the_forms_take_turns_unless_one_is_chosen(dear: DearClient) -> None:
    first = spent(dear)

    others = [dear.call("GET", "/me") for _ in range(4)]

    assert [answer.status for answer in (first, *others)] == [429, 429, 503, 400, 429]


def test_throttled_calls_are_marked_in_the_record(dear: DearClient) -> None:
    spent(dear)

    marks = [call.get("throttled", False) for call in dear.control("GET", "/calls")["calls"]]

    assert marks == [False, False, False, True]


def test_writes_that_are_refused_change_nothing(dear: DearClient, simple: str) -> None:
    spent(dear)

    dear.post("/sale/fulfilment/pick", {"TaskID": simple, "AutoPickMode": "AUTOPICK"})

    assert dear.ledger("pick") == []


def test_the_limit_can_be_lifted(dear: DearClient) -> None:
    spent(dear)

    dear.settings(calls_per_minute=None)

    assert dear.call("GET", "/me").status == 200
