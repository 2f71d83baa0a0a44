"""Orders, shipments and doors of a warehouse for these tests."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import requests

from crossdock.domain.order import Content, OrderLine, PostalAddress
from crossdock.domain.settings import WarehouseSettings
from crossdock.ports import Warehouse
from crossdock.wms.credentials import WarehouseCredentials
from crossdock.wms.registry import open_warehouse

URL = "https://wms.example.com/api"
TOKEN = "t0ken-of-the-warehouse"
SINCE = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def warehouse_at(url: str = URL, *, session: requests.Session | None = None) -> Warehouse:
    return open_warehouse(WarehouseSettings(base_url=url), WarehouseCredentials(token=TOKEN), session=session)


def a_line(line_id: str = "1", **changes: Any) -> OrderLine:
    facts: dict[str, Any] = {
        "sku": "TEA-001",
        "name": "Green tea",
        "quantity": Decimal("2.0000"),
        "price": Decimal("19.95"),
        "discount": Decimal(0),
        "tax": Decimal("3.99"),
        "total": Decimal("39.90"),
        "product_id": "ours-alone",
        "tax_rule": "ours-alone",
    }
    return OrderLine(line_id=line_id, **{**facts, **changes})


def a_content(**changes: Any) -> Content:
    facts: dict[str, Any] = {
        "order_number": "SO-00123",
        "sale_id": "5b2c9a52-0001",
        "ordered_at": date(2026, 2, 27),
        "ship_to": PostalAddress(name="Mona Lisbeth Quist", line1="1 Harbour Street", postcode="2150", country="DK"),
        "bill_to": PostalAddress(name="Quist Trading", email="mona@quist.example"),
        "currency": "EUR",
        "total": Decimal("39.90"),
        "lines": (a_line(),),
        "attributes": {"Gift": "yes"},
    }
    return Content(**{**facts, **changes})


def a_shipment(shipment_id: str = "S-1", **changes: Any) -> dict[str, Any]:
    line = {"line_id": "1", "sku": "TEA-001", "quantity": "2"}
    parcel = {"parcel_id": "P-1", "carrier": "DHL", "tracking_number": "JD0001", "lines": [line]}
    facts: dict[str, Any] = {
        "id": shipment_id,
        "revision": 1,
        "order_id": "WO-1",
        "reference": "SO-00123",
        "kind": "shipped",
        "shipped_at": "2026-03-01T10:00:00Z",
        "final": True,
        "parcels": [parcel],
        "updated_at": "2026-03-01T10:00:01Z",
    }
    return {**facts, **changes}
