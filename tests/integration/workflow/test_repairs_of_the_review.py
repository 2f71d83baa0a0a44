"""Faults that a review found, in which orders of one sale stood in each other's way."""

from collections.abc import Callable
from decimal import Decimal

import pytest
import requests

from crossdock.domain.errors import Interrupted
from crossdock.domain.order import Content
from crossdock.domain.states import Decision, OrderStatus
from crossdock.ports import WarehouseOrder
from crossdock.wms.http import HttpWarehouse
from tests.integration.workflow.conftest import World, simple
from tests.integration.workflow.test_confirmation import reported, ship
from tests.integration.workflow.test_confirmation_in_parts import advanced, order_of
from tests.integration.workflow.test_edits import DOWN, OUT, act, at_the_warehouse, mugs, there
from tests.integration.workflow.test_holds import release


def lost_post(monkeypatch: pytest.MonkeyPatch) -> Callable[[], WarehouseOrder]:
    """The first POST gets no answer, and is worked on only when what is returned is called."""
    send = HttpWarehouse.create_order
    waiting: list[tuple[HttpWarehouse, str, Content]] = []

    def lost(self: HttpWarehouse, reference: str, content: Content) -> WarehouseOrder:
        if waiting:
            return send(self, reference, content)
        waiting.append((self, reference, content))
        raise Interrupted("the warehouse", "POST /orders", "no answer in time")

    monkeypatch.setattr(HttpWarehouse, "create_order", lost)
    return lambda: send(*waiting[0])


def drafted(world: World, *units: int) -> None:
    """SO-1, of five mugs, with a fulfilment picked in draft for each of these, and its orders at the warehouse."""
    world.dear.control("settings", {"first_fulfilment": True})
    world.seed(simple("SO-1", ("MUG-RED", 5), type="Advanced"))
    for quantity in units:
        act(world, "fulfilment", {"lines": [{"sku": "MUG-RED", "quantity": quantity}], "pick": "DRAFT"})
    world.tick(DOWN, OUT)


def picked(world: World, *units: int) -> None:
    """DEAR's people change the drafts."""
    for number, quantity in enumerate(units, start=1):
        body = {"number": number, "status": "DRAFT", "lines": [{"sku": "MUG-RED", "quantity": quantity}]}
        requests.post(f"{world.dear.url}/_control/sales/SO-1/pick", json=body, timeout=5).raise_for_status()
    world.clock.sleep(60)


def test_a_fulfilment_added_for_what_shipped_short_stays_at_the_warehouse_when_the_sale_is_read_again(world):
    world.settings["invoice"] = "off"
    reference = advanced(world, 5)
    ship(world, ("A", 3), reference=reference)
    confirmed = order_of(world, reference)
    act(world, "fulfilment", {"lines": []})
    world.tick(DOWN, OUT)
    first = there(world)

    act(world, "edit", {"shipping_notes": "ring twice"})
    world.tick(DOWN, OUT)

    assert confirmed.status is OrderStatus.CONFIRMED
    assert first["SO-1.2"] == {"MUG-RED": "2"}
    assert there(world)["SO-1.2"] == {"MUG-RED": "2"}


def test_an_order_that_shipped_after_its_cancellation_does_not_take_its_successors_place(world):
    at_the_warehouse(world, changed_orders="resend")
    act(world, "edit", mugs(5))
    world.tick(DOWN, OUT)
    reported(world)
    held = world.order("SO-1").status
    world.settings["changed_orders"] = "update"

    act(world, "edit", {"shipping_notes": "ring"})
    world.tick(DOWN, OUT)
    release(world)
    world.clock.sleep(600)
    world.tick(DOWN, OUT)

    assert held is OrderStatus.HELD
    assert world.order("SO-1").status is OrderStatus.CANCELED
    assert there(world) == {"SO-1-r2": {"MUG-RED": "5"}}


def test_a_sale_authorised_again_after_a_refused_cancellation_gets_its_order_once_that_is_released(world):
    at_the_warehouse(world)
    world.warehouse.fault(method="POST", path="/orders/.*/cancel", kind="status", status=404)
    act(world, "undo")
    world.tick(DOWN, OUT)
    refused = world.order("SO-1")
    act(world, "edit", mugs(7))
    act(world, "authorise")
    world.tick(DOWN, OUT)
    meanwhile = there(world)

    release(world)
    world.tick(OUT)
    world.clock.sleep(900)
    world.tick(DOWN, OUT)

    assert (refused.status, refused.held_from) == (OrderStatus.HELD, OrderStatus.CANCEL_REQUESTED)
    assert meanwhile == {"SO-1": {"MUG-RED": "2"}}
    assert there(world) == {"SO-1-r2": {"MUG-RED": "7"}}


def test_a_void_waits_for_a_delivery_that_may_still_arrive(world, monkeypatch):
    land = lost_post(monkeypatch)
    world.seed(simple())
    world.tick(DOWN, OUT)
    world.dear.control("sales/SO-1/void", {})
    world.clock.sleep(5)
    world.tick(DOWN, OUT)
    waits = world.order("SO-1").status

    land()
    world.clock.sleep(60)
    world.tick(OUT)

    assert waits is OrderStatus.CANCEL_REQUESTED
    assert there(world) == {}
    assert world.order("SO-1").status is OrderStatus.CANCELED


def test_a_sale_undone_and_authorised_while_its_delivery_may_still_arrive_is_at_the_warehouse_once(world, monkeypatch):
    land = lost_post(monkeypatch)
    world.seed(simple())
    world.tick(DOWN, OUT)
    world.dear.control("sales/SO-1/undo", {})
    world.clock.sleep(5)
    world.tick(DOWN, OUT)

    land()
    act(world, "authorise")
    world.tick(DOWN, OUT)
    world.clock.sleep(120)
    world.tick(OUT, DOWN, OUT)

    assert there(world) == {"SO-1-r2": {"MUG-RED": "2"}}


def test_a_sale_authorised_again_while_the_warehouse_is_down_for_hours_is_sent_when_it_is_back(world):
    at_the_warehouse(world)
    world.warehouse.fault(path="/orders/.*", kind="status", status=503, count=-1)
    act(world, "undo")
    world.tick(DOWN, OUT)
    act(world, "authorise")
    for _ in range(20):
        world.tick(DOWN, OUT)
        world.clock.sleep(900)
    (waits,) = world.orders.sales_numbered("main", "SO-1")

    requests.delete(f"{world.warehouse.url}/_control/faults", timeout=5).raise_for_status()
    for _ in range(3):
        world.clock.sleep(900)
        world.tick(OUT, DOWN, OUT)

    assert (waits.decision, waits.attempts > 12) == (Decision.PENDING, True)
    assert set(there(world)) == {"SO-1-r2"}


def test_an_order_does_not_grow_by_what_another_one_cannot_let_go_of_any_more(world):
    drafted(world, 3, 2)
    before = there(world)
    world.warehouse.control("orders/SO-1.1/start", {})

    picked(world, 2, 3)
    for _ in range(3):
        world.tick(DOWN, OUT)
        world.clock.sleep(60)

    assert before == {"SO-1.1": {"MUG-RED": "3"}, "SO-1.2": {"MUG-RED": "2"}}
    assert there(world) == before
    (sale,) = world.orders.sales_numbered("main", "SO-1")
    assert (sale.decision, sale.reason.code) == (Decision.HELD, "split_after_delivery")


def test_an_order_grows_by_what_another_one_has_let_go_of(world):
    drafted(world, 3, 2)

    picked(world, 2, 3)
    for _ in range(3):
        world.tick(DOWN, OUT)
        world.clock.sleep(60)

    assert there(world) == {"SO-1.1": {"MUG-RED": "2"}, "SO-1.2": {"MUG-RED": "3"}}
    assert sum(Decimal(each["MUG-RED"]) for each in there(world).values()) == 5
