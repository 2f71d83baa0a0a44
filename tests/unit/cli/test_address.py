"""`crossdock address`: fields and display lines side by side, for one DEAR call, and what is made of them."""

import json
from typing import Any

import pytest

from crossdock.domain.errors import NotFound
from crossdock.domain.sale import Sale
from tests.integration.store.records import CONNECTION
from tests.integration.store.records import sale as entry
from tests.unit.builders import address, sale
from tests.unit.cli.fakes import FakeDear, Stack, connection


class DearWithSales(FakeDear):
    """Answers with the sales it is given, by their id."""

    def __init__(self, *sales: Sale) -> None:
        super().__init__()
        self.sales = {each.sale_id: each for each in sales}

    def read_sale(self, sale_id: str) -> Sale:
        self._call()
        if sale_id not in self.sales:
            raise NotFound("DEAR", "GET /sale", "there is no such sale", status=404)
        return self.sales[sale_id]


BLANK = dict.fromkeys(("line1", "city", "postcode", "country"))
KEY = {"account_id": "account", "api_key": "key"}


@pytest.fixture(autouse=True)
def connected(stack: Stack) -> None:
    stack.checkpoints.save_connection(connection())
    stack.vault.write(CONNECTION, "dear", KEY)


def given(stack: Stack, **parts: Any) -> DearWithSales:
    stack.orders.add(entry("s-1", "SO-1"))
    dear = DearWithSales(sale(sale_id="s-1", order_number="SO-1", ship_to=address(**parts)))
    stack.dear = dear
    return dear


def printed(stack: Stack) -> Any:
    ended = stack.run("address", "SO-1", "--json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)["addresses"][0]


def test_an_address_that_agrees_is_shown_as_it_is_sent(stack: Stack) -> None:
    dear = given(stack)

    shown = printed(stack)

    assert (shown["verdict"], shown["reason_code"]) == ("sent", None)
    assert {"part": "postcode", "in_fields": "BS1 4DJ", "in_display_lines": "BS1 4DJ", "sent": "BS1 4DJ"} in shown[
        "parts"
    ]
    assert dear.calls == 1


def test_what_is_read_from_the_display_lines_is_shown_beside_the_blank_fields(stack: Stack) -> None:
    given(stack, **BLANK)

    shown = printed(stack)

    assert shown["verdict"] == "read"
    assert {"part": "city", "in_fields": None, "in_display_lines": None, "sent": "Bristol"} in shown["parts"]


def test_both_sides_of_a_disagreement_are_on_the_screen_and_the_call_is_told_first(stack: Stack) -> None:
    given(stack, display=("9 Elm Row", "Bath BS1 4DJ"))

    ended = stack.run("address", "SO-1")

    assert ended.out.index("1 DEAR call") < ended.out.index("1 Quay Street")
    for words in ("1 Quay Street", "9 Elm Row", "Bath", "not found", "in no field", "held (address_disagrees)"):
        assert words in ended.out


def test_with_json_nothing_but_the_document_is_on_standard_output(stack: Stack) -> None:
    given(stack)

    ended = stack.run("address", "SO-1", "--json")

    assert json.loads(ended.out)["searched_for"] == "SO-1"
    assert "1 DEAR call" in ended.err


def test_the_stored_key_is_used_and_told_where_it_is_missing(stack: Stack) -> None:
    given(stack)
    stack.run("address", "SO-1")
    stack.vault.remove(CONNECTION, "dear")

    ended = stack.run("address", "SO-1")

    assert [each.account_id for each in stack.given if hasattr(each, "account_id")] == ["account"]
    assert (ended.code, "crossdock connect" in ended.err) == (1, True)


def test_a_number_that_nobody_knows_costs_no_call(stack: Stack) -> None:
    dear = given(stack)

    ended = stack.run("address", "SO-NOBODY")

    assert (ended.code, dear.calls) == (1, 0)


def test_another_connections_sale_is_not_read(stack: Stack) -> None:
    dear = given(stack)
    stack.checkpoints.save_connection(connection("other"))

    ended = stack.run("address", "SO-1", "--connection", "other")

    assert (ended.code, dear.calls) == (1, 0)
    assert "--connection" in ended.err


def test_a_refusal_of_dear_is_told_as_one(stack: Stack) -> None:
    given(stack).sales.clear()

    ended = stack.run("address", "SO-1")

    assert (ended.code, "there is no such sale" in ended.err) == (2, True)
