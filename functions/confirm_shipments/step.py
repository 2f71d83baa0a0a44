"""Write in DEAR what left the building: pick, pack and ship, on the right fulfilment, each stage once."""

from decimal import Decimal

from confirm_shipments.binding import fulfilment_for, look, void_open
from confirm_shipments.stages import Stages
from confirm_shipments.tracking import write_tracking
from crossdock.domain.boxes import Box
from crossdock.domain.confirming import part_confirmed, waiting
from crossdock.domain.errors import Conflict, LostRace, NeedsPerson
from crossdock.domain.invoicing import FIRST
from crossdock.domain.order import Order, left_too_late
from crossdock.domain.parts import Part, Parts
from crossdock.domain.sale import Fulfilment, SaleType
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.shipping import short_of
from crossdock.domain.states import OrderStatus, Step
from crossdock.domain.verdicts import IS_VOIDED, VOIDED
from crossdock.workflow import Workplace, attend_orders

NO_CREDIT_NOTE = {"", "NOT AVAILABLE", VOIDED}
CALLS_OF_A_PART = 3
"""Pick, pack and ship. A part that is cut for want of calls costs one more: what stands is looked up."""

PICKED_MORE = "DEAR has picked more on this fulfilment than has shipped so far"


def confirm_shipments(work: Workplace) -> None:
    """Work through the queue of orders of which something shipped."""
    attend_orders(work, Step.CONFIRM_SHIPMENTS, _confirm)


def _confirm(work: Workplace, order: Order) -> None:
    """Confirm part after part until nothing more can be; then the order waits, or is due for its invoice."""
    parts = _parts(work, order)
    if order.corrected and not (order.part and order.confirming):
        order = write_tracking(work, order, parts.confirmed)
    if not parts.received:
        _nothing_left(work, order, parts)
        return
    _check_taken_back(work, order)
    while part := parts.next():
        work.dear().expect(CALLS_OF_A_PART)
        done = _confirm_part(work, _begun(order, part), part, parts)
        if done is None or work.deadline.seconds_left() <= 0:
            return
        order, parts = done, _parts(work, done)
    if parts.received:
        _wait(work, order, parts, "the rest is waited for, and confirmed together with this")


def _parts(work: Workplace, order: Order) -> Parts:
    return Parts(order, work.orders.shipments_of_order(order), work.connection.settings)


def _begun(order: Order, part: Part) -> Order:
    """The order that names its part; stored together with the first intent."""
    part_of_it = tuple(record.shipment.id for record in part)
    return order.model_copy(update={"part": part_of_it, "errand": Step.CONFIRM_SHIPMENTS})


def _nothing_left(work: Workplace, order: Order, parts: Parts) -> None:
    """Nothing is left to be confirmed: what is confirmed goes on to its invoice, or waits for the rest."""
    now = work.now()
    if order.status is OrderStatus.SHIPPED:
        if not parts.confirmed:
            raise NeedsPerson("nothing_shipped", "the shipment has no parcel left to confirm")
        short, rest = short_of(order, [record.shipment for record in parts.standing]), ""
        if short:
            order, rest = _rest(work, order, short)
        work.orders.save_order(part_confirmed(order, OrderStatus.CONFIRMED, now, rest, short=short, more=False))
        return
    work.orders.save_order(_with_invoice_due(waiting(order, now), parts))


def _wait(work: Workplace, order: Order, parts: Parts, why: str) -> None:
    """Part of it is not confirmed yet, and cannot be before more comes: said once."""
    told = any(event.event == "waits" and event.detail == why for event in order.timeline)
    after = waiting(order, work.now(), event="" if told else "waits", detail=why, part=())
    work.orders.save_order(_with_invoice_due(after, parts))
    work.tally.tell("waiting for the rest")


def _with_invoice_due(order: Order, parts: Parts) -> Order:
    """What is confirmed of an order that waits for more is due for its invoice, unless it has it or is to get none."""
    uninvoiced = any(record.uninvoiced and not record.left_alone for record in parts.confirmed)
    if order.status is not OrderStatus.PART_SHIPPED or not uninvoiced:
        return order
    return order.model_copy(update={"errand": Step.CREATE_INVOICES, "due_at": order.updated_at})


def _check_taken_back(work: Workplace, order: Order) -> None:
    """Whether the goods count although the sale was voided, or has a credit note, is a person's to say."""
    entry = work.orders.sale(order.connection, order.sale_id)
    if entry is not None and entry.row.status == VOIDED:
        why = left_too_late(IS_VOIDED)
        raise NeedsPerson(why.code, why.text)
    if entry is None or "credit_note" in order.passed or order.confirming:
        return
    if entry.row.credit_note_status not in NO_CREDIT_NOTE:
        raise NeedsPerson(
            "credit_note",
            f"goods left, and the sale has a credit note that is {entry.row.credit_note_status}: see whether the goods "
            "are to be confirmed all the same, and release the order if so",
        )


def _as_dear_has_it(work: Workplace, order: Order, part: Part, parts: Parts, stands: Fulfilment | None) -> Part:
    """The part that goes with a fulfilment which others have picked, or packed; as it is where they have not."""
    if stands is None or "pick" in order.done or stands.pick.open:
        return part
    if work.connection.settings.ship_action == "shipped_only" and not stands.pack.open:
        return parts.fitting(part, "pack", stands.pack_lines)
    return parts.fitting(part, "pick", stands.pick_lines)


def _confirm_part(work: Workplace, order: Order, part: Part, parts: Parts) -> Order | None:
    """Do the stages that are missing; None where more must ship first. What DEAR has already is compared, once."""
    order, stands = look(work, order, part, parts)
    if not (fitting := _as_dear_has_it(work, order, part, parts, stands)):
        _wait(work, order, parts, PICKED_MORE)
        return None
    stages = Stages(work, _begun(order, fitting), _boxes(parts, fitting), stands)
    try:
        order = stages.carry_out()
    except Conflict:
        if work.orders.order(order.connection, order.reference) != stages.order:
            # A shipment was corrected or withdrawn meanwhile: what is at hand is no longer what left.
            raise LostRace(f"order {order.reference}") from None
        order, stands = stages.order, fulfilment_for(work, stages.order)
        if not (fitting := _as_dear_has_it(work, order, fitting, parts, stands)):
            _wait(work, order, parts, PICKED_MORE)
            return None
        order = Stages(work, _begun(order, fitting), _boxes(parts, fitting), stands).carry_out()
    return _confirmed(work, order, fitting, parts)


def _boxes(parts: Parts, part: Part) -> tuple[Box, ...]:
    if boxes := parts.boxes(part):
        return boxes
    raise NeedsPerson("nothing_shipped", "the shipment has no parcel left to confirm")


def _confirmed(work: Workplace, order: Order, part: Part, parts: Parts) -> Order:
    """Store that DEAR shows the part; with the last one, what will not ship any more."""
    more = len(part) < len(parts.received)
    ended = parts.final and not more
    shipped = [record.shipment for record in (*parts.standing, *part)]
    short = short_of(order, shipped) if ended else {}
    rest = ""
    if short:
        order, rest = _rest(work, order, short)
    now = work.now()
    status = OrderStatus.CONFIRMED if ended else OrderStatus.SHIPPED if parts.final else OrderStatus.PART_SHIPPED
    detail = "; ".join(filter(None, (_named(order, part, alone=ended and not parts.confirmed), rest)))
    order = part_confirmed(order, status, now, detail, short=short, more=more)
    records: list[ShipmentRecord] = [
        record.confirmed_on(order.task_id, order.fulfilment_number or FIRST, now) for record in part
    ]
    work.orders.save_settled(order, records)
    work.tally.progress("confirmed")
    return order


def _named(order: Order, part: Part, *, alone: bool) -> str:
    """Which shipments, on which fulfilment; nothing where it is the only one."""
    if alone:
        return ""
    ids = ", ".join(record.shipment.id for record in part)
    return f"shipment {ids}" + (f" on fulfilment {order.fulfilment_number}" if order.fulfilment_number else "")


def _rest(work: Workplace, order: Order, short: dict[str, Decimal]) -> tuple[Order, str]:
    """What becomes of the units that will not ship, in DEAR and in words."""
    skus = {line.line_id: line.sku for line in order.sold.lines}
    told = "short: " + ", ".join(f"{units} of {skus[line_id]}" for line_id, units in short.items())
    if work.connection.settings.short_shipments == "leave_open":
        return order, f"{told}; left open in DEAR"
    if order.facts.type is SaleType.SIMPLE:
        return order, f"{told}; cancelled here: DEAR has nothing to cancel on a simple sale"
    order, voided = void_open(work, order)
    return order, f"{told}; cancelled, {voided} open fulfilments voided in DEAR"
