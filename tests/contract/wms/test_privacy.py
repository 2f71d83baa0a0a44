"""A warehouse's words on an order are kept with it, without the customer's data that the order carried."""

from collections.abc import Iterator

import pytest
import responses

from crossdock.domain.errors import Conflict, Refused
from crossdock.domain.order import Content, PostalAddress
from tests.contract.wms.samples import URL, a_content, a_line, warehouse_at

ADDRESS = PostalAddress(
    name="Mona Lisbeth Quist", first_name="Mona", line1="1 Harbour Street", city="Whitby", phone="01632 960011"
)


@pytest.fixture
def answers() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def an_order() -> Content:
    return a_content(
        ship_to=ADDRESS,
        notes="Ring bell,\nask for Ann  Gray",
        shipping_notes="Leave it with Shirley",
        customer_reference="Wedding of Bo",
        attributes={"Engraving": "Forever Ottilie"},
        lines=(a_line(sku="QUIST-HARBOUR-1", comment="Wrap it\tfor Cecily"),),
    )


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("Ring bell,\nask for Ann  Gray is too long", "… is too long"),
        ("'ask for Ann Gray' is too long", "'…' is too long"),
        ("leave it with shirley: no such place", "…: no such place"),
        ("Wedding of  Bo is known", "… is known"),
        ("Wrap it for Cecily cannot be done", "… cannot be done"),
        ("Forever Ottilie is too long", "… is too long"),
        ("Lisbeth is not a surname", "… is not a surname"),
        ("HARBOUR is not in this region", "… is not in this region"),
        ("no carrier goes to Whitby", "no carrier goes to …"),
        ("call 01632-960011 or jo@wms.example", "call … or …"),
        ("unknown sku QUIST-HARBOUR-1 of SO-00123", "unknown sku QUIST-HARBOUR-1 of SO-00123"),
        ("quantity 2 is more than the 1 on the shelf for it", "quantity 2 is more than the 1 on the shelf for it"),
    ],
)
def test_a_refused_order_is_told_without_the_customers_data(
    answers: responses.RequestsMock, message: str, kept: str
) -> None:
    answers.post(f"{URL}/orders", status=422, json={"errors": [{"field": "notes", "message": message}]})

    with pytest.raises(Refused) as caught:
        warehouse_at().create_order("SO-00123", an_order())

    assert caught.value.problems == (("notes", kept),)
    assert caught.value.message == f"notes: {kept}"


def test_a_refused_change_is_told_without_the_customers_data(answers: responses.RequestsMock) -> None:
    told = {"errors": [{"field": "ship_to.name", "message": "Quist moved"}]}
    answers.put(f"{URL}/orders/WO-1", status=400, json=told)

    with pytest.raises(Refused) as caught:
        warehouse_at().replace_order("WO-1", "SO-00123", an_order())

    assert caught.value.problems == (("ship_to.name", "… moved"),)


def test_a_conflict_shows_their_record_without_the_customers_data(answers: responses.RequestsMock) -> None:
    record = {"id": "WO-1", "reference": "SO-00123", "status": "waits for Mona Lisbeth Quist"}
    answers.post(f"{URL}/orders", status=409, json=record)

    with pytest.raises(Conflict) as caught:
        warehouse_at().create_order("SO-00123", an_order())

    assert "id WO-1, reference SO-00123, status waits for …" in caught.value.message
    assert caught.value.found["id"] == "WO-1"
