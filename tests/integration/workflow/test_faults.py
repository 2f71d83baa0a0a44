"""Calls that fail, or that work and then seem to fail: nothing is lost, nothing is done twice."""

from collections import Counter
from datetime import datetime

import pytest

from crossdock.domain.errors import BudgetSpent
from crossdock.domain.states import OrderStatus, Step
from tests.integration.workflow.conftest import World, simple

WRITES = ["/sale/fulfilment/pick", "/sale/fulfilment/pack", "/sale/fulfilment/ship", "/sale/invoice"]
KINDS = ["timeout_before", "timeout_after", "status", "status_after", "html", "cut"]


def ship_and_settle(world):
    world.settle()
    world.warehouse.control("work", {"push_share": 0})
    world.settle()


def counted(system, *kinds):
    return Counter(entry["kind"] for entry in system.ledger() if entry["kind"] in kinds)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_in_each_write_to_dear_is_looked_up_and_nothing_is_repeated(world, kind):
    world.seed(simple("SO-1"), simple("SO-2", ("MUG-BLUE", 3)))
    for path in WRITES:
        world.dear.fault(method="POST", path=f".*{path}$", kind=kind, status=500)

    ship_and_settle(world)

    assert {world.order(number).status for number in ("SO-1", "SO-2")} == {OrderStatus.INVOICED}
    assert counted(world.dear, "pick", "pack", "ship", "invoice") == {"pick": 2, "pack": 2, "ship": 2, "invoice": 2}
    assert len(world.dear.control("faults", method="GET")["hits"]) == len(WRITES), "every fault was met"


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_in_a_delivery_never_makes_a_second_order(world, kind):
    world.seed(simple("SO-1"), simple("SO-2"))
    world.warehouse.fault(method="POST", path="/orders$", kind=kind, status=503)

    ship_and_settle(world)

    assert {world.order(number).status for number in ("SO-1", "SO-2")} == {OrderStatus.INVOICED}
    assert sorted(entry["reference"] for entry in world.warehouse.ledger("order_created")) == ["SO-1", "SO-2"]


@pytest.mark.parametrize("kind", ["timeout_after", "timeout_before", "status", "html", "cut"])
def test_reads_that_fail_are_simply_tried_again(world, kind):
    world.seed(simple("SO-1"))
    for system, path in ((world.dear, "/saleList$"), (world.dear, "/sale$"), (world.warehouse, "/shipments$")):
        system.fault(method="GET", path=f".*{path}", kind=kind, status=500, count=2)

    ship_and_settle(world)

    assert world.order("SO-1").status is OrderStatus.INVOICED


@pytest.mark.parametrize("kind", ["timeout_after", "timeout_before", "status"])
def test_a_stock_adjustment_is_applied_once(world, kind):
    world.seed(simple("SO-1"), stock=50)
    world.warehouse.control("stock", {"stock": [{"sku": "MUG-BLUE", "warehouse": "MAIN", "on_hand": "43"}]})
    world.dear.fault(method="POST", path=".*/stockadjustment$", kind=kind, status=500)

    world.settle()

    (adjustment,) = world.dear.ledger("stock_adjustment")
    assert [(line["SKU"], line["Quantity"]) for line in adjustment["body"]["Lines"]] == [("MUG-BLUE", 43)]


def test_one_poison_order_never_stops_the_others(world):
    world.seed(*(simple(f"SO-{number}") for number in range(1, 6)))
    world.warehouse.control("settings", {"refused_skus": []})
    world.warehouse.fault(method="POST", path="/orders$", kind="status", status=500, count=1)

    reports = world.tick()

    assert reports[Step.DELIVER_ORDERS].counts["delivered"] == 4
    stuck = [world.order(f"SO-{number}") for number in range(1, 6) if world.order(f"SO-{number}").status == "new"]
    assert [order.reason.code for order in stuck] == ["outcome_unknown"]
    assert stuck[0].due_at > world.clock.now()


def test_a_dead_warehouse_ends_the_run_early_and_every_order_waits_with_a_reason(world):
    world.seed(*(simple(f"SO-{number}") for number in range(1, 8)))
    world.warehouse.fault(path="/orders.*", kind="status", status=503, count=100)

    report = world.tick()[Step.DELIVER_ORDERS]

    assert report.outcome == "stopped"
    assert "does not answer" in report.stopped_because
    assert len(report.problems) == 3


def test_a_wrong_key_stops_the_step_with_one_reason_and_loses_nothing(world):
    world.seed(simple("SO-1"))
    world.dear.fault(path=".*/ExternalApi/.*", kind="status", status=403, body="Incorrect credentials!", count=3)

    report = world.tick()[Step.DOWNLOAD_ORDERS]
    world.clock.sleep(60)
    world.settle()

    assert report.outcome == "stopped"
    assert [problem.code for problem in report.problems] == ["unauthorised"]
    assert world.order("SO-1").status is OrderStatus.AT_WMS


class FewCalls:
    """A call budget of which so many calls are left."""

    def __init__(self, left: int, free_at: datetime) -> None:
        self.left, self.free_at = left, free_at

    def expect(self, calls: int) -> None:
        if calls > self.left:
            raise BudgetSpent(self.free_at)

    def take(self) -> None:
        self.expect(1)
        self.left -= 1

    def hold(self) -> None:
        """Not asked for."""

    def pause(self, seconds: float) -> None:
        """Not asked for."""


@pytest.mark.parametrize(("left", "written"), [(2, []), (3, ["pick", "pack", "ship"])])
def test_a_confirmation_begins_only_when_the_calls_for_all_of_it_are_there(
    world: World, left: int, written: list[str]
) -> None:
    world.seed(simple())
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    world.warehouse.control("orders/SO-1/ship", {})
    world.tick(Step.COLLECT_SHIPMENTS)

    world.budget = FewCalls(left, world.clock.now())
    world.step(Step.CONFIRM_SHIPMENTS)

    assert [entry["kind"] for entry in world.dear.ledger() if entry["kind"] in {"pick", "pack", "ship"}] == written
    assert world.order("SO-1").intent is None
