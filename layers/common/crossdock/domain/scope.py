"""Which sales a connection loads, and which of their lines; and why not the others. Pure."""

from collections.abc import Sequence

from crossdock.domain.filters import ItemFilter, OrderFilter, matches, quoted
from crossdock.domain.model import Reason, Record
from crossdock.domain.sale import Sale, SaleLine, SaleRow, SaleType
from crossdock.domain.settings import Settings
from crossdock.domain.statuses import AUTHORISED_ORDER, FINISHED_ORDER, SIMPLE_ONLY, SaleStatus, row_matches

_SHOWN = {"order_number", "channel", "account", "carrier", "terms", "currency", "country", "sku", "name", "tax_rule"}
"""Fields of a sale or a line whose wanted values a reason may show: none says who a person is, or where."""


_SERVICE = Reason(code="service_sale", text="a service sale has nothing to ship")


class LineVerdict(Record):
    """What the item filters make of a sale's lines, by their places from 1; `refused`: why the whole sale stays out."""

    kept: tuple[int, ...]
    dropped: tuple[tuple[int, str], ...] = ()
    refused: Reason | None = None


def judge_row(row: SaleRow, settings: Settings, location: str | None) -> Reason | None:
    """Why a row of saleList is skipped without reading the sale; None when the sale must be read.

    `location`: the name behind the row's OrderLocationID, None where it is not known.
    """
    if row.type is SaleType.SERVICE:
        return _SERVICE
    if row.shipping == "SHIPPED":
        return Reason(code="already_shipped", text="DEAR says that it is shipped")
    if not row_matches(row, settings.sale_statuses):
        return _status(row, settings)
    earliest = settings.earliest_order_date
    if earliest and row.order_date and row.order_date < earliest:
        return Reason(code="too_old", text=f"ordered on {row.order_date}, before the earliest order date {earliest}")
    return judge_location(location, settings) if location else None


def _status(row: SaleRow, settings: Settings) -> Reason:
    wanted = ", ".join(status for status in SaleStatus if status in settings.sale_statuses)
    stages = ""
    if row.type is SaleType.ADVANCED and settings.sale_statuses & SIMPLE_ONLY:
        stages = f" ({', '.join(word or 'blank' for word in (row.picking, row.packing, row.shipping))})"
    return Reason(code="status", text=f"its status is {row.status or 'blank'}{stages}; this connection loads {wanted}")


def judge_location(location: str | None, settings: Settings) -> Reason | None:
    if not settings.locations or location in settings.locations:
        return None
    return Reason(code="location", text=f"its location is {location or 'blank'}, which this connection does not serve")


def judge_sale(sale: Sale, settings: Settings) -> Reason | None:
    """Why a sale that was read is skipped; None when it becomes orders."""
    if sale.type is SaleType.SERVICE:
        return _SERVICE
    return (
        judge_location(sale.location, settings)
        or _judge_order(sale)
        or _judge_attributes(sale, settings)
        or _judge_fields(sale, settings)
    )


def _judge_order(sale: Sale) -> Reason | None:
    if sale.order_status in AUTHORISED_ORDER:
        return None
    if sale.order_status in FINISHED_ORDER:
        return Reason(code="already_shipped", text=f"DEAR says that its order is {sale.order_status}")
    return Reason(code="not_authorised", text=f"its order is {sale.order_status or 'blank'}")


def _judge_attributes(sale: Sale, settings: Settings) -> Reason | None:
    for name, values in settings.attribute_filters.items():
        found = sale.attribute(name)
        if not any(matches(found, value) for value in values):
            stands = "has another value" if found.strip() else "is blank"
            text = f"its {name} {stands}; this connection loads {quoted(values)}"
            return Reason(code="attribute_filter", text=text)
    return None


def _judge_fields(sale: Sale, settings: Settings) -> Reason | None:
    for place, each in enumerate(settings.order_filters):
        if not each.allows(each.text_of(sale)):
            text = f"its {each.field} {_rule(each, f'settings.order_filters.{place}')}"
            return Reason(code="order_filter", text=text)
    return None


def judge_lines(lines: Sequence[SaleLine], settings: Settings) -> LineVerdict:
    """What the item filters make of all lines of a sale. A line that a warehouse could not ship is kept as it is."""
    kept: list[int] = []
    dropped: list[tuple[int, str]] = []
    refused: Reason | None = None
    for position, line in enumerate(lines, start=1):
        failed = list(_failed(line, settings)) if shippable(line) else []
        if not failed:
            kept.append(position)
            continue
        dropped.append((position, "; ".join(why for _, why in failed)))
        refusing = next((why for each, why in failed if each.action == "refuse_order"), None)
        if refusing and refused is None:
            refused = Reason(code="item_filter", text=f"line {position}, {line.sku or 'without a SKU'}: {refusing}")
    return LineVerdict(kept=tuple(kept), dropped=tuple(dropped), refused=refused)


def shippable(line: SaleLine) -> bool:
    """Whether a line is a warehouse's to ship: goods, and not sent by the supplier."""
    return line.quantity > 0 and not line.drop_ship and bool(line.product_id)


def _failed(line: SaleLine, settings: Settings) -> list[tuple[ItemFilter, str]]:
    return [
        (each, f"its {each.field} {_rule(each, f'settings.item_filters.{place}')}")
        for place, each in enumerate(settings.item_filters)
        if not each.allows(each.text_of(line))
    ]


def _rule(failed: OrderFilter | ItemFilter, name: str) -> str:
    """What a filter asks of a field, with its values where they say nothing of a person."""
    how = {"full": "be", "starts": "start with", "ends": "end with"}[failed.match]
    must = f"must {how}" if failed.rule == "required" else f"must not {how}"
    return f"{must} {quoted(failed.values)} ({name})" if failed.field in _SHOWN else f"{must} what {name} names"
