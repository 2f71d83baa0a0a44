"""The bodies of every answer, as the contract has them."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from crossdock.domain.model import Event, Record
from crossdock.domain.states import OrderStatus, ShipmentStatus
from crossdock.recording import Result


class Taken(Record):
    """What became of one shipment of a push."""

    id: str
    revision: int
    result: Annotated[
        Result,
        Field(
            description="`stored`; `duplicate`: this revision, or a newer one, is known; `unknown_order`: kept, and "
            "matched when its order is known"
        ),
    ]


class Accepted(Record):
    """Every shipment of the push is stored durably."""

    accepted: tuple[Taken, ...]


class FieldError(Record):
    """One thing that is wrong: where, and what."""

    field: Annotated[str, Field(description="The place, such as `data[3].parcels[0].lines[0].quantity`.")]
    message: str


class Errors(Record):
    """Why nothing was done."""

    errors: tuple[FieldError, ...]


class ShipmentStanding(Record):
    """Where one shipment of the order stands."""

    id: str
    revision: int
    status: ShipmentStatus


class OrderStanding(Record):
    """Where an order stands, and how it came there."""

    reference: str
    order_number: str
    status: OrderStatus
    reason: Annotated[str | None, Field(description="Why it is held or in error.")]
    shipments: tuple[ShipmentStanding, ...]
    timeline: Annotated[tuple[Event, ...], Field(description="What happened to it, oldest first.")]


class Noted(Record):
    """An event was taken note of. That is all a sender of events learns."""

    noted: Literal[True] = True


def errors(problems: Iterable[tuple[str, str]]) -> Errors:
    """The answer for (field, message) pairs."""
    return Errors(errors=tuple(FieldError(field=field, message=message) for field, message in problems))
