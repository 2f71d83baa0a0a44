"""What the warehouse's tests share: a clock, a client that knows the token, and orders to send."""

from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.test import Client, TestResponse

TOKEN = "a-token-of-the-tests"


class TestClock:
    """A clock that stands still until it is told to move."""

    __test__ = False

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class WarehouseClient:
    """Calls the warehouse as Crossdock does, and its control plane as a person does."""

    def __init__(self, app: Any, token: str = TOKEN) -> None:
        self._client = Client(app)
        self._token = token

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        sent = {
            "Authorization": f"Bearer {self._token}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self._client.open(path, method=method, json=body, headers=sent)

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def create(self, order: dict[str, Any]) -> dict[str, Any]:
        answer = self.call("POST", "/orders", order, Idempotency_Key=order["reference"])
        assert answer.status_code == 201, answer.text
        return answer.json

    def control(self, path: str, body: Any = None) -> Any:
        answer = self.call("POST", f"/_control/{path}", body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json

    def ship(self, reference: str, body: Any = None) -> dict[str, Any]:
        return self.control(f"orders/{reference}/ship", body)["shipment"]

    def ledger(self, *kinds: str) -> list[dict[str, Any]]:
        entries = self.get("/_control/ledger")["ledger"]
        return [entry for entry in entries if not kinds or entry["kind"] in kinds]

    def stock_of(self, sku: str) -> dict[str, Any]:
        (item,) = (item for item in self.get("/inventory")["items"] if item["sku"] == sku)
        return item


def make_order(reference: str = "SO-1001", *quantities: str, **changes: Any) -> dict[str, Any]:
    """Make an order with a line per quantity: SKU-1, SKU-2, ...; two of SKU-1 where none is given."""
    lines = [
        {"line_id": str(place), "sku": f"SKU-{place}", "quantity": quantity, "price": "10.00"}
        for place, quantity in enumerate(quantities or ("2",), start=1)
    ]
    order = {
        "reference": reference,
        "order_number": reference,
        "sale_id": f"sale-of-{reference}",
        "ordered_at": "2026-03-01",
        "ship_by": None,
        "warehouse": "MAIN",
        "ship_method": "STANDARD",
        "ship_to": {"name": "Ada Quill", "line1": "1 Mill Lane", "city": "Leeds", "country": "GB"},
        "bill_to": {"name": "Ada Quill"},
        "currency": "GBP",
        "total": "20.00",
        "lines": lines,
        "attributes": {"Gift": "yes"},
    }
    return {**order, **changes}
