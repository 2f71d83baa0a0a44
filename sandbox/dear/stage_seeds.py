"""Brings seeded sales through pick, pack, ship and invoice as if it had happened before the seed.

Nothing is taken from stock here: the seeded stock is what was left afterwards.
"""

from decimal import Decimal

from sandbox.dear import stock
from sandbox.dear.fulfilments import add_task
from sandbox.dear.lines import sums
from sandbox.dear.money import decimal, plain
from sandbox.dear.registers import is_stock, needs_batch, place, product, product_by_sku
from sandbox.dear.specs import FulfilmentSpec, SaleSpec, TaskLineSpec
from sandbox.dear.tenant import Doc, Tenant, identity

_NEVER, _DRAFT, _DONE = "NOT AVAILABLE", "DRAFT", "AUTHORISED"
_STAGES_BY_STATUS = {
    "PICKING": (_DRAFT, _NEVER, _NEVER),
    "PICKED": (_DONE, _NEVER, _NEVER),
    "PACKING": (_DONE, _DRAFT, _NEVER),
    "PACKED": (_DONE, _DONE, _NEVER),
    "SHIPPING": (_DONE, _DONE, _DRAFT),
    "INVOICING": (_DONE, _DONE, _DONE),
    "INVOICED": (_DONE, _DONE, _DONE),
    "CREDITED": (_DONE, _DONE, _DONE),
    "COMPLETED": (_DONE, _DONE, _DONE),
}
_INVOICE_BY_STATUS = {"INVOICING": "DRAFT", "INVOICED": "AUTHORISED", "CREDITED": "AUTHORISED", "COMPLETED": "PAID"}


def bring_to(tenant: Tenant, sale: Doc, spec: SaleSpec) -> None:
    """Carry out the stages that come before the spec's status, and its invoice and credit note."""
    stages = _STAGES_BY_STATUS.get(spec.status)
    if stages and spec.fulfilments is None and not sale["ServiceOnly"]:
        sale["Fulfilments"] = []
        lines = [TaskLineSpec(sku=line.sku, quantity=line.quantity) for line in spec.lines if not line.drop_ship]
        pick, pack, ship = stages
        seed = {"lines": lines, "pick": pick, "pack": pack, "ship": ship, "carrier": spec.carrier}
        seed_fulfilment(tenant, sale, FulfilmentSpec.model_validate(seed))
    invoice_status = _INVOICE_BY_STATUS.get(spec.status)
    if invoice_status:
        sale["Invoices"].append(_whole_invoice(tenant, sale, invoice_status))
    if spec.status == "CREDITED":
        sale["CreditNotes"].append(credit_note(tenant, sale))


def seed_fulfilment(tenant: Tenant, sale: Doc, spec: FulfilmentSpec) -> Doc:
    """Add a fulfilment in the state of the spec."""
    task = add_task(sale)
    lines = [pick_line(tenant, sale, line) for line in spec.lines]
    if spec.pick != _NEVER:
        task["Pick"] = {"Status": spec.pick, "Lines": lines}
    if spec.pack != _NEVER:
        boxed = zip(lines, spec.lines, strict=True)
        task["Pack"] = {"Status": spec.pack, "Lines": [pack_line(line, given.box) for line, given in boxed]}
    if spec.ship != _NEVER:
        task["Ship"]["Status"] = spec.ship
        boxes = dict.fromkeys(line["Box"] for line in task["Pack"]["Lines"])
        task["Ship"]["Lines"] = [_ship_line(tenant, task, spec, box) for box in boxes]
    return task


def pick_line(tenant: Tenant, sale: Doc, spec: TaskLineSpec) -> Doc:
    """Make a pick line at the sale's location unless the spec names one, with a batch where one is needed."""
    found = product_by_sku(tenant, spec.sku)
    where = place(tenant, spec.location) if spec.location else place(tenant, identifier=sale["_location_id"])
    batch, expiry = spec.batch, spec.expiry
    if needs_batch(found) and batch is None:
        rows = stock.rows_at(tenant, found["ID"], where.location_id)
        batch, expiry = (rows[0]["batch"], rows[0]["expiry"]) if rows else ("LOT-1", expiry)
    return {
        "ProductID": found["ID"],
        "SKU": found["SKU"],
        "Name": found["Name"],
        "Location": where.name,
        "LocationID": where.id,
        "Quantity": plain(Decimal(str(spec.quantity))),
        "BatchSN": batch,
        "ExpiryDate": expiry,
        "NonInventory": not is_stock(found),
    }


def pack_line(line: Doc, box: str | None) -> Doc:
    """Put a pick line into a box, `Box 1` unless one is named."""
    return {**line, "Box": box or "Box 1", "WarrantyRegistrationNumber": None}


def as_invoice_line(tenant: Tenant, sale: Doc, line: Doc) -> Doc:
    """Make an invoice line of an order line, for its whole quantity."""
    found = product(tenant, line)
    names = ("ProductID", "SKU", "Name", "Quantity", "Price", "Discount", "Tax", "Total", "AverageCost", "TaxRule")
    account = found["RevenueAccount"] or sale["DefaultAccount"]
    return {**{name: line[name] for name in names}, "Account": account, "Comment": line["Comment"]}


def as_invoice_charge(sale: Doc, charge: Doc) -> Doc:
    names = ("Description", "Quantity", "Price", "Discount", "Tax", "Total", "TaxRule")
    return {
        **{name: charge[name] for name in names},
        "Account": sale["DefaultAccount"],
        "Comment": charge["Comment"],
    }


def payment(tenant: Tenant, invoice: Doc, amount: Decimal) -> Doc:
    """Make a payment on an invoice (blueprint: Sale Payment Line Model)."""
    return {
        "ID": identity("payment", f"{invoice['InvoiceNumber']}:{len(invoice['Payments'])}"),
        "Reference": "",
        "Amount": plain(amount),
        "DatePaid": tenant.today(),
        "Account": "610",
        "CurrencyRate": 1,
        "DateCreated": tenant.today(),
    }


def _ship_line(tenant: Tenant, task: Doc, spec: FulfilmentSpec, box: str) -> Doc:
    return {
        "ID": identity("shipment", f"{task['TaskID']}:{box}"),
        "ShipmentDate": tenant.today(),
        "Carrier": spec.carrier or "DEFAULT Carrier",
        "Boxes": box,
        "TrackingNumber": spec.tracking_number,
        "TrackingURL": "",
        "IsShipped": spec.ship == _DONE,
    }


def _whole_invoice(tenant: Tenant, sale: Doc, status: str) -> Doc:
    number = f"INV-{tenant.next_number('invoice'):05}"
    lines = [as_invoice_line(tenant, sale, line) for line in sale["Order"]["Lines"]]
    charges = [as_invoice_charge(sale, charge) for charge in sale["Order"]["AdditionalCharges"]]
    simple = sale["Type"] != "Advanced Sale"
    invoice: Doc = {
        "TaskID": sale["ID"] if simple else identity("invoice", number),
        "CombineAdditionalCharges": False,
        "InvoiceNumber": number,
        "Memo": "",
        "Status": status,
        "InvoiceDate": tenant.today(),
        "InvoiceDueDate": tenant.today(),
        "CurrencyConversionRate": sale["CurrencyRate"],
        "BillingAddressLine1": sale["BillingAddress"]["DisplayAddressLine1"],
        "BillingAddressLine2": sale["BillingAddress"]["DisplayAddressLine2"],
        "LinkedFulfillmentNumber": "1" if sale["Fulfilments"] else None,
        "Lines": lines,
        "AdditionalCharges": charges,
        "Payments": [],
        **sums([*lines, *charges], sale, tenant),
        "Paid": 0,
    }
    for task in sale["Fulfilments"][:1]:
        task["LinkedInvoiceNumber"] = number
    if status == "PAID":
        invoice["Payments"] = [payment(tenant, invoice, decimal(invoice["Total"], "Total"))]
        invoice["Paid"] = invoice["Total"]
    return invoice


def credit_note(tenant: Tenant, sale: Doc) -> Doc:
    """Credit the sale's first invoice whole."""
    invoice = sale["Invoices"][0]
    number = f"CR-{tenant.next_number('credit_note'):05}"
    return {
        "TaskID": sale["ID"] if sale["Type"] != "Advanced Sale" else identity("credit_note", number),
        "CreditNoteInvoiceNumber": invoice["InvoiceNumber"],
        "Memo": "",
        "Status": "AUTHORISED",
        "CreditNoteDate": tenant.today(),
        "CreditNoteNumber": number,
        "CreditNoteConversionRate": 1,
        "Lines": invoice["Lines"],
        "AdditionalCharges": [],
        "Refunds": [],
        "Restock": [],
        **sums(invoice["Lines"], sale, tenant),
    }
