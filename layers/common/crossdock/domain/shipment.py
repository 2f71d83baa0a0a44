"""What a warehouse says it shipped, in the shape of the public contract (part 1, Shipment)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from crossdock.domain.model import Event, Reason, Record
from crossdock.domain.states import ShipmentStatus, check_shipment_move

Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(max_length=1000)]


def _none_is_empty(value: Any) -> Any:
    return () if value is None else value


class _FromWarehouse(BaseModel):
    """Unknown fields are ignored, as the contract promises; numbers are read as decimals, never as floats."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)


class ParcelLine(_FromWarehouse):
    """So many of one order line in one parcel."""

    line_id: Identifier | None = None
    sku: Identifier
    quantity: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=4)]
    lot: Text | None = None
    serials: Annotated[tuple[Text, ...], BeforeValidator(_none_is_empty, tuple[Text, ...] | None)] = ()
    expires_on: date | None = None


class Parcel(_FromWarehouse):
    """A box that left the building."""

    parcel_id: Identifier
    carrier: Text | None = None
    service: Text | None = None
    tracking_number: Text | None = None
    tracking_url: Text | None = None
    weight: Decimal | None = None
    weight_unit: Text | None = None
    lines: Annotated[tuple[ParcelLine, ...], Field(min_length=1)]


class Shipment(_FromWarehouse):
    """One shipment; `id` with `revision` is its identity, a correction repeats the id with a higher one.

    `warehouse` is the code of the place that the goods left from, where it is another than the order's.
    """

    id: Identifier
    revision: Annotated[int, Field(ge=1, lt=2**31)]
    order_id: Identifier | None = None
    reference: Identifier
    kind: Literal["shipped", "voided"]
    shipped_at: AwareDatetime
    final: bool
    warehouse: Identifier | None = None
    parcels: Annotated[tuple[Parcel, ...], BeforeValidator(_none_is_empty, tuple[Parcel, ...] | None)] = ()
    updated_at: AwareDatetime

    @model_validator(mode="after")
    def _a_shipment_has_parcels(self) -> "Shipment":
        if self.kind == "shipped" and not self.parcels:
            raise ValueError("parcels: at least one is required unless kind is voided")
        names = [parcel.parcel_id for parcel in self.parcels]
        if len(set(names)) != len(names):
            raise ValueError("parcels: parcel_id must be unique within the shipment")
        return self


class ShipmentRecord(Record):
    """A shipment as we keep it: what came, and where it stands. `sale_id` is None until it is matched.

    Once it is confirmed, `task_id` and `fulfilment_number` name the fulfilment in DEAR that shows it. `left_alone`: no
    invoice of ours is to come for it, as invoicing was off or a person had invoiced it.
    """

    connection: str
    sale_id: str | None
    task_id: str | None = None
    fulfilment_number: int | None = None
    left_alone: bool = False
    shipment: Shipment
    status: ShipmentStatus
    received_at: datetime
    version: int = 1
    attempts: int = 0
    due_at: datetime | None = None
    reason: Reason | None = None
    timeline: tuple[Event, ...] = ()

    @property
    def confirmed(self) -> bool:
        """Whether DEAR shows it."""
        return self.status in {ShipmentStatus.CONFIRMED, ShipmentStatus.INVOICED}

    @property
    def uninvoiced(self) -> bool:
        """Whether DEAR shows it and no invoice of ours has it. What was withdrawn since has nothing to be invoiced."""
        return self.status is ShipmentStatus.CONFIRMED and not self.withdrawn

    @property
    def withdrawn(self) -> bool:
        """Whether the warehouse took it back; DEAR may show it all the same."""
        return self.shipment.kind == "voided"

    def told(self, sale_id: str, shipment: Shipment, status: ShipmentStatus, event: Event) -> "ShipmentRecord":
        """The record with what the warehouse says by now, matched to its sale."""
        news = {"sale_id": sale_id, "shipment": shipment, "status": status, "timeline": (*self.timeline, event)}
        waited = {"attempts": 0, "due_at": None, "reason": None}
        return self.model_copy(update={**news, **waited, "version": self.version + 1})

    def confirmed_on(self, task_id: str | None, fulfilment_number: int | None, at: datetime) -> "ShipmentRecord":
        """The record once DEAR shows it on this fulfilment."""
        detail = f"fulfilment {fulfilment_number}" if fulfilment_number else ""
        record = self.moved(ShipmentStatus.CONFIRMED, at, detail)
        return record.model_copy(update={"task_id": task_id, "fulfilment_number": fulfilment_number})

    def let_be(self, at: datetime) -> "ShipmentRecord":
        """The record once it is known that no invoice of ours is to come for it."""
        event = Event(at=at.isoformat(), event="left alone", detail="no invoice of ours is to come for it")
        told = {"left_alone": True, "version": self.version + 1, "timeline": (*self.timeline, event)}
        return self.model_copy(update=told)

    def moved(self, status: ShipmentStatus, at: datetime, detail: str = "") -> "ShipmentRecord":
        """The next state of this record; a move that the table does not have is refused."""
        check_shipment_move(self.status, status)
        event = Event(at=at.isoformat(), event=status, detail=detail)
        return self.model_copy(
            update={"status": status, "version": self.version + 1, "timeline": (*self.timeline, event)}
        )
