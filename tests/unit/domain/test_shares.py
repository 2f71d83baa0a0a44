"""Which lines go with which fulfilment, whoever's lines the settings take."""

from collections import Counter
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.planning import plan_sale
from crossdock.domain.sale import Invoice, SaleType, StageStatus
from crossdock.domain.settings import Settings
from crossdock.domain.shares import share_out
from tests.unit.builders import fulfilment, picked, sale, sale_line

ADVANCED = SaleType.ADVANCED
PICKED = StageStatus.AUTHORISED


def asked(of, lines_from="order"):
    shares = share_out(of, tuple(enumerate(of.lines, start=1)), {}, lines_from)
    return [[(line.line_id, line.sku, line.quantity) for line in share.lines] for share in shares]


def invoice(*lines, **changes):
    fields = {
        "task_id": "i",
        "number": "INV-1",
        "status": StageStatus.AUTHORISED,
        "memo": "",
        "linked_fulfilment": None,
    }
    return Invoice(**{**fields, "lines": lines, **changes})


@pytest.mark.parametrize(("lines_from", "units"), [("order", 5), ("pick", 4), ("pack", 3), ("invoice", 2)])
def test_a_simple_sales_lines_are_taken_from_where_the_settings_say(lines_from, units):
    task = fulfilment(1, picked(quantity="4"), pick=PICKED, pack_lines=(picked(quantity="3", box="A"),))
    of = sale(lines=(sale_line(quantity="5"),), fulfilments=(task,), invoices=(invoice(picked(quantity="2")),))

    assert asked(of, lines_from) == [[("1", "MUG-RED", Decimal(units))]]


@pytest.mark.parametrize("lines_from", ["pick", "pack", "invoice"])
def test_where_there_are_no_such_lines_the_orders_own_are_taken(lines_from):
    of = sale(lines=(sale_line(quantity="5"),), fulfilments=(fulfilment(1),))

    assert asked(of, lines_from) == [[("1", "MUG-RED", Decimal(5))]]


def test_an_invoice_counts_for_the_fulfilment_that_it_is_linked_with():
    lines = (sale_line(quantity="5"),)
    first = fulfilment(1, picked(quantity="3"), pick=PICKED, linked_invoice="INV-1")
    second = fulfilment(2, picked(quantity="2"), pick=PICKED)
    invoices = (invoice(picked(quantity="1")), invoice(picked(quantity="2"), number="INV-2", linked_fulfilment="2"))

    of = sale(type=ADVANCED, lines=lines, fulfilments=(first, second), invoices=invoices)

    assert asked(of, "invoice") == [[("1", "MUG-RED", Decimal(1))], [("1", "MUG-RED", Decimal(2))]]


def test_a_voided_invoice_is_not_read():
    gone = invoice(picked(quantity="1"), status=StageStatus.VOIDED)

    assert asked(sale(invoices=(gone,)), "invoice") == [[("1", "MUG-RED", Decimal(2))]]


def test_a_line_that_an_item_filter_drops_does_not_lend_its_units_to_another():
    lines = (sale_line(comment="gift"), sale_line(quantity="1"))
    settings = Settings(item_filters=[{"field": "comment", "rule": "restricted", "values": ["gift"]}])
    task = fulfilment(1, picked(quantity="3"), pick=PICKED)

    (order,) = plan_sale(sale(type=ADVANCED, lines=lines, fulfilments=(task,)), settings).orders

    assert [(line.line_id, line.quantity) for line in order.content.lines] == [("2", Decimal(1))]


SKUS = st.sampled_from(("MUG-RED", "MUG-BLUE", "BOWL"))
UNITS = st.integers(1, 5).map(str)


@given(
    lines=st.lists(st.tuples(SKUS, UNITS), min_size=1, max_size=5),
    tasks=st.lists(st.lists(st.tuples(SKUS, UNITS), max_size=3), max_size=4),
    lines_from=st.sampled_from(("order", "pick", "pack", "invoice")),
)
def test_no_sale_ever_asks_for_more_of_a_product_than_was_ordered(lines, tasks, lines_from):
    tasks = [fulfilment(at, *(picked(sku, units) for sku, units in task)) for at, task in enumerate(tasks, start=1)]
    of = sale(type=ADVANCED, lines=tuple(sale_line(sku, units) for sku, units in lines), fulfilments=tuple(tasks))

    shares = []
    with suppress(NeedsPerson):
        shares = share_out(of, tuple(enumerate(of.lines, start=1)), {}, lines_from)

    ordered, sent = Counter(), Counter()
    for line in of.lines:
        ordered[line.sku] += line.quantity
    for share in shares:
        assert len({line.line_id for line in share.lines}) == len(share.lines)
        for line in share.lines:
            sent[line.sku] += line.quantity
    assert sent <= ordered
