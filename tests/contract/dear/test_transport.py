"""What came back from DEAR, and which error it becomes: the transport's table, row by row."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import requests
import responses

from crossdock.dear.transport import LARGEST_BODY, Credentials, Transport
from crossdock.domain.errors import (
    BudgetSpent,
    Conflict,
    Interrupted,
    NotFound,
    Outcome,
    OutsideError,
    Refused,
    Remedy,
    Throttled,
    Unauthorised,
    Unreachable,
)

BASE_URL = "https://dear.example/ExternalApi/v2"
ACCOUNT = "0f3c8d0a-1111-4222-8333-444455556666"
KEY = "7b1f0c2e-9999-4888-8777-666655554444"
LIMIT = "You have reached 60 calls per 60 seconds API limit."
LIMIT_PAGE = "<html><body>API limit reached</body></html>"
PAGE = "<!DOCTYPE html><html><title>Page not found</title></html>"


def said(text, code=400):
    """An error body as DEAR usually gives it."""
    return [{"ErrorCode": code, "Exception": text}]


TABLE = [
    # method, status, body, expected error
    ("GET", 429, "", Throttled),
    ("POST", 429, "", Throttled),
    ("GET", 503, LIMIT, Throttled),
    ("POST", 503, LIMIT, Throttled),
    ("POST", 400, said(LIMIT), Throttled),
    ("POST", 400, {"error": LIMIT}, Throttled),
    ("GET", 403, LIMIT, Throttled),
    ("POST", 500, LIMIT, Throttled),
    ("POST", 200, LIMIT, Throttled),
    ("POST", 503, LIMIT_PAGE, Throttled),
    ("GET", 503, "Service Unavailable", Throttled),
    ("POST", 503, "Service Unavailable", Interrupted),
    ("GET", 500, said("Unexpected error", 500), Interrupted),
    ("POST", 500, said("Unexpected error", 500), Interrupted),
    ("POST", 502, "<html>Bad Gateway</html>", Interrupted),
    ("POST", 504, "", Interrupted),
    ("POST", 408, "", Interrupted),
    ("GET", 200, PAGE, Interrupted),
    ("POST", 200, PAGE, Interrupted),
    ("POST", 200, "", Interrupted),
    ("POST", 200, "null", Interrupted),
    ("POST", 200, '{"Status": "AUTHOR', Interrupted),
    ("POST", 200, '{"Quantity": NaN}', Interrupted),
    ("POST", 200, '{"Quantity": 1e99999999999999999999}', Interrupted),
    ("GET", 200, "[" * 100_000, Interrupted),
    ("POST", 200, said("Something happened"), Interrupted),
    ("GET", 302, "", Interrupted),
    ("POST", 301, "", Interrupted),
    ("GET", 401, "", Unauthorised),
    ("GET", 403, "Incorrect credentials!", Unauthorised),
    ("POST", 403, said("Forbidden", 403), Unauthorised),
    ("POST", 400, said("Customer is required"), Refused),
    ("POST", 400, {"ErrorCode": 400, "Exception": "Customer is required"}, Refused),
    ("POST", 400, said("Tax rule 'GST' was not found in reference book", 404), Refused),
    ("GET", 400, said("Sale with ID 'x' was not found", 400), NotFound),
    ("GET", 400, said("No such thing", 404), NotFound),
    ("GET", 404, said("Not found", 404), NotFound),
    ("GET", 404, PAGE, NotFound),
    ("POST", 405, said("Method not allowed", 405), Refused),
    ("POST", 422, "", Refused),
    ("POST", 400, said("Pick cannot be changed: Status is AUTHORISED"), Conflict),
    ("POST", 400, said("pack status is authorised"), Conflict),
    ("POST", 400, said("Status is PARTIALLY AUTHORISED"), Conflict),
    ("POST", 400, said("Invoice already exists"), Conflict),
    ("POST", 400, said("The shipment is already authorised."), Conflict),
    ("POST", 400, said("There is non authorised Fulfilment in this sale."), Conflict),
    ("POST", 400, said("Pick status is not - DRAFT or NOT AVAILABLE"), Conflict),
    ("POST", 400, said("Order status is not AUTHORISED"), Refused),
    ("POST", 400, said("Pick status is DRAFT"), Refused),
]


@responses.activate
@pytest.mark.parametrize(("method", "status", "body", "expected"), TABLE)
def test_every_answer_becomes_its_error(transport, budget, method, status, body, expected):
    kind = {"json": body} if not isinstance(body, str) else {"body": body}
    responses.add(method, f"{BASE_URL}/sale", status=status, **kind)

    with pytest.raises(OutsideError) as caught:
        transport.request(method, "/sale", body={} if method == "POST" else None)

    assert type(caught.value) is expected
    assert caught.value.status == status
    assert caught.value.call == f"{method} /sale"
    assert caught.value.outcome is (Outcome.UNKNOWN if expected is Interrupted else Outcome.NOT_APPLIED)
    assert budget.taken == 1
    assert budget.pauses == ([60] if expected is Throttled else [])


@responses.activate
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        ("60 Seconds", 60),
        ("30 sec", 30),
        ("about 45s", 45),
        ("3600", 300),
        ("0", 1),
        ("99999999999999999999", 300),
        ("soon", 60),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 60),
    ],
)
def test_every_step_pauses_for_as_long_as_dear_asks_within_bounds(transport, budget, header, seconds):
    responses.get(f"{BASE_URL}/me", status=429, headers={"Retry-After": header})

    with pytest.raises(Throttled) as caught:
        transport.request("GET", "/me")

    assert caught.value.retry_after == seconds
    assert budget.pauses == [seconds]


@responses.activate
@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (requests.ConnectTimeout("slow"), Unreachable),
        (requests.ReadTimeout("silence"), Interrupted),
        (requests.ConnectionError("reset by peer"), Interrupted),
        (requests.exceptions.SSLError("broken"), Interrupted),
        (requests.exceptions.ChunkedEncodingError("cut"), Interrupted),
        (requests.exceptions.ContentDecodingError("bad gzip"), Interrupted),
    ],
)
def test_every_broken_call_becomes_its_error(transport, budget, failure, expected):
    responses.post(f"{BASE_URL}/sale", body=failure)

    with pytest.raises(OutsideError) as caught:
        transport.request("POST", "/sale", body={})

    assert type(caught.value) is expected
    assert caught.value.remedy is Remedy.RETRY
    assert (budget.taken, budget.pauses) == (1, [])


@responses.activate
def test_a_redirect_is_not_followed_wherever_it_leads(transport):
    responses.get(f"{BASE_URL}/sale", status=302, headers={"Location": "gopher://[elsewhere"})

    with pytest.raises(Interrupted, match="redirect"):
        transport.request("GET", "/sale")

    assert len(responses.calls) == 1


@responses.activate
def test_an_answer_above_the_size_limit_is_not_read_to_its_end(transport):
    responses.get(f"{BASE_URL}/saleList", body=b" " * (LARGEST_BODY + 1))

    with pytest.raises(Interrupted, match="larger than 32 MB"):
        transport.request("GET", "/saleList")


@responses.activate
def test_a_note_that_mentions_the_limit_is_not_a_throttle(transport, budget):
    responses.get(f"{BASE_URL}/sale", json={"Note": "ask about the API limit"})

    answer = transport.request("GET", "/sale")

    assert answer == {"Note": "ask about the API limit"}
    assert budget.pauses == []


@responses.activate
def test_no_content_is_an_answer(transport):
    responses.post(f"{BASE_URL}/sale", status=204)

    assert transport.request("POST", "/sale", body={}) is None


@responses.activate
def test_numbers_never_pass_through_a_float(transport):
    responses.post(f"{BASE_URL}/sale", body='{"Price": 0.1000, "Total": 12345678901234.5678, "Count": 3}')

    answer = transport.request("POST", "/sale", body={"Lines": [{"Price": Decimal("0.10"), "Much": Decimal("1E+3")}]})

    assert answer == {"Price": Decimal("0.1000"), "Total": Decimal("12345678901234.5678"), "Count": 3}
    assert responses.calls[0].request.body == b'{"Lines":[{"Price":0.10,"Much":1000}]}'


@responses.activate
def test_both_credentials_go_with_every_call(transport):
    responses.get(f"{BASE_URL}/me", json={})

    transport.request("GET", "/me")

    headers = responses.calls[0].request.headers
    assert (headers["api-auth-accountid"], headers["api-auth-applicationkey"]) == (ACCOUNT, KEY)


@responses.activate
def test_a_call_without_budget_is_not_made(session):
    class Spent:
        def take(self):
            raise BudgetSpent(datetime(2026, 1, 1, tzinfo=UTC))

    transport = Transport(BASE_URL, ACCOUNT, KEY, Spent(), session=session)

    with pytest.raises(BudgetSpent):
        transport.request("GET", "/me")

    assert len(responses.calls) == 0
    assert transport.calls_made == 0


@responses.activate
def test_a_rotated_key_is_fetched_once_and_the_call_repeated(budget, session):
    responses.get(f"{BASE_URL}/me", status=403, body="Incorrect credentials!")
    responses.get(f"{BASE_URL}/me", json={"Company": "Ours"})
    fetched = []

    def fetch():
        fetched.append(1)
        return Credentials(ACCOUNT, "rotated")

    transport = Transport(BASE_URL, ACCOUNT, KEY, budget, session=session, refresh_credentials=fetch)

    answer = transport.request("GET", "/me")

    assert answer == {"Company": "Ours"}
    assert responses.calls[1].request.headers["api-auth-applicationkey"] == "rotated"
    assert (len(fetched), budget.taken, transport.calls_made) == (1, 2, 2)


@responses.activate
def test_an_unchanged_key_is_not_tried_again(budget, session):
    responses.get(f"{BASE_URL}/me", status=403, body="Incorrect credentials!")
    transport = Transport(
        BASE_URL, ACCOUNT, KEY, budget, session=session, refresh_credentials=lambda: Credentials(ACCOUNT, KEY)
    )

    with pytest.raises(Unauthorised, match="Incorrect credentials!"):
        transport.request("GET", "/me")

    assert len(responses.calls) == 1


@responses.activate
def test_a_rotated_key_that_is_refused_too_is_the_end(budget, session):
    responses.get(f"{BASE_URL}/me", status=403, body="Incorrect credentials!")
    transport = Transport(
        BASE_URL, ACCOUNT, KEY, budget, session=session, refresh_credentials=lambda: Credentials(ACCOUNT, "other")
    )

    with pytest.raises(Unauthorised):
        transport.request("GET", "/me")

    assert len(responses.calls) == 2


@responses.activate
@pytest.mark.parametrize("status", [400, 403, 500])
def test_an_error_never_repeats_the_credentials(transport, status):
    responses.post(f"{BASE_URL}/sale", status=status, json=said(f"key {KEY.upper()} of {ACCOUNT} is odd"))

    with pytest.raises(OutsideError) as caught:
        transport.request("POST", "/sale", body={})

    assert "key *** of *** is odd" in str(caught.value)
    assert KEY not in repr(transport) + repr(Credentials(ACCOUNT, KEY))
    assert ACCOUNT not in repr(transport) + repr(Credentials(ACCOUNT, KEY))


@pytest.mark.parametrize("key", ["", "two\nlines", " led by a blank", "nön-ascii"])
def test_a_key_that_no_header_can_carry_is_not_shown_by_its_error(budget, session, key):
    transport = Transport(BASE_URL, ACCOUNT, key, budget, session=session)

    with pytest.raises((Unauthorised, Unreachable)) as caught:
        transport.request("GET", "/me")

    assert not key or key not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@responses.activate
def test_an_error_is_one_short_line_without_control_characters(transport):
    responses.post(f"{BASE_URL}/sale", status=400, json=said("Line\r\n one\x00\x1b[31m\u2028" + "x" * 1000))

    with pytest.raises(Refused) as caught:
        transport.request("POST", "/sale", body={})

    assert caught.value.message.startswith("Line one [31m xxx")
    assert len(caught.value.message) == 300
    assert caught.value.message.isprintable()


@responses.activate
def test_a_refusal_shows_every_text_of_the_array_and_nothing_that_was_sent(transport):
    told = [*said("Customer is required"), *said("Location is required"), *said("Customer is required")]
    responses.post(f"{BASE_URL}/sale", status=400, json=told)

    with pytest.raises(Refused) as caught:
        transport.request("POST", "/sale", body={"Email": "someone@example.com"})

    assert caught.value.message == "Customer is required; Location is required"
    assert "someone" not in str(caught.value)


@responses.activate
def test_a_body_in_an_unknown_shape_is_not_quoted(transport):
    responses.post(f"{BASE_URL}/sale", status=400, json={"Email": "someone@example.com"})

    with pytest.raises(Refused, match="no reason") as caught:
        transport.request("POST", "/sale", body={})

    assert "someone" not in str(caught.value)
