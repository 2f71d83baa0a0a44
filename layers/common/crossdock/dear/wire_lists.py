"""The shapes of DEAR's lists: sales, stock, adjustments and reference books, each in its envelope."""

from decimal import Decimal
from typing import Any

from crossdock.dear.wire_values import Day, Flag, Guid, Needed, NeededGuid, Number, Rows, Text, Wire


class Page(Wire):
    """What the envelopes of all lists have in common (blueprint: Pagination)."""

    total: Number

    @property
    def row_count(self) -> int:
        """How many rows came: the length of the envelope's one list."""
        return sum(len(value) for _, value in self if isinstance(value, list))


class Row(Wire):
    """A row of saleList (blueprint: Available Fields for Sale List)."""

    sale_id: NeededGuid
    order_number: Text = None
    type: Text = None
    status: Text = None
    updated: Text = None
    order_date: Day = None
    order_status: Text = None
    quote_status: Text = None
    credit_note_status: Text = None
    combined_picking_status: Text = None
    combined_packing_status: Text = None
    combined_shipping_status: Text = None
    combined_invoice_status: Text = None
    order_location_id: Guid = None


class RowPage(Page):
    """The envelope of saleList. Its rows are read one by one: an unreadable one does not stop the others."""

    sale_list: Rows[Any] = []


class Availability(Wire):
    """Blueprint: Available Fields for Product Availability."""

    id: Guid = None
    sku: Needed
    location: Text = None
    bin: Text = None
    batch: Text = None
    expiry_date: Day = None
    on_hand: Number = Decimal(0)
    allocated: Number = Decimal(0)
    available: Number = Decimal(0)


class AvailabilityPage(Page):
    """The envelope of productavailability."""

    product_availability_list: Rows[Availability] = []


class AdjustmentRow(Wire):
    """Blueprint: Available fields for Stock Adjustment List."""

    status: Text = None
    reference: Text = None


class AdjustmentPage(Page):
    """The envelope of stockadjustmentList."""

    stock_adjustment_list: Rows[AdjustmentRow] = []


class Location(Wire):
    """Blueprint: Available Fields for Location. A bin is a row too, with the location that it is part of."""

    id: NeededGuid
    name: Needed
    parent_id: Guid = None
    parent_name: Text = None


class LocationPage(Page):
    """The envelope of ref/location."""

    location_list: Rows[Location] = []


class Account(Wire):
    """Blueprint: Available Fields for Chart of Accounts."""

    code: Text = None
    status: Text = None


class AccountPage(Page):
    """The envelope of ref/account."""

    accounts_list: Rows[Account] = []


class Tax(Wire):
    """Blueprint: Available Fields for Tax."""

    name: Text = None
    is_active: Flag = True


class TaxPage(Page):
    """The envelope of ref/tax."""

    tax_rule_list: Rows[Tax] = []


class BillLine(Wire):
    """Blueprint: Bill Of Material Product Model. Wastage is lost in the making and is in no parcel."""

    component_product_id: NeededGuid
    product_code: Text = None
    name: Text = None
    quantity: Number


class Product(Wire):
    """Blueprint: Available Fields for Product, as far as kits go. Services of a bill are not goods and not read."""

    id: NeededGuid
    sku: Needed
    name: Text = None
    type: Text = None
    weight: Number = Decimal(0)
    weight_units: Text = None
    auto_assembly: Flag = False
    quantity_to_produce: Number = Decimal(1)
    bill_of_materials_products: Rows[BillLine] = []


class CatalogueProduct(Wire):
    """Blueprint: Available Fields for Product, as far as stock goes."""

    id: NeededGuid
    sku: Needed
    type: Text = None
    status: Text = None
    costing_method: Text = None
    average_cost: Number = Decimal(0)
    price_tier1: Number = Decimal(0)
    price_tier2: Number = Decimal(0)
    price_tier3: Number = Decimal(0)
    price_tier4: Number = Decimal(0)
    price_tier5: Number = Decimal(0)
    price_tier6: Number = Decimal(0)
    price_tier7: Number = Decimal(0)
    price_tier8: Number = Decimal(0)
    price_tier9: Number = Decimal(0)
    price_tier10: Number = Decimal(0)


class CatalogueEnvelope(Page):
    """The envelope of product, where its stock is asked for."""

    products: Rows[CatalogueProduct] = []


class ProductPage(Page):
    """The envelope of product."""

    products: Rows[Product] = []


class Term(Wire):
    """Blueprint: Available Fields for Payment Term."""

    name: Text = None
    duration: Number = Decimal(0)
    method: Text = None


class TermPage(Page):
    """The envelope of ref/paymentterm."""

    payment_term_list: Rows[Term] = []


class Company(Wire):
    """Blueprint: Available Fields for ME, as far as they are used."""

    company: Text = None
    time_zone: Text = None
    tax_calculation_method: Text = None
