"""From DEAR's wire shapes to the domain's: what cannot be read is `Unreadable`, never a guess."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from crossdock.dear import wire, wire_lists
from crossdock.dear.answers import SYSTEM, cleaned
from crossdock.domain.errors import NeedsPerson, Unreadable
from crossdock.domain.inventory import AvailabilityRow, StockProduct
from crossdock.domain.rounding import TaxMethod
from crossdock.domain.sale import (
    Address,
    Charge,
    CreditNote,
    Fulfilment,
    Invoice,
    Sale,
    SaleLine,
    SaleRow,
    SaleType,
    ShipLine,
    StageLine,
    StageStatus,
)
from crossdock.domain.terms import AccountRules, PaymentTerm

ATTRIBUTES = tuple(f"AdditionalAttribute{number}" for number in range(1, 11))
"""Blueprint: Additional Attribute Model."""

_TYPES = {"simple": SaleType.SIMPLE, "advanced": SaleType.ADVANCED, "service": SaleType.SERVICE}


def parsed[Shape: BaseModel](shape: type[Shape], call: str, body: Any) -> Shape:
    """The body in this shape. Raises Unreadable that names the fields, and never shows what is in them."""
    try:
        return shape.model_validate(body)
    except ValidationError as invalid:
        problems = invalid.errors(include_url=False, include_context=False, include_input=False)
        first = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'body'}: {each['msg']}" for each in problems[:3])
    # Outside the handler, so that pydantic's own text, which quotes the input, is not chained.
    raise Unreadable(SYSTEM, call, cleaned(f"the answer cannot be read: {first}"))


def sale_rows(found: list[Any]) -> tuple[tuple[SaleRow, ...], tuple[str, ...]]:
    """The rows of a page that can be read, and what is wrong with each of the others."""
    rows: list[SaleRow] = []
    refused: list[str] = []
    for place, body in enumerate(found, start=1):
        try:
            rows.append(sale_row(parsed(wire_lists.Row, f"GET /saleList, row {place} of the page", body)))
        except Unreadable as unreadable:
            refused.append(str(unreadable))
    return tuple(rows), tuple(refused)


def sale_row(row: wire_lists.Row) -> SaleRow:
    """A type that DEAR may add later reads as simple here, and is held for a person when the sale is read.

    A row without its number goes by its id: a sale that DEAR shows has an entry in the ledger whatever else is missing.
    """
    return SaleRow(
        sale_id=row.sale_id,
        order_number=row.order_number or row.sale_id,
        type=_type(row.type) or SaleType.SIMPLE,
        status=_upper(row.status),
        updated=row.updated or "",
        order_date=row.order_date,
        order_status=_upper(row.order_status),
        picking=_upper(row.combined_picking_status),
        packing=_upper(row.combined_packing_status),
        shipping=_upper(row.combined_shipping_status),
        invoicing=_upper(row.combined_invoice_status),
        location_id=row.order_location_id,
        quote_status=_upper(row.quote_status),
        credit_note_status=_upper(row.credit_note_status),
    )


def sale(call: str, body: Any) -> Sale:
    """The answer to GET /sale. Raises NeedsPerson for a type of sale that nobody foresaw, and for an empty order."""
    whole = parsed(wire.WholeSale, call, body)
    order = whole.order
    if order == wire.OrderPart():
        raise NeedsPerson("empty_order", "DEAR shows this sale without its order, as it does of some old sales")
    if not order.sale_order_number:
        raise Unreadable(SYSTEM, call, "the answer cannot be read: the sale has no order number")
    return Sale(
        sale_id=whole.id,
        order_number=order.sale_order_number,
        type=_sale_type(whole),
        status=_upper(whole.status),
        order_status=_upper(order.status),
        location=whole.location,
        order_date=whole.sale_order_date,
        ship_by=whole.ship_by,
        customer=whole.customer,
        customer_reference=whole.customer_reference,
        contact=whole.contact,
        phone=whole.phone,
        email=whole.email,
        ship_to=_address(whole.shipping_address),
        bill_to=_address(whole.billing_address),
        carrier=whole.carrier,
        shipping_notes=whole.shipping_notes,
        memo=order.memo,
        source_channel=whole.source_channel,
        sales_representative=whole.sales_representative,
        currency=whole.customer_currency,
        currency_rate=whole.currency_rate,
        tax_inclusive=_upper(whole.tax_calculation) == "INCLUSIVE",
        terms=whole.terms,
        total=order.total,
        lines=tuple(_sale_line(line) for line in order.lines),
        charges=tuple(_charge(charge) for charge in order.additional_charges),
        fulfilments=fulfilments(whole.fulfilments),
        invoices=invoices(whole.invoices),
        credit_notes=tuple(
            CreditNote(status=stage_status(note.status), memo=note.memo or "") for note in whole.credit_notes
        ),
        quote_status=_upper(whole.quote.status),
        quote_memo=whole.quote.memo,
        default_account=whole.default_account,
        attributes=_attributes(whole.additional_attributes),
        updated=whole.last_modified_on or "",
    )


def fulfilments(tasks: list[wire.FulfilmentTask]) -> tuple[Fulfilment, ...]:
    """Tasks in DEAR's order; one without a number takes its place's. Raises NeedsPerson where two are alike."""
    numbers = [_fulfilment_number(task, place) for place, task in enumerate(tasks, start=1)]
    if len(set(numbers)) < len(tasks) or len({task.task_id for task in tasks}) < len(tasks):
        raise NeedsPerson("fulfilments_alike", "DEAR shows two fulfilments of this sale with the same number or id")
    return tuple(
        Fulfilment(
            task_id=task.task_id,
            number=number,
            pick=stage_status(task.pick.status),
            pack=stage_status(task.pack.status),
            ship=stage_status(task.ship.status),
            pick_lines=tuple(_stage_line(line) for line in task.pick.lines),
            pack_lines=tuple(_stage_line(line) for line in task.pack.lines),
            ship_lines=tuple(_ship_line(line) for line in task.ship.lines),
            linked_invoice=task.linked_invoice_number,
        )
        for number, task in zip(numbers, tasks, strict=True)
    )


def _fulfilment_number(task: wire.FulfilmentTask, place: int) -> int:
    number = int(task.fulfilment_number)
    return number if number > 0 else place


def invoices(tasks: list[wire.InvoiceTask]) -> tuple[Invoice, ...]:
    return tuple(
        Invoice(
            task_id=task.task_id or "",
            number=task.invoice_number,
            status=stage_status(task.status),
            memo=task.memo or "",
            linked_fulfilment=task.linked_fulfilment_number,
            total=task.total,
            paid=task.paid,
            lines=tuple(_stage_line(line) for line in task.lines),
            charges=tuple(_charge(charge) for charge in task.additional_charges),
        )
        for task in tasks
    )


def account_rules(company: wire_lists.Company, terms: Iterable[wire_lists.Term]) -> AccountRules:
    """Without a method that is known, tax is worked out on the total, as it is where DEAR starts from."""
    by_row = _upper(company.tax_calculation_method) == TaxMethod.ROW_TOTAL.upper()
    return AccountRules(
        time_zone=company.time_zone,
        tax_method=TaxMethod.ROW_TOTAL if by_row else TaxMethod.TOTAL,
        terms=tuple(
            PaymentTerm(name=each.name, days=int(each.duration), method=each.method or "")
            for each in terms
            if each.name
        ),
    )


def availability_row(row: wire_lists.Availability) -> AvailabilityRow:
    """`StockOnHand` is money and is not read."""
    return AvailabilityRow(
        product_id=row.id or "",
        sku=row.sku,
        location=row.location or "",
        on_hand=row.on_hand,
        allocated=row.allocated,
        available=row.available,
        bin=row.bin,
        batch=row.batch,
        expires_on=row.expiry_date,
    )


def stock_product(product: wire_lists.CatalogueProduct) -> StockProduct:
    """A type that is not told is taken for stock: DEAR's refusal would say otherwise."""
    return StockProduct(
        product_id=product.id,
        sku=product.sku,
        stocked=_upper(product.type or "Stock") == "STOCK",
        deprecated=_upper(product.status) == "DEPRECATED",
        costing_method=product.costing_method or "",
        average_cost=product.average_cost,
        price_tiers=tuple(getattr(product, f"price_tier{number}") for number in range(1, 11)),
    )


def stage_status(text: str | None) -> StageStatus:
    """A stage that is not told of is not available yet; a word that is not known is OTHER, which nothing writes to."""
    try:
        return StageStatus(_upper(text).replace("AUTHORIZED", "AUTHORISED") or StageStatus.NOT_AVAILABLE)
    except ValueError:
        return StageStatus.OTHER


def _upper(text: str | None) -> str:
    return " ".join((text or "").upper().split())


def _type(text: str | None) -> SaleType | None:
    """Blueprint: Sale Types. On the wire "Simple Sale"."""
    return _TYPES.get((text or "").lower().removesuffix("sale").strip())


def _sale_type(whole: wire.WholeSale) -> SaleType:
    if whole.service_only:
        return SaleType.SERVICE
    if known := _type(whole.type):
        return known
    shown = cleaned(whole.type or "blank")
    raise NeedsPerson("sale_type_unknown", f"DEAR calls this sale's type {shown}, which Crossdock does not know")


def _address(address: wire.PostalAddress) -> Address:
    return Address(
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        state=address.state,
        postcode=address.postcode,
        country=address.country,
        company=address.company,
        contact=address.contact,
        display=(address.display_address_line1 or "", address.display_address_line2 or ""),
    )


def _sale_line(line: wire.Line) -> SaleLine:
    """A weight of nought is how DEAR shows that none was entered."""
    weight = line.product_weight if line.product_weight > 0 else None
    return SaleLine(
        product_id=line.product_id or "",
        sku=line.sku or "",
        name=line.name or "",
        quantity=line.quantity,
        price=line.price,
        discount=line.discount,
        tax=line.tax,
        total=line.total,
        tax_rule=line.tax_rule,
        comment=line.comment,
        backordered=line.backorder_quantity,
        drop_ship=line.drop_ship,
        weight=weight,
        weight_unit=line.weight_units if weight is not None else None,
    )


def _charge(charge: wire.AdditionalCharge) -> Charge:
    return Charge(
        description=charge.description or "",
        quantity=charge.quantity,
        price=charge.price,
        discount=charge.discount,
        tax=charge.tax,
        total=charge.total,
        tax_rule=charge.tax_rule,
        comment=charge.comment,
        account=charge.account,
    )


def _stage_line(line: wire.HandledLine) -> StageLine:
    return StageLine(
        product_id=line.product_id or "",
        sku=line.sku or "",
        name=line.name or "",
        quantity=line.quantity,
        location=line.location,
        batch=line.batch_sn,
        expires_on=line.expiry_date,
        box=line.box,
    )


def _ship_line(line: wire.ShippedLine) -> ShipLine:
    boxes = (box.strip() for box in (line.boxes or "").split(","))
    return ShipLine(
        shipped_on=line.shipment_date,
        carrier=line.carrier,
        boxes=tuple(box for box in boxes if box),
        tracking_number=line.tracking_number,
        tracking_url=line.tracking_url,
        shipped=line.is_shipped,
    )


def _attributes(given: dict[str, str | None]) -> dict[str, str]:
    by_name = {name.lower(): value for name, value in given.items()}
    found = {name: by_name.get(name.lower()) for name in ATTRIBUTES}
    return {name: value for name, value in found.items() if value}
