"""The port `Checkpoints` on DynamoDB: connections, checkpoints, leases, run reports, bills."""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from boto3.dynamodb.conditions import Key as Where

from crossdock.domain.bills import Bill
from crossdock.domain.errors import LostRace, SettingsInvalid
from crossdock.domain.report import Report
from crossdock.domain.settings import Connection, parse_connection
from crossdock.domain.states import Step
from crossdock.ports import Checkpoint, Clock, LeftOut
from crossdock.store import conditions, keys
from crossdock.store.items import document, fields_of
from crossdock.store.leases import DynamoLease, release
from crossdock.store.reads import query
from crossdock.store.stock import DynamoStock
from crossdock.store.writes import ConditionFailed, Write, no_room_for, put, read_item, replace

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

BILL_KEPT_FOR = timedelta(days=1)
"""How long it takes, at most, until a bill of materials that was changed in DEAR is seen."""

_log = logging.getLogger(__name__)


class DynamoCheckpoints:
    """What a step must find again when it next runs."""

    def __init__(self, table: "Table", clock: Clock) -> None:
        self._table, self._clock = table, clock
        self._stock = DynamoStock(table, clock)

    @property
    def stock(self) -> DynamoStock:
        """What is kept for the inventory."""
        return self._stock

    # --- connections ---

    def connections(self) -> tuple[Connection, ...]:
        """Every connection, by name. One whose settings no longer pass is logged and left out: the others go on."""
        return tuple(each for each in self.every_connection() if isinstance(each, Connection))

    def every_connection(self) -> tuple[Connection | LeftOut, ...]:
        found: list[Connection | LeftOut] = []
        for item in query(self._table, Where("pk").eq(keys.CONNECTIONS)):
            if item.get("kind") != "connection":
                continue
            try:
                found.append(parse_connection(fields_of(item)))
            except SettingsInvalid as invalid:
                _log.error("connection %s is left out: %s", item["sk"], invalid)
                active = item.get("active") is not False
                found.append(LeftOut(name=str(item["sk"]), active=active, problem=str(invalid)))
        return tuple(found)

    def connection_names(self) -> tuple[str, ...]:
        found = query(self._table, Where("pk").eq(keys.CONNECTIONS))
        return tuple(str(item["sk"]) for item in found if item.get("kind") == "connection")

    def connection(self, name: str) -> Connection | None:
        item = read_item(self._table, keys.connection_key(name))
        return parse_connection(fields_of(item)) if item else None

    def save_connection(self, connection: Connection) -> None:
        fields = connection.model_dump(mode="json")
        replace(self._table, keys.connection_key(connection.name), {**fields, "kind": "connection"})

    # --- checkpoints ---

    def checkpoint(self, connection: str, step: Step) -> Checkpoint:
        item = read_item(self._table, keys.checkpoint_key(connection, step))
        return Checkpoint.model_validate(fields_of(item)) if item else Checkpoint()

    def save_checkpoint(self, connection: str, step: Step, checkpoint: Checkpoint) -> Checkpoint:
        stored = checkpoint.model_copy(update={"version": checkpoint.version + 1})
        what = f"the checkpoint of {step}"
        key = keys.checkpoint_key(connection, step)
        item = {**document(stored), **key.attributes(), "kind": "checkpoint"}
        try:
            put(
                self._table,
                Write(key, conditions.is_version(checkpoint.version), what, item),
                lambda: no_room_for(what),
            )
        except ConditionFailed as failed:
            winner = Checkpoint.model_validate(fields_of(failed.found)) if failed.found else None
            raise LostRace(what, winner) from failed
        return stored

    # --- leases ---

    def take_lease(self, connection: str, step: Step, holder: str, seconds: float) -> DynamoLease | None:
        lease = DynamoLease(self._table, keys.lease_key(connection, step), self._clock, holder, seconds)
        return lease if lease.take() else None

    def release_lease(self, connection: str, step: Step, holder: str) -> None:
        release(self._table, keys.lease_key(connection, step), holder)

    # --- reports ---

    def save_report(self, report: Report) -> None:
        """Keep the step's last report; one that comes late leaves a newer one alone."""
        key = keys.report_key(report.connection, report.step)
        finished_at = keys.stamp(report.finished_at)
        item = {**document(report), **key.attributes(), "kind": "report", "finished_at": finished_at}
        what = f"the report of {report.step}"
        write = Write(key, conditions.is_not_newer(finished_at), what, item)
        try:
            put(self._table, write, lambda: no_room_for(what))
        except ConditionFailed:
            _log.info("%s is older than the one that stands", what)

    def reports(self, connection: str) -> tuple[Report, ...]:
        where = Where("pk").eq(connection) & Where("sk").begins_with("report#")
        return tuple(Report.model_validate(fields_of(item)) for item in query(self._table, where))

    # --- hints ---

    def note_hint(self, connection: str, at_most_every: timedelta) -> bool:
        key, now = keys.hint_key(connection), self._seconds()
        fields = {**key.attributes(), "kind": "hint", "expires_at": now + int(at_most_every.total_seconds())}
        try:
            put(
                self._table,
                Write(key, conditions.is_forgotten(now), "the hint", fields),
                lambda: no_room_for("the hint"),
            )
        except ConditionFailed:
            return False
        return True

    # --- bills of materials ---

    def bill(self, connection: str, product_id: str) -> Bill | None:
        item = read_item(self._table, keys.bill_key(connection, product_id))
        if item is None or item["expires_at"] <= self._seconds():
            return None
        return Bill.model_validate(fields_of(item))

    def remember_bill(self, connection: str, bill: Bill) -> None:
        """Of two that learn the same bill at once either may stay: both asked DEAR just now."""
        expires_at = self._seconds() + int(BILL_KEPT_FOR.total_seconds())
        fields = {**document(bill), "expires_at": expires_at, "kind": "bill"}
        replace(self._table, keys.bill_key(connection, bill.product_id), fields)

    # --- within ---

    def _seconds(self) -> int:
        return int(self._clock.now().timestamp())
