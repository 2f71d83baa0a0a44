"""Bring sales in: every row of DEAR's list gets a ledger entry, and what is in scope becomes orders."""

from functools import partial

from crossdock.domain.errors import Interrupted, OutsideError, Refused, Unreachable
from crossdock.domain.states import Step
from crossdock.ports import Checkpoint
from crossdock.recovering import asks_the_warehouse, end_if_done, keep_waiting, recovering_since
from crossdock.workflow import Boundary, Workplace, due_keys
from download_orders.listing import list_changes
from download_orders.loading import load_sale, note_trouble


def download_orders(work: Workplace) -> None:
    """List what changed, then read the sales that are in scope and not read since.

    A list that cannot be read stops no sale that waits already; its error ends the run after them.
    """
    failed: OutsideError | None = None
    try:
        checkpoint = list_changes(work)
    except (Interrupted, Unreachable, Refused) as error:
        failed, checkpoint = error, work.checkpoints.checkpoint(work.name, Step.DOWNLOAD_ORDERS)
    if recovering_since(checkpoint):
        keep_waiting(work)
    _read_sales(work, checkpoint)
    if failed is not None:
        raise failed
    if recovering_since(checkpoint):
        end_if_done(work, checkpoint)


def _read_sales(work: Workplace, checkpoint: Checkpoint) -> None:
    boundary = Boundary(work)
    load = partial(load_sale, asked=asks_the_warehouse(checkpoint, work.now()))
    for key in due_keys(work, Step.DOWNLOAD_ORDERS):
        entry = work.orders.sale_at(key)
        if entry is not None and entry.due_at is not None:
            boundary.attend(entry.order_number, partial(load, work, entry), partial(note_trouble, work, entry))
