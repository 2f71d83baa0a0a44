"""The lists of the contract, shipments and inventory: order, cursors, limits, and the moment they show."""

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]


def ship_some(warehouse, clock, an_order: Make, count: int) -> list[str]:
    """Ship that many orders, a second apart, and give the shipments' ids."""
    ids = []
    for number in range(1, count + 1):
        warehouse.create(an_order(f"SO-{number}"))
        clock.advance(1)
        ids.append(warehouse.ship(f"SO-{number}")["id"])
    return ids


def all_pages(warehouse, path: str, key: str) -> list[dict[str, Any]]:
    page = warehouse.get(path)
    items = list(page[key])
    while page["next_cursor"] is not None:
        page = warehouse.get(f"{path}&cursor={page['next_cursor']}")
        items += page[key]
    return items


def test_shipments_come_oldest_change_first_in_pages(warehouse, clock, an_order: Make):
    ids = ship_some(warehouse, clock, an_order, 5)

    first = warehouse.get("/shipments?limit=2")

    assert [shipment["id"] for shipment in first["shipments"]] == ids[:2]
    assert [shipment["id"] for shipment in all_pages(warehouse, "/shipments?limit=2", "shipments")] == ids


def test_the_last_page_has_no_cursor_even_when_it_is_full(warehouse, clock, an_order: Make):
    ship_some(warehouse, clock, an_order, 2)

    page = warehouse.get("/shipments?limit=2")

    assert len(page["shipments"]) == 2
    assert page["next_cursor"] is None


def test_updated_since_is_at_or_after(warehouse, clock, an_order: Make):
    ids = ship_some(warehouse, clock, an_order, 3)
    second = warehouse.get("/shipments")["shipments"][1]["updated_at"]

    at_second = warehouse.get(f"/shipments?updated_since={second}")
    elsewhere = warehouse.get("/shipments?updated_since=2026-03-02T10:00:02%2B01:00")

    assert [shipment["id"] for shipment in at_second["shipments"]] == ids[1:]
    assert [shipment["id"] for shipment in elsewhere["shipments"]] == ids[1:]


def test_what_arrives_or_changes_between_two_pages_comes_after_them(warehouse, clock, an_order: Make):
    ids = ship_some(warehouse, clock, an_order, 4)
    first = warehouse.get("/shipments?limit=2")
    clock.advance(1)
    warehouse.control(f"shipments/{ids[0]}/correct")
    warehouse.control(f"shipments/{ids[3]}/void")
    warehouse.create(an_order("SO-99"))
    late = warehouse.ship("SO-99")

    rest = warehouse.get(f"/shipments?limit=10&cursor={first['next_cursor']}")

    assert [(shipment["id"], shipment["revision"]) for shipment in rest["shipments"]] == [
        (ids[2], 1), (ids[0], 2), (ids[3], 2), (late["id"], 1),
    ]  # fmt: skip


def test_a_clock_that_steps_back_hides_no_change(warehouse, clock, an_order: Make):
    ids = ship_some(warehouse, clock, an_order, 1)
    seen = warehouse.get("/shipments")["shipments"][-1]["updated_at"]
    clock.advance(-60)
    warehouse.create(an_order("SO-2"))
    late = warehouse.ship("SO-2")

    page = warehouse.get(f"/shipments?updated_since={seen}")

    assert [shipment["id"] for shipment in page["shipments"]] == [*ids, late["id"]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("updated_since=yesterday", "updated_since"),
        ("updated_since=2026-03-02", "updated_since"),
        ("updated_since=2026-03-02T09:00:00", "updated_since"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=%F0%9F%93%A6", "cursor"),
        ("cursor=eA==", "cursor"),
    ],
)
def test_a_question_that_cannot_be_read_is_a_bad_request(warehouse, query, field):
    answer = warehouse.call("GET", f"/shipments?{query}")

    assert answer.status_code == 400
    assert [found["field"] for found in answer.json["errors"]] == [field]


def test_more_than_the_largest_page_is_the_largest_page(warehouse, an_order: Make):
    warehouse.create(an_order("SO-1"))
    warehouse.ship("SO-1")

    assert len(warehouse.get("/shipments?limit=1000000")["shipments"]) == 1


def test_inventory_says_what_is_there_kept_aside_and_free(warehouse, an_order: Make):
    warehouse.control("stock", {"stock": [{"sku": "SKU-1", "warehouse": "MAIN", "on_hand": "10", "held": "1"}]})
    warehouse.create(an_order("SO-1", "3"))

    page = warehouse.get("/inventory")

    assert page == {
        "items": [
            {
                "sku": "SKU-1", "warehouse": "MAIN", "lot": None, "expires_on": None,
                "on_hand": "10", "allocated": "3", "held": "1", "available": "6", "as_of": page["as_of"],
            }
        ],
        "as_of": "2026-03-02T09:00:00.000000Z",
        "complete": True,
        "next_cursor": None,
    }  # fmt: skip


def test_no_more_is_kept_aside_than_there_is(warehouse, an_order: Make):
    warehouse.control("stock", {"stock": [{"sku": "SKU-1", "warehouse": "MAIN", "on_hand": "2"}]})
    warehouse.create(an_order("SO-1", "5"))

    item = warehouse.stock_of("SKU-1")

    assert (item["on_hand"], item["allocated"], item["available"]) == ("2", "2", "0")


def test_a_cancelled_order_keeps_nothing_aside(warehouse, an_order: Make):
    warehouse.control("stock", {"stock": [{"sku": "SKU-1", "warehouse": "MAIN", "on_hand": "5"}]})
    order = warehouse.create(an_order("SO-1", "5"))
    warehouse.call("POST", f"/orders/{order['id']}/cancel", {"reason": "voided"})

    assert warehouse.stock_of("SKU-1")["available"] == "5"


def test_all_pages_of_a_snapshot_show_the_moment_of_the_first(warehouse, clock, an_order: Make):
    rows = [{"sku": f"SKU-{number}", "warehouse": "MAIN", "on_hand": "10"} for number in range(1, 6)]
    warehouse.control("stock", {"stock": rows})
    first = warehouse.get("/inventory?limit=2")
    clock.advance(60)
    warehouse.create(an_order("SO-1", "1", "1", "1", "1", "1"))
    warehouse.ship("SO-1")

    second = warehouse.get(f"/inventory?limit=2&cursor={first['next_cursor']}")
    third = warehouse.get(f"/inventory?limit=2&cursor={second['next_cursor']}")

    items = first["items"] + second["items"] + third["items"]
    assert [(item["sku"], item["on_hand"]) for item in items] == [(f"SKU-{number}", "10") for number in range(1, 6)]
    assert first["as_of"] == second["as_of"] == third["as_of"]
    assert third["next_cursor"] is None
    assert warehouse.stock_of("SKU-5")["on_hand"] == "9"


def test_a_snapshot_that_was_forgotten_is_a_bad_request(warehouse):
    rows = [{"sku": f"SKU-{number}", "on_hand": "1"} for number in range(2)]
    warehouse.control("stock", {"stock": rows})
    oldest = warehouse.get("/inventory?limit=1")["next_cursor"]
    for _ in range(8):
        warehouse.get("/inventory?limit=1")

    answer = warehouse.call("GET", f"/inventory?limit=1&cursor={oldest}")

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "cursor")


def test_a_partial_snapshot_says_so_on_every_page(warehouse):
    warehouse.control("settings", {"snapshot_complete": False})
    warehouse.control("stock", {"stock": [{"sku": f"SKU-{number}", "on_hand": "1"} for number in range(3)]})

    first = warehouse.get("/inventory?limit=2")
    second = warehouse.get(f"/inventory?limit=2&cursor={first['next_cursor']}")

    assert (first["complete"], second["complete"]) == (False, False)


def test_a_count_sets_one_row_and_leaves_or_replaces_the_others(warehouse):
    warehouse.control("stock", {"stock": [{"sku": "SKU-1", "on_hand": "1"}, {"sku": "SKU-2", "on_hand": "2"}]})
    warehouse.control("stock", {"stock": [{"sku": "SKU-1", "on_hand": "7"}]})
    after_count = {item["sku"]: item["on_hand"] for item in warehouse.get("/inventory")["items"]}

    warehouse.control("stock", {"stock": [{"sku": "SKU-3", "on_hand": "3"}], "replace": True})
    after_replacement = {item["sku"]: item["on_hand"] for item in warehouse.get("/inventory")["items"]}

    assert after_count == {"SKU-1": "7", "SKU-2": "2"}
    assert after_replacement == {"SKU-3": "3"}
    assert len(warehouse.ledger("stock_changed")) == 3
