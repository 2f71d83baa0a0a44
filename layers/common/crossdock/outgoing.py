"""The HTTP session of every call to DEAR and to a warehouse: what a configured address could do to us, it prevents.

- A link-local or metadata address is refused by what the socket is connected to, so no name can lead there.
- Plain HTTP is spoken with loopback alone.
- The read time-out holds for the whole answer, headers and body, and not anew for each byte that drips in.

Certificates are checked, as the library does by itself. Through a proxy of the environment, the proxy decides.
"""

import time
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from crossdock.domain.network import is_loopback, is_of_the_machine


def open_session() -> requests.Session:
    """A session whose every direct connection is guarded."""
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter())
    return session


class _InTime(RawIOBase):
    """A socket's bytes, until the time for all of them is over."""

    def __init__(self, raw: RawIOBase, sock: socket) -> None:
        self._raw, self._sock = raw, sock
        seconds = sock.gettimeout()
        self._until = None if seconds is None else time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._until is not None:
            left = self._until - time.monotonic()
            if left <= 0:
                raise TimeoutError("the whole answer took too long")
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    """An answer that must come within the socket's time-out, counted once."""

    def __init__(self, sock: socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = BufferedReader(_InTime(self.fp.detach(), sock))


def _refuse(connection: HTTPConnection, sock: socket, why: str) -> NewConnectionError:
    """Nothing was sent yet: to the caller it is a connection that was never made."""
    sock.close()
    return NewConnectionError(connection, why)


class _Connection(HTTPConnection):
    response_class = _Response

    def _new_conn(self) -> socket:
        sock = super()._new_conn()
        if not is_loopback(sock.getpeername()[0]):
            raise _refuse(self, sock, "plain HTTP is only for a server on this machine")
        return sock


class _SecureConnection(HTTPSConnection):
    response_class = _Response

    def _new_conn(self) -> socket:
        sock = super()._new_conn()
        if is_of_the_machine(sock.getpeername()[0]):
            raise _refuse(self, sock, "it is an address of the machine that this runs on")
        return sock


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
