"""Every answer, and every kind of silence, becomes the right error of the tree."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from crossdock.domain.errors import (
    Conflict,
    Interrupted,
    NotFound,
    Outcome,
    OutsideError,
    Refused,
    Remedy,
    Throttled,
    Unauthorised,
    Unreachable,
)
from crossdock.ports import Warehouse
from crossdock.wms import transport
from tests.contract.wms.samples import SINCE, URL, a_content, warehouse_at

HTML = "<!DOCTYPE html><html><body>Please sign in</body></html>"


@pytest.fixture
def answers() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def create(warehouse: Warehouse) -> object:
    return warehouse.create_order("SO-00123", a_content())


def poll(warehouse: Warehouse) -> object:
    return warehouse.shipments(updated_since=SINCE, cursor=None)


@pytest.mark.parametrize(
    ("status", "expected", "remedy", "outcome"),
    [
        (301, Interrupted, Remedy.RETRY, Outcome.UNKNOWN),
        (302, Interrupted, Remedy.RETRY, Outcome.UNKNOWN),
        (400, Refused, Remedy.HOLD, Outcome.NOT_APPLIED),
        (401, Unauthorised, Remedy.ABORT, Outcome.NOT_APPLIED),
        (403, Unauthorised, Remedy.ABORT, Outcome.NOT_APPLIED),
        (404, NotFound, Remedy.HOLD, Outcome.NOT_APPLIED),
        (405, Refused, Remedy.HOLD, Outcome.NOT_APPLIED),
        (408, Interrupted, Remedy.RETRY, Outcome.UNKNOWN),
        (409, Conflict, Remedy.HOLD, Outcome.NOT_APPLIED),
        (413, Refused, Remedy.HOLD, Outcome.NOT_APPLIED),
        (422, Refused, Remedy.HOLD, Outcome.NOT_APPLIED),
        (425, Interrupted, Remedy.RETRY, Outcome.UNKNOWN),
        (429, Throttled, Remedy.RETRY, Outcome.NOT_APPLIED),
        (500, Interrupted, Remedy.RETRY, Outcome.UNKNOWN),
        (502, Interrupted, Remedy.RETRY, Outcome.UNKNOWN),
        (503, Interrupted, Remedy.RETRY, Outcome.UNKNOWN),
        (504, Interrupted, Remedy.RETRY, Outcome.UNKNOWN),
        (599, Interrupted, Remedy.RETRY, Outcome.UNKNOWN),
    ],
)
@pytest.mark.parametrize("body", ["", HTML, "{}", "[1, 2]"])
def test_a_status_becomes_one_kind_of_error_whatever_its_body(
    answers: responses.RequestsMock,
    status: int,
    expected: type[OutsideError],
    remedy: Remedy,
    outcome: Outcome,
    body: str,
) -> None:
    answers.post(f"{URL}/orders", status=status, body=body)

    with pytest.raises(OutsideError) as caught:
        create(warehouse_at())

    assert type(caught.value) is expected
    assert (caught.value.remedy, caught.value.outcome) == (remedy, outcome)
    assert (caught.value.status, caught.value.call) == (status, "POST /orders")
    assert len(answers.calls) == 1


@pytest.mark.parametrize(
    "body",
    [HTML, "", "[]", '"text"', '{"id": "WO-1"', "\xff\xfe", '{"id": NaN}', '{"a":' * 200_000, "{}", '{"id": "WO-1"}'],
)
def test_a_success_that_cannot_be_read_leaves_the_outcome_unknown(answers: responses.RequestsMock, body: str) -> None:
    answers.post(f"{URL}/orders", status=200, body=body.encode("latin-1"))

    with pytest.raises(Interrupted):
        create(warehouse_at())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 60),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "30 seconds"}, 30),
        ({"Retry-After": "wait 12s, then 15s"}, 12),
        ({"Retry-After": "1.5"}, 1),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "86400"}, 300),
        ({"Retry-After": "soon"}, 60),
        ({"Retry-After": ""}, 60),
        ({"Retry-After": "Sun, 01 Mar 2026 08:31:15 GMT", "Date": "Sun, 01 Mar 2026 08:30:00 GMT"}, 75),
        ({"Retry-After": "Sun, 01 Mar 2026 08:29:00 GMT", "Date": "Sun, 01 Mar 2026 08:30:00 GMT"}, 1),
        ({"Retry-After": "Sun, 01 Mar 2026 08:31:15 GMT"}, 60),
    ],
)
def test_a_throttle_says_how_long_to_wait(
    answers: responses.RequestsMock, headers: dict[str, str], seconds: int
) -> None:
    answers.post(f"{URL}/orders", status=429, headers=headers)

    with pytest.raises(Throttled) as caught:
        create(warehouse_at())

    assert caught.value.retry_after == seconds


def test_503_with_retry_after_is_a_throttle_to_a_read_and_unknown_to_a_write(answers: responses.RequestsMock) -> None:
    answers.get(f"{URL}/shipments", status=503, headers={"Retry-After": "9"})
    answers.post(f"{URL}/orders", status=503, headers={"Retry-After": "9"})

    with pytest.raises(Throttled) as throttled:
        poll(warehouse_at())
    with pytest.raises(Interrupted):
        create(warehouse_at())

    assert throttled.value.retry_after == 9


def test_a_conflict_shows_the_record_that_stands(answers: responses.RequestsMock) -> None:
    record = {"id": 17, "reference": "SO-00123", "status": "open", "secret": "not for us", "lines": []}
    answers.post(f"{URL}/orders", status=409, json=record)

    with pytest.raises(Conflict) as caught:
        create(warehouse_at())

    assert caught.value.found == {"id": "17", "reference": "SO-00123", "status": "open"}


def test_a_refusal_lists_the_fields_and_what_is_wrong_with_them(answers: responses.RequestsMock) -> None:
    errors = [
        {"field": "ship_to.postcode", "message": "is missing"},
        {"message": "no stock is kept for this client"},
        "not an object",
        {"field": None, "message": None},
    ]
    answers.post(f"{URL}/orders", status=422, json={"errors": errors})

    with pytest.raises(Refused) as caught:
        create(warehouse_at())

    assert caught.value.problems[:2] == (
        ("ship_to.postcode", "is missing"),
        ("", "no stock is kept for this client"),
    )
    assert "ship_to.postcode: is missing; no stock is kept for this client" in str(caught.value)


def test_a_refusal_repeats_nothing_of_the_customer(answers: responses.RequestsMock) -> None:
    message = "MONA LISBETH QUIST of 1 Harbour Street, 2150, mona@quist.example is not on our list"
    answers.post(f"{URL}/orders", status=422, json={"errors": [{"field": "ship_to", "message": message}]})

    with pytest.raises(Refused) as caught:
        create(warehouse_at())

    told = f"{caught.value} {caught.value.problems}".casefold()
    assert not any(text in told for text in ("mona", "quist", "harbour", "2150"))
    assert "is not on our list" in told


def test_a_long_refusal_is_cut_to_300_characters(answers: responses.RequestsMock) -> None:
    errors = [{"field": f"lines[{number}].sku", "message": "is not known\nhere " * 50} for number in range(200)]
    answers.post(f"{URL}/orders", status=400, json={"errors": errors})

    with pytest.raises(Refused) as caught:
        create(warehouse_at())

    assert len(caught.value.message) == 300
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (requests.ReadTimeout("read"), Interrupted),
        (requests.ConnectTimeout("connect"), Unreachable),
        (requests.ConnectionError("reset by peer"), Interrupted),
        (requests.exceptions.ChunkedEncodingError("cut"), Interrupted),
        (requests.exceptions.ContentDecodingError("not gzip"), Interrupted),
        (requests.exceptions.SSLError("unexpected end"), Interrupted),
        (requests.exceptions.ProxyError("proxy"), Interrupted),
    ],
)
def test_only_proof_that_nothing_was_sent_counts_as_unreachable(
    answers: responses.RequestsMock, broken: Exception, expected: type[OutsideError]
) -> None:
    answers.post(f"{URL}/orders", body=broken)

    with pytest.raises(OutsideError) as caught:
        create(warehouse_at())

    assert type(caught.value) is expected


def test_a_closed_port_is_unreachable() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]

    with pytest.raises(Unreachable, match="takes no connections"):
        create(warehouse_at(f"http://127.0.0.1:{port}"))


def test_a_name_that_does_not_resolve_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(Unreachable, match="could not be resolved"):
        create(warehouse_at("https://wms.invalid"))


def a_certificate_of_nobody(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    pem = made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "chain.pem").write_bytes(secret + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem")
    return context


def test_a_server_that_cannot_prove_who_it_is_gets_no_order(tmp_path: Path) -> None:
    context = a_certificate_of_nobody(tmp_path)

    def refuse_us(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            context.wrap_socket(connection, server_side=True)

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        thread = threading.Thread(target=refuse_us, args=(server,))
        thread.start()

        with pytest.raises(Unreachable, match="not trusted"):
            create(warehouse_at(f"https://127.0.0.1:{server.getsockname()[1]}"))
        thread.join()


def test_an_answer_that_does_not_come_in_time_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", 0.05)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(Interrupted, match="no answer came"):
            create(warehouse_at(url))


def serve_once(server: socket.socket, answer: bytes) -> Callable[[], None]:
    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)

    return serve


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{",
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"SSH-2.0-OpenSSH_9.6\r\n",
    ],
)
def test_an_answer_cut_on_the_wire_is_unknown(answer: bytes) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        thread = threading.Thread(target=serve_once(server, answer))
        thread.start()

        with pytest.raises(Interrupted):
            create(warehouse_at(f"http://127.0.0.1:{server.getsockname()[1]}"))
        thread.join()


def test_an_answer_larger_than_the_limit_is_not_read_to_its_end(
    answers: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "LARGEST_ANSWER", 100_000)
    answers.get(f"{URL}/shipments", body=b" " * 200_000)

    with pytest.raises(Interrupted, match="larger"):
        poll(warehouse_at())


def test_a_redirect_is_not_followed_and_takes_no_credentials_elsewhere(answers: responses.RequestsMock) -> None:
    answers.get(f"{URL}/shipments", status=302, headers={"Location": "https://elsewhere.example/shipments"})

    with pytest.raises(Interrupted, match="not followed"):
        poll(warehouse_at())

    assert len(answers.calls) == 1


def test_no_error_tells_the_token_or_the_address_of_the_warehouse(answers: responses.RequestsMock) -> None:
    answers.get(f"{URL}/orders", body=requests.ConnectionError(f"{URL} Bearer t0ken-of-the-warehouse"))

    with pytest.raises(Interrupted) as caught:
        warehouse_at().find_order("SO-00123")

    assert "t0ken" not in str(caught.value)
    assert "example.com" not in str(caught.value)
