"""Makes sales from their specs, brought to the status that the spec names."""

from decimal import Decimal

from sandbox.dear import dates, stock
from sandbox.dear.addresses import address, billing, customer_of
from sandbox.dear.errors import Rejected
from sandbox.dear.fulfilments import add_task
from sandbox.dear.kits import build_kits
from sandbox.dear.lines import order_charge, order_line, sums
from sandbox.dear.money import decimal, plain
from sandbox.dear.reference import company
from sandbox.dear.registers import default_location, place
from sandbox.dear.sale_store import load_by_number, save_sale
from sandbox.dear.specs import SaleSpec
from sandbox.dear.stage_seeds import bring_to, seed_fulfilment
from sandbox.dear.statuses import is_authorised
from sandbox.dear.tenant import Doc, Tenant, identity

_TYPES = {"Simple": "Simple Sale", "Advanced": "Advanced Sale", "Service": "Service Sale"}
_QUOTE_STATUS = {"ESTIMATING": "DRAFT", "ESTIMATED": "AUTHORISED"}
_ORDER_STATUS = {
    "DRAFT": "NOT AVAILABLE",
    "ESTIMATING": "NOT AVAILABLE",
    "ESTIMATED": "NOT AVAILABLE",
    "ORDERING": "DRAFT",
    "VOIDED": "VOIDED",
}


def make_sale(tenant: Tenant, spec: SaleSpec) -> Doc:
    """Store a sale of the spec; its ids follow from its order number. Stock is reserved or built into kits."""
    number = spec.order_number or f"SO-{tenant.next_number('sale'):05}"
    if load_by_number(tenant, number) is not None:
        raise Rejected(f"There is a sale {number} already")
    sale = _header(tenant, spec, number)
    sale["Quote"] = _quote(tenant, spec, sale)
    sale["Order"] = _order(tenant, spec, sale, number)
    if is_authorised(sale):
        promise_stock(tenant, sale, force=spec.status != "BACKORDERED")
        if spec.status == "BACKORDERED":
            _backorder_something(sale)
        _add_fulfilments(tenant, spec, sale)
        bring_to(tenant, sale, spec)
        _finish_documents(sale, spec)
    save_sale(tenant, sale)
    return sale


def rewrite_lines(tenant: Tenant, sale: Doc, spec: SaleSpec, *, lines: bool, charges: bool) -> None:
    """Replace the order's lines or charges and count its totals anew."""
    order = sale["Order"]
    if lines:
        order["Lines"] = [order_line(tenant, line, sale) for line in spec.lines]
    if charges:
        order["AdditionalCharges"] = [
            {**order_charge(tenant, charge, sale), "_account": charge.account} for charge in spec.charges
        ]
    order |= sums([*order["Lines"], *order["AdditionalCharges"]], sale, tenant)


def booked(sale: Doc, invoice_charges: list[Doc]) -> list[Doc]:
    """The charges of an invoice, each on the account that its charge of the order was given."""
    accounts = {charge["Description"]: charge.get("_account") for charge in sale["Order"]["AdditionalCharges"]}
    return [
        {**charge, "Account": accounts.get(charge["Description"]) or charge["Account"]} for charge in invoice_charges
    ]


def promise_stock(tenant: Tenant, sale: Doc, *, force: bool = False) -> None:
    """Build kits, and mark as backordered what the sale's location cannot promise; `force` promises everything."""
    build_kits(tenant, sale)
    for line in sale["Order"]["Lines"]:
        if not line["_stock"]:
            continue
        wanted = decimal(line["Quantity"], "Quantity")
        own = sale["_allocations"].get(stock.reservation_key(line["ProductID"], sale["_location_id"]), 0)
        free = stock.available_at(tenant, line["ProductID"], sale["_location_id"]) + decimal(own, "own")
        short = Decimal(0) if force else max(wanted - max(free, Decimal(0)), Decimal(0))
        _backorder(line, short)


def _backorder(line: Doc, short: Decimal) -> None:
    line |= {"Backorder": short > 0, "BackorderQuantity": plain(short)}


def _backorder_something(sale: Doc) -> None:
    """See to it that a sale that is said to be backordered is: by its first line, where stock would do."""
    lines = [line for line in sale["Order"]["Lines"] if line["_stock"]]
    if lines and not any(line["BackorderQuantity"] for line in lines):
        _backorder(lines[0], decimal(lines[0]["Quantity"], "Quantity"))


def _header(tenant: Tenant, spec: SaleSpec, number: str) -> Doc:
    where = place(tenant, spec.location or default_location(tenant))
    own = company(tenant)
    shipping = address(spec.shipping_address, contact=spec.contact, company=spec.customer)
    bill_to = billing(address(spec.billing_address)) if spec.billing_address else billing(shipping)
    # An address as a person typed it over on the order screen is not one of the customer's.
    known = [] if shipping["ShipToOther"] else [shipping]
    customer = customer_of(tenant, spec.customer, spec.contact, [bill_to, *known])
    now = tenant.now()
    return {
        "ID": identity("sale", number),
        "Customer": customer["Name"],
        "CustomerID": customer["ID"],
        "Contact": spec.contact,
        "Phone": spec.phone,
        "Email": spec.email,
        "DefaultAccount": spec.default_account,
        "SkipQuote": spec.status not in _QUOTE_STATUS,
        "BillingAddress": bill_to,
        "ShippingAddress": shipping,
        "ShippingNotes": spec.shipping_notes,
        "BaseCurrency": own["Currency"],
        "CustomerCurrency": spec.currency or own["Currency"],
        "TaxRule": spec.tax_rule or own["DefaultSaleTaxRuleName"],
        "TaxCalculation": spec.tax_calculation,
        "Terms": spec.terms,
        "PriceTier": "Tier 1",
        "ShipBy": dates.optional_date(spec.ship_by, "ship_by"),
        "Location": where.name,
        "SaleOrderDate": dates.optional_date(spec.order_date, "order_date") or tenant.today(),
        "LastModifiedOn": "",
        "Note": spec.note,
        "CustomerReference": spec.customer_reference,
        "COGSAmount": 0,
        "Status": "DRAFT",
        "CombinedPickingStatus": "NOT AVAILABLE",
        "CombinedPackingStatus": "NOT AVAILABLE",
        "CombinedShippingStatus": "NOT AVAILABLE",
        "FulFilmentStatus": "NOT AVAILABLE",
        "CombinedInvoiceStatus": "NOT AVAILABLE",
        "CombinedPaymentStatus": "UNPAID",
        "CombinedTrackingNumbers": "",
        "Carrier": spec.carrier or "",
        "CurrencyRate": 1,
        "SalesRepresentative": spec.sales_representative,
        "ServiceOnly": spec.type == "Service",
        "Type": _TYPES[spec.type],
        "SourceChannel": spec.source_channel,
        "Quote": {},
        "Order": {},
        "Fulfilments": [],
        "Invoices": [],
        "CreditNotes": [],
        "ManualJournals": {"Status": "NOT AVAILABLE", "Lines": []},
        "ExternalID": spec.external_id,
        "AdditionalAttributes": {f"AdditionalAttribute{n}": "" for n in range(1, 11)} | spec.attributes,
        "Attachments": [],
        "InventoryMovements": [],
        "Transactions": [],
        "_location_id": where.location_id,
        "_created": dates.stamp(now),
        "_allocations": {},
    }


def _quote(tenant: Tenant, spec: SaleSpec, sale: Doc) -> Doc:
    status = _QUOTE_STATUS.get(spec.status, "NOT AVAILABLE")
    quoted = ("Backorder", "BackorderQuantity", "DropShip", "_stock")
    lines = [order_line(tenant, line, sale) for line in spec.lines] if status != "NOT AVAILABLE" else []
    kept = [{key: value for key, value in line.items() if key not in quoted} for line in lines]
    charges = [order_charge(tenant, charge, sale) for charge in spec.charges] if kept else []
    quote = {"Memo": spec.quote_memo, "Status": status, "Prepayments": [], "Lines": kept, "AdditionalCharges": charges}
    return {**quote, **sums([*kept, *charges], sale, tenant)}


def _order(tenant: Tenant, spec: SaleSpec, sale: Doc, number: str) -> Doc:
    status = _ORDER_STATUS.get(spec.status, "AUTHORISED")
    sale["Order"] = {
        "SaleOrderNumber": number,
        "Memo": spec.memo,
        "Status": status,
        "Lines": [],
        "AdditionalCharges": [],
    }
    filled = status != "NOT AVAILABLE"
    rewrite_lines(tenant, sale, spec, lines=filled, charges=filled)
    order: Doc = sale["Order"]
    return order


def _finish_documents(sale: Doc, spec: SaleSpec) -> None:
    """Give what stands on the sale's invoices and credit notes beside goods: memos, and the accounts of charges."""
    for invoice in sale["Invoices"]:
        invoice |= {"Memo": spec.invoice_memo, "AdditionalCharges": booked(sale, invoice["AdditionalCharges"])}
    for note in sale["CreditNotes"]:
        note["Memo"] = spec.credit_note_memo


def _add_fulfilments(tenant: Tenant, spec: SaleSpec, sale: Doc) -> None:
    if sale["ServiceOnly"]:
        return
    if spec.fulfilments is not None:
        for fulfilment in spec.fulfilments:
            seed_fulfilment(tenant, sale, fulfilment)
    elif sale["Type"] == "Simple Sale" or tenant.settings().first_fulfilment:
        add_task(sale)
