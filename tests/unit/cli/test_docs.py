"""docs/cli.md knows every command, option, field and setting, and its example file is a good one."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import pytest
import typer.main
from pydantic import BaseModel

from cli.commands import app
from cli.connection_file import EXAMPLES
from cli.looking import STATUSES
from cli.shapes import ANSWERS
from crossdock.domain.report import RunOutcome
from crossdock.domain.settings import Connection, parse_connection
from crossdock.domain.states import Decision

DOCS = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def section(command: str) -> str:
    parts = re.split(r"^## ", DOCS, flags=re.MULTILINE)
    return next(part for part in parts if part.startswith(f"crossdock {command}\n"))


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model that stands somewhere in a type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models_in(field.annotation)
    for part in get_args(annotation):
        if isinstance(part, type | UnionType) or get_args(part):
            yield from models_in(part)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_a_section_with_an_example(command: str) -> None:
    assert f"\n    crossdock {command}" in section(command)
    assert f"(#crossdock-{command})" in DOCS


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_option_is_documented(command: str) -> None:
    options = {name for option in COMMANDS[command].params for name in option.opts if name.startswith("--")}

    missing = {option for option in options - {"--stack", "--json"} if option not in section(command)}

    assert not missing
    assert "--stack" in DOCS


@pytest.mark.parametrize("command", sorted(ANSWERS))
def test_every_field_of_a_document_is_documented(command: str) -> None:
    fields = {name for model in models_in(ANSWERS[command]) for name in model.model_fields}
    named = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`[^`]+`", section(command)))))

    assert len(fields) > 2
    assert fields - named == set()


def test_every_status_is_documented() -> None:
    for status in (*STATUSES, *RunOutcome, *Decision):
        assert f"`{status}`" in DOCS or f"--status {status}`" in DOCS, status


def test_the_example_file_is_good_and_shows_every_setting() -> None:
    found = re.search(r"```toml\n(.*?)```", DOCS, flags=re.DOTALL)
    assert found is not None
    document = tomllib.loads(found.group(1))

    connection = parse_connection(document)

    assert connection.name == "main"
    assert settings_of(connection) == set(EXAMPLES)
    for field in EXAMPLES:
        assert shown_in(document, field), field


def settings_of(model: BaseModel, prefix: str = "") -> set[str]:
    """The dotted names of every setting, as a file has them."""
    found: set[str] = set()
    for name in type(model).model_fields:
        value = getattr(model, name)
        inside = settings_of(value, f"{prefix}{name}.") if isinstance(value, BaseModel) else {f"{prefix}{name}"}
        found |= inside
    return found


def shown_in(document: dict[str, Any], field: str) -> bool:
    for part in field.split("."):
        if part not in document:
            return False
        document = document[part]
    return True


@pytest.mark.parametrize("field", sorted(EXAMPLES))
def test_the_line_that_a_mend_shows_would_be_right(field: str) -> None:
    line, _, place = EXAMPLES[field].partition(" under ")
    table = re.findall(r"\[([a-z_.]+)\]", place)
    text = re.sub(r'"([a-z_0-9]+)"(?:, "[a-z_0-9]+")* or "[a-z_0-9]+"', r'"\1"', line)
    base = {"name": "x", "warehouse": {"base_url": "https://wms.example.com"}}
    account = {"account": "620"}

    document = _merged(base, tomllib.loads(f"[{table[0]}]\n{text}" if table else text))
    if field.startswith("settings.inventory"):
        document["settings"]["inventory"] = account | document["settings"]["inventory"]

    assert isinstance(parse_connection(document), Connection)


def _merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _merged(base.get(key, {}), more[key]) if isinstance(more.get(key), dict) else more.get(key, base.get(key))
        for key in base.keys() | more.keys()
    }
