"""Fills the reference books: what a seed gives, and sensible defaults for what it leaves out."""

from typing import Any

from sandbox.dear.specs import AccountSpec, LocationSpec, SeedSpec, TaxSpec, TermSpec
from sandbox.dear.tenant import Doc, Tenant, identity

_LOCATIONS = [LocationSpec(name="Main Warehouse", default=True), LocationSpec(name="Overflow")]
_ACCOUNTS = [
    AccountSpec.model_validate({"code": code, "name": name, "type": kind, "class": group})
    for code, name, kind, group in (
        ("200", "Sales Revenue", "REVENUE", "REVENUE"),
        ("210", "Shipping Revenue", "REVENUE", "REVENUE"),
        ("310", "Cost of Goods Sold", "DIRECTCOSTS", "EXPENSE"),
        ("403", "Stock Adjustment Expense", "EXPENSE", "EXPENSE"),
        ("610", "Accounts Receivable", "CURRENT", "ASSET"),
        ("715", "Inventory", "CURRENT", "ASSET"),
        ("820", "Sales Tax", "CURRLIAB", "LIABILITY"),
    )
]
_TAXES = [TaxSpec(name="Tax on Sales", percent=10), TaxSpec(name="Tax Exempt", percent=0)]
_CARRIERS = ["DEFAULT Carrier", "UPS", "FedEx", "USPS", "DHL"]
_TERMS = [TermSpec(name="30 days", duration=30)]
_ATTRIBUTE_SETS: list[Doc] = [{"name": "Sales attributes", "attributes": [{"name": "Ship method"}]}]
_ATTRIBUTES = 10


def seed_reference(tenant: Tenant, spec: SeedSpec) -> None:
    """Add the seed's reference parts; a part that it lacks and the account lacks too gets its defaults."""
    if spec.company:
        known = tenant.documents.get("company", "") or {}
        tenant.documents.put("company", "", {**known, **spec.company})
    for location in _given_or(tenant, "location", spec.locations, _LOCATIONS):
        _add_location(tenant, LocationSpec(name=location) if isinstance(location, str) else location)
    for account in _given_or(tenant, "account", spec.accounts, _ACCOUNTS):
        tenant.documents.put("account", account.code.lower(), _account(account))
    for tax in _given_or(tenant, "tax", spec.taxes, _TAXES):
        tenant.documents.put("tax", tax.name.lower(), _tax(tax))
    for carrier in _given_or(tenant, "carrier", spec.carriers, _CARRIERS):
        known_as = {"CarrierID": identity("carrier", carrier), "Description": carrier}
        tenant.documents.put("carrier", carrier.lower(), known_as)
    for given in _given_or(tenant, "payment_term", spec.payment_terms, _TERMS):
        term = TermSpec(name=given) if isinstance(given, str) else given
        tenant.documents.put("payment_term", term.name.lower(), _term(term))
    for attributes in _given_or(tenant, "attribute_set", spec.attribute_sets, _ATTRIBUTE_SETS):
        made = _attribute_set(attributes)
        tenant.documents.put("attribute_set", made["ID"], made)


def _given_or[Part](tenant: Tenant, kind: str, given: list[Part], defaults: list[Any]) -> list[Part]:
    if given or tenant.documents.all(kind):
        return given
    return defaults


def _add_location(tenant: Tenant, spec: LocationSpec) -> None:
    bins = [
        {"ID": identity("bin", f"{spec.name}:{name}"), "Name": name, "IsDeprecated": False, "IsStaging": False}
        for name in spec.bins
    ]
    address = ("Line1", "Line2", "CitySuburb", "StateProvince", "ZipPostCode", "Country")
    location = {
        "ID": identity("location", spec.name),
        "Name": spec.name,
        "IsDefault": spec.default,
        "IsDeprecated": spec.deprecated,
        "Bins": bins,
        "FixedAssetsLocation": False,
        "ParentID": None,
        "ParentName": None,
        "ReferenceCount": 0,
        **{f"Address{part}": "" for part in address},
        "PickZones": None,
        "IsShopfloor": False,
        "IsCoMan": False,
        "IsStaging": False,
    }
    tenant.documents.put("location", spec.name.lower(), location)


def _account(spec: AccountSpec) -> Doc:
    return {
        "Code": spec.code,
        "Status": "ACTIVE",
        "Name": spec.name,
        "Type": spec.type,
        "Description": spec.name,
        "Class": spec.account_class,
        "SystemAccount": None,
        "SystemAccountCode": None,
        "BankAccountNumber": None,
        "BankAccountId": None,
        "ForPayments": False,
        "DisplayName": f"{spec.code}: {spec.name}",
        "OldCode": None,
    }


def _tax(spec: TaxSpec) -> Doc:
    component = {
        "ID": identity("tax_component", spec.name),
        "Name": "Tax",
        "Percent": f"{spec.percent:.10f}",
        "AccountCode": spec.account,
        "Compound": "0",
        "ComponentOrder": "1",
    }
    return {
        "ID": identity("tax", spec.name),
        "Name": spec.name,
        "Account": spec.account,
        "IsActive": True,
        "TaxInclusive": False,
        "TaxPercent": spec.percent,
        "IsTaxForSale": spec.for_sale,
        "IsTaxForPurchase": spec.for_purchase,
        "Components": [component],
    }


def _term(spec: TermSpec) -> Doc:
    return {
        "ID": identity("payment_term", spec.name),
        "Name": spec.name,
        "Duration": spec.duration,
        "Method": spec.method,
        "IsActive": True,
        "IsDefault": spec.name == _TERMS[0].name,
    }


def _attribute_set(given: Doc) -> Doc:
    named = list(given.get("attributes", []))
    unused = [{"name": "", "type": "Not used"}] * (_ATTRIBUTES - len(named))
    attributes = [
        {"Name": part["name"], "Type": part.get("type", "Text"), "Values": part.get("values", "")}
        for part in [*named, *unused]
    ]
    made: Doc = {"ID": identity("attribute_set", given["name"]), "Name": given["name"]}
    for number, attribute in enumerate(attributes, start=1):
        made |= {f"Attribute{number}{part}": value for part, value in attribute.items()}
    return {**made, "Attributes": attributes}
