"""Stock from the command line: seen before it is written, approved, and then in the history."""

import json
from datetime import timedelta

import pytest

from crossdock.domain.states import Step
from crossdock.wms.http import HttpWarehouse

SECRETS = {"dear": {"account_id": "account", "api_key": "key"}, "warehouse": {"token": "token"}}


@pytest.fixture
def shop(operator):
    """DEAR has 50 of each mug; the warehouse counts 20 blue ones and 52 red ones."""
    world = operator.world
    world.settings["inventory"] = {"account": "403", "approve_above_units": 10, "cost_from": "average_cost"}
    world.seed(stock=50)
    counts = {"MUG-BLUE": "20", "MUG-RED": "52"}
    stock = [{"sku": sku, "warehouse": "MAIN", "on_hand": units} for sku, units in counts.items()]
    world.warehouse.control("stock", {"stock": stock})
    world.checkpoints.save_connection(world.connection)
    for party, secret in SECRETS.items():
        operator.vault.write("main", party, secret)
    return operator


def test_a_preview_shows_every_difference_with_its_reason_and_writes_nothing(shop):
    shown = json.loads(shop.run("inventory", "preview", "--json").out)

    (compared,) = shown["connections"]
    lines = {line["sku"]: line for line in compared["lines"]}
    assert {sku: (line["before"], line["after"], line["outcome"]) for sku, line in lines.items()} == {
        "MUG-BLUE": ("50", "20", "waits"), "MUG-RED": ("50", "52", "written"),
    }  # fmt: skip
    assert lines["MUG-RED"]["why"] == "the warehouse counted 52; cost 4, DEAR's average cost"
    assert lines["MUG-BLUE"]["because"] == "a change by 30 units is above 10"
    assert shown["dear_calls"] == 2
    assert shop.world.dear.ledger("stock_adjustment") == []
    assert shop.world.checkpoints.stock.proposals("main") == ()


def test_an_approval_has_the_next_pass_write_and_the_history_tells_of_it(shop):
    shop.world.tick(Step.DOWNLOAD_ORDERS, Step.SYNC_INVENTORY)
    waiting = shop.run("inventory", "show")

    approved = shop.run("inventory", "approve", "MUG-BLUE", "--yes")
    shop.world.step(Step.SYNC_INVENTORY)

    assert "a change by 30 units is above 10" in waiting.out
    assert (approved.code, shop.run("inventory", "show").out.strip()) == (0, "No change of stock waits for a person.")
    (written,) = json.loads(shop.run("inventory", "show", "--history", "MUG-BLUE", "--json").out)["history"]
    assert (written["before"], written["after"], written["why"]) == ("50", "20", "the warehouse counted 20")


def test_a_preview_of_a_stale_snapshot_says_that_nothing_would_be_written(shop, monkeypatch):
    real = HttpWarehouse.stock
    old = {"as_of": shop.world.clock.now() - timedelta(hours=3)}
    monkeypatch.setattr(HttpWarehouse, "stock", lambda self, **asked: real(self, **asked).model_copy(update=old))

    (compared,) = json.loads(shop.run("inventory", "preview", "--json").out)["connections"]

    assert "too old" in compared["writes_nothing_because"]
