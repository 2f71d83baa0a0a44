"""Units that one side has moved and the other has not yet: netted, so that no shipment is taken off twice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from crossdock.domain.flights import Flights, InFlight
from crossdock.domain.order import Order
from crossdock.domain.shipment import ParcelLine, Shipment, ShipmentRecord
from crossdock.domain.states import Decision, OrderStatus, ShipmentStatus
from crossdock.domain.statuses import AUTHORISED_ORDER, SaleStatus
from crossdock.workflow import Workplace

LAG = timedelta(minutes=15)
"""DEAR's availability may lag behind its own writes so much (reference notes, 6.1)."""

type Shipments = tuple[ShipmentRecord, ...]

UNSETTLED = InFlight(unsettled=True)

_CONFIRMED = (OrderStatus.CONFIRMED, OrderStatus.INVOICED)
_NOT_CONFIRMED = (
    OrderStatus.NEW, OrderStatus.AT_WMS, OrderStatus.CANCEL_REQUESTED, OrderStatus.PART_SHIPPED, OrderStatus.SHIPPED,
)  # fmt: skip
_STOPPED = (OrderStatus.HELD, OrderStatus.ERROR)
_STILL_THERE = (OrderStatus.NEW, OrderStatus.AT_WMS, OrderStatus.PART_SHIPPED)
_NOTHING_LEFT = (OrderStatus.NEW, OrderStatus.AT_WMS, OrderStatus.CANCEL_REQUESTED)
_IN_DEAR = (ShipmentStatus.CONFIRMED, ShipmentStatus.INVOICED)

_UNREAD = (Decision.PENDING, Decision.HELD, Decision.ERROR)
_NOT_PICKED = frozenset({"", "NOT AVAILABLE", "NOT PICKED", "VOIDED"})


def in_flight(work: Workplace, location: str, counted_at: datetime) -> Flights:
    """The units in flight at one location, for a snapshot counted at `counted_at`."""
    flights = Flights()
    for order in _orders(work, counted_at):
        if not _may_leave(work, order, location):
            continue
        shipments = () if order.status in _NOTHING_LEFT else work.orders.shipments_of_order(order)
        _add_confirmed(work, flights, order, shipments, location, counted_at)
        if order.status not in _CONFIRMED:
            _add_left(work, flights, order, shipments, location, counted_at)
            if order.facts.location == location:
                _add_standing(work, flights, order, shipments)
    return flights


def _orders(work: Workplace, counted_at: datetime) -> Iterable[Order]:
    """Each order that may count, once, and as it is now.

    Listed in the direction in which orders move: one that moves meanwhile is in the list that it left, or in the next.
    What was confirmed and has not changed for so long is settled on both sides, however much of it there is.
    """
    found: dict[str, Order] = {}
    for status in (*_NOT_CONFIRMED, *_CONFIRMED, *_STOPPED):
        since = counted_at - LAG if status in _CONFIRMED else None
        found |= {order.reference: order for order in work.orders.list_orders(work.name, status, since)}
    return found.values()


def _add_standing(work: Workplace, flights: Flights, order: Order, shipments: Shipments) -> None:
    """What an order that is not confirmed means for its own location."""
    if order.status is OrderStatus.NEW:
        for line in order.content.lines:
            flights.add(line.sku, InFlight(undelivered=line.quantity), line.lot)
    if order.kits or not order.facts.pick.open:
        _add_taken(flights, order, shipments)
    _set_kits_aside(work, flights, order)


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


def _may_leave(work: Workplace, order: Order, location: str) -> bool:
    """Whether goods of the order may leave this location: its own, or one that shipments or settings can name."""
    settings = work.connection.settings
    elsewhere = order.facts.pick.open and (len(settings.warehouses) > 1 or settings.ship_from == location)
    return order.facts.location == location or elsewhere


def _taken_off_at(work: Workplace, order: Order, shipment: Shipment) -> str | None:
    """The location where DEAR takes a shipment's goods off: that of its own pick, or where our pick says they left."""
    settings = work.connection.settings
    if not order.facts.pick.open:
        return order.facts.location
    named = (location for location, code in settings.warehouses.items() if code == shipment.warehouse)
    return next(named, None) or settings.ship_from or order.facts.location


def _add_left(
    work: Workplace, flights: Flights, order: Order, shipments: Shipments, location: str, counted_at: datetime
) -> None:
    """Goods that left before the count and that DEAR still has, unless its pick is done or may be."""
    unsettled = order.intent is not None or _picked_by_others(work, order, shipments)
    built, picked = _component_skus(order), _picked_units(order, shipments)
    for line, shipment in _shipped(work, order, shipments, (ShipmentStatus.RECEIVED,), location):
        if unsettled:
            flights.add(line.sku, UNSETTLED)
            continue
        ours = line.sku in built or ("pick" in order.done and shipment.id in order.part)
        taken = line.quantity if ours else min(line.quantity, picked[line.sku])
        picked[line.sku] = max(picked[line.sku] - line.quantity, Decimal(0))
        if shipment.shipped_at <= counted_at:
            flights.add(line.sku, InFlight(left_unconfirmed=line.quantity - taken), line.lot)
        else:
            flights.add(line.sku, InFlight(confirmed_since=taken), line.lot)


def _picked_units(order: Order, shipments: Shipments) -> defaultdict[str, Decimal]:
    """What DEAR's pick of the fulfilment at hand has beyond the shipments that are confirmed there, by SKU."""
    units: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in order.facts.picked:
        units[line.sku] += line.quantity
    for record in shipments:
        if record.status in _IN_DEAR and record.task_id == order.facts.picked_on:
            for sent in _lines(record.shipment):
                units[sent.sku] = max(units[sent.sku] - sent.quantity, Decimal(0))
    return units


def _picked_by_others(work: Workplace, order: Order, shipments: Shipments) -> bool:
    """Whether DEAR's list shows a pick that is not ours and that the read which the order goes by has not seen."""
    if not order.facts.pick.open or "pick" in order.done:
        return False
    entry = work.orders.sale(order.connection, order.sale_id)
    if entry is None or entry.row.updated == order.facts.read_at_stamp or entry.row.picking.upper() != "PICKED":
        return False
    return not any(record.status in _IN_DEAR for record in shipments)


def _set_kits_aside(work: Workplace, flights: Flights, order: Order) -> None:
    """A kit stands in DEAR alone: the warehouse has its components. It waits, and so does what cannot be told apart.

    That is a SKU that the order has both by itself and in a kit, and the components of a sale with a backorder, whose
    kits DEAR may not have built.
    """
    if not order.kits:
        return
    components = _component_skus(order)
    loose = {line.sku for line in order.sold.lines}
    entry = work.orders.sale(order.connection, order.sale_id)
    unbuilt = entry is None or entry.row.status == SaleStatus.BACKORDERED
    for sku in {kit.line.sku for kit in order.kits} | (components if unbuilt else components & loose):
        flights.add(sku, UNSETTLED)


def _component_skus(order: Order) -> frozenset[str]:
    """What DEAR took off when it built the order's kits, at authorising the sale."""
    ids = {line_id for kit in order.kits for line_id in kit.component_ids}
    return frozenset(line.sku for line in order.content.lines if line.line_id in ids)


def _add_taken(flights: Flights, order: Order, shipments: Shipments) -> None:
    """Goods that DEAR has taken off, picked or built into kits, while they still stand in the warehouse.

    A sale that is being withdrawn may have had its pick undone since it was read: its SKUs wait.
    """
    stood = order.held_from or order.status
    if stood is OrderStatus.CANCEL_REQUESTED:
        for line in order.content.lines:
            flights.add(line.sku, UNSETTLED)
    if stood not in _STILL_THERE:
        return
    built = _component_skus(order)
    taken = [(line.sku, line.quantity, line.lot) for line in order.content.lines if line.sku in built]
    taken += [(line.sku, line.quantity, line.batch) for line in order.facts.picked if line.sku not in built]
    gone = _gone(order, shipments, built)
    for sku, units, lot in taken:
        flights.add(sku, InFlight(confirmed_since=max(units - gone[sku], Decimal(0))), lot)
        gone[sku] = max(gone[sku] - units, Decimal(0))


def _gone(order: Order, shipments: Shipments, built: frozenset[str]) -> defaultdict[str, Decimal]:
    """What has left of what DEAR has taken off: of picked goods only what is, or may be, of the same fulfilment."""
    units: defaultdict[str, Decimal] = defaultdict(Decimal)
    for record in shipments:
        elsewhere = record.status in _IN_DEAR and record.task_id != order.facts.picked_on
        if record.status is ShipmentStatus.RECEIVED or record.status in _IN_DEAR:
            for line in _lines(record.shipment):
                units[line.sku] += Decimal(0) if elsewhere and line.sku not in built else line.quantity
    return units


def _add_confirmed(
    work: Workplace, flights: Flights, order: Order, shipments: Shipments, location: str, counted_at: datetime
) -> None:
    """Goods that DEAR has taken off and that were still there at the count."""
    for line, shipment in _shipped(work, order, shipments, _IN_DEAR, location):
        if shipment.shipped_at > counted_at:
            flights.add(line.sku, InFlight(confirmed_since=line.quantity), line.lot)


def _shipped(
    work: Workplace, order: Order, shipments: Shipments, statuses: tuple[ShipmentStatus, ...], location: str
) -> Iterator[tuple[ParcelLine, Shipment]]:
    """What left and DEAR takes off at the location, with its shipment."""
    for record in shipments:
        if record.status in statuses and _taken_off_at(work, order, record.shipment) == location:
            yield from ((line, record.shipment) for line in _lines(record.shipment))


def _lines(shipment: Shipment) -> Iterator[ParcelLine]:
    return (line for parcel in shipment.parcels for line in parcel.lines)
