"""Taking personal data out of an order that is done. Numbers, SKUs, quantities, tracking numbers and its story stay."""

from datetime import datetime

from crossdock.domain.changes import hash_of
from crossdock.domain.model import Event
from crossdock.domain.order import Content, Order, OrderLine, PostalAddress, SoldKit
from crossdock.domain.shipment import ShipmentRecord


def forgotten(order: Order, at: datetime) -> Order:
    """The next version of a done order: of its addresses only the countries, and no text that a person has typed.

    `updated_at` stays: nothing has happened to the order, and lists by time show it where it stood.
    """
    content = _content(order.content)
    facts = order.facts.model_copy(
        update={
            "bill_line1": None,
            "bill_line2": None,
            "charges": tuple(
                each.model_copy(update={"description": "", "comment": None}) for each in order.facts.charges
            ),
        }
    )
    event = Event(at=at.isoformat(), event="forgotten", detail="names, addresses and notes were taken out")
    update = {
        "content": content, "content_hash": hash_of(content), "kits": tuple(map(_kit, order.kits)), "facts": facts,
        "wanted": None, "forgotten_at": at, "version": order.version + 1, "timeline": (*order.timeline, event),
    }  # fmt: skip
    return order.model_copy(update=update)


def without_addresses(record: ShipmentRecord) -> ShipmentRecord | None:
    """The next version of a shipment without tracking addresses, which may hold a postcode; None if it has none."""
    if not any(parcel.tracking_url for parcel in record.shipment.parcels):
        return None
    parcels = tuple(parcel.model_copy(update={"tracking_url": None}) for parcel in record.shipment.parcels)
    shipment = record.shipment.model_copy(update={"parcels": parcels})
    return record.model_copy(update={"shipment": shipment, "version": record.version + 1})


def _content(content: Content) -> Content:
    """`source` may name a salesperson; attributes are the account's own fields, and may hold anything."""
    update: dict[str, object] = {
        "customer_reference": None, "source": None, "notes": None, "shipping_notes": None, "attributes": {},
        "ship_to": PostalAddress(country=content.ship_to.country),
        "bill_to": PostalAddress(country=content.bill_to.country),
        "lines": tuple(map(_line, content.lines)),
    }  # fmt: skip
    return content.model_copy(update=update)


def _line(line: OrderLine) -> OrderLine:
    return line.model_copy(update={"comment": None})


def _kit(kit: SoldKit) -> SoldKit:
    return kit.model_copy(update={"line": _line(kit.line)})
