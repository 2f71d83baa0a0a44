"""Whole runs: they can be repeated exactly, they keep their promises, and one connection's trouble is its own."""

import os
from dataclasses import replace
from typing import Any

import pytest

from simulation.auditor import audit
from simulation.recipe import Recipe, recipe_of
from simulation.trial import Trial, smaller, trial
from simulation.world import World

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "200"))
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


# --- what was found, and is not mended yet: each passes the day that it is ------------------------------------

STOCK_FIRST = replace(recipe_of(8), stock_first=True)


@pytest.mark.xfail(strict=True, reason="stock is compared before DEAR's list was ever read")
def test_stock_is_not_raised_by_picked_goods_that_are_not_known_yet() -> None:
    assert trial(STOCK_FIRST).violations == ()
