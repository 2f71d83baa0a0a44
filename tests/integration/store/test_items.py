"""Records survive the table: what is read back is what was written."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.domain.states import OrderStatus
from crossdock.store.items import Stored, item_of, record_of
from crossdock.store.keys import LONGEST_PART, order_partition, part, sales_order_key, stamp
from tests.integration.store.records import NOON, order, orders, sales, shipment, shipment_records


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(record=st.one_of(orders, sales, shipment_records))
def test_any_record_reads_back_as_it_was_written(orders_table: Any, record: Stored) -> None:
    item = item_of(record)

    orders_table.put_item(Item=item)
    stored = orders_table.get_item(Key={"pk": item["pk"], "sk": item["sk"]})["Item"]

    assert record_of(stored) == record


def test_a_shipment_is_stored_without_what_it_does_not_say_and_an_older_item_reads_the_same() -> None:
    record = shipment()
    item = item_of(record)

    older = {**item, "shipment": record.shipment.model_dump(mode="json")}

    assert item["shipment"]["parcels"] == [{"parcel_id": "P-1", "lines": [{"sku": "SKU-1", "quantity": "2.5"}]}]
    assert record_of(older) == record_of(item) == record


def test_a_version_is_an_integer_after_reading(orders_table: Any) -> None:
    item = item_of(order(version=7, fulfilment_number=2))
    orders_table.put_item(Item=item)

    found = record_of(orders_table.get_item(Key={"pk": item["pk"], "sk": item["sk"]})["Item"])

    assert (type(found.version), type(found.fulfilment_number)) == (int, int)


def test_only_what_a_step_waits_for_is_in_a_queue() -> None:
    waiting, resting = order(), order(due_at=None)
    outside = order(status=OrderStatus.AT_WMS, due_at=NOON)

    items = [item_of(record) for record in (waiting, resting, outside)]

    assert [item.get("due_queue") for item in items] == ["acme#deliver_orders", None, None]
    assert ["due_at" in item for item in items] == [True, False, True]


@given(
    moments=st.lists(
        st.datetimes(
            timezones=st.sampled_from([timezone(timedelta(hours=h)) for h in (-9, 0, 13)]),
            min_value=datetime(1000, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
        ),
        min_size=2,
        max_size=2,
    )
)
@settings(database=None)
def test_stamps_sort_as_their_moments_do(moments: list[datetime]) -> None:
    assert sorted(moments) == sorted(moments, key=stamp)


@given(first=st.text(max_size=300), second=st.text(max_size=300))
@settings(database=None)
def test_two_names_never_share_a_key(first: str, second: str) -> None:
    assert (part(first) == part(second)) is (first == second)


@pytest.mark.parametrize("name", ["x" * 5000, "ü" * 2000, "#" * 300])
def test_a_long_name_makes_a_key_of_bounded_length(name: str) -> None:
    assert len(part(name).encode()) <= LONGEST_PART
    assert len(sales_order_key("acme", name, name).sk.encode()) < 1024


def test_a_separator_in_a_reference_does_not_reach_into_another_order() -> None:
    assert order_partition("acme", "SO-1#2") != order_partition("acme", "SO-1") + "#2"
