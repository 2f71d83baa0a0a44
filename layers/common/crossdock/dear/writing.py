"""From the domain to the bodies of DEAR's writes, by the blueprint's field names; what is not set is left out.

Never written: an address (DEAR would add it to the customer: Sale Shipping Address Model, ShipToOther), a RequireBy
(it overwrites the sale's) and an Account on invoices (DEAR takes the product's or the sale's own).
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.inventory import Adjustment, AdjustmentLine
from crossdock.domain.invoicing import InvoiceDraft, InvoiceLine
from crossdock.domain.sale import Charge, ShipLine, StageLine

AUTHORISED, DRAFT, COMPLETED = "AUTHORISED", "DRAFT", "COMPLETED"
LONGEST_COMMENT = 256
LONGEST_URL = 512
FOUR_PLACES = Decimal("0.0001")

type Body = dict[str, Any]


def pick(task_id: str, lines: Iterable[StageLine]) -> Body:
    """Blueprint: Sale Fulfilment Pick, POST."""
    return {"TaskID": task_id, "Status": AUTHORISED, "Lines": [_stage_line(line) for line in lines]}


def pack(task_id: str, lines: Iterable[StageLine]) -> Body:
    """Blueprint: Sale Fulfilment Pack, POST."""
    packed = [_present({**_stage_line(line), "Box": _box(line.box) if line.box else None}) for line in lines]
    return {"TaskID": task_id, "Status": AUTHORISED, "Lines": packed}


def ship(task_id: str, lines: Iterable[ShipLine]) -> Body:
    """Blueprint: Sale Fulfilment Ship, POST."""
    return {"TaskID": task_id, "Status": AUTHORISED, "Lines": [_ship_line(line) for line in lines]}


def tracking(task_id: str, lines: Iterable[ShipLine]) -> Body:
    """Blueprint: Sale Fulfilment Ship, PUT with AddTrackingNumbers, for a shipment that is authorised.

    A line without an address has it blank, as in the example: DEAR may keep what is left out.
    """
    body = ship(task_id, lines)
    return {**body, "Lines": [{"TrackingURL": "", **line} for line in body["Lines"]], "AddTrackingNumbers": True}


def invoice(draft: InvoiceDraft) -> Body:
    """Blueprint: Sale Invoice POST Model."""
    return _present(
        {
            "SaleID": draft.sale_id,
            "TaskID": draft.task_id,
            "CombineAdditionalCharges": False,
            "Memo": draft.memo,
            "Status": AUTHORISED if draft.authorise else DRAFT,
            "InvoiceDate": _midnight(draft.invoice_date),
            "InvoiceDueDate": _midnight(draft.due_date),
            "CurrencyConversionRate": _rate(draft.currency_rate),
            "BillingAddressLine1": draft.bill_line1,
            "BillingAddressLine2": draft.bill_line2,
            "LinkedFulfillmentNumber": draft.linked_fulfilment,
            "Lines": [_invoice_line(line) for line in draft.lines],
            "AdditionalCharges": [_charge(charge) for charge in draft.charges],
        }
    )


def adjustment(wanted: Adjustment) -> Body:
    """Blueprint: Stock Adjustment, POST. EffectiveDate only dates the journal; it is the day, as a document date."""
    return {
        "EffectiveDate": _midnight(wanted.effective_on),
        "Status": COMPLETED,
        "Account": wanted.account,
        "Reference": wanted.marker,
        "UpdateOnHand": wanted.set_on_hand,
        "Lines": [_adjustment_line(line) for line in wanted.lines],
    }


def _stage_line(line: StageLine) -> Body:
    """Blueprint: Sale Fulfilment Pick Pack Line Model."""
    return _present(
        {
            "ProductID": line.product_id or None,
            "SKU": line.sku,
            "Name": line.name,
            "Location": line.location,
            "Quantity": line.quantity,
            "BatchSN": line.batch,
            "ExpiryDate": _midnight(line.expires_on),
        }
    )


def _ship_line(line: ShipLine) -> Body:
    """Blueprint: Sale Fulfilment Ship Line Model. An address too long for its field is left out, not cut."""
    url = line.tracking_url
    return _present(
        {
            "ShipmentDate": _midnight(line.shipped_on),
            "Carrier": line.carrier,
            "Box": ",".join(_box(box) for box in line.boxes),
            "TrackingNumber": line.tracking_number,
            "TrackingURL": url if url and len(url) <= LONGEST_URL else None,
            "IsShipped": True,
        }
    )


def _invoice_line(line: InvoiceLine) -> Body:
    """Blueprint: Sale Invoice Line Model."""
    return _present(
        {
            "ProductID": line.product_id or None,
            "SKU": line.sku,
            "Name": line.name,
            "Quantity": line.quantity,
            "Price": line.price,
            "Discount": line.discount,
            "Tax": line.tax,
            "Total": line.total,
            "TaxRule": line.tax_rule,
            "Comment": line.comment,
        }
    )


def _charge(charge: Charge) -> Body:
    """Blueprint: Sale Invoice Additional Charge Model."""
    return _present(
        {
            "Description": charge.description,
            "Quantity": charge.quantity,
            "Price": charge.price,
            "Discount": charge.discount,
            "Tax": charge.tax,
            "Total": charge.total,
            "TaxRule": charge.tax_rule,
            "Comment": charge.comment,
        }
    )


def _adjustment_line(line: AdjustmentLine) -> Body:
    """Blueprint: New Stock Line Model. `Quantity` is the new value, not a difference."""
    return _present(
        {
            "SKU": line.sku,
            "Location": line.location,
            "Quantity": line.quantity,
            "UnitCost": line.unit_cost,
            "BatchSN": line.batch,
            "ExpiryDate": _midnight(line.expires_on),
            "Comments": line.why[:LONGEST_COMMENT],
        }
    )


def _box(name: str) -> str:
    """A box name, which may hold no comma: the ship stage separates boxes by it."""
    if "," in name:
        raise NeedsPerson("box_name", f"DEAR cannot ship the box {name!r}: its name must not contain a comma")
    return name


def _rate(rate: Decimal | None) -> Decimal | None:
    """An invoice's rate has four places, a sale's five: one that does not fit is left out, and the sale's counts."""
    if rate is None or rate != round(rate, 4):
        return None
    return round(rate, 4)


def _midnight(day: date | None) -> str | None:
    """A document date as in the blueprint's examples: midnight, without a zone."""
    return f"{day:%Y-%m-%dT00:00:00}" if day else None


def _present(body: Body) -> Body:
    return {name: value for name, value in body.items() if value is not None}
