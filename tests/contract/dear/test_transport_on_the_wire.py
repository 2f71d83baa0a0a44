"""Failures that only a real socket has: nobody there, silence, a broken connection, half an answer."""

import socket
import threading
from contextlib import contextmanager

import pytest

from crossdock.dear.transport import Transport
from crossdock.domain.errors import Interrupted, Outcome, Unreachable

CREDENTIALS = ("an-account", "a-key")
READ_TIMEOUT = 0.05


@contextmanager
def server(reaction):
    """A server on a free port that reads one request and reacts with bytes, or with None, and closes when left."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                if reaction is None:
                    done.wait(5)
                else:
                    connection.sendall(reaction)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            done.set()
            thread.join(5)


def call(url, budget, session):
    transport = Transport(url, *CREDENTIALS, budget, session=session, timeout=(1, READ_TIMEOUT))
    return transport.request("POST", "/sale", body={"SaleID": "1"})


def test_a_refused_connection_applied_nothing(budget, session):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(Unreachable) as caught:
        call(f"http://127.0.0.1:{port}", budget, session)

    assert caught.value.outcome is Outcome.NOT_APPLIED


def test_an_address_that_is_none_applied_nothing(budget, session):
    with pytest.raises(Unreachable):
        call("http://", budget, session)


@pytest.mark.parametrize(
    "reaction",
    [
        pytest.param(None, id="silence"),
        pytest.param(b"", id="closed without an answer"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", id="half a body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", id="half a chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", id="no gzip"),
        pytest.param(b"nonsense\r\n\r\n", id="not HTTP"),
    ],
)
def test_a_call_that_breaks_after_it_left_has_an_unknown_outcome(budget, session, reaction):
    with server(reaction) as url, pytest.raises(Interrupted) as caught:
        call(url, budget, session)

    assert caught.value.outcome is Outcome.UNKNOWN
    assert budget.taken == 1
