"""What a row of saleList asks for, given what is known of its sale: decided here alone, acted on elsewhere."""

from collections.abc import Iterable
from datetime import datetime

from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Reason, Record
from crossdock.domain.order import HELD_BY_PERSON, Order
from crossdock.domain.sale import SaleRow, SaleType
from crossdock.domain.scope import judge_row
from crossdock.domain.settings import Settings
from crossdock.domain.states import Decision, OrderStatus
from crossdock.domain.statuses import AUTHORISED_ORDER, FINISHED_ORDER

VOIDED = "VOIDED"

AT_REST = frozenset({OrderStatus.SHIPPED, OrderStatus.CONFIRMED, OrderStatus.INVOICED})
"""An order whose goods have left: a change of a sale that has no others is not read."""

IS_VOIDED = Reason(code="voided", text="it was voided in DEAR")
_CHANGED = Reason(code="changed", text="it changed in DEAR and is to be read again")

RECOVERING = Reason(code="recovering", text="the tables were put back: the warehouse is asked whether it has an order")
_MAY_BE_OURS = frozenset({"already_shipped", "status", "voided"})


class Verdict(Record):
    """What becomes of the sale. `new` False: it is decided so already, and nothing is to be written."""

    decision: Decision
    reason: Reason | None = None
    new: bool = True


def is_settled(entry: SaleEntry, row: SaleRow, *, full: bool, again_before: datetime | None) -> bool:
    """Whether an unchanged row needs no verdict.

    Settings may have changed since: what the sale itself told holds until a `full` pass, which follows a change; what
    the row alone told is judged in every pass. A rewind has all judged again that was decided before it.
    """
    if entry.row != row or (again_before is not None and entry.updated_at < again_before):
        return False
    read = entry.read_stamp == entry.row.updated
    return not (entry.decision is Decision.SKIPPED and (full or not read))


def may_be_ours(reason: Reason | None) -> bool:
    """Whether a sale without an order here that is out for this may have had one before the tables were put back."""
    return reason is not None and reason.code in _MAY_BE_OURS


def held_by_person(entry: SaleEntry | None) -> bool:
    """Whether a person stopped the sale: nothing but that person's release, or a void, ends it."""
    reason = entry.reason if entry is not None and entry.decision is Decision.HELD else None
    return reason is not None and reason.code == HELD_BY_PERSON


def judge(
    row: SaleRow, entry: SaleEntry | None, orders: Iterable[Order], settings: Settings, location: str | None
) -> Verdict:
    """The verdict on a row. A sale that has live orders is judged by them, not by the filters."""
    decision, reason = _decide(row, entry, tuple(orders), settings, location)
    if entry is None or entry.row != row or entry.decision is not decision:
        return Verdict(decision=decision, reason=reason)
    waits = decision is Decision.PENDING
    return Verdict(decision=decision, reason=reason, new=not waits and entry.reason != reason)


def _decide(
    row: SaleRow, entry: SaleEntry | None, orders: tuple[Order, ...], settings: Settings, location: str | None
) -> tuple[Decision, Reason | None]:
    if row.status == VOIDED:
        return Decision.VOIDED, IS_VOIDED
    if entry is not None and held_by_person(entry):
        return Decision.HELD, entry.reason
    live = tuple(order for order in orders if order.stands is not OrderStatus.CANCELED)
    if live:
        return (Decision.LOADED, None) if _at_rest(row, live) else (Decision.PENDING, _CHANGED)
    reason = judge_row(row, settings, location)
    return (Decision.SKIPPED, reason) if reason else (Decision.PENDING, None)


def _at_rest(row: SaleRow, orders: tuple[Order, ...]) -> bool:
    """Whether nothing matters any more that could have changed.

    An advanced sale may still get fulfilments; and an order that was undone is to be known, whatever has left.
    """
    may_grow = row.type is not SaleType.SIMPLE and row.shipping != "SHIPPED"
    undone = row.order_status not in {"", *AUTHORISED_ORDER, *FINISHED_ORDER}
    return not may_grow and not undone and all(order.status in AT_REST for order in orders)
