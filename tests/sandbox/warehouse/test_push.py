"""Pushes: signed so that the library of the specification accepts them, and never more than noted."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, request
from standardwebhooks import Webhook

from sandbox.clock import SystemClock
from sandbox.documents import Documents
from sandbox.serving import Server
from sandbox.warehouse.app import create_app
from tests.sandbox.warehouse.client import TOKEN, WarehouseClient

Make = Callable[..., dict[str, Any]]

SECRET = f"whsec_{b64encode(b'a secret of the tests only').decode()}"


class Receiver:
    """Takes pushes the way Crossdock's API does, and verifies each signature on the raw body."""

    def __init__(self) -> None:
        self.app = Flask(__name__)
        self.url = ""
        self.status = 202
        self.received: list[tuple[str, bytes]] = []
        self.app.post("/v1/connections/main/shipments")(self._take)

    def _take(self) -> tuple[dict[str, Any], int]:
        body = request.get_data()
        Webhook(SECRET).verify(body, dict(request.headers))
        self.received.append((request.headers["webhook-id"], body))
        return {"accepted": []}, self.status


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with Server(receiver.app) as server:
        receiver.url = f"{server.url}/v1/connections/main"
        yield receiver


@pytest.fixture
def pushing(documents: Documents, receiver: Receiver) -> WarehouseClient:
    warehouse = WarehouseClient(create_app(documents, SystemClock(), token=TOKEN))
    warehouse.control("settings", {"push": {"url": receiver.url, "secret": SECRET}})
    return warehouse


def test_a_push_is_signed_and_carries_the_shipment(pushing, receiver, an_order: Make):
    pushing.create(an_order("SO-1"))

    done = pushing.control("orders/SO-1/ship", {"push": True})

    ((webhook_id, body),) = receiver.received
    message = json.loads(body)
    assert message["type"] == "shipment.updated"
    assert message["timestamp"].endswith("Z")
    assert message["data"] == done["shipment"]
    assert (done["push"]["webhook_id"], done["push"]["status"], done["push"]["delivered"]) == (webhook_id, 202, True)


def test_corrections_and_voids_are_pushed_too(pushing, receiver, an_order: Make):
    pushing.create(an_order("SO-1"))
    shipment = pushing.ship("SO-1")

    pushing.control(f"shipments/{shipment['id']}/correct", {"push": True})
    pushing.control(f"shipments/{shipment['id']}/void", {"push": True})

    data = [json.loads(body)["data"] for _, body in receiver.received]
    assert [(one["revision"], one["kind"]) for one in data] == [(2, "shipped"), (3, "voided")]


def test_work_pushes_every_other_shipment(pushing, receiver, an_order: Make):
    for number in range(1, 6):
        pushing.create(an_order(f"SO-{number}"))

    done = pushing.control("work", {"push_share": 0.5})

    assert [json.loads(body)["data"]["reference"] for _, body in receiver.received] == ["SO-2", "SO-4"]
    assert (done["counts"]["pushed"], done["counts"]["delivered"]) == (2, 2)


def test_several_shipments_are_pushed_as_one_message(pushing, receiver, an_order: Make):
    ids = []
    for number in (1, 2):
        pushing.create(an_order(f"SO-{number}"))
        ids.append(pushing.ship(f"SO-{number}")["id"])

    pushing.control("push", {"ids": ids})

    ((_, body),) = receiver.received
    assert [shipment["id"] for shipment in json.loads(body)["data"]] == ids


def test_a_repeat_is_a_new_message_and_a_resent_message_is_the_same(pushing, receiver, an_order: Make):
    pushing.create(an_order("SO-1"))
    first = pushing.control("orders/SO-1/ship", {"push": True})

    pushing.control("push", {"ids": [first["shipment"]["id"]]})
    pushing.control("push", {"webhook_id": first["push"]["webhook_id"]})

    original, repeat, resent = receiver.received
    assert repeat[0] != original[0]
    assert resent == original


def test_a_push_that_fails_is_only_noted(pushing, receiver, an_order: Make):
    receiver.status = 503
    pushing.create(an_order("SO-1"))
    refused = pushing.control("orders/SO-1/ship", {"push": True})["push"]
    pushing.control("settings", {"push": {"url": "http://127.0.0.1:9/v1/connections/main", "secret": SECRET}})

    unreachable = pushing.control("push", {"ids": ["SHP-000001"]})

    assert (refused["delivered"], refused["status"]) == (False, 503)
    assert (unreachable["delivered"], unreachable["error"]) == (False, "ConnectionError")
    assert [note["status"] for note in pushing.get("/_control/pushes")["pushes"]] == [503, None]
    assert len(pushing.get("/shipments")["shipments"]) == 1


def test_without_an_address_a_shipment_waits_to_be_polled(warehouse, an_order: Make):
    warehouse.create(an_order("SO-1"))

    done = warehouse.control("orders/SO-1/ship", {"push": True})

    assert done["push"]["delivered"] is False
    assert warehouse.get("/shipments")["shipments"] == [done["shipment"]]


def test_the_secret_is_in_no_answer_and_no_log(pushing, receiver, an_order: Make, caplog):
    pushing.create(an_order("SO-1"))
    answers = [
        pushing.call("POST", "/_control/settings", {"push": {"url": receiver.url, "secret": SECRET}}).text,
        pushing.call("POST", "/_control/settings", {"push": {"url": "nonsense", "secret": SECRET}}).text,
        pushing.call("POST", "/_control/orders/SO-1/ship", {"push": True}).text,
        *(
            pushing.call("GET", f"/_control/{path}").text
            for path in ("settings", "ledger", "calls", "pushes", "faults")
        ),
    ]

    bare = SECRET.removeprefix("whsec_")
    assert all(bare not in text for text in [*answers, caplog.text])
    assert json.loads(answers[0])["push"] == {"url": receiver.url, "secret_set": True}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"push": {"url": "nonsense", "secret": SECRET}}, "push.url"),
        ({"push": {"url": "http://127.0.0.1:1", "secret": ""}}, "push.secret"),
        ({"push": {"url": "http://127.0.0.1:1", "secret": "whsec_!"}}, "push.secret"),
        ({"pull": True}, "pull"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(warehouse, body, field):
    answer = warehouse.call("POST", "/_control/settings", body)

    assert answer.status_code == 422
    assert [found["field"] for found in answer.json["errors"]] == [field]


def test_settings_change_only_what_was_given(warehouse):
    warehouse.control("settings", {"refused_skus": ["A"], "honours_idempotency": True})
    warehouse.control("settings", {"snapshot_complete": False})

    assert warehouse.get("/_control/settings") == {
        "refused_skus": ["A"], "snapshot_complete": False, "honours_idempotency": True,
        "repeats_references": False, "push": None,
    }  # fmt: skip


def test_a_push_again_says_what_to_push(warehouse):
    assert warehouse.call("POST", "/_control/push", {}).status_code == 422
    assert warehouse.call("POST", "/_control/push", {"ids": ["SHP-404404"]}).status_code == 404
    assert warehouse.call("POST", "/_control/push", {"webhook_id": "msg_unknown"}).status_code == 404
