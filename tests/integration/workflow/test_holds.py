"""What a person holds: no step and no change of its sale moves it on; a release goes on from where it then stands."""

import pytest

from crossdock.domain.model import Reason
from crossdock.domain.order import HELD_BY_PERSON
from crossdock.domain.states import Decision, OrderStatus, Step
from crossdock.wms.http import HttpWarehouse
from tests.integration.workflow.conftest import World, simple
from tests.integration.workflow.test_edits import DOWN, OUT, act, at_the_warehouse, mugs, there


def hold(world: World, reference: str = "SO-1") -> None:
    world.orders.save_order(world.order(reference).held_by_person("wait for payment", world.clock.now()))


def release(world: World, reference: str = "SO-1") -> None:
    world.orders.save_order(world.order(reference).released(world.clock.now()))


def test_a_held_order_is_not_delivered_though_its_sale_changes_and_is_delivered_as_it_then_is(world):
    world.seed(simple())
    world.tick(DOWN)
    hold(world)
    act(world, "edit", mugs(5))
    world.settle()
    meanwhile = there(world)

    release(world)
    world.tick(OUT)

    assert meanwhile == {}
    assert there(world) == {"SO-1": {"MUG-RED": "5"}}


def test_what_the_warehouse_ships_of_a_held_order_is_known_and_confirmed_after_the_release(world):
    at_the_warehouse(world)
    hold(world)
    world.warehouse.control("orders/SO-1/ship", {})
    world.settle()
    held = world.order("SO-1")
    written = world.dear.ledger("pick")

    release(world)
    world.settle()

    assert (held.status, held.held_from, held.reason.code) == (
        OrderStatus.HELD,
        OrderStatus.SHIPPED,
        HELD_BY_PERSON,
    )
    assert len(world.orders.shipments_of_order(held)) == 1
    assert written == []
    assert world.order("SO-1").status is OrderStatus.INVOICED


def test_a_change_at_the_warehouse_waits_behind_the_hold(world):
    at_the_warehouse(world)
    hold(world)
    act(world, "edit", mugs(5))
    world.settle()
    meanwhile = there(world)

    release(world)
    world.tick(OUT)

    assert meanwhile == {"SO-1": {"MUG-RED": "2"}}
    assert there(world) == {"SO-1": {"MUG-RED": "5"}}


@pytest.mark.parametrize("started", [False, True])
def test_a_void_is_sent_to_the_warehouse_in_spite_of_the_hold(world, started):
    at_the_warehouse(world)
    if started:
        world.warehouse.control("orders/SO-1/start", {})
    hold(world)
    act(world, "void")

    world.tick(DOWN, OUT)

    order = world.order("SO-1")
    if started:
        assert (order.status, order.held_from) == (OrderStatus.HELD, OrderStatus.AT_WMS)
        assert "held by a person: wait for payment; meanwhile: voided in DEAR" in order.reason.text
    else:
        assert (order.status, there(world)) == (OrderStatus.CANCELED, {})


@pytest.mark.parametrize("steps", [(DOWN,), (DOWN, OUT)])
def test_what_people_ship_by_hand_while_it_is_held_is_withdrawn_so_that_no_release_ships_it_again(world, steps):
    world.seed(simple())
    world.tick(*steps)
    hold(world)
    for stage in ("pick", "pack", "ship"):
        act(world, stage)

    world.settle()

    assert (world.order("SO-1").status, there(world)) == (OrderStatus.CANCELED, {})


def test_a_held_sale_that_goes_on_backorder_comes_back_held(world):
    world.seed(simple(), stock=3)
    world.tick(DOWN)
    hold(world)
    act(world, "edit", mugs(5))
    world.tick(DOWN)
    world.dear.control("stock", {"sku": "MUG-RED", "location": "Main Warehouse", "on_hand": 100})
    act(world, "allocate")

    world.settle()

    assert world.order("SO-1").status is OrderStatus.CANCELED
    assert world.order("SO-1-r2").reason.code == HELD_BY_PERSON
    assert there(world) == {}


def test_a_hold_outlives_that_the_sale_is_undone_and_authorised_again(world):
    world.seed(simple())
    world.tick(DOWN)
    hold(world)
    act(world, "undo")
    world.settle()
    act(world, "authorise")
    world.settle()
    held = world.order("SO-1-r2")

    release(world, "SO-1-r2")
    world.tick(OUT)

    assert world.order("SO-1").status is OrderStatus.CANCELED
    assert (held.status, held.reason.code) == (OrderStatus.HELD, HELD_BY_PERSON)
    assert there(world) == {"SO-1-r2": {"MUG-RED": "2"}}


def test_a_hold_that_comes_while_the_order_is_being_delivered_keeps_what_was_begun(world, monkeypatch):
    world.seed(simple())
    world.tick(DOWN)
    send = HttpWarehouse.create_order

    def held_meanwhile(self, *arguments):
        hold(world)
        return send(self, *arguments)

    monkeypatch.setattr(HttpWarehouse, "create_order", held_meanwhile)
    world.tick(OUT)
    held = world.order("SO-1")
    release(world)
    world.clock.sleep(90)
    world.tick(OUT)

    assert (held.status, held.intent.action) == (OrderStatus.HELD, "deliver")
    assert len(world.warehouse.ledger("order_created")) == 1
    assert world.order("SO-1").status is OrderStatus.AT_WMS


def test_a_held_sale_is_not_loaded_whatever_its_row_does_and_is_loaded_after_the_release(world):
    world.seed(simple())
    world.dear.fault(method="GET", path=".*/sale$", kind="status", status=500)
    world.tick(DOWN)
    (entry,) = world.orders.sales_numbered("main", "SO-1")
    reason = Reason(code=HELD_BY_PERSON, text="held by a person: wait")
    world.orders.save_sale(entry.decided(Decision.HELD, world.clock.now(), reason))
    act(world, "edit", mugs(5))
    world.settle()
    (held,) = world.orders.list_sales("main", Decision.HELD)

    world.orders.save_sale(held.decided(Decision.PENDING, world.clock.now()))
    world.tick(DOWN, OUT)

    assert held.reason == reason
    assert there(world) == {"SO-1": {"MUG-RED": "5"}}


def test_a_hold_of_a_sale_that_comes_while_it_is_read_is_kept(world, monkeypatch):
    world.settings["ship_methods"] = {"DEFAULT Carrier": "STD"}
    world.seed(simple(carrier="Pigeon Post"))
    reason = Reason(code=HELD_BY_PERSON, text="held by a person: wait")
    sale, save = world.orders.sale, world.orders.save_sale

    def held_meanwhile(connection, sale_id):
        found = sale(connection, sale_id)
        if found is not None and found.decision is Decision.PENDING:
            save(found.decided(Decision.HELD, world.clock.now(), reason))
        return sale(connection, sale_id)

    monkeypatch.setattr(world.orders, "sale", held_meanwhile)
    world.tick(DOWN)

    (held,) = world.orders.list_sales("main", Decision.HELD)
    assert held.reason == reason


def test_an_order_given_up_is_released_and_goes_its_way(world):
    world.seed(simple())
    world.tick(DOWN)
    fault = Reason(code="error", text="given up after 12 tries")
    world.orders.save_order(world.order("SO-1").moved(OrderStatus.ERROR, world.clock.now(), reason=fault))
    world.tick(OUT)
    meanwhile = there(world)

    release(world)
    world.tick(OUT)

    assert meanwhile == {}
    assert there(world) == {"SO-1": {"MUG-RED": "2"}}


def test_an_order_released_unmended_is_held_again_with_its_reason(world):
    world.seed(simple("SO-1", ("MUG-BLUE", 1)))
    world.warehouse.control("settings", {"refused_skus": ["MUG-BLUE"]})
    world.tick(DOWN, OUT)

    release(world)
    world.tick(OUT)

    again = world.order("SO-1")
    assert (again.status, again.reason.code) == (OrderStatus.HELD, "refused")
    assert [event.event for event in again.timeline] == ["new", "held", "released", "held"]


def test_an_order_held_while_it_is_confirmed_is_written_in_dear_once(world):
    at_the_warehouse(world)
    world.warehouse.control("orders/SO-1/ship", {})
    world.tick(Step.COLLECT_SHIPMENTS)
    world.dear.fault(method="POST", path=".*/ship$", kind="timeout_after")
    world.tick(Step.CONFIRM_SHIPMENTS)
    hold(world)
    world.clock.sleep(90)
    world.tick(Step.CONFIRM_SHIPMENTS)
    stays = world.order("SO-1").status

    release(world)
    world.settle()

    assert stays is OrderStatus.HELD
    assert world.order("SO-1").status is OrderStatus.INVOICED
    assert [len(world.dear.ledger(kind)) for kind in ("pick", "pack", "ship")] == [1, 1, 1]
