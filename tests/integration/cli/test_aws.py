"""Finding a stack, its secrets and its functions, and what a person is told when AWS says no."""

import io
import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from cli.aws import LambdaInvoker, SecretsManagerVault, open_site
from cli.faults import Complaint, complaint_of
from cli.main import run
from cli.site import InvocationFailed
from crossdock.dear.transport import Credentials
from crossdock.domain.states import Step
from crossdock.runtime.clock import SystemClock
from crossdock.store.budget import account_key, read_budget
from tests.integration.workflow.conftest import World
from tests.unit.cli.fakes import connection, report

FUNCTION = "crossdock-deliver-orders"


@pytest.fixture
def vault(dynamodb: Any, request: pytest.FixtureRequest) -> SecretsManagerVault:
    assert dynamodb is not None
    return SecretsManagerVault(boto3.client("secretsmanager"), f"crossdock/{request.node.name}")


def test_a_stack_is_opened_by_its_outputs(deployed: str) -> None:
    site = open_site(deployed, {}, SystemClock())

    site.checkpoints.save_connection(connection())
    assert site.checkpoints.connections() == (connection(),)
    assert site.vault.name("acme", "dear") == f"crossdock/{deployed}/acme/dear"
    assert site.api_url == "https://abc123.execute-api.eu-central-1.amazonaws.com/live"


def test_on_a_local_cloud_the_api_has_a_loopback_address(deployed: str) -> None:
    site = open_site(deployed, {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, SystemClock())

    assert site.api_url == "http://127.0.0.1:4566/restapis/abc123/live/_user_request_"


def test_a_stack_that_is_not_there_is_told(deployed: str) -> None:
    with pytest.raises(Complaint) as told:
        open_site(f"no-{deployed}", {}, SystemClock())

    assert told.value.problem == f"There is no stack no-{deployed} here."
    assert "make up" in told.value.mend
    assert told.value.code == 2


def test_a_stack_of_another_kind_is_told(deployed: str, stacks: dict[str, dict[str, str]]) -> None:
    del stacks[deployed]["CheckpointsTable"]

    with pytest.raises(Complaint, match="has no output CheckpointsTable"):
        open_site(deployed, {}, SystemClock())


def test_the_whole_command_runs_on_a_stack(deployed: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["connections", "--stack", deployed, "--json"])

    printed = capsys.readouterr()
    assert code == 0, printed.err
    assert json.loads(printed.out) == {"connections": [], "left_out": []}


def test_a_command_pays_for_dear_calls_from_the_shared_budget(
    deployed: str, world: World, checkpoints_table: Any
) -> None:
    site = open_site(deployed, {}, SystemClock())

    name = site.dear(world.connection, Credentials(account_id="account", api_key="key")).company()

    assert name
    budget = read_budget(checkpoints_table, account_key("account"), SystemClock().now())
    assert (budget.used, budget.by_step) == (1, {Step.DOWNLOAD_ORDERS: 1})


# --- secrets -------------------------------------------------------------------------------------------------


def test_a_secret_is_made_then_replaced(vault: SecretsManagerVault) -> None:
    assert vault.read("acme", "dear") is None

    vault.write("acme", "dear", {"account_id": "a", "api_key": "1"})
    vault.write("acme", "dear", {"account_id": "a", "api_key": "2"})

    assert vault.read("acme", "dear") == {"account_id": "a", "api_key": "2"}


def test_a_removed_secret_can_be_made_again(vault: SecretsManagerVault) -> None:
    vault.write("acme", "dear", {"api_key": "1"})

    vault.remove("acme", "dear")
    vault.remove("acme", "dear")

    assert vault.read("acme", "dear") is None
    vault.write("acme", "dear", {"api_key": "2"})
    assert vault.read("acme", "dear") == {"api_key": "2"}


def test_a_secret_that_waits_for_its_deletion_is_brought_back(vault: SecretsManagerVault) -> None:
    vault.write("acme", "dear", {"api_key": "1"})
    boto3.client("secretsmanager").delete_secret(SecretId=vault.name("acme", "dear"))

    assert vault.read("acme", "dear") is None
    vault.write("acme", "dear", {"api_key": "2"})

    assert vault.read("acme", "dear") == {"api_key": "2"}


def test_a_secret_that_is_no_document_counts_as_none(vault: SecretsManagerVault) -> None:
    boto3.client("secretsmanager").create_secret(Name=vault.name("acme", "dear"), SecretString="not json")

    assert vault.read("acme", "dear") is None


# --- functions -----------------------------------------------------------------------------------------------


def invoked(answer: object, **fields: Any) -> list[Any]:
    """What the invoker makes of a function's answer."""
    client = boto3.client("lambda", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    response = {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(body), len(body)), **fields}
    asked = {
        "FunctionName": FUNCTION, "InvocationType": "RequestResponse", "Payload": b'{"connection": "acme"}',
    }  # fmt: skip
    with Stubber(client) as stub:
        stub.add_response("invoke", response, asked)
        return LambdaInvoker(client, {"DeliverOrdersFunction": FUNCTION}).invoke(Step.DELIVER_ORDERS, "acme")


def test_a_function_is_run_for_one_connection_and_returns_its_reports() -> None:
    ran = report(Step.DELIVER_ORDERS, moved=2)

    assert invoked({"reports": [ran.model_dump(mode="json")]}) == [ran]


@pytest.mark.parametrize(
    ("answer", "fields", "told"),
    [
        ({"errorType": "KeyError", "errorMessage": "'hush'"}, {"FunctionError": "Unhandled"}, "it failed (KeyError)"),
        ({"errorMessage": "Task timed out after 50.00 seconds"}, {"FunctionError": "Unhandled"}, "it ran out of time"),
        (b"<html>", {}, "its answer cannot be read"),
        ({"reports": [{"step": "dance"}]}, {}, "its report is of another version"),
        (None, {}, "its answer holds no reports"),
    ],
)
def test_a_function_that_fails_is_told_with_its_log(answer: object, fields: dict[str, str], told: str) -> None:
    with pytest.raises(InvocationFailed) as failed:
        invoked(answer, **fields)

    assert told in str(failed.value)
    assert "hush" not in str(failed.value)
    assert failed.value.log == f"aws logs tail /aws/lambda/{FUNCTION} --since 15m"


# --- what a person is told -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9", "Is the local cloud running? Start it with `make up`."),
        ("AWS_PROFILE", "nobody", "AWS_PROFILE"),
    ],
)
def test_an_aws_that_cannot_be_asked_gets_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, told: str
) -> None:
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "x")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv(name, value)

    code = run(["orders"])

    printed = capsys.readouterr()
    assert code == 2
    assert told in " ".join(printed.err.split())
    assert "Traceback" not in printed.err
    assert printed.out == ""


def test_an_endpoint_that_does_not_answer_names_itself() -> None:
    fault = EndpointConnectionError(endpoint_url="http://127.0.0.1:4566")

    told = complaint_of(fault, "http://127.0.0.1:4566")

    assert told.problem.startswith("http://127.0.0.1:4566 does not answer")
    assert "make up" in told.mend
