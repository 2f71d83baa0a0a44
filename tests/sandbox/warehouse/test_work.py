"""A day's work: the parcels follow from the order alone, and no unit is left out or sent twice."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.warehouse.parcels import Portion, planned
from sandbox.warehouse.work import is_pushed

Make = Callable[..., dict[str, Any]]

quantities = st.decimals(min_value="0.25", max_value="60", places=2) | st.integers(1, 60).map(Decimal)
portions = st.lists(quantities, min_size=1, max_size=8).map(
    lambda found: [Portion(str(place), quantity) for place, quantity in enumerate(found, start=1)]
)


@given(portions)
def test_every_unit_is_in_exactly_one_parcel(order: list[Portion]):
    parcels = planned(order)

    sent: Counter[str] = Counter()
    for parcel in parcels:
        for portion in parcel:
            sent[portion.line_id] += portion.quantity
    assert sent == {portion.line_id: portion.quantity for portion in order}
    assert 1 <= len(parcels) <= 3
    assert all(parcels)
    assert all(portion.quantity > 0 for parcel in parcels for portion in parcel)
    assert all(len({portion.line_id for portion in parcel}) == len(parcel) for parcel in parcels)


@given(portions)
def test_a_fractional_line_is_never_split(order: list[Portion]):
    places = Counter(portion.line_id for parcel in planned(order) for portion in parcel)

    assert all(places[portion.line_id] == 1 for portion in order if portion.quantity % 1)


@pytest.mark.parametrize(
    ("ordered", "parcels"),
    [
        (["1"], [["1"]]),
        (["4", "4"], [["4", "4"]]),
        (["9"], [["5"], ["4"]]),
        (["1", "1", "1", "1"], [["1", "1"], ["1", "1"]]),
        (["6", "10"], [["6", "2"], ["8"]]),
        (["30"], [["10"], ["10"], ["10"]]),
        (["2.5", "20"], [["2.5", "9"], ["11"]]),
    ],
)
def test_many_units_or_lines_take_more_parcels(ordered, parcels):
    order = [Portion(str(place), Decimal(quantity)) for place, quantity in enumerate(ordered)]

    assert [[str(portion.quantity) for portion in parcel] for parcel in planned(order)] == parcels


@pytest.mark.parametrize(
    ("share", "pushed"), [("0", []), ("0.5", [2, 4, 6, 8]), ("0.25", [4, 8]), ("1", [1, 2, 3, 4, 5, 6, 7, 8])]
)
def test_the_share_that_is_pushed_is_spread_evenly(share, pushed):
    assert [count for count in range(1, 9) if is_pushed(count, Decimal(share))] == pushed


def test_work_ships_every_order_that_can_ship_and_says_why_others_wait(warehouse, an_order: Make):
    warehouse.control("stock", {"stock": [{"sku": "RARE", "warehouse": "MAIN", "on_hand": "1"}]})
    warehouse.create(an_order("SO-1", "30", "2"))
    warehouse.create(an_order("SO-2", lines=[{"line_id": "1", "sku": "RARE", "quantity": "2"}]))
    cancelled = warehouse.create(an_order("SO-3"))
    warehouse.call("POST", f"/orders/{cancelled['id']}/cancel", {"reason": "voided"})
    warehouse.create(an_order("SO-4"))
    warehouse.control("orders/SO-4/start")

    done = warehouse.control("work")

    assert [shipment["reference"] for shipment in done["shipped"]] == ["SO-1", "SO-4"]
    assert [order["reference"] for order in done["waiting"]] == ["SO-2"]
    assert "RARE" in done["waiting"][0]["why"]["errors"][0]["message"]
    assert done["counts"] == {"shipped": 2, "parcels": 4, "waiting": 1, "pushed": 0, "delivered": 0}
    numbers = [parcel["tracking_number"] for shipment in done["shipped"] for parcel in shipment["parcels"]]
    assert len(set(numbers)) == len(numbers)


def test_work_stops_at_its_limit_and_goes_on_where_it_stopped(warehouse, an_order: Make):
    for number in range(1, 4):
        warehouse.create(an_order(f"SO-{number}"))

    first = warehouse.control("work", {"limit": 2})
    second = warehouse.control("work", {"limit": 2})
    third = warehouse.control("work")

    shipped = [[shipment["reference"] for shipment in done["shipped"]] for done in (first, second, third)]
    assert shipped == [["SO-1", "SO-2"], ["SO-3"], []]


def test_work_ships_what_is_left_of_a_part_shipped_order(warehouse, an_order: Make):
    warehouse.create(an_order("SO-1", "5"))
    warehouse.ship("SO-1", {"short": {"1": "2"}, "final": False})

    (shipment,) = warehouse.control("work")["shipped"]

    assert [line["quantity"] for parcel in shipment["parcels"] for line in parcel["lines"]] == ["2"]
