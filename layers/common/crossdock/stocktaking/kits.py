"""Kits that stand in DEAR's stock while the warehouse knows their components alone: never written."""

from collections.abc import Mapping

from crossdock.domain.inventory import AdjustmentLine
from crossdock.domain.shelf import Shelf
from crossdock.learning import learn_bills
from crossdock.workflow import Workplace


def without_kits(
    work: Workplace, lines: tuple[AdjustmentLine, ...], counted: Shelf, products: Mapping[str, str]
) -> tuple[AdjustmentLine, ...]:
    """The lines of what the warehouse has, and of products that are no kits.

    DEAR shows as a kit's stock what it has built for open orders, or what its components would make; a warehouse that
    ships components counts none. `products`: SKU to product id in DEAR. A SKU without a count costs a call, once a day.
    """
    if work.connection.settings.kits == "as_kit":
        return lines
    doubtful = {line.sku: products.get(line.sku, "") for line in lines if not counted.units(line.sku)}
    bills = learn_bills(work, doubtful.values())
    kits = {sku for sku, product_id in doubtful.items() if product_id in bills and bills[product_id].is_kit}
    work.tally.tell("kits left alone", len(kits))
    return tuple(line for line in lines if line.sku not in kits)
