"""The sandbox warehouse pushes to the function over HTTP, through a stand-in for API Gateway."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import requests

from crossdock.domain.states import OrderStatus
from crossdock.wms.credentials import WarehouseCredentials
from crossdock.wms.http import HttpWarehouse
from crossdock.wms.transport import Transport
from receive_tracking import app as tracking_app
from sandbox.clock import SystemClock
from sandbox.documents import Documents
from sandbox.serving import Server
from sandbox.warehouse.app import create_app
from tests.contract.tracking.conftest import SECRET, Context, Function
from tests.unit.builders import order

TOKEN = "a-token"


def gateway(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Turn a request into the event that API Gateway makes of it, and the function's answer into a response."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    headers = {name[5:].replace("_", "-").title(): value for name, value in environ.items() if name.startswith("HTTP_")}
    event: dict[str, Any] = {
        "path": environ["PATH_INFO"],
        "httpMethod": environ["REQUEST_METHOD"],
        "headers": headers,
        "requestContext": {},
        "body": environ["wsgi.input"].read(length).decode(),
        "isBase64Encoded": False,
    }
    context: Any = Context()
    answer = tracking_app.handler(event, context)
    start_response(f"{answer['statusCode']} -", [("Content-Type", "application/json")])
    return [answer["body"].encode()]


@pytest.fixture
def warehouse_url(function: Function) -> Iterator[str]:  # noqa: ARG001 - the function must stand before it is called
    app = create_app(Documents(None), SystemClock(), token=TOKEN)
    with Server(gateway) as api, Server(app) as warehouse:
        push = {"url": f"{api.url}/v1/connections/main", "secret": SECRET}
        control(warehouse.url, "settings", {"push": push})
        yield warehouse.url


def control(url: str, path: str, body: Any = None) -> Any:
    answer = requests.post(f"{url}/_control/{path}", json=body or {}, timeout=10)
    answer.raise_for_status()
    return answer.json()


def test_what_is_pushed_and_what_is_polled_is_one_shipment(function: Function, warehouse_url: str) -> None:
    warehouse = HttpWarehouse(Transport(warehouse_url, WarehouseCredentials(token=TOKEN)))
    warehouse.create_order("SO-00001", order().content)

    shipped = control(warehouse_url, "orders/SO-00001/ship", {"push": True})
    again = control(warehouse_url, "push", {"webhook_id": shipped["push"]["webhook_id"]})
    anew = control(warehouse_url, "push", {"ids": [shipped["shipment"]["id"]]})
    corrected = control(warehouse_url, f"shipments/{shipped['shipment']['id']}/correct", {"push": True})

    assert [note["status"] for note in (shipped["push"], again, anew, corrected["push"])] == [202] * 4
    assert shipped["push"]["answer"]["accepted"][0]["result"] == "stored"
    assert again["answer"] == shipped["push"]["answer"]
    assert anew["answer"]["accepted"][0]["result"] == "duplicate"
    stored = function.orders.order("main", "SO-00001")
    assert stored is not None
    assert stored.status is OrderStatus.SHIPPED
    (record,) = function.orders.shipments_of_order(stored)
    polled = warehouse.shipments(updated_since=datetime(2020, 1, 1, tzinfo=UTC), cursor=None)
    assert polled.shipments == (record.shipment,)
    assert record.shipment.revision == 2
