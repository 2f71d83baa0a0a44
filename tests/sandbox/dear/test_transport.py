"""How DEAR is reached and how it says no, whatever the call."""

import pytest

from tests.sandbox.dear.client import ACCOUNT_ID, API_KEY, HEADERS, DearClient


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"api-auth-accountid": ACCOUNT_ID},
        {"api-auth-accountid": ACCOUNT_ID, "api-auth-applicationkey": "wrong"},
        {"api-auth-accountid": "wrong", "api-auth-applicationkey": API_KEY},
    ],
)
def test_wrong_credentials_are_refused_in_plain_text(dear: DearClient, headers: dict[str, str]) -> None:
    answer = dear.call("GET", "/me", headers=headers)

    assert (answer.status, answer.body) == (403, "Incorrect credentials!")
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_a_rotated_key_shuts_the_old_one_out(dear: DearClient) -> None:
    dear.settings(api_key="another-key")

    assert dear.call("GET", "/me").status == 403
    assert dear.call("GET", "/me", headers={**HEADERS, "api-auth-applicationkey": "another-key"}).status == 200


@pytest.mark.parametrize("path", ["/externalapi/v2/SALELIST", "/EXTERNALAPI/V2/saleList/", "/ExternalApi/v2/SaleList"])
def test_paths_match_in_any_casing_and_never_redirect(dear: DearClient, path: str) -> None:
    answer = dear.call("GET", path, base="")

    assert answer.status == 200
    assert answer.body["SaleList"] == []


@pytest.mark.parametrize("path", ["/ExternalApi/v2/products", "/ExternalApi/v2", "/elsewhere", "/ExternalApi//v2/me"])
def test_an_unknown_path_is_a_page_with_status_200(dear: DearClient, path: str) -> None:
    answer = dear.call("GET", path, base="")

    assert answer.status == 200
    assert "Page not found" in answer.body
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_verb_that_is_not_served_is_405(dear: DearClient) -> None:
    answer = dear.call("PATCH", "/sale")

    assert answer.status == 405
    assert answer.body[0]["ErrorCode"] == 405


@pytest.mark.parametrize("data", ["{", "[]", "", '"text"'])
def test_a_body_that_is_not_a_json_object_is_a_server_error(dear: DearClient, data: str) -> None:
    answer = dear.call("POST", "/sale/invoice", data=data)

    assert answer.status == 500
    assert answer.body[0]["ErrorCode"] == 500


def test_errors_can_come_as_a_bare_object(dear: DearClient) -> None:
    dear.settings(error_shape="object")

    answer = dear.call("GET", "/sale", query_string={"ID": "unknown"})

    assert answer.status == 400
    assert answer.body["ErrorCode"] == 400
    assert "was not found" in answer.body["Exception"]


def test_asking_by_the_wrong_key_name_is_refused(dear: DearClient, simple: str) -> None:
    answer = dear.call("GET", "/sale", query_string={"SaleID": simple})

    assert "was not found" in answer.refusal


def test_every_call_is_recorded_with_its_query_and_status(dear: DearClient) -> None:
    dear.get("/saleList", Page=1, Limit=5)
    dear.call("GET", "/me", headers={})

    listed, refused = dear.control("GET", "/calls")["calls"]

    assert listed == {
        "at": "2026-03-02T09:00:00.123456Z",
        "method": "GET",
        "path": "/ExternalApi/v2/saleList",
        "query": "Page=1&Limit=5",
        "status": 200,
    }
    assert refused["status"] == 403
