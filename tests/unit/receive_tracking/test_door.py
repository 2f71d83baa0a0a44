"""The door: only a signed message for a connection that exists comes in."""

from base64 import b64encode
from datetime import datetime
from typing import cast

import pytest
from standardwebhooks import Webhook

from crossdock.domain.errors import NotFound, Unauthorised, Unreachable
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

    def webhook(self, connection: str, at: datetime, *, fresh: bool = False) -> tuple[str, ...]:  # noqa: ARG002
        self.asked.append(connection)
        if connection not in self.secrets:
            raise self.fault
        return self.secrets[connection]

    def dear_token(self, connection: str) -> str | None:
        return f"token-of-{connection}"


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


def a_door(secrets: MemorySecrets, *names: str, log: ListLog | None = None, clock: StoppedClock | None = None) -> Door:
    checkpoints = cast("Checkpoints", MemoryCheckpoints(*names))
    return Door(checkpoints, secrets, clock or StoppedClock(), log=log or ListLog())


def test_a_signed_message_for_a_connection_comes_in() -> None:
    door = a_door(MemorySecrets(main=(SECRET,)), "main")

    assert door.let_in("main", signed(), BODY.encode()) == "msg_1"


@pytest.mark.parametrize("name", ["other", "MAIN", "main/../main", "", "x" * 5000, "ma in", "main\n"])
def test_a_name_that_is_no_connection_is_kept_out(name: str) -> None:
    secrets = MemorySecrets(main=(SECRET,), other=(SECRET,))

    with pytest.raises(BadSignature):
        a_door(secrets, "main").let_in(name, signed(), BODY.encode())


@pytest.mark.parametrize("name", ["main", "other", "unknown", "x" * 5000])
def test_the_same_work_is_done_whether_or_not_the_connection_exists(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[int] = []

    def verify(_: object, __: object, secrets: tuple[str, ...], ___: datetime) -> str:
        checked.append(len(secrets))
        raise BadSignature

    monkeypatch.setattr(door_module, "verify", verify)
    secrets, clock = MemorySecrets(main=(SECRET,)), StoppedClock()
    door = a_door(secrets, "main", "other", clock=clock)

    for wait in (0.0, 9.0, 1.0, 300.0):
        clock.sleep(wait)
        with pytest.raises(BadSignature):
            door.let_in(name, signed(), BODY.encode())

    assert checked == [1, 1, 1, 1, 1]
    assert secrets.asked == ["main", "other"] * 3


def test_a_secret_that_is_new_is_known_ten_seconds_after_the_last_look() -> None:
    secrets, clock = MemorySecrets(main=("whsec_" + b64encode(b"o" * 32).decode(),)), StoppedClock()
    door = a_door(secrets, "main", clock=clock)
    with pytest.raises(BadSignature):
        door.let_in("main", signed(), BODY.encode())
    secrets.secrets["main"] = (SECRET,)

    clock.sleep(9)
    with pytest.raises(BadSignature):
        door.let_in("main", signed(), BODY.encode())
    clock.sleep(1)

    assert door.let_in("main", signed(), BODY.encode()) == "msg_1"


def test_a_secret_that_was_taken_away_is_forgotten_after_five_minutes() -> None:
    secrets, clock = MemorySecrets(main=(SECRET,)), StoppedClock()
    door = a_door(secrets, "main", clock=clock)
    door.let_in("main", signed(), BODY.encode())
    secrets.secrets["main"] = ()

    clock.sleep(300)

    with pytest.raises(BadSignature):
        door.let_in("main", signed(), BODY.encode())


def test_while_the_secrets_cannot_be_read_those_that_are_known_stay_good() -> None:
    secrets, clock, log = MemorySecrets(main=(SECRET,)), StoppedClock(), ListLog()
    checkpoints = MemoryCheckpoints("main")
    door = Door(cast("Checkpoints", checkpoints), secrets, clock, log=log)
    checkpoints.fault = Unreachable("DynamoDB", "Query", "away")
    with pytest.raises(Unreachable):
        door.let_in("main", signed(), BODY.encode())
    checkpoints.fault = None
    door.let_in("main", signed(), BODY.encode())

    clock.sleep(299)
    secrets.fault, secrets.secrets = Unreachable("Secrets Manager", "GetSecretValue", "away"), {}
    clock.sleep(1)

    assert door.let_in("main", signed(), BODY.encode()) == "msg_1"
    assert log.lines[-1][0] == "the webhook secret could not be read"


@pytest.mark.parametrize("name", ["other", "unknown", "main"])
def test_a_secret_that_cannot_be_read_keeps_no_other_connection_out_and_turns_nobody_away_for_good(name: str) -> None:
    secrets, clock = MemorySecrets(main=(SECRET,)), StoppedClock()
    secrets.fault = Unreachable("Secrets Manager", "GetSecretValue", "away")
    door = a_door(secrets, "other", "main", clock=clock)
    unsigned: dict[str, str] = {}

    let_in = door.let_in("main", signed(), BODY.encode())
    with pytest.raises(Unreachable) as told:
        door.let_in(name, unsigned, BODY.encode())
    clock.sleep(10)
    secrets.secrets["other"] = (SECRET,)
    with pytest.raises(BadSignature):
        door.let_in(name, unsigned, BODY.encode())

    assert let_in == "msg_1"
    assert "other" not in str(told.value)
    assert door.let_in("other", signed(), BODY.encode()) == "msg_1"


def test_a_secret_that_was_changed_and_cannot_be_read_yet_is_asked_to_try_again() -> None:
    secrets, clock = MemorySecrets(main=("whsec_" + b64encode(b"o" * 32).decode(),)), StoppedClock()
    door = a_door(secrets, "main", clock=clock)
    with pytest.raises(BadSignature):
        door.let_in("main", signed(), BODY.encode())

    clock.sleep(10)
    secrets.fault, secrets.secrets = Unreachable("Secrets Manager", "GetSecretValue", "away"), {}

    with pytest.raises(Unreachable):
        door.let_in("main", signed(), BODY.encode())


@pytest.mark.parametrize(
    ("header", "connection", "let_in"),
    [
        ({"Authorization": "Bearer token-of-main"}, "main", True),
        ({"authorization": "Bearer token-of-main"}, "main", True),
        ({"Authorization": "Bearer token-of-other"}, "main", False),
        ({"Authorization": "Bearer token-of-main"}, "other", False),
        ({"Authorization": "Bearer token-of-nobody"}, "nobody", False),
        ({"Authorization": "token-of-main"}, "main", False),
        ({"Authorization": "Bearer "}, "main", False),
        ({"Authorization": "Bearer \ud800"}, "main", False),
        ({}, "main", False),
    ],
)
def test_dear_comes_in_with_its_token_alone(header: dict[str, str], connection: str, *, let_in: bool) -> None:
    door = a_door(MemorySecrets(main=(SECRET,), other=(SECRET,)), "main", "other")

    if let_in:
        door.let_dear_in(connection, header)
        return
    with pytest.raises(BadSignature):
        door.let_dear_in(connection, header)


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
