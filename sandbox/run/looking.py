"""Reading the state of a run: Crossdock's side through its store, the sandbox's side through its control planes."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from cli.site import Site
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.order import Order
from crossdock.domain.states import Decision, OrderStatus, ShipmentStatus
from sandbox.run.board import Budget, Seen
from sandbox.run.books import Books

CALLS_A_MINUTE = 60
IN_DEAR = (ShipmentStatus.CONFIRMED, ShipmentStatus.INVOICED)
_UNLOADED = (Decision.PENDING, Decision.SKIPPED, Decision.HELD, Decision.VOIDED, Decision.ERROR)


class Looking:
    """Looks, and changes nothing."""

    def __init__(self, site: Site, connection: str, dear: str, warehouse: str, token: str) -> None:
        self._site, self._connection = site, connection
        self._dear, self._warehouse, self._token = dear, warehouse, token

    def orders(self) -> list[Order]:
        found = [order for status in OrderStatus for order in self._site.orders.list_orders(self._connection, status)]
        return sorted(found, key=lambda order: order.content.order_number)

    def lines(self) -> list[Seen]:
        """A line for every order, and for every sale that has none."""
        orders = self.orders()
        with_orders = {order.sale_id for order in orders}
        lines = [Seen(order.content.order_number, order.status, _note(order), _code(order)) for order in orders]
        lines.extend(
            Seen(entry.order_number, decision, entry.reason.text if entry.reason else "", _code(entry))
            for decision in _UNLOADED
            for entry in self._site.orders.list_sales(self._connection, decision)
            if entry.sale_id not in with_orders
        )
        return sorted(lines, key=lambda line: line.number)

    def budget(self) -> Budget:
        """DEAR's own count of the calls."""
        moments = [datetime.fromisoformat(call["at"]) for call in self._get(self._dear, "calls")["calls"]]
        minute_ago = datetime.now(UTC) - timedelta(seconds=60)
        return Budget(used=sum(at > minute_ago for at in moments), limit=CALLS_A_MINUTE, total=len(moments))

    def books(self) -> Books:
        return Books(
            dear=self._get(self._dear, "ledger")["ledger"],
            warehouse=self._get(self._warehouse, "ledger")["ledger"],
            calls=self._get(self._dear, "calls")["calls"],
            dear_sales=self._get(self._dear, "sales")["sales"],
            dear_stock=self._get(self._dear, "stock")["stock"],
            warehouse_stock=self._shelves(),
        )

    def counted(self) -> Counter[str]:
        """What Crossdock itself says it did."""
        counts: Counter[str] = Counter()
        for decision in Decision:
            for entry in self._site.orders.list_sales(self._connection, decision):
                counts["downloaded"] += entry.read_stamp is not None
        for order in self.orders():
            counts["delivered"] += order.warehouse_order_id is not None
            shipments = self._site.orders.shipments_of_order(order)
            counts["shipped"] += sum(1 for record in shipments if record.status is not ShipmentStatus.VOIDED)
            # Shipments that were confirmed together are on one fulfilment, and have one invoice.
            counts["confirmed"] += len({record.task_id for record in shipments if record.status in IN_DEAR})
            billed = {record.task_id for record in shipments if record.status is ShipmentStatus.INVOICED}
            counts["invoiced"] += len(billed)
        return counts

    def _shelves(self) -> list[dict[str, Any]]:
        """The warehouse's own count, by the contract."""
        bearer = {"Authorization": f"Bearer {self._token}"}
        answer = requests.get(f"{self._warehouse}/inventory?limit=1000", headers=bearer, timeout=30)
        answer.raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    @staticmethod
    def _get(url: str, what: str) -> dict[str, Any]:
        answer = requests.get(f"{url}/_control/{what}", timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def _code(subject: Order | SaleEntry) -> str:
    return subject.reason.code if subject.reason else ""


def _note(order: Order) -> str:
    if order.reason is not None:
        return order.reason.text
    return order.invoice_number or order.warehouse_order_id or ""
