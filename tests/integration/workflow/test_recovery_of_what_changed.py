"""What people changed in the lost time, under other references than the sale has now: found, and sent once."""

from collections import Counter

import pytest

from crossdock.domain.states import OrderStatus
from crossdock.recovering import recover
from tests.integration.workflow.conftest import simple
from tests.integration.workflow.test_recovery import (
    COLLECT,
    CONFIRM,
    DOWN,
    ONCE,
    OUT,
    advanced,
    enter,
    sent,
    settle,
    shipped_units,
    tick,
    written,
)

RED = ({"sku": "MUG-RED", "quantity": 3},)
BLUE = ({"sku": "MUG-BLUE", "quantity": 2},)
OF_SO_0 = Counter({"MUG-BLUE": 1})
ALL = OF_SO_0 + Counter({"MUG-RED": 3, "MUG-BLUE": 2})


def act(world, what, number="SO-1", **body):
    """What a user of DEAR does to the sale."""
    world.dear.control(f"sales/{number}/{what}", body)
    world.clock.sleep(60)


def split(world, pick):
    """A fulfilment for the red mugs, and one for the blue ones."""
    for lines in (RED, BLUE):
        act(world, "fulfilment", "SO-9", lines=list(lines), pick=pick)


def go_on(world):
    """The floor ships all that it has; then until nothing is due."""
    tick(world, 12)
    world.warehouse.control("work", {"push_share": 0})
    tick(world, 25)


def begin_work(world):
    """The floor begins to work on the order of SO-9, which cannot be changed any more."""
    (first,) = [each for each in sent(world) if each.startswith("SO-9")]
    world.warehouse.control(f"orders/{first}/start", {})


def void_second(world):
    """Void the fulfilment for the blue mugs."""
    world.client().void_fulfilment(world.order("SO-9.2").task_id)
    world.clock.sleep(60)


def split_and_void(world):
    """A sale of two fulfilments, both at the warehouse, the second of which is voided."""
    enter(world, advanced("SO-9"))
    split(world, "DRAFT")
    world.tick(DOWN, OUT)
    void_second(world)


@pytest.mark.parametrize("stood", [OrderStatus.NEW, OrderStatus.AT_WMS])
def test_a_known_order_that_grew_before_its_sale_was_split_has_the_growth(world, backup, stood):
    enter(world, simple("SO-9", ("MUG-RED", 3), type="Advanced"))
    world.tick(DOWN)
    if stood is OrderStatus.AT_WMS:
        world.tick(OUT)
    before = backup()
    act(world, "edit", "SO-9", lines=[{**line, "price": 10} for line in (*RED, *BLUE)])
    world.tick(DOWN, OUT)
    world.clock.sleep(60)
    world.tick(DOWN, OUT)
    begin_work(world)
    split(world, "AUTHORISED")
    before.restored()

    go_on(world)

    assert shipped_units(world) == ALL


def test_a_fulfilment_that_was_voided_is_taken_back_from_the_warehouse(world, backup):
    before = backup()
    split_and_void(world)
    before.restored()

    go_on(world)

    assert shipped_units(world) == OF_SO_0 + Counter({"MUG-RED": 3})


def test_goods_that_were_put_on_another_fulfilment_leave_once(world, backup):
    before = backup()
    split_and_void(world)
    act(world, "fulfilment", "SO-9", lines=list(BLUE), pick="DRAFT")
    before.restored()

    go_on(world)

    assert shipped_units(world) == ALL


def test_a_later_generation_is_found_though_the_first_never_came_to_the_warehouse(world, backup):
    before = backup()
    enter(world, simple("SO-1"))
    world.tick(DOWN)
    act(world, "undo")
    world.tick(DOWN, OUT)
    act(world, "authorise")
    world.tick(DOWN, OUT)
    before.restored()

    go_on(world)

    assert sent(world) == Counter(["SO-0", "SO-1-r2"])
    assert world.order("SO-1-r2").status is OrderStatus.INVOICED


@pytest.mark.parametrize("has_left", [True, False])
def test_a_download_between_the_restore_and_recover_sends_nothing_twice(world, backup, has_left):
    before = backup()
    enter(world, advanced("SO-9"))
    world.tick(DOWN, OUT)
    begin_work(world)
    split(world, "AUTHORISED")
    if has_left:
        world.warehouse.control("work", {"push_share": 0})
    before.put_back()
    world.step(DOWN)
    world.clock.sleep(60)
    assert recover(world.checkpoints, "main", before.made_at, world.clock.now()) == ()
    world.clock.sleep(60)

    go_on(world)

    assert shipped_units(world) == ALL


@pytest.mark.parametrize("known", [True, False])
def test_an_order_that_was_cancelled_and_is_asked_for_again_arrives(world, backup, known):
    before = None if known else backup()
    enter(world, simple("SO-1"))
    world.tick(DOWN, OUT)
    before = before or backup()
    act(world, "undo")
    world.tick(DOWN, OUT)
    act(world, "authorise")
    before.restored()

    settle(world)

    assert shipped_units(world) == OF_SO_0 + Counter({"MUG-RED": 2})


@pytest.mark.parametrize("what", ["void", "undo"])
@pytest.mark.parametrize("in_parts", [False, True])
def test_an_advanced_sale_that_was_taken_back_does_not_leave(world, backup, what, in_parts):
    before = backup()
    enter(world, advanced("SO-9"))
    if in_parts:
        split(world, "DRAFT")
    world.tick(DOWN, OUT)
    act(world, what, "SO-9")
    before.restored()

    go_on(world)

    assert shipped_units(world) == OF_SO_0


def test_an_order_that_was_new_then_delivered_then_voided_does_not_leave(world, backup):
    enter(world, simple("SO-1"))
    world.tick(DOWN)
    before = backup()
    world.tick(OUT)
    act(world, "void")
    before.restored()

    go_on(world)

    assert shipped_units(world) == OF_SO_0


def canceled_and_sent_anew(world, backup):
    """An order that is canceled in the backup, and whose next generation was delivered after it."""
    enter(world, simple("SO-1"))
    world.tick(DOWN, OUT)
    act(world, "undo")
    world.tick(DOWN, OUT)
    before = backup()
    act(world, "authorise")
    world.tick(DOWN, OUT)
    return before


def test_a_later_generation_of_an_order_that_is_canceled_here_does_not_leave_once_voided(world, backup):
    before = canceled_and_sent_anew(world, backup)
    act(world, "void")
    before.restored()

    settle(world)

    assert shipped_units(world) == OF_SO_0


def test_a_later_generation_of_an_order_that_is_canceled_here_is_invoiced_once_confirmed(world, backup):
    before = canceled_and_sent_anew(world, backup)
    world.warehouse.control("work", {"push_share": 0})
    world.tick(COLLECT, CONFIRM)
    before.restored()

    settle(world)

    assert written(world, "SO-1") == ONCE
