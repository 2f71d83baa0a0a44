"""Advanced sales, several parcels, holds, voids, and shipments that come at odd times."""

from decimal import Decimal

import requests

from crossdock.domain.shipment import Shipment
from crossdock.domain.states import Decision, OrderStatus, Step
from crossdock.recording import record_shipment
from tests.integration.workflow.conftest import simple
from tests.integration.workflow.test_confirmation import ship


def advanced(number="SO-9", *fulfilments, **changes):
    made = {"type": "Advanced", **changes}
    if fulfilments:
        made["fulfilments"] = list(fulfilments)
    return simple(number, *changes.pop("lines", [("MUG-RED", 3), ("MUG-BLUE", 2)]), **made)


def fulfilment(pick, *lines):
    return {"lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines], "pick": pick}


def finish(world):
    world.tick()
    world.warehouse.control("work", {"push_share": 0})
    world.settle()


def bodies(world, kind):
    return [entry["body"] for entry in world.dear.ledger(kind) if entry.get("by") == "api"]


def test_an_advanced_sale_with_one_open_fulfilment_is_confirmed_on_it(world):
    world.seed(advanced())

    finish(world)

    assert world.order("SO-9.1").status is OrderStatus.INVOICED
    assert [sorted((line["SKU"], line["Quantity"]) for line in body["Lines"]) for body in bodies(world, "pick")] == [
        [("MUG-BLUE", 2), ("MUG-RED", 3)]
    ]


def test_an_advanced_sale_without_a_fulfilment_gets_one_and_keeps_one_order(world):
    world.seed({**advanced(), "fulfilments": []})

    finish(world)
    world.clock.sleep(7200)
    world.settle()

    order = world.order("SO-9")
    assert (order.status, order.fulfilment_number) == (OrderStatus.INVOICED, 1)
    assert len(world.dear.ledger("fulfilment")) == 1
    assert len(world.warehouse.ledger("order_created")) == 1


def test_two_fulfilments_that_share_a_sku_are_two_orders_and_two_invoices_of_what_each_shipped(world):
    world.seed(
        advanced(
            "SO-9",
            fulfilment("AUTHORISED", ("MUG-RED", 2)),
            fulfilment("DRAFT", ("MUG-RED", 1), ("MUG-BLUE", 2)),
            charges=[{"description": "Shipping", "price": 5, "quantity": 1}],
        )
    )

    finish(world)

    assert {world.order(f"SO-9.{number}").status for number in (1, 2)} == {OrderStatus.INVOICED}
    invoices = bodies(world, "invoice")
    assert sorted(sorted((line["SKU"], line["Quantity"]) for line in body["Lines"]) for body in invoices) == [
        [("MUG-BLUE", 2), ("MUG-RED", 1)],
        [("MUG-RED", 2)],
    ]
    assert sorted(len(body["AdditionalCharges"]) for body in invoices) == [0, 1], "charges go on one invoice only"


def test_several_parcels_keep_their_own_tracking_numbers(world):
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick()
    parcels = [
        {"parcel_id": f"P{at}", "carrier": "DHL", "tracking_number": f"T{at}",
         "lines": [{"line_id": "1", "quantity": units}]}
        for at, units in ((1, "2"), (2, "1"))
    ]  # fmt: skip
    world.warehouse.control("orders/SO-1/ship", {"parcels": parcels})

    world.settle()

    (ship,) = bodies(world, "ship")
    assert [(line["Box"], line["TrackingNumber"]) for line in ship["Lines"]] == [("P1", "T1"), ("P2", "T2")]
    assert "ShippingAddress" not in ship
    assert "RequireBy" not in ship


def test_an_order_that_the_warehouse_refuses_is_held_with_the_warehouses_own_words(world):
    world.seed(simple("SO-1"), simple("SO-2", ("MUG-BLUE", 1)))
    world.warehouse.control("settings", {"refused_skus": ["MUG-BLUE"]})

    finish(world)

    held = world.order("SO-2")
    assert (held.status, held.reason.code) == (OrderStatus.HELD, "refused")
    assert "MUG-BLUE" in held.reason.text
    assert world.order("SO-1").status is OrderStatus.INVOICED


def test_an_unmapped_ship_method_holds_the_sale_until_it_is_mended_in_dear(world):
    world.settings["ship_methods"] = {"DEFAULT Carrier": "STD"}
    world.seed(simple("SO-1", carrier="Pigeon Post"))
    world.tick()
    (held,) = world.orders.list_sales("main", Decision.HELD)

    world.dear.control("sales/SO-1/edit", {"carrier": "DEFAULT Carrier"})
    world.clock.sleep(60)
    world.tick()

    assert held.reason.code == "unmapped_ship_method"
    assert world.order("SO-1").content.ship_method == "STD"


def test_a_sale_that_is_edited_before_delivery_is_replaced(world):
    world.seed(simple("SO-1"))
    world.tick(Step.DOWNLOAD_ORDERS)
    world.dear.control("sales/SO-1/edit", {"lines": [{"sku": "MUG-RED", "quantity": 5, "price": 10}]})
    world.clock.sleep(60)

    world.tick()

    (created,) = world.warehouse.ledger("order_created")
    assert [line["quantity"] for line in created["body"]["lines"]] == ["5"]


def test_a_sale_that_is_edited_at_the_warehouse_is_held_with_the_difference(world):
    world.settings["changed_orders"] = "hold"
    world.seed(simple("SO-1"))
    world.tick()
    world.dear.control("sales/SO-1/edit", {"lines": [{"sku": "MUG-RED", "quantity": 5, "price": 10}]})
    world.clock.sleep(60)

    world.tick()

    held = world.order("SO-1")
    assert (held.status, held.reason.code) == (OrderStatus.HELD, "changed_after_delivery")
    assert "2 of MUG-RED became 5 of MUG-RED" in held.reason.text


def test_a_voided_sale_is_cancelled_at_the_warehouse(world):
    world.seed(simple("SO-1"))
    world.tick()
    world.dear.control("sales/SO-1/void", {})
    world.clock.sleep(60)

    world.tick()

    assert world.order("SO-1").status is OrderStatus.CANCELED
    assert len(world.warehouse.ledger("order_cancelled")) == 1


def test_a_sale_voided_too_late_says_so_and_its_shipment_is_not_confirmed_blindly(world):
    world.seed(simple("SO-1"))
    world.tick()
    world.warehouse.control("orders/SO-1/start", {})
    world.dear.control("sales/SO-1/void", {})
    world.clock.sleep(60)
    world.tick()
    late = world.order("SO-1")
    world.warehouse.control("orders/SO-1/ship", {})
    world.clock.sleep(60)
    world.settle()

    assert (late.status, late.reason.code) == (OrderStatus.AT_WMS, "too_late_to_cancel")
    assert world.order("SO-1").status is OrderStatus.HELD
    assert bodies(world, "ship") == []


def void_before_a_part_leaves(world):
    """A sale that is voided, of which the warehouse ships a part before it is told; the shipment's id."""
    world.seed(simple("SO-1", ("MUG-RED", 5)))
    world.tick()
    world.dear.control("sales/SO-1/void", {})
    world.clock.sleep(60)
    world.tick(Step.DOWNLOAD_ORDERS)
    return ship(world, ("A", 2), final=False)


def test_a_part_that_leaves_before_the_cancellation_was_sent_leaves_the_rest_to_a_person(world):
    void_before_a_part_leaves(world)
    world.tick(Step.COLLECT_SHIPMENTS)
    held = world.order("SO-1")
    ship(world, ("B", 1), final=False)
    world.settle()

    assert (held.status, held.held_from, held.reason.code) == (
        OrderStatus.HELD, OrderStatus.PART_SHIPPED, "cancelled_too_late",
    )  # fmt: skip
    assert world.order("SO-1").reason == held.reason


def test_a_part_that_leaves_while_a_refused_cancellation_stands_leaves_the_rest_to_a_person(world):
    world.seed(simple("SO-1", ("MUG-RED", 5)))
    world.tick()
    world.warehouse.fault(method="POST", path="/orders/.*/cancel", kind="status", status=422)
    world.dear.control("sales/SO-1/void", {})
    world.clock.sleep(60)
    world.tick()
    refused = world.order("SO-1")
    ship(world, ("A", 2), final=False)
    world.settle()

    assert (refused.status, refused.held_from) == (OrderStatus.HELD, OrderStatus.CANCEL_REQUESTED)
    assert world.order("SO-1").reason.code == "cancelled_too_late"


def test_an_order_that_was_voided_is_cancelled_once_the_part_that_left_is_withdrawn(world):
    shipment = void_before_a_part_leaves(world)
    world.tick(Step.COLLECT_SHIPMENTS)
    world.clock.sleep(60)
    world.warehouse.control(f"shipments/{shipment}/void", {})
    world.settle()

    assert world.order("SO-1").status is OrderStatus.CANCELED
    assert len(world.warehouse.ledger("order_cancelled")) == 1


def test_what_leaves_in_part_although_the_warehouse_would_not_cancel_it_waits_for_a_person(world):
    world.seed(simple("SO-1", ("MUG-RED", 5)))
    world.tick()
    world.warehouse.control("orders/SO-1/start", {})
    world.dear.control("sales/SO-1/void", {})
    world.clock.sleep(60)
    world.tick()
    ship(world, ("A", 2), final=False)
    world.settle()

    held = world.order("SO-1")
    assert (held.status, held.reason.code) == (OrderStatus.HELD, "too_late_to_cancel")


def test_a_shipment_that_came_before_its_order_is_kept_and_matched(world):
    world.seed(simple("SO-1"))
    early = Shipment.model_validate({
        "id": "S-1", "revision": 1, "reference": "SO-1", "kind": "shipped", "shipped_at": "2026-03-02T11:00:00Z",
        "final": True, "updated_at": "2026-03-02T11:00:00Z",
        "parcels": [{"parcel_id": "P1", "lines": [{"line_id": "1", "sku": "MUG-RED", "quantity": "2"}]}],
    })  # fmt: skip

    result = record_shipment(world.orders, "main", early, world.clock.now())
    world.settle()

    assert result == "unknown_order"
    assert world.order("SO-1").status is OrderStatus.INVOICED
    assert list(world.orders.list_unmatched("main")) == []


def test_the_same_shipment_ten_times_is_one_shipment(world):
    world.seed(simple("SO-1"))
    world.tick()
    world.warehouse.control("work", {"push_share": 0})

    results = [world.tick(Step.COLLECT_SHIPMENTS)[Step.COLLECT_SHIPMENTS].counts for _ in range(3)]
    world.settle()

    assert results[0]["collected"] == 1
    assert [counts["known already"] for counts in results[1:]] == [1, 1]
    assert len(bodies(world, "ship")) == 1


def test_a_sale_shipped_by_a_person_with_other_parcels_is_held_not_repeated(world):
    world.seed(simple("SO-1"))
    world.tick()
    for stage in ("pick", "pack"):
        world.dear.control(f"sales/SO-1/{stage}", {})
    world.dear.control("sales/SO-1/ship", {"tracking_number": "BY-HAND-1"})
    world.warehouse.control("work", {"push_share": 0})
    world.clock.sleep(60)

    world.settle()

    held = world.order("SO-1")
    assert (held.status, held.reason.code) == (OrderStatus.HELD, "shipped_differently")
    assert bodies(world, "ship") == []


def test_a_sale_that_was_picked_in_dear_is_packed_and_shipped_without_a_second_pick(world):
    world.seed(simple("SO-1"))
    world.tick()
    world.dear.control("sales/SO-1/pick", {})
    world.warehouse.control("work", {"push_share": 0})

    world.settle()

    assert world.order("SO-1").status is OrderStatus.INVOICED
    assert bodies(world, "pick") == []
    assert len(bodies(world, "ship")) == 1


def test_a_sale_invoiced_by_a_person_is_left_alone(world):
    world.seed(simple("SO-1"))
    world.tick()
    world.warehouse.control("work", {"push_share": 0})
    world.tick(Step.COLLECT_SHIPMENTS, Step.CONFIRM_SHIPMENTS)
    world.dear.control("sales/SO-1/invoice", {})

    world.settle()

    order = world.order("SO-1")
    assert (order.status, order.reason.code, order.queue) == (OrderStatus.CONFIRMED, "invoiced_already", None)
    assert "left alone" in order.timeline[-1].detail
    assert bodies(world, "invoice") == []


def test_stock_in_flight_is_not_taken_off_twice(world):
    world.seed(simple("SO-1", ("MUG-RED", 4)), stock=50)
    world.tick()
    world.warehouse.control("work", {"push_share": 0})
    world.tick(Step.COLLECT_SHIPMENTS, Step.SYNC_INVENTORY)
    before_confirmation = len(world.dear.ledger("stock_adjustment"))

    world.settle()

    assert before_confirmation == 0
    assert world.dear.ledger("stock_adjustment") == []
    rows = world.dear.control("sales", method="GET")
    assert rows
    assert Decimal(str(world.warehouse.ledger("shipped")[0]["lines"][0]["quantity"])) == 4


def test_an_order_that_stands_cancelled_at_the_warehouse_is_held_not_waited_for(world):
    world.seed(simple("SO-1"))
    world.warehouse.fault(method="POST", path="/orders$", kind="timeout_after")
    world.tick()
    (made,) = world.warehouse.ledger("order_created")
    bearer = {"Authorization": "Bearer token"}
    cancel = f"{world.warehouse.url}/orders/{made['order_id']}/cancel"
    assert requests.post(cancel, json={"reason": "a person did"}, headers=bearer, timeout=5).ok

    world.settle()

    held = world.order("SO-1")
    assert (held.status, held.reason.code) == (OrderStatus.HELD, "cancelled_at_warehouse")
    assert len(world.warehouse.ledger("order_created")) == 1
