"""Finding one order by whatever a person has at hand, and showing everything about it."""

from datetime import datetime
from decimal import Decimal

from cli.faults import Complaint
from cli.looking import connections_named, natural
from cli.shapes import Found, FoundSale, Line, Mappings, OrderShown, ParcelShown, SaleShown, ShipmentShown
from cli.site import Site
from cli.wording import happens_next, sale_happens_next, why, why_sale
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.order import Order
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.shipping import units_by_line
from crossdock.domain.states import ShipmentStatus


def find(site: Site, number: str, now: datetime) -> Found:
    """Every sale that the number names, in any connection. Raises Complaint when there is none."""
    wanted = number.strip()
    connections = connections_named(site, None)
    found = [each for connection in connections for each in _in_connection(site, connection.name, wanted, now)]
    if not found:
        raise Complaint(f"Nothing is known of {wanted!r}.", _searched(tuple(each.name for each in connections)))
    return Found(searched_for=wanted, found=tuple(found))


def _searched(connections: tuple[str, ...]) -> str:
    if not connections:
        return "There is no connection yet: make one with `crossdock connect FILE.toml`."
    where = ", ".join(connections)
    return (
        f"Searched as sale number, fulfilment number (SO-1.2), reference and warehouse order id in: {where}. "
        "A sale that DEAR has shows up with the next run of download_orders."
    )


def _in_connection(site: Site, connection: str, wanted: str, now: datetime) -> list[FoundSale]:
    by_number = site.orders.sales_numbered(connection, wanted)
    if by_number:
        return [
            _found(site, connection, entry, site.orders.orders_of_sale(connection, entry.sale_id), now)
            for entry in by_number
        ]
    orders = _one_order(site, connection, wanted)
    return [_found(site, connection, site.orders.sale(connection, order.sale_id), (order,), now) for order in orders]


def _one_order(site: Site, connection: str, wanted: str) -> tuple[Order, ...]:
    """By reference, by fulfilment number, by the warehouse's id: the first way that finds something."""
    by_key = site.orders.order(connection, wanted) or site.orders.order_by_warehouse_id(connection, wanted)
    if by_key is not None:
        return (by_key,)
    sale_number = wanted.rpartition(".")[0]
    entries = site.orders.sales_numbered(connection, sale_number) if sale_number else ()
    return tuple(
        order
        for entry in entries
        for order in site.orders.orders_of_sale(connection, entry.sale_id)
        if order.content.order_number.casefold() == wanted.casefold()
    )


def _found(site: Site, connection: str, entry: SaleEntry | None, orders: tuple[Order, ...], now: datetime) -> FoundSale:
    ordered = sorted(orders, key=lambda order: natural(order.content.order_number))
    return FoundSale(
        connection=connection,
        sale=_sale(entry, now) if entry else None,
        orders=tuple(_order(order, site.orders.shipments_of_order(order), now) for order in ordered),
    )


def _sale(entry: SaleEntry, now: datetime) -> SaleShown:
    return SaleShown(
        connection=entry.connection,
        order_number=entry.order_number,
        sale_id=entry.sale_id,
        dear_status=entry.row.status,
        decision=entry.decision,
        reason_code=entry.reason.code if entry.reason else None,
        why=why_sale(entry, now),
        happens_next=sale_happens_next(entry),
        due_at=entry.due_at,
        first_seen_at=entry.first_seen_at,
        updated_at=entry.updated_at,
    )


def _order(order: Order, shipments: tuple[ShipmentRecord, ...], now: datetime) -> OrderShown:
    content = order.content
    return OrderShown(
        order_number=content.order_number,
        status=order.status,
        reason_code=order.reason.code if order.reason else None,
        why=why(order, now),
        happens_next=happens_next(order),
        due_at=order.due_at,
        created_at=order.created_at,
        updated_at=order.updated_at,
        warehouse=content.warehouse,
        location=content.location,
        ship_method=content.ship_method,
        ship_to_city=content.ship_to.city,
        ship_to_country=content.ship_to.country,
        mappings=_mappings(order),
        lines=_lines(order, shipments),
        shipments=tuple(_shipment(record) for record in shipments),
        timeline=order.timeline,
    )


def _lines(order: Order, shipments: tuple[ShipmentRecord, ...]) -> tuple[Line, ...]:
    """As the warehouse has them, with what left of each."""
    standing = [record.shipment for record in shipments if record.status is not ShipmentStatus.VOIDED]
    shipped = units_by_line(order, standing)
    final = any(shipment.final for shipment in standing)
    return tuple(
        Line(
            line_id=line.line_id,
            sku=line.sku,
            name=line.name,
            quantity=line.quantity,
            lot=line.lot,
            shipped=shipped[line.line_id],
            short=line.quantity - shipped[line.line_id] if final else Decimal(0),
        )
        for line in order.content.lines
    )


def _mappings(order: Order) -> Mappings:
    return Mappings(
        sale_id=order.sale_id,
        sale_number=order.sale_number,
        task_id=order.task_id,
        fulfilment_number=order.fulfilment_number,
        reference=order.reference,
        warehouse_order_id=order.warehouse_order_id,
        invoice_number=order.invoice_number,
    )


def _shipment(record: ShipmentRecord) -> ShipmentShown:
    shipment = record.shipment
    return ShipmentShown(
        id=shipment.id,
        revision=shipment.revision,
        status=record.status,
        shipped_at=shipment.shipped_at,
        received_at=record.received_at,
        final=shipment.final,
        parcels=tuple(ParcelShown.of(parcel) for parcel in shipment.parcels),
    )
