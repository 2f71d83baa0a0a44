"""The API's document is what the code reads and answers, and its page is what the document says."""

import json
import re
import runpy
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.unit.builders import shipment

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
GENERATED = runpy.run_path(str(DOCS / "generate_openapi.py"))
DOCUMENT: dict[str, Any] = GENERATED["document"]()


def schema(model: str) -> dict[str, Any]:
    return {**DOCUMENT["components"]["schemas"][model], "components": DOCUMENT["components"]}


def test_the_document_is_what_its_generator_writes() -> None:
    assert (DOCS / "openapi.json").read_text("utf-8") == GENERATED["text"](), "run `python docs/generate_openapi.py`"


def test_the_page_is_what_its_generator_writes() -> None:
    written = runpy.run_path(str(DOCS / "generate_api_page.py"))["page"](DOCUMENT)

    assert (DOCS / "api.html").read_text("utf-8") == written, "run `python docs/generate_api_page.py`"


def test_the_page_needs_no_script_and_no_network() -> None:
    page = (DOCS / "api.html").read_text("utf-8")

    assert "<script" not in page
    assert re.findall(r"(?:src|href)=\"(?!#|openapi\.json)[^\"]*\"", page) == []
    assert "url(" not in page


def test_every_link_of_the_page_leads_somewhere() -> None:
    page = (DOCS / "api.html").read_text("utf-8")

    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))


def test_every_field_of_a_push_is_explained() -> None:
    models = {name: DOCUMENT["components"]["schemas"][name] for name in ("Push", "Shipment", "Parcel", "ParcelLine")}
    silent = [
        f"{name}.{field}"
        for name, model in models.items()
        for field, each in model["properties"].items()
        if not each.get("description")
    ]

    assert silent == []


def test_the_routes_of_the_template_and_of_the_document_are_the_same() -> None:
    template = (ROOT / "template.yaml").read_text()
    routes = set(re.findall(r'Method: (\w+), Path: "(/v1/[^"]+)"', template))

    described = {(verb, path) for path, calls in DOCUMENT["paths"].items() for verb in calls if verb in {"get", "post"}}

    assert described == routes


def test_the_document_allows_the_sample_and_a_shipment_of_ours() -> None:
    sample = json.loads((ROOT / "events" / "receive_tracking" / "push.json").read_text())["body"]

    assert jsonschema_rs.Draft202012Validator(schema("Push")).is_valid(json.loads(sample))
    assert jsonschema_rs.Draft202012Validator(schema("Shipment")).is_valid(shipment().model_dump(mode="json"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"revision": 0},
        {"id": "  "},
        {"parcels": []},
        {"parcels": None},
        {"kind": "lost"},
        {"final": "yes"},
        {"updated_at": None},
    ],
)
def test_the_document_refuses_what_the_code_refuses(wrong: dict[str, Any]) -> None:
    document = shipment().model_dump(mode="json") | wrong

    assert not jsonschema_rs.Draft202012Validator(schema("Shipment")).is_valid(document)
