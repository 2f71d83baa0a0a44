"""Shipping, correcting and voiding: what becomes of order, stock, shipment and ledger."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]


def units_of(shipment: dict[str, Any]) -> dict[str, str]:
    """Add up a shipment's units by line_id."""
    totals: dict[str, Decimal] = {}
    for parcel in shipment["parcels"]:
        for line in parcel["lines"]:
            totals[line["line_id"]] = totals.get(line["line_id"], Decimal(0)) + Decimal(line["quantity"])
    return {line_id: str(total) for line_id, total in totals.items()}


def status_of(warehouse, reference: str) -> str:
    (order,) = warehouse.get(f"/orders?reference={reference}")["orders"]
    return order["status"]


def test_everything_ships_in_one_parcel_with_a_tracking_number(warehouse, an_order: Make):
    order = warehouse.create(an_order("SO-1", "2", "1"))

    shipment = warehouse.ship("SO-1")

    (parcel,) = shipment["parcels"]
    assert units_of(shipment) == {"1": "2", "2": "1"}
    assert parcel["tracking_number"].startswith("SBX")
    assert parcel["tracking_url"].endswith(parcel["tracking_number"])
    assert (parcel["carrier"], parcel["service"]) == ("DPD", "Classic")
    assert {key: shipment[key] for key in ("order_id", "reference", "kind", "revision", "final")} == {
        "order_id": order["id"], "reference": "SO-1", "kind": "shipped", "revision": 1, "final": True,
    }  # fmt: skip
    assert shipment["shipped_at"] == shipment["updated_at"] == "2026-03-02T09:00:00.000000Z"
    assert status_of(warehouse, "SO-1") == "shipped"


def test_the_ledger_has_lines_and_parcels_of_what_left(warehouse, an_order: Make):
    warehouse.create(an_order("SO-1", "2"))
    shipment = warehouse.ship("SO-1")

    (entry,) = warehouse.ledger("shipped")

    assert entry["body"] == shipment
    assert entry["lines"] == an_order("SO-1", "2")["lines"]
    assert (entry["reference"], entry["sale_id"], entry["shipment_id"]) == ("SO-1", "sale-of-SO-1", shipment["id"])


def test_shipping_lowers_what_is_on_hand(warehouse, an_order: Make):
    warehouse.control("stock", {"stock": [{"sku": "SKU-1", "warehouse": "MAIN", "on_hand": "5"}]})
    warehouse.create(an_order("SO-1", "3"))

    warehouse.ship("SO-1")

    item = warehouse.stock_of("SKU-1")
    assert (item["on_hand"], item["allocated"], item["available"]) == ("2", "0", "2")
    assert warehouse.ledger("stock_changed")[-1]["body"] == [
        {"sku": "SKU-1", "warehouse": "MAIN", "lot": None, "change": "-3"}
    ]


def test_what_is_not_on_the_shelves_does_not_ship(warehouse, an_order: Make):
    warehouse.control("stock", {"stock": [{"sku": "SKU-2", "warehouse": "MAIN", "on_hand": "1"}]})
    warehouse.create(an_order("SO-1", "2", "2"))

    answer = warehouse.call("POST", "/_control/orders/SO-1/ship")

    assert answer.status_code == 409
    assert "SKU-2" in answer.json["errors"][0]["message"]
    assert status_of(warehouse, "SO-1") == "open"
    assert warehouse.get("/shipments")["shipments"] == []


def test_a_short_shipment_is_final_unless_said_otherwise(warehouse, an_order: Make):
    warehouse.create(an_order("SO-1", "5", "1"))
    warehouse.create(an_order("SO-2", "5", "1"))

    closed = warehouse.ship("SO-1", {"short": {"1": "2"}})
    followed = warehouse.ship("SO-2", {"short": {"1": "2", "2": "1"}, "final": False})

    assert (units_of(closed), closed["final"], status_of(warehouse, "SO-1")) == ({"1": "3", "2": "1"}, True, "shipped")
    assert (units_of(followed), followed["final"]) == ({"1": "3"}, False)
    assert status_of(warehouse, "SO-2") == "part_shipped"


def test_the_rest_of_an_order_ships_later(warehouse, an_order: Make):
    warehouse.create(an_order("SO-1", "5"))
    first = warehouse.ship("SO-1", {"parcels": [{"lines": [{"line_id": "1", "quantity": "2"}]}], "final": False})

    second = warehouse.ship("SO-1")

    assert (units_of(first), units_of(second)) == ({"1": "2"}, {"1": "3"})
    assert first["id"] != second["id"]
    assert status_of(warehouse, "SO-1") == "shipped"


def test_parcels_keep_what_the_packer_wrote_on_them(warehouse, an_order: Make):
    warehouse.create(an_order("SO-1", "3"))
    packed = [
        {
            "tracking_number": "1Z999", "carrier": "UPS", "service": "Ground", "weight": "2.5", "weight_unit": "kg",
            "lines": [{"line_id": "1", "quantity": "1", "lot": "L7", "serials": ["A1"], "expires_on": "2027-01-31"}],
        },
        {"lines": [{"line_id": "1", "quantity": "2"}]},
    ]  # fmt: skip

    first, second = warehouse.ship("SO-1", {"parcels": packed})["parcels"]

    assert {key: first[key] for key in ("tracking_number", "carrier", "service", "weight", "weight_unit")} == {
        "tracking_number": "1Z999", "carrier": "UPS", "service": "Ground", "weight": "2.5", "weight_unit": "kg",
    }  # fmt: skip
    assert first["lines"] == [
        {"line_id": "1", "sku": "SKU-1", "quantity": "1", "lot": "L7", "serials": ["A1"], "expires_on": "2027-01-31"}
    ]
    assert second["tracking_number"] != "1Z999"


def test_a_parcel_weighs_what_its_lines_weigh(warehouse, an_order: Make):
    line = {"line_id": "1", "sku": "SKU-1", "quantity": "3", "weight": "0.25", "weight_unit": "kg"}
    warehouse.create(an_order("SO-1", lines=[line]))

    (parcel,) = warehouse.ship("SO-1")["parcels"]

    assert (parcel["weight"], parcel["weight_unit"]) == ("0.75", "kg")


def test_lots_leave_in_the_order_in_which_they_expire(warehouse, an_order: Make):
    warehouse.control(
        "stock",
        {
            "stock": [
                {"sku": "SKU-1", "warehouse": "MAIN", "lot": "LATE", "expires_on": "2027-06-30", "on_hand": "9"},
                {"sku": "SKU-1", "warehouse": "MAIN", "lot": "SOON", "expires_on": "2026-06-30", "on_hand": "2"},
            ]
        },
    )
    warehouse.create(an_order("SO-1", "5"))

    shipment = warehouse.ship("SO-1")

    (parcel,) = shipment["parcels"]
    assert [(line["lot"], line["quantity"], line["expires_on"]) for line in parcel["lines"]] == [
        ("SOON", "2", "2026-06-30"), ("LATE", "3", "2027-06-30"),
    ]  # fmt: skip
    warehouse.control(f"shipments/{shipment['id']}/void")
    assert {item["lot"]: item["on_hand"] for item in warehouse.get("/inventory")["items"]} == {"LATE": "9", "SOON": "2"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"parcels": [{"lines": [{"line_id": "1", "quantity": "3"}]}]}, "line 1"),
        ({"parcels": [{"lines": [{"line_id": "9", "quantity": "1"}]}]}, "line 9"),
        ({"parcels": []}, "parcels"),
        ({"parcels": [{"lines": []}]}, "parcels[0].lines"),
        ({"short": {"9": "1"}}, "short.9"),
        ({"short": {"1": "2"}}, "short"),
        ({"short": {"1": "-1"}}, "line 1"),
        ({"partial": True}, "partial"),
    ],
)
def test_a_packer_cannot_ship_what_is_not_owed(warehouse, an_order: Make, body, field):
    warehouse.create(an_order("SO-1", "2"))

    answer = warehouse.call("POST", "/_control/orders/SO-1/ship", body)

    assert answer.status_code == 422
    assert [found["field"] for found in answer.json["errors"]] == [field]
    assert status_of(warehouse, "SO-1") == "open"


def test_a_correction_repeats_the_id_with_a_higher_revision(warehouse, clock, an_order: Make):
    warehouse.create(an_order("SO-1", "2"))
    first = warehouse.ship("SO-1")
    clock.advance(5)

    corrected = warehouse.control(f"shipments/{first['id']}/correct")["shipment"]

    assert (corrected["id"], corrected["revision"]) == (first["id"], 2)
    assert corrected["updated_at"] > first["updated_at"]
    assert corrected["shipped_at"] == first["shipped_at"]
    assert corrected["parcels"][0]["tracking_number"] != first["parcels"][0]["tracking_number"]
    assert corrected["parcels"][0]["lines"] == first["parcels"][0]["lines"]
    assert warehouse.ledger("shipment_corrected")[0]["body"] == corrected


def test_a_correction_of_quantities_moves_the_stock_by_the_difference(warehouse, an_order: Make):
    warehouse.control("stock", {"stock": [{"sku": "SKU-1", "warehouse": "MAIN", "on_hand": "10"}]})
    warehouse.create(an_order("SO-1", "5"))
    shipment = warehouse.ship("SO-1")

    warehouse.control(
        f"shipments/{shipment['id']}/correct",
        {"parcels": [{"lines": [{"line_id": "1", "quantity": "4"}]}], "final": False},
    )

    assert warehouse.stock_of("SKU-1")["on_hand"] == "6"
    assert status_of(warehouse, "SO-1") == "part_shipped"
    assert units_of(warehouse.ship("SO-1")) == {"1": "1"}


def test_a_correction_that_is_refused_changes_nothing(warehouse, an_order: Make):
    warehouse.create(an_order("SO-1", "2"))
    shipment = warehouse.ship("SO-1")
    too_many = {"parcels": [{"lines": [{"line_id": "1", "quantity": "3"}]}]}

    answer = warehouse.call("POST", f"/_control/shipments/{shipment['id']}/correct", too_many)

    assert answer.status_code == 422
    assert warehouse.get("/shipments")["shipments"] == [shipment]
    assert status_of(warehouse, "SO-1") == "shipped"


def test_a_void_withdraws_the_shipment_and_opens_the_order_again(warehouse, an_order: Make):
    warehouse.control("stock", {"stock": [{"sku": "SKU-1", "warehouse": "MAIN", "on_hand": "2"}]})
    warehouse.create(an_order("SO-1", "2"))
    shipment = warehouse.ship("SO-1")

    voided = warehouse.control(f"shipments/{shipment['id']}/void")["shipment"]

    assert {key: voided[key] for key in ("id", "revision", "kind", "final", "parcels")} == {
        "id": shipment["id"], "revision": 2, "kind": "voided", "final": False, "parcels": [],
    }  # fmt: skip
    assert warehouse.stock_of("SKU-1")["on_hand"] == "2"
    assert status_of(warehouse, "SO-1") == "open"
    (entry,) = warehouse.ledger("shipment_voided")
    assert entry["withdrawn"] == shipment["parcels"]
    assert units_of(warehouse.ship("SO-1")) == {"1": "2"}


def test_a_voided_shipment_stays_voided(warehouse, an_order: Make):
    warehouse.create(an_order("SO-1"))
    shipment = warehouse.ship("SO-1")
    warehouse.control(f"shipments/{shipment['id']}/void")

    answers = [warehouse.call("POST", f"/_control/shipments/{shipment['id']}/{what}") for what in ("void", "correct")]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert warehouse.call("POST", "/_control/shipments/SHP-404404/void").status_code == 404


def test_a_shipped_order_does_not_ship_again(warehouse, an_order: Make):
    warehouse.create(an_order("SO-1"))
    warehouse.ship("SO-1")

    assert warehouse.call("POST", "/_control/orders/SO-1/ship").status_code == 409
    assert warehouse.call("POST", "/_control/orders/SO-404/ship").status_code == 404
