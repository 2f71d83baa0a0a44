"""Who may come in: a signed message for a connection that exists, or DEAR with its token. All else learn nothing."""

import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Protocol

from crossdock.domain.errors import Interrupted, NotFound, Unauthorised, Unreachable
from crossdock.ports import Checkpoints, Clock
from receive_tracking.signature import SECRET_PREFIX, BadSecret, BadSignature, key_of, verify

KNOWN_FOR = timedelta(minutes=5)
"""After so long the secrets are read again."""
DOUBTED_AFTER = timedelta(seconds=10)
"""What is this old is read again when someone is not let in: a secret may be new. So strangers spend few calls."""

_BEARER = "Bearer "


class WebhookSecrets(Protocol):
    """Where the secrets of a connection are kept. Both raise NotFound or Unauthorised when there are none."""

    def webhook(self, connection: str, at: datetime, *, fresh: bool = False) -> tuple[str, ...]:
        """The secrets that a push may be signed with at this time."""
        ...

    def dear_token(self, connection: str) -> str | None:
        """The token that DEAR's own webhooks carry, as `webhook` found it last."""
        ...


class Log(Protocol):
    """The log of one connection."""

    def warning(self, event: str, **facts: object) -> None: ...


@dataclass(frozen=True)
class _Keys:
    """What opens the door for one connection."""

    secrets: tuple[str, ...] = field(repr=False)
    token: str = field(repr=False)


class Door:
    """Checks every message against the keys of its connection, or against keys that nobody has.

    The keys of all connections are read together, whoever asked: how long an answer takes tells nothing of a name.
    Raises Unreachable where the caller is to try again.
    """

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
        self._decoy = _Keys((SECRET_PREFIX + b64encode(token_bytes(32)).decode(),), token_bytes(32).hex())
        self._known: dict[str, _Keys] | None = None
        self._sure = True
        self._read_at = clock.now()

    def let_in(self, connection: str, headers: Mapping[str, str], body: bytes) -> str:
        """The webhook id of a genuine message, or BadSignature."""

        def check(keys: _Keys) -> str:
            return verify(headers, body, keys.secrets, self._clock.now())

        return self._tried(check, connection)

    def let_dear_in(self, connection: str, headers: Mapping[str, str]) -> None:
        """Nothing, where the headers carry the token that DEAR was given for this connection; else BadSignature."""
        given = next((value for name, value in headers.items() if name.lower() == "authorization"), "")

        def check(keys: _Keys) -> str:
            if not hmac.compare_digest(given.encode(errors="replace"), (_BEARER + keys.token).encode()):
                raise BadSignature
            return connection

        self._tried(check, connection)

    def _tried(self, check: Callable[[_Keys], str], connection: str) -> str:
        """What the check says. While not all keys could be read, nobody is turned away for good, whatever the name.

        They may be the caller's; and an answer of their own for those they belong to would tell who exists.
        """
        try:
            return self._checked(check, connection)
        except BadSignature:
            if self._sure:
                raise
        raise Unreachable("Secrets Manager", "GetSecretValue", "not every webhook secret could be read")

    def _checked(self, check: Callable[[_Keys], str], connection: str) -> str:
        """What the check says; where it says no, once more with keys that were read again, if these are old."""
        self._read_if_older(KNOWN_FOR)
        try:
            return check(self._keys_of(connection))
        except BadSignature:
            if not self._read_if_older(DOUBTED_AFTER):
                raise
        return check(self._keys_of(connection))

    def _keys_of(self, connection: str) -> _Keys:
        return (self._known or {}).get(connection, self._decoy)

    def _read_if_older(self, age: timedelta) -> bool:
        """Read the keys of every connection, if they were last read so long ago; whether they were.

        Keys that cannot be read now stay as they were.
        """
        now = self._clock.now()
        if self._known is not None and now - self._read_at < age:
            return False
        before = self._known or {}
        try:
            found = {name: self._keys(name, now) for name in self._checkpoints.connection_names()}
        except (Unreachable, Interrupted) as away:
            if self._known is None:
                raise
            self._log("").warning("the connections could not be read", why=str(away))
            self._sure = False
        else:
            self._known = {name: keys or before.get(name, self._decoy) for name, keys in found.items()}
            self._sure = None not in found.values()
        self._read_at = now
        return True

    def _keys(self, connection: str, now: datetime) -> _Keys | None:
        """The connection's keys, None where they cannot be read now.

        What is missing or of no use stays the decoy's: we must learn of it, no caller.
        """
        try:
            given = self._secrets.webhook(connection, now, fresh=True)
            token = self._secrets.dear_token(connection)
        except (NotFound, Unauthorised) as missing:
            self._log(connection).warning("no usable webhook secret", why=str(missing))
            return self._decoy
        except (Unreachable, Interrupted) as away:
            self._log(connection).warning("the webhook secret could not be read", why=str(away))
            return None
        usable = tuple(secret for secret in given if self._is_usable(connection, secret))
        return _Keys(usable or self._decoy.secrets, token or self._decoy.token)

    def _is_usable(self, connection: str, secret: str) -> bool:
        try:
            key_of(secret)
        except BadSecret as bad:
            self._log(connection).warning("no usable webhook secret", why=str(bad))
            return False
        return True
