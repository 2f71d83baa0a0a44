"""The three stages of a fulfilment in DEAR, in their order: what stands is compared, what is missing is written."""

import re
from collections.abc import Callable
from datetime import timedelta

from confirm_shipments.binding import not_packed
from crossdock.domain.boxes import Box
from crossdock.domain.confirming import TRACKING
from crossdock.domain.errors import Conflict, NeedsPerson, OthersFirst, Refused
from crossdock.domain.order import CONFIRMATION, Order
from crossdock.domain.sale import Fulfilment, ShipLine, StageLine, StageStatus
from crossdock.domain.shelf import sku_key
from crossdock.domain.stage_lines import (
    elsewhere,
    pack_lines,
    pack_lines_of,
    pick_lines,
    ship_lines,
    ship_lines_for,
    tracking_numbers,
    tracking_updates,
    unit_differences,
)
from crossdock.workflow import Workplace, begin, writing

_NEEDS_LOT = re.compile(r"batch|serial", re.IGNORECASE)
_FOLLOWING = {"pick": "pack", "pack": "ship"}

STOCK_IS_WRITTEN_FOR = timedelta(minutes=5)
"""So long after it was sent DEAR may still apply a stock adjustment whose outcome is not known; clocks may differ."""


class Stages:
    """Carries one part of an order from where its fulfilment stands to shipped. `stands` None: nothing is written."""

    def __init__(self, work: Workplace, order: Order, boxes: tuple[Box, ...], stands: Fulfilment | None) -> None:
        self._work, self.order, self._boxes, self._stands = work, order, boxes, stands
        self._announced: str | None = None
        self._task_id = stands.task_id if stands else str(order.task_id)
        self._location = order.facts.location

    def carry_out(self) -> Order:
        """Do what is missing; the order with everything recorded but its last stage's result."""
        dear = self._work.dear()
        picked = pick_lines(self._boxes, self._location)
        packed = pack_lines(self._boxes, self._location)
        shipped = ship_lines(self._boxes)
        drafted_pack = self._stands is not None and bool(self._stands.pack_lines)
        drafted_ship = self._stands is not None and bool(self._stands.ship_lines)
        self._check_packed()
        if self._stands_already("pick", picked):
            packed = self._packed_as_picked()
        else:
            self._check_stock_stands(picked)
            self._write("pick", lambda: dear.pick(self._task_id, picked))
        if self._stands_already("pack", packed):
            shipped = self._in_dears_boxes()
        else:
            self._write("pack", lambda: dear.pack(self._task_id, packed, replace=drafted_pack))
        if not self._shipped_already():
            self._write("ship", lambda: dear.ship(self._task_id, shipped, replace=drafted_ship))
        return self.order

    def _check_packed(self) -> None:
        """Where pick and pack are DEAR's people's, both must be done."""
        if self._work.connection.settings.ship_action != "shipped_only" or self._stands is None:
            return
        if self._stands.pick.open or self._stands.pack.open:
            raise not_packed(self._stands.pick, self._stands.pack)

    def _check_stock_stands(self, picked: tuple[StageLine, ...]) -> None:
        """A pick waits for an adjustment of its goods that is under way: DEAR may apply those figures after it."""
        begun, now = self._work.checkpoints.stock.begun(self._work.name), self._work.now()
        lines = begun.lines if begun else ()
        written = {sku_key(sku) for sku, line in lines if now - line.at < STOCK_IS_WRITTEN_FOR}
        if skus := sorted({line.sku for line in picked if sku_key(line.sku) in written}):
            raise OthersFirst(f"stock of {', '.join(skus)} is being written to DEAR: the pick waits for that")

    def _stands_already(self, stage: str, should: tuple[StageLine, ...]) -> bool:
        """Whether the stage is authorised with our content. Other content is a person's to judge."""
        if self._stands is None:
            return False
        status = self._stands.pick if stage == "pick" else self._stands.pack
        if status.open:
            self._check_not_undone(stage, status)
            return False
        if status is not StageStatus.AUTHORISED:
            raise NeedsPerson(f"{stage}_{status.name.lower()}", f"the {stage} in DEAR is {status}")
        stands = self._stands.pick_lines if stage == "pick" else self._stands.pack_lines
        if differences := unit_differences(stage, stands, should):
            raise NeedsPerson(f"{stage}_differs", "; ".join(differences))
        self._found(stage)
        return True

    def _found(self, stage: str) -> None:
        """Stock in flight is counted by what is recorded, so what was found is recorded too."""
        if stage not in self.order.done:
            self.order = self.order.recorded(stage, self._work.now(), detail="found done in DEAR")
            self._work.orders.save_order(self.order)

    def _check_not_undone(self, stage: str, status: StageStatus) -> None:
        """What we wrote and is open again was undone by a person: only that person has it written again."""
        if stage not in self.order.done:
            return
        kept = tuple(each for each in self.order.done if each not in CONFIRMATION)
        told = f"the {stage} that Crossdock wrote is {status} again"
        self.order = self.order.noted(self._work.now(), event="undone", detail=told, done=kept, part=(), intent=None)
        self._work.orders.save_order(self.order)
        raise NeedsPerson(
            "undone_in_dear", f"{told}: it was undone in DEAR. Release the order, and it is confirmed once more"
        )

    def _packed_as_picked(self) -> tuple[StageLine, ...]:
        """The pack lines of a pick that stands, where DEAR has picked; if that is elsewhere, by the setting."""
        picked = self._stands.pick_lines if self._stands else ()
        if differences := elsewhere(picked, self._boxes):
            told = "; ".join(differences)
            passed = "picked_elsewhere" in self.order.passed
            if self._work.connection.settings.picked_elsewhere == "hold" and not passed:
                mend = "move the stock in DEAR and release the order, or undo the pick there first"
                raise NeedsPerson("picked_elsewhere", f"{told}. A pick cannot be moved: {mend}")
            if not any(event.event == "picked elsewhere" for event in self.order.timeline):
                self.order = self.order.noted(self._work.now(), event="picked elsewhere", detail=told)
                self._work.orders.save_order(self.order)
        return pack_lines_of(picked, self._boxes)

    def _in_dears_boxes(self) -> tuple[ShipLine, ...]:
        return ship_lines_for(self._stands.pack_lines if self._stands else (), self._boxes)

    def _shipped_already(self) -> bool:
        """Whether it is shipped in DEAR, by us or by a person: then with our tracking numbers, or without any."""
        if self._stands is None:
            return False
        if self._stands.ship.open:
            self._check_not_undone("ship", self._stands.ship)
            return False
        if self._stands.ship is not StageStatus.AUTHORISED:
            raise NeedsPerson("ship_incomplete", self._incomplete(self._stands))
        there, ours = tracking_numbers(self._stands.ship_lines), tracking_numbers(ship_lines(self._boxes))
        if ours and not there <= ours:
            text = f"DEAR has it shipped with {_names(there)}, the warehouse shipped {_names(ours)}"
            raise NeedsPerson("shipped_differently", text)
        if ours != there and ours:
            self._add_tracking(self._stands)
        self._found("ship")
        return True

    def _add_tracking(self, stands: Fulfilment) -> None:
        """A person shipped the same units without our tracking numbers: they are added, nothing is shipped again."""
        lines = tracking_updates(stands.ship_lines, self._in_dears_boxes())
        if lines:
            self.order = begin(self._work, self.order, TRACKING)
            with writing():
                self._work.dear().update_tracking(stands.task_id, lines)

    def _incomplete(self, stands: Fulfilment) -> str:
        """What is shipped in DEAR and what is not: the API can complete no shipment that was begun by a person."""
        boxes = tuple(dict.fromkeys(line.box or "" for line in stands.pack_lines))
        gone = {box.casefold() for line in stands.ship_lines if line.shipped for box in line.boxes}
        left = ", ".join(box for box in boxes if box.casefold() not in gone) or "none"
        return (
            f"the shipment in DEAR is {stands.ship}, without box {left}: ship the rest in DEAR, then release the order"
        )

    def _write(self, stage: str, call: Callable[[], None]) -> None:
        """Intent, call, result: the result is stored with the next stage's intent, in one write."""
        if self._announced == stage:
            self._work.lease.keep()
        else:
            self.order = begin(self._work, self.order, stage)
        with writing():
            self._called(stage, call)
        following = _FOLLOWING.get(stage)
        if following is not None:
            self.order = self.order.recorded(stage, self._work.now(), then=following)
            self._work.orders.save_order(self.order)
            self._announced = following

    def _called(self, stage: str, call: Callable[[], None]) -> None:
        """The call; DEAR's refusal of a pick without a batch or serial number says how it is mended."""
        try:
            call()
        except Conflict:
            raise
        except Refused as refused:
            if stage != "pick" or not _NEEDS_LOT.search(refused.message):
                raise
            mend = "have the warehouse correct its shipment with the lot or serial numbers, or pick it in DEAR"
            raise NeedsPerson("lot_needed", f"{refused}. {mend}, and release the order") from refused


def _names(numbers: frozenset[str]) -> str:
    return ", ".join(sorted(numbers)) or "no tracking number"
