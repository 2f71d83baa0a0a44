"""Which order stands for which fulfilment, and whether all of them together ask for more than was ordered."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from crossdock.domain.confirming import PART_CONFIRMED
from crossdock.domain.errors import CrossdockError, NeedsPerson, OthersFirst
from crossdock.domain.order import Content, Order
from crossdock.domain.planning import PlannedOrder
from crossdock.domain.sale import Sale
from crossdock.domain.scope import shippable
from crossdock.domain.states import LEAVING, STOPS, OrderStatus

_OVER = {OrderStatus.CONFIRMED, OrderStatus.INVOICED, OrderStatus.CANCELED}


class StillWithdrawing(CrossdockError):
    """The goods are asked for again before the warehouse has let go of the order that had them: tried again later."""

    code = "withdrawing"
    passing = True


def match(planned: Iterable[PlannedOrder], standing: Iterable[Order]) -> tuple[dict[str, Order], list[Order]]:
    """Each standing order for at most one planned order, by the planned order's reference; and those left over.

    By the fulfilment's task, else by its number, else the order that is not bound to a fulfilment yet, else one that
    the warehouse ships in parts: the fulfilment is for its next part. What it was too late to stop comes last.
    """
    live = [order for order in standing if order.stands not in LEAVING]
    pool = sorted(live, key=lambda order: order.unwanted)
    waiting = list(planned)
    found: dict[str, Order] = {}
    for fits in (_same_task, _same_number, _unbound, _next_part):
        for each in [each for each in waiting if each.reference not in found]:
            order = next((order for order in pool if fits(order, each)), None)
            if order is not None:
                pool.remove(order)
                found[each.reference] = order
    return found, pool


def check_known(existing: Iterable[Order]) -> None:
    """Refuse new orders while it is not known what the warehouse has of the sale: the tables were put back."""
    unknown = [order for order in existing if order.taken_up and order.status not in _OVER]
    if not unknown:
        return
    named = ", ".join(order.reference for order in unknown)
    what = f"the warehouse has {named} from before the tables were put back, and does not say with which lines"
    if any(order.status in STOPS for order in unknown):
        raise NeedsPerson("taken_up_in_part", f"{what}: settle that order, then release the sale for what is left")
    raise OthersFirst(f"{what}: what else the sale asks for waits until that is confirmed")


def check_units(sale: Sale, fresh: Iterable[Order], existing: Iterable[Order]) -> None:
    """Refuse new orders that would, with those that stand, send more of a product than the sale orders."""
    _check(sale, [claim for order in fresh for claim in order.claims], existing)


def check_growth(sale: Sale, order: Order, planned: PlannedOrder, existing: Iterable[Order]) -> None:
    """Refuse to let an order grow by units that another one has until the warehouse has taken its change."""
    _check(sale, _grown(order, planned), [each for each in existing if each.reference != order.reference])


def grows(order: Order, planned: PlannedOrder) -> bool:
    """Whether an order whose goods have not left is to have more of something."""
    return order.stands in {OrderStatus.NEW, OrderStatus.AT_WMS} and bool(_grown(order, planned))


def _grown(order: Order, planned: PlannedOrder) -> list[tuple[str, Decimal]]:
    claims = _units(order.claims)
    asked = _units((line.product_id, line.quantity) for line in planned.sold_lines)
    return [(product_id, units) for product_id, units in asked.items() if units > claims[product_id]]


def _check(sale: Sale, claims: Iterable[tuple[str, Decimal]], existing: Iterable[Order]) -> None:
    new = tuple(claims)
    live = [order for order in existing if order.status is not OrderStatus.CANCELED]
    ordered = _units((line.product_id, line.quantity) for line in sale.lines if shippable(line))
    asked = _units((*new, *(claim for order in live for claim in order.claims)))
    wanted = {product_id for product_id, _ in new}
    if all(asked[product] <= ordered[product] for product in wanted):
        return
    named = ", ".join(order.reference for order in live)
    if any(order.stands is OrderStatus.CANCEL_REQUESTED or (order.wanted and order.queue) for order in live):
        raise StillWithdrawing(f"its goods are sent again when the warehouse has given up what stands: {named}")
    text = f"with {named}, which stand already, more would be sent than was ordered: cancel what is not to be sent"
    raise NeedsPerson("split_after_delivery", text)


def promised(existing: Iterable[Order]) -> dict[str, Content]:
    """What the live orders stand for as DEAR sold it, by the task of their fulfilment.

    What will not ship any more is free for another fulfilment.
    """
    return {order.task_id: _claimed(order) for order in existing if order.task_id and order.stands not in LEAVING}


def _claimed(order: Order) -> Content:
    sold = order.sold
    units = {line.line_id: line.quantity - order.short.get(line.line_id, 0) for line in sold.lines}
    lines = tuple(line.model_copy(update={"quantity": units[line.line_id]}) for line in sold.lines)
    return sold.model_copy(update={"lines": lines})


def _same_task(order: Order, planned: PlannedOrder) -> bool:
    return planned.task_id is not None and order.task_id == planned.task_id


def _same_number(order: Order, planned: PlannedOrder) -> bool:
    return order.fulfilment_number == planned.fulfilment_number


def _unbound(order: Order, _planned: PlannedOrder) -> bool:
    """A simple sale without a fulfilment has its own id for a task."""
    return order.task_id in {None, order.sale_id}


def _next_part(order: Order, planned: PlannedOrder) -> bool:
    """Whether the fulfilment asks for no more than an order claims of which a part is confirmed on another one."""
    claims = _units(order.claims)
    asked = _units((line.product_id, line.quantity) for line in planned.sold_lines)
    in_parts = order.stands in {OrderStatus.PART_SHIPPED, OrderStatus.SHIPPED} and PART_CONFIRMED in order.done
    return in_parts and all(claims[product_id] >= units for product_id, units in asked.items())


def _units(parts: Iterable[tuple[str, Decimal]]) -> defaultdict[str, Decimal]:
    total: defaultdict[str, Decimal] = defaultdict(Decimal)
    for product, units in parts:
        total[product] += units
    return total
