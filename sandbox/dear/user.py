"""What the account's own user does on the screens, played by the control plane.

Every action goes through the same rules as the API and is written to the ledger as `by: user`.
"""

from collections.abc import Callable
from decimal import Decimal

from sandbox.dear import dates
from sandbox.dear.addresses import billing, changed_address, customer_of
from sandbox.dear.errors import Rejected
from sandbox.dear.fulfilments import add_task, stage_keys
from sandbox.dear.invoices import invoice_keys, post_invoice
from sandbox.dear.lines import quantities
from sandbox.dear.money import decimal, line_total, plain, tax_on
from sandbox.dear.packs import boxes_of, put_pack
from sandbox.dear.picks import write_pick
from sandbox.dear.registers import place, sale_tax
from sandbox.dear.sale_seeds import booked, promise_stock, rewrite_lines
from sandbox.dear.sale_store import load_by_number, save_sale
from sandbox.dear.sales import sale_keys, undo_sale, void_sale
from sandbox.dear.ships import put_ship
from sandbox.dear.specs import FulfilmentSpec, SaleEdit, SaleSpec, Spec, TaskLineSpec
from sandbox.dear.stage_seeds import as_invoice_charge, as_invoice_line, credit_note, pack_line, payment, pick_line
from sandbox.dear.statuses import is_authorised, live_invoices, live_tasks
from sandbox.dear.tenant import EMPTY_GUID, Doc, Tenant

_TEXTS = {
    "carrier": "Carrier",
    "customer_reference": "CustomerReference",
    "note": "Note",
    "contact": "Contact",
    "phone": "Phone",
    "email": "Email",
    "sales_representative": "SalesRepresentative",
    "shipping_notes": "ShippingNotes",
    "external_id": "ExternalID",
    "terms": "Terms",
    "default_account": "DefaultAccount",
    "source_channel": "SourceChannel",
}


class StageAction(Spec):
    """A pick, pack or ship: of the fulfilment with this number, else of the first where it can be done."""

    number: int | None = None
    lines: list[TaskLineSpec] | None = None
    status: str = "AUTHORISED"
    carrier: str | None = None
    tracking_number: str = ""
    date: str | None = None


class InvoiceAction(Spec):
    """An invoice: of the given quantities, else of everything that is not invoiced yet."""

    lines: list[TaskLineSpec] | None = None
    status: str = "AUTHORISED"
    number: int | None = None
    charges: bool | None = None
    memo: str = ""


def find(tenant: Tenant, order_number: str) -> Doc:
    sale = load_by_number(tenant, order_number)
    if sale is None:
        raise Rejected(f"There is no sale {order_number}", status=404)
    return sale


def edit(tenant: Tenant, sale: Doc, body: Doc) -> None:
    """Change header, addresses, lines or charges; new lines are promised from stock anew."""
    patch = SaleEdit.model_validate(body)
    given = patch.model_fields_set
    for name in given & _TEXTS.keys():
        sale[_TEXTS[name]] = getattr(patch, name)
    if "memo" in given:
        sale["Order"]["Memo"] = patch.memo or ""
    if "quote_memo" in given:
        sale["Quote"]["Memo"] = patch.quote_memo or ""
    if "ship_by" in given:
        sale["ShipBy"] = dates.optional_date(patch.ship_by, "ship_by")
    if patch.location is not None:
        where = place(tenant, patch.location)
        sale |= {"Location": where.name, "_location_id": where.location_id}
    sale["AdditionalAttributes"] |= patch.attributes or {}
    _edit_addresses(tenant, sale, patch)
    _edit_lines(tenant, sale, patch)
    _finish(tenant, sale, "sale_edit", body)


def void(tenant: Tenant, sale: Doc, body: Doc) -> None:
    void_sale(tenant, sale, "user", body)


def undo(tenant: Tenant, sale: Doc, body: Doc) -> None:
    undo_sale(tenant, sale, "user", body)


def touch(tenant: Tenant, sale: Doc, body: Doc) -> None:
    """Move `Updated` and nothing else."""
    _finish(tenant, sale, "sale_touch", body)


def authorise(tenant: Tenant, sale: Doc, body: Doc) -> None:
    """Authorise a draft order; what the location cannot promise is backordered."""
    if sale["Order"]["Status"] not in {"DRAFT", "NOT AVAILABLE"} or not sale["Order"]["Lines"]:
        raise Rejected(f"Sale Order cannot be authorised: Status is {sale['Order']['Status']}")
    sale["Order"]["Status"] = "AUTHORISED"
    promise_stock(tenant, sale)
    if not sale["ServiceOnly"] and (sale["Type"] == "Simple Sale" or tenant.settings().first_fulfilment):
        add_task(sale)
    _finish(tenant, sale, "sale_authorise", body)


def allocate(tenant: Tenant, sale: Doc, body: Doc) -> None:
    """Promise backordered lines from the stock that has come in since."""
    promise_stock(tenant, sale)
    _finish(tenant, sale, "sale_allocate", body)


def fulfilment(tenant: Tenant, sale: Doc, body: Doc) -> None:
    """Add a fulfilment with its pick lines, into the first task where that is still empty."""
    spec = FulfilmentSpec.model_validate(body)
    if not is_authorised(sale):
        raise Rejected("Sale Order must be AUTHORISED")
    task = next((task for task in live_tasks(sale) if not task["Pick"]["Lines"]), None)
    if task is None or sale["Type"] == "Simple Sale":
        task = add_task(sale)
    task["Pick"] = {"Status": "DRAFT", "Lines": [pick_line(tenant, sale, line) for line in spec.lines]}
    save_sale(tenant, sale)
    tenant.record("fulfilment", "user", body, **stage_keys(sale, task, "Pick"))
    if spec.pick == "AUTHORISED":
        write_pick(tenant, {"TaskID": task["TaskID"], "Status": "AUTHORISED"}, "user")


def pick(tenant: Tenant, sale: Doc, body: Doc) -> None:
    """Pick the given lines, or everything that is left."""
    action = StageAction.model_validate(body)
    task = _task(sale, action, "Pick", None)
    if action.lines is None:
        write_pick(tenant, {"TaskID": task["TaskID"], "AutoPickMode": "AUTOPICK"}, "user")
        return
    lines = [pick_line(tenant, sale, line) for line in action.lines]
    write_pick(tenant, {"TaskID": task["TaskID"], "Status": action.status, "Lines": lines}, "user")


def pack(tenant: Tenant, sale: Doc, body: Doc) -> None:
    """Pack the given lines in their boxes, or all that was picked in one."""
    action = StageAction.model_validate(body)
    task = _task(sale, action, "Pack", "Pick")
    if action.lines is None:
        lines = [pack_line(line, None) for line in task["Pick"]["Lines"]]
    else:
        lines = [pack_line(pick_line(tenant, sale, line), line.box) for line in action.lines]
    put_pack(tenant, {"TaskID": task["TaskID"], "Status": action.status, "Lines": lines}, "user")


def ship(tenant: Tenant, sale: Doc, body: Doc) -> None:
    """Ship every packed box."""
    action = StageAction.model_validate(body)
    task = _task(sale, action, "Ship", "Pack")
    line = {
        "ShipmentDate": action.date or tenant.today(),
        "Carrier": action.carrier or sale["Carrier"],
        "TrackingNumber": action.tracking_number,
        "IsShipped": action.status != "DRAFT",
    }
    lines = [{**line, "Box": box} for box in boxes_of(task)]
    put_ship(tenant, {"TaskID": task["TaskID"], "Status": action.status, "Lines": lines}, "user")


def invoice(tenant: Tenant, sale: Doc, body: Doc) -> None:
    """Invoice quantities of the order; the charges go on the first invoice unless `charges` says otherwise."""
    action = InvoiceAction.model_validate(body)
    wanted = None if action.lines is None else {line.sku.lower(): Decimal(str(line.quantity)) for line in action.lines}
    lines = _lines_to_invoice(tenant, sale, wanted)
    with_charges = not live_invoices(sale) if action.charges is None else action.charges
    ordered = sale["Order"]["AdditionalCharges"] if with_charges else []
    charges = booked(sale, [as_invoice_charge(sale, charge) for charge in ordered])
    sent = {
        "SaleID": sale["ID"],
        "TaskID": EMPTY_GUID,
        "CombineAdditionalCharges": False,
        "Memo": action.memo,
        "Status": action.status,
        "InvoiceDate": tenant.today(),
        "InvoiceDueDate": tenant.today(),
        "LinkedFulfillmentNumber": None if action.number is None else str(action.number),
        "Lines": lines,
        "AdditionalCharges": charges,
    }
    post_invoice(tenant, sent, "user")


def credit(tenant: Tenant, sale: Doc, body: Doc) -> None:
    """Credit the sale's first invoice whole."""
    if not live_invoices(sale):
        raise Rejected("There is no invoice to credit")
    sale["CreditNotes"].append(credit_note(tenant, sale))
    _finish(tenant, sale, "credit_note", body)


def pay(tenant: Tenant, sale: Doc, body: Doc) -> None:
    """Pay all authorised invoices in full."""
    for document in sale["Invoices"]:
        if document["Status"] == "AUTHORISED":
            amount = decimal(document["Total"], "Total") - decimal(document["Paid"], "Paid")
            document["Payments"].append(payment(tenant, document, amount))
            document |= {"Paid": document["Total"], "Status": "PAID"}
            tenant.record("payment", "user", body, **invoice_keys(sale, document))
    save_sale(tenant, sale)


ACTIONS: dict[str, Callable[[Tenant, Doc, Doc], None]] = {
    "edit": edit,
    "void": void,
    "undo": undo,
    "touch": touch,
    "authorise": authorise,
    "allocate": allocate,
    "fulfilment": fulfilment,
    "pick": pick,
    "pack": pack,
    "ship": ship,
    "invoice": invoice,
    "credit": credit,
    "pay": pay,
}
"""The user's actions by the name that stands in the control plane's path."""


def _finish(tenant: Tenant, sale: Doc, kind: str, body: Doc) -> None:
    save_sale(tenant, sale)
    tenant.record(kind, "user", body, **sale_keys(sale))


def _edit_addresses(tenant: Tenant, sale: Doc, patch: SaleEdit) -> None:
    if patch.shipping_address is not None:
        sale["ShippingAddress"] = changed_address(sale["ShippingAddress"], patch.shipping_address)
    if patch.billing_address is not None:
        sale["BillingAddress"] = billing(changed_address(sale["BillingAddress"], patch.billing_address))
    if patch.customer is not None:
        customer = customer_of(
            tenant, patch.customer, sale["Contact"], [sale["BillingAddress"], sale["ShippingAddress"]]
        )
        sale |= {"Customer": customer["Name"], "CustomerID": customer["ID"]}


def _edit_lines(tenant: Tenant, sale: Doc, patch: SaleEdit) -> None:
    given = patch.model_fields_set & {"lines", "charges"}
    if not given:
        return
    if "lines" in given and any(task["Pick"]["Status"] == "AUTHORISED" for task in live_tasks(sale)):
        raise Rejected("Order lines cannot be changed: a Pick is AUTHORISED")
    spec = SaleSpec(lines=patch.lines or [], charges=patch.charges or [])
    rewrite_lines(tenant, sale, spec, lines="lines" in given, charges="charges" in given)
    if "lines" in given and is_authorised(sale):
        promise_stock(tenant, sale)


def _task(sale: Doc, action: StageAction, stage: str, after: str | None) -> Doc:
    """Find the fulfilment to work on: the stage open, and the one before it authorised."""
    for task in live_tasks(sale):
        chosen = action.number is None or task["FulfillmentNumber"] == action.number
        opened = task[stage]["Status"] in {"NOT AVAILABLE", "DRAFT"}
        if chosen and (action.number is not None or (opened and (not after or task[after]["Status"] == "AUTHORISED"))):
            found: Doc = task
            return found
    raise Rejected(f"The sale has no fulfilment whose {stage} can be done")


def _lines_to_invoice(tenant: Tenant, sale: Doc, wanted: dict[str, Decimal] | None) -> list[Doc]:
    done = quantities(line for known in live_invoices(sale) for line in known["Lines"])
    lines = []
    for line in sale["Order"]["Lines"]:
        quantity = decimal(line["Quantity"], "Quantity")
        invoiced = min(done.get(line["ProductID"].lower(), Decimal(0)), quantity)
        done[line["ProductID"].lower()] = done.get(line["ProductID"].lower(), Decimal(0)) - invoiced
        open_quantity = quantity - invoiced
        if wanted is not None:
            open_quantity = wanted.pop(line["SKU"].lower(), Decimal(0))
        if open_quantity > 0:
            lines.append(_for_quantity(tenant, sale, as_invoice_line(tenant, sale, line), open_quantity))
    return lines


def _for_quantity(tenant: Tenant, sale: Doc, line: Doc, quantity: Decimal) -> Doc:
    total = line_total(quantity, decimal(line["Price"], "Price"), decimal(line["Discount"], "Discount"))
    percent = decimal(sale_tax(tenant, line["TaxRule"])["TaxPercent"], "TaxPercent")
    tax = tax_on(total, percent, inclusive=sale["TaxCalculation"] == "Inclusive")
    return {**line, "Quantity": plain(quantity), "Total": plain(total), "Tax": plain(tax)}
