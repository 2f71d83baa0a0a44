"""Both sides agreed at first, and only picks, shipments and voids happened since: stock stays what it should be."""

import pytest

from crossdock.domain.states import OrderStatus, Step
from crossdock.recovering import STOCK_WAITS
from crossdock.wms.http import HttpWarehouse
from tests.integration.workflow.conftest import simple
from tests.integration.workflow.test_confirmation import reported, sale_in_dear, ship
from tests.integration.workflow.test_confirmation_in_parts import advanced
from tests.integration.workflow.test_inventory import MAIN, counted, inventory, lies, products, sync, written
from tests.integration.workflow.test_kits import catalogue, sell
from tests.integration.workflow.test_recovery import tick

OUT = (Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
BACK = (Step.COLLECT_SHIPMENTS, Step.CONFIRM_SHIPMENTS)


@pytest.fixture(autouse=True)
def _the_list_was_read_before(world):
    world.settings["invoice"] = "off"
    world.tick(Step.DOWNLOAD_ORDERS)


def later(world, *steps):
    world.clock.sleep(60)
    world.tick(*steps)


def on_hand(world, sku="MUG-RED", location=MAIN):
    rows = world.dear.control("stock", method="GET")["stock"]
    return sum(row["OnHand"] for row in rows if (row["SKU"], row["Location"]) == (sku, location))


def parcel(units, sku="MUG-RED", name="P1", **more):
    line = {"line_id": "1", "sku": sku, "quantity": str(units), **more}
    return [{"parcel_id": name, "tracking_number": f"T-{name}", "lines": [line]}]


def hold_carriers(world):
    world.settings["carriers"] = {"UPS": "UPS"}
    world.settings["unmapped_carrier"] = "hold"


def pack_fails(world):
    world.dear.fault(method="POST", path=".*/sale/fulfilment/pack$", kind="status", status=400)


# --- 1: the sale's read failed, and its order is at the warehouse ---


def test_a_pick_of_a_sale_that_cannot_be_read_any_more_is_not_taken_for_a_surplus(world):
    world.settings["ship_methods"] = {"Courier": "DHL"}
    world.seed(simple("SO-1", ("MUG-RED", 3), carrier="Courier"))
    world.tick(*OUT)
    world.dear.control("sales/SO-1/edit", {"carrier": "Pigeon"})
    later(world, Step.DOWNLOAD_ORDERS)
    world.dear.control("sales/SO-1/pick", {})
    later(world, Step.DOWNLOAD_ORDERS)

    sync(world)

    assert (world.order("SO-1").status, on_hand(world)) == (OrderStatus.AT_WMS, 97)


# --- 2: a held order is finished by hand in DEAR ---


def test_one_of_two_orders_that_is_held_and_was_shipped_by_hand_in_dear_is_not_added(world):
    hold_carriers(world)
    fulfilments = [{"lines": [{"sku": "MUG-RED", "quantity": units}]} for units in (2, 3)]
    world.seed(simple("SO-1", ("MUG-RED", 5), type="Advanced", fulfilments=fulfilments))
    world.tick(*OUT)
    first = min(each.reference for each in world.orders.orders_of_sale("main", sale_in_dear(world)["ID"]))
    ship(world, ("A", 2), reference=first)
    later(world, *BACK)
    for stage in ("pick", "pack", "ship"):
        world.dear.control(f"sales/SO-1/{stage}", {"number": 1})
    later(world, Step.DOWNLOAD_ORDERS)
    later(world, *BACK)

    sync(world)

    assert (world.order(first).reason.code, on_hand(world)) == ("unmapped_carrier", 98)


@pytest.mark.parametrize(
    ("by_hand", "final"), [(("pack", "ship"), False), ((), True), (("pack", "ship"), True)]
)  # fmt: skip
def test_a_further_part_that_is_held_and_was_picked_by_hand_in_dear_is_not_added(world, by_hand, final):
    reference = advanced(world, 6)
    ship(world, ("A", 1), reference=reference, final=False)
    later(world)
    hold_carriers(world)
    ship(world, ("B", 3), reference=reference, final=final)
    later(world, *BACK)
    picked = {"lines": [{"sku": "MUG-RED", "quantity": 3}], "pick": "AUTHORISED"}
    world.dear.control("sales/SO-1/fulfilment", picked)
    for stage in by_hand:
        world.dear.control(f"sales/SO-1/{stage}", {"number": 2})
    later(world, Step.DOWNLOAD_ORDERS)
    later(world, *BACK)

    sync(world)

    assert (world.order(reference).reason.code, on_hand(world)) == ("unmapped_carrier", 96)


# --- 3: the sale is voided or undone after its pick was read or written ---


@pytest.mark.parametrize("action", ["void", "undo"])
@pytest.mark.parametrize("left_first", [True, False])
def test_a_pick_that_ended_with_its_sale_is_not_taken_for_goods_that_left(world, action, left_first):
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick(*OUT)
    world.dear.control("sales/SO-1/pick", {})
    later(world, Step.DOWNLOAD_ORDERS)
    if left_first:
        ship(world, ("A", 3))
        later(world, Step.COLLECT_SHIPMENTS)
    world.dear.control(f"sales/SO-1/{action}", {})
    later(world, Step.DOWNLOAD_ORDERS)
    if not left_first:
        ship(world, ("A", 3))
    later(world, *BACK)

    sync(world)

    assert (world.order("SO-1").status, on_hand(world)) == (OrderStatus.HELD, 100)


def test_our_pick_that_ended_with_its_sale_is_not_taken_for_goods_that_left(world):
    world.seed(simple("SO-1", ("MUG-RED", 3)))
    world.tick(*OUT)
    pack_fails(world)
    ship(world, ("A", 3))
    later(world, *BACK)
    world.dear.control("sales/SO-1/void", {})
    later(world, Step.DOWNLOAD_ORDERS)

    sync(world)

    assert (world.order("SO-1").reason.code, on_hand(world)) == ("voided_too_late", 100)


# --- 4: kits ---


@pytest.mark.parametrize("action", ["void", "undo"])
def test_kits_that_dear_took_apart_with_their_sale_are_not_taken_for_goods_that_left(world, action):
    world.settings["kits"] = "components"
    catalogue(world)
    sell(world, simple("SO-1", ("SET", 3)))
    world.tick(*OUT)
    world.warehouse.control("orders/SO-1/ship", {})
    later(world, Step.COLLECT_SHIPMENTS)
    world.dear.control(f"sales/SO-1/{action}", {})
    later(world, Step.DOWNLOAD_ORDERS)

    sync(world)

    assert on_hand(world, "CUP") == 100


@pytest.mark.parametrize("mode", ["hold", "update"])
def test_kits_that_dear_built_for_a_change_are_not_a_surplus_before_the_warehouse_has_it(world, mode):
    world.settings |= {"kits": "components", "changed_orders": mode}
    catalogue(world)
    sell(world, simple("SO-1", ("SET", 1)))
    world.tick(*OUT)
    world.dear.control("sales/SO-1/edit", {"lines": [{"sku": "SET", "quantity": 4, "price": 10}]})
    later(world, Step.DOWNLOAD_ORDERS)

    sync(world)

    assert on_hand(world, "CUP") == 92


# --- 5: where the goods are ---


def two_places(world):
    world.dear.control("seed", {"locations": [MAIN, "Second"]})
    world.settings["warehouses"] = {MAIN: "MAIN", "Second": "WH2"}
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 10), lies("CUP", 10, "Second")])
    counted(world, ("CUP", 10, {}), ("CUP", 10, {"warehouse": "WH2"}))


def test_what_dear_picked_at_another_location_than_the_sales_is_netted_there(world):
    two_places(world)
    sell(world, simple("SO-1", ("CUP", 2)))
    world.tick(*OUT)
    world.dear.control("sales/SO-1/pick", {"lines": [{"sku": "CUP", "quantity": 2, "location": "Second"}]})
    later(world, Step.DOWNLOAD_ORDERS)

    sync(world)

    assert (on_hand(world, "CUP"), on_hand(world, "CUP", "Second")) == (10, 8)


def test_a_further_part_is_netted_where_it_left_though_our_pick_of_the_first_was_read(world):
    two_places(world)
    sell(world, simple("SO-1", ("CUP", 4), type="Advanced"))
    world.tick(*OUT)
    (order,) = world.orders.orders_of_sale("main", sale_in_dear(world)["ID"])
    given = {"reference": order.reference, "warehouse": "WH2"}
    pack_fails(world)
    reported(world, id="S-1", final=False, parcels=parcel(1, "CUP"), **given)
    later(world, Step.CONFIRM_SHIPMENTS)
    later(world, Step.DOWNLOAD_ORDERS)
    reported(world, id="S-2", parcels=parcel(3, "CUP", "P2"), **given)
    counted(world, ("CUP", 10, {}), ("CUP", 6, {"warehouse": "WH2"}))

    sync(world)

    assert (on_hand(world, "CUP"), on_hand(world, "CUP", "Second")) == (10, 9)


def test_goods_of_a_code_of_two_locations_are_netted_and_picked_at_the_sales_own(world):
    two_places(world)
    world.settings["warehouses"]["Second"] = "MAIN"
    inventory(world, locations="total", total_location="Second")
    sell(world, simple("SO-1", ("CUP", 2), location="Second"))
    world.tick(*OUT)
    reported(world, warehouse="MAIN", parcels=parcel(2, "CUP"))
    counted(world, ("CUP", 8, {}))

    sync(world)
    before = on_hand(world, "CUP", "Second")
    later(world, Step.CONFIRM_SHIPMENTS)

    assert (before, on_hand(world, "CUP", "Second"), on_hand(world, "CUP")) == (10, 8, 10)


# --- 6: which units a pick is of ---


def test_our_pick_of_one_shipment_is_not_counted_for_another_whose_id_comes_first(world):
    reference = advanced(world, 4)
    pack_fails(world)
    reported(world, id="S-2", reference=reference, final=False, parcels=parcel(1))
    later(world, Step.CONFIRM_SHIPMENTS)
    later(world, Step.DOWNLOAD_ORDERS)
    reported(world, id="S-1", reference=reference, final=False, parcels=parcel(3, name="P2"))
    counted(world, ("MUG-RED", 96, {}))

    sync(world)

    assert on_hand(world) == 99


def test_of_several_lots_that_dear_picked_the_one_that_left_is_netted(world):
    lots = [lies("TEA", 10, batch="A1"), lies("TEA", 10, batch="A2")]
    products(world, {"sku": "TEA", "costing_method": "FIFO - Batch"}, stock=lots)
    counted(world, ("TEA", 10, {"lot": "A1"}), ("TEA", 10, {"lot": "A2"}))
    sell(world, simple("SO-1", ("TEA", 5)))
    world.tick(*OUT)
    picked = [{"sku": "TEA", "quantity": 2, "batch": "A1"}, {"sku": "TEA", "quantity": 3, "batch": "A2"}]
    world.dear.control("sales/SO-1/pick", {"lines": picked})
    later(world, Step.DOWNLOAD_ORDERS)
    reported(world, final=False, parcels=parcel(2, "TEA", lot="A2"))
    counted(world, ("TEA", 10, {"lot": "A1"}), ("TEA", 8, {"lot": "A2"}))
    world.clock.sleep(60)

    sync(world)

    assert written(world) == []


def test_what_dear_picked_beyond_the_last_shipment_is_no_surplus(world):
    world.seed(simple("SO-1", ("MUG-RED", 8)))
    world.tick(*OUT)
    world.dear.control("sales/SO-1/pick", {})
    later(world, Step.DOWNLOAD_ORDERS)
    ship(world, ("A", 6), final=True)
    later(world, *BACK)

    sync(world)

    assert (world.order("SO-1").reason.code, on_hand(world)) == ("pick_differs", 92)


# --- 7: corrected or withdrawn while it is confirmed, or afterwards ---


@pytest.mark.parametrize("units", [1, 4, 0])
@pytest.mark.parametrize("confirmed", [True, False])
def test_what_is_corrected_after_dear_has_it_waits_for_the_person_who_compares(world, units, confirmed):
    world.seed(simple("SO-1", ("MUG-RED", 4)))
    world.tick(*OUT)
    if not confirmed:
        pack_fails(world)
    reported(world, parcels=parcel(3))
    later(world, Step.CONFIRM_SHIPMENTS)
    reported(world, revision=2, **({"parcels": parcel(units)} if units else {"parcels": [], "kind": "voided"}))
    counted(world, ("MUG-RED", 100 - units, {}))

    sync(world)

    assert (world.order("SO-1").status, on_hand(world)) == (OrderStatus.HELD, 97)


# --- 8: corrected or withdrawn since the warehouse counted ---


@pytest.fixture
def counts_no_more(monkeypatch):
    """Have the warehouse show what it counts when it is asked next, from then on."""
    counts, real = [], HttpWarehouse.stock

    def stock(self, **page):
        if not counts:
            counts.append(real(self, **page))
        return counts[0]

    return lambda: monkeypatch.setattr(HttpWarehouse, "stock", stock)


def withdraw(world, shipment):
    world.warehouse.control(f"shipments/{shipment}/void", {})


def withdraw_and_ship_anew(world, shipment):
    withdraw(world, shipment)
    ship(world, ("B", 4), final=True)


def withdraw_from_a_voided_sale(world, shipment):
    withdraw(world, shipment)
    world.dear.control("sales/SO-1/void", {})


def correct(world, shipment):
    world.warehouse.control(f"shipments/{shipment}/correct", {"parcels": [{"parcel_id": "A", "lines": [
        {"line_id": "1", "quantity": "1"}
    ]}]})  # fmt: skip


@pytest.mark.parametrize(
    ("change", "status", "in_dear"),
    [
        (withdraw, OrderStatus.AT_WMS, 100),
        (withdraw_and_ship_anew, OrderStatus.CONFIRMED, 96),
        (withdraw_from_a_voided_sale, OrderStatus.CANCELED, 100),
        (correct, OrderStatus.PART_SHIPPED, 100),
    ],
)
def test_of_what_was_corrected_since_the_count_nothing_is_written(world, counts_no_more, change, status, in_dear):
    world.seed(simple("SO-1", ("MUG-RED", 4)))
    world.tick(*OUT)
    shipment = ship(world, ("A", 3), final=False)
    later(world, *BACK)
    counts_no_more()
    sync(world)
    later(world)
    change(world, shipment)
    later(world, *OUT, *BACK)
    later(world, *OUT, *BACK)

    sync(world)

    assert (world.order("SO-1").status, on_hand(world)) == (status, in_dear)


# --- 9: DEAR takes long over an adjustment ---


def leave_an_adjustment_unanswered(world):
    """An adjustment of MUG-RED was sent, to 103, and nobody knows whether DEAR has applied it, or will."""
    world.seed(simple("SO-1", ("MUG-RED", 4)), simple("SO-2", ("MUG-BLUE", 1)))
    world.tick(*OUT)
    counted(world, ("MUG-RED", 103, {}))
    world.dear.fault(method="POST", path=".*/stockadjustment$", kind="timeout_before")
    sync(world)
    ship(world, ("A", 4))
    ship(world, ("B", 1), reference="SO-2")


def test_a_pick_waits_for_an_adjustment_of_its_goods_that_may_still_be_applied(world):
    leave_an_adjustment_unanswered(world)
    later(world, *BACK)
    waiting, other = world.order("SO-1"), world.order("SO-2")
    sync(world)
    later(world, *BACK)

    assert (waiting.status, waiting.reason.code, on_hand(world)) == (OrderStatus.SHIPPED, "others_first", 99)
    assert (other.status, world.order("SO-1").status) == (OrderStatus.CONFIRMED, OrderStatus.CONFIRMED)


def test_a_pick_waits_five_minutes_for_stock_that_is_synchronised_no_more(world):
    leave_an_adjustment_unanswered(world)
    for _ in range(4):
        later(world, *BACK)
    waiting = world.order("SO-1")

    later(world, *BACK)
    later(world, *BACK)

    assert (waiting.status, world.order("SO-1").status) == (OrderStatus.SHIPPED, OrderStatus.CONFIRMED)


# --- 10: taken up after a restore, and held ---


@pytest.mark.parametrize("parts", [(1,), (1, 3)])
def test_parts_of_an_order_that_was_taken_up_and_is_held_are_not_added(world, backup, parts):
    before = backup()
    sell(world, simple("SO-1", ("MUG-RED", 4), type="Advanced"))
    world.tick()
    (order,) = world.orders.orders_of_sale("main", sale_in_dear(world)["ID"])
    for number, units in enumerate(parts):
        ship(world, (f"P{number}", units), reference=order.reference, final=sum(parts[: number + 1]) == 4)
        later(world, *BACK)
    before.restored()
    hold_carriers(world)

    tick(world, 12)
    world.clock.sleep(STOCK_WAITS.total_seconds())
    tick(world, 3)

    assert on_hand(world) == 100 - sum(parts)
