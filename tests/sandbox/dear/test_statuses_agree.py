"""The sandbox's own table of statuses and the product's, written apart, say the same of every sale."""

import pytest

from crossdock.dear.reading import sale
from crossdock.domain.scope import judge_sale
from crossdock.domain.settings import Settings
from crossdock.domain.statuses import SaleStatus, derive_status, parts_of
from tests.sandbox.dear.client import DearClient


@pytest.mark.parametrize("kind", ["Simple", "Advanced"])
@pytest.mark.parametrize("status", SaleStatus)
def test_a_sale_brought_to_a_status_has_it_by_its_parts(dear: DearClient, status: SaleStatus, kind: str) -> None:
    dear.seed(products=[{"sku": "BREAD"}], stock=[{"sku": "BREAD", "on_hand": 9}])
    (sale_id,) = dear.seed(sales=[{"type": kind, "status": status, "lines": [{"sku": "BREAD"}]}])

    read = sale("GET /sale", dear.sale(sale_id))

    assert derive_status(parts_of(read, None)) == read.status


def test_any_status_never_loads_what_is_not_authorised(dear: DearClient) -> None:
    dear.seed(products=[{"sku": "BREAD"}], stock=[{"sku": "BREAD", "on_hand": 9}])
    statuses = ["VOIDED", "DRAFT", "ESTIMATING", "ESTIMATED", "ORDERING", "ORDERED"]
    sale_ids = dear.seed(sales=[{"status": status, "lines": [{"sku": "BREAD"}]} for status in statuses])
    settings = Settings.model_validate({"sale_statuses": ["any"]})

    reasons = [judge_sale(sale("GET /sale", dear.sale(sale_id)), settings) for sale_id in sale_ids]

    assert [reason and reason.code for reason in reasons] == [*["not_authorised"] * 5, None]
