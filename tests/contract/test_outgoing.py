"""Hostile servers on real sockets: what a configured address cannot do to a run, to its time and to its secrets."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from urllib3.util import connection as urllib3_connection

from crossdock.dear import transport as dear_transport
from crossdock.domain.errors import Interrupted, OutsideError, SettingsInvalid, Unreachable
from crossdock.domain.network import is_of_the_machine
from crossdock.domain.settings import parse_connection
from crossdock.wms import transport as warehouse_transport
from crossdock.wms.credentials import WarehouseCredentials
from tests.integration.workflow.conftest import FreeBudget

WHOLE_ANSWER = 0.25
"""Seconds."""
DRIP = WHOLE_ANSWER / 5
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

type Call = Callable[[str], Any]


def ask_dear(url: str) -> Any:
    return dear_transport.Transport(url, "account", "key", FreeBudget(), timeout=(1, WHOLE_ANSWER)).request(
        "GET", "/me"
    )


def ask_warehouse(url: str) -> Any:
    return warehouse_transport.Transport(url, WarehouseCredentials(token="token")).get("/orders")


@pytest.fixture(params=[ask_dear, ask_warehouse], ids=["DEAR", "warehouse"])
def ask(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setattr(warehouse_transport, "READ_SECONDS", WHOLE_ANSWER)
    return request.param


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server on a free port that answers one call, and what it received."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    received.append(connection.recv(65536))
                    answer(connection)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}", received
    thread.join(5)


def drip(connection: socket.socket, first: bytes, rest: bytes) -> None:
    """All of the first, then a byte of the rest each time that a time-out for silence would begin anew."""
    connection.sendall(first)
    for byte in rest:
        time.sleep(DRIP)
        connection.sendall(bytes([byte]))


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        pytest.param(b"", HEAD, id="the status line"),
        pytest.param(HEAD, b"X-Slow: " + b"a" * 100, id="a header"),
        pytest.param(HEAD + b"Content-Length: 100\r\n\r\n", b"{" + b" " * 98 + b"}", id="the body"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n{\r\n" * 50, id="chunks"),
    ],
)
def test_an_answer_that_drips_in_is_given_up_after_the_time_for_the_whole(ask: Call, first: bytes, rest: bytes) -> None:
    with server(lambda connection: drip(connection, first, rest)) as (where, _):
        began = time.monotonic()
        with pytest.raises(Interrupted):
            ask(f"http://{where}")
        took = time.monotonic() - began

    assert took < WHOLE_ANSWER * 3


def test_an_answer_in_pieces_that_comes_in_time_is_read(ask: Call) -> None:
    body = b'{"data": []}'
    head = HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode()

    def answer(connection: socket.socket) -> None:
        for piece in (head[:30], head[30:], body[:3], body[3:]):
            connection.sendall(piece)
            time.sleep(0.01)

    with server(answer) as (where, _):
        assert ask(f"http://{where}") == {"data": []}


class Tapped:
    """A socket whose other end has the address that is given, and what was sent to it."""

    def __init__(self, peer: str) -> None:
        self.peer, self.sent, self.closed = peer, b"", False

    def getpeername(self) -> tuple[str, int]:
        return self.peer, 443

    def setsockopt(self, *_: object) -> None:
        """Not looked at."""

    def settimeout(self, _seconds: float) -> None:
        """Not looked at."""

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("url", "resolved"),
    [
        pytest.param("https://wms.example", "169.254.169.254", id="the metadata service behind a name"),
        pytest.param("https://2852039166", "169.254.169.254", id="written as a number"),
        pytest.param("https://wms.example", "169.254.170.2", id="the credentials of a container"),
        pytest.param("https://wms.example", "fe80::1%eth0", id="link-local IPv6"),
        pytest.param("https://wms.example", "fd00:ec2::254", id="the metadata service on IPv6"),
        pytest.param("https://wms.example", "::ffff:169.254.169.254", id="IPv4 inside IPv6"),
        pytest.param("http://localhost", "10.0.0.7", id="plain HTTP to another machine"),
        pytest.param("http://localhost", "169.254.169.254", id="plain HTTP to the metadata service"),
    ],
)
def test_nothing_is_sent_to_an_address_that_no_server_has_whatever_name_led_there(
    ask: Call, monkeypatch: pytest.MonkeyPatch, url: str, resolved: str
) -> None:
    tapped = Tapped(resolved)
    monkeypatch.setattr(urllib3_connection, "create_connection", lambda *_, **__: tapped)

    with pytest.raises(Unreachable):
        ask(url)

    assert (tapped.sent, tapped.closed) == (b"", True)


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "[::ffff:169.254.170.2]"])
@pytest.mark.parametrize("party", ["dear", "warehouse"])
def test_a_connection_file_cannot_name_such_an_address(party: str, host: str) -> None:
    document: dict[str, Any] = {"name": "main", "warehouse": {"base_url": "https://wms.example"}}
    document[party] = {"base_url": f"https://{host}/api"}

    with pytest.raises(SettingsInvalid, match="of the machine"):
        parse_connection(document)


@pytest.mark.parametrize("host", ["wms.example", "127.0.0.1", "::1", "10.1.2.3", "fd12:3456::1", "93.184.216.34", ""])
def test_other_addresses_are_a_servers(host: str) -> None:
    assert not is_of_the_machine(host)


@pytest.fixture
def self_signed(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody has vouched for, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(pem))
    return path


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(ask: Call, self_signed: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        received: list[bytes] = []

        def serve() -> None:
            connection, _ = listening.accept()
            try:
                with context.wrap_socket(connection, server_side=True) as secured:
                    received.append(secured.recv(65536))
            except OSError:
                connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(OutsideError):
            ask(f"https://127.0.0.1:{listening.getsockname()[1]}")
        thread.join(5)

    assert b"token" not in b"".join(received)
    assert b"key" not in b"".join(received)


def test_a_redirect_takes_no_credentials_anywhere(ask: Call) -> None:
    with server(lambda _: None) as (elsewhere, stolen):
        redirect = f"HTTP/1.1 307 Away\r\nLocation: http://{elsewhere}/\r\nContent-Length: 0\r\n\r\n".encode()
        with server(lambda connection: connection.sendall(redirect)) as (where, asked), pytest.raises(Interrupted):
            ask(f"http://{where}")
        with socket.create_connection(elsewhere.split(":")) as end:  # lets the other server end
            end.sendall(b"nothing")

    assert len(asked) == 1
    assert stolen in ([], [b"nothing"])
