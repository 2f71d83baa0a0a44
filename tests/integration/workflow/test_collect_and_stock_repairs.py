"""Collecting gets on whatever a page holds, and stock is written only from what is known for certain."""

from datetime import UTC, datetime, timedelta

import pytest

from crossdock.domain.errors import LostRace
from crossdock.domain.report import PROBLEMS_SHOWN, Tally
from crossdock.domain.states import OrderStatus, Step
from crossdock.store.orders import DynamoOrders
from crossdock.wms import http
from crossdock.wms.http import HttpWarehouse
from tests.integration.workflow import conftest
from tests.integration.workflow.conftest import simple
from tests.integration.workflow.test_confirmation import reported


@pytest.fixture(autouse=True)
def _the_list_was_read_before(world):
    """No stock is written before all of DEAR's sales are listed once."""
    world.tick(Step.DOWNLOAD_ORDERS)


def codes(report):
    return {problem.code for problem in report.problems}


def count_of(world, sku, units):
    world.warehouse.control("stock", {"stock": [{"sku": sku, "warehouse": "MAIN", "on_hand": str(units)}]})


@pytest.fixture
def shown(monkeypatch):
    """Have what the warehouse shows changed on its way: `shown("shipments", change)`."""

    def change_pages(call, change):
        real = getattr(HttpWarehouse, call)
        monkeypatch.setattr(HttpWarehouse, call, lambda self, **given: change(real(self, **given)))

    return change_pages


def unreadable(reference):
    def change(page):
        readable = tuple(one for one in page.shipments if one.reference != reference)
        refused = tuple(f"shipment {one.id}: no parcels" for one in page.shipments if one.reference == reference)
        return page.model_copy(update={"shipments": readable, "refused": refused})

    return change


def too_large(reference):
    """The shipment of the reference in so many parcels that no item holds them."""

    def change(page):
        return page.model_copy(update={"shipments": tuple(
            one.model_copy(update={"parcels": tuple(
                one.parcels[0].model_copy(update={"parcel_id": str(number), "tracking_url": "x" * 1000})
                for number in range(500)
            )}) if one.reference == reference else one
            for one in page.shipments
        )})  # fmt: skip

    return change


def test_stock_is_compared_only_after_the_shipments_of_the_count_are_taken_in(world):
    world.seed(simple("SO-1"), stock=2)
    world.tick()
    world.warehouse.control("work", {"push_share": 0})

    world.tick(Step.SYNC_INVENTORY)

    assert world.dear.ledger("stock_adjustment") == []
    assert world.order("SO-1").status is OrderStatus.SHIPPED


def test_no_stock_is_written_while_a_shipment_cannot_be_read(world, shown):
    world.seed(simple("SO-1"))
    world.tick()
    world.warehouse.control("orders/SO-1/ship", {})
    shown("shipments", unreadable("SO-1"))

    report = world.step(Step.SYNC_INVENTORY)

    assert world.dear.ledger("stock_adjustment") == []
    assert codes(report) == {"shipments_unread", "unreadable_shipment"}


def test_a_shipment_stamped_in_the_future_hides_no_later_one(world, shown):
    world.seed(simple("SO-1"), simple("SO-2"))
    world.tick()
    world.warehouse.control("orders/SO-1/ship", {})
    future = {"updated_at": datetime(2062, 3, 2, tzinfo=UTC)}
    shown("shipments", lambda page: page.model_copy(update={
        "shipments": tuple(one.model_copy(update=future) if one.reference == "SO-1" else one for one in page.shipments)
    }))  # fmt: skip
    world.step(Step.COLLECT_SHIPMENTS)
    world.clock.sleep(3600)
    world.warehouse.control("orders/SO-2/ship", {})

    world.step(Step.COLLECT_SHIPMENTS)

    assert world.order("SO-2").status is OrderStatus.SHIPPED


def test_an_unreadable_shipment_is_told_for_a_week_though_no_pass_shows_it_again(world, shown):
    world.seed(simple("SO-1"), simple("SO-2"))
    world.tick()
    world.warehouse.control("orders/SO-1/ship", {})
    shown("shipments", unreadable("SO-1"))
    world.step(Step.COLLECT_SHIPMENTS)
    world.clock.sleep(3600)
    world.warehouse.control("orders/SO-2/ship", {})
    world.step(Step.COLLECT_SHIPMENTS)

    next_day = world.step(Step.COLLECT_SHIPMENTS)
    world.clock.sleep(timedelta(days=8).total_seconds())
    next_week = world.step(Step.COLLECT_SHIPMENTS)

    assert (codes(next_day), codes(next_week)) == ({"unreadable_shipment"}, set())


def test_runs_that_end_early_get_through_all_pages(world, monkeypatch):
    numbers = [f"SO-{number}" for number in range(1, 7)]
    world.seed(*(simple(number) for number in numbers))
    world.tick()
    for number in numbers:
        world.warehouse.control(f"orders/{number}/ship", {})
    monkeypatch.setattr(http, "SHIPMENTS_PER_PAGE", 1)
    monkeypatch.setattr(conftest, "OpenEnd", TwoPages)

    for _ in range(8):
        world.step(Step.COLLECT_SHIPMENTS)

    assert {world.order(number).status for number in numbers} == {OrderStatus.SHIPPED}


class TwoPages:
    """A run's deadline that is over after two pages."""

    def __init__(self):
        self.looks = 2

    def seconds_left(self):
        self.looks -= 1
        return self.looks + 0.5


def test_the_place_does_not_move_past_a_shipment_that_was_lost_to_another_writer(world, monkeypatch):
    world.seed(simple("SO-1"), simple("SO-2"))
    world.tick()
    real = DynamoOrders.save_shipment
    world.warehouse.control("orders/SO-1/ship", {})
    world.clock.sleep(3600)
    world.warehouse.control("orders/SO-2/ship", {})

    def lose(self, record, order=None):
        if record.shipment.reference == "SO-1":
            raise LostRace("the order")
        real(self, record, order)

    with monkeypatch.context() as patched:
        patched.setattr(DynamoOrders, "save_shipment", lose)
        world.step(Step.COLLECT_SHIPMENTS)
    world.step(Step.COLLECT_SHIPMENTS)

    assert world.order("SO-1").status is OrderStatus.SHIPPED


def test_a_shipment_that_is_too_large_to_be_kept_is_told_and_holds_up_neither_others_nor_stock(world, shown):
    world.seed(simple("SO-1"), simple("SO-2"))
    world.tick()
    for number in ("SO-1", "SO-2"):
        world.warehouse.control(f"orders/{number}/ship", {})
        world.clock.sleep(3600)
    shown("shipments", too_large("SO-1"))
    met = world.step(Step.SYNC_INVENTORY)

    later = world.tick(Step.COLLECT_SHIPMENTS, Step.SYNC_INVENTORY)

    assert world.order("SO-2").status is OrderStatus.SHIPPED
    assert codes(met) == {"shipments_unread", "shipment_too_large", "unreadable_shipment"}
    assert [codes(report) for report in later.values()] == [{"unreadable_shipment"}, {"unreadable_shipment"}]


def test_a_shipment_that_was_pushed_before_its_sale_is_matched_while_the_list_cannot_be_read(world):
    reported(world)
    world.seed(simple("SO-1"))
    world.warehouse.fault(method="GET", path="/shipments", kind="status", status=404, count=-1)
    world.clock.sleep(300)

    report = world.tick(Step.DOWNLOAD_ORDERS, Step.COLLECT_SHIPMENTS)[Step.COLLECT_SHIPMENTS]

    assert world.order("SO-1").status is OrderStatus.SHIPPED
    assert (report.outcome, codes(report)) == ("stopped", {"not_found"})


def test_nothing_is_written_from_a_snapshot_with_an_unreadable_item(world, shown):
    world.seed(simple("SO-1"))
    count_of(world, "MUG-BLUE", 3)
    shown("stock", lambda page: page.model_copy(update={"refused": ("inventory item MUG-BLUE: not a number",)}))

    report = world.step(Step.SYNC_INVENTORY)

    assert world.dear.ledger("stock_adjustment") == []
    assert "partial_snapshot" in codes(report)


@pytest.mark.parametrize("ahead", [timedelta(hours=-3), timedelta(hours=10)])
def test_nothing_is_written_from_a_snapshot_of_another_time(world, shown, ahead):
    world.seed(simple("SO-1"))
    count_of(world, "MUG-BLUE", 3)
    shown("stock", lambda page: page.model_copy(update={"as_of": world.clock.time + ahead}))

    report = world.step(Step.SYNC_INVENTORY)

    assert world.dear.ledger("stock_adjustment") == []
    assert codes(report) == {"stale_snapshot"}


def test_stock_is_lowered_but_not_raised_while_a_picked_sale_is_held_unread(world):
    world.settings["sale_statuses"] = ["ORDERED", "PICKED"]
    world.settings["ship_methods"] = {"X": "Y"}
    world.seed(simple("SO-1", status="PICKED", carrier="Pigeon"), stock=30)
    count_of(world, "MUG-RED", 32)
    count_of(world, "MUG-BLUE", 29)

    report = world.tick()[Step.SYNC_INVENTORY]

    (adjustment,) = world.dear.ledger("stock_adjustment")
    assert [(line["SKU"], line["Quantity"]) for line in adjustment["body"]["Lines"]] == [("MUG-BLUE", 29)]
    assert {(one.subject, one.code) for one in report.problems} == {("MUG-RED", "unread_picked_sale")}


def test_stock_is_not_raised_while_a_picked_sale_becomes_an_order_that_the_index_does_not_show_yet(world, monkeypatch):
    world.settings["sale_statuses"] = ["ORDERED", "PICKED"]
    world.settings["ship_methods"] = {"X": "Y"}
    world.seed(simple("SO-1", status="PICKED", carrier="Pigeon"), stock=30)
    count_of(world, "MUG-RED", 32)
    world.tick(Step.DOWNLOAD_ORDERS)

    def read_the_sale(*_):
        world.settings["ship_methods"] = {"X": "Y", "Pigeon": "P"}
        world.step(Step.DOWNLOAD_ORDERS)
        return iter(())

    monkeypatch.setattr(DynamoOrders, "list_orders", read_the_sale)
    world.step(Step.SYNC_INVENTORY)

    assert world.order("SO-1").status is OrderStatus.NEW
    assert world.dear.ledger("stock_adjustment") == []


def test_a_report_shows_the_first_problems_and_counts_the_rest():
    tally = Tally()

    for number in range(PROBLEMS_SHOWN + 3):
        for _ in range(2):
            tally.trouble(f"SKU-{number}", "batched", "kept by batch")

    assert len(tally.problems) == PROBLEMS_SHOWN
    assert tally.counts["problems not shown"] == 3


def test_a_warehouse_code_that_the_snapshot_never_names_empties_nothing(world):
    world.settings["warehouses"] = {"Main Warehouse": "MIAN"}
    world.seed(simple("SO-1"), stock=40)

    report = world.tick(Step.SYNC_INVENTORY)[Step.SYNC_INVENTORY]

    assert [problem.code for problem in report.problems] == ["warehouse_not_in_snapshot"]
    assert world.dear.ledger("stock_adjustment") == []


def test_stock_is_not_raised_by_a_pick_that_a_person_made_and_our_read_of_the_sale_has_not_seen(world):
    world.seed(simple("SO-1", ("MUG-RED", 8)))
    world.tick()
    world.dear.control("sales/SO-1/pick", {})
    six = {"line_id": "1", "quantity": "6"}
    world.warehouse.control("orders/SO-1/ship", {"parcels": [{"lines": [six]}], "final": True})
    world.clock.sleep(20)
    world.step(Step.COLLECT_SHIPMENTS)

    world.settle()

    assert world.order("SO-1").reason.code == "pick_differs"
    (shelf,) = [row for row in world.dear.control("stock", method="GET")["stock"] if row["SKU"] == "MUG-RED"]
    assert shelf["OnHand"] == 92
