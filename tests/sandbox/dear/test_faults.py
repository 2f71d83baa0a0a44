"""Each kind of fault as a real HTTP client sees it, and whether the call took effect."""

import threading
import time
from typing import Any

import pytest
import requests

from sandbox.faults import ConnectionDropped
from sandbox.serving import Server
from tests.sandbox.dear.client import BASE, HEADERS, DearClient

PICK = "/sale/fulfilment/pick"


def send_pick(server: Server, task_id: str, read_timeout: float = 5) -> requests.Response:
    body = {"TaskID": task_id, "AutoPickMode": "AUTOPICK"}
    return requests.post(server.url + BASE + PICK, json=body, headers=HEADERS, timeout=(5, read_timeout))


def script(dear: DearClient, kind: str, **more: Any) -> None:
    dear.control("POST", "/faults", {"method": "POST", "path": "/FULFILMENT/PICK$", "kind": kind, **more})


@pytest.mark.parametrize(("kind", "applied"), [("timeout_before", 0), ("timeout_after", 1)])
def test_a_connection_that_closes_without_an_answer(
    dear: DearClient, simple: str, server: Server, kind: str, applied: int
) -> None:
    script(dear, kind)

    with pytest.raises(requests.ConnectionError):
        send_pick(server, simple)

    assert len(dear.ledger("pick")) == applied


@pytest.mark.parametrize(("kind", "applied"), [("timeout_before", 0), ("timeout_after", 1)])
def test_a_connection_that_is_held_until_the_client_gives_up(
    dear: DearClient, simple: str, server: Server, kind: str, applied: int
) -> None:
    script(dear, kind, seconds=0.3)

    with pytest.raises(requests.ReadTimeout):
        send_pick(server, simple, read_timeout=0.1)

    assert len(dear.ledger("pick")) == applied


@pytest.mark.parametrize(("kind", "applied"), [("status", 0), ("status_after", 1)])
def test_another_status(dear: DearClient, simple: str, server: Server, kind: str, applied: int) -> None:
    script(dear, kind, status=429, body=[{"ErrorCode": 429}], headers={"Retry-After": "30 sec"})

    answer = send_pick(server, simple)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30 sec")
    assert answer.json() == [{"ErrorCode": 429}]
    assert len(dear.ledger("pick")) == applied


def test_a_status_with_a_body_in_plain_text(dear: DearClient, simple: str, server: Server) -> None:
    script(dear, "status", status=503, body="Down for maintenance")

    answer = send_pick(server, simple)

    assert (answer.status_code, answer.text) == (503, "Down for maintenance")
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_a_page_where_json_was_wanted(dear: DearClient, simple: str, server: Server) -> None:
    script(dear, "html")

    answer = send_pick(server, simple)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert dear.ledger("pick") == []


def test_an_answer_that_is_cut_short(dear: DearClient, simple: str, server: Server) -> None:
    script(dear, "cut")

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        send_pick(server, simple)

    assert len(dear.ledger("pick")) == 1


def test_an_answer_that_comes_late(dear: DearClient, simple: str, server: Server) -> None:
    script(dear, "slow", seconds=0.05)
    began = time.monotonic()

    answer = send_pick(server, simple)

    assert answer.json()["Status"] == "AUTHORISED"
    assert time.monotonic() - began >= 0.05


def test_a_fault_lets_calls_pass_and_then_strikes_so_often(dear: DearClient) -> None:
    dear.control("POST", "/faults", {"path": "/me$", "kind": "status", "status": 500, "skip": 1, "count": 2})

    statuses = [dear.call("GET", "/me").status for _ in range(4)]

    assert statuses == [200, 500, 500, 200]


def test_a_fault_without_an_end_strikes_always(dear: DearClient) -> None:
    dear.control("POST", "/faults", {"path": "/me$", "kind": "status", "count": -1})

    assert {dear.call("GET", "/me").status for _ in range(5)} == {503}


def test_a_fault_is_for_its_method_and_path_only(dear: DearClient, simple: str) -> None:
    script(dear, "status", status=500)

    others = [dear.call("GET", PICK, query_string={"TaskID": simple}).status, dear.call("GET", "/saleList").status]
    struck = dear.post(PICK, {"TaskID": simple}).status

    assert (others, struck) == ([200, 200], 500)


def test_faults_strike_one_after_the_other(dear: DearClient) -> None:
    dear.control("POST", "/faults", [{"path": "/me", "kind": "html"}, {"path": "/me", "kind": "status", "status": 400}])

    statuses = [dear.call("GET", "/me").status for _ in range(3)]

    assert statuses == [200, 400, 200]
    assert [hit["kind"] for hit in dear.control("GET", "/faults")["hits"]] == ["html", "status"]


def test_the_control_plane_is_never_struck(dear: DearClient) -> None:
    dear.control("POST", "/faults", {"path": ".", "kind": "timeout_before", "count": -1})

    assert dear.control("GET", "/health")["status"] == "ok"


def test_dropped_faults_strike_no_more_but_their_hits_are_kept(dear: DearClient) -> None:
    dear.control("POST", "/faults", {"path": "/me", "kind": "html", "count": -1})
    dear.call("GET", "/me")

    dear.control("DELETE", "/faults")

    assert dear.get("/me")["Currency"] == "USD"
    answer = dear.control("GET", "/faults")
    assert (answer["faults"], len(answer["hits"])) == ([], 1)


@pytest.mark.parametrize("fault", [{"kind": "earthquake"}, {"kind": "html", "path": "("}, {"kind": "html", "often": 1}])
def test_a_fault_that_makes_no_sense_is_refused(dear: DearClient, fault: dict[str, Any]) -> None:
    assert dear.refused_control("POST", "/faults", fault).status == 400


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after"])
def test_without_a_socket_the_drop_is_an_exception(dear: DearClient, simple: str, kind: str) -> None:
    script(dear, kind)

    with pytest.raises(ConnectionDropped):
        dear.post(PICK, {"TaskID": simple, "AutoPickMode": "AUTOPICK"})


def test_struck_calls_are_recorded_with_their_fault(dear: DearClient) -> None:
    dear.control("POST", "/faults", {"path": "/me", "kind": "timeout_after"})
    with pytest.raises(ConnectionDropped):
        dear.call("GET", "/me")

    (call,) = dear.control("GET", "/calls")["calls"]

    assert (call["fault"], call["status"]) == ("timeout_after", None)


def test_a_held_call_does_not_hold_up_the_others(dear: DearClient, simple: str, server: Server) -> None:
    script(dear, "slow", seconds=0.3)
    held = threading.Thread(target=send_pick, args=(server, simple))
    held.start()

    answer = requests.get(server.url + BASE + "/me", headers=HEADERS, timeout=5)

    assert (answer.status_code, held.is_alive()) == (200, True)
    held.join()
