"""Stock by product, location, bin and batch, and what orders have reserved of it.

Reservations are kept per product and location. The rows of `/ref/productavailability` show them spread over
the batches in the order in which these would be picked (blueprint: Product Availability).
"""

from collections.abc import Iterable
from decimal import Decimal

from sandbox.dear.errors import Rejected
from sandbox.dear.money import decimal, plain
from sandbox.dear.paging import page_of
from sandbox.dear.registers import Place, needs_batch, same
from sandbox.dear.tenant import Doc, Tenant

_NO_EXPIRY = "9999"


def row_key(place: Place, batch: str | None) -> str:
    return f"{place.id}|{batch or ''}".lower()


def find_row(tenant: Tenant, product: Doc, place: Place, batch: str | None) -> Doc | None:
    return tenant.documents.get(_kind(product["ID"]), row_key(place, batch))


def set_on_hand(
    tenant: Tenant,
    product: Doc,
    place: Place,
    quantity: Decimal,
    *,
    batch: str | None = None,
    expiry: str | None = None,
    unit_cost: Decimal | None = None,
) -> Decimal:
    """Make the quantity on hand of one row so, and give by how much its money value changed.

    What is added comes in at `unit_cost`, what goes leaves at the row's average.
    """
    row = find_row(tenant, product, place, batch) or _new_row(product, place, batch, expiry)
    before, value = decimal(row["on_hand"], "on hand"), decimal(row["value"], "value")
    cost = decimal(product["AverageCost"], "cost") if unit_cost is None else unit_cost
    at_average = 0 < before > quantity
    changed = -value * (before - quantity) / before if at_average else (quantity - before) * cost
    row |= {"on_hand": plain(quantity), "value": plain(value + changed), "expiry": expiry or row["expiry"]}
    tenant.documents.put(_kind(product["ID"]), row_key(place, batch), row)
    return changed


def set_inbound(tenant: Tenant, product: Doc, place: Place, inbound: Doc) -> None:
    """Set what is on order and in transit to a location; shown on each of its rows."""
    tenant.documents.put("inbound", f"{product['ID']}|{place.location_id}".lower(), inbound)


def rows_at(tenant: Tenant, product_id: str, location_id: str) -> list[Doc]:
    """Give a product's rows at a location in the order of picking: soonest expiry, then oldest row."""
    rows = [row for row in tenant.documents.all(_kind(product_id)) if same(row["location_id"], location_id)]
    return sorted(rows, key=lambda row: row["expiry"] or _NO_EXPIRY)


def choose(
    tenant: Tenant, product: Doc, place: Place, batch: str | None, quantity: Decimal
) -> list[tuple[Doc, Decimal]]:
    """Choose the rows that a quantity is taken from: only the given bin or batch, where one is given.

    Gives rows with the part to take of each; raises when they hold too little.
    """
    taken: list[tuple[Doc, Decimal]] = []
    missing = quantity
    for row in rows_at(tenant, product["ID"], place.location_id):
        if place.bin_id is not None and not same(row["bin_id"], place.bin_id):
            continue
        if batch is not None and not same(row["batch"], batch):
            continue
        part = min(missing, max(decimal(row["on_hand"], "on hand"), Decimal(0)))
        if part > 0:
            taken.append((row, part))
            missing -= part
    if missing > 0:
        if tenant.settings().check_stock:
            raise Rejected(
                f"Product '{product['SKU']}': not enough stock on hand in '{place.name}', {plain(missing)} missing"
            )
        row = find_row(tenant, product, place, batch) or _new_row(product, place, batch, None)
        already = sum((part for chosen, part in taken if chosen == row), Decimal(0))
        taken = [*(entry for entry in taken if entry[0] != row), (row, already + missing)]
    return taken


def take(tenant: Tenant, product: Doc, place: Place, batch: str | None, quantity: Decimal) -> Decimal:
    """Take a quantity off the shelf and give its cost."""
    cost = Decimal(0)
    for row, part in choose(tenant, product, place, batch, quantity):
        left = decimal(row["on_hand"], "on hand") - part
        cost -= set_on_hand(tenant, product, place_of(row), left, batch=row["batch"])
    return cost


def put_back(tenant: Tenant, product: Doc, place: Place, batch: str | None, quantity: Decimal) -> None:
    """Undo a taking."""
    row = find_row(tenant, product, place, batch)
    before = decimal(row["on_hand"], "on hand") if row else Decimal(0)
    set_on_hand(tenant, product, place, before + quantity, batch=batch)


def place_of(row: Doc) -> Place:
    return Place(row["location_id"], row["location"], row["bin_id"], row["bin"])


def reserve(tenant: Tenant, before: dict[str, float], after: dict[str, Decimal]) -> dict[str, float]:
    """Replace a sale's reservations, each by `product|location`; gives them as the sale stores them."""
    for key in {*before, *after}:
        change = after.get(key, Decimal(0)) - decimal(before.get(key, 0), "reserved")
        if change:
            total = allocated_at(tenant, key) + change
            tenant.documents.put("allocation", key, {"quantity": plain(total)})
    return {key: plain(quantity) for key, quantity in after.items() if quantity}


def reservation_key(product_id: str, location_id: str) -> str:
    return f"{product_id}|{location_id}".lower()


def allocated_at(tenant: Tenant, key: str) -> Decimal:
    """Give what all sales together have reserved under a `product|location` key."""
    found = tenant.documents.get("allocation", key)
    return Decimal(0) if found is None else decimal(found["quantity"], "allocated")


def available_at(tenant: Tenant, product_id: str, location_id: str) -> Decimal:
    """Give what is free to promise of a product at a location."""
    on_hand = sum((decimal(row["on_hand"], "on hand") for row in rows_at(tenant, product_id, location_id)), Decimal(0))
    return on_hand - allocated_at(tenant, reservation_key(product_id, location_id))


def row_allocations(rows: list[Doc], allocated: Decimal) -> list[Decimal]:
    """Spread what is reserved at a location over its rows; what no row covers falls on the first one."""
    shares = []
    left = allocated
    for row in rows:
        share = min(left, max(decimal(row["on_hand"], "on hand"), Decimal(0)))
        shares.append(share)
        left -= share
    if shares and left:
        shares[0] += left
    return shares


def allocated_on_row(tenant: Tenant, product: Doc, place: Place, batch: str | None) -> Decimal:
    """Give the share of the reservations that the availability list shows on one row."""
    rows = rows_at(tenant, product["ID"], place.location_id)
    shares = row_allocations(rows, allocated_at(tenant, reservation_key(product["ID"], place.location_id)))
    key = row_key(place, batch)
    for row, share in zip(rows, shares, strict=True):
        if row_key(place_of(row), row["batch"]) == key:
            return share
    return Decimal(0)


def get_availability(tenant: Tenant, query: Doc) -> Doc:
    """`GET /ref/productavailability`: rows that are zero in everything are left out."""
    rows = [row for row in _all_rows(tenant) if _wanted(row, query)]
    return page_of(query, "ProductAvailabilityList", [row["wire"] for row in rows])


def _wanted(row: Doc, query: Doc) -> bool:
    wire = row["wire"]
    exact = {"id": wire["ID"], "sku": wire["SKU"], "location": wire["Location"], "batch": wire["Batch"]}
    exact["category"] = row["category"]
    if any(query.get(name) and not same(query[name], value) for name, value in exact.items()):
        return False
    return str(wire["Name"]).lower().startswith(str(query.get("name", "")).lower())


def _all_rows(tenant: Tenant) -> Iterable[Doc]:
    locations = tenant.documents.all("location")
    for product in tenant.documents.all("product"):
        for location in locations:
            key = reservation_key(product["ID"], location["ID"])
            rows = rows_at(tenant, product["ID"], location["ID"])
            allocated = allocated_at(tenant, key)
            inbound = tenant.documents.get("inbound", key) or {}
            if not rows and (allocated or inbound):
                rows = [_new_row(product, Place(location["ID"], location["Name"]), None, None)]
            yield from _rows_of(product, rows, allocated, inbound)


def _rows_of(product: Doc, rows: list[Doc], allocated: Decimal, inbound: Doc) -> Iterable[Doc]:
    for row, share in zip(rows, row_allocations(rows, allocated), strict=True):
        on_hand = decimal(row["on_hand"], "on hand")
        if not (on_hand or share or inbound.get("on_order") or inbound.get("in_transit")):
            continue
        wire = {
            "ID": product["ID"],
            "SKU": product["SKU"],
            "Name": product["Name"],
            "Barcode": product["Barcode"] or None,
            "Location": row["location"],
            "Bin": row["bin"],
            "Batch": row["batch"],
            "ExpiryDate": row["expiry"],
            "OnHand": plain(on_hand),
            "Allocated": plain(share),
            "Available": plain(on_hand - share),
            "OnOrder": inbound.get("on_order", 0),
            "StockOnHand": row["value"],
            "InTransit": inbound.get("in_transit", 0),
            "NextDeliveryDate": inbound.get("next_delivery"),
        }
        yield {"wire": wire, "category": product["Category"]}


def _kind(product_id: str) -> str:
    return f"stock:{product_id}".lower()


def _new_row(product: Doc, place: Place, batch: str | None, expiry: str | None) -> Doc:
    return {
        "product_id": product["ID"],
        "sku": product["SKU"],
        "location_id": place.location_id,
        "location": place.location,
        "bin_id": place.bin_id,
        "bin": place.bin,
        "batch": batch if needs_batch(product) else None,
        "expiry": expiry,
        "on_hand": 0,
        "value": 0,
    }
