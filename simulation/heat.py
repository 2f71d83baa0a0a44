"""Records that DynamoDB takes no write of for a while: a sale's for some passes of the list, an order's for minutes."""

from collections.abc import Iterator
from random import Random
from typing import Any

from sandbox.dear.tenant import identity
from simulation.faults import Fault, Weather
from simulation.recipe import Recipe
from simulation.turns import Turns

MOST_TRIES = 4
"""So many writes of a sale's records may be refused. A row that fails in five passes is one for the daily reconcile."""
SHORTEST, LONGEST = 630.0, 960.0
"""Seconds in which an order's records may be: more than the ten minutes that the list of shipments looks back."""


class Heat:
    """Which records of one connection are refused now. Drawn when a sale is entered and when an order ships."""

    def __init__(self, recipe: Recipe, turns: Turns, connection: str, weather: Weather) -> None:
        self._recipe, self._turns, self._connection, self._weather = recipe, turns, connection, weather
        self._random = Random(f"{recipe.seed}/{connection}/heat")
        self._tries: dict[str, int] = {}
        self._until: dict[str, float] = {}

    def entered(self, number: str) -> None:
        """A sale was entered: the first writes of its records may fail."""
        tries = self._random.randint(1, MOST_TRIES)
        if self._strikes():
            self._tries[f"{self._connection}#{identity('sale', number)}"] = tries

    def shipped(self, reference: str) -> None:
        """An order was shipped: its records may be out of reach for a while."""
        lasts = self._random.uniform(SHORTEST, LONGEST)
        if self._strikes():
            self._until[f"{self._connection}#order#{reference}"] = self._turns.seconds + lasts

    def _strikes(self) -> bool:
        return self._random.random() < self._recipe.heat

    def refuses(self, call: dict[str, Any]) -> bool:
        """Whether the table refuses a write, for the record that it is of. With the other faults this ends, too."""
        if self._weather.over or self._recipe.calm or Fault.DB_HOT not in self._recipe.kinds:
            return False
        if not any(self._is_hot(partition) for partition in _partitions(call)):
            return False
        self._weather.met[Fault.DB_HOT] += 1
        return True

    def _is_hot(self, partition: str) -> bool:
        if self._tries.get(partition, 0):
            self._tries[partition] -= 1
            return True
        return self._until.get(partition, 0.0) > self._turns.seconds


def _partitions(call: dict[str, Any]) -> Iterator[str]:
    """Where a call writes."""
    if "TransactItems" in call:
        for each in call["TransactItems"]:
            for part in each.values():
                yield from _partitions(part)
    elif "Item" in call:
        yield str(call["Item"]["pk"])
