"""Comparing the warehouse's count with what DEAR believes."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.comparing import compare_stock
from crossdock.domain.flights import Flights, InFlight
from crossdock.domain.inventory import StockProduct
from crossdock.domain.settings import InventorySettings
from crossdock.domain.shelf import Shelf

D = Decimal
SETTINGS = InventorySettings(account="403")


def shelf(units):
    """SKU to units, or to a dict of lot to units."""
    made = Shelf()
    for sku, held in units.items():
        for lot, number in (held if isinstance(held, dict) else {None: held}).items():
            made.put(sku, D(number), lot)
    return made


def flying(**flights):
    made = Flights()
    for sku, flight in flights.items():
        made.add(sku, flight)
    return made


def compare(counted, believed, **changes):
    given = {"in_flight": Flights(), "settings": SETTINGS, **changes}
    counted, believed = (each if isinstance(each, Shelf) else shelf(each) for each in (counted, believed))
    return compare_stock("Main", counted, believed, **given)


def quantities(difference):
    return {line.sku: line.quantity for line in difference.lines}


def test_only_differences_are_written():
    assert quantities(compare({"A": 5, "B": 7}, {"A": 5, "B": 6})) == {"B": D(7)}


def test_what_is_missing_from_the_snapshot_is_zero():
    assert quantities(compare({"A": 5}, {"A": 5, "GONE": 3})) == {"GONE": D(0)}


def test_goods_that_left_and_are_not_confirmed_in_dear_are_still_counted_there():
    flights = flying(A=InFlight(left_unconfirmed=D(2)))

    assert quantities(compare({"A": 8}, {"A": 10}, in_flight=flights)) == {}


def test_goods_confirmed_in_dear_after_the_count_are_not_counted_twice():
    flights = flying(A=InFlight(confirmed_since=D(3)))

    assert quantities(compare({"A": 10}, {"A": 7}, in_flight=flights)) == {}


def test_goods_that_left_under_a_sku_in_other_letters_are_netted():
    flights = flying(cup=InFlight(left_unconfirmed=D(2)))

    assert quantities(compare({"CUP": 8}, {"CUP": 10}, in_flight=flights)) == {}


def test_a_sku_whose_write_has_no_known_outcome_waits():
    difference = compare({"A": 1}, {"A": 9}, in_flight=flying(A=InFlight(unsettled=True)))

    assert (quantities(difference), difference.deferred) == ({}, ("A",))


def test_in_available_mode_orders_that_the_warehouse_does_not_know_are_subtracted():
    settings = InventorySettings(account="403", mode="available")
    flights = flying(A=InFlight(undelivered=D(4), left_unconfirmed=D(9)))

    assert quantities(compare({"A": 10}, {"A": 10}, in_flight=flights, settings=settings)) == {"A": D(6)}


def test_below_the_minimum_level_nothing_is_offered():
    settings = InventorySettings(account="403", minimum_level=D(3))

    difference = compare({"A": 2, "B": 3}, {}, settings=settings)

    assert quantities(difference) == {"B": D(3)}, "zero is what DEAR believes of A already"


def test_a_sku_kept_by_batch_whose_lots_the_warehouse_does_not_tell_is_reported_and_left_alone():
    difference = compare({"A": 1}, {"A": {"L1": 9}})

    assert (quantities(difference), difference.batched) == ({}, ("A",))


def test_a_sku_in_bins_is_reported_and_left_alone():
    difference = compare({"A": 1}, {"A": 9}, in_bins=frozenset({"A"}))

    assert (quantities(difference), difference.binned) == ({}, ("A",))


def by_lot(difference):
    return {(line.sku, line.batch): line.quantity for line in difference.lines}


def test_where_both_sides_name_lots_each_lot_is_set_and_a_missing_one_is_zero():
    difference = compare({"A": {"L1": 4, "L2": 5}}, {"A": {"L1": 4, "L2": 6, "OLD": 1}})

    assert by_lot(difference) == {("A", "L2"): D(5), ("A", "OLD"): D(0)}


def test_a_batched_sku_that_is_missing_from_the_snapshot_is_zero_in_every_batch():
    assert by_lot(compare({}, {"A": {"L1": 4, "L2": 6}})) == {("A", "L1"): D(0), ("A", "L2"): D(0)}


def test_lots_are_one_whatever_the_case_and_keep_the_name_that_dear_has():
    (line,) = compare({"A": {"lot-7 ": 3}}, {"A": {"LOT-7": 2}}).lines

    assert (line.batch, line.quantity) == ("LOT-7", D(3))


def test_a_new_lot_takes_its_expiry_from_the_warehouse_and_a_known_one_keeps_dears():
    counted, believed = Shelf(), Shelf()
    counted.put("A", D(3), "NEW", date(2027, 1, 31))
    counted.put("A", D(3), "OLD", date(2027, 1, 31))
    believed.put("A", D(2), "OLD", date(2026, 12, 31))

    lines = compare(counted, believed).lines

    assert {line.batch: line.expires_on for line in lines} == {"NEW": date(2027, 1, 31), "OLD": date(2026, 12, 31)}


@pytest.mark.parametrize("other", [date(2026, 6, 1), None])
def test_a_batch_that_dear_has_under_several_expiry_dates_is_reported_and_left_alone(other):
    counted, believed = Shelf(), Shelf()
    counted.put("A", D(10), "L1", date(2026, 5, 1))
    for units, expires_on in [(5, date(2026, 5, 1)), (7, other), (1, date(2026, 5, 1))]:
        believed.put("A", D(units), "L1", expires_on)

    difference = compare(counted, believed)

    assert (difference.lines, difference.several_dates, difference.left_out) == ((), ("A",), {"A"})


def test_a_lot_in_flight_is_netted_and_units_without_a_lot_defer_the_sku():
    told, untold = Flights(), Flights()
    told.add("A", InFlight(left_unconfirmed=D(2)), "l1")
    untold.add("A", InFlight(left_unconfirmed=D(2)))
    stock = ({"A": {"L1": 8, "L2": 1}}, {"A": {"L1": 10, "L2": 1}})

    assert by_lot(compare(*stock, in_flight=told)) == {}
    assert compare(*stock, in_flight=untold).deferred == ("A",)


def test_the_minimum_level_is_that_of_all_lots_together():
    settings = InventorySettings(account="403", minimum_level=D(5))
    counted = {"A": {"L1": 2, "L2": 2}, "B": {"L1": 2, "L2": 4}}

    difference = compare(counted, {"A": {"L1": 2}, "B": {"L1": 1}}, settings=settings)

    assert by_lot(difference) == {("A", "L1"): D(0), ("B", "L1"): D(2), ("B", "L2"): D(4)}


def test_a_product_that_dear_keeps_by_batch_without_stock_of_it_is_written_by_lot():
    assert by_lot(compare({"A": {"L1": 4}}, {}, by_batch=frozenset({"A"}))) == {("A", "L1"): D(4)}
    assert by_lot(compare({"A": {"L1": 4}}, {})) == {("A", None): D(4)}


def test_a_cost_comes_from_the_value_that_the_setting_names():
    tiers = tuple(D(number) for number in range(11, 21))
    product = StockProduct(product_id="1", sku="A", average_cost=D("4.25"), price_tiers=tiers)

    assert [product.cost(source) for source in ("average_cost", "price_tier_1", "price_tier_10")] == [D("4.25"), 11, 20]


@given(
    st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 20)),
    st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 20)),
)
def test_once_written_a_second_comparison_finds_nothing(counted, believed):
    written = {**believed, **quantities(compare(counted, believed))}

    assert compare(counted, written).lines == ()


LOTS = st.dictionaries(st.sampled_from(["L1", "L2", "L3"]), st.integers(1, 20), min_size=1)


@given(st.dictionaries(st.sampled_from("AB"), LOTS), st.dictionaries(st.sampled_from("AB"), LOTS))
def test_once_written_a_second_comparison_of_lots_finds_nothing(counted, believed):
    written = {sku: dict(lots) for sku, lots in believed.items()}
    first = compare(counted, believed, by_batch=frozenset("AB"))
    for line in first.lines:
        written.setdefault(line.sku, {})[line.batch] = line.quantity

    assert compare(counted, written, by_batch=frozenset("AB")).lines == ()
