"""From a connection file to an invoiced order, with the command line alone, over a real DEAR and a real warehouse."""

import json
from pathlib import Path
from typing import Any

from tests.integration.cli.conftest import CommandLine
from tests.integration.workflow.conftest import simple

SECRETS = {
    "CROSSDOCK_DEAR_ACCOUNT_ID": "account",
    "CROSSDOCK_DEAR_API_KEY": "key",
    "CROSSDOCK_WMS_TOKEN": "token",
}


def connection_file(operator: CommandLine, folder: Path, location: str = "Main Warehouse") -> str:
    file = folder / "main.toml"
    file.write_text(
        f"""
name = "main"

[dear]
base_url = "{operator.world.dear.url}/ExternalApi/v2"

[warehouse]
base_url = "{operator.world.warehouse.url}"

[settings.warehouses]
"{location}" = "MAIN"

[settings.inventory]
account = "403"
""",
        "utf-8",
    )
    return str(file)


def printed(operator: CommandLine, *arguments: str) -> Any:
    ended = operator.run(*arguments, "--json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def test_a_sale_goes_all_the_way_from_the_command_line(operator: CommandLine, tmp_path: Path) -> None:
    operator.environment.update(SECRETS)
    operator.world.seed(simple("SO-1"), simple("SO-2", ("MUG-BLUE", 3)), simple("SO-3", status="PICKING"))

    connected = operator.run("connect", connection_file(operator, tmp_path))
    delivered = operator.run("tick", "--until-quiet")
    for shipped in ("SO-1", "SO-2"):
        operator.world.warehouse.control(f"orders/{shipped}/ship", {})
    finished = operator.run("tick", "--until-quiet")

    assert connected.code == 0, connected.err
    assert "✓ Locations: Main Warehouse" in connected.out
    assert "✓ Inventory account: 403" in connected.out
    assert delivered.code == 0, delivered.out
    assert finished.code == 0, finished.out
    assert "Quiet after" in finished.out
    orders = printed(operator, "orders")
    assert orders["totals"] == {"invoiced": 2}
    (shown,) = printed(operator, "order", "SO-1")["found"][0]["orders"]
    assert shown["status"] == "invoiced"
    assert shown["shipments"][0]["parcels"][0]["tracking_number"]
    ledger = printed(operator, "ledger")
    assert [(row["order_number"], row["decision"]) for row in ledger["sales"]] == [
        ("SO-1", "loaded"),
        ("SO-2", "loaded"),
        ("SO-3", "skipped"),
    ]


def test_wrong_credentials_are_told_and_nothing_is_stored(operator: CommandLine, tmp_path: Path) -> None:
    operator.environment.update(SECRETS | {"CROSSDOCK_DEAR_API_KEY": "wrong", "CROSSDOCK_WMS_TOKEN": "wrong"})

    ended = operator.run("connect", connection_file(operator, tmp_path))

    assert ended.code == 2
    assert "CROSSDOCK_DEAR_ACCOUNT_ID, CROSSDOCK_DEAR_API_KEY" in ended.err
    assert "CROSSDOCK_WMS_TOKEN" in ended.err
    assert operator.vault.read("main", "dear") is None
    assert operator.world.checkpoints.connections() == ()


def test_a_location_that_dear_does_not_have_gets_the_nearest(operator: CommandLine, tmp_path: Path) -> None:
    operator.environment.update(SECRETS)
    operator.world.seed(simple("SO-1"))

    ended = operator.run("connect", connection_file(operator, tmp_path, location="Main Warehous"))

    assert ended.code == 1
    assert "did you mean 'Main Warehouse'?" in ended.err
    assert operator.vault.read("main", "dear") is None
    assert operator.world.checkpoints.connections() == ()
