"""Once a day, DEAR's whole list against what we know: what no window showed, and what the two sides see differently.

A run each hour begins the pass of the day, or goes on with one that its last run could not end; in between it tells
what the last pass found, so that a finding is seen until a pass no longer has it. A call for each thousand sales of
the account, no sale is read, and nothing is written but entries of the ledger.

Before the day's pass, orders that have long been done lose their personal data (crossdock/forgetting.py).
"""

from datetime import timedelta

from crossdock.domain.reconciling import FindingKind, Found, Unseen, without_unseen
from crossdock.domain.report import RunOutcome
from crossdock.domain.states import Step
from crossdock.forgetting import forget_the_old, mark_in
from crossdock.list_pass import PassLost, read_list, save_place
from crossdock.ports import Checkpoint
from crossdock.sighting import OVERLAP
from crossdock.workflow import RunEnds, Workplace
from reconcile.comparing import Comparison

EVERY = timedelta(hours=23, minutes=30)
"""How long after the beginning of a pass the next one begins: with a run each hour, once a day."""


def reconcile(work: Workplace) -> None:
    """Begin a pass or go on with one, if it is time; then tell what was found."""
    checkpoint = work.checkpoints.checkpoint(work.name, Step.RECONCILE)
    if checkpoint.pass_started_at is None and _is_recent(work, checkpoint):
        _tell(work, Found.noted(checkpoint.notes))
        return
    mark = mark_in(checkpoint.notes)
    if checkpoint.pass_started_at is None:
        mark = forget_the_old(work, mark)
    listed = work.checkpoints.checkpoint(work.name, Step.DOWNLOAD_ORDERS).since
    if listed is None:
        text = "download_orders has not read the whole list yet: there is nothing to compare with"
        raise RunEnds(RunOutcome.OFF, text)
    comparison = Comparison(work, shown_before=listed - 2 * OVERLAP)
    begun = checkpoint if checkpoint.pass_started_at else _begin(work, checkpoint, comparison, mark)
    try:
        done, shifted = read_list(work, Step.RECONCILE, begun, None, comparison.take)
        found = _look_for_the_gone(work, comparison, done, shifted)
        ended = {"since": begun.pass_started_at, "notes": {**without_unseen(done.notes), **found.note()}}
        save_place(work, Step.RECONCILE, done.model_copy(update=ended))
    except PassLost:
        work.tally.tell("list to be read anew")
    else:
        _tell(work, found)


def _is_recent(work: Workplace, checkpoint: Checkpoint) -> bool:
    return checkpoint.since is not None and work.now() - checkpoint.since < EVERY


def _begin(work: Workplace, last: Checkpoint, comparison: Comparison, mark: dict[str, str]) -> Checkpoint:
    """A fresh pass: the findings of the last are dropped, and each sale with an open order is to be seen."""
    notes = {**mark, **Unseen.of(comparison.open_sales).note()}
    return Checkpoint(pass_started_at=work.now(), notes=notes, version=last.version)


def _look_for_the_gone(work: Workplace, comparison: Comparison, done: Checkpoint, shifted: str | None) -> Found:
    """What a whole list did not show, is gone; of a list that shifted, or with too many orders, that is not known."""
    unseen = Unseen.noted(done.notes)
    if shifted or not unseen.complete:
        because = f"the list kept changing ({shifted})" if shifted else "there are too many open orders"
        text = f"sales that are gone from DEAR were not looked for: {because}"
        work.tally.trouble(work.name, "list_kept_changing" if shifted else "too_many_open_orders", text)
        return Found.noted(done.notes)
    return comparison.gone(Found.noted(done.notes), unseen)


def _tell(work: Workplace, found: Found) -> None:
    """In the report, and as metrics: each kind with its number, be that 0."""
    work.tally.tell("findings", sum(found.counts.values()))
    for kind in FindingKind:
        work.tally.tell(kind.replace("_", " "), found.counts.get(kind, 0))
    for finding in found.shown:
        work.tally.trouble(finding.order_number, finding.kind, finding.text)
