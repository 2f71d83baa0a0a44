"""The HTTP contract, version 1, part 1: what its bodies look like, written and read."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from crossdock.domain.inventory import StockItem, StockSnapshotPage
from crossdock.domain.order import Content
from crossdock.domain.privacy import Sent
from crossdock.domain.shipment import Identifier, Shipment
from crossdock.ports import ShipmentPage, WarehouseOrder
from crossdock.wms.answers import Document, Unreadable

ORDER_FIELDS = (
    "order_number", "sale_id", "customer_reference", "channel", "source", "ordered_at", "ship_by", "warehouse",
    "location", "ship_method", "ship_method_raw", "carrier", "notes", "shipping_notes", "currency", "total",
)  # fmt: skip
LINE_FIELDS = (
    "line_id", "sku", "name", "quantity", "price", "discount", "tax", "total", "comment", "lot", "expires_on",
    "barcode", "weight", "weight_unit",
)  # fmt: skip
"""Only these leave the house: a field that the domain adds for itself stays here."""

_PROBLEMS_TOLD = 3
_LONGEST_NAME = 60


def order_body(reference: str, content: Content) -> Document:
    """The order as the contract's table has it. `currency` may not be null there, so without one it is left out."""
    body = {"reference": reference, **{field: _plain(getattr(content, field)) for field in ORDER_FIELDS}}
    if body["currency"] is None:
        del body["currency"]
    return {
        **body,
        "ship_to": content.ship_to.model_dump(),
        "bill_to": content.bill_to.model_dump(),
        "lines": [{field: _plain(getattr(line, field)) for field in LINE_FIELDS} for line in content.lines],
        "attributes": dict(content.attributes),
    }


def private_texts(content: Content) -> Sent:
    """The customer's data in the order, which an error message must not repeat, and the names that it may."""
    addresses = (content.ship_to.model_dump(exclude={"country"}), content.bill_to.model_dump(exclude={"country"}))
    names = [*addresses[0].values(), *addresses[1].values()]
    texts = [content.notes, content.shipping_notes, content.customer_reference, *content.attributes.values()]
    texts += [line.comment for line in content.lines]
    readable = [content.order_number, content.sale_id]
    readable += [name for line in content.lines for name in (line.line_id, line.sku, line.lot, line.barcode) if name]
    return Sent(frozenset(filter(None, names)), frozenset(filter(None, texts)), frozenset(readable))


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return decimal_text(value)
    return value.isoformat() if isinstance(value, date) else value


def decimal_text(value: Decimal) -> str:
    """A decimal string, exact, without an exponent, needless zeros or a sign on zero."""
    if not value:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def time_text(moment: datetime) -> str:
    """RFC 3339 in UTC with a final Z."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class _OrderAnswer(_Answer):
    id: Identifier
    reference: Identifier
    status: Identifier


class _Cancelled(_Answer):
    id: Identifier
    status: Identifier


class _ShipmentsAnswer(_Answer):
    shipments: list[Any]
    next_cursor: str | None = None


class _InventoryAnswer(_Answer):
    items: list[Any]
    as_of: AwareDatetime
    complete: bool
    next_cursor: str | None = None


def read_order(document: object) -> WarehouseOrder:
    """One `{id, reference, status}`."""
    answer = _parsed(_OrderAnswer, document)
    return WarehouseOrder(id=answer.id, reference=answer.reference, status=answer.status)


def read_cancellation(document: Document, order_id: str) -> None:
    """Raises Unreadable unless the answer says that this order is cancelled."""
    answer = _parsed(_Cancelled, document)
    if answer.id != order_id or answer.status != "cancelled":
        raise Unreadable("the answer does not say that the order is cancelled")


def read_matches(document: Document, reference: str) -> tuple[WarehouseOrder, ...]:
    """The orders with exactly this reference, each id once.

    Orders that have nothing to do with the reference show that the warehouse did not search for it: to conclude
    from them that it has no such order would send the order a second time.
    """
    rows = document.get("orders")
    if not isinstance(rows, list):
        raise Unreadable("orders: is missing or not a list")
    orders = [read_order(row) for row in rows]
    if any(reference.casefold() not in order.reference.casefold() for order in orders):
        raise Unreadable("the answer has orders of other references, so it was not searched by reference")
    return tuple({order.id: order for order in orders if order.reference == reference}.values())


def read_shipments(document: Document, asked_cursor: str | None) -> ShipmentPage:
    """A page of shipments; one that cannot be read is named among `refused`, the others are kept."""
    answer = _parsed(_ShipmentsAnswer, document)
    cursor = _next_cursor(answer.next_cursor, asked_cursor, answer.shipments)
    shipments, refused = _each(Shipment, answer.shipments, "shipment", "id")
    return ShipmentPage(shipments=tuple(shipments), refused=refused, cursor=cursor)


def read_stock(document: Document, asked_cursor: str | None) -> StockSnapshotPage:
    """A page of the snapshot; an item that cannot be read is named among `refused`, the others are kept."""
    answer = _parsed(_InventoryAnswer, document)
    cursor = _next_cursor(answer.next_cursor, asked_cursor, answer.items)
    items, refused = _each(StockItem, answer.items, "inventory item", "sku")
    return StockSnapshotPage(
        items=tuple(items), as_of=answer.as_of, complete=answer.complete, cursor=cursor, refused=refused
    )


def _next_cursor(cursor: str | None, asked: str | None, rows: Sequence[object]) -> str | None:
    if cursor and cursor == asked:
        if rows:
            raise Unreadable("next_cursor: is the one that was asked with, so the list would never end")
        return None
    return cursor or None


def _each[Row: BaseModel](
    model: type[Row], rows: Iterable[object], kind: str, key: str
) -> tuple[list[Row], tuple[str, ...]]:
    read: list[Row] = []
    refused: list[str] = []
    for position, row in enumerate(rows, start=1):
        try:
            read.append(model.model_validate(row))
        except ValidationError as invalid:
            name = _name(row, key) or f"without {key}, number {position} of the page"
            refused.append(f"{kind} {name}: {problems_told(invalid)}")
    return read, tuple(refused)


def _name(row: object, key: str) -> str:
    value = row.get(key) if isinstance(row, dict) else None
    is_name = isinstance(value, (str, int)) and not isinstance(value, bool)
    return " ".join(str(value).split())[:_LONGEST_NAME] if is_name else ""


def _parsed[Model: BaseModel](model: type[Model], document: object) -> Model:
    try:
        return model.model_validate(document)
    except ValidationError as invalid:
        raise Unreadable(problems_told(invalid)) from None


def problems_told(invalid: ValidationError) -> str:
    """The first fields that are wrong and what is wrong with them, without what stood in them."""
    errors = invalid.errors(include_input=False, include_url=False, include_context=False)
    # A list is also called too short when its only items are wrong: what is wrong with them says more.
    parents = {error["loc"][:depth] for error in errors for depth in range(len(error["loc"]))}
    telling = [error for error in errors if error["type"] != "too_short" or error["loc"] not in parents]
    told = [f"{_path(each['loc'])}: {each['msg'].removeprefix('Value error, ')}" for each in telling[:_PROBLEMS_TOLD]]
    more = len(telling) - len(told)
    return "; ".join(told).removeprefix(": ") + (f"; and {more} more" if more else "")


def _path(parts: Sequence[str | int]) -> str:
    """Write a path as `lines[0].sku`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")
