"""The adapter's calls and readings, against answers made for the purpose."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import responses
from responses import matchers

from crossdock.domain.errors import Interrupted, NeedsPerson, NotFound, SettingsInvalid
from crossdock.domain.settings import WarehouseSettings
from crossdock.ports import WarehouseOrder
from crossdock.wms.credentials import WarehouseCredentials
from crossdock.wms.registry import open_warehouse
from tests.contract.wms.samples import SINCE, TOKEN, URL, a_content, a_shipment, warehouse_at


@pytest.fixture
def answers() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def row(order_id: str, reference: str, status: str = "open") -> dict[str, str]:
    return {"id": order_id, "reference": reference, "status": status}


@pytest.mark.parametrize("status", [200, 201])
def test_an_order_is_posted_with_its_reference_as_idempotency_key(answers: responses.RequestsMock, status: int) -> None:
    answers.post(f"{URL}/orders", status=status, json=row("WO-7", "SO-00123"))

    order = warehouse_at().create_order("SO-00123", a_content())

    assert order == WarehouseOrder(id="WO-7", reference="SO-00123", status="open")
    request = answers.calls[0].request
    assert request.headers["Idempotency-Key"] == "SO-00123"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body or "")["reference"] == "SO-00123"


def test_basic_credentials_are_sent_as_such_and_a_netrc_does_not_replace_them(
    answers: responses.RequestsMock, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine wms.example.com login other password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    answers.get(f"{URL}/orders", json={"orders": []})
    credentials = WarehouseCredentials(user="crossdock", password="päss")

    open_warehouse(WarehouseSettings(base_url=URL), credentials).find_order("SO-00123")

    assert answers.calls[0].request.headers["Authorization"] == "Basic Y3Jvc3Nkb2NrOnDDpHNz"


@pytest.mark.parametrize(
    "answer",
    [row("WO-7", "SO-00124"), row("", "SO-00123"), {"reference": "SO-00123", "status": "open"}, {"orders": []}],
)
def test_an_answer_to_a_create_that_is_not_about_our_order_is_unknown(
    answers: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    answers.post(f"{URL}/orders", status=201, json=answer)

    with pytest.raises(Interrupted):
        warehouse_at().create_order("SO-00123", a_content())


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        ([row("WO-7", "SO-1")], "WO-7"),
        ([row("WO-8", "SO-10"), row("WO-7", "SO-1"), row("WO-9", "so-1")], "WO-7"),
        ([row("WO-8", "SO-10")], None),
        ([row("WO-7", "SO-1"), row("WO-7", "SO-1")], "WO-7"),
    ],
)
def test_an_order_is_found_by_its_exact_reference(
    answers: responses.RequestsMock, rows: list[dict[str, str]], expected: str | None
) -> None:
    answers.get(f"{URL}/orders", json={"orders": rows}, match=[matchers.query_param_matcher({"reference": "SO-1"})])

    order = warehouse_at().find_order("SO-1")

    assert (order and order.id) == expected


def test_several_orders_of_one_reference_need_a_person(answers: responses.RequestsMock) -> None:
    answers.get(f"{URL}/orders", json={"orders": [row("WO-7", "SO-1"), row("WO-8", "SO-1")]})

    with pytest.raises(NeedsPerson, match=r"WO-7, WO-8") as caught:
        warehouse_at().find_order("SO-1")

    assert caught.value.code == "several_warehouse_orders"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"orders": None},
        {"orders": ["WO-7"]},
        {"orders": [{"reference": "SO-1", "status": "open"}]},
        {"orders": [row("WO-1", "ACME-17"), row("WO-2", "ACME-18")]},
    ],
    ids=["empty", "null", "not objects", "without id", "not searched by reference"],
)
def test_a_search_that_proves_nothing_does_not_count_as_none_found(
    answers: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    answers.get(f"{URL}/orders", json=answer)

    with pytest.raises(Interrupted):
        warehouse_at().find_order("SO-1")


def test_a_replacement_sends_the_whole_order_and_needs_no_body_back(answers: responses.RequestsMock) -> None:
    answers.put(f"{URL}/orders/WO%2F7%3F", status=200, body="")

    warehouse_at().replace_order("WO/7?", "SO-00123", a_content())

    sent = json.loads(answers.calls[0].request.body or "")
    assert (sent["reference"], sent["order_number"]) == ("SO-00123", "SO-00123")


def test_a_cancellation_gives_its_reason_and_is_believed_when_it_says_so(answers: responses.RequestsMock) -> None:
    answers.post(f"{URL}/orders/WO%207/cancel", json={"id": "WO 7", "status": "cancelled"})

    warehouse_at().cancel_order("WO 7", "voided in DEAR")

    assert json.loads(answers.calls[0].request.body or "") == {"reason": "voided in DEAR"}


@pytest.mark.parametrize("answer", [{"id": "WO-7", "status": "open"}, {"id": "WO-8", "status": "cancelled"}, {}])
def test_a_cancellation_that_does_not_say_so_is_unknown(
    answers: responses.RequestsMock, answer: dict[str, str]
) -> None:
    answers.post(f"{URL}/orders/WO-7/cancel", json=answer)

    with pytest.raises(Interrupted):
        warehouse_at().cancel_order("WO-7", "voided in DEAR")


@pytest.mark.parametrize("order_id", ["", ".", ".."])
def test_an_id_that_would_change_the_address_is_not_called(order_id: str) -> None:
    with pytest.raises(NotFound):
        warehouse_at().cancel_order(order_id, "voided in DEAR")


def test_shipments_are_asked_for_in_utc_and_page_by_page(answers: responses.RequestsMock) -> None:
    asked = {"updated_since": "2026-03-01T08:30:00Z", "limit": "200"}
    first = {"shipments": [a_shipment("S-1")], "next_cursor": "c/2"}
    last = {"shipments": [a_shipment("S-2")], "next_cursor": None}
    answers.get(f"{URL}/shipments", json=first, match=[matchers.query_param_matcher(asked)])
    answers.get(f"{URL}/shipments", json=last, match=[matchers.query_param_matcher({**asked, "cursor": "c/2"})])
    since = SINCE.astimezone(timezone(timedelta(hours=11)))
    warehouse = warehouse_at()

    page = warehouse.shipments(updated_since=since, cursor=None)
    rest = warehouse.shipments(updated_since=since, cursor=page.cursor)

    assert [shipment.id for shipment in page.shipments + rest.shipments] == ["S-1", "S-2"]
    assert (page.cursor, rest.cursor) == ("c/2", None)


def test_a_moment_is_not_rounded_up_past_a_change(answers: responses.RequestsMock) -> None:
    answers.get(f"{URL}/shipments", json={"shipments": [], "next_cursor": ""})

    page = warehouse_at().shipments(updated_since=SINCE.replace(microsecond=999999), cursor=None)

    assert "updated_since=2026-03-01T08%3A30%3A00.999999Z" in (answers.calls[0].request.url or "")
    assert page.cursor is None


def test_a_shipment_that_cannot_be_read_is_named_and_the_others_are_kept(answers: responses.RequestsMock) -> None:
    bad_line = {"line_id": "1", "sku": "TEA-001", "quantity": "-2"}
    bad = a_shipment("S-2", parcels=[{"parcel_id": "P-1", "lines": [bad_line]}])
    empty = a_shipment("S-3", parcels=[])
    nameless = {"revision": 1, "ship_to": "Mona Lisbeth Quist"}
    answers.get(
        f"{URL}/shipments",
        json={"shipments": [a_shipment("S-1"), bad, empty, nameless, "text", a_shipment("S-4")], "next_cursor": None},
    )

    page = warehouse_at().shipments(updated_since=SINCE, cursor=None)

    assert [shipment.id for shipment in page.shipments] == ["S-1", "S-4"]
    assert page.refused[0].startswith("shipment S-2: parcels[0].lines[0].quantity: ")
    assert ";" not in page.refused[0]
    assert page.refused[1] == "shipment S-3: parcels: at least one is required unless kind is voided"
    assert page.refused[2].startswith("shipment without id, number 4 of the page: id: Field required")
    assert len(page.refused) == 4
    assert "Mona" not in "".join(page.refused)


def test_quantities_are_never_read_as_floats(answers: responses.RequestsMock) -> None:
    text = json.dumps({"shipments": [a_shipment()], "next_cursor": None}).replace('"quantity": "2"', '"quantity": 0.3')
    weight = text.replace('"carrier"', '"weight": 12345678901234567.891, "carrier"')
    answers.get(f"{URL}/shipments", body=weight)

    page = warehouse_at().shipments(updated_since=SINCE, cursor=None)

    parcel = page.shipments[0].parcels[0]
    assert parcel.lines[0].quantity == Decimal("0.3")
    assert parcel.weight == Decimal("12345678901234567.891")


@pytest.mark.parametrize("answer", [{}, {"shipments": None}, {"shipments": {}}, {"errors": []}])
def test_a_page_without_a_list_of_shipments_is_not_an_empty_page(
    answers: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    answers.get(f"{URL}/shipments", json=answer)

    with pytest.raises(Interrupted):
        warehouse_at().shipments(updated_since=SINCE, cursor=None)


def test_a_list_that_never_ends_is_noticed(answers: responses.RequestsMock) -> None:
    answers.get(f"{URL}/shipments", json={"shipments": [a_shipment()], "next_cursor": "same"})

    with pytest.raises(Interrupted, match="never end"):
        warehouse_at().shipments(updated_since=SINCE, cursor="same")


def test_an_empty_page_that_repeats_its_cursor_is_the_last(answers: responses.RequestsMock) -> None:
    answers.get(f"{URL}/shipments", json={"shipments": [], "next_cursor": "same"})

    assert warehouse_at().shipments(updated_since=SINCE, cursor="same").cursor is None


def test_stock_is_read_item_by_item(answers: responses.RequestsMock) -> None:
    items = [
        {"sku": "TEA-001", "warehouse": "MAIN", "on_hand": "10.5", "available": "8", "allocated": "2.5"},
        {"sku": "TEA-002", "on_hand": "many", "available": "0"},
        {"sku": "TEA-003", "on_hand": 4, "available": 4.25},
    ]
    answer = {"items": items, "as_of": "2026-03-01T08:00:00Z", "complete": False, "next_cursor": "c2"}
    asked = {"limit": "1000", "cursor": "c1"}
    answers.get(f"{URL}/inventory", json=answer, match=[matchers.query_param_matcher(asked)])

    page = warehouse_at().stock(cursor="c1")

    assert [(item.sku, item.on_hand, item.available) for item in page.items] == [
        ("TEA-001", Decimal("10.5"), Decimal(8)),
        ("TEA-003", Decimal(4), Decimal("4.25")),
    ]
    assert page.refused[0].startswith("inventory item TEA-002: on_hand: ")
    assert (page.complete, page.cursor) == (False, "c2")
    assert page.as_of == datetime.fromisoformat("2026-03-01T08:00:00+00:00")


@pytest.mark.parametrize("missing", ["items", "as_of", "complete"])
def test_a_snapshot_that_does_not_say_whether_it_is_whole_is_not_used(
    answers: responses.RequestsMock, missing: str
) -> None:
    answer = {"items": [], "as_of": "2026-03-01T08:00:00Z", "complete": True, "next_cursor": None}
    answers.get(f"{URL}/inventory", json={key: value for key, value in answer.items() if key != missing})

    with pytest.raises(Interrupted, match=missing):
        warehouse_at().stock(cursor=None)


def test_credentials_do_not_show_themselves() -> None:
    credentials = WarehouseCredentials(user="crossdock", password="s3cret")

    assert "s3cret" not in f"{credentials!r} {credentials}"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"token": "a", "user": "b"},
        {"token": "pasted\n"},
        {"token": "tøken"},
        {"user": "a:b", "password": "c"},
        {"user": "a", "password": "c\r\nX-Other: 1"},
        {"password": "alone"},
    ],
)
def test_credentials_that_cannot_work_are_refused_without_being_shown(given: dict[str, str]) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        WarehouseCredentials(**given)

    assert not any(value in str(caught.value) for value in given.values() if len(value) > 1)
