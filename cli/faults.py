"""What goes wrong, told to a person: one message, what to do about it, and the exit code."""

from collections.abc import Mapping
from typing import Any

from botocore import exceptions as aws

from crossdock.domain.errors import BudgetSpent, CrossdockError, OutsideError, SettingsInvalid, Unauthorised

FINE = 0
WRONG_USE = 1
REFUSED = 2
TIMED_OUT = 3
INTERRUPTED = 130
"""As a shell reports a program that Ctrl-C ended."""

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_NOT_ALLOWED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_NOT_KNOWN = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException"}
)
_SIGN_IN = "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws sts get-caller-identity` tests them."


class Complaint(Exception):
    """What a command ends with when it cannot go on: the problem, the mend, and the exit code."""

    def __init__(self, problem: str, mend: str = "", *, code: int = WRONG_USE) -> None:
        super().__init__(problem)
        self.problem, self.mend, self.code = problem, mend, code


def complaint_of(error: Exception, endpoint: str | None) -> Complaint:
    """Any error as a complaint. `endpoint` is AWS_ENDPOINT_URL, where one is set."""
    if isinstance(error, Complaint):
        return error
    if isinstance(error, CrossdockError):
        return _from_the_domain(error, endpoint)
    if isinstance(error, aws.ClientError):
        return _from_aws(error)
    if isinstance(error, aws.BotoCoreError):
        return _from_botocore(error, endpoint)
    kind = type(error).__name__
    mend = "This is a fault in crossdock, please report it. CROSSDOCK_DEBUG=1 shows where it happened."
    return Complaint(f"Something unexpected happened ({kind}).", mend, code=REFUSED)


def _from_the_domain(error: CrossdockError, endpoint: str | None) -> Complaint:
    if isinstance(error, SettingsInvalid):
        return Complaint(str(error), "Mend the connection file and run `crossdock connect` with it again.")
    if isinstance(error, BudgetSpent):
        return Complaint(str(error).capitalize() + ".", "Other steps are using DEAR now: try again then.", code=REFUSED)
    if isinstance(error, OutsideError) and error.system == "DynamoDB":
        mend = _SIGN_IN if isinstance(error, Unauthorised) else _is_it_there(endpoint)
        return Complaint(str(error), mend, code=REFUSED)
    return Complaint(str(error), code=REFUSED)


def _from_aws(error: aws.ClientError) -> Complaint:
    response: Mapping[str, Any] = error.response
    code = str(response.get("Error", {}).get("Code", ""))
    call = str(error.operation_name)
    if code in _EXPIRED:
        return Complaint("The AWS credentials have expired.", "Sign in again, then repeat the command.", code=REFUSED)
    if code in _NOT_ALLOWED:
        mend = "Use credentials that may do so, or ask who runs the AWS account."
        return Complaint(f"AWS does not allow these credentials to call {call}.", mend, code=REFUSED)
    if code in _NOT_KNOWN:
        return Complaint("AWS does not accept the credentials.", _SIGN_IN, code=REFUSED)
    return Complaint(
        f"AWS refused {call} ({code or 'no code'}).", "Try again; if it stays, see the stack.", code=REFUSED
    )


def _from_botocore(error: aws.BotoCoreError, endpoint: str | None) -> Complaint:
    if isinstance(error, aws.NoCredentialsError | aws.PartialCredentialsError):
        return Complaint("No AWS credentials were found.", _SIGN_IN, code=REFUSED)
    if isinstance(error, aws.NoRegionError):
        return Complaint("No AWS region is set.", "Set AWS_REGION, such as AWS_REGION=eu-west-1.", code=REFUSED)
    if isinstance(error, aws.ProfileNotFound):
        return Complaint(f"{error}.", "Set AWS_PROFILE to one that `aws configure list-profiles` shows.", code=REFUSED)
    if isinstance(error, aws.ConnectionError | aws.HTTPClientError):
        where = endpoint or "AWS"
        return Complaint(f"{where} does not answer ({type(error).__name__}).", _is_it_there(endpoint), code=REFUSED)
    return Complaint(f"AWS could not be asked ({type(error).__name__}).", _SIGN_IN, code=REFUSED)


def _is_it_there(endpoint: str | None) -> str:
    if endpoint:
        return f"AWS_ENDPOINT_URL is {endpoint}. Is the local cloud running? Start it with `make up`."
    return "Check the network and AWS_REGION. For the local cloud, set AWS_ENDPOINT_URL as `make up` tells."
