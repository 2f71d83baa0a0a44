"""Units that one side has moved and the other has not yet: netted, so that no shipment is taken off twice."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from crossdock.domain.flights import Flights, InFlight
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.order import TO_COMPARE, Order
from crossdock.domain.sale import StageLine
from crossdock.domain.shipment import ParcelLine, Shipment, ShipmentRecord
from crossdock.domain.shipping import location_of
from crossdock.domain.states import Decision, OrderStatus, ShipmentStatus
from crossdock.domain.statuses import AUTHORISED_ORDER, SaleStatus
from crossdock.stocktaking.snapshot import CLOCKS_APART
from crossdock.workflow import Workplace

LAG = timedelta(minutes=15)
"""DEAR's availability may lag behind its own writes so much (reference notes, 6.1)."""

type Shipments = tuple[ShipmentRecord, ...]

UNSETTLED = InFlight(unsettled=True)

_OVER = (OrderStatus.CONFIRMED, OrderStatus.INVOICED, OrderStatus.CANCELED)
_NOT_CONFIRMED = (
    OrderStatus.NEW, OrderStatus.AT_WMS, OrderStatus.CANCEL_REQUESTED, OrderStatus.PART_SHIPPED, OrderStatus.SHIPPED,
)  # fmt: skip
_STOPPED = (OrderStatus.HELD, OrderStatus.ERROR)
_NOTHING_LEFT = (OrderStatus.NEW, OrderStatus.AT_WMS, OrderStatus.CANCEL_REQUESTED, OrderStatus.CANCELED)
"""Where no shipment stands; one may have been withdrawn."""

_UNREAD = (Decision.PENDING, Decision.HELD, Decision.ERROR)
_NOT_PICKED = frozenset({"", "NOT AVAILABLE", "NOT PICKED", "VOIDED"})
_BEGUN = "PICKING"


def in_flight(work: Workplace, location: str, counted_at: datetime) -> Flights:
    """The units in flight at one location, for a snapshot counted at `counted_at`.

    DEAR is to have what was counted, and what had left by then, less what it has taken off: of each order that is not
    confirmed all of both is added up, and of one that is confirmed what left since the count.
    """
    flights = Flights()
    for order in _orders(work, counted_at):
        if not _concerns(work, order, location):
            continue
        untouched = order.status in _NOTHING_LEFT and order.updated_at < counted_at - CLOCKS_APART
        shipments = () if untouched else work.orders.shipments_of_order(order)
        _add_left(work, flights, order, shipments, location, counted_at)
        _set_corrected_aside(flights, order, shipments, counted_at)
        if order.status not in _OVER:
            _add_picked(flights, order, shipments, location)
            entry = work.orders.sale(order.connection, order.sale_id)
            _set_doubtful_aside(flights, order, entry, shipments)
            if order.facts.location == location:
                _add_standing(flights, order, entry, shipments)
    return flights


def _orders(work: Workplace, counted_at: datetime) -> Iterable[Order]:
    """Each order that may count, once, and as it is now.

    Listed in the direction in which orders move: one that moves meanwhile is in the list that it left, or in the next.
    What is over and has not changed for so long is settled on both sides, however much of it there is.
    """
    found: dict[str, Order] = {}
    for status in (*_NOT_CONFIRMED, *_OVER, *_STOPPED):
        since = counted_at - LAG if status in _OVER else None
        found |= {order.reference: order for order in work.orders.list_orders(work.name, status, since)}
    return found.values()


def _add_standing(flights: Flights, order: Order, entry: SaleEntry | None, shipments: Shipments) -> None:
    """What an order that is not confirmed means for its own location."""
    if order.stands is OrderStatus.NEW:
        for line in order.content.lines:
            flights.add(line.sku, InFlight(undelivered=line.quantity), line.lot)
    if order.kits:
        _add_built(flights, order, shipments)
        _set_kits_aside(flights, order, entry)


def unread_taken_sale(work: Workplace) -> str | None:
    """The number of a sale whose goods DEAR has taken off and whose lines are not known, since it has no order yet.

    DEAR takes goods off with the pick, and a kit's components as soon as the order is authorised. The sale's row names
    its location by an id alone, so it is taken to be at any of them.
    """
    kits_too = work.connection.settings.kits == "components"
    for decision in _UNREAD:
        for entry in work.orders.list_sales(work.name, decision):
            built = kits_too and entry.row.order_status in AUTHORISED_ORDER
            if not entry.references and (built or entry.row.picking.upper() not in _NOT_PICKED):
                return entry.order_number
    return None


def _concerns(work: Workplace, order: Order, location: str) -> bool:
    """Whether goods of the order may leave this location, or were picked there: its own, or one that is named."""
    settings = work.connection.settings
    return order.facts.location == location or len(settings.warehouses) > 1 or settings.ship_from == location


def _left_from(work: Workplace, order: Order, shipment: Shipment) -> str | None:
    """The location that a shipment left from, where our pick takes it off."""
    settings, own = work.connection.settings, order.facts.location
    return location_of(shipment.warehouse, own, settings) or settings.ship_from or own


def _add_left(
    work: Workplace, flights: Flights, order: Order, shipments: Shipments, location: str, counted_at: datetime
) -> None:
    """Goods that left before the count and that we have not taken off in DEAR, or after it and that we have."""
    for record in shipments:
        shipment, ours = record.shipment, record.confirmed or _picked_by_us(order, record)
        if not (ours or record.status is ShipmentStatus.RECEIVED) or _left_from(work, order, shipment) != location:
            continue
        for line in _lines(shipment):
            if order.intent is not None and not record.confirmed:
                flights.add(line.sku, UNSETTLED)
            elif ours and shipment.shipped_at > counted_at:
                flights.add(line.sku, InFlight(confirmed_since=line.quantity), line.lot)
            elif not ours and shipment.shipped_at <= counted_at:
                flights.add(line.sku, InFlight(left_unconfirmed=line.quantity), line.lot)


def _set_corrected_aside(flights: Flights, order: Order, shipments: Shipments, counted_at: datetime) -> None:
    """Of what the warehouse corrected or withdrew since the count, nobody tells how much had left by then: it waits."""
    corrected = tuple(one for one in shipments if one.shipment.revision > 1 and one.shipment.updated_at > counted_at)
    if corrected:
        _set_order_aside(flights, order, corrected)


def _add_picked(flights: Flights, order: Order, shipments: Shipments, location: str) -> None:
    """Goods that DEAR's people have picked, wherever they are by now.

    A sale that is being withdrawn may have had its pick undone since it was read: its SKUs wait.
    """
    if order.stands is OrderStatus.CANCEL_REQUESTED:
        _set_aside(flights, (line.sku for line in order.content.lines))
        return
    built = _component_skus(order)
    for picked in _picked(order, shipments):
        if picked.sku not in built and (picked.location or order.facts.location) == location:
            flights.add(picked.sku, InFlight(confirmed_since=picked.quantity), picked.batch)


def _picked(order: Order, shipments: Shipments) -> tuple[StageLine, ...]:
    """The pick that was read; nothing of one that a part is confirmed by, or was picked by us, for it is that part."""
    for record in shipments:
        if (record.confirmed and record.task_id == order.facts.picked_on) or _picked_by_us(order, record):
            return ()
    return order.facts.picked


def _picked_by_us(order: Order, record: ShipmentRecord) -> bool:
    return "pick" in order.done and record.shipment.id in order.part


def _set_doubtful_aside(flights: Flights, order: Order, entry: SaleEntry | None, shipments: Shipments) -> None:
    """An order of which DEAR may have taken off other goods than it goes by waits as a whole, with all that left."""
    to_compare = order.status in _STOPPED and order.reason is not None and order.reason.code in TO_COMPARE
    if to_compare or _is_doubtful(order, entry):
        _set_order_aside(flights, order, shipments)


def _is_doubtful(order: Order, entry: SaleEntry | None) -> bool:
    """Whether DEAR's list shows a pick where the order goes by none, or none where it goes by one.

    What was read of a sale is as good as the list. Of an order that is stopped it is not: not all is read of it; and of
    one that was taken up after a restore, parts may be confirmed that are not known here.
    """
    stopped = order.status in _STOPPED
    if entry is None or (not stopped and entry.row.updated == order.facts.read_at_stamp):
        return False
    shown = entry.row.picking.upper() not in {*_NOT_PICKED, _BEGUN}
    known = "pick" in order.done or not order.facts.pick.open
    return shown != known or (shown and stopped and order.taken_up)


def _set_kits_aside(flights: Flights, order: Order, entry: SaleEntry | None) -> None:
    """A kit stands in DEAR alone: the warehouse has its components. It waits, and so does what cannot be told apart.

    That is a SKU that the order has both by itself and in a kit, and the components of a sale with a backorder, or that
    changed, whose kits DEAR may not have built, or not as the order has them.
    """
    components = _component_skus(order)
    loose = {line.sku for line in order.sold.lines}
    unread = entry is None or entry.row.updated != order.facts.read_at_stamp or order.wanted is not None
    unbuilt = unread or (entry is not None and entry.row.status == SaleStatus.BACKORDERED)
    _set_aside(flights, (kit.line.sku for kit in order.kits))
    _set_aside(flights, components if unbuilt else components & loose)


def _component_skus(order: Order) -> frozenset[str]:
    """What DEAR took off when it built the order's kits, at authorising the sale."""
    ids = {line_id for kit in order.kits for line_id in kit.component_ids}
    return frozenset(line.sku for line in order.content.lines if line.line_id in ids)


def _add_built(flights: Flights, order: Order, shipments: Shipments) -> None:
    """Goods that DEAR has built into kits; what is confirmed of them has left on both sides."""
    built = _component_skus(order)
    for line in order.content.lines:
        if line.sku in built:
            flights.add(line.sku, InFlight(confirmed_since=line.quantity), line.lot)
    for record in shipments:
        for sent in _lines(record.shipment):
            if record.confirmed and sent.sku in built:
                flights.add(sent.sku, InFlight(confirmed_since=-sent.quantity), sent.lot)


def _set_order_aside(flights: Flights, order: Order, shipments: Shipments) -> None:
    """All that the order asks for waits, and all that left with these shipments."""
    _set_aside(flights, (line.sku for line in order.content.lines))
    _set_aside(flights, (line.sku for record in shipments for line in _lines(record.shipment)))


def _set_aside(flights: Flights, skus: Iterable[str]) -> None:
    """These SKUs wait for the next snapshot: what is in flight of them is not known."""
    for sku in skus:
        flights.add(sku, UNSETTLED)


def _lines(shipment: Shipment) -> Iterator[ParcelLine]:
    return (line for parcel in shipment.parcels for line in parcel.lines)
