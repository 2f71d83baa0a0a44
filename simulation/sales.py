"""The sales of a run, each from the seed and its own place alone, so that leaving one out changes no other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, Literal

type Json = dict[str, Any]
type Becomes = Literal["done", "stopped", "open"]
"""What must become of a sale that nobody interferes with: shipped, confirmed and invoiced; stopped with a reason and
nothing at the warehouse; or either, told with a reason."""

MAIN, OTHER = "Main Warehouse", "Showroom"
WAREHOUSE_CODE = "MAIN"
SKUS = ("MUG-RED", "MUG-BLUE", "POT-1L", "POT-2L", "CUP-SND", "TIN-100", "BAG-250", "SET-01")
REFUSED = "RECALLED-1"
SERVICE = "CLASS-2H"
SCARCE = "RARE-1"
STOCK = 400

PERSONAL = (
    "Zephyrine Quillfeather", "Quillfeather Provisions", "+44 1632 960777", "zephyrine@quillfeather.example",
    "41 Larkspur Mews",
)  # fmt: skip
"""What of the customers must show nowhere."""


@dataclass(frozen=True)
class Plan:
    """One sale as it is entered into DEAR, when, and what must become of it. `picked`: DEAR had picked these before.

    `age`: for so long it stands in DEAR already.
    """

    number: str
    spec: Json
    becomes: Becomes
    at: float
    kind: str
    picked: tuple[tuple[str, float], ...] = ()
    age: timedelta = timedelta()


def products() -> list[Json]:
    goods = [{"sku": sku, "name": sku.title(), "price": 10 + place, "cost": 4} for place, sku in enumerate(SKUS)]
    odd = [{"sku": sku, "name": sku.title(), "price": 12, "cost": 5} for sku in (REFUSED, SCARCE)]
    return [*goods, *odd, {"sku": SERVICE, "name": "Class", "price": 50, "type": "Service"}]


def plan(seed: str, place: int, last_at: float, *, backlog: bool = False) -> Plan:
    """The sale at this place of the run, from 1. `backlog`: it may be older than the run."""
    random = Random(f"{seed}/sale/{place}")
    kind = random.choices([kind for kind, _, _, _ in _KINDS], [weight for _, weight, _, _ in _KINDS])[0]
    _, _, make, becomes = next(each for each in _KINDS if each[0] == kind)
    number = f"SO-{1000 + place}"
    spec: Json = {
        "order_number": number, "type": "Simple", "status": "ORDERED", "location": MAIN, "carrier": "Courier",
        "customer": PERSONAL[1], "contact": PERSONAL[0], "phone": PERSONAL[2], "email": PERSONAL[3],
        "shipping_address": {
            "Line1": PERSONAL[4], "City": "York", "Postcode": "YO1 6JB", "Country": "United Kingdom",
            "Contact": PERSONAL[0],
        },
        "terms": random.choice(("30 days", "COD", "14 days")), **make(random),
    }  # fmt: skip
    if random.random() < 0.25 and "charges" not in spec:
        spec["charges"] = [{"description": "Shipping", "price": random.choice((5, 7.5))}]
    picked = tuple(
        (line["sku"], line["quantity"])
        for task in spec.get("fulfilments") or ()
        if task["pick"] == "AUTHORISED"
        for line in task["lines"]
    )
    at = 0.0 if picked else random.choice((0.0, random.uniform(0, last_at)))
    ages = (0, 3, 70) if backlog and at == 0.0 and not picked else (0,)
    age = timedelta(hours=Random(f"{seed}/sale/{place}/age").choice(ages))
    return Plan(number, spec, becomes, at, kind, picked, age)


def _line(random: Random, **changes: Any) -> Json:
    discount = random.choice((0, 0, 0, 10, 12.5, 50))
    return {"sku": random.choice(SKUS), "quantity": random.randint(1, 6), "discount": discount, **changes}


def _lines(random: Random) -> list[Json]:
    return [_line(random) for _ in range(random.choice((1, 1, 2, 3)))]


def _simple(random: Random) -> Json:
    return {"lines": _lines(random)}


def _twice(random: Random) -> Json:
    sku = random.choice(SKUS)
    prices = random.sample((9, 10, 11.5, 14), 2)
    lines = [_line(random, sku=sku, price=price, comment=f"at {price}") for price in prices]
    return {"lines": [lines[0], _line(random), lines[1]] if random.random() < 0.5 else lines}


def _charged(random: Random) -> Json:
    charges = [{"description": "Shipping", "price": 6}, {"description": "Gift wrap", "price": 2.5, "quantity": 2}]
    return {"lines": _lines(random), "charges": charges[: random.randint(1, 2)]}


def _free(random: Random) -> Json:
    return {"lines": [*_lines(random), _line(random, price=0, discount=0, comment="Sample")]}


def _fraction(random: Random) -> Json:
    return {"lines": [_line(random, quantity=random.choice((0.5, 2.5, 3.25)))]}


def _bulk(random: Random) -> Json:
    return {"lines": [_line(random, quantity=random.randint(9, 30)) for _ in range(random.randint(1, 4))]}


def _advanced(random: Random) -> Json:
    return {"type": "Advanced", "lines": _lines(random), "fulfilments": []}


def _advanced_open(random: Random) -> Json:
    return {"type": "Advanced", "lines": _lines(random)}


def _several(random: Random) -> Json:
    """Two or three fulfilments that share the lines out."""
    lines = [_line(random, sku=sku, quantity=random.randint(3, 6)) for sku in random.sample(SKUS, 2)]
    parts = random.choice((2, 2, 3))
    tasks: list[Json] = [{"lines": [], "pick": "AUTHORISED"} for _ in range(parts)]
    tasks[-1]["pick"] = random.choice(("AUTHORISED", "DRAFT"))
    for line in lines:
        share = line["quantity"] // parts
        for task in tasks[:-1]:
            task["lines"].append({"sku": line["sku"], "quantity": share})
        tasks[-1]["lines"].append({"sku": line["sku"], "quantity": line["quantity"] - share * (parts - 1)})
    return {"type": "Advanced", "lines": lines, "fulfilments": tasks}


def _drop_shipped(random: Random) -> Json:
    return {"lines": [_line(random), _line(random, drop_ship=True)]}


def _all_drop_shipped(random: Random) -> Json:
    return {"lines": [_line(random, drop_ship=True)]}


def _service(random: Random) -> Json:
    return {"type": "Service", "lines": [_line(random, sku=SERVICE)]}


def _with_service(random: Random) -> Json:
    return {"lines": [*_lines(random), {"sku": SERVICE, "quantity": 1}]}


def _backordered(random: Random) -> Json:
    return {"status": "BACKORDERED", "lines": [_line(random, sku=SCARCE, quantity=9)]}


def _unready(random: Random) -> Json:
    return {
        "status": random.choice(("DRAFT", "ESTIMATING", "ESTIMATED", "ORDERING", "VOIDED")),
        "lines": _lines(random),
    }


def _completed(random: Random) -> Json:
    return {"status": "COMPLETED", "lines": _lines(random)}


def _elsewhere(random: Random) -> Json:
    return {"location": OTHER, "lines": _lines(random)}


def _odd_address(random: Random) -> Json:
    odd = (
        {"Line1": PERSONAL[4], "City": "", "Country": ""},
        {"Line1": "Ł" * 180, "City": "Łódź", "Postcode": "90-001", "Country": "Poland"},
        {"DisplayAddressLine1": PERSONAL[4], "DisplayAddressLine2": "Wellington 6011 New Zealand"},
    )
    return {"lines": _lines(random), "shipping_address": random.choice(odd)}


def _unmapped(random: Random) -> Json:
    return {"lines": _lines(random), "carrier": "Pigeon Post"}


def _refused(random: Random) -> Json:
    return {"lines": [_line(random), _line(random, sku=REFUSED, quantity=1)]}


_KINDS: tuple[tuple[str, float, Callable[[Random], Json], Becomes], ...] = (
    ("simple", 8, _simple, "done"),
    ("same SKU twice", 3, _twice, "done"),
    ("charges", 3, _charged, "done"),
    ("zero price", 1, _free, "done"),
    ("fractions", 1, _fraction, "done"),
    ("bulk", 1, _bulk, "done"),
    ("advanced without fulfilment", 2, _advanced, "done"),
    ("advanced with one", 2, _advanced_open, "done"),
    ("several fulfilments", 3, _several, "done"),
    ("drop-ship beside goods", 1, _drop_shipped, "done"),
    ("all drop-shipped", 0.5, _all_drop_shipped, "stopped"),
    ("service", 0.5, _service, "stopped"),
    ("service beside goods", 0.5, _with_service, "open"),
    ("backordered", 0.7, _backordered, "open"),
    ("not ready", 1, _unready, "stopped"),
    ("completed", 0.4, _completed, "stopped"),
    ("at another location", 0.5, _elsewhere, "stopped"),
    ("odd address", 1, _odd_address, "open"),
    ("unmapped method", 0.6, _unmapped, "stopped"),
    ("refused by the warehouse", 0.6, _refused, "stopped"),
)
