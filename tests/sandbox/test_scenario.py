"""The demonstration says of every sale what must become of it, and both sides are seeded to match."""

from collections import Counter, defaultdict
from typing import Any

import pytest

from sandbox.clock import SystemClock
from sandbox.dear.specs import SeedSpec
from sandbox.documents import Documents
from sandbox.merchant import KIT, KIT_OF, LOTS
from sandbox.run.story import STORY
from sandbox.scenario import (
    COUNTED_OTHERWISE,
    MAIN,
    MISSING_AT_WAREHOUSE,
    REFUSED_SKUS,
    UNKNOWN_TO_DEAR,
    WAREHOUSE_CODE,
    Scenario,
    demo,
)
from sandbox.warehouse.app import create_app
from tests.sandbox.warehouse.client import TOKEN, WarehouseClient, make_order

LATE = ("held once shipped", "confirmed")
"""Where a sale ends only because of what people do."""


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return demo()


def sales_that(scenario: Scenario, outcome: str) -> list[dict[str, Any]]:
    return [sale for sale in scenario.dear_seed["sales"] if scenario.expected[sale["order_number"]].startswith(outcome)]


def test_the_same_scenario_comes_out_every_time():
    assert demo() == demo()
    assert demo(80) == demo(80)


def test_dear_takes_the_seed_as_it_is(scenario):
    seed = SeedSpec.model_validate(scenario.dear_seed)

    assert len(seed.sales) == 38


def test_every_sale_has_an_expected_outcome(scenario):
    outcomes = Counter(outcome.split(":")[0] for outcome in scenario.expected.values())

    assert list(scenario.expected) == [sale["order_number"] for sale in scenario.dear_seed["sales"]]
    assert outcomes == {"invoiced": 21, "confirmed": 1, "held": 3, "held once shipped": 4, "skipped": 9}


def test_each_reason_why_a_sale_does_not_ship_is_there(scenario):
    reasons = Counter(outcome for outcome in scenario.expected.values() if outcome != "invoiced")

    assert reasons == {
        "confirmed: invoiced_already": 1,
        "held: address_disagrees": 1,
        "held: refused": 1,
        "held: unmapped_ship_method": 1,
        "held once shipped: credit_note": 1,
        "held once shipped: pick_differs": 1,
        "held once shipped: unmapped_carrier": 1,
        "held once shipped: voided_too_late": 1,
        "skipped: already_shipped": 1,
        "skipped: attribute_filter": 1,
        "skipped: location": 1,
        "skipped: service_sale": 1,
        "skipped: status": 4,
        "skipped: voided": 1,
    }


def test_people_only_work_on_sales_that_are_there_and_on_goods_that_were_ordered(scenario):
    sales = {sale["order_number"]: sale for sale in scenario.dear_seed["sales"]}

    for act in STORY:
        sale = sales[act.order.split(".")[0]]
        parcels = [line.split()[1] for parcel in act.parcels.split(" | ") if parcel for line in parcel.split(", ")]
        assert set(parcels) <= {line["sku"] for line in sale["lines"]}
    late = {number for number, outcome in scenario.expected.items() if outcome.split(":")[0] in LATE}
    assert late <= {act.order for act in STORY if act.by == "warehouse"}


def test_what_is_kept_by_lot_and_expiry_is_there_on_both_sides_and_is_sold(scenario):
    sold = {line["sku"] for sale in sales_that(scenario, "invoiced") for line in sale["lines"]}

    for sku, lots in LOTS.items():
        in_dear = [row["batch"] for row in scenario.dear_seed["stock"] if row["sku"] == sku]
        on_shelves = [row["lot"] for row in scenario.warehouse_stock if row["sku"] == sku]
        assert in_dear == on_shelves == [lot for lot, _, _ in lots]
        assert sku in sold


def test_what_ships_is_in_the_connections_scope(scenario):
    settings = scenario.connection["settings"]

    for sale in sales_that(scenario, "invoiced"):
        assert sale["status"] in settings["sale_statuses"]
        assert sale["location"] in settings["locations"]
        assert sale["carrier"] in settings["ship_methods"]
        assert sale["type"] != "Service"
        assert sale["attributes"]["AdditionalAttribute2"] in settings["attribute_filters"]["additional_attribute_2"]
        assert not {line["sku"] for line in sale["lines"]} & set(REFUSED_SKUS)


def test_what_is_held_has_its_reason(scenario):
    by_outcome = {scenario.expected[sale["order_number"]]: sale for sale in sales_that(scenario, "held:")}

    unmapped = by_outcome["held: unmapped_ship_method"]
    refused = by_outcome["held: refused"]

    assert unmapped["carrier"] not in scenario.connection["settings"]["ship_methods"]
    assert {line["sku"] for line in refused["lines"]} & set(scenario.warehouse_settings["refused_skus"])
    address = by_outcome["held: address_disagrees"]["shipping_address"]
    assert address["City"] not in address["DisplayAddressLine2"]


def test_the_set_has_the_shapes_that_are_hard_to_get_right(scenario):
    shipping = sales_that(scenario, "invoiced")
    advanced = [sale for sale in shipping if sale["type"] == "Advanced"]
    two = [[one["pick"] for one in sale["fulfilments"]] for sale in advanced if "fulfilments" in sale]

    assert any(len({line["sku"] for line in sale["lines"]}) < len(sale["lines"]) for sale in shipping)
    assert any(sale["charges"] for sale in shipping)
    assert any(line["discount"] % 1 for sale in shipping for line in sale["lines"])
    assert any(line["tax_rule"] == "Sales Tax 8.875%" for sale in shipping for line in sale["lines"])
    assert any(line["quantity"] % 1 for sale in shipping for line in sale["lines"])
    assert any(sum(line["quantity"] for line in sale["lines"]) > 24 for sale in shipping)
    assert sum("fulfilments" not in sale for sale in advanced) >= 2
    assert ["AUTHORISED", "AUTHORISED"] in two
    assert ["AUTHORISED", "DRAFT"] in two


def test_two_fulfilments_share_a_sku_and_add_up_to_their_order(scenario):
    for sale in (sale for sale in scenario.dear_seed["sales"] if "fulfilments" in sale):
        first, second = ({line["sku"] for line in one["lines"]} for one in sale["fulfilments"])
        fulfilled = _units(line for one in sale["fulfilments"] for line in one["lines"])

        assert first & second
        assert fulfilled == _units(sale["lines"])


@pytest.mark.parametrize("count", [38, 380])
def test_there_is_stock_for_all_that_ships(count):
    scenario = demo(count)
    at_warehouse, in_dear = _on_shelves(scenario), _in_dear(scenario)

    wanted = _units(line for sale in sales_that(scenario, "invoiced") for line in sale["lines"])

    assert all(at_warehouse[sku] >= units for sku, units in wanted.items())
    assert set(wanted) - {KIT} <= set(in_dear)


def test_when_all_has_shipped_the_shelves_differ_from_dear_where_meant(scenario):
    in_dear, on_shelves = _in_dear(scenario), _on_shelves(scenario)
    picked = _units(
        line
        for sale in scenario.dear_seed["sales"]
        for one in sale.get("fulfilments", [])
        if one["pick"] == "AUTHORISED"
        for line in one["lines"]
    )
    kits = on_shelves[KIT]
    built = {KIT: kits, **dict.fromkeys(KIT_OF, -kits)}

    different = {
        sku: on_shelves.get(sku, 0) - (in_dear.get(sku, 0) + picked.get(sku, 0) + built.get(sku, 0))
        for sku in in_dear | on_shelves
    }

    for sku in (MISSING_AT_WAREHOUSE, UNKNOWN_TO_DEAR):
        assert different.pop(sku)
    assert {sku: units for sku, units in different.items() if units} == {
        sku: float(units) for sku, units in COUNTED_OTHERWISE.items()
    }


def _in_dear(scenario: Scenario) -> dict[str, float]:
    rows = [row for row in scenario.dear_seed["stock"] if row["location"] == MAIN]
    return _units({"sku": row["sku"], "quantity": row["on_hand"]} for row in rows)


def _on_shelves(scenario: Scenario) -> dict[str, float]:
    rows = [row for row in scenario.warehouse_stock if row["warehouse"] == WAREHOUSE_CODE]
    return _units({"sku": row["sku"], "quantity": float(row["on_hand"])} for row in rows)


def test_customers_are_from_several_countries_and_write_from_example_com(scenario):
    sales = scenario.dear_seed["sales"]

    assert len({sale["shipping_address"]["Country"] for sale in sales}) >= 10
    assert all(sale["email"].isascii() and sale["email"].endswith("@example.com") for sale in sales)
    assert all(sale["shipping_address"][part] for sale in sales for part in ("Line1", "City", "Postcode", "Country"))


def test_barcodes_are_valid(scenario):
    barcodes = [product["barcode"] for product in scenario.dear_seed["products"] if product["type"] == "Stock"]

    assert len(set(barcodes)) == len(barcodes)
    for barcode in barcodes:
        odd, even = (sum(int(digit) for digit in barcode[start::2]) for start in (0, 1))
        assert (odd + 3 * even) % 10 == 0


def test_a_larger_set_repeats_the_kinds_in_proportion():
    tenfold = Counter(demo(380).expected.values())

    assert tenfold == {outcome: 10 * number for outcome, number in Counter(demo().expected.values()).items()}
    with pytest.raises(ValueError, match="at least one"):
        demo(0)


def _units(lines: Any) -> dict[str, float]:
    totals: dict[str, float] = defaultdict(float)
    for line in lines:
        totals[line["sku"]] += line["quantity"]
    return dict(totals)


def test_the_warehouse_ships_the_whole_demonstration(scenario):
    warehouse = WarehouseClient(create_app(Documents(None), SystemClock(), token=TOKEN))
    warehouse.control("stock", {"stock": scenario.warehouse_stock})
    warehouse.control("settings", scenario.warehouse_settings)
    for sale in sales_that(scenario, "invoiced"):
        warehouse.create(_order_for(sale))
    (refused,) = sales_that(scenario, "held: refused")

    refusal = warehouse.call("POST", "/orders", _order_for(refused))
    done = warehouse.control("work")

    assert (refusal.status_code, refusal.json["errors"][0]["field"]) == (422, "lines[1].sku")
    assert done["counts"]["shipped"] == 21
    assert done["waiting"] == []
    parcels = Counter(len(shipment["parcels"]) for shipment in done["shipped"])
    assert set(parcels) == {1, 2, 3}
    assert {row["sku"] for row in warehouse.get("/inventory")["items"]} == {
        row["sku"] for row in scenario.warehouse_stock
    }


def _order_for(sale: dict[str, Any]) -> dict[str, Any]:
    lines = [
        {"line_id": str(place), "sku": line["sku"], "quantity": str(line["quantity"])}
        for place, line in enumerate(sale["lines"])
    ]
    return make_order(sale["order_number"], lines=lines)
