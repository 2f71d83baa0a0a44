"""DEAR's stamps of when a sale last changed."""

from datetime import UTC, datetime

from crossdock.domain.sale import SaleRow


def stamp_of(row: SaleRow) -> datetime | None:
    """The row's `Updated` as a time, UTC where it names no zone; None where it cannot be read."""
    try:
        moment = datetime.fromisoformat(row.updated.strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
