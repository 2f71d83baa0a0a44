"""The function as API Gateway calls it: on moto's tables and secrets, with events that are signed on the way in."""

import io
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import constants as parameters
from moto import mock_aws
from standardwebhooks import Webhook

from crossdock.domain.ledger import SaleEntry
from crossdock.domain.settings import Connection, WarehouseSettings
from crossdock.domain.states import Decision, OrderStatus
from crossdock.runtime.clock import SystemClock
from crossdock.runtime.observability import logger, metrics
from crossdock.store.checkpoints import DynamoCheckpoints
from crossdock.store.orders import DynamoOrders
from receive_tracking import app as tracking_app
from tests.unit.builders import NOON, order, row

EVENTS = Path(__file__).parents[3] / "events" / "receive_tracking"
SECRET = "whsec_" + b64encode(b"a key of these tests, 32 bytes..").decode()
_PREFIX = "crossdock/test"
_INDEXES = {"due": ("due_queue", "due_at"), "listing": ("list_key", "listed_at")}


class Context:
    """As much of Lambda's context as Powertools logs."""

    function_name = "receive-tracking"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:receive-tracking"
    aws_request_id = "7f3c1f0a-0000-4000-8000-000000000001"


class Function:
    """The deployed function, seen from outside."""

    def __init__(
        self, orders: DynamoOrders, checkpoints: DynamoCheckpoints, dynamodb: Any, secrets: Any, log: io.StringIO
    ) -> None:
        self.orders, self.checkpoints = orders, checkpoints
        self.dynamodb, self.secrets, self._log = dynamodb, secrets, log

    def call(self, event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The status and the parsed body of the answer."""
        context: Any = Context()
        answer = tracking_app.handler(event, context)
        return answer["statusCode"], json.loads(answer["body"])

    @property
    def logged(self) -> str:
        return self._log.getvalue()


def sample(name: str) -> dict[str, Any]:
    """A sample event, unsigned."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def signed(
    event: dict[str, Any], *, secret: str = SECRET, webhook_id: str = "msg_1", at: datetime | None = None
) -> dict[str, Any]:
    """The event with the headers that the warehouse's library would send, at this moment if none is given."""
    event = deepcopy(event)
    text = event["body"] or ""
    body = b64decode(text).decode() if event["isBase64Encoded"] else text
    sent = at or datetime.now(UTC)
    event["headers"] |= {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(sent.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, sent, body),
    }
    return event


@pytest.fixture(scope="module")
def aws() -> Iterator[tuple[Any, Any]]:
    """DynamoDB and Secrets Manager of moto, made once a module: to make a client takes boto3 longer than a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            patch.setenv(name, "testing")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        with mock_aws():
            yield boto3.resource("dynamodb"), boto3.client("secretsmanager")
    tracking_app.build.cache_clear()
    parameters.DEFAULT_PROVIDERS.clear()


@pytest.fixture
def function(aws: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> Function:
    """With the connection `main`, its secret, and the order SO-00001 at the warehouse."""
    monkeypatch.setenv("ORDERS_TABLE", "orders")
    monkeypatch.setenv("CHECKPOINTS_TABLE", "checkpoints")
    monkeypatch.setenv("SECRETS_PREFIX", _PREFIX)
    monkeypatch.setattr(metrics, "namespace", "CrossdockTests")
    monkeypatch.setattr(metrics, "service", "receive_tracking")
    log = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", log)
    dynamodb, secrets = aws
    for table in dynamodb.tables.all():
        if table.name in {"orders", "checkpoints"}:
            table.delete()
    for secret in secrets.list_secrets()["SecretList"]:
        secrets.delete_secret(SecretId=secret["Name"], ForceDeleteWithoutRecovery=True)
    for provider in parameters.DEFAULT_PROVIDERS.values():
        provider.clear_cache()
    tracking_app.build.cache_clear()
    secrets.create_secret(Name=f"{_PREFIX}/main/webhook", SecretString=json.dumps({"secrets": [SECRET]}))
    return Function(*_store(dynamodb), dynamodb, secrets, log)


def _store(dynamodb: Any) -> tuple[DynamoOrders, DynamoCheckpoints]:
    orders = DynamoOrders(_table(dynamodb, "orders", _INDEXES))
    checkpoints = DynamoCheckpoints(_table(dynamodb, "checkpoints", {}), SystemClock())
    warehouse = WarehouseSettings(base_url="https://wms.example.com")
    checkpoints.save_connection(Connection(name="main", warehouse=warehouse))
    entry = SaleEntry(
        connection="main",
        sale_id=order().sale_id,
        order_number="SO-00001",
        row=row(),
        decision=Decision.LOADED,
        references=("SO-00001",),
        first_seen_at=NOON,
        updated_at=NOON,
    )
    orders.add_orders(entry, [order(OrderStatus.AT_WMS, due_at=None)])
    return orders, checkpoints


def _table(dynamodb: Any, name: str, indexes: dict[str, tuple[str, str]]) -> Any:
    names = ["pk", "sk", *(attribute for keys in indexes.values() for attribute in keys)]
    second = [
        {"IndexName": index, "KeySchema": _keys(*keys), "Projection": {"ProjectionType": "ALL"}}
        for index, keys in indexes.items()
    ]
    return dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in names],
        KeySchema=_keys("pk", "sk"),
        **({"GlobalSecondaryIndexes": second} if second else {}),
    )


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
