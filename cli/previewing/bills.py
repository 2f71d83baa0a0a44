"""Bills of materials for a preview: each asked for once, and only where kits are sent as their components."""

from collections.abc import Callable

from crossdock.domain.bills import Bill
from crossdock.domain.kits import check_bill, unlearnt
from crossdock.domain.planning import Plan

type ReadBill = Callable[[str], Bill]
"""A product's id to its bill of materials."""


class Bills:
    """What the products of planned orders are made of; `read` is None where kits go as they are."""

    def __init__(self, read: ReadBill | None) -> None:
        self._read = read
        self._known: dict[str, Bill] = {}

    def check(self, plan: Plan) -> None:
        """Raises NeedsPerson where a bill could not be followed, and what reading a bill raises."""
        if self._read is None:
            return
        lines = [line for planned in plan.orders for line in planned.content.lines]
        while missing := unlearnt([line.product_id for line in lines], self._known):
            self._known |= {product_id: self._read(product_id) for product_id in missing}
        for line in lines:
            check_bill(line.product_id, line.quantity, self._known)
