"""`/sale/fulfilment`: when a task may be added, and what adding one does to a sale."""

import pytest

from tests.sandbox.dear.client import DearClient


def test_a_simple_sale_has_one_task_with_its_own_id(dear: DearClient, simple: str) -> None:
    (task,) = dear.tasks(simple)

    assert (task["TaskID"], task["FulfillmentNumber"], task["FulFilmentStatus"]) == (simple, 1, "NOT FULFILLED")
    assert task["Pick"] == {"Status": "NOT AVAILABLE", "Lines": []}


def test_an_advanced_sale_has_a_task_with_an_id_of_its_own(dear: DearClient, advanced: str) -> None:
    (task,) = dear.tasks(advanced)

    assert task["TaskID"] != advanced
    assert task["Pick"]["Status"] == "NOT AVAILABLE"


def test_an_advanced_sale_can_be_authorised_without_a_task(dear: DearClient) -> None:
    dear.settings(first_fulfilment=False)
    (sale_id,) = dear.seed(sales=[{"type": "Advanced", "lines": [{"sku": "BREAD"}]}])
    assert dear.tasks(sale_id) == []

    answer = dear.post("/sale/fulfilment", {"SaleID": sale_id})

    assert [task["Pick"]["Status"] for task in answer.body["Fulfilments"]] == ["DRAFT"]


def test_no_task_is_added_while_a_pick_is_not_authorised(dear: DearClient, advanced: str) -> None:
    answer = dear.post("/sale/fulfilment", {"SaleID": advanced})

    assert answer.refusal == "There is non authorised Fulfilment in this sale."
    assert dear.ledger("fulfilment") == []


@pytest.mark.parametrize("status", ["ORDERING", "VOIDED", "ESTIMATED"])
def test_no_task_is_added_unless_the_order_is_authorised(dear: DearClient, status: str) -> None:
    (sale_id,) = dear.seed(sales=[{"status": status, "type": "Advanced", "lines": [{"sku": "BREAD"}]}])

    assert "must be AUTHORISED" in dear.post("/sale/fulfilment", {"SaleID": sale_id}).refusal


def test_a_service_sale_has_no_fulfilments(dear: DearClient) -> None:
    (sale_id,) = dear.seed(sales=[{"type": "Service", "lines": [{"sku": "HELP"}]}])

    assert dear.tasks(sale_id) == []
    assert "Service Sale" in dear.post("/sale/fulfilment", {"SaleID": sale_id}).refusal


def test_a_second_task_turns_a_simple_sale_into_an_advanced_one_for_good(dear: DearClient, simple: str) -> None:
    dear.picked(simple)

    answer = dear.post("/sale/fulfilment", {"SaleID": simple})

    first, second = answer.body["Fulfilments"]
    assert (first["TaskID"], second["FulfillmentNumber"]) == (simple, 2)
    assert second["TaskID"] != simple
    assert (dear.sale(simple)["Type"], dear.sale(simple)["Status"]) == ("Advanced Sale", "ORDERED")
    (entry,) = dear.ledger("fulfilment")
    assert (entry["by"], entry["fulfilment_number"], entry["converted"]) == ("api", 2, True)
    dear.delete("/sale/fulfilment", TaskID=second["TaskID"], Void="true")
    assert dear.sale(simple)["Type"] == "Advanced Sale"


def test_a_voided_task_leaves_room_for_another(dear: DearClient, advanced: str) -> None:
    (task,) = dear.tasks(advanced)

    voided = dear.delete("/sale/fulfilment", TaskID=task["TaskID"], Void="true").body["Fulfilments"]
    added = dear.post("/sale/fulfilment", {"SaleID": advanced}).body["Fulfilments"]

    assert [(stage, voided[0][stage]["Status"]) for stage in ("Pick", "Pack", "Ship")] == [
        ("Pick", "VOIDED"),
        ("Pack", "VOIDED"),
        ("Ship", "VOIDED"),
    ]
    assert [task["FulFilmentStatus"] for task in added] == ["VOIDED", "NOT FULFILLED"]


def test_deleting_an_authorised_task_answers_200_and_does_nothing(dear: DearClient, advanced: str) -> None:
    (task,) = dear.tasks(advanced)
    dear.picked(task["TaskID"])

    answer = dear.delete("/sale/fulfilment", TaskID=task["TaskID"], Void="true")

    assert (answer.status, answer.body["Fulfilments"][0]["Pick"]["Status"]) == (200, "AUTHORISED")
    assert dear.ledger("fulfilment_void") == []


def test_the_task_of_a_simple_sale_cannot_be_deleted(dear: DearClient, simple: str) -> None:
    assert "Advanced Sale" in dear.delete("/sale/fulfilment", TaskID=simple, Void="true").refusal


def test_a_task_is_found_whatever_the_casing_of_its_id(dear: DearClient, simple: str) -> None:
    assert dear.get("/sale/fulfilment/pick", TaskID=simple.upper())["Status"] == "NOT AVAILABLE"


def test_an_unknown_task_is_refused(dear: DearClient) -> None:
    answer = dear.call("GET", "/sale/fulfilment/ship", query_string={"TaskID": "unknown"})

    assert "was not found" in answer.refusal
