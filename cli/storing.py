"""Storing a connection whole or not at all; sales are judged again by changed settings."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta

from cli.credentials import GivenSecrets
from cli.site import Secret, Site, Vault
from crossdock.domain.settings import Connection
from crossdock.domain.states import Decision
from crossdock.domain.verdicts import held_by_person
from crossdock.rewinding import rewind


@dataclass(frozen=True)
class Stored:
    """What was done to secrets, by party, and to settings. `judges_again`: sales stopped by those that changed."""

    created: tuple[str, ...]
    replaced: tuple[str, ...]
    kept: tuple[str, ...]
    connection: str
    judges_again: int | None


def dated(connection: Connection, before: Connection | None, today: date) -> Connection:
    """With the earliest order date that a file without one means: the stored one, for a new connection yesterday.

    So a first download does not load the account's whole past. `before`: the connection as it is stored; `today`: UTC.
    """
    if connection.settings.earliest_order_date is not None:
        return connection
    earliest = before.settings.earliest_order_date if before else today - timedelta(days=1)
    return connection.model_copy(
        update={"settings": connection.settings.model_copy(update={"earliest_order_date": earliest})}
    )


def store(site: Site, connection: Connection, given: GivenSecrets) -> Stored:
    """Secrets first, then the connection, for steps run as soon as it stands; what failed half-way is undone.

    Before settings change the list is set back, for what waits for a whole list is to wait for the new one. The rest
    is the download's: it sees that it went by others.
    """
    before = site.checkpoints.connection(connection.name)
    changed = before is not None and (before.settings, before.dear) != (connection.settings, connection.dear)
    judges_again = _stopped(site, connection.name) if changed else None
    secrets = _Secrets(site.vault, connection.name)
    with ExitStack() as undoing:
        for party, document in given.documents().items():
            secrets.put(party, document, undoing)
        if changed:
            rewind(site.checkpoints, connection.name, None, judged_by=before)
        if connection != before:
            site.checkpoints.save_connection(connection)
        undoing.pop_all()
    told = "created" if before is None else "kept" if connection == before else "replaced"
    return Stored(
        created=tuple(secrets.created),
        replaced=tuple(secrets.replaced),
        kept=tuple(secrets.kept),
        connection=told,
        judges_again=judges_again,
    )


class _Secrets:
    """The secrets of one connection while they are written, and what was done to each."""

    def __init__(self, vault: Vault, connection: str) -> None:
        self._vault, self._connection = vault, connection
        self.created: list[str] = []
        self.replaced: list[str] = []
        self.kept: list[str] = []

    def put(self, party: str, document: Secret, undoing: ExitStack) -> None:
        """Write the secret if it changes. How to undo it is noted first: a write may fail and be done all the same."""
        before = self._vault.read(self._connection, party)
        if before == document:
            self.kept.append(party)
            return
        if before is None:
            undoing.callback(self._vault.remove, self._connection, party)
        else:
            undoing.callback(self._vault.write, self._connection, party, before)
        self._vault.write(self._connection, party, document)
        (self.created if before is None else self.replaced).append(party)


def _stopped(site: Site, connection: str) -> int:
    """How many sales wait for a person who has not stopped them: other settings may mend them."""
    stopped = (
        entry for decision in (Decision.HELD, Decision.ERROR) for entry in site.orders.list_sales(connection, decision)
    )
    return sum(not held_by_person(entry) for entry in stopped)
