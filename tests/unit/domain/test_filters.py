"""Filters on what a field of a sale or a line says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crossdock.domain.filters import ItemFilter, OrderFilter, contradiction, quoted
from tests.unit.builders import address, sale, sale_line

texts = st.text(alphabet="abAB -ß", min_size=1, max_size=6).filter(str.strip)
filters = st.builds(
    ItemFilter,
    field=st.just("sku"),
    rule=st.sampled_from(["required", "restricted"]),
    match=st.sampled_from(["full", "starts", "ends"]),
    values=st.lists(texts, min_size=1, max_size=3).map(tuple),
)


@pytest.mark.parametrize(
    ("match", "text", "hit"),
    [
        ("full", "gift-card", True),
        ("full", " GIFT-Card ", True),
        ("full", "gift-cards", False),
        ("starts", "Gift-card 20", True),
        ("starts", "a gift-card", False),
        ("ends", "a Gift-card", True),
        ("ends", "gift-card 20", False),
        ("full", None, False),
        ("starts", "", False),
    ],
)
def test_a_value_is_looked_for_where_the_filter_says_whatever_the_case(match, text, hit):
    required = ItemFilter(field="name", rule="required", match=match, values=("no such", "GIFT-CARD"))
    restricted = required.model_copy(update={"rule": "restricted"})

    assert required.allows(text) is hit
    assert restricted.allows(text) is not hit


@given(text=st.none() | st.text(max_size=8), each=filters)
def test_what_is_required_is_the_opposite_of_what_is_restricted(text, each):
    other = "restricted" if each.rule == "required" else "required"

    assert each.allows(text) != each.model_copy(update={"rule": other}).allows(text)


@given(each=filters, text=texts)
def test_the_case_of_letters_never_matters(each, text):
    assert each.allows(text.upper()) == each.allows(text.lower())


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("order_number", "SO-00001"), ("customer", "Moss & Daughters"), ("customer_reference", "PO 7"),
        ("channel", "Shopify"), ("account", "200"), ("sales_rep", "Kit"), ("carrier", "DHL Express"),
        ("terms", "30 days"), ("currency", "GBP"), ("city", "Bristol"), ("region", "Avon"),
        ("postcode", "BS1 4DJ"), ("country", "GB"),
    ],
)  # fmt: skip
def test_every_field_of_a_sale_is_read_where_it_stands(field, says):
    of = sale(
        source_channel="Shopify", default_account="200", sales_representative="Kit", ship_to=address(state="Avon"),
        bill_to=address(city="Elsewhere", postcode="0", country="FR"),
    )  # fmt: skip

    assert OrderFilter(field=field, rule="required", values=(says,)).text_of(of) == says


@pytest.mark.parametrize(
    ("field", "says"), [("sku", "MUG"), ("name", "Name of MUG"), ("comment", "engrave"), ("tax_rule", "GST")]
)
def test_every_field_of_a_line_is_read(field, says):
    line = sale_line("MUG", comment="engrave", tax_rule="GST")

    assert ItemFilter(field=field, rule="required", values=(says,)).text_of(line) == says


@pytest.mark.parametrize("wrong", [{"values": []}, {"values": [" "]}, {"rule": "wanted"}, {"match": "part"}, {"x": 1}])
def test_a_filter_that_says_nothing_or_something_unknown_is_refused(wrong):
    with pytest.raises(ValidationError):
        ItemFilter.model_validate({"field": "sku", "rule": "required", "values": ["A"], **wrong})


@given(each=st.lists(filters, min_size=2, max_size=3), text=texts)
def test_filters_that_are_said_to_contradict_each_other_let_nothing_pass(each, text):
    clash = contradiction(each)

    assert clash is None or not all(each[place].allows(text) for place in clash)


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (("required", "full", "GB"), ("restricted", "full", "gb"), True),
        (("required", "full", "GB"), ("required", "full", "IE"), True),
        (("restricted", "starts", "G"), ("required", "full", "GB"), True),
        (("required", "starts", "GB"), ("restricted", "starts", "G"), True),
        (("required", "starts", "G"), ("restricted", "starts", "GB"), False),
        (("required", "starts", "G"), ("required", "ends", "B"), False),
        (("restricted", "full", "GB"), ("restricted", "full", "IE"), False),
    ],
)
def test_a_plain_contradiction_is_seen(one, other, clash):
    pair = [
        OrderFilter(field="country", rule=rule, match=match, values=(value,)) for rule, match, value in (one, other)
    ]

    assert contradiction(pair) == ((0, 1) if clash else None)
    assert contradiction([pair[0], pair[1].model_copy(update={"field": "city"})]) is None


def test_values_are_shown_cut_and_not_all():
    shown = quoted(("x" * 80, "b", "c", "d", "e", "f", "g"))

    assert shown == f"'{'x' * 59}…' or 'b' or 'c' or 'd' or 'e' or 2 more"
