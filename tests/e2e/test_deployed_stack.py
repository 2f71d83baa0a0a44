"""One way through everything, deployed: connect, tick, be killed in the middle, go on, and be judged from outside."""

import json
from datetime import UTC, datetime

import pytest
import requests
from standardwebhooks import Webhook

from sandbox.run.books import noted, written
from sandbox.scenario import demo
from simulation.auditor import audit
from tests.e2e.conftest import SALES, Deployed

pytestmark = pytest.mark.e2e


def test_a_wrong_key_is_refused_and_nothing_is_half_stored(deployed: Deployed, tmp_path):
    sandbox = deployed.sandbox
    file = tmp_path / "wrong.toml"
    file.write_text(
        f'name = "wrong"\n[dear]\nbase_url = "{sandbox.dear}/ExternalApi/v2"\n'
        f'[warehouse]\nbase_url = "{sandbox.warehouse}"\n'
    )

    refused = deployed.crossdock(
        "connect", str(file), check=False, **{**sandbox.credentials, "CROSSDOCK_DEAR_API_KEY": "not-the-key"}
    )

    assert refused.returncode != 0
    assert "Traceback" not in refused.stdout + refused.stderr
    assert "CROSSDOCK_DEAR_API_KEY" in refused.stdout + refused.stderr
    assert deployed.json("connections")["connections"] == []
    secrets = deployed.cloud.client("secretsmanager").list_secrets()["SecretList"]
    assert secrets == []


def test_killed_in_the_middle_it_goes_on_and_loses_and_doubles_nothing(connected: Deployed):
    connected.crossdock("tick", "--step", "download_orders")
    connected.kill_once(lambda books: len(noted(books, "order_created")) >= 5, "tick", "--step", "deliver_orders")
    connected.work(push_share=0)
    connected.crossdock("tick", "--step", "collect_shipments")
    connected.kill_once(lambda books: len(written(books, "pack")) >= 2, "tick", "--step", "confirm_shipments")
    connected.crossdock("tick", "--until-quiet")
    connected.work(push_share=0.5)
    connected.crossdock("tick", "--until-quiet")

    expected = demo(SALES).expected
    assert audit(connected.evidence(demo(SALES))) == []
    orders = connected.json("orders")["orders"]
    became = {order["order_number"].split(".")[0]: order["status"] for order in orders}
    assert {became[number] for number, becomes in expected.items() if becomes == "invoiced"} == {"invoiced"}
    assert {became[number] for number, becomes in expected.items() if becomes.startswith("held")} <= {"held"}


def test_every_sale_that_dear_listed_has_a_ledger_entry_with_its_reason(connected: Deployed):
    ledger = connected.json("ledger")["sales"]

    assert {entry["order_number"] for entry in ledger} == set(demo(SALES).expected)
    assert all(entry["why"] and entry["reason_code"] for entry in ledger if entry["decision"] != "loaded")


def test_an_order_tells_where_it_stands_and_how_it_came_there(connected: Deployed):
    order = connected.json("order", "SO-10401")["found"][0]["orders"][0]

    assert order["status"] == "invoiced"
    assert order["timeline"][0]["event"] == "new"
    assert order["shipments"][0]["parcels"][0]["tracking_number"]


def test_an_unsigned_a_malformed_and_a_signed_push_each_get_their_answer(connected: Deployed):
    url = f"{connected.api}/v1/connections/main/shipments"
    secret = connected.sandbox.credentials["CROSSDOCK_WEBHOOK_SECRET"]
    now = datetime.now(UTC)
    body = json.dumps({"type": "shipment.updated", "timestamp": now.isoformat(), "data": {"id": "S-X"}})
    signed = {
        "webhook-id": "msg-1", "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg-1", now, body),
    }  # fmt: skip

    unsigned = requests.post(url, data=body, timeout=30)
    nowhere = requests.post(url.replace("/main/", "/nobody/"), data=body, headers=signed, timeout=30)
    malformed = requests.post(url, data=body, headers=signed, timeout=30)

    assert (unsigned.status_code, nowhere.status_code, malformed.status_code) == (401, 401, 400)
    assert unsigned.json() == nowhere.json()
    assert "data.reference" in {error["field"] for error in malformed.json()["errors"]}


def test_no_secret_and_no_personal_data_is_in_the_logs(connected: Deployed):
    seed = demo(SALES).dear_seed["sales"]
    private = {sale["email"] for sale in seed} | {sale["phone"] for sale in seed}
    private |= {sale["shipping_address"]["Line1"] for sale in seed}
    secret = {value for name, value in connected.sandbox.credentials.items() if name != "CROSSDOCK_DEAR_ACCOUNT_ID"}

    logs = connected.logs()

    assert '"message":"run"' in logs
    assert [word for word in private | secret if word and word in logs] == []
