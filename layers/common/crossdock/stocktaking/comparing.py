"""Comparing one place: the count, DEAR's availability, what is in flight, and which of the lines can be written."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from crossdock.domain.comparing import StockDifference, compare_stock
from crossdock.domain.flights import Flights
from crossdock.domain.inventory import AdjustmentLine, Aside, StockProduct
from crossdock.domain.settings import InventorySettings
from crossdock.domain.shelf import Shelf
from crossdock.ports import INDEX_LAG_SECONDS
from crossdock.stocktaking.catalogue import Catalogue
from crossdock.stocktaking.costs import with_costs
from crossdock.stocktaking.flight import in_flight, unread_taken_sale
from crossdock.stocktaking.kits import kits_among
from crossdock.stocktaking.places import Place
from crossdock.stocktaking.snapshot import Snapshot
from crossdock.workflow import Workplace

LOOKED_UP_FOR = timedelta(seconds=30)
"""Where looking products up takes longer, the figures that were read before it are read again after it."""


@dataclass
class Believed:
    """What DEAR has at one location. `product_ids`: of every SKU that it has a row for."""

    shelf: Shelf = field(default_factory=Shelf)
    product_ids: dict[str, str] = field(default_factory=dict)
    in_bins: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Compared:
    """One place compared. `lines` can be written; `newly_aside`: SKUs that DEAR turns out not to take.

    `read_at`: when DEAR's stock was asked for; `flights`: what was in flight. What moved since is not in the lines.
    `unread_sale`: the number of a sale whose goods DEAR had taken off, and whose lines were not known then.
    `looked_up_for`: so long it took after that to look products up.
    """

    place: Place
    difference: StockDifference
    lines: tuple[AdjustmentLine, ...]
    believed: Believed
    newly_aside: tuple[Aside, ...]
    kits: frozenset[str]
    read_at: datetime
    flights: Flights
    unread_sale: str | None
    looked_up_for: timedelta


def compare_place(
    work: Workplace,
    settings: InventorySettings,
    snapshot: Snapshot,
    place: Place,
    catalogue: Catalogue,
    asides: Iterable[Aside],
) -> Compared | None:
    """What differs at one place, all of it told; None where the snapshot does not say what is there.

    After long look-ups it is compared anew: by then the products are known, and the figures are fresh.
    """
    if not _is_alone(work, place):
        return None
    aside = {each.sku: each for each in asides if each.location == place.location}
    compared = _compare(work, settings, snapshot, place, catalogue, aside)
    if compared is not None and compared.looked_up_for > LOOKED_UP_FOR:
        compared = _compare(work, settings, snapshot, place, catalogue, aside)
    if compared is None:
        return None
    _tell(work, compared, [*aside.values(), *compared.newly_aside])
    return replace(compared, lines=_certain(work, compared))


def _compare(
    work: Workplace,
    settings: InventorySettings,
    snapshot: Snapshot,
    place: Place,
    catalogue: Catalogue,
    aside: dict[str, Aside],
) -> Compared | None:
    read_at = work.now()
    believed = _read_believed(work, settings, place.location)
    counted = snapshot.shelf(place.codes, settings.mode, believed.product_ids)
    if not _is_known(work, snapshot, place, counted, believed):
        return None
    # A sale that is read meanwhile becomes orders: by listing them a lag later, whatever DEAR took off is in one list.
    work.clock.sleep(INDEX_LAG_SECONDS)
    unread_sale = unread_taken_sale(work)
    work.clock.sleep(INDEX_LAG_SECONDS)
    flights = in_flight(work, place.location, snapshot.as_of)
    looked_up_from = work.now()

    def compared(by_batch: frozenset[str] = frozenset()) -> StockDifference:
        return compare_stock(
            place.location,
            counted,
            believed.shelf,
            in_flight=flights,
            settings=settings,
            in_bins=frozenset(believed.in_bins),
            by_batch=by_batch,
        )

    difference = compared()
    strangers = catalogue.look_up(_strangers(difference.lines, believed, aside))
    if by_batch := frozenset(sku for sku, product in strangers.items() if product and product.by_batch):
        difference = compared(by_batch)
    newly_aside = tuple(_asides(work, place.location, strangers))
    out = aside.keys() | {each.sku for each in newly_aside}
    writable = tuple(line for line in difference.lines if line.sku not in out)
    kits = kits_among(work, writable, counted, believed.product_ids)
    lines = tuple(line for line in writable if line.sku not in kits)
    lines = with_costs(lines, settings, catalogue, believed.product_ids)
    looked_up_for = work.now() - looked_up_from
    return Compared(place, difference, lines, believed, newly_aside, kits, read_at, flights, unread_sale, looked_up_for)


def _read_believed(work: Workplace, settings: InventorySettings, location: str) -> Believed:
    believed = Believed()
    for row in work.dear().availability(location):
        units = row.on_hand if settings.mode == "on_hand" else row.available
        believed.shelf.put(row.sku, units, row.batch, row.expires_on)
        believed.product_ids[row.sku] = row.product_id
        if row.bin:
            believed.in_bins.add(row.sku)
    return believed


def _is_alone(work: Workplace, place: Place) -> bool:
    """Whether no other location has its code: how a count divides between two, nobody says."""
    if place.beside:
        text = f"it has the warehouse code of {' and '.join(place.beside)}: how the stock divides is not known"
        work.tally.trouble(place.location, "shared_warehouse_code", text)
    return not place.beside


def _is_known(work: Workplace, snapshot: Snapshot, place: Place, counted: Shelf, believed: Believed) -> bool:
    """Whether the snapshot names the place's warehouses: a wrong code would read as an empty shelf."""
    unnamed = snapshot.unnamed(place.codes)
    if believed.shelf.is_empty or not (unnamed or not counted.skus):
        return True
    codes = ", ".join(repr(code) for code in unnamed or sorted(place.codes))
    text = f"the snapshot has no item of {codes}: a wrong code would empty {place.location}; nothing is written"
    work.tally.trouble(place.location, "warehouse_not_in_snapshot", text)
    return False


def _strangers(lines: Iterable[AdjustmentLine], believed: Believed, aside: dict[str, Aside]) -> dict[str, str]:
    """SKUs to be added to a location where DEAR has no row of them: it may not have the product at all."""
    strange = (line.sku for line in lines if line.quantity > 0 and line.sku not in believed.product_ids)
    return {sku: "" for sku in strange if sku not in aside}


def _asides(work: Workplace, location: str, products: dict[str, StockProduct | None]) -> Iterable[Aside]:
    for sku, product in products.items():
        if product is None:
            code, text = "unknown_product", "DEAR has no product with this SKU: add it there, or give it an alias"
        elif not product.stocked:
            code, text = "not_stock", "DEAR keeps no stock of it: the product's type is not Stock"
        elif product.deprecated:
            code, text = "deprecated_product", "the product is deprecated in DEAR: its stock is not raised"
        else:
            continue
        yield Aside(location=location, sku=sku, code=code, text=text, at=work.now())


def _tell(work: Workplace, compared: Compared, asides: Iterable[Aside]) -> None:
    difference = compared.difference
    work.tally.tell("differences", len(difference.lines))
    if compared.kits:
        work.tally.tell("kits left alone", len(compared.kits))
    for sku in difference.deferred:
        work.tally.trouble(sku, "in_flight", "an order of it is under way or being confirmed; it is compared after")
    for sku in difference.batched:
        work.tally.trouble(sku, "batched", "DEAR keeps it by batch and the warehouse names no lots: it is left alone")
    for sku in difference.binned:
        work.tally.trouble(sku, "in_bins", "it lies in bins in DEAR; a total cannot be written")
    for sku in difference.several_dates:
        text = "DEAR has one batch of it under several expiry dates: a count of the batch does not say how it divides"
        work.tally.trouble(sku, "several_expiry_dates", text)
    differing = {line.sku for line in difference.lines}
    for aside in asides:
        if aside.sku in differing:
            work.tally.trouble(aside.sku, aside.code, aside.text)


def _certain(work: Workplace, compared: Compared) -> tuple[AdjustmentLine, ...]:
    """The lines that a sale with lines unknown to us does not make doubtful: it can only have lowered DEAR's stock."""
    sale, lines = compared.unread_sale, compared.lines
    if sale is None:
        return lines
    for line in lines:
        if line.change > 0:
            told = f"DEAR has taken off the goods of sale {sale}, whose lines are not known here"
            text = f"{told}: stock is not raised until they are"
            work.tally.trouble(line.sku, "unread_picked_sale", text)
    return tuple(line for line in lines if line.change < 0)
