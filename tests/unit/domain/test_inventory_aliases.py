"""The two names of a product: each way is the other way back, and what is not clear is not guessed."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.aliases import Aliases, AliasesClash, aliases_of
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.inventory import StockItem, StockSnapshotPage

ALIASES = Aliases(pairs=(("CUP", "W-1"), ("JUG", "CUP"), ("POT", "W-3")))
SKUS = st.text("ABC", min_size=1, max_size=3)


def page(*skus):
    items = tuple(StockItem(sku=sku, on_hand=Decimal(1), available=Decimal(1)) for sku in skus)
    return StockSnapshotPage(items=items, as_of=datetime(2026, 3, 2, tzinfo=UTC), complete=True, cursor=None)


def test_a_sku_without_an_alias_has_one_name():
    assert (ALIASES.at_warehouse("MUG"), ALIASES.in_dear("MUG")) == ("MUG", "MUG")


def test_a_sku_in_other_letters_has_the_same_alias():
    counted = ALIASES.counted(page("w-1", "pot"))

    assert (ALIASES.at_warehouse("Cup"), ALIASES.in_dear("w-3")) == ("W-1", "POT")
    assert [item.sku for item in counted.items] == ["CUP"]
    assert any("pot" in text for text in counted.refused)


def test_of_aliases_that_differ_in_their_letters_alone_the_one_in_just_these_is_meant():
    aliases = Aliases(pairs=(("CUP", "w-1"), ("JUG", "W-1")))

    assert [aliases.in_dear(sku) for sku in ("w-1", "W-1")] == ["CUP", "JUG"]


def test_names_may_go_round_as_long_as_each_means_one_product():
    assert [ALIASES.at_warehouse(sku) for sku in ("CUP", "JUG")] == ["W-1", "CUP"]
    assert [ALIASES.in_dear(sku) for sku in ("W-1", "CUP")] == ["CUP", "JUG"]


def test_a_sku_that_is_the_name_of_another_product_needs_a_person():
    with pytest.raises(NeedsPerson, match="POT"):
        ALIASES.at_warehouse("W-3")


def test_a_count_under_a_name_that_was_given_up_is_refused_and_the_others_are_read():
    counted = ALIASES.counted(page("W-1", "CUP", "POT", "MUG"))

    assert [item.sku for item in counted.items] == ["CUP", "JUG", "MUG"]
    assert [text for text in counted.refused if "POT" in text] == list(counted.refused) != []


def test_a_name_that_stands_twice_on_its_side_is_refused_with_its_place():
    with pytest.raises(AliasesClash) as refused:
        aliases_of([("A", "1"), ("B", "1"), ("A", "2")])

    assert [number for number, _ in refused.value.problems] == [1, 2]


@given(st.dictionaries(SKUS, SKUS), SKUS)
def test_what_goes_out_under_one_name_comes_back_under_the_other(pairs, sku):
    try:
        aliases = aliases_of(pairs.items())
        sent = aliases.at_warehouse(sku)
    except (AliasesClash, NeedsPerson):
        return

    assert aliases.in_dear(sent) == sku
