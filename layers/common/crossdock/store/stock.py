"""The port `Stock` on DynamoDB, in the Checkpoints table: proposals, SKUs set aside, what was written, aliases."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from boto3.dynamodb.conditions import Key as Where

from crossdock.domain.aliases import Aliases
from crossdock.domain.errors import LostRace
from crossdock.domain.inventory import Aside, Written
from crossdock.domain.proposals import Proposal
from crossdock.ports import Clock, StockWrite
from crossdock.store import conditions, keys
from crossdock.store.items import document, fields_of
from crossdock.store.reads import query
from crossdock.store.writes import ConditionFailed, Write, no_room_for, put, read_item, replace

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

CLOSED_KEPT_FOR = timedelta(days=1)
ASIDE_FOR = timedelta(hours=24)
"""So long a SKU that DEAR does not take is left out, so that it does not cost calls in every pass."""

HISTORY_KEPT = 50
"""Lines of a SKU's history at one location."""

MOST_ALIAS_BYTES = 350_000
"""Of all aliases of a connection together; DynamoDB takes 409,600 in an item."""


class DynamoStock:
    """What the inventory step, and who decides over its proposals, must find again."""

    def __init__(self, table: "Table", clock: Clock) -> None:
        self._table, self._clock = table, clock

    # --- proposals ---

    def proposals(self, connection: str) -> tuple[Proposal, ...]:
        where = Where("pk").eq(keys.proposals_partition(connection))
        return tuple(Proposal.model_validate(fields_of(item)) for item in query(self._table, where))

    def save_proposal(self, proposal: Proposal) -> None:
        key = keys.proposal_key(proposal.connection, proposal.location, *proposal.key)
        item = {**document(proposal), **key.attributes(), "kind": "proposal"}
        if not proposal.stands:
            item["expires_at"] = self._until(CLOSED_KEPT_FOR)
        what = f"the proposal for {proposal.sku}"
        write = Write(key, conditions.follows(proposal.version), what, item)
        try:
            put(self._table, write, lambda: no_room_for(what))
        except ConditionFailed as failed:
            raise LostRace(what) from failed

    # --- set aside ---

    def asides(self, connection: str) -> tuple[Aside, ...]:
        where = Where("pk").eq(keys.asides_partition(connection))
        now = int(self._clock.now().timestamp())
        items = [item for item in query(self._table, where) if item["expires_at"] > now]
        return tuple(Aside.model_validate(fields_of(item)) for item in items)

    def set_aside(self, connection: str, aside: Aside) -> None:
        key = keys.aside_key(connection, aside.location, aside.sku)
        replace(self._table, key, {**document(aside), "kind": "aside", "expires_at": self._until(ASIDE_FOR)})

    # --- what was written ---

    def begin(self, connection: str, write: StockWrite) -> None:
        replace(
            self._table, keys.stock_write_key(connection), {**document(write), "kind": "stock_write", "begun": True}
        )

    def begun(self, connection: str) -> StockWrite | None:
        item = read_item(self._table, keys.stock_write_key(connection))
        if item is None or not item["begun"]:
            return None
        return StockWrite.model_validate({name: value for name, value in fields_of(item).items() if name != "begun"})

    def end(self, connection: str) -> None:
        replace(self._table, keys.stock_write_key(connection), {"kind": "stock_write", "begun": False})

    def add_history(self, connection: str, sku: str, written: Written) -> None:
        """Only the step writes it, under its lease. A line that stands there already is not added again."""
        key = keys.history_key(connection, sku, written.location)
        item = read_item(self._table, key)
        before = [Written.model_validate(each) for each in item["written"]] if item else []
        if written in before:
            return
        kept = [*before, written][-HISTORY_KEPT:]
        replace(self._table, key, {"kind": "history", "sku": sku, "written": [document(each) for each in kept]})

    def history(self, connection: str, sku: str) -> tuple[Written, ...]:
        where = Where("pk").eq(keys.history_partition(connection, sku))
        found = [Written.model_validate(each) for item in query(self._table, where) for each in item["written"]]
        return tuple(sorted(found, key=_moment, reverse=True))

    # --- aliases ---

    def aliases(self, connection: str) -> Aliases:
        item = read_item(self._table, keys.aliases_key(connection))
        return Aliases.model_validate(fields_of(item)) if item else Aliases()

    def save_aliases(self, connection: str, aliases: Aliases) -> None:
        if len(aliases.model_dump_json().encode()) > MOST_ALIAS_BYTES:
            raise no_room_for("the list of aliases")
        replace(self._table, keys.aliases_key(connection), {**document(aliases), "kind": "aliases"})

    # --- within ---

    def _until(self, time: timedelta) -> int:
        return int((self._clock.now() + time).timestamp())


def _moment(written: Written) -> datetime:
    return written.at
