"""Opaque cursors and page sizes of the lists that the warehouse serves."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

from sandbox.warehouse.errors import Refused, problem

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000


def limit_of(arguments: Mapping[str, str]) -> int:
    """Read `limit`, 100 where none is given; more than 1,000 counts as 1,000."""
    text = arguments.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise Refused([problem("limit", "must be a whole number above zero")], status=400)
    return min(int(text), MAX_LIMIT)


def cursor_for(*parts: str) -> str:
    """Make a cursor out of the parts that say where the next page begins."""
    return urlsafe_b64encode("\n".join(parts).encode()).decode()


def parts_of(cursor: str, count: int) -> list[str]:
    """Give the parts of a cursor that this warehouse handed out, or raise `Refused`."""
    try:
        parts = urlsafe_b64decode(cursor.encode()).decode().split("\n")
    except ValueError as error:
        raise unusable_cursor() from error
    if len(parts) != count or not parts[-1].isdigit():
        raise unusable_cursor()
    return parts


def unusable_cursor() -> Refused:
    return Refused([problem("cursor", "was not handed out by this list, or is too old")], status=400)
