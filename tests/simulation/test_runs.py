"""Whole runs: they can be repeated exactly, they keep their promises, and one connection's trouble is its own."""

import os
from dataclasses import replace
from typing import Any

import pytest

from simulation.auditor import audit
from simulation.network import Poison
from simulation.recipe import Recipe, recipe_of
from simulation.trial import Trial, smaller, trial
from simulation.world import World

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "100"))
AT_ONCE = 10


@pytest.mark.parametrize("first", range(1, SEEDS + 1, AT_ONCE))
def test_every_promise_is_kept(first: int) -> None:
    broken = {seed: made.violations for seed in range(first, first + AT_ONCE) if (made := tried(seed)).violations}

    assert broken == {}


def tried(seed: int) -> Trial:
    return trial(recipe_of(seed))


def test_the_same_seed_gives_the_same_run_and_another_one_another() -> None:
    wild = replace(recipe_of(3), edits=10, mischief=0.4, disorder=0.3, stalls=0.004)

    first, again, other = trial(wild), trial(wild), trial(replace(wild, seed=4))

    assert first.digest == again.digest
    assert first.digest != other.digest


def two(**changes: Any) -> Recipe:
    """Two connections, calm, on the same clock."""
    recipe = Recipe(
        seed=11,
        places=tuple(range(1, 9)),
        minutes=12,
        period=120.0,
        settings={**recipe_of(11).settings, "invoice": "draft"},
        connections=("main", "other"),
        calm=True,
        lag=0.0,
        patience=900.0,
    )
    return replace(recipe, **changes)


def ledgers(world: World) -> list[Any]:
    dear, house = world.outsides[0].documents
    entries = [*dear.log("dear.ledger"), *house.log("warehouse.ledger")]
    return [entry for entry in entries if entry["at"] < "2026-03-02T08:20"]


def test_a_dead_warehouse_of_one_connection_changes_nothing_for_another() -> None:
    well = World(two()).run()

    ill = World(two(dead_warehouses=frozenset({"other"}), settles=False)).run()

    assert len(ledgers(well)) > 20
    assert ledgers(ill) == ledgers(well)


def test_a_sale_at_which_the_code_fails_stops_no_other() -> None:
    recipe = replace(two(), connections=("main",), poisoned=0, patience=4 * 3600.0)

    world = World(recipe).run()

    assert audit(world.books(world.outsides[0])) == []
    assert "error" in str(world.operator().reported("main", world.outsides[0].poisoned))


def test_a_failure_is_made_smaller() -> None:
    broken = trial(replace(two(), connections=("main",), patience=0.0, calm=False))
    assert broken.violations

    small = smaller(broken, tries=12)

    assert small.signature & broken.signature
    assert len(small.recipe.places) < len(broken.recipe.places)


@pytest.mark.parametrize(
    "upheaval",
    [
        pytest.param({"deployed": 200.0}, id="a newer version beside an older one"),
        pytest.param({"deployed": 200.0, "taken_back": True}, id="a newer version that is taken back"),
        pytest.param({"bug": Poison("POST .*/fulfilment/pick ", 60.0, 6660.0)}, id="a bug that is mended"),
        pytest.param({"clocks": (0.0, 200.0, -200.0)}, id="clocks off by minutes"),
        pytest.param({"restored": ("orders", "checkpoints"), "minutes": 80}, id="both tables restored"),
        pytest.param({"restored": ("orders",), "minutes": 80}, id="the orders alone restored"),
    ],
)
def test_what_befalls_the_product_itself_loses_and_doubles_nothing(upheaval: dict[str, Any]) -> None:
    settings = {**two().settings}
    settings.pop("inventory", None)
    recipe = replace(two(), connections=("main",), settings=settings, patience=4 * 3600.0, **upheaval)

    assert trial(recipe).violations == ()


# --- what was found and mended: each seed with what it brought to light ----------------------------------------


def calm(seed: int, **changes: Any) -> Recipe:
    """A run without faults, edits or mischief, but for what a case is about."""
    recipe = recipe_of(seed)
    quiet = {"calm": True, "edits": 0, "disorder": 0.0, "operator_acts": 0, "stalls": 0.0, "poisoned": None}
    usual = {"oddity": 0.0, "bug": None, "deployed": None, "restored": ()}
    settings = {**recipe.settings, "inventory": {"account": "403"}}
    fields = {**quiet, **usual, "mischief": 0.0, "clocks": (0.0,), "minutes": 15, "settings": settings, **changes}
    return replace(recipe, **fields)


@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param(calm(8, stock_first=True), id="stock was compared before any sale was listed"),
        pytest.param(calm(9, stock_first=True, lag=1.0), id="an index that lags hid a pick that was under way"),
        pytest.param(calm(134, lag=1.0), id="an index that lags hid a shipment that was pushed a second before"),
        pytest.param(calm(308, mischief=0.5, overtaking=True), id="the push of the last part overtook the first"),
        pytest.param(calm(8, mischief=0.5, overtaking=True), id="parts of an order on fulfilments of their own"),
        pytest.param(recipe_of(302), id="what the supplier sends was taken for room for a second order"),
        pytest.param(recipe_of(1170), id="tracking was to be corrected of a shipment that was withdrawn since"),
        pytest.param(recipe_of(500), id="a pick of some goods on another fulfilment was taken for a pick of all"),
        pytest.param(replace(recipe_of(1012), stock_stalls=True), id="stock was written from an old comparison"),
        pytest.param(recipe_of(455), id="an order that moved on between two lists was in neither, and not netted"),
        pytest.param(recipe_of(1832), id="two copies with clocks minutes apart had the lease at once"),
        pytest.param(recipe_of(784), id="a lease that was taken too early was left to no copy for ever"),
        pytest.param(recipe_of(4857), id="a sale that was read while stock was compared was in no list"),
        pytest.param(recipe_of(547), id="a shipment was withdrawn after a count that was written from later"),
        pytest.param(recipe_of(1100), id="a clock minutes ahead dropped the calls that others had made"),
        pytest.param(recipe_of(148), id="a pick that a confirmed part had used up was counted for the next part"),
        pytest.param(recipe_of(4437), id="a part waited without end for one that was confirmed, and undone in DEAR"),
        pytest.param(recipe_of(2324), id="DEAR refused a pick for want of stock, and stock waited for that order"),
        pytest.param(recipe_of(862), id="after a restore a sale of another shape was sent twice"),
    ],
)
def test_what_was_found_once_does_not_come_back(recipe: Recipe) -> None:
    assert trial(recipe).violations == ()
