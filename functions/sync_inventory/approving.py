"""Proposals: lines that wait for a person are stored and told, and end when they are written or their difference is."""

from collections.abc import Iterable
from datetime import datetime

from crossdock.domain.errors import LostRace
from crossdock.domain.inventory import AdjustmentLine, LineKey
from crossdock.domain.proposals import Cause, Proposal, ProposalStatus, Wait, brake_of, gate, proposed
from crossdock.domain.settings import InventorySettings
from crossdock.ports import StockWrite
from crossdock.stocktaking.comparing import Compared
from crossdock.stocktaking.places import Place
from crossdock.workflow import Workplace

_APPROVE = "approve or reject it with `crossdock inventory`"


class Approvals:
    """The proposals of one pass, as they stood when it began; written only where something changes."""

    def __init__(self, work: Workplace, settings: InventorySettings, counted_at: datetime) -> None:
        self._work, self._settings, self.counted_at = work, settings, counted_at
        self._kept: dict[tuple[str, LineKey], Proposal] = {
            (each.location, each.key): each for each in work.checkpoints.stock.proposals(work.name)
        }

    def let_through(self, compared: Compared) -> tuple[AdjustmentLine, ...]:
        """The lines that may be written now; others become proposals, and a proposal without a difference is closed."""
        location = compared.place.location
        standing = {key: each for (where, key), each in self._kept.items() if where == location}
        brake = brake_of(compared.difference.lines, compared.believed.shelf, self._settings)
        sorted_out = gate(
            compared.lines,
            {key: each for key, each in standing.items() if each.stands},
            self._settings,
            brake,
            self._work.now(),
        )
        for line, wait in sorted_out.waiting:
            self._propose(line, wait, standing.get(line.key))
        self._tell(location, sorted_out.waiting)
        self._work.tally.tell("rejected by a person", len(sorted_out.rejected))
        differing = {line.key for line in compared.difference.lines}
        self._close(each for each in standing.values() if not _still_differs(each, differing, compared))
        return sorted_out.written

    def still_let_through(self, lines: tuple[AdjustmentLine, ...]) -> tuple[AdjustmentLine, ...]:
        """The lines that no person has decided over since the pass began; the others wait for the next one."""
        if not (lines and self._kept):
            return lines
        now = {(each.location, each.key): each for each in self._work.checkpoints.stock.proposals(self._work.name)}
        changed = {key for key, each in self._kept.items() if now.get(key, each).version != each.version}
        still = tuple(line for line in lines if (line.location, line.key) not in changed)
        if left := len(lines) - len(still):
            self._work.tally.tell("changed meanwhile", left)
        return still

    def written(self, lines: Iterable[AdjustmentLine]) -> None:
        """What was written waits no more."""
        self._close(proposal for line in lines if (proposal := self._kept.get((line.location, line.key))) is not None)

    def close_elsewhere(self, wanted: Iterable[Place]) -> None:
        """Close the proposals of locations that are no longer written."""
        locations = {place.location for place in wanted}
        self._close(each for each in tuple(self._kept.values()) if each.location not in locations)

    def _propose(self, line: AdjustmentLine, wait: Wait, before: Proposal | None) -> None:
        if before and before.shows(line):
            return
        proposal = proposed(self._work.name, line, wait, before, self.counted_at, self._work.now())
        self._save(proposal)
        if before is None or before.status is not ProposalStatus.OPEN:
            self._work.tally.tell("newly proposed")

    def _close(self, proposals: Iterable[Proposal]) -> None:
        for proposal in tuple(proposals):
            if proposal.stands:
                self._save(proposal.turned(ProposalStatus.CLOSED, self._work.now()))

    def _save(self, proposal: Proposal) -> None:
        """A person who decides at the same moment wins: the next pass sees what was decided."""
        try:
            self._work.checkpoints.stock.save_proposal(proposal)
        except LostRace:
            self._work.tally.tell("changed meanwhile")
        else:
            self._kept[proposal.location, proposal.key] = proposal

    def _tell(self, location: str, waiting: tuple[tuple[AdjustmentLine, Wait], ...]) -> None:
        """One by one, but for a list that a bad count may have made: that is told once."""
        self._work.tally.tell("waiting for approval", len(waiting))
        listed = [wait for _, wait in waiting if wait.cause is Cause.SHARE]
        if listed:
            text = f"{listed[0].told}: {len(listed)} lines wait; {_APPROVE}"
            self._work.tally.trouble(location, "many_lowered", text)
        for line, wait in waiting:
            if wait.cause is not Cause.SHARE:
                text = f"{line.before} to {line.quantity}: {wait.told}; {_APPROVE}"
                self._work.tally.trouble(line.sku, "needs_approval", text)


def use_up(work: Workplace, write: StockWrite) -> None:
    """End the approvals of lines whose write was found later: they were for that write, and for no other."""
    lines = {(written.location, (sku, written.batch)) for sku, written in write.lines}
    for each in tuple(work.checkpoints.stock.proposals(work.name)):
        if each.status is ProposalStatus.APPROVED and (each.location, each.key) in lines:
            try:
                work.checkpoints.stock.save_proposal(each.turned(ProposalStatus.CLOSED, work.now()))
            except LostRace:
                work.tally.tell("changed meanwhile")


def _still_differs(proposal: Proposal, differing: set[LineKey], compared: Compared) -> bool:
    return proposal.key in differing or proposal.sku in compared.difference.left_out
