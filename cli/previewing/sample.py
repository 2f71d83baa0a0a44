"""The last sales of DEAR's list, found with few calls. The list's order is not documented, so it is not relied on."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

from crossdock.domain.model import Record
from crossdock.domain.sale import SaleRow
from crossdock.domain.stamps import stamp_of
from crossdock.ports import SalePage

WINDOWS = (1, 7, 30, 90, 365)
"""Days to look back, until a window holds enough sales; after the last, the whole list is read."""

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)

type ReadPage = Callable[[int, datetime | None], SalePage]
"""Page number and the time since when sales have changed, to a page of saleList."""


class Sample(Record):
    """The sales that changed last, the newest change first; `unreadable` says which rows could not be read."""

    rows: tuple[SaleRow, ...]
    unreadable: tuple[str, ...] = ()


def last_sales(read_page: ReadPage, number: int, now: datetime) -> Sample:
    """Up to so many sales: those that changed last. Costs a call per window tried and per further 1,000 rows."""
    for days in WINDOWS:
        since = now - timedelta(days=days)
        first = read_page(1, since)
        if first.total >= number:
            return _sample(_pages(read_page, since, first), number)
    return _sample(_pages(read_page, None, read_page(1, None)), number)


def _pages(read_page: ReadPage, since: datetime | None, first: SalePage) -> Iterator[SalePage]:
    page = first
    yield page
    for number in count(2):
        if not page.more:
            return
        page = read_page(number, since)
        yield page


def _sample(pages: Iterator[SalePage], number: int) -> Sample:
    """The newest of the pages' rows. A row that a shifting page shows twice counts once, as it is by now."""
    rows: dict[str, SaleRow] = {}
    unreadable: list[str] = []
    for page in pages:
        unreadable.extend(page.refused)
        for row in page.rows:
            known = rows.get(row.sale_id)
            if known is None or _changed_at(row) >= _changed_at(known):
                rows[row.sale_id] = row
    newest = sorted(rows.values(), key=_changed_at, reverse=True)
    return Sample(rows=tuple(newest[:number]), unreadable=tuple(unreadable))


def _changed_at(row: SaleRow) -> datetime:
    """When DEAR says that the sale last changed; before all others, where that is no time."""
    return stamp_of(row) or _BEFORE_ALL
