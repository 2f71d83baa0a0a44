"""The order as it leaves: exactly the contract's fields, exactly the domain's values."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.order import PostalAddress
from crossdock.wms.contract import decimal_text, order_body
from tests.contract.wms.samples import a_content, a_line

ORDER_FIELDS = {
    "reference", "order_number", "sale_id", "customer_reference", "channel", "source", "ordered_at", "ship_by",
    "warehouse", "location", "ship_method", "carrier", "ship_method_raw", "ship_to", "bill_to", "notes",
    "shipping_notes", "currency", "total", "lines", "attributes",
}  # fmt: skip
LINE_FIELDS = {
    "line_id", "sku", "name", "quantity", "price", "discount", "tax", "total", "comment", "lot", "expires_on",
    "barcode", "weight", "weight_unit",
}  # fmt: skip
ADDRESS_FIELDS = {
    "name", "first_name", "last_name", "company", "line1", "line2", "city", "region", "postcode", "country",
    "phone", "email",
}  # fmt: skip

amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)
texts = st.none() | st.text(max_size=40)
addresses = st.builds(PostalAddress, **dict.fromkeys(sorted(ADDRESS_FIELDS), texts))


def test_the_body_has_the_fields_of_the_contract_and_no_other() -> None:
    body = order_body("SO-00123", a_content())

    assert set(body) == ORDER_FIELDS
    assert set(body["lines"][0]) == LINE_FIELDS
    assert set(body["ship_to"]) == set(body["bill_to"]) == ADDRESS_FIELDS


def test_dates_stay_dates_and_numbers_are_strings() -> None:
    line = a_line(expires_on=date(2027, 1, 31), weight=Decimal("0.250"))

    body = order_body("SO-00123", a_content(ship_by=date(2026, 3, 4), lines=(line,)))

    assert (body["ordered_at"], body["ship_by"]) == ("2026-02-27", "2026-03-04")
    assert body["total"] == "39.9"
    assert (body["lines"][0]["quantity"], body["lines"][0]["weight"]) == ("2", "0.25")
    assert body["lines"][0]["expires_on"] == "2027-01-31"


def test_a_currency_that_is_not_known_is_left_out_because_it_may_not_be_null() -> None:
    body = order_body("SO-00123", a_content(currency=None))

    assert "currency" not in body
    assert body["notes"] is None


@given(amounts)
def test_a_decimal_string_is_exact_and_plain(amount: Decimal) -> None:
    text = decimal_text(amount)

    assert re.fullmatch(r"-?\d+(\.\d*[1-9])?", text, re.ASCII)
    assert text != "-0"
    assert Decimal(text) == amount


@given(
    ship_to=addresses, notes=texts, quantity=amounts, price=amounts, attributes=st.dictionaries(st.text(), st.text())
)
def test_what_the_warehouse_reads_is_what_the_domain_says(
    ship_to: PostalAddress, notes: str | None, quantity: Decimal, price: Decimal, attributes: dict[str, str]
) -> None:
    line = a_line(quantity=quantity, price=price)
    content = a_content(ship_to=ship_to, notes=notes, lines=(line, a_line("2")), attributes=attributes)

    body: dict[str, Any] = json.loads(json.dumps(order_body("SO-00123", content)))

    assert PostalAddress(**body["ship_to"]) == ship_to
    assert (body["notes"], body["attributes"]) == (notes, attributes)
    assert [found["line_id"] for found in body["lines"]] == ["1", "2"]
    assert Decimal(body["lines"][0]["quantity"]) == quantity
    assert Decimal(body["lines"][0]["price"]) == price
