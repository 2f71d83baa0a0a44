"""Records to store: plain ones by hand, and any at all by hypothesis."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from crossdock.domain.ledger import SaleEntry
from crossdock.domain.order import Content, Order, OrderLine, PostalAddress, SaleFacts
from crossdock.domain.sale import Charge, SaleRow, SaleType
from crossdock.domain.shipment import Parcel, ParcelLine, Shipment, ShipmentRecord
from crossdock.domain.states import Decision, OrderStatus, ShipmentStatus

CONNECTION = "acme"
NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def line(number: int = 1, **changes: Any) -> OrderLine:
    fields: dict[str, Any] = {
        "line_id": str(number),
        "sku": f"SKU-{number}",
        "name": "A thing",
        "quantity": Decimal("2.5"),
        "price": Decimal("9.99"),
        "discount": Decimal(0),
        "tax": Decimal("1.10"),
        "total": Decimal("24.98"),
    }
    return OrderLine(**fields | changes)


def content(number: str, sale_id: str, lines: tuple[OrderLine, ...] | None = None) -> Content:
    address = PostalAddress(name="Jo Doe", line1="1 High Street", country="NZ")
    return Content(
        order_number=number,
        sale_id=sale_id,
        ship_to=address,
        bill_to=address,
        total=Decimal("24.98"),
        lines=lines or (line(),),
    )


def order(reference: str = "SO-1", sale_id: str = "sale-1", **changes: Any) -> Order:
    number = reference.split(".", maxsplit=1)[0]
    facts = SaleFacts(
        type=SaleType.SIMPLE, read_at_stamp="u1", location=None, tax_inclusive=False, currency_rate=None, terms=None
    )
    fields: dict[str, Any] = {
        "connection": CONNECTION,
        "sale_id": sale_id,
        "sale_number": number,
        "reference": reference,
        "fulfilment_number": None,
        "task_id": None,
        "status": OrderStatus.NEW,
        "content": content(number, sale_id),
        "content_hash": "h1",
        "facts": facts,
        "due_at": NOON,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Order(**fields | changes)


def sale(sale_id: str = "sale-1", number: str = "SO-1", **changes: Any) -> SaleEntry:
    row = SaleRow(
        sale_id=sale_id,
        order_number=number,
        type=SaleType.SIMPLE,
        status="ORDERED",
        updated="u1",
        order_date=NOON.date(),
        order_status="AUTHORISED",
        picking="NOT PICKED",
        packing="NOT PACKED",
        shipping="NOT SHIPPED",
        invoicing="NOT INVOICED",
        location_id=None,
    )
    fields: dict[str, Any] = {
        "connection": CONNECTION,
        "sale_id": sale_id,
        "order_number": number,
        "row": row,
        "decision": Decision.PENDING,
        "due_at": NOON,
        "first_seen_at": NOON,
        "updated_at": NOON,
    }
    return SaleEntry(**fields | changes)


def shipment(shipment_id: str = "SH-1", reference: str = "SO-1", **changes: Any) -> ShipmentRecord:
    sent = Shipment(
        id=shipment_id,
        revision=1,
        reference=reference,
        kind="shipped",
        shipped_at=NOON,
        final=True,
        parcels=(Parcel(parcel_id="P-1", lines=(ParcelLine(sku="SKU-1", quantity=Decimal("2.5")),)),),
        updated_at=NOON,
    )
    fields: dict[str, Any] = {
        "connection": CONNECTION,
        "sale_id": "sale-1",
        "shipment": sent,
        "status": ShipmentStatus.RECEIVED,
        "received_at": NOON,
    }
    return ShipmentRecord(**fields | changes)


def unmatched(shipment_id: str = "SH-1", reference: str = "SO-1", **changes: Any) -> ShipmentRecord:
    fields = {"sale_id": None, "status": ShipmentStatus.UNMATCHED, "due_at": NOON}
    return shipment(shipment_id, reference, **fields | changes)


# --- any record at all ---------------------------------------------------------------------------------------

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=12)
_moments = st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_decimals = st.decimals(-(10**12), 10**12, places=4, allow_nan=False)
_counts = st.integers(1, 10**6)


_money = dict.fromkeys(("quantity", "price", "discount", "tax", "total"), _decimals)
order_lines = st.builds(OrderLine, **_money, weight=st.none() | _decimals)
charges = st.builds(Charge, **_money)
contents = st.builds(Content, total=_decimals, lines=st.lists(order_lines, max_size=3).map(tuple))
facts = st.builds(SaleFacts, currency_rate=st.none() | _decimals, charges=st.lists(charges, max_size=2).map(tuple))

parcel_lines = st.builds(
    ParcelLine,
    line_id=_names,
    sku=_names,
    quantity=st.decimals("0.0001", 10**9, places=4),
    lot=_texts,
    serials=st.lists(_texts, max_size=3).map(tuple),
)
parcels = st.builds(Parcel, parcel_id=_names, lines=st.lists(parcel_lines, min_size=1, max_size=3).map(tuple))
shipments = st.builds(
    Shipment,
    id=_names,
    revision=_counts,
    order_id=_names,
    reference=_names,
    kind=st.just("shipped"),
    shipped_at=_moments,
    final=st.booleans(),
    parcels=st.lists(parcels, min_size=1, max_size=2, unique_by=lambda parcel: parcel.parcel_id).map(tuple),
    updated_at=_moments,
)
_kept: dict[str, Any] = {"connection": st.just(CONNECTION), "version": _counts, "attempts": st.integers(0, 99)}
_seen = {"updated_at": _moments, "due_at": st.none() | _moments}
orders = st.builds(
    Order, **_kept, **_seen, sale_id=_names, reference=_names, content=contents, facts=facts, created_at=_moments
)
sales = st.builds(SaleEntry, **_kept, **_seen, sale_id=_names, first_seen_at=_moments)
shipment_records = st.builds(
    ShipmentRecord,
    **_kept,
    sale_id=st.none() | _names,
    shipment=shipments,
    due_at=st.none() | _moments,
    received_at=_moments,
)
