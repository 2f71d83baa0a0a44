"""`crossdock forget`: take names and addresses out of a done order now, instead of when its days are over."""

from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from cli.faults import REFUSED, Complaint
from cli.finding import find
from cli.looking import connections_named
from cli.screen import plain
from cli.shapes import Forgotten, ForgottenOrder
from cli.site import Desk, Site
from cli.wording import why
from crossdock.domain.errors import LostRace
from crossdock.domain.order import Order
from crossdock.forgetting import forget

TRIES = 5
_FOR_GOOD = "This cannot be undone here. DEAR and the warehouse keep what they have, backups up to 35 days."


def forget_orders(desk: Desk, site: Site, number: str, connection: str | None, *, yes: bool) -> Forgotten:
    """Forget every order that the number names, once a person has agreed; none of them where one is not done."""
    now = desk.clock.now()
    orders = _named(site, number, connection, now)
    if open_ones := [order for order in orders if not order.finished]:
        stands = "; ".join(f"{order.reference} is {order.status}: {why(order, now)}" for order in open_ones)
        mend = f"{stands}. Forget it once it is done, or name one that is by its reference."
        raise Complaint(f"{number} is under way, and its address may still be needed.", mend)
    if not yes:
        _ask(desk, orders)
    return Forgotten(orders=tuple(_forget(site, order, now) for order in orders))


def _named(site: Site, number: str, connection: str | None, now: datetime) -> list[Order]:
    connections_named(site, connection)
    found = [each for each in find(site, number, now).found if connection in {None, each.connection}]
    keys = [(sale.connection, order.mappings.reference) for sale in found for order in sale.orders]
    orders = [order for name, reference in keys if (order := site.orders.order(name, reference)) is not None]
    if not orders:
        text = f"{number} has no order: nothing personal is kept of it."
        raise Complaint(text, "Of a sale the ledger keeps its number, its statuses and a reason, and nothing else.")
    return orders


def _ask(desk: Desk, orders: list[Order]) -> None:
    named = ", ".join(f"{order.reference} of {order.connection}" for order in orders)
    if desk.ask is None:
        raise Complaint(f"It would forget {named}, and nobody is there to agree.", "Say so with --yes.")
    asked = f"Forget names, addresses and notes of {named}? {_FOR_GOOD} Type yes"
    if desk.ask(plain(asked)).strip().lower() not in {"y", "yes"}:
        raise Complaint("Nothing was done.")


def _forget(site: Site, order: Order, now: datetime) -> ForgottenOrder:
    """A step may change the order between our read and our write: then it is read again."""
    for _ in range(TRIES):
        try:
            changed = forget(site.orders, order, now)
        except LostRace:
            order = site.orders.order(order.connection, order.reference) or order
            if order.finished:
                continue
            break
        return ForgottenOrder(
            connection=order.connection, order_number=order.content.order_number, reference=order.reference,
            status=order.status, forgotten_at=order.forgotten_at or now, changed=changed,
        )  # fmt: skip
    raise Complaint(f"{order.reference} is being changed by a step.", "Run the command again.", code=REFUSED)


def forgotten_block(document: Forgotten) -> RenderableType:
    """A line for each order."""
    lines = (
        f"{each.reference} of {each.connection}: "
        + ("names, addresses and notes are gone" if each.changed else f"forgotten since {each.forgotten_at:%Y-%m-%d}")
        for each in document.orders
    )
    return Text(plain("\n".join((*lines, _FOR_GOOD))))
