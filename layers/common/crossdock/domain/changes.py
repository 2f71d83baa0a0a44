"""Whether what a sale asks for has changed, and how, in words that a person can act on."""

from decimal import Decimal
from hashlib import sha256

from crossdock.domain.model import Record
from crossdock.domain.order import Content, OrderLine, PostalAddress


def hash_of(content: Content) -> str:
    """The same for the same content, whatever the order of its fields."""
    return sha256(content.model_dump_json().encode()).hexdigest()


def same_goods(before: Content, after: Content) -> bool:
    """Whether nothing changed that the warehouse must know.

    A fulfilment's number, and its share of the total, come with the binding of an order that had none.
    """
    if before.order_number != after.order_number:
        after = after.model_copy(update={"order_number": before.order_number, "total": before.total})
    return before == after


def units(content: Content) -> dict[str, Decimal]:
    """Units by SKU: what a parcel can hold of the order, however its lines are divided."""
    total: dict[str, Decimal] = {}
    for line in content.lines:
        total[line.sku] = total.get(line.sku, Decimal(0)) + line.quantity
    return total


def differences(before: Content, after: Content) -> tuple[str, ...]:
    """What changed, a sentence each. Of an address and of free text is told that they changed, never what they say."""
    told: list[str] = []
    old = {line.line_id: line for line in before.lines}
    new = {line.line_id: line for line in after.lines}
    for line_id in sorted(old.keys() | new.keys(), key=_natural):
        was, now = old.get(line_id), new.get(line_id)
        if was is None and now is not None:
            told.append(f"line {line_id}: {now.quantity} of {now.sku} added")
        elif now is None and was is not None:
            told.append(f"line {line_id}: {was.quantity} of {was.sku} removed")
        elif was and now and was != now:
            told.append(f"line {line_id}: {_line_difference(was, now)}")
    told.extend(_field_differences(before, after))
    return tuple(told)


def _line_difference(was: OrderLine, now: OrderLine) -> str:
    if (was.sku, was.quantity) != (now.sku, now.quantity):
        return f"{was.quantity} of {was.sku} became {now.quantity} of {now.sku}"
    return f"{', '.join(_changed(was, now))} of {now.sku} changed"


def _field_differences(before: Content, after: Content) -> list[str]:
    told: list[str] = []
    for name in _changed(before, after):
        was, now = getattr(before, name), getattr(after, name)
        if isinstance(was, PostalAddress) and isinstance(now, PostalAddress):
            told.append(f"{name} changed in {', '.join(_changed(was, now))}")
        elif name != "lines":
            told.append(f"{name} changed")
    return told


def _changed(was: Record, now: Record) -> list[str]:
    return [name for name in type(was).model_fields if getattr(was, name) != getattr(now, name)]


def _natural(line_id: str) -> tuple[tuple[int, str], ...]:
    """Line 9 before line 10, and 2 before 2-1."""
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in line_id.split("-"))
