"""Conditional writes to one table, alone or as a transaction, with the winner of a lost race."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import ClientError

from crossdock.domain.errors import CrossdockError, LostRace, NeedsPerson
from crossdock.store.conditions import Condition
from crossdock.store.faults import CANCELED, CONDITION_FAILED, code_of, dynamodb, is_too_large, plain, throttled
from crossdock.store.keys import Item, Key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

MOST_WRITES = 100
"""Items in one transaction, by DynamoDB's limit."""

_REFUSED = "ValidationException"


@dataclass(frozen=True, slots=True)
class Write:
    """One conditional write. `what` names the record in errors; without an item it is only a check."""

    key: Key
    condition: Condition | None
    what: str
    item: Item | None = None

    def operation(self, table: str) -> dict[str, Any]:
        """The write as a part of a transaction."""
        condition = dict(self.condition.arguments()) if self.condition else {}
        arguments = {"TableName": table, "ReturnValuesOnConditionCheckFailure": "ALL_OLD", **condition}
        if self.item is not None:
            return {"Put": {**arguments, "Item": self.item}}
        return {"ConditionCheck": {**arguments, "Key": self.key.attributes()}}


class ConditionFailed(CrossdockError):
    """A write's condition did not hold: the write, and the item that stands there now."""

    def __init__(self, write: Write, found: Item | None) -> None:
        super().__init__(f"the condition on {write.what} failed")
        self.write, self.found = write, found


def read_item(table: "Table", key: Key) -> Item | None:
    """The item as it is now."""
    with dynamodb("GetItem"):
        return table.get_item(Key=key.attributes(), ConsistentRead=True).get("Item")


def replace(table: "Table", key: Key, fields: Item) -> None:
    """Put an item whatever stands there."""
    with dynamodb("PutItem"):
        table.put_item(Item={**fields, **key.attributes()})


def no_room_for(what: str) -> NeedsPerson:
    """What is raised when something that is no record does not fit into an item."""
    return NeedsPerson("too_large", f"{what} is larger than can be kept")


def put(table: "Table", write: Write, too_large: Callable[[], NeedsPerson]) -> None:
    """Put one item. Raises ConditionFailed.

    botocore repeats a put whose answer was lost; the repetition finds the first one by its `write_id` and is content.
    """
    if write.item is None or write.condition is None:
        raise TypeError("only a conditional put is written alone")
    item = {**write.item, "write_id": uuid4().hex}
    try:
        with dynamodb("PutItem"):
            table.put_item(Item=item, ReturnValuesOnConditionCheckFailure="ALL_OLD", **write.condition.arguments())
    except ClientError as answer:
        if code_of(answer) == _REFUSED and is_too_large(str(answer)):
            raise too_large() from answer
        if code_of(answer) != CONDITION_FAILED:
            raise
        found = found_by(answer, table, write.key)
        if found is None or found.get("write_id") != item["write_id"]:
            raise ConditionFailed(write, found) from answer


def transact(table: "Table", writes: Sequence[Write], too_large: Callable[[], NeedsPerson]) -> None:
    """Write everything or nothing. Raises ConditionFailed for the first write whose condition did not hold."""
    if len(writes) > MOST_WRITES:
        raise too_large()
    operations: list[Any] = [write.operation(table.name) for write in writes]
    try:
        with dynamodb("TransactWriteItems"):
            table.meta.client.transact_write_items(TransactItems=operations)
    except ClientError as answer:
        if code_of(answer) == _REFUSED and is_too_large(str(answer)):
            raise too_large() from answer
        if code_of(answer) != CANCELED:
            raise
        _explain(answer, table, writes, too_large)
        raise


def found_by(answer: ClientError, table: "Table", key: Key) -> Item | None:
    """The item that a condition failed on: from the answer, or read where the answer leaves it out."""
    response: Mapping[str, Any] = answer.response
    return plain(response.get("Item")) or read_item(table, key)


def _explain(
    answer: ClientError, table: "Table", writes: Sequence[Write], too_large: Callable[[], NeedsPerson]
) -> None:
    """Raise what the reasons of a cancelled transaction mean; return where they mean nothing known."""
    reasons: Sequence[Any] = answer.response.get("CancellationReasons", ())
    codes = {reason.get("Code") for reason in reasons}
    for write, reason in zip(writes, reasons, strict=False):
        if reason.get("Code") == "ConditionalCheckFailed":
            raise ConditionFailed(write, plain(reason.get("Item")) or read_item(table, write.key)) from answer
    for write, reason in zip(writes, reasons, strict=False):
        if reason.get("Code") == "TransactionConflict":
            raise LostRace(write.what) from answer
    if codes & {"ThrottlingError", "ProvisionedThroughputExceeded"}:
        raise throttled("TransactWriteItems") from answer
    if "ItemCollectionSizeLimitExceeded" in codes or any(
        is_too_large(reason.get("Message") or "") for reason in reasons
    ):
        raise too_large() from answer
