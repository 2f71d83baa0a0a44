"""How many DEAR calls a downloaded order costs, and what a pass costs that finds nothing new."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench.result import Row, Sizes, Tell, at_most, exactly
from bench.sales import SETTINGS, add_finished_rows, advanced, seed, simple, stock_up
from bench.world import NAME, World
from crossdock.domain.states import OrderStatus, Step

type Kind = Callable[[str], dict[str, Any]]
"""Makes a sale of its number."""

PAGE = 1000
_FIRST = "first connection"
_NOTHING_NEW = "nothing new"


def first_connection(sizes: Sizes, tell: Tell) -> list[Row]:
    """An account with old sales of which some are in scope is connected; the step runs every minute until all is in.

    An advanced sale with two fulfilments is two orders for one read, so an account with simple sales alone is dearer.
    """
    kinds: dict[str, tuple[Kind, ...]] = {
        "simple sales alone": (simple,),
        "one sale in six advanced": (simple, simple, simple, simple, simple, advanced),
    }
    return [row for name, mix in kinds.items() for row in _connected(f"{_FIRST}: {name}", mix, sizes, tell)]


def _connected(of: str, mix: tuple[Kind, ...], sizes: Sizes, tell: Tell) -> list[Row]:
    world = World(SETTINGS)
    tell(f"{sizes.listed:,} sales, {sizes.in_scope:,} of them in scope")
    stock_up(world)
    seed(world, [mix[place % len(mix)](f"SO-{place:05}") for place in range(sizes.in_scope)])
    add_finished_rows(world, sizes.listed - sizes.in_scope, world.clock.now(), timedelta(hours=1))
    world.clock.sleep(30 * 86_400)
    world.dear.calls()
    tell("downloading")
    runs = world.repeat(Step.DOWNLOAD_ORDERS)
    orders = sum(1 for _ in world.orders.list_orders(NAME, OrderStatus.NEW))
    calls = world.dear.calls()
    polls, names = runs - 1, calls["GET /ref/location"]
    most = at_most(1 + sizes.listed / PAGE / orders)
    return [
        Row(of, "sales listed", sizes.listed),
        Row(of, "orders loaded", orders),
        Row(of, "DEAR calls an order, without the next two", (calls.total() - polls - names) / orders, most),
        Row(of, "DEAR calls: a list in each run after the first", polls),
        Row(of, "DEAR calls: names of locations", names),
        Row(of, "DEAR calls an order, all of them", calls.total() / orders),
        Row(of, "DEAR calls: reads of a sale in scope", calls["GET /sale"] / sizes.in_scope, exactly(1)),
        Row(
            of, "DEAR calls: pages of the first list", calls["GET /salelist"] - polls, at_most(-(-sizes.listed // PAGE))
        ),
    ]


def nothing_new(sizes: Sizes, tell: Tell) -> list[Row]:
    """Every sale of the account changed within the hour that each pass reads again, and none since the last pass."""
    world = World(SETTINGS)
    loaded = max(1, sizes.known // 200)
    tell(f"{sizes.known:,} sales")
    stock_up(world)
    world.clock.sleep(3000)
    add_finished_rows(world, sizes.known - loaded, world.clock.now(), timedelta(seconds=2800 / sizes.known))
    seed(world, [simple(f"SO-{place:05}") for place in range(loaded)])
    tell("the first pass")
    world.repeat(Step.DOWNLOAD_ORDERS)
    world.clock.sleep(60)
    world.dear.calls()
    tell("a pass with nothing new")
    again = _pass(world)
    world.clock.sleep(7200)
    tell("a pass two hours later")
    _pass(world)  # still reads from an hour before the pass before it
    world.clock.sleep(60)
    later = _pass(world)
    return [
        Row(_NOTHING_NEW, "sales listed again", sizes.known),
        Row(_NOTHING_NEW, "DEAR calls: pages of the list", again["lists"], at_most(sizes.known // PAGE + 1)),
        Row(_NOTHING_NEW, "DEAR calls: everything else", again["others"], exactly(0)),
        Row(_NOTHING_NEW, "DynamoDB: orders and ledger entries written", again["records written"], exactly(0)),
        Row(_NOTHING_NEW, "DynamoDB: requests", again["requests"]),
        Row(_NOTHING_NEW, "DynamoDB: requests for each 1,000 sales", again["requests"] * 1000 / sizes.known),
        Row(_NOTHING_NEW, "two hours later, DEAR calls", later["lists"] + later["others"], exactly(1)),
        Row(_NOTHING_NEW, "two hours later, DynamoDB requests", later["requests"]),
    ]


def _pass(world: World) -> dict[str, int]:
    """One run of the step, counted."""
    meter = world.tables.meter
    meter.clear()
    report = world.step(Step.DOWNLOAD_ORDERS)
    if report.outcome != "done":
        raise RuntimeError(f"the pass ended as {report.outcome}: {report.stopped_because}")
    calls = world.dear.calls()
    return {
        "lists": calls["GET /salelist"],
        "others": calls.total() - calls["GET /salelist"],
        "requests": meter.requests.total(),
        "records written": meter.written[world.tables.orders.name],
    }
