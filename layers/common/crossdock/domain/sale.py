"""DEAR's sale, as the rest of the code sees it: typed, complete, and free of DEAR's spellings.

Money and quantities are Decimal. Document dates carry no zone in DEAR and stay dates; `updated` is DEAR's own
stamp, kept as text because it is only ever compared for being the same.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from crossdock.domain.model import Record


class SaleType(StrEnum):
    """The three kinds of sale (blueprint: Sale Types)."""

    SIMPLE = "simple"
    ADVANCED = "advanced"
    SERVICE = "service"


class StageStatus(StrEnum):
    """The status of a pick, pack or ship stage, or of an invoice; what DEAR may add later reads as OTHER."""

    NOT_AVAILABLE = "NOT AVAILABLE"
    DRAFT = "DRAFT"
    PARTIALLY_AUTHORISED = "PARTIALLY AUTHORISED"
    AUTHORISED = "AUTHORISED"
    PAID = "PAID"
    VOIDED = "VOIDED"
    OTHER = "OTHER"

    @property
    def open(self) -> bool:
        """Whether the stage can still be written."""
        return self in {StageStatus.NOT_AVAILABLE, StageStatus.DRAFT}

    @property
    def invoiced(self) -> bool:
        """Whether an invoice in this status is more than an empty place."""
        return self not in {StageStatus.NOT_AVAILABLE, StageStatus.VOIDED}


class SaleRow(Record):
    """A row of saleList (blueprint: Sale List)."""

    sale_id: str
    order_number: str
    type: SaleType
    status: str
    updated: str
    order_date: date | None
    order_status: str
    picking: str
    packing: str
    shipping: str
    invoicing: str
    location_id: str | None
    quote_status: str = ""
    credit_note_status: str = ""


class Address(Record):
    """An address as DEAR holds it; `display` are its two display lines."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None
    company: str | None = None
    contact: str | None = None
    display: tuple[str, str] = ("", "")


class SaleLine(Record):
    """An order line. DEAR gives lines no id: position and SKU are their identity."""

    product_id: str
    sku: str
    name: str
    quantity: Decimal
    price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    tax_rule: str | None
    comment: str | None
    backordered: Decimal = Decimal(0)
    drop_ship: bool = False
    weight: Decimal | None = None
    weight_unit: str | None = None


class Charge(Record):
    """An additional charge: shipping, handling, a discount. It has no SKU."""

    description: str
    quantity: Decimal
    price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    tax_rule: str | None
    comment: str | None = None
    account: str | None = None


class StageLine(Record):
    """A line of a pick, a pack or an invoice; `box` only in a pack."""

    product_id: str
    sku: str
    name: str
    quantity: Decimal
    location: str | None = None
    batch: str | None = None
    expires_on: date | None = None
    box: str | None = None


class ShipLine(Record):
    """A line of a ship stage: one or more boxes that left together."""

    shipped_on: date | None
    carrier: str | None
    boxes: tuple[str, ...]
    tracking_number: str | None
    tracking_url: str | None = None
    shipped: bool = True


class Fulfilment(Record):
    """One pick, pack and ship of a sale (blueprint: Sale Fulfilment Model)."""

    task_id: str
    number: int
    pick: StageStatus
    pack: StageStatus
    ship: StageStatus
    pick_lines: tuple[StageLine, ...] = ()
    pack_lines: tuple[StageLine, ...] = ()
    ship_lines: tuple[ShipLine, ...] = ()
    linked_invoice: str | None = None

    @property
    def voided(self) -> bool:
        return StageStatus.VOIDED in {self.pick, self.pack, self.ship}


class Invoice(Record):
    """An invoice of a sale, as far as it must be recognised."""

    task_id: str
    number: str | None
    status: StageStatus
    memo: str
    linked_fulfilment: str | None
    total: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    lines: tuple[StageLine, ...] = ()
    charges: tuple[Charge, ...] = ()

    @property
    def has_charges(self) -> bool:
        return bool(self.charges)


class CreditNote(Record):
    """A credit note of a sale, as far as it is looked at."""

    status: StageStatus
    memo: str = ""


class Sale(Record):
    """A sale with everything that Crossdock uses of it (blueprint: Sale)."""

    sale_id: str
    order_number: str
    type: SaleType
    status: str
    order_status: str
    location: str | None
    order_date: date | None
    ship_by: date | None
    customer: str | None
    customer_reference: str | None
    contact: str | None
    phone: str | None
    email: str | None
    ship_to: Address
    bill_to: Address
    carrier: str | None
    shipping_notes: str | None
    memo: str | None
    source_channel: str | None
    sales_representative: str | None
    currency: str | None
    currency_rate: Decimal | None
    tax_inclusive: bool
    terms: str | None
    total: Decimal
    lines: tuple[SaleLine, ...]
    charges: tuple[Charge, ...] = ()
    fulfilments: tuple[Fulfilment, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    credit_notes: tuple[CreditNote, ...] = ()
    quote_status: str = ""
    quote_memo: str | None = None
    default_account: str | None = None
    attributes: dict[str, str] = {}
    updated: str = ""

    def attribute(self, name: str) -> str:
        """What an additional attribute says, by its name in the settings ("additional_attribute_3"); blank for none."""
        return self.attributes.get(f"AdditionalAttribute{name.rpartition('_')[2]}", "")
