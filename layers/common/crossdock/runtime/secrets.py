"""The secrets of a connection, one Secrets Manager entry per party, cached for a short time."""

from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError, TransformParameterError

from crossdock.dear.transport import Credentials
from crossdock.domain.errors import Unauthorised
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
        return WarehouseCredentials(token=str(found["token"]))

    def webhook(self, connection: str) -> tuple[str, ...]:
        """The secrets that a push may be signed with; several while one is rotated."""
        secrets = self._read(connection, "webhook")["secrets"]
        return tuple(str(secret) for secret in secrets) if isinstance(secrets, list) else ()

    def _read(self, connection: str, party: str, *, fresh: bool = False) -> dict[str, object]:
        name = f"{self._prefix}/{connection}/{party}"
        try:
            found = parameters.get_secret(name, transform="json", max_age=CACHE_SECONDS, force_fetch=fresh)
        except (GetParameterError, TransformParameterError) as error:
            text = f"the secret {name} cannot be read ({type(error).__name__}): run `crossdock connect` again"
            raise Unauthorised("Secrets Manager", "GetSecretValue", text) from None
        if not isinstance(found, dict):
            raise Unauthorised("Secrets Manager", "GetSecretValue", f"the secret {name} is not what it should be")
        return found
