"""The preview over a real DEAR: it foretells what the download then does, and leaves no trace."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from crossdock.domain.states import Decision, Step
from tests.integration.cli.conftest import CommandLine
from tests.integration.workflow.conftest import simple

SECRETS = {
    "CROSSDOCK_DEAR_ACCOUNT_ID": "account",
    "CROSSDOCK_DEAR_API_KEY": "key",
    "CROSSDOCK_WMS_TOKEN": "token",
}


@pytest.fixture
def mixed(operator: CommandLine) -> CommandLine:
    """Sales of many kinds, and a person with the secrets."""
    operator.environment.update(SECRETS)
    operator.world.seed(
        simple("SO-1", carrier="Express Courier"),
        simple("SO-2", carrier="Express Courier"),
        simple("SO-3", carrier="Sea Freight"),
        simple("SO-4", status="PICKING"),
        simple("SO-5", status="VOIDED"),
        simple("SO-6", status="COMPLETED"),
        simple("SO-7", type="Service", lines=[]),
        simple("SO-8", type="Advanced", carrier="Express Courier"),
        simple("SO-9", status="DRAFT"),
    )
    return operator


def connection_file(operator: CommandLine, folder: Path) -> str:
    file = folder / "main.toml"
    file.write_text(
        f"""
name = "main"

[dear]
base_url = "{operator.world.dear.url}/ExternalApi/v2"

[warehouse]
base_url = "{operator.world.warehouse.url}"

[settings]
earliest_order_date = 2020-01-01

[settings.ship_methods]
"Express Courier" = "EXPRESS"

[settings.warehouses]
"Main Warehouse" = "MAIN"
""",
        "utf-8",
    )
    return str(file)


def previewed(operator: CommandLine, file: str, *arguments: str) -> Any:
    ended = operator.run("preview", file, "--json", *arguments)
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def test_it_foretells_what_the_download_does(mixed: CommandLine, tmp_path: Path) -> None:
    file = connection_file(mixed, tmp_path)

    foretold = previewed(mixed, file)
    assert mixed.run("connect", file).code == 0
    mixed.world.settings = {"ship_methods": {"Express Courier": "EXPRESS"}, "earliest_order_date": "2020-01-01"}
    mixed.world.step(Step.DOWNLOAD_ORDERS)

    entries = [entry for decision in Decision for entry in mixed.world.orders.list_sales("main", decision)]
    done = Counter((entry.decision, entry.reason.code if entry.reason else None) for entry in entries)
    told = {(group["decision"], group["reason_code"]): group["sales"] for group in foretold["groups"]}
    assert told | {(Decision.LOADED, None): foretold["loads"]} == done
    assert foretold["orders"] == sum(len(entry.references) for entry in entries)
    assert foretold["loads"] > 1
    assert len(told) > 3


def test_it_leaves_no_trace(mixed: CommandLine, tmp_path: Path, orders_table: Any, checkpoints_table: Any) -> None:
    before = mixed.world.dear.ledger(), mixed.world.warehouse.ledger()

    document = previewed(mixed, connection_file(mixed, tmp_path))

    assert document["found"] == 9
    assert (mixed.world.dear.ledger(), mixed.world.warehouse.ledger()) == before
    assert orders_table.scan()["Items"] == checkpoints_table.scan()["Items"] == []
    assert mixed.vault.read("main", "dear") is None


def test_the_last_sales_are_those_that_changed_last(mixed: CommandLine, tmp_path: Path) -> None:
    document = previewed(mixed, connection_file(mixed, tmp_path), "--last", "3")

    assert (document["found"], document["asked_for"]) == (3, 3)


def test_a_wrong_key_is_told_before_anything_else(mixed: CommandLine, tmp_path: Path) -> None:
    mixed.environment["CROSSDOCK_DEAR_API_KEY"] = "wrong"

    ended = mixed.run("preview", connection_file(mixed, tmp_path))

    assert ended.code == 2
    assert "CROSSDOCK_DEAR_API_KEY" in ended.err
    assert ended.out.count("\n") == 1
