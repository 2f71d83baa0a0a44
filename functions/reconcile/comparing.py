"""One page of DEAR's list after the other, compared with the ledger and with the orders that stand."""

import json
from datetime import datetime, timedelta
from functools import partial

from crossdock.domain.errors import CrossdockError
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.reconciling import (
    CONFIRMED,
    OPEN,
    Finding,
    FindingKind,
    Found,
    Standing,
    Unseen,
    disagreement,
    finding_of_order,
    finding_of_row,
    is_known,
    may_disagree,
    missed,
    without_unseen,
)
from crossdock.domain.sale import SaleRow
from crossdock.ports import Checkpoint, SalePage
from crossdock.sighting import known_locations, sight
from crossdock.workflow import Boundary, Workplace, check_time

CONFIRMED_LATELY = timedelta(days=7)
"""How long a confirmed order is compared: older ones are history, which grows for ever."""

_LOCATIONS = "locations"


def standing_orders(work: Workplace) -> dict[str, Standing]:
    """Sale to how its orders stand that are open, or were confirmed lately; read order by order, kept in short."""
    found: dict[str, Standing] = {}
    lately = work.now() - CONFIRMED_LATELY
    for status in (*OPEN, *CONFIRMED):
        for order in work.orders.list_orders(work.name, status, lately if status in CONFIRMED else None):
            check_time(work)
            found[order.sale_id] = Standing.of(order, found.get(order.sale_id))
    return found


class Comparison:
    """The comparison of one run. What it finds lies in the checkpoint's notes."""

    def __init__(self, work: Workplace, shown_before: datetime) -> None:
        self._work, self._shown_before = work, shown_before
        self._standing = standing_orders(work)

    @property
    def open_sales(self) -> set[str]:
        """The sales that DEAR's list must have."""
        return {sale_id for sale_id, standing in self._standing.items() if standing.open}

    def take(self, checkpoint: Checkpoint, page: SalePage) -> Checkpoint:
        """Compare a page; the checkpoint with what was found, and with what was not seen yet."""
        known = self._work.orders.sales(self._work.name, [row.sale_id for row in page.rows])
        locations: dict[str, str] = json.loads(checkpoint.notes.get(_LOCATIONS, "{}"))
        found, boundary = Found.noted(checkpoint.notes), Boundary(self._work)
        for row in page.rows:
            check_time(self._work)
            findings: list[Finding] = []
            entry = known.get(row.sale_id)
            if kind := missed(row, entry, self._shown_before):
                locations = known_locations(self._work, [row], locations)
                act = partial(self._sight, row, entry, locations, findings, kind)
                boundary.attend(row.order_number, act, _leave)
            elif is_known(row, entry) and may_disagree(row, self._standing.get(row.sale_id)):
                boundary.attend(row.order_number, partial(self._compare, row, findings), _leave)
            for finding in findings:
                found = found.plus(finding)
        unseen = Unseen.noted(checkpoint.notes)
        unseen.saw({row.sale_id for row in page.rows})
        notes = {**without_unseen(checkpoint.notes), **unseen.note(), **found.note(), _LOCATIONS: json.dumps(locations)}
        return checkpoint.model_copy(update={"notes": notes})

    def gone(self, found: Found, unseen: Unseen) -> Found:
        """With the orders whose sale the list does not have; each is read afresh, for it may be closed by now."""
        for sale_id in sorted(each for each in self.open_sales if unseen.has(each)):
            check_time(self._work)
            for order in self._work.orders.orders_of_sale(self._work.name, sale_id):
                if order.status in OPEN:
                    found = found.plus(finding_of_order(FindingKind.GONE_FROM_DEAR, order, None))
        return found

    def _sight(
        self,
        row: SaleRow,
        entry: SaleEntry | None,
        locations: dict[str, str],
        findings: list[Finding],
        kind: FindingKind,
    ) -> None:
        sight(self._work, row, entry, locations.get(row.location_id or ""))
        findings.append(finding_of_row(kind, row, entry))

    def _compare(self, row: SaleRow, findings: list[Finding]) -> None:
        """The orders are read afresh: they may have moved on since they were listed."""
        orders = self._work.orders.orders_of_sale(self._work.name, row.sale_id)
        kinds = ((disagreement(row, order, self._work.now()), order) for order in orders)
        findings.extend(finding_of_order(kind, order, row) for kind, order in kinds if kind)


def _leave(_error: CrossdockError) -> None:
    """Nothing to write down: the boundary has told it, and the next pass finds the same."""
