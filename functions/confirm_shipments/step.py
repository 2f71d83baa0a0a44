"""Write in DEAR what left the building: pick, pack and ship, on the right fulfilment, each stage once."""

from confirm_shipments.stages import Stages
from crossdock.domain.errors import Conflict, LostRace, NeedsPerson
from crossdock.domain.order import Order
from crossdock.domain.sale import Fulfilment, SaleType
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.shipping import boxes_of
from crossdock.domain.states import OrderStatus, ShipmentStatus, Step
from crossdock.workflow import Workplace, attend_orders, begin, writing


def confirm_shipments(work: Workplace) -> None:
    """Work through the queue of shipped orders."""
    attend_orders(work, Step.CONFIRM_SHIPMENTS, _confirm)


def _confirm(work: Workplace, order: Order) -> None:
    """Do the stages that are missing. What DEAR says is authorised already is read and compared, once."""
    shipments = [record for record in work.orders.shipments_of_order(order) if record.status is ShipmentStatus.RECEIVED]
    boxes = boxes_of(order, [record.shipment for record in shipments], work.connection.settings.carriers)
    if not boxes:
        raise NeedsPerson("nothing_shipped", "the shipment has no parcel left to confirm")
    order, stands = _look(work, order)
    stages = Stages(work, order, boxes, stands)
    try:
        order = stages.carry_out()
    except Conflict:
        if work.orders.order(order.connection, order.reference) != stages.order:
            # A shipment was corrected or withdrawn meanwhile: what is at hand is no longer what left.
            raise LostRace(f"order {order.reference}") from None
        order = Stages(work, stages.order, boxes, _fulfilment(work, order)).carry_out()
    _confirmed(work, order, shipments)


def _look(work: Workplace, order: Order) -> tuple[Order, Fulfilment | None]:
    """The order bound to its fulfilment, and that fulfilment as it stands in DEAR; None when our last read serves."""
    if order.task_id is None:
        return _bind(work, order)
    entry = work.orders.sale(order.connection, order.sale_id)
    untouched = entry is not None and entry.row.updated == entry.read_stamp
    if untouched and order.intent is None and not order.done and order.facts.pick.open:
        return order, None
    return order, _fulfilment(work, order)


def _fulfilment(work: Workplace, order: Order) -> Fulfilment:
    fulfilments = work.dear().read_fulfilments(order.sale_id)
    for fulfilment in fulfilments:
        if fulfilment.task_id == order.task_id or (order.facts.type is SaleType.SIMPLE and len(fulfilments) == 1):
            return fulfilment
    raise NeedsPerson("fulfilment_gone", "its fulfilment is no longer in DEAR: it was undone or voided by a person")


def _bind(work: Workplace, order: Order) -> tuple[Order, Fulfilment]:
    """Bind an advanced sale's order to an open fulfilment; only where there is none, one is added."""
    bound = {each.task_id for each in work.orders.orders_of_sale(order.connection, order.sale_id)}
    free = _free(work.dear().read_fulfilments(order.sale_id), bound)
    if free is None:
        order = begin(work, order, "fulfilment")
        with writing():
            free = _free(work.dear().add_fulfilment(order.sale_id), bound)
    if free is None:
        raise NeedsPerson("no_fulfilment", "DEAR has no open fulfilment for this order and added none")
    told = f"number {free.number}"
    order = order.recorded("fulfilment", work.now(), detail=told, task_id=free.task_id, fulfilment_number=free.number)
    work.orders.save_order(order)
    return order, free


def _free(fulfilments: tuple[Fulfilment, ...], bound: set[str | None]) -> Fulfilment | None:
    return next(
        (each for each in fulfilments if each.task_id not in bound and each.pick.open and not each.voided), None
    )


def _confirmed(work: Workplace, order: Order, shipments: list[ShipmentRecord]) -> None:
    now = work.now()
    order = order.moved(OrderStatus.CONFIRMED, now)
    work.orders.save_settled(order, [record.moved(ShipmentStatus.CONFIRMED, now) for record in shipments])
    work.tally.progress("confirmed")
