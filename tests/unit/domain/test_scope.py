"""Which sales and lines a connection loads, and the reason for every other."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.filters import ItemFilter, OrderFilter
from crossdock.domain.sale import SaleType
from crossdock.domain.scope import judge_lines, judge_row, judge_sale
from crossdock.domain.settings import Settings
from tests.unit.builders import address, row, sale, sale_line

EARLIEST = date(2026, 1, 1)


def with_filters(*, order=(), items=(), **settings):
    return Settings.model_validate({"order_filters": list(order), "item_filters": list(items), **settings})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": SaleType.SERVICE, "shipping": "SHIPPED", "status": "DRAFT"}, "service_sale"),
        ({"shipping": "SHIPPED", "status": "DRAFT"}, "already_shipped"),
        ({"status": "DRAFT", "order_date": date(2025, 1, 1)}, "status"),
        ({"order_date": date(2025, 12, 31)}, "too_old"),
        ({}, "location"),
    ],
)
def test_the_first_reason_that_holds_is_the_one_that_is_told(changes, code):
    settings = Settings(earliest_order_date=EARLIEST, locations=("Main Warehouse",))

    assert judge_row(row(**changes), settings, "Overflow").code == code


def test_an_advanced_row_is_judged_by_its_combined_statuses_and_told_with_them():
    settings = Settings.model_validate({"sale_statuses": ["PICKED"]})
    columns = {"type": SaleType.ADVANCED, "packing": "NOT PACKED", "shipping": "NOT SHIPPED"}

    assert judge_row(row(**columns, picking="PARTIALLY PICKED"), settings, None) is None
    reason = judge_row(row(**columns, picking="NOT PICKED"), settings, None)

    assert reason.text == (
        "its status is ORDERED (NOT PICKED, NOT PACKED, NOT SHIPPED); this connection loads PICKED"
    )  # fmt: skip


def test_a_status_filter_never_takes_in_what_dear_has_shipped():
    settings = Settings.model_validate({"sale_statuses": ["any"]})

    assert judge_row(row(status="COMPLETED", shipping="SHIPPED"), settings, None).code == "already_shipped"
    assert judge_row(row(status="A NEW STATUS"), settings, None) is None


@pytest.mark.parametrize(
    ("order_status", "code"),
    [
        ("AUTHORISED", None), ("AUTH_NO_ALLOC", None), ("FULFILLED", "already_shipped"), ("CLOSED", "already_shipped"),
        ("DRAFT", "not_authorised"), ("NOT AVAILABLE", "not_authorised"), ("VOIDED", "not_authorised"),
        ("", "not_authorised"), ("A NEW WORD", "not_authorised"),
    ],
)  # fmt: skip
def test_only_an_authorised_order_is_loaded_whatever_the_status_filter_says(order_status, code):
    settings = Settings.model_validate({"sale_statuses": ["any"]})

    reason = judge_sale(sale(order_status=order_status), settings)

    assert (reason.code if reason else None) == code


def test_a_sale_of_a_location_that_is_not_served_is_skipped():
    reason = judge_sale(sale(location="Overflow", order_status="DRAFT"), Settings(locations=("Main Warehouse",)))

    assert reason.code == "location"


def test_an_attribute_must_have_one_of_its_values():
    settings = Settings.model_validate(
        {"attribute_filters": {"additional_attribute_2": ["Retail", "Trade"], "additional_attribute_10": ["Yes"]}}
    )
    both = {"AdditionalAttribute2": " retail", "AdditionalAttribute10": "yes"}

    assert judge_sale(sale(attributes=both), settings) is None
    blank = judge_sale(sale(attributes={"AdditionalAttribute2": "Trade"}), settings)
    other = judge_sale(sale(attributes=both | {"AdditionalAttribute2": "for Ada Moss"}), settings)

    assert (blank.code, other.code) == ("attribute_filter", "attribute_filter")
    assert blank.text == "its additional_attribute_10 is blank; this connection loads 'Yes'"
    assert other.text == "its additional_attribute_2 has another value; this connection loads 'Retail' or 'Trade'"


def test_a_long_value_is_cut_in_the_reason():
    settings = Settings.model_validate({"attribute_filters": {"additional_attribute_1": ["x" * 100]}})

    assert f"'{'x' * 59}…'" in judge_sale(sale(), settings).text


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("country", "IE", "its country must be 'IE' (settings.order_filters.1)"),
        ("customer", "Ada Moss", "its customer must be what settings.order_filters.1 names"),
        ("city", "Cork", "its city must be what settings.order_filters.1 names"),
        ("postcode", "T12", "its postcode must be what settings.order_filters.1 names"),
    ],
)
def test_a_sale_that_fails_an_order_filter_is_skipped_without_telling_who_it_is_for(field, value, told):
    passes = {"field": "currency", "rule": "required", "values": ["GBP"]}
    fails = {"field": field, "rule": "required", "values": [value]}

    reason = judge_sale(sale(), with_filters(order=[passes, fails]))

    assert (reason.code, reason.text) == ("order_filter", told)


def test_a_restricted_value_keeps_a_sale_out_by_its_beginning():
    settings = with_filters(order=[{"field": "postcode", "rule": "restricted", "match": "starts", "values": ["bt"]}])

    assert judge_sale(sale(ship_to=address(postcode="BT1 5GS")), settings).code == "order_filter"
    assert judge_sale(sale(), settings) is None


# --- lines -------------------------------------------------------------------------------------------------------

GIFTS_OUT = {"field": "sku", "rule": "restricted", "match": "starts", "values": ["GIFT-"]}
NO_HAZARD = {
    "field": "comment",
    "rule": "restricted",
    "match": "ends",
    "values": ["(hazard)"],
    "action": "refuse_order",
}


def test_without_filters_every_line_is_kept():
    verdict = judge_lines((sale_line(), sale_line()), Settings())

    assert (verdict.kept, verdict.dropped, verdict.refused) == ((1, 2), (), None)


def test_a_line_that_fails_is_dropped_and_told_with_its_place():
    verdict = judge_lines((sale_line("gift-card"), sale_line("MUG")), with_filters(items=[GIFTS_OUT]))

    assert verdict.kept == (2,)
    assert verdict.dropped == ((1, "its sku must not start with 'GIFT-' (settings.item_filters.0)"),)
    assert verdict.refused is None


def test_a_line_can_refuse_the_whole_sale_even_where_another_filter_would_drop_it():
    lines = (sale_line("MUG"), sale_line("GIFT-LAMP", comment="for Ada (Hazard)"))

    verdict = judge_lines(lines, with_filters(items=[GIFTS_OUT, NO_HAZARD]))

    assert verdict.refused.code == "item_filter"
    assert verdict.refused.text == (
        "line 2, GIFT-LAMP: its comment must not end with what settings.item_filters.1 names"
    )
    assert "Ada" not in str(verdict)


def test_lines_that_a_warehouse_could_not_ship_are_not_judged():
    others = (
        sale_line("GIFT-1", drop_ship=True, comment="(hazard)"),
        sale_line("GIFT-2", product_id="", comment="(hazard)"),
        sale_line("GIFT-3", "0", comment="(hazard)"),
    )

    assert judge_lines(others, with_filters(items=[GIFTS_OUT, NO_HAZARD])).kept == (1, 2, 3)


words = st.sampled_from(["a", "A", "ab", "b", "ba", "c", ""])
lines = st.lists(
    st.builds(
        sale_line,
        sku=words,
        quantity=st.sampled_from(["0", "1"]),
        comment=st.none() | words,
        drop_ship=st.booleans(),
        backordered=st.just(Decimal(0)),
    ),
    max_size=5,
)
item_filters = st.lists(
    st.builds(
        ItemFilter,
        field=st.sampled_from(["sku", "comment"]),
        rule=st.sampled_from(["required", "restricted"]),
        match=st.sampled_from(["full", "starts", "ends"]),
        values=st.lists(words.filter(bool), min_size=1, max_size=2).map(tuple),
        action=st.sampled_from(["drop_line", "refuse_order"]),
    ),
    max_size=3,
)


@given(lines=lines, filters=item_filters)
def test_every_line_is_kept_or_dropped_and_every_filter_must_let_it_pass(lines, filters):
    settings = Settings.model_construct(item_filters=tuple(filters))

    verdict = judge_lines(lines, settings)

    assert sorted([*verdict.kept, *(place for place, _ in verdict.dropped)]) == list(range(1, len(lines) + 1))
    for place, _ in verdict.dropped:
        assert not all(each.allows(each.text_of(lines[place - 1])) for each in filters)
    alone = [judge_lines(lines, Settings.model_construct(item_filters=(each,))) for each in filters]
    assert set(verdict.kept) == set(range(1, len(lines) + 1)).intersection(*(each.kept for each in alone))
    assert (verdict.refused is None) == all(each.refused is None for each in alone)


@given(
    filters=st.lists(
        st.builds(
            OrderFilter,
            field=st.sampled_from(["customer", "city", "country"]),
            rule=st.sampled_from(["required", "restricted"]),
            match=st.sampled_from(["full", "starts", "ends"]),
            values=st.lists(st.sampled_from(["Moss", "moss & daughters", "Bristol", "GB", "B"]), min_size=1).map(tuple),
        ),
        max_size=3,
    )
)
def test_a_sale_is_loaded_if_every_order_filter_lets_it_pass(filters):
    reason = judge_sale(sale(), Settings.model_construct(order_filters=tuple(filters)))

    assert (reason is None) == all(each.allows(each.text_of(sale())) for each in filters)
