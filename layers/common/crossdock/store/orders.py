"""The port `Orders` on DynamoDB: orders, shipments and the coverage ledger."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from boto3.dynamodb.conditions import ConditionBase
from boto3.dynamodb.conditions import Key as Where

from crossdock.domain.errors import AnsweredBefore, LostRace, NeedsPerson
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.order import Order
from crossdock.domain.shipment import Shipment, ShipmentRecord
from crossdock.domain.states import Decision, OrderStatus, ShipmentStatus, Step
from crossdock.ports import AnsweredPush, DueKey, PushId
from crossdock.store import conditions, keys, pushes
from crossdock.store.items import Stored, item_of, record_of, too_large, what
from crossdock.store.keys import Item, Key
from crossdock.store.reads import query, read_many
from crossdock.store.writes import ConditionFailed, Write, put, read_item, transact

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_LONG_AGO, _FAR_OFF = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

MOST_ORDERS_AT_ONCE = 48
"""New orders of one sale: each is two items of a transaction of at most 100, next to the sale's own two."""


class DynamoOrders:
    """Orders, shipments and the ledger in one table. Every write is conditional; nothing is ever scanned."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    # --- work queues ---

    def due(self, connection: str, step: Step, until: datetime, limit: int = 50) -> list[DueKey]:
        queue = Where("due_queue").eq(keys.due_queue(connection, step)) & Where("due_at").lte(keys.stamp(until))
        return [_due_key(item) for item in query(self._table, queue, index=keys.DUE_INDEX, limit=limit)]

    def next_due(self, connection: str, step: Step) -> datetime | None:
        queue = Where("due_queue").eq(keys.due_queue(connection, step))
        first = next(query(self._table, queue, index=keys.DUE_INDEX, limit=1), None)
        return _due_key(first).due_at if first else None

    def order_at(self, key: DueKey) -> Order | None:
        return self._read(Key(key.partition, key.sort), Order)

    def sale_at(self, key: DueKey) -> SaleEntry | None:
        return self._read(Key(key.partition, key.sort), SaleEntry)

    def shipment_at(self, key: DueKey) -> ShipmentRecord | None:
        return self._read(Key(key.partition, key.sort), ShipmentRecord)

    # --- orders ---

    def order(self, connection: str, reference: str) -> Order | None:
        return self._read(keys.order_key(connection, reference), Order)

    def order_by_warehouse_id(self, connection: str, warehouse_order_id: str) -> Order | None:
        pointer = read_item(self._table, keys.warehouse_key(connection, warehouse_order_id))
        return self.order(connection, pointer["reference"]) if pointer else None

    def orders_of_sale(self, connection: str, sale_id: str) -> tuple[Order, ...]:
        partition = keys.sale_partition(connection, sale_id)
        where = Where("pk").eq(partition) & Where("sk").begins_with("order#")
        references = [pointer["reference"] for pointer in query(self._table, where)]
        wanted = (keys.order_key(connection, reference) for reference in references)
        found = {order.reference: order for order in _records(read_many(self._table, wanted), Order)}
        return tuple(found[reference] for reference in references if reference in found)

    def add_orders(self, entry: SaleEntry, orders: Iterable[Order]) -> None:
        new = tuple(orders)
        if len(new) > MOST_ORDERS_AT_ONCE:
            raise NeedsPerson(
                "order_too_large",
                f"{what(entry)} has {len(new)} new orders; at most {MOST_ORDERS_AT_ONCE} are taken at once: divide it",
            )
        writes = [_replacement(entry), _number_pointer(entry)]
        writes += [write for order in new for write in _order_writes(order)]
        self._transact(writes, new[0] if new else entry)

    def save_order(self, order: Order) -> None:
        if order.version == 1:
            self._transact(_order_writes(order), order)
            return
        id_known = conditions.known_by_warehouse_id(order.warehouse_order_id) if order.warehouse_order_id else None
        self._save_with_pointer(order, id_known, _order_writes(order))

    def list_orders(
        self, connection: str, status: OrderStatus, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Order]:
        return self._listed(keys.list_key(connection, "order", status), Order, since, until)

    # --- sales ---

    def sale(self, connection: str, sale_id: str) -> SaleEntry | None:
        return self._read(keys.sale_key(connection, sale_id), SaleEntry)

    def sales(self, connection: str, sale_ids: Iterable[str]) -> dict[str, SaleEntry]:
        wanted = (keys.sale_key(connection, sale_id) for sale_id in sale_ids)
        return {entry.sale_id: entry for entry in _records(read_many(self._table, wanted), SaleEntry)}

    def save_sale(self, entry: SaleEntry) -> None:
        writes = [_replacement(entry), _number_pointer(entry)]
        if entry.version == 1:
            self._transact(writes, entry)
            return
        self._save_with_pointer(entry, conditions.known_by_number(entry.order_number), writes)

    def list_sales(self, connection: str, decision: Decision) -> Iterator[SaleEntry]:
        return self._listed(keys.list_key(connection, "sale", decision), SaleEntry)

    def sales_numbered(self, connection: str, order_number: str) -> tuple[SaleEntry, ...]:
        """The sales that have, or had, this number, however its letters are written."""
        partition = keys.number_key(connection, order_number, "").pk
        pointers = query(self._table, Where("pk").eq(partition))
        found = self.sales(connection, [str(pointer["sale_id"]) for pointer in pointers])
        return tuple(sorted(found.values(), key=lambda entry: entry.first_seen_at))

    # --- shipments ---

    def shipment(self, connection: str, reference: str, shipment_id: str) -> ShipmentRecord | None:
        return self._read(keys.shipment_key(connection, reference, shipment_id), ShipmentRecord)

    def shipments_of_order(self, order: Order) -> tuple[ShipmentRecord, ...]:
        partition = keys.order_partition(order.connection, order.reference)
        where = Where("pk").eq(partition) & Where("sk").begins_with("shipment#")
        found = _records(query(self._table, where), ShipmentRecord)
        return tuple(record for record in found if record.sale_id is not None)

    def save_shipment(
        self, record: ShipmentRecord, order: Order | None = None, answered: AnsweredPush | None = None
    ) -> None:
        writes = [_replacement(record), *(_order_writes(order) if order else ())]
        if record.sale_id is None and record.version == 1:
            unknown = keys.order_key(record.connection, record.shipment.reference)
            writes.append(Write(unknown, conditions.IS_NEW, what(record)))
        if answered is not None:
            writes.append(pushes.write(answered))
        self._transact(writes, record)

    def save_settled(self, order: Order, shipments: Iterable[ShipmentRecord]) -> None:
        self._transact([*_order_writes(order), *(_replacement(record) for record in shipments)], order)

    def list_unmatched(self, connection: str) -> Iterator[ShipmentRecord]:
        return self._listed(keys.list_key(connection, "shipment", ShipmentStatus.UNMATCHED), ShipmentRecord)

    # --- pushes ---

    def open_push(self, push: PushId, shipments: Iterable[Shipment]) -> "DynamoOrders":
        push_key, named = keys.push_key(push.connection, push.webhook_id), tuple(shipments)
        wanted = {keys.order_key(push.connection, each.reference) for each in named}
        wanted |= {keys.shipment_key(push.connection, each.reference, each.id) for each in named}
        found = {keys.Key(item["pk"], item["sk"]): item for item in read_many(self._table, [push_key, *wanted])}
        pushes.check(push, found.get(push_key))
        return _ReadAhead(self._table, {key: found.get(key) for key in wanted})

    def save_answered(self, answered: AnsweredPush) -> None:
        pushes.put_answered(self._table, answered)

    # --- within ---

    def _save_with_pointer(
        self, record: Order | SaleEntry, pointer_known: conditions.Condition | None, writes: Sequence[Write]
    ) -> None:
        """Save the next version, alone where its look-up key is known to be there, else together with the key.

        `writes`: the record's own, then its look-up key's.
        """
        follows = conditions.follows(record.version)
        condition = follows & pointer_known if pointer_known else follows
        try:
            put(self._table, replace(writes[0], condition=condition), lambda: too_large(record))
        except ConditionFailed as failed:
            if failed.found is None or failed.found.get("version") != record.version - 1:
                raise self._lost(failed, record) from failed
            self._transact(writes, record)

    def _transact(self, writes: Sequence[Write], record: Stored) -> None:
        """Write everything or nothing; what is alone is put, which costs half."""
        try:
            if len(writes) == 1:
                put(self._table, writes[0], lambda: too_large(record))
            else:
                transact(self._table, writes, lambda: too_large(record))
        except ConditionFailed as failed:
            raise self._lost(failed, record) from failed

    def _lost(self, failed: ConditionFailed, record: Stored) -> LostRace | NeedsPerson | AnsweredBefore:
        """The lost race with its winner: the record that stands there, or that the look-up key points to.

        A reference or a look-up key of another sale is no race: no repetition will ever win it.
        """
        found = failed.found or {}
        if found.get("kind") == keys.PUSH:
            return pushes.answered_before(failed)
        winner = record_of(found)
        if found.get("kind") == keys.POINTER:
            winner = self.order(found["connection"], found["reference"])
        if isinstance(winner, Order) and record.sale_id not in {None, winner.sale_id}:
            named = failed.write.what if found.get("kind") == keys.POINTER else f"reference {winner.reference}"
            text = f"{named} is taken by {winner.content.order_number}, order {winner.reference}"
            return NeedsPerson("key_taken", text)
        return LostRace(failed.write.what, winner)

    def _read[R: Stored](self, key: Key, record: type[R]) -> R | None:
        found = record_of(read_item(self._table, key))
        return found if isinstance(found, record) else None

    def _listed[R: Stored](
        self, list_key: str, record: type[R], since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[R]:
        """The records of a list, the last listed first."""
        wanted: ConditionBase = Where("list_key").eq(list_key)
        if since or until:
            wanted &= Where("listed_at").between(keys.stamp(since or _LONG_AGO), keys.stamp(until or _FAR_OFF))
        return _records(query(self._table, wanted, index=keys.LISTING_INDEX, newest_first=True), record)


class _ReadAhead(DynamoOrders):
    """The orders, of which some were read already: each of these is told once, and read again after that."""

    def __init__(self, table: "Table", found: dict[Key, Item | None]) -> None:
        super().__init__(table)
        self._found = found

    def _read[R: Stored](self, key: Key, record: type[R]) -> R | None:
        if key not in self._found:
            return super()._read(key, record)
        found = record_of(self._found.pop(key))
        return found if isinstance(found, record) else None


def _records[R: Stored](items: Iterable[Item], record: type[R]) -> Iterator[R]:
    return (found for found in map(record_of, items) if isinstance(found, record))


def _due_key(item: Item) -> DueKey:
    return DueKey(partition=item["pk"], sort=item["sk"], due_at=datetime.fromisoformat(item["due_at"]))


def _replacement(record: Stored) -> Write:
    """The record in the place of its previous version."""
    return Write(keys.record_key(record), conditions.follows(record.version), what(record), item_of(record))


def _order_writes(order: Order) -> list[Write]:
    """The order with the look-up keys that this version may bring: its place at its sale, its id at the warehouse."""
    writes = [_replacement(order)]
    if order.version == 1:
        key = keys.sales_order_key(order.connection, order.sale_id, order.reference)
        writes.append(_order_pointer(order, key, None, f"order {order.reference}"))
    if order.warehouse_order_id:
        key = keys.warehouse_key(order.connection, order.warehouse_order_id)
        condition = conditions.is_free_or_of(order.sale_id)
        writes.append(_order_pointer(order, key, condition, f"warehouse order {order.warehouse_order_id}"))
    return writes


def _order_pointer(order: Order, key: Key, condition: conditions.Condition | None, named: str) -> Write:
    return Write(key, condition, named, _pointer(order, key) | {"reference": order.reference})


def _number_pointer(entry: SaleEntry) -> Write:
    key = keys.number_key(entry.connection, entry.order_number, entry.sale_id)
    return Write(key, None, what(entry), _pointer(entry, key))


def _pointer(record: Order | SaleEntry, key: Key) -> Item:
    fields = {"kind": keys.POINTER, "connection": record.connection, "sale_id": record.sale_id}
    return {**key.attributes(), **fields}
