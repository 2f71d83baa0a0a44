"""`/product`: the catalogue (blueprint: Product)."""

from sandbox.dear import dates
from sandbox.dear.paging import flag, page_of
from sandbox.dear.registers import add_product, product_by_sku, same
from sandbox.dear.specs import ProductSpec
from sandbox.dear.tenant import Doc, Tenant, identity

_NUMBERED = range(1, 11)
_OPTIONAL = {
    "includebom": ("BillOfMaterialsProducts", "BillOfMaterialsServices"),
    "includesuppliers": ("Suppliers",),
    "includemovements": ("Movements",),
    "includeattachments": ("Attachments",),
    "includereorderlevels": ("ReorderLevels",),
    "includecustomprices": ("CustomPrices",),
}


def get_products(tenant: Tenant, query: Doc) -> Doc:
    """List products by ID, or by a part of name or SKU; collections come empty unless they are asked for."""
    hidden = [name for include, names in _OPTIONAL.items() if not flag(query, include) for name in names]
    rows = [
        {**product, **{name: [] for name in hidden}}
        for product in tenant.documents.all("product")
        if _wanted(product, query)
    ]
    return page_of(query, "Products", rows)


def make_product(tenant: Tenant, spec: ProductSpec) -> Doc:
    """Store a product; the components of a kit must be there already."""
    components = [
        {
            "ComponentProductID": product_by_sku(tenant, component.sku)["ID"],
            "ProductCode": component.sku,
            "Name": product_by_sku(tenant, component.sku)["Name"],
            "Quantity": component.quantity,
            "WastagePercent": 0,
            "WastageQuantity": 0,
            "CostPercentage": 0,
        }
        for component in spec.bom
    ]
    product = {**_identity(spec), **_measures(spec), **_prices(spec), **_descriptions(spec), **_books(tenant, spec)}
    product |= {
        "BillOfMaterial": bool(components),
        "AutoAssembly": spec.auto_assembly,
        "AutoDisassembly": False,
        "QuantityToProduce": spec.produces,
        "AssemblyInstructionURL": "",
        "AssemblyCostEstimationMethod": "Average Cost",
        "BOMType": "Assembly" if components else "None",
        "Suppliers": [],
        "ReorderLevels": [],
        "BillOfMaterialsProducts": components,
        "BillOfMaterialsServices": [],
        "Movements": [],
        "Attachments": [],
        "CustomPrices": [],
        "HSCode": "",
        "CountryOfOrigin": "",
        "CountryOfOriginCode": "",
    }
    add_product(tenant, product)
    return product


def product_facts(product: Doc) -> Doc:
    """Give what DEAR repeats of a product wherever a line names it."""
    custom = {f"ProductCustomField{n}": product[f"AdditionalAttribute{n}"] or None for n in _NUMBERED}
    return {
        "ProductLength": product["Length"],
        "ProductWidth": product["Width"],
        "ProductHeight": product["Height"],
        "ProductWeight": product["Weight"],
        "WeightUnits": product["WeightUnits"],
        "DimensionsUnits": product["DimensionsUnits"],
        **custom,
    }


def _wanted(product: Doc, query: Doc) -> bool:
    if query.get("id") and not same(product["ID"], query["id"]):
        return False
    if product["Status"] == "Deprecated" and not flag(query, "includedeprecated"):
        return False
    if query.get("modifiedsince"):
        since = dates.moment(query["modifiedsince"], "ModifiedSince")
        if dates.moment(product["LastModifiedOn"], "LastModifiedOn") <= since:
            return False
    contains = (("name", "Name"), ("sku", "SKU"))
    return all(str(query.get(name, "")).lower() in product[column].lower() for name, column in contains)


def _identity(spec: ProductSpec) -> Doc:
    return {
        "ID": identity("product", spec.sku),
        "SKU": spec.sku,
        "Name": spec.name or f"Product {spec.sku}",
        "Category": spec.category,
        "Brand": None,
        "Type": spec.type,
        "CostingMethod": spec.costing_method,
        "DropShipMode": "No Drop Ship",
        "DefaultLocation": None,
    }


def _measures(spec: ProductSpec) -> Doc:
    carton = ("CartonLength", "CartonWidth", "CartonHeight", "CartonQuantity", "CartonInnerQuantity")
    return {
        "Length": spec.length,
        "Width": spec.width,
        "Height": spec.height,
        "Weight": spec.weight,
        **dict.fromkeys(carton, 0),
        "UOM": "Item",
        "WeightUnits": spec.weight_units,
        "DimensionsUnits": "cm",
        "Barcode": spec.barcode,
        "MinimumBeforeReorder": 0,
        "ReorderQuantity": 0,
    }


def _prices(spec: ProductSpec) -> Doc:
    by_number = {n: spec.price if n == 1 else 0 for n in _NUMBERED}
    return {
        **{f"PriceTier{n}": price for n, price in by_number.items()},
        "PriceTiers": {f"Tier {n}": price for n, price in by_number.items()},
        "AverageCost": spec.cost,
    }


def _descriptions(spec: ProductSpec) -> Doc:
    return {
        "ShortDescription": "",
        "Description": "",
        "InternalNote": "",
        **{f"AdditionalAttribute{n}": "" for n in _NUMBERED},
        "AttributeSet": None,
        "DiscountRule": None,
        "Tags": "",
        "Status": spec.status,
        "StockLocator": "",
    }


def _books(tenant: Tenant, spec: ProductSpec) -> Doc:
    return {
        "COGSAccount": None,
        "RevenueAccount": spec.revenue_account,
        "ExpenseAccount": None,
        "InventoryAccount": None,
        "PurchaseTaxRule": None,
        "SaleTaxRule": spec.tax_rule,
        "LastModifiedOn": dates.stamp(tenant.now()),
        "Sellable": True,
        "PickZones": None,
    }
