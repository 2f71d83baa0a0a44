"""The adapter against the sandbox warehouse, over a real connection, in good times and bad."""

from datetime import datetime
from decimal import Decimal

import pytest

from crossdock.domain.errors import (
    Conflict,
    Interrupted,
    NotFound,
    Outcome,
    OutsideError,
    Refused,
    Throttled,
    Unauthorised,
)
from crossdock.domain.settings import WarehouseSettings
from crossdock.ports import Warehouse
from crossdock.wms import http, transport
from crossdock.wms.credentials import WarehouseCredentials
from crossdock.wms.registry import open_warehouse
from tests.contract.wms.conftest import Floor
from tests.contract.wms.samples import a_content, a_line


def test_an_order_arrives_whole_and_is_found_again(warehouse: Warehouse, floor: Floor) -> None:
    created = warehouse.create_order("SO-1", a_content())

    assert warehouse.find_order("SO-1") == created
    assert warehouse.find_order("SO-10") is None
    (entry,) = floor.written("order_created")
    assert entry["body"]["ship_to"]["name"] == "Mona Lisbeth Quist"
    assert entry["body"]["lines"][0]["quantity"] == "2"


def test_a_second_order_of_the_same_reference_shows_the_first(warehouse: Warehouse, floor: Floor) -> None:
    created = warehouse.create_order("SO-1", a_content())

    with pytest.raises(Conflict) as caught:
        warehouse.create_order("SO-1", a_content())

    assert caught.value.found == {"id": created.id, "reference": "SO-1", "status": "open"}
    assert len(floor.written("order_created")) == 1


def test_an_order_that_the_warehouse_refuses_says_why(warehouse: Warehouse, floor: Floor) -> None:
    floor.do("settings", {"refused_skus": ["TEA-001"]})

    with pytest.raises(Refused) as caught:
        warehouse.create_order("SO-1", a_content())

    assert caught.value.problems[0][0] == "lines[0].sku"
    assert "TEA-001" in str(caught.value)


def test_an_order_is_replaced_while_nobody_works_on_it(warehouse: Warehouse, floor: Floor) -> None:
    created = warehouse.create_order("SO-1", a_content())

    warehouse.replace_order(created.id, "SO-1", a_content(lines=(a_line(quantity=Decimal(5)),)))
    floor.do("orders/SO-1/start")
    with pytest.raises(Conflict) as caught:
        warehouse.replace_order(created.id, "SO-1", a_content())

    (entry,) = floor.written("order_replaced")
    assert entry["body"]["lines"][0]["quantity"] == "5"
    assert caught.value.found["status"] == "in_progress"


def test_cancelling_twice_is_harmless(warehouse: Warehouse, floor: Floor) -> None:
    created = warehouse.create_order("SO-1", a_content())

    warehouse.cancel_order(created.id, "voided in DEAR")
    warehouse.cancel_order(created.id, "voided in DEAR")

    assert [entry["reason"] for entry in floor.written("order_cancelled")] == ["voided in DEAR"]


def test_it_is_too_late_to_cancel_once_the_work_has_begun(warehouse: Warehouse, floor: Floor) -> None:
    created = warehouse.create_order("SO-1", a_content())
    floor.do("orders/SO-1/start")

    with pytest.raises(Conflict) as caught:
        warehouse.cancel_order(created.id, "voided in DEAR")

    assert caught.value.found == {"id": created.id, "status": "in_progress"}


def test_an_order_that_the_warehouse_does_not_have_cannot_be_cancelled(warehouse: Warehouse) -> None:
    with pytest.raises(NotFound):
        warehouse.cancel_order("WO-999999", "voided in DEAR")


def test_shipments_come_page_by_page_and_a_correction_comes_again(
    warehouse: Warehouse, floor: Floor, long_ago: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "SHIPMENTS_PER_PAGE", 2)
    for reference in ("SO-1", "SO-2", "SO-3"):
        warehouse.create_order(reference, a_content(order_number=reference))
        floor.do(f"orders/{reference}/ship")

    first = warehouse.shipments(updated_since=long_ago, cursor=None)
    last = warehouse.shipments(updated_since=long_ago, cursor=first.cursor)
    floor.do(f"shipments/{first.shipments[0].id}/correct")
    again = warehouse.shipments(updated_since=last.shipments[-1].updated_at, cursor=None)

    assert [shipment.reference for shipment in (*first.shipments, *last.shipments)] == ["SO-1", "SO-2", "SO-3"]
    assert last.cursor is None
    assert [(shipment.reference, shipment.revision) for shipment in again.shipments] == [("SO-3", 1), ("SO-1", 2)]
    assert first.shipments[0].parcels[0].lines[0].quantity == Decimal(2)


def test_a_cursor_that_the_warehouse_does_not_know_is_refused_by_name(warehouse: Warehouse, long_ago: datetime) -> None:
    with pytest.raises(Refused) as caught:
        warehouse.shipments(updated_since=long_ago, cursor="made-up")

    assert caught.value.problems[0][0] == "cursor"


def test_stock_comes_page_by_page_and_says_whether_it_is_whole(
    warehouse: Warehouse, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "ITEMS_PER_PAGE", 1)
    floor.do("stock", {"stock": [{"sku": "TEA-001", "on_hand": "7.5"}, {"sku": "TEA-002", "on_hand": "3"}]})
    floor.do("settings", {"snapshot_complete": False})

    first = warehouse.stock(cursor=None)
    last = warehouse.stock(cursor=first.cursor)

    assert [(item.sku, item.on_hand) for item in (*first.items, *last.items)] == [
        ("TEA-001", Decimal("7.5")),
        ("TEA-002", Decimal(3)),
    ]
    assert (first.complete, last.complete, last.cursor) == (False, False, None)
    assert first.as_of == last.as_of


def test_a_wrong_token_stops_the_connection(floor: Floor) -> None:
    stranger = open_warehouse(WarehouseSettings(base_url=floor.url), WarehouseCredentials(token="another"))

    with pytest.raises(Unauthorised):
        stranger.create_order("SO-1", a_content())

    assert floor.written("order_created") == []


@pytest.mark.parametrize(
    ("kind", "facts", "expected", "arrived"),
    [
        ("timeout_before", {}, Interrupted, 0),
        ("timeout_after", {}, Interrupted, 1),
        ("cut", {}, Interrupted, 1),
        ("html", {}, Interrupted, 0),
        ("status", {"status": 500}, Interrupted, 0),
        ("status_after", {"status": 502}, Interrupted, 1),
        ("status_after", {"status": 504, "headers": {"Retry-After": "5"}}, Interrupted, 1),
        ("status", {"status": 429, "headers": {"Retry-After": "5"}}, Throttled, 0),
        ("status", {"status": 403, "body": "Forbidden"}, Unauthorised, 0),
    ],
)
def test_a_create_that_goes_wrong_is_sent_once_and_never_taken_for_certain(
    warehouse: Warehouse, floor: Floor, kind: str, facts: dict[str, object], expected: type[OutsideError], arrived: int
) -> None:
    floor.fault(kind, "^/orders$", method="POST", **facts)

    with pytest.raises(OutsideError) as caught:
        warehouse.create_order("SO-1", a_content())

    assert type(caught.value) is expected
    assert len(floor.written("order_created")) == arrived
    assert caught.value.outcome is Outcome.UNKNOWN or arrived == 0
    assert (warehouse.find_order("SO-1") is not None) == bool(arrived)


def test_an_answer_that_takes_too_long_is_unknown_though_the_order_arrived(
    warehouse: Warehouse, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", 0.05)
    floor.fault("slow", "^/orders$", method="POST", seconds=0.2)

    with pytest.raises(Interrupted):
        warehouse.create_order("SO-1", a_content())

    assert len(floor.written("order_created")) == 1


@pytest.mark.parametrize("kind", ["timeout_before", "cut", "html"])
def test_a_read_that_goes_wrong_is_no_empty_page(
    warehouse: Warehouse, floor: Floor, long_ago: datetime, kind: str
) -> None:
    floor.fault(kind, "^/(shipments|inventory)$", count=2)

    with pytest.raises(Interrupted):
        warehouse.shipments(updated_since=long_ago, cursor=None)
    with pytest.raises(Interrupted):
        warehouse.stock(cursor=None)
