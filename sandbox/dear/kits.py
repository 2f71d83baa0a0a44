"""Kits: products with auto-assembly are built from their components when an order is authorised (blueprint: Product).

As DEAR does it: only what is missing of the kit, never a part of it, and nothing where a component is short.
"""

from decimal import Decimal

from sandbox.dear import stock
from sandbox.dear.money import decimal, plain
from sandbox.dear.registers import Place, is_stock, place, product
from sandbox.dear.tenant import Doc, Tenant

_BUILT = "_built"


def build_kits(tenant: Tenant, sale: Doc) -> None:
    """Build what the sale's lines lack of each kit, in the sale's location."""
    where = place(tenant, identifier=sale["_location_id"])
    for line in sale["Order"]["Lines"]:
        kit = product(tenant, line)
        if not (line["_stock"] and kit["AutoAssembly"] and kit["BillOfMaterialsProducts"]):
            continue
        own = sale["_allocations"].get(stock.reservation_key(kit["ID"], where.location_id), 0)
        free = stock.available_at(tenant, kit["ID"], where.location_id) + decimal(own, "own")
        missing = decimal(line["Quantity"], "Quantity") - max(free, Decimal(0))
        if missing > 0 and _build(tenant, kit, where, missing):
            built = sale.setdefault(_BUILT, {})
            built[kit["ID"]] = plain(decimal(built.get(kit["ID"], 0), "built") + missing)


def take_kits_apart(tenant: Tenant, sale: Doc) -> None:
    """Undo the building, when the sale is voided or undone."""
    where = place(tenant, identifier=sale["_location_id"])
    for product_id, quantity in sale.pop(_BUILT, {}).items():
        kit = product(tenant, {"ProductID": product_id})
        units = decimal(quantity, "built")
        stock.take(tenant, kit, where, None, units)
        for component, needed in _components(tenant, kit, units):
            stock.put_back(tenant, component, where, None, needed)


def _build(tenant: Tenant, kit: Doc, where: Place, units: Decimal) -> bool:
    needed = _components(tenant, kit, units)
    if any(stock.available_at(tenant, part["ID"], where.location_id) < quantity for part, quantity in needed):
        return False
    for part, quantity in needed:
        stock.take(tenant, part, where, None, quantity)
    stock.put_back(tenant, kit, where, None, units)
    return True


def _components(tenant: Tenant, kit: Doc, units: Decimal) -> list[tuple[Doc, Decimal]]:
    """What so many units take from the shelf; a kit within the kit is opened, and each product stands once."""
    found: dict[str, tuple[Doc, Decimal]] = {}
    for line in kit["BillOfMaterialsProducts"]:
        part = product(tenant, {"ProductID": line["ComponentProductID"]})
        quantity = units * decimal(line["Quantity"], "Quantity") / decimal(kit["QuantityToProduce"], "produce")
        opened = part["AutoAssembly"] and part["BillOfMaterialsProducts"]
        for leaf, share in _components(tenant, part, quantity) if opened else [(part, quantity)]:
            if is_stock(leaf):
                found[leaf["ID"]] = (leaf, share + (found[leaf["ID"]][1] if leaf["ID"] in found else 0))
    return list(found.values())
