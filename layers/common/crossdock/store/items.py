"""Records of the domain as items of the Orders table, and back.

An item is the record as JSON values (decimals as text) beside its keys. `due_at` is both: the record's field and the
index key, so it is written in the sorting form and left out when nothing is due.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Record
from crossdock.domain.order import Order
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.states import Step
from crossdock.store.keys import Item, due_queue, list_key, record_key, stamp

KEPT = frozenset({"pk", "sk", "kind", "due_queue", "list_key", "listed_at", "write_id", "expires_at"})
"""What an item has beyond its record."""

MOST_BYTES = 350_000
"""Of a new record; DynamoDB takes 409,600 in an item, and a record grows while it lives."""

Stored = Order | SaleEntry | ShipmentRecord

KIND_OF: dict[type[Stored], str] = {Order: "order", SaleEntry: "sale", ShipmentRecord: "shipment"}
_RECORD_OF: dict[str, type[Stored]] = {kind: record for record, kind in KIND_OF.items()}


def item_of(record: Stored) -> Item:
    """The whole item of a record. Raises NeedsPerson for a new record that is too large to be kept."""
    kind = KIND_OF[type(record)]
    state, listed_at = _listed(record)
    item: Item = {
        **_fields(record),
        **record_key(record).attributes(),
        "kind": kind,
        "list_key": list_key(record.connection, kind, state),
        "listed_at": stamp(listed_at),
    }
    del item["due_at"]
    if record.due_at is not None:
        item["due_at"] = stamp(record.due_at)
        if queue := _queue(record):
            item["due_queue"] = due_queue(record.connection, queue)
    if record.version == 1 and _size(item) > MOST_BYTES:
        raise too_large(record)
    return item


def document(record: Record) -> Item:
    """A record as JSON values."""
    return record.model_dump(mode="json")


def _fields(record: Stored) -> Item:
    """The record as JSON values; of what the warehouse sent, only what it says: a shipment may have many parcels."""
    fields = document(record)
    if isinstance(record, ShipmentRecord):
        fields["shipment"] = record.shipment.model_dump(mode="json", exclude_defaults=True)
    return fields


def record_of(item: Mapping[str, Any] | None) -> Stored | None:
    """The record that an item holds; None for no item and for a look-up key."""
    if item is None or item.get("kind") not in _RECORD_OF:
        return None
    return _RECORD_OF[item["kind"]].model_validate(fields_of(item))


def fields_of(item: Mapping[str, Any]) -> Item:
    """What an item holds of its record."""
    return {name: value for name, value in item.items() if name not in KEPT}


def too_large(record: Stored) -> NeedsPerson:
    """What is raised when a record does not fit."""
    kind = KIND_OF[type(record)]
    return NeedsPerson(
        f"{kind}_too_large",
        f"{what(record)} is larger than can be kept: divide it into several in the system that it comes from",
    )


def what(record: Stored) -> str:
    """The record in words, for errors: no personal data."""
    match record:
        case Order():
            return f"order {record.reference}"
        case SaleEntry():
            return f"sale {record.order_number}"
        case ShipmentRecord():
            return f"shipment {record.shipment.id} of {record.shipment.reference}"


def _queue(record: Stored) -> Step | None:
    match record:
        case Order():
            return record.queue
        case SaleEntry():
            return Step.DOWNLOAD_ORDERS
        case ShipmentRecord():
            return Step.COLLECT_SHIPMENTS


def _listed(record: Stored) -> tuple[str, datetime]:
    match record:
        case Order():
            return record.status, record.updated_at
        case SaleEntry():
            return record.decision, record.updated_at
        case ShipmentRecord():
            return record.status, record.received_at


def _size(item: Item) -> int:
    """Bytes of the item as JSON: somewhat more than DynamoDB counts."""
    return len(json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode())
