"""Which moves of the state machine were made, seen in what was written to the table."""

from collections import Counter
from typing import Any

from crossdock.domain.states import ORDER_MOVES, SHIPMENT_MOVES

type Move = tuple[str, str, str]

ALL: frozenset[Move] = frozenset(
    ("order", before, after) for before, moves in ORDER_MOVES.items() for after in moves
) | frozenset(("shipment", before, after) for before, moves in SHIPMENT_MOVES.items() for after in moves)


class Coverage:
    """Counts moves; give `saw` to a table as a watcher."""

    def __init__(self) -> None:
        self.moves: Counter[Move] = Counter()

    def saw(self, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        if not after or after.get("kind") not in {"order", "shipment"}:
            return
        kind, status = str(after["kind"]), str(after["status"])
        was = str(before["status"]) if before and before.get("kind") == kind else ""
        if not was:
            # A shipment that was matched leaves its place among the unmatched.
            was = "unmatched" if kind == "shipment" and int(after.get("version", 1)) > 1 else ""
        if was and was != status:
            self.moves[kind, was, status] += 1
