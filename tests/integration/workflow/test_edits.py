"""Sales that people change in DEAR after their download, judged by what the warehouse has in the end."""

from decimal import Decimal
from typing import Any

import pytest

from crossdock.domain.states import Decision, OrderStatus, Step
from crossdock.wms.http import HttpWarehouse
from tests.integration.workflow.conftest import World, simple

DOWN, OUT = Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS


def mugs(quantity: int, sku: str = "MUG-RED") -> dict[str, Any]:
    return {"lines": [{"sku": sku, "quantity": quantity, "price": 10}]}


def act(world: World, action: str, body: dict[str, Any] | None = None, number: str = "SO-1") -> None:
    world.dear.control(f"sales/{number}/{action}", body or {})
    world.clock.sleep(60)


def at_the_warehouse(world: World, *sales: dict[str, Any], **settings: Any) -> None:
    world.settings |= settings
    world.seed(*(sales or [simple()]))
    world.tick(DOWN, OUT)


def there(world: World) -> dict[str, dict[str, str]]:
    """By reference of each order that stands at the warehouse, its units by SKU: from the warehouse's own books."""
    orders: dict[str, dict[str, str]] = {}
    for entry in world.warehouse.ledger():
        if entry["kind"] in {"order_created", "order_replaced"}:
            orders[entry["reference"]] = {line["sku"]: line["quantity"] for line in entry["body"]["lines"]}
        elif entry["kind"] == "order_cancelled":
            del orders[entry["reference"]]
    return orders


# --- updated there -------------------------------------------------------------------------------------------


def test_a_change_is_sent_to_the_warehouse_and_what_follows_goes_by_it(world):
    at_the_warehouse(world)
    act(world, "edit", mugs(5))

    world.tick(DOWN)
    before = world.order("SO-1")
    world.tick(OUT)
    world.warehouse.control("work", {"push_share": 0})
    world.settle()

    assert (before.status, before.content.lines[0].quantity) == (OrderStatus.AT_WMS, 2)
    assert there(world) == {"SO-1": {"MUG-RED": "5"}}
    order = world.order("SO-1")
    assert (order.status, order.content.lines[0].quantity) == (OrderStatus.INVOICED, 5)
    (pick,) = world.dear.ledger("pick")
    assert [line["Quantity"] for line in pick["body"]["Lines"]] == [5]


def test_of_two_changes_before_the_warehouse_was_told_only_the_last_is_sent(world):
    at_the_warehouse(world)
    for quantity in (5, 7):
        act(world, "edit", mugs(quantity))
        world.tick(DOWN)

    world.tick(OUT)

    assert [entry["body"]["lines"][0]["quantity"] for entry in world.warehouse.ledger("order_replaced")] == ["7"]


def test_a_change_that_is_taken_back_in_time_is_not_sent(world):
    at_the_warehouse(world)
    for quantity in (5, 2):
        act(world, "edit", mugs(quantity))
        world.tick(DOWN)

    world.tick(OUT)

    assert world.warehouse.ledger("order_replaced") == []
    assert world.order("SO-1").queue is None


def test_a_change_that_comes_too_late_is_held_with_the_difference_and_nobodys_address(world):
    at_the_warehouse(world)
    world.warehouse.control("orders/SO-1/start", {})
    act(world, "edit", {**mugs(5), "shipping_address": {"line1": "7 Secret Lane"}})

    reports = world.tick(DOWN, OUT)

    held = world.order("SO-1")
    assert (held.status, held.reason.code) == (OrderStatus.HELD, "changed_after_delivery")
    assert "in_progress already" in held.reason.text
    assert "2 of MUG-RED became 5 of MUG-RED" in held.reason.text
    assert "Secret" not in repr([held.reason, held.timeline, reports])
    assert there(world) == {"SO-1": {"MUG-RED": "2"}}


def test_a_hold_for_a_change_ends_when_the_sale_is_edited_back(world):
    at_the_warehouse(world)
    world.warehouse.control("orders/SO-1/start", {})
    act(world, "edit", mugs(5))
    world.tick(DOWN, OUT)
    held = world.order("SO-1").status
    act(world, "edit", mugs(2))

    world.tick(DOWN, OUT)
    world.warehouse.control("orders/SO-1/ship", {})
    world.settle()

    assert held is OrderStatus.HELD
    assert world.order("SO-1").status is OrderStatus.INVOICED
    assert world.warehouse.ledger("order_replaced") == []


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "status", "status_after", "cut"])
def test_a_change_whose_answer_is_lost_is_repeated_and_ends_up_right(world, kind):
    at_the_warehouse(world)
    world.warehouse.fault(method="PUT", path="/orders/.*", kind=kind, status=503)
    act(world, "edit", mugs(5))

    world.tick(DOWN, OUT)
    world.clock.sleep(90)
    world.tick(OUT)

    assert there(world) == {"SO-1": {"MUG-RED": "5"}}
    order = world.order("SO-1")
    assert (order.status, order.intent, order.content.lines[0].quantity) == (OrderStatus.AT_WMS, None, 5)


def test_a_change_taken_back_after_it_may_have_arrived_is_sent_back(world):
    at_the_warehouse(world)
    world.warehouse.fault(method="PUT", path="/orders/.*", kind="timeout_after")
    act(world, "edit", mugs(5))
    world.tick(DOWN, OUT)
    act(world, "edit", mugs(2))

    world.tick(DOWN)
    world.clock.sleep(60)
    world.tick(OUT)

    assert there(world) == {"SO-1": {"MUG-RED": "2"}}
    assert world.order("SO-1").wanted is None


def test_an_edit_that_comes_while_the_change_is_being_sent_is_not_lost(world, monkeypatch):
    at_the_warehouse(world)
    act(world, "edit", mugs(5))
    world.tick(DOWN)
    send = HttpWarehouse.replace_order

    def edited_meanwhile(self, *arguments):
        send(self, *arguments)
        monkeypatch.setattr(HttpWarehouse, "replace_order", send)
        act(world, "edit", mugs(7))
        world.tick(DOWN)

    monkeypatch.setattr(HttpWarehouse, "replace_order", edited_meanwhile)
    world.tick(OUT)
    between = world.order("SO-1").content.lines[0].quantity
    world.clock.sleep(60)
    world.tick(OUT)

    assert between == 5, "what the warehouse took is known"
    assert there(world) == {"SO-1": {"MUG-RED": "7"}}


def test_a_delivery_of_unknown_outcome_and_an_edit_end_with_the_edit_at_the_warehouse(world):
    world.settings["changed_orders"] = "update"
    world.seed(simple())
    world.warehouse.fault(method="POST", path="/orders$", kind="timeout_after")
    world.tick(DOWN, OUT)
    act(world, "edit", mugs(5))

    for _ in range(3):
        world.tick(DOWN, OUT)
        world.clock.sleep(60)

    assert there(world) == {"SO-1": {"MUG-RED": "5"}}
    assert len(world.warehouse.ledger("order_created")) == 1
    assert world.order("SO-1").content.lines[0].quantity == 5


def test_goods_that_leave_before_the_change_was_told_hold_the_order_until_a_person_accepts_what_left(world):
    at_the_warehouse(world)
    act(world, "edit", mugs(5))
    world.tick(DOWN)
    world.warehouse.control("orders/SO-1/ship", {})

    world.tick(Step.COLLECT_SHIPMENTS, OUT, Step.CONFIRM_SHIPMENTS)
    held = world.order("SO-1")
    world.orders.save_order(held.released(world.clock.now()))
    world.settle()

    assert (held.status, held.held_from) == (OrderStatus.HELD, OrderStatus.SHIPPED)
    assert "2 of MUG-RED became 5 of MUG-RED" in held.reason.text
    assert world.warehouse.ledger("order_replaced") == []
    (pick,) = world.dear.ledger("pick")
    assert [line["Quantity"] for line in pick["body"]["Lines"]] == [2]


def test_a_void_wins_over_a_change_that_waits(world):
    at_the_warehouse(world)
    act(world, "edit", mugs(5))
    world.tick(DOWN)
    act(world, "void")

    world.tick(DOWN, OUT)

    assert (world.order("SO-1").status, there(world)) == (OrderStatus.CANCELED, {})
    assert world.warehouse.ledger("order_replaced") == []


def test_a_change_that_the_warehouse_refuses_is_held_with_its_words_and_mended_by_the_next_edit(world):
    at_the_warehouse(world)
    world.warehouse.control("settings", {"refused_skus": ["MUG-BLUE"]})
    act(world, "edit", mugs(2, "MUG-BLUE"))
    world.tick(DOWN, OUT)
    held = world.order("SO-1")
    act(world, "edit", mugs(4))

    world.tick(DOWN, OUT)

    assert (held.status, held.reason.code) == (OrderStatus.HELD, "refused")
    assert "does not carry MUG-BLUE" in held.reason.text
    assert there(world) == {"SO-1": {"MUG-RED": "4"}}


def test_a_sale_that_people_split_at_the_warehouse_ends_as_two_orders_with_its_goods_once(world):
    red, blue = {"sku": "MUG-RED", "quantity": 3}, {"sku": "MUG-BLUE", "quantity": 2}
    at_the_warehouse(world, simple("SO-9", ("MUG-RED", 3), ("MUG-BLUE", 2), type="Advanced"))
    act(world, "fulfilment", {"lines": [red], "pick": "AUTHORISED"}, "SO-9")
    act(world, "fulfilment", {"lines": [blue], "pick": "AUTHORISED"}, "SO-9")

    world.settle()

    assert sorted(there(world).values(), key=str) == [{"MUG-BLUE": "2"}, {"MUG-RED": "3"}]


def test_what_the_supplier_sends_leaves_no_room_for_a_second_order_of_the_same_product(world):
    ours, theirs = {"sku": "MUG-RED", "quantity": 2, "price": 10}, {"sku": "MUG-RED", "quantity": 5, "price": 10}
    at_the_warehouse(world, simple("SO-1", lines=[ours, {**theirs, "drop_ship": True}]))
    act(world, "fulfilment", {"lines": [{"sku": "MUG-RED", "quantity": 1}], "pick": "AUTHORISED"})

    world.tick(DOWN)
    world.warehouse.control("orders/SO-1/ship", {})
    world.tick(OUT, Step.COLLECT_SHIPMENTS, DOWN, OUT)

    assert there(world) == {"SO-1": {"MUG-RED": "2"}}


# --- cancelled and sent anew ---------------------------------------------------------------------------------


def test_resend_cancels_there_and_sends_the_next_generation(world):
    at_the_warehouse(world, changed_orders="resend")
    act(world, "edit", mugs(5))

    world.tick(DOWN, OUT)
    world.warehouse.control("work", {"push_share": 0})
    world.settle()

    assert there(world) == {"SO-1-r2": {"MUG-RED": "5"}}
    assert world.order("SO-1").status is OrderStatus.CANCELED
    assert world.order("SO-1-r2").status is OrderStatus.INVOICED
    (entry,) = world.orders.sales_numbered("main", "SO-1")
    assert entry.references == ("SO-1", "SO-1-r2")


def test_an_adapter_that_cannot_replace_sends_anew(world, monkeypatch):
    monkeypatch.setattr(HttpWarehouse, "replaces_orders", False)
    at_the_warehouse(world, changed_orders="update")
    act(world, "edit", mugs(5))

    world.tick(DOWN, OUT)

    assert there(world) == {"SO-1-r2": {"MUG-RED": "5"}}


def test_resend_too_late_is_held_with_the_difference_and_nothing_is_sent_twice(world):
    at_the_warehouse(world, changed_orders="resend")
    world.warehouse.control("orders/SO-1/start", {})
    act(world, "edit", mugs(5))

    world.settle()

    held = world.order("SO-1")
    assert (held.status, held.reason.code) == (OrderStatus.HELD, "changed_after_delivery")
    assert "2 of MUG-RED became 5 of MUG-RED" in held.reason.text
    assert there(world) == {"SO-1": {"MUG-RED": "2"}}


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "status_after"])
def test_a_cancellation_whose_answer_is_lost_is_repeated_before_anything_is_sent_anew(world, kind):
    at_the_warehouse(world, changed_orders="resend")
    world.warehouse.fault(method="POST", path="/orders/.*/cancel", kind=kind, status=503)
    act(world, "edit", mugs(5))

    world.tick(DOWN, OUT)
    meanwhile = len(world.warehouse.ledger("order_created"))
    world.clock.sleep(90)
    world.settle()

    assert meanwhile == 1
    assert there(world) == {"SO-1-r2": {"MUG-RED": "5"}}


def test_an_edit_back_after_the_order_may_have_been_cancelled_is_sent_anew(world):
    at_the_warehouse(world, changed_orders="resend")
    world.warehouse.fault(method="POST", path="/orders/.*/cancel", kind="timeout_after")
    act(world, "edit", mugs(5))
    world.tick(DOWN, OUT)
    act(world, "edit", mugs(2))

    world.tick(DOWN)
    world.clock.sleep(90)
    world.settle()

    assert there(world) == {"SO-1-r2": {"MUG-RED": "2"}}


def test_hold_sends_nothing_until_a_person_releases_the_change(world):
    at_the_warehouse(world, changed_orders="hold")
    act(world, "edit", mugs(5))
    world.settle()
    held = world.order("SO-1")

    world.orders.save_order(held.released(world.clock.now()))
    world.tick(OUT)

    assert (held.status, held.reason.code) == (OrderStatus.HELD, "changed_after_delivery")
    assert there(world) == {"SO-1": {"MUG-RED": "5"}}


# --- after goods have left -----------------------------------------------------------------------------------


def test_other_quantities_after_a_part_has_left_hold_the_order_before_dear_is_written(world):
    at_the_warehouse(world, simple("SO-1", ("MUG-RED", 4)))
    parcel = {"parcel_id": "P1", "lines": [{"line_id": "1", "quantity": "1"}]}
    world.warehouse.control("orders/SO-1/ship", {"parcels": [parcel], "final": False})
    world.tick(Step.COLLECT_SHIPMENTS)
    act(world, "edit", mugs(6))

    world.tick(DOWN, OUT)
    held = world.order("SO-1")
    act(world, "edit", mugs(4))
    world.tick(DOWN, OUT)

    assert (held.status, held.reason.code) == (OrderStatus.HELD, "changed_after_shipping")
    assert world.order("SO-1").status is OrderStatus.PART_SHIPPED
    assert there(world) == {"SO-1": {"MUG-RED": "4"}}


def test_a_new_address_between_two_parts_holds_what_is_still_to_leave_though_no_fulfilment_is_open(world):
    world.settings["invoice"] = "off"
    address = {"line1": "1 Quay", "city": "Bristol", "postcode": "BS1 1AA", "country": "GB"}
    at_the_warehouse(world, simple("SO-1", ("MUG-RED", 5), type="Advanced", shipping_address=address))
    parcel = {"parcel_id": "P1", "lines": [{"line_id": "1", "quantity": "2"}]}
    world.warehouse.control("orders/SO-1.1/ship", {"parcels": [parcel], "final": False})
    world.settle()
    before = world.order("SO-1.1")

    act(world, "edit", {"shipping_address": {**address, "line1": "99 Other Road"}})
    world.tick(DOWN, OUT)
    held = world.order("SO-1.1")
    act(world, "edit", {"shipping_address": address})
    world.tick(DOWN, OUT)

    assert (before.status, before.facts.pick.open) == (OrderStatus.PART_SHIPPED, True)
    assert (held.status, held.reason.code) == (OrderStatus.HELD, "changed_after_shipping")
    assert "ship_to changed in line1" in held.reason.text
    assert world.order("SO-1.1").status is OrderStatus.PART_SHIPPED


# --- backorder -----------------------------------------------------------------------------------------------


def test_a_sale_that_goes_on_backorder_before_its_delivery_is_taken_back_and_comes_again_with_its_stock(world):
    world.seed(simple(), stock=3)
    world.tick(DOWN)
    act(world, "edit", mugs(5))
    world.tick(DOWN, OUT)
    taken_back = world.order("SO-1")
    (skipped,) = world.orders.list_sales("main", Decision.SKIPPED)
    world.dear.control("stock", {"sku": "MUG-RED", "location": "Main Warehouse", "on_hand": 100})
    act(world, "allocate")

    world.settle()

    assert (taken_back.status, taken_back.reason.code) == (OrderStatus.CANCELED, "backordered")
    assert skipped.reason.code == "backordered"
    assert there(world) == {"SO-1-r2": {"MUG-RED": "5"}}


def test_a_backordered_sale_that_becomes_available_is_loaded(world):
    world.seed(simple("SO-1", ("MUG-RED", 5), status="BACKORDERED"), stock=3)
    world.tick(DOWN, OUT)
    before = there(world)
    world.dear.control("stock", {"sku": "MUG-RED", "location": "Main Warehouse", "on_hand": 100})
    act(world, "allocate")

    world.tick(DOWN, OUT)

    assert before == {}
    assert there(world) == {"SO-1": {"MUG-RED": "5"}}


def test_a_sale_that_goes_on_backorder_at_the_warehouse_stays_there_and_its_change_is_sent(world):
    at_the_warehouse(world)
    world.dear.control("stock", {"sku": "MUG-RED", "location": "Main Warehouse", "on_hand": 3})
    act(world, "edit", mugs(5))

    world.tick(DOWN, OUT)

    (entry,) = world.orders.sales_numbered("main", "SO-1")
    assert (entry.row.status, entry.decision) == ("BACKORDERED", Decision.LOADED)
    assert there(world) == {"SO-1": {"MUG-RED": "5"}}


def test_a_sale_in_a_chosen_backorder_is_kept_and_replaced(world):
    world.settings["sale_statuses"] = ["ORDERED", "BACKORDERED"]
    world.seed(simple(), stock=3)
    world.tick(DOWN)
    act(world, "edit", mugs(5))

    world.tick(DOWN, OUT)

    assert there(world) == {"SO-1": {"MUG-RED": "5"}}


# --- mended in DEAR ------------------------------------------------------------------------------------------


def test_an_order_not_sent_yet_waits_while_its_sale_cannot_be_planned_and_goes_on_when_that_is_mended(world):
    world.settings["ship_methods"] = {"DEFAULT Carrier": "STD"}
    world.seed(simple(carrier="DEFAULT Carrier"))
    world.tick(DOWN)
    act(world, "edit", {"carrier": "Pigeon Post"})
    world.tick(DOWN, OUT)
    waits = world.order("SO-1")
    act(world, "edit", {"carrier": "DEFAULT Carrier"})

    world.tick(DOWN, OUT)

    assert (waits.status, waits.reason.code) == (OrderStatus.HELD, "sale_in_trouble")
    assert world.order("SO-1").status is OrderStatus.AT_WMS


def test_a_sale_without_an_address_is_loaded_once_the_address_is_mended(world):
    blank = dict.fromkeys(("line1", "line2", "city", "state", "postcode", "country"), "")
    world.seed(simple(shipping_address=blank))
    world.tick(DOWN)
    (held,) = world.orders.list_sales("main", Decision.HELD)
    whole = {"line1": "1 Quay Street", "city": "Bristol", "postcode": "BS1 4DJ", "country": "United Kingdom"}
    act(world, "edit", {"shipping_address": whole})

    world.tick(DOWN, OUT)

    assert held.reason.code.startswith("address")
    assert there(world) == {"SO-1": {"MUG-RED": "2"}}


def test_units_of_a_split_that_the_warehouse_did_not_let_go_are_held_and_not_sent_twice(world):
    red, blue = {"sku": "MUG-RED", "quantity": 3}, {"sku": "MUG-BLUE", "quantity": 2}
    at_the_warehouse(world, simple("SO-9", ("MUG-RED", 3), ("MUG-BLUE", 2), type="Advanced"))
    world.warehouse.control("orders/SO-9.1/start", {})
    act(world, "fulfilment", {"lines": [red], "pick": "AUTHORISED"}, "SO-9")
    act(world, "fulfilment", {"lines": [blue], "pick": "AUTHORISED"}, "SO-9")

    world.settle()

    units = [Decimal(count) for lines in there(world).values() for sku, count in lines.items() if sku == "MUG-BLUE"]
    assert sum(units) == 2
    (held,) = world.orders.list_sales("main", Decision.HELD)
    assert held.reason.code == "split_after_delivery"
