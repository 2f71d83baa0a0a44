"""`python -m sandbox`: a DEAR account and a warehouse on this machine, with something to do in them."""

import argparse
import base64
import json
import secrets
import signal
import socket
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self
from wsgiref.types import WSGIApplication

from rich.console import Console
from werkzeug.test import Client

from sandbox.clock import SystemClock
from sandbox.dear.app import create_app as create_dear
from sandbox.documents import Documents
from sandbox.faults import CONTROL_ROOT
from sandbox.scenario import DEFAULT_COUNT, connection, demo
from sandbox.serving import Server
from sandbox.warehouse.app import create_app as create_warehouse

DEAR_PATH = "/ExternalApi/v2"


@dataclass(frozen=True)
class Credentials:
    """What opens this sandbox, made once per state folder; good for nothing else."""

    CROSSDOCK_DEAR_ACCOUNT_ID: str
    CROSSDOCK_DEAR_API_KEY: str
    CROSSDOCK_WMS_TOKEN: str
    CROSSDOCK_WEBHOOK_SECRET: str

    @property
    def secret(self) -> tuple[str, ...]:
        """Those that must show nowhere."""
        return self.CROSSDOCK_DEAR_API_KEY, self.CROSSDOCK_WMS_TOKEN, self.CROSSDOCK_WEBHOOK_SECRET

    @classmethod
    def of(cls, state: Path) -> Self:
        """Read the folder's credentials, or make them in a file that only its owner can read."""
        path = state / "credentials.json"
        if path.exists():
            return cls(**json.loads(path.read_text()))
        made = cls(
            CROSSDOCK_DEAR_ACCOUNT_ID=str(uuid.uuid4()),
            CROSSDOCK_DEAR_API_KEY=str(uuid.uuid4()),
            CROSSDOCK_WMS_TOKEN=secrets.token_urlsafe(32),
            CROSSDOCK_WEBHOOK_SECRET=f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}",
        )
        unfinished = path.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(asdict(made), indent=2))
        unfinished.replace(path)
        return made


@dataclass(frozen=True)
class Running:
    """Both sandboxes while they serve: their base URLs, and what their state was begun with."""

    dear_url: str
    warehouse_url: str
    credentials: Credentials
    begun_with: dict[str, Any]


@contextmanager
def running(state: Path, scenario: str, sales: int, dear_port: int, warehouse_port: int) -> Iterator[Running]:
    """Serve both from the state folder, seeded when it is new; `SystemExit` tells of a port in use."""
    for port, option in ((dear_port, "--dear-port"), (warehouse_port, "--warehouse-port")):
        _require_free(port, option)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    credentials = Credentials.of(state)
    books = {name: Documents(state / f"{name}.sqlite") for name in ("dear", "warehouse")}
    clock = SystemClock()
    dear = create_dear(
        books["dear"],
        clock,
        account_id=credentials.CROSSDOCK_DEAR_ACCOUNT_ID,
        api_key=credentials.CROSSDOCK_DEAR_API_KEY,
        base_path=DEAR_PATH,
    )
    warehouse = create_warehouse(books["warehouse"], clock, token=credentials.CROSSDOCK_WMS_TOKEN)
    begun_with = _seeded(state, list(books.values()), dear, warehouse, scenario, sales)
    with Server(dear, dear_port) as dear_server, Server(warehouse, warehouse_port) as warehouse_server:
        yield Running(dear_server.url, warehouse_server.url, credentials, begun_with)
    for documents in books.values():
        documents.close()


def _require_free(port: int, option: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SystemExit(f"Port {port} cannot be used ({error.strerror}). Choose another with {option}.") from error


def _seeded(
    state: Path, books: list[Documents], dear: WSGIApplication, warehouse: WSGIApplication, scenario: str, sales: int
) -> dict[str, Any]:
    """Seed a new state; give what the state was begun with, now or in an earlier run."""
    marker = state / "scenario.json"
    if marker.exists():
        found: dict[str, Any] = json.loads(marker.read_text())
        return found
    for documents in books:  # a run that was killed while it seeded leaves half a scenario
        documents.clear()
    begun_with = {"scenario": scenario, "sales": sales if scenario == "demo" else 0}
    if scenario == "demo":
        parts = demo(sales)
        _tell(dear, "seed", parts.dear_seed)
        _tell(warehouse, "stock", {"stock": parts.warehouse_stock})
        _tell(warehouse, "settings", parts.warehouse_settings)
        (state / "expected.json").write_text(json.dumps(parts.expected, indent=2))
    marker.write_text(json.dumps(begun_with))
    return begun_with


def _tell(app: WSGIApplication, path: str, body: dict[str, Any]) -> None:
    answer = Client(app).post(f"{CONTROL_ROOT}/{path}", json=body)
    if not 200 <= answer.status_code < 300:  # noqa: PLR2004 - the success class of HTTP
        raise SystemExit(f"The scenario was not taken by {path}: {answer.status_code} {answer.text}")


def connection_file(table: dict[str, Any]) -> str:
    """Write a connection as TOML: plain values first, then the tables below them."""
    return "\n".join(_toml_lines(table, ())) + "\n"


def _toml_lines(table: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    if path:
        yield f"[{'.'.join(path)}]"
    for key, value in table.items():
        if not isinstance(value, dict):
            # JSON's strings, lists, numbers and booleans are TOML's too.
            yield f"{_toml_key(key)} = {json.dumps(value, ensure_ascii=False)}"
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _toml_lines(value, (*path, _toml_key(key)))


def _toml_key(key: str) -> str:
    is_bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if is_bare else json.dumps(key, ensure_ascii=False)


def show(console: Console, state: Path, sandbox: Running) -> None:
    """Print where everything is, in lines that can be copied."""

    def say(text: str, style: str | None = None) -> None:
        console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    about = sandbox.begun_with
    content = f"{about['sales']} demonstration sales" if about["scenario"] == "demo" else "nothing seeded"
    say(f"Crossdock sandbox, state in {state}, begun with: {content}", "bold")
    say(f"DEAR       {sandbox.dear_url}{DEAR_PATH}\n  control  {sandbox.dear_url}{CONTROL_ROOT}")
    say(f"Warehouse  {sandbox.warehouse_url}\n  control  {sandbox.warehouse_url}{CONTROL_ROOT}")
    say("\nCredentials, of this sandbox only:", "bold")
    for name, value in asdict(sandbox.credentials).items():
        say(f"export {name}={value}")
    say("\nConnection file, for: crossdock connect sandbox.toml", "bold")
    say(connection_file(connection(sandbox.dear_url + DEAR_PATH, sandbox.warehouse_url)))
    say("Ship all that the warehouse has taken:", "bold")
    say(f"curl -X POST {sandbox.warehouse_url}{CONTROL_ROOT}/work")
    say("\nHave it push half of its shipments, the API's base being in CROSSDOCK_API:", "bold")
    push = '{"push": {"url": "\'$CROSSDOCK_API\'/v1/connections/main", "secret": "\'$CROSSDOCK_WEBHOOK_SECRET\'"}}'
    say(f"curl -X POST {sandbox.warehouse_url}{CONTROL_ROOT}/settings -d '{push}'")
    say("\nCtrl-C stops it; the state stays. Remove the state folder to begin anew.", "dim")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--dear-port", type=_port, default=8001)
    parser.add_argument("--warehouse-port", type=_port, default=8002)
    parser.add_argument("--state", type=Path, default=Path(".local/sandbox"), metavar="DIR")
    parser.add_argument("--scenario", choices=("demo", "empty"), default="demo")
    parser.add_argument("--sales", type=int, default=DEFAULT_COUNT, metavar="N", help="how many sales the demo has")
    options = parser.parse_args(arguments)
    if options.sales < 1:
        parser.error("--sales must be at least 1")
    return options


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 2**16):
        raise argparse.ArgumentTypeError("must be a port number, or 0 for a free one")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run until SIGINT or SIGTERM."""
    options = parse(arguments)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    ports = options.dear_port, options.warehouse_port
    with running(options.state, options.scenario, options.sales, *ports) as sandbox:
        show(Console(), options.state, sandbox)
        stopped.wait()


if __name__ == "__main__":
    main()
