"""A table of DynamoDB in memory, as boto3's resource shows it: the calls that the store makes, and no others.

tests/integration/store holds it to the emulator's behaviour: the same tests run on both. Reads of an index may lag
behind the table, as DynamoDB's do.
"""

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple, NoReturn

from boto3.dynamodb.conditions import ConditionBase
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from simulation.expressions import Expression, Item, Lookup, Unsupported, condition, update
from simulation.hooks import Events
from simulation.keys import fits, key_tests
from simulation.values import LARGEST_ITEM, size_of, stored

MOST_KEYS = 100
MOST_WRITES = 100
LARGEST_PAGE = 1024 * 1024
SURELY_SMALL = LARGEST_ITEM // 16
"""Bytes of a packed item below which nothing is counted: packing names a text once that DynamoDB counts each time."""

type Place = tuple[str, str]

_wire = TypeSerializer()


class Index(NamedTuple):
    """A global secondary index; `keys_only`: it shows keys and nothing else."""

    name: str
    partition: str
    sort: str
    keys_only: bool


@dataclass(slots=True)
class _Kept:
    """An item as it lies in the table: what conditions look at, and a copy that nobody else has."""

    item: Item
    packed: bytes


@dataclass
class _View:
    """What an index shows, and what it does not show yet: when each change is to be seen."""

    index: Index
    partitions: dict[str, dict[Place, _Kept]] = field(default_factory=dict)
    coming: deque[tuple[float, Place, _Kept | None, _Kept | None]] = field(default_factory=deque)


class Table:
    """One table. `lag` gives the seconds that the indexes stay behind a write, by the clock `now`."""

    def __init__(
        self,
        name: str,
        indexes: Iterable[Index] = (),
        *,
        now: Callable[[], float] = lambda: 0.0,
        lag: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.name = name
        self.events = Events()
        self.watchers: list[Callable[[Item | None, Item | None], None]] = []
        self._now, self._lag = now, lag
        self._partitions: dict[str, dict[str, _Kept]] = {}
        self._views = {index.name: _View(index) for index in indexes}
        self.meta = SimpleNamespace(client=Client(self))

    # --- reading ---

    def get_item(self, *, Key: Item, ConsistentRead: bool = False) -> dict[str, Any]:  # noqa: ARG002, N803
        def act() -> dict[str, Any]:
            kept = self._at(Key)
            return {"Item": pickle.loads(kept.packed)} if kept else {}  # noqa: S301 - packed here

        return self.events.calling("GetItem", act)

    def query(self, **asked: Any) -> dict[str, Any]:
        return self.events.calling("Query", lambda: self._query(**asked))

    def scan(self) -> dict[str, Any]:
        """Everything, for tests."""
        items = [kept.item for partition in self._partitions.values() for kept in partition.values()]
        return {"Items": pickle.loads(pickle.dumps(items))}  # noqa: S301 - packed here

    # --- writing ---

    def put_item(
        self,
        *,
        Item: Item,  # noqa: N803
        ReturnValuesOnConditionCheckFailure: str = "NONE",  # noqa: N803
        **guard: Any,
    ) -> dict[str, Any]:
        def act() -> dict[str, Any]:
            kept = _checked("PutItem", Item)
            self._require("PutItem", kept.item, guard, ReturnValuesOnConditionCheckFailure)
            self._keep(kept)
            return {}

        return self.events.calling("PutItem", act)

    def update_item(
        self,
        *,
        Key: Item,  # noqa: N803
        UpdateExpression: str,  # noqa: N803
        ReturnValues: str = "NONE",  # noqa: N803
        ReturnValuesOnConditionCheckFailure: str = "NONE",  # noqa: N803
        **guard: Any,
    ) -> dict[str, Any]:
        def act() -> dict[str, Any]:
            changes = _parsed("UpdateItem", update, UpdateExpression)
            used = changes.placeholders
            before = self._require("UpdateItem", Key, guard, ReturnValuesOnConditionCheckFailure, used)
            item = dict(before.item) if before else {**Key}
            names = _lookup(guard)
            for change in changes.what:
                change(item, before.item if before else {}, names)
            kept = _checked("UpdateItem", item)
            self._keep(kept)
            shown = {"ALL_NEW": kept, "ALL_OLD": before}.get(ReturnValues)
            return {"Attributes": pickle.loads(shown.packed)} if shown else {}  # noqa: S301

        return self.events.calling("UpdateItem", act)

    @contextmanager
    def batch_writer(self) -> Iterator["Table"]:
        """For tests that need many items."""
        yield self

    def delete(self) -> None:
        self._partitions.clear()

    # --- a restore from a backup ---

    def backup(self) -> list[Item]:
        """Every item as it is now."""
        items: list[Item] = self.scan()["Items"]
        return items

    def restore(self, items: Iterable[Item]) -> None:
        """Put every item back to how it was in the backup, and nothing else."""
        self._partitions = {}
        for view in self._views.values():
            view.partitions, view.coming = {}, deque()
        for item in items:
            self._keep(_checked("Restore", item), watched=False)

    # --- within ---

    def _at(self, key: Item) -> _Kept | None:
        return self._partitions.get(key["pk"], {}).get(key["sk"])

    def _keep(self, kept: _Kept, *, watched: bool = True) -> None:
        item = kept.item
        before = self._at(item)
        self._partitions.setdefault(item["pk"], {})[item["sk"]] = kept
        self._changed(item, before, kept, watched=watched)

    def _drop(self, key: Item) -> None:
        before = self._partitions.get(key["pk"], {}).pop(key["sk"], None)
        if before:
            self._changed(key, before, None)

    def _changed(self, key: Item, before: _Kept | None, after: _Kept | None, *, watched: bool = True) -> None:
        place = (key["pk"], key["sk"])
        for view in self._views.values():
            due = max(self._now() + self._lag(), view.coming[-1][0] if view.coming else 0.0)
            view.coming.append((due, place, before, after))
        if watched:
            for watcher in self.watchers:
                watcher(before.item if before else None, after.item if after else None)

    def _require(
        self, call: str, key: Item, guard: Item, returned: str, used: frozenset[str] = frozenset()
    ) -> _Kept | None:
        """The item that stands there, if the condition on it holds."""
        kept = self._at(key)
        if not self._holds(call, kept, guard, used):
            told: dict[str, Any] = {"Item": in_wire_form(kept.item)} if kept and returned == "ALL_OLD" else {}
            refuse(call, "ConditionalCheckFailedException", "The conditional request failed", **told)
        return kept

    def _holds(self, call: str, kept: _Kept | None, guard: Item, used: frozenset[str] = frozenset()) -> bool:
        text = guard.get("ConditionExpression")
        test = _parsed(call, condition, text) if text else None
        given = {*guard.get("ExpressionAttributeNames", ()), *guard.get("ExpressionAttributeValues", ())}
        wanted = used | (test.placeholders if test else frozenset())
        if given != wanted:
            refuse(call, "ValidationException", f"placeholders given and used differ: {sorted(given ^ wanted)}")
        return test is None or test.what(kept.item if kept else {}, _lookup(guard))

    def _query(
        self,
        *,
        KeyConditionExpression: ConditionBase | str,  # noqa: N803
        IndexName: str | None = None,  # noqa: N803
        ConsistentRead: bool = False,  # noqa: N803
        Limit: int | None = None,  # noqa: N803
        ScanIndexForward: bool = True,  # noqa: N803
        ExclusiveStartKey: Item | None = None,  # noqa: N803
        **values: Any,
    ) -> dict[str, Any]:
        if IndexName and ConsistentRead:
            refuse("Query", "ValidationException", "Consistent reads are not supported on global secondary indexes")
        view = self._views[IndexName] if IndexName else None
        sort = view.index.sort if view else "sk"
        wanted = key_tests(KeyConditionExpression, values)
        found = self._partition(view, wanted)
        rows = sorted(found, key=lambda kept: _order(kept.item, sort), reverse=not ScanIndexForward)
        if ExclusiveStartKey:
            begin = _order(ExclusiveStartKey, sort)
            rows = [kept for kept in rows if (_order(kept.item, sort) > begin) is ScanIndexForward]
            rows = [kept for kept in rows if _order(kept.item, sort) != begin]
        page, more = _page(rows, Limit)
        last = {name: page[-1].item[name] for name in {"pk", "sk", *_key_names(view)}} if more and page else None
        items = [pickle.loads(kept.packed) for kept in page]  # noqa: S301 - packed here
        if view and view.index.keys_only:
            items = [{name: item[name] for name in ("pk", "sk", *_key_names(view))} for item in items]
        return {"Items": items, "Count": len(items), **({"LastEvaluatedKey": last} if last else {})}

    def _partition(self, view: _View | None, wanted: "dict[str, list[tuple[str, Any]]]") -> list[_Kept]:
        if view is None:
            name, entries = "pk", None
        else:
            self._catch_up(view)
            name, entries = view.index.partition, view.partitions
        value = next(value for sign, value in wanted.pop(name) if sign == "=")
        if entries is None:
            kept: Iterable[_Kept] = self._partitions.get(value, {}).values()
        else:
            kept = entries.get(value, {}).values()
        return [each for each in kept if all(fits(each.item.get(key), tests) for key, tests in wanted.items())]

    def _catch_up(self, view: _View) -> None:
        while view.coming and view.coming[0][0] <= self._now():
            _, place, before, after = view.coming.popleft()
            name = view.index.partition
            if before and name in before.item:
                view.partitions.get(before.item[name], {}).pop(place, None)
            if after and name in after.item and view.index.sort in after.item:
                view.partitions.setdefault(after.item[name], {})[place] = after


class Client:
    """The two calls that boto3's resource leaves to its client."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.meta = SimpleNamespace(events=table.events)

    def batch_get_item(self, *, RequestItems: Item) -> dict[str, Any]:  # noqa: N803
        table = self._table

        def act() -> dict[str, Any]:
            keys = RequestItems[table.name]["Keys"]
            if len(keys) > MOST_KEYS or len({(key["pk"], key["sk"]) for key in keys}) < len(keys):
                refuse("BatchGetItem", "ValidationException", "Too many items requested, or one of them twice")
            found = [table.get_item(Key=key).get("Item") for key in keys]
            return {"Responses": {table.name: [item for item in found if item]}, "UnprocessedKeys": {}}

        return table.events.calling("BatchGetItem", act)

    def transact_write_items(self, *, TransactItems: list[Item]) -> dict[str, Any]:  # noqa: N803
        """All or nothing. A repeated call is the same one to DynamoDB, by the token that botocore adds."""
        table, call, applied = self._table, "TransactWriteItems", False

        def act() -> dict[str, Any]:
            nonlocal applied
            if not applied:
                operations = [_operation(part) for part in TransactItems]
                _require_distinct(operations)
                self._require_all(operations)
                for name, part in operations:
                    self._apply(name, part)
                applied = True
            return {}

        return table.events.calling(call, act)

    def _require_all(self, operations: "list[tuple[str, Item]]") -> None:
        table, call = self._table, "TransactWriteItems"
        reasons: list[dict[str, Any]] = []
        for _, part in operations:
            kept = table._at(_key_of(part))  # noqa: SLF001 - the table's other half
            guard = {name: value for name, value in part.items() if name.startswith(("Condition", "Expression"))}
            if table._holds(call, kept, guard):  # noqa: SLF001
                reasons.append({"Code": "None"})
            else:
                wants = part.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
                shown = {"Item": in_wire_form(kept.item)} if kept and wants else {}
                text = "The conditional request failed"
                reasons.append({"Code": "ConditionalCheckFailed", "Message": text, **shown})
        if any(reason["Code"] != "None" for reason in reasons):
            codes = ", ".join(reason["Code"] for reason in reasons)
            text = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
            refuse(call, "TransactionCanceledException", text, CancellationReasons=reasons)

    def _apply(self, name: str, part: Item) -> None:
        if name == "Put":
            self._table._keep(part["Item"])  # noqa: SLF001
        elif name == "Delete":
            self._table._drop(part["Key"])  # noqa: SLF001


def refuse(call: str, code: str, text: str, *, status: int = 400, **more: Any) -> NoReturn:
    """Raise the error that botocore would."""
    response: Any = {"Error": {"Code": code, "Message": text}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    raise ClientError(response, call)


def in_wire_form(item: Item) -> Item:
    """An item as an error answer shows it, in DynamoDB's own notation."""
    return {name: _wire.serialize(value) for name, value in item.items()}


def _checked(call: str, item: Item) -> _Kept:
    given: Item = stored(item)
    for key in ("pk", "sk"):
        if not isinstance(given.get(key), str) or not given[key]:
            refuse(call, "ValidationException", f"The key {key} is missing, empty or no text")
    packed = pickle.dumps(given, pickle.HIGHEST_PROTOCOL)
    if len(packed) > SURELY_SMALL and size_of(given) > LARGEST_ITEM:
        refuse(call, "ValidationException", "Item size has exceeded the maximum allowed size")
    return _Kept(given, packed)


def _operation(part: Item) -> tuple[str, Item]:
    ((name, arguments),) = part.items()
    if name not in {"Put", "Delete", "ConditionCheck"}:
        refuse("TransactWriteItems", "ValidationException", f"no operation {name}")
    if name != "Put":
        return name, arguments
    return name, {**arguments, "Item": _checked("TransactWriteItems", arguments["Item"])}


def _key_of(part: Item) -> Item:
    """The key of an operation in a transaction."""
    key: Item = part["Item"].item if "Item" in part else part["Key"]
    return key


def _require_distinct(operations: "list[tuple[str, Item]]") -> None:
    keys = [_key_of(part) for _, part in operations]
    places = {(key["pk"], key["sk"]) for key in keys}
    if len(keys) > MOST_WRITES or len(places) < len(keys):
        refuse("TransactWriteItems", "ValidationException", "Too many items, or several operations on one item")


def _parsed[What](call: str, parse: Callable[[str], Expression[What]], text: str) -> Expression[What]:
    try:
        return parse(text)
    except Unsupported as error:
        refuse(call, "ValidationException", str(error))


def _lookup(guard: Item) -> Lookup:
    names, values = guard.get("ExpressionAttributeNames", {}), guard.get("ExpressionAttributeValues", {})
    return lambda word: names[word] if word[0] == "#" else stored(values[word])


def _key_names(view: _View | None) -> tuple[str, ...]:
    return (view.index.partition, view.index.sort) if view else ()


def _order(item: Item, sort: str) -> tuple[Any, str, str]:
    return item[sort], item["pk"], item["sk"]


def _page(rows: list[_Kept], limit: int | None) -> tuple[list[_Kept], bool]:
    """The rows of one page, and whether DynamoDB would say that more may follow."""
    page: list[_Kept] = []
    size = 0
    for kept in rows:
        page.append(kept)
        size += len(kept.packed)
        if len(page) == limit or size > LARGEST_PAGE:
            return page, True
    return page, False
