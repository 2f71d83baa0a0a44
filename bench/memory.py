"""DynamoDB in memory, behind an ordinary boto3 resource: as much of it as the store uses, and a meter on it.

It answers botocore's calls before they are sent, so everything of the store and of boto3 is at work but the wire.
Unlike the mocks of the tests it finds items by their keys, as DynamoDB does, and so bears a hundred thousand orders.
"""

import json
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, NamedTuple

from bench.expressions import Item, condition, hash_value, updated

type Request = dict[str, Any]
type Answer = dict[str, Any]
type Place = tuple[str, str]
"""Partition key and sort key."""

LARGEST_PAGE = 1_000_000
"""Bytes of the items that one query reads at most."""


@dataclass
class Meter:
    """What was asked: requests by operation, items and bytes read, items written by table."""

    requests: Counter[str] = field(default_factory=Counter)
    items_read: int = 0
    bytes_read: int = 0
    written: Counter[str] = field(default_factory=Counter)

    def clear(self) -> None:
        """Begin to count anew."""
        self.requests.clear()
        self.written.clear()
        self.items_read = self.bytes_read = 0


class Refusal(Exception):
    """An answer that says no."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.answer: Answer = {"Error": {"Code": code, "Message": code}, **more}


class Stored(NamedTuple):
    """An item, and how many bytes it is."""

    item: Item
    size: int


class Index:
    """Items by another partition and sort key; those that lack one are not in it."""

    def __init__(self, hash_key: str, range_key: str, *, keys_only: bool) -> None:
        self.hash_key, self.range_key, self.keys_only = hash_key, range_key, keys_only
        self.partitions: dict[str, list[tuple[str, str, str]]] = {}

    def add(self, place: Place, item: Item) -> None:
        if entry := self._entry(place, item):
            insort(self.partitions.setdefault(item[self.hash_key]["S"], []), entry)

    def drop(self, place: Place, item: Item) -> None:
        if entry := self._entry(place, item):
            entries = self.partitions[item[self.hash_key]["S"]]
            del entries[bisect_left(entries, entry)]

    def _entry(self, place: Place, item: Item) -> tuple[str, str, str] | None:
        if self.hash_key not in item or self.range_key not in item:
            return None
        return (item[self.range_key]["S"], *place)


class Table:
    """The items of one table, by partition and sort key, and its indexes."""

    def __init__(self, name: str, indexes: dict[str, Index]) -> None:
        self.name, self.indexes = name, indexes
        self.partitions: dict[str, dict[str, Stored]] = {}

    def find(self, place: Place) -> Stored | None:
        return self.partitions.get(place[0], {}).get(place[1])

    def put(self, item: Item, size: int | None = None) -> None:
        """Store an item in the place of what stands there. `size` where it is known already."""
        place = place_of(item)
        self.drop(place)
        self.partitions.setdefault(place[0], {})[place[1]] = Stored(item, size or len(json.dumps(item)))
        for index in self.indexes.values():
            index.add(place, item)

    def drop(self, place: Place) -> None:
        stored = self.partitions.get(place[0], {}).pop(place[1], None)
        if stored is not None:
            for index in self.indexes.values():
                index.drop(place, stored.item)

    def places(self, request: Request) -> list[Place]:
        """Where a query's partition has its items, in order."""
        if index := self.indexes.get(request.get("IndexName", "")):
            entries = index.partitions.get(hash_value(request, index.hash_key), [])
            return [(pk, sk) for _, pk, sk in entries]
        pk = hash_value(request, "pk")
        return [(pk, sk) for sk in sorted(self.partitions.get(pk, {}))]


def place_of(keys: Item) -> Place:
    return keys["pk"]["S"], keys["sk"]["S"]


class Memory:
    """The tables of one region, and what answers for them."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self.tables = {table.name: table for table in tables}
        self.meter = Meter()
        self._answers: dict[str, Callable[[Request], Answer]] = {
            "GetItem": self._get, "BatchGetItem": self._get_many, "Query": self._query, "PutItem": self._put,
            "UpdateItem": self._update, "TransactWriteItems": self._transact,
        }  # fmt: skip

    def answer_for(self, client: Any) -> None:
        """Answer every call of this boto3 client from now on."""
        client.meta.events.register("before-call.dynamodb", self._called)

    def _called(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, Answer]:
        self.meter.requests[model.name] += 1
        try:
            answer, status = self._answers[model.name](json.loads(params["body"])), HTTPStatus.OK
        except Refusal as refusal:
            answer, status = refusal.answer, HTTPStatus.BAD_REQUEST
        answer["ResponseMetadata"] = {"HTTPStatusCode": int(status), "HTTPHeaders": {}, "RetryAttempts": 0}
        return SimpleNamespace(status_code=int(status), headers={}, content=b""), answer

    # --- reading ---

    def _get(self, request: Request) -> Answer:
        found = self.tables[request["TableName"]].find(place_of(request["Key"]))
        return {"Item": self._read(found)} if found else {}

    def _get_many(self, request: Request) -> Answer:
        answers: dict[str, list[Item]] = {}
        for name, wanted in request["RequestItems"].items():
            found = (self.tables[name].find(place_of(keys)) for keys in wanted["Keys"])
            answers[name] = [self._read(stored) for stored in found if stored]
        return {"Responses": answers, "UnprocessedKeys": {}}

    def _query(self, request: Request) -> Answer:
        table = self.tables[request["TableName"]]
        index = table.indexes.get(request.get("IndexName", ""))
        fits = condition(request, "KeyConditionExpression")
        items: list[Item] = []
        room = LARGEST_PAGE
        for place in _from_start(table.places(request), request):
            stored = table.partitions[place[0]][place[1]]
            if not fits(stored.item):
                continue
            if len(items) == request.get("Limit", -1) or room <= 0:
                return _page(items, _keys(items[-1], None))
            items.append(self._read(stored, index))
            room -= stored.size
        return _page(items, None)

    def _read(self, stored: Stored, index: Index | None = None) -> Item:
        """A copy of the item, for boto3 changes what it is given; of an index of keys, the keys."""
        self.meter.items_read += 1
        self.meter.bytes_read += stored.size
        return _keys(stored.item, index) if index and index.keys_only else dict(stored.item)

    # --- writing ---

    def _put(self, request: Request) -> Answer:
        table = self._checked(request, request["Item"])
        table.put(request["Item"])
        self.meter.written[table.name] += 1
        return {}

    def _update(self, request: Request) -> Answer:
        table = self._checked(request, request["Key"])
        stored = table.find(place_of(request["Key"]))
        after = updated(request, stored.item if stored else request["Key"])
        table.put(after)
        self.meter.written[table.name] += 1
        shown = {"ALL_NEW": after, "ALL_OLD": stored.item if stored else None}.get(request.get("ReturnValues", "NONE"))
        return {"Attributes": dict(shown)} if shown else {}

    def _transact(self, request: Request) -> Answer:
        """Every condition first, then every write: all or nothing."""
        writes = [next(iter(each.items())) for each in request["TransactItems"]]
        reasons = [self._reason(write) for _, write in writes]
        if any(reason["Code"] != "None" for reason in reasons):
            raise Refusal("TransactionCanceledException", CancellationReasons=reasons)
        for kind, write in writes:
            table = self.tables[write["TableName"]]
            self.meter.written[table.name] += 1
            if kind == "Put":
                table.put(write["Item"])
            elif kind == "Delete":
                table.drop(place_of(write["Key"]))
        return {}

    def _reason(self, write: Request) -> Answer:
        try:
            self._checked(write, write.get("Item") or write["Key"])
        except Refusal as refusal:
            found = {"Item": refusal.answer["Item"]} if "Item" in refusal.answer else {}
            return {"Code": "ConditionalCheckFailed", **found}
        return {"Code": "None"}

    def _checked(self, request: Request, keys: Item) -> Table:
        """The table that a request may write to. Raises Refusal when its condition does not hold."""
        table = self.tables[request["TableName"]]
        stored = table.find(place_of(keys))
        if not condition(request)(stored.item if stored else {}):
            found = {"Item": dict(stored.item)} if stored else {}
            raise Refusal("ConditionalCheckFailedException", **found)
        return table


def _from_start(places: list[Place], request: Request) -> list[Place]:
    """The places in the wanted order, after the one that a former page ended at."""
    if not request.get("ScanIndexForward", True):
        places.reverse()
    if start := request.get("ExclusiveStartKey"):
        return places[places.index(place_of(start)) + 1 :]
    return places


def _keys(item: Item, index: Index | None) -> Item:
    names = {"pk", "sk", *((index.hash_key, index.range_key) if index else ())}
    return {name: item[name] for name in names}


def _page(items: list[Item], last: Item | None) -> Answer:
    page: Answer = {"Items": items, "Count": len(items), "ScannedCount": len(items)}
    return {**page, "LastEvaluatedKey": last} if last else page
