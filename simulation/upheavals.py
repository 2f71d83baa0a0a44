"""What befalls the product itself: a deployment under way, a bug that is mended after a while, tables restored."""

from datetime import timedelta
from random import Random

from crossdock.ports import Checkpoints
from crossdock.recovering import STOCK_WAITS, recover
from simulation.database import ADDED
from simulation.dynamo import Table
from simulation.expressions import Item
from simulation.people import Staff
from simulation.recipe import Recipe
from simulation.turns import Turns

MIXED_FOR = 900.0
"""Seconds in which two versions work side by side: as long as the longest run of a function."""
HOUR = 3600.0
STANDS_STILL_BEFORE, STANDS_STILL_AFTER = 900.0, 120.0
"""Seconds around a restore in which no step begins: runs come to their end, and calls of the last minute pass."""
BEFORE_PEACE = 240.0


class Upheavals:
    """Which version an invocation runs, when the schedules are off, and what an older version lost: `found`."""

    def __init__(self, recipe: Recipe, turns: Turns, found: list[str]) -> None:
        self._recipe, self._turns, self._found = recipe, turns, found
        self._random = Random(f"{recipe.seed}/versions")
        self._restored_at = recipe.minutes * 60 - BEFORE_PEACE

    def mistake(self, staff: Staff) -> None:
        """Plan that the warehouse ships an order that is not known any more, and withdraws that before it is again."""
        self._turns.at(self._restored_at + 10, staff.ship_by_mistake)
        self._turns.at(self._restored_at + 60, staff.withdraw_the_mistake)

    @property
    def stock_is_right_at(self) -> float:
        """When stock, which waits for the others after a restore, was compared again."""
        return self._restored_at + STOCK_WAITS.total_seconds() + 2 * HOUR / 3

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

    def recover(self, checkpoints: Checkpoints, connection: str) -> None:
        """Plan what the operator does then: `crossdock recover`, again until no step is at work."""

        def act() -> None:
            now = self._turns.now()
            if recover(checkpoints, connection, now - timedelta(seconds=HOUR + 60), now):
                self._turns.at(self._turns.seconds + 30, act)

        self._turns.at(self._restored_at + 1, act)

    def stands_still(self) -> bool:
        """Whether the schedules are off, as they must be while tables are restored."""
        since = self._turns.seconds - self._restored_at
        return bool(self._recipe.restored) and -STANDS_STILL_BEFORE <= since < STANDS_STILL_AFTER
