"""The deployed functions in one process: their real entries on moto's AWS, a DEAR and a warehouse on loopback."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import constants as parameters
from botocore.client import BaseClient
from standardwebhooks import Webhook

from crossdock.domain.settings import parse_connection
from crossdock.domain.states import SCHEDULED_STEPS, Step
from crossdock.runtime import handler
from crossdock.runtime.clock import SystemClock
from crossdock.runtime.observability import logger, metrics
from crossdock.store import window
from crossdock.store.checkpoints import DynamoCheckpoints
from crossdock.store.orders import DynamoOrders
from sandbox.dear.app import create_app as create_dear
from sandbox.documents import Documents
from sandbox.serving import Server
from sandbox.warehouse.app import create_app as create_warehouse
from tests.integration.workflow.conftest import System

EVENTS = Path(__file__).parents[3] / "events" / "receive_tracking"
PREFIX = "crossdock/test"

type Call = tuple[str, str, dict[str, Any]]
"""A call to AWS: service, operation, arguments."""


class Context:
    """As much of Lambda's context as the functions look at."""

    memory_limit_in_mb = 512
    aws_request_id = "7f3c1f0a-0000-4000-8000-000000000001"

    def __init__(self, step: Step) -> None:
        self.function_name = f"test-{step.replace('_', '-')}"
        self.invoked_function_arn = f"arn:aws:lambda:eu-central-1:123456789012:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class Lambdas:
    """What an operator has deployed. `printed`: every log line and metric; `calls`: what each step asked of AWS.

    All functions share one process, which stays warm; with `cold` each invocation begins a new one.
    """

    def __init__(self, orders_table: Any, checkpoints_table: Any, dear: System, warehouse: System) -> None:
        self.orders_table, self.checkpoints_table = orders_table, checkpoints_table
        self.orders = DynamoOrders(orders_table)
        self.checkpoints = DynamoCheckpoints(checkpoints_table, SystemClock())
        self.dear, self.warehouse = dear, warehouse
        self.printed = io.StringIO()
        self.calls: dict[Step, list[Call]] = {step: [] for step in Step}
        self.running: Step | None = None
        self.cold = False
        self._secrets = boto3.client("secretsmanager")

    def store(self, party: str, secret: dict[str, Any], connection: str = "main") -> None:
        """A secret as `connect` stores it; a new version where one stands."""
        name, text = f"{PREFIX}/{connection}/{party}", json.dumps(secret)
        standing = {each["Name"] for each in self._secrets.list_secrets()["SecretList"]}
        if name in standing:
            self._secrets.put_secret_value(SecretId=name, SecretString=text)
        else:
            self._secrets.create_secret(Name=name, SecretString=text)

    def connect(self, name: str = "main", **settings: Any) -> None:
        document = {
            "name": name, "dear": {"base_url": f"{self.dear.url}/ExternalApi/v2"},
            "warehouse": {"base_url": self.warehouse.url}, "settings": settings,
        }  # fmt: skip
        self.checkpoints.save_connection(parse_connection(document))

    def run(self, step: Step, event: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Invoke a scheduled step; its reports."""
        answer = self._invoke(step, event or {})
        return list(answer["reports"])

    def tick(self) -> None:
        for step in SCHEDULED_STEPS:
            self.run(step)

    def push(self, body: dict[str, Any], secret: str) -> tuple[int, str]:
        """A signed push, as API Gateway hands it over; the answer's status and body."""
        return self._call("push.json", json.dumps(body), secret)

    def ask(self, reference: str, secret: str) -> tuple[int, str]:
        """A signed question where an order stands."""
        return self._call("ask.json", "", secret, path=f"/v1/connections/main/orders/{reference}")

    def hint(self, token: str) -> tuple[int, str]:
        """An event of DEAR's own webhooks."""
        headers = {"Authorization": f"Bearer {token}"}
        return self._call("push.json", "{}", None, path="/v1/connections/main/dear-events", headers=headers)

    def _call(
        self, event: str, body: str, secret: str | None, *, path: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        called = json.loads((EVENTS / event).read_text())
        called |= {"body": body, "path": path or called["path"]}
        called["headers"] |= headers or {}
        if secret is not None:
            webhook_id, sent = f"msg_{uuid4().hex}", SystemClock().now()
            called["headers"] |= {
                "webhook-id": webhook_id, "webhook-timestamp": str(int(sent.timestamp())),
                "webhook-signature": Webhook(secret).sign(webhook_id, sent, body),
            }  # fmt: skip
        answer = self._invoke(Step.RECEIVE_TRACKING, called)
        return int(answer["statusCode"]), str(answer["body"])

    def stored(self) -> str:
        """Everything that both tables hold."""
        tables = (self.orders_table, self.checkpoints_table)
        return "\n".join(str(item) for table in tables for item in table.scan()["Items"])

    def _invoke(self, step: Step, event: dict[str, Any]) -> dict[str, Any]:
        entry = import_module(f"{step}.app")
        if self.cold:
            _forget_warm_processes()
        self.running = step
        try:
            with redirect_stdout(self.printed):
                return dict(entry.handler(event, Context(step)))
        finally:
            self.running = None


@contextmanager
def deployed(orders_table: Any, checkpoints_table: Any, **secrets: str) -> Iterator[Lambdas]:
    """The functions over two tables; `secrets`: what DEAR and the warehouse let in (account_id, api_key, token)."""
    clock = SystemClock()
    let_in = {"account_id": "account", "api_key": "key"} | {
        name: value for name, value in secrets.items() if name != "token"
    }
    dear = create_dear(Documents(None), clock, calls_per_minute=None, **let_in)
    warehouse = create_warehouse(Documents(None), clock, token=secrets.get("token", "token"))
    with pytest.MonkeyPatch.context() as patch, Server(dear) as dear_server, Server(warehouse) as warehouse_server:
        patch.setenv("ORDERS_TABLE", orders_table.name)
        patch.setenv("CHECKPOINTS_TABLE", checkpoints_table.name)
        patch.setenv("SECRETS_PREFIX", PREFIX)
        patch.setenv("HINTED_FUNCTION", "test-download-orders")
        patch.setattr(metrics, "namespace", "CrossdockTests")
        patch.setattr(metrics, "service", "a-step")
        made = Lambdas(orders_table, checkpoints_table, System(dear_server.url), System(warehouse_server.url))
        patch.setattr(logger.registered_handler, "stream", made.printed)
        _record(made, patch)
        _wait_in_no_time(patch)
        _forget_warm_processes()
        try:
            yield made
        finally:
            _forget_warm_processes()
            client = boto3.client("secretsmanager")
            for secret in client.list_secrets()["SecretList"]:
                client.delete_secret(SecretId=secret["Name"], ForceDeleteWithoutRecovery=True)


def _record(lambdas: Lambdas, patch: pytest.MonkeyPatch) -> None:
    """Note every call to AWS under the step that makes it, whichever client it comes from."""
    real = BaseClient._make_api_call

    def noting(client: Any, operation: str, arguments: dict[str, Any]) -> Any:
        if lambdas.running is not None:
            service = client.meta.service_model.service_name
            lambdas.calls[lambdas.running].append((service, operation, arguments))
            if service == "lambda":
                return {}
        return real(client, operation, arguments)

    patch.setattr(BaseClient, "_make_api_call", noting)


def _wait_in_no_time(patch: pytest.MonkeyPatch) -> None:
    """Who waits, for DEAR's calls say, turns everybody's clock, the table's too."""
    ahead = [timedelta()]

    def wait(_clock: SystemClock, seconds: float) -> None:
        ahead[0] += timedelta(seconds=seconds)

    patch.setattr(SystemClock, "now", lambda _clock: datetime.now(UTC) + ahead[0])
    patch.setattr(SystemClock, "sleep", wait)
    patch.setattr(window, "parsedate_to_datetime", lambda text: parsedate_to_datetime(text) + ahead[0])


def _forget_warm_processes() -> None:
    handler.backstage.cache_clear()
    import_module("receive_tracking.app").build.cache_clear()
    parameters.DEFAULT_PROVIDERS.clear()


@pytest.fixture
def lambdas(orders_table: Any, checkpoints_table: Any) -> Iterator[Lambdas]:
    with deployed(orders_table, checkpoints_table) as made:
        yield made
