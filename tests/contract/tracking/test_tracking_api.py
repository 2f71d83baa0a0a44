"""Part 2 of the HTTP contract, through the Lambda handler, with events as API Gateway sends them."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crossdock.domain.states import OrderStatus
from tests.contract.tracking.conftest import SECRET, Function, sample, signed

OTHER_SECRET = "whsec_" + b64encode(b"another key, which nobody has...").decode()


def replaced(event: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**event, **changes}


def at_address(name: str, connection: str) -> dict[str, Any]:
    event = sample(name)
    return replaced(event, path=event["path"].replace("/main/", f"/{connection}/"))


def test_a_push_is_stored_before_it_is_accepted(function: Function) -> None:
    status, told = function.call(signed(sample("push")))

    assert (status, told) == (202, {"accepted": [{"id": "S-1", "revision": 1, "result": "stored"}]})
    order = function.orders.order("main", "SO-00001")
    assert order is not None
    assert order.status is OrderStatus.SHIPPED
    assert [record.shipment.id for record in function.orders.shipments_of_order(order)] == ["S-1"]


def test_several_shipments_come_in_one_push_and_an_unknown_order_is_kept(function: Function) -> None:
    status, told = function.call(signed(sample("push_batch")))

    assert status == 202
    assert [one["result"] for one in told["accepted"]] == ["stored", "stored", "unknown_order"]
    assert [record.shipment.id for record in function.orders.list_unmatched("main")] == ["S-3"]


def test_a_body_in_base64_is_verified_and_read_as_the_bytes_it_was(function: Function) -> None:
    status, _ = function.call(signed(sample("push_base64")))

    order = function.orders.order("main", "SO-00001")
    assert status == 202
    assert order is not None
    assert function.orders.shipments_of_order(order)[0].shipment.parcels[0].carrier == "Østpost"


def test_a_repeat_gets_the_first_answer_and_another_body_a_conflict(function: Function) -> None:
    first = function.call(signed(sample("push")))
    repeat = function.call(signed(sample("push")))
    other = function.call(signed(sample("push_batch")))

    assert repeat == first
    assert (other[0], other[1]["errors"][0]["field"]) == (409, "webhook-id")


def test_a_push_that_breaks_the_contract_is_told_where(function: Function) -> None:
    event = sample("push")
    body = event["body"].replace('"quantity": "2"', '"quantity": "-2"')

    status, told = function.call(signed(replaced(event, body=body)))

    assert (status, told["errors"][0]["field"]) == (400, "data.parcels[0].lines[0].quantity")


@pytest.mark.parametrize(
    "event",
    [
        sample("unsigned"),
        sample("push"),
        signed(sample("push"), secret=OTHER_SECRET),
        signed(sample("push"), at=datetime.now(UTC) - timedelta(minutes=6)),
        replaced(signed(sample("push")), body="{}"),
        replaced(sample("unsigned"), headers=None, multiValueHeaders=None),
        signed(at_address("push", "unknown")),
        signed(at_address("push", "Main")),
        sample("ask"),
        signed(sample("ask"), secret=OTHER_SECRET),
        signed(at_address("ask", "unknown")),
    ],
    ids=["none", "nonsense", "another secret", "old", "another body", "no headers", "unknown connection",
         "not a connection's name", "question unsigned", "question, another secret", "question, unknown connection"],
)  # fmt: skip
def test_whoever_may_not_come_in_gets_the_same_answer(function: Function, event: dict[str, Any]) -> None:
    status, told = function.call(event)

    assert status == 401
    assert told == {"errors": [{"field": "webhook-signature", "message": "is missing, wrong or too old"}]}


def test_a_connection_whose_secret_is_gone_answers_like_one_that_never_was(function: Function) -> None:
    function.secrets.delete_secret(SecretId="crossdock/test/main/webhook", ForceDeleteWithoutRecovery=True)

    gone = function.call(signed(sample("push")))

    assert gone == function.call(signed(at_address("push", "unknown")))
    assert "no usable webhook secret" in function.logged


def test_both_secrets_are_good_while_one_is_rotated(function: Function) -> None:
    both = json.dumps({"secrets": [OTHER_SECRET, SECRET]})
    function.secrets.put_secret_value(SecretId="crossdock/test/main/webhook", SecretString=both)

    with_new = function.call(signed(sample("push"), secret=OTHER_SECRET))
    with_old = function.call(signed(sample("push"), secret=SECRET))

    assert (with_new[0], with_old[0]) == (202, 202)


@pytest.mark.parametrize(
    ("until", "status"),
    [
        ((datetime.now(UTC) + timedelta(hours=1)).isoformat(), 202),
        ((datetime.now(UTC) - timedelta(seconds=1)).isoformat(), 401),
        ("soon", 401),
        (None, 401),
    ],
    ids=["in an hour", "a second ago", "no time", "none"],
)
def test_an_old_secret_is_good_until_its_time_is_over(function: Function, until: str | None, status: int) -> None:
    document = json.dumps({"secrets": [OTHER_SECRET], "old": [{"secret": SECRET, "until": until}]})
    function.secrets.put_secret_value(SecretId="crossdock/test/main/webhook", SecretString=document)

    assert function.call(signed(sample("push")))[0] == status
    assert SECRET not in function.logged


def test_an_event_of_dear_comes_in_with_the_token_beside_the_secret(function: Function) -> None:
    document = json.dumps({"secrets": [SECRET], "dear_token": "a-token"})
    function.secrets.put_secret_value(SecretId="crossdock/test/main/webhook", SecretString=document)
    event = replaced(
        sample("push"), path="/v1/connections/main/dear-events", body='{"EventType": "Sale/Undo", nonsense'
    )

    good = function.call(replaced(event, headers={"authorization": "Bearer a-token"}))
    wrong = function.call(replaced(event, headers={"authorization": "Bearer another"}))
    nobodys = function.call(at_another_connection(event))

    assert good == (202, {"noted": True})
    assert wrong == nobodys == (401, {"errors": [{"field": "authorization", "message": "is missing or wrong"}]})


def at_another_connection(event: dict[str, Any]) -> dict[str, Any]:
    path = event["path"].replace("/main/", "/nobody/")
    return replaced(event, path=path, headers={"authorization": "Bearer a-token"})


def test_a_body_over_256_kib_is_too_large_and_one_of_exactly_256_is_not(function: Function) -> None:
    event = sample("push")
    body = event["body"]
    limit = body + " " * (256 * 1024 - len(body))

    fits = function.call(signed(replaced(event, body=limit)))
    too_large = function.call(signed(replaced(event, body=limit + " "), webhook_id="msg_2"))

    assert (fits[0], too_large[0]) == (202, 413)
    assert too_large[1]["errors"][0]["field"] == "body"


def test_an_order_tells_where_it_stands(function: Function) -> None:
    function.call(signed(sample("push")))

    status, told = function.call(signed(sample("ask")))

    assert (status, told["reference"], told["status"]) == (200, "SO-00001", "shipped")
    assert told["shipments"] == [{"id": "S-1", "revision": 1, "status": "received"}]
    assert told["timeline"][-1]["event"] == "shipped"


def test_an_order_that_is_not_known_is_not_found(function: Function) -> None:
    event = sample("ask")

    status, told = function.call(signed(replaced(event, path=event["path"] + "9")))

    assert (status, told["errors"][0]["field"]) == (404, "reference")


def test_an_address_that_the_api_does_not_have_is_not_found(function: Function) -> None:
    status, told = function.call(replaced(sample("push"), path="/v1/other"))

    assert (status, told["errors"][0]["field"]) == (404, "path")


@pytest.mark.parametrize("name", ["push", "ask"])
def test_when_the_store_is_away_the_caller_learns_nothing_but_to_come_again(function: Function, name: str) -> None:
    function.dynamodb.Table("orders").delete()

    status, told = function.call(signed(sample(name)))

    assert status == 500
    assert told == {"errors": [{"field": "", "message": "not done: send it again later"}]}
    assert '"level":"ERROR"' in function.logged


def test_the_log_has_counts_and_ids_and_nothing_of_the_body(function: Function) -> None:
    function.call(signed(sample("push_batch")))
    function.call(signed(at_address("push", "ada-moss")))
    function.call(replaced(signed(sample("push")), body="Ada Moss"))

    line = json.loads(function.logged.splitlines()[0])
    assert (line["connection"], line["webhook_id"], line["status"]) == ("main", "msg_1", 202)
    assert line["counts"] == {"stored": 2, "unknown_order": 1}
    assert not any(text in function.logged.lower() for text in ("track-", "ada", "mug-red", "whsec_", "v1,"))
