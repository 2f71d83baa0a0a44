"""What a warehouse asks us for at its door."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

from crossdock.domain.errors import SettingsInvalid


@dataclass(frozen=True)
class WarehouseCredentials:
    """A bearer token, or a user and password for Basic; neither is ever shown. Raises SettingsInvalid."""

    token: str = field(default="", repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        problems = tuple(self._problems())
        if problems:
            raise SettingsInvalid(problems)

    def _problems(self) -> list[tuple[str, str]]:
        problems = []
        if bool(self.token) == bool(self.user):
            problems.append(("credentials", "give either a token or a user with a password"))
        if not (self.token.isascii() and self.token.isprintable()) or " " in self.token:
            problems.append(("token", "has a space, a line break or a letter outside of ASCII in it"))
        if ":" in self.user or not (self.user + self.password).isprintable():
            problems.append(("user", "has a colon in it, or a line break stands in it or in the password"))
        return problems

    @property
    def hidden(self) -> tuple[str, ...]:
        """What must show nowhere, should the warehouse repeat it; the longest first, as one may contain another."""
        sent = self.authorization.partition(" ")[2]
        return tuple(sorted(filter(None, {self.token, self.password, sent}), key=len, reverse=True))

    @property
    def authorization(self) -> str:
        """The value of the Authorization header."""
        if self.token:
            return f"Bearer {self.token}"
        return "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode()


type Refresh = Callable[[], WarehouseCredentials]
"""Reads the credentials afresh, past every cache."""
