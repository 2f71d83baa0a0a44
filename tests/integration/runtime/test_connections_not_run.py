"""A connection that the schedule's run cannot start, or leaves out, fails the invocation: else nothing tells of it."""

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from crossdock.domain.states import Step
from crossdock.runtime.handler import RunFailed
from tests.integration.runtime.lambdas import Lambdas


def break_settings(lambdas: Lambdas, name: str, *, active: bool = True) -> None:
    """As an update does that no longer takes one of the settings."""
    item = lambdas.checkpoints_table.get_item(Key={"pk": "connections", "sk": name})["Item"]
    settings = {**item["settings"], "a_setting_of_before": "marked-value"}
    lambdas.checkpoints_table.put_item(Item={**item, "settings": settings, "active": active})


def started(lambdas: Lambdas, step: Step) -> list[str]:
    invoked = [arguments for service, _, arguments in lambdas.calls[step] if service == "lambda"]
    return [arguments["Payload"].decode() for arguments in invoked]


def test_a_connection_that_lambda_does_not_start_fails_the_run_once_the_others_are_started(
    lambdas: Lambdas, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "three", "two"):
        lambdas.connect(name)
    real = BaseClient._make_api_call

    def refusing(client, operation, arguments):
        if operation == "Invoke" and b"one" in arguments["Payload"]:
            raise ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "rate"}}, operation)
        return real(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", refusing)
    with pytest.raises(RunFailed, match=r"^one was not started$"):
        lambdas.run(Step.DELIVER_ORDERS)

    assert started(lambdas, Step.DELIVER_ORDERS) == ['{"connection": "three"}', '{"connection": "two"}']
    assert "Heartbeat" in lambdas.printed.getvalue()


@pytest.mark.parametrize("others", [("one",), ("one", "three")])
def test_a_connection_whose_settings_no_longer_pass_fails_the_run_once_the_others_are_started(
    lambdas: Lambdas, others: tuple[str, ...]
) -> None:
    for name in (*others, "two"):
        lambdas.connect(name)
    break_settings(lambdas, "two")

    with pytest.raises(RunFailed, match=r"^two is left out, as its settings do not pass$"):
        lambdas.run(Step.DELIVER_ORDERS)

    assert len(started(lambdas, Step.DELIVER_ORDERS)) == (len(others) if len(others) > 1 else 0)
    assert bool(lambdas.checkpoints.reports("one")) == (len(others) == 1)
    assert "Heartbeat" in lambdas.printed.getvalue()
    assert "marked-value" not in lambdas.printed.getvalue()


@pytest.mark.parametrize(("event", "active"), [({"connection": "one"}, True), ({}, False)])
def test_a_run_for_another_connection_and_one_that_is_not_active_fail_nothing(
    lambdas: Lambdas, event: dict[str, str], active: bool
) -> None:
    lambdas.connect("one")
    lambdas.connect("two")
    break_settings(lambdas, "two", active=active)

    (report,) = lambdas.run(Step.DELIVER_ORDERS, event)

    assert report["connection"] == "one"
