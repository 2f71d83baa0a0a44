"""DynamoDB's faults as Crossdock's errors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from botocore import exceptions as aws
from botocore.exceptions import ClientError

from crossdock.domain.errors import CrossdockError, Interrupted, LostRace, Unauthorised, Unreachable

SYSTEM = "DynamoDB"
CONDITION_FAILED = "ConditionalCheckFailedException"
CANCELED = "TransactionCanceledException"

WRITES = frozenset({"PutItem", "UpdateItem", "TransactWriteItems"})
_THROTTLES = frozenset(
    {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "Throttling"}
)
_CONFLICTS = frozenset({"TransactionConflictException", "TransactionInProgressException"})
_NOT_ALLOWED = frozenset(
    {
        "AccessDeniedException", "ExpiredTokenException", "InvalidSignatureException", "ResourceNotFoundException",
        "UnrecognizedClientException",
    }
)  # fmt: skip
_SERVER_FAULT = 500

_reader = TypeDeserializer()


@contextmanager
def dynamodb(call: str) -> Iterator[None]:
    """Translate what the call raises. A failed condition, a cancelled transaction and a bug pass as they are."""
    try:
        yield
    except ClientError as answer:
        if (error := _translated(answer, call)) is not None:
            raise error from answer
        raise
    except aws.NoCredentialsError as missing:
        raise Unauthorised(SYSTEM, call, "no AWS credentials were found") from missing
    except (aws.EndpointConnectionError, aws.ConnectTimeoutError) as fault:
        # botocore tries several times: of a write, an earlier try may have arrived.
        kind = Interrupted if call in WRITES else Unreachable
        raise kind(SYSTEM, call, type(fault).__name__) from fault
    except (aws.ConnectionError, aws.HTTPClientError) as fault:
        raise Interrupted(SYSTEM, call, type(fault).__name__) from fault


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def is_too_large(text: str) -> bool:
    """Whether a refusal says that an item exceeds what DynamoDB takes."""
    return "size" in text.lower() and "exceed" in text.lower()


def plain(item: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """An item of an error answer, which boto3 leaves in DynamoDB's own notation."""
    return {name: _reader.deserialize(value) for name, value in item.items()} if item else None


def throttled(call: str) -> Unreachable:
    """What is raised when DynamoDB still throttles after botocore's own tries: nothing was applied."""
    return Unreachable(SYSTEM, call, "too many requests")


def _translated(answer: ClientError, call: str) -> CrossdockError | None:
    code = code_of(answer)
    status = int(answer.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _THROTTLES:
        return throttled(call)
    if code in _CONFLICTS:
        return LostRace("the item")
    if code in _NOT_ALLOWED:
        return Unauthorised(SYSTEM, call, code, status=status)
    if status >= _SERVER_FAULT:
        return Interrupted(SYSTEM, call, code or "a fault on their side", status=status)
    return None
