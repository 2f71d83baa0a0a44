"""A parcel as DEAR will know it, and what lies in it."""

from collections.abc import Container
from datetime import date
from decimal import Decimal
from hashlib import blake2s
from itertools import chain, count

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.model import Record
from crossdock.domain.order import OrderLine

LONGEST_BOX_NAME = 256
"""Blueprint: Sale Fulfilment Pick Pack Line Model, and of a ship line's `Boxes`."""
LONGEST_TRACKING_NUMBER = 256
"""Blueprint: Sale Fulfilment Ship Line Model."""


class PackedLine(Record):
    """So many of one order line in one box. `lot` is DEAR's batch or serial number."""

    line: OrderLine
    quantity: Decimal
    lot: str | None
    expires_on: date | None


class Box(Record):
    """A parcel as DEAR will know it: `name` is unique within its fulfilment and free of commas.

    `warehouse` is the code that the warehouse gave, `location` DEAR's location that the goods left from, where either
    is known.
    """

    name: str
    shipped_on: date
    carrier: str | None
    tracking_number: str | None
    tracking_url: str | None
    lines: tuple[PackedLine, ...]
    warehouse: str | None = None
    location: str | None = None


def box_name(parcel_id: str, shipment_id: str, taken: Container[str], standing: Container[str] = ()) -> str:
    """A name that DEAR can keep: no comma, which separates boxes there, at most 256 letters, and no other's.

    `taken` are names in lower case: DEAR may not tell letters apart by case. `standing` are the names of DEAR's boxes:
    a parcel whose longer name is among them keeps it, whatever order the parcels come in by now.
    """
    name = _plain(parcel_id)
    longer = _fitting(f"{_plain(shipment_id)} {name}")
    numbered = (f"{_fitting(name)} ({number})" for number in count(2))
    names = chain((longer,) if longer in standing else (), (_fitting(name), longer), map(_fitting, numbered))
    return next(each for each in names if each.casefold() not in taken)


def joined_tracking(numbers: tuple[str, ...], box: str) -> str | None:
    """Several tracking numbers as one text. Raises NeedsPerson where DEAR has no room for it: none is cut off."""
    joined = ", ".join(dict.fromkeys(numbers))
    if len(joined) > LONGEST_TRACKING_NUMBER:
        raise NeedsPerson(
            "tracking_too_long",
            f"the tracking numbers of box {box} have {len(joined)} letters, and DEAR takes {LONGEST_TRACKING_NUMBER}: "
            "have the warehouse correct its shipment, or confirm it in DEAR by hand",
        )
    return joined or None


def _plain(name: str) -> str:
    return " ".join(name.replace(",", "-").split())


def _fitting(name: str) -> str:
    """A name that is too long ends in a hash of all of it, so that two never become one."""
    if len(name) <= LONGEST_BOX_NAME:
        return name
    digest = blake2s(name.encode(), digest_size=4).hexdigest()
    return f"{name[: LONGEST_BOX_NAME - len(digest) - 1]}-{digest}"
