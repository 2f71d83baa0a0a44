"""DEAR's own webhooks: a hint that something changed, and nothing more (decision 14)."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from crossdock.ports import Checkpoints
from receive_tracking.answers import Noted
from receive_tracking.step import Answer

type Wake = Callable[[str], None]
"""Starts download_orders for a connection, and does not wait for it."""

AT_MOST_EVERY = timedelta(minutes=1)
"""A run begins with one call for DEAR's list: however many events come, that is all that they cost."""


def take_hint(connection: str, checkpoints: Checkpoints, wake: Wake | None) -> Answer:
    """Have DEAR's list read soon. Without `wake` the schedule is stopped, and so are hints."""
    if wake is not None and checkpoints.note_hint(connection, AT_MOST_EVERY):
        wake(connection)
    return Answer(status=HTTPStatus.ACCEPTED, body=Noted().model_dump_json(), webhook_id="dear")
