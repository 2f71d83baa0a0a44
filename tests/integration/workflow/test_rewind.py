"""A rewind has everything looked at again, and never makes a second warehouse order, wherever orders stand."""

from collections import Counter
from datetime import datetime, timedelta

from crossdock.domain.states import OrderStatus, Step
from crossdock.rewinding import rewind
from tests.integration.workflow.conftest import World, simple

STAGES = ("SO-1", "SO-2", "SO-3", "SO-4", "SO-5", "SO-6")


def at_every_stage(world: World) -> dict[str, OrderStatus]:
    """One order invoiced, one shipped, one at the warehouse, one held there, one withdrawn, one that is only here."""
    world.seed(simple("SO-1"))
    world.settle()
    world.warehouse.control("work", {"push_share": 0})
    world.settle()
    world.dear.control("seed", {"sales": [simple("SO-2")]})
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    world.warehouse.control("work", {"push_share": 0})
    world.tick(Step.COLLECT_SHIPMENTS)
    world.dear.control("seed", {"sales": [simple("SO-3"), simple("SO-4"), simple("SO-5")]})
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    world.orders.save_order(world.order("SO-4").held_by_person("the customer rang", world.clock.now()))
    world.dear.control("sales/SO-5/void", {})
    world.clock.sleep(60)
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    world.dear.control("seed", {"sales": [simple("SO-6")]})
    world.clock.sleep(60)
    world.tick(Step.DOWNLOAD_ORDERS)
    return {number: world.order(number).status for number in STAGES}


def created(world: World) -> Counter[str]:
    return Counter(entry["reference"] for entry in world.warehouse.ledger("order_created"))


def back(world: World, to: datetime) -> None:
    rewind(world.checkpoints, "main", to, judged_again_before=world.clock.now())


def test_a_rewind_never_makes_a_second_order_wherever_the_first_stands(world: World) -> None:
    began = world.clock.now()
    stood = at_every_stage(world)
    assert list(stood.values()) == ["invoiced", "shipped", "at_wms", "held", "canceled", "new"]
    world.clock.sleep(2 * 3600)

    for _ in range(2):
        back(world, began - timedelta(days=1))
        world.settle()

    assert created(world) == Counter(STAGES)
    assert world.order("SO-4").status is OrderStatus.HELD
    assert world.order("SO-5").status is OrderStatus.CANCELED
    assert {world.order(number).status for number in ("SO-1", "SO-2")} == {OrderStatus.INVOICED}


def test_a_rewind_reads_what_is_under_way_again_and_leaves_what_is_at_rest(world: World) -> None:
    began = world.clock.now()
    at_every_stage(world)
    world.clock.sleep(2 * 3600)
    quiet = world.step(Step.DOWNLOAD_ORDERS)
    back(world, began - timedelta(days=1))

    report = world.step(Step.DOWNLOAD_ORDERS)
    after = world.step(Step.DOWNLOAD_ORDERS)

    assert "read" not in quiet.counts
    assert report.counts["read"] == 3
    assert "read" not in after.counts


def test_a_rewind_never_moves_ahead(world: World) -> None:
    world.seed(simple("SO-1"))
    world.tick(Step.DOWNLOAD_ORDERS)
    since = world.checkpoints.checkpoint("main", Step.DOWNLOAD_ORDERS).since
    assert since is not None
    world.clock.sleep(3600)

    moved = rewind(world.checkpoints, "main", since + timedelta(minutes=30))

    assert moved.since == since


def test_a_rewind_before_the_first_list_is_read_leaves_it_to_be_read_whole(world: World) -> None:
    world.seed(simple("SO-1"))

    back(world, world.clock.now() - timedelta(days=1))
    world.step(Step.DOWNLOAD_ORDERS)

    assert world.order("SO-1").status is OrderStatus.NEW
