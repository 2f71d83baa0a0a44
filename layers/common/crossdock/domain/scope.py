"""Which sales a connection loads, and why not the others."""

from crossdock.domain.model import Reason
from crossdock.domain.sale import SaleRow, SaleType
from crossdock.domain.settings import Settings


def judge_row(row: SaleRow, settings: Settings, location: str | None) -> Reason | None:
    """Why a row of saleList is skipped without reading the sale; None when the sale must be read.

    `location`: the name behind the row's OrderLocationID, None where it is not known.
    """
    if row.type is SaleType.SERVICE:
        return Reason(code="service_sale", text="a service sale has nothing to ship")
    if row.shipping == "SHIPPED":
        return Reason(code="already_shipped", text="DEAR says that it is shipped")
    if row.status not in settings.sale_statuses:
        wanted = ", ".join(sorted(settings.sale_statuses))
        return Reason(code="status", text=f"its status is {row.status or 'blank'}; this connection loads {wanted}")
    earliest = settings.earliest_order_date
    if earliest and row.order_date and row.order_date < earliest:
        return Reason(code="too_old", text=f"ordered on {row.order_date}, before the earliest order date {earliest}")
    return judge_location(location, settings) if location else None


def judge_location(location: str | None, settings: Settings) -> Reason | None:
    if not settings.locations or location in settings.locations:
        return None
    return Reason(code="location", text=f"its location is {location or 'blank'}, which this connection does not serve")
