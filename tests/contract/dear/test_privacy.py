"""DEAR's messages are kept in orders and logs: none brings a customer's data along, all stay of use."""

import pytest
import responses

from crossdock.domain.errors import Conflict, NotFound, OutsideError, Refused

BASE_URL = "https://dear.example/ExternalApi/v2"
INVOICE = {
    "SaleID": "12345678-1111-4222-8333-444455556666",
    "Memo": "Ring bell,\nask for Ann  Gray",
    "Status": "AUTHORISED",
    "InvoiceDate": "2026-03-01T00:00:00",
    "BillingAddressLine1": "1 Harbour Street",
    "BillingAddressLine2": "Whitby YO21",
    "Lines": [
        {"SKU": "GRAY-HARBOUR-1", "Name": "Mug for Bo Quist", "TaxRule": "Harbour GST", "Comment": "Engrave Lisbeth"}
    ],
    "AdditionalCharges": [{"Description": "Gift for Shirley", "TaxRule": "No VAT"}],
}
SHIP = {"TaskID": "t", "Lines": [{"Carrier": "DHL", "Box": "Box 1", "TrackingNumber": "01632960011"}]}


def told(transport, method, path, message, *, body=None, status=400):
    """The text that is kept of DEAR's answer."""
    with responses.RequestsMock() as dear:
        dear.add(method, f"{BASE_URL}{path}", status=status, json=[{"ErrorCode": status, "Exception": message}])
        with pytest.raises(OutsideError) as caught:
            transport.request(method, path, body=body)
    return caught.value.message


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("Memo 'Ring bell, ask for Ann Gray' is too long", "Memo '…' is too long"),
        ("Address line 1 HARBOUR  street is unknown", "Address line … is unknown"),
        ("No such place: Harbour", "No such place: …"),
        ("Line 'Mug for Bo Quist' (Engrave Lisbeth) is wrong", "Line '…' (…) is wrong"),
        ("Charge Gift for Shirley has no account", "Charge … has no account"),
        ("Customer 'Moss & Daughters' has exceeded its limit", "Customer '…' has exceeded its limit"),
        ("Product with SKU 'GRAY-HARBOUR-1' was not found", "Product with SKU 'GRAY-HARBOUR-1' was not found"),
        ("Tax rule 'Harbour GST' was not found", "Tax rule 'Harbour GST' was not found"),
        ("Sale 12345678-1111-4222-8333-444455556666 is void", "Sale 12345678-1111-4222-8333-444455556666 is void"),
    ],
)
def test_a_refused_invoice_is_told_without_the_private_texts_it_carried(transport, message, kept):
    assert told(transport, "POST", "/sale/invoice", message, body=INVOICE) == kept


def test_what_was_shipped_may_be_named_even_where_it_looks_like_a_telephone_number(transport):
    message = "Box 1 with 01632960011 of DHL is shipped, ring 01632 960022"

    kept = told(transport, "POST", "/sale/fulfilment/ship", message, body=SHIP)

    assert kept == "Box 1 with 01632960011 of DHL is shipped, ring …"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_a_read_is_told_without_a_customer_whatever_the_error(transport, status):
    message = "Customer 'Ada Moss' (ada@example.com, +44 1632 960011) is on credit hold"

    kept = told(transport, "GET", "/sale", message, status=status)

    assert kept == "Customer '…' (…, …) is on credit hold"


@pytest.mark.parametrize(
    ("method", "message", "kind"),
    [
        ("POST", "Customer 'Ada Moss': Pick Status is AUTHORISED", Conflict),
        ("GET", "Customer with name 'Ada Moss' was not found", NotFound),
        ("POST", "Customer 'Status is AUTHORISED' is blocked", Conflict),
        ("POST", "Customer 'Ada Moss' is blocked", Refused),
    ],
)
@responses.activate
def test_masking_does_not_change_which_error_it_is(transport, method, message, kind):
    responses.add(method, f"{BASE_URL}/sale", status=400, json={"ErrorCode": 400, "Exception": message})

    with pytest.raises(kind) as caught:
        transport.request(method, "/sale", body={} if method == "POST" else None)

    assert type(caught.value) is kind
    assert "Moss" not in caught.value.message


@responses.activate
def test_plain_text_is_masked_like_json(transport):
    responses.get(f"{BASE_URL}/sale", status=400, body="Bad contact: ada@example.com", content_type="text/plain")

    with pytest.raises(Refused) as caught:
        transport.request("GET", "/sale")

    assert caught.value.message == "Bad contact: …"
