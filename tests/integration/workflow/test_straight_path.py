"""A sale's way from DEAR to the warehouse and back, judged by the ledgers of both."""

from crossdock.domain.states import Decision, OrderStatus, Step
from tests.integration.workflow.conftest import simple

WRITES = {"pick", "pack", "ship", "fulfilment", "invoice", "stock_adjustment"}


def test_a_simple_sale_goes_all_the_way_in_five_calls_and_two_list_pages(world):
    world.seed(simple("SO-1", ("MUG-RED", 2), ("MUG-BLUE", 1)))
    down = world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    assert world.order("SO-1").status is OrderStatus.AT_WMS
    world.warehouse.control("orders/SO-1/ship", {})
    up = world.tick(Step.COLLECT_SHIPMENTS, Step.CONFIRM_SHIPMENTS, Step.DOWNLOAD_ORDERS, Step.CREATE_INVOICES)

    assert [report.problems for report in [*down.values(), *up.values()]] == [()] * 6
    assert world.order("SO-1").status is OrderStatus.INVOICED
    assert [entry["kind"] for entry in world.dear.ledger() if entry["kind"] in WRITES] == [
        "pick",
        "pack",
        "ship",
        "invoice",
    ]
    calls = world.dear.control("calls", method="GET")
    calls = calls["calls"] if isinstance(calls, dict) else calls
    paths = [call["path"].rpartition("/v2")[2] for call in calls if "_control" not in call["path"]]
    once_a_day = ["/me", "/ref/paymentterm"]
    assert len([path for path in paths if path not in once_a_day]) == 7
    assert sorted(path for path in paths if path in once_a_day) == once_a_day


def test_everything_settles_and_a_second_run_changes_nothing(world):
    world.seed(simple("SO-1"), simple("SO-2", ("MUG-BLUE", 7), ("MUG-RED", 5)), simple("SO-3", status="DRAFT"))
    world.tick()
    world.warehouse.control("work", {"push_share": 0})
    world.settle()
    written = len(world.dear.ledger()), len(world.warehouse.ledger())

    world.clock.sleep(7200)
    world.settle()

    assert (len(world.dear.ledger()), len(world.warehouse.ledger())) == written
    assert {world.order(number).status for number in ("SO-1", "SO-2")} == {OrderStatus.INVOICED}
    (skipped,) = world.orders.list_sales("main", Decision.SKIPPED)
    assert (skipped.order_number, skipped.reason.code) == ("SO-3", "status")
