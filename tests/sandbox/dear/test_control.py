"""The control plane: seeds that add up, and what the account's user does."""

from typing import Any

import pytest

from tests.sandbox.dear.client import DearClient


def act(dear: DearClient, order_number: str, action: str, /, **body: Any) -> Any:
    return dear.control("POST", f"/sales/{order_number}/{action}", body)


def test_ids_follow_from_the_order_number(dear: DearClient, simple: str) -> None:
    before = dear.sale(simple)
    dear.control("POST", "/reset")

    dear.seed(products=[{"sku": "BREAD"}, {"sku": "JAM"}])
    (again,) = dear.seed(sales=[{"order_number": "SO-1", "lines": [{"sku": "BREAD"}]}])

    assert again == simple
    assert dear.sale(again)["CustomerID"] == before["CustomerID"]


def test_sales_without_a_number_are_numbered(dear: DearClient) -> None:
    sales = dear.control("POST", "/seed", {"sales": [{"lines": [{"sku": "BREAD"}]}] * 2})["sales"]

    assert [sale["order_number"] for sale in sales] == ["SO-00001", "SO-00002"]


@pytest.mark.usefixtures("simple")
@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"sales": [{"order_number": "SO-1", "lines": [{"sku": "BREAD"}]}]}, "SO-1 already"),
        ({"sales": [{"lines": [{"sku": "NOTHING"}]}]}, "was not found"),
        ({"sales": [{"colour": "red"}]}, "colour"),
        ({"stock": [{"sku": "BREAD", "on_hand": 1, "location": "Attic"}]}, "was not found"),
    ],
)
def test_a_seed_with_a_mistake_adds_nothing(dear: DearClient, part: dict[str, Any], expected: str) -> None:
    good = {"products": [{"sku": "EXTRA"}]}

    answer = dear.refused_control("POST", "/seed", {**good, **part})

    assert answer.status == 400
    assert expected in answer.body["error"]
    assert dear.get("/product", Sku="EXTRA")["Total"] == 0


def test_a_setting_that_is_not_known_is_refused(dear: DearClient) -> None:
    assert dear.refused_control("POST", "/settings", {"throttle_form": "418"}).status == 400
    assert dear.refused_control("POST", "/settings", {"speed": 1}).status == 400


@pytest.mark.usefixtures("simple")
def test_reset_forgets_everything(dear: DearClient) -> None:
    dear.settings(error_shape="object")

    dear.control("POST", "/reset")

    assert dear.get("/saleList")["Total"] == 0
    assert dear.control("GET", "/ledger")["ledger"] == []
    assert dear.control("GET", "/settings")["error_shape"] == "array"


def test_what_the_user_edits_is_on_the_sale(dear: DearClient, simple: str) -> None:
    act(
        dear, "SO-1", "edit", note="Ring twice", ship_by="2026-03-20", memo="Fragile", carrier="DHL",
        attributes={"AdditionalAttribute2": "gift"}, shipping_address={"line1": "1 Hill Lane", "city": "Bend"},
    )  # fmt: skip

    sale = dear.sale(simple)
    assert (sale["Note"], sale["ShipBy"], sale["Order"]["Memo"]) == ("Ring twice", "2026-03-20T00:00:00", "Fragile")
    assert (sale["Carrier"], sale["AdditionalAttributes"]["AdditionalAttribute2"]) == ("DHL", "gift")
    address = sale["ShippingAddress"]
    assert (address["Line1"], address["DisplayAddressLine2"]) == ("1 Hill Lane", "Bend OR 97201 United States")
    (entry,) = dear.ledger("sale_edit")
    assert (entry["by"], entry["order_number"], entry["body"]["note"]) == ("user", "SO-1", "Ring twice")


def test_an_address_can_be_seeded_with_nothing_but_its_display_lines(dear: DearClient) -> None:
    blank = {"line1": None, "city": "", "country": "", "display_address_line1": "5 Mill Street"}

    (sale_id,) = dear.seed(sales=[{"lines": [{"sku": "BREAD"}], "shipping_address": blank}])

    address = dear.sale(sale_id)["ShippingAddress"]
    assert (address["Line1"], address["City"], address["DisplayAddressLine1"]) == (None, "", "5 Mill Street")


def test_edited_lines_are_promised_and_counted_anew(dear: DearClient, simple: str) -> None:
    act(dear, "SO-1", "edit", lines=[{"sku": "BREAD", "quantity": 120, "tax_rule": "Tax Exempt"}])

    sale = dear.sale(simple)
    (line,) = sale["Order"]["Lines"]
    assert (line["Quantity"], line["BackorderQuantity"], sale["Order"]["Total"]) == (120, 20, 960)
    assert sale["Status"] == "BACKORDERED"
    assert (dear.available("BREAD")["Allocated"], dear.available("JAM")["Allocated"]) == (100, 0)


def test_lines_of_a_picked_sale_cannot_be_edited(dear: DearClient, simple: str) -> None:
    dear.picked(simple)

    answer = dear.refused_control("POST", "/sales/SO-1/edit", {"lines": [{"sku": "JAM"}]})

    assert "a Pick is AUTHORISED" in answer.body["error"]


def test_backorders_are_allocated_when_stock_has_come_in(dear: DearClient, simple: str) -> None:
    act(dear, "SO-1", "edit", lines=[{"sku": "BREAD", "quantity": 120}])
    dear.control("POST", "/stock", {"sku": "BREAD", "on_hand": 130})
    waiting = dear.sale(simple)["Status"]

    act(dear, "SO-1", "allocate")

    assert (waiting, dear.sale(simple)["Status"]) == ("BACKORDERED", "ORDERED")
    assert (dear.available("BREAD")["Allocated"], dear.available("BREAD")["Available"]) == (120, 10)


def test_an_undone_sale_can_be_authorised_again(dear: DearClient, simple: str) -> None:
    undone = act(dear, "SO-1", "undo")["Status"]

    again = act(dear, "SO-1", "authorise")

    assert (undone, again["Status"], again["Fulfilments"][0]["TaskID"]) == ("ORDERING", "ORDERED", simple)


@pytest.mark.usefixtures("simple")
def test_the_user_goes_through_all_stages(dear: DearClient) -> None:
    statuses = [act(dear, "SO-1", action)["Status"] for action in ("pick", "pack", "ship", "invoice", "pay")]

    assert statuses == ["PICKED", "PACKED", "SHIPPING", "INVOICED", "COMPLETED"]
    ledger = dear.control("GET", "/ledger")["ledger"]
    assert [(entry["kind"], entry["by"]) for entry in ledger] == [
        (kind, "user") for kind in ("pick", "pack", "ship", "invoice", "payment")
    ]
    assert [entry["seq"] for entry in ledger] == [1, 2, 3, 4, 5]


def test_the_user_splits_an_order_into_fulfilments(dear: DearClient, advanced: str) -> None:
    act(dear, "SO-2", "fulfilment", lines=[{"sku": "BREAD", "quantity": 1}])
    act(dear, "SO-2", "fulfilment", lines=[{"sku": "BREAD", "quantity": 1}, {"sku": "JAM", "quantity": 1}])

    tasks = dear.tasks(advanced)
    lines = dear.picked(tasks[0]["TaskID"])

    assert [(task["FulfillmentNumber"], task["Pick"]["Status"]) for task in tasks] == [(1, "DRAFT"), (2, "DRAFT")]
    assert [(line["SKU"], line["Quantity"]) for line in lines] == [("BREAD", 1)]


def test_the_user_invoices_what_is_left_once(dear: DearClient) -> None:
    dear.seed(
        sales=[{"order_number": "SO-7", "type": "Advanced", "lines": [{"sku": "BREAD", "quantity": 3}],
                "charges": [{"description": "Freight", "price": 9}]}]
    )  # fmt: skip

    act(dear, "SO-7", "invoice", lines=[{"sku": "BREAD", "quantity": 1}], number=1)
    first, second = act(dear, "SO-7", "invoice")["Invoices"]

    assert [invoice["Lines"][0]["Quantity"] for invoice in (first, second)] == [1, 2]
    assert [len(invoice["AdditionalCharges"]) for invoice in (first, second)] == [1, 0]
    assert first["LinkedFulfillmentNumber"] == "1"


def test_stock_that_the_user_sets_is_in_the_ledger(dear: DearClient) -> None:
    dear.control("POST", "/stock", [{"sku": "BREAD", "on_hand": 7}])

    assert dear.available("BREAD")["OnHand"] == 7
    assert [(entry["by"], entry["sku"]) for entry in dear.ledger("stock")] == [("user", "BREAD")]


@pytest.mark.usefixtures("simple")
@pytest.mark.parametrize("path", ["/sales/SO-404/void", "/sales/SO-1/dance"])
def test_what_is_not_there_is_404(dear: DearClient, path: str) -> None:
    assert dear.refused_control("POST", path, {}).status == 404


def test_all_sales_can_be_read_whole(dear: DearClient, simple: str, advanced: str) -> None:
    sales = dear.control("GET", "/sales")["sales"]

    assert [sale["ID"] for sale in sales] == [simple, advanced]
    assert dear.control("GET", "/sales/so-1") == sales[0]
