"""The demonstration: a merchant's account in DEAR, the shelves of its warehouse, and what must become of each sale.

Fernhill Coffee Supply, its goods and its customers are invented. The set is the same in every run; a larger one
repeats the same kinds of sale in the same proportion.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from unicodedata import normalize

Json = dict[str, Any]

MAIN, SHOWROOM = "Main Warehouse", "Showroom"
WAREHOUSE_CODE = "MAIN"
REFUSED_SKUS = ("BEN-DEC-250",)
"""Under recall: the warehouse has it, and ships none."""
SOLD_OUT = "KET-GN-09-RED"
MISSING_AT_WAREHOUSE = "DSP-RCK-12"
UNKNOWN_TO_DEAR = "PKG-BOX-L"
COUNTED_OTHERWISE = {"MUG-ENA-350-GRN": "-3", "FLT-02-100": "12", "SRV-GLS-600": "-1"}
"""How many units the shelves hold more, or fewer, than DEAR believes."""
PARCEL_CARRIERS = ("DPD", "DHL Express", "Royal Mail")
"""Whom the warehouse hands its parcels to; DEAR knows them by the same names."""
_FIRST_NUMBER = 10401

TAX_RULES = {"Tax on Sales": 20.0, "Sales Tax 8.875%": 8.875, "GST 10%": 10.0, "Zero-rated": 0.0}
VAT, SALES_TAX, GST, UNTAXED = TAX_RULES


@dataclass(frozen=True)
class Scenario:
    """What to seed on both sides, the connection between them, and the outcome to expect.

    `dear_seed` goes to DEAR's `/_control/seed`, `warehouse_stock` and `warehouse_settings` to the warehouse's
    `/_control/stock` (as `stock`) and `/_control/settings`. `expected` says by order number: `invoiced`,
    `held: <why>` or `skipped: <why>`. `connection` is the content of a connection file.
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

    @property
    def takes_stock(self) -> bool:
        return self.status == "ORDERED" and self.location == MAIN and self.type != "Service"


# sku, name, price, cost, weight in kg, the first twelve digits of an EAN-13
_PRODUCTS = (
    ("KET-GN-09-BLK", "Gooseneck kettle 0.9 l, matt black", "79.00", "34.10", "1.35", "501234500011"),
    ("KET-GN-09-STL", "Gooseneck kettle 0.9 l, brushed steel", "74.00", "32.40", "1.32", "501234500028"),
    ("KET-GN-09-RED", "Gooseneck kettle 0.9 l, signal red", "79.00", "34.10", "1.35", "501234500035"),
    ("DRP-V60-02-WHT", "Ceramic dripper 02, white", "24.50", "9.85", "0.42", "501234500042"),
    ("DRP-V60-02-CLY", "Ceramic dripper 02, clay", "26.00", "10.20", "0.42", "501234500059"),
    ("FLT-02-100", "Paper filters 02, 100 sheets", "6.90", "2.15", "0.18", "501234500066"),
    ("FLT-02-400", "Paper filters 02, 400 sheets", "22.95", "7.60", "0.69", "501234500073"),
    ("GRD-HAND-38", "Hand grinder, 38 mm steel burr", "129.00", "58.75", "0.61", "501234500080"),
    ("GRD-BURR-38", "Spare burr set, 38 mm", "34.00", "13.30", "0.12", "501234500097"),
    ("SCL-PRO-2K", "Brewing scale with timer, 2 kg", "64.50", "27.90", "0.48", "501234500103"),
    ("SRV-GLS-600", "Glass server 600 ml", "29.00", "11.45", "0.37", "501234500110"),
    ("MUG-ENA-350-GRN", "Enamel mug 350 ml, forest green", "14.00", "4.95", "0.16", "501234500127"),
    ("MUG-ENA-350-NVY", "Enamel mug 350 ml, navy", "14.00", "4.95", "0.16", "501234500134"),
    ("CUP-STN-220-SND", "Stoneware cup 220 ml, sand", "18.50", "6.70", "0.29", "501234500141"),
    ("BTL-INS-500-BLK", "Insulated bottle 500 ml, black", "27.50", "10.85", "0.33", "501234500158"),
    ("BEN-ETH-250", "Guji natural, whole bean 250 g", "11.80", "5.35", "0.26", "501234500165"),
    ("BEN-COL-1000", "Huila washed, whole bean 1 kg", "38.00", "18.90", "1.03", "501234500172"),
    ("BEN-DEC-250", "Sugar cane decaf, whole bean 250 g", "11.20", "5.10", "0.26", "501234500189"),
    ("BEN-GRN-KG", "Green coffee, Minas Gerais, by the kilogram", "9.4500", "5.2250", "1", "501234500196"),
    ("PRS-FR-1000", "French press 1 l, steel", "49.00", "20.60", "0.98", "501234500202"),
    ("CLN-TAB-100", "Cleaning tablets, 100 pieces", "16.75", "5.80", "0.31", "501234500219"),
    ("APR-CNV-OLV", "Canvas apron, olive", "42.00", "16.95", "0.54", "501234500226"),
    ("GFT-SET-01", "First brew gift set", "89.00", "38.25", "1.64", "501234500233"),
    ("DSP-RCK-12", "Counter display rack for 12 bags", "118.00", "61.00", "5.20", "501234500240"),
)
_CLASS = {"sku": "SVC-BREW-CLASS", "name": "Brewing class, two hours", "price": 55.0, "cost": 0.0, "type": "Service"}

# company or person | contact | line 1 | line 2 | city | region | postcode | country | phone
_CUSTOMERS = [
    row.split("|")
    for row in """
Marlow & Finch Café|Imogen Finch|14 Tanner Row||York|North Yorkshire|YO1 6JB|United Kingdom|+44 1632 960011
Rowan Ellery|Rowan Ellery|Flat 3|88 Corn Street|Bristol||BS1 1EJ|United Kingdom|+44 1632 960024
Kaffeehaus Sonntag|Jonas Weidner|Lindenstraße 41|Hinterhaus|Berlin||10969|Germany|+49 30 23125 014
Tidewater Roasters LLC|Dana Whitlock|2210 Harbor Ave|Suite 5|Brooklyn|NY|11231|United States|+1 212 555 0142
Priya Natarajan|Priya Natarajan|77 Orchard St|Apt 4B|New York|NY|10002|United States|+1 212 555 0163
Southerly Coffee Bar|Mick Tarrant|5/120 Swan Street||Richmond|VIC|3121|Australia|+61 3 5550 0117
Brûlerie des Quais|Élodie Marchetti|9 quai de la Fosse||Nantes||44000|France|+33 1 99 00 01 28
Aoife Brannigan|Aoife Brannigan|23 Strand Road||Sligo|Co. Sligo|F91 X2R7|Ireland|+353 20 910 0135
Polder & Pot|Sanne Verhulst|Prinsengracht 512-H||Amsterdam||1017 KH|Netherlands|+31 20 555 0148
Granholm Kontorskaffe AB|Linnea Granholm|Kungsgatan 18|2 tr|Göteborg||411 19|Sweden|+46 31 390 06 51
Bar Lucertola|Matteo Ferrante|Via dei Cappellari 30||Roma|RM|00186|Italy|+39 06 5550 162
Hartley Hotel Group|Beatrice Oyelaran|Hartley House|1 Station Way|Leeds||LS1 4DY|United Kingdom|+44 1632 960178
Cedar Falls Outfitters|Wyatt Lindqvist|418 Main St||Cedar Falls|IA|50613|United States|+1 319 555 0184
Montaña Norte Café|Inés Carvajal|Calle de la Paz 12|bajo|Santander|Cantabria|39003|Spain|+34 942 555 019
Fjordlys Butikk AS|Håkon Sørlie|Strandgaten 64||Bergen||5004|Norway|+47 55 50 02 06
Tomoko Hayashida|Tomoko Hayashida|Apt. 602, 3-14-8 Kamimeguro|Meguro-ku|Tokyo|Tokyo|153-0051|Japan|+81 3 5550 0217
Alpenblick Rösterei GmbH|Reto Zumbühl|Bahnhofstrasse 27||Luzern|LU|6003|Switzerland|+41 41 555 02 23
Wharf Street Bakery|Owen Prosser|6 Wharf Street||Cardiff||CF10 1EP|United Kingdom|+44 1632 960232
Copper Kettle Supply Co.|Marisol Beaumont|905 Rue Sainte-Anne||Montréal|QC|H3C 2N1|Canada|+1 514 555 0241
Lachlan Pym|Lachlan Pym|31 Esplanade||Fremantle|WA|6160|Australia|+61 8 5550 0250
Kopi & Kaya Pte Ltd|Mei Lin Seah|42 Tiong Poh Road|#01-07|Singapore||160042|Singapore|+65 5550 0264
Duckworth Catering|Nadia Duckworth|Unit 9|Millbrook Estate|Exeter|Devon|EX2 8NP|United Kingdom|+44 1632 960275
Kiwi Grind Ltd|Tane Rangihuna|15 Cuba Street|Te Aro|Wellington||6011|New Zealand|+64 4 555 0283
""".strip().splitlines()
]

_KETTLE_AND_FILTERS = "1 KET-GN-09-BLK, 2 FLT-02-100"
_CAFE_OPENING = "24 CUP-STN-220-SND, 18 MUG-ENA-350-NVY, 6 SRV-GLS-600"
_STAFF_KIT = "4 APR-CNV-OLV, 3 CLN-TAB-100, 1 SCL-PRO-2K"

_PLANS = (
    _Plan("1 DRP-V60-02-WHT"),
    _Plan(f"{_KETTLE_AND_FILTERS}, 3 BEN-ETH-250", ship_by="2026-12-11"),
    _Plan("1 GRD-HAND-38, 1 GRD-BURR-38", shipping="7.50"),
    _Plan("2 PRS-FR-1000", "held: unmapped ship method", carrier="Sea Freight Consolidated"),
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
    _Plan("2 BTL-INS-500-BLK", "skipped: status COMPLETED", status="COMPLETED", tax_rule=GST),
    _Plan(
        "10 BEN-COL-1000, 4 FLT-02-400",
        type="Advanced",
        fulfilments=(("AUTHORISED", "6 BEN-COL-1000, 4 FLT-02-400"), ("AUTHORISED", "4 BEN-COL-1000")),
    ),
    _Plan("1 APR-CNV-OLV", "skipped: location", location=SHOWROOM),
    _Plan("1 KET-GN-09-BLK", carrier="Express Courier", ship_by="2026-12-02", shipping="18.00"),
    _Plan(f"{_STAFF_KIT}, 2 DRP-V60-02-CLY, 6 FLT-02-100"),
    _Plan(f"2 {SOLD_OUT}", "skipped: status BACKORDERED", status="BACKORDERED"),
    _Plan("3 PRS-FR-1000, 7 BEN-ETH-250", discounts=("12.5", "0"), tax_rule=SALES_TAX),
    _Plan(
        "20 MUG-ENA-350-NVY, 12 MUG-ENA-350-GRN",
        type="Advanced",
        fulfilments=(("AUTHORISED", "8 MUG-ENA-350-NVY, 12 MUG-ENA-350-GRN"), ("DRAFT", "12 MUG-ENA-350-NVY")),
    ),
    _Plan("1 GFT-SET-01", shipping="4.95", note="A present: no prices in the box, please.", ship_by="2026-12-18"),
    _Plan("2 BEN-ETH-250, 2 BEN-DEC-250", "held: refused by the warehouse"),
    _Plan("8 BEN-COL-1000, 10 FLT-02-100", carrier="Economy Post"),
    _Plan("1 SRV-GLS-600, 1 DRP-V60-02-CLY", "skipped: status ESTIMATED", status="ESTIMATED", tax_rule=UNTAXED),
    _Plan("2 GFT-SET-01", "skipped: status DRAFT", status="DRAFT"),
    _Plan("6 BEN-ETH-250, 1 BEN-ETH-250", discounts=("0", "100"), comments=("", "Sample of the new harvest")),
    _Plan(f"{_STAFF_KIT}, 4 BTL-INS-500-BLK", type="Advanced", shipping="9.90"),
    _Plan("12.5 BEN-GRN-KG, 1 CLN-TAB-100", tax_rule=UNTAXED, memo="Weighed from sack 4471."),
    _Plan("2 SVC-BREW-CLASS", "skipped: service sale", type="Service"),
    _Plan("1 FLT-02-400", "skipped: status ORDERING", status="ORDERING", carrier="Economy Post"),
    _Plan("1 SCL-PRO-2K, 1 GRD-HAND-38, 1 KET-GN-09-STL", tax_rule=UNTAXED, carrier="Express Courier"),
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
    _Plan("1 BTL-INS-500-BLK", "skipped: status PICKED", status="PICKED", tax_rule=GST, carrier="Economy Post"),
    _Plan(
        "2 DRP-V60-02-WHT, 4 FLT-02-100, 2 BEN-ETH-250",
        note="Ring the bell twice: the shop is at the back of the yard.",
    ),
)
DEFAULT_COUNT = len(_PLANS)


def demo(count: int = DEFAULT_COUNT) -> Scenario:
    """Make a scenario of `count` sales, at least one."""
    if count < 1:
        raise ValueError("a scenario has at least one sale")
    plans = {f"SO-{_FIRST_NUMBER + place}": _PLANS[place % len(_PLANS)] for place in range(count)}
    owed, picked = _demand(plans.values())
    seed = {
        "company": {"Company": "Fernhill Coffee Supply Ltd", "Currency": "GBP", "TimeZone": "Europe/London"},
        "locations": [{"name": MAIN, "default": True}, {"name": SHOWROOM}],
        "taxes": [{"name": name, "percent": percent} for name, percent in TAX_RULES.items()],
        "carriers": sorted({*(plan.carrier for plan in _PLANS), *PARCEL_CARRIERS}),
        "attribute_sets": [{"name": "Sales attributes", "attributes": [{"name": "Gift wrap"}]}],
        "products": [*(_product(*row) for row in _PRODUCTS), _CLASS],
        "stock": _dear_stock(owed, picked),
        "sales": [_sale(number, plan, place) for place, (number, plan) in enumerate(plans.items())],
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
            "invoice": "draft",
            "ship_methods": {
                "DEFAULT Carrier": "STANDARD",
                "Express Courier": "EXPRESS",
                "Economy Post": "ECONOMY",
            },
            "warehouses": {MAIN: WAREHOUSE_CODE},
            "inventory": {"account": "403", "mode": "on_hand"},
        },
    }


def _sale(number: str, plan: _Plan, place: int) -> Json:
    name, contact, line1, line2, city, region, postcode, country, phone = _CUSTOMERS[place % len(_CUSTOMERS)]
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
        "attributes": {"AdditionalAttribute1": "Yes"} if plan.note.startswith("A present") else {},
    }
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
        "costing_method": "FIFO",
        "barcode": digits + _check_digit(digits),
    }


def _check_digit(digits: str) -> str:
    """Give the thirteenth digit of an EAN-13."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return str(-weighted % 10)


def _price(sku: str) -> float:
    prices = {row[0]: row[2] for row in _PRODUCTS}
    return float(prices.get(sku, str(_CLASS["price"])))


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
    """Give DEAR's own count: what it picked has left its shelves, though it still stands in the warehouse."""
    main = [
        {"sku": row[0], "location": MAIN, "on_hand": float(owed[row[0]] - picked[row[0]] + _spare(place))}
        for place, row in enumerate(_PRODUCTS)
        if row[0] != SOLD_OUT
    ]
    return [*main, *({"sku": sku, "location": SHOWROOM, "on_hand": 40.0} for sku in ("APR-CNV-OLV", "GFT-SET-01"))]


def _warehouse_stock(owed: dict[str, Decimal]) -> list[Json]:
    counted = {
        row[0]: owed[row[0]] + _spare(place) + Decimal(COUNTED_OTHERWISE.get(row[0], "0"))
        for place, row in enumerate(_PRODUCTS)
        if row[0] not in {SOLD_OUT, MISSING_AT_WAREHOUSE}
    }
    counted[UNKNOWN_TO_DEAR] = Decimal(150)
    return [{"sku": sku, "warehouse": WAREHOUSE_CODE, "on_hand": str(units)} for sku, units in counted.items()]
