"""`crossdock inventory preview`: the comparison that the step makes, made here, with nothing written anywhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

from rich.console import RenderableType
from rich.text import Text

from cli.faults import REFUSED, Complaint
from cli.screen import Screen, cell, counted, plain, table
from cli.site import Desk, Site
from cli.stock_shapes import ComparedStock, InventoryPreview, StockLine
from crossdock.dear.transport import Credentials
from crossdock.domain.bills import Bill
from crossdock.domain.inventory import LineKey
from crossdock.domain.proposals import Proposal, brake_of, gate
from crossdock.domain.report import Tally
from crossdock.domain.settings import Connection, InventorySettings
from crossdock.domain.states import Step
from crossdock.ports import Checkpoint, Checkpoints, Dear, Stock
from crossdock.stocktaking.catalogue import Catalogue
from crossdock.stocktaking.comparing import Compared, compare_place
from crossdock.stocktaking.places import places
from crossdock.stocktaking.snapshot import Snapshot, is_usable, read_snapshot, sales_are_listed
from crossdock.wms.aliases import AliasedWarehouse
from crossdock.wms.registry import WarehouseCredentials
from crossdock.workflow import Workplace

PATIENCE_SECONDS = 600.0


def preview(
    desk: Desk, site: Site, screen: Screen, connections: Iterable[Connection], sku: str | None
) -> InventoryPreview:
    """What the next pass would do for each connection. Raises Complaint."""
    compared = tuple(_preview_one(desk, site, screen, connection, sku) for connection in connections)
    return InventoryPreview(connections=compared, dear_calls=sum(each.dear_calls for each in compared))


def _preview_one(desk: Desk, site: Site, screen: Screen, connection: Connection, sku: str | None) -> ComparedStock:
    settings = connection.settings.inventory
    if settings is None:
        return ComparedStock(connection=connection.name, writes_nothing_because="there is no [settings.inventory]")
    dear = site.dear(connection, _dear_key(site, connection.name))
    work = _workplace(desk, site, connection, dear)
    with screen.busy(f"{connection.name}: comparing stock …"):
        snapshot = read_snapshot(work)
        usable = is_usable(work, settings, snapshot) and sales_are_listed(work)
        lines = tuple(_lines(work, settings, snapshot)) if snapshot.complete else ()
    return ComparedStock(
        connection=connection.name,
        counted_at=snapshot.as_of,
        writes_nothing_because=None if usable else work.tally.problems[-1].text,
        lines=tuple(line for line in lines if sku in {None, line.sku}),
        problems=tuple(each for each in work.tally.problems if sku in {None, each.subject}),
        dear_calls=dear.calls_made(),
    )


def _lines(work: Workplace, settings: InventorySettings, snapshot: Snapshot) -> Iterator[StockLine]:
    stock, catalogue = work.checkpoints.stock, Catalogue(work)
    asides, proposals = stock.asides(work.name), stock.proposals(work.name)
    for place in places(work.connection.settings, settings):
        compared = compare_place(work, settings, snapshot, place, catalogue, asides)
        if compared is not None:
            yield from _judged(compared, settings, proposals, work.now())


def _judged(
    compared: Compared, settings: InventorySettings, proposals: Iterable[Proposal], now: datetime
) -> Iterator[StockLine]:
    """Each line of a place with what would become of it."""
    standing: dict[LineKey, Proposal] = {
        each.key: each for each in proposals if each.stands and each.location == compared.place.location
    }
    brake = brake_of(compared.difference.lines, compared.believed.shelf, settings)
    sorted_out = gate(compared.lines, standing, settings, brake, now)
    waits = {line.key: wait.told for line, wait in sorted_out.waiting}
    written = {line.key for line in sorted_out.written}
    rejected = {line.key for line in sorted_out.rejected}
    costed = {line.key: line for line in compared.lines}
    for line in compared.difference.lines:
        shown = costed.get(line.key, line)
        outcome = "written" if line.key in written else "waits" if line.key in waits else "left_out"
        because = waits.get(line.key) or ("a person rejected it" if line.key in rejected else None)
        yield StockLine(
            location=line.location,
            sku=line.sku,
            batch=line.batch,
            before=line.before,
            after=line.quantity,
            why=shown.why,
            outcome=outcome,
            because=because,
        )


# --- a place to work that writes nothing ---------------------------------------------------------------------


def _workplace(desk: Desk, site: Site, connection: Connection, dear: Dear) -> Workplace:
    read_aliases = partial(site.checkpoints.stock.aliases, connection.name)

    @cache
    def warehouse() -> AliasedWarehouse:
        return AliasedWarehouse(site.warehouse(connection, _warehouse_key(site, connection.name)), read_aliases)

    return Workplace(
        connection=connection,
        orders=site.orders,
        checkpoints=_Unwritten(site.checkpoints),  # type: ignore[arg-type]  # what is not read is not there
        clock=desk.clock,
        deadline=_Patience(),
        lease=_NoLease(),
        log=_NoLog(),
        dear=lambda: dear,
        warehouse=warehouse,
        tally=Tally(),
    )


@dataclass(frozen=True)
class _Unwritten:
    """The checkpoints as far as comparing reads them; what it would remember is forgotten."""

    checkpoints: Checkpoints

    @property
    def stock(self) -> Stock:
        return self.checkpoints.stock

    def checkpoint(self, connection: str, step: Step) -> Checkpoint:
        return self.checkpoints.checkpoint(connection, step)

    def bill(self, connection: str, product_id: str) -> Bill | None:
        return self.checkpoints.bill(connection, product_id)

    def remember_bill(self, connection: str, bill: Bill) -> None:
        """Nothing is written."""


class _Patience:
    def seconds_left(self) -> float:
        return PATIENCE_SECONDS


class _NoLease:
    def keep(self) -> None:
        """Nothing is written, so nobody need be kept out."""


class _NoLog:
    def info(self, event: str, **facts: object) -> None: ...
    def warning(self, event: str, **facts: object) -> None: ...
    def exception(self, event: str, **facts: object) -> None: ...


def _dear_key(site: Site, connection: str) -> Credentials:
    stored = _secret(site, connection, "dear", "account_id", "api_key")
    return Credentials(account_id=stored["account_id"], api_key=stored["api_key"])


def _warehouse_key(site: Site, connection: str) -> WarehouseCredentials:
    return WarehouseCredentials(**_secret(site, connection, "warehouse"))


def _secret(site: Site, connection: str, party: str, *needed: str) -> dict[str, str]:
    stored = site.vault.read(connection, party) or {}
    if not stored or not stored.keys() >= set(needed):
        mend = "Run `crossdock connect` with its file again."
        raise Complaint(f"The {party} secret of {connection} is not stored.", mend, code=REFUSED)
    return {name: str(value) for name, value in stored.items()}


# --- for people ----------------------------------------------------------------------------------------------


def preview_blocks(document: InventoryPreview) -> Iterator[RenderableType]:
    """A table for each connection, and what stands against writing."""
    for each in document.connections:
        yield Text(plain(each.connection), style="bold")
        if each.writes_nothing_because:
            yield Text(plain(f"Nothing would be written: {each.writes_nothing_because}."), style="yellow")
        if each.lines:
            yield _lines_table(each.lines)
        elif not each.writes_nothing_because:
            yield Text("DEAR and the warehouse agree.", style="green")
        for problem in each.problems:
            yield Text(plain(f"  {problem.subject}: {problem.text}"))
    calls = counted(document.dear_calls, "DEAR call")
    yield Text(f"Nothing was written; {calls}. Shipments that are not collected yet are not netted.")


def _lines_table(lines: Iterable[StockLine]) -> RenderableType:
    shown = table("SKU", "Batch", "Location", "In DEAR", "Would be", "", "Why", wide="Why")
    for line in lines:
        why = f"{line.why}; {line.because}" if line.because else line.why
        facts = (line.batch, line.location, line.before, line.after, line.outcome.replace("_", " "), why)
        shown.add_row(cell(line.sku, "bold"), *(cell(fact) for fact in facts))
    return shown
