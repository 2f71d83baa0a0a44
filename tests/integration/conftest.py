"""The two tables as template.yaml declares them: in moto, or on a local cloud when AWS_ENDPOINT_URL names one.

The same tests are to pass on both: the local cloud later runs them with AWS_ENDPOINT_URL=http://127.0.0.1:4566. Those
of the store run once more on the table in memory that the simulation uses, which is so held to the emulator's ways.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
import yaml
from moto import mock_aws

from simulation.dynamo import Index, Table

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of the store that wants a table runs on both kinds of it."""
    if "table_kind" in metafunc.fixturenames and metafunc.definition.path.parent.name == "store":
        metafunc.parametrize("table_kind", ["dynamodb", "memory"], indirect=True)


@pytest.fixture
def table_kind(request: pytest.FixtureRequest) -> str:
    """The workflow's tests take the quick table: what they look at is the steps, and the store is held to both."""
    quick = request.path.parent.name == "workflow" and not os.environ.get("AWS_ENDPOINT_URL")
    return str(getattr(request, "param", "memory" if quick else "dynamodb"))


@pytest.fixture(scope="session")
def dynamodb() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        if os.environ.get("AWS_ENDPOINT_URL"):
            yield boto3.resource("dynamodb")
            return
        with mock_aws():
            yield boto3.resource("dynamodb")


@pytest.fixture(scope="session")
def declared() -> dict[str, Any]:
    return yaml.load(TEMPLATE.read_text(), Loader=_TemplateLoader)["Resources"]  # noqa: S506 - a safe loader


@pytest.fixture
def orders_table(request: pytest.FixtureRequest, table_kind: str, declared: dict[str, Any]) -> Iterator[Any]:
    yield from _table(request, table_kind, declared["Orders"]["Properties"], "orders")


@pytest.fixture
def checkpoints_table(request: pytest.FixtureRequest, table_kind: str, declared: dict[str, Any]) -> Iterator[Any]:
    yield from _table(request, table_kind, declared["Checkpoints"]["Properties"], "checkpoints")


def _table(request: pytest.FixtureRequest, kind: str, properties: dict[str, Any], name: str) -> Iterator[Any]:
    if kind == "memory":
        yield Table(name, _indexes(properties))
        return
    dynamodb = request.getfixturevalue("dynamodb")
    taken = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    arguments = {key: properties[key] for key in taken if key in properties}
    table = dynamodb.create_table(TableName=f"{name}-{uuid4().hex[:8]}", **arguments)
    table.meta.client.meta.events.register("after-call.dynamodb", _without_the_time)
    yield table
    table.delete()


def _without_the_time(parsed: dict[str, Any], **_: Any) -> None:
    """The emulator's clock is the machine's; the tests' clocks are moved by hand."""
    parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {}).pop("date", None)


def _indexes(properties: dict[str, Any]) -> list[Index]:
    """The declared indexes, as the table in memory takes them."""
    return [
        Index(
            index["IndexName"],
            *(key["AttributeName"] for key in index["KeySchema"]),
            keys_only=index["Projection"]["ProjectionType"] == "KEYS_ONLY",
        )
        for index in properties.get("GlobalSecondaryIndexes", ())
    ]


class _TemplateLoader(yaml.SafeLoader):
    """Reads a template's short functions (!Ref and the like) as their bare arguments."""


def _bare(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node)


_TemplateLoader.add_multi_constructor("!", _bare)
