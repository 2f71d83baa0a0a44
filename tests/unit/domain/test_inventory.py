"""Comparing the warehouse's count with what DEAR believes."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.inventory import InFlight, compare_stock
from crossdock.domain.settings import InventorySettings

D = Decimal
SETTINGS = InventorySettings(account="403")


def compare(counted, believed, **changes):
    given = {"batched": frozenset(), "in_flight": {}, "settings": SETTINGS, **changes}
    return compare_stock("Main", {k: D(v) for k, v in counted.items()}, {k: D(v) for k, v in believed.items()}, **given)


def quantities(difference):
    return {line.sku: line.quantity for line in difference.lines}


def test_only_differences_are_written():
    assert quantities(compare({"A": 5, "B": 7}, {"A": 5, "B": 6})) == {"B": D(7)}


def test_what_is_missing_from_the_snapshot_is_zero():
    assert quantities(compare({"A": 5}, {"A": 5, "GONE": 3})) == {"GONE": D(0)}


def test_goods_that_left_and_are_not_confirmed_in_dear_are_still_counted_there():
    flights = {"A": InFlight(left_unconfirmed=D(2))}

    assert quantities(compare({"A": 8}, {"A": 10}, in_flight=flights)) == {}


def test_goods_confirmed_in_dear_after_the_count_are_not_counted_twice():
    flights = {"A": InFlight(confirmed_since=D(3))}

    assert quantities(compare({"A": 10}, {"A": 7}, in_flight=flights)) == {}


def test_a_sku_whose_write_has_no_known_outcome_waits():
    difference = compare({"A": 1}, {"A": 9}, in_flight={"A": InFlight(unsettled=True)})

    assert (quantities(difference), difference.deferred) == ({}, ("A",))


def test_in_available_mode_orders_that_the_warehouse_does_not_know_are_subtracted():
    settings = InventorySettings(account="403", mode="available")
    flights = {"A": InFlight(undelivered=D(4), left_unconfirmed=D(9))}

    assert quantities(compare({"A": 10}, {"A": 10}, in_flight=flights, settings=settings)) == {"A": D(6)}


def test_below_the_minimum_level_nothing_is_offered():
    settings = InventorySettings(account="403", minimum_level=D(3))

    difference = compare({"A": 2, "B": 3}, {}, settings=settings)

    assert quantities(difference) == {"B": D(3)}, "zero is what DEAR believes of A already"


def test_a_sku_kept_by_batch_is_reported_and_left_alone():
    difference = compare({"A": 1}, {"A": 9}, batched=frozenset({"A"}))

    assert (quantities(difference), difference.batched) == ({}, ("A",))


@given(
    st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 20)),
    st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 20)),
)
def test_once_written_a_second_comparison_finds_nothing(counted, believed):
    written = {**believed, **{sku: int(units) for sku, units in quantities(compare(counted, believed)).items()}}

    assert compare(counted, written).lines == ()
