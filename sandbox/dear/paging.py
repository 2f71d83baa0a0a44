"""Pages of a list: `Page` from 1, `Limit` from 1 to 1000, and the envelope with the total."""

from sandbox.dear.errors import Rejected
from sandbox.dear.tenant import Doc

_DEFAULT_LIMIT = 100
_MAXIMUM_LIMIT = 1000
_TRUE = {"true", "1"}


def page_of(query: Doc, list_key: str, rows: list[Doc]) -> Doc:
    """Give the asked page of the rows in DEAR's envelope."""
    page = _whole(query.get("page"), "Page", 1)
    limit = _whole(query.get("limit"), "Limit", _DEFAULT_LIMIT)
    if page < 1:
        raise Rejected("Page must be 1 or more")
    if not 1 <= limit <= _MAXIMUM_LIMIT:
        raise Rejected(f"Limit must be between 1 and {_MAXIMUM_LIMIT}")
    start = (page - 1) * limit
    return {"Total": len(rows), "Page": page, list_key: rows[start : start + limit]}


def flag(query: Doc, name: str) -> bool:
    """Read an optional boolean of the query, false when absent."""
    return str(query.get(name, "")).lower() in _TRUE


def _whole(value: object, what: str, default: int) -> int:
    if value in (None, ""):
        return default
    try:
        return int(str(value))
    except ValueError as error:
        raise Rejected(f"{what} must be a whole number") from error
