"""Lines and charges of an invoice as they are sent, checked (blueprint: Sale Invoice Line Model)."""

from decimal import Decimal

from sandbox.dear.errors import Rejected
from sandbox.dear.money import agrees, decimal, line_total, plain, rounded
from sandbox.dear.registers import account, product, sale_tax
from sandbox.dear.tenant import Doc, Tenant

_MAXIMUM_DISCOUNT = Decimal(100)


def invoice_line(tenant: Tenant, sale: Doc, raw: Doc) -> Doc:
    """Check a line: its product is ordered, its total right, its tax rule and account are known."""
    found = product(tenant, raw)
    what = f"Product '{found['SKU']}'"
    if not any(line["ProductID"] == found["ID"] for line in sale["Order"]["Lines"]):
        raise Rejected(f"{what} is not in the Sale Order")
    if not raw.get("Name"):
        raise Rejected(f"{what}: Name is required")
    amounts = _amounts(tenant, raw, what, total_required=True)
    code = raw.get("Account") or found["RevenueAccount"] or sale["DefaultAccount"]
    return {
        "ProductID": found["ID"],
        "SKU": found["SKU"],
        "Name": raw["Name"],
        "Quantity": amounts["Quantity"],
        "Price": amounts["Price"],
        "Discount": amounts["Discount"],
        "Tax": amounts["Tax"],
        "Total": amounts["Total"],
        "AverageCost": found["AverageCost"],
        "TaxRule": amounts["TaxRule"],
        "Account": account(tenant, code)["Code"],
        "Comment": raw.get("Comment") or "",
    }


def invoice_charge(tenant: Tenant, sale: Doc, raw: Doc) -> Doc:
    """Check an additional charge."""
    if not raw.get("Description"):
        raise Rejected("Additional charge: Description is required")
    amounts = _amounts(tenant, raw, f"Additional charge '{raw['Description']}'", total_required=False)
    return {
        "Description": raw["Description"],
        **{name: amounts[name] for name in ("Quantity", "Price", "Discount", "Tax", "Total", "TaxRule")},
        "Account": account(tenant, raw.get("Account") or sale["DefaultAccount"])["Code"],
        "Comment": raw.get("Comment") or "",
    }


def _amounts(tenant: Tenant, raw: Doc, what: str, *, total_required: bool) -> Doc:
    quantity = decimal(raw.get("Quantity"), f"{what}: Quantity")
    price = decimal(raw.get("Price"), f"{what}: Price")
    discount = decimal(raw.get("Discount") or 0, f"{what}: Discount")
    if quantity <= 0:
        raise Rejected(f"{what}: Quantity must be greater than 0")
    if not 0 <= discount <= _MAXIMUM_DISCOUNT:
        raise Rejected(f"{what}: Discount must be between 0 and 100")
    computed = line_total(quantity, price, discount)
    if total_required or raw.get("Total") is not None:
        given = decimal(raw.get("Total"), f"{what}: Total")
        if not agrees(given, computed):
            raise Rejected(f"{what}: Total {plain(given)} is wrong, it should be {plain(computed)}")
    return {
        "Quantity": plain(rounded(quantity)),
        "Price": plain(rounded(price)),
        "Discount": plain(discount),
        "Tax": plain(rounded(decimal(raw.get("Tax"), f"{what}: Tax"))),
        "Total": plain(computed),
        "TaxRule": sale_tax(tenant, raw.get("TaxRule"))["Name"],
    }
