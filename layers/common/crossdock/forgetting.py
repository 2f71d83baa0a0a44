"""Forgetting who an order was for: by a person's wish, or once it has been done for long enough."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

from crossdock.domain.errors import CrossdockError
from crossdock.domain.forgetting import forgotten, without_addresses
from crossdock.domain.order import Order
from crossdock.domain.states import DONE
from crossdock.ports import Orders
from crossdock.workflow import Boundary, Workplace, check_time

MARK = "forgotten_until"
"""The note that says up to which change every done order has been forgotten."""


def forget(orders: Orders, order: Order, at: datetime) -> bool:
    """Take personal data out of a done order and of its shipments; whether there was any. Safe to repeat.

    The order comes last: while it does not say that it is forgotten, a repetition does the rest.
    """
    left = [after for record in orders.shipments_of_order(order) if (after := without_addresses(record))]
    for record in left:
        orders.save_shipment(record)
    if order.forgotten_at is None:
        orders.save_order(forgotten(order, at))
    return bool(left) or order.forgotten_at is None


def forget_the_old(work: Workplace, notes: Mapping[str, str]) -> dict[str, str]:
    """Forget every done order that has not changed for the days that the settings give; the notes with their mark.

    Up to the mark all is done; it is ahead of where the days begin once these became more. It moves only when nothing
    was left over, so what failed is met again, and what a run has no time for by the next.
    """
    days = work.connection.settings.personal_data_days
    since = datetime.fromisoformat(notes[MARK]) if MARK in notes else None
    until = work.now() - timedelta(days=days)
    if not days or (since and since >= until):
        return dict(notes)
    boundary, failed = Boundary(work), list[CrossdockError]()
    for order in _done(work, since, until):
        check_time(work)
        boundary.attend(order.reference, partial(_forget, work, order), failed.append)
    return dict(notes) if failed else {**notes, MARK: until.isoformat()}


def mark_in(notes: Mapping[str, str]) -> dict[str, str]:
    """The mark alone, for notes that are begun anew."""
    return {MARK: notes[MARK]} if MARK in notes else {}


def _done(work: Workplace, since: datetime | None, until: datetime) -> Iterator[Order]:
    for status in sorted(DONE):
        found = work.orders.list_orders(work.name, status, since, until)
        yield from (order for order in found if order.finished)


def _is_as_forgotten(order: Order) -> bool:
    """Whether nothing has come since it was forgotten: many such may lie before what the last run did not reach."""
    return order.forgotten_at is not None and order.forgotten_at == datetime.fromisoformat(order.timeline[-1].at)


def _forget(work: Workplace, order: Order) -> None:
    if not _is_as_forgotten(order) and forget(work.orders, order, work.now()):
        work.tally.tell("forgotten")
