"""Addresses: DEAR's structured parts and display lines, and what the warehouse is told (docs/addresses.md)."""

from crossdock.domain.addressing.comparing import PARTS, Comparison, Part, compare
from crossdock.domain.addressing.delivery import (
    bill_to_of,
    missing_parts,
    ship_to_of,
)
from crossdock.domain.addressing.parsing import Parsed, parse

__all__ = [
    "PARTS",
    "Comparison",
    "Parsed",
    "Part",
    "bill_to_of",
    "compare",
    "missing_parts",
    "parse",
    "ship_to_of",
]
