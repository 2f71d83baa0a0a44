"""Small builders of domain records, each with plain defaults and whatever a test wants to be different."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from crossdock.domain.order import Order
from crossdock.domain.planning import plan_sale
from crossdock.domain.sale import Address, Charge, Fulfilment, Sale, SaleLine, SaleRow, SaleType, StageLine, StageStatus
from crossdock.domain.settings import Settings
from crossdock.domain.shipment import Shipment
from crossdock.domain.states import OrderStatus

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SALE_ID = "11111111-1111-1111-1111-111111111111"


def sale_line(sku: str = "MUG-RED", quantity: str = "2", **changes: Any) -> SaleLine:
    units, price = Decimal(quantity), Decimal("10.00")
    fields: dict[str, Any] = {
        "product_id": f"product-{sku}", "sku": sku, "name": f"Name of {sku}", "quantity": units, "price": price,
        "discount": Decimal(0), "tax": Decimal("1.00") * units, "total": units * price, "tax_rule": "Tax on Sales",
        "comment": None,
    }  # fmt: skip
    return SaleLine(**{**fields, **changes})


def address(**changes: Any) -> Address:
    fields: dict[str, Any] = {
        "line1": "1 Quay Street", "city": "Bristol", "postcode": "BS1 4DJ", "country": "GB", "contact": "Ada Moss",
        "display": ("1 Quay Street", "Bristol BS1 4DJ GB"),
    }  # fmt: skip
    return Address(**{**fields, **changes})


def sale(**changes: Any) -> Sale:
    fields: dict[str, Any] = {
        "sale_id": SALE_ID, "order_number": "SO-00001", "type": SaleType.SIMPLE, "status": "ORDERED",
        "order_status": "AUTHORISED", "location": "Main Warehouse", "order_date": date(2026, 3, 1), "ship_by": None,
        "customer": "Moss & Daughters", "customer_reference": "PO 7", "contact": "Ada Moss", "phone": None,
        "email": None, "ship_to": address(), "bill_to": address(), "carrier": "DHL Express", "shipping_notes": None,
        "memo": None, "source_channel": None, "sales_representative": None, "currency": "GBP",
        "currency_rate": Decimal(1), "tax_inclusive": False, "terms": "30 days", "total": Decimal("22.00"),
        "lines": (sale_line(),), "updated": "2026-03-01T10:00:00Z",
    }  # fmt: skip
    return Sale(**{**fields, **changes})


def row(**changes: Any) -> SaleRow:
    fields: dict[str, Any] = {
        "sale_id": SALE_ID, "order_number": "SO-00001", "type": SaleType.SIMPLE, "status": "ORDERED",
        "updated": "2026-03-01T10:00:00Z", "order_date": date(2026, 3, 1), "order_status": "AUTHORISED",
        "picking": "NOT AVAILABLE", "packing": "NOT AVAILABLE", "shipping": "NOT AVAILABLE",
        "invoicing": "NOT AVAILABLE", "location_id": None,
    }  # fmt: skip
    return SaleRow(**{**fields, **changes})


def picked(sku: str = "MUG-RED", quantity: str = "1", **changes: Any) -> StageLine:
    fields: dict[str, Any] = {
        "product_id": f"product-{sku}", "sku": sku, "name": f"Name of {sku}", "quantity": Decimal(quantity),
        "location": "Main Warehouse",
    }  # fmt: skip
    return StageLine(**{**fields, **changes})


def fulfilment(number: int = 1, *lines: StageLine, **changes: Any) -> Fulfilment:
    fields: dict[str, Any] = {
        "task_id": f"task-{number}", "number": number, "pick": StageStatus.NOT_AVAILABLE,
        "pack": StageStatus.NOT_AVAILABLE, "ship": StageStatus.NOT_AVAILABLE, "pick_lines": lines,
    }  # fmt: skip
    return Fulfilment(**{**fields, **changes})


def charge(price: str = "5.00") -> Charge:
    money = Decimal(price)
    return Charge(description="Shipping", quantity=Decimal(1), price=money, discount=Decimal(0), tax=Decimal(0),
                  total=money, tax_rule="Tax Exempt")  # fmt: skip


def order(status: OrderStatus = OrderStatus.NEW, of: Sale | None = None, **changes: Any) -> Order:
    planned = plan_sale(of or sale(), Settings()).orders[0]
    fields: dict[str, Any] = {
        **dict(planned), "connection": "main", "sale_id": SALE_ID, "sale_number": "SO-00001", "status": status,
        "created_at": NOON, "updated_at": NOON, "due_at": NOON,
    }  # fmt: skip
    return Order(**{**fields, **changes})


def parcel(parcel_id: str = "BOX-1", *lines: tuple[str, str, str], **changes: Any) -> dict[str, Any]:
    """Lines are (line_id, SKU, quantity)."""
    contents = [{"line_id": at, "sku": sku, "quantity": units} for at, sku, units in lines or (("1", "MUG-RED", "2"),)]
    return {
        "parcel_id": parcel_id,
        "carrier": "DHL",
        "tracking_number": f"TRACK-{parcel_id}",
        "lines": contents,
        **changes,
    }


def shipment(*parcels: dict[str, Any], **changes: Any) -> Shipment:
    fields: dict[str, Any] = {
        "id": "S-1", "revision": 1, "order_id": "W-1", "reference": "SO-00001", "kind": "shipped",
        "shipped_at": "2026-03-02T11:00:00Z", "final": True, "parcels": list(parcels) or [parcel()],
        "updated_at": "2026-03-02T11:05:00Z",
    }  # fmt: skip
    return Shipment.model_validate({**fields, **changes})
