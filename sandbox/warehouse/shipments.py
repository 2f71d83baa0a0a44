"""The warehouse's shipments, and the list of their changes that Crossdock polls."""

from datetime import datetime
from typing import Any

from sandbox.clock import Clock, stamp
from sandbox.documents import Documents
from sandbox.warehouse.errors import NotFound
from sandbox.warehouse.orders import number
from sandbox.warehouse.paging import cursor_for, parts_of

Shipment = dict[str, Any]
"""A contract shipment with, for the warehouse alone, `taken`: what came from which shelf."""

_KIND = "warehouse.shipment"
_FEED = "warehouse.shipment_feed"
_LATEST = "warehouse.shipment_latest"


class Shipments:
    """Every shipment by id, and the feed: one entry per shipment, in the order of its latest change."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    def new_id(self) -> tuple[str, int]:
        """Give the id of the next shipment, and its number from 1; the caller holds the transaction."""
        count = number(self._documents, _KIND)
        return f"SHP-{count:06}", count

    def save(self, shipment: Shipment) -> Shipment:
        """Store a new or changed shipment and move it to the end of the feed."""
        with self._documents.transaction():
            change = number(self._documents, _FEED)
            # A clock that steps back must not hide a change behind one that was polled already.
            latest = (self._documents.get(_LATEST, "") or {"at": ""})["at"]
            moment = max(stamp(self._clock.now()), latest)
            shipment["updated_at"] = moment
            self._documents.put(_LATEST, "", {"at": moment})
            self._documents.put(_KIND, shipment["id"], shipment)
            self._documents.delete(_FEED, shipment["id"])
            self._documents.put(_FEED, shipment["id"], {"id": shipment["id"], "change": change, "at": moment})
        return shipment

    def get(self, shipment_id: str) -> Shipment:
        shipment = self._documents.get(_KIND, shipment_id)
        if shipment is None:
            raise NotFound("id", shipment_id)
        return shipment

    def page(self, since: datetime | None, cursor: str | None, limit: int) -> dict[str, Any]:
        """Give shipments that changed at or after `since`, oldest change first.

        The cursor is the number of the last change on the page: what changes meanwhile comes after it.
        """
        after = int(parts_of(cursor, 1)[0]) if cursor is not None else 0
        with self._documents.transaction():
            entries = [
                entry
                for entry in self._documents.all(_FEED)
                if entry["change"] > after and (since is None or datetime.fromisoformat(entry["at"]) >= since)
            ]
            shown = entries[:limit]
            shipments = [public(self.get(entry["id"])) for entry in shown]
        has_more = len(entries) > limit
        next_cursor = cursor_for(str(shown[-1]["change"])) if has_more else None
        return {"shipments": shipments, "next_cursor": next_cursor}


def public(shipment: Shipment) -> dict[str, Any]:
    """Give the shipment as the contract shows it."""
    return {key: value for key, value in shipment.items() if key != "taken"}
