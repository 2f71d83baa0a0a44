#!/usr/bin/env python3
"""Writes docs/settings.md from the settings' own model: `python docs/generate_settings.py`."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MinLen
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from crossdock.domain.filters import AttributeName, ItemFilter, OrderFilter
from crossdock.domain.settings import (
    AddressPart,
    Connection,
    DearSettings,
    InventorySettings,
    Settings,
    WarehouseSettings,
)
from crossdock.domain.statuses import STATUS_GROUPS, SaleStatus

PAGE = Path(__file__).with_name("settings.md")

TABLES: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("The top of the file", "", Connection),
    ("[dear]", "dear", DearSettings),
    ("[warehouse]", "warehouse", WarehouseSettings),
    ("[settings]", "settings", Settings),
    ("[[settings.order_filters]]", "settings.order_filters", OrderFilter),
    ("[[settings.item_filters]]", "settings.item_filters", ItemFilter),
    ("[settings.inventory]", "settings.inventory", InventorySettings),
)
"""The heading, the TOML table and the model of each part of a connection file."""

_GROUPS = [name.lower().replace(" ", "_") for name in STATUS_GROUPS]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'`"{name}"`' for name in names)


HEAD = f"""# Settings

Written by `docs/generate_settings.py` from `layers/common/crossdock/domain/settings.py`; edit that, not this page.

A connection file is TOML, and has everything of a connection but its secrets, which come from environment variables
or prompts ([cli.md](cli.md)). A field that is not listed here is refused, with a proposal where its spelling is near.
"required" in the column *Default* means that a file without the field is refused. `crossdock connect FILE.toml`,
applied again, replaces all settings of the connection by those of the file.

- A *status* is one of {_listed(SaleStatus)}; {_listed(_GROUPS)}
  stand for several. What each means, and what choosing it loads, is told in [statuses.md](statuses.md).
- An *attribute* is one of `"additional_attribute_1"` to `"additional_attribute_{len(get_args(AttributeName))}"`.
- An *address part* is one of {_listed(get_args(AddressPart))}.
- `[table]` stands once in a file; `[[table]]` as often as there are entries, each below a heading of its own.
- In a message, an entry of a list is named by its place from 0: `settings.order_filters.0.field`.
"""

_SIMPLE: dict[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    Decimal: "number",
    date: "date",
}


_TERMS: dict[Any, str] = {SaleStatus: "status", AttributeName: "attribute", AddressPart: "address part"}
"""Types that the head of the page spells out once."""


def page() -> str:
    """The whole page."""
    return "\n".join((HEAD, *(_section(heading, table, model) for heading, table, model in TABLES)))


def _section(heading: str, table: str, model: type[BaseModel]) -> str:
    rows = "\n".join(_rows(table, model))
    return f"## {heading}\n\n{model.__doc__}\n\n| Name | Type | Default | Meaning |\n|---|---|---|---|\n{rows}\n"


def _rows(table: str, model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        cells = (f"`{name}`", _type(field), _default(field), _meaning(name, table, field))
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _type(field: FieldInfo) -> str:
    return ", ".join((_named(field.annotation), *_limits(field.metadata)))


def _limits(metadata: Iterable[object]) -> Iterator[str]:
    for each in metadata:
        match each:
            case StringConstraints(pattern=str(pattern)):
                yield f"`{pattern}`"
            case StringConstraints(min_length=int()) | MinLen():
                yield "not empty"
            case Ge(ge=least):
                yield f"at least {least}"
            case Le(le=most):
                yield f"at most {most}"
            case FieldInfo():
                yield from _limits(each.metadata)


def _named(kind: Any) -> str:
    """A type in the words of a connection file."""
    if kind in _TERMS:
        return _TERMS[kind]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "table"
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _choice(kind)
    parts = get_args(kind)
    match get_origin(kind):
        case None:
            named = _SIMPLE[kind]
        case origin if origin is Annotated:
            named = _named(parts[0])
        case origin if origin is Literal:
            named = _choice(parts)
        case origin if origin in {Union, UnionType}:
            named = " or ".join(_named(part) for part in parts if part is not NoneType)
        case origin if origin is dict:
            named = f"table of {_named(parts[0])} = {_named(parts[1])}"
        case _:
            named = f"list of {_plural(_named(parts[0]))}"
    return named


def _plural(word: str) -> str:
    return f"{word}es" if word.endswith("s") else f"{word}s"


def _choice(values: Iterable[object]) -> str:
    """Every value; the attributes by their term."""
    given = list(values)
    attributes = set(get_args(AttributeName))
    shown = dict.fromkeys("an attribute" if value in attributes else f'`"{value}"`' for value in given)
    *most, last = shown
    return f"{', '.join(most)} or {last}" if most else last


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is None or value in ((), {}):
        return "none"
    if isinstance(value, BaseModel):
        return "its defaults"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, frozenset):
        return f"`[{', '.join(f'"{each}"' for each in sorted(value))}]`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def _meaning(name: str, table: str, field: FieldInfo) -> str:
    """The field's description; of a table, the description of its model, and where it stands."""
    path = f"{table}.{name}" if table else name
    for heading, known, model in TABLES:
        if known == path:
            return f"{field.description or model.__doc__} See [`{heading}`](#{known.replace('.', '')})."
    return field.description or ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name} is written.")
