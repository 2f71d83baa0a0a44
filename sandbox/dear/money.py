"""Decimal arithmetic behind DEAR's JSON numbers: four places, halves up."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sandbox.dear.errors import Rejected

_PLACES = Decimal("0.0001")
_TOLERANCE = Decimal("0.01")
_HUNDRED = Decimal(100)


def decimal(value: Any, what: str) -> Decimal:
    """Read a JSON number or numeric string; `what` names it in the refusal."""
    if value is None or isinstance(value, bool):
        raise Rejected(f"{what} is required and must be a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise Rejected(f"{what} must be a number") from error
    if not number.is_finite():
        raise Rejected(f"{what} must be a number")
    return number


def rounded(value: Decimal) -> Decimal:
    """Round to the four places that quantities, prices and taxes have."""
    return value.quantize(_PLACES, rounding=ROUND_HALF_UP)


def plain(value: Decimal) -> int | float:
    """Write a decimal as the JSON number DEAR would: whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(rounded(value))


def line_total(quantity: Decimal, price: Decimal, discount: Decimal) -> Decimal:
    """Give quantity x price less the discount in percent."""
    return rounded(quantity * price * (1 - discount / _HUNDRED))


def agrees(given: Decimal, computed: Decimal) -> bool:
    """Say whether a total that was sent for validation is close enough."""
    return abs(given - computed) <= _TOLERANCE


def tax_on(total: Decimal, percent: Decimal, *, inclusive: bool) -> Decimal:
    """Give the tax on top of a total, or the part of it that is tax."""
    if inclusive:
        return rounded(total - total / (1 + percent / _HUNDRED))
    return rounded(total * percent / _HUNDRED)
