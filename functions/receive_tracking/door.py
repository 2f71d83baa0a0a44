"""Who may come in: a signed message for a connection that exists. Everyone else learns nothing, not even names."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from secrets import token_bytes
from typing import Protocol

from pydantic import TypeAdapter, ValidationError

from crossdock.domain.errors import NotFound, SettingsInvalid, Unauthorised
from crossdock.domain.settings import Name
from crossdock.ports import Checkpoints, Clock
from receive_tracking.signature import SECRET_PREFIX, BadSecret, BadSignature, verify

_NAME = TypeAdapter(Name)


class WebhookSecrets(Protocol):
    """Where the secrets of a connection are kept."""

    def webhook(self, connection: str) -> tuple[str, ...]:
        """The secrets that a push may be signed with. Raises NotFound or Unauthorised when there are none."""
        ...


class Log(Protocol):
    """The log of one connection."""

    def warning(self, event: str, **facts: object) -> None: ...


class Door:
    """Checks the signature of every message; without a connection it does the same work on a secret nobody has."""

    def __init__(
        self,
        checkpoints: Checkpoints,
        secrets: WebhookSecrets,
        clock: Clock,
        *,
        log: Callable[[str], Log],
    ) -> None:
        self._checkpoints, self._secrets, self._clock = checkpoints, secrets, clock
        self._log = log
        self._decoy = (SECRET_PREFIX + b64encode(token_bytes(32)).decode(),)

    def let_in(self, connection: str, headers: Mapping[str, str], body: bytes) -> str:
        """The webhook id of a genuine message, or BadSignature."""
        secrets = self._secrets_of(connection)
        try:
            return verify(headers, body, secrets or self._decoy, self._clock.now())
        except BadSecret as bad:
            self._log(connection).warning("no usable webhook secret", why=str(bad))
            raise BadSignature from bad

    def _secrets_of(self, connection: str) -> tuple[str, ...]:
        if not self._is_known(connection):
            return ()
        try:
            return self._secrets.webhook(connection)
        except (NotFound, Unauthorised) as missing:
            # The caller must not learn that the connection exists; we must learn that it cannot be reached.
            self._log(connection).warning("no usable webhook secret", why=str(missing))
            return ()

    def _is_known(self, connection: str) -> bool:
        """Whether there is such a connection; asking for the secrets of any name would let strangers spend calls."""
        try:
            _NAME.validate_python(connection)
            return self._checkpoints.connection(connection) is not None
        except ValidationError:
            return False
        except SettingsInvalid:
            # It exists; its signatures do not depend on its settings.
            return True
