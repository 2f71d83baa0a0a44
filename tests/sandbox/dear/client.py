"""A caller of the DEAR sandbox through WSGI, without sockets."""

from dataclasses import dataclass
from typing import Any

from werkzeug.test import Client

ACCOUNT_ID = "account-of-the-tests"
API_KEY = "key-of-the-tests"
BASE = "/ExternalApi/v2"
HEADERS = {"api-auth-accountid": ACCOUNT_ID, "api-auth-applicationkey": API_KEY}
NEW_TASK = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Answer:
    """One answer: JSON where it is JSON, text otherwise."""

    status: int
    body: Any
    headers: Any

    @property
    def refusal(self) -> str:
        """The text of a 400 in the usual error array."""
        assert self.status == 400, (self.status, self.body)
        (error,) = self.body
        return error["Exception"]


class DearClient:
    """Calls the API with the right headers, and the control plane without."""

    def __init__(self, app: Any) -> None:
        self._client = Client(app)

    def call(self, method: str, path: str, *, headers: Any = HEADERS, base: str = BASE, **given: Any) -> Answer:
        answer = self._client.open(base + path, method=method, headers=headers, **given)
        body = answer.get_json() if answer.is_json else answer.text
        return Answer(answer.status_code, body, answer.headers)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.call("GET", path, query_string=query)
        assert answer.status == 200, answer.body
        return answer.body

    def post(self, path: str, body: Any) -> Answer:
        return self.call("POST", path, json=body)

    def put(self, path: str, body: Any) -> Answer:
        return self.call("PUT", path, json=body)

    def delete(self, path: str, **query: Any) -> Answer:
        return self.call("DELETE", path, query_string=query)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(method, path, base="/_control", headers={}, json=body)
        assert answer.status < 300, answer.body
        return answer.body

    def refused_control(self, method: str, path: str, body: Any) -> Answer:
        return self.call(method, path, base="/_control", headers={}, json=body)

    def seed(self, **parts: Any) -> list[str]:
        """Seed and give the ids of the sales that it made."""
        return [sale["sale_id"] for sale in self.control("POST", "/seed", parts)["sales"]]

    def settings(self, **settings: Any) -> None:
        self.control("POST", "/settings", settings)

    def ledger(self, kind: str) -> list[Any]:
        entries = self.control("GET", "/ledger")["ledger"]
        return [entry for entry in entries if entry["kind"] == kind]

    def sale(self, sale_id: str) -> Any:
        return self.get("/sale", ID=sale_id)

    def tasks(self, sale_id: str) -> list[Any]:
        return self.get("/sale/fulfilment", SaleID=sale_id)["Fulfilments"]

    def available(self, sku: str, location: str = "Main Warehouse") -> Any:
        rows = self.get("/ref/productavailability", Sku=sku, Location=location)["ProductAvailabilityList"]
        return rows[0] if rows else None

    def authorise(self, stage: str, task_id: str, lines: Any, **more: Any) -> Answer:
        body = {"TaskID": task_id, "Status": "AUTHORISED", "Lines": lines, **more}
        return self.post(f"/sale/fulfilment/{stage}", body)

    def picked(self, task_id: str) -> Any:
        """Pick all of a task, and give the lines."""
        answer = self.post("/sale/fulfilment/pick", {"TaskID": task_id, "AutoPickMode": "AUTOPICK"})
        assert answer.status == 200, answer.body
        return answer.body["Lines"]

    def packed(self, task_id: str, box: str = "Box 1") -> Any:
        """Pick all of a task and pack it into one box."""
        lines = [{**line, "Box": box} for line in self.picked(task_id)]
        answer = self.authorise("pack", task_id, lines)
        assert answer.status == 200, answer.body
        return answer.body["Lines"]

    def shipped(self, task_id: str, **line: Any) -> Any:
        """Pick, pack and ship all of a task."""
        self.packed(task_id)
        answer = self.authorise("ship", task_id, [shipment("Box 1", **line)])
        assert answer.status == 200, answer.body
        return answer.body


def shipment(box: str, **more: Any) -> dict[str, Any]:
    line = {"Box": box, "ShipmentDate": "2026-03-02", "Carrier": "UPS", "TrackingNumber": "1Z1", "IsShipped": True}
    return {**line, **more}


def goods(sku: str, quantity: float, location: str = "Main Warehouse", **more: Any) -> dict[str, Any]:
    return {"SKU": sku, "Quantity": quantity, "Location": location, **more}


def invoice(sale_id: str, lines: list[Any], task_id: str = NEW_TASK, **more: Any) -> dict[str, Any]:
    body = {
        "SaleID": sale_id,
        "TaskID": task_id,
        "CombineAdditionalCharges": False,
        "Status": "AUTHORISED",
        "InvoiceDate": "2026-03-02T00:00:00",
        "InvoiceDueDate": "2026-04-01T00:00:00",
        "Lines": lines,
    }
    return {**body, **more}


def billed(sku: str, quantity: float, price: float = 8, **more: Any) -> dict[str, Any]:
    line = {"SKU": sku, "Name": sku, "Quantity": quantity, "Price": price, "Discount": 0, "Tax": 0}
    return {**line, "Total": quantity * price, "TaxRule": "Tax Exempt", "Account": "200", **more}
