"""Tracking numbers and carriers that the warehouse corrected after the confirmation, written anew in DEAR."""

from crossdock.domain.confirming import TRACKING, waiting
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.order import Order
from crossdock.domain.parts import Part
from crossdock.domain.sale import Fulfilment, ShipLine, StageStatus
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.shipping import boxes_of
from crossdock.domain.stage_lines import ship_lines_for, tracking_updates
from crossdock.workflow import Workplace, begin, writing


def write_tracking(work: Workplace, order: Order, confirmed: Part) -> Order:
    """The order with all its corrections written; what DEAR shows already is not written again.

    A shipment that was withdrawn since has no parcels, and so no tracking numbers.
    """
    fulfilments = work.dear().read_fulfilments(order.sale_id)
    live = [record for record in confirmed if not record.withdrawn]
    wanted = {record.task_id or order.task_id for record in live if record.shipment.id in order.corrected}
    for task_id in wanted:
        together = tuple(record for record in live if (record.task_id or order.task_id) == task_id)
        stands = _standing(fulfilments, task_id)
        if lines := tracking_updates(stands.ship_lines, _should_be(work, order, together, stands)):
            order = begin(work, order, TRACKING)
            with writing():
                work.dear().update_tracking(stands.task_id, lines)
    detail = f"of shipment {', '.join(order.corrected)} in DEAR"
    order = waiting(order, work.now(), event="tracking", detail=detail, corrected=())
    work.orders.save_order(order)
    work.tally.progress("tracking corrected")
    return order


def _should_be(
    work: Workplace, order: Order, together: tuple[ShipmentRecord, ...], stands: Fulfilment
) -> tuple[ShipLine, ...]:
    shipments = [record.shipment for record in together]
    standing = {line.box for line in stands.pack_lines if line.box}
    boxes = boxes_of(order, shipments, work.connection.settings.carriers, standing=standing)
    return ship_lines_for(stands.pack_lines, boxes, stands.ship_lines)


def _standing(fulfilments: tuple[Fulfilment, ...], task_id: str | None) -> Fulfilment:
    found = next((each for each in fulfilments if each.task_id == task_id), None)
    only = fulfilments[0] if len(fulfilments) == 1 else None
    stands = found or only
    if stands is None or stands.ship not in {StageStatus.AUTHORISED, StageStatus.PARTIALLY_AUTHORISED}:
        told = f"its shipment in DEAR is {stands.ship}" if stands else "its fulfilment is no longer in DEAR"
        raise NeedsPerson("undone_in_dear", f"the warehouse corrected tracking, and {told}: a person undid it")
    return stands
