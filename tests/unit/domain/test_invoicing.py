"""Invoices: what shipped, at the sale's own figures."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.invoicing import (
    NEW_TASK,
    InvoiceTerms,
    asked,
    carries_marker,
    draft_invoice,
    invoices_due,
    marker,
    units_of,
)
from crossdock.domain.memo import LONGEST_MEMO, memo_of, template_fault
from crossdock.domain.rounding import TaxMethod
from crossdock.domain.sale import SaleType
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.states import ShipmentStatus
from tests.unit.builders import NOON, SALE_ID, charge, fulfilment, order, parcel, sale, sale_line, shipment

DAY = date(2026, 3, 2)


def record(*lines, shipment_id="S-1", status=ShipmentStatus.CONFIRMED, number=None):
    """A shipment of (line_id, SKU, units) that was confirmed on the fulfilment of this number."""
    sent = shipment(parcel(f"BOX-{shipment_id}", *lines), id=shipment_id)
    return ShipmentRecord(
        connection="main", sale_id=SALE_ID, shipment=sent, status=status, received_at=NOON, fulfilment_number=number
    )


def draft(of, *records, before=None, with_charges=True, **terms):
    (due,) = invoices_due(of, records)
    fixed = InvoiceTerms(on=DAY, due=DAY, authorise=False, with_charges=with_charges, **terms)
    return draft_invoice(of, due, before or {}, fixed)


def red(units, **changes):
    return record(("1", "MUG-RED", str(units)), **changes)


def test_a_whole_line_keeps_the_sales_own_figures_to_the_last_digit():
    odd = sale_line("MUG-RED", "3", total=Decimal("29.9999"), tax=Decimal("3.3333"))

    (line,) = draft(order(of=sale(lines=(odd,))), red(3)).lines

    assert (line.total, line.tax) == (Decimal("29.9999"), Decimal("3.3333"))


def test_a_part_of_a_line_is_priced_and_taxed_in_proportion():
    line = sale_line("MUG-RED", "4", price=Decimal("9.99"), discount=Decimal(10), tax=Decimal("4.00"),
                     total=Decimal("35.964"))  # fmt: skip

    (invoiced,) = draft(order(of=sale(lines=(line,))), red(3)).lines

    assert (invoiced.quantity, invoiced.total, invoiced.tax) == (3, Decimal("26.9730"), Decimal("3.0000"))


def test_a_line_that_did_not_ship_is_not_invoiced():
    of = order(of=sale(lines=(sale_line("MUG-RED"), sale_line("MUG-BLUE"))))

    assert [line.sku for line in draft(of, record(("2", "MUG-BLUE", "2"))).lines] == ["MUG-BLUE"]


def test_prices_are_those_of_the_last_read_and_not_those_that_the_warehouse_was_told():
    of = order()
    dearer = tuple(each.model_copy(update={"price": Decimal(12), "total": Decimal(24)}) for each in of.facts.lines)
    of = of.model_copy(update={"facts": of.facts.model_copy(update={"lines": dearer})})

    (line,) = draft(of, red(2)).lines

    assert (line.price, line.total) == (Decimal(12), Decimal(24))


def test_an_order_from_before_figures_were_kept_is_invoiced_by_its_own_lines():
    of = order()
    of = of.model_copy(update={"facts": of.facts.model_copy(update={"lines": ()})})

    (line,) = draft(of, red(1), before={1: Decimal(1)}).lines

    assert (line.total, line.tax) == (Decimal(10), Decimal(1))


def changed_into(of, *lines):
    """The order once its sale was read again with these lines."""
    read_again = order(of=sale(lines=lines)).facts.lines
    return of.model_copy(update={"facts": of.facts.model_copy(update={"lines": read_again})})


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ((sale_line("MUG-BLUE"), sale_line("MUG-RED")), "line 2 was MUG-BLUE and is MUG-RED"),
        ((sale_line("MUG-RED"),), "line 2 was MUG-BLUE and is gone"),
        ((sale_line("MUG-RED"), sale_line("MUG-BLUE", "1")), "line 2 has 1 of MUG-BLUE, and 2 shipped"),
    ],
)
def test_a_sale_that_no_longer_has_what_shipped_holds_the_order_and_says_how_it_differs(now, told):
    of = order(of=sale(lines=(sale_line("MUG-RED"), sale_line("MUG-BLUE"))))

    with pytest.raises(NeedsPerson, match=told):
        draft(changed_into(of, *now), record(("2", "MUG-BLUE", "2")))


def test_what_is_invoiced_already_counts_against_the_line():
    with pytest.raises(NeedsPerson, match="1 of it invoiced, 2 more shipped"):
        draft(order(), red(2), before={1: Decimal(1)})


def test_charges_go_on_the_invoice_that_is_told_to_carry_them():
    of = order(of=sale(charges=(charge(),)))

    assert len(draft(of, red(2)).charges) == 1
    assert draft(of, red(2), with_charges=False).charges == ()


def test_a_simple_sale_names_its_task_and_an_advanced_one_asks_for_a_new_task_linked_to_its_fulfilment():
    advanced = order(of=sale(type=SaleType.ADVANCED, fulfilments=(fulfilment(3),)))

    simple, other = draft(order(), red(2)), draft(advanced, red(2))

    assert (simple.task_id, simple.linked_fulfilment) == (order().sale_id, None)
    assert (other.task_id, other.linked_fulfilment) == (NEW_TASK, "3")


def test_each_fulfilment_that_an_order_was_confirmed_on_is_an_invoice_of_its_own():
    advanced = order(of=sale(type=SaleType.ADVANCED, lines=(sale_line("MUG-RED", "9"),)))
    records = [red(2, number=2), red(1, shipment_id="S-2", number=1), red(3, shipment_id="S-3", number=2)]
    known = [red(1, shipment_id="S-4", number=3, status=ShipmentStatus.INVOICED),
             red(1, shipment_id="S-5", status=ShipmentStatus.RECEIVED)]  # fmt: skip

    dues = invoices_due(advanced, [*records, *known])

    assert [(due.fulfilment, due.marker, [each.shipment.id for each in due.shipments]) for due in dues] == [
        (1, "Crossdock SO-00001/1", ["S-2"]),
        (2, "Crossdock SO-00001/2", ["S-1", "S-3"]),
    ]
    assert units_of(advanced, dues[1].shipments, dues[1].before) == {1: Decimal(5)}


def test_the_marker_of_one_invoice_is_not_found_in_the_memo_of_another():
    first, eleventh = order(reference="SO-1.1"), order(reference="SO-1.11")
    unbound = order(of=sale(type=SaleType.ADVANCED))

    assert carries_marker(f"Thank you. {marker(eleventh)}.", marker(eleventh))
    assert not carries_marker(marker(eleventh), marker(first))
    assert not carries_marker(marker(unbound, 1), marker(unbound))
    assert not carries_marker(marker(unbound, 11), marker(unbound, 1))


@given(ordered=st.integers(1, 50), shipped=st.integers(1, 80))
def test_never_more_is_invoiced_than_was_ordered(ordered, shipped):
    of = order(of=sale(lines=(sale_line("MUG-RED", str(ordered)),)))
    if shipped > ordered:
        with pytest.raises(NeedsPerson, match="more of MUG-RED than"):
            draft(of, red(shipped))
        return

    (line,) = draft(of, red(shipped)).lines

    assert line.quantity == shipped


@given(
    tax=st.decimals(0, 500, places=4), fee=st.decimals(0, 500, places=4), inclusive=st.booleans(),
    method=st.sampled_from(TaxMethod),
)  # fmt: skip
def test_one_invoice_of_everything_asks_for_the_sales_own_total(tax, fee, inclusive, method):
    line = sale_line("MUG-RED", "2", tax=tax)
    total = line.total + fee + (0 if inclusive else tax)
    of = order(of=sale(lines=(line,), charges=(charge(str(fee)),), total=total, tax_inclusive=inclusive))

    assert asked(draft(of, red(2), tax_method=method), tax_inclusive=inclusive) == total


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{marker}", None),
        ("Order {order_number}, parcels {tracking}. {marker}.", None),
        ("Order {order_number}", "must contain {marker}"),
        ("{marker} for {customer}", "{customer} is not known"),
        ("{marker} {", "braces"),
        ("{marker.x}", "braces"),
        ("no{marker}", "put a space"),
        ("{marker}{tracking}", "put a space"),
        ("{marker}-A", "put a space"),
    ],
)
def test_a_memo_template_that_would_hide_the_marker_is_refused(template, fault):
    found = template_fault(template)

    assert found is None if fault is None else fault in found


@given(
    st.lists(st.sampled_from(["{order_number}", "{tracking}", "text, ", "{reference}", "(a) "]), max_size=8),
    st.integers(0, 150),
)
def test_a_memo_always_carries_its_marker_and_always_fits(parts, numbers):
    values = {"marker": "Crossdock SO-1.1", "order_number": "SO-1", "reference": "SO-1.1"}
    tracking = tuple(f"TRACKING-{number:08}" for number in range(numbers))

    memo = memo_of(f"{' '.join(parts)} {{marker}} {' '.join(parts)}", values, tracking)

    assert len(memo) <= LONGEST_MEMO
    assert carries_marker(memo, "Crossdock SO-1.1")
