"""What a seed decides at the outset: a recipe, which can be made smaller and cooked again."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from simulation import sales
from simulation.faults import Fault
from simulation.network import Poison

BUGS = (
    r"POST \S+/orders ", r"PUT \S+/orders/", r"POST \S+/cancel ", r"\S+ \S+/fulfilment/pick ",
    r"\S+ \S+/fulfilment/(pack|ship) ", r"PUT \S+/fulfilment/ship ", r"POST \S+/sale/invoice ",
)  # fmt: skip
"""Calls at which a version of the code may fail."""
CLOCKS_AGREE = 3.0
"""Seconds that clocks usually differ by, at most."""
BUG_LASTS = 6600.0
"""Seconds: longer than the tries of an order, which is given up then."""


@dataclass(frozen=True)
class Recipe:
    """A run's conditions. `places`: the sales, by their numbers from 1; leaving some out changes no other.

    `stock_first`: stock may be compared before DEAR's list was ever read. `overtaking`: the push of a last part may
    come before an earlier part was polled. `poisoned`: the place of a sale at which the code itself fails, for good.
    `heat`: the share of sales and of shipped orders whose records cannot be written for a while (heat.py).
    `backlog`: some of the first sales were entered into DEAR hours or days before the connection was.
    `careless`: the warehouse takes a second order under the same reference, which its contract forbids.
    `stalls`: the share of DynamoDB's calls in which a process stands still for minutes; `stock_stalls`: also one that
    compares stock. `settles`: it must settle, within `patience` seconds after the last fault.

    What befalls the product itself (upheavals.py), at most one of it in a run: `bug`, calls at which the code fails for
    nearly two hours; `deployed`, when a newer version begins to work beside the older, and `taken_back`, whether the
    older one wins; `restored`, the tables that are put back to how they were an hour ago. `oddity`: how often the
    warehouse does what should not be: ships what it had cancelled, or says that a withdrawn shipment left after all;
    and in the end the operator releases all that is held.
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
    heat: float = 0.0
    backlog: bool = False
    careless: bool = False
    stalls: float = 0.0
    stock_stalls: bool = False
    oddity: float = 0.0
    bug: Poison | None = None
    deployed: float | None = None
    taken_back: bool = False
    restored: tuple[str, ...] = ()
    settles: bool = True
    patience: float = 4 * 3600.0
    clocks: tuple[float, ...] = (0.0,)

    @property
    def upheaval(self) -> str | None:
        """What befalls the product itself."""
        told = {
            "a bug, mended": self.bug is not None,
            "two versions at once": self.deployed is not None,
            "clocks minutes off": max(self.clocks) > CLOCKS_AGREE,
            "tables restored": bool(self.restored),
        }
        return next((name for name, true in told.items() if true), None)


def recipe_of(seed: int) -> Recipe:
    """The recipe that the seed stands for: some runs are calm, some wild."""
    random = Random(f"{seed}/recipe")
    settings = _settings(random)
    recipe = Recipe(
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
    recipe = _with_upheaval(recipe, Random(f"{seed}/misfortune"))
    heat = Random(f"{seed}/heat").choice((0.0, 0.0, 0.15))
    backlog = Random(f"{seed}/backlog").random() < 1 / 3
    # Of what was sent in an hour that a restore has taken away, the taken reference is all that tells.
    careless = not recipe.restored and Random(f"{seed}/careless").random() < 0.5
    return replace(recipe, heat=0.0 if recipe.upheaval else heat, backlog=backlog, careless=careless)


def _with_upheaval(recipe: Recipe, random: Random) -> Recipe:
    """The recipe with one of the rare things in it, in nearly one run of three."""
    oddity = random.choice((0.0, 0.0, 0.4)) if recipe.mischief else 0.0
    recipe = replace(recipe, oddity=oddity)
    share, seconds = random.random(), recipe.minutes * 60
    if share < 0.12:
        begins = random.uniform(0, 2000)
        bug = Poison(random.choice(BUGS), begins, begins + BUG_LASTS, is_known=random.random() < 0.5)
        busy = replace(recipe, minutes=40, edits=25, mischief=0.5, operator_acts=20)
        settings = {**recipe.settings, "changed_orders": "update"}
        return replace(busy, bug=bug, settings=settings, oddity=random.choice((0.0, 0.4)))
    if share < 0.18:
        return replace(recipe, deployed=random.uniform(0, seconds), taken_back=random.random() < 0.5)
    if share < 0.21:
        wrong = random.uniform(10, 240)
        return replace(recipe, clocks=(0.0, wrong, -wrong))
    if share < 0.29:
        tables = ("orders", "checkpoints") if share < 0.265 else ("orders",)
        edits = max(recipe.edits, 12)
        return replace(recipe, restored=tables, minutes=80, edits=edits, mischief=0.0, oddity=0.0)
    return recipe


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
