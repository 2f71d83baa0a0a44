"""JSON whose numbers are decimals on both sides: no price or quantity ever passes through a float."""

import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any


def written(value: Any) -> str:
    """The JSON text of plain values; a Decimal becomes the number that it reads as, digit by digit.

    Written by hand because the standard encoder knows numbers only as int and float.
    """
    match value:
        case Decimal():
            if not value.is_finite():
                raise ValueError("JSON has no number for it")
            return format(value, "f")
        case dict():
            return "{" + ",".join(f"{json.dumps(str(key))}:{written(inner)}" for key, inner in value.items()) + "}"
        case list() | tuple():
            return _array(value)
        case _:
            return json.dumps(value, allow_nan=False)


def _array(values: Iterable[Any]) -> str:
    return "[" + ",".join(written(value) for value in values) + "]"


def read(body: bytes) -> Any:
    """The value in the text. Raises ValueError for whatever is not JSON, be it too deep, too long or NaN.

    A line break or tab that stands raw within a text is taken as it is: a note's blemish must not hide its sale.
    """
    try:
        return json.loads(body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refused, strict=False)
    except (RecursionError, InvalidOperation) as beyond:
        raise ValueError("the JSON is beyond what can be read") from beyond


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
