"""Make DEAR's stock equal to what the warehouse counted: only differences, each adjustment at most once."""

from crossdock.collecting import collect
from crossdock.domain.report import RunOutcome
from crossdock.domain.settings import InventorySettings
from crossdock.stocktaking.catalogue import Catalogue
from crossdock.stocktaking.comparing import Compared, compare_place
from crossdock.stocktaking.places import places
from crossdock.stocktaking.snapshot import is_usable, read_snapshot, sales_are_listed
from crossdock.workflow import RunEnds, Workplace, check_time
from sync_inventory.approving import Approvals
from sync_inventory.writing import Writing, settle


def sync_inventory(work: Workplace) -> None:
    """One pass: settle what an earlier one left open, count, compare, write the differences."""
    settings = work.connection.settings.inventory
    if settings is None:
        raise RunEnds(RunOutcome.OFF, "inventory is off: there is no [settings.inventory]")
    settle(work)
    if not sales_are_listed(work):
        return
    snapshot = read_snapshot(work)
    if not is_usable(work, settings, snapshot):
        return
    # What left before the count must be known, or DEAR would take it off a second time with the confirmation.
    if not collect(work):
        text = "not every shipment of the warehouse could be read and stored: no stock is written"
        work.tally.trouble("stock", "shipments_unread", text)
        return
    catalogue = Catalogue(work)
    asides = work.checkpoints.stock.asides(work.name)
    approvals = Approvals(work, settings, snapshot.as_of)
    wanted = places(work.connection.settings, settings)
    approvals.close_elsewhere(wanted)
    for place in wanted:
        check_time(work)
        compared = compare_place(work, settings, snapshot, place, catalogue, asides)
        if compared is not None:
            _write_place(work, settings, approvals, compared)


def _write_place(work: Workplace, settings: InventorySettings, approvals: Approvals, compared: Compared) -> None:
    """Write what neither DEAR nor a person stands against."""
    for aside in compared.newly_aside:
        work.checkpoints.stock.set_aside(work.name, aside)
        work.tally.tell("set aside")
    lines = approvals.let_through(compared)
    writing = Writing(work, settings, approvals, compared)
    for start in range(0, len(lines), settings.max_lines):
        check_time(work)
        writing.write(lines[start : start + settings.max_lines])
