"""The order table of the HTTP contract, version 1, as a model: what a warehouse refuses for good.

A field that the contract types `string or null` may be absent or null; one that it types without `or null`
may be absent where the table does not say `required`, but never null. Unknown fields are ignored.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from sandbox.warehouse.errors import Problem, Refused, problem

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DECIMAL = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def is_moment(text: str) -> bool:
    """Say whether the text is an RFC 3339 time with an offset."""
    try:
        return _MOMENT.fullmatch(text) is not None and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _date(text: str) -> str:
    if not _is_date(text):
        raise ValueError("must be a date as YYYY-MM-DD")
    return text


def _time_or_date(text: str) -> str:
    if not (_is_date(text) or is_moment(text)):
        raise ValueError("must be a date as YYYY-MM-DD or an RFC 3339 time with an offset")
    return text


def _decimal(text: str) -> str:
    if _DECIMAL.fullmatch(text) is None:
        raise ValueError('must be a decimal string such as "2" or "19.9500"')
    return text


def _positive(text: str) -> str:
    if Decimal(text) <= 0:
        raise ValueError("must be above zero")
    return text


Key = Annotated[str, Field(min_length=1)]
DecimalText = Annotated[str, AfterValidator(_decimal)]
QuantityText = Annotated[DecimalText, AfterValidator(_positive)]
DateText = Annotated[str, AfterValidator(_date)]
TimeOrDate = Annotated[str, AfterValidator(_time_or_date)]
Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$", max_length=40)]


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class Address(_Table):
    """Where goods or bills go, in parts."""

    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    phone: str | None = None
    email: str | None = None


class Line(_Table):
    """One line of an order; the same SKU may stand in several."""

    line_id: Key
    sku: Key
    quantity: QuantityText
    name: str | None = None
    price: DecimalText | None = None
    discount: DecimalText | None = None
    tax: DecimalText | None = None
    total: DecimalText | None = None
    comment: str | None = None
    lot: str | None = None
    expires_on: DateText | None = None
    barcode: str | None = None
    weight: DecimalText | None = None
    weight_unit: str | None = None


class Order(_Table):
    """An order as Crossdock sends it."""

    reference: Reference
    order_number: Key
    sale_id: Key
    customer_reference: str | None = None
    channel: str | None = None
    source: str | None = None
    ordered_at: TimeOrDate | None = None
    ship_by: TimeOrDate | None = None
    warehouse: str | None = None
    location: str | None = None
    ship_method: str | None = None
    ship_method_raw: str | None = None
    carrier: str | None = None
    ship_to: Address = Field(default_factory=Address)
    bill_to: Address = Field(default_factory=Address)
    notes: str | None = None
    shipping_notes: str | None = None
    currency: str = ""
    total: DecimalText = "0"
    lines: Annotated[list[Line], Field(min_length=1)]
    attributes: dict[str, str] = Field(default_factory=dict)

    @field_validator("lines")
    @classmethod
    def _line_ids_are_unique(cls, lines: list[Line]) -> list[Line]:
        seen: set[str] = set()
        for line in lines:
            if line.line_id in seen:
                raise ValueError(f"line_id {line.line_id} stands in more than one line")
            seen.add(line.line_id)
        return lines


def checked_order(body: dict[str, Any]) -> dict[str, Any]:
    """Give the order as it came, or raise `Refused` with every field that breaks the contract."""
    parsed(Order, body)
    return body


def parsed[Model: BaseModel](model: type[Model], body: Any) -> Model:
    """Read a request's body into the model, or raise `Refused` with a problem per field."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        problems: list[Problem] = [
            problem(_field(found["loc"]), found["msg"].removeprefix("Value error, ")) for found in error.errors()
        ]
        raise Refused(problems) from error


def _field(path: Sequence[str | int]) -> str:
    """Write a path as `lines[0].sku`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
