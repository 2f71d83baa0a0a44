"""`crossdock recover` on the whole world: it waits for steps at work, says what happens, and shows what waits."""

import json
from datetime import timedelta
from typing import Any

import pytest

from crossdock.domain.states import Step
from crossdock.recovering import WAITING, recovering_since
from tests.integration.cli.conftest import CommandLine
from tests.integration.workflow.conftest import World, simple


@pytest.fixture
def connected(operator: CommandLine, world: World) -> CommandLine:
    world.checkpoints.save_connection(world.connection)
    world.seed(simple("SO-1"))
    world.tick(Step.DOWNLOAD_ORDERS)
    world.clock.sleep(3600)
    return operator


def recovering(world: World, name: str = "main") -> bool:
    return recovering_since(world.checkpoints.checkpoint(name, Step.DOWNLOAD_ORDERS)) is not None


def shown(connected: CommandLine) -> Any:
    ended = connected.run("connections", "--json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)["connections"][0]


def add_broken_connection(world: World, table: Any) -> None:
    """A connection whose settings do not pass any more, as after a newer version was taken back."""
    world.checkpoints.save_connection(world.connection.model_copy(update={"name": "broken"}))
    item = next(each for each in table.scan()["Items"] if each["sk"] == "broken")
    table.put_item(Item={**item, "settings": {"sale_statuses": ["NO SUCH STATUS"]}})


def test_it_begins_for_the_time_that_is_named_and_says_what_happens_now(connected: CommandLine, world: World) -> None:
    ended = connected.run("recover", "--to", "2026-03-02T13:30+01:00")

    assert ended.code == 0
    assert recovering(world)
    assert "since 2026-03-02 12:30 UTC" in ended.out
    assert "deliver_orders, confirm_shipments, create_invoices, sync_inventory, reconcile wait" in ended.out
    assert "crossdock connections" in ended.out
    assert '"taken up again"' in ended.out
    assert '"recovered"' in ended.out


def test_it_answers_a_program_with_what_waits(connected: CommandLine) -> None:
    ended = connected.run("recover", "--to", "2026-03-02T12:30", "--json")

    document = json.loads(ended.out)
    assert document["to"] == "2026-03-02T12:30:00Z"
    assert document["began_at"].startswith("2026-03-02T13:0")
    assert (document["connections"], document["waiting_steps"]) == (["main"], list(WAITING))


def test_steps_that_are_at_work_are_waited_for_and_named_once(connected: CommandLine, world: World) -> None:
    for step in (Step.CONFIRM_SHIPMENTS, Step.RECONCILE):
        world.checkpoints.take_lease("main", step, "a-run", 60)
    began = world.clock.now()

    ended = connected.run("recover", "--to", "2026-03-02T12:30", "--json")

    assert ended.code == 0
    assert ended.err.count("confirm_shipments, reconcile of main") == 1
    assert json.loads(ended.out)["connections"] == ["main"]
    assert timedelta(seconds=55) < world.clock.now() - began < timedelta(seconds=75)
    assert recovering(world)


def test_a_step_that_stays_at_work_ends_it_with_the_steps_and_the_mend(connected: CommandLine, world: World) -> None:
    world.checkpoints.take_lease("main", Step.DELIVER_ORDERS, "a-run", 3600)
    began = world.clock.now()

    ended = connected.run("recover", "--to", "2026-03-02T12:30")

    assert ended.code == 3
    assert "deliver_orders of main" in ended.err
    assert "ScheduleState=DISABLED" in ended.err
    assert "again" in ended.err
    assert timedelta(minutes=16) <= world.clock.now() - began < timedelta(minutes=17)
    assert not recovering(world)


def test_all_connections_are_recovered_unless_one_is_named(
    connected: CommandLine, world: World, checkpoints_table: Any
) -> None:
    world.checkpoints.save_connection(world.connection.model_copy(update={"name": "outlet"}))
    add_broken_connection(world, checkpoints_table)

    connected.run("recover", "--to", "2026-03-02T12:30", "--connection", "outlet")
    one = [recovering(world, name) for name in ("main", "outlet", "broken")]
    connected.run("recover", "--to", "2026-03-02T12:30")

    assert one == [False, True, False]
    assert all(recovering(world, name) for name in ("main", "outlet", "broken"))


def test_a_connection_that_is_not_at_work_begins_while_another_is_waited_for(
    connected: CommandLine, world: World
) -> None:
    world.checkpoints.save_connection(world.connection.model_copy(update={"name": "outlet"}))
    world.checkpoints.take_lease("outlet", Step.DELIVER_ORDERS, "a-run", 3600)

    ended = connected.run("recover", "--to", "2026-03-02T12:30")

    assert ended.code == 3
    assert "of main" not in ended.err
    assert (recovering(world), recovering(world, "outlet")) == (True, False)


def test_connections_show_what_waits_until_it_is_over(connected: CommandLine, world: World) -> None:
    before = shown(connected)
    connected.run("recover", "--to", "2026-03-02T12:30")
    during, told = shown(connected), connected.run("connections").out
    world.clock.sleep(60)
    ran = connected.run("tick", "--step", "download_orders").out
    after = shown(connected)

    assert (before["recovering_since"], before["waiting_steps"]) == (None, [])
    assert during["recovering_since"].startswith("2026-03-02T13:0")
    assert during["waiting_steps"] == list(WAITING)
    assert "recovering since 2026-03-02 13:0" in told
    assert "deliver_orders, confirm_shipments, create_invoices, sync_inventory, reconcile wait" in told
    assert "1 recovered" in ran
    assert (after["recovering_since"], after["waiting_steps"]) == (None, [])
    assert "recovering" not in connected.run("connections").out


@pytest.mark.parametrize("time", ["yesterday", "2999-01-01", "2026-13-01"])
def test_a_time_that_cannot_be_is_refused(connected: CommandLine, world: World, time: str) -> None:
    ended = connected.run("recover", "--to", time)

    assert ended.code == 1
    assert "UTC" in ended.err
    assert not recovering(world)


def test_a_connection_that_is_not_there_is_refused_with_those_that_are(connected: CommandLine) -> None:
    ended = connected.run("recover", "--to", "2026-03-02T12:30", "--connection", "mian")

    assert ended.code == 1
    assert "There is no connection mian." in ended.err
    assert "Connections: main." in ended.err


def test_tables_without_a_connection_have_nothing_to_recover(operator: CommandLine) -> None:
    ended = operator.run("recover", "--to", "2026-03-02T11:30")

    assert ended.code == 1
    assert "There is no connection." in ended.err


def test_a_time_to_which_no_table_can_be_put_back_is_refused(connected: CommandLine, world: World) -> None:
    ended = connected.run("recover", "--to", "2025-03-02T12:30")

    assert ended.code == 1
    assert "more than 35 days ago" in ended.err
    assert not recovering(world)
