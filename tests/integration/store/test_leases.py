"""One copy of a step at a time: leases in the table."""

from typing import Any

import pytest

from crossdock.domain.errors import LeaseLost
from crossdock.domain.states import Step
from crossdock.store.checkpoints import DynamoCheckpoints
from tests.integration.store.conftest import HandClock
from tests.integration.store.records import CONNECTION

STEP = Step.DELIVER_ORDERS


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
