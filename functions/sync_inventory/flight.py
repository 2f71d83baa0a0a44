"""Units that one side has moved and the other has not yet: netted, so that no shipment is taken off twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from crossdock.domain.inventory import InFlight
from crossdock.domain.order import Order
from crossdock.domain.states import Decision, OrderStatus, ShipmentStatus
from crossdock.workflow import Workplace

LAG = timedelta(minutes=15)
"""DEAR's availability may lag behind its own writes so much (reference notes, 6.1)."""

_MAY_HAVE_LEFT = (OrderStatus.PART_SHIPPED, OrderStatus.SHIPPED, OrderStatus.HELD, OrderStatus.ERROR)
_CONFIRMED = (OrderStatus.CONFIRMED, OrderStatus.INVOICED)
_UNDELIVERED = (OrderStatus.NEW,)
_STILL_THERE = (OrderStatus.NEW, OrderStatus.AT_WMS, OrderStatus.PART_SHIPPED)
_WITHDRAWN = OrderStatus.CANCEL_REQUESTED
_STOPPED = (OrderStatus.HELD, OrderStatus.ERROR)

_UNREAD = (Decision.PENDING, Decision.HELD, Decision.ERROR)
_NOT_PICKED = frozenset({"", "NOT AVAILABLE", "NOT PICKED", "VOIDED"})


def in_flight(work: Workplace, location: str, counted_at: datetime) -> dict[str, InFlight]:
    """SKU to its units in flight at one location, for a snapshot counted at `counted_at`."""
    flights: dict[str, InFlight] = {}
    for order in _orders(work, location, _MAY_HAVE_LEFT):
        _add_left(work, flights, order, counted_at)
    # What has not changed for so long is settled on both sides, however much of it there is.
    for order in _orders(work, location, _CONFIRMED, since=counted_at - LAG):
        _add_confirmed(work, flights, order, counted_at)
    for order in _orders(work, location, _UNDELIVERED):
        for line in order.content.lines:
            _add(flights, line.sku, undelivered=line.quantity)
    for order in _orders(work, location, (*_STILL_THERE, _WITHDRAWN, *_STOPPED)):
        if not order.facts.pick.open:
            _add_picked(work, flights, order)
    return flights


def unread_picked_sale(work: Workplace) -> str | None:
    """The number of a sale whose goods DEAR has taken off and whose lines are not known, since it has no order yet.

    Its row names its location by an id alone, so it is taken to be at any of them.
    """
    for decision in _UNREAD:
        for entry in work.orders.list_sales(work.name, decision):
            if not entry.references and entry.row.picking.upper() not in _NOT_PICKED:
                return entry.order_number
    return None


def _orders(
    work: Workplace, location: str, statuses: tuple[OrderStatus, ...], since: datetime | None = None
) -> Iterator[Order]:
    for status in statuses:
        for order in work.orders.list_orders(work.name, status, since):
            if order.facts.location == location:
                yield order


def _add_left(work: Workplace, flights: dict[str, InFlight], order: Order, counted_at: datetime) -> None:
    """Goods that left before the count and that DEAR still has, unless its pick is done or may be."""
    unsettled = order.intent is not None
    picked = "pick" in order.done or not order.facts.pick.open
    for sku, units, shipped_at in _shipped(work, order, ShipmentStatus.RECEIVED):
        if unsettled:
            _add(flights, sku, unsettled=True)
        elif not picked and shipped_at <= counted_at:
            _add(flights, sku, left_unconfirmed=units)
        elif picked and shipped_at > counted_at:
            _add(flights, sku, confirmed_since=units)


def _add_picked(work: Workplace, flights: dict[str, InFlight], order: Order) -> None:
    """Goods that DEAR itself picked, and so has taken off, while they still stand in the warehouse.

    A sale that is being withdrawn may have had its pick undone since it was read: its SKUs wait.
    """
    stood = order.held_from or order.status
    if stood is _WITHDRAWN:
        for line in order.content.lines:
            _add(flights, line.sku, unsettled=True)
    if stood not in _STILL_THERE:
        return
    gone: dict[str, Decimal] = {}
    for sku, units, _ in _shipped(work, order, ShipmentStatus.RECEIVED):
        gone[sku] = gone.get(sku, Decimal(0)) + units
    for line in order.content.lines:
        left = max(line.quantity - gone.get(line.sku, Decimal(0)), Decimal(0))
        gone[line.sku] = max(gone.get(line.sku, Decimal(0)) - line.quantity, Decimal(0))
        _add(flights, line.sku, confirmed_since=left)


def _add_confirmed(work: Workplace, flights: dict[str, InFlight], order: Order, counted_at: datetime) -> None:
    for status in (ShipmentStatus.CONFIRMED, ShipmentStatus.INVOICED):
        for sku, units, shipped_at in _shipped(work, order, status):
            if shipped_at > counted_at:
                _add(flights, sku, confirmed_since=units)


def _shipped(work: Workplace, order: Order, status: ShipmentStatus) -> Iterator[tuple[str, Decimal, datetime]]:
    for record in work.orders.shipments_of_order(order):
        if record.status is status:
            for parcel in record.shipment.parcels:
                for line in parcel.lines:
                    yield line.sku, line.quantity, record.shipment.shipped_at


def _add(
    flights: dict[str, InFlight],
    sku: str,
    *,
    left_unconfirmed: Decimal = Decimal(0),
    confirmed_since: Decimal = Decimal(0),
    undelivered: Decimal = Decimal(0),
    unsettled: bool = False,
) -> None:
    before = flights.get(sku, InFlight())
    flights[sku] = InFlight(
        left_unconfirmed=before.left_unconfirmed + left_unconfirmed,
        confirmed_since=before.confirmed_since + confirmed_since,
        undelivered=before.undelivered + undelivered,
        unsettled=before.unsettled or unsettled,
    )
