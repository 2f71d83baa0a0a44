"""DEAR's two kinds of time: stamps in UTC with a trimmed fraction, and document dates without a zone."""

from datetime import UTC, datetime, timedelta

from sandbox.dear.errors import Rejected

MILLISECOND = timedelta(milliseconds=1)


def truncated(moment: datetime) -> datetime:
    """Cut a moment to the whole milliseconds that DEAR stores."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def stamp(moment: datetime) -> str:
    """Write a system stamp, trailing zeros of the fraction trimmed: `2017-11-22T10:10:49.75Z`."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    return text.rstrip("0").rstrip(".") + "Z"


def moment(value: str, what: str) -> datetime:
    """Read an ISO 8601 date or time; one without a zone is UTC."""
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Rejected(f"{what} must be a date in ISO 8601 format") from error
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def document_date(value: object, what: str) -> str:
    """Read a required document date and write it as midnight without a zone."""
    if not isinstance(value, str) or not value:
        raise Rejected(f"{what} is required")
    try:
        day = datetime.fromisoformat(value).date()
    except ValueError as error:
        raise Rejected(f"{what} must be a date in ISO 8601 format") from error
    return f"{day.isoformat()}T00:00:00"


def optional_date(value: object, what: str) -> str | None:
    """Read a document date that may be missing."""
    return None if value in (None, "") else document_date(value, what)
