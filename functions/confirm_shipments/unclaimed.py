"""Fulfilments that were picked in DEAR, and that no order and no shipment has: whose goods they show."""

from collections.abc import Iterable

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.order import Order
from crossdock.domain.parts import Part, Parts
from crossdock.domain.sale import Fulfilment, StageLine, StageStatus
from crossdock.domain.stage_lines import pick_lines, ship_lines, tracking_numbers, unit_differences

UNCLAIMED = "unclaimed_fulfilment"


def unclaimed(
    fulfilments: Iterable[Fulfilment], bound: set[str | None], order: Order, parts: Parts
) -> tuple[Fulfilment, ...]:
    """What is picked and nobody's. What was shipped before the order had its first fulfilment is none of its own."""
    numbers = [order.fulfilment_number, *(record.fulfilment_number for record in parts.confirmed)]
    first = min((number for number in numbers if number is not None), default=0)
    return tuple(
        each
        for each in fulfilments
        if each.task_id not in bound
        and each.pick is StageStatus.AUTHORISED
        and not each.voided
        and (each.ship.open or each.number > first)
    )


def shown(others: Iterable[Fulfilment], part: Part, parts: Parts, *, shipped_only: bool = False) -> Fulfilment | None:
    """The one that shows the part, or the part with more shipments: its units and, once shipped, its numbers or none.

    One that is picked and has more than came so far is the part's as well: the rest is waited for.
    """
    for each in others:
        if each.ship.open and shipped_only:
            continue
        fitting = parts.fitting(part, "pick", each.pick_lines)
        if not fitting:
            if each.ship.open:
                return each
            continue
        boxes = parts.boxes(fitting)
        same = not unit_differences("pick", each.pick_lines, pick_lines(boxes, None))
        if same and (each.ship.open or tracking_numbers(each.ship_lines) <= tracking_numbers(ship_lines(boxes))):
            return each
    return None


def check_unclaimed(order: Order, others: Iterable[Fulfilment], wanted: tuple[StageLine, ...]) -> None:
    """Raises NeedsPerson for what is picked with other goods: a release passes it only where it is shipped."""
    for each in others:
        if not each.ship.open and UNCLAIMED in order.passed:
            continue
        differences = unit_differences("pick", each.pick_lines, wanted) or ("it has other tracking numbers",)
        mend = "undo its pick or void it there" if each.ship.open else "if it is for other goods"
        raise NeedsPerson(
            UNCLAIMED,
            f"fulfilment {each.number} in DEAR is of no order and no shipment that Crossdock knows: "
            f"{'; '.join(differences)}. See whether it is for these goods; {mend}, release the order",
        )
