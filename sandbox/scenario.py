"""The demonstration: a merchant's account in DEAR, the shelves of its warehouse, and what must become of each sale.

Fernhill Coffee Supply, its goods and its customers are invented. The set is the same in every run; a larger one
repeats the same kinds of sale in the same proportion. What people do meanwhile is in `sandbox.run.story`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from unicodedata import normalize

from sandbox.merchant import CLASS, CUSTOMERS, KIT, KIT_OF, LOTS, PRODUCTS

Json = dict[str, Any]

MAIN, SHOWROOM = "Main Warehouse", "Showroom"
WAREHOUSE_CODE, SHOWROOM_CODE = "MAIN", "SHOW"
REFUSED_SKUS = ("BEN-DEC-250",)
"""Under recall: the warehouse has it, and ships none."""
SOLD_OUT = "KET-GN-09-RED"
MISSING_AT_WAREHOUSE = "DSP-RCK-12"
UNKNOWN_TO_DEAR = "PKG-BOX-L"
COUNTED_OTHERWISE = {"MUG-ENA-350-GRN": "-3", "FLT-02-100": "12", "SRV-GLS-600": "-1"}
"""How many units the shelves hold more, or fewer, than DEAR believes."""
IN_SHOWROOM = {"APR-CNV-OLV": 40, "MUG-ENA-350-NVY": 40}
"""What lies in the shop, on both sides' count."""
PARCEL_CARRIERS = {"STANDARD": "DPD", "EXPRESS": "DHL Express", "ECONOMY": "Royal Mail"}
"""What the warehouse calls those that it hands its parcels to, and what they are called in DEAR."""
_FIRST_NUMBER = 10401

TAX_RULES = {"Tax on Sales": 20.0, "Sales Tax 8.875%": 8.875, "GST 10%": 10.0, "Zero-rated": 0.0}
VAT, SALES_TAX, GST, UNTAXED = TAX_RULES


@dataclass(frozen=True)
class Scenario:
    """What to seed on both sides, the connection between them, and the outcome to expect.

    `dear_seed` goes to DEAR's `/_control/seed`, `warehouse_stock` and `warehouse_settings` to the warehouse's
    `/_control/stock` (as `stock`) and `/_control/settings`. `expected` says by order number where a sale must end, and
    the code of the reason: `invoiced`, `confirmed: <code>`, `held: <code>`, `held once shipped: <code>` or
    `skipped: <code>`. Those that depend on people hold when the story is played. `connection` is the content of a
    connection file.
    """

    dear_seed: Json
    warehouse_stock: list[Json]
    warehouse_settings: Json
    expected: dict[str, str]
    connection: Json


@dataclass(frozen=True)
class _Plan:
    """One kind of sale: `lines` as `2 SKU, 1 SKU`; `discounts` and `comments` beside them, where there are any."""

    lines: str
    becomes: str = "invoiced"
    type: Literal["Simple", "Advanced", "Service"] = "Simple"
    status: str = "ORDERED"
    carrier: str = "DEFAULT Carrier"
    location: str = MAIN
    tax_rule: str = VAT
    discounts: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    shipping: str | None = None
    fulfilments: tuple[tuple[str, str], ...] = ()
    ship_by: str | None = None
    note: str = ""
    memo: str = ""
    fulfilled_by: str = "Warehouse"
    second_address_line: str | None = None

    @property
    def takes_stock(self) -> bool:
        return self.status == "ORDERED" and self.location == MAIN and self.type != "Service"


_KETTLE_AND_FILTERS = "1 KET-GN-09-BLK, 2 FLT-02-100"
_CAFE_OPENING = "24 CUP-STN-220-SND, 18 MUG-ENA-350-NVY, 6 SRV-GLS-600"
_STAFF_KIT = "4 APR-CNV-OLV, 3 CLN-TAB-100, 1 SCL-PRO-2K"

_PLANS = (
    _Plan("1 DRP-V60-02-WHT"),
    _Plan(f"{_KETTLE_AND_FILTERS}, 3 BEN-ETH-250", ship_by="2026-12-11"),
    _Plan("1 GRD-HAND-38, 1 GRD-BURR-38", shipping="7.50"),
    _Plan("2 PRS-FR-1000", "held: unmapped_ship_method", carrier="Sea Freight Consolidated"),
    _Plan("2 SCL-PRO-2K, 2 SRV-GLS-600", discounts=("10", "10"), memo="Trade discount agreed by phone."),
    _Plan("1 KET-GN-09-STL, 3 BEN-COL-1000", tax_rule=SALES_TAX, carrier="Express Courier"),
    _Plan(
        "4 MUG-ENA-350-GRN, 1 FLT-02-400, 2 MUG-ENA-350-GRN",
        discounts=("0", "0", "50"),
        comments=("", "", "Seconds, small chips in the rim"),
    ),
    _Plan("3 GFT-SET-01, 3 BTL-INS-500-BLK", type="Advanced"),
    _Plan("1 GRD-HAND-38", "skipped: voided", status="VOIDED"),
    _Plan("30 CUP-STN-220-SND", ship_by="2026-12-04", note="Deliver to the kitchen entrance before 10:00."),
    _Plan("2 BTL-INS-500-BLK", "skipped: already_shipped", status="COMPLETED", tax_rule=GST),
    _Plan(
        "10 BEN-COL-1000, 4 FLT-02-400",
        type="Advanced",
        fulfilments=(("AUTHORISED", "6 BEN-COL-1000, 4 FLT-02-400"), ("AUTHORISED", "4 BEN-COL-1000")),
    ),
    _Plan("1 APR-CNV-OLV", "skipped: location", location=SHOWROOM),
    _Plan("1 KET-GN-09-BLK", carrier="Express Courier", ship_by="2026-12-02", shipping="18.00"),
    _Plan(f"{_STAFF_KIT}, 2 DRP-V60-02-CLY, 6 FLT-02-100"),
    _Plan(f"2 {SOLD_OUT}", "skipped: status", status="BACKORDERED"),
    _Plan("3 PRS-FR-1000, 7 BEN-ETH-250", discounts=("12.5", "0"), tax_rule=SALES_TAX),
    _Plan(
        "20 MUG-ENA-350-NVY, 12 MUG-ENA-350-GRN",
        type="Advanced",
        fulfilments=(("AUTHORISED", "8 MUG-ENA-350-NVY, 12 MUG-ENA-350-GRN"), ("DRAFT", "12 MUG-ENA-350-NVY")),
    ),
    _Plan("1 GFT-SET-01", shipping="4.95", note="A present: no prices in the box, please.", ship_by="2026-12-18"),
    _Plan("2 BEN-ETH-250, 2 BEN-DEC-250", "held: refused"),
    _Plan("8 BEN-COL-1000, 10 FLT-02-100", "held once shipped: pick_differs", carrier="Economy Post"),
    _Plan("1 SRV-GLS-600, 1 DRP-V60-02-CLY", "skipped: status", status="ESTIMATED", tax_rule=UNTAXED),
    _Plan("2 GFT-SET-01", "skipped: status", status="DRAFT"),
    _Plan("6 BEN-ETH-250, 1 BEN-ETH-250", discounts=("0", "100"), comments=("", "Sample of the new harvest")),
    _Plan(f"{_STAFF_KIT}, 4 BTL-INS-500-BLK", type="Advanced", shipping="9.90"),
    _Plan("12.5 BEN-GRN-KG, 1 CLN-TAB-100", tax_rule=UNTAXED, memo="Weighed from sack 4471."),
    _Plan("2 SVC-BREW-CLASS", "skipped: service_sale", type="Service"),
    _Plan("1 FLT-02-400", "skipped: attribute_filter", fulfilled_by="Counter", carrier="Economy Post"),
    _Plan(
        "1 SCL-PRO-2K, 1 GRD-HAND-38, 1 KET-GN-09-STL",
        "held once shipped: voided_too_late",
        tax_rule=UNTAXED,
        carrier="Express Courier",
    ),
    _Plan("3 KET-GN-09-BLK, 6 DRP-V60-02-WHT", discounts=("7.25", "0"), shipping="12.35", tax_rule=SALES_TAX),
    _Plan(
        _CAFE_OPENING,
        type="Advanced",
        ship_by="2026-12-09",
        fulfilments=(
            ("AUTHORISED", "16 CUP-STN-220-SND, 6 SRV-GLS-600"),
            ("DRAFT", "8 CUP-STN-220-SND, 18 MUG-ENA-350-NVY"),
        ),
    ),
    _Plan("36 MUG-ENA-350-GRN, 18 MUG-ENA-350-NVY, 6 APR-CNV-OLV", discounts=("15", "15", "15"), shipping="24.00"),
    _Plan("1 BTL-INS-500-BLK", "skipped: status", status="PICKED", tax_rule=GST, carrier="Economy Post"),
    _Plan(
        "2 DRP-V60-02-WHT, 4 FLT-02-100, 2 BEN-ETH-250",
        "confirmed: invoiced_already",
        note="Ring the bell twice: the shop is at the back of the yard.",
    ),
    _Plan("1 SCL-PRO-2K", "held: address_disagrees", second_address_line="Bath BA1 1LN United Kingdom"),
    _Plan("2 CLN-TAB-100", "held once shipped: unmapped_carrier"),
    _Plan("2 APR-CNV-OLV", carrier="Economy Post"),
    _Plan("1 GRD-BURR-38", "held once shipped: credit_note", tax_rule=GST),
)
DEFAULT_COUNT = len(_PLANS)


def demo(count: int = DEFAULT_COUNT, first: int = 0) -> Scenario:
    """Make a scenario of `count` sales, at least one; `first` is the place where it begins in the round of kinds."""
    if count < 1:
        raise ValueError("a scenario has at least one sale")
    plans = {f"SO-{_FIRST_NUMBER + place}": _PLANS[place % len(_PLANS)] for place in range(first, first + count)}
    owed, picked = _demand(plans.values())
    seed = {
        "company": {"Company": "Fernhill Coffee Supply Ltd", "Currency": "GBP", "TimeZone": "Europe/London"},
        "locations": [{"name": MAIN, "default": True}, {"name": SHOWROOM}],
        "taxes": [{"name": name, "percent": percent} for name, percent in TAX_RULES.items()],
        "carriers": sorted({*(plan.carrier for plan in _PLANS), *PARCEL_CARRIERS.values()}),
        "attribute_sets": [
            {"name": "Sales attributes", "attributes": [{"name": "Gift wrap"}, {"name": "Fulfilled by"}]}
        ],
        "products": [*(_product(*row) for row in PRODUCTS), CLASS],
        "stock": _dear_stock(owed, picked),
        "sales": [_sale(number, plan, place) for place, (number, plan) in enumerate(plans.items(), first)],
    }
    return Scenario(
        dear_seed=seed,
        warehouse_stock=_warehouse_stock(owed),
        warehouse_settings={"refused_skus": list(REFUSED_SKUS)},
        expected={number: plan.becomes for number, plan in plans.items()},
        connection=connection(),
    )


def connection(
    dear_url: str = "http://127.0.0.1:8001/ExternalApi/v2", warehouse_url: str = "http://127.0.0.1:8002"
) -> Json:
    """Give the connection that the demonstration's expectations hold for."""
    return {
        "name": "main",
        "dear": {"base_url": dear_url},
        "warehouse": {"adapter": "http", "base_url": warehouse_url},
        "settings": {
            "sale_statuses": ["ORDERED"],
            "locations": [MAIN],
            "attribute_filters": {"additional_attribute_2": ["Warehouse"]},
            "invoice": "draft",
            "ship_methods": {
                "DEFAULT Carrier": "STANDARD",
                "Express Courier": "EXPRESS",
                "Economy Post": "ECONOMY",
            },
            "carriers": dict(PARCEL_CARRIERS),
            "unmapped_carrier": "hold",
            "warehouses": {MAIN: WAREHOUSE_CODE, SHOWROOM: SHOWROOM_CODE},
            "inventory": {"account": "403", "mode": "on_hand"},
        },
    }


def _sale(number: str, plan: _Plan, place: int) -> Json:
    name, contact, line1, line2, city, region, postcode, country, phone = CUSTOMERS[place % len(CUSTOMERS)]
    parts = {"Line1": line1, "Line2": line2, "City": city, "State": region, "Postcode": postcode, "Country": country}
    sale: Json = {
        "order_number": number,
        "type": plan.type,
        "status": plan.status,
        "customer": name,
        "location": plan.location,
        "lines": _order_lines(plan),
        "charges": [] if plan.shipping is None else [{"description": "Shipping", "price": float(plan.shipping)}],
        "carrier": plan.carrier,
        "ship_by": plan.ship_by,
        "customer_reference": f"PO-{77000 + 13 * place}",
        "note": plan.note,
        "memo": plan.memo,
        "shipping_address": {**parts, "Company": "" if name == contact else name, "Contact": contact},
        "contact": contact,
        "phone": phone,
        "email": _email(contact),
        "tax_rule": plan.tax_rule,
        "attributes": {
            "AdditionalAttribute1": "Yes" if plan.note.startswith("A present") else "",
            "AdditionalAttribute2": plan.fulfilled_by,
        },
    }
    if plan.second_address_line is not None:
        sale["shipping_address"]["DisplayAddressLine2"] = plan.second_address_line
    if plan.fulfilments:
        sale["fulfilments"] = [
            {"pick": pick, "lines": [{"sku": sku, "quantity": float(quantity)} for quantity, sku in _lines(lines)]}
            for pick, lines in plan.fulfilments
        ]
    return sale


def _email(contact: str) -> str:
    plain = normalize("NFKD", contact.split(maxsplit=1)[0]).encode("ascii", "ignore").decode()
    return f"{plain.lower()}@example.com"


def _order_lines(plan: _Plan) -> list[Json]:
    ordered = _lines(plan.lines)
    discounts = plan.discounts or ("0",) * len(ordered)
    comments = plan.comments or ("",) * len(ordered)
    lines = [
        {
            "sku": sku,
            "quantity": float(quantity),
            "price": _price(sku),
            "discount": float(discount),
            "tax_rule": plan.tax_rule,
            "comment": comment,
        }
        for (quantity, sku), discount, comment in zip(ordered, discounts, comments, strict=True)
    ]
    if plan.status == "BACKORDERED":
        lines = [{**line, "backorder_quantity": line["quantity"]} for line in lines]
    return lines


def _lines(text: str) -> list[tuple[Decimal, str]]:
    """Read `2 SKU, 1.5 SKU`."""
    pairs = (line.split() for line in text.split(", "))
    return [(Decimal(quantity), sku) for quantity, sku in pairs]


def _product(sku: str, name: str, price: str, cost: str, weight: str, digits: str) -> Json:
    return {
        "sku": sku,
        "name": name,
        "price": float(price),
        "cost": float(cost),
        "weight": float(weight),
        "weight_units": "kg",
        "type": "Stock",
        "costing_method": "FEFO - Batch" if sku in LOTS else "FIFO",
        "barcode": digits + _check_digit(digits),
        **({"auto_assembly": True, "bom": [{"sku": part} for part in KIT_OF]} if sku == KIT else {}),
    }


def _check_digit(digits: str) -> str:
    """Give the thirteenth digit of an EAN-13."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return str(-weighted % 10)


def _price(sku: str) -> float:
    prices = {row[0]: row[2] for row in PRODUCTS}
    return float(prices.get(sku, str(CLASS["price"])))


def _demand(plans: Iterable[_Plan]) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Add up by SKU what authorised sales take from the main location, and what of it DEAR has picked already."""
    owed: dict[str, Decimal] = defaultdict(Decimal)
    picked: dict[str, Decimal] = defaultdict(Decimal)
    for plan in plans:
        if not plan.takes_stock:
            continue
        for quantity, sku in _lines(plan.lines):
            owed[sku] += quantity
        for lines in (lines for pick, lines in plan.fulfilments if pick == "AUTHORISED"):
            for quantity, sku in _lines(lines):
                picked[sku] += quantity
    return owed, picked


def _spare(place: int) -> int:
    """Give how many units of a product are left over when everything has shipped."""
    return 12 + place * 7 % 41


def _dear_stock(owed: dict[str, Decimal], picked: dict[str, Decimal]) -> list[Json]:
    """Give DEAR's own count: what it picked has left its shelves, though it still stands in the warehouse.

    No kit is there yet: what of it is ordered, DEAR builds out of its components.
    """
    main = [
        {**row, "location": MAIN, "on_hand": float(units)}
        for place, (sku, *_) in enumerate(PRODUCTS)
        if sku not in {SOLD_OUT, KIT}
        for row, units in _by_lot(sku, owed[sku] - picked[sku] + _spare(place) + (owed[KIT] if sku in KIT_OF else 0))
    ]
    showroom = [{"sku": sku, "location": SHOWROOM, "on_hand": float(units)} for sku, units in IN_SHOWROOM.items()]
    return [*map(_in_dears_words, main), *showroom]


def _in_dears_words(row: Json) -> Json:
    """A lot is a batch there."""
    words = {"lot": "batch", "expires_on": "expiry"}
    return {words.get(name, name): value for name, value in row.items()}


def _by_lot(sku: str, units: Decimal) -> list[tuple[Json, Decimal]]:
    """Give the rows of stock that units of a product lie in."""
    rows: list[tuple[Json, Decimal]] = []
    for lot, expires_on, most in LOTS.get(sku, ()):
        here = units if most is None else min(units, Decimal(most))
        rows.append(({"sku": sku, "lot": lot, "expires_on": expires_on}, here))
        units -= here
    return rows or [({"sku": sku}, units)]


def _warehouse_stock(owed: dict[str, Decimal]) -> list[Json]:
    counted = {
        row[0]: owed[row[0]] + Decimal(COUNTED_OTHERWISE.get(row[0], "0")) + (0 if row[0] == KIT else _spare(place))
        for place, row in enumerate(PRODUCTS)
        if row[0] not in {SOLD_OUT, MISSING_AT_WAREHOUSE}
    }
    counted[UNKNOWN_TO_DEAR] = Decimal(150)
    return [
        *(
            {**row, "warehouse": WAREHOUSE_CODE, "on_hand": str(units)}
            for sku, total in counted.items()
            for row, units in _by_lot(sku, total)
        ),
        *({"sku": sku, "warehouse": SHOWROOM_CODE, "on_hand": str(units)} for sku, units in IN_SHOWROOM.items()),
    ]
