"""Lambda entry of receive_tracking: what a warehouse pushes and asks (contract, part 2), and DEAR's events."""

import json
import os
from functools import cache, partial
from http import HTTPStatus
from typing import Any

import boto3
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from crossdock.domain.faults import fault_told
from crossdock.runtime import environment
from crossdock.runtime.clock import SystemClock
from crossdock.runtime.observability import StepLog, logger, metrics
from crossdock.runtime.secrets import Secrets
from crossdock.store.checkpoints import DynamoCheckpoints
from crossdock.store.orders import DynamoOrders
from receive_tracking.api import TrackingApi
from receive_tracking.door import Door
from receive_tracking.message import raw_body
from receive_tracking.step import Answer, not_stored, refusal

app = APIGatewayRestResolver()


@cache
def build() -> TrackingApi:
    """Built on the first call and kept while the process is warm."""
    env, tables, clock = environment.read(), boto3.resource("dynamodb"), SystemClock()
    checkpoints = DynamoCheckpoints(tables.Table(env.checkpoints_table), clock)
    door = Door(checkpoints, Secrets(env.secrets_prefix), clock, log=StepLog)
    hinted = os.environ.get("HINTED_FUNCTION")
    wake = partial(_start, boto3.client("lambda"), hinted) if hinted else None
    return TrackingApi(DynamoOrders(tables.Table(env.orders_table)), checkpoints, clock, door, wake)


def _start(functions: Any, function: str, connection: str) -> None:
    payload = json.dumps({"connection": connection}).encode()
    functions.invoke(FunctionName=function, InvocationType="Event", Payload=payload)


@app.post("/v1/connections/<connection>/shipments")
def push(connection: str) -> Response[str]:
    event = app.current_event
    return _response(build().push(connection, event.headers, raw_body(event.raw_event)), connection)


@app.get("/v1/connections/<connection>/orders/<reference>")
def ask(connection: str, reference: str) -> Response[str]:
    return _response(build().ask(connection, reference, app.current_event.headers), connection)


@app.post("/v1/connections/<connection>/dear-events")
def hint(connection: str) -> Response[str]:
    event = app.current_event
    return _response(build().hint(connection, event.headers, raw_body(event.raw_event)), connection)


def _lost(_: NotFoundError) -> Response[str]:
    return _response(refusal(HTTPStatus.NOT_FOUND, ("path", "is not an address of this API")))


def _failed(fault: Exception) -> Response[str]:
    return _response(not_stored(fault_told(fault)))


app.exception_handler(NotFoundError)(_lost)
app.exception_handler(Exception)(_failed)


def _response(answer: Answer, connection: str | None = None) -> Response[str]:
    # A name is logged only of a caller who proved to know it: anyone can put anything into a path.
    facts = answer.model_dump(exclude={"body"}) | {"connection": connection if answer.webhook_id else None}
    (logger.error if answer.faults else logger.info)("answered", extra=facts)
    for what, number in answer.counts.items():
        metrics.add_metric(name="Shipments" + what.title().replace("_", ""), unit=MetricUnit.Count, value=number)
    return Response(status_code=answer.status, content_type=content_types.APPLICATION_JSON, body=answer.body)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    metrics.add_metric(name="ApiCalls", unit=MetricUnit.Count, value=1)
    return app.resolve(event, context)
