"""The documents say what the code does: states, alarms, settings, parameters, and every file that they name."""

import re
import runpy
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.reasons import REASONS
from crossdock.domain.report import RunOutcome
from crossdock.domain.states import ORDER_MOVES, SHIPMENT_MOVES, Step
from crossdock.store import keys

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
MADE_ELSEWHERE = re.compile(r"[<>*{}]|^\.local/|^\.venv/|^\.aws-sam/")
"""Paths with a place to fill in, and folders that git ignores."""


@pytest.mark.parametrize(("heading", "moves"), [("Order states", ORDER_MOVES), ("Shipment states", SHIPMENT_MOVES)])
def test_the_state_diagrams_have_every_move_and_no_other(
    heading: str, moves: dict[StrEnum, frozenset[StrEnum]]
) -> None:
    page = (DOCS / "architecture.md").read_text()

    drawn = _arrows(page.split(f"### {heading}\n")[1].split("```")[1])

    assert sorted(drawn) == sorted((str(before), str(after)) for before in moves for after in moves[before])


def test_every_alarm_has_a_runbook_entry_and_every_entry_an_alarm() -> None:
    alarms = {name for name, each in _template()["Resources"].items() if each["Type"] == "AWS::CloudWatch::Alarm"}

    runbook = (DOCS / "operations.md").read_text().split("\n## Alarms\n")[1].split("\n## ")[0]
    entries = re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", runbook, flags=re.MULTILINE | re.DOTALL)

    assert {name for name, _ in entries} == alarms
    assert [
        name for name, text in entries if not all(part in text for part in ("**Means.**", "**Look.**", "**Do.**"))
    ] == []


def test_every_outcome_of_a_run_is_explained() -> None:
    table = (DOCS / "operations.md").read_text().split("\n## What a run's outcome means\n")[1].split("\n## ")[0]

    assert set(re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)) == set(RunOutcome)


def test_every_reason_that_the_commands_know_says_what_to_do() -> None:
    reasons = (DOCS / "operations.md").read_text().split("\n## Reasons\n")[1].split("\n## ")[0]
    first_cells = re.findall(r"^\| (`.*?) \|", reasons, flags=re.MULTILINE)

    explained = {code for cell in first_cells for code in re.findall(r"`(\w+)`", cell)}

    assert sorted(REASONS.keys() - explained) == []


def test_the_data_model_has_every_kind_of_item() -> None:
    kept = _shape(str(keys.__doc__)).split("Orders:")[1].replace("Checkpoints:", "").replace("|", " ")
    page = (DOCS / "architecture.md").read_text().split("\n## Data model\n")[1].split("\n### Writes\n")[0]

    described = {_shape(key) for key in re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", page, flags=re.DOTALL))}

    assert sorted(set(kept.split()) - described) == []


def test_the_picture_and_the_map_have_every_step() -> None:
    picture = (DOCS / "architecture.md").read_text().split("\n## The picture\n")[1].split("```")[1]
    tree = (ROOT / "README.md").read_text().split("\n## Map of the repository\n")[1].split("```")[1]

    assert set(re.findall(r"\[(\w+)\]$", picture, flags=re.MULTILINE)) >= set(Step)
    assert set(re.findall(r"^  (\w+)/ ", tree, flags=re.MULTILINE)) >= set(Step)


def test_the_settings_page_is_what_its_generator_writes() -> None:
    written = runpy.run_path(str(DOCS / "generate_settings.py"))["page"]()

    told = "run `python docs/generate_settings.py`"
    assert (DOCS / "settings.md").read_text() == written, told


def test_the_readme_lists_every_template_parameter_with_its_default() -> None:
    parameters = {name: str(each["Default"]) for name, each in _template()["Parameters"].items()}

    table = (ROOT / "README.md").read_text().split("\n| Parameter | Default | Meaning |\n")[1].split("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", table, flags=re.MULTILINE)
    told = {name: default.strip("`").replace("none", "") for name, default in rows}

    assert told == parameters


def test_every_link_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}" for page in PAGES for target in _links(page) if not _exists(page, target)
    ]

    assert broken == []


def test_every_file_that_the_documents_name_exists() -> None:
    named = {(page, path) for page in PAGES for path in _paths(page)}

    missing = [
        f"{page.relative_to(ROOT)}: {path}"
        for page, path in sorted(named)
        if not any((place / path).exists() for place in (ROOT, DOCS, ROOT / "layers/common/crossdock", page.parent))
    ]

    assert missing == []


def _arrows(diagram: str) -> list[tuple[str, str]]:
    """The moves of a state diagram; where it begins is no move."""
    arrows = re.findall(r"^\s*(\S+) --> (\S+)$", diagram, flags=re.MULTILINE)
    return [(before, after) for before, after in arrows if before != "[*]"]


def _links(page: Path) -> Iterator[str]:
    """What a page links to on this machine, in its text and not in its samples."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
    yield from (target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target)


def _exists(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    found = (page.parent / path) if path else page
    if not found.exists():
        return False
    return not anchor or anchor in {_anchor(line) for line in found.read_text().splitlines() if line.startswith("#")}


def _anchor(heading: str) -> str:
    """A heading as its address in the page."""
    return re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower()).replace(" ", "-")


def _shape(key: str) -> str:
    """A key without the names of its parts."""
    return re.sub(r"{[^}]*}", "{}", key)


def _paths(page: Path) -> Iterator[str]:
    """What a page names in backticks and is a path in this repository."""
    for text in re.findall(r"`([^`\s]+)`", page.read_text()):
        is_path = re.fullmatch(r"[\w.\-/]+(/|\.(py|toml|yaml|md|txt))", text) and "/" in text
        if is_path and not text.startswith("/") and not MADE_ELSEWHERE.search(text):
            yield text


class _Loader(yaml.SafeLoader):
    """Reads a template's short functions as nothing: only names and plain values are looked at."""


_Loader.add_multi_constructor("!", lambda *_: None)


def _template() -> dict[str, Any]:
    return yaml.load((ROOT / "template.yaml").read_text(), Loader=_Loader)  # noqa: S506 - a safe loader
