"""Every step is there under one name, runs on its schedule, and fails where a person sees it."""

import re
from typing import Any

import pytest

from crossdock.runtime.clock import MARGIN_SECONDS
from tests.template.template import (
    ROOT,
    default,
    properties,
    rates,
    resources,
    scheduled_steps,
    seconds,
    step_of,
    steps_of_the_code,
    transformed,
)

pytestmark = pytest.mark.template

SCHEDULES = scheduled_steps()
FUNCTIONS = sorted(resources("Lambda::Function"))
RUNTIME_GIVES = {"AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME"}


def of(schedule: str) -> str:
    """The function that a schedule starts."""
    return properties(schedule)["Target"]["Arn"]["Fn::GetAtt"][0]


def test_folders_functions_and_service_names_are_the_same_steps() -> None:
    functions = resources("Lambda::Function")

    handlers = {each["Properties"]["Handler"] for each in functions.values()}
    services = {
        each["Properties"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] for each in functions.values()
    }

    assert {step_of(name) for name in functions} == steps_of_the_code()
    assert handlers == {f"{step}.app.handler" for step in steps_of_the_code()}
    assert services == steps_of_the_code()


def test_each_step_has_one_schedule_and_one_heartbeat_save_the_one_behind_the_api() -> None:
    expected = steps_of_the_code() - {"receive_tracking"}

    heartbeats = {step_of(name) for name in resources("CloudWatch::Alarm") if name.endswith("Heartbeat")}

    assert {step_of(name) for name in SCHEDULES} == expected
    assert [step_of(of(name)) for name in SCHEDULES] == [step_of(name) for name in SCHEDULES]
    assert heartbeats == expected


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_named_after_its_stack_and_step(name: str) -> None:
    expected = "${AWS::StackName}-" + step_of(name).replace("_", "-")

    assert properties(name)["FunctionName"] == {"Fn::Sub": expected}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_tick_that_fails_is_not_repeated_and_lands_in_a_queue(name: str) -> None:
    target = properties(name)["Target"]

    queue = target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0]

    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    assert queue in resources("SQS::Queue")
    assert target["Input"] == "{}"


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_has_no_fixed_name_that_a_second_stack_would_want_too(name: str) -> None:
    assert "Name" not in properties(name)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_can_be_switched_off_by_the_one_parameter(name: str) -> None:
    assert properties(name)["State"] == {"Ref": "ScheduleState"}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_run_that_fails_is_not_repeated_and_lands_in_a_queue(name: str) -> None:
    found = properties(f"{of(name)}EventInvokeConfig")

    queue = found["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]

    assert found["MaximumRetryAttempts"] == 0
    assert found["MaximumEventAgeInSeconds"] <= 60
    assert queue in resources("SQS::Queue")


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_run_begins_its_last_call_before_the_next_tick(name: str) -> None:
    assert properties(of(name))["Timeout"] - MARGIN_SECONDS < seconds(rates(name)[0])


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_step_that_stops_is_noticed_at_every_rate_and_no_other_is_taken_for_stopped(name: str) -> None:
    heartbeat = properties(f"{of(name)}Heartbeat")

    window = heartbeat["Period"] * heartbeat["EvaluationPeriods"]
    slowest = max(seconds(rate) for rate in rates(name))

    assert window > slowest
    assert heartbeat["TreatMissingData"] == "breaching"
    assert heartbeat["MetricName"] == "Heartbeat"
    assert heartbeat["Dimensions"] == [{"Name": "service", "Value": step_of(name)}]


def test_what_reconcile_finds_is_an_alarm_of_its_own() -> None:
    alarm = properties("ReconcileFindings")

    assert (alarm["Namespace"], alarm["MetricName"]) == ({"Ref": "MetricsNamespace"}, "Findings")
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "reconcile"}]
    assert alarm["Period"] * alarm["EvaluationPeriods"] > seconds(rates("ReconcileTick")[0])
    assert alarm["TreatMissingData"] == "notBreaching"


def test_heartbeats_are_watched_only_while_schedules_run() -> None:
    alarms = resources("CloudWatch::Alarm")
    conditions = {each.get("Condition") for name, each in alarms.items() if name.endswith("Heartbeat")}

    assert conditions == {"SchedulesOn"}
    assert transformed()["Conditions"]["SchedulesOn"] == {"Fn::Equals": [{"Ref": "ScheduleState"}, "ENABLED"]}


def test_alarms_watch_the_namespace_that_functions_write_to() -> None:
    functions = resources("Lambda::Function").values()
    written: list[Any] = [
        each["Properties"]["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"] for each in functions
    ]
    watched = [properties(f"{of(name)}Heartbeat")["Namespace"] for name in SCHEDULES]

    assert all(namespace == {"Ref": "MetricsNamespace"} for namespace in written + watched)
    assert default("MetricsNamespace") == "Crossdock"


@pytest.mark.parametrize("name", sorted(resources("SQS::Queue")))
def test_a_queue_of_failures_is_encrypted_kept_for_two_weeks_and_watched(name: str) -> None:
    queue = properties(name)
    watched = [
        each["Properties"]["Dimensions"][0]["Value"].get("Fn::GetAtt", [""])[0]
        for each in resources("CloudWatch::Alarm").values()
        if each["Properties"]["Namespace"] == "AWS/SQS"
    ]

    none = {"Ref": "AWS::NoValue"}
    assert queue == {
        "SqsManagedSseEnabled": {"Fn::If": ["KeyGiven", none, True]},
        "KmsMasterKeyId": {"Fn::If": ["KeyGiven", {"Ref": "KeyArn"}, none]},
        "MessageRetentionPeriod": 14 * 24 * 3600,
    }
    assert watched.count(name) == 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_logs_to_a_group_of_its_own_that_forgets(name: str) -> None:
    group = properties(name)["LoggingConfig"]["LogGroup"]["Ref"]

    assert group == f"{name}Logs"
    assert properties(group)["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert properties(group)["KmsKeyId"] == {"Fn::If": ["KeyGiven", {"Ref": "KeyArn"}, {"Ref": "AWS::NoValue"}]}


def test_every_function_is_given_each_variable_that_the_code_reads() -> None:
    source = (ROOT / "layers/common/crossdock/runtime").rglob("*.py")
    read = {
        name for path in source for name in re.findall(r"""["']([A-Z]+(?:_[A-Z]+)+)["']""", path.read_text("utf-8"))
    }

    given = [set(each["Properties"]["Environment"]["Variables"]) for each in resources("Lambda::Function").values()]

    assert "ORDERS_TABLE" in read
    assert all(read - RUNTIME_GIVES <= variables for variables in given)


def test_a_hint_starts_the_download_unless_the_schedules_are_stopped() -> None:
    variables = properties("ReceiveTracking")["Environment"]["Variables"]

    assert variables["HINTED_FUNCTION"] == {"Fn::If": ["SchedulesOn", {"Ref": "DownloadOrders"}, ""]}


def test_no_copies_are_reserved_unless_asked_for() -> None:
    settings = [each["Properties"]["ReservedConcurrentExecutions"] for each in resources("Lambda::Function").values()]

    assert default("ReservedConcurrency") == 0
    assert all(
        each["Fn::If"][0] == "ConcurrencyReserved" and each["Fn::If"][2] == {"Ref": "AWS::NoValue"} for each in settings
    )
