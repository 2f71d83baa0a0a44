"""The two tables as template.yaml declares them: in moto, or on a local cloud when AWS_ENDPOINT_URL names one.

The same tests are to pass on both: the local cloud later runs them with AWS_ENDPOINT_URL=http://127.0.0.1:4566.
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

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


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
def orders_table(dynamodb: Any, declared: dict[str, Any]) -> Iterator[Any]:
    yield from _table(dynamodb, declared["Orders"]["Properties"], "orders")


@pytest.fixture
def checkpoints_table(dynamodb: Any, declared: dict[str, Any]) -> Iterator[Any]:
    yield from _table(dynamodb, declared["Checkpoints"]["Properties"], "checkpoints")


def _table(dynamodb: Any, properties: dict[str, Any], name: str) -> Iterator[Any]:
    taken = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    arguments = {key: properties[key] for key in taken if key in properties}
    table = dynamodb.create_table(TableName=f"{name}-{uuid4().hex[:8]}", **arguments)
    yield table
    table.delete()


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
