"""The secrets of a connection, one Secrets Manager entry per party, cached for a short time."""

from datetime import datetime

from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError, TransformParameterError
from botocore.exceptions import ClientError

from crossdock.dear.transport import Credentials
from crossdock.domain.errors import CrossdockError, NotFound, SettingsInvalid, Unreachable
from crossdock.wms.registry import WarehouseCredentials

CACHE_SECONDS = 300


class Secrets:
    """Secrets named `<prefix>/<connection>/dear`, `/warehouse` and `/webhook`.

    One that is not what it should be is an error of Secrets Manager: it ends the run, and is no fault of an item.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def dear(self, connection: str, *, fresh: bool = False) -> Credentials:
        found = self._read(connection, "dear", fresh=fresh)
        try:
            return Credentials(account_id=str(found["account_id"]), api_key=str(found["api_key"]))
        except KeyError:
            raise _unusable(self._name(connection, "dear")) from None

    def warehouse(self, connection: str, *, fresh: bool = False) -> WarehouseCredentials:
        found = self._read(connection, "warehouse", fresh=fresh)
        given = {part: str(found[part]) for part in ("token", "user", "password") if part in found}
        try:
            return WarehouseCredentials(**given)
        except SettingsInvalid:
            raise _unusable(self._name(connection, "warehouse")) from None

    def webhook(self, connection: str, at: datetime, *, fresh: bool = False) -> tuple[str, ...]:
        """The secrets that a push may be signed with at this time; several while one is rotated."""
        found = self._read(connection, "webhook", fresh=fresh)
        try:
            return webhook_secrets(found, at)
        except (TypeError, ValueError):
            raise _unusable(self._name(connection, "webhook")) from None

    def dear_token(self, connection: str) -> str | None:
        """The token that DEAR's own webhooks carry, where one was made."""
        token = self._read(connection, "webhook").get("dear_token")
        return str(token) if token else None

    def _read(self, connection: str, party: str, *, fresh: bool = False) -> dict[str, object]:
        name = self._name(connection, party)
        try:
            found = parameters.get_secret(name, transform="json", max_age=CACHE_SECONDS, force_fetch=fresh)
        except TransformParameterError:
            raise _unusable(name) from None
        except GetParameterError as error:
            raise _explained(name, error) from None
        if not isinstance(found, dict):
            raise _unusable(name)
        return found

    def _name(self, connection: str, party: str) -> str:
        return f"{self._prefix}/{connection}/{party}"


def webhook_secrets(document: dict[str, object], at: datetime) -> tuple[str, ...]:
    """The signing secrets of a webhook document: `secrets`, and of `old` what its time has not run out for.

    `{"secrets": [TEXT, ...], "old": [{"secret": TEXT, "until": TIME}, ...], "dear_token": TEXT}`
    """
    current, old = document.get("secrets"), document.get("old")
    kept = [each for each in old if isinstance(each, dict)] if isinstance(old, list) else []
    still = [str(each.get("secret")) for each in kept if datetime.fromisoformat(str(each.get("until"))) > at]
    return (*(str(each) for each in current), *still) if isinstance(current, list) else tuple(still)


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
