"""A step may do what it needs on what it needs, and nothing else."""

import json
from typing import Any

import pytest

from tests.template.template import grants, properties, resources, statements, step_of

pytestmark = pytest.mark.template

ROLES = sorted(name for name, each in resources("IAM::Role").items() if "Policies" in each["Properties"])
STEP_ROLES = sorted(f"{name}Role" for name in resources("Lambda::Function"))
CALLS_DEAR = {"download_orders", "confirm_shipments", "create_invoices", "sync_inventory", "reconcile"}
CALLS_WAREHOUSE = {"download_orders", "deliver_orders", "collect_shipments", "sync_inventory"}
"""The first asks it after a restore of the tables."""


def arns(resource: Any) -> str:
    """An ARN's text, or the resource it is of."""
    return resource["Fn::Sub"] if "Fn::Sub" in resource else ".".join(resource["Fn::GetAtt"])


def reach(role: str, service: str) -> set[str]:
    """What the role's statements on a service reach."""
    return {
        arns(resource)
        for each in statements(role)
        for resource in each["Resource"]
        if any(action.startswith(f"{service}:") for action in each["Action"])
    }


@pytest.mark.parametrize("name", sorted(resources("Lambda::Function")))
def test_each_function_has_a_role_of_its_own(name: str) -> None:
    assert properties(name)["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}


@pytest.mark.parametrize("role", ROLES)
def test_no_statement_is_for_everything(role: str) -> None:
    for each in statements(role):
        assert each["Effect"] == "Allow"
        assert "NotAction" not in each
        assert "NotResource" not in each
        assert all("*" not in action for action in each["Action"]), each
        assert all(isinstance(resource, dict) for resource in each["Resource"]), "a plain text names no stack"


@pytest.mark.parametrize("role", STEP_ROLES)
def test_a_step_has_no_policy_but_its_own(role: str) -> None:
    assert "ManagedPolicyArns" not in properties(role)
    assert len(properties(role)["Policies"]) == 1


@pytest.mark.parametrize("role", STEP_ROLES)
def test_no_step_may_scan_or_delete_a_table(role: str) -> None:
    granted = grants(role, "dynamodb")

    assert granted >= {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"}
    assert not {action for action in granted if "Scan" in action or "Table" in action or "PartiQL" in action}


@pytest.mark.parametrize("role", STEP_ROLES)
def test_no_step_may_delete_an_item(role: str) -> None:
    assert "dynamodb:DeleteItem" not in grants(role, "dynamodb")


@pytest.mark.parametrize("role", STEP_ROLES)
def test_a_step_reaches_only_the_two_tables(role: str) -> None:
    allowed = {"Orders.Arn", "Checkpoints.Arn", "${Orders.Arn}/index/due", "${Orders.Arn}/index/listing"}

    assert {"Orders.Arn", "Checkpoints.Arn"} <= reach(role, "dynamodb") <= allowed


@pytest.mark.parametrize("role", STEP_ROLES)
def test_a_step_reads_the_secrets_of_those_it_calls_and_no_others(role: str) -> None:
    step = step_of(role)
    parties = {
        "dear": step in CALLS_DEAR,
        "warehouse": step in CALLS_WAREHOUSE,
        "webhook": step == "receive_tracking",
    }

    found = {arn.rpartition(":secret:")[2] for arn in reach(role, "secretsmanager")}

    assert grants(role, "secretsmanager") == {"secretsmanager:GetSecretValue"}
    assert found == {f"crossdock/${{AWS::StackName}}/*/{party}-??????" for party, calls in parties.items() if calls}


@pytest.mark.parametrize("role", STEP_ROLES)
def test_a_step_writes_to_its_own_log_group(role: str) -> None:
    function = role.removesuffix("Role")

    assert grants(role, "logs") == {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert reach(role, "logs") == {f"{function}Logs.Arn"}


@pytest.mark.parametrize("role", STEP_ROLES)
def test_a_step_may_start_itself_and_no_other_and_a_hint_the_download(role: str) -> None:
    step = "download_orders" if step_of(role) == "receive_tracking" else step_of(role)
    own = f"${{AWS::AccountId}}:function:${{AWS::StackName}}-{step.replace('_', '-')}"

    found = {arn.partition(":lambda:${AWS::Region}:")[2] for arn in reach(role, "lambda")}

    assert found == {own}


@pytest.mark.parametrize("role", ROLES)
def test_a_key_of_the_customers_is_used_through_a_service_alone_and_only_where_there_is_one(role: str) -> None:
    given = [each for each in properties(role)["Policies"][0]["PolicyDocument"]["Statement"] if "Fn::If" in each]
    ((condition, keyed, otherwise),) = [each["Fn::If"] for each in given]
    services = {each["Fn::Sub"].partition(".")[0] for each in keyed["Condition"]["StringEquals"]["kms:ViaService"]}
    unconditional = [each for each in statements(role) if "Condition" not in each]

    assert (condition, otherwise) == ("KeyGiven", {"Ref": "AWS::NoValue"})
    assert keyed["Resource"] == {"Ref": "KeyArn"}
    assert services == {service for service in ("dynamodb", "sqs") if grants(role, service)}
    assert not [action for each in unconditional for action in each["Action"] if action.startswith("kms:")]


def test_the_scheduler_may_start_each_scheduled_function_and_report_a_miss() -> None:
    scheduled = {
        each["Properties"]["Target"]["Arn"]["Fn::GetAtt"][0] for each in resources("Scheduler::Schedule").values()
    }

    assert reach("SchedulerRole", "lambda") == {f"{name}.Arn" for name in scheduled}
    assert reach("SchedulerRole", "sqs") == {"MissedTicks.Arn"}


@pytest.mark.parametrize("role", sorted(resources("IAM::Role")))
def test_a_role_is_for_one_service_of_aws(role: str) -> None:
    trust = properties(role)["AssumeRolePolicyDocument"]["Statement"]

    assert len(trust) == 1
    assert trust[0]["Action"] == "sts:AssumeRole"
    assert trust[0]["Principal"]["Service"].endswith(".amazonaws.com")


def test_no_secret_is_written_in_the_template() -> None:
    environments = [each["Properties"]["Environment"]["Variables"] for each in resources("Lambda::Function").values()]

    names = {name for variables in environments for name in variables}

    assert not {name for name in names if any(word in name for word in ("KEY", "TOKEN", "PASSWORD", "CREDENTIAL"))}
    assert "AKIA" not in json.dumps(environments)
