"""Reading many items, where DynamoDB hands some of the keys back."""

from types import SimpleNamespace
from typing import Any

import pytest

from crossdock.domain.errors import Unreachable
from crossdock.store.keys import Key
from crossdock.store.reads import read_many


class ScantTable:
    """A table that answers so many keys of a batch and hands the others back, as DynamoDB does under load."""

    name = "orders"

    def __init__(self, *answers: int) -> None:
        self._answers = list(answers)
        self.meta = SimpleNamespace(client=self)

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        keys = RequestItems[self.name]["Keys"]
        kept = self._answers.pop(0)
        left = {self.name: {"Keys": keys[kept:]}} if keys[kept:] else {}
        return {"Responses": {self.name: keys[:kept]}, "UnprocessedKeys": left}


KEYS = [Key(f"acme#sale-{number}", "sale") for number in range(4)]


def test_what_a_batch_leaves_out_is_asked_for_again() -> None:
    table: Any = ScantTable(1, 0, 2, 0, 0, 1)

    found = list(read_many(table, KEYS))

    assert found == [key.attributes() for key in KEYS]


def test_a_batch_that_keeps_bringing_nothing_is_given_up() -> None:
    table: Any = ScantTable(1, 0, 0, 0)

    with pytest.raises(Unreachable, match="too many requests"):
        list(read_many(table, KEYS))


def test_a_key_that_is_asked_for_twice_is_read_once() -> None:
    table: Any = ScantTable(4)

    found = list(read_many(table, [*KEYS, *KEYS]))

    assert len(found) == 4
