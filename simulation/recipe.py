"""What a seed decides at the outset: a recipe, which can be made smaller and cooked again."""

from dataclasses import dataclass
from random import Random
from typing import Any

from simulation import sales
from simulation.faults import Fault


@dataclass(frozen=True)
class Recipe:
    """A run's conditions. `places`: the sales, by their numbers from 1; leaving some out changes no other.

    `stock_first`: stock may be compared before DEAR's list was ever read. `overtaking`: the push of a last part may
    come before an earlier part was polled. `poisoned`: the place of a sale at which the code itself fails, for good.
    `stalls`: the share of DynamoDB's calls in which a process stands still for minutes;
    `stock_stalls`: also one that compares stock. `restored`: the Orders table is
    put back to how it was an hour ago. `settles`: it must settle, within `patience`
    seconds after the last fault.
    """

    seed: int
    places: tuple[int, ...]
    minutes: float
    period: float
    settings: dict[str, Any]
    connections: tuple[str, ...] = ("main",)
    dead_warehouses: frozenset[str] = frozenset()
    kinds: frozenset[Fault] = frozenset(Fault)
    calm: bool = False
    edits: int = 0
    mischief: float = 0.0
    disorder: float = 0.0
    operator_acts: int = 0
    lag: float = 1.0
    stock_first: bool = False
    overtaking: bool = False
    poisoned: int | None = None
    stalls: float = 0.0
    stock_stalls: bool = False
    restored: bool = False
    settles: bool = True
    patience: float = 4 * 3600.0
    clocks: tuple[float, ...] = (0.0,)


def recipe_of(seed: int) -> Recipe:
    """The recipe that the seed stands for: some runs are calm, some wild."""
    random = Random(f"{seed}/recipe")
    settings = _settings(random)
    return Recipe(
        seed=seed,
        places=tuple(range(1, random.randint(20, 26) + 1)),
        minutes=random.choice((15, 25, 40)),
        period=random.choice((120.0, 180.0, 300.0)),
        settings=settings,
        edits=random.choice((0, 0, 3, 8, 15)),
        mischief=random.choice((0.0, 0.0, 0.2, 0.5)),
        disorder=random.choice((0.0, 0.1, 0.3)),
        operator_acts=random.choice((0, 0, 2, 6)),
        lag=random.choice((0.0, 1.0, 1.0)),
        stock_first=random.random() < 0.3,
        overtaking=random.random() < 0.5,
        poisoned=random.choice((None,) * 9 + (1,)),
        stalls=random.choice((0.0, 0.0, 0.001, 0.004)),
        clocks=random.choice(((0.0,), (0.0,), (0.0, 0.4, -0.4), (0.0, 2.0, -2.0))),
    )


def _settings(random: Random) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "locations": [sales.MAIN],
        "warehouses": {sales.MAIN: sales.WAREHOUSE_CODE},
        "ship_methods": {"Courier": "STANDARD", "Express": "EXPRESS"},
        "changed_orders": random.choice(("update", "update", "resend", "hold")),
        "invoice": random.choice(("draft", "draft", "authorise", "off")),
    }
    if random.random() < 0.7:
        settings["inventory"] = {"account": "403", "max_lines": random.choice((2, 500))}
    if random.random() < 0.2:
        settings["sale_statuses"] = ["ORDERED", "BACKORDERED"]
    return settings
