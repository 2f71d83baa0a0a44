"""Which keys a query asks for: boto3's key conditions, and plain ones in words."""

from collections.abc import Callable
from typing import Any

from boto3.dynamodb.conditions import ConditionBase
from botocore.exceptions import ClientError

from simulation.expressions import Item

_REVERSED: Any = {
    "Error": {
        "Code": "ValidationException",
        "Message": "The BETWEEN operator requires upper bound to be greater than or equal to lower bound",
    },
    "ResponseMetadata": {"HTTPStatusCode": 400},
}
"""DynamoDB's answer to bounds in the wrong order. The emulators take them, and find nothing."""


def key_tests(wanted: ConditionBase | str, values: Item) -> dict[str, list[tuple[str, Any]]]:
    """The tests of a query's key condition, by attribute: (sign, value)."""
    if isinstance(wanted, str):
        name, sign, value = wanted.split()
        return {name: [(sign, values["ExpressionAttributeValues"][value])]}
    expression = wanted.get_expression()
    if expression["operator"] == "AND":
        tests: dict[str, list[tuple[str, Any]]] = {}
        for part in expression["values"]:
            for name, more in key_tests(part, values).items():
                tests.setdefault(name, []).extend(more)
        return tests
    key, *others = expression["values"]
    if expression["operator"] == "BETWEEN" and others[0] > others[1]:
        raise ClientError(_REVERSED, "Query")
    return {key.name: [(expression["operator"], others[0] if len(others) == 1 else tuple(others))]}


def fits(value: Any, tests: list[tuple[str, Any]]) -> bool:
    """Whether a key attribute passes them all."""
    return value is not None and all(_TESTS[sign](value, other) for sign, other in tests)


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, other: bool(value == other),
    "<": lambda value, other: bool(value < other),
    "<=": lambda value, other: bool(value <= other),
    ">": lambda value, other: bool(value > other),
    ">=": lambda value, other: bool(value >= other),
    "begins_with": lambda value, other: str(value).startswith(other),
    "BETWEEN": lambda value, other: bool(other[0] <= value <= other[1]),
}
