"""Money as DEAR rounds it: a sale that is invoiced in any number of parts has its own totals in the end."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.domain.rounding import Figures, Part, TaxMethod, rounded, taxes, total_of

NONE = Decimal(0)
PENNY = Decimal("0.0001")

quantities = st.decimals("0.0001", "500", places=4)
prices = st.decimals(0, "2000", places=4)
discounts = st.decimals(0, 100, places=2)
methods = st.sampled_from(TaxMethod)


@st.composite
def lines(draw):
    """A line of a sale as DEAR works it out: exclusive or inclusive of a tax of any rate."""
    quantity, price, discount = draw(quantities), draw(prices), draw(discounts)
    total = rounded(quantity * price * (1 - discount / 100))
    rate = draw(st.sampled_from([NONE, Decimal(5), Decimal("7.25"), Decimal(20)]))
    tax = rounded(total - total / (1 + rate / 100)) if draw(st.booleans()) else rounded(total * rate / 100)
    return Figures(product_id="p", sku="S", quantity=quantity, price=price, discount=discount, tax=tax, total=total,
                   tax_rule=str(rate))  # fmt: skip


@st.composite
def divided(draw):
    """Lines, and the units of each on each of some invoices: in the end all of every line."""
    sale = draw(st.lists(lines(), min_size=1, max_size=4))
    invoices = draw(st.integers(1, 5))
    shares = []
    for line in sale:
        cuts = sorted(draw(st.lists(st.decimals(0, line.quantity, places=4), min_size=invoices - 1,
                                    max_size=invoices - 1)))  # fmt: skip
        shares.append([after - before for before, after in zip([NONE, *cuts], [*cuts, line.quantity], strict=True)])
    return sale, [list(units) for units in zip(*shares, strict=True)]


def invoiced(sale, units, method):
    """The parts of each invoice with their taxes, one invoice after the other."""
    before = [NONE] * len(sale)
    for each in units:
        parts = [Part(line, now, then) for line, now, then in zip(sale, each, before, strict=True)]
        yield parts, taxes(parts, method)
        before = [then + now for then, now in zip(before, each, strict=True)]


@given(st.lists(lines(), min_size=1, max_size=5), methods)
def test_one_invoice_of_everything_has_the_sales_own_figures(sale, method):
    parts = [Part(line, line.quantity, NONE) for line in sale]

    assert [total_of(part) for part in parts] == [line.total for line in sale]
    assert taxes(parts, method) == [line.tax for line in sale]


@given(divided(), methods)
@settings(max_examples=150)
def test_however_a_sale_is_divided_its_invoices_have_its_own_tax_together(case, method):
    sale, units = case

    asked = sum((sum(tax) for _, tax in invoiced(sale, units, method)), NONE)

    assert asked == sum(line.tax for line in sale)


@given(divided())
@settings(max_examples=150)
def test_each_part_has_the_total_that_dear_validates_and_together_they_miss_the_sales_by_rounding_alone(case):
    sale, units = case
    asked = NONE
    for parts, _ in invoiced(sale, units, TaxMethod.ROW_TOTAL):
        for part in parts:
            line = part.figures
            assert total_of(part) == rounded(part.units * line.price * (1 - line.discount / 100))
            asked += total_of(part)

    assert abs(asked - sum(line.total for line in sale)) <= PENNY / 2 * len(sale) * (len(units) + 1)


@given(divided(), methods)
def test_no_part_has_a_tax_far_from_its_share(case, method):
    sale, units = case
    for parts, tax in invoiced(sale, units, method):
        for part, asked in zip(parts, tax, strict=True):
            share = part.figures.tax * part.units / part.figures.quantity
            assert abs(asked - share) <= PENNY * (len(sale) + 1)


def line(**changes):
    fields = {"quantity": 3, "price": "9.99", "discount": 0, "tax": "6.00", "total": "29.97", "tax_rule": "20%"}
    figures = {name: Decimal(value) if name != "tax_rule" else value for name, value in {**fields, **changes}.items()}
    return Figures(product_id="p", sku="S", **figures)


def test_an_account_that_rounds_its_lines_to_cents_has_them_rounded_so_in_parts_too():
    cents = line(quantity=3, price="1.3333", total="4.00")

    assert total_of(Part(cents, Decimal(2), NONE)) == Decimal("2.67")


def test_a_line_whose_total_is_not_its_price_and_discount_is_divided_in_proportion():
    agreed = line(quantity=4, price="10", total="37.00")

    assert total_of(Part(agreed, Decimal(1), NONE)) == Decimal("9.25")


def test_tax_by_the_total_is_rounded_once_for_all_lines_of_a_rule_and_each_rule_by_itself():
    thirds = [line(quantity=3, tax="0.0001", total="29.97") for _ in range(3)]
    other = line(quantity=3, tax="1.0000", tax_rule="5%")
    parts = [Part(each, Decimal(1), NONE) for each in (*thirds, other)]

    by_row, by_total = taxes(parts, TaxMethod.ROW_TOTAL), taxes(parts, TaxMethod.TOTAL)

    assert (sum(by_row[:3]), sum(by_total[:3])) == (NONE, PENNY)
    assert by_row[3] == by_total[3] == Decimal("0.3333")
