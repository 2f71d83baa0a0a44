"""Orders that the warehouse has and that are not known here: the tables were put back to before they were made."""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
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

GENERATIONS_MISSING = 2
"""After so many that the warehouse does not have, there is no later one."""

_NOT_SHIPPED = {OrderStatus.NEW, OrderStatus.AT_WMS}
_TAKEN_UP = Reason(code="taken_up", text="its orders were taken up from the warehouse, and it is read again")


class _Standing(NamedTuple):
    """An order of the warehouse: of which fulfilment of the sale, None for the whole of it."""

    number: int | None
    reference: str
    order: WarehouseOrder

    @property
    def cancelled(self) -> bool:
        return self.order.status == "cancelled"


def take_up(work: Workplace, entry: SaleEntry, sale: Sale, existing: Iterable[Order], began: datetime) -> bool:
    """Store what the warehouse has of the sale, as orders that were delivered; whether that is news.

    An order that is known, and that the warehouse has in a later generation, was sent anew: that one takes its place.
    What the warehouse has cancelled is cancelled here. `began`: what is known is from before, where it was not written
    since.
    """
    known = {order.reference: order for order in existing}
    standing = tuple(_all_standing(work, entry, sale, known))
    unknown = [each for each in standing if each.reference not in known]
    live = [each for each in unknown if not each.cancelled]
    under_way = [each for each in live if each.order.status != "shipped"]
    takes_rest = (*under_way, *live)[0] if live and not known else None
    bills = _bills(work, sale) if unknown else {}
    found = [order for each in unknown if (order := _order(work, entry, sale, each, bills, rest=each is takes_rest))]
    changed = tuple(_known_again(work, sale, known, standing, began))
    if not found and not changed:
        return False
    now = work.now()
    references = (*entry.references, *(order.reference for order in found))
    due_at = now + READ_AGAIN_AFTER
    again = entry.decided(Decision.PENDING, now, _TAKEN_UP, references=references, due_at=due_at)
    work.orders.add_orders(again, [*changed, *found])
    work.tally.progress("taken up again", len(found) + len(changed))
    return True


def _known_again(
    work: Workplace, sale: Sale, known: Mapping[str, Order], standing: Iterable[_Standing], began: datetime
) -> Iterator[Order]:
    """The orders here that the warehouse knows otherwise, and those that are not sent before that is settled."""
    now, there = work.now(), {each.reference: each for each in standing}
    anew = {each.number for each in there.values() if each.reference not in known and not each.cancelled}
    open_here = [order for order in known.values() if order.stands in _NOT_SHIPPED]
    changed = {order.reference: after for order in open_here
               if (after := _as_there(order, there.get(order.reference), sale, anew, began, now))}  # fmt: skip
    yield from changed.values()
    if changed or not there.keys() <= known.keys():
        for order in open_here:
            if order.only_here and order.reference not in changed:
                yield order.moved(OrderStatus.CANCELED, now, detail="planned anew, by what the warehouse has")


def _as_there(
    order: Order, there: _Standing | None, sale: Sale, anew: Container[int | None], began: datetime, now: datetime
) -> Order | None:
    """An order that has not left, as the warehouse has it; None where that is no news. `anew`: what was sent since."""
    if there is not None and there.cancelled:
        return order.moved(OrderStatus.CANCELED, now, detail=f"the warehouse has {there.order.id}, cancelled")
    if order.fulfilment_number in anew:
        return order.moved(OrderStatus.CANCELED, now, detail="sent anew before the tables were put back")
    if there is None:
        return None
    unsure = sale.type is SaleType.ADVANCED
    if order.status is OrderStatus.NEW:
        detail, order_id = f"the warehouse has it as {there.order.id}", there.order.id
        return order.moved(OrderStatus.AT_WMS, now, detail=detail, warehouse_order_id=order_id, taken_up=unsure)
    return order.refreshed(now, taken_up=True) if unsure and order.updated_at < began else None


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
        status=OrderStatus.CANCELED if standing.cancelled else OrderStatus.AT_WMS,
        warehouse_order_id=standing.order.id,
        due_at=None,
        created_at=now,
        updated_at=now,
        timeline=(Event(at=now.isoformat(), event="taken up", detail=f"the warehouse has it as {standing.order.id}"),),
        taken_up=True,
        **{**dict(planned), "reference": standing.reference},
    )
    updates = work.connection.settings.changed_orders == "update" and work.warehouse().replaces_orders
    gone = standing.number is not None and planned.task_id is None
    if standing.order.status != "open" or not updates or gone:
        return order
    told = "what it has was not known since the tables were put back"
    wanted = Wanted(content=order.content, content_hash=order.content_hash, kits=order.kits, told=told)
    return order.wanting(wanted, now).model_copy(update={"version": order.version})


def _all_standing(work: Workplace, entry: SaleEntry, sale: Sale, known: Container[str]) -> Iterator[_Standing]:
    """What the warehouse has of the sale as a whole and of each fulfilment, of those too that the sale has no more."""
    yield from _generations(work, entry, None, known)
    last = max((each.number for each in sale.fulfilments), default=0)
    for number in count(1) if sale.type is SaleType.ADVANCED else ():
        found = tuple(_generations(work, entry, number, known))
        yield from found
        if number > last and not found:
            return


def _generations(work: Workplace, entry: SaleEntry, number: int | None, known: Container[str]) -> Iterator[_Standing]:
    """What the warehouse has of one fulfilment. An order that was taken back before it was sent never came there."""
    missing = 0
    for generation in count(1):
        reference = reference_of(entry.order_number, entry.sale_id, number, generation)
        found = work.warehouse().find_order(reference)
        if found is not None:
            yield _Standing(number, reference, found)
        missing = 0 if found is not None else missing + (reference not in known)
        if missing == GENERATIONS_MISSING:
            return
