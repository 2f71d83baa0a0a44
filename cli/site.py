"""A deployed stack as the commands see it, and what a command works with. Tests put fakes in their place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from cli.screen import Screen
from crossdock.dear.transport import Credentials
from crossdock.domain.errors import CrossdockError
from crossdock.domain.report import Report
from crossdock.domain.settings import Connection
from crossdock.domain.states import Step
from crossdock.ports import Checkpoints, Clock, Dear, Orders, Warehouse
from crossdock.wms.registry import WarehouseCredentials

type Secret = dict[str, object]
"""The JSON document of one secret."""


class Vault(Protocol):
    """The secrets of the stack's connections."""

    def name(self, connection: str, party: str) -> str:
        """The secret's name in Secrets Manager; `party` is dear, warehouse or webhook."""
        ...

    def read(self, connection: str, party: str) -> Secret | None: ...
    def write(self, connection: str, party: str, secret: Secret) -> None: ...

    def remove(self, connection: str, party: str) -> None:
        """Delete it for good and at once, if it is there: only to undo a first `write`."""
        ...


class InvocationFailed(CrossdockError):
    """A function that did not return a report. `log` says where its log is."""

    code = "invocation_failed"

    def __init__(self, problem: str, log: str) -> None:
        super().__init__(problem)
        self.log = log


class Invoker(Protocol):
    """The deployed step functions."""

    def invoke(self, step: Step, connection: str) -> list[Report]:
        """Run the step once and wait for its end. Raises InvocationFailed."""
        ...


@dataclass(frozen=True)
class Site:
    """One deployed stack, opened."""

    stack: str
    orders: Orders
    checkpoints: Checkpoints
    vault: Vault
    invoker: Invoker
    api_url: str
    dear: Callable[[Connection, Credentials], Dear]
    warehouse: Callable[[Connection, WarehouseCredentials], Warehouse]


@dataclass(frozen=True)
class Desk:
    """What every command has at hand. `ask` is a hidden prompt, None where no person sits at the terminal."""

    environment: Mapping[str, str]
    clock: Clock
    screen: Callable[[bool], Screen]
    open_site: Callable[[str], Site]
    ask: Callable[[str], str] | None
