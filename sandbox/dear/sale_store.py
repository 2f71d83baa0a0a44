"""Sales as stored: found by id, number or task; saved with their statuses, stamp, list row and reservations."""

from datetime import datetime
from decimal import Decimal

from sandbox.dear import dates, statuses, stock
from sandbox.dear.errors import Rejected
from sandbox.dear.lines import quantities
from sandbox.dear.money import decimal
from sandbox.dear.tenant import Doc, Tenant


def load_sale(tenant: Tenant, sale_id: object) -> Doc:
    """Find a sale by its id; raises DEAR's refusal."""
    sale = tenant.documents.get("sale", str(sale_id or "").lower())
    if sale is None:
        raise Rejected(f"Sale with ID '{sale_id or ''}' was not found")
    return sale


def load_by_number(tenant: Tenant, order_number: str) -> Doc | None:
    index = tenant.documents.get("order_number", order_number.lower())
    return tenant.documents.get("sale", index["sale_id"]) if index else None


def load_task(tenant: Tenant, task_id: object) -> tuple[Doc, Doc]:
    """Find the fulfilment of a TaskID: gives the sale and the task within it."""
    index = tenant.documents.get("task", str(task_id or "").lower())
    if index is not None:
        sale = load_sale(tenant, index["sale_id"])
        for task in sale["Fulfilments"]:
            if task["TaskID"].lower() == str(task_id).lower():
                return sale, task
    raise Rejected(f"Sale Fulfilment with TaskID '{task_id or ''}' was not found")


def save_sale(tenant: Tenant, sale: Doc) -> None:
    """Store a changed sale; its `Updated` moves with every save."""
    statuses.derive(sale)
    sale["LastModifiedOn"] = dates.stamp(_next_moment(tenant, sale))
    sale["_allocations"] = stock.reserve(tenant, sale["_allocations"], _reservations(sale))
    key = sale["ID"].lower()
    tenant.documents.put("sale", key, sale)
    tenant.documents.put("sale_row", key, row_of(sale))
    tenant.documents.put("order_number", sale["Order"]["SaleOrderNumber"].lower(), {"sale_id": key})
    for task in sale["Fulfilments"]:
        tenant.documents.put("task", task["TaskID"].lower(), {"sale_id": key})
    for invoice in sale["Invoices"]:
        tenant.documents.put("invoice_task", invoice["TaskID"].lower(), {"sale_id": key})


def row_of(sale: Doc) -> Doc:
    """Make the sale's row of `/saleList` (blueprint: Available Fields for Sale List)."""
    invoices = statuses.live_invoices(sale)
    first: Doc = invoices[0] if invoices else {}
    credit_notes = sale["CreditNotes"]
    return {
        "SaleID": sale["ID"],
        "OrderNumber": sale["Order"]["SaleOrderNumber"],
        "Status": sale["Status"],
        "OrderDate": sale["SaleOrderDate"],
        "InvoiceDate": first.get("InvoiceDate"),
        "Customer": sale["Customer"],
        "CustomerID": sale["CustomerID"],
        "InvoiceNumber": first.get("InvoiceNumber"),
        "CustomerReference": sale["CustomerReference"],
        **statuses.invoice_totals(sale),
        "InvoiceDueDate": first.get("InvoiceDueDate"),
        "ShipBy": sale["ShipBy"],
        "BaseCurrency": sale["BaseCurrency"],
        "CustomerCurrency": sale["CustomerCurrency"],
        "CreditNoteNumber": credit_notes[0]["CreditNoteNumber"] if credit_notes else None,
        "Updated": sale["LastModifiedOn"],
        "QuoteStatus": sale["Quote"]["Status"],
        "OrderStatus": sale["Order"]["Status"],
        "CombinedPickingStatus": sale["CombinedPickingStatus"],
        "CombinedPaymentStatus": sale["CombinedPaymentStatus"],
        "CombinedTrackingNumbers": sale["CombinedTrackingNumbers"],
        "CombinedPackingStatus": sale["CombinedPackingStatus"],
        "CombinedShippingStatus": sale["CombinedShippingStatus"],
        "CombinedInvoiceStatus": sale["CombinedInvoiceStatus"],
        "CreditNoteStatus": credit_notes[0]["Status"] if credit_notes else "NOT AVAILABLE",
        "FulFilmentStatus": sale["FulFilmentStatus"],
        "Type": sale["Type"],
        "SourceChannel": sale["SourceChannel"],
        "ExternalID": sale["ExternalID"],
        "OrderLocationID": sale["_location_id"],
        "_created": sale["_created"],
        "_ready": statuses.ready_for_shipping(sale),
    }


def _next_moment(tenant: Tenant, sale: Doc) -> datetime:
    """Give now, or a millisecond after the last change where the clock has not moved."""
    now = tenant.now()
    if not sale["LastModifiedOn"]:
        return now
    return max(now, dates.moment(sale["LastModifiedOn"], "LastModifiedOn") + dates.MILLISECOND)


def _reservations(sale: Doc) -> dict[str, Decimal]:
    """Give what an authorised order keeps reserved: ordered, less backordered, less picked."""
    if not statuses.is_authorised(sale):
        return {}
    lines = [line for line in sale["Order"]["Lines"] if line["_stock"]]
    picks = [task["Pick"]["Lines"] for task in sale["Fulfilments"] if task["Pick"]["Status"] == "AUTHORISED"]
    picked = quantities(line for pick in picks for line in pick)
    wanted: dict[str, Decimal] = {}
    for line in lines:
        promised = decimal(line["Quantity"], "Quantity") - decimal(line["BackorderQuantity"], "BackorderQuantity")
        wanted[line["ProductID"].lower()] = wanted.get(line["ProductID"].lower(), Decimal(0)) + promised
    return {
        stock.reservation_key(product, sale["_location_id"]): left
        for product, promised in wanted.items()
        if (left := promised - picked.get(product, Decimal(0))) > 0
    }
