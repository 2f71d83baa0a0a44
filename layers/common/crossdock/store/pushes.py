"""Pushes that were answered, in the Orders table, so that each is stored together with the shipment that it brought."""

from datetime import timedelta
from typing import TYPE_CHECKING

from crossdock.domain.errors import AnsweredBefore
from crossdock.ports import AnsweredPush, PushId
from crossdock.store import conditions, keys
from crossdock.store.keys import Item
from crossdock.store.writes import ConditionFailed, Write, no_room_for, put

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

KEPT_FOR = timedelta(days=1)
"""How long a push that was answered is recognised."""


def check(push: PushId, item: Item | None) -> None:
    """Raises AnsweredBefore for a push that stands there and has not outlived its time."""
    if item is not None and item["expires_at"] > int(push.at.timestamp()):
        raise AnsweredBefore(_answer(item, push.body_hash))


def write(answered: AnsweredPush) -> Write:
    """The push with its answer, where none stands yet."""
    push = answered.push
    now = int(push.at.timestamp())
    key = keys.push_key(push.connection, push.webhook_id)
    fields = {"kind": keys.PUSH, "body_hash": push.body_hash, "answer": answered.answer}
    item = {**key.attributes(), **fields, "expires_at": now + int(KEPT_FOR.total_seconds())}
    return Write(key, conditions.is_forgotten(now), f"push {push.webhook_id}", item)


def put_answered(table: "Table", answered: AnsweredPush) -> None:
    """Keep the first answer to a push. Raises AnsweredBefore."""
    wanted = write(answered)
    try:
        put(table, wanted, lambda: no_room_for(wanted.what))
    except ConditionFailed as failed:
        raise answered_before(failed) from failed


def answered_before(failed: ConditionFailed) -> AnsweredBefore:
    """What it means that a push could not be written."""
    wanted, found = failed.write.item or {}, failed.found or {}
    return AnsweredBefore(_answer(found, wanted["body_hash"]))


def _answer(item: Item, body_hash: str) -> str | None:
    return str(item["answer"]) if item.get("body_hash") == body_hash else None
