"""One process's way to a table: every call takes a moment, may fail, and may be the process's last."""

from collections.abc import Callable
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from simulation.dynamo import Table, refuse
from simulation.expressions import Item
from simulation.faults import Fault, Weather
from simulation.turns import Process

type Note = Callable[[str, str, Fault | None], None]
type Call = Callable[..., dict[str, Any]]

ADDED = "added_later"
"""The field that a later version's records have beside those of this one."""
RECORDS = frozenset({"order", "sale", "shipment"})
_WRITES = frozenset({"PutItem", "UpdateItem", "TransactWriteItems"})


class TableOfProcess:
    """The table as boto3 would show it to this process.

    `newer`: the process is of a later version of the code, whose records have a field that this one does not know.
    `refuses`: whether the table takes a write at present.
    """

    def __init__(
        self,
        table: Table,
        process: Process,
        weather: Weather,
        note: Note,
        *,
        stalls: bool = True,
        newer: bool = False,
        refuses: Callable[[dict[str, Any]], bool] = lambda _: False,
    ) -> None:
        self.name = table.name
        self._table, self._process, self._weather, self._note = table, process, weather, note
        self._stalls, self._newer, self._refuses = stalls, newer, refuses
        self.get_item = self._wrapped("GetItem", table.get_item)
        self.query = self._wrapped("Query", table.query)
        self.put_item = self._wrapped("PutItem", table.put_item)
        self.update_item = self._wrapped("UpdateItem", table.update_item)
        client = table.meta.client
        self.meta = SimpleNamespace(
            client=SimpleNamespace(
                batch_get_item=self._wrapped("BatchGetItem", client.batch_get_item),
                transact_write_items=self._wrapped("TransactWriteItems", client.transact_write_items),
            )
        )

    def _wrapped(self, call: str, act: Call) -> Call:
        writes = call in _WRITES

        def wrapped(**arguments: Any) -> dict[str, Any]:
            process = self._process
            process.check()
            if self._newer:
                arguments = _newer(arguments)
            if writes and self._refuses(arguments):
                self._note(process.name, call, Fault.DB_HOT)
                return self._failing(call, Fault.DB_THROTTLED, lambda: act(**arguments))
            fault = self._weather.strike("dynamodb", writes=writes)
            if fault is None and self._stalls:
                fault = self._weather.strike("stall")
            if fault is None:
                process.sleep(0.004)
                return self._dated(lambda: act(**arguments))
            self._note(process.name, call, fault)
            return self._failing(call, fault, lambda: self._dated(lambda: act(**arguments)))

        return wrapped

    def _dated(self, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The answer, be it a refusal, with the true time in its headers."""
        headers = {"date": format_datetime(self._process.true_time(), usegmt=True)}
        try:
            answer = act()
        except ClientError as refused:
            refused.response["ResponseMetadata"]["HTTPHeaders"] = headers
            raise
        return {**answer, "ResponseMetadata": {"HTTPHeaders": headers}}

    def _failing(self, call: str, fault: Fault, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        process = self._process
        process.sleep(0.004)
        match fault:
            case Fault.KILLED_BEFORE:
                process.kill()
            case Fault.KILLED_AFTER:
                act()
                process.kill()
            case Fault.DB_THROTTLED:
                refuse(call, "ProvisionedThroughputExceededException", "slow down")
            case Fault.DB_CONFLICT if call == "TransactWriteItems":
                refuse(
                    call,
                    "TransactionCanceledException",
                    "conflict",
                    CancellationReasons=[{"Code": "TransactionConflict"}],
                )
            case Fault.DB_LOST_ANSWER:
                act()
                process.sleep(self._weather.random.uniform(1, 20))
                raise ReadTimeoutError(endpoint_url="https://dynamodb.example.com")
            case Fault.DB_NOT_APPLIED | Fault.DB_CONFLICT:
                refuse(call, "InternalServerError", "try again", status=500)
            case Fault.STALLED:
                process.sleep(self._weather.random.uniform(61, 150))
            case Fault.DB_REPEATED:
                return self._repeated(call, act)
            case _:
                process.sleep(self._weather.random.uniform(0.2, 9))
        return act()

    def _repeated(self, call: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The answer was lost on the way and botocore asked again; a transaction is known by its token."""
        first = act()
        self._process.sleep(0.05)
        return first if call == "TransactWriteItems" else act()


def _newer(arguments: dict[str, Any]) -> dict[str, Any]:
    """The call as a later version makes it: every record that it writes has one more field."""
    if "Item" in arguments:
        return {**arguments, "Item": _with_more(arguments["Item"])}
    if "TransactItems" in arguments:
        parts = [{name: _newer(part)} for each in arguments["TransactItems"] for name, part in each.items()]
        return {**arguments, "TransactItems": parts}
    return arguments


def _with_more(item: Item) -> Item:
    return {**item, ADDED: {"by": "a later version"}} if item.get("kind") in RECORDS else item
