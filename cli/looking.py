"""Reading what is kept, as the documents that commands show."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from cli.faults import Complaint
from cli.shapes import (
    Connections,
    ConnectionShown,
    LastRun,
    OrderRow,
    Orders,
)
from cli.site import Site
from cli.wording import why, why_sale
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.order import Order
from crossdock.domain.report import Report
from crossdock.domain.settings import Connection
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.states import DAILY_STEPS, SCHEDULED_STEPS, Decision, OrderStatus, ShipmentStatus, Step
from crossdock.ports import LeftOut
from crossdock.recovering import WAITING, recovering_since

SALE_STATUSES = (Decision.PENDING, Decision.HELD, Decision.ERROR)
"""Sales that `orders` lists beside orders: each still wants something."""

_STOPPED = frozenset({Decision.HELD, Decision.ERROR})
"""Listed even where a sale has orders: what changed in it since does not reach them."""

ASKED_FOR = (Decision.SKIPPED, Decision.VOIDED)
"""Sales without orders that `orders` lists only with --status."""

STATUSES = tuple(dict.fromkeys((*map(str, OrderStatus), *map(str, SALE_STATUSES), *map(str, ASKED_FOR))))

NO_CONNECTION_YET = "none yet; make one with `crossdock connect FILE.toml`"

_BEFORE_SHIPPING = frozenset({OrderStatus.NEW, OrderStatus.AT_WMS, OrderStatus.CANCELED, OrderStatus.CANCEL_REQUESTED})


def connections_named(site: Site, name: str | None) -> tuple[Connection, ...]:
    """The connection of that name, or all. Raises Complaint where there is none."""
    every = site.checkpoints.connections()
    if name is None:
        return every
    found = tuple(each for each in every if each.name == name)
    if not found:
        raise no_connection(name, [each.name for each in every])
    return found


def no_connection(name: str, names: Iterable[str], *, none: str = NO_CONNECTION_YET) -> Complaint:
    """There is none of that name. `none`: what is said where there is none at all."""
    return Complaint(f"There is no connection {name}.", f"Connections: {', '.join(names) or none}.")


def connections(site: Site) -> Connections:
    """Every connection with its steps' last runs, and what is wrong with those that are left out."""
    every = site.checkpoints.every_connection()
    return Connections(
        connections=tuple(_connection(site, each) for each in every if isinstance(each, Connection)),
        left_out=tuple(each for each in every if isinstance(each, LeftOut)),
    )


def _connection(site: Site, connection: Connection) -> ConnectionShown:
    reports = {report.step: report for report in site.checkpoints.reports(connection.name)}
    since = recovering_since(site.checkpoints.checkpoint(connection.name, Step.DOWNLOAD_ORDERS))
    return ConnectionShown(
        name=connection.name,
        active=connection.active,
        dear_base_url=connection.dear.base_url,
        warehouse_adapter=connection.warehouse.adapter,
        warehouse_base_url=connection.warehouse.base_url,
        last_runs=tuple(_last_run(step, reports.get(step)) for step in (*SCHEDULED_STEPS, *DAILY_STEPS)),
        recovering_since=since,
        waiting_steps=WAITING if since else (),
    )


def _last_run(step: Step, report: Report | None) -> LastRun:
    if report is None:
        return LastRun(step=step)
    return LastRun(
        step=step,
        outcome=report.outcome,
        finished_at=report.finished_at,
        moved=report.moved,
        dear_calls=report.dear_calls,
        stopped_because=report.stopped_because,
        problems=report.problems,
    )


# --- orders --------------------------------------------------------------------------------------------------


def orders(site: Site, connection: str | None, status: str | None, now: datetime) -> Orders:
    """Orders, and the sales without any that want something, by order number."""
    wanted = _known_status(status)
    rows = [row for each in connections_named(site, connection) for row in _rows(site, each.name, wanted, now)]
    rows.sort(key=lambda row: (natural(row.order_number), row.connection))
    totals = Counter(row.status for row in rows)
    return Orders(totals={each: totals[each] for each in STATUSES if totals[each]}, orders=tuple(rows))


def _known_status(status: str | None) -> str | None:
    if status is None:
        return None
    wanted = status.strip().lower().replace("-", "_")
    wanted = {"cancelled": "canceled", "cancel": "cancel_requested"}.get(wanted, wanted)
    if wanted not in STATUSES:
        raise Complaint(f"There is no status {status!r}.", f"Statuses: {', '.join(STATUSES)}.")
    return wanted


def _rows(site: Site, connection: str, wanted: str | None, now: datetime) -> Iterator[OrderRow]:
    for status in OrderStatus:
        if wanted in {None, status}:
            for order in site.orders.list_orders(connection, status):
                yield _order_row(site, order, now)
    for decision in (*SALE_STATUSES, *ASKED_FOR):
        if wanted == decision or (wanted is None and decision in SALE_STATUSES):
            for entry in site.orders.list_sales(connection, decision):
                if not entry.references or decision in _STOPPED:
                    yield _sale_row(entry, now)


def _order_row(site: Site, order: Order, now: datetime) -> OrderRow:
    shipments = () if order.status in _BEFORE_SHIPPING else site.orders.shipments_of_order(order)
    return OrderRow(
        connection=order.connection,
        order_number=order.content.order_number,
        reference=order.reference,
        sale_id=order.sale_id,
        status=order.status,
        reason_code=order.reason.code if order.reason else None,
        why=why(order, now),
        tried_again_at=order.due_at if order.reason else None,
        created_at=order.created_at,
        updated_at=order.updated_at,
        tracking_numbers=tracking_numbers(shipments),
    )


def _sale_row(entry: SaleEntry, now: datetime) -> OrderRow:
    return OrderRow(
        connection=entry.connection,
        order_number=entry.order_number,
        reference=None,
        sale_id=entry.sale_id,
        status=entry.decision,
        reason_code=entry.reason.code if entry.reason else None,
        why=why_sale(entry, now),
        tried_again_at=entry.due_at if entry.reason else None,
        created_at=entry.first_seen_at,
        updated_at=entry.updated_at,
        tracking_numbers=(),
    )


def tracking_numbers(shipments: Iterable[ShipmentRecord]) -> tuple[str, ...]:
    """Of every parcel that stands, each once."""
    numbers = (
        parcel.tracking_number
        for record in shipments
        if record.status is not ShipmentStatus.VOIDED
        for parcel in record.shipment.parcels
    )
    return tuple(dict.fromkeys(number for number in numbers if number))


def natural(number: str) -> tuple[tuple[int, int, str], ...]:
    """A sorting key by which SO-9 comes before SO-10, and SO-1.2 before SO-1.10."""
    parts = (part for part in re.split(r"(\d+)", number) if part)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in parts)
