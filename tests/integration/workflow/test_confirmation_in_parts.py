"""Several shipments of one order: a fulfilment each, converted or waited for; and what is corrected afterwards."""

from datetime import timedelta

import pytest

from crossdock.domain.shipment import Shipment
from crossdock.domain.states import OrderStatus, Step
from crossdock.recording import record_shipment
from tests.integration.workflow.conftest import simple
from tests.integration.workflow.test_confirmation import (
    bodies,
    confirm,
    held_for,
    never_an_address_nor_a_date,  # noqa: F401 - a fixture
    reported,
    sale_in_dear,
    ship,
    writes,
)

DEAR_STEPS = (Step.COLLECT_SHIPMENTS, Step.CONFIRM_SHIPMENTS)


@pytest.fixture(autouse=True)
def no_invoices(world):
    world.settings["invoice"] = "off"


def advanced(world, quantity=3, *, opened=True, **changes):
    world.dear.control("settings", {"first_fulfilment": opened})
    world.seed(simple("SO-1", ("MUG-RED", quantity), type="Advanced", **changes))
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    (order,) = world.orders.orders_of_sale("main", sale_in_dear(world)["ID"])
    return order.reference


def order_of(world, reference):
    world.clock.sleep(60)
    world.tick(*DEAR_STEPS)
    return world.order(reference)


def fulfilments(world):
    return [
        (task["FulfillmentNumber"], sum(line["Quantity"] for line in task["Pick"]["Lines"]), task["Ship"]["Status"])
        for task in sale_in_dear(world)["Fulfilments"]
    ]


# --- advanced sales ------------------------------------------------------------------------------------------


def test_each_shipment_of_an_advanced_sale_is_on_a_fulfilment_of_its_own_as_it_comes(world):
    reference = advanced(world, 4)
    ship(world, ("A", 1), reference=reference, final=False)
    first = order_of(world, reference)
    shown_first = fulfilments(world)
    ship(world, ("A", 2), reference=reference, final=False)
    order_of(world, reference)
    ship(world, ("B", 1), reference=reference)

    last = order_of(world, reference)

    assert first.status is OrderStatus.PART_SHIPPED
    assert shown_first == [(1, 1, "AUTHORISED")]
    assert last.status is OrderStatus.CONFIRMED
    assert fulfilments(world) == [(1, 1, "AUTHORISED"), (2, 2, "AUTHORISED"), (3, 1, "AUTHORISED")]
    records = world.orders.shipments_of_order(last)
    assert [record.fulfilment_number for record in records] == [1, 2, 3]
    assert len({record.task_id for record in records}) == 3


def test_parts_are_never_taken_for_new_orders(world):
    reference = advanced(world)
    ship(world, ("A", 1), reference=reference, final=False)
    world.settle()
    world.clock.sleep(7200)
    world.settle()
    ship(world, ("B", 2), reference=reference)

    world.settle()

    assert world.order(reference).status is OrderStatus.CONFIRMED
    assert len(world.warehouse.ledger("order_created")) == 1
    assert world.orders.sale("main", sale_in_dear(world)["ID"]).decision == "loaded"


def test_a_further_fulfilment_whose_making_was_not_answered_is_found_and_not_made_twice(world):
    reference = advanced(world)
    ship(world, ("A", 1), reference=reference, final=False)
    order_of(world, reference)
    world.dear.fault(method="POST", path=".*/sale/fulfilment$", kind="timeout_after")
    ship(world, ("B", 2), reference=reference)

    world.settle()

    assert world.order(reference).status is OrderStatus.CONFIRMED
    assert writes(world).count("fulfilment") == 1


def test_an_open_fulfilment_that_a_person_made_is_used_and_none_is_added(world):
    reference = advanced(world)
    ship(world, ("A", 1), reference=reference, final=False)
    order_of(world, reference)
    world.dear.control("sales/SO-1/fulfilment", {"lines": [{"sku": "MUG-RED", "quantity": 2}], "pick": "DRAFT"})
    ship(world, ("B", 2), reference=reference)

    assert order_of(world, reference).status is OrderStatus.CONFIRMED
    assert "fulfilment" not in writes(world)
    assert fulfilments(world) == [(1, 1, "AUTHORISED"), (2, 2, "AUTHORISED")]


def test_a_fulfilment_that_dear_has_picked_whole_waits_for_all_its_shipments(world):
    reference = advanced(world)
    world.dear.control("sales/SO-1/pick", {})
    ship(world, ("A", 1), reference=reference, final=False)
    waits = order_of(world, reference)
    ship(world, ("B", 2), reference=reference)

    done = order_of(world, reference)

    assert waits.status is OrderStatus.PART_SHIPPED
    assert "picked more on this fulfilment" in waits.timeline[-1].detail
    assert waits.queue is None
    assert done.status is OrderStatus.CONFIRMED
    assert writes(world) == ["pack", "ship"]
    assert len(bodies(world, "ship")[0]["Lines"]) == 2


def test_shipments_that_come_in_the_wrong_order_and_again_are_each_confirmed_once(world):
    reference = advanced(world)
    one, two = ({"line_id": "1", "sku": "MUG-RED", "quantity": units} for units in ("1", "2"))
    first = {"id": "S-1", "final": False, "shipped_at": "2026-03-02T09:00:00Z"}
    parcels = [{"parcel_id": "A", "lines": [one]}]
    reported(world, reference=reference, id="S-2", parcels=[{"parcel_id": "A", "lines": [two]}])
    came = [reported(world, reference=reference, parcels=parcels, **first) for _ in range(2)]

    done = order_of(world, reference)

    assert came == ["stored", "duplicate"]
    assert done.status is OrderStatus.CONFIRMED
    assert fulfilments(world) == [(1, 1, "AUTHORISED"), (2, 2, "AUTHORISED")]


def test_a_shipment_after_the_last_one_was_confirmed_is_held(world):
    reference = advanced(world)
    ship(world, ("A", 2), reference=reference)
    order_of(world, reference)
    reported(world, reference=reference, id="S-9", final=False)

    assert held_for(order_of(world, reference)) == "shipment_after_confirmation"


@pytest.mark.parametrize("setting", ["leave_open", "cancel"])
def test_what_shipped_short_is_confirmed_and_what_becomes_of_the_rest_is_told(world, setting):
    world.settings["short_shipments"] = setting
    reference = advanced(world)
    ship(world, ("A", 1), reference=reference, final=False)
    order_of(world, reference)
    world.dear.control("sales/SO-1/fulfilment", {"lines": []})
    ship(world, ("B", 1), reference=reference)

    order = order_of(world, reference)

    assert order.status is OrderStatus.CONFIRMED
    assert order.short == {"1": 1}
    assert order.claims == ((order.content.lines[0].product_id, 2),)
    assert "short: 1 of MUG-RED" in order.timeline[-1].detail


def test_an_open_fulfilment_is_voided_where_the_rest_is_cancelled(world):
    world.settings["short_shipments"] = "cancel"
    reference = advanced(world)
    ship(world, ("A", 1), reference=reference, final=False)
    order_of(world, reference)
    ship(world, ("B", 1), reference=reference)
    world.tick(Step.COLLECT_SHIPMENTS)
    world.dear.fault(method="POST", path=".*/ship$", kind="timeout_after")
    world.tick(Step.CONFIRM_SHIPMENTS)
    world.dear.control("sales/SO-1/fulfilment", {"lines": []})

    world.settle()

    assert world.order(reference).status is OrderStatus.CONFIRMED
    assert writes(world).count("fulfilment_void") == 1
    assert fulfilments(world)[-1][2] == "VOIDED"


# --- simple sales --------------------------------------------------------------------------------------------


def test_a_simple_sale_waits_for_its_last_shipment_and_is_confirmed_once(world):
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick()
    ship(world, ("P1", 1), final=False)
    waits = confirm(world)
    ship(world, ("P1", 2))

    done = confirm(world)

    assert (waits.status, waits.queue, waits.timeline[-1].event) == (OrderStatus.PART_SHIPPED, None, "waits")
    assert done.status is OrderStatus.CONFIRMED
    assert writes(world) == ["pick", "pack", "ship"]
    assert sale_in_dear(world)["Type"] == "Simple Sale"
    boxes = [line["Box"] for line in bodies(world, "ship")[0]["Lines"]]
    assert len(set(boxes)) == 2
    assert boxes[0] == "P1"


def test_a_simple_sale_is_converted_with_its_second_part_where_the_setting_says_so(world):
    world.settings["partial_shipments"] = "convert"
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick()
    ship(world, ("P1", 1), final=False)
    first = confirm(world)
    type_then = sale_in_dear(world)["Type"]
    ship(world, ("P2", 2))

    done = confirm(world)

    assert (first.status, type_then) == (OrderStatus.PART_SHIPPED, "Simple Sale")
    assert (done.status, sale_in_dear(world)["Type"]) == (OrderStatus.CONFIRMED, "Advanced Sale")
    assert fulfilments(world) == [(1, 1, "AUTHORISED"), (2, 2, "AUTHORISED")]


def test_a_simple_sale_all_of_which_is_there_is_not_converted(world):
    world.settings["partial_shipments"] = "convert"
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick()
    ship(world, ("P1", 1), final=False)
    ship(world, ("P2", 2))

    assert confirm(world).status is OrderStatus.CONFIRMED
    assert sale_in_dear(world)["Type"] == "Simple Sale"


# --- invoices, part by part ----------------------------------------------------------------------------------


def test_each_part_is_invoiced_with_what_it_shipped(world):
    world.settings["invoice"] = "draft"
    reference = advanced(world)
    ship(world, ("A", 1), reference=reference, final=False)
    world.settle()
    between = [[line["Quantity"] for line in body["Lines"]] for body in bodies(world, "invoice")]
    part = world.order(reference)
    ship(world, ("B", 2), reference=reference)

    world.settle()

    assert (part.status, between) == (OrderStatus.PART_SHIPPED, [[1]])
    assert world.order(reference).status is OrderStatus.INVOICED
    sent = bodies(world, "invoice")
    assert [[line["Quantity"] for line in body["Lines"]] for body in sent] == [[1], [2]]
    assert [body["LinkedFulfillmentNumber"] for body in sent] == ["1", "2"]


# --- corrections and voids -----------------------------------------------------------------------------------


def test_a_correction_and_a_void_before_the_confirmation_are_what_is_confirmed(world):
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick()
    wrong = ship(world, ("P1", 1), final=False)
    withdrawn = ship(world, ("P2", 1), final=False)
    fixed = {"parcel_id": "P1", "tracking_number": "NEW", "lines": [{"line_id": "1", "quantity": "2"}]}
    world.warehouse.control(f"shipments/{wrong}/correct", {"parcels": [fixed]})
    world.warehouse.control(f"shipments/{withdrawn}/void", {})
    ship(world, ("P3", 1))

    assert confirm(world).status is OrderStatus.CONFIRMED
    assert [line["TrackingNumber"] for line in bodies(world, "ship")[0]["Lines"]] == ["NEW", "T-P3"]
    assert bodies(world, "pick")[0]["Lines"][0]["Quantity"] == 3


@pytest.mark.parametrize("lost", [False, True])
def test_tracking_that_is_corrected_after_the_confirmation_is_written_anew_once(world, lost):
    world.seed(simple())
    world.tick()
    shipment = ship(world, ("P1", 2))
    before = confirm(world)
    if lost:
        world.dear.fault(method="PUT", path=".*/sale/fulfilment/ship$", kind="timeout_after")
    new = {"parcel_id": "P1", "carrier": "UPS", "tracking_number": "NEW", "lines": [{"line_id": "1", "quantity": "2"}]}
    world.warehouse.control(f"shipments/{shipment}/correct", {"parcels": [new]})

    world.settle()

    after = world.order("SO-1")
    (update,) = bodies(world, "ship_tracking")
    assert (before.status, after.status) == (OrderStatus.CONFIRMED, OrderStatus.CONFIRMED)
    assert after.corrected == ()
    assert (update["AddTrackingNumbers"], update["Lines"][0]["TrackingNumber"], update["Lines"][0]["Carrier"]) == (
        True, "NEW", "UPS",
    )  # fmt: skip
    assert sale_in_dear(world)["CombinedTrackingNumbers"] == "NEW"


def mugs(units, number, parcel_id="1"):
    line = {"line_id": "1", "sku": "MUG-RED", "quantity": str(units)}
    return [{"parcel_id": parcel_id, "tracking_number": number, "lines": [line]}]


def in_dear(world):
    lines = sale_in_dear(world)["Fulfilments"][0]["Ship"]["Lines"]
    return {line["Boxes"]: line["TrackingNumber"] for line in lines}


def test_a_correction_with_a_later_hour_keeps_each_number_on_its_own_box(world):
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    reported(world, id="S-1", final=False, parcels=mugs(1, "ONE"), shipped_at="2026-03-02T08:00:00Z")
    reported(world, id="S-2", parcels=mugs(2, "TWO"), shipped_at="2026-03-02T09:00:00Z")
    confirm(world)
    before = in_dear(world)
    new = {"revision": 2, "final": False, "shipped_at": "2026-03-02T10:00:00Z"}
    reported(world, id="S-1", parcels=mugs(1, "NEW"), **new)

    assert confirm(world).status is OrderStatus.CONFIRMED
    assert (before, in_dear(world)) == ({"1": "ONE", "S-2 1": "TWO"}, {"1": "NEW", "S-2 1": "TWO"})


def test_a_new_number_does_not_keep_the_old_numbers_address(world):
    world.seed(simple())
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    (old,) = mugs(2, "OLD")
    reported(world, parcels=[{**old, "tracking_url": "https://t.example/OLD"}])
    confirm(world)
    reported(world, revision=2, parcels=mugs(2, "NEW"))

    confirm(world)

    (line,) = sale_in_dear(world)["Fulfilments"][0]["Ship"]["Lines"]
    assert (line["TrackingNumber"], line["TrackingURL"]) == ("NEW", "")


def test_numbers_of_boxes_that_a_person_named_are_entered_by_that_person(world):
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    world.dear.control("sales/SO-1/pick", {})
    boxes = [{"sku": "MUG-RED", "quantity": 1, "box": "Left"}, {"sku": "MUG-RED", "quantity": 2, "box": "Right"}]
    world.dear.control("sales/SO-1/pack", {"lines": boxes})
    reported(world, parcels=[*mugs(1, "ONE", "A"), *mugs(2, "TWO", "B")])
    confirm(world)
    reported(world, revision=2, parcels=[*mugs(2, "NEWER", "B"), *mugs(1, "NEW", "A")])
    held, before = confirm(world), in_dear(world)
    (task,) = world.client().read_fulfilments(held.sale_id)
    numbers = {"ONE": "NEW", "TWO": "NEWER"}
    by_hand = [line.model_copy(update={"tracking_number": numbers[line.tracking_number]}) for line in task.ship_lines]
    world.client().update_tracking(task.task_id, by_hand)

    world.orders.save_order(held.released(world.clock.now()))
    world.settle()

    assert held_for(held) == "boxes_differ"
    assert before == {"Left": "ONE", "Right": "TWO"}
    assert in_dear(world) == {"Left": "NEW", "Right": "NEWER"}
    assert world.order("SO-1").status is OrderStatus.CONFIRMED


def test_an_invoiced_order_gets_its_tracking_corrected_and_stays_invoiced(world):
    world.settings["invoice"] = "draft"
    world.seed(simple())
    world.tick()
    shipment = ship(world, ("P1", 2))
    world.settle()
    invoiced = world.order("SO-1").status
    world.warehouse.control(f"shipments/{shipment}/correct", {})

    world.settle()

    assert (invoiced, world.order("SO-1").status) == (OrderStatus.INVOICED, OrderStatus.INVOICED)
    assert len(bodies(world, "ship_tracking")) == 1
    assert len(bodies(world, "invoice")) == 1


def test_other_goods_after_the_confirmation_are_held_line_by_line(world):
    world.seed(simple("SO-1", ("MUG-RED", 2), ("MUG-BLUE", 1)))
    world.tick()
    both = [{"line_id": "1", "quantity": "2"}, {"line_id": "2", "quantity": "1"}]
    shipment = ship(world, {"parcel_id": "P1", "lines": both})
    confirm(world)
    fewer = [{"line_id": "1", "quantity": "1"}]
    world.warehouse.control(f"shipments/{shipment}/correct", {"parcels": [{"parcel_id": "P1", "lines": fewer}]})

    order = confirm(world)

    assert held_for(order) == "corrected_after_confirmation"
    assert "parcel P1: 2 of MUG-RED became 1" in order.reason.text
    assert "parcel P1: 1 of MUG-BLUE became 0" in order.reason.text
    assert writes(world) == ["pick", "pack", "ship"]


def test_a_void_after_the_confirmation_is_held(world):
    world.seed(simple())
    world.tick()
    shipment = ship(world, ("P1", 2))
    confirm(world)
    world.warehouse.control(f"shipments/{shipment}/void", {})

    assert held_for(confirm(world)) == "voided_after_confirmation"
    assert writes(world) == ["pick", "pack", "ship"]


def test_a_short_final_shipment_that_was_pushed_waits_for_what_left_before_it(world):
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick()
    late = part("S-2", "2", final=True)
    record_shipment(world.orders, "main", late, world.clock.now(), polled=False)
    waiting = world.order("SO-1")
    world.tick(Step.CONFIRM_SHIPMENTS)
    confirmed_early = world.dear.ledger("ship")

    record_shipment(world.orders, "main", part("S-1", "1", final=False), world.clock.now())
    world.tick(Step.CONFIRM_SHIPMENTS)

    assert (waiting.status, confirmed_early) == (OrderStatus.SHIPPED, [])
    assert waiting.due_at - waiting.updated_at > timedelta(minutes=15)
    (pick,) = [entry["body"] for entry in world.dear.ledger("pick")]
    assert sum(line["Quantity"] for line in pick["Lines"]) == 3


def test_a_short_final_shipment_is_confirmed_at_once_when_it_is_listed(world):
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick()
    short = part("S-2", "2", final=True)
    record_shipment(world.orders, "main", short, world.clock.now(), polled=False)

    again = record_shipment(world.orders, "main", short, world.clock.now())
    world.tick(Step.CONFIRM_SHIPMENTS)

    assert again == "duplicate"
    assert world.order("SO-1").status is OrderStatus.CONFIRMED


def test_an_order_of_which_every_unit_has_left_is_shipped_whatever_the_shipments_say(world):
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick()

    for shipment_id, units in (("S-1", "1"), ("S-2", "2")):
        record_shipment(world.orders, "main", part(shipment_id, units, final=False), world.clock.now(), polled=False)
    world.settle()

    assert world.order("SO-1").status is OrderStatus.CONFIRMED


def part(shipment_id, units, *, final):
    return Shipment.model_validate({
        "id": shipment_id, "revision": 1, "reference": "SO-1", "kind": "shipped", "final": final,
        "shipped_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z",
        "parcels": [{"parcel_id": f"BOX-{shipment_id}", "carrier": "DHL", "tracking_number": f"T-{shipment_id}",
                     "lines": [{"line_id": "1", "sku": "MUG-RED", "quantity": units}]}],
    })  # fmt: skip


def test_a_part_that_dears_people_pick_and_pack_by_themselves_goes_on_once_it_is_packed(world):
    world.settings |= {"ship_action": "shipped_only", "invoice": "off"}
    reference = advanced(world, 3)
    ship(world, ("A", 1), reference=reference, final=False)
    world.settle()
    before = order_of(world, reference).reason.code

    world.dear.control("sales/SO-1/pick", {"lines": [{"sku": "MUG-RED", "quantity": 1}]})
    world.dear.control("sales/SO-1/pack", {})
    world.clock.sleep(60)
    world.settle()

    assert before == "not_packed"
    assert fulfilments(world) == [(1, 1, "AUTHORISED")]
    assert world.dear.ledger("stock_adjustment") == []
    assert order_of(world, reference).status is OrderStatus.PART_SHIPPED
