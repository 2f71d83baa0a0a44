"""What a sale costs from DEAR's list to its invoice, and what a correction of stock costs."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.result import Row, Sizes, Tell, at_most, exactly
from bench.sales import PLENTY, SETTINGS, advanced, seed, simple, stock_up
from bench.world import NAME, World
from crossdock.domain.states import OrderStatus, Step

_WAY = "from the list to the invoice"
_STOCK = "stock"
MOST_LINES = 500
LONGEST = 200
"""Ticks after which something is wrong."""


@dataclass(frozen=True)
class Kind:
    """A kind of sale, what one of its orders is called, and how many calls it is to cost."""

    order: str
    sale: Callable[[str], dict[str, Any]]
    orders: int
    target: float


KINDS = (
    Kind("a simple sale", simple, 1, 5.1),
    Kind("a fulfilment, one in its sale", partial(advanced, fulfilments=1), 1, 6.1),
    Kind("a fulfilment, two in their sale", partial(advanced, fulfilments=2), 2, 6.1),
)


def whole_way(sizes: Sizes, tell: Tell) -> list[Row]:
    """Sales of one kind at a time go all the way: every scheduled step each minute, until all are invoiced."""
    rows: list[Row] = []
    for kind in KINDS:
        tell(f"{sizes.orders:,} orders to their invoices: {kind.order}")
        sales = [kind.sale(f"SO-{place:05}") for place in range(sizes.orders // kind.orders)]
        orders = len(sales) * kind.orders
        calls, ticks = _invoiced(sales, orders)
        of = f"{_WAY}: {kind.order}"
        each = {call: count / orders for call, count in sorted(calls.items()) if "/sale" in call}
        rows.append(Row(of, "DEAR calls, stock left out", sum(each.values()), at_most(kind.target)))
        rows += [Row(of, f"of them {call}", count) for call, count in each.items()]
        rows.append(Row(of, f"ticks until {orders:,} orders are invoiced", ticks))
    return rows


def stock_correction(sizes: Sizes, tell: Tell) -> list[Row]:
    """The warehouse counts one unit more of every SKU: how often DEAR is written to."""
    tell(f"{sizes.skus:,} SKUs that differ")
    world = World(SETTINGS)
    stock_up(world, tuple(f"SKU-{place:05}" for place in range(sizes.skus)), counted=PLENTY + 1)
    world.step(Step.DOWNLOAD_ORDERS)
    world.dear.calls()
    runs = world.repeat(Step.SYNC_INVENTORY)
    calls = world.dear.calls()
    batches = -(-sizes.skus // MOST_LINES)
    return [
        Row(_STOCK, "SKUs that differ", sizes.skus),
        Row(
            _STOCK,
            f"writes for each {MOST_LINES} of them",
            calls["POST /stockadjustment"] / batches,
            exactly(1),
        ),
        Row(_STOCK, "DEAR calls in all", calls.total()),
        Row(_STOCK, "runs", runs),
    ]


def _invoiced(sales: list[dict[str, Any]], orders: int) -> tuple[Counter[str], int]:
    """The DEAR calls until so many orders are invoiced, and the ticks that took."""
    world = World(SETTINGS)
    stock_up(world)
    seed(world, sales)
    world.dear.calls()
    for tick in range(1, LONGEST):
        world.tick()
        if sum(1 for _ in world.orders.list_orders(NAME, OrderStatus.INVOICED)) == orders:
            return world.dear.calls(), tick
        world.warehouse.control("work", {"push_share": 0})
        world.clock.sleep(60)
    raise RuntimeError(f"{orders} orders are not invoiced after {LONGEST} ticks")
