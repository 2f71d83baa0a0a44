"""A WSGI application on a real loopback port, for as long as a `with` block lasts."""

import logging
import threading
from types import TracebackType
from typing import Self
from wsgiref.types import WSGIApplication

from werkzeug.serving import WSGIRequestHandler, make_server


class _QuietHandler(WSGIRequestHandler):
    """Speaks HTTP/1.1, so that clients may keep a connection, and logs no requests."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name is werkzeug's
        """Keep requests out of the logs, and leave errors in."""
        if type == "error":
            logging.getLogger("sandbox.serving").error(message, *args)


class Server:
    """Serves the application on 127.0.0.1 from a thread of its own; port 0 picks a free one."""

    def __init__(self, app: WSGIApplication, port: int = 0) -> None:
        """Bind the port and start to serve at once."""
        self._server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_QuietHandler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop to listen; answers that are under way are dropped with the process."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        """Give the running server."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it, whatever happened."""
        self.close()
