"""A stack on AWS or on the local cloud: found by its outputs, opened with boto3."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from pydantic import ValidationError

from cli.faults import REFUSED, Complaint
from cli.site import InvocationFailed, Secret, Site
from crossdock.dear.client import DearClient
from crossdock.dear.transport import Credentials, Transport
from crossdock.domain.report import Report
from crossdock.domain.settings import Connection
from crossdock.domain.states import Step
from crossdock.ports import Clock, Dear
from crossdock.store.budget import DynamoCallBudget, account_key
from crossdock.store.checkpoints import DynamoCheckpoints
from crossdock.store.orders import DynamoOrders
from crossdock.wms.registry import open_warehouse

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

LONGEST_RUN = 900
"""Seconds that a Lambda may run at most."""

SECONDS_FOR_DEAR = 60.0
"""How long a command waits for free DEAR calls."""

_QUICK = Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 3, "mode": "standard"})
# A repeated invocation would run the step twice, so it is sent once and waited for.
_ONCE = Config(connect_timeout=5, read_timeout=LONGEST_RUN + 30, retries={"total_max_attempts": 1, "mode": "standard"})

_ABSENT = "ResourceNotFoundException"
_BEING_DELETED = "InvalidRequestException"


def open_site(stack: str, environment: Mapping[str, str], clock: Clock) -> Site:
    """The stack of that name, wherever the AWS environment variables point. Raises Complaint."""
    session = boto3.Session(region_name=environment.get("AWS_REGION"))
    outputs = _outputs(session, stack)
    tables = session.resource("dynamodb", config=_QUICK)
    checkpoints_table = tables.Table(_output(outputs, "CheckpointsTable", stack))
    opened = _Outside(checkpoints_table, clock)
    return Site(
        stack=stack,
        orders=DynamoOrders(tables.Table(_output(outputs, "OrdersTable", stack))),
        checkpoints=DynamoCheckpoints(checkpoints_table, clock),
        vault=SecretsManagerVault(
            session.client("secretsmanager", config=_QUICK), _output(outputs, "SecretsPrefix", stack)
        ),
        invoker=LambdaInvoker(session.client("lambda", config=_ONCE), outputs),
        api_url=_api_url(outputs, environment.get("AWS_ENDPOINT_URL")),
        dear=opened.dear,
        warehouse=lambda connection, credentials: open_warehouse(connection.warehouse, credentials),
    )


def _outputs(session: boto3.Session, stack: str) -> dict[str, str]:
    try:
        found = session.client("cloudformation", config=_QUICK).describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        found = []
    if not found:
        mend = "Deploy it (`make up` locally, `sam deploy --guided` on AWS), or name another: --stack, CROSSDOCK_STACK."
        raise Complaint(f"There is no stack {stack} here.", mend, code=REFUSED)
    return {each["OutputKey"]: each["OutputValue"] for each in found[0].get("Outputs", [])}


def _output(outputs: Mapping[str, str], name: str, stack: str) -> str:
    if name not in outputs:
        mend = "Is it a Crossdock stack, and is its deployment finished?"
        raise Complaint(f"The stack {stack} has no output {name}.", mend, code=REFUSED)
    return outputs[name]


def _api_url(outputs: Mapping[str, str], endpoint: str | None) -> str:
    """The push API's base; on a local cloud a loopback address that needs no name service."""
    url = outputs.get("ApiUrl", "").rstrip("/")
    if endpoint and "ApiId" in outputs:
        stage = url.rsplit("/", 1)[-1]
        return f"{endpoint.rstrip('/')}/restapis/{outputs['ApiId']}/{stage}/_user_request_"
    return url


@dataclass(frozen=True)
class _PatienceOf:
    """The port `Deadline`: a command waits so many seconds for each call."""

    seconds: float

    def seconds_left(self) -> float:
        return self.seconds


@dataclass(frozen=True)
class _Outside:
    """DEAR as a command calls it: paid for from the same budget as the steps."""

    table: "Table"
    clock: Clock

    def dear(self, connection: Connection, credentials: Credentials) -> Dear:
        budget = DynamoCallBudget(
            self.table,
            account_key(credentials.account_id),
            Step.DOWNLOAD_ORDERS,
            self.clock,
            _PatienceOf(SECONDS_FOR_DEAR),
            max_wait_seconds=SECONDS_FOR_DEAR,
        )
        account_id, api_key = credentials.account_id, credentials.api_key
        return DearClient(Transport(connection.dear.base_url, account_id, api_key, budget))


class SecretsManagerVault:
    """Secrets named `<prefix>/<connection>/<party>`."""

    def __init__(self, client: "SecretsManagerClient", prefix: str) -> None:
        self._client, self._prefix = client, prefix

    def name(self, connection: str, party: str) -> str:
        return f"{self._prefix}/{connection}/{party}"

    def read(self, connection: str, party: str) -> Secret | None:
        try:
            text = self._client.get_secret_value(SecretId=self.name(connection, party))["SecretString"]
            found = json.loads(text)
        except ClientError as error:
            if _code(error) in {_ABSENT, _BEING_DELETED}:
                return None
            raise
        except (KeyError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def write(self, connection: str, party: str, secret: Secret) -> None:
        """Create it or put a new version; one that waits for its deletion is brought back first."""
        name, text = self.name(connection, party), json.dumps(secret)
        try:
            standing = self._client.describe_secret(SecretId=name)
        except ClientError as error:
            if _code(error) != _ABSENT:
                raise
            self._client.create_secret(Name=name, SecretString=text)
            return
        if "DeletedDate" in standing:
            self._client.restore_secret(SecretId=name)
        self._client.put_secret_value(SecretId=name, SecretString=text)

    def remove(self, connection: str, party: str) -> None:
        self._client.delete_secret(SecretId=self.name(connection, party), ForceDeleteWithoutRecovery=True)


class LambdaInvoker:
    """The step functions that the stack's outputs name."""

    def __init__(self, client: "LambdaClient", outputs: Mapping[str, str]) -> None:
        self._client, self._outputs = client, outputs

    def invoke(self, step: Step, connection: str) -> list[Report]:
        output = "".join(word.title() for word in step.split("_")) + "Function"
        function = self._outputs.get(output, "")
        log = f"aws logs tail /aws/lambda/{function} --since 15m"
        if not function:
            raise InvocationFailed(f"the stack has no output {output}: deploy it again", "")
        payload = json.dumps({"connection": connection}).encode()
        try:
            answer = self._client.invoke(FunctionName=function, InvocationType="RequestResponse", Payload=payload)
            document = json.loads(answer["Payload"].read() or b"null")
        except ReadTimeoutError as silence:
            raise InvocationFailed("it did not answer", log) from silence
        except ClientError as error:
            raise InvocationFailed(f"AWS refused to run it ({_code(error)})", log) from error
        except ValueError as garbled:
            raise InvocationFailed("its answer cannot be read", log) from garbled
        if answer.get("FunctionError"):
            raise InvocationFailed(_why(document), log)
        return _reports(document, log)


def _why(document: Any) -> str:
    """The kind of a function's fault. A message that our own handler has not written stays in the log."""
    told = document if isinstance(document, dict) else {}
    if "timed out" in str(told.get("errorMessage", "")).lower():
        return "it ran out of time"
    kind = told.get("errorType") or "no kind given"
    return f"it failed ({told.get('errorMessage') if kind == 'RunFailed' else kind})"


def _reports(document: Any, log: str) -> list[Report]:
    if not isinstance(document, dict) or not isinstance(document.get("reports"), list):
        raise InvocationFailed("its answer holds no reports", log)
    try:
        return [Report.model_validate(each) for each in document["reports"]]
    except ValidationError as other:
        raise InvocationFailed("its report is of another version: deploy the stack again", log) from other


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
