"""The warehouse's orders: taken, replaced, cancelled, looked up."""

from decimal import Decimal
from typing import Any

from sandbox.control import Ledger
from sandbox.documents import Documents
from sandbox.warehouse.contract import checked_order
from sandbox.warehouse.errors import Conflict, NotFound, Refused, problem
from sandbox.warehouse.settings import Settings

Order = dict[str, Any]
"""`{id, status, content, idempotency_key, reason, shipped: {line_id: quantity}, shipments: [id]}`."""

_KIND = "warehouse.order"
_BY_REFERENCE = "warehouse.order_by_reference"
WAITING = frozenset({"open", "in_progress", "part_shipped", "on_hold"})
"""Statuses in which goods are still owed, and kept aside."""
UNTOUCHED = frozenset({"open", "on_hold"})
"""Statuses in which nobody works on the order yet."""


class Orders:
    """The order book; every change is in the ledger, in the same transaction."""

    def __init__(self, documents: Documents, ledger: Ledger) -> None:
        self._documents = documents
        self._ledger = ledger

    def create(self, body: dict[str, Any], idempotency_key: str | None, settings: Settings) -> Order:
        """Take an order, once per reference; 409 names the order that has it already."""
        content = checked_order(body)
        if idempotency_key not in (None, content["reference"]):
            raise Refused([problem("Idempotency-Key", "must be the order's reference")])
        with self._documents.transaction():
            known = self.find(content["reference"])
            if known is not None and not settings.repeats_references:
                return self._same_request(known, content, idempotency_key, settings)
            _refuse_skus(content, settings)
            order: Order = {
                "id": f"WO-{number(self._documents, _KIND):06}",
                "status": "open",
                "content": content,
                "idempotency_key": idempotency_key,
                "reason": None,
                "shipped": {},
                "shipments": [],
            }
            self.save(order)
            self._documents.put(_BY_REFERENCE, content["reference"], {"id": order["id"]})
            self.record("order_created", order)
        return order

    def _same_request(
        self, known: Order, content: dict[str, Any], idempotency_key: str | None, settings: Settings
    ) -> Order:
        """Give the first answer again to a repeated key with the same body, where the warehouse does so."""
        repeats = idempotency_key is not None and known["idempotency_key"] == idempotency_key
        if settings.honours_idempotency and repeats and known["content"] == content:
            return {**known, "status": "open"}
        raise Conflict(summary(known))

    def replace(self, order_id: str, body: dict[str, Any], settings: Settings) -> Order:
        """Take another content for the order, under the same reference, while nobody works on it."""
        content = checked_order(body)
        with self._documents.transaction():
            order = self.get(order_id)
            if content["reference"] != order["content"]["reference"]:
                raise Refused([problem("reference", "must stay what it was")])
            if order["status"] not in UNTOUCHED:
                raise Conflict({"status": order["status"]})
            _refuse_skus(content, settings)
            order["content"] = content
            self.save(order)
            self.record("order_replaced", order)
        return order

    def cancel(self, order_id: str, reason: str) -> Order:
        """Cancel while nobody works on the order; a cancelled one stays so and is not recorded again."""
        with self._documents.transaction():
            order = self.get(order_id)
            if order["status"] == "cancelled":
                return order
            if order["status"] not in UNTOUCHED:
                raise Conflict({"id": order["id"], "status": order["status"]})
            order |= {"status": "cancelled", "reason": reason}
            self.save(order)
            self.record("order_cancelled", order, reason=reason)
        return order

    def start(self, reference: str) -> Order:
        """Begin to work on the order: from here on it is too late to change or cancel it."""
        with self._documents.transaction():
            order = self.by_reference(reference)
            if order["status"] not in UNTOUCHED:
                raise Conflict({"id": order["id"], "status": order["status"]})
            order["status"] = "in_progress"
            self.save(order)
            self.record("order_started", order)
        return order

    def get(self, order_id: str) -> Order:
        order = self._documents.get(_KIND, order_id)
        if order is None:
            raise NotFound("id", order_id)
        return order

    def find(self, reference: str) -> Order | None:
        """Find an order by its exact reference."""
        pointer = self._documents.get(_BY_REFERENCE, reference)
        return None if pointer is None else self.get(pointer["id"])

    def by_reference(self, reference: str) -> Order:
        order = self.find(reference)
        if order is None:
            raise NotFound("reference", reference)
        return order

    def all(self) -> list[Order]:
        """Give every order, oldest first."""
        return self._documents.all(_KIND)

    def save(self, order: Order) -> None:
        self._documents.put(_KIND, order["id"], order)

    def record(self, event: str, order: Order, **keys: Any) -> None:
        """Write the order as it now stands into the ledger."""
        self._ledger.record(event, order["content"], **identity(order), status=order["status"], **keys)


def number(documents: Documents, kind: str) -> int:
    """Give the next number of the kind, from 1; the caller holds the transaction."""
    counter = documents.get("warehouse.counter", kind) or {"last": 0}
    documents.put("warehouse.counter", kind, {"last": counter["last"] + 1})
    return int(counter["last"]) + 1


def summary(order: Order) -> dict[str, Any]:
    """Give what the contract answers about an order: id, reference, status."""
    return {"id": order["id"], "reference": order["content"]["reference"], "status": order["status"]}


def identity(order: Order) -> dict[str, str]:
    """Give the keys by which an auditor finds what belongs to the order."""
    content = order["content"]
    return {
        "order_id": order["id"],
        "reference": content["reference"],
        "order_number": content["order_number"],
        "sale_id": content["sale_id"],
    }


def owed(order: Order) -> dict[str, Decimal]:
    """Give what has not shipped yet by line_id, lines that are done left out."""
    left = {
        line["line_id"]: Decimal(line["quantity"]) - Decimal(order["shipped"].get(line["line_id"], "0"))
        for line in order["content"]["lines"]
    }
    return {line_id: quantity for line_id, quantity in left.items() if quantity > 0}


def _refuse_skus(content: dict[str, Any], settings: Settings) -> None:
    problems = [
        problem(f"lines[{place}].sku", f"this warehouse does not carry {line['sku']}")
        for place, line in enumerate(content["lines"])
        if line["sku"] in settings.refused_skus
    ]
    if problems:
        raise Refused(problems)
