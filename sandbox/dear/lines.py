"""Lines and charges of quotes, orders and invoices, and the sums below them."""

from collections.abc import Iterable
from decimal import Decimal

from sandbox.dear.money import decimal, line_total, plain, rounded, tax_on
from sandbox.dear.reference import company
from sandbox.dear.registers import is_stock, product_by_sku, sale_tax
from sandbox.dear.specs import ChargeSpec, LineSpec
from sandbox.dear.tenant import EMPTY_GUID, Doc, Tenant


def order_line(tenant: Tenant, spec: LineSpec, sale: Doc) -> Doc:
    """Make an order line; `_stock` tells whether its product is kept in stock."""
    product = product_by_sku(tenant, spec.sku)
    price = product["PriceTier1"] if spec.price is None else spec.price
    amounts = _amounts(tenant, spec, price, spec.tax_rule or product["SaleTaxRule"] or sale["TaxRule"], sale)
    return {
        "ProductID": product["ID"],
        "SKU": product["SKU"],
        "Name": product["Name"],
        "Quantity": amounts["Quantity"],
        "Price": amounts["Price"],
        "Discount": amounts["Discount"],
        "Tax": amounts["Tax"],
        "AverageCost": product["AverageCost"],
        "TaxRule": amounts["TaxRule"],
        "Comment": spec.comment,
        "DropShip": spec.drop_ship,
        "Backorder": False,
        "BackorderQuantity": 0,
        "Total": amounts["Total"],
        "_stock": is_stock(product) and not spec.drop_ship,
    }


def order_charge(tenant: Tenant, spec: ChargeSpec, sale: Doc) -> Doc:
    """Make an additional charge of an order."""
    amounts = _amounts(tenant, spec, spec.price, spec.tax_rule or sale["TaxRule"], sale)
    return {
        "Description": spec.description,
        "Price": amounts["Price"],
        "Quantity": amounts["Quantity"],
        "Discount": amounts["Discount"],
        "Tax": amounts["Tax"],
        "Total": amounts["Total"],
        "TaxRule": amounts["TaxRule"],
        "Comment": spec.comment,
    }


def sums(lines: Iterable[Doc], sale: Doc, tenant: Tenant) -> Doc:
    """Give TotalBeforeTax, Tax and Total of lines and charges together, by the account's way to work out tax."""
    entries = list(lines)
    totals = sum((decimal(entry["Total"], "Total") for entry in entries), Decimal(0))
    tax = _tax_of(entries, sale, tenant)
    before = totals - tax if is_inclusive(sale) else totals
    return {"TotalBeforeTax": plain(before), "Tax": plain(tax), "Total": plain(before + tax)}


def _tax_of(entries: list[Doc], sale: Doc, tenant: Tenant) -> Decimal:
    """Sum the rows' own taxes, or work the tax of each rule out once, on the rows' total (blueprint: Me)."""
    if company(tenant)["TaxCalculationMethod"] == "Row Total":
        return sum((decimal(entry["Tax"], "Tax") for entry in entries), Decimal(0))
    by_rule: dict[str, Decimal] = {}
    for entry in entries:
        by_rule[entry["TaxRule"]] = by_rule.get(entry["TaxRule"], Decimal(0)) + decimal(entry["Total"], "Total")
    percents = {name: decimal(sale_tax(tenant, name)["TaxPercent"], "TaxPercent") for name in by_rule}
    taxes = (tax_on(total, percents[name], inclusive=is_inclusive(sale)) for name, total in by_rule.items())
    return sum(taxes, Decimal(0))


def with_charges_as_lines(part: Doc) -> Doc:
    """Show additional charges among the lines, without a product, as CombineAdditionalCharges asks."""
    combined = [
        {"ProductID": EMPTY_GUID, "SKU": "", "Name": charge["Description"], **charge}
        for charge in part["AdditionalCharges"]
    ]
    return {**part, "Lines": [*part["Lines"], *combined], "AdditionalCharges": []}


def is_inclusive(sale: Doc) -> bool:
    return bool(sale["TaxCalculation"] == "Inclusive")


def quantities(lines: Iterable[Doc]) -> dict[str, Decimal]:
    """Sum quantities by ProductID in lower case."""
    found: dict[str, Decimal] = {}
    for line in lines:
        key = str(line["ProductID"]).lower()
        found[key] = found.get(key, Decimal(0)) + decimal(line["Quantity"], "Quantity")
    return found


def _amounts(tenant: Tenant, spec: LineSpec | ChargeSpec, price: float, tax_rule: str, sale: Doc) -> Doc:
    rule = sale_tax(tenant, tax_rule)
    quantity, unit, discount = Decimal(str(spec.quantity)), Decimal(str(price)), Decimal(str(spec.discount))
    total = line_total(quantity, unit, discount)
    tax = tax_on(total, decimal(rule["TaxPercent"], "TaxPercent"), inclusive=is_inclusive(sale))
    return {
        "Quantity": plain(quantity),
        "Price": plain(rounded(unit)),
        "Discount": plain(discount),
        "Tax": plain(tax),
        "Total": plain(total),
        "TaxRule": rule["Name"],
    }
