"""Where everything lies in the two tables: partitions, sort keys and the keys of the indexes.

Orders:       {connection}#{sale_id}                 sale | order#{reference}
              {connection}#order#{reference}         order | shipment#{shipment_id}
              {connection}#warehouse#{order id}      pointer
              {connection}#number#{ORDER NUMBER}     {sale_id}
              {connection}#push#{webhook id}         push
Checkpoints:  connections                            {name}
              {connection}                           checkpoint#{step} | lease#{step} | report#{step} | hint |
                                                     bill#{product id} | aliases | stock_write
              {connection}#proposals                 {location}#{sku}#{batch}
              {connection}#asides                    {location}#{sku}
              {connection}#history#{sku}             {location}
              budget#{account key}                   budget
"""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from crossdock.domain.ledger import SaleEntry
from crossdock.domain.order import Order
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.states import Step

Item = dict[str, Any]
"""An item as boto3's resource reads and writes it."""

DUE_INDEX = "due"
LISTING_INDEX = "listing"
POINTER = "pointer"
PUSH = "push"
LONGEST_PART = 250
"""Bytes of one part of a key; DynamoDB takes 1,024 in a sort key, and two parts and a word must fit."""


class Key(NamedTuple):
    """The primary key of an item."""

    pk: str
    sk: str

    def attributes(self) -> dict[str, Any]:
        return {"pk": self.pk, "sk": self.sk}


def part(text: str) -> str:
    """One part of a key: no separator in it, and short; a long text keeps its head and ends in its digest."""
    escaped = text.replace("%", "%25").replace("#", "%23")
    encoded = escaped.encode()
    if len(encoded) <= LONGEST_PART:
        return escaped
    head = encoded[: LONGEST_PART - 65].decode(errors="ignore")
    return f"{head}~{sha256(encoded).hexdigest()}"


def stamp(moment: datetime) -> str:
    """A moment as UTC text of one width, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


# --- Orders --------------------------------------------------------------------------------------------------


def sale_partition(connection: str, sale_id: str) -> str:
    return f"{connection}#{part(sale_id)}"


def sale_key(connection: str, sale_id: str) -> Key:
    return Key(sale_partition(connection, sale_id), "sale")


def sales_order_key(connection: str, sale_id: str, reference: str) -> Key:
    """Where a sale says that it has this order."""
    return Key(sale_partition(connection, sale_id), f"order#{part(reference)}")


def order_partition(connection: str, reference: str) -> str:
    return f"{connection}#order#{part(reference)}"


def order_key(connection: str, reference: str) -> Key:
    return Key(order_partition(connection, reference), "order")


def shipment_key(connection: str, reference: str, shipment_id: str) -> Key:
    return Key(order_partition(connection, reference), f"shipment#{part(shipment_id)}")


def warehouse_key(connection: str, warehouse_order_id: str) -> Key:
    return Key(f"{connection}#warehouse#{part(warehouse_order_id)}", POINTER)


def number_key(connection: str, order_number: str, sale_id: str) -> Key:
    return Key(f"{connection}#number#{part(order_number.upper())}", part(sale_id))


def push_key(connection: str, webhook_id: str) -> Key:
    return Key(f"{connection}#push#{part(webhook_id)}", PUSH)


def record_key(record: Order | SaleEntry | ShipmentRecord) -> Key:
    """Where a record lies."""
    match record:
        case Order():
            return order_key(record.connection, record.reference)
        case SaleEntry():
            return sale_key(record.connection, record.sale_id)
        case ShipmentRecord():
            return shipment_key(record.connection, record.shipment.reference, record.shipment.id)
    raise TypeError(f"no place for a {type(record).__name__}")


def due_queue(connection: str, step: Step) -> str:
    return f"{connection}#{step}"


def list_key(connection: str, kind: str, state: str) -> str:
    return f"{connection}#{kind}#{state}"


# --- Checkpoints ---------------------------------------------------------------------------------------------

CONNECTIONS = "connections"


def connection_key(name: str) -> Key:
    return Key(CONNECTIONS, name)


def checkpoint_key(connection: str, step: Step) -> Key:
    return Key(connection, f"checkpoint#{step}")


def lease_key(connection: str, step: Step) -> Key:
    return Key(connection, f"lease#{step}")


def report_key(connection: str, step: Step) -> Key:
    return Key(connection, f"report#{step}")


def hint_key(connection: str) -> Key:
    return Key(connection, "hint")


def bill_key(connection: str, product_id: str) -> Key:
    return Key(connection, f"bill#{part(product_id)}")


def aliases_key(connection: str) -> Key:
    return Key(connection, "aliases")


def stock_write_key(connection: str) -> Key:
    return Key(connection, "stock_write")


def proposals_partition(connection: str) -> str:
    return f"{connection}#proposals"


def proposal_key(connection: str, location: str, sku: str, batch: str | None) -> Key:
    return Key(proposals_partition(connection), f"{part(location)}#{part(sku)}#{part(batch or '')}")


def asides_partition(connection: str) -> str:
    return f"{connection}#asides"


def aside_key(connection: str, location: str, sku: str) -> Key:
    return Key(asides_partition(connection), f"{part(location)}#{part(sku)}")


def history_partition(connection: str, sku: str) -> str:
    return f"{connection}#history#{part(sku)}"


def history_key(connection: str, sku: str, location: str) -> Key:
    return Key(history_partition(connection, sku), part(location))


def budget_key(account_key: str) -> Key:
    return Key(f"budget#{account_key}", "budget")
