"""The two tables as template.yaml declares them, in memory."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml

from bench.memory import Index, Memory, Meter, Table

_NOBODY = "nobody"
"""Credentials that open nothing: without any, boto3 would look for some."""
_TEMPLATE = Path(__file__).parents[1] / "template.yaml"


@dataclass(frozen=True)
class Tables:
    """The tables of one stack: as boto3 gives them, and as they are kept."""

    orders: Any
    checkpoints: Any
    memory: Memory

    @property
    def meter(self) -> Meter:
        return self.memory.meter

    @property
    def orders_kept(self) -> Table:
        """The Orders table behind boto3: for looking at it, and for filling it, without being counted."""
        return self.memory.tables[self.orders.name]


def new_tables() -> Tables:
    """Empty tables; nothing outside this process is reached."""
    declared = yaml.load(_TEMPLATE.read_text(), Loader=_Loader)["Resources"]  # noqa: S506 - a safe loader
    memory = Memory(Table(name.lower(), _indexes(declared[name]["Properties"])) for name in ("Orders", "Checkpoints"))
    nobody = boto3.Session(_NOBODY, _NOBODY, region_name="none")
    dynamodb = nobody.resource("dynamodb", endpoint_url="https://dynamodb.invalid")
    memory.answer_for(dynamodb.meta.client)
    return Tables(dynamodb.Table("orders"), dynamodb.Table("checkpoints"), memory)


def _indexes(properties: dict[str, Any]) -> dict[str, Index]:
    return {
        each["IndexName"]: Index(
            *(key["AttributeName"] for key in each["KeySchema"]),
            keys_only=each["Projection"]["ProjectionType"] == "KEYS_ONLY",
        )
        for each in properties.get("GlobalSecondaryIndexes", ())
    }


class _Loader(yaml.SafeLoader):
    """Reads a template's short functions (!Ref and the like) as their bare arguments."""


def _bare(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    match node:
        case yaml.ScalarNode():
            return loader.construct_scalar(node)
        case yaml.SequenceNode():
            return loader.construct_sequence(node)
        case yaml.MappingNode():
            return loader.construct_mapping(node)
    raise TypeError(f"a node of an unknown kind: {node}")


_Loader.add_multi_constructor("!", _bare)
