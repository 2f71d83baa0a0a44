"""DEAR's shapes as they come over the wire, read leniently: unknown fields and spellings never stop a read.

Before anything else is looked at, nulls and blank texts are dropped, and names are compared without case and with one
spelling of "fulfilment". What remains must make sense: an unreadable number or a missing identity is an error.
"""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_NO_GUID = "00000000-0000-0000-0000-000000000000"
_LARGEST_EXPONENT = 18


def _text(value: object) -> str | None:
    if isinstance(value, bool | dict | list):
        return None
    return str(value).strip() or None


def _needed(value: object) -> str:
    if not (text := _text(value)):
        raise ValueError("is not a text")
    return text


def _guid(value: object) -> str | None:
    """GUIDs arrive in either case; the empty one means that there is none."""
    text = _text(value)
    return text.lower() if text and text != _NO_GUID else None


def _needed_guid(value: object) -> str:
    if not (guid := _guid(value)):
        raise ValueError("is not an identifier")
    return guid


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError("is not a number")  # noqa: TRY004 - pydantic turns a ValueError into its own error
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation as unreadable:
        raise ValueError("is not a number") from unreadable
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError("is not a number of any use")
    return number


def _flag(value: object) -> bool:
    return str(value).strip().lower() in {"true", "1"}


def _day(value: object) -> date | None:
    """A document date has no zone, so it is never shifted; year 1 is how an unset date of DEAR's platform looks."""
    try:
        day = date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        return None
    return day if day.year > 1 else None


def _rows(value: object) -> object:
    if isinstance(value, dict):
        return [value]
    return [row for row in value if row] if isinstance(value, list) else value


Text = Annotated[str | None, BeforeValidator(_text)]
Needed = Annotated[str, BeforeValidator(_needed)]
Guid = Annotated[str | None, BeforeValidator(_guid)]
NeededGuid = Annotated[str, BeforeValidator(_needed_guid)]
Number = Annotated[Decimal, BeforeValidator(_number)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Day = Annotated[date | None, BeforeValidator(_day)]
type Rows[Row] = Annotated[list[Row], BeforeValidator(_rows)]


def _name(name: str) -> str:
    return name.lower().replace("_", "").replace("fulfillment", "fulfilment")


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=_name)

    @model_validator(mode="before")
    @classmethod
    def _one_spelling(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {_name(str(name)): inner for name, inner in value.items() if not _is_blank(inner)}


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


class Row(_Wire):
    """A row of saleList (blueprint: Available Fields for Sale List)."""

    sale_id: NeededGuid
    order_number: Needed
    type: Text = None
    status: Text = None
    updated: Text = None
    order_date: Day = None
    order_status: Text = None
    combined_picking_status: Text = None
    combined_packing_status: Text = None
    combined_shipping_status: Text = None
    combined_invoice_status: Text = None
    order_location_id: Guid = None


class RowPage(_Wire):
    """The envelope of saleList."""

    total: Number = Decimal(0)
    sale_list: Rows[Row]


class PostalAddress(_Wire):
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


class Line(_Wire):
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


class AdditionalCharge(_Wire):
    """Blueprint: Sale Additional Charge Model."""

    description: Text = None
    quantity: Number = Decimal(1)
    price: Number = Decimal(0)
    discount: Number = Decimal(0)
    tax: Number = Decimal(0)
    total: Number = Decimal(0)
    tax_rule: Text = None
    comment: Text = None


class OrderPart(_Wire):
    """Blueprint: Sale Order Model."""

    sale_order_number: Text = None
    memo: Text = None
    status: Text = None
    lines: Rows[Line] = []
    additional_charges: Rows[AdditionalCharge] = []
    total: Number = Decimal(0)


class HandledLine(_Wire):
    """Blueprint: Sale Fulfilment Pick Pack Line Model."""

    product_id: Guid = None
    sku: Text = None
    name: Text = None
    location: Text = None
    quantity: Number
    batch_sn: Text = Field(None, validation_alias=AliasChoices("batchsn", "batch"))
    expiry_date: Day = None
    box: Text = Field(None, validation_alias=AliasChoices("box", "boxes"))


class Stage(_Wire):
    """Blueprint: Sale Fulfilment Pick Pack Model; also the answer to writing a stage."""

    status: Text = None
    lines: Rows[HandledLine] = []


class ShippedLine(_Wire):
    """Blueprint: Sale Fulfilment Ship Line Model; `Boxes` when read, `Box` when written."""

    shipment_date: Day = None
    carrier: Text = None
    boxes: Text = Field(None, validation_alias=AliasChoices("boxes", "box"))
    tracking_number: Text = None
    tracking_url: Text = None
    is_shipped: Flag = True


class ShipStage(_Wire):
    """Blueprint: Sale Fulfilment Ship Model."""

    status: Text = None
    lines: Rows[ShippedLine] = []


class FulfilmentTask(_Wire):
    """Blueprint: Sale Fulfilment Model."""

    task_id: NeededGuid
    fulfilment_number: Number = Decimal(0)
    linked_invoice_number: Text = None
    pick: Stage = Stage()
    pack: Stage = Stage()
    ship: ShipStage = ShipStage()


class InvoiceTask(_Wire):
    """Blueprint: Sale Invoice Model, Sale Invoice Partial Model."""

    task_id: NeededGuid
    invoice_number: Text = None
    memo: Text = None
    status: Text = None
    linked_fulfilment_number: Text = None
    total: Number = Decimal(0)


class FulfilmentsOfSale(_Wire):
    """Blueprint: Sale Fulfilment."""

    fulfilments: Rows[FulfilmentTask] = []


class InvoicesOfSale(_Wire):
    """Blueprint: Sale Invoice."""

    invoices: Rows[InvoiceTask] = []


class WholeSale(_Wire):
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
    last_modified_on: Text = None
    order: OrderPart = OrderPart()
    fulfilments: Rows[FulfilmentTask] = []
    invoices: Rows[InvoiceTask] = []
    additional_attributes: dict[str, Text] = {}


class Availability(_Wire):
    """Blueprint: Available Fields for Product Availability."""

    id: Guid = None
    sku: Needed
    location: Text = None
    bin: Text = None
    batch: Text = None
    on_hand: Number = Decimal(0)
    allocated: Number = Decimal(0)
    available: Number = Decimal(0)


class AvailabilityPage(_Wire):
    """The envelope of productavailability."""

    total: Number = Decimal(0)
    product_availability_list: Rows[Availability]


class AdjustmentRow(_Wire):
    """Blueprint: Available fields for Stock Adjustment List."""

    status: Text = None
    reference: Text = None


class AdjustmentPage(_Wire):
    """The envelope of stockadjustmentList."""

    total: Number = Decimal(0)
    stock_adjustment_list: Rows[AdjustmentRow]


class Location(_Wire):
    """Blueprint: Available Fields for Location. A bin is a row too, with the location that it is part of."""

    id: NeededGuid
    name: Needed
    parent_id: Guid = None
    parent_name: Text = None


class LocationPage(_Wire):
    """The envelope of ref/location."""

    total: Number = Decimal(0)
    location_list: Rows[Location]


class Account(_Wire):
    """Blueprint: Available Fields for Chart of Accounts."""

    code: Text = None
    status: Text = None


class AccountPage(_Wire):
    """The envelope of ref/account."""

    total: Number = Decimal(0)
    accounts_list: Rows[Account]


class Tax(_Wire):
    """Blueprint: Available Fields for Tax."""

    name: Text = None
    is_active: Flag = True


class TaxPage(_Wire):
    """The envelope of ref/tax."""

    total: Number = Decimal(0)
    tax_rule_list: Rows[Tax]


class Company(_Wire):
    """Blueprint: Available Fields for ME, of which one is used."""

    company: Text = None
