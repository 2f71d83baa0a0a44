"""The deployed API against its own document: schemathesis makes up requests, each signed as a warehouse would."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from hmac import digest
from itertools import count
from pathlib import Path
from time import sleep, time
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.e2e.conftest import Deployed

pytestmark = pytest.mark.e2e

schema = schemathesis.openapi.from_path(str(Path(__file__).parents[2] / "docs" / "openapi.json"))
CONFORMS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
_made_up = settings(
    max_examples=20, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
_and_edges = settings(_made_up, phases=[Phase.explicit, Phase.generate])
_numbers = count()


class Signed(requests.auth.AuthBase):
    """Signs the request as it is sent."""

    def __init__(self, secret: str) -> None:
        self._key = b64decode(secret.removeprefix("whsec_"))

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        webhook_id, timestamp = f"fuzz_{next(_numbers)}", str(int(time()))
        content = f"{webhook_id}.{timestamp}.".encode() + (body.encode() if isinstance(body, str) else body)
        signature = b64encode(digest(self._key, content, "sha256")).decode()
        headers = {
            "webhook-id": webhook_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{signature}",
        }
        request.headers.update(headers)
        return request


@pytest.fixture(scope="session")
def signed(connected: Deployed) -> Signed:
    return Signed(connected.sandbox.credentials["CROSSDOCK_WEBHOOK_SECRET"])


def answer_to(case: schemathesis.Case, base_url: str, auth: Signed | None = None) -> Any:
    """The API's answer, sent again while it says to slow down: the local cloud does that in words of its own."""
    while True:
        response = case.call(base_url=base_url, auth=auth)
        if response.status_code != 429:
            return response
        sleep(0.2)


@schema.parametrize()
@_and_edges
def test_every_made_up_request_is_answered_as_the_document_says(
    case: schemathesis.Case, connected: Deployed, signed: Signed
) -> None:
    case.path_parameters["connection"] = "main"
    case.headers.clear()

    case.validate_response(answer_to(case, connected.api, signed), checks=CONFORMS)


@schema.include(operation_id="pushShipments").parametrize()
@_made_up
def test_a_push_that_the_document_allows_is_taken(case: schemathesis.Case, connected: Deployed, signed: Signed) -> None:
    case.path_parameters["connection"] = "main"
    case.headers.clear()

    response = answer_to(case, connected.api, signed)

    if "must be unique" not in response.text:  # what no schema can say
        case.validate_response(response, checks=[*CONFORMS, positive_data_acceptance])


@schema.parametrize()
@_made_up
def test_whoever_does_not_sign_learns_nothing(case: schemathesis.Case, connected: Deployed) -> None:
    response = answer_to(case, connected.api)

    assert response.status_code in {401, 403, 404}
    assert list(response.json()) == (["errors"] if response.status_code != 403 else ["message"])


def test_the_command_says_that_the_api_works(connected: Deployed) -> None:
    tried = connected.json("webhook", "test")

    assert tried["works"] is True


def test_a_secret_is_rotated_without_a_deployment(connected: Deployed, signed: Signed) -> None:
    ask = f"{connected.api}/v1/connections/main/orders/SO-nowhere"
    rotated = connected.crossdock("webhook", "secret", "rotate", "--show").stdout
    new = next(word for word in rotated.split() if word.startswith("whsec_"))

    with_new = until(404, lambda: requests.get(ask, auth=Signed(new), timeout=30))
    with_old = until(404, lambda: requests.get(ask, auth=signed, timeout=30))

    assert (with_new, with_old) == (404, 404)


def test_dear_comes_in_with_its_token_and_with_no_other(connected: Deployed) -> None:
    url = f"{connected.api}/v1/connections/main/dear-events"
    made = connected.crossdock("webhook", "dear-token", "--show").stdout
    token = made.split("shown this once: ")[1].split()[0]
    event = '{"EventType": "Sale/OrderAuthorised", "SaleID": "00000000-0000-0000-0000-000000000000", nonsense'

    def send(bearer: str) -> requests.Response:
        return requests.post(url, data=event, headers={"Authorization": f"Bearer {bearer}"}, timeout=30)

    assert until(401, lambda: send("guessed")) == 401
    assert until(202, lambda: send(token)) == 202


def until(wanted: int, ask: Callable[[], requests.Response]) -> int:
    """The status, once it is the wanted one or twenty seconds are over.

    A key may be known ten seconds late, and what came before may have used up the calls of this second.
    """
    ends = time() + 20
    while (status := ask().status_code) != wanted and time() < ends:
        sleep(0.5)
    return status
