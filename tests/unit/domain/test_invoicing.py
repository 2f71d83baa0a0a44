"""Invoices: what shipped, at the sale's own figures."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.invoicing import NEW_TASK, carries_marker, draft_invoice, marker
from crossdock.domain.sale import SaleType
from tests.unit.builders import charge, fulfilment, order, sale, sale_line

DAY = date(2026, 3, 2)


def draft(record, shipped, *, with_charges=True):
    return draft_invoice(record, shipped, on=DAY, due=DAY, authorise=False, with_charges=with_charges)


def test_a_whole_line_keeps_the_sales_own_figures_to_the_last_digit():
    odd = sale_line("MUG-RED", "3", total=Decimal("29.9999"), tax=Decimal("3.3333"))

    (line,) = draft(order(of=sale(lines=(odd,))), {"1": Decimal(3)}).lines

    assert (line.total, line.tax) == (Decimal("29.9999"), Decimal("3.3333"))


def test_a_part_of_a_line_is_priced_and_taxed_in_proportion():
    line = sale_line("MUG-RED", "4", price=Decimal("9.99"), discount=Decimal(10), tax=Decimal("4.00"))

    (invoiced,) = draft(order(of=sale(lines=(line,))), {"1": Decimal(3)}).lines

    assert (invoiced.quantity, invoiced.total, invoiced.tax) == (3, Decimal("26.9730"), Decimal("3.0000"))


def test_a_line_that_did_not_ship_is_not_invoiced():
    record = order(of=sale(lines=(sale_line("MUG-RED"), sale_line("MUG-BLUE"))))

    assert [line.sku for line in draft(record, {"2": Decimal(2)}).lines] == ["MUG-BLUE"]


def test_charges_go_on_the_invoice_that_is_told_to_carry_them():
    record = order(of=sale(charges=(charge(),)))

    assert len(draft(record, {"1": Decimal(2)}).charges) == 1
    assert draft(record, {"1": Decimal(2)}, with_charges=False).charges == ()


def test_a_simple_sale_names_its_task_and_an_advanced_one_asks_for_a_new_task_linked_to_its_fulfilment():
    advanced = order(of=sale(type=SaleType.ADVANCED, fulfilments=(fulfilment(3),)))

    simple, other = draft(order(), {"1": Decimal(2)}), draft(advanced, {"1": Decimal(2)})

    assert (simple.task_id, simple.linked_fulfilment) == (order().sale_id, None)
    assert (other.task_id, other.linked_fulfilment) == (NEW_TASK, "3")


def test_the_marker_of_one_order_is_not_found_in_the_memo_of_another():
    first, eleventh = order(reference="SO-1.1"), order(reference="SO-1.11")

    assert carries_marker(f"Thank you. {marker(eleventh)}", eleventh)
    assert not carries_marker(marker(eleventh), first)


@given(ordered=st.integers(1, 50), shipped=st.integers(1, 80))
def test_never_more_is_invoiced_than_was_ordered(ordered, shipped):
    record = order(of=sale(lines=(sale_line("MUG-RED", str(ordered)),)))

    (line,) = draft(record, {"1": Decimal(shipped)}).lines

    assert line.quantity == min(ordered, shipped)
