"""Connections, checkpoints, reports and answered pushes in the table."""

import logging
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crossdock.domain.bills import Bill, Component
from crossdock.domain.errors import LostRace, SettingsInvalid
from crossdock.domain.report import Problem, Report, RunOutcome
from crossdock.domain.settings import Connection, parse_connection
from crossdock.domain.states import Step
from crossdock.ports import Checkpoint, LeftOut
from crossdock.store.checkpoints import DynamoCheckpoints
from tests.integration.store.conftest import HandClock
from tests.integration.store.records import CONNECTION, NOON, at

DOWNLOAD = Step.DOWNLOAD_ORDERS


def connection(name: str = CONNECTION) -> Connection:
    return parse_connection(
        {
            "name": name,
            "warehouse": {"base_url": "https://warehouse.example.com"},
            "settings": {
                "sale_statuses": ["ORDERED", "BACKORDERED"],
                "ship_methods": {"DHL #1": "dhl"},
                "inventory": {"account": "631", "unit_cost": "0.25", "max_lines": 20},
            },
        }
    )


def report(step: Step = DOWNLOAD, finished: float = 5, **changes: Any) -> Report:
    fields: dict[str, Any] = {"connection": CONNECTION, "outcome": RunOutcome.DONE, "started_at": NOON}
    return Report(step=step, finished_at=at(finished), **fields | changes)


def test_a_connection_reads_back_as_it_was_saved(checkpoints: DynamoCheckpoints) -> None:
    checkpoints.save_connection(connection())

    found = checkpoints.connection(CONNECTION)

    assert found == connection()
    assert found.settings.inventory.unit_cost == Decimal("0.25")
    assert checkpoints.connection("other") is None


def test_all_connections_are_given_by_name(checkpoints: DynamoCheckpoints) -> None:
    for name in ("b", "connections", "a"):
        checkpoints.save_connection(connection(name))
    checkpoints.save_checkpoint("connections", DOWNLOAD, Checkpoint())

    found = checkpoints.connections()

    assert [one.name for one in found] == ["a", "b", "connections"]


def test_a_connection_with_a_wrong_setting_does_not_stop_the_others(
    checkpoints: DynamoCheckpoints, checkpoints_table: Any, caplog: pytest.LogCaptureFixture
) -> None:
    checkpoints.save_connection(connection("a"))
    checkpoints_table.put_item(Item={"pk": "connections", "sk": "b", "kind": "connection", "name": "b", "colour": "x"})

    with caplog.at_level(logging.ERROR):
        found = checkpoints.connections()

    assert [one.name for one in found] == ["a"]
    assert "connection b is left out" in caplog.text
    with pytest.raises(SettingsInvalid, match="colour"):
        checkpoints.connection("b")


def test_a_checkpoint_goes_on_from_where_it_was_saved(checkpoints: DynamoCheckpoints) -> None:
    first = checkpoints.checkpoint(CONNECTION, DOWNLOAD)

    saved = checkpoints.save_checkpoint(
        CONNECTION, DOWNLOAD, first.model_copy(update={"since": NOON, "page": 3, "notes": {"total": "9"}})
    )
    again = checkpoints.save_checkpoint(CONNECTION, DOWNLOAD, saved.model_copy(update={"page": 4}))

    assert first == Checkpoint()
    assert (saved.version, again.version) == (1, 2)
    assert checkpoints.checkpoint(CONNECTION, DOWNLOAD) == again
    assert checkpoints.checkpoint(CONNECTION, Step.COLLECT_SHIPMENTS) == Checkpoint()


def test_of_two_that_move_a_checkpoint_the_second_loses(checkpoints: DynamoCheckpoints) -> None:
    first = checkpoints.save_checkpoint(CONNECTION, DOWNLOAD, Checkpoint(page=2))

    with pytest.raises(LostRace) as lost:
        checkpoints.save_checkpoint(CONNECTION, DOWNLOAD, Checkpoint(page=9))

    assert lost.value.winner == first
    assert checkpoints.checkpoint(CONNECTION, DOWNLOAD) == first


def test_the_last_report_of_each_step_is_kept(checkpoints: DynamoCheckpoints) -> None:
    problem = Problem(subject="SO-1", code="refused", text="no such address")
    newer = report(finished=9, counts={"loaded": 2}, problems=(problem,))
    for one in (report(), newer, report(finished=7), report(Step.DELIVER_ORDERS)):
        checkpoints.save_report(one)

    assert set(map(_named, checkpoints.reports(CONNECTION))) == {_named(newer), _named(report(Step.DELIVER_ORDERS))}
    assert checkpoints.reports("other") == ()


def _named(one: Report) -> str:
    return one.model_dump_json()


def test_a_bill_is_remembered_for_a_day_and_of_its_own_connection(
    checkpoints: DynamoCheckpoints, clock: HandClock
) -> None:
    cup = Component(product_id="cup", sku="CUP", name="Cup", quantity=Decimal("2.5"))
    learnt = Bill(product_id="set", sku="SET", auto_assembly=True, components=(cup,))
    checkpoints.remember_bill("main", learnt)

    at_once = checkpoints.bill("main", "set")
    elsewhere = checkpoints.bill("other", "set")
    clock.sleep(24 * 3600)

    assert (at_once, elsewhere) == (learnt, None)
    assert checkpoints.bill("main", "set") is None


def test_a_hint_is_noted_once_in_its_time_for_each_connection(checkpoints: DynamoCheckpoints, clock: HandClock) -> None:
    minute = timedelta(minutes=1)

    noted = [checkpoints.note_hint("main", minute), checkpoints.note_hint("main", minute)]
    elsewhere = checkpoints.note_hint("other", minute)
    clock.sleep(59)
    early = checkpoints.note_hint("main", minute)
    clock.sleep(1)

    assert (noted, elsewhere, early) == ([True, False], True, False)
    assert checkpoints.note_hint("main", minute)


def test_a_connection_whose_settings_cannot_work_has_a_name_all_the_same(
    checkpoints: DynamoCheckpoints, checkpoints_table: Any
) -> None:
    checkpoints_table.put_item(Item={"pk": "connections", "sk": "b", "kind": "connection", "name": "b", "colour": "x"})

    (found,) = checkpoints.every_connection()

    assert checkpoints.connection_names() == ("b",)
    assert checkpoints.connections() == ()
    assert isinstance(found, LeftOut)
    assert (found.name, found.active, "colour: is not a setting" in found.problem) == ("b", True, True)
