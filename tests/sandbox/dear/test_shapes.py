"""Answers carry every key of the blueprint's example bodies, in its own spellings."""

from typing import Any

import pytest

from tests.sandbox.dear.client import DearClient, billed, goods, invoice

PRODUCT_FACTS = (
    "ProductLength ProductWidth ProductHeight ProductWeight WeightUnits DimensionsUnits ProductCustomField1 "
    "ProductCustomField2 ProductCustomField3 ProductCustomField4 ProductCustomField5 ProductCustomField6 "
    "ProductCustomField7 ProductCustomField8 ProductCustomField9 ProductCustomField10"
)
BILLING_ADDRESS = "DisplayAddressLine1 DisplayAddressLine2 Line1 Line2 City State Postcode Country"
SHIPPING_ADDRESS = BILLING_ADDRESS + " Company Contact ShipToOther"
QUOTE_LINE = "ProductID SKU Name Quantity Price Discount Tax AverageCost TaxRule Comment Total"
ORDER_LINE = QUOTE_LINE + " DropShip Backorder BackorderQuantity"
CHARGE = "Description Price Quantity Discount Tax Total TaxRule Comment"
TOTALS = "TotalBeforeTax Tax Total"
PICK_LINE = "ProductID SKU Name Location LocationID Quantity BatchSN ExpiryDate"
PACK_LINE = PICK_LINE + " Box"
SHIP = "Status RequireBy ShippingAddress ShippingNotes Lines"
SHIP_LINE = "ID ShipmentDate Carrier Boxes TrackingNumber TrackingURL IsShipped"
TASK = "TaskID FulfillmentNumber LinkedInvoiceNumber FulFilmentStatus Pick Pack Ship"
INVOICE_LINE = "ProductID SKU Name Quantity Price Discount Tax Total AverageCost TaxRule Account Comment"
INVOICE_CHARGE = "Description Quantity Price Discount Tax Total TaxRule Account Comment"
INVOICE = (
    "TaskID InvoiceNumber Memo Status InvoiceDate InvoiceDueDate CurrencyConversionRate BillingAddressLine1 "
    "BillingAddressLine2 LinkedFulfillmentNumber Lines AdditionalCharges"
)
SALE_ROW = (
    "SaleID OrderNumber Status OrderDate InvoiceDate Customer CustomerID InvoiceNumber CustomerReference InvoiceAmount "
    "PaidAmount SaleInvoicesTotalAmount InvoiceDueDate ShipBy BaseCurrency CustomerCurrency CreditNoteNumber Updated "
    "QuoteStatus OrderStatus CombinedPickingStatus CombinedPaymentStatus CombinedTrackingNumbers CombinedPackingStatus "
    "CombinedShippingStatus CombinedInvoiceStatus CombinedPaymentTotal CreditNoteStatus FulFilmentStatus Type "
    "SourceChannel ExternalID OrderLocationID"
)
SALE = (
    "ID Customer CustomerID Contact Phone Email DefaultAccount SkipQuote BillingAddress ShippingAddress ShippingNotes "
    "BaseCurrency CustomerCurrency TaxRule TaxCalculation Terms PriceTier ShipBy Location SaleOrderDate LastModifiedOn "
    "Note CustomerReference COGSAmount Status CombinedPickingStatus CombinedPackingStatus CombinedShippingStatus "
    "FulFilmentStatus CombinedInvoiceStatus CombinedPaymentStatus CombinedTrackingNumbers Carrier CurrencyRate "
    "SalesRepresentative ServiceOnly Type SourceChannel Quote Order Fulfilments Invoices CreditNotes ManualJournals "
    "ExternalID AdditionalAttributes Attachments InventoryMovements Transactions"
)
CREDIT_NOTE = (
    "TaskID CreditNoteInvoiceNumber Memo Status CreditNoteDate CreditNoteNumber CreditNoteConversionRate Lines "
    "AdditionalCharges Refunds Restock TotalBeforeTax Tax Total"
)
AVAILABILITY = (
    "ID SKU Name Barcode Location Bin Batch ExpiryDate OnHand Allocated Available OnOrder StockOnHand InTransit "
    "NextDeliveryDate"
)
ADJUSTMENT_ROW = "TaskID EffectiveDate StocktakeNumber Status Account Reference"
EXISTING_LINE = (
    "ProductID SKU ProductName QuantityOnHand Available Adjustment LocationID Location BatchSN ExpiryDate Comments "
    "ProductLength ProductWidth ProductHeight ProductWeight ProductCustomField1 ProductCustomField10"
)
NEW_LINE = (
    "ProductID SKU ProductName Quantity UnitCost LocationID Location BatchSN ExpiryDate ReceivedDate Comments "
    + PRODUCT_FACTS
)
PRODUCT = (
    "ID SKU Name Category Brand Type CostingMethod DropShipMode DefaultLocation Length Width Height Weight UOM "
    "WeightUnits DimensionsUnits Barcode MinimumBeforeReorder ReorderQuantity PriceTier1 PriceTier10 PriceTiers "
    "AverageCost ShortDescription Description InternalNote AdditionalAttribute1 AdditionalAttribute10 AttributeSet "
    "DiscountRule Tags Status StockLocator COGSAccount RevenueAccount ExpenseAccount InventoryAccount PurchaseTaxRule "
    "SaleTaxRule LastModifiedOn Sellable PickZones BillOfMaterial AutoAssembly AutoDisassembly QuantityToProduce "
    "AssemblyInstructionURL AssemblyCostEstimationMethod Suppliers ReorderLevels BillOfMaterialsProducts "
    "BillOfMaterialsServices Movements Attachments CustomPrices CartonHeight CartonWidth CartonLength CartonQuantity "
    "CartonInnerQuantity HSCode CountryOfOrigin CountryOfOriginCode"
)
ME = (
    "Company Currency TimeZone DefaultWeightUnits DefaultDimensionsUnits LockDate OpeningBalanceDate "
    "TaxCalculationMethod DefaultSaleTaxRuleId DefaultSaleTaxRuleName MaximumDecimalPlacesInQuantity "
    "ApplyCustomerDiscountsAfterOtherDiscounts DiscountRule AutomaticallyApplyDiscounts RoundingTable"
)
LOCATION = (
    "ID Name IsDefault IsDeprecated Bins FixedAssetsLocation ParentID ParentName ReferenceCount AddressLine1 "
    "AddressLine2 AddressCitySuburb AddressStateProvince AddressZipPostCode AddressCountry PickZones IsShopfloor "
    "IsCoMan IsStaging"
)
ACCOUNT = (
    "Code Status Name Type Description Class SystemAccount SystemAccountCode BankAccountNumber BankAccountId "
    "ForPayments DisplayName OldCode"
)
TAX = "ID Name Account IsActive TaxInclusive TaxPercent IsTaxForSale IsTaxForPurchase Components"


def lacks(document: dict[str, Any], *keys: str) -> set[str]:
    """Give the expected keys that the document does not have."""
    return {key for group in keys for key in group.split()} - document.keys()


@pytest.fixture
def whole(dear: DearClient) -> str:
    """A sale with a charge that went through every stage, credit note included."""
    spec = {
        "lines": [{"sku": "BREAD", "quantity": 2}],
        "charges": [{"description": "Freight", "price": 5}],
        "status": "CREDITED",
    }
    (sale_id,) = dear.seed(sales=[spec])
    return sale_id


def test_a_sale_and_its_header_parts(dear: DearClient, whole: str) -> None:
    sale = dear.sale(whole)

    assert not lacks(sale, SALE)
    assert not lacks(sale["BillingAddress"], BILLING_ADDRESS)
    assert not lacks(sale["ShippingAddress"], SHIPPING_ADDRESS)
    assert not lacks(sale["ManualJournals"], "Status Lines")
    assert not lacks(sale["AdditionalAttributes"], *(f"AdditionalAttribute{n}" for n in range(1, 11)))


def test_the_order_of_a_sale(dear: DearClient, whole: str) -> None:
    order = dear.sale(whole)["Order"]

    assert not lacks(order, "SaleOrderNumber Memo Status Lines AdditionalCharges", TOTALS)
    assert not lacks(order["Lines"][0], ORDER_LINE, PRODUCT_FACTS)
    assert not lacks(order["AdditionalCharges"][0], CHARGE)


def test_the_quote_of_a_sale(dear: DearClient) -> None:
    (sale_id,) = dear.seed(sales=[{"status": "ESTIMATED", "lines": [{"sku": "BREAD"}]}])

    quote = dear.sale(sale_id)["Quote"]

    assert not lacks(quote, "Memo Status Prepayments Lines AdditionalCharges", TOTALS)
    assert quote["Lines"][0].keys() == set(f"{QUOTE_LINE} {PRODUCT_FACTS}".split())


def test_the_fulfilments_of_a_sale(dear: DearClient, whole: str) -> None:
    (within,) = dear.sale(whole)["Fulfilments"]
    (alone,) = dear.tasks(whole)

    assert not lacks(within["Pick"]["Lines"][0], PICK_LINE, PRODUCT_FACTS)
    assert not lacks(within["Pack"]["Lines"][0], PACK_LINE, PRODUCT_FACTS)
    for task in (within, alone):
        assert not lacks(task, TASK)
        assert not lacks(task["Pack"], "Status Lines")
        assert not lacks(task["Ship"], SHIP)
        assert not lacks(task["Ship"]["ShippingAddress"], SHIPPING_ADDRESS)
        assert not lacks(task["Ship"]["Lines"][0], SHIP_LINE)


def test_the_stages_by_themselves(dear: DearClient, simple: str) -> None:
    dear.shipped(simple)

    pick, pack, ship = (dear.get(f"/sale/fulfilment/{stage}", TaskID=simple) for stage in ("pick", "pack", "ship"))

    assert not lacks(pick, "TaskID Status Lines")
    assert not lacks(pick["Lines"][0], PICK_LINE, "NonInventory")
    assert not lacks(pack["Lines"][0], PACK_LINE, "NonInventory WarrantyRegistrationNumber")
    assert not lacks(ship, "TaskID", SHIP)
    assert not lacks(ship["Lines"][0], SHIP_LINE)


def test_the_invoices_of_a_sale(dear: DearClient, whole: str) -> None:
    (made,) = dear.sale(whole)["Invoices"]

    assert not lacks(made, INVOICE, TOTALS, "Payments Paid")
    assert not lacks(made["Lines"][0], INVOICE_LINE, PRODUCT_FACTS)
    assert not lacks(made["AdditionalCharges"][0], INVOICE_CHARGE)


def test_the_invoices_by_themselves(dear: DearClient, simple: str) -> None:
    body = dear.post("/sale/invoice", invoice(simple, [billed("BREAD", 2)])).body

    assert not lacks(body, "SaleID Invoices")
    assert body["Invoices"][0].keys() == {*INVOICE.split(), "CombineAdditionalCharges"}
    assert body["Invoices"][0]["Lines"][0].keys() == set(INVOICE_LINE.split())


def test_the_credit_notes_movements_and_bookings_of_a_sale(dear: DearClient, whole: str, simple: str) -> None:
    dear.picked(simple)
    dear.post("/sale/invoice", invoice(simple, [billed("BREAD", 2)]))
    sale = dear.get("/sale", ID=simple, IncludeTransactions="true")

    assert not lacks(dear.sale(whole)["CreditNotes"][0], CREDIT_NOTE)
    assert not lacks(sale["InventoryMovements"][0], "TaskID ProductID Date COGS", PRODUCT_FACTS)
    assert not lacks(sale["Transactions"][0], "TaskID TransactionID Debit Credit Description Amount EffectiveDate")


def test_the_payments_of_an_invoice(dear: DearClient) -> None:
    (sale_id,) = dear.seed(sales=[{"status": "COMPLETED", "lines": [{"sku": "BREAD"}]}])

    (paid,) = dear.sale(sale_id)["Invoices"][0]["Payments"]

    assert not lacks(paid, "ID Reference Amount DatePaid Account CurrencyRate DateCreated")


@pytest.mark.usefixtures("whole")
def test_a_row_of_the_sale_list_has_these_keys_and_no_others(dear: DearClient) -> None:
    body = dear.get("/saleList")

    assert body["SaleList"][0].keys() == set(SALE_ROW.split())
    assert body.keys() == {"Total", "Page", "SaleList"}


def test_a_row_of_the_availability_list(dear: DearClient) -> None:
    assert dear.available("BREAD").keys() == set(AVAILABILITY.split())


def test_a_stock_adjustment_and_its_row(dear: DearClient) -> None:
    lines = [goods("BREAD", 1, UnitCost=1), goods("JAM", 1, "Overflow", UnitCost=1)]
    body = dear.post("/stockadjustment", {"EffectiveDate": "2026-03-02", "Status": "COMPLETED", "Lines": lines}).body

    assert not lacks(body, ADJUSTMENT_ROW, "ExistingStockLines NewStockLines Transactions")
    assert not lacks(body["ExistingStockLines"][0], EXISTING_LINE)
    assert not lacks(body["NewStockLines"][0], NEW_LINE)
    assert not lacks(body["Transactions"][0], "ID Debit Credit Amount EffectiveDate")
    assert not lacks(dear.get("/stockadjustmentList")["StockAdjustmentList"][0], ADJUSTMENT_ROW)


@pytest.mark.parametrize(
    ("path", "key", "expected"),
    [
        ("/product", "Products", PRODUCT),
        ("/ref/location", "LocationList", LOCATION),
        ("/ref/account", "AccountsList", ACCOUNT),
        ("/ref/tax", "TaxRuleList", TAX),
        ("/ref/carrier", "CarrierList", "CarrierID Description"),
        ("/ref/paymentterm", "PaymentTermList", "ID Name Duration Method IsActive IsDefault"),
        ("/ref/attributeset", "AttributeSetList", "ID Name Attribute1Name Attribute1Type Attribute10Values Attributes"),
    ],
)
def test_a_row_of_a_reference_list(dear: DearClient, path: str, key: str, expected: str) -> None:
    assert not lacks(dear.get(path)[key][0], expected)


def test_the_company(dear: DearClient) -> None:
    me = dear.get("/me")

    assert not lacks(me, ME)
    assert not lacks(me["RoundingTable"][0], "RangeTo RoundToNearest AdjustmentRule AdjustmentValue")


def test_percent_and_order_of_a_tax_component_are_strings(dear: DearClient) -> None:
    component = dear.get("/ref/tax")["TaxRuleList"][0]["Components"][0]

    assert not lacks(component, "ID Name Percent AccountCode ComponentOrder")
    assert (component["Percent"], component["ComponentOrder"]) == ("10.0000000000", "1")
