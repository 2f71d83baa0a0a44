"""Addresses of sales and customers (blueprint: Address Model, Sale Shipping Address Model)."""

from typing import Any

from sandbox.dear.registers import same
from sandbox.dear.tenant import Author, Doc, Tenant, identity

_PARTS = ("Line1", "Line2", "City", "State", "Postcode", "Country")
_DEFAULT = {
    "Line1": "12 Quay Street",
    "Line2": "",
    "City": "Portland",
    "State": "OR",
    "Postcode": "97201",
    "Country": "United States",
}
# name, ISO 3166-1 alpha-2, alpha-3
_COUNTRIES = (
    ("Australia", "AU", "AUS"), ("Austria", "AT", "AUT"), ("Belgium", "BE", "BEL"), ("Brazil", "BR", "BRA"),
    ("Canada", "CA", "CAN"), ("China", "CN", "CHN"), ("Denmark", "DK", "DNK"), ("Finland", "FI", "FIN"),
    ("France", "FR", "FRA"), ("Germany", "DE", "DEU"), ("Hong Kong", "HK", "HKG"), ("India", "IN", "IND"),
    ("Ireland", "IE", "IRL"), ("Italy", "IT", "ITA"), ("Japan", "JP", "JPN"), ("Mexico", "MX", "MEX"),
    ("Netherlands", "NL", "NLD"), ("New Zealand", "NZ", "NZL"), ("Norway", "NO", "NOR"), ("Poland", "PL", "POL"),
    ("Singapore", "SG", "SGP"), ("South Africa", "ZA", "ZAF"), ("Spain", "ES", "ESP"), ("Sweden", "SE", "SWE"),
    ("Switzerland", "CH", "CHE"), ("United Kingdom", "GB", "GBR"), ("United States", "US", "USA"),
)  # fmt: skip


def address(given: Doc | None, *, contact: str = "", company: str = "") -> Doc:
    """Make a shipping address of parts named in DEAR's way or as `line1`, `display_address_line1`.

    A part that is given as null or blank stays so; the display lines are joined from the parts unless given.
    """
    parts = {name.replace("_", "").lower(): value for name, value in (given or _DEFAULT).items()}
    made: Doc = {name: parts.get(name.lower(), "") for name in _PARTS}
    made["DisplayAddressLine1"] = parts.get("displayaddressline1", _joined(made, "Line1", "Line2"))
    tail = _joined(made, "City", "State", "Postcode", "Country")
    made["DisplayAddressLine2"] = parts.get("displayaddressline2", tail)
    made["Company"] = parts.get("company", company)
    made["Contact"] = parts.get("contact", contact)
    made["ShipToOther"] = bool(parts.get("shiptoother", False))
    order = ("DisplayAddressLine1", "DisplayAddressLine2", *_PARTS, "Company", "Contact", "ShipToOther")
    return {name: made[name] for name in order}


def changed_address(before: Doc, patch: Doc) -> Doc:
    """Change parts of an address; display lines that the patch does not give are joined anew."""
    kept = {name: value for name, value in before.items() if not name.startswith("Display")}
    return address({**kept, **patch})


def billing(shipping: Doc) -> Doc:
    """Give the part of an address that a billing address has."""
    return {name: shipping[name] for name in ("DisplayAddressLine1", "DisplayAddressLine2", *_PARTS)}


def with_countries_as(value: Any, form: str) -> Any:
    """Write each `Country` of a document as its name (Regular), alpha-2 (Code2) or alpha-3 (Code) code."""
    column = {"code2": 1, "code": 2}.get(form.lower())
    if column is None:
        return value
    if isinstance(value, list):
        return [with_countries_as(item, form) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _country(item, column) if key == "Country" else with_countries_as(item, form)
        for key, item in value.items()
    }


def customer_of(tenant: Tenant, name: str, contact: str, addresses: list[Doc]) -> Doc:
    """Find the customer by name or make one, with the given addresses among its own."""
    key = identity("customer", name)
    customer = tenant.documents.get("customer", key) or {"ID": key, "Name": name, "Contact": contact, "Addresses": []}
    for given in addresses:
        if not _knows(customer, given):
            customer["Addresses"].append(given)
    tenant.documents.put("customer", key, customer)
    return customer


def adopt_shipping_address(tenant: Tenant, sale: Doc, given: Doc, by: Author) -> None:
    """Do what DEAR does with a ShippingAddress that is written: an unknown one is added to the customer.

    It is not when ShipToOther is true (blueprint: Sale Shipping Address Model).
    """
    if given.get("ShipToOther"):
        return
    customer = tenant.documents.get("customer", sale["CustomerID"])
    if customer is None or _knows(customer, given):
        return
    customer["Addresses"].append(address(given))
    tenant.documents.put("customer", customer["ID"], customer)
    tenant.record(
        "customer_address", by, given, sale_id=sale["ID"], order_number=sale["Order"]["SaleOrderNumber"],
        customer_id=customer["ID"], customer=customer["Name"],
    )  # fmt: skip


def _knows(customer: Doc, given: Doc) -> bool:
    return any(same(known.get("Line1"), given.get("Line1")) for known in customer["Addresses"])


def _joined(parts: Doc, *names: str) -> str:
    return " ".join(str(parts[name]) for name in names if parts[name])


def _country(value: object, column: int) -> object:
    return next((row[column] for row in _COUNTRIES if same(row[0], value)), value)
