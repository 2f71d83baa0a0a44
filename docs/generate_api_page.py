#!/usr/bin/env python3
"""Writes docs/api.html from docs/openapi.json, a page without scripts: `python docs/generate_api_page.py`."""

import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

DOCUMENT, PAGE = Path(__file__).with_name("openapi.json"), Path(__file__).with_name("api.html")

STYLE = """
:root { color-scheme: light dark; --line: #8885; --soft: #8882; --good: #2a7d2a; --bad: #b3402a }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1.5rem } h3 { margin-top: 2rem }
code, pre { font: 14px/1.45 ui-monospace, monospace } pre { background: var(--soft); padding: 1rem; overflow: auto }
.call { font: 600 15px ui-monospace, monospace; overflow-wrap: anywhere } .verb { text-transform: uppercase }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto } th { font-weight: 600 }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line) }
.good { color: var(--good) } .bad { color: var(--bad) } nav a { margin-right: 1rem }
"""

HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">"""


def page(document: dict[str, Any]) -> str:
    """The whole page."""
    info, models = document["info"], document["components"]["schemas"]
    calls = [
        (path, verb, call)
        for path, item in document["paths"].items()
        for verb, call in item.items()
        if verb != "parameters"
    ]
    links = [(call["operationId"], call["summary"]) for _, _, call in calls] + [("models", "Models")]
    machines = f'For machines: <a href="openapi.json">openapi.json</a>, OpenAPI {escape(document["openapi"])}.'
    parts = [
        HEAD,
        f"<title>{escape(info['title'])}</title><style>{STYLE}</style>",
        f"<h1>{escape(info['title'])}, version {escape(info['version'])}</h1>",
        *(f"<p>{_words(part)}</p>" for part in info["description"].split("\n\n")),
        f"<p>{machines}</p>",
        "<nav>" + "".join(f'<a href="#{name}">{escape(told)}</a>' for name, told in links) + "</nav>",
        *(_call(document, path, verb, call) for path, verb, call in calls),
        '<h2 id="models">Models</h2>',
        *(_model(name, model) for name, model in models.items()),
    ]
    return "\n".join(parts) + "\n"


def _call(document: dict[str, Any], path: str, verb: str, call: dict[str, Any]) -> str:
    told, answers = _words(call.get("description", "")), call["responses"]
    parts = [
        f'<h2 id="{call["operationId"]}">{escape(call["summary"])}</h2>',
        f'<p class="call"><span class="verb">{verb}</span> {escape(path)}</p><p>{told}</p>',
        _table(("Parameter", "In", "Type", "Meaning"), _parameters(document, path, call)),
        *_body(call.get("requestBody", {})),
        "<h3>Answers</h3>",
        _table(("Status", "Meaning", "Body"), (_answer(status, each) for status, each in answers.items())),
        *(_example(f"Answer {status}", each["content"]) for status, each in answers.items()),
    ]
    return "\n".join(parts)


def _parameters(document: dict[str, Any], path: str, call: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The call's parameters, and the header that proves who calls."""
    for each in [*document["paths"][path].get("parameters", []), *call.get("parameters", [])]:
        yield f"<code>{each['name']}</code>", each["in"], _type(each["schema"]), _words(each["description"])
    for name in (name for each in call["security"] for name in each):
        scheme = document["components"]["securitySchemes"][name]
        header, kind = scheme.get("name", "authorization"), scheme.get("scheme", "string")
        yield f"<code>{header}</code>", "header", escape(kind), _words(scheme["description"])


def _body(body: dict[str, Any]) -> Iterator[str]:
    for kind, content in body.get("content", {}).items():
        yield f"<h3>Body</h3><p><code>{escape(kind)}</code>: {_type(content['schema'])}</p>"
        yield _example("Example", body["content"])


def _answer(status: str, told: dict[str, Any]) -> tuple[str, ...]:
    kind = "good" if status.startswith("2") else "bad"
    schema = told["content"]["application/json"]["schema"]
    return f'<b class="{kind}">{status}</b>', _words(told["description"]), _type(schema)


def _example(title: str, content: dict[str, Any]) -> str:
    example = content["application/json"].get("example")
    if example is None:
        return ""
    return f"<details><summary>{title}</summary><pre>{escape(json.dumps(example, indent=2))}</pre></details>"


def _model(name: str, model: dict[str, Any]) -> str:
    head = f'<h3 id="{name}">{escape(name)}</h3><p>{_words(model.get("description", ""))}</p>'
    if "properties" not in model:
        return f"{head}<p>{_type(model)}</p>"
    required = set(model.get("required", ()))
    rows = (
        (
            f"<code>{field}</code>",
            _type(schema),
            "required" if field in required else "",
            _words(schema.get("description", "")),
        )
        for field, schema in model["properties"].items()
    )
    return head + _table(("Field", "Type", "", "Meaning"), rows)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{each}</th>" for each in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>\n{body}\n</table>"


def _type(schema: dict[str, Any]) -> str:
    """A schema in words, with a link to a model."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{name}">{name}</a>'
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(_type(each) for each in schema[several])
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return ", ".join(f"<code>{escape(json.dumps(each), quote=False)}</code>" for each in values)
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}{_limits(schema, 'minItems', 'maxItems')}"
    told = schema.get("format") or schema.get("type") or "anything"
    return escape(told) + _limits(schema, "minLength", "maxLength") + _limits(schema, "minimum", "exclusiveMaximum")


def _limits(schema: dict[str, Any], least: str, most: str) -> str:
    words = {least: "at least", most: "below" if most.startswith("exclusive") else "at most"}
    return "".join(f", {word} {schema[limit]:,}" for limit, word in words.items() if limit in schema)


def _words(text: str) -> str:
    """Text with its code marked."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


if __name__ == "__main__":
    PAGE.write_text(page(json.loads(DOCUMENT.read_text("utf-8"))), encoding="utf-8")
    print(f"{PAGE.name} is written.")
