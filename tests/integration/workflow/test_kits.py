"""Kits over the whole way: DEAR sells and ships the kit, the warehouse its components."""

import pytest

from crossdock.domain.states import Decision, OrderStatus, Step
from tests.integration.workflow.conftest import simple

STOCK = 100
PRODUCTS = {"CUP": {}, "LID": {}, "MUG-RED": {}, "SET": {"CUP": 2, "LID": 1}, "BOX": {"SET": 1, "MUG-RED": 1}}


def catalogue(world, **boms):
    """Products on both sides; those with a bill are kits, of which there is none on a shelf."""
    known = {**PRODUCTS, **boms}
    shelf = [sku for sku, bom in known.items() if not bom]
    products = [
        {"sku": sku, "name": sku.title(), "price": 10, "cost": 4, "auto_assembly": bool(bom),
         "bom": [{"sku": part, "quantity": quantity} for part, quantity in bom.items()]}
        for sku, bom in known.items()
    ]  # fmt: skip
    on_hand = [{"sku": sku, "location": "Main Warehouse", "on_hand": STOCK} for sku in shelf]
    world.dear.control("seed", {"products": products, "stock": on_hand})
    there = [{"sku": sku, "warehouse": "MAIN", "on_hand": str(STOCK)} for sku in shelf]
    world.warehouse.control("stock", {"stock": there})


@pytest.fixture
def kits(world):
    world.settings["kits"] = "components"
    catalogue(world)
    return world


def sell(world, *sales):
    world.dear.control("seed", {"sales": list(sales)})


def finish(world):
    world.tick()
    world.warehouse.control("work", {"push_share": 0})
    world.settle()


def lines(world, kind):
    """SKU and quantity of every line that we wrote in DEAR's stages of this kind."""
    bodies = [entry["body"] for entry in world.dear.ledger(kind) if entry.get("by") == "api"]
    return [(line["SKU"], line["Quantity"]) for body in bodies for line in body["Lines"]]


def looked_up(world):
    """How many products were asked for."""
    calls = world.dear.control("calls", method="GET")["calls"]
    return sum(call["path"].lower().endswith("/product") for call in calls)


def delivered(world):
    return [
        [(line["line_id"], line["sku"], line["quantity"]) for line in made["body"]["lines"]]
        for made in world.warehouse.ledger("order_created")
    ]


def on_hand(world, sku):
    """What DEAR has of the SKU."""
    rows = world.dear.control("stock", method="GET")["stock"]
    return sum(row["OnHand"] for row in rows if row["SKU"] == sku)


def test_the_warehouse_gets_components_and_dear_gets_the_kit_back(kits):
    sell(kits, simple("SO-1", ("SET", 3), ("MUG-RED", 1)))

    finish(kits)

    assert kits.order("SO-1").status is OrderStatus.INVOICED
    assert delivered(kits) == [[("1-k1", "CUP", "6"), ("1-k2", "LID", "3"), ("2", "MUG-RED", "1")]]
    for stage in ("pick", "pack", "invoice"):
        assert sorted(lines(kits, stage)) == [("MUG-RED", 1), ("SET", 3)], stage


def test_a_kit_goes_as_itself_where_the_settings_say_so_and_nothing_is_looked_up(world):
    catalogue(world)
    sell(world, simple("SO-1", ("SET", 3)))
    kits_there = [{"sku": "SET", "warehouse": "MAIN", "on_hand": "5"}]
    world.warehouse.control("stock", {"stock": kits_there})

    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)

    assert delivered(world) == [[("1", "SET", "3")]]
    assert looked_up(world) == 0


def test_each_product_is_looked_up_once_in_a_day(kits):
    sell(kits, simple("SO-1", ("SET", 3), ("MUG-RED", 1)), simple("SO-2", ("SET", 1), ("SET", 2)))
    kits.tick(Step.DOWNLOAD_ORDERS)
    first = looked_up(kits)
    kits.clock.sleep(23 * 3600)
    sell(kits, simple("SO-3", ("SET", 1)))
    kits.tick(Step.DOWNLOAD_ORDERS)
    within_a_day = looked_up(kits)
    kits.clock.sleep(2 * 3600)
    sell(kits, simple("SO-4", ("SET", 1)))

    kits.tick(Step.DOWNLOAD_ORDERS)

    assert (first, within_a_day) == (len({"SET", "CUP", "LID", "MUG-RED"}), first)
    assert looked_up(kits) - first == len({"SET", "CUP", "LID"})


def test_a_sale_is_not_loaded_half_when_a_product_cannot_be_looked_up(kits):
    sell(kits, simple("SO-1", ("SET", 1), ("MUG-RED", 1)))
    kits.dear.fault(method="GET", path="/product$", kind="status", status=503, skip=2)

    kits.tick(Step.DOWNLOAD_ORDERS)
    (waiting,) = kits.orders.list_sales("main", Decision.PENDING)
    kits.clock.sleep(60)
    kits.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)

    assert (waiting.references, waiting.attempts) == ((), 1)
    assert delivered(kits) == [[("1-k1", "CUP", "2"), ("1-k2", "LID", "1"), ("2", "MUG-RED", "1")]]
    assert looked_up(kits) == 5, "what was learnt before the failure is not asked for again"


def test_a_kit_within_a_kit_goes_out_in_single_products_and_comes_back_as_one(kits):
    sell(kits, simple("SO-1", ("BOX", 2)))

    finish(kits)

    assert delivered(kits) == [[("1-k1", "CUP", "4"), ("1-k2", "LID", "2"), ("1-k3", "MUG-RED", "2")]]
    assert lines(kits, "pick") == [("BOX", 2)]
    assert lines(kits, "invoice") == [("BOX", 2)]


def test_a_sale_that_is_held_for_its_bill_goes_on_as_soon_as_the_bill_is_mended(kits):
    sell(kits, simple("SO-1", ("SET", 1)))
    catalogue(kits, CUP={"SET": 1})
    kits.tick(Step.DOWNLOAD_ORDERS)
    (held,) = kits.orders.list_sales("main", Decision.HELD)
    catalogue(kits)
    kits.clock.sleep(60)
    kits.dear.control("sales/SO-1/touch", {})

    kits.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)

    assert (held.reason.code, "SET > CUP > SET" in held.reason.text) == ("kit_bill_cycle", True)
    assert delivered(kits) == [[("1-k1", "CUP", "2"), ("1-k2", "LID", "1")]]


def test_parcels_without_a_whole_kit_leave_their_tracking_numbers_on_the_kits_box(kits):
    sell(kits, simple("SO-1", ("SET", 1)))
    kits.tick()
    parcels = [
        {"parcel_id": "P1", "carrier": "DHL", "tracking_number": "T1", "lines": [{"line_id": "1-k2", "quantity": "1"}]},
        {"parcel_id": "P2", "carrier": "DHL", "tracking_number": "T2", "lines": [{"line_id": "1-k1", "quantity": "2"}]},
    ]
    kits.warehouse.control("orders/SO-1/ship", {"parcels": parcels})

    kits.settle()

    (ship,) = (entry["body"] for entry in kits.dear.ledger("ship"))
    assert [(line["Box"], line["TrackingNumber"]) for line in ship["Lines"]] == [("P2", "T2, T1")]
    assert kits.order("SO-1").status is OrderStatus.INVOICED


def test_a_kit_without_all_its_components_is_held_until_the_warehouse_says_that_they_left(kits):
    sell(kits, simple("SO-1", ("SET", 2)))
    kits.tick()
    cups, lids = {"line_id": "1-k1", "quantity": "4"}, {"line_id": "1-k2", "quantity": "1"}
    kits.warehouse.control("orders/SO-1/ship", {"parcels": [{"parcel_id": "P1", "lines": [cups, lids]}]})
    kits.settle()
    held, written = kits.order("SO-1"), lines(kits, "pick")
    (left,) = kits.warehouse.ledger("shipped")
    whole = {"parcel_id": "P1", "lines": [cups, {**lids, "quantity": "2"}]}
    kits.warehouse.control(f"shipments/{left['shipment_id']}/correct", {"parcels": [whole]})

    kits.settle()

    assert (held.status, held.reason.code, written) == (OrderStatus.HELD, "kit_incomplete", [])
    assert "4 of 4 CUP, 1 of 2 LID" in held.reason.text
    assert kits.order("SO-1").status is OrderStatus.INVOICED
    assert lines(kits, "pick") == [("SET", 2)]


def test_one_order_of_a_kit_goes_with_each_fulfilment_and_nothing_is_sent_twice(kits):
    picked = {"lines": [{"sku": "SET", "quantity": 1}], "pick": "AUTHORISED"}
    drafted = {"lines": [{"sku": "SET", "quantity": 2}], "pick": "DRAFT"}
    sell(kits, simple("SO-9", ("SET", 3), type="Advanced", fulfilments=[picked, drafted]))

    finish(kits)
    kits.dear.control("sales/SO-9/touch", {})
    kits.clock.sleep(60)
    kits.settle()

    assert sorted(delivered(kits)) == [
        [("1-k1", "CUP", "2"), ("1-k2", "LID", "1")],
        [("1-k1", "CUP", "4"), ("1-k2", "LID", "2")],
    ]
    assert sorted(lines(kits, "invoice")) == [("SET", 1), ("SET", 2)]


def test_a_bill_that_changes_later_leaves_the_order_that_stands_as_it_was_sent(kits):
    sell(kits, simple("SO-1", ("SET", 1)))
    kits.tick()
    catalogue(kits, SET={"MUG-RED": 7})
    kits.clock.sleep(25 * 3600)
    kits.dear.control("sales/SO-1/touch", {})

    finish(kits)

    assert kits.order("SO-1").status is OrderStatus.INVOICED
    assert len(delivered(kits)) == 1
    assert lines(kits, "pick") == [("SET", 1)]


def test_stock_is_right_at_every_stage_of_a_kit_and_never_written(kits):
    sell(kits, simple("SO-1", ("SET", 3), ("MUG-RED", 1)))
    built = (on_hand(kits, "CUP"), on_hand(kits, "SET"))

    kits.tick()
    at_the_warehouse = kits.step(Step.SYNC_INVENTORY)
    kits.warehouse.control("work", {"push_share": 0})
    kits.tick(Step.COLLECT_SHIPMENTS)
    shipped = kits.step(Step.SYNC_INVENTORY)
    kits.settle()
    settled = kits.step(Step.SYNC_INVENTORY)

    assert built == (STOCK - 6, 3)
    assert {one.code for report in (at_the_warehouse, shipped) for one in report.problems} <= {"in_flight"}
    assert settled.problems == ()
    assert kits.dear.ledger("stock_adjustment") == []
    assert (on_hand(kits, "CUP"), on_hand(kits, "SET")) == (STOCK - 6, 0)


def test_a_component_is_corrected_while_kits_of_it_are_open(kits):
    sell(kits, simple("SO-1", ("SET", 3)))
    kits.tick()
    kits.warehouse.control("stock", {"stock": [{"sku": "CUP", "warehouse": "MAIN", "on_hand": "90"}]})

    kits.step(Step.SYNC_INVENTORY)

    assert lines(kits, "stock_adjustment") == [("CUP", 84)]


def test_a_kit_that_stands_in_dear_alone_is_not_taken_for_missing_stock(kits):
    kits.dear.control("stock", [{"sku": "SET", "location": "Main Warehouse", "on_hand": 4}])

    report = kits.tick(Step.DOWNLOAD_ORDERS, Step.SYNC_INVENTORY)[Step.SYNC_INVENTORY]

    assert kits.dear.ledger("stock_adjustment") == []
    assert report.counts["kits left alone"] == 1


def test_stock_is_not_raised_while_an_authorised_sale_is_held_unread(kits):
    kits.settings["ship_methods"] = {"X": "Y"}
    sell(kits, simple("SO-1", ("SET", 3), carrier="Pigeon"))

    report = kits.tick()[Step.SYNC_INVENTORY]

    assert {(one.subject, one.code) for one in report.problems} == {
        ("CUP", "unread_picked_sale"),
        ("LID", "unread_picked_sale"),
    }
    assert kits.dear.ledger("stock_adjustment") == []


def test_the_components_of_a_sale_with_a_backorder_wait(kits):
    kits.settings["sale_statuses"] = ["ORDERED", "BACKORDERED"]
    sell(kits, simple("SO-1", ("SET", 3), status="BACKORDERED"))

    report = kits.tick()[Step.SYNC_INVENTORY]

    assert {one.subject for one in report.problems if one.code == "in_flight"} == {"SET", "CUP", "LID"}
    assert kits.dear.ledger("stock_adjustment") == []
