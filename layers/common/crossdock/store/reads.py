"""Reading the Orders table: queries page by page, look-up keys, and many items at once."""

from collections.abc import Iterable, Iterator
from itertools import batched
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import ConditionBase

from crossdock.domain.errors import Unreachable
from crossdock.store.faults import SYSTEM, dynamodb
from crossdock.store.keys import Item, Key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

MOST_KEYS = 100
"""Of one BatchGetItem, by DynamoDB's limit."""

FRUITLESS_TRIES = 3
"""How often a BatchGetItem may bring nothing before it counts as throttled."""


def query(
    table: "Table",
    keys: ConditionBase,
    *,
    index: str | None = None,
    limit: int | None = None,
    newest_first: bool = False,
) -> Iterator[Item]:
    """The items of a partition by their sort keys; of the table consistently, of an index as it is."""
    arguments: dict[str, Any] = {"KeyConditionExpression": keys}
    if newest_first:
        arguments["ScanIndexForward"] = False
    arguments |= {"IndexName": index} if index else {"ConsistentRead": True}
    left = limit
    while True:
        if left is not None:
            arguments["Limit"] = left
        with dynamodb("Query"):
            page = table.query(**arguments)
        yield from page["Items"]
        if left is not None:
            left -= len(page["Items"])
        if "LastEvaluatedKey" not in page or left == 0:
            return
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def read_many(table: "Table", keys: Iterable[Key]) -> Iterator[Item]:
    """The items under these keys that exist, in no order. What DynamoDB leaves out is asked for again."""
    for some in batched(dict.fromkeys(keys), MOST_KEYS, strict=False):
        yield from _read_batch(table, [key.attributes() for key in some])


def _read_batch(table: "Table", wanted: list[dict[str, Any]]) -> Iterator[Item]:
    fruitless = 0
    while wanted:
        request: Any = {table.name: {"Keys": wanted, "ConsistentRead": True}}
        with dynamodb("BatchGetItem"):
            answer = table.meta.client.batch_get_item(RequestItems=request)
        unprocessed: dict[str, Any] = {**answer["UnprocessedKeys"]}
        left = list(unprocessed[table.name]["Keys"]) if unprocessed else []
        yield from answer["Responses"].get(table.name, [])
        fruitless = fruitless + 1 if len(left) == len(wanted) else 0
        if fruitless == FRUITLESS_TRIES:
            raise Unreachable(SYSTEM, "BatchGetItem", "too many requests")
        wanted = left
