"""Connection files: what is wrong is named, with its mend."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.errors import SettingsInvalid
from crossdock.domain.settings import DEAR_BASE_URL, parse_connection
from crossdock.domain.statuses import SaleStatus

FILTER = {"field": "country", "rule": "required", "values": ["GB"]}
ITEM = {"field": "sku", "rule": "required", "match": "starts", "values": ["MUG"]}
NOT_ITEM = {"field": "sku", "rule": "restricted", "match": "starts", "values": ["mug", "cup"]}
GOOD = {"name": "main", "warehouse": {"base_url": "https://wms.example.com"}}


def test_the_smallest_file_has_sensible_defaults():
    connection = parse_connection(GOOD)

    assert connection.dear.base_url == DEAR_BASE_URL
    assert connection.settings.sale_statuses == {"ORDERED"}
    assert connection.settings.invoice == "draft"
    assert connection.settings.inventory is None


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"name": "Main!"}, "name", "a-z, 0-9"),
        ({"warehouse": {}}, "warehouse.base_url", "is missing"),
        ({"warehouse": {"base_url": "ftp://x"}}, "warehouse.base_url", "full address"),
        ({"dear": {"base_url": "http://example.com/api"}}, "dear.base_url", "https"),
        ({"dear": {"base_url": "https://user:pw@example.com"}}, "dear.base_url", "credentials"),
        ({"settings": {"sale_status": ["ORDERED"]}}, "settings.sale_status", "not a setting"),
        ({"settings": {"sale_statuses": ["ORDRED"]}}, "settings.sale_statuses", "ORDRED is not a DEAR sale status"),
        ({"settings": {"inventory": {}}}, "settings.inventory.account", "is missing"),
        ({"settings": {"invoice": "yes"}}, "settings.invoice", "'off', 'draft' or 'authorise'"),
        ({"settings": {"invoice_memo": "Thanks"}}, "settings.invoice_memo", "must contain {marker}"),
        ({"settings": {"invoice_memo": "{marker} {name}"}}, "settings.invoice_memo", "{name} is not known"),
        ({"settings": {"sale_statuses": []}}, "settings.sale_statuses", "give a list of statuses"),
        ({"settings": {"locations": [""]}}, "settings.locations.0", "must not be blank"),
        ({"settings": {"lines_from": "quote"}}, "settings.lines_from", "'order', 'pick', 'pack' or 'invoice'"),
        ({"settings": {"order_filters": "x"}}, "settings.order_filters", "give a list in brackets"),
        (
            {"settings": {"order_filters": [FILTER | {"field": "x"}]}},
            "settings.order_filters.0.field",
            "must be 'order",
        ),
        ({"settings": {"order_filters": [FILTER, FILTER | {"by": 1}]}}, "settings.order_filters.1.by", "not a setting"),
        (
            {"settings": {"item_filters": [ITEM | {"values": []}]}},
            "settings.item_filters.0.values",
            "must not be empty",
        ),
        ({"settings": {"item_filters": [ITEM, NOT_ITEM]}}, "settings.item_filters", "0 and 1 contradict each other"),
        ({"settings": {"attribute_filters": {"size": ["L"]}}}, "settings.attribute_filters.size", "not a setting"),
        ({"settings": {"address_limits": {"line1": 0}}}, "settings.address_limits.line1", "greater than or equal to 1"),
        ({"settings": {"ship_methods": {"": "X"}}}, "settings.ship_methods", "must not be blank"),
        (
            {"settings": {"ship_method_from": "none", "shipping_accounts": ["1"]}},
            "settings.shipping_accounts",
            'ship_method_from is "none"',
        ),
        (
            {"settings": {"ship_method_from": "none", "ship_methods": {"A": "B"}}},
            "settings.ship_methods",
            'ship_method_from is "none"',
        ),
    ],
)
def test_a_wrong_field_is_named_with_what_mends_it(change, field, says):
    with pytest.raises(SettingsInvalid) as caught:
        parse_connection({**GOOD, **change})

    problems = dict(caught.value.problems)
    assert says in problems[field]


def test_every_problem_of_a_file_is_told_at_once():
    with pytest.raises(SettingsInvalid) as caught:
        parse_connection({"name": "", "settings": {"a": 1, "b": 2}})

    assert {field for field, _ in caught.value.problems} == {"name", "warehouse", "settings.a", "settings.b"}


@pytest.mark.parametrize(
    ("chosen", "meant"),
    [
        ("ordered", {"ORDERED"}),
        (["Ordered", "BACKORDERED"], {"ORDERED", "BACKORDERED"}),
        (["packed_and_shipping"], {"PACKED", "SHIPPING"}),
        (["Packed & Shipping", "ORDERED"], {"PACKED", "SHIPPING", "ORDERED"}),
        ("any", set(SaleStatus)),
    ],
)
def test_statuses_are_a_set_and_a_group_stands_for_its_own(chosen, meant):
    connection = parse_connection({**GOOD, "settings": {"sale_statuses": chosen}})

    assert connection.settings.sale_statuses == meant


@given(
    statuses=st.sets(st.sampled_from([*SaleStatus, "any", "packed_and_shipping"]), min_size=1),
    settings=st.fixed_dictionaries(
        {},
        optional={
            "locations": st.just(["Main Warehouse"]),
            "earliest_order_date": st.dates().map(str),
            "attribute_filters": st.just({"additional_attribute_10": ["Yes", "No"]}),
            "order_filters": st.just([FILTER, FILTER | {"match": "ends"}]),
            "item_filters": st.just([ITEM | {"action": "refuse_order"}]),
            "ship_method_from": st.sampled_from(["carrier", "additional_attribute_3"]),
            "address_limits": st.dictionaries(st.sampled_from(["line1", "name"]), st.integers(1, 99)),
            "ship_methods": st.just({"Express": "EXP"}),
            "inventory": st.just({"account": "620", "unit_cost": "1.10"}),
        },
    ),
)
def test_what_is_stored_reads_as_what_was_given(statuses, settings):
    connection = parse_connection({**GOOD, "settings": {**settings, "sale_statuses": list(statuses)}})

    stored = json.loads(json.dumps(connection.model_dump(mode="json")))

    assert parse_connection(stored) == connection
