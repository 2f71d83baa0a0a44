"""Reading the state of a run: Crossdock's side through its store, the calls to DEAR through the sandbox."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import requests

from cli.site import Site
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.order import Order
from crossdock.domain.states import Decision, OrderStatus, ShipmentStatus
from sandbox.run.board import Budget, Seen

CALLS_A_MINUTE = 60
IN_DEAR = (ShipmentStatus.CONFIRMED, ShipmentStatus.INVOICED)
_UNLOADED = (Decision.PENDING, Decision.SKIPPED, Decision.HELD, Decision.VOIDED, Decision.ERROR)


class Looking:
    """Looks, and changes nothing."""

    def __init__(self, site: Site, connection: str, dear: str) -> None:
        self._site, self._connection, self._dear = site, connection, dear

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
        answer = requests.get(f"{self._dear}/_control/calls", timeout=30)
        moments = [datetime.fromisoformat(call["at"]) for call in answer.json()["calls"]]
        minute_ago = datetime.now(UTC) - timedelta(seconds=60)
        return Budget(used=sum(at > minute_ago for at in moments), limit=CALLS_A_MINUTE, total=len(moments))

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


def _code(subject: Order | SaleEntry) -> str:
    return subject.reason.code if subject.reason else ""


def _note(order: Order) -> str:
    if order.reason is not None:
        return order.reason.text
    return order.invoice_number or order.warehouse_order_id or ""
