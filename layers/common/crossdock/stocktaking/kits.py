"""Kits that stand in DEAR's stock while the warehouse knows their components alone: never written."""

from collections.abc import Mapping

from crossdock.domain.inventory import AdjustmentLine
from crossdock.domain.shelf import Shelf
from crossdock.learning import learn_bills
from crossdock.workflow import Workplace


def kits_among(
    work: Workplace, lines: tuple[AdjustmentLine, ...], counted: Shelf, products: Mapping[str, str]
) -> frozenset[str]:
    """The SKUs of these lines that are kits and that the warehouse has none of.

    DEAR shows as a kit's stock what it has built for open orders, or what its components would make; a warehouse that
    ships components counts none. `products`: SKU to product id in DEAR. A SKU without a count costs a call, once a day.
    """
    if work.connection.settings.kits == "as_kit":
        return frozenset()
    doubtful = {line.sku: products.get(line.sku, "") for line in lines if not counted.units(line.sku)}
    bills = learn_bills(work, doubtful.values())
    return frozenset(sku for sku, product_id in doubtful.items() if product_id in bills and bills[product_id].is_kit)
