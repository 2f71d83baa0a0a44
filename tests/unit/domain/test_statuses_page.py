"""docs/statuses.md says of every status what the code does with it."""

import re
from pathlib import Path

import pytest

from crossdock.domain.sale import SaleType, StageStatus
from crossdock.domain.scope import judge_row, judge_sale
from crossdock.domain.settings import Settings
from crossdock.domain.statuses import SIMPLE_ONLY, STATUS_GROUPS, SaleStatus, fulfilments_in_scope
from tests.unit.builders import fulfilment, row, sale

PAGE = (Path(__file__).parents[3] / "docs" / "statuses.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| ([A-Z]+) \| [^|]+ \| ([^|]+ \| [^|]+) \|$", PAGE, flags=re.MULTILINE))

NEVER, DRAFT, DONE = StageStatus.NOT_AVAILABLE, StageStatus.DRAFT, StageStatus.AUTHORISED
STAGES = {
    "PICKING": (DRAFT, NEVER, NEVER), "PICKED": (DONE, NEVER, NEVER), "PACKING": (DONE, DRAFT, NEVER),
    "PACKED": (DONE, DONE, NEVER), "SHIPPING": (DONE, DONE, DRAFT),
}  # fmt: skip
ORDERS = {"DRAFT": "NOT AVAILABLE", "ESTIMATING": "NOT AVAILABLE", "ESTIMATED": "NOT AVAILABLE", "ORDERING": "DRAFT"}
SHIPPED = {"INVOICING", "INVOICED", "COMPLETED"}


def becomes(status: str) -> str | None:
    """The reason that a simple sale in this status gets when the status is chosen; None when it is loaded."""
    settings = Settings.model_validate({"sale_statuses": [status]})
    order = ORDERS.get(status, "AUTHORISED")
    listed = row(status=status, order_status=order, shipping="SHIPPED" if status in SHIPPED else "NOT SHIPPED")
    reason = judge_row(listed, settings, None) or judge_sale(sale(status=status, order_status=order), settings)
    return reason.code if reason else None


def test_the_page_has_a_row_for_every_status_in_their_order():
    assert list(ROWS) == list(SaleStatus)


def test_the_page_names_every_group():
    assert all(f'`"{name.lower().replace(" ", "_")}"`' in PAGE for name in STATUS_GROUPS)


@pytest.mark.parametrize("status", [status for status in SaleStatus if status is not SaleStatus.VOIDED])
def test_the_page_says_what_choosing_a_status_loads_of_a_simple_sale(status):
    _, loaded = ROWS[status].split(" | ")

    code = becomes(status)

    assert loaded == f"nothing: `{code}`" if code else loaded.startswith("the sale")


@pytest.mark.parametrize("status", sorted(STAGES))
def test_the_page_says_which_statuses_are_looked_for_in_each_fulfilment(status):
    pick, pack, ship = STAGES[status]
    there, elsewhere = fulfilment(1, pick=pick, pack=pack, ship=ship), fulfilment(2)
    of = sale(type=SaleType.ADVANCED, fulfilments=(there, elsewhere))

    assert fulfilments_in_scope(of, {SaleStatus(status)}) == (there,)
    assert ROWS[status].startswith("each fulfilment")


@pytest.mark.parametrize("status", SaleStatus)
def test_the_page_says_by_what_an_advanced_sale_is_matched(status):
    by_what, _ = ROWS[status].split(" | ")

    assert by_what == ("each fulfilment" if status in SIMPLE_ONLY else "its status")
