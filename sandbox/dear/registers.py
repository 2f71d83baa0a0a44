"""The account's reference books: locations and bins, accounts, taxes, carriers, terms, products, customers."""

from dataclasses import dataclass

from sandbox.dear.errors import NotInReferenceBook, Rejected
from sandbox.dear.tenant import Doc, Tenant

BIN_SEPARATOR = ": "


@dataclass(frozen=True)
class Place:
    """Where stock lies: a location, and a bin in it or none."""

    location_id: str
    location: str
    bin_id: str | None = None
    bin: str | None = None

    @property
    def id(self) -> str:
        """The GUID that lines carry as LocationID: the bin's where there is one."""
        return self.bin_id or self.location_id

    @property
    def name(self) -> str:
        """The name that lines carry as Location: `Warehouse: Bin` where there is a bin."""
        return self.location if self.bin is None else f"{self.location}{BIN_SEPARATOR}{self.bin}"


def same(left: object, right: object) -> bool:
    """Compare names, codes and GUIDs as DEAR does, without regard to case."""
    return str(left).lower() == str(right).lower()


def place(tenant: Tenant, name: object = None, identifier: object = None) -> Place:
    """Find a location or bin by its id, else by its name, `Warehouse: Bin` included."""
    if not identifier and not name:
        raise Rejected("Location is required")
    for doc in tenant.documents.all("location"):
        for candidate in _places_of(doc):
            found = same(candidate.id, identifier) if identifier else same(candidate.name, name)
            if found:
                return candidate
    raise NotInReferenceBook("Location", identifier or name)


def default_location(tenant: Tenant) -> str:
    """Give the name of the default location, else of the first one."""
    locations = tenant.documents.all("location")
    chosen = next((doc for doc in locations if doc["IsDefault"]), None) or next(iter(locations), None)
    if chosen is None:
        raise Rejected("The account has no location yet: seed it first")
    return str(chosen["Name"])


def product(tenant: Tenant, line: Doc) -> Doc:
    """Find the product of a line by ProductID, else by SKU."""
    identifier, sku = line.get("ProductID"), line.get("SKU")
    if identifier:
        index = tenant.documents.get("product_id", str(identifier).lower())
        sku = index["sku"] if index else None
    found = tenant.documents.get("product", str(sku or "").lower())
    if found is None:
        raise NotInReferenceBook("Product", identifier or line.get("SKU"))
    return found


def product_by_sku(tenant: Tenant, sku: str) -> Doc:
    return product(tenant, {"SKU": sku})


def add_product(tenant: Tenant, doc: Doc) -> None:
    tenant.documents.put("product", doc["SKU"].lower(), doc)
    tenant.documents.put("product_id", doc["ID"].lower(), {"sku": doc["SKU"]})


def account(tenant: Tenant, code: object) -> Doc:
    found = tenant.documents.get("account", str(code).lower())
    if found is None:
        raise NotInReferenceBook("Account", code)
    return found


def sale_tax(tenant: Tenant, name: object) -> Doc:
    """Find an active tax rule for sales by its name."""
    found = tenant.documents.get("tax", str(name).lower())
    if found is None or not found["IsActive"] or not found["IsTaxForSale"]:
        raise NotInReferenceBook("Tax Rule", name)
    return found


def is_stock(doc: Doc) -> bool:
    """Say whether a product is kept in stock."""
    return bool(doc["Type"] == "Stock")


def needs_batch(doc: Doc) -> bool:
    """Say whether stock of the product is told apart by batch or serial number."""
    return bool(doc["CostingMethod"] != "FIFO")


def _places_of(doc: Doc) -> list[Place]:
    bins = [Place(doc["ID"], doc["Name"], bin_["ID"], bin_["Name"]) for bin_ in doc["Bins"] or []]
    return [Place(doc["ID"], doc["Name"]), *bins]
