"""Tables that are put back to how they were."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from crossdock.recovering import recover
from simulation.dynamo import Table

if TYPE_CHECKING:
    from tests.integration.workflow.conftest import World


class Backup(NamedTuple):
    """Both tables as they are when it is made."""

    world: "World"
    tables: tuple[Table, ...]
    items: tuple[list[Any], ...]

    made_at: datetime

    def put_back(self, *, whole: bool = True) -> None:
        """Both tables, else the first alone, a quarter of an hour after what was done last."""
        self.world.clock.sleep(900)
        for table, items in list(zip(self.tables, self.items, strict=True))[: None if whole else 1]:
            table.restore(items)

    def restored(self, *, whole: bool = True) -> "World":
        """The world after the tables were put back and `recover` was run; no step has run."""
        world = self.world
        self.put_back(whole=whole)
        assert recover(world.checkpoints, "main", self.made_at, world.clock.now()) == ()
        world.clock.sleep(120)
        return world


def make_backup(world: "World", tables: tuple[Table, ...]) -> Backup:
    """Between two minutes in which nothing is done."""
    world.clock.sleep(60)
    made = Backup(world, tables, tuple(table.backup() for table in tables), world.clock.now())
    world.clock.sleep(60)
    return made


def ship_and_settle(world: "World") -> None:
    world.settle()
    world.warehouse.control("work", {"push_share": 0})
    world.settle()
