"""Reading saleList to its end: page by page, over several runs where one is too short, and again where it shifted.

DEAR's list has no order that is documented, and no cursor: a sale that changes while the pages are read may move, and
push another from a page that is still to come to one that was read already. Nothing is missed without a trace, though.
While the number of sales stays the same, a row that is missed means that another is met twice; and where a pass goes
on in another run, which does not know the rows of the last, the last page must be as it was.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2s

from crossdock.domain.errors import LostRace
from crossdock.domain.sale import SaleRow
from crossdock.domain.stamps import stamp_of
from crossdock.domain.states import Step
from crossdock.ports import Checkpoint, SalePage
from crossdock.workflow import Workplace, check_time

type TakePage = Callable[[Checkpoint, SalePage], Checkpoint]
"""Does what is to be done with the rows; the checkpoint with what is to be remembered of them."""

READ_AGAIN = 2
"""So often is a pass that shifted read from its first page again; then the daily reconciliation must do."""

SKEW = timedelta(minutes=5)
"""How far DEAR's clock may be ahead of ours before a stamp of its means that the row changed while it was read."""

_TOTAL, _LAST_PAGE, _BEGAN, _SHIFTED, _AGAIN = "total", "last_page", "reading_since", "shifted", "read_again"
_CHECKED = "checked_page"
"""The last page that was read once more: it is not read a third time, or runs of one page each would not get on."""

_OURS = frozenset({_TOTAL, _LAST_PAGE, _BEGAN, _SHIFTED, _AGAIN, _CHECKED})


class PassLost(LostRace):
    """The checkpoint was changed under the pass: a person has had the list read from another time."""


def read_list(
    work: Workplace, step: Step, checkpoint: Checkpoint, since: datetime | None, take: TakePage
) -> tuple[Checkpoint, str | None]:
    """Read the list from the checkpoint's page to its end, each page taken before the place is stored.

    Returns the checkpoint, to be stored by the caller, and why the last reading cannot be trusted to be whole, if it
    cannot. A pass that is gone on with reads its last page once more, but no page a third time.
    """
    reading = _Reading(checkpoint, work.now())
    while True:
        check_time(work)
        page = work.dear().list_sales(page=reading.page, updated_since=since)
        work.tally.tell("listed", len(page.rows))
        for refused in page.refused:
            work.tally.trouble(work.name, "unreadable_row", refused)
        reading.see(page)
        reading.checkpoint = take(reading.checkpoint, page)
        if page.more:
            reading.turn(page)
        elif reading.is_to_be_repeated:
            work.tally.tell("list read again")
            reading = reading.again(work)
        else:
            return without_place(reading.checkpoint), reading.shifted
        reading.checkpoint = save_place(work, step, reading.checkpoint)


def without_place(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint without what belongs to a pass that is under way."""
    notes = {name: text for name, text in checkpoint.notes.items() if name not in _OURS}
    return checkpoint.model_copy(update={"pass_started_at": None, "page": 1, "cursor": None, "notes": notes})


class _Reading:
    """One reading of the list: what was seen of it, and whether it stood still meanwhile."""

    def __init__(self, checkpoint: Checkpoint, now: datetime) -> None:
        self.checkpoint = checkpoint
        last = str(checkpoint.page - 1)
        self._checks_last_page = checkpoint.page > 1 and checkpoint.notes.get(_CHECKED) != last
        self.page = checkpoint.page - self._checks_last_page
        self._seen: set[str] = set()
        if _BEGAN not in checkpoint.notes:
            self._note(**{_BEGAN: now.isoformat()})

    @property
    def shifted(self) -> str | None:
        return self.checkpoint.notes.get(_SHIFTED)

    @property
    def is_to_be_repeated(self) -> bool:
        return self.shifted is not None and self._times_again < READ_AGAIN

    @property
    def _times_again(self) -> int:
        return int(self.checkpoint.notes.get(_AGAIN, "0"))

    def again(self, work: Workplace) -> "_Reading":
        """The list from its first page, within the same pass."""
        place = without_place(self.checkpoint).model_copy(update={"pass_started_at": self.checkpoint.pass_started_at})
        reading = _Reading(place, work.now())
        reading._note(**{_AGAIN: str(self._times_again + 1)})
        return reading

    def see(self, page: SalePage) -> None:
        """Look for signs of a shift. A list of one page has none: it is read at one moment."""
        ids = [row.sale_id for row in page.rows]
        if (page.more or self.page > 1) and (sign := self._sign(page, ids)):
            self._note(**{_SHIFTED: sign})
        self._seen.update(ids)

    def turn(self, page: SalePage) -> None:
        """The next page is the one to read; what stood on this one is remembered as a digest."""
        if self._checks_last_page:
            self._note(**{_CHECKED: str(self.page)})
        self._checks_last_page = False
        self.page += 1
        self.checkpoint = self.checkpoint.model_copy(update={"page": self.page})
        self._note(**{_TOTAL: str(page.total), _LAST_PAGE: _digest(page)})

    def _sign(self, page: SalePage, ids: list[str]) -> str | None:
        notes = self.checkpoint.notes
        if len(set(ids)) < len(ids) or not self._seen.isdisjoint(ids):
            return "a sale was met twice"
        if int(notes.get(_TOTAL, page.total)) != page.total:
            return f"it had {notes[_TOTAL]} sales, then {page.total}"
        if self._checks_last_page and notes.get(_LAST_PAGE) != _digest(page):
            return f"page {self.page} changed between two runs"
        limit = datetime.fromisoformat(notes[_BEGAN]) + SKEW
        return "a sale changed while it was read" if any(_changed_after(row, limit) for row in page.rows) else None

    def _note(self, **notes: str) -> None:
        self.checkpoint = self.checkpoint.model_copy(update={"notes": {**self.checkpoint.notes, **notes}})


def _changed_after(row: SaleRow, limit: datetime) -> bool:
    stamp = stamp_of(row)
    return stamp is not None and stamp > limit


def _digest(page: SalePage) -> str:
    """Which sales stand on a page, in whatever order."""
    return blake2s("\n".join(sorted(row.sale_id for row in page.rows)).encode(), digest_size=16).hexdigest()


def save_place(work: Workplace, step: Step, checkpoint: Checkpoint) -> Checkpoint:
    """Store the pass's checkpoint. Raises PassLost where it was changed under the pass."""
    try:
        return work.checkpoints.save_checkpoint(work.name, step, checkpoint)
    except LostRace as lost:
        raise PassLost("the list's checkpoint", lost.winner) from lost
