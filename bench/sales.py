"""What the sandbox DEAR holds: sales that are whole, and for the many others only their rows in its list."""

from datetime import datetime, timedelta
from typing import Any

from bench.world import World
from sandbox.dear.dates import stamp
from sandbox.dear.tenant import identity

LOCATION, SHELF = "Main Warehouse", "MAIN"
RED, BLUE = "MUG-RED", "MUG-BLUE"
CARRIER = "DEFAULT Carrier"
PLENTY = 100_000

SETTINGS: dict[str, Any] = {
    "locations": [LOCATION],
    "ship_methods": {CARRIER: "STANDARD"},
    "warehouses": {LOCATION: SHELF},
    "inventory": {"account": "403"},
}


def stock_up(world: World, skus: tuple[str, ...] = (RED, BLUE), *, counted: int = PLENTY) -> None:
    """The same goods in DEAR and on the shelves; `counted` is what the warehouse says of them."""
    products = [{"sku": sku, "name": sku.title(), "price": 10, "cost": 4} for sku in skus]
    stock = [{"sku": sku, "location": LOCATION, "on_hand": PLENTY} for sku in skus]
    world.dear.control("seed", {"products": products, "stock": stock})
    rows = [{"sku": sku, "warehouse": SHELF, "on_hand": str(counted)} for sku in skus]
    world.warehouse.control("stock", {"stock": rows})


def simple(number: str, **changes: Any) -> dict[str, Any]:
    """A simple sale of two lines."""
    return {
        "order_number": number, "type": "Simple", "status": "ORDERED", "location": LOCATION, "carrier": CARRIER,
        "lines": [{"sku": RED, "quantity": 2}, {"sku": BLUE, "quantity": 1}], **changes,
    }  # fmt: skip


def advanced(number: str, fulfilments: int = 2) -> dict[str, Any]:
    """An advanced sale, a mug of each colour in each of its fulfilments."""
    lines = [{"sku": sku, "quantity": fulfilments} for sku in (RED, BLUE)]
    each = {"lines": [{"sku": sku, "quantity": 1} for sku in (RED, BLUE)]}
    return simple(number, type="Advanced", lines=lines, fulfilments=[each] * fulfilments)


def seed(world: World, sales: list[dict[str, Any]]) -> None:
    """Put sales into DEAR, a hundred at a time."""
    for first in range(0, len(sales), 100):
        world.dear.control("seed", {"sales": sales[first : first + 100]})


def add_finished_rows(world: World, many: int, latest: datetime, apart: timedelta) -> None:
    """Rows of completed sales, as DEAR's list shows them; the sales behind them are never read."""
    seed(world, [simple("FIN-00000", status="COMPLETED")])
    documents = world.dear.documents
    row = documents.get("sale_row", identity("sale", "FIN-00000"))
    if row is None:
        raise LookupError("the sandbox keeps the rows of its list somewhere else")
    with documents.transaction():
        for place in range(1, many):
            number = f"FIN-{place:05}"
            own = {"SaleID": identity("sale", number), "OrderNumber": number}
            documents.put("sale_row", own["SaleID"], {**row, **own, "Updated": stamp(latest - place * apart)})
