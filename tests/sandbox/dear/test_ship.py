"""`/sale/fulfilment/ship`: boxes leave, and what else a shipment changes."""

from typing import Any

import pytest

from tests.sandbox.dear.client import DearClient, goods, shipment

ELSEWHERE = {"Line1": "9 New Road", "City": "Salem", "Country": "United States"}


@pytest.fixture
def packed(dear: DearClient, simple: str) -> str:
    """The simple sale, packed into two boxes."""
    dear.picked(simple)
    dear.authorise("pack", simple, [goods("BREAD", 2, Box="Box 1"), goods("JAM", 1, Box="Box 2")])
    return simple


def test_a_shipment_needs_an_authorised_pack(dear: DearClient, simple: str) -> None:
    dear.picked(simple)

    answer = dear.authorise("ship", simple, [shipment("Box 1")])

    assert "Pack must be AUTHORISED, it is NOT AVAILABLE" in answer.refusal


def test_boxes_are_written_as_box_and_read_as_boxes(dear: DearClient, packed: str) -> None:
    answer = dear.authorise("ship", packed, [shipment("Box 1, Box 2", TrackingURL="https://t.example/1")])

    (line,) = answer.body["Lines"]
    assert (line["Boxes"], line["TrackingNumber"], line["IsShipped"]) == ("Box 1,Box 2", "1Z1", True)
    assert "Box" not in line
    assert answer.body["Status"] == "AUTHORISED"


def test_every_box_shipped_fulfils_the_sale(dear: DearClient, packed: str) -> None:
    dear.authorise("ship", packed, [shipment("Box 1"), shipment("Box 2", TrackingNumber="1Z2")])

    sale = dear.sale(packed)
    assert (sale["CombinedShippingStatus"], sale["FulFilmentStatus"]) == ("SHIPPED", "FULFILLED")
    assert sale["CombinedTrackingNumbers"] == "1Z1,1Z2"
    assert dear.tasks(packed)[0]["FulFilmentStatus"] == "FULFILLED"


@pytest.mark.parametrize("lines", [[shipment("Box 1")], [shipment("Box 1"), shipment("Box 2", IsShipped=False)]])
def test_a_box_that_stays_makes_the_shipment_partial(dear: DearClient, packed: str, lines: list[Any]) -> None:
    answer = dear.authorise("ship", packed, lines)

    assert answer.body["Status"] == "PARTIALLY AUTHORISED"
    assert dear.tasks(packed)[0]["FulFilmentStatus"] == "PARTIALLY FULFILLED"
    assert dear.sale(packed)["CombinedShippingStatus"] == "PARTIALLY SHIPPED"


@pytest.mark.parametrize("status", ["AUTHORISED", "PARTIALLY AUTHORISED"])
def test_all_boxes_make_it_whole_whichever_status_was_asked_for(dear: DearClient, packed: str, status: str) -> None:
    lines = [shipment("Box 1"), shipment("Box 2")]

    answer = dear.post("/sale/fulfilment/ship", {"TaskID": packed, "Status": status, "Lines": lines})

    assert answer.body["Status"] == "AUTHORISED"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([shipment("Box 3")], "'Box 3' was not packed"),
        ([shipment("Box 1"), shipment("Box 1,Box 2")], "listed more than once"),
        ([shipment("")], "Box is required"),
        ([shipment("Box 1", ShipmentDate=None)], "ShipmentDate is required"),
        ([shipment("Box 1", ShipmentDate="soon")], "ISO 8601"),
        ([shipment("Box 1", IsShipped=False)], "no box is shipped"),
        ([], "no box is shipped"),
    ],
)
def test_a_wrong_shipment_is_refused(dear: DearClient, packed: str, lines: list[Any], expected: str) -> None:
    assert expected in dear.authorise("ship", packed, lines).refusal
    assert dear.tasks(packed)[0]["Ship"]["Status"] == "NOT AVAILABLE"


def test_putting_a_draft_must_list_every_packed_box(dear: DearClient, packed: str) -> None:
    body = {"TaskID": packed, "Status": "DRAFT"}

    partial = dear.put("/sale/fulfilment/ship", {**body, "Lines": [shipment("Box 1")]})
    whole = dear.put("/sale/fulfilment/ship", {**body, "Lines": [shipment("Box 1"), shipment("Box 2")]})

    assert "missing: Box 2" in partial.refusal
    assert (whole.body["Status"], dear.sale(packed)["Status"]) == ("DRAFT", "SHIPPING")


def test_posting_adds_to_a_draft_shipment(dear: DearClient, packed: str) -> None:
    draft = {"TaskID": packed, "Status": "DRAFT"}
    dear.post("/sale/fulfilment/ship", {**draft, "Lines": [shipment("Box 1")]})

    answer = dear.authorise("ship", packed, [shipment("Box 2")])

    assert [line["Boxes"] for line in answer.body["Lines"]] == ["Box 1", "Box 2"]
    assert len({line["ID"] for line in answer.body["Lines"]}) == 2


@pytest.mark.parametrize("boxes", ["Box 1", "Box 1,Box 2"])
def test_an_authorised_shipment_cannot_be_sent_again(dear: DearClient, packed: str, boxes: str) -> None:
    dear.authorise("ship", packed, [shipment(boxes)])

    again = dear.authorise("ship", packed, [shipment("Box 1,Box 2")])
    replaced = dear.put("/sale/fulfilment/ship", {"TaskID": packed, "Status": "DRAFT", "Lines": []})

    assert "AUTHORISED" in again.refusal
    assert "Status is" in replaced.refusal
    assert len(dear.ledger("ship")) == 1


def test_tracking_of_an_authorised_shipment_can_be_updated(dear: DearClient, packed: str) -> None:
    dear.authorise("ship", packed, [shipment("Box 1"), shipment("Box 2", TrackingNumber="1Z2")])

    line = {"Box": "Box 2", "TrackingNumber": "NEW", "Carrier": "DHL"}
    body = {"TaskID": packed, "Status": "AUTHORISED", "AddTrackingNumbers": True, "Lines": [line]}
    answer = dear.put("/sale/fulfilment/ship", body)

    lines = [(line["TrackingNumber"], line["Carrier"]) for line in answer.body["Lines"]]
    assert lines == [("1Z1", "UPS"), ("NEW", "DHL")]
    assert dear.sale(packed)["CombinedTrackingNumbers"] == "1Z1,NEW"
    assert [entry["body"] for entry in dear.ledger("ship_tracking")] == [body]


def test_tracking_of_a_box_that_was_not_shipped_is_refused(dear: DearClient, packed: str) -> None:
    dear.authorise("ship", packed, [shipment("Box 1,Box 2")])

    body = {"TaskID": packed, "AddTrackingNumbers": True, "Lines": [{"Box": "Box 1", "TrackingNumber": "NEW"}]}

    assert "not in this shipment" in dear.put("/sale/fulfilment/ship", body).refusal


def test_require_by_overwrites_the_date_of_the_sale_even_with_null(dear: DearClient) -> None:
    (kept, cleared) = dear.seed(
        sales=[
            {"ship_by": "2026-03-09", "lines": [{"sku": "BREAD"}]},
            {"ship_by": "2026-03-09", "lines": [{"sku": "BREAD"}]},
        ]
    )
    for sale_id in (kept, cleared):
        dear.packed(sale_id)

    dear.authorise("ship", kept, [shipment("Box 1")])
    dear.authorise("ship", cleared, [shipment("Box 1")], RequireBy=None)

    assert (dear.sale(kept)["ShipBy"], dear.sale(cleared)["ShipBy"]) == ("2026-03-09T00:00:00", None)


def test_an_unknown_address_is_added_to_the_customer(dear: DearClient, packed: str) -> None:
    dear.authorise("ship", packed, [shipment("Box 1,Box 2")], ShippingAddress={**ELSEWHERE, "ShipToOther": False})

    (customer,) = dear.control("GET", "/customers")["customers"]
    assert [known["Line1"] for known in customer["Addresses"]] == ["12 Quay Street", "9 New Road"]
    (damage,) = dear.ledger("customer_address")
    assert (damage["order_number"], damage["body"]["Line1"]) == ("SO-1", "9 New Road")


@pytest.mark.parametrize(
    "address", [{**ELSEWHERE, "ShipToOther": True}, {"Line1": "12 QUAY STREET", "Country": "United States"}, None]
)
def test_a_known_or_other_address_leaves_the_customer_alone(
    dear: DearClient, packed: str, address: dict[str, Any] | None
) -> None:
    dear.authorise("ship", packed, [shipment("Box 1,Box 2")], ShippingAddress=address)

    assert dear.ledger("customer_address") == []
    assert len(dear.control("GET", "/customers")["customers"][0]["Addresses"]) == 1


def test_an_unknown_carrier_is_added_to_the_book(dear: DearClient, packed: str) -> None:
    dear.authorise("ship", packed, [shipment("Box 1,Box 2", Carrier="Pigeon Post")])

    assert dear.get("/ref/carrier", Description="Pigeon")["Total"] == 1
    assert [entry["carrier"] for entry in dear.ledger("carrier")] == ["Pigeon Post"]


def test_a_shipment_without_a_carrier_has_the_default_one(dear: DearClient, packed: str) -> None:
    answer = dear.authorise("ship", packed, [{"Box": "Box 1,Box 2", "ShipmentDate": "2026-03-02"}])

    assert answer.body["Lines"][0]["Carrier"] == "DEFAULT Carrier"
    assert answer.body["Lines"][0]["IsShipped"] is True
