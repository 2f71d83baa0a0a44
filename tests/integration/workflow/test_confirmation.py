"""Confirming in DEAR what left, from every starting point, with everything that may be odd about a shipment."""

from decimal import Decimal

import pytest

from crossdock.domain.shipment import Shipment
from crossdock.domain.states import OrderStatus, Step
from crossdock.recording import record_shipment
from tests.integration.workflow.conftest import simple

DEAR_STEPS = (Step.COLLECT_SHIPMENTS, Step.CONFIRM_SHIPMENTS)
STAGES = ("pick", "pack", "ship")


@pytest.fixture(autouse=True)
def no_invoices(world):
    world.settings["invoice"] = "off"


@pytest.fixture(autouse=True)
def never_an_address_nor_a_date(world):
    yield
    for entry in world.dear.ledger("ship"):
        if entry.get("by") == "api":
            assert entry["body"].keys() <= {"TaskID", "Status", "Lines", "AddTrackingNumbers"}


def bodies(world, kind):
    return [entry["body"] for entry in world.dear.ledger(kind) if entry.get("by") == "api"]


def writes(world):
    return [entry["kind"] for entry in world.dear.ledger() if entry.get("by") == "api" and entry["kind"] != "carrier"]


def ship(world, *parcels, reference="SO-1", **request):
    """The floor ships; a parcel is (its id, units of line 1), or the contract's own words."""
    given = [
        {"parcel_id": each[0], "carrier": "DHL", "tracking_number": f"T-{each[0]}",
         "lines": [{"line_id": "1", "quantity": str(each[1])}]} if isinstance(each, tuple) else each
        for each in parcels
    ]  # fmt: skip
    body = {**request, **({"parcels": given} if given else {})}
    return world.warehouse.control(f"orders/{reference}/ship", body)["shipment"]["id"]


def reported(world, **fields):
    """A shipment as the warehouse's API would tell it, without its floor, which keeps to what was ordered."""
    line = {"line_id": "1", "sku": "MUG-RED", "quantity": "2"}
    parcel = {"parcel_id": "P1", "tracking_number": "T-P1", "lines": [line]}
    told = {
        "id": "S-1", "revision": 1, "reference": "SO-1", "kind": "shipped", "shipped_at": "2026-03-02T12:00:00Z",
        "final": True, "updated_at": "2026-03-02T12:00:00Z", "parcels": [parcel], **fields,
    }  # fmt: skip
    return record_shipment(world.orders, "main", Shipment.model_validate(told), world.clock.now())


def confirm(world):
    world.clock.sleep(60)
    world.tick(*DEAR_STEPS)
    return world.order("SO-1")


def held_for(order):
    assert order.status is OrderStatus.HELD, (order.status, order.reason)
    return order.reason.code


def sale_in_dear(world, number="SO-1"):
    return world.dear.control(f"sales/{number}", method="GET")


# --- the two actions -----------------------------------------------------------------------------------------


def test_nothing_is_picked_so_all_three_stages_are_written_without_a_further_read(world):
    world.seed(simple())
    world.tick()
    ship(world, ("P1", 2))

    order = confirm(world)

    assert writes(world) == ["pick", "pack", "ship"]
    assert order.status is OrderStatus.CONFIRMED
    (record,) = world.orders.shipments_of_order(order)
    assert (record.status, record.task_id) == ("confirmed", order.task_id)


def test_shipped_only_holds_what_is_not_packed_and_goes_on_by_itself_once_it_is(world):
    world.settings["ship_action"] = "shipped_only"
    world.seed(simple())
    world.tick()
    ship(world, ("P1", 2))
    held = confirm(world)
    for stage in ("pick", "pack"):
        world.dear.control(f"sales/SO-1/{stage}", {})
    world.clock.sleep(60)

    world.settle()

    assert held_for(held) == "not_packed"
    assert "pack it in DEAR" in held.reason.text
    assert world.order("SO-1").status is OrderStatus.CONFIRMED
    assert writes(world) == ["ship"]


# --- where DEAR's people were first --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("done", "missing"),
    [(("pick",), ["pack", "ship"]), (("pick", "pack"), ["ship"])],
)
def test_what_is_done_in_dear_is_not_done_again(world, done, missing):
    world.seed(simple())
    world.tick()
    for stage in done:
        world.dear.control(f"sales/SO-1/{stage}", {})
    ship(world, ("P1", 2))

    assert confirm(world).status is OrderStatus.CONFIRMED
    assert writes(world) == missing


def test_drafts_with_lines_are_replaced(world):
    world.seed(simple())
    world.tick()
    world.dear.control("sales/SO-1/pick", {"status": "DRAFT", "lines": [{"sku": "MUG-RED", "quantity": 1}]})
    ship(world, ("P1", 2))

    assert confirm(world).status is OrderStatus.CONFIRMED
    assert [line["Quantity"] for line in bodies(world, "pick")[0]["Lines"]] == [2]


@pytest.mark.parametrize("picked", [1, 2])
def test_a_pick_with_other_quantities_than_shipped_is_held_with_the_difference(world, picked):
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick()
    world.dear.control("sales/SO-1/pick", {"lines": [{"sku": "MUG-RED", "quantity": picked}]})
    ship(world, ("P1", 3))

    order = confirm(world)

    assert held_for(order) == "pick_differs"
    assert order.reason.text == f"MUG-RED: DEAR has {picked} in its pick, 3 shipped"
    assert writes(world) == []


@pytest.mark.parametrize(("by_hand", "updates"), [("T-P1", 0), ("", 1)])
def test_what_a_person_shipped_in_dear_is_matched_and_its_tracking_completed(world, by_hand, updates):
    world.seed(simple())
    world.tick()
    for stage in STAGES:
        world.dear.control(f"sales/SO-1/{stage}", {"tracking_number": by_hand} if stage == "ship" else {})
    ship(world, ("P1", 2))

    assert confirm(world).status is OrderStatus.CONFIRMED
    assert writes(world) == ["ship_tracking"] * updates
    assert sale_in_dear(world)["CombinedTrackingNumbers"] == "T-P1"


def test_a_shipment_that_is_partially_authorised_in_dear_is_held_with_the_box_that_is_missing(world):
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick()
    world.dear.control("sales/SO-1/pick", {})
    boxes = [{"sku": "MUG-RED", "quantity": 1, "box": "P1"}, {"sku": "MUG-RED", "quantity": 2, "box": "P2"}]
    world.dear.control("sales/SO-1/pack", {"lines": boxes})
    task = sale_in_dear(world)["Fulfilments"][0]["TaskID"]
    ship_in_dear(world, task, "P1")
    ship(world, ("P1", 1), ("P2", 2))

    order = confirm(world)

    assert held_for(order) == "ship_incomplete"
    assert "without box P2" in order.reason.text


def ship_in_dear(world, task, box):
    """As another program of the same account would."""
    import requests  # noqa: PLC0415

    line = {"ShipmentDate": "2026-03-02T00:00:00", "Box": box, "TrackingNumber": "T-P1", "IsShipped": True}
    body = {"TaskID": task, "Status": "PARTIALLY AUTHORISED", "Lines": [line]}
    keys = {"api-auth-accountid": "account", "api-auth-applicationkey": "key"}
    answer = requests.post(f"{world.dear.url}/ExternalApi/v2/sale/fulfilment/ship", json=body, headers=keys, timeout=5)
    assert answer.ok, answer.text


# --- parcels -------------------------------------------------------------------------------------------------


def test_boxes_carry_their_own_carrier_tracking_and_address_and_one_may_have_none(world):
    world.settings["carriers"] = {"DHL": "DHL Express"}
    world.seed(simple("SO-1", ("MUG-RED", 4)))
    world.tick()
    bare = {"parcel_id": "C", "tracking_number": "", "lines": [{"line_id": "1", "quantity": "1"}]}
    two_numbers = {
        "parcel_id": "A,1", "carrier": "DHL", "tracking_number": "T1, T2", "tracking_url": "https://track.example/T1",
        "lines": [{"line_id": "1", "quantity": "2"}],
    }  # fmt: skip
    reported(world, parcels=[
        {**each, "lines": [{**line, "sku": "MUG-RED"} for line in each["lines"]]}
        for each in (two_numbers, {**bare, "parcel_id": "A-1"}, bare)
    ])  # fmt: skip

    confirm(world)

    (body,) = bodies(world, "ship")
    lines = [(each["Box"], each.get("Carrier"), each.get("TrackingNumber"), each.get("TrackingURL"))
             for each in body["Lines"]]  # fmt: skip
    assert lines == [
        ("A-1", "DHL Express", "T1, T2", "https://track.example/T1"), ("S-1 A-1", None, None, None),
        ("C", None, None, None),
    ]  # fmt: skip
    assert [(each["Box"], each["Quantity"]) for each in bodies(world, "pack")[0]["Lines"]] == [
        ("A-1", 2), ("S-1 A-1", 1), ("C", 1),
    ]  # fmt: skip


def test_an_unmapped_carrier_is_held_where_the_setting_says_so_until_it_is_released(world):
    world.settings |= {"unmapped_carrier": "hold", "carriers": {"UPS": "UPS"}}
    world.seed(simple())
    world.tick()
    ship(world, ("P1", 2))
    held = confirm(world)

    world.orders.save_order(held.released(world.clock.now()))
    order = confirm(world)

    assert held_for(held) == "unmapped_carrier"
    assert order.status is OrderStatus.CONFIRMED
    assert bodies(world, "ship")[0]["Lines"][0]["Carrier"] == "DHL"


def batch_tracked(world, method="FIFO - Batch", lots=("L1", "L2")):
    product = {"sku": "JAM", "name": "Jam", "price": 10, "cost": 4, "costing_method": method}
    shelf = [{"sku": "JAM", "location": "Main Warehouse", "on_hand": 5, "batch": lot, "expiry": "2027-01-31"}
             for lot in lots]  # fmt: skip
    world.dear.control("seed", {"products": [product], "stock": shelf, "sales": [simple("SO-1", ("JAM", 2))]})
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)


def jam(**line):
    return [{"parcel_id": "P1", "lines": [{"line_id": "1", "sku": "JAM", "quantity": "2", **line}]}]


def test_lots_and_expiry_dates_are_on_the_pick(world):
    batch_tracked(world)
    reported(world, parcels=jam(lot="L2", expires_on="2027-01-31"))

    assert confirm(world).status is OrderStatus.CONFIRMED
    assert [(each["BatchSN"], each["ExpiryDate"][:10]) for each in bodies(world, "pick")[0]["Lines"]] == [
        ("L2", "2027-01-31")
    ]


def test_each_serial_number_is_a_pick_line_of_one(world):
    batch_tracked(world, "Special - Serial Number", ("SN1", "SN2"))
    reported(world, parcels=jam(serials=["SN1", "SN2"]))

    assert confirm(world).status is OrderStatus.CONFIRMED
    assert [(each["BatchSN"], each["Quantity"]) for each in bodies(world, "pick")[0]["Lines"]] == [
        ("SN1", 1), ("SN2", 1),
    ]  # fmt: skip


def test_a_pick_that_needs_a_lot_is_held_with_dears_words_and_mended_by_a_correction(world):
    batch_tracked(world)
    reported(world, parcels=jam())
    held = confirm(world)

    reported(world, revision=2, parcels=jam(lot="L1"))
    order = confirm(world)

    assert held_for(held) == "lot_needed"
    assert "BatchSN is required" in held.reason.text
    assert "correct its shipment" in held.reason.text
    assert order.status is OrderStatus.CONFIRMED


# --- where it left from --------------------------------------------------------------------------------------


def two_locations(world):
    world.settings["warehouses"] = {"Main Warehouse": "MAIN", "Depot": "DEP"}
    places = [{"name": "Main Warehouse", "default": True}, "Depot"]
    world.dear.control("seed", {"locations": places})
    world.seed(simple())
    world.dear.control("stock", [{"sku": "MUG-RED", "location": "Depot", "on_hand": 50}])
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)


@pytest.mark.parametrize(("setting", "code", "expected"), [
    (None, "DEP", "Depot"), ("Depot", None, "Depot"), ("Depot", "MAIN", "Main Warehouse"),
    (None, None, "Main Warehouse"),
])  # fmt: skip
def test_goods_are_picked_where_they_left_from(world, setting, code, expected):
    if setting:
        world.settings["ship_from"] = setting
    two_locations(world)
    reported(world, warehouse=code)

    assert confirm(world).status is OrderStatus.CONFIRMED
    assert {each["Location"] for kind in ("pick", "pack") for each in bodies(world, kind)[0]["Lines"]} == {expected}


@pytest.mark.parametrize("choice", ["hold", "confirm"])
def test_a_pick_elsewhere_is_held_or_confirmed_and_never_silently(world, choice):
    world.settings["picked_elsewhere"] = choice
    two_locations(world)
    world.dear.control("sales/SO-1/pick", {})
    reported(world, warehouse="DEP")

    order = confirm(world)

    told = "MUG-RED: DEAR picked it from Main Warehouse, it left from Depot"
    if choice == "hold":
        assert held_for(order) == "picked_elsewhere"
        assert told in order.reason.text
    else:
        assert order.status is OrderStatus.CONFIRMED
        assert told in [event.detail for event in order.timeline]
        assert bodies(world, "pack")[0]["Lines"][0]["Location"] == "Main Warehouse"


def test_a_warehouse_code_that_is_no_location_is_held(world):
    two_locations(world)
    reported(world, warehouse="MOON")

    assert held_for(confirm(world)) == "unmapped_warehouse"


# --- bad input -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_dear_refuses_holds_the_order_and_nothing_is_written_twice(world, stage):
    world.seed(simple(), simple("SO-2"))
    world.tick()
    world.dear.fault(method="POST", path=f".*/sale/fulfilment/{stage}$", kind="status", status=400,
                     body='[{"ErrorCode":400,"Exception":"Box is not allowed"}]')  # fmt: skip
    ship(world, ("P1", 2))
    ship(world, ("P1", 2), reference="SO-2")
    world.tick(*DEAR_STEPS)
    held = next(order for order in map(world.order, ("SO-1", "SO-2")) if order.status is OrderStatus.HELD)

    world.orders.save_order(held.released(world.clock.now()))
    world.settle()

    assert "Box is not allowed" in held.reason.text
    assert {world.order(each).status for each in ("SO-1", "SO-2")} == {OrderStatus.CONFIRMED}
    assert sorted(writes(world)) == ["pack", "pack", "pick", "pick", "ship", "ship"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_whose_answer_is_lost_is_looked_up_and_not_written_twice(world, stage):
    world.seed(simple())
    world.tick()
    world.dear.fault(method="POST", path=f".*/sale/fulfilment/{stage}$", kind="timeout_after")
    ship(world, ("P1", 2))

    world.settle()

    assert world.order("SO-1").status is OrderStatus.CONFIRMED
    assert writes(world) == ["pick", "pack", "ship"]


def test_an_order_undone_between_two_stages_is_held_and_not_picked_again_by_itself(world):
    world.seed(simple())
    world.tick()
    world.dear.fault(method="POST", path=".*/sale/fulfilment/pack$", kind="timeout_before")
    ship(world, ("P1", 2))
    confirm(world)
    world.dear.control("sales/SO-1/undo", {})
    world.clock.sleep(120)

    world.settle()

    assert held_for(world.order("SO-1")) in {"undone_in_dear", "fulfilment_gone", "refused", "undone_too_late"}
    assert writes(world) == ["pick"]


def test_a_sale_voided_after_the_goods_left_is_held_and_nothing_is_written(world):
    world.seed(simple())
    world.tick()
    ship(world, ("P1", 2))
    world.tick(Step.COLLECT_SHIPMENTS)
    world.dear.control("sales/SO-1/void", {})
    world.clock.sleep(60)

    world.settle()

    assert held_for(world.order("SO-1")) == "voided_too_late"
    assert writes(world) == []


@pytest.mark.parametrize(("line", "code"), [
    ({"line_id": "1", "sku": "MUG-RED", "quantity": "3"}, "shipped_more_than_ordered"),
    ({"line_id": "7", "sku": "CUP", "quantity": "1"}, "not_ordered"),
])  # fmt: skip
def test_goods_that_nobody_ordered_are_held(world, line, code):
    world.seed(simple())
    world.tick()
    reported(world, parcels=[{"parcel_id": "P1", "lines": [line]}])

    assert held_for(confirm(world)) == code
    assert writes(world) == []


def test_a_credit_note_on_the_sale_is_held_until_a_person_says_that_the_goods_count(world):
    world.seed(simple())
    world.tick()
    ship(world, ("P1", 2))
    entry = world.orders.sale("main", world.order("SO-1").sale_id)
    row = entry.row.model_copy(update={"credit_note_status": "AUTHORISED"})
    world.orders.save_sale(entry.decided(entry.decision, world.clock.now(), None, row=row))
    held = confirm(world)

    world.orders.save_order(held.released(world.clock.now()))

    assert held_for(held) == "credit_note"
    assert confirm(world).status is OrderStatus.CONFIRMED


def test_a_shipment_for_an_unknown_order_is_told_in_every_report_after_an_hour(world):
    world.seed()
    reported(world, reference="SO-99")
    early = world.tick(Step.COLLECT_SHIPMENTS)[Step.COLLECT_SHIPMENTS]
    world.clock.sleep(3700)

    late = [world.tick(Step.COLLECT_SHIPMENTS)[Step.COLLECT_SHIPMENTS] for _ in range(2)]

    assert early.problems == ()
    assert [(each.subject, each.code) for report in late for each in report.problems] == [
        ("SO-99", "unmatched_for_an_hour")
    ] * 2
    assert Decimal(late[0].counts.get("still unmatched", 0)) == 1
