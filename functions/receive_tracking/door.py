"""Who may come in: a signed message for a connection that exists. Everyone else learns nothing, not even names."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from secrets import token_bytes
from typing import Protocol

from pydantic import TypeAdapter, ValidationError

from crossdock.domain.errors import NotFound, Unauthorised
from crossdock.domain.settings import Name
from crossdock.ports import Checkpoints, Clock
from receive_tracking.signature import SECRET_PREFIX, BadSecret, BadSignature, verify

_NAME = TypeAdapter(Name)


class WebhookSecrets(Protocol):
    """Where the secrets of a connection are kept."""

    def webhook(self, connection: str) -> tuple[str, ...]:
        """The secrets that a push may be signed with. Raises NotFound or Unauthorised when there are none."""
        ...


class Door:
    """Checks the signature of every message; without a connection it does the same work on a secret nobody has."""

    def __init__(
        self,
        checkpoints: Checkpoints,
        secrets: WebhookSecrets,
        clock: Clock,
        *,
        troubled: Callable[[str, str], None],
    ) -> None:
        self._checkpoints, self._secrets, self._clock = checkpoints, secrets, clock
        self._troubled = troubled
        """Told (connection, what is wrong) where our own side has no usable secret: the caller must not know."""
        self._decoy = (SECRET_PREFIX + b64encode(token_bytes(32)).decode(),)

    def let_in(self, connection: str, headers: Mapping[str, str], body: bytes) -> str:
        """The webhook id of a genuine message, or BadSignature."""
        secrets = self._secrets_of(connection)
        try:
            return verify(headers, body, secrets or self._decoy, self._clock.now())
        except BadSecret as bad:
            self._troubled(connection, str(bad))
            raise BadSignature from bad

    def _secrets_of(self, connection: str) -> tuple[str, ...]:
        if not self._is_known(connection):
            return ()
        try:
            return self._secrets.webhook(connection)
        except (NotFound, Unauthorised) as missing:
            self._troubled(connection, str(missing))
            return ()

    def _is_known(self, connection: str) -> bool:
        """Whether there is such a connection; asking for the secrets of any name would let strangers spend calls."""
        try:
            _NAME.validate_python(connection)
        except ValidationError:
            return False
        return self._checkpoints.connection(connection) is not None
