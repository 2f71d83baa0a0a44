"""One connection's two outside systems: the sandbox DEAR and warehouse over documents in memory, and the way there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from sandbox.dear.app import create_app as create_dear
from sandbox.dear.control import seed as seed_dear
from sandbox.dear.sale_seeds import make_sale
from sandbox.dear.specs import SaleSpec, SeedSpec
from sandbox.dear.tenant import Tenant
from sandbox.warehouse.app import create_app as create_warehouse
from sandbox.warehouse.house import House, build_house
from sandbox.warehouse.settings import Settings as HouseSettings
from sandbox.warehouse.stock import StockUpdate
from simulation import sales
from simulation.documents import MemoryDocuments
from simulation.faults import Weather
from simulation.network import Line
from simulation.turns import Turns

API_KEY = "key-5f1d7c2e9a"
TOKEN = "token-b83e61d0f4"  # noqa: S105 - of a sandbox in this process
WEBHOOK_SECRET = "whsec_c2ltdWxhdGlvbi1zaW11bGF0aW9uLXNpbXVsYXRpb24="  # noqa: S105 - likewise


class Clock:
    """What both systems go by: the time of the run that uses them, or a moment before it."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.behind = timedelta()

    def now(self) -> datetime:
        return self.turns.now() - self.behind


@dataclass
class Outside:
    """What one connection talks to."""

    name: str
    tenant: Tenant
    house: House
    documents: tuple[MemoryDocuments, MemoryDocuments]
    clock: Clock
    dear: Line
    warehouse: Line
    plans: list[sales.Plan] = field(default_factory=list)
    poisoned: str = ""

    @property
    def account(self) -> str:
        return f"account-{self.name}"

    def enter(self, plan: sales.Plan) -> None:
        """Enter the sale into DEAR; what DEAR had picked of it before still stands in the warehouse."""
        self.clock.behind = plan.age
        try:
            with self.tenant.transaction():
                make_sale(self.tenant, SaleSpec.model_validate(plan.spec))
        finally:
            self.clock.behind = timedelta()

    def connection(self, settings: dict[str, Any]) -> dict[str, Any]:
        return {
            "name": self.name,
            "dear": {"base_url": f"https://dear-{self.name}.example.com/ExternalApi/v2"},
            "warehouse": {"base_url": f"https://warehouse-{self.name}.example.com"},
            "settings": settings,
        }


class _Systems:
    """The two applications. Making one takes longer than a run's calls to it, so each is used again, emptied."""

    def __init__(self, name: str) -> None:
        self.clock = Clock()
        self.documents = (MemoryDocuments(), MemoryDocuments())
        account = f"account-{name}"
        self.dear = create_dear(self.documents[0], self.clock, account_id=account, api_key=API_KEY, calls_per_minute=60)
        self.warehouse = create_warehouse(self.documents[1], self.clock, token=TOKEN)


_systems = cache(_Systems)


def open_outside(turns: Turns, name: str, weather: Weather, note: Callable[..., None]) -> Outside:
    """Two empty systems. A process has one run at a time: the next one gets the same two."""
    systems = _systems(name)
    systems.clock.turns = turns
    for documents in systems.documents:
        documents.clear()
    return Outside(
        name=name,
        tenant=systems.dear.tenant,
        house=build_house(systems.documents[1], systems.clock, honours_idempotency=False),
        documents=systems.documents,
        clock=systems.clock,
        dear=Line(turns, "dear", systems.dear, weather, note),
        warehouse=Line(turns, "warehouse", systems.warehouse, weather, note),
    )


def stock_up(outside: Outside, seed: str, *, careless: bool = False) -> None:
    """Fill both sides' shelves; of some products they count differently at first.

    DEAR's figures are without what it has picked already, and the warehouse still has that. `careless`: it takes a
    reference twice.
    """
    random = Random(f"{seed}/stock")
    picked: dict[str, float] = {}
    for plan in outside.plans:
        for sku, units in plan.picked:
            picked[sku] = picked.get(sku, 0.0) + units
    goods = (*sales.SKUS, sales.REFUSED)
    shelf: list[dict[str, Any]] = [{"sku": sku, "location": sales.MAIN, "on_hand": sales.STOCK} for sku in goods]
    shelf += [{"sku": sku, "location": sales.OTHER, "on_hand": 50} for sku in goods]
    shelf.append({"sku": sales.SCARCE, "location": sales.MAIN, "on_hand": 3})
    spec = {
        "locations": [{"name": sales.MAIN, "default": True}, {"name": sales.OTHER}],
        "carriers": ["Courier", "Pigeon Post", "DPD", "Express"],
        "products": sales.products(), "stock": shelf,
    }  # fmt: skip
    with outside.tenant.transaction():
        seed_dear(outside.tenant, SeedSpec.model_validate(spec))
    rows = []
    for sku in goods:
        other = random.choice((0, 0, 0, -3, 7))
        units = sales.STOCK + picked.get(sku, 0.0) + other
        rows.append({"sku": sku, "warehouse": sales.WAREHOUSE_CODE, "on_hand": f"{units:g}"})
    rows.append({"sku": sales.SCARCE, "warehouse": sales.WAREHOUSE_CODE, "on_hand": "3"})
    outside.house.stock.set(StockUpdate.model_validate({"stock": rows}))
    HouseSettings(refused_skus=[sales.REFUSED], repeats_references=careless).store(outside.documents[1])
