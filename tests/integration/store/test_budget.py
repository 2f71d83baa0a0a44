"""The DEAR call budget in the table: one writer after another; races are in the unit tests, in virtual time."""

from datetime import timedelta
from typing import Any

import pytest

from crossdock.domain.errors import BudgetSpent
from crossdock.domain.states import Step
from crossdock.store.budget import DynamoCallBudget, read_budget
from crossdock.store.window import Process
from tests.integration.store.conftest import HandClock
from tests.integration.store.records import NOON, at

DOWNLOAD, CONFIRM, STOCK = Step.DOWNLOAD_ORDERS, Step.CONFIRM_SHIPMENTS, Step.SYNC_INVENTORY


class HandDeadline:
    def __init__(self, seconds: float = 900) -> None:
        self.seconds = seconds

    def seconds_left(self) -> float:
        return self.seconds


class Budgets:
    """Budgets of one account in one table; `clock` is everyone's. Calls are not spread unless a test says so."""

    def __init__(self, table: Any, clock: HandClock) -> None:
        self.table, self.clock = table, clock
        self.deadline = HandDeadline()
        self.process = Process("here")

    def of(self, step: Step, account: str = "account", **changes: Any) -> DynamoCallBudget:
        fields: dict[str, Any] = {"process": self.process, "clock": self.clock, "deadline": self.deadline, "burst": 60}
        return DynamoCallBudget(self.table, account, step, **fields | changes)


@pytest.fixture
def budgets(checkpoints_table: Any, clock: HandClock) -> Budgets:
    return Budgets(checkpoints_table, clock)


def take(budget: DynamoCallBudget, times: int) -> None:
    for _ in range(times):
        budget.take()


def test_sixty_calls_are_free_at_once_and_the_next_waits_for_the_first_to_leave(budgets: Budgets) -> None:
    budget = budgets.of(DOWNLOAD, max_wait_seconds=90)

    take(budget, 60)
    before = budgets.clock.now()
    budget.take()

    assert before == NOON
    assert budgets.clock.now() == at(62)


def test_calls_beyond_the_burst_are_spread(budgets: Budgets) -> None:
    budget = budgets.of(DOWNLOAD, burst=30)

    take(budget, 30)
    at_once = budgets.clock.now()
    take(budget, 10)

    assert at_once == NOON
    assert budgets.clock.now() == at(9)


def test_a_wait_that_is_too_long_is_refused_with_the_time_when_a_call_is_free(budgets: Budgets) -> None:
    budget = budgets.of(DOWNLOAD)
    take(budget, 60)
    budgets.clock.sleep(41)

    with pytest.raises(BudgetSpent) as spent:
        budget.take()
    budgets.clock.sleep(1)
    budget.take()

    assert spent.value.free_at == at(62)
    assert budgets.clock.now() == at(62)


@pytest.mark.parametrize("known", [True, False])
def test_work_of_several_calls_is_refused_before_it_begins_unless_all_of_them_come_free(
    budgets: Budgets, known: bool
) -> None:
    budget = budgets.of(DOWNLOAD)
    take(budget, 58)
    asked = budget if known else budgets.of(DOWNLOAD)

    asked.expect(2)
    with pytest.raises(BudgetSpent) as spent:
        asked.expect(3)
    budgets.clock.sleep(43)
    asked.expect(3)

    assert spent.value.free_at == at(62)
    assert budget.calls_used(budgets.clock.now()) == 58


def test_a_call_that_is_held_is_waited_for_before_and_used_up_once(budgets: Budgets) -> None:
    budget = budgets.of(DOWNLOAD, max_wait_seconds=90)
    take(budget, 60)

    budget.hold()
    budgets.clock.sleep(0.3)
    budget.hold()
    held_at = budgets.clock.now()
    budget.take()
    used_at = budgets.clock.now()
    used = budget.calls_used(used_at)
    budget.take()

    assert held_at == used_at == at(62.3)
    assert used == 1
    assert budget.calls_used(budgets.clock.now()) == 2


def test_a_call_that_was_held_too_long_is_taken_anew(budgets: Budgets) -> None:
    budget = budgets.of(DOWNLOAD)

    budget.hold()
    budgets.clock.sleep(1)
    budget.take()

    assert budget.calls_used(budgets.clock.now()) == 2


def test_nobody_waits_beyond_the_end_of_the_run(budgets: Budgets) -> None:
    take(budgets.of(DOWNLOAD), 60)
    budgets.clock.sleep(50)
    budgets.deadline.seconds = 11

    with pytest.raises(BudgetSpent):
        budgets.of(DOWNLOAD).take()

    assert budgets.clock.now() == at(50)


def test_all_steps_and_processes_of_an_account_share_its_calls(budgets: Budgets) -> None:
    take(budgets.of(DOWNLOAD), 30)
    take(budgets.of(CONFIRM, process=Process("away")), 30)

    with pytest.raises(BudgetSpent):
        budgets.of(STOCK).take()
    budgets.of(STOCK, account="other").take()


def test_a_call_costs_one_write_and_no_read(budgets: Budgets) -> None:
    calls: list[str] = []
    budget = budgets.of(DOWNLOAD)
    budgets.table.meta.client.meta.events.register(
        "before-call.dynamodb", lambda model, **_: calls.append(model.name), unique_id="count"
    )

    take(budget, 20)
    budgets.table.meta.client.meta.events.unregister("before-call.dynamodb", unique_id="count")

    assert calls == ["UpdateItem"] * 20


def test_two_that_take_by_turns_find_each_others_calls(budgets: Budgets) -> None:
    here, away = budgets.of(DOWNLOAD), budgets.of(DOWNLOAD, process=Process("away"))

    for _ in range(30):
        here.take()
        away.take()

    assert here.calls_used(NOON) == 60
    with pytest.raises(BudgetSpent):
        away.take()


def test_a_pause_stops_every_step(budgets: Budgets) -> None:
    budget, other = budgets.of(DOWNLOAD), budgets.of(CONFIRM)
    take(other, 1)

    budget.pause(45)
    with pytest.raises(BudgetSpent) as spent:
        other.take()
    budgets.clock.sleep(45)
    other.take()

    assert spent.value.free_at == at(45)


def test_a_shorter_pause_does_not_shorten_a_longer_one(budgets: Budgets) -> None:
    budgets.of(DOWNLOAD).pause(50)
    budgets.of(DOWNLOAD).pause(5)

    with pytest.raises(BudgetSpent) as spent:
        budgets.of(DOWNLOAD).take()

    assert spent.value.free_at == at(50)


def test_the_last_ten_calls_are_left_to_a_step_that_goes_first_and_was_refused(budgets: Budgets) -> None:
    refused_by_a_pause(budgets, CONFIRM)
    stock = budgets.of(STOCK)

    take(stock, 50)
    with pytest.raises(BudgetSpent):
        stock.take()
    take(budgets.of(CONFIRM), 1)
    take(stock, 9)

    assert read_budget(budgets.table, "account", budgets.clock.now()).by_step == {CONFIRM: 1, STOCK: 59}


def test_calls_are_not_left_to_a_step_that_was_refused_long_ago(budgets: Budgets) -> None:
    refused_by_a_pause(budgets, CONFIRM)
    budgets.clock.sleep(60)

    take(budgets.of(STOCK), 60)

    assert budgets.of(STOCK).calls_used(budgets.clock.now()) == 60


def test_calls_are_not_left_to_a_step_that_comes_later(budgets: Budgets) -> None:
    refused_by_a_pause(budgets, STOCK)

    take(budgets.of(CONFIRM), 60)

    assert budgets.of(CONFIRM).calls_used(budgets.clock.now()) == 60


def refused_by_a_pause(budgets: Budgets, step: Step) -> None:
    """Let the step ask in vain; afterwards every call is free."""
    budgets.of(step).pause(30)
    with pytest.raises(BudgetSpent):
        budgets.of(step).take()
    budgets.clock.sleep(30)


def test_a_grant_whose_write_was_slow_is_not_used(budgets: Budgets) -> None:
    budget = budgets.of(DOWNLOAD)
    slow = [2.0]
    budgets.table.meta.client.meta.events.register(
        "after-call.dynamodb.UpdateItem", lambda **_: budgets.clock.sleep(slow.pop() if slow else 0), unique_id="slow"
    )

    budget.take()
    budgets.table.meta.client.meta.events.unregister("after-call.dynamodb.UpdateItem", unique_id="slow")

    assert budget.calls_used(budgets.clock.now()) == 2


def test_a_process_whose_clock_is_ahead_does_not_free_calls_early(budgets: Budgets) -> None:
    take(budgets.of(DOWNLOAD), 60)
    ahead = HandClock(at(62.5))
    budget = budgets.of(DOWNLOAD, clock=ahead, process=Process("away"), max_wait_seconds=0)

    with pytest.raises(BudgetSpent) as spent:
        budget.take()
    ahead.sleep(2)
    budget.take()

    assert spent.value.free_at == at(64.5)


def test_a_process_that_has_seen_the_other_at_work_trusts_its_times(budgets: Budgets) -> None:
    watching = budgets.of(CONFIRM, process=Process("away"), max_wait_seconds=0)
    take(budgets.of(DOWNLOAD), 59)
    watching.take()
    budgets.clock.sleep(62)

    watching.take()

    assert watching.calls_used(budgets.clock.now()) == 1


def test_what_was_learnt_of_a_clock_is_void_once_it_has_gone_back(budgets: Budgets) -> None:
    astray = HandClock(at(0))
    budget = budgets.of(DOWNLOAD, clock=astray)
    watching = budgets.of(CONFIRM, process=Process("away"), max_wait_seconds=0)
    take(budget, 1)
    take(watching, 1)
    astray.sleep(-2.5)
    take(budget, 58)
    budgets.clock.sleep(60)

    with pytest.raises(BudgetSpent):
        take(watching, 2)


def test_a_process_with_a_broken_clock_does_not_block_the_others_for_long(budgets: Budgets) -> None:
    an_hour_ahead = HandClock(NOON + timedelta(hours=1))
    take(budgets.of(STOCK, clock=an_hour_ahead, process=Process("lost")), 60)

    with pytest.raises(BudgetSpent) as spent:
        budgets.of(DOWNLOAD).take()

    assert at(60) < spent.value.free_at < at(75)


def test_the_state_of_the_budget_can_be_shown(budgets: Budgets) -> None:
    take(budgets.of(DOWNLOAD), 2)
    budgets.clock.sleep(30)
    take(budgets.of(CONFIRM), 3)
    budgets.of(CONFIRM).pause(20)

    shown = read_budget(budgets.table, "account", at(30))
    later = read_budget(budgets.table, "account", at(60))
    unknown = read_budget(budgets.table, "other", at(0))

    assert (shown.used, shown.by_step) == (5, {DOWNLOAD: 2, CONFIRM: 3})
    assert (shown.paused_until, shown.free_at) == (at(50), at(50))
    assert (later.used, later.paused_until, later.free_at) == (3, None, at(60))
    assert (unknown.used, unknown.by_step) == (0, {})


def test_the_item_stays_below_the_kilobyte_that_a_write_costs(budgets: Budgets) -> None:
    budgets.of(CONFIRM).pause(30)
    for step in Step:
        with pytest.raises(BudgetSpent):
            budgets.of(step).take()
    budgets.clock.sleep(30)
    take(budgets.of(CONFIRM), 60)

    (item,) = budgets.table.query(
        KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": "budget#account"}
    )["Items"]

    times = 3 + 9 * len(item.pop("grants"))
    assert times + sum(len(name) + _size(value) for name, value in item.items()) < 1024


def _size(value: Any) -> int:
    """Bytes, by DynamoDB's rule: a number is charged by half its digits."""
    return len(value) if isinstance(value, str) else 2 + len(str(value)) // 2
