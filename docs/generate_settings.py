#!/usr/bin/env python3
"""Writes docs/settings.md from the settings' own model: `python docs/generate_settings.py`."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from crossdock.domain.settings import (
    Connection,
    DearSettings,
    InventorySettings,
    Settings,
    WarehouseSettings,
)
from crossdock.domain.statuses import SaleStatus

PAGE = Path(__file__).with_name("settings.md")

TABLES: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("The top of the file", "", Connection),
    ("[dear]", "dear", DearSettings),
    ("[warehouse]", "warehouse", WarehouseSettings),
    ("[settings]", "settings", Settings),
    ("[settings.inventory]", "settings.inventory", InventorySettings),
)
"""The heading, the TOML table and the model of each part of a connection file."""

HEAD = f"""# Settings

Written by `docs/generate_settings.py` from `layers/common/crossdock/domain/settings.py`; edit that, not this page.

A connection file is TOML, and has everything of a connection but its secrets, which come from environment variables
or prompts ([cli.md](cli.md)). A field that is not listed here is refused, with a proposal where its spelling is near.
"required" in the column *Default* means that a file without the field is refused. `crossdock connect FILE.toml`,
applied again, replaces all settings of the connection by those of the file.

DEAR's sale statuses, for `sale_statuses`: {", ".join(SaleStatus)}.
"""

_SIMPLE: dict[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    Decimal: "number",
    date: "date",
}


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
    told = _named(field.annotation)
    limits = [each.pattern or (each.min_length and "not empty") for each in _constraints(field)]
    limits += [f"at least {each.ge}" for each in field.metadata if isinstance(each, Ge)]
    limits += [f"at most {each.le}" for each in field.metadata if isinstance(each, Le)]
    shown = [f"`{limit}`" if str(limit).startswith("^") else str(limit) for limit in limits if limit]
    return ", ".join((told, *shown))


def _constraints(field: FieldInfo) -> list[StringConstraints]:
    return [each for each in field.metadata if isinstance(each, StringConstraints)]


def _named(kind: Any) -> str:
    """A type in the words of a connection file."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "table"
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _choice(kind)
    parts = get_args(kind)
    match get_origin(kind):
        case None:
            named = _SIMPLE[kind]
        case origin if origin is Literal:
            named = _choice(parts)
        case origin if origin in {Union, UnionType}:
            named = " or ".join(_named(part) for part in parts if part is not NoneType)
        case origin if origin is dict:
            named = f"table of {_named(parts[0])} to {_named(parts[1])}"
        case _:
            named = f"list of {_named(parts[0])}s"
    return named


def _choice(values: Iterable[object]) -> str:
    *most, last = [f'`"{value}"`' for value in values]
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
    """The field's description; of a table, the description of its model and where it stands."""
    if field.description:
        return field.description
    path = f"{table}.{name}" if table else name
    return next((f"{model.__doc__} See [{path}]." for _, known, model in TABLES if known == path), "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name} is written.")
