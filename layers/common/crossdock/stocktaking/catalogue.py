"""What DEAR's catalogue says of products whose stock is added: looked up when needed, once in a run."""

from collections.abc import Mapping

from crossdock.domain.inventory import StockProduct
from crossdock.domain.shelf import sku_key
from crossdock.workflow import Workplace, check_time

MOST_SINGLE = 20
"""So many products are asked for one by one; for more, the whole list is read if that takes fewer calls."""


class Catalogue:
    """The products that this run has looked up, by SKU."""

    def __init__(self, work: Workplace) -> None:
        self._work = work
        self._found: dict[str, StockProduct | None] = {}

    def look_up(self, wanted: Mapping[str, str]) -> dict[str, StockProduct | None]:
        """The products by SKU, None for one that DEAR has not. `wanted`: SKU to its id in DEAR, empty if unknown."""
        missing = {sku: product_id for sku, product_id in wanted.items() if sku not in self._found}
        if len(missing) > MOST_SINGLE:
            missing = self._read_list(missing)
        for sku, product_id in missing.items():
            check_time(self._work)
            self._found[sku] = self._work.dear().find_product(sku=sku, product_id=product_id)
        return {sku: self._found[sku] for sku in wanted}

    def _read_list(self, wanted: dict[str, str]) -> dict[str, str]:
        """Read the whole list, a page at a time, if it is worth it; what is then still to be asked for."""
        check_time(self._work)
        page = self._work.dear().catalogue(page=1)
        listed = {sku_key(product.sku): product for product in page.products}
        if page.more and page.total > len(wanted) * max(len(page.products), 1):
            return {sku: product_id for sku, product_id in wanted.items() if not self._keep(sku, listed)}
        number = 1
        while page.more:
            number += 1
            check_time(self._work)
            page = self._work.dear().catalogue(page=number)
            listed |= {sku_key(product.sku): product for product in page.products}
        self._found |= {sku: listed.get(sku_key(sku)) for sku in wanted}
        return {}

    def _keep(self, sku: str, listed: Mapping[str, StockProduct]) -> bool:
        found = listed.get(sku_key(sku))
        if found is not None:
            self._found[sku] = found
        return found is not None
