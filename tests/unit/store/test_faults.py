"""DynamoDB's faults become Crossdock's errors."""

from typing import Any

import pytest
from botocore import exceptions as aws
from botocore.exceptions import ClientError

from crossdock.domain.errors import Interrupted, LostRace, NeedsPerson, Outcome, Unauthorised, Unreachable
from crossdock.store.conditions import IS_NEW
from crossdock.store.faults import dynamodb
from crossdock.store.keys import Key
from crossdock.store.writes import ConditionFailed, Write, transact

URL = "http://127.0.0.1:9"


def answer(code: str, status: int = 400, **more: Any) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(response, "PutItem")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (answer("ProvisionedThroughputExceededException"), Unreachable),
        (answer("ThrottlingException"), Unreachable),
        (answer("TransactionConflictException"), LostRace),
        (answer("AccessDeniedException"), Unauthorised),
        (answer("InternalServerError", 500), Interrupted),
        (answer("", 503), Interrupted),
        (aws.NoCredentialsError(), Unauthorised),
        (aws.ReadTimeoutError(endpoint_url=URL), Interrupted),
        (aws.ConnectionClosedError(endpoint_url=URL), Interrupted),
        (aws.HTTPClientError(error="cut"), Interrupted),
    ],
)
def test_a_fault_of_a_write_is_named(fault: Exception, error: type[Exception]) -> None:
    with pytest.raises(error) as raised, dynamodb("PutItem"):
        raise fault

    assert raised.value.__cause__ is fault


@pytest.mark.parametrize(
    "fault", [aws.EndpointConnectionError(endpoint_url=URL), aws.ConnectTimeoutError(endpoint_url=URL)]
)
def test_without_a_connection_a_read_did_nothing_but_a_write_may_have_arrived_earlier(fault: Exception) -> None:
    with pytest.raises(Unreachable) as reading, dynamodb("GetItem"):
        raise fault
    with pytest.raises(Interrupted) as writing, dynamodb("PutItem"):
        raise fault

    assert (reading.value.outcome, writing.value.outcome) == (Outcome.NOT_APPLIED, Outcome.UNKNOWN)


def test_a_mistake_of_ours_passes_as_it_is() -> None:
    mistake = answer("ValidationException")

    with pytest.raises(ClientError) as raised, dynamodb("PutItem"):
        raise mistake

    assert raised.value is mistake


class RefusingTable:
    """A table that cancels every transaction for the given reasons."""

    name = "orders"

    def __init__(self, *reasons: dict[str, Any]) -> None:
        self._reasons = list(reasons)
        self.meta = self
        self.client = self

    def transact_write_items(self, **_: Any) -> None:
        raise answer("TransactionCanceledException", CancellationReasons=self._reasons)


def too_large() -> NeedsPerson:
    return NeedsPerson("order_too_large", "too large")


WRITES = [Write(Key(name, "order"), IS_NEW, name) for name in ("first", "second")]
NONE = {"Code": "None"}


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ({"Code": "TransactionConflict"}, LostRace),
        ({"Code": "ThrottlingError"}, Unreachable),
        ({"Code": "ProvisionedThroughputExceeded"}, Unreachable),
        ({"Code": "ValidationError", "Message": "Item size to update has exceeded the limit"}, NeedsPerson),
        ({"Code": "ValidationError", "Message": "Type mismatch"}, ClientError),
    ],
)
def test_a_cancelled_transaction_tells_why(reason: dict[str, Any], error: type[Exception]) -> None:
    table: Any = RefusingTable(NONE, reason)

    with pytest.raises(error):
        transact(table, WRITES, too_large)


def test_a_failed_condition_is_told_with_the_item_that_stands_there() -> None:
    failed = {"Code": "ConditionalCheckFailed", "Item": {"version": {"N": "3"}}}
    table: Any = RefusingTable({"Code": "TransactionConflict"}, failed)

    with pytest.raises(ConditionFailed) as raised:
        transact(table, WRITES, too_large)

    assert (raised.value.write.what, raised.value.found) == ("second", {"version": 3})
