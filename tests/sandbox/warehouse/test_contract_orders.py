"""Orders, to the letter of the contract: every call and each of its status codes."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sandbox.documents import Documents
from sandbox.warehouse.app import create_app
from tests.sandbox.warehouse.client import TOKEN, WarehouseClient

Make = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("authorization", ["", "Bearer another", "Basic YTpi", "bearer"])
def test_a_call_without_the_token_is_unauthorised(warehouse, authorization):
    answer = warehouse.call("GET", "/orders?reference=SO-1", Authorization=authorization)

    assert answer.status_code == 401
    assert answer.json["errors"][0]["field"] == "Authorization"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_unknown_path_is_unauthorised_before_it_is_unknown(warehouse):
    without_token = warehouse.call("GET", "/nowhere", Authorization="")
    with_token = warehouse.call("GET", "/nowhere")

    assert without_token.status_code == 401
    assert with_token.status_code == 404
    assert with_token.json["errors"]


def test_an_order_is_created_once_per_reference(warehouse, an_order: Make):
    first = warehouse.call("POST", "/orders", an_order("SO-1001"), Idempotency_Key="SO-1001")
    second = warehouse.call("POST", "/orders", an_order("SO-1001"), Idempotency_Key="SO-1001")

    assert first.status_code == 201
    assert first.json == {"id": first.json["id"], "reference": "SO-1001", "status": "open"}
    assert second.status_code == 409
    assert second.json == first.json
    assert len(warehouse.ledger("order_created")) == 1


def test_a_cancelled_order_keeps_its_reference(warehouse, an_order: Make):
    created = warehouse.create(an_order("SO-1001"))
    warehouse.call("POST", f"/orders/{created['id']}/cancel", {"reason": "customer asked"})

    again = warehouse.call("POST", "/orders", an_order("SO-1001"))

    assert again.status_code == 409
    assert again.json == {"id": created["id"], "reference": "SO-1001", "status": "cancelled"}


def test_a_warehouse_that_honours_the_idempotency_key_repeats_its_first_answer(documents, clock, an_order: Make):
    warehouse = WarehouseClient(create_app(documents, clock, token=TOKEN, honours_idempotency=True))
    first = warehouse.create(an_order("SO-1001"))

    same = warehouse.call("POST", "/orders", an_order("SO-1001"), Idempotency_Key="SO-1001")
    other = warehouse.call("POST", "/orders", an_order("SO-1001", "7"), Idempotency_Key="SO-1001")
    without_key = warehouse.call("POST", "/orders", an_order("SO-1001"))

    assert (same.status_code, same.json) == (201, first)
    assert (other.status_code, without_key.status_code) == (409, 409)
    assert len(warehouse.ledger("order_created")) == 1


def test_a_warehouse_that_repeats_references_has_two_orders_and_finds_the_second(warehouse, an_order: Make):
    warehouse.control("settings", {"repeats_references": True})
    first = warehouse.create(an_order("SO-1001"))

    second = warehouse.create(an_order("SO-1001"))

    assert second["id"] != first["id"]
    assert warehouse.get("/orders?reference=SO-1001")["orders"] == [second]


def test_an_idempotency_key_that_is_not_the_reference_is_refused(warehouse, an_order: Make):
    answer = warehouse.call("POST", "/orders", an_order("SO-1001"), Idempotency_Key="SO-1002")

    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"


LINE = {"line_id": "1", "sku": "SKU-1", "quantity": "2"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reference", "SO 1001"),
        ("reference", "SO_1001"),
        ("reference", "Ä-1"),
        ("reference", "S" * 41),
        ("reference", ""),
        ("order_number", None),
        ("sale_id", 7),
        ("ordered_at", "02/03/2026"),
        ("ordered_at", "2026-03-02T09:00:00"),
        ("ship_by", "2026-02-30"),
        ("warehouse", 5),
        ("ship_to", "1 Mill Lane"),
        ("ship_to.city", {"city": 3}),
        ("total", 20.5),
        ("total", "20,50"),
        ("total", "1e3"),
        ("lines", []),
        ("lines", "none"),
        ("lines[0].line_id", [{**LINE, "line_id": ""}]),
        ("lines[0].sku", [{**LINE, "sku": None}]),
        ("lines[0].quantity", [{**LINE, "quantity": 2}]),
        ("lines[0].quantity", [{**LINE, "quantity": "0"}]),
        ("lines[0].quantity", [{**LINE, "quantity": "-1"}]),
        ("lines[0].quantity", [{**LINE, "quantity": "NaN"}]),
        ("lines[1].price", [LINE, {**LINE, "line_id": "2", "price": ".5"}]),
        ("lines", [LINE, {**LINE, "sku": "SKU-2"}]),
        ("attributes.Gift", {"Gift": True}),
    ],
)
def test_a_field_that_breaks_the_contract_is_refused_by_its_name(warehouse, an_order: Make, field, value):
    top = field.split(".")[0].split("[")[0]

    answer = warehouse.call("POST", "/orders", {**an_order("SO-1001"), top: value})

    assert answer.status_code == 422
    assert [found["field"] for found in answer.json["errors"]] == [field]
    assert all(found["message"] for found in answer.json["errors"])
    assert warehouse.get("/orders?reference=SO-1001") == {"orders": []}
    assert warehouse.ledger() == []


@pytest.mark.parametrize("field", ["reference", "order_number", "sale_id", "lines"])
def test_a_required_field_that_is_missing_is_named(warehouse, an_order: Make, field):
    order = an_order("SO-1001")
    del order[field]

    answer = warehouse.call("POST", "/orders", order)

    assert answer.status_code == 422
    assert [found["field"] for found in answer.json["errors"]] == [field]


def test_every_wrong_field_is_named_at_once(warehouse):
    answer = warehouse.call("POST", "/orders", {"reference": "?", "lines": [{"sku": "A", "quantity": "x"}]})

    assert {found["field"] for found in answer.json["errors"]} == {
        "reference", "order_number", "sale_id", "lines[0].line_id", "lines[0].quantity",
    }  # fmt: skip


def test_the_longest_reference_and_unknown_fields_are_taken(warehouse, an_order: Make):
    order = an_order("Az9.-" * 8, ordered_at="2026-03-02T09:00:00+01:00", colour="green")

    answer = warehouse.call("POST", "/orders", order)

    assert answer.status_code == 201


@pytest.mark.parametrize("body", [b"{", b"[]", b"", b'"text"'])
def test_a_body_that_is_not_an_object_is_a_bad_request(warehouse, body):
    answer = warehouse._client.post("/orders", data=body, headers={"Authorization": f"Bearer {warehouse._token}"})

    assert answer.status_code == 400
    assert answer.json["errors"]


def test_a_sku_on_the_refusal_list_is_refused_where_it_stands(warehouse, an_order: Make):
    warehouse.control("settings", {"refused_skus": ["SKU-2"]})

    answer = warehouse.call("POST", "/orders", an_order("SO-1001", "1", "1"))

    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "lines[1].sku"
    assert "SKU-2" in answer.json["errors"][0]["message"]


def test_an_order_is_found_by_its_exact_reference_only(warehouse, an_order: Make):
    created = warehouse.create(an_order("SO-1001"))

    assert warehouse.get("/orders?reference=SO-1001") == {"orders": [created]}
    assert warehouse.get("/orders?reference=SO-100") == {"orders": []}
    assert warehouse.get("/orders?reference=so-1001") == {"orders": []}
    assert warehouse.call("GET", "/orders").status_code == 400


def test_an_order_shows_its_content_status_and_shipments(warehouse, an_order: Make):
    order = an_order("SO-1001")
    created = warehouse.create(order)
    shipment = warehouse.ship("SO-1001")

    shown = warehouse.get(f"/orders/{created['id']}")

    assert shown == {**order, "id": created["id"], "status": "shipped", "shipments": [shipment]}
    assert warehouse.call("GET", "/orders/WO-404404").status_code == 404


def test_an_order_is_replaced_while_nobody_works_on_it(warehouse, an_order: Make):
    created = warehouse.create(an_order("SO-1001", "2"))

    answer = warehouse.call("PUT", f"/orders/{created['id']}", an_order("SO-1001", "5"))

    assert (answer.status_code, answer.json) == (200, created)
    assert warehouse.get(f"/orders/{created['id']}")["lines"][0]["quantity"] == "5"
    (entry,) = warehouse.ledger("order_replaced")
    assert entry["body"]["lines"][0]["quantity"] == "5"


def test_a_replacement_is_held_to_the_contract_and_to_its_reference(warehouse, an_order: Make):
    created = warehouse.create(an_order("SO-1001"))

    wrong = warehouse.call("PUT", f"/orders/{created['id']}", an_order("SO-1001", lines=[]))
    renamed = warehouse.call("PUT", f"/orders/{created['id']}", an_order("SO-1002"))
    unknown = warehouse.call("PUT", "/orders/WO-404404", an_order("SO-1001"))

    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "lines")
    assert (renamed.status_code, renamed.json["errors"][0]["field"]) == (422, "reference")
    assert unknown.status_code == 404


def test_once_work_began_it_is_too_late_to_replace_or_cancel(warehouse, an_order: Make):
    created = warehouse.create(an_order("SO-1001"))
    warehouse.control("orders/SO-1001/start")

    replaced = warehouse.call("PUT", f"/orders/{created['id']}", an_order("SO-1001", "5"))
    cancelled = warehouse.call("POST", f"/orders/{created['id']}/cancel", {"reason": "changed mind"})

    assert (replaced.status_code, replaced.json) == (409, {"status": "in_progress"})
    assert (cancelled.status_code, cancelled.json) == (409, {"id": created["id"], "status": "in_progress"})


def test_a_cancel_is_answered_the_same_again_and_recorded_once(warehouse, an_order: Make):
    created = warehouse.create(an_order("SO-1001"))
    path = f"/orders/{created['id']}/cancel"

    answers = [warehouse.call("POST", path, {"reason": "voided in DEAR"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json for answer in answers] == [{"id": created["id"], "status": "cancelled"}] * 2
    (entry,) = warehouse.ledger("order_cancelled")
    assert entry["reason"] == "voided in DEAR"


def test_a_cancel_needs_a_reason_and_an_order(warehouse, an_order: Make):
    created = warehouse.create(an_order("SO-1001"))

    without = warehouse.call("POST", f"/orders/{created['id']}/cancel", {})
    unknown = warehouse.call("POST", "/orders/WO-404404/cancel", {"reason": "x"})

    assert (without.status_code, without.json["errors"][0]["field"]) == (422, "reason")
    assert unknown.status_code == 404


def test_a_cancelled_order_does_not_ship(warehouse, an_order: Make):
    created = warehouse.create(an_order("SO-1001"))
    warehouse.call("POST", f"/orders/{created['id']}/cancel", {"reason": "voided"})

    answer = warehouse.call("POST", "/_control/orders/SO-1001/ship")

    assert (answer.status_code, answer.json) == (409, {"id": created["id"], "status": "cancelled"})


def test_the_ledger_names_order_reference_and_sale(warehouse, an_order: Make):
    created = warehouse.create(an_order("SO-1001"))

    (entry,) = warehouse.ledger()

    assert entry["kind"] == "order_created"
    assert (entry["order_id"], entry["reference"], entry["sale_id"]) == (created["id"], "SO-1001", "sale-of-SO-1001")
    assert entry["body"] == an_order("SO-1001")


def test_what_a_killed_warehouse_took_is_there_after_a_restart(tmp_path, clock, an_order: Make):
    path = tmp_path / "warehouse.sqlite"
    before = WarehouseClient(create_app(Documents(path), clock, token=TOKEN))
    created = before.create(an_order("SO-1001"))
    shipment = before.ship("SO-1001")

    after = WarehouseClient(create_app(Documents(path), clock, token=TOKEN))

    assert after.get("/orders?reference=SO-1001") == {"orders": [{**created, "status": "shipped"}]}
    assert after.get("/shipments") == {"shipments": [shipment], "next_cursor": None}
    assert after.create(an_order("SO-1002"))["id"] != created["id"]


def test_many_callers_at_once_create_one_order(warehouse, an_order: Make):
    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda _: warehouse.call("POST", "/orders", an_order("SO-1001")), range(24)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 23}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(warehouse.ledger("order_created")) == 1


def test_an_order_whose_answer_was_lost_is_found_by_its_reference(warehouse, an_order: Make):
    warehouse.control("faults", {"path": "^/orders$", "method": "POST", "kind": "status_after", "status": 502})

    lost = warehouse.call("POST", "/orders", an_order("SO-1001"))

    assert lost.status_code == 502
    (found,) = warehouse.get("/orders?reference=SO-1001")["orders"]
    assert found["status"] == "open"
    assert [call["status"] for call in warehouse.get("/_control/calls")["calls"]] == [502, 200]


def test_a_reset_forgets_everything(warehouse, an_order: Make):
    warehouse.create(an_order("SO-1001"))
    warehouse.control("settings", {"refused_skus": ["SKU-1"]})

    answer = warehouse.call("POST", "/_control/reset")

    assert answer.status_code == 204
    assert warehouse.ledger() == []
    assert warehouse.create(an_order("SO-1001"))["id"] == "WO-000001"
