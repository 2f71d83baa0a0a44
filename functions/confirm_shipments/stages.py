"""The three stages of a fulfilment in DEAR, in their order: what stands is compared, what is missing is written."""

from collections.abc import Callable

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.order import Order
from crossdock.domain.sale import Fulfilment, StageLine, StageStatus
from crossdock.domain.shipping import (
    Box,
    pack_lines,
    pick_lines,
    ship_lines,
    ship_lines_for,
    tracking_numbers,
    unit_differences,
)
from crossdock.workflow import Workplace, begin, writing


class Stages:
    """Carries one order's fulfilment from where it stands to shipped. `stands` None: nothing is written yet."""

    def __init__(self, work: Workplace, order: Order, boxes: tuple[Box, ...], stands: Fulfilment | None) -> None:
        self._work, self.order, self._boxes, self._stands = work, order, boxes, stands
        self._announced: str | None = None
        self._task_id = stands.task_id if stands else str(order.task_id)
        self._location = _pick_location(stands) or order.facts.location

    def carry_out(self) -> Order:
        """Do what is missing; the order with everything recorded but its last stage's result."""
        dear = self._work.dear()
        picked = pick_lines(self._boxes, self._location)
        packed = pack_lines(self._boxes, self._location)
        shipped = ship_lines(self._boxes)
        drafted_pack = self._stands is not None and bool(self._stands.pack_lines)
        drafted_ship = self._stands is not None and bool(self._stands.ship_lines)
        if not self._stands_already("pick", picked):
            self._write("pick", lambda: dear.pick(self._task_id, picked))
        if self._stands_already("pack", packed):
            shipped = ship_lines_for(self._stands.pack_lines if self._stands else (), self._boxes)
        else:
            self._write("pack", lambda: dear.pack(self._task_id, packed, replace=drafted_pack))
        if not self._shipped_already():
            self._write("ship", lambda: dear.ship(self._task_id, shipped, replace=drafted_ship))
        return self.order

    def _stands_already(self, stage: str, should: tuple[StageLine, ...]) -> bool:
        """Whether the stage is authorised with our content. Other content is a person's to judge."""
        if self._stands is None:
            return False
        status = self._stands.pick if stage == "pick" else self._stands.pack
        if status.open:
            return False
        if status is not StageStatus.AUTHORISED:
            raise NeedsPerson(f"{stage}_{status.name.lower()}", f"the {stage} in DEAR is {status}")
        stands = self._stands.pick_lines if stage == "pick" else self._stands.pack_lines
        if differences := unit_differences(stage, stands, should):
            raise NeedsPerson(f"{stage}_differs", "; ".join(differences))
        if stage not in self.order.done:
            # Stock in flight is counted by what is recorded here, so what was found is recorded too.
            self.order = self.order.recorded(stage, self._work.now(), detail="found done in DEAR")
            self._work.orders.save_order(self.order)
        return True

    def _shipped_already(self) -> bool:
        if self._stands is None or self._stands.ship.open:
            return False
        if self._stands.ship is not StageStatus.AUTHORISED:
            raise NeedsPerson("ship_incomplete", f"the shipment in DEAR is {self._stands.ship}")
        there, ours = tracking_numbers(self._stands.ship_lines), tracking_numbers(ship_lines(self._boxes))
        if there != ours:
            text = f"DEAR has it shipped with {_names(there)}, the warehouse shipped {_names(ours)}"
            raise NeedsPerson("shipped_differently", text)
        return True

    def _write(self, stage: str, call: Callable[[], None]) -> None:
        """Intent, call, result: the result is stored with the next stage's intent, in one write."""
        if self._announced == stage:
            self._work.lease.keep()
        else:
            self.order = begin(self._work, self.order, stage)
        with writing():
            call()
        following = {"pick": "pack", "pack": "ship"}.get(stage)
        if following is not None:
            self.order = self.order.recorded(stage, self._work.now(), then=following)
            self._work.orders.save_order(self.order)
            self._announced = following


def _pick_location(stands: Fulfilment | None) -> str | None:
    """Where DEAR picked from, if it did: a pack must name the same place."""
    if stands is None or stands.pick.open or not stands.pick_lines:
        return None
    return stands.pick_lines[0].location


def _names(numbers: frozenset[str]) -> str:
    return ", ".join(sorted(numbers)) or "no tracking number"
