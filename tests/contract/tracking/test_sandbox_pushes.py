"""The sandbox warehouse pushes to the function over HTTP, through a stand-in for API Gateway."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from crossdock.domain.states import OrderStatus
from crossdock.wms.credentials import WarehouseCredentials
from crossdock.wms.http import HttpWarehouse
from crossdock.wms.transport import Transport
from sandbox.clock import SystemClock
from sandbox.documents import Documents
from sandbox.serving import Server
from sandbox.warehouse.app import create_app
from tests.contract.tracking.conftest import SECRET, Function
from tests.contract.tracking.gateway import Gateway
from tests.unit.builders import order

TOKEN = "a-token"


@pytest.fixture
def warehouse_url(function: Function) -> Iterator[str]:  # noqa: ARG001 - the function must stand before it is called
    app = create_app(Documents(None), SystemClock(), token=TOKEN)
    with Server(Gateway()) as api, Server(app) as warehouse:
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
