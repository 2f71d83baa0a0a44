"""Products with auto-assembly: built when an order is authorised, taken apart when it is undone."""

from typing import Any

import pytest

from tests.sandbox.dear.client import DearClient

SET = {"sku": "SET", "auto_assembly": True, "bom": [{"sku": "BREAD", "quantity": 2}, {"sku": "JAM", "quantity": 1}]}


@pytest.fixture
def kits(dear: DearClient) -> DearClient:
    dear.seed(products=[SET])
    return dear


def on_hand(dear: DearClient, *skus: str) -> list[Any]:
    rows = [dear.available(sku) for sku in skus]
    return [row["OnHand"] if row else 0 for row in rows]


def order(dear: DearClient, quantity: float, status: str = "ORDERED") -> str:
    (sale_id,) = dear.seed(
        sales=[{"order_number": "SO-7", "status": status, "lines": [{"sku": "SET", "quantity": quantity}]}]
    )
    return sale_id


def test_an_authorised_order_turns_components_into_the_kit_that_it_reserves(kits: DearClient) -> None:
    order(kits, 3)

    assert on_hand(kits, "SET", "BREAD", "JAM") == [3, 94, 17]
    assert kits.available("SET")["Allocated"] == 3


def test_what_is_on_the_shelf_already_is_not_built(kits: DearClient) -> None:
    kits.control("POST", "/stock", {"sku": "SET", "on_hand": 2})

    order(kits, 3)

    assert on_hand(kits, "SET", "BREAD", "JAM") == [3, 98, 19]


def test_a_kit_that_lacks_a_component_is_not_built_in_part(kits: DearClient) -> None:
    order(kits, 21, status="ORDERING")

    kits.control("POST", "/sales/SO-7/authorise", {})

    assert on_hand(kits, "SET", "BREAD", "JAM") == [0, 100, 20]
    assert kits.control("GET", "/sales/SO-7")["Status"] == "BACKORDERED"


def test_a_pick_names_the_kit(kits: DearClient) -> None:
    (task,) = kits.tasks(order(kits, 3))

    lines = kits.picked(task["TaskID"])

    assert [(line["SKU"], line["Quantity"]) for line in lines] == [("SET", 3)]
    assert on_hand(kits, "SET", "BREAD", "JAM") == [0, 94, 17]


@pytest.mark.parametrize("action", ["void", "undo"])
@pytest.mark.parametrize("picked", [True, False])
def test_a_sale_that_is_taken_back_is_taken_apart(kits: DearClient, action: str, picked: bool) -> None:
    (task,) = kits.tasks(order(kits, 3))
    if picked:
        kits.picked(task["TaskID"])

    kits.control("POST", f"/sales/SO-7/{action}", {})

    assert on_hand(kits, "SET", "BREAD", "JAM") == [0, 100, 20]


def test_a_kit_within_a_kit_is_built_of_single_products(kits: DearClient) -> None:
    box = {"sku": "BOX", "auto_assembly": True, "produces": 2, "bom": [{"sku": "SET", "quantity": 2}, {"sku": "JAM"}]}
    kits.seed(products=[box])

    kits.seed(sales=[{"order_number": "SO-8", "lines": [{"sku": "BOX", "quantity": 4}]}])

    assert on_hand(kits, "BOX", "SET", "BREAD", "JAM") == [4, 0, 92, 14]
