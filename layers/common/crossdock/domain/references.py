"""Our key of an order at the warehouse."""

from collections.abc import Container
from hashlib import sha256
from itertools import count
from re import sub

LONGEST_REFERENCE = 40
"""Contract, part 1, Order: reference."""


def reference_of(order_number: str, sale_id: str, fulfilment_number: int | None, generation: int = 1) -> str:
    """Our key of an order at the warehouse: within the contract's alphabet and length, stable, and unique.

    A number that had to be changed to fit carries a piece of the sale's id, so that two never become one. An order
    that is sent again after it was cancelled is of the next generation, which its reference shows.
    """
    suffix = f".{fulfilment_number}" if fulfilment_number else ""
    suffix += f"-r{generation}" if generation > 1 else ""
    safe = sub(r"[^A-Za-z0-9.-]", "-", order_number)
    if safe != order_number or len(safe) + len(suffix) > LONGEST_REFERENCE:
        suffix = f"-{sha256(sale_id.encode()).hexdigest()[:8]}{suffix}"
    return safe[: LONGEST_REFERENCE - len(suffix)] + suffix


def free_reference(order_number: str, sale_id: str, fulfilment_number: int | None, taken: Container[str]) -> str:
    """The reference of the first generation that is not taken."""
    references = (reference_of(order_number, sale_id, fulfilment_number, generation) for generation in count(1))
    return next(reference for reference in references if reference not in taken)
