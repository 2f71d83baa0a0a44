"""One seed tried: the run, the audit, and what is worth telling of both."""

from collections import Counter
from dataclasses import dataclass, replace

from simulation.auditor import Violation, audit
from simulation.coverage import Move
from simulation.faults import Fault
from simulation.recipe import Recipe
from simulation.world import World


@dataclass(frozen=True)
class Trial:
    """What became of a recipe. Small enough to be sent from one process to another."""

    recipe: Recipe
    violations: tuple[str, ...]
    digest: str
    sales: int
    invocations: int
    calls: int
    faults: Counter[Fault]
    moves: Counter[Move]
    settled_after: float | None
    trace: tuple[str, ...] = ()

    @property
    def signature(self) -> frozenset[str]:
        """Which promises were broken: a smaller run must break one of the same to count as the same failure."""
        return frozenset(text.partition(":")[0] for text in self.violations)


def trial(recipe: Recipe, *, traced: bool = False) -> Trial:
    """Cook the recipe, and judge what came of it."""
    world = World(recipe).run()
    found = [violation for outside in world.outsides for violation in audit(world.books(outside))]
    texts = [str(violation) for violation in found]
    texts += [f"the code failed: {fault}" for fault in dict.fromkeys(world.happened.faults)]
    if world.happened.settled_after is None and recipe.settles:
        texts.append(str(Violation(10, "work was still due when everything should have settled")))
    faults: Counter[Fault] = Counter()
    for outside in world.outsides:
        faults.update(outside.dear.weather.met)
    lines = (f"{at:10.3f} {who}: {what}" for at, who, what in world.happened.trace)
    return Trial(
        recipe=recipe,
        violations=tuple(texts),
        digest=world.digest(),
        sales=sum(len(outside.plans) for outside in world.outsides),
        invocations=world.happened.invocations,
        calls=sum(world.happened.calls.values()),
        faults=faults,
        moves=world.coverage.moves,
        settled_after=world.happened.settled_after,
        trace=tuple(lines) if traced or texts else (),
    )


def smaller(failed: Trial, tries: int = 60) -> Trial:
    """The failure in a smaller run, where one shows it: sales, kinds of fault, edits and other trouble left out."""
    best = failed
    left = tries
    progress = True
    while progress and left > 0:
        progress = False
        for recipe in _smaller_recipes(best.recipe):
            left -= 1
            made = trial(recipe)
            if made.signature & failed.signature:
                best, progress = made, True
                break
            if left <= 0:
                break
    return best


def _smaller_recipes(recipe: Recipe) -> list[Recipe]:
    """The recipe with something left out, the largest parts first."""
    quieter = (
        replace(recipe, edits=0),
        replace(recipe, mischief=0.0),
        replace(recipe, disorder=0.0),
        replace(recipe, operator_acts=0),
        replace(recipe, calm=True),
    )
    found = [each for each in quieter if each != recipe]
    places = recipe.places
    size = len(places) // 2
    while size >= 1:
        found += [
            replace(recipe, places=(*places[:begin], *places[begin + size :]))
            for begin in range(0, len(places), size)
            if len(places) > size
        ]
        size //= 2
    if not recipe.calm:
        found += [replace(recipe, kinds=recipe.kinds - {kind}) for kind in sorted(recipe.kinds)]
    return found
