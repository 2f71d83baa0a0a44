"""The secrets of a connection, one Secrets Manager entry per party, cached for a short time."""

from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError, TransformParameterError
from botocore.exceptions import ClientError

from crossdock.dear.transport import Credentials
from crossdock.domain.errors import CrossdockError, NotFound, Unreachable
from crossdock.wms.registry import WarehouseCredentials

CACHE_SECONDS = 300


class Secrets:
    """Secrets named `<prefix>/<connection>/dear`, `/warehouse` and `/webhook`."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def dear(self, connection: str, *, fresh: bool = False) -> Credentials:
        found = self._read(connection, "dear", fresh=fresh)
        return Credentials(account_id=str(found["account_id"]), api_key=str(found["api_key"]))

    def warehouse(self, connection: str) -> WarehouseCredentials:
        found = self._read(connection, "warehouse")
        return WarehouseCredentials(
            **{part: str(found[part]) for part in ("token", "user", "password") if part in found}
        )

    def webhook(self, connection: str) -> tuple[str, ...]:
        """The secrets that a push may be signed with; several while one is rotated."""
        secrets = self._read(connection, "webhook")["secrets"]
        return tuple(str(secret) for secret in secrets) if isinstance(secrets, list) else ()

    def _read(self, connection: str, party: str, *, fresh: bool = False) -> dict[str, object]:
        name = f"{self._prefix}/{connection}/{party}"
        try:
            found = parameters.get_secret(name, transform="json", max_age=CACHE_SECONDS, force_fetch=fresh)
        except TransformParameterError:
            raise _unusable(name) from None
        except GetParameterError as error:
            raise _explained(name, error) from None
        if not isinstance(found, dict):
            raise _unusable(name)
        return found


def _explained(name: str, error: GetParameterError) -> CrossdockError:
    """Absent and forbidden look the same here: IAM hides a secret that does not exist."""
    cause = error.__cause__ or error.__context__
    code = cause.response["Error"]["Code"] if isinstance(cause, ClientError) else ""
    if code in {"ResourceNotFoundException", "AccessDeniedException", "InvalidRequestException"}:
        text = f"the secret {name} is not there, or may not be read: run `crossdock connect` again"
        return NotFound("Secrets Manager", "GetSecretValue", text)
    return Unreachable(
        "Secrets Manager", "GetSecretValue", f"the secret {name} could not be read ({code or 'no answer'})"
    )


def _unusable(name: str) -> CrossdockError:
    text = f"the secret {name} is not the JSON document that it should be: run `crossdock connect` again"
    return NotFound("Secrets Manager", "GetSecretValue", text)
