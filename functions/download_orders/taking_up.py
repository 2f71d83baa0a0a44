"""Orders that the warehouse has and that are not known here: the tables were put back to before they were made."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import NamedTuple

from crossdock.domain.bills import Bill
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

READ_AGAIN_AFTER = timedelta(minutes=5)
"""Its shipments are known by then, which say whether the sale asks for more, or for less."""

_TAKEN_UP = Reason(code="taken_up", text="its orders were taken up from the warehouse, and it is read again")


class _Standing(NamedTuple):
    """An order of the warehouse: of which fulfilment of the sale, None for the whole of it."""

    number: int | None
    reference: str
    order: WarehouseOrder


def take_up(work: Workplace, entry: SaleEntry, sale: Sale) -> bool:
    """Store what the warehouse has of the sale, as orders that were delivered; whether it has anything."""
    standing = [each for number in _numbers(sale) if (each := _standing(work, entry, number)) is not None]
    if not standing:
        return False
    under_way = [each for each in standing if each.order.status != "shipped"]
    takes_rest = (under_way or standing)[0]
    bills = _bills(work, sale)
    found = [order for each in standing if (order := _order(work, entry, sale, each, bills, rest=each is takes_rest))]
    now = work.now()
    references = (*entry.references, *(order.reference for order in found))
    due_at = now + READ_AGAIN_AFTER
    work.orders.add_orders(entry.decided(Decision.PENDING, now, _TAKEN_UP, references=references, due_at=due_at), found)
    work.tally.progress("taken up again", len(found))
    return True


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
    return Order(
        connection=work.name,
        sale_id=entry.sale_id,
        sale_number=entry.order_number,
        status=OrderStatus.AT_WMS,
        warehouse_order_id=standing.order.id,
        due_at=None,
        created_at=now,
        updated_at=now,
        timeline=(Event(at=now.isoformat(), event="taken up", detail=f"the warehouse has it as {standing.order.id}"),),
        **{**dict(planned), "reference": standing.reference},
    )


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
