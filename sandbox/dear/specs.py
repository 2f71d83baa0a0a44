"""What the control plane is told: products, stock and sales in the words of a test, with defaults."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SaleKind = Literal["Simple", "Advanced", "Service"]
StageStatus = Literal["NOT AVAILABLE", "DRAFT", "AUTHORISED"]
SaleStatus = Literal[
    "DRAFT", "VOIDED", "ESTIMATING", "ESTIMATED", "ORDERING", "ORDERED", "BACKORDERED", "PICKING", "PICKED",
    "PACKING", "PACKED", "SHIPPING", "INVOICING", "INVOICED", "CREDITED", "COMPLETED",
]  # fmt: skip


class Spec(BaseModel):
    """A part of a seed; an unknown name in it is a mistake of the test, and refused."""

    model_config = ConfigDict(extra="forbid")


class LocationSpec(Spec):
    """A location with its bins."""

    name: str
    bins: list[str] = Field(default_factory=list)
    default: bool = False
    deprecated: bool = False


class AccountSpec(Spec):
    """An account of the chart."""

    code: str
    name: str
    type: str = "EXPENSE"
    account_class: str = Field(default="EXPENSE", alias="class")


class TaxSpec(Spec):
    """A tax rule with one component."""

    name: str
    percent: float = 0
    account: str = "820"
    for_sale: bool = True
    for_purchase: bool = False


class TermSpec(Spec):
    """A payment term."""

    name: str
    duration: int = 30
    method: Literal[
        "number of days", "day of next month", "last day of next month", "days since the end of the month"
    ] = "number of days"


class ComponentSpec(Spec):
    """One component of a kit."""

    sku: str
    quantity: float = 1


class ProductSpec(Spec):
    """A product; `costing_method` other than FIFO means batches or serial numbers."""

    sku: str
    name: str | None = None
    price: float = 10
    cost: float = 4
    weight: float = 0
    weight_units: str = "kg"
    length: float = 0
    width: float = 0
    height: float = 0
    type: Literal["Stock", "Service"] = "Stock"
    costing_method: str = "FIFO"
    barcode: str = ""
    category: str = "Other"
    revenue_account: str | None = None
    tax_rule: str | None = None
    status: str = "Active"
    bom: list[ComponentSpec] = Field(default_factory=list)
    auto_assembly: bool = False
    produces: float = 1


class StockSpec(Spec):
    """What lies where; `on_order` and `in_transit` hold for the whole location."""

    sku: str
    location: str | None = None
    on_hand: float
    batch: str | None = None
    bin: str | None = None
    expiry: str | None = None
    cost: float | None = None
    on_order: float = 0
    in_transit: float = 0
    next_delivery: str | None = None


class LineSpec(Spec):
    """An order line; price, tax rule and so on come from the product where they are not given."""

    sku: str
    quantity: float = 1
    price: float | None = None
    discount: float = 0
    tax_rule: str | None = None
    comment: str = ""
    drop_ship: bool = False
    backorder_quantity: float | None = None


class ChargeSpec(Spec):
    """An additional charge of the order; DEAR shows its `account` once it is on an invoice."""

    description: str
    price: float
    quantity: float = 1
    discount: float = 0
    tax_rule: str | None = None
    comment: str = ""
    account: str | None = None


class TaskLineSpec(Spec):
    """A quantity of a product in a fulfilment."""

    sku: str
    quantity: float
    location: str | None = None
    batch: str | None = None
    expiry: str | None = None
    box: str | None = None


class FulfilmentSpec(Spec):
    """A fulfilment as it stands; what it has picked left the shelf before the seeded stock was counted."""

    lines: list[TaskLineSpec] = Field(default_factory=list)
    pick: StageStatus = "DRAFT"
    pack: StageStatus = "NOT AVAILABLE"
    ship: StageStatus = "NOT AVAILABLE"
    carrier: str | None = None
    tracking_number: str = ""


class SaleSpec(Spec):
    """A sale. `status` is what the sale is brought to: one beyond ORDERED carries out the stages before it."""

    order_number: str | None = None
    type: SaleKind = "Simple"
    status: SaleStatus = "ORDERED"
    customer: str = "Harbour Outfitters"
    location: str | None = None
    lines: list[LineSpec] = Field(default_factory=list)
    charges: list[ChargeSpec] = Field(default_factory=list)
    carrier: str | None = None
    ship_by: str | None = None
    customer_reference: str = ""
    note: str = ""
    memo: str = ""
    quote_memo: str = ""
    invoice_memo: str = ""
    credit_note_memo: str = ""
    default_account: str = "200"
    shipping_address: dict[str, Any] | None = None
    billing_address: dict[str, Any] | None = None
    contact: str = "Jo Field"
    phone: str = "+1 555 0100"
    email: str = "jo.field@example.com"
    attributes: dict[str, str] = Field(default_factory=dict)
    currency: str | None = None
    tax_rule: str | None = None
    tax_calculation: Literal["Exclusive", "Inclusive"] = "Exclusive"
    order_date: str | None = None
    source_channel: str | None = None
    external_id: str | None = None
    sales_representative: str = ""
    shipping_notes: str = ""
    terms: str = "30 days"
    fulfilments: list[FulfilmentSpec] | None = None


class SaleEdit(Spec):
    """What the account's user changes on a sale; only the given names change."""

    lines: list[LineSpec] | None = None
    charges: list[ChargeSpec] | None = None
    shipping_address: dict[str, Any] | None = None
    billing_address: dict[str, Any] | None = None
    customer: str | None = None
    location: str | None = None
    carrier: str | None = None
    ship_by: str | None = None
    customer_reference: str | None = None
    note: str | None = None
    memo: str | None = None
    quote_memo: str | None = None
    default_account: str | None = None
    source_channel: str | None = None
    contact: str | None = None
    phone: str | None = None
    email: str | None = None
    attributes: dict[str, str] | None = None
    sales_representative: str | None = None
    shipping_notes: str | None = None
    external_id: str | None = None
    terms: str | None = None


class SeedSpec(Spec):
    """A whole seed; every part adds to what is there."""

    company: dict[str, Any] | None = None
    locations: list[LocationSpec | str] = Field(default_factory=list)
    accounts: list[AccountSpec] = Field(default_factory=list)
    taxes: list[TaxSpec] = Field(default_factory=list)
    carriers: list[str] = Field(default_factory=list)
    payment_terms: list[TermSpec | str] = Field(default_factory=list)
    attribute_sets: list[dict[str, Any]] = Field(default_factory=list)
    products: list[ProductSpec] = Field(default_factory=list)
    stock: list[StockSpec] = Field(default_factory=list)
    sales: list[SaleSpec] = Field(default_factory=list)
