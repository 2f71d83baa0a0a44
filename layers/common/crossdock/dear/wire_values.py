"""DEAR's values as they come over the wire, read leniently: unknown fields and spellings never stop a read.

Before anything else is looked at, nulls and blank texts are dropped, and names are compared without case and with one
spelling of "fulfilment". What remains must make sense: an unreadable number or a missing identity is an error.
"""

from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

_NO_GUID = "00000000-0000-0000-0000-000000000000"
_LARGEST_EXPONENT = 18
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _text(value: object) -> str | None:
    if value is None or isinstance(value, bool | dict | list):
        return None
    return _sound(str(value)).strip() or None


def _sound(text: str) -> str:
    """Halves of a character that JSON may escape have no UTF-8: nothing could store or send them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _needed(value: object) -> str:
    if not (text := _text(value)):
        raise ValueError("is not a text")
    return text


def _guid(value: object) -> str | None:
    """GUIDs arrive in either case; the empty one means that there is none."""
    text = _text(value)
    return text.lower() if text and text != _NO_GUID else None


def _needed_guid(value: object) -> str:
    if not (guid := _guid(value)):
        raise ValueError("is not an identifier")
    return guid


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError("is not a number")  # noqa: TRY004 - pydantic turns a ValueError into its own error
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation as unreadable:
        raise ValueError("is not a number") from unreadable
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError("is not a number of any use")
    return number


def _flag(value: object) -> bool:
    """A boolean, also as a text or a number. Another word is an error: whether goods are shipped may hang on it."""
    if (flag := _FLAGS.get(str(value).strip().lower())) is None:
        raise ValueError("is neither true nor false")
    return flag


def _day(value: object) -> date | None:
    """A document date has no zone, so it is never shifted; year 1 is how an unset date of DEAR's platform looks."""
    try:
        day = date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        return None
    return day if day.year > 1 else None


def _rows(value: object) -> object:
    """An object alone stands for a list of one."""
    return [value] if isinstance(value, dict) else value


Text = Annotated[str | None, BeforeValidator(_text)]
Needed = Annotated[str, BeforeValidator(_needed)]
Guid = Annotated[str | None, BeforeValidator(_guid)]
NeededGuid = Annotated[str, BeforeValidator(_needed_guid)]
Number = Annotated[Decimal, BeforeValidator(_number)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Day = Annotated[date | None, BeforeValidator(_day)]
type Rows[Each] = Annotated[list[Each], BeforeValidator(_rows)]


@lru_cache(maxsize=1024)
def _name(name: str) -> str:
    return name.lower().replace("_", "").replace("fulfillment", "fulfilment")


class Wire(BaseModel):
    """A shape of DEAR's: a field is found under its name in any case, with or without underscores."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=_name)

    @model_validator(mode="before")
    @classmethod
    def _one_spelling(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {_name(str(name)): inner for name, inner in value.items() if not _is_blank(inner)}


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
