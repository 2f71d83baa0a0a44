"""The warehouse's pushes: beside its being polled, now, late, again, or not at all."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

from simulation.recipe import Recipe
from simulation.turns import BEGIN, Turns

type Push = Callable[[str, bytes], None]
"""Pushes a body under a webhook id, at this moment."""


class Pushes:
    """Plans the pushes of one connection's shipments."""

    def __init__(self, recipe: Recipe, turns: Turns, random: Random, push: Push) -> None:
        self._recipe, self._turns, self._random, self._push = recipe, turns, random, push
        self._echoes = Random(f"{recipe.seed}/echoes")

    def __call__(self, shipments: list[dict[str, Any]], *, many: bool) -> None:
        """Push the shipment, or not; `many`: its order has others, which it may overtake."""
        if many and not self._recipe.overtaking:
            return
        random = self._random
        for _ in range(random.choice((0, 1, 1, 2))):
            delay = random.choice((0.2, 0.2, random.uniform(1, 1200)))
            webhook_id = f"msg_{random.randrange(10**12)}"
            body = json.dumps({"type": "shipment.updated", "timestamp": BEGIN.isoformat(), "data": shipments[0]})
            self._plan(delay, webhook_id, body)
            if random.random() < 0.3:
                self._plan(delay + random.uniform(0, 900), webhook_id, body)
            if self._echoes.random() < self._recipe.oddity:
                # Long after a correction may have come, and after its polling.
                self._plan(self._echoes.uniform(700, 4000), f"{webhook_id}_again", body)

    def _plan(self, delay: float, webhook_id: str, body: str) -> None:
        self._turns.at(self._turns.seconds + delay, lambda: self._push(webhook_id, body.encode()))
