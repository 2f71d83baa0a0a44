"""The bills of materials that planning a sale needs."""

from collections.abc import Mapping, Sequence

from crossdock.domain.bills import Bill
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.kits import bills_in_use, check_bill
from crossdock.domain.order import Order
from crossdock.domain.planning import plan_sale
from crossdock.domain.sale import Sale
from crossdock.domain.scope import judge_sale
from crossdock.domain.settings import Settings
from crossdock.domain.states import LEAVING
from crossdock.learning import learn_bills
from crossdock.workflow import Workplace


def bills_for(work: Workplace, sale: Sale, existing: Sequence[Order]) -> Mapping[str, Bill]:
    """By product id, what the sale's products are made of: empty, and no call, where kits go as they are.

    What the standing orders of the sale were sent as holds for as long as they stand, whatever the settings and the
    bills in DEAR say by now. Of a sale that asks for no order no product is looked up.
    """
    live = [order for order in existing if order.stands not in LEAVING]
    used = bills_in_use(live)
    if work.connection.settings.kits == "as_kit":
        return {product_id: bill for product_id, bill in used.items() if bill.is_kit}
    if not _asks_for_orders(sale, work.connection.settings, live):
        return used
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


def _asks_for_orders(sale: Sale, settings: Settings, live: Sequence[Order]) -> bool:
    """Whether bills can matter, as far as is known without them: what holds the sale anyway needs none."""
    if live:
        return judge_sale(sale, settings) is None
    try:
        return plan_sale(sale, settings).skipped is None
    except NeedsPerson:
        return False
