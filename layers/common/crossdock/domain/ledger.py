"""The coverage ledger: one entry for every sale that DEAR's list ever showed, with what became of it and why."""

from datetime import datetime

from crossdock.domain.model import Reason, Record
from crossdock.domain.sale import SaleRow
from crossdock.domain.states import Decision


class SaleEntry(Record):
    """What we know of one sale of DEAR and what was decided about it."""

    connection: str
    sale_id: str
    order_number: str
    row: SaleRow
    decision: Decision
    reason: Reason | None = None
    references: tuple[str, ...] = ()
    read_stamp: str | None = None
    version: int = 1
    attempts: int = 0
    due_at: datetime | None = None
    first_seen_at: datetime
    updated_at: datetime

    def decided(self, decision: Decision, at: datetime, reason: Reason | None = None, **changes: object) -> "SaleEntry":
        """The entry with a new decision; only a pending one is due."""
        update: dict[str, object] = {
            "decision": decision,
            "reason": reason,
            "attempts": 0,
            "due_at": at if decision is Decision.PENDING else None,
            "version": self.version + 1,
            "updated_at": at,
        }
        return self.model_copy(update={**update, **changes})

    def numbered(self, order_number: str) -> "SaleEntry":
        """The entry with the sale's own number, where DEAR's list showed none and it went by its id."""
        return self.model_copy(update={"order_number": order_number}) if self.order_number == self.sale_id else self

    def backed_off(self, at: datetime, due_at: datetime, reason: Reason) -> "SaleEntry":
        """The entry after a failed read: due again later, with the reason to be seen meanwhile."""
        return self.model_copy(
            update={
                "attempts": self.attempts + 1,
                "due_at": due_at,
                "reason": reason,
                "version": self.version + 1,
                "updated_at": at,
            }
        )
