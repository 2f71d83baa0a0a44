"""Rows of the list that could not be stored: a few passes are repeated for them, then the list is moved on without.

Such a row is told of in every report until it is stored: by a later pass, when its sale changes, or by reconcile.
"""

from collections.abc import Iterable, Mapping
from typing import Self

from pydantic import TypeAdapter

from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Record
from crossdock.domain.sale import SaleRow

PASSES = 5
"""So many passes try to store a row before the list is moved on without it."""

MOST = 50
"""Rows that are remembered. Where more fail in one pass the fault is not theirs, and nothing is moved on."""

_NOTE = "unstored"


class UnstoredRow(Record):
    """A row that could not be stored; `passes`: so many have ended without it; `failed`: in the one under way."""

    order_number: str
    updated: str
    passes: int = 0
    failed: bool = True

    @property
    def given_up(self) -> bool:
        return self.passes >= PASSES


_ROWS = TypeAdapter(dict[str, UnstoredRow])


class Unstored(Record):
    """What a checkpoint's notes say of such rows, by sale; immutable, as the checkpoint is."""

    rows: dict[str, UnstoredRow] = {}

    @classmethod
    def noted(cls, notes: Mapping[str, str]) -> Self:
        return cls(rows=_ROWS.validate_json(notes.get(_NOTE, "{}")))

    def note_in(self, notes: Mapping[str, str]) -> dict[str, str]:
        """The notes with these rows; without the note where there are none."""
        others = {name: text for name, text in notes.items() if name != _NOTE}
        return {**others, _NOTE: _ROWS.dump_json(self.rows).decode()} if self.rows else others

    def after_page(self, rows: Iterable[SaleRow], failed: Iterable[SaleRow]) -> Self:
        """With the rows of a page that could not be stored, without those of it that were.

        One more than are remembered is kept, to tell that there are too many.
        """
        kept = {sale_id: row for sale_id, row in self.rows.items() if sale_id not in {each.sale_id for each in rows}}
        for row in failed:
            known = self.rows.get(row.sale_id)
            passes = known.passes if known else 0
            kept[row.sale_id] = UnstoredRow(order_number=row.order_number, updated=row.updated, passes=passes)
        failing = [sale_id for sale_id, row in kept.items() if row.failed][: MOST + 1]
        return self._with({sale_id: row for sale_id, row in kept.items() if not row.failed or sale_id in failing})

    def after_pass(self) -> tuple[Self, bool]:
        """What is remembered when a pass has ended, and whether the list may be moved on."""
        failed = {
            sale_id: row.model_copy(update={"passes": row.passes + 1, "failed": False})
            for sale_id, row in self.rows.items()
            if row.failed
        }
        if len(failed) > MOST:
            return self._with({}), False
        before = {sale_id: row for sale_id, row in self.rows.items() if row.given_up and not row.failed}
        kept = dict([*before.items(), *failed.items()][-MOST:])
        return self._with(kept), all(row.given_up for row in failed.values())

    def without_stored(self, entries: Mapping[str, SaleEntry]) -> Self:
        """Without those that have an entry by now, as DEAR listed them."""
        return self._with({
            sale_id: row
            for sale_id, row in self.rows.items()
            if sale_id not in entries or entries[sale_id].row.updated != row.updated
        })  # fmt: skip

    def _with(self, rows: dict[str, UnstoredRow]) -> Self:
        return self.model_copy(update={"rows": rows})
