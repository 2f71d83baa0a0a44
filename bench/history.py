"""Does the cost grow with what lies in the table? The same ticks, with few finished orders in it and with many."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from bench.expressions import Item
from bench.memory import Table, place_of
from bench.result import Row, Sizes, Tell, at_most
from bench.sales import SETTINGS, seed, simple, stock_up
from bench.world import NAME, World
from crossdock.domain.states import DAILY_STEPS, SCHEDULED_STEPS, OrderStatus, Step
from crossdock.store.keys import stamp

_FINISHED = "SO-DONE"
_TICKS = ("a sale comes in and is delivered", "it ships, and goes to its invoice", "nothing moves")
_DAILY = "the daily steps"
MOST_GROWTH = 1.05
APART = timedelta(minutes=5)
"""From one finished order to the next, back from the day before yesterday."""

type Costs = dict[str, int]


def history(sizes: Sizes, tell: Tell) -> list[Row]:
    """Three ticks of every scheduled step, each counted, and the daily steps; with little history and with much."""
    few, many = sizes.little_history, sizes.much_history
    little, much = _ticks(few, tell), _ticks(many, tell)
    of = f"history: {few:,} and {many:,} finished orders"
    rows = []
    for what in ("requests", "items read", "items written"):
        growth = max(_ratio(after[what], before[what]) for before, after in zip(little[:-1], much, strict=False))
        rows.append(Row(of, f"DynamoDB {what} a tick, with many to with few", growth, at_most(MOST_GROWTH)))
    for tick, costs in zip((*_TICKS, _DAILY), much, strict=True):
        rows += [Row(of, f"{tick}: {what}", figure) for what, figure in costs.items()]
    return rows


def _ratio(after: int, before: int) -> float:
    return after / before if before else float(after == 0)


def _ticks(finished: int, tell: Tell) -> list[Costs]:
    """What each tick, and then a run of the daily steps, costs in a table with so many finished orders."""
    world = World(SETTINGS)
    tell(f"{finished:,} finished orders")
    with_history(world, finished)
    world.clock.sleep(2 * 86_400)
    tell(f"three ticks after {finished:,} finished orders")
    seed(world, [simple("SO-LIVE")])
    first = _costs(world, SCHEDULED_STEPS)
    world.warehouse.control("work", {"push_share": 0})
    second = _costs(world, SCHEDULED_STEPS)
    invoiced = {
        order.sale_number for order in world.orders.list_orders(NAME, OrderStatus.INVOICED, world.clock.now() - APART)
    }
    if invoiced != {"SO-LIVE"}:
        raise RuntimeError(f"the sale should be invoiced by now, not {sorted(invoiced)}")
    world.clock.sleep(3600)
    return [first, second, _costs(world, SCHEDULED_STEPS), _costs(world, DAILY_STEPS)]


def _costs(world: World, steps: Iterable[Step]) -> Costs:
    """What one run of each of these steps costs; a minute passes after them."""
    meter = world.tables.meter
    meter.clear()
    for step in steps:
        world.step(step)
    costs = {
        "requests": meter.requests.total(),
        "items read": meter.items_read,
        "items written": meter.written.total(),
        "kilobytes read": meter.bytes_read // 1000,
    }
    world.clock.sleep(60)
    return costs


def with_history(world: World, finished: int) -> None:
    """So many finished orders: one that went all the way, and copies of it."""
    stock_up(world)
    _finish_one(world)
    _multiply(world, finished)


def _finish_one(world: World) -> None:
    """A sale goes all the way, so that there is a true record of every kind to copy."""
    seed(world, [simple(_FINISHED)])
    world.tick()
    world.warehouse.control("work", {"push_share": 0})
    world.clock.sleep(60)
    world.tick()
    (order,) = world.orders.list_orders(NAME, OrderStatus.INVOICED)
    if order.sale_number != _FINISHED:
        raise RuntimeError(f"{_FINISHED} should be invoiced by now")


def _multiply(world: World, finished: int) -> None:
    """Make it so many finished orders: every item of it again, with keys and dates of its own and the same content."""
    table = world.tables.orders_kept
    (order,) = world.orders.list_orders(NAME, OrderStatus.INVOICED)
    (shipment,) = world.orders.shipments_of_order(order)
    names = (order.sale_id, order.reference, str(order.warehouse_order_id), shipment.shipment.id)
    stamps = world.clock.now()
    patterns = [_Pattern(table, item, names) for item in _items(table)]
    for number in range(finished - 1, 0, -1):  # oldest first, as they would have come
        at = stamp(stamps - number * APART)
        for pattern in patterns:
            pattern.add(number, at)


def _items(table: Table) -> list[Item]:
    return [stored.item for partition in table.partitions.values() for stored in partition.values()]


class _Pattern:
    """One item of a finished order, to be copied. What is the same in every copy is shared by them."""

    def __init__(self, table: Table, item: Item, names: tuple[str, ...]) -> None:
        self._table, self._item, self._names = table, item, names
        self._own = [key for key, value in item.items() if any(name in value.get("S", "") for name in names)]
        stored = table.find(place_of(item))
        self._size = stored.size if stored else 0

    def add(self, number: int, at: str) -> None:
        copied: dict[str, Any] = {key: {"S": self._renamed(self._item[key]["S"], number)} for key in self._own}
        dated = {"listed_at": {"S": at}} if "listed_at" in self._item else {}
        self._table.put({**self._item, **copied, **dated}, self._size)

    def _renamed(self, text: str, number: int) -> str:
        for name in self._names:
            text = text.replace(name, f"{name}-{number}")
        return text
