"""`crossdock tick`: which steps run, in which order, what is waited for, and how it ends. On a clock that is turned."""

import json
from datetime import timedelta
from typing import Any

import pytest

from crossdock.domain.model import Reason
from crossdock.domain.states import SCHEDULED_STEPS, Step
from tests.integration.store.records import CONNECTION, NOON, at, order, unmatched
from tests.unit.cli.fakes import Ended, Stack, connection, failed, steps_ran

STOPPED = {"outcome": "stopped", "stopped_because": "DEAR refused the key"}


@pytest.fixture(autouse=True)
def connected(stack: Stack) -> None:
    stack.checkpoints.save_connection(connection())


def until_quiet(stack: Stack, *options: str) -> tuple[Any, Ended]:
    ended = stack.run("tick", "--until-quiet", "--json", *options)
    return json.loads(ended.out), ended


def runs_of(stack: Stack, step: Step) -> list[float]:
    """Seconds since the beginning at which the step was run."""
    return [second for ran, _, second in stack.invoker.ran if ran is step]


# --- once ----------------------------------------------------------------------------------------------------


def test_every_step_runs_once_in_workflow_order(stack: Stack) -> None:
    ended = stack.run("tick")

    assert ended.code == 0
    assert steps_ran(stack.invoker) == list(SCHEDULED_STEPS)
    for step in SCHEDULED_STEPS:
        assert step in ended.out


def test_a_tick_prints_what_each_step_reports(stack: Stack) -> None:
    problem = {"subject": "SO-1", "code": "refused", "text": "the SKU is not known"}
    stack.invoker.plan(
        Step.DELIVER_ORDERS, {"moved": 3, "counts": {"delivered": 3}, "dear_calls": 0, "problems": (problem,)}
    )

    seen = stack.run("tick").out

    assert "3 delivered" in seen
    assert "SO-1: the SKU is not known" in seen


def test_inactive_connections_are_left_alone(stack: Stack) -> None:
    stack.checkpoints.save_connection(connection("asleep").model_copy(update={"active": False}))

    stack.run("tick")

    assert {name for _, name, _ in stack.invoker.ran} == {CONNECTION}


def test_one_step_of_one_connection_can_be_run(stack: Stack) -> None:
    stack.checkpoints.save_connection(connection("other"))

    stack.run("tick", "--step", "deliver-orders", "--connection", "other")

    assert [(step, name) for step, name, _ in stack.invoker.ran] == [(Step.DELIVER_ORDERS, "other")]


def test_a_daily_step_runs_only_where_it_is_named(stack: Stack) -> None:
    stack.run("tick")
    ordinary = steps_ran(stack.invoker)

    stack.run("tick", "--step", "reconcile")

    assert "reconcile" not in ordinary
    assert steps_ran(stack.invoker)[len(ordinary) :] == ["reconcile"]


@pytest.mark.parametrize("step", ["dance", "receive_tracking"])
def test_a_step_that_cannot_be_run_lists_those_that_can(stack: Stack, step: str) -> None:
    ended = stack.run("tick", "--step", step)

    assert ended.code == 1
    assert "download_orders, deliver_orders" in ended.err
    assert stack.invoker.ran == []


def test_an_inactive_connection_cannot_be_ticked(stack: Stack) -> None:
    stack.checkpoints.save_connection(connection().model_copy(update={"active": False}))

    assert "is not active" in stack.run("tick", "-c", CONNECTION).err
    assert "There is no active connection." in stack.run("tick").err


def test_a_failed_function_stops_no_other_and_names_its_log(stack: Stack) -> None:
    stack.invoker.plan(Step.DELIVER_ORDERS, failed())

    ended = stack.run("tick")

    assert ended.code == 2
    assert steps_ran(stack.invoker) == list(SCHEDULED_STEPS)
    assert "deliver_orders of acme: it failed (KeyError)" in ended.out
    assert "aws logs tail /aws/lambda/crossdock-deliver-orders" in ended.out


def test_json_is_alone_on_standard_output(stack: Stack) -> None:
    stack.invoker.plan(Step.DOWNLOAD_ORDERS, {"moved": 2, "counts": {"downloaded": 2}})

    ended = stack.run("tick", "--json")

    document = json.loads(ended.out)
    assert [each["step"] for each in document["reports"]] == list(SCHEDULED_STEPS)
    assert document["quiet"] is None
    assert "2 downloaded" in ended.err


# --- until quiet ---------------------------------------------------------------------------------------------


def test_quiet_at_once_takes_one_round(stack: Stack) -> None:
    document, ended = until_quiet(stack)

    assert ended.code == 0
    assert (document["rounds"], document["quiet"], stack.clock.slept) == (1, True, 0)


def test_rounds_go_on_while_something_moves(stack: Stack) -> None:
    stack.invoker.plan(Step.DOWNLOAD_ORDERS, {"moved": 2, "counts": {"downloaded": 2}})
    stack.invoker.plan(Step.CREATE_INVOICES, {}, {"moved": 1, "counts": {"invoiced": 1}})

    document, ended = until_quiet(stack)

    assert document["rounds"] == 3
    assert stack.clock.slept == 0
    assert "Quiet after 3 rounds" in ended.err
    assert "2 downloaded, 1 invoiced" in ended.err


def test_an_item_that_is_due_again_soon_is_waited_for(stack: Stack) -> None:
    waiting = order(due_at=at(40), reason=Reason(code="throttled", text="the warehouse asked us to slow down"))
    stack.orders.add(waiting)

    def delivered() -> dict[str, Any]:
        stack.orders.orders.clear()
        return {"moved": 1}

    stack.invoker.plan(Step.DELIVER_ORDERS, {}, delivered)

    document, ended = until_quiet(stack)

    assert document["quiet"]
    assert runs_of(stack, Step.DELIVER_ORDERS) == [0, 40, 40]
    assert "Waiting 40 s: deliver_orders of acme" in ended.err
    assert "SO-1: the warehouse asked us to slow down" in ended.err


def test_waiting_runs_only_the_step_that_is_waited_for(stack: Stack) -> None:
    stack.orders.add(order(due_at=at(40)))
    stack.invoker.plan(Step.DELIVER_ORDERS, {}, lambda: stack.orders.orders.clear() or {})

    until_quiet(stack)

    assert runs_of(stack, Step.DELIVER_ORDERS) == [0, 40]
    assert runs_of(stack, Step.DOWNLOAD_ORDERS) == [0]


def test_an_item_due_much_later_is_left_to_the_schedule(stack: Stack) -> None:
    stack.orders.add(order(due_at=NOON + timedelta(minutes=16)))

    document, _ = until_quiet(stack)

    assert document["quiet"]
    assert stack.clock.slept == 0


def test_a_spent_budget_is_waited_for(stack: Stack) -> None:
    stack.orders.add(order(due_at=NOON))
    spent = {"outcome": "budget", "stopped_because": "the DEAR call budget is spent", "resume_at": at(25)}
    stack.invoker.plan(Step.DELIVER_ORDERS, spent, lambda: stack.orders.orders.clear() or {})

    document, ended = until_quiet(stack)

    assert document["quiet"]
    assert runs_of(stack, Step.DELIVER_ORDERS) == [0, 25]
    assert "the DEAR call budget is spent" in ended.err


def test_a_step_without_budget_is_not_run_early_because_others_move(stack: Stack) -> None:
    stack.invoker.plan(Step.SYNC_INVENTORY, {"outcome": "budget", "resume_at": at(30)})
    stack.invoker.plan(Step.DELIVER_ORDERS, {"moved": 1}, {"moved": 1})

    document, _ = until_quiet(stack)

    assert document["quiet"]
    assert runs_of(stack, Step.SYNC_INVENTORY) == [0, 30]
    assert runs_of(stack, Step.DELIVER_ORDERS) == [0, 0, 0]


def test_a_budget_wait_is_kept_while_another_step_is_tried(stack: Stack) -> None:
    stack.invoker.plan(Step.SYNC_INVENTORY, {"outcome": "budget", "resume_at": at(30)})
    stack.invoker.plan(Step.DELIVER_ORDERS, {"outcome": "busy"}, {"outcome": "busy"})

    document, _ = until_quiet(stack)

    assert document["quiet"]
    assert runs_of(stack, Step.DELIVER_ORDERS) == [0, 5, 10]
    assert runs_of(stack, Step.SYNC_INVENTORY) == [0, 30]


def test_a_run_that_ended_at_its_deadline_goes_on_at_once(stack: Stack) -> None:
    stack.invoker.plan(Step.DOWNLOAD_ORDERS, {"outcome": "deadline"})

    document, _ = until_quiet(stack)

    assert document["quiet"]
    assert runs_of(stack, Step.DOWNLOAD_ORDERS) == [0, 0]


def test_a_step_that_is_refused_three_times_ends_it_with_the_reason(stack: Stack) -> None:
    stack.invoker.plan(Step.DOWNLOAD_ORDERS, *[STOPPED] * 9)

    document, ended = until_quiet(stack)

    assert ended.code == 2
    assert len(runs_of(stack, Step.DOWNLOAD_ORDERS)) == 3
    assert document["left"] == [
        {"step": "download_orders", "connection": "acme", "because": "DEAR refused the key", "due_at": None}
    ]
    assert "DEAR refused the key" in ended.err


def test_one_connection_that_is_refused_does_not_stop_another(stack: Stack) -> None:
    stack.checkpoints.save_connection(connection("other"))
    stack.invoker.plan(Step.DOWNLOAD_ORDERS, *[STOPPED] * 9)
    stack.orders.add(order(connection="other", due_at=at(300)))
    stack.invoker.plan(Step.DELIVER_ORDERS, {}, lambda: stack.orders.orders.clear() or {"moved": 1}, connection="other")

    document, ended = until_quiet(stack)

    assert ended.code == 2
    assert ("other", 300.0) in {(name, second) for _, name, second in stack.invoker.ran}
    assert [left["connection"] for left in document["left"]] == [CONNECTION]


def test_a_step_that_stops_but_moves_something_is_not_given_up(stack: Stack) -> None:
    stack.invoker.plan(Step.DOWNLOAD_ORDERS, STOPPED, STOPPED, {**STOPPED, "moved": 1}, STOPPED, STOPPED)

    document, ended = until_quiet(stack)

    assert ended.code == 0
    assert document["quiet"]


def test_a_function_that_recovers_is_no_failure_in_the_end(stack: Stack) -> None:
    stack.invoker.plan(Step.DELIVER_ORDERS, failed("it ran out of time"))

    document, ended = until_quiet(stack)

    assert ended.code == 0
    assert [failure["problem"] for failure in document["failures"]] == ["it ran out of time"]


def test_a_function_that_keeps_failing_ends_it(stack: Stack) -> None:
    stack.invoker.plan(Step.DELIVER_ORDERS, *[failed()] * 9)

    document, ended = until_quiet(stack)

    assert ended.code == 2
    assert len(document["failures"]) == 3


def test_the_timeout_says_what_is_left(stack: Stack) -> None:
    stack.orders.add(order(due_at=at(400), reason=Reason(code="refused", text="the dock is closed")))

    document, ended = until_quiet(stack, "--timeout", "5")

    assert ended.code == 3
    assert document["quiet"] is False
    assert document["left"][0]["because"] == "SO-1: the dock is closed"
    assert "at 12:06:40 UTC (in 6 min 40 s)" in ended.err
    assert stack.clock.slept == 0


def test_steps_that_never_stop_moving_meet_the_timeout(stack: Stack) -> None:
    def slowly() -> dict[str, Any]:
        stack.clock.sleep(60)
        return {"moved": 1}

    stack.invoker.plan(Step.DOWNLOAD_ORDERS, *[slowly] * 20)

    document, ended = until_quiet(stack, "--timeout", "5")

    assert ended.code == 3
    assert document["rounds"] == 5
    assert document["left"][0]["step"] == "download_orders"


def test_an_item_that_stays_due_is_not_hammered(stack: Stack) -> None:
    stack.orders.add(order(due_at=NOON))

    _, ended = until_quiet(stack, "--timeout", "0.1")

    assert ended.code == 3
    assert runs_of(stack, Step.DELIVER_ORDERS) == [0, 5]


def test_shipments_of_orders_that_nobody_knows_are_not_waited_for(stack: Stack) -> None:
    stack.orders.add(unmatched(reference="NOT-OURS", due_at=at(60)))

    document, _ = until_quiet(stack)

    assert document["quiet"]
    assert stack.clock.slept == 0


def test_a_shipment_whose_order_has_come_is_waited_for(stack: Stack) -> None:
    stack.orders.add(unmatched(reference="SO-1", due_at=at(60)), order(due_at=None))
    stack.invoker.plan(Step.COLLECT_SHIPMENTS, {}, lambda: stack.orders.shipments.clear() or {"moved": 1})

    document, _ = until_quiet(stack)

    assert document["quiet"]
    assert runs_of(stack, Step.COLLECT_SHIPMENTS)[:2] == [0, 60]


def test_ctrl_c_ends_it_cleanly(stack: Stack) -> None:
    stack.invoker.plan(Step.DELIVER_ORDERS, KeyboardInterrupt())

    ended = stack.run("tick", "--until-quiet")

    assert ended.code == 130
    assert "What was done is kept" in ended.err
    assert "Traceback" not in ended.err
