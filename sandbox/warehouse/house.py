"""The parts of the warehouse, put together over one set of documents."""

from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.control import Ledger
from sandbox.documents import Documents
from sandbox.warehouse.floor import Floor
from sandbox.warehouse.orders import Orders
from sandbox.warehouse.push import Pusher
from sandbox.warehouse.settings import Settings
from sandbox.warehouse.shipments import Shipments
from sandbox.warehouse.stock import Stock

PREFIX = "warehouse"


@dataclass(frozen=True)
class House:
    """Order book, shelves, floor and push; the settings are read anew for every call."""

    documents: Documents
    honours_idempotency: bool
    orders: Orders
    shipments: Shipments
    stock: Stock
    floor: Floor
    pusher: Pusher

    def settings(self) -> Settings:
        return Settings.load(self.documents, honours_idempotency=self.honours_idempotency)


def build_house(documents: Documents, clock: Clock, *, honours_idempotency: bool) -> House:
    """Wire the parts."""
    ledger = Ledger(documents, clock, PREFIX)
    orders = Orders(documents, ledger)
    shipments = Shipments(documents, clock)
    stock = Stock(documents, ledger, clock)
    floor = Floor(documents, clock, ledger, orders, shipments, stock)
    return House(documents, honours_idempotency, orders, shipments, stock, floor, Pusher(documents, clock))
