"""`crossdock webhook ...`: addresses, rotation, the token for DEAR, and the test of the deployed API."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses
from standardwebhooks import Webhook

from cli.credentials import gather
from crossdock.runtime.secrets import webhook_secrets
from tests.integration.store.records import NOON
from tests.unit.cli.fakes import Stack, connection

API = "https://api.example.com/live/v1/connections/main"
OLD = "whsec_b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk"


@pytest.fixture
def connected(stack: Stack) -> Stack:
    stack.checkpoints.save_connection(connection("main"))
    stack.vault.write("main", "webhook", {"secrets": [OLD]})
    return stack


def good_secrets(stack: Stack, hours: float = 0) -> tuple[str, ...]:
    """What a push may be signed with, so many hours later."""
    return webhook_secrets(stack.vault.read("main", "webhook") or {}, NOON + timedelta(hours=hours))


def test_the_addresses_of_every_connection_are_shown(connected: Stack) -> None:
    ended = connected.run("webhook", "show-url", "--json")

    assert json.loads(ended.out)["addresses"] == [{
        "connection": "main", "shipments": f"{API}/shipments", "orders": f"{API}/orders/{{reference}}",
        "dear_events": f"{API}/dear-events",
    }]  # fmt: skip
    assert f"{API}/shipments" in connected.run("webhook", "show-url").out


def test_a_new_secret_is_good_at_once_and_the_old_one_for_a_day(connected: Stack) -> None:
    ended = connected.run("webhook", "secret", "rotate")

    new, *old = good_secrets(connected)
    assert ended.code == 0
    assert (new != OLD, old) == (True, [OLD])
    assert good_secrets(connected, 23.9) == (new, OLD)
    assert good_secrets(connected, 24) == (new,)
    assert new not in ended.out + ended.err
    assert "crossdock/test/main/webhook" in ended.out


def test_a_new_secret_is_shown_once_when_it_is_asked_for(connected: Stack) -> None:
    ended = connected.run("webhook", "secret", "rotate", "--show")
    shown = good_secrets(connected)[0]
    again = connected.run("webhook", "secret", "rotate", "--json", "--show")

    assert shown in ended.out
    assert "whsec_" not in again.out
    assert json.loads(again.out)["old_good_until"] == "2025-03-02T12:00:00Z"


def test_without_a_time_for_the_old_secret_it_ends_at_once(connected: Stack) -> None:
    connected.run("webhook", "secret", "rotate", "--keep-old", "48")
    connected.run("webhook", "secret", "rotate", "--keep-old", "0")

    assert len(good_secrets(connected)) == 1


def test_of_two_rotations_each_old_secret_keeps_its_time(connected: Stack) -> None:
    connected.run("webhook", "secret", "rotate", "--keep-old", "48")
    connected.run("webhook", "secret", "rotate", "--keep-old", "1")

    assert [len(good_secrets(connected, hours)) for hours in (0, 1, 48)] == [3, 2, 1]


def test_dears_token_is_kept_beside_the_secret_and_outlives_a_rotation(connected: Stack) -> None:
    ended = connected.run("webhook", "dear-token", "--show")
    connected.run("webhook", "secret", "rotate")

    token = (connected.vault.read("main", "webhook") or {})["dear_token"]
    assert str(token) in ended.out
    assert f"{API}/dear-events" in ended.out
    assert str(token) not in connected.run("webhook", "dear-token").out


def test_connecting_again_keeps_old_secrets_and_dears_token(connected: Stack) -> None:
    connected.run("webhook", "secret", "rotate")
    connected.run("webhook", "dear-token")
    environment = {"CROSSDOCK_DEAR_ACCOUNT_ID": "a", "CROSSDOCK_DEAR_API_KEY": "k", "CROSSDOCK_WMS_TOKEN": "t"}

    given = gather("main", environment, connected.vault, None)

    assert given.documents()["webhook"] == connected.vault.read("main", "webhook")


@pytest.mark.parametrize("command", [("secret", "rotate"), ("dear-token",), ("test",)])
def test_it_must_be_clear_which_connection_is_meant(connected: Stack, command: tuple[str, ...]) -> None:
    connected.checkpoints.save_connection(connection("other"))

    ended = connected.run("webhook", *command)

    assert ended.code == 1
    assert "main, other" in ended.err


@pytest.mark.parametrize("command", [("secret", "rotate"), ("dear-token",), ("test",)])
def test_a_connection_without_a_secret_is_to_be_connected_again(stack: Stack, command: tuple[str, ...]) -> None:
    stack.checkpoints.save_connection(connection("main"))

    ended = stack.run("webhook", *command)

    assert ended.code == 2
    assert "crossdock connect" in ended.err


def answering(status_of_signed_push: int) -> None:
    """An API that looks at each signature as the library does."""

    def push(request: Any) -> tuple[int, dict[str, str], str]:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if "webhook-signature" not in headers:
            return 401, {}, '{"errors": []}'
        assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))
        expected = Webhook(OLD).sign(headers["webhook-id"], NOON, request.body.decode())
        return (status_of_signed_push if headers["webhook-signature"] == expected else 401), {}, "{}"

    responses.add_callback(responses.POST, f"{API}/shipments", push)
    responses.add_callback(responses.GET, re.compile(f"{API}/orders/crossdock-test-.*"), _ask)


def _ask(request: Any) -> tuple[int, dict[str, str], str]:
    return (404 if "webhook-signature" in request.headers else 401), {}, "{}"


@responses.activate
def test_an_api_that_answers_as_it_should_passes(connected: Stack) -> None:
    answering(400)

    ended = connected.run("webhook", "test", "--json")

    document = json.loads(ended.out)
    assert ended.code == 0
    assert document["works"] is True
    assert [call["answered"] for call in document["calls"]] == [404, 400, 401]


@responses.activate
def test_an_api_that_knows_another_secret_fails(connected: Stack) -> None:
    answering(401)

    ended = connected.run("webhook", "test")

    assert ended.code == 2
    assert "does not answer as it should" in ended.out


@responses.activate
def test_an_api_that_cannot_be_reached_fails(connected: Stack) -> None:
    for method in (responses.GET, responses.POST):
        responses.add(method, re.compile(".*"), body=requests.ConnectionError("down"))

    ended = connected.run("webhook", "test", "--json")

    assert ended.code == 2
    assert {call["said"] for call in json.loads(ended.out)["calls"]} == {"ConnectionError"}
