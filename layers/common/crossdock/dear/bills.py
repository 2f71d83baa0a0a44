"""From DEAR's list of products to what one of them is made of."""

from decimal import Decimal

from crossdock.dear.answers import SYSTEM
from crossdock.dear.wire_lists import Product, ProductPage
from crossdock.domain.bills import Bill, Component
from crossdock.domain.errors import Interrupted, NotFound

CALL = "GET /product"


def bill_of(product_id: str, page: ProductPage) -> Bill:
    """The product's bill. Raises NotFound for an empty list, Interrupted for one that has other products alone."""
    found = next((product for product in page.products if product.id == product_id.lower()), None)
    if found is not None:
        return _bill(found)
    if page.products or page.total:
        raise Interrupted(SYSTEM, CALL, f"it was asked for the product {product_id} and answered with others")
    raise NotFound(SYSTEM, CALL, f"it has no product with the ID {product_id}, which a sale or a bill names")


def _bill(product: Product) -> Bill:
    """A weight of nought, and a number to produce of nought, are how DEAR shows that none was entered."""
    weight = product.weight if product.weight > 0 else None
    return Bill(
        product_id=product.id,
        sku=product.sku,
        name=product.name or "",
        auto_assembly=product.auto_assembly,
        service=(product.type or "").casefold() == "service",
        produces=product.quantity_to_produce if product.quantity_to_produce > 0 else Decimal(1),
        components=tuple(
            Component(
                product_id=line.component_product_id,
                sku=line.product_code or "",
                name=line.name or "",
                quantity=line.quantity,
            )
            for line in product.bill_of_materials_products
            if line.quantity > 0
        ),
        weight=weight,
        weight_unit=product.weight_units if weight is not None else None,
    )
