"""The body of a push: as it came, and read into the domain's shipments or refused with every field that is wrong."""

import json
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from crossdock.domain.shipment import Shipment

LARGEST_BODY = 256 * 1024
LARGEST_PUSH = 100
MOST_PROBLEMS = 100

Problem = tuple[str, str]
"""A field, written as `data[3].parcels[0].lines[0].quantity`, and what is wrong with it."""

_SEVERAL = TypeAdapter(Annotated[list[Shipment], Field(min_length=1, max_length=LARGEST_PUSH)])


class PushInvalid(ValueError):
    """A body that breaks the contract. `problems` name fields and never repeat what stood in them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} problems")


class Envelope(BaseModel):
    """What stands around the shipments."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Literal["shipment.updated"]
    timestamp: AwareDatetime
    data: dict[str, Any] | list[Any]


def raw_body(event: Mapping[str, Any]) -> bytes:
    """The bytes that the caller sent and signed, from API Gateway's event."""
    text: str = event.get("body") or ""
    if event.get("isBase64Encoded"):
        with suppress(ValueError):
            return b64decode(text, validate=True)
    return text.encode(errors="replace")


def read_push(body: bytes) -> list[Shipment]:
    """The shipments in their order. Raises PushInvalid."""
    document = _json(body)
    if not isinstance(document, dict):
        raise PushInvalid([("body", "is not a JSON object")])
    try:
        data = Envelope.model_validate(document).data
    except ValidationError as invalid:
        # The place of a wrong `data` ends with the kinds that it might have been, which nobody asked about.
        raise PushInvalid(dict.fromkeys(_problems(invalid, (), deepest=1))) from None
    try:
        return _SEVERAL.validate_python(data) if isinstance(data, list) else [Shipment.model_validate(data)]
    except ValidationError as invalid:
        raise PushInvalid(_problems(invalid, ("data",))) from None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise PushInvalid([("body", "is not JSON")]) from error


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _problems(invalid: ValidationError, under: tuple[str, ...], deepest: int | None = None) -> list[Problem]:
    errors = invalid.errors(include_input=False, include_url=False, include_context=False)
    # A list is also called too short when its only items are wrong: what is wrong with them says more.
    parents = {error["loc"][:depth] for error in errors for depth in range(len(error["loc"]))}
    telling = [error for error in errors if error["type"] != "too_short" or error["loc"] not in parents]
    return [
        (_path((*under, *error["loc"][:deepest])), error["msg"].removeprefix("Value error, "))
        for error in telling[:MOST_PROBLEMS]
    ]


def _path(parts: Sequence[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")
