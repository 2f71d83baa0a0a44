"""The conditions of every write, by name."""

from dataclasses import dataclass, field
from typing import Any, TypedDict


class ConditionArguments(TypedDict, total=False):
    """A condition as DynamoDB's calls take it."""

    ConditionExpression: str
    ExpressionAttributeNames: dict[str, str]
    ExpressionAttributeValues: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression over the stored item. Names stand as `#name`, values as `:name`."""

    expression: str
    values: dict[str, Any] = field(default_factory=dict)

    def arguments(self) -> ConditionArguments:
        """The condition for a call; DynamoDB refuses an empty map of values."""
        names = {
            word: word[1:] for word in self.expression.replace("(", " ").replace(")", " ").split() if word[0] == "#"
        }
        arguments: ConditionArguments = {"ConditionExpression": self.expression, "ExpressionAttributeNames": names}
        if self.values:
            arguments["ExpressionAttributeValues"] = {f":{name}": value for name, value in self.values.items()}
        return arguments

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(f"( {self.expression} ) AND ( {other.expression} )", {**self.values, **other.values})


IS_NEW = Condition("attribute_not_exists( #pk )")
"""Nothing lies there yet."""


def is_version(version: int) -> Condition:
    """The stored item has this version; 0 means that there is none."""
    return Condition("#version = :version", {"version": version}) if version else IS_NEW


def follows(version: int) -> Condition:
    """The stored item is the one that `version` replaces."""
    return is_version(version - 1)


def known_by_number(order_number: str) -> Condition:
    """The stored sale has this number, so its look-up key is there."""
    return Condition("#order_number = :order_number", {"order_number": order_number})


def known_by_warehouse_id(warehouse_order_id: str) -> Condition:
    """The stored order has this id at the warehouse, so its look-up key is there."""
    return Condition("#warehouse_order_id = :warehouse_order_id", {"warehouse_order_id": warehouse_order_id})


def is_free_or_of(sale_id: str) -> Condition:
    """The look-up key is free, or of this sale: a warehouse may call an order that is sent anew by the same id."""
    return Condition("attribute_not_exists( #pk ) OR #sale_id = :sale_id", {"sale_id": sale_id})


def lease_is_free(now: int, holder: str) -> Condition:
    """Nobody holds the lease, its holder's time is over, or it is ours."""
    return Condition(
        "attribute_not_exists( #holder ) OR #held_until <= :now OR #holder = :holder", {"now": now, "holder": holder}
    )


def lease_is_held(holder: str) -> Condition:
    """The lease is this holder's."""
    return Condition("#holder = :holder", {"holder": holder})


def lease_is_ours(holder: str, fence: int) -> Condition:
    """The lease is this holder's, and nobody has taken it since."""
    return Condition("#holder = :holder AND #fence = :fence", {"holder": holder, "fence": fence})


def is_not_newer(finished_at: str) -> Condition:
    """No report of a later run stands there."""
    return Condition("attribute_not_exists( #pk ) OR #finished_at <= :finished_at", {"finished_at": finished_at})


def is_forgotten(now: int) -> Condition:
    """Nothing lies there, or what lies there has outlived its time."""
    return Condition("attribute_not_exists( #pk ) OR #expires_at <= :now", {"now": now})


def is_paused_less_than(until: int) -> Condition:
    """No pause stands that lasts as long."""
    return Condition("attribute_not_exists( #paused_until ) OR #paused_until < :until", {"until": until})
