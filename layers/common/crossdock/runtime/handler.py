"""The Lambda entry that every scheduled step shares: which connections, one lease, one run, one report."""

import json
import uuid
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from crossdock.dear.client import DearClient
from crossdock.dear.transport import Transport
from crossdock.domain.faults import fault_told
from crossdock.domain.report import Report, RunOutcome
from crossdock.domain.settings import Connection
from crossdock.domain.states import Step
from crossdock.ports import Dear, LeftOut, Warehouse
from crossdock.runtime import environment
from crossdock.runtime.clock import LambdaDeadline, SystemClock
from crossdock.runtime.observability import StepLog, logger, metrics, publish
from crossdock.runtime.secrets import Secrets
from crossdock.store.budget import DynamoCallBudget, account_key
from crossdock.store.checkpoints import DynamoCheckpoints
from crossdock.store.orders import DynamoOrders
from crossdock.wms.aliases import AliasedWarehouse
from crossdock.wms.registry import open_warehouse
from crossdock.workflow import Workplace, run


class RunFailed(Exception):
    """A fault that ended an invocation, told so that Lambda may log and forward it: by kind and place."""


type Event = dict[str, Any]
type UseCase = Callable[[Workplace], None]

LEASE_SECONDS = 60.0
"""Longer than the slowest outside call may take: a wait for the call budget, a connection, an answer."""


class Backstage:
    """What lives as long as the function's process: tables, secrets, the clock."""

    def __init__(self) -> None:
        env = environment.read()
        tables = boto3.resource("dynamodb")
        self.clock = SystemClock()
        self.orders = DynamoOrders(tables.Table(env.orders_table))
        self.checkpoints_table = tables.Table(env.checkpoints_table)
        self.checkpoints = DynamoCheckpoints(self.checkpoints_table, self.clock)
        self.secrets = Secrets(env.secrets_prefix)


@cache
def backstage() -> Backstage:
    """Built on the first call and kept while the process is warm."""
    return Backstage()


def scheduled(step: Step, use_case: UseCase) -> Callable[[Event, LambdaContext], Event]:
    """The handler of a scheduled step.

    With `{"connection": NAME}` it runs for that connection; without, for the only active one, or it invokes itself
    once for each, so that one connection's trouble never delays another's. Returns `{"reports": [...]}`.
    Where the schedule's run cannot start a connection, or leaves one out, it ends in a failure, so that an alarm tells.
    """

    @logger.inject_lambda_context(clear_state=True)
    @metrics.log_metrics
    def handler(event: Event, context: LambdaContext) -> Event:
        try:
            return invoked(event, context)
        except RunFailed:
            raise
        except Exception as fault:  # noqa: BLE001 - the last boundary: Lambda logs what leaves it
            logger.exception("invocation failed")
            raise RunFailed(fault_told(fault)) from None

    def invoked(event: Event, context: LambdaContext) -> Event:
        stage = backstage()
        wanted = event.get("connection")
        every = [each for each in stage.checkpoints.every_connection() if each.active and wanted in {None, each.name}]
        active = [each for each in every if isinstance(each, Connection)]
        left_out = [each.name for each in every if isinstance(each, LeftOut) and wanted is None]
        if len(active) > 1:
            not_started = _fan_out(context, active)
            _beat()
            _tell_of(not_started, left_out)
            return {"reports": [], "started": [each.name for each in active]}
        reports = [_run(stage, step, use_case, each, context) for each in active]
        _beat()
        _tell_of([], left_out)
        return {"reports": [report.model_dump(mode="json") for report in reports]}

    return handler


def _beat() -> None:
    """The sign of life that the heartbeat alarm waits for: given at the end, so that a crash gives none."""
    metrics.add_metric(name="Heartbeat", unit=MetricUnit.Count, value=1)


def _tell_of(not_started: list[str], left_out: list[str]) -> None:
    """End in a failure, now that the others are on their way: of these no run tells anything."""
    told = [f"{name} was not started" for name in not_started]
    told += [f"{name} is left out, as its settings do not pass" for name in left_out]
    if told:
        raise RunFailed("; ".join(told))


def _fan_out(context: LambdaContext, connections: list[Connection]) -> list[str]:
    """Start each by itself; those that could not be started."""
    client, not_started = boto3.client("lambda"), list[str]()
    for connection in connections:
        payload = json.dumps({"connection": connection.name}).encode()
        try:
            client.invoke(FunctionName=context.invoked_function_arn, InvocationType="Event", Payload=payload)
        except (BotoCoreError, ClientError):
            logger.exception("connection not started", extra={"connection": connection.name})
            not_started.append(connection.name)
    return not_started


def _run(stage: Backstage, step: Step, use_case: UseCase, connection: Connection, context: LambdaContext) -> Report:
    name = connection.name
    holder = uuid.uuid4().hex
    lease = stage.checkpoints.take_lease(name, step, holder, LEASE_SECONDS)
    if lease is None:
        now = stage.clock.now()
        busy = Report(step=step, connection=name, outcome=RunOutcome.BUSY, started_at=now, finished_at=now)
        logger.info("another copy is running", connection=name)
        return busy
    opened = _Opened(stage, step, connection, LambdaDeadline(context))
    work = Workplace(
        connection=connection,
        orders=stage.orders,
        checkpoints=stage.checkpoints,
        clock=stage.clock,
        deadline=opened.deadline,
        lease=lease,
        log=StepLog(name),
        dear=opened.dear,
        warehouse=opened.warehouse,
    )
    try:
        report = run(step, use_case, work).model_copy(update={"dear_calls": opened.dear_calls()})
        publish(report)
        logger.info("run", extra=report.model_dump(mode="json", exclude={"problems"}))
        stage.checkpoints.save_report(report)
    finally:
        stage.checkpoints.release_lease(name, step, holder)
    return report


class _Opened:
    """The outside systems of one connection, opened when first needed."""

    def __init__(self, stage: Backstage, step: Step, connection: Connection, deadline: LambdaDeadline) -> None:
        self._stage, self._step, self._connection = stage, step, connection
        self.deadline = deadline
        self._dear: Dear | None = None
        self._warehouse: Warehouse | None = None

    def dear(self) -> Dear:
        if self._dear is None:
            name, secrets = self._connection.name, self._stage.secrets
            credentials = secrets.dear(name)
            account = account_key(credentials.account_id)
            budget = DynamoCallBudget(
                self._stage.checkpoints_table, account, self._step, self._stage.clock, self.deadline
            )
            transport = Transport(
                self._connection.dear.base_url,
                credentials.account_id,
                credentials.api_key,
                budget,
                refresh_credentials=lambda: secrets.dear(name, fresh=True),
            )
            self._dear = DearClient(transport)
        return self._dear

    def warehouse(self) -> Warehouse:
        if self._warehouse is None:
            name, secrets, stock = self._connection.name, self._stage.secrets, self._stage.checkpoints.stock
            refresh = partial(secrets.warehouse, name, fresh=True)
            opened = open_warehouse(self._connection.warehouse, secrets.warehouse(name), refresh=refresh)
            self._warehouse = AliasedWarehouse(opened, partial(stock.aliases, name))
        return self._warehouse

    def dear_calls(self) -> int:
        return self._dear.calls_made() if self._dear else 0
