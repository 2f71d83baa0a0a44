"""The door: only a signed message for a connection that exists comes in."""

from base64 import b64encode
from datetime import datetime
from typing import Any, cast

import pytest
from standardwebhooks import Webhook

from crossdock.domain.errors import NotFound, SettingsInvalid, Unauthorised
from crossdock.domain.settings import Connection
from crossdock.ports import Checkpoints
from receive_tracking import door as door_module
from receive_tracking.door import Door
from receive_tracking.signature import BadSignature
from tests.unit.receive_tracking.fakes import NOW, MemoryCheckpoints, StoppedClock

SECRET = "whsec_" + b64encode(b"k" * 32).decode()
BODY = "{}"


class MemorySecrets:
    def __init__(self, **secrets: tuple[str, ...]) -> None:
        self.secrets = secrets
        self.asked: list[str] = []
        self.fault: Exception = NotFound("Secrets Manager", "GetSecretValue", "no such secret")

    def webhook(self, connection: str) -> tuple[str, ...]:
        self.asked.append(connection)
        if connection not in self.secrets:
            raise self.fault
        return self.secrets[connection]


class ListLog:
    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, object]]] = []

    def __call__(self, connection: str) -> "ListLog":
        self.lines.append((connection, {}))
        return self

    def warning(self, event: str, **facts: object) -> None:
        self.lines.append((event, facts))


def signed() -> dict[str, str]:
    signature = Webhook(SECRET).sign("msg_1", NOW, BODY)
    timestamp = str(int(NOW.timestamp()))
    return {"webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": signature}


def a_door(secrets: MemorySecrets, *names: str, log: ListLog | None = None) -> Door:
    checkpoints = cast("Checkpoints", MemoryCheckpoints(*names))
    return Door(checkpoints, secrets, StoppedClock(), log=log or ListLog())


def test_a_signed_message_for_a_connection_comes_in() -> None:
    door = a_door(MemorySecrets(main=(SECRET,)), "main")

    assert door.let_in("main", signed(), BODY.encode()) == "msg_1"


@pytest.mark.parametrize("name", ["other", "MAIN", "main/../main", "", "x" * 5000, "ma in", "main\n"])
def test_a_name_that_is_no_connection_is_kept_out_without_asking_for_its_secrets(name: str) -> None:
    secrets = MemorySecrets(main=(SECRET,), other=(SECRET,))

    with pytest.raises(BadSignature):
        a_door(secrets, "main").let_in(name, signed(), BODY.encode())

    assert secrets.asked == []


@pytest.mark.parametrize("name", ["main", "unknown"])
def test_the_signature_is_checked_whether_or_not_the_connection_exists(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[int] = []

    def verify(_: object, __: object, secrets: tuple[str, ...], ___: datetime) -> str:
        checked.append(len(secrets))
        raise BadSignature

    monkeypatch.setattr(door_module, "verify", verify)

    with pytest.raises(BadSignature):
        a_door(MemorySecrets(main=(SECRET,)), "main").let_in(name, signed(), BODY.encode())

    assert checked == [1]


@pytest.mark.parametrize(
    "fault",
    [
        NotFound("Secrets Manager", "GetSecretValue", "no such secret"),
        Unauthorised("Secrets Manager", "GetSecretValue", "not allowed"),
    ],
)
def test_a_connection_without_secrets_keeps_everyone_out_and_says_so_in_the_log(fault: Exception) -> None:
    log, secrets = ListLog(), MemorySecrets()
    secrets.fault = fault

    with pytest.raises(BadSignature):
        a_door(secrets, "main", log=log).let_in("main", signed(), BODY.encode())

    assert log.lines == [("main", {}), ("no usable webhook secret", {"why": str(fault)})]


def test_a_secret_that_is_malformed_keeps_everyone_out_and_is_not_shown() -> None:
    log = ListLog()

    with pytest.raises(BadSignature):
        a_door(MemorySecrets(main=("whsec_%hush%",)), "main", log=log).let_in("main", signed(), BODY.encode())

    assert log.lines[1][0] == "no usable webhook secret"
    assert "hush" not in str(log.lines)


def test_two_doors_have_different_decoys() -> None:
    doors = [a_door(MemorySecrets()) for _ in range(2)]

    assert doors[0]._decoy != doors[1]._decoy


def test_a_connection_whose_settings_are_broken_still_takes_shipments() -> None:
    class Broken(MemoryCheckpoints):
        def connection(self, name: str) -> Connection | None:
            raise SettingsInvalid((("settings", f"of {name} cannot work"),))

    secrets: Any = MemorySecrets(main=(SECRET,))
    door = Door(cast("Checkpoints", Broken()), secrets, StoppedClock(), log=ListLog())

    assert door.let_in("main", signed(), BODY.encode()) == "msg_1"
