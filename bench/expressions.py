"""DynamoDB's expressions, as far as the store writes them: conditions, key conditions and updates.

An item is in DynamoDB's own notation: name to `{"S": "..."}`, `{"N": "1"}` and so on. What is not known is refused.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

type Value = dict[str, Any]
type Item = dict[str, Value]
type Test = Callable[[Item], bool]
type Term = Callable[[Item], Value | None]

_TOKEN = re.compile(r"\s*([#:\w]+|<=|>=|<>|[=<>(),+\-])")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_CLAUSES = frozenset({"SET", "REMOVE", "ADD"})


class NotKnown(Exception):
    """An expression that this module cannot read."""


@dataclass
class _Reader:
    """Reads an expression from left to right."""

    tokens: list[str]
    names: dict[str, str]
    values: dict[str, Value]

    @property
    def next(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def take(self, *expected: str) -> str:
        """The next token. Raises NotKnown when it is none of those expected."""
        if not self.tokens or (expected and self.next not in expected):
            raise NotKnown(f"{self.next or 'an end'} where {' or '.join(expected) or 'more'} was expected")
        return self.tokens.pop(0)

    def name(self) -> str:
        token = self.take()
        return self.names[token] if token.startswith("#") else token

    def test(self) -> Test:
        """One or more tests joined by OR, which binds less than AND."""
        tests = [self._all()]
        while self.next == "OR":
            self.take()
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda item: any(test(item) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self.next == "AND":
            self.take()
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda item: all(test(item) for test in tests)

    def _one(self) -> Test:
        if self.next == "(":
            self.take()
            inner = self.test()
            self.take(")")
            return inner
        if self.next in _FUNCTIONS:
            return _FUNCTIONS[self.take()](self)
        left, sign, right = self.term(), self.take(*_COMPARISONS, "BETWEEN"), self.term()
        if sign == "BETWEEN":
            self.take("AND")
            last = self.term()
            return lambda item: (
                _compared(left(item), operator.ge, right(item)) and _compared(left(item), operator.le, last(item))
            )
        compare = _COMPARISONS[sign]
        return lambda item: _compared(left(item), compare, right(item))

    def term(self) -> Term:
        """A value, an attribute, or what stands there with another for where nothing does."""
        if self.next == "if_not_exists":
            self.take()
            self.take("(")
            name = self.name()
            self.take(",")
            other = self.term()
            self.take(")")
            return lambda item: item.get(name) or other(item)
        if self.next.startswith(":"):
            value = self.values[self.take()]
            return lambda _item: value
        attribute = self.name()
        return lambda item: item.get(attribute)

    def argument(self) -> str:
        """The only argument of a function: an attribute."""
        self.take("(")
        name = self.name()
        self.take(")")
        return name


def _compared(left: Value | None, compare: Callable[[Any, Any], bool], right: Value | None) -> bool:
    if left is None or right is None or left.keys() != right.keys():
        return compare is operator.ne
    return compare(_plain(left), _plain(right))


def _plain(value: Value) -> Any:
    ((kind, content),) = value.items()
    return Decimal(content) if kind == "N" else content


def _exists(reader: _Reader) -> Test:
    name = reader.argument()
    return lambda item: name in item


def _not_exists(reader: _Reader) -> Test:
    name = reader.argument()
    return lambda item: name not in item


def _begins_with(reader: _Reader) -> Test:
    reader.take("(")
    name = reader.name()
    reader.take(",")
    start = reader.term()
    reader.take(")")
    return lambda item: name in item and str(item[name]["S"]).startswith(str((start(item) or {})["S"]))


_FUNCTIONS: dict[str, Callable[[_Reader], Test]] = {
    "attribute_exists": _exists, "attribute_not_exists": _not_exists, "begins_with": _begins_with,
}  # fmt: skip


def condition(request: dict[str, Any], name: str = "ConditionExpression") -> Test:
    """The test of a request's expression; always true where it has none."""
    if name not in request:
        return lambda _item: True
    reader = _reader(request, name)
    test = reader.test()
    if reader.tokens:
        raise NotKnown(f"{reader.tokens} at the end of {request[name]}")
    return test


def hash_value(request: dict[str, Any], attribute: str) -> str:
    """What a key condition says of the partition key: that it equals this text."""
    reader = _reader(request, "KeyConditionExpression")
    named = [reader.names.get(token, token) for token in reader.tokens]
    place = named.index(attribute)
    if named[place + 1] != "=":
        raise NotKnown(f"{request['KeyConditionExpression']} does not say what {attribute} equals")
    return str(reader.values[named[place + 2]]["S"])


def updated(request: dict[str, Any], item: Item) -> Item:
    """The item after a request's update."""
    reader = _reader(request, "UpdateExpression")
    after = dict(item)
    while reader.tokens:
        clause = reader.take(*_CLAUSES)
        while True:
            _change(reader, clause, item, after)
            if reader.next != ",":
                break
            reader.take(",")
    return after


def _change(reader: _Reader, clause: str, item: Item, after: Item) -> None:
    name = reader.name()
    match clause:
        case "REMOVE":
            after.pop(name, None)
        case "ADD":
            after[name] = _sum(item.get(name), reader.term()(item))
        case _:
            reader.take("=")
            value = reader.term()(item)
            while reader.next == "+":
                reader.take()
                value = _sum(value, reader.term()(item))
            if value is None:
                raise NotKnown(f"nothing to set {name} to")
            after[name] = value


def _sum(left: Value | None, right: Value | None) -> Value:
    return {"N": str(sum((Decimal(each["N"]) for each in (left, right) if each), Decimal(0)))}


def _reader(request: dict[str, Any], name: str) -> _Reader:
    text: str = request[name]
    return _Reader(
        _TOKEN.findall(text),
        request.get("ExpressionAttributeNames", {}),
        request.get("ExpressionAttributeValues", {}),
    )
