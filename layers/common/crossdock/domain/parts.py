"""Which of an order's shipments are confirmed next, together on one fulfilment. Pure."""

from collections.abc import Iterable
from decimal import Decimal

from crossdock.domain.boxes import Box
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.order import Order
from crossdock.domain.sale import SaleType, StageLine
from crossdock.domain.settings import Settings
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.shipping import boxes_of, check_carriers, in_order, placed
from crossdock.domain.stage_lines import pick_lines, unit_differences
from crossdock.domain.states import OrderStatus, ShipmentStatus

type Part = tuple[ShipmentRecord, ...]


class Parts:
    """An order's shipments, and how they are divided into confirmations."""

    def __init__(self, order: Order, records: Iterable[ShipmentRecord], settings: Settings) -> None:
        by_id = {record.shipment.id: record for record in records}
        ordered = [by_id[shipment.id] for shipment in in_order(record.shipment for record in by_id.values())]
        self._order, self._settings = order, settings
        self.received: Part = tuple(each for each in ordered if each.status is ShipmentStatus.RECEIVED)
        self.confirmed: Part = tuple(each for each in ordered if each.confirmed)
        self.standing: Part = tuple(each for each in self.confirmed if not each.withdrawn)

    @property
    def given_up(self) -> set[str | None]:
        """The fulfilments of withdrawn shipments alone: one that a person has undone in DEAR is free for another."""
        withdrawn = {each.task_id for each in self.confirmed if each.withdrawn}
        return withdrawn - {each.task_id for each in self.standing}

    @property
    def final(self) -> bool:
        """Whether nothing more will come."""
        return self._order.stands is OrderStatus.SHIPPED

    def next(self) -> Part:
        """What is confirmed next; nothing where more has to come first.

        What was begun is gone on with. Of an advanced sale it is one shipment, or as many as make whole kits; of a
        simple one all of them, once the last is there. A simple sale that may be converted is, for the second part.
        """
        if self._order.confirming and (begun := self._begun()):
            return begun
        if not self._divided():
            return self.received if self.final else ()
        for count in range(1, len(self.received) + 1):
            if self._makes_whole_kits(self.received[:count]):
                return self.received[:count]
        return self.received if self.final else ()

    def fitting(self, part: Part, stage: str, stands: tuple[StageLine, ...]) -> Part:
        """The part that a stage which others did in DEAR is of: this one, or some more shipments with it.

        Nothing while the stage has more than has come so far: it is waited for. Else the differences are for a person.
        """
        longer = (self.received[:count] for count in range(len(part) + 1, len(self.received) + 1))
        for candidate in (part, *longer):
            if not self._differences(candidate, stage, stands):
                return candidate
        if self.final:
            return self.received
        there, came = _units(stands), _units(pick_lines(self.boxes(part), None))
        return () if all(units <= there.get(sku, 0) for sku, units in came.items()) else part

    def boxes(self, part: Part) -> tuple[Box, ...]:
        """The part's boxes, each with the location that it left from. Raises NeedsPerson for what cannot be."""
        shipments = [record.shipment for record in part]
        check_carriers(self._order, shipments, self._settings)
        before = [record.shipment for record in self.standing]
        boxes = boxes_of(self._order, shipments, self._settings.carriers, before=before)
        return placed(boxes, self._order.facts.location, self._settings)

    def _begun(self) -> Part:
        return tuple(each for each in self.received if each.shipment.id in self._order.part)

    def _divided(self) -> bool:
        if self._order.facts.type is SaleType.ADVANCED:
            return True
        if self._settings.partial_shipments == "wait":
            return False
        # All of it at once needs no second fulfilment, which would convert the sale.
        return bool(self.confirmed) or not self.final

    def _makes_whole_kits(self, part: Part) -> bool:
        try:
            self.boxes(part)
        except NeedsPerson as trouble:
            if trouble.code == "kit_incomplete":
                return False
            raise
        return True

    def _differences(self, part: Part, stage: str, stands: tuple[StageLine, ...]) -> tuple[str, ...]:
        return unit_differences(stage, stands, pick_lines(self.boxes(part), None))


def _units(lines: Iterable[StageLine]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for line in lines:
        totals[line.sku] = totals.get(line.sku, Decimal(0)) + line.quantity
    return totals
