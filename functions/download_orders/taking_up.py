"""Orders that the warehouse has and that are not known here: the tables were put back to before they were made."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import count
from typing import NamedTuple

from crossdock.domain.bills import Bill
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Event, Reason
from crossdock.domain.order import Order, Wanted
from crossdock.domain.planning import plan_standing
from crossdock.domain.references import reference_of
from crossdock.domain.sale import Sale, SaleType
from crossdock.domain.states import Decision, OrderStatus
from crossdock.learning import learn_bills
from crossdock.ports import WarehouseOrder
from crossdock.workflow import Workplace

READ_AGAIN_AFTER = timedelta(minutes=5)
"""Its shipments are known by then, which say whether the sale asks for more, or for less."""

_NOT_SHIPPED = {OrderStatus.NEW, OrderStatus.AT_WMS}
_TAKEN_UP = Reason(code="taken_up", text="its orders were taken up from the warehouse, and it is read again")


class _Standing(NamedTuple):
    """An order of the warehouse: of which fulfilment of the sale, None for the whole of it."""

    number: int | None
    reference: str
    order: WarehouseOrder


def take_up(work: Workplace, entry: SaleEntry, sale: Sale, existing: Iterable[Order]) -> bool:
    """Store what the warehouse has of the sale, as orders that were delivered; whether that is news.

    An order that is known, and that the warehouse has in a later generation, was sent anew: that one takes its place.
    """
    known = {order.reference: order for order in existing}
    standing = [each for number in _numbers(sale) if (each := _standing(work, entry, number)) is not None]
    unknown = [each for each in standing if each.reference not in known]
    under_way = [each for each in unknown if each.order.status != "shipped"]
    takes_rest = (*under_way, *unknown)[0] if unknown and not known else None
    bills = _bills(work, sale) if unknown else {}
    found = [order for each in unknown if (order := _order(work, entry, sale, each, bills, rest=each is takes_rest))]
    changed = [*_delivered(work, known, standing), *_replaced(work, known, found)]
    if not found and not changed:
        return False
    now = work.now()
    references = (*entry.references, *(order.reference for order in found))
    due_at = now + READ_AGAIN_AFTER
    again = entry.decided(Decision.PENDING, now, _TAKEN_UP, references=references, due_at=due_at)
    work.orders.add_orders(again, [*changed, *found])
    work.tally.progress("taken up again", len(found) + len(changed))
    return True


def _delivered(work: Workplace, known: Mapping[str, Order], standing: Iterable[_Standing]) -> Iterator[Order]:
    """The orders that are to be delivered here and that the warehouse has."""
    for each in standing:
        order = known.get(each.reference)
        if order is not None and order.status is OrderStatus.NEW:
            detail = f"the warehouse has it as {each.order.id}"
            yield order.moved(OrderStatus.AT_WMS, work.now(), detail=detail, warehouse_order_id=each.order.id)


def _replaced(work: Workplace, known: Mapping[str, Order], found: Iterable[Order]) -> Iterator[Order]:
    """The orders that stand here and that were sent anew."""
    numbers = {order.fulfilment_number for order in found}
    for order in known.values():
        if order.fulfilment_number in numbers and order.stands in _NOT_SHIPPED:
            yield order.moved(OrderStatus.CANCELED, work.now(), detail="sent anew before the tables were put back")


def _numbers(sale: Sale) -> tuple[int | None, ...]:
    """The fulfilments that orders may have been made for; None: the sale as a whole."""
    if sale.type is SaleType.SIMPLE:
        return (None,)
    return (None, *(each.number for each in sale.fulfilments))


def _bills(work: Workplace, sale: Sale) -> Mapping[str, Bill]:
    if work.connection.settings.kits == "as_kit":
        return {}
    return learn_bills(work, [line.product_id for line in sale.lines if line.quantity > 0 and not line.drop_ship])


def _order(
    work: Workplace, entry: SaleEntry, sale: Sale, standing: _Standing, bills: Mapping[str, Bill], *, rest: bool
) -> Order | None:
    planned = plan_standing(sale, work.connection.settings, standing.number, bills, takes_rest=rest)
    if planned is None:
        return None
    now = work.now()
    order = Order(
        connection=work.name,
        sale_id=entry.sale_id,
        sale_number=entry.order_number,
        status=OrderStatus.AT_WMS,
        warehouse_order_id=standing.order.id,
        due_at=None,
        created_at=now,
        updated_at=now,
        timeline=(Event(at=now.isoformat(), event="taken up", detail=f"the warehouse has it as {standing.order.id}"),),
        taken_up=True,
        **{**dict(planned), "reference": standing.reference},
    )
    updates = work.connection.settings.changed_orders == "update" and work.warehouse().replaces_orders
    if standing.order.status != "open" or not updates:
        return order
    told = "what it has was not known since the tables were put back"
    wanted = Wanted(content=order.content, content_hash=order.content_hash, kits=order.kits, told=told)
    return order.wanting(wanted, now).model_copy(update={"version": order.version})


def _standing(work: Workplace, entry: SaleEntry, number: int | None) -> _Standing | None:
    """The order of the latest generation that the warehouse has, unless it is cancelled."""
    last: _Standing | None = None
    for generation in count(1):
        reference = reference_of(entry.order_number, entry.sale_id, number, generation)
        found = work.warehouse().find_order(reference)
        if found is None:
            break
        last = _Standing(number, reference, found) if found.status != "cancelled" else None
    return last
