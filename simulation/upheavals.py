"""What befalls the product itself: a deployment under way, a bug that is mended after a while, tables restored."""

from random import Random

from crossdock.domain.states import Step
from simulation.database import ADDED
from simulation.dynamo import Table
from simulation.expressions import Item
from simulation.recipe import Recipe
from simulation.turns import Turns

MIXED_FOR = 900.0
"""Seconds in which two versions work side by side: as long as the longest run of a function."""
HOUR = 3600.0
STANDS_STILL_BEFORE, STANDS_STILL_AFTER = 900.0, 120.0
"""Seconds around a restore in which no step begins: runs come to their end, and calls of the last minute pass."""
STOCK_WAITS = 3600.0
"""Seconds in which no stock is compared: shipments of the lost hour have no orders yet that they could be netted by."""
BEFORE_PEACE = 240.0


class Upheavals:
    """Which version an invocation runs, when the schedules are off, and what an older version lost: `found`."""

    def __init__(self, recipe: Recipe, turns: Turns, found: list[str]) -> None:
        self._recipe, self._turns, self._found = recipe, turns, found
        self._random = Random(f"{recipe.seed}/versions")
        self._restored_at = recipe.minutes * 60 - BEFORE_PEACE

    def is_newer(self) -> bool:
        """Whether the invocation that now begins is of the newer version."""
        begins = self._recipe.deployed
        if begins is None or self._turns.seconds < begins:
            return False
        if self._turns.seconds < begins + MIXED_FOR:
            return self._random.random() < 0.5
        return not self._recipe.taken_back

    def saw(self, before: Item | None, after: Item | None) -> None:
        """A table's watcher: what a newer version wrote stays, whoever writes the record next."""
        if before and after and ADDED in before and ADDED not in after:
            self._found.append(f"an older version dropped what a newer one had written, in {after['sk']}")

    def restore(self, table: Table) -> None:
        """Plan that the table is put back to how it was an hour before."""
        backup: list[Item] = []
        self._turns.at(self._restored_at - HOUR, lambda: backup.extend(table.backup()))
        self._turns.at(self._restored_at, lambda: table.restore(backup))

    def stands_still(self, step: Step) -> bool:
        """Whether the step's schedule is off, as it must be while tables are restored."""
        since = self._turns.seconds - self._restored_at
        ends = STOCK_WAITS if step is Step.SYNC_INVENTORY else STANDS_STILL_AFTER
        return bool(self._recipe.restored) and -STANDS_STILL_BEFORE <= since < ends
