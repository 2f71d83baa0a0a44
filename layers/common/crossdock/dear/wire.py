"""The shapes of DEAR's sales (blueprint: Sale and the models that it names)."""

from decimal import Decimal

from pydantic import AliasChoices, Field

from crossdock.dear.wire_values import Day, Flag, Guid, Needed, NeededGuid, Number, Rows, Text, Wire


class PostalAddress(Wire):
    """Blueprint: Address Model, Sale Shipping Address Model."""

    line1: Text = None
    line2: Text = None
    city: Text = None
    state: Text = None
    postcode: Text = None
    country: Text = None
    company: Text = None
    contact: Text = None
    display_address_line1: Text = None
    display_address_line2: Text = None


class Line(Wire):
    """Blueprint: Sale Order Line Model, with the product's own fields."""

    product_id: Guid = None
    sku: Text = None
    name: Text = None
    quantity: Number
    price: Number = Decimal(0)
    discount: Number = Decimal(0)
    tax: Number = Decimal(0)
    total: Number = Decimal(0)
    tax_rule: Text = None
    comment: Text = None
    backorder_quantity: Number = Decimal(0)
    drop_ship: Flag = False
    product_weight: Number = Decimal(0)
    weight_units: Text = None


class AdditionalCharge(Wire):
    """Blueprint: Sale Additional Charge Model."""

    description: Text = None
    quantity: Number = Decimal(1)
    price: Number = Decimal(0)
    discount: Number = Decimal(0)
    tax: Number = Decimal(0)
    total: Number = Decimal(0)
    tax_rule: Text = None
    comment: Text = None
    account: Text = None


class QuotePart(Wire):
    """Blueprint: Sale Quote Model."""

    memo: Text = None
    status: Text = None


class OrderPart(Wire):
    """Blueprint: Sale Order Model."""

    sale_order_number: Text = None
    memo: Text = None
    status: Text = None
    lines: Rows[Line] = []
    additional_charges: Rows[AdditionalCharge] = []
    total: Number = Decimal(0)


class HandledLine(Wire):
    """Blueprint: Sale Fulfilment Pick Pack Line Model."""

    product_id: Guid = None
    sku: Text = None
    name: Text = None
    location: Text = None
    quantity: Number
    batch_sn: Text = Field(None, validation_alias=AliasChoices("batchsn", "batch"))
    expiry_date: Day = None
    box: Text = Field(None, validation_alias=AliasChoices("box", "boxes"))


class Stage(Wire):
    """Blueprint: Sale Fulfilment Pick Pack Model."""

    status: Text = None
    lines: Rows[HandledLine] = []


class Written(Wire):
    """What the answers to writing a stage and a stock adjustment have in common."""

    status: Needed


class ShippedLine(Wire):
    """Blueprint: Sale Fulfilment Ship Line Model; `Boxes` when read, `Box` when written."""

    shipment_date: Day = None
    carrier: Text = None
    boxes: Text = Field(None, validation_alias=AliasChoices("boxes", "box"))
    tracking_number: Text = None
    tracking_url: Text = None
    is_shipped: Flag = True


class ShipStage(Wire):
    """Blueprint: Sale Fulfilment Ship Model."""

    status: Text = None
    lines: Rows[ShippedLine] = []


class FulfilmentTask(Wire):
    """Blueprint: Sale Fulfilment Model."""

    task_id: NeededGuid
    fulfilment_number: Number = Decimal(0)
    linked_invoice_number: Text = None
    pick: Stage = Stage()
    pack: Stage = Stage()
    ship: ShipStage = ShipStage()


class InvoiceTask(Wire):
    """Blueprint: Sale Invoice Model, Sale Invoice Partial Model."""

    task_id: Guid = None
    invoice_number: Text = None
    memo: Text = None
    status: Text = None
    linked_fulfilment_number: Text = None
    total: Number = Decimal(0)
    paid: Number = Decimal(0)
    lines: Rows[HandledLine] = []
    additional_charges: Rows[AdditionalCharge] = []


class CreditNoteTask(Wire):
    """Blueprint: Sale Credit Note Model."""

    status: Text = None
    memo: Text = None


class FulfilmentsOfSale(Wire):
    """Blueprint: Sale Fulfilment. Without the sale's id it is another shape, not a sale without fulfilments."""

    sale_id: NeededGuid
    fulfilments: Rows[FulfilmentTask] = []


class InvoicesOfSale(Wire):
    """Blueprint: Sale Invoice. Without the sale's id it is another shape, not a sale without invoices."""

    sale_id: NeededGuid
    invoices: Rows[InvoiceTask] = []


class WholeSale(Wire):
    """Blueprint: Available Fields for Sale. The attributes stay as they come: AdditionalAttribute1 to 10."""

    id: NeededGuid
    type: Text = None
    service_only: Flag = False
    status: Text = None
    location: Text = None
    sale_order_date: Day = None
    ship_by: Day = None
    customer: Text = None
    customer_reference: Text = None
    contact: Text = None
    phone: Text = None
    email: Text = None
    shipping_address: PostalAddress = PostalAddress()
    billing_address: PostalAddress = PostalAddress()
    carrier: Text = None
    shipping_notes: Text = None
    source_channel: Text = None
    sales_representative: Text = None
    customer_currency: Text = None
    currency_rate: Number | None = None
    tax_calculation: Text = None
    terms: Text = None
    default_account: Text = None
    last_modified_on: Text = None
    quote: QuotePart = QuotePart()
    order: OrderPart = OrderPart()
    fulfilments: Rows[FulfilmentTask] = []
    invoices: Rows[InvoiceTask] = []
    credit_notes: Rows[CreditNoteTask] = []
    additional_attributes: dict[str, Text] = {}
