"""The status of a sale in every stage, simple and advanced."""

from typing import Any, get_args

import pytest

from sandbox.dear.specs import SaleStatus
from tests.sandbox.dear.client import DearClient, goods, shipment

SIMPLE_ONLY = {"PICKING", "PICKED", "PACKING", "PACKED", "SHIPPING", "INVOICING", "INVOICED", "CREDITED"}


def seeded(dear: DearClient, kind: str, status: str, **more: Any) -> Any:
    spec = {"type": kind, "status": status, "lines": [{"sku": "BREAD", "quantity": 2}], **more}
    (sale_id,) = dear.seed(sales=[spec])
    return dear.sale(sale_id)


@pytest.mark.parametrize("status", get_args(SaleStatus))
def test_a_simple_sale_can_be_seeded_in_every_status(dear: DearClient, status: str) -> None:
    assert seeded(dear, "Simple", status)["Status"] == status


@pytest.mark.parametrize("status", get_args(SaleStatus))
def test_an_advanced_sale_never_shows_the_status_of_its_stages(dear: DearClient, status: str) -> None:
    expected = "ORDERED" if status in SIMPLE_ONLY else status

    assert seeded(dear, "Advanced", status)["Status"] == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("ORDERING", ("NOT AVAILABLE",) * 5),
        ("ORDERED", ("NOT PICKED", "NOT PACKED", "NOT SHIPPED", "NOT FULFILLED", "NOT INVOICED")),
        ("PICKING", ("PICKING", "NOT PACKED", "NOT SHIPPED", "NOT FULFILLED", "NOT INVOICED")),
        ("PACKED", ("PICKED", "PACKED", "NOT SHIPPED", "NOT FULFILLED", "NOT INVOICED")),
        ("SHIPPING", ("PICKED", "PACKED", "SHIPPING", "NOT FULFILLED", "NOT INVOICED")),
        ("INVOICED", ("PICKED", "PACKED", "SHIPPED", "FULFILLED", "INVOICED")),
        ("VOIDED", ("VOIDED",) * 5),
    ],
)
def test_the_combined_statuses_tell_how_far_an_advanced_sale_is(
    dear: DearClient, status: str, expected: tuple[str, ...]
) -> None:
    sale = seeded(dear, "Advanced", status)

    names = ("CombinedPickingStatus", "CombinedPackingStatus", "CombinedShippingStatus", "FulFilmentStatus")
    assert tuple(sale[name] for name in (*names, "CombinedInvoiceStatus")) == expected


def test_a_part_that_went_makes_every_stage_partial(dear: DearClient, advanced: str) -> None:
    task_id = dear.tasks(advanced)[0]["TaskID"]
    dear.authorise("pick", task_id, [goods("BREAD", 1)])
    dear.authorise("pack", task_id, [goods("BREAD", 1, Box="1")])
    dear.authorise("ship", task_id, [shipment("1")])

    sale = dear.sale(advanced)

    assert [sale[name] for name in ("CombinedPickingStatus", "CombinedPackingStatus", "CombinedShippingStatus")] == [
        "PARTIALLY PICKED",
        "PARTIALLY PACKED",
        "PARTIALLY SHIPPED",
    ]
    assert sale["FulFilmentStatus"] == "PARTIALLY FULFILLED"


def test_a_sale_is_completed_when_all_is_shipped_and_paid(dear: DearClient, advanced: str) -> None:
    for action in ("pick", "pack", "ship", "invoice"):
        dear.control("POST", "/sales/SO-2/" + action, {})
    invoiced = dear.sale(advanced)
    dear.control("POST", "/sales/SO-2/pay", {})
    paid = dear.sale(advanced)

    assert (invoiced["Status"], invoiced["CombinedPaymentStatus"]) == ("ORDERED", "UNPAID")
    assert (paid["Status"], paid["CombinedPaymentStatus"]) == ("COMPLETED", "PAID")


def test_a_paid_sale_that_was_not_shipped_is_not_completed(dear: DearClient, simple: str) -> None:
    dear.control("POST", "/sales/SO-1/invoice", {})
    dear.control("POST", "/sales/SO-1/pay", {})

    assert dear.sale(simple)["Status"] == "ORDERED"


def test_seeded_goods_that_were_picked_are_not_taken_from_the_seeded_stock(dear: DearClient) -> None:
    seeded(dear, "Simple", "PICKED")

    assert (dear.available("BREAD")["OnHand"], dear.available("BREAD")["Allocated"]) == (100, 0)


def test_a_sale_with_fulfilments_keeps_them_as_they_are_told(dear: DearClient) -> None:
    parts = [
        {"lines": [{"sku": "BREAD", "quantity": 1}], "pick": "AUTHORISED", "pack": "AUTHORISED", "ship": "AUTHORISED"},
        {"lines": [{"sku": "BREAD", "quantity": 1}], "pick": "DRAFT"},
    ]

    sale = seeded(dear, "Advanced", "ORDERED", fulfilments=parts)

    stages = [[task[stage]["Status"] for stage in ("Pick", "Pack", "Ship")] for task in sale["Fulfilments"]]
    assert stages == [["AUTHORISED"] * 3, ["DRAFT", "NOT AVAILABLE", "NOT AVAILABLE"]]
    assert sale["CombinedShippingStatus"] == "PARTIALLY SHIPPED"
    assert dear.available("BREAD")["Allocated"] == 1
