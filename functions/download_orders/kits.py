"""The bills of materials that planning a sale needs."""

from collections.abc import Iterable, Mapping

from crossdock.domain.bills import Bill
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.kits import bills_in_use, check_bill
from crossdock.domain.order import Order
from crossdock.domain.sale import Sale
from crossdock.domain.states import LEAVING
from crossdock.learning import learn_bills
from crossdock.workflow import Workplace


def bills_for(work: Workplace, sale: Sale, existing: Iterable[Order]) -> Mapping[str, Bill]:
    """By product id, what the sale's products are made of: empty, and no call, where kits go as they are.

    What the standing orders of the sale were sent as holds for as long as they stand, whatever the settings and the
    bills in DEAR say by now.
    """
    used = bills_in_use(order for order in existing if order.status not in LEAVING)
    if work.connection.settings.kits == "as_kit":
        return {product_id: bill for product_id, bill in used.items() if bill.is_kit}
    sold = [line for line in sale.lines if line.quantity > 0 and not line.drop_ship]
    products = [line.product_id for line in sold]
    bills = learn_bills(work, products, used)
    try:
        for line in sold:
            check_bill(line.product_id, line.quantity, bills)
    except NeedsPerson:
        # A bill that is remembered may have been mended meanwhile.
        return learn_bills(work, products, used, fresh=True)
    return bills
