"""Orders that the warehouse has and that are not known here: the tables were put back to before they were made."""

from datetime import timedelta
from itertools import count

from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Event, Reason
from crossdock.domain.order import Order
from crossdock.domain.planning import plan_standing
from crossdock.domain.references import reference_of
from crossdock.domain.sale import Sale, SaleType
from crossdock.domain.states import Decision, OrderStatus
from crossdock.learning import learn_bills
from crossdock.ports import WarehouseOrder
from crossdock.workflow import Workplace

READ_AGAIN_AFTER = timedelta(minutes=15)
"""Its shipments are known by then, which say whether the sale asks for more, or for less."""

_TAKEN_UP = Reason(code="taken_up", text="its orders were taken up from the warehouse, and it is read again")


def take_up(work: Workplace, entry: SaleEntry, sale: Sale) -> bool:
    """Store what the warehouse has of the sale, as orders that were delivered; whether it has anything."""
    now = work.now()
    found = [order for number in _numbers(sale) if (order := _taken_up(work, entry, sale, number)) is not None]
    if not found:
        return False
    references = (*entry.references, *(order.reference for order in found))
    later = now + READ_AGAIN_AFTER
    waiting = entry.decided(Decision.PENDING, now, _TAKEN_UP, references=references, due_at=later)
    work.orders.add_orders(waiting, found)
    work.tally.progress("taken up again", len(found))
    return True


def _numbers(sale: Sale) -> tuple[int | None, ...]:
    """The fulfilments that orders may have been made for; None: the sale as a whole."""
    if sale.type is SaleType.SIMPLE:
        return (None,)
    return (None, *(each.number for each in sale.fulfilments))


def _taken_up(work: Workplace, entry: SaleEntry, sale: Sale, number: int | None) -> Order | None:
    reference, standing = _standing(work, entry, number)
    if standing is None:
        return None
    settings, now = work.connection.settings, work.now()
    sold = [line.product_id for line in sale.lines if line.quantity > 0 and not line.drop_ship]
    bills = learn_bills(work, sold) if settings.kits == "components" else {}
    planned = plan_standing(sale, settings, number, bills)
    if planned is None:
        return None
    return Order(
        connection=work.name,
        sale_id=entry.sale_id,
        sale_number=entry.order_number,
        status=OrderStatus.AT_WMS,
        warehouse_order_id=standing.id,
        due_at=None,
        created_at=now,
        updated_at=now,
        timeline=(Event(at=now.isoformat(), event="taken up", detail=f"the warehouse has it as {standing.id}"),),
        **{**dict(planned), "reference": reference},
    )


def _standing(work: Workplace, entry: SaleEntry, number: int | None) -> tuple[str, WarehouseOrder | None]:
    """The order of the latest generation that the warehouse has, unless it is cancelled."""
    last: tuple[str, WarehouseOrder | None] = ("", None)
    for generation in count(1):
        reference = reference_of(entry.order_number, entry.sale_id, number, generation)
        found = work.warehouse().find_order(reference)
        if found is None:
            return last
        last = (reference, found if found.status != "cancelled" else None)
    return last
