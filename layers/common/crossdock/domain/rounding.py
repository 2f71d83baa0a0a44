"""Money as DEAR rounds it: four places, halves up, tax by the row or by the document. Decimal only. Pure."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NamedTuple

from crossdock.domain.model import Record

FOUR_PLACES = Decimal("0.0001")
"""What quantities, prices, taxes and totals have at most (blueprint: Sale Invoice Line Model)."""

CENTS = Decimal("0.01")
"""What an account may round its line totals to: the sale's own line tells."""


class TaxMethod(StrEnum):
    """What DEAR works tax out on (blueprint: Me, TaxCalculationMethod)."""

    ROW_TOTAL = "Row Total"
    TOTAL = "Total"


class Figures(Record):
    """A line of a sale in figures, as DEAR itself worked them out; `discount` in percent."""

    product_id: str
    sku: str
    quantity: Decimal
    price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    tax_rule: str | None = None


class Part(NamedTuple):
    """So many units of a line: those that are invoiced now, and those that were invoiced before."""

    figures: Figures
    units: Decimal
    before: Decimal


def rounded(money: Decimal, places: Decimal = FOUR_PLACES) -> Decimal:
    return money.quantize(places, ROUND_HALF_UP)


def total_of(part: Part) -> Decimal:
    """The total of a part of a line as DEAR validates it: units x price less the discount, rounded as the sale's own.

    All of a line has the sale's own total. Where that is not what price and discount make, a part is in proportion.
    """
    figures, units = part.figures, part.units
    if units == figures.quantity:
        return figures.total
    for places in (FOUR_PLACES, CENTS):
        if rounded(_net(figures, figures.quantity), places) == figures.total:
            return rounded(_net(figures, units), places)
    return rounded(figures.total * units / figures.quantity)


def taxes(parts: Sequence[Part], method: TaxMethod) -> list[Decimal]:
    """The tax of each part. What is invoiced up to now has its share of the sale's tax, less what was asked before.

    So however a sale is divided, its invoices together have the sale's own tax to the last digit, the last one taking
    the remainder: on each line by itself, or with `TOTAL` on all lines of a tax rule together. For that `parts` must
    have every line of the sale, those of which nothing is invoiced now with no units.
    """
    by_row = [rounded(_tax(part, part.before + part.units)) - rounded(_tax(part, part.before)) for part in parts]
    if method is TaxMethod.ROW_TOTAL:
        return by_row
    for rule in dict.fromkeys(part.figures.tax_rule for part in parts):
        places = [place for place, part in enumerate(parts) if part.figures.tax_rule == rule]
        invoiced = [place for place in places if parts[place].units > 0]
        if not invoiced:
            continue
        after = sum((_tax(parts[place], parts[place].before + parts[place].units) for place in places), Decimal(0))
        before = sum((_tax(parts[place], parts[place].before) for place in places), Decimal(0))
        remainder = rounded(after) - rounded(before) - sum(by_row[place] for place in invoiced)
        by_row[max(invoiced, key=lambda place: abs(by_row[place]))] += remainder
    return by_row


def _net(figures: Figures, units: Decimal) -> Decimal:
    return units * figures.price * (1 - figures.discount / 100)


def _tax(part: Part, units: Decimal) -> Decimal:
    """The exact tax on so many units of the line."""
    if units == part.figures.quantity or not part.figures.quantity:
        return part.figures.tax
    return part.figures.tax * units / part.figures.quantity
