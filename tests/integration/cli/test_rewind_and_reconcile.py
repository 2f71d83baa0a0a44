"""`crossdock rewind` and `crossdock reconcile` on the whole world: what they show is what then happens."""

import json
from datetime import timedelta
from typing import Any

import pytest

from crossdock.domain.states import Step
from tests.integration.cli.conftest import CommandLine
from tests.integration.workflow.conftest import World, simple


@pytest.fixture
def connected(operator: CommandLine, world: World) -> CommandLine:
    world.checkpoints.save_connection(world.connection)
    operator.vault.write("main", "dear", {"account_id": "account", "api_key": "key"})
    return operator


def document(connected: CommandLine, *arguments: str) -> Any:
    ended = connected.run(*arguments, "--json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def counts(found: Any) -> dict[str, int]:
    return {count["outcome"]: count["sales"] for count in found["counts"]}


def some_days_of_work(world: World) -> str:
    """One order at rest, one at the warehouse, one sale out of scope; and one that nobody has seen yet."""
    began = world.clock.now() - timedelta(days=1)
    world.seed(simple("SO-1"))
    world.settle()
    world.warehouse.control("work", {"push_share": 0})
    world.settle()
    world.dear.control("seed", {"sales": [simple("SO-2"), simple("SO-3", status="COMPLETED")]})
    world.clock.sleep(60)
    world.tick()
    world.dear.control("seed", {"sales": [simple("SO-4"), simple("SO-5", status="COMPLETED")]})
    world.clock.sleep(3 * 3600)
    return f"{began:%Y-%m-%d}"


def test_a_dry_run_tells_what_a_rewind_then_does_and_changes_nothing(connected: CommandLine, world: World) -> None:
    since = some_days_of_work(world)
    before = world.checkpoints.checkpoint("main", Step.DOWNLOAD_ORDERS)

    told = document(connected, "rewind", "--to", since, "--dry-run")
    untouched = world.checkpoints.checkpoint("main", Step.DOWNLOAD_ORDERS)
    done = document(connected, "rewind", "--to", since)
    report = world.step(Step.DOWNLOAD_ORDERS)

    assert untouched == before
    assert counts(told) == {"read": 2, "record": 1, "skip": 1, "nothing": 1}
    assert (told["dry_run"], told["dear_calls"], done["dry_run"], done["counts"]) == (True, 1, False, [])
    assert report.counts["read"] == counts(told)["read"]
    assert len(world.warehouse.ledger("order_created")) == 2


def test_the_dry_run_is_told_in_a_table(connected: CommandLine, world: World) -> None:
    since = some_days_of_work(world)

    shown = connected.run("rewind", "--to", since, "--dry-run").out

    assert "main: 5 sales, 1 DEAR call, one of them made" in shown
    assert "SO-2, SO-4" in shown or "SO-4, SO-2" in shown
    assert "DEAR says that it is shipped" in shown
    assert "Nothing was changed." in shown


@pytest.mark.parametrize("time", ["yesterday", "2999-01-01", "2026-13-01"])
def test_a_time_that_cannot_be_is_refused(connected: CommandLine, time: str) -> None:
    ended = connected.run("rewind", "--to", time)

    assert ended.code == 1
    assert "UTC" in ended.err


def test_a_rewind_says_since_when_in_utc(connected: CommandLine, world: World) -> None:
    some_days_of_work(world)

    assert "from 2026-03-01 12:30 UTC" in connected.run("rewind", "--to", "2026-03-01T14:30+02:00").out


def test_reconcile_runs_a_whole_pass_and_shows_both_sides(connected: CommandLine, world: World) -> None:
    world.seed(simple("SO-1"), simple("SO-2"))
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    agreed = connected.run("reconcile").out
    world.warehouse.control("orders/SO-1/start", {})
    for stage in ("pick", "pack", "ship"):
        world.dear.control(f"sales/SO-1/{stage}", {})
    world.clock.sleep(60)
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)

    found = document(connected, "reconcile")
    shown = connected.run("reconcile").out

    assert "agree on all of them" in agreed
    assert found["counts"] == {"shipped_in_dear_not_by_us": 1}
    (finding,) = found["findings"]
    assert (finding["order_number"], finding["we_say"]) == ("SO-1", "at_wms")
    assert "SHIPPED" in finding["dear_says"]
    assert "shipped in dear not by us" in shown


def test_reconcile_says_why_there_is_nothing_to_compare(connected: CommandLine) -> None:
    ended = connected.run("reconcile")

    assert ended.code == 2
    assert "has not read the whole list" in ended.out
