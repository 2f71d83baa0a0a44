"""Attribute values as DynamoDB keeps them: every number a decimal, no floats; and the size of an item."""

from decimal import Context, Decimal, Inexact, Rounded
from typing import Any

LARGEST_ITEM = 400 * 1024
_DIGITS = Context(prec=38, Emin=-128, Emax=126, traps=[Inexact, Rounded])
_PLAIN = (str, bytes, bool, type(None))


def stored(value: Any) -> Any:
    """A copy of the value as the table keeps it. Raises TypeError for what boto3 refuses."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        return {name: stored(each) for name, each in value.items()}
    if kind in {list, tuple}:
        return [stored(each) for each in value]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, Decimal):
        return _DIGITS.create_decimal(value)
    if isinstance(value, float):
        raise TypeError("Float types are not supported. Use Decimal types instead.")
    raise TypeError(f"Unsupported type {kind.__name__} for an attribute value")


def size_of(value: Any) -> int:
    """Bytes of a value as DynamoDB counts them, roughly where it is a number."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode())
    if isinstance(value, dict):
        return 3 + sum(1 + size_of(name) + size_of(each) for name, each in value.items())
    if isinstance(value, list):
        return 3 + sum(1 + size_of(each) for each in value)
    if isinstance(value, Decimal):
        return len(value.as_tuple().digits) // 2 + 2
    return len(value) if isinstance(value, bytes) else 1
