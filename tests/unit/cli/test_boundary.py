"""Whatever goes wrong reaches a person as one message with a mend, and a script as an exit code."""

import pytest
from botocore import exceptions as aws

from crossdock.domain.errors import Interrupted, Unauthorised
from tests.unit.cli.fakes import Stack


def answered(code: str) -> aws.ClientError:
    return aws.ClientError({"Error": {"Code": code, "Message": "hush"}}, "DescribeStacks")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (aws.NoCredentialsError(), "No AWS credentials were found."),
        (aws.NoRegionError(), "Set AWS_REGION"),
        (aws.ProfileNotFound(profile="nobody"), "AWS_PROFILE"),
        (aws.EndpointConnectionError(endpoint_url="http://x"), "make up"),
        (answered("ExpiredToken"), "The AWS credentials have expired."),
        (answered("AccessDenied"), "AWS does not allow these credentials to call DescribeStacks."),
        (answered("InvalidClientTokenId"), "AWS does not accept the credentials."),
        (answered("Throttling"), "AWS refused DescribeStacks (Throttling)."),
        (Unauthorised("DynamoDB", "Query", "no AWS credentials were found"), "AWS_PROFILE"),
        (Interrupted("DynamoDB", "Query", "EndpointConnectionError"), "make up"),
        (RuntimeError("hush"), "Something unexpected happened (RuntimeError)."),
    ],
)
def test_every_fault_is_one_message(stack: Stack, fault: Exception, told: str) -> None:
    stack.fault = fault
    stack.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:4566"

    ended = stack.run("orders")

    assert ended.code == 2
    assert told in ended.err
    assert "hush" not in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def test_without_an_endpoint_the_network_is_named(stack: Stack) -> None:
    stack.fault = aws.ConnectTimeoutError(endpoint_url="https://cloudformation.example.com")

    assert "Check the network and AWS_REGION." in stack.run("orders").err


@pytest.mark.parametrize(
    "arguments", [("orders", "--colour"), ("order",), ("dance",), ("tick", "--timeout", "soon"), ("connect",)]
)
def test_wrong_use_ends_with_one_and_names_the_help(stack: Stack, arguments: tuple[str, ...]) -> None:
    ended = stack.run(*arguments)

    assert ended.code == 1
    assert "--help" in ended.err
    assert stack.opened == []


def test_help_is_shown_when_nothing_is_asked(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    ended = stack.run()

    assert ended.code == 0
    shown = capsys.readouterr().out
    for command in ("connect", "connections", "orders", "order", "ledger", "tick"):
        assert command in shown


def test_the_stack_is_chosen_by_option_or_variable(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.run("connections")
    monkeypatch.setenv("CROSSDOCK_STACK", "from-the-variable")
    stack.run("connections")
    stack.run("connections", "--stack", "from-the-option")

    assert stack.opened == ["crossdock", "from-the-variable", "from-the-option"]
