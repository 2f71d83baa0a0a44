"""What a benchmark says: figures, each beside its target where it has one."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

type Tell = Callable[[str], None]
"""Says what is being done, for whoever waits."""


_SLACK = 1e-9
"""What the same quotient may differ by when it is computed in two ways."""


def figure(number: float) -> str:
    """A number for people: whole, or to four digits."""
    return f"{number:,.0f}" if number == int(number) else f"{number:,.4g}"


@dataclass(frozen=True)
class Target:
    """What a figure must be."""

    relation: Literal["at most", "at least", "exactly"]
    figure: float

    def __str__(self) -> str:
        return f"{self.relation} {figure(self.figure)}"

    def holds(self, measured: float) -> bool:
        match self.relation:
            case "at most":
                return measured <= self.figure + _SLACK
            case "at least":
                return measured >= self.figure - _SLACK
            case "exactly":
                return measured == self.figure


@dataclass(frozen=True)
class Row:
    """One figure. Without a target it is told only; `later` has a target that a later version is to meet."""

    of: str
    what: str
    measured: float
    target: Target | None = None
    later: bool = False

    @property
    def ok(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        return self.target.holds(self.measured) if self.target else None

    @property
    def failed(self) -> bool:
        """Whether it is a reason to stop: a target of this version, and missed."""
        return self.ok is False and not self.later

    def document(self) -> dict[str, Any]:
        """The row as JSON values."""
        return {**asdict(self), "target": str(self.target) if self.target else None, "ok": self.ok}


def at_most(figure: float) -> Target:
    return Target("at most", figure)


def at_least(figure: float) -> Target:
    return Target("at least", figure)


def exactly(figure: float) -> Target:
    return Target("exactly", figure)


@dataclass(frozen=True)
class Sizes:
    """How large each benchmark is; the fields are named in docs/benchmarks.md."""

    listed: int = 2000
    in_scope: int = 300
    known: int = 10_000
    turns: int = 10
    little_history: int = 100
    much_history: int = 100_000
    orders: int = 100
    skus: int = 500


SMALL = Sizes(
    listed=30, in_scope=6, known=40, turns=2, little_history=3, much_history=20, orders=4, skus=5,
)  # fmt: skip
"""Shows that the benchmark works, and nothing about Crossdock."""
