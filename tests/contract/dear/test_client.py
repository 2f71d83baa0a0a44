"""The client's methods over scripted answers: what is asked, how lists end, what counts as done."""

import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from crossdock.dear.exact_json import written
from crossdock.domain.errors import Conflict, Interrupted, NotFound, Refused
from crossdock.domain.inventory import Adjustment, AdjustmentLine
from crossdock.domain.invoicing import NEW_TASK, InvoiceDraft
from crossdock.domain.rounding import TaxMethod
from crossdock.domain.sale import ShipLine, StageLine
from crossdock.domain.terms import TermMethod
from crossdock.ports import Dear

BASE_URL = "https://dear.example/ExternalApi/v2"
SALE = "3a7622a5-ba80-56f0-af16-edc8c7b295a7"
LINES = (StageLine(product_id="p", sku="TEA-250", name="Tea", quantity=Decimal(1)),)
ADJUSTMENT = Adjustment(
    marker="Crossdock stock 7",
    account="403",
    effective_on=datetime(2026, 1, 1, tzinfo=UTC),
    set_on_hand=True,
    lines=(AdjustmentLine(sku="A", location="Main", quantity=1, before=2, unit_cost=1, why="counted"),),
)


def asked(number=-1):
    """The path and the query of a call that was made."""
    url = urlsplit(responses.calls[number].request.url)
    return url.path.removeprefix("/ExternalApi/v2"), {name: value[0] for name, value in parse_qs(url.query).items()}


def serve_list(path, key, rows, *, largest=1000, total=None):
    """A list that pages as DEAR does, never more than `largest` rows at a time."""

    def answer(request):
        query = parse_qs(urlsplit(request.url).query)
        limit = min(int(query["Limit"][0]), largest)
        start = (int(query["Page"][0]) - 1) * limit
        body = {"Total": len(rows) if total is None else total, "Page": 1, key: rows[start : start + limit]}
        return 200, {}, written(body)

    responses.add_callback("GET", re.compile(re.escape(BASE_URL + path) + r"(\?.*)?$"), callback=answer)


def sale_rows(count):
    return [{"SaleID": f"s{number}", "OrderNumber": f"SO-{number}"} for number in range(count)]


def read_all(dear):
    page, found = 1, []
    while True:
        got = dear.list_sales(page=page, updated_since=None)
        found += [row.sale_id for row in got.rows]
        if not got.more:
            return found
        page += 1


def test_the_client_is_what_the_steps_ask_for(dear):
    port: Dear = dear

    assert all(callable(getattr(port, name)) for name in vars(Dear) if not name.startswith("_"))


@responses.activate
def test_the_list_is_asked_for_in_whole_pages_and_in_utc(dear):
    responses.get(f"{BASE_URL}/saleList", body='{"Total":0,"Page":1,"SaleList":null}')
    since = datetime(2026, 3, 1, 1, 2, 3, 4567, tzinfo=timezone(timedelta(hours=2)))

    page = dear.list_sales(page=3, updated_since=since)

    assert asked() == ("/saleList", {"Page": "3", "Limit": "1000", "UpdatedSince": "2026-02-28T23:02:03.004"})
    assert (page.rows, page.total, page.more) == ((), 0, False)


@responses.activate
@pytest.mark.parametrize(("count", "calls"), [(0, 1), (1, 1), (999, 1), (1000, 1), (1001, 2), (2000, 2), (2345, 3)])
def test_a_list_ends_with_its_last_row_and_no_call_later(dear, count, calls):
    serve_list("/saleList", "SaleList", sale_rows(count))

    assert len(set(read_all(dear))) == count
    assert dear.calls_made() == calls


@responses.activate
@pytest.mark.parametrize("count", [99, 100, 350, 2150])
def test_a_list_whose_pages_are_smaller_than_asked_for_is_still_read_to_its_end(dear, count):
    serve_list("/saleList", "SaleList", sale_rows(count), largest=100)

    assert len(set(read_all(dear))) == count


@responses.activate
def test_a_row_without_an_id_is_refused_and_stops_no_other(dear):
    first, second, third = sale_rows(3)
    serve_list("/saleList", "SaleList", [first, {**second, "SaleID": ""}, third])

    page = dear.list_sales(page=1, updated_since=None)

    assert len(page.rows) == 2
    assert page.more is False
    (refused,) = page.refused
    assert "row 2 of the page" in refused


@responses.activate
def test_an_empty_page_in_spite_of_its_total_is_not_believed(dear):
    serve_list("/saleList", "SaleList", [], total=7)

    with pytest.raises(Interrupted, match="7 rows"):
        dear.list_sales(page=1, updated_since=None)


@responses.activate
def test_another_shape_in_place_of_a_list_is_not_an_empty_list(dear):
    responses.get(f"{BASE_URL}/saleList", json={"Message": "maintenance"})

    with pytest.raises(Interrupted, match="total"):
        dear.list_sales(page=1, updated_since=None)


@responses.activate
def test_a_sale_is_read_without_its_movements_and_with_country_codes(dear, example):
    body = example("get_sale")
    responses.get(f"{BASE_URL}/sale", body=written(body))

    sale = dear.read_sale(SALE)

    assert sale.sale_id == SALE
    assert asked() == ("/sale", {"ID": SALE, "HideInventoryMovements": "true", "CountryFormat": "Code2"})


@responses.activate
def test_fulfilments_are_read_and_added(dear, example):
    responses.get(f"{BASE_URL}/sale/fulfilment", body=written(example("get_sale_fulfilment")))
    responses.post(f"{BASE_URL}/sale/fulfilment", body=written(example("post_sale_fulfilment")))

    assert [each.number for each in dear.read_fulfilments(SALE)] == [1]
    assert [each.number for each in dear.add_fulfilment(SALE)] == [1, 2]
    assert responses.calls[1].request.body == f'{{"SaleID":"{SALE}"}}'.encode()


@responses.activate
@pytest.mark.parametrize("stage", ["pick", "pack", "ship"])
@pytest.mark.parametrize("answer", ["", '{"Status": "authorised"}'])
def test_a_stage_is_authorised(dear, stage, answer):
    status = 200 if answer else 204
    responses.post(f"{BASE_URL}/sale/fulfilment/{stage}", body=answer, status=status)

    getattr(dear, stage)("task", ())

    assert asked()[0] == f"/sale/fulfilment/{stage}"


@responses.activate
def test_tracking_is_added_to_a_shipment_that_is_authorised_and_nothing_else_is_sent(dear):
    responses.put(f"{BASE_URL}/sale/fulfilment/ship", json={"TaskID": "task", "Status": "AUTHORISED"})
    line = ShipLine(shipped_on=date(2026, 3, 2), carrier="DHL", boxes=("A", "B"), tracking_number="T1")

    dear.update_tracking("task", (line,))

    body = json.loads(responses.calls[0].request.body)
    assert body.keys() == {"TaskID", "Status", "AddTrackingNumbers", "Lines"}
    assert body["AddTrackingNumbers"] is True
    (written,) = body["Lines"]
    assert (written["Box"], written["TrackingNumber"], written["TrackingURL"]) == ("A,B", "T1", "")


@responses.activate
def test_a_fulfilment_is_voided_and_the_answer_shows_what_became_of_it(dear, example):
    shown = example("post_sale_fulfilment")
    responses.delete(f"{BASE_URL}/sale/fulfilment", body=written(shown))
    responses.delete(f"{BASE_URL}/sale/fulfilment", status=204)

    assert [each.number for each in dear.void_fulfilment("task")] == [1, 2]
    assert asked() == ("/sale/fulfilment", {"TaskID": "task", "Void": "true"})
    assert dear.void_fulfilment("task") == ()


@responses.activate
@pytest.mark.parametrize("read", ["read_fulfilments", "read_invoices", "add_fulfilment", "read_sale"])
def test_another_shape_in_place_of_a_sales_parts_is_not_a_sale_without_them(dear, read):
    responses.add(responses.GET, re.compile(BASE_URL), json={"Message": "maintenance"})
    responses.add(responses.POST, re.compile(BASE_URL), json={"Message": "maintenance"})

    with pytest.raises(Interrupted):
        getattr(dear, read)(SALE)


@responses.activate
@pytest.mark.parametrize("stage", ["pick", "pack", "ship"])
def test_an_answer_of_another_shape_is_no_success_of_a_stage(dear, stage):
    responses.post(f"{BASE_URL}/sale/fulfilment/{stage}", json={"Message": "maintenance"})

    with pytest.raises(Interrupted, match="status"):
        getattr(dear, stage)("task", ())


@responses.activate
@pytest.mark.parametrize("stage", ["pick", "pack", "ship"])
def test_a_stage_that_did_not_become_authorised_must_be_looked_up(dear, stage):
    responses.post(f"{BASE_URL}/sale/fulfilment/{stage}", json={"Status": "DRAFT"})

    with pytest.raises(Interrupted, match="DRAFT"):
        getattr(dear, stage)("task", ())


@responses.activate
def test_a_stage_that_is_authorised_already_is_a_conflict(dear):
    told = [{"ErrorCode": 400, "Exception": "Pick Status is AUTHORISED"}]
    responses.post(f"{BASE_URL}/sale/fulfilment/pick", status=400, json=told)

    with pytest.raises(Conflict):
        dear.pick("task", LINES)


def draft(memo):
    return InvoiceDraft(
        sale_id=SALE,
        task_id=NEW_TASK,
        memo=memo,
        authorise=True,
        invoice_date=date(2026, 1, 1),
        due_date=date(2026, 1, 31),
        linked_fulfilment=None,
        currency_rate=None,
        bill_line1=None,
        bill_line2=None,
        lines=(),
        charges=(),
    )


@responses.activate
def test_our_invoice_is_the_standing_one_with_our_memo(dear):
    shown = [
        {"TaskID": "a", "Memo": "Crossdock SO-1", "Status": "VOIDED"},
        {"TaskID": "b", "Memo": "Crossdock SO-1", "Status": "AUTHORISED", "InvoiceNumber": "INV-2"},
        {"TaskID": "c", "Memo": "Crossdock SO-10", "Status": "AUTHORISED"},
        {"TaskID": "d", "Memo": None, "Status": "DRAFT"},
    ]
    responses.post(f"{BASE_URL}/sale/invoice", json={"SaleID": SALE, "Invoices": shown})

    assert dear.create_invoice(draft("Crossdock SO-1")).number == "INV-2"
    assert dear.create_invoice(draft("Crossdock SO-7")) is None


@responses.activate
def test_an_invoice_that_is_answered_without_content_is_not_shown(dear):
    responses.post(f"{BASE_URL}/sale/invoice", status=204)

    assert dear.create_invoice(draft("Crossdock SO-1")) is None


@responses.activate
def test_the_invoices_of_a_sale_are_read(dear, example):
    responses.get(f"{BASE_URL}/sale/invoice", body=written(example("get_sale_invoice")))

    assert [each.number for each in dear.read_invoices(SALE)] == ["INV-00731"]


@responses.activate
def test_availability_gives_every_row_of_the_one_location(dear):
    rows = [
        {"SKU": f"A{number}", "Location": "Main" if number % 2 else "Elsewhere", "OnHand": number}
        for number in range(2500)
    ]
    serve_list("/ref/productavailability", "ProductAvailabilityList", rows)

    found = list(dear.availability("main"))

    assert [int(row.on_hand) for row in found] == list(range(1, 2500, 2))
    assert asked(0)[1]["Location"] == "main"
    assert dear.calls_made() == 3


@responses.activate
def test_nothing_to_adjust_is_done(dear):
    told = [{"ErrorCode": 400, "Exception": "There is no need to create Stock Adjustment."}]
    responses.post(f"{BASE_URL}/stockadjustment", status=400, json=told)

    assert dear.adjust_stock(ADJUSTMENT) is None
    assert dear.calls_made() == 1


@responses.activate
def test_nothing_to_adjust_in_one_line_of_several_leaves_the_others_undone(dear):
    told = [{"ErrorCode": 400, "Exception": "There is no need to create Stock Adjustment."}]
    responses.post(f"{BASE_URL}/stockadjustment", status=400, json=told)

    with pytest.raises(Conflict):
        dear.adjust_stock(ADJUSTMENT.model_copy(update={"lines": ADJUSTMENT.lines * 2}))


@responses.activate
@pytest.mark.parametrize("stage", ["pack", "ship"])
def test_a_draft_with_lines_is_replaced_by_put(dear, stage):
    responses.put(f"{BASE_URL}/sale/fulfilment/{stage}", json={"Status": "AUTHORISED"})

    getattr(dear, stage)("task", (), replace=True)

    assert responses.calls[0].request.method == "PUT"


@responses.activate
def test_a_refused_adjustment_is_not_done(dear):
    responses.post(f"{BASE_URL}/stockadjustment", status=400, json=[{"ErrorCode": 400, "Exception": "Account?"}])

    with pytest.raises(Refused):
        dear.adjust_stock(ADJUSTMENT)


@responses.activate
def test_an_adjustment_that_stayed_a_draft_must_be_looked_up(dear, example):
    responses.post(f"{BASE_URL}/stockadjustment", body=written(example("post_stockadjustment")))

    with pytest.raises(Interrupted, match="DRAFT"):
        dear.adjust_stock(ADJUSTMENT)


def adjustments(count, **marked):
    rows = [{"TaskID": f"t{number}", "Status": "COMPLETED", "Reference": ""} for number in range(count)]
    for place, reference in marked.items():
        rows[int(place.removeprefix("at"))]["Reference"] = reference
    return rows


@responses.activate
@pytest.mark.parametrize(
    ("count", "place", "found", "calls"),
    [
        (3, 2, True, 1),
        (200, 0, True, 1),
        (201, 200, True, 2),
        (5000, 4999, True, 2),
        (5000, 4400, True, 4),
        (5000, 0, True, 1),
        (5000, 300, False, 4),
        (450, 250, True, 3),
    ],
)
def test_an_adjustment_is_looked_for_among_the_latest_in_few_calls(dear, count, place, found, calls):
    serve_list("/stockadjustmentList", "StockAdjustmentList", adjustments(count, **{f"at{place}": "ours"}))

    assert dear.find_adjustment("ours") is found
    assert dear.calls_made() == calls


@responses.activate
def test_neither_a_draft_nor_a_longer_reference_is_our_adjustment(dear):
    rows = [{"Status": "DRAFT", "Reference": "ours"}, {"Status": "COMPLETED", "Reference": "ours too"}]
    serve_list("/stockadjustmentList", "StockAdjustmentList", rows)

    assert dear.find_adjustment("ours") is False


@responses.activate
def test_the_reference_books(dear, example):
    responses.get(f"{BASE_URL}/me", body=written(example("get_me")))
    responses.get(f"{BASE_URL}/ref/location", body=written(example("get_ref_location")))
    responses.get(f"{BASE_URL}/ref/account", body=written(example("get_ref_account")))
    responses.get(f"{BASE_URL}/ref/tax", body=written(example("get_ref_tax")))

    locations = dear.locations()

    assert dear.company() == "KB Rosvold T"
    assert locations["02594125-5c97-58a1-b76b-4d3f362af83e"] == "Ropewalk Store"
    assert locations["c2238602-de07-554a-ac4c-85a6c79f0688"] == "Ropewalk Store: Aisle 1"
    assert dear.account_codes() == {"2100", "1200", "6100"}
    assert dear.tax_rules() == {"VAT on sales", "VAT paid"}


@responses.activate
def test_what_invoices_need_of_the_account_is_two_calls(dear, example):
    responses.get(f"{BASE_URL}/me", body=written(example("get_me")))
    responses.get(f"{BASE_URL}/ref/paymentterm", body=written(example("get_ref_paymentterm")))

    rules = dear.account_rules()

    assert (rules.time_zone, rules.tax_method) == ("Europe/Oslo", TaxMethod.TOTAL)
    assert [(term.name, term.days) for term in rules.terms] == [
        ("Net 14", 14), ("The 20th", 20), ("End of next month", 15), ("Month and 7", 7),
    ]  # fmt: skip
    assert {term.method for term in rules.terms} == set(TermMethod)
    assert dear.calls_made() == 2


@responses.activate
@pytest.mark.parametrize(
    ("told", "method"),
    [("row total", TaxMethod.ROW_TOTAL), ("Total", TaxMethod.TOTAL), (None, TaxMethod.TOTAL), ("?", TaxMethod.TOTAL)],
)
def test_a_tax_method_in_any_case_reads_and_another_is_taken_for_the_usual_one(dear, told, method):
    responses.get(f"{BASE_URL}/me", json={"TaxCalculationMethod": told})
    serve_list("/ref/paymentterm", "PaymentTermList", [{"Duration": 7}])

    rules = dear.account_rules()

    assert (rules.tax_method, rules.terms) == (method, ()), "a term without a name is none"


@responses.activate
def test_what_is_no_longer_in_use_is_not_offered(dear):
    accounts = [{"Code": "1", "Status": "Active"}, {"Code": "2", "Status": "ARCHIVED"}, {"Code": "3"}]
    taxes = [{"Name": "Sales tax", "IsActive": True}, {"Name": "Old tax", "IsActive": "false"}]
    serve_list("/ref/account", "AccountsList", accounts)
    serve_list("/ref/tax", "TaxRuleList", taxes)

    assert dear.account_codes() == {"1", "3"}
    assert dear.tax_rules() == {"Sales tax"}


@responses.activate
def test_a_list_that_never_ends_is_given_up(dear, monkeypatch):
    monkeypatch.setattr("crossdock.dear.client.LONGEST_LIST", 3)
    responses.get(f"{BASE_URL}/ref/tax", json={"Total": 0, "TaxRuleList": [{"Name": "Sales tax"}]})

    with pytest.raises(Interrupted, match="no end"):
        dear.tax_rules()

    assert dear.calls_made() == 3


def product(**changes):
    return {
        "ID": "5DE39D63-9D35-4D9F-B9BB-3D0FF9C1E3DA", "SKU": "SET", "Name": "Tea set", "Type": "Stock", "Weight": 1.5,
        "WeightUnits": "kg", "AutoAssembly": True, "QuantityToProduce": 2,
        "BillOfMaterialsProducts": [
            {"ComponentProductID": "4B1D7C30-6A52-4E0F-9C18-D2E75A3B9F64", "ProductCode": "CUP", "Name": "Cup",
             "Quantity": 4, "WastagePercent": 0, "WastageQuantity": 1},
            {"ComponentProductID": "11111111-6A52-4E0F-9C18-D2E75A3B9F64", "ProductCode": "BOX", "Quantity": 0},
        ],
        "BillOfMaterialsServices": [{"ComponentProductID": "9e2c41b7-50d8-4f63-a1e9-7b06c8d3524f", "Quantity": 1}],
        **changes,
    }  # fmt: skip


PRODUCT = product()["ID"].lower()


@responses.activate
def test_a_bill_is_asked_for_by_the_products_id_deprecated_or_not(dear: Dear):
    serve_list("/product", "Products", [product(ID="another"), product()])

    bill = dear.read_bill(PRODUCT)

    path, query = asked()
    assert (path, query["ID"]) == ("/product", PRODUCT)
    assert (query["IncludeBOM"], query["IncludeDeprecated"]) == ("true", "true")
    assert (bill.product_id, bill.sku, bill.is_kit, bill.produces, bill.weight) == (
        PRODUCT,
        "SET",
        True,
        2,
        Decimal("1.5"),
    )
    assert [(part.product_id, part.sku, part.quantity) for part in bill.components] == [
        ("4b1d7c30-6a52-4e0f-9c18-d2e75a3b9f64", "CUP", 4)
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"AutoAssembly": False},
        {"AutoAssembly": None},
        {"BillOfMaterialsProducts": []},
        {"BillOfMaterialsProducts": None},
    ],
)
@responses.activate
def test_a_product_that_dear_does_not_assemble_is_no_kit(dear: Dear, changes):
    serve_list("/product", "Products", [product(**changes)])

    assert not dear.read_bill(PRODUCT).is_kit


@pytest.mark.parametrize("produced", [0, None, "", -1])
@responses.activate
def test_a_bill_without_a_number_to_produce_makes_one(dear: Dear, produced):
    serve_list("/product", "Products", [product(QuantityToProduce=produced)])

    assert dear.read_bill(PRODUCT).produces == 1


@responses.activate
def test_a_product_that_dear_does_not_have_is_told_from_a_list_of_others(dear: Dear):
    serve_list("/product", "Products", [])
    with pytest.raises(NotFound, match=PRODUCT):
        dear.read_bill(PRODUCT)
    responses.reset()
    serve_list("/product", "Products", [product(ID="another")])

    with pytest.raises(Interrupted, match="answered with others"):
        dear.read_bill(PRODUCT)
