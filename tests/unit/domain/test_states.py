"""The table of states: every way is deliberate."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.errors import IllegalMove
from crossdock.domain.model import Reason
from crossdock.domain.order import LONGEST_BACK_OFF_SECONDS, back_off_seconds
from crossdock.domain.states import ORDER_MOVES, QUEUE_OF, OrderStatus, check_order_move
from tests.unit.builders import NOON, order

WHY = Reason(code="a_fault", text="something a person must mend")


def test_every_status_has_its_row_in_the_table():
    assert set(ORDER_MOVES) == set(OrderStatus)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (OrderStatus.NEW, OrderStatus.CONFIRMED),
        (OrderStatus.AT_WMS, OrderStatus.NEW),
        (OrderStatus.CONFIRMED, OrderStatus.AT_WMS),
        (OrderStatus.INVOICED, OrderStatus.SHIPPED),
        (OrderStatus.CANCELED, OrderStatus.NEW),
        (OrderStatus.CANCELED, OrderStatus.AT_WMS),
    ],
)
def test_a_move_that_would_ship_or_invoice_twice_is_refused(before, after):
    with pytest.raises(IllegalMove, match=f"from {before} to {after}"):
        check_order_move(before, after)


@given(moves=st.lists(st.sampled_from(list(OrderStatus)), max_size=12))
def test_whatever_happens_the_version_grows_and_only_working_states_are_due(moves):
    record = order()
    for step, status in enumerate(moves):
        before = record
        try:
            record = record.moved(status, NOON + timedelta(minutes=step), reason=WHY)
        except IllegalMove:
            assert status not in ORDER_MOVES[before.status]
            continue
        assert record.version == before.version + 1
        assert (record.due_at is not None) == (status in QUEUE_OF)


def test_a_hold_remembers_where_the_order_stood_even_when_it_is_held_again():
    held = order(OrderStatus.SHIPPED).moved(OrderStatus.HELD, NOON, reason=WHY)

    again = held.moved(OrderStatus.HELD, NOON, reason=Reason(code="another", text="another fault"))

    assert again.held_from is OrderStatus.SHIPPED
    assert again.due_at is None
    assert again.reason.code == "another"


def test_an_intent_survives_a_back_off_and_is_gone_with_its_result():
    begun = order().intending("deliver", NOON)

    waiting = begun.backed_off(NOON, NOON + timedelta(seconds=5), WHY, intent=begun.intent)
    again = waiting.intending("deliver", NOON)
    done = again.moved(OrderStatus.AT_WMS, NOON)

    assert waiting.intent.action == "deliver"
    assert again.intent.attempt == 2
    assert done.intent is None


@given(key=st.text(max_size=10), attempt=st.integers(1, 60))
def test_back_off_grows_stays_bounded_and_is_the_same_when_repeated(key, attempt):
    seconds = back_off_seconds(key, attempt)

    assert 0 < seconds <= LONGEST_BACK_OFF_SECONDS
    assert seconds == back_off_seconds(key, attempt)
    assert back_off_seconds(key, attempt + 4) >= min(seconds, LONGEST_BACK_OFF_SECONDS / 2)
