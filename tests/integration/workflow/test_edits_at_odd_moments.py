"""Sales that change while something else is under way: the warehouse has what DEAR says, or the order says why not."""

import pytest

from crossdock.domain.errors import Throttled
from crossdock.domain.states import OrderStatus, Step
from crossdock.wms.http import HttpWarehouse
from tests.integration.workflow.conftest import simple
from tests.integration.workflow.test_edits import DOWN, OUT, act, at_the_warehouse, mugs, there
from tests.integration.workflow.test_parts_and_people import minute


def ship_part(world, reference, units):
    parcel = {"parcel_id": "P1", "lines": [{"line_id": "1", "quantity": str(units)}]}
    world.warehouse.control(f"orders/{reference}/ship", {"parcels": [parcel], "final": False})


@pytest.mark.parametrize("last", [2, 7])
def test_a_change_that_was_read_during_a_throttled_delivery_gives_way_to_the_next(world, monkeypatch, last):
    world.seed(simple())
    world.tick(DOWN)

    def throttled(*_arguments):
        act(world, "edit", mugs(5))
        world.tick(DOWN)
        raise Throttled("warehouse", "POST /orders", "slow down", status=429, retry_after=1)

    with monkeypatch.context() as patch:
        patch.setattr(HttpWarehouse, "create_order", throttled)
        world.tick(OUT)
    act(world, "edit", mugs(last))
    minute(world, DOWN, OUT, times=5)

    assert there(world) == {"SO-1": {"MUG-RED": str(last)}}


def test_an_edit_of_a_sale_that_fails_a_filter_by_now_reaches_the_warehouse(world):
    world.settings |= {"attribute_filters": {"additional_attribute_2": ["3PL"]}}
    world.seed(simple("SO-1", attributes={"AdditionalAttribute2": "3PL"}))
    world.tick(DOWN, OUT)
    act(world, "edit", {"attributes": {"AdditionalAttribute2": "sent"}})
    world.tick(DOWN, OUT)
    act(world, "edit", mugs(5))
    minute(world, DOWN, OUT, times=2)

    assert there(world) == {"SO-1": {"MUG-RED": "5"}}


def test_nothing_more_of_a_sale_that_fails_a_filter_by_now_is_sent(world):
    world.settings |= {"attribute_filters": {"additional_attribute_2": ["3PL"]}}
    attributes = {"AdditionalAttribute2": "3PL"}
    world.seed(simple("SO-1", ("MUG-RED", 3), ("MUG-BLUE", 2), type="Advanced", attributes=attributes))
    red, blue = ({"lines": [{"sku": sku, "quantity": units}]} for sku, units in (("MUG-RED", 3), ("MUG-BLUE", 2)))
    act(world, "fulfilment", red)
    minute(world, DOWN, OUT)
    act(world, "edit", {"attributes": {"AdditionalAttribute2": "sent"}})
    act(world, "fulfilment", blue)
    minute(world, DOWN, OUT, times=2)

    assert there(world) == {"SO-1.1": {"MUG-RED": "3"}}


@pytest.mark.parametrize(
    "settings",
    [{"notes_from": "invoice_memo"}, {"shipping_accounts": ["200"]}],
    ids=["notes of the invoice", "method by its account"],
)
def test_our_own_invoice_is_no_change_of_the_sale(world, settings):
    world.settings |= {"invoice": "draft", **settings}
    charges = [{"description": "Express", "price": 5}]
    at_the_warehouse(world, simple("SO-1", ("MUG-RED", 5), type="Advanced", charges=charges, carrier="DHL"))
    ship_part(world, "SO-1.1", 2)
    minute(world, times=6)

    order = world.order("SO-1.1")
    assert (order.status, order.reason, order.invoice_number is not None) == (OrderStatus.PART_SHIPPED, None, True)


def test_the_invoice_of_one_fulfilment_is_no_note_for_another(world):
    world.settings |= {"notes_from": "invoice_memo", "invoice": "draft"}
    world.seed(simple("SO-1", ("MUG-RED", 3), ("MUG-BLUE", 2), type="Advanced"))
    for sku, units in (("MUG-RED", 3), ("MUG-BLUE", 2)):
        act(world, "fulfilment", {"lines": [{"sku": sku, "quantity": units}], "pick": "AUTHORISED"})
    world.tick()
    world.warehouse.control("orders/SO-1.1/ship", {})
    minute(world, times=6)

    assert world.order("SO-1.1").status is OrderStatus.INVOICED
    assert world.warehouse.ledger("order_replaced") == []


def test_an_edit_back_after_a_change_of_unknown_outcome_came_too_late_is_not_passed_over(world):
    at_the_warehouse(world)
    world.warehouse.fault(method="PUT", path="/orders/.*", kind="timeout_after")
    act(world, "edit", mugs(5))
    world.tick(DOWN, OUT)
    world.warehouse.control("orders/SO-1/start", {})
    world.clock.sleep(90)
    world.tick(OUT)
    act(world, "edit", mugs(2))
    world.tick(DOWN, OUT)

    assert there(world) == {"SO-1": {"MUG-RED": "5"}}
    assert world.order("SO-1").status is OrderStatus.HELD


def test_an_order_that_was_too_late_to_cancel_is_an_ordinary_one_once_its_sale_is_authorised_again(world):
    at_the_warehouse(world, simple("SO-1", ("MUG-RED", 4)))
    world.warehouse.control("orders/SO-1/start", {})
    act(world, "undo")
    world.tick(DOWN, OUT)
    late = world.order("SO-1").reason.code
    act(world, "authorise")
    world.tick(DOWN, OUT)
    restored = world.order("SO-1").reason
    ship_part(world, "SO-1", 1)
    world.tick(Step.COLLECT_SHIPMENTS)

    assert (late, restored) == ("too_late_to_cancel", None)
    assert world.order("SO-1").status is OrderStatus.PART_SHIPPED


def test_what_was_too_late_to_cancel_does_not_take_the_place_of_what_was_sent_instead(world):
    at_the_warehouse(world)
    world.warehouse.control("orders/SO-1/start", {})
    act(world, "undo")
    world.tick(DOWN)
    act(world, "edit", mugs(3, "MUG-BLUE"))
    act(world, "authorise")
    world.tick(DOWN, OUT)
    act(world, "edit", {"memo": "please"})
    minute(world, DOWN, OUT, times=3)

    assert there(world)["SO-1-r2"] == {"MUG-BLUE": "3"}
    assert world.order("SO-1").reason.code == "too_late_to_cancel"
