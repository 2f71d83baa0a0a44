"""A sale's own status and its combined ones, derived from its parts (blueprint: Available Sale Statuses)."""

from collections.abc import Callable
from decimal import Decimal

from sandbox.dear.lines import quantities
from sandbox.dear.money import decimal, plain
from sandbox.dear.tenant import Doc

_OPEN = {"NOT AVAILABLE", "DRAFT"}
_INVOICED = {"AUTHORISED", "PAID"}
_NEVER = "NOT AVAILABLE"


def derive(sale: Doc) -> None:
    """Set every derived status of the sale, and its tracking numbers."""
    for task in sale["Fulfilments"]:
        task["FulFilmentStatus"] = _fulfilment_status(task)
    picked = _combined(sale, "Pick", ("NOT PICKED", "PICKING", "PARTIALLY PICKED", "PICKED"))
    packed = _combined(sale, "Pack", ("NOT PACKED", "PACKING", "PARTIALLY PACKED", "PACKED"))
    shipped = _combined(sale, "Ship", ("NOT SHIPPED", "SHIPPING", "PARTIALLY SHIPPED", "SHIPPED"))
    fulfilled = {"SHIPPED": "FULFILLED", "PARTIALLY SHIPPED": "PARTIALLY FULFILLED"}
    waiting = shipped if shipped in {_NEVER, "VOIDED"} else "NOT FULFILLED"
    sale |= {
        "CombinedPickingStatus": picked,
        "CombinedPackingStatus": packed,
        "CombinedShippingStatus": shipped,
        "FulFilmentStatus": fulfilled.get(shipped, waiting),
        "CombinedInvoiceStatus": _invoice_status(sale),
        "CombinedPaymentStatus": _payment_status(sale),
        "CombinedTrackingNumbers": ",".join(_tracking_numbers(sale)),
    }
    sale["Status"] = _sale_status(sale)


def is_voided(sale: Doc) -> bool:
    return bool(sale["Order"]["Status"] == "VOIDED")


def is_authorised(sale: Doc) -> bool:
    return bool(sale["Order"]["Status"] == "AUTHORISED")


def live_invoices(sale: Doc) -> list[Doc]:
    return [invoice for invoice in sale["Invoices"] if invoice["Status"] != "VOIDED"]


def live_tasks(sale: Doc) -> list[Doc]:
    return [task for task in sale["Fulfilments"] if task["Pick"]["Status"] != "VOIDED"]


def invoiced_and_paid(sale: Doc) -> tuple[Decimal, Decimal]:
    """Give the sums of what authorised invoices ask and what was paid on them."""
    invoices = [invoice for invoice in sale["Invoices"] if invoice["Status"] in _INVOICED]
    asked = sum((decimal(invoice["Total"], "Total") for invoice in invoices), Decimal(0))
    return asked, sum((decimal(invoice["Paid"], "Paid") for invoice in invoices), Decimal(0))


def _fulfilment_status(task: Doc) -> str:
    by_ship = {"AUTHORISED": "FULFILLED", "PARTIALLY AUTHORISED": "PARTIALLY FULFILLED", "VOIDED": "VOIDED"}
    return by_ship.get(task["Ship"]["Status"], "NOT FULFILLED")


def _combined(sale: Doc, stage: str, words: tuple[str, str, str, str]) -> str:
    nothing, draft, partly, fully = words
    if is_voided(sale):
        return "VOIDED"
    if not is_authorised(sale) or sale["ServiceOnly"]:
        return _NEVER
    tasks = live_tasks(sale)
    done = quantities(line for task in tasks for line in _done(task, stage))
    ordered = quantities(line for line in sale["Order"]["Lines"] if line["_stock"])
    if any(done.values()):
        complete = all(done.get(product, Decimal(0)) >= wanted for product, wanted in ordered.items())
        whole = not any(task["Ship"]["Status"] == "PARTIALLY AUTHORISED" for task in tasks) or stage != "Ship"
        return fully if complete and whole else partly
    drafted = any(task[stage]["Status"] == "DRAFT" and task[stage]["Lines"] for task in tasks)
    return draft if drafted else nothing


def _done(task: Doc, stage: str) -> list[Doc]:
    """Give the lines that count for a stage: a shipment's content is what was picked for it."""
    if task[stage]["Status"] not in {"AUTHORISED", "PARTIALLY AUTHORISED"}:
        return []
    lines: list[Doc] = task["Pick" if stage == "Ship" else stage]["Lines"]
    return lines


def _invoice_status(sale: Doc) -> str:
    if is_voided(sale):
        return "VOIDED"
    if not is_authorised(sale):
        return _NEVER
    invoices = live_invoices(sale)
    final = [invoice for invoice in invoices if invoice["Status"] in _INVOICED]
    if not final:
        return "DRAFT" if invoices else "NOT INVOICED"
    done = quantities(line for invoice in final for line in invoice["Lines"])
    ordered = quantities(sale["Order"]["Lines"])
    complete = all(done.get(product, Decimal(0)) >= wanted for product, wanted in ordered.items())
    return "INVOICED" if complete else "PARTIALLY INVOICED"


def _payment_status(sale: Doc) -> str:
    if is_voided(sale):
        return "VOIDED"
    asked, paid = invoiced_and_paid(sale)
    if not paid:
        return "UNPAID"
    return "PAID" if paid >= asked else "PARTIALLY PAID"


def _tracking_numbers(sale: Doc) -> list[str]:
    lines = [line for task in sale["Fulfilments"] for line in task["Ship"]["Lines"]]
    return list(dict.fromkeys(line["TrackingNumber"] for line in lines if line["TrackingNumber"]))


def _sale_status(sale: Doc) -> str:
    order = sale["Order"]["Status"]
    if order == "VOIDED":
        return "VOIDED"
    if order == "DRAFT":
        return "ORDERING"
    if order == _NEVER:
        return {"DRAFT": "ESTIMATING", "AUTHORISED": "ESTIMATED"}.get(sale["Quote"]["Status"], "DRAFT")
    if _is_completed(sale):
        return "COMPLETED"
    simple = None if sale["Type"] == "Advanced Sale" else _simple_status(sale)
    return simple or ("BACKORDERED" if _is_backordered(sale) else "ORDERED")


def _is_completed(sale: Doc) -> bool:
    invoices = live_invoices(sale)
    asked, paid = invoiced_and_paid(sale)
    settled = bool(invoices) and all(invoice["Status"] == "PAID" for invoice in invoices) and asked == paid
    tasks = live_tasks(sale)
    shipped = bool(tasks) and all(task["Ship"]["Status"] == "AUTHORISED" for task in tasks)
    return settled and (shipped or sale["ServiceOnly"])


def _simple_status(sale: Doc) -> str | None:
    """Give the status that a stage of a simple sale has brought it to: invoices before stages."""
    asked, paid = invoiced_and_paid(sale)
    open_balance = asked != paid
    if open_balance and any(note["Status"] == "AUTHORISED" for note in sale["CreditNotes"]):
        return "CREDITED"
    if open_balance and any(invoice["Status"] in _INVOICED for invoice in sale["Invoices"]):
        return "INVOICED"
    if any(invoice["Status"] == "DRAFT" for invoice in sale["Invoices"]):
        return "INVOICING"
    stages: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
        ("SHIPPING", "Ship", lambda status: status not in {_NEVER, "VOIDED"}),
        ("PACKED", "Pack", lambda status: status == "AUTHORISED"),
        ("PACKING", "Pack", lambda status: status == "DRAFT"),
        ("PICKED", "Pick", lambda status: status == "AUTHORISED"),
        ("PICKING", "Pick", lambda status: status == "DRAFT"),
    )
    for word, stage, reached in stages:
        if any(reached(task[stage]["Status"]) for task in sale["Fulfilments"]):
            return word
    return None


def _is_backordered(sale: Doc) -> bool:
    return any(line["BackorderQuantity"] for line in sale["Order"]["Lines"])


def invoice_totals(sale: Doc) -> Doc:
    """Give the money columns of the list row."""
    asked, paid = invoiced_and_paid(sale)
    return {
        "InvoiceAmount": plain(asked),
        "PaidAmount": plain(paid),
        "SaleInvoicesTotalAmount": plain(asked),
        "CombinedPaymentTotal": plain(paid),
    }


def ready_for_shipping(sale: Doc) -> bool:
    return any(
        task["Pack"]["Status"] == "AUTHORISED" and task["Ship"]["Status"] != "AUTHORISED" for task in live_tasks(sale)
    )


def is_open(status: str) -> bool:
    """Say whether a stage or an invoice may still be written."""
    return status in _OPEN
