"""`/sale/invoice`: the invoices of a sale (blueprint: Sale Invoice)."""

from decimal import Decimal

from sandbox.dear import dates
from sandbox.dear.errors import Rejected
from sandbox.dear.fulfilments import asked_status, require_authorised_order, require_open
from sandbox.dear.invoice_lines import invoice_charge, invoice_line
from sandbox.dear.lines import quantities, sums, with_charges_as_lines
from sandbox.dear.money import plain
from sandbox.dear.paging import flag
from sandbox.dear.registers import same
from sandbox.dear.sale_store import load_sale, save_sale
from sandbox.dear.statuses import live_invoices
from sandbox.dear.tenant import EMPTY_GUID, Author, Doc, Tenant, identity, public

NAME = "Sale Invoice"
_RECEIVABLE = "610"
_LONGEST_MEMO = 1024
_WIRE = (
    "TaskID", "CombineAdditionalCharges", "InvoiceNumber", "Memo", "Status", "InvoiceDate", "InvoiceDueDate",
    "CurrencyConversionRate", "BillingAddressLine1", "BillingAddressLine2", "LinkedFulfillmentNumber", "Lines",
    "AdditionalCharges",
)  # fmt: skip


def get_invoices(tenant: Tenant, query: Doc) -> Doc:
    return _shown(load_sale(tenant, query.get("saleid")), combine=flag(query, "combineadditionalcharges"))


def post_invoice(tenant: Tenant, body: Doc, by: Author = "api") -> Doc:
    """Write an invoice; an all-zero TaskID makes a new task, on a Simple Sale it reaches its only one."""
    sale = load_sale(tenant, body.get("SaleID"))
    require_authorised_order(sale)
    asked_status(body, ("DRAFT", "AUTHORISED"))
    for name in ("InvoiceDate", "InvoiceDueDate"):
        dates.document_date(body.get(name), name)
    invoice = _target(sale, body.get("TaskID")) or _new_invoice(tenant, sale)
    return _write(tenant, sale, invoice, {"Lines": [], "AdditionalCharges": [], **body}, by, sent=body)


def put_invoice(tenant: Tenant, body: Doc, by: Author = "api") -> Doc:
    """Change an invoice; what is left out stays, an empty collection deletes."""
    sale = load_sale(tenant, body.get("SaleID"))
    require_authorised_order(sale)
    invoice = _existing(sale, body.get("TaskID"))
    if invoice is None:
        raise Rejected(f"{NAME} with TaskID '{body.get('TaskID') or ''}' was not found")
    return _write(tenant, sale, invoice, {"Status": invoice["Status"], **body}, by, sent=body)


def delete_invoice(tenant: Tenant, query: Doc, by: Author = "api") -> Doc:
    """Void an invoice, or undo it back to a draft."""
    sale, invoice = _find_by_task(tenant, query.get("taskid"))
    void = flag(query, "void")
    if invoice["Status"] == "PAID":
        raise Rejected(f"{NAME} cannot be changed: Status is PAID")
    invoice["Status"] = "VOIDED" if void else "DRAFT"
    if void:
        invoice |= {"Lines": [], "AdditionalCharges": [], "TotalBeforeTax": 0, "Tax": 0, "Total": 0}
    _link(sale)
    save_sale(tenant, sale)
    tenant.record("invoice_void" if void else "invoice_undo", by, query, **invoice_keys(sale, invoice))
    return _shown(sale, combine=False)


def invoice_keys(sale: Doc, invoice: Doc) -> Doc:
    """Give the keys under which the ledger finds a write to an invoice, with the state it left behind."""
    linked = invoice["LinkedFulfillmentNumber"]
    return {
        "sale_id": sale["ID"],
        "order_number": sale["Order"]["SaleOrderNumber"],
        "task_id": invoice["TaskID"],
        "fulfilment_number": int(linked) if linked else None,
        "invoice_number": invoice["InvoiceNumber"],
        "status": invoice["Status"],
        "lines": public(invoice["Lines"]),
        "charges": invoice["AdditionalCharges"],
        "total": invoice["Total"],
    }


def _write(tenant: Tenant, sale: Doc, invoice: Doc, body: Doc, by: Author, *, sent: Doc) -> Doc:
    require_open(invoice, NAME)
    _apply(tenant, sale, invoice, body)
    invoice["Status"] = asked_status(body, ("DRAFT", "AUTHORISED"))
    if not any(same(known["TaskID"], invoice["TaskID"]) for known in sale["Invoices"]):
        sale["Invoices"].append(invoice)
    _require_ordered(sale)
    if invoice["Status"] == "AUTHORISED":
        if not invoice["Lines"] and not invoice["AdditionalCharges"]:
            raise Rejected(f"{NAME}: there is nothing to invoice")
        sale["Transactions"].append(_booking(invoice))
    _link(sale)
    save_sale(tenant, sale)
    tenant.record("invoice", by, sent, **invoice_keys(sale, invoice))
    return _shown(sale, combine=bool(body.get("CombineAdditionalCharges")))


def _apply(tenant: Tenant, sale: Doc, invoice: Doc, body: Doc) -> None:
    for name in ("InvoiceDate", "InvoiceDueDate"):
        if name in body:
            invoice[name] = dates.document_date(body[name], name)
    if len(str(body.get("Memo") or "")) > _LONGEST_MEMO:
        raise Rejected(f"Memo: maximum length is {_LONGEST_MEMO}")
    for name in ("Memo", "CurrencyConversionRate", "BillingAddressLine1", "BillingAddressLine2"):
        if body.get(name) is not None:
            invoice[name] = body[name]
    if "LinkedFulfillmentNumber" in body:
        invoice["LinkedFulfillmentNumber"] = _linked_number(sale, body["LinkedFulfillmentNumber"])
    invoice["CombineAdditionalCharges"] = bool(body.get("CombineAdditionalCharges", False))
    lines, charges = _split(body)
    if lines is not None:
        invoice["Lines"] = [invoice_line(tenant, sale, raw) for raw in lines]
    if charges is not None:
        invoice["AdditionalCharges"] = [invoice_charge(tenant, sale, raw) for raw in charges]
    invoice |= sums([*invoice["Lines"], *invoice["AdditionalCharges"]], sale, tenant)


def _split(body: Doc) -> tuple[list[Doc] | None, list[Doc] | None]:
    """Tell lines from charges; with CombineAdditionalCharges the lines without a product are charges."""
    lines, charges = _collection(body, "Lines"), _collection(body, "AdditionalCharges")
    if not body.get("CombineAdditionalCharges") or lines is None:
        return lines, charges
    products = [line for line in lines if line.get("SKU") or line.get("ProductID") not in (None, "", EMPTY_GUID)]
    combined = [{"Description": line.get("Name"), **line} for line in lines if line not in products]
    return products, [*(charges or []), *combined]


def _collection(body: Doc, name: str) -> list[Doc] | None:
    given = body.get(name)
    if given is not None and not (isinstance(given, list) and all(isinstance(item, dict) for item in given)):
        raise Rejected(f"{name} must be a list")
    return given


def _target(sale: Doc, task_id: object) -> Doc | None:
    """Find the invoice that a POST means, or `None` for a new one."""
    wants_new = str(task_id or "") in ("", EMPTY_GUID)
    if sale["Type"] == "Advanced Sale" and wants_new:
        return None
    if not wants_new and not same(task_id, sale["ID"]):
        found = _existing(sale, task_id)
        if found is None:
            raise Rejected(f"{NAME} with TaskID '{task_id}' was not found")
        return found
    own = next((invoice for invoice in live_invoices(sale) if same(invoice["TaskID"], sale["ID"])), None)
    if own is None and sale["Type"] == "Advanced Sale":
        raise Rejected(f"{NAME} with TaskID '{task_id}' was not found")
    return own


def _existing(sale: Doc, task_id: object) -> Doc | None:
    return next((invoice for invoice in sale["Invoices"] if same(invoice["TaskID"], task_id)), None)


def _find_by_task(tenant: Tenant, task_id: object) -> tuple[Doc, Doc]:
    index = tenant.documents.get("invoice_task", str(task_id or "").lower())
    if index is not None:
        sale = load_sale(tenant, index["sale_id"])
        invoice = _existing(sale, task_id)
        if invoice is not None:
            return sale, invoice
    raise Rejected(f"{NAME} with TaskID '{task_id or ''}' was not found")


def _new_invoice(tenant: Tenant, sale: Doc) -> Doc:
    number = f"INV-{tenant.next_number('invoice'):05}"
    simple = sale["Type"] != "Advanced Sale"
    sale["Invoices"] = [old for old in sale["Invoices"] if not (simple and same(old["TaskID"], sale["ID"]))]
    return {
        "TaskID": sale["ID"] if simple else identity("invoice", number),
        "CombineAdditionalCharges": False,
        "InvoiceNumber": number,
        "Memo": "",
        "Status": "NOT AVAILABLE",
        "InvoiceDate": None,
        "InvoiceDueDate": None,
        "CurrencyConversionRate": sale["CurrencyRate"],
        "BillingAddressLine1": sale["BillingAddress"]["DisplayAddressLine1"],
        "BillingAddressLine2": sale["BillingAddress"]["DisplayAddressLine2"],
        "LinkedFulfillmentNumber": None,
        "Lines": [],
        "AdditionalCharges": [],
        "Payments": [],
        "TotalBeforeTax": 0,
        "Tax": 0,
        "Total": 0,
        "Paid": 0,
    }


def _linked_number(sale: Doc, given: object) -> str | None:
    if given in (None, ""):
        return None
    if not any(same(task["FulfillmentNumber"], given) for task in sale["Fulfilments"]):
        raise Rejected(f"Fulfilment number '{given}' was not found in this sale")
    return str(given)


def _link(sale: Doc) -> None:
    """Show on each fulfilment the number of the invoice that names it."""
    numbers = {
        invoice["LinkedFulfillmentNumber"]: invoice["InvoiceNumber"]
        for invoice in live_invoices(sale)
        if invoice["LinkedFulfillmentNumber"]
    }
    for task in sale["Fulfilments"]:
        task["LinkedInvoiceNumber"] = numbers.get(str(task["FulfillmentNumber"]))


def _require_ordered(sale: Doc) -> None:
    """Refuse invoices that together ask for more than was ordered, drafts included."""
    invoices = live_invoices(sale)
    ordered = quantities(sale["Order"]["Lines"])
    names = {line["ProductID"].lower(): line["SKU"] for line in sale["Order"]["Lines"]}
    for key, quantity in quantities(line for invoice in invoices for line in invoice["Lines"]).items():
        if quantity > ordered.get(key, Decimal(0)):
            raise Rejected(
                f"Product '{names[key]}': invoiced Quantity {plain(quantity)} is more than the ordered "
                f"{plain(ordered.get(key, Decimal(0)))}"
            )


def _booking(invoice: Doc) -> Doc:
    """Give the invoice's entry in the books."""
    credit = invoice["Lines"][0]["Account"] if invoice["Lines"] else invoice["AdditionalCharges"][0]["Account"]
    return {
        "TaskID": invoice["TaskID"],
        "TransactionID": identity("transaction", invoice["InvoiceNumber"]),
        "Debit": _RECEIVABLE,
        "Credit": credit,
        "Description": invoice["InvoiceNumber"],
        "Amount": invoice["Total"],
        "EffectiveDate": invoice["InvoiceDate"],
    }


def _shown(sale: Doc, *, combine: bool) -> Doc:
    invoices = [{name: public(invoice[name]) for name in _WIRE} for invoice in sale["Invoices"]]
    if combine:
        invoices = [{**with_charges_as_lines(invoice), "CombineAdditionalCharges": True} for invoice in invoices]
    return {"SaleID": sale["ID"], "Invoices": invoices}
