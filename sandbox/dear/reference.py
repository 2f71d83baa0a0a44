"""`/me` and the reference lists below `/ref` (blueprint: Me, Location, Chart of Accounts, Tax, ...)."""

from sandbox.dear.errors import NotInReferenceBook
from sandbox.dear.paging import flag, page_of
from sandbox.dear.registers import same
from sandbox.dear.tenant import Doc, Tenant, identity

_COMPANY: Doc = {
    "Company": "Harbour Trading Ltd",
    "Currency": "USD",
    "TimeZone": "America/Los_Angeles",
    "DefaultWeightUnits": "kg",
    "DefaultDimensionsUnits": "cm",
    "LockDate": None,
    "OpeningBalanceDate": "2024-12-31T00:00:00",
    "TaxCalculationMethod": "Total",
    "DefaultSaleTaxRuleId": identity("tax", "Tax on Sales"),
    "DefaultSaleTaxRuleName": "Tax on Sales",
    "MaximumDecimalPlacesInQuantity": "N2",
    "ApplyCustomerDiscountsAfterOtherDiscounts": False,
    "DiscountRule": "Discount",
    "AutomaticallyApplyDiscounts": False,
    "RoundingTable": [{"RangeTo": 10, "RoundToNearest": 0.01, "AdjustmentRule": "N", "AdjustmentValue": 0}],
}


def get_me(tenant: Tenant, _query: Doc) -> Doc:
    return company(tenant)


def company(tenant: Tenant) -> Doc:
    """Give the company's own settings, with what a seed changed."""
    return {**_COMPANY, **(tenant.documents.get("company", "") or {})}


def get_locations(tenant: Tenant, query: Doc) -> Doc:
    """List locations, and each bin once more as a row of its own with its parent's id."""
    rows: list[Doc] = []
    for location in tenant.documents.all("location"):
        rows += [location, *(_bin_row(location, bin_) for bin_ in location["Bins"] or [])]
    if "deprecated" in query:
        rows = [row for row in rows if row["IsDeprecated"] == flag(query, "deprecated")]
    return page_of(query, "LocationList", _filtered(rows, query, exact={"id": "ID"}, starts={"name": "Name"}))


def get_accounts(tenant: Tenant, query: Doc) -> Doc:
    """List the chart of accounts; an unknown Code is refused, where one would expect an empty list."""
    rows = _filtered(
        tenant.documents.all("account"),
        query,
        exact={"code": "Code", "type": "Type", "status": "Status"},
        starts={"name": "Name"},
    )
    if query.get("code") and not rows:
        raise NotInReferenceBook("Account", query["code"])
    return page_of(query, "AccountsList", rows)


def get_taxes(tenant: Tenant, query: Doc) -> Doc:
    rows = _filtered(
        tenant.documents.all("tax"), query, exact={"id": "ID", "account": "Account"}, starts={"name": "Name"}
    )
    for name, column in (
        ("isactive", "IsActive"),
        ("istaxforsale", "IsTaxForSale"),
        ("istaxforpurchase", "IsTaxForPurchase"),
    ):
        if name in query:
            rows = [row for row in rows if row[column] == flag(query, name)]
    return page_of(query, "TaxRuleList", rows)


def get_carriers(tenant: Tenant, query: Doc) -> Doc:
    carriers = tenant.documents.all("carrier")
    rows = _filtered(carriers, query, exact={"carrierid": "CarrierID"}, starts={"description": "Description"})
    return page_of(query, "CarrierList", rows)


def get_payment_terms(tenant: Tenant, query: Doc) -> Doc:
    terms = tenant.documents.all("payment_term")
    rows = _filtered(terms, query, exact={"id": "ID", "method": "Method"}, starts={"name": "Name"})
    for name, column in (("isactive", "IsActive"), ("isdefault", "IsDefault")):
        if name in query:
            rows = [row for row in rows if row[column] == flag(query, name)]
    return page_of(query, "PaymentTermList", rows)


def get_attribute_sets(tenant: Tenant, query: Doc) -> Doc:
    sets = tenant.documents.all("attribute_set")
    return page_of(query, "AttributeSetList", _filtered(sets, query, exact={"id": "ID"}, starts={"name": "Name"}))


def get_price_tiers(_tenant: Tenant, _query: Doc) -> Doc:
    """List the ten price tiers; this list alone has no pages and no total."""
    return {"PriceTiers": [{"Code": number, "Name": f"Tier {number}"} for number in range(1, 11)]}


def _filtered(rows: list[Doc], query: Doc, *, exact: dict[str, str], starts: dict[str, str]) -> list[Doc]:
    def wanted(row: Doc) -> bool:
        equal = all(same(row[column], query[name]) for name, column in exact.items() if query.get(name))
        begins = (
            str(row[column]).lower().startswith(str(query.get(name, "")).lower()) for name, column in starts.items()
        )
        return equal and all(begins)

    return [row for row in rows if wanted(row)]


def _bin_row(location: Doc, bin_: Doc) -> Doc:
    blank = {name: "" for name in location if name.startswith("Address")}
    return {
        **location,
        **blank,
        "ID": bin_["ID"],
        "Name": bin_["Name"],
        "IsDefault": False,
        "IsDeprecated": bin_["IsDeprecated"],
        "Bins": None,
        "ParentID": location["ID"],
        "ParentName": location["Name"],
        "IsStaging": bin_["IsStaging"],
    }
