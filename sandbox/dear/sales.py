"""`/sale`: the whole document of a sale, and its voiding or undoing (blueprint: Sale)."""

from typing import Any

from sandbox.dear.addresses import with_countries_as
from sandbox.dear.kits import take_kits_apart
from sandbox.dear.lines import with_charges_as_lines
from sandbox.dear.paging import flag
from sandbox.dear.picks import put_picks_back
from sandbox.dear.products import product_facts
from sandbox.dear.registers import product
from sandbox.dear.sale_store import load_sale, save_sale
from sandbox.dear.tenant import EMPTY_GUID, Author, Doc, Tenant, public


def get_sale(tenant: Tenant, query: Doc) -> Doc:
    sale = public(load_sale(tenant, query.get("id")))
    if flag(query, "hideinventorymovements"):
        sale["InventoryMovements"] = []
    if not flag(query, "includetransactions"):
        sale["Transactions"] = []
    if flag(query, "combineadditionalcharges"):
        for part in ("Quote", "Order"):
            sale[part] = with_charges_as_lines(sale[part])
        sale["Invoices"] = [with_charges_as_lines(invoice) for invoice in sale["Invoices"]]
    for invoice in sale["Invoices"]:
        del invoice["CombineAdditionalCharges"]
    shown: Doc = with_countries_as(_with_product_facts(tenant, sale), str(query.get("countryformat", "Regular")))
    return shown


def delete_sale(tenant: Tenant, query: Doc, by: Author = "api") -> Doc:
    """Void the sale, or undo it back to a draft order; what was picked goes back to the shelf."""
    sale = load_sale(tenant, query.get("id"))
    if flag(query, "void"):
        void_sale(tenant, sale, by, query)
    else:
        undo_sale(tenant, sale, by, query)
    return get_sale(tenant, {"id": sale["ID"]})


def void_sale(tenant: Tenant, sale: Doc, by: Author, body: Doc) -> None:
    """Void the sale with all its stages and invoices."""
    put_picks_back(tenant, sale)
    take_kits_apart(tenant, sale)
    for task in sale["Fulfilments"]:
        for stage in ("Pick", "Pack", "Ship"):
            task[stage]["Status"] = "VOIDED"
    for document in (sale["Order"], *sale["Invoices"], *sale["CreditNotes"]):
        document["Status"] = "VOIDED"
    _finish(tenant, sale, "sale_void", by, body)


def undo_sale(tenant: Tenant, sale: Doc, by: Author, body: Doc) -> None:
    """Bring the sale back to a draft order without fulfilments and invoices."""
    put_picks_back(tenant, sale)
    take_kits_apart(tenant, sale)
    sale |= {"Fulfilments": [], "Invoices": []}
    sale["Order"]["Status"] = "DRAFT"
    _finish(tenant, sale, "sale_undo", by, body)


def sale_keys(sale: Doc) -> Doc:
    """Give the keys under which the ledger finds a write to a sale."""
    return {"sale_id": sale["ID"], "order_number": sale["Order"]["SaleOrderNumber"]}


def _finish(tenant: Tenant, sale: Doc, kind: str, by: Author, body: Doc) -> None:
    save_sale(tenant, sale)
    tenant.record(kind, by, body, **sale_keys(sale))


def _with_product_facts(tenant: Tenant, value: Any) -> Any:
    """Add size, weight and custom fields wherever a product is named (blueprint: Sale, Additional fields)."""
    if isinstance(value, list):
        return [_with_product_facts(tenant, item) for item in value]
    if not isinstance(value, dict):
        return value
    filled = {key: _with_product_facts(tenant, item) for key, item in value.items()}
    if filled.get("ProductID", EMPTY_GUID) != EMPTY_GUID:
        filled |= product_facts(product(tenant, filled))
    return filled
