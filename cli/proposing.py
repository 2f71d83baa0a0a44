"""Proposals of stock as documents: shown, approved, rejected; with them what DEAR does not take, and histories."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from rich.console import RenderableType
from rich.text import Text

from cli.faults import Complaint
from cli.screen import Screen, cell, counted, plain, table
from cli.site import Desk, Site
from cli.stock_shapes import AsideShown, Inventory, InventoryDecided, ProposalShown, WrittenShown
from crossdock.domain.errors import LostRace
from crossdock.domain.proposals import Proposal, ProposalStatus
from crossdock.domain.settings import Connection


class Choice(NamedTuple):
    """Which proposals a person means: one SKU's, be it at one location, or every open one."""

    sku: str | None
    location: str | None
    every: bool


def inventory(site: Site, connections: Iterable[Connection], sku: str | None, history: str | None) -> Inventory:
    """What stands: proposals that are not closed, SKUs set aside, and the history of a SKU where it is asked for."""
    names = [each.name for each in connections]
    stock = site.checkpoints.stock
    return Inventory(
        proposals=tuple(_shown(each) for name in names for each in _standing(site, name) if sku in {None, each.sku}),
        set_aside=tuple(
            AsideShown(connection=name, **each.model_dump())
            for name in names
            for each in stock.asides(name)
            if sku in {None, each.sku}
        ),
        history_of=history,
        history=tuple(
            WrittenShown(connection=name, **each.model_dump())
            for name in names
            for each in (stock.history(name, history) if history else ())
        ),
    )


def meant_by(
    site: Site, connections: Iterable[Connection], choice: Choice, status: ProposalStatus
) -> tuple[Proposal, ...]:
    """The proposals to turn to that status, as they stand now. Raises Complaint where nothing fits."""
    if choice.every == bool(choice.sku):
        raise Complaint("It must be clear which proposals are meant.", "Give a SKU, or --all for every open one.")
    meant = tuple(
        each
        for connection in connections
        for each in _standing(site, connection.name)
        if _is_meant(each, choice, status)
    )
    if not meant:
        what = f"of {choice.sku} " if choice.sku else ""
        raise Complaint(f"No proposal {what}waits for that.", "`crossdock inventory show` lists those that stand.")
    return meant


def agree(desk: Desk, screen: Screen, meant: tuple[Proposal, ...]) -> None:
    """Show what is about to be approved, and have a person agree to just that. Raises Complaint where nobody does."""
    screen.show(_proposals_table([_shown(each) for each in meant], "To be approved"))
    what = counted(len(meant), "change")
    if desk.ask is None:
        raise Complaint(f"It would approve {what} of stock, and nobody is there to agree.", "Say so with --yes.")
    asked = f"Have the next pass write {what} of stock to DEAR, as shown? Type yes"
    if desk.ask(asked).strip().lower() not in {"y", "yes"}:
        raise Complaint("Nothing was done.")


def decide(site: Site, meant: Iterable[Proposal], status: ProposalStatus, now: datetime) -> InventoryDecided:
    """Approve or reject just these versions: one that a pass has changed since is left as it then is."""
    decided: list[ProposalShown] = []
    changed: list[ProposalShown] = []
    for proposal in meant:
        turned = proposal.turned(status, now)
        try:
            site.checkpoints.stock.save_proposal(turned)
        except LostRace:
            changed.append(_shown(proposal))
        else:
            decided.append(_shown(turned))
    return InventoryDecided(decided=tuple(decided), changed_meanwhile=tuple(changed))


def _standing(site: Site, connection: str) -> Iterator[Proposal]:
    return (each for each in site.checkpoints.stock.proposals(connection) if each.stands)


def _is_meant(proposal: Proposal, choice: Choice, status: ProposalStatus) -> bool:
    if choice.location not in {None, proposal.location}:
        return False
    if choice.every:
        return proposal.status is ProposalStatus.OPEN
    return proposal.sku == choice.sku and proposal.status is not status


def _shown(proposal: Proposal) -> ProposalShown:
    return ProposalShown(
        connection=proposal.connection,
        location=proposal.location,
        sku=proposal.sku,
        batch=proposal.batch,
        before=proposal.before,
        after=proposal.after,
        why=proposal.why,
        waits_because=proposal.waits_because,
        counted_at=proposal.counted_at,
        status=proposal.status,
        seen_at=proposal.seen_at,
        decided_at=proposal.decided_at,
    )


def inventory_blocks(document: Inventory) -> Iterator[RenderableType]:
    """Tables of what there is, or that there is nothing."""
    if document.proposals:
        yield _proposals_table(document.proposals, "Proposals")
        yield Text("Decide: crossdock inventory approve SKU, or reject SKU, or --all.")
    else:
        yield Text("No change of stock waits for a person.")
    if document.set_aside:
        aside = table("SKU", "Location", "Why it is left out", title="Left out for a day", wide="Why it is left out")
        for each in document.set_aside:
            aside.add_row(cell(each.sku, "bold"), cell(each.location), cell(each.text))
        yield aside
    if document.history_of:
        yield _history_table(document)


def decided_table(document: InventoryDecided) -> Iterator[RenderableType]:
    if document.decided:
        yield _proposals_table(document.decided, "Decided")
        yield Text("The next pass compares again, and goes by what you decided for this difference.")
    for each in document.changed_meanwhile:
        yield Text(plain(f"{each.sku} changed at the same moment: look at it again."), style="yellow")


def _proposals_table(proposals: Iterable[ProposalShown], title: str) -> RenderableType:
    shown = table(
        "SKU", "Batch", "Location", "In DEAR", "Would be", "Status", "Counted (UTC)", "Why", title=title, wide="Why"
    )
    for each in proposals:
        why = f"{each.why}; {each.waits_because}"
        facts = (each.batch, each.location, each.before, each.after, each.status, f"{each.counted_at:%Y-%m-%d %H:%M}")
        shown.add_row(cell(each.sku, "bold"), *(cell(fact) for fact in facts), cell(why))
    return shown


def _history_table(document: Inventory) -> RenderableType:
    if not document.history:
        return Text(plain(f"Nothing was written of {document.history_of}."))
    title = plain(f"Written of {document.history_of}")
    shown = table("When (UTC)", "Location", "Batch", "From", "To", "Why", "Reference in DEAR", title=title, wide="Why")
    for each in document.history:
        facts = (each.location, each.batch, each.before, each.after, each.why, each.marker)
        shown.add_row(cell(f"{each.at:%Y-%m-%d %H:%M}"), *(cell(fact) for fact in facts))
    return shown
