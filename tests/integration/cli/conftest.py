"""AWS as moto plays it, with a deployed stack in it; and the whole world of the workflow, behind the command line."""

import io
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs
from uuid import uuid4

import boto3
import pytest
from rich.console import Console

from cli.aws import SecretsManagerVault
from cli.main import run
from cli.screen import Screen
from cli.site import Desk, Site
from crossdock.dear.client import DearClient
from crossdock.dear.transport import Credentials, Transport
from crossdock.domain.report import Report
from crossdock.domain.settings import Connection
from crossdock.domain.states import Step
from crossdock.wms.registry import open_warehouse
from tests.integration.workflow.conftest import FreeBudget, World, world
from tests.unit.cli.fakes import Ended


class CloudFormation(BaseHTTPRequestHandler):
    """As much of CloudFormation as a command asks for: the outputs of a stack, over the query protocol."""

    stacks: ClassVar[dict[str, dict[str, str]]] = {}

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        name = asked["StackName"][0]
        known = name in self.stacks
        body = (_described(name, self.stacks[name]) if known else _unknown(name)).encode()
        self.send_response(200 if known else 400)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


def _described(name: str, outputs: dict[str, str]) -> str:
    members = "".join(
        f"<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>"
        for key, value in outputs.items()
    )
    stack = (
        f"<StackName>{name}</StackName><CreationTime>2025-03-01T12:00:00Z</CreationTime>"
        f"<StackStatus>CREATE_COMPLETE</StackStatus><Outputs>{members}</Outputs>"
    )
    found = f"<DescribeStacksResult><Stacks><member>{stack}</member></Stacks></DescribeStacksResult>"
    return f"<DescribeStacksResponse>{found}</DescribeStacksResponse>"


def _unknown(name: str) -> str:
    told = f"<Code>ValidationError</Code><Message>Stack with id {name} does not exist</Message>"
    return f"<ErrorResponse><Error><Type>Sender</Type>{told}</Error></ErrorResponse>"


@pytest.fixture
def stacks(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, dict[str, str]]]:
    """Stack to outputs; what stands here is deployed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), CloudFormation)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", f"http://127.0.0.1:{server.server_port}")
    CloudFormation.stacks = {}
    yield CloudFormation.stacks
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def deployed(stacks: dict[str, dict[str, str]], orders_table: Any, checkpoints_table: Any) -> str:
    """The name of a stack whose outputs are those of template.yaml, over the two tables."""
    name = f"crossdock-{uuid4().hex[:8]}"
    stacks[name] = {
        "ApiUrl": "https://abc123.execute-api.eu-central-1.amazonaws.com/live",
        "ApiId": "abc123",
        "OrdersTable": orders_table.name,
        "CheckpointsTable": checkpoints_table.name,
        "SecretsPrefix": f"crossdock/{name}",
        "DeliverOrdersFunction": f"{name}-deliver-orders",
    }
    return name


class WorldInvoker:
    """The step functions of the world, run in this process."""

    def __init__(self, world: World) -> None:
        self._world = world

    def invoke(self, step: Step, connection: str) -> list[Report]:
        assert connection == self._world.connection.name
        return [self._world.step(step)]


class CommandLine:
    """The command line of a person who works on the world."""

    def __init__(self, world: World, vault: SecretsManagerVault) -> None:
        self.world, self.vault = world, vault
        self.environment: dict[str, str] = {}

    def run(self, *arguments: str) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        consoles = [Console(file=file, width=240, markup=False, emoji=False, highlight=False) for file in (out, err)]
        desk = Desk(
            environment=self.environment,
            clock=self.world.clock,
            screen=lambda json: Screen(*consoles, json=json),
            open_site=self._open,
            ask=None,
        )
        code = run(arguments, desk)
        return Ended(code, out.getvalue(), err.getvalue())

    def _open(self, stack: str) -> Site:
        return Site(
            stack=stack,
            orders=self.world.orders,
            checkpoints=self.world.checkpoints,
            vault=self.vault,
            invoker=WorldInvoker(self.world),
            api_url="https://api.example.com/live",
            dear=_dear,
            warehouse=lambda connection, credentials: open_warehouse(connection.warehouse, credentials),
        )


def _dear(connection: Connection, credentials: Credentials) -> DearClient:
    transport = Transport(connection.dear.base_url, credentials.account_id, credentials.api_key, FreeBudget())
    return DearClient(transport)


@pytest.fixture
def operator(world: World) -> CommandLine:
    return CommandLine(world, SecretsManagerVault(boto3.client("secretsmanager"), f"crossdock/{uuid4().hex[:8]}"))


__all__ = ["deployed", "operator", "stacks", "world"]
