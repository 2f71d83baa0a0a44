"""DynamoDB's condition and update expressions, as far as the store writes them: parsed once, then applied to items.

A condition is made of `attribute_exists`, `attribute_not_exists`, `begins_with`, comparisons, AND, OR, NOT and
parentheses; an update of SET with values, `if_not_exists` and sums, of REMOVE, and of ADD with numbers. Anything else
is refused, so that a store that comes to write more is noticed.
"""

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

Item = dict[str, Any]
Lookup = Callable[[str], Any]
Test = Callable[[Item, Lookup], bool]
Operand = Callable[[Item, Lookup], Any]
Change = Callable[[Item, Item, Lookup], None]

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),+-]|[#:]?\w+)")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Unsupported(ValueError):
    """An expression outside of the grammar above, or one that names what it was not given."""


class _Absent:
    """What stands where an attribute does not."""


ABSENT = _Absent()


@dataclass(frozen=True)
class Expression[What]:
    """A parsed expression with the placeholders that it uses: DynamoDB refuses a call that gives others."""

    what: What
    placeholders: frozenset[str]


@lru_cache(maxsize=1024)
def condition(text: str) -> Expression[Test]:
    """Parse a condition."""
    tokens = _Tokens(text)
    test = _either(tokens)
    tokens.end()
    return Expression(test, tokens.placeholders)


@lru_cache(maxsize=1024)
def update(text: str) -> Expression[tuple[Change, ...]]:
    """Parse an update; its changes all see the item as it was before."""
    tokens = _Tokens(text)
    changes: list[Change] = []
    while tokens.here:
        clause = tokens.take().upper()
        if clause not in {"SET", "REMOVE", "ADD"}:
            raise Unsupported(f"no clause {clause}")
        changes.append(_CHANGES[clause](tokens))
        while tokens.here == ",":
            tokens.take()
            changes.append(_CHANGES[clause](tokens))
    return Expression(tuple(changes), tokens.placeholders)


class _Tokens:
    """The words of an expression, one after the other."""

    def __init__(self, text: str) -> None:
        self._words = list(_words(text))
        self._at = 0
        self.placeholders = frozenset(word for word in self._words if word[0] in "#:")

    @property
    def here(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def take(self, wanted: str | None = None) -> str:
        word = self.here
        if not word or (wanted is not None and word.upper() != wanted):
            raise Unsupported(f"{wanted or 'something'} is wanted, not {word or 'the end'}")
        self._at += 1
        return word

    def end(self) -> None:
        if self.here:
            raise Unsupported(f"{self.here} is too much")


def _words(text: str) -> Iterator[str]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise Unsupported(f"cannot be read: {text[at:]}")
        yield found[1]
        at = found.end()


def _either(tokens: _Tokens) -> Test:
    parts = [_both(tokens)]
    while tokens.here.upper() == "OR":
        tokens.take()
        parts.append(_both(tokens))
    return parts[0] if len(parts) == 1 else lambda item, names: any(part(item, names) for part in parts)


def _both(tokens: _Tokens) -> Test:
    parts = [_one(tokens)]
    while tokens.here.upper() == "AND":
        tokens.take()
        parts.append(_one(tokens))
    return parts[0] if len(parts) == 1 else lambda item, names: all(part(item, names) for part in parts)


def _one(tokens: _Tokens) -> Test:
    word = tokens.here.lower()
    if word == "not":
        tokens.take()
        inner = _one(tokens)
        return lambda item, names: not inner(item, names)
    if word == "(":
        tokens.take()
        inner = _either(tokens)
        tokens.take(")")
        return inner
    if word in {"attribute_exists", "attribute_not_exists"}:
        return _existence(tokens)
    if word == "begins_with":
        return _beginning(tokens)
    return _comparison(tokens)


def _existence(tokens: _Tokens) -> Test:
    wanted = tokens.take().lower() == "attribute_exists"
    tokens.take("(")
    name = tokens.take()
    tokens.take(")")
    return lambda item, names: (_named(name, names) in item) is wanted


def _beginning(tokens: _Tokens) -> Test:
    tokens.take()
    tokens.take("(")
    text = _operand(tokens)
    tokens.take(",")
    start = _operand(tokens)
    tokens.take(")")
    return lambda item, names: str(text(item, names)).startswith(str(start(item, names)))


def _comparison(tokens: _Tokens) -> Test:
    left, sign, right = _operand(tokens), tokens.take(), _operand(tokens)
    if sign == "=":
        return lambda item, names: _same(left(item, names), right(item, names))
    if sign == "<>":
        return lambda item, names: not _same(left(item, names), right(item, names))
    if sign not in _COMPARISONS:
        raise Unsupported(f"no comparison {sign}")
    compare = _COMPARISONS[sign]
    return lambda item, names: _ordered(left(item, names), right(item, names), compare)


def _same(left: Any, right: Any) -> bool:
    return type(left) is type(right) and bool(left == right)


def _ordered(left: Any, right: Any, compare: Callable[[Any, Any], bool]) -> bool:
    return type(left) is type(right) and isinstance(left, str | Decimal | bytes) and compare(left, right)


def _operand(tokens: _Tokens) -> Operand:
    word = tokens.take()
    if word[0] == ":":
        return lambda _, names: names(word)
    if not re.fullmatch(r"#?\w+", word):
        raise Unsupported(f"{word} is no attribute and no value")
    return lambda item, names: item.get(_named(word, names), ABSENT)


def _named(word: str, names: Lookup) -> str:
    return str(names(word)) if word[0] == "#" else word


# --- changes -------------------------------------------------------------------------------------------------


def _set(tokens: _Tokens) -> Change:
    name = tokens.take()
    tokens.take("=")
    value = _sum(tokens)

    def change(item: Item, before: Item, names: Lookup) -> None:
        given = value(before, names)
        if given is ABSENT:
            raise Unsupported(f"{name} is set from an attribute that is not there")
        item[_named(name, names)] = given

    return change


def _sum(tokens: _Tokens) -> Operand:
    first = _value(tokens)
    if tokens.here not in {"+", "-"}:
        return first
    sign = 1 if tokens.take() == "+" else -1
    second = _value(tokens)
    return lambda item, names: first(item, names) + sign * second(item, names)


def _value(tokens: _Tokens) -> Operand:
    if tokens.here.lower() != "if_not_exists":
        return _operand(tokens)
    tokens.take()
    tokens.take("(")
    name = tokens.take()
    tokens.take(",")
    instead = _operand(tokens)
    tokens.take(")")

    def value(item: Item, names: Lookup) -> Any:
        found = item.get(_named(name, names), ABSENT)
        return instead(item, names) if found is ABSENT else found

    return value


def _remove(tokens: _Tokens) -> Change:
    name = tokens.take()

    def change(item: Item, _before: Item, names: Lookup) -> None:
        item.pop(_named(name, names), None)

    return change


def _add(tokens: _Tokens) -> Change:
    name, value = tokens.take(), _operand(tokens)

    def change(item: Item, before: Item, names: Lookup) -> None:
        given = value(before, names)
        if not isinstance(given, Decimal):
            raise Unsupported("only numbers are added")
        item[_named(name, names)] = before.get(_named(name, names), Decimal(0)) + given

    return change


_CHANGES: dict[str, Callable[[_Tokens], Change]] = {"SET": _set, "REMOVE": _remove, "ADD": _add}
