"""Storing a connection whole or not at all, and having sales judged again by changed settings."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cli.credentials import GivenSecrets
from cli.site import Secret, Site, Vault
from crossdock.domain.errors import LostRace
from crossdock.domain.settings import Connection
from crossdock.domain.states import Decision
from crossdock.domain.verdicts import held_by_person
from crossdock.rewinding import rewind

TRIES = 5
"""Of a write that a running step may overtake."""


@dataclass(frozen=True)
class Stored:
    """What was done to secrets, by party, and to settings. `judges_again`: stopped sales put back, if those changed."""

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


def store(site: Site, connection: Connection, given: GivenSecrets, now: datetime) -> Stored:
    """Secrets first, then the connection, for steps run as soon as it stands; what failed half-way is undone."""
    before = site.checkpoints.connection(connection.name)
    secrets = _Secrets(site.vault, connection.name)
    with ExitStack() as undoing:
        for party, document in given.documents().items():
            secrets.put(party, document, undoing)
        if connection != before:
            site.checkpoints.save_connection(connection)
        undoing.pop_all()
    told = "created" if before is None else "kept" if connection == before else "replaced"
    changed = before is not None and (before.settings, before.dear) != (connection.settings, connection.dear)
    return Stored(
        created=tuple(secrets.created),
        replaced=tuple(secrets.replaced),
        kept=tuple(secrets.kept),
        connection=told,
        judges_again=_judge_again(site, connection.name, now) if changed else None,
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


def _judge_again(site: Site, connection: str, now: datetime) -> int:
    """Have the next download list every sale, and put those that wait for a person back; how many these are."""
    rewind(site.checkpoints, connection, None)
    stopped = [
        entry for decision in (Decision.HELD, Decision.ERROR) for entry in site.orders.list_sales(connection, decision)
    ]
    return sum(_put_back(site, connection, entry.sale_id, now) for entry in stopped)


def _put_back(site: Site, connection: str, sale_id: str, now: datetime) -> bool:
    for _ in range(TRIES):
        entry = site.orders.sale(connection, sale_id)
        if entry is None or entry.decision not in {Decision.HELD, Decision.ERROR} or held_by_person(entry):
            return False
        try:
            site.orders.save_sale(entry.decided(Decision.PENDING, now))
        except LostRace:
            continue
        return True
    return False
