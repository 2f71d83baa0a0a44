"""The person who runs Crossdock: holds and releases orders with the command line's functions, and reads its reports."""

from collections.abc import Callable, Iterator
from datetime import datetime
from random import Random
from typing import Any

from cli.faults import Complaint
from cli.finding import find
from cli.holding import hold, release
from cli.site import Site
from crossdock.domain.errors import CrossdockError
from crossdock.domain.states import OrderStatus
from crossdock.ports import Clock
from crossdock.store.checkpoints import DynamoCheckpoints
from crossdock.store.orders import DynamoOrders

type Reported = list[tuple[str, str]]
"""(where it stands, why) of a sale and of each of its orders, as the command line tells it."""


class Operator:
    """Sits at the command line."""

    def __init__(self, orders: DynamoOrders, checkpoints: DynamoCheckpoints, clock: Clock) -> None:
        self._orders, self._clock = orders, clock
        unused: Any = None
        self._site = Site(
            stack="simulated", orders=orders, checkpoints=checkpoints, vault=unused, invoker=unused, api_url="",
            dear=_never, warehouse=_never,
        )  # fmt: skip

    def reported(self, connection: str, number: str) -> Reported:
        return reported(self._site, connection, number, self._clock.now())

    def act(self, connection: str, random: Random) -> tuple[str, str]:
        """Hold an order, or release one that is stopped: the sale's number, and what was done; blank for nothing."""
        held = random.random() < 0.7
        statuses = (OrderStatus.HELD, OrderStatus.ERROR) if held else tuple(OrderStatus)
        orders = [order for status in statuses for order in self._orders.list_orders(connection, status)]
        if not orders:
            return "", ""
        order = random.choice(orders)
        word = "release" if held else "hold"
        act: Callable[[], Any]
        if held:
            act = lambda: release(self._site, order.reference, connection, self._clock.now())  # noqa: E731
        else:
            act = lambda: hold(self._site, order.reference, connection, "to be looked at", self._clock.now())  # noqa: E731
        try:
            act()
        except (Complaint, CrossdockError) as refused:
            return order.sale_number, f"{word} {order.reference}: refused, {type(refused).__name__}"
        return order.sale_number, f"{word} {order.reference}"

    def given_up(self, connection: str) -> list[str]:
        """The numbers of the sales of which an order was given up."""
        return sorted({order.sale_number for order in self._orders.list_orders(connection, OrderStatus.ERROR)})

    def release_all(self, connection: str, *statuses: OrderStatus) -> Iterator[tuple[str, str]]:
        """Release every order that stands so: its sale's number, and what was done."""
        for order in [order for status in statuses for order in self._orders.list_orders(connection, status)]:
            try:
                release(self._site, order.reference, connection, self._clock.now())
            except (Complaint, CrossdockError) as refused:
                yield order.sale_number, f"release {order.reference}: refused, {type(refused).__name__}"
            else:
                yield order.sale_number, f"release {order.reference}"


def reported(site: Site, connection: str, number: str, now: datetime) -> Reported:
    """What `crossdock order NUMBER` says; empty where it knows nothing."""
    try:
        found = find(site, number, now).found
    except Complaint:
        return []
    here = [sale for sale in found if sale.connection == connection]
    sales = [(str(sale.sale.decision), sale.sale.why) for sale in here if sale.sale]
    return [*sales, *((str(order.status), order.why) for sale in here for order in sale.orders)]


def _never(*_: object) -> Any:
    raise NotImplementedError("no report asks for it")
