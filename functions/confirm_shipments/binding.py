"""Which fulfilment in DEAR an order's shipments are written on: its own, an open one, or a further one."""

from confirm_shipments.unclaimed import check_unclaimed, shown, unclaimed
from crossdock.domain.confirming import VOIDING
from crossdock.domain.errors import Conflict, NeedsPerson, OthersFirst
from crossdock.domain.order import NOT_PACKED, Order
from crossdock.domain.parts import Part, Parts
from crossdock.domain.sale import Fulfilment, SaleType, StageLine, StageStatus
from crossdock.domain.stage_lines import pick_lines, unit_differences
from crossdock.domain.states import OrderStatus
from crossdock.workflow import Workplace, begin, writing

TRIES_FOR_ANOTHER_ORDER = 8
"""After so many, a quarter of an hour, an open fulfilment without an order of ours is taken to get none."""


def look(work: Workplace, order: Order, part: Part, parts: Parts) -> tuple[Order, Fulfilment | None]:
    """The order bound to a fulfilment, and that fulfilment as it stands in DEAR; None when our last read serves."""
    used = {record.task_id for record in parts.confirmed}
    if order.task_id is None or order.task_id in used:
        return _bind(work, order, part, parts)
    entry = work.orders.sale(order.connection, order.sale_id)
    untouched = entry is not None and entry.row.updated == entry.read_stamp
    if untouched and order.intent is None and not order.confirming and not order.passed:
        if work.connection.settings.ship_action == "shipped_only":
            if order.facts.pack.open:
                raise not_packed(order.facts.pick, order.facts.pack)
        elif order.facts.pick.open:
            return order, None
    try:
        return order, fulfilment_for(work, order)
    except NeedsPerson as gone:
        advanced = order.facts.type is SaleType.ADVANCED
        if gone.code in order.passed and advanced and not order.confirming:
            return _bind(work, order, part, parts)
        raise


def fulfilment_for(work: Workplace, order: Order) -> Fulfilment:
    """The fulfilment that the order is bound to, as it stands. Raises NeedsPerson when it is gone."""
    fulfilments = work.dear().read_fulfilments(order.sale_id)
    for fulfilment in fulfilments:
        ours = fulfilment.task_id == order.task_id or (order.facts.type is SaleType.SIMPLE and len(fulfilments) == 1)
        if ours and not fulfilment.voided:
            return fulfilment
    told = ""
    if order.facts.type is SaleType.ADVANCED:
        told = "; release the order, and it is confirmed on another one"
    gone = "its fulfilment is no longer in DEAR: it was undone or voided by a person"
    raise NeedsPerson("fulfilment_gone", gone + told)


def not_packed(pick: StageStatus, pack: StageStatus) -> NeedsPerson:
    """Why goods that left are not confirmed, where pick and pack are left to DEAR's people."""
    return NeedsPerson(
        NOT_PACKED,
        f"goods left, and DEAR has the pick {pick} and the pack {pack}: pack it in DEAR, and the order goes on by "
        "itself (settings.ship_action leaves pick and pack to DEAR's people)",
    )


def _bind(work: Workplace, order: Order, part: Part, parts: Parts) -> tuple[Order, Fulfilment]:
    """Bind the order to a fulfilment that nobody has: one that shows the part, an open one, or one that is added."""
    wanted = pick_lines(parts.boxes(part), None)
    confirmed, bound = _taken(work, order)
    packed_only = work.connection.settings.ship_action == "shipped_only"
    fulfilments = work.dear().read_fulfilments(order.sale_id)
    if packed_only:
        free = next((each for each in fulfilments if each.task_id not in bound and _is_packed(each, wanted)), None)
        free = free or shown(unclaimed(fulfilments, bound, order, parts), part, parts, shipped_only=True)
        if free is None:
            raise not_packed(StageStatus.NOT_AVAILABLE, StageStatus.NOT_AVAILABLE)
    else:
        others = unclaimed(fulfilments, bound, order, parts)
        bound -= parts.given_up
        free = shown(others, part, parts) or _free(fulfilments, bound, wanted)
        if free is None:
            check_unclaimed(order, others, wanted)
            _check_nothing_open(order, fulfilments, bound, confirmed)
            order, free = _add(work, order, bound, wanted)
    told = f"number {free.number}"
    facts = order.facts
    if len(fulfilments) > 1 or free.number > 1:
        facts = facts.model_copy(update={"type": SaleType.ADVANCED})
    order = order.recorded(
        "fulfilment", work.now(), detail=told, task_id=free.task_id, fulfilment_number=free.number, facts=facts
    )
    work.orders.save_order(order)
    return order, free


def _taken(work: Workplace, order: Order) -> tuple[set[str | None], set[str | None]]:
    """The fulfilments that show what is confirmed of the sale, and with them those that its orders have."""
    orders = [*work.orders.orders_of_sale(order.connection, order.sale_id), order]
    records = (record for each in orders for record in work.orders.shipments_of_order(each))
    confirmed = {record.task_id for record in records if record.confirmed and not record.withdrawn}
    return confirmed, confirmed | {each.task_id for each in orders if each.stands is not OrderStatus.CANCELED}


def _check_nothing_open(
    order: Order, fulfilments: tuple[Fulfilment, ...], bound: set[str | None], confirmed: set[str | None]
) -> None:
    """DEAR adds no fulfilment while another one is open: that of another order is waited for.

    So is one of no order, which may still get one; where it gets none, only a person can say what it is for. And only
    a person closes one that was confirmed and is open again.
    """
    stand = [each for each in fulfilments if each.pick.open and not each.voided]
    if undone := [str(each.number) for each in stand if each.task_id in confirmed]:
        raise NeedsPerson(
            "undone_in_dear",
            f"DEAR adds a fulfilment only once the others are picked, and number {', '.join(undone)}, which showed a "
            "shipment that is confirmed, was undone in DEAR: pick, pack and ship it there again, and release the order",
        )
    others = [str(each.number) for each in stand if each.task_id in bound]
    strange = [str(each.number) for each in stand if each.task_id not in bound]
    if strange and not others and order.attempts >= TRIES_FOR_ANOTHER_ORDER:
        raise NeedsPerson(
            "fulfilment_open",
            f"DEAR adds a fulfilment only once the others are picked: number {', '.join(strange)} is open, for other "
            "goods than what left: void it in DEAR, or ship it there, and release the order",
        )
    if stand:
        raise OthersFirst(
            f"DEAR adds a fulfilment only once the others are picked: number {', '.join(others or strange)} of this "
            "sale is open, for other goods; this goes on by itself"
        )


def _add(
    work: Workplace, order: Order, bound: set[str | None], wanted: tuple[StageLine, ...]
) -> tuple[Order, Fulfilment]:
    """A further fulfilment. It makes a simple sale an advanced one for good: only where the settings say so."""
    if order.facts.type is SaleType.SIMPLE and work.connection.settings.partial_shipments != "convert":
        raise NeedsPerson(
            "second_part",
            "a part of this simple sale is confirmed and another one shipped, which DEAR shows only on an advanced "
            'sale: set partial_shipments = "convert", or confirm it in DEAR by hand',
        )
    order = begin(work, order, "fulfilment")
    with writing():
        try:
            added = work.dear().add_fulfilment(order.sale_id)
        except Conflict as refused:
            raise OthersFirst(f"{refused}: it is tried again until the other one is picked, or voided") from refused
    free = _free(added, bound, wanted)
    if free is None:
        raise NeedsPerson("no_fulfilment", "DEAR has no open fulfilment for this order and added none")
    return order, free


def _free(
    fulfilments: tuple[Fulfilment, ...], bound: set[str | None], wanted: tuple[StageLine, ...]
) -> Fulfilment | None:
    """An open fulfilment of no other order; one that was begun for other goods is somebody's plan, and left alone."""
    for each in fulfilments:
        if each.task_id not in bound and each.pick.open and not each.voided and _covers(each.pick_lines, wanted):
            return each
    return None


def _covers(planned: tuple[StageLine, ...], wanted: tuple[StageLine, ...]) -> bool:
    return not planned or {line.sku for line in wanted} <= {line.sku for line in planned}


def _is_packed(fulfilment: Fulfilment, wanted: tuple[StageLine, ...]) -> bool:
    """Whether DEAR's people have packed just these units, and not shipped them."""
    packed = fulfilment.pack is StageStatus.AUTHORISED and fulfilment.ship.open
    return packed and not unit_differences("pack", fulfilment.pack_lines, wanted)


def void_open(work: Workplace, order: Order) -> tuple[Order, int]:
    """Void the sale's open, empty fulfilments that no other order has; how many there were."""
    _, bound = _taken(work, order)
    fulfilments = work.dear().read_fulfilments(order.sale_id)
    empty = [
        each
        for each in fulfilments
        if each.task_id not in bound and each.pick.open and not each.pick_lines and not each.voided
    ]
    if not empty:
        return order, 0
    order = begin(work, order, VOIDING)
    for each in empty:
        with writing():
            shown = work.dear().void_fulfilment(each.task_id)
        if any(after.task_id == each.task_id and not after.voided for after in shown):
            raise NeedsPerson("not_voided", f"DEAR did not void the open fulfilment {each.number}: void it there")
    return order, len(empty)
