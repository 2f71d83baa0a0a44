"""One copy of a step at a time: leases in the table."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from crossdock.domain.errors import LeaseLost
from crossdock.domain.states import Step
from crossdock.store.checkpoints import DynamoCheckpoints
from tests.integration.store.conftest import HandClock
from tests.integration.store.records import CONNECTION

STEP = Step.DELIVER_ORDERS


class TellingTable:
    """A table that tells the time with each answer, as DynamoDB does."""

    def __init__(self, table: Any, clock: HandClock) -> None:
        self._table, self._clock = table, clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def update_item(self, **arguments: Any) -> Any:
        answer = self._table.update_item(**arguments)
        told = format_datetime(self._clock.now(), usegmt=True)
        return {**answer, "ResponseMetadata": {"HTTPHeaders": {"date": told}}}


class ClockAhead:
    """A clock that is two minutes ahead."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock

    def now(self) -> Any:
        return self._clock.now() + timedelta(minutes=2)


def test_a_second_copy_does_not_get_the_lease(checkpoints: DynamoCheckpoints, clock: HandClock) -> None:
    first = checkpoints.take_lease(CONNECTION, STEP, "one", 60)
    clock.sleep(59)

    second = checkpoints.take_lease(CONNECTION, STEP, "two", 60)

    assert first is not None
    assert second is None
    assert checkpoints.take_lease("other", STEP, "two", 60) is not None
    assert checkpoints.take_lease(CONNECTION, Step.CREATE_INVOICES, "two", 60) is not None


def test_a_lease_whose_time_is_over_can_be_taken(checkpoints: DynamoCheckpoints, clock: HandClock) -> None:
    checkpoints.take_lease(CONNECTION, STEP, "one", 60)
    clock.sleep(60)

    assert checkpoints.take_lease(CONNECTION, STEP, "two", 60) is not None


def test_a_released_lease_is_free_at_once(checkpoints: DynamoCheckpoints) -> None:
    checkpoints.take_lease(CONNECTION, STEP, "one", 60)

    checkpoints.release_lease(CONNECTION, STEP, "one")

    assert checkpoints.take_lease(CONNECTION, STEP, "two", 60) is not None


def test_only_the_holder_releases_a_lease(checkpoints: DynamoCheckpoints) -> None:
    checkpoints.take_lease(CONNECTION, STEP, "one", 60)

    checkpoints.release_lease(CONNECTION, STEP, "two")

    assert checkpoints.take_lease(CONNECTION, STEP, "two", 60) is None


def test_a_lease_that_is_kept_outlasts_its_first_time(checkpoints: DynamoCheckpoints, clock: HandClock) -> None:
    lease = checkpoints.take_lease(CONNECTION, STEP, "one", 60)

    for _ in range(10):
        clock.sleep(30)
        lease.keep()

    assert checkpoints.take_lease(CONNECTION, STEP, "two", 60) is None


def test_a_lease_is_renewed_no_more_often_than_it_must_be(
    checkpoints: DynamoCheckpoints, checkpoints_table: Any, clock: HandClock
) -> None:
    lease = checkpoints.take_lease(CONNECTION, STEP, "one", 60)
    key = {"pk": CONNECTION, "sk": f"lease#{STEP}"}
    taken = checkpoints_table.get_item(Key=key)["Item"]

    clock.sleep(2)
    lease.keep()
    early = checkpoints_table.get_item(Key=key)["Item"]
    clock.sleep(1)
    lease.keep()

    assert early == taken
    assert checkpoints_table.get_item(Key=key)["Item"]["held_until"] == taken["held_until"] + 3_000


def test_a_copy_that_comes_back_too_late_finds_its_lease_lost(checkpoints: DynamoCheckpoints, clock: HandClock) -> None:
    lease = checkpoints.take_lease(CONNECTION, STEP, "one", 60)
    clock.sleep(60)
    checkpoints.take_lease(CONNECTION, STEP, "two", 60)

    with pytest.raises(LeaseLost):
        lease.keep()


def test_a_lease_taken_again_by_the_same_holder_ends_the_first(
    checkpoints: DynamoCheckpoints, clock: HandClock
) -> None:
    first = checkpoints.take_lease(CONNECTION, STEP, "one", 60)
    checkpoints.release_lease(CONNECTION, STEP, "one")
    second = checkpoints.take_lease(CONNECTION, STEP, "one", 60)
    clock.sleep(30)

    second.keep()
    with pytest.raises(LeaseLost):
        first.keep()


def test_a_copy_whose_clock_is_ahead_leaves_the_lease_to_its_holder(checkpoints_table: Any, clock: HandClock) -> None:
    table = TellingTable(checkpoints_table, clock)
    ahead = DynamoCheckpoints(table, ClockAhead(clock))
    first = DynamoCheckpoints(table, clock).take_lease(CONNECTION, STEP, "one", 60)
    clock.sleep(30)

    assert ahead.take_lease(CONNECTION, STEP, "two", 60) is None
    first.keep()
    clock.sleep(61)
    assert ahead.take_lease(CONNECTION, STEP, "two", 60) is not None


def test_copies_whose_clocks_are_ahead_do_not_keep_a_lease_from_one_another(
    checkpoints_table: Any, clock: HandClock
) -> None:
    table = TellingTable(checkpoints_table, clock)
    ahead = DynamoCheckpoints(table, ClockAhead(clock))
    DynamoCheckpoints(table, clock).take_lease(CONNECTION, STEP, "one", 60)

    taken = []
    for each in range(4):
        clock.sleep(30)
        taken.append(ahead.take_lease(CONNECTION, STEP, f"copy {each}", 60) is not None)

    assert taken == [False, True, False, True]
