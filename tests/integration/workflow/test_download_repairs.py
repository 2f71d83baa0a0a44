"""Sales that people undo, split, void and mend in DEAR while their orders stand somewhere on the way."""

from decimal import Decimal
from typing import Any

import pytest

from crossdock.domain.states import Decision, OrderStatus, Step
from download_orders.unstored import Unstored
from tests.integration.workflow.conftest import World, simple

RED, BLUE = {"sku": "MUG-RED", "quantity": 3}, {"sku": "MUG-BLUE", "quantity": 2}


def advanced(*fulfilments: dict[str, Any]) -> dict[str, Any]:
    return simple("SO-9", ("MUG-RED", 3), ("MUG-BLUE", 2), type="Advanced", fulfilments=list(fulfilments))


def fulfilment(pick: str, *lines: dict[str, Any]) -> dict[str, Any]:
    return {"lines": list(lines), "pick": pick}


def sent(world: World, sku: str) -> Decimal:
    """The units of a SKU in all orders that the warehouse got."""
    lines = [line for entry in world.warehouse.ledger("order_created") for line in entry["body"]["lines"]]
    return sum((Decimal(line["quantity"]) for line in lines if line["sku"] == sku), Decimal(0))


def settle_later(world: World) -> None:
    world.clock.sleep(60)
    world.settle()


@pytest.mark.parametrize("steps", [(Step.DOWNLOAD_ORDERS,), (Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)])
def test_a_sale_undone_and_authorised_again_is_delivered_again(world, steps):
    world.seed(simple())
    world.tick(*steps)
    world.dear.control("sales/SO-1/undo", {})
    settle_later(world)

    world.dear.control("sales/SO-1/edit", {"lines": [{"sku": "MUG-RED", "quantity": 5, "price": 10}]})
    world.dear.control("sales/SO-1/authorise", {})
    settle_later(world)

    assert world.order("SO-1").status is OrderStatus.CANCELED
    again = world.order("SO-1-r2")
    assert again.warehouse_order_id is not None
    assert [line.quantity for line in again.content.lines] == [Decimal(5)]


def test_an_undone_sale_stays_skipped_while_nothing_changes(world):
    world.seed(simple())
    world.tick(Step.DOWNLOAD_ORDERS)
    world.dear.control("sales/SO-1/undo", {})
    settle_later(world)

    settle_later(world)

    (skipped,) = world.orders.list_sales("main", Decision.SKIPPED)
    assert skipped.reason is not None


def test_a_sale_that_people_split_after_delivery_never_sends_goods_twice(world):
    world.settings["changed_orders"] = "hold"
    world.seed(advanced())
    world.tick()

    world.dear.control("sales/SO-9/fulfilment", fulfilment("AUTHORISED", RED))
    world.dear.control("sales/SO-9/fulfilment", fulfilment("AUTHORISED", BLUE))
    settle_later(world)

    assert (sent(world, "MUG-RED"), sent(world, "MUG-BLUE")) == (3, 2)
    (held,) = world.orders.list_sales("main", Decision.HELD)
    assert held.reason is not None
    assert held.reason.code == "split_after_delivery"


def test_a_sale_shipped_by_hand_before_its_delivery_is_not_delivered(world):
    world.seed(simple())
    world.tick(Step.DOWNLOAD_ORDERS)

    for stage in ("pick", "pack", "ship"):
        world.dear.control(f"sales/SO-1/{stage}", {})
    settle_later(world)

    assert sent(world, "MUG-RED") == 0
    assert world.order("SO-1").status is OrderStatus.CANCELED


def test_an_order_that_the_warehouse_refused_is_released_by_its_mend(world):
    world.seed(simple("SO-1", ("MUG-BLUE", 1)))
    world.warehouse.control("settings", {"refused_skus": ["MUG-BLUE"]})
    world.tick()
    assert world.order("SO-1").status is OrderStatus.HELD

    world.dear.control("sales/SO-1/edit", {"lines": [{"sku": "MUG-RED", "quantity": 1, "price": 10}]})
    settle_later(world)

    assert (sent(world, "MUG-RED"), sent(world, "MUG-BLUE")) == (1, 0)


def test_binding_an_order_to_its_first_fulfilment_is_no_change_and_tells_its_number(world):
    world.seed(advanced())
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    world.dear.control("sales/SO-9/fulfilment", fulfilment("DRAFT", RED, BLUE))
    world.clock.sleep(60)

    world.tick(Step.DOWNLOAD_ORDERS)

    order = world.order("SO-9")
    assert (order.status, order.fulfilment_number) == (OrderStatus.AT_WMS, 1)
    assert order.task_id is not None


def test_waiting_sales_are_read_though_the_list_cannot_be(world):
    world.seed(simple())
    world.dear.fault(method="GET", path=".*/sale$", kind="status", status=500)
    world.tick(Step.DOWNLOAD_ORDERS)
    world.dear.fault(method="GET", path=".*/saleList$", kind="status", status=500)
    world.clock.sleep(60)

    report = world.step(Step.DOWNLOAD_ORDERS)

    assert report.outcome == "stopped"
    assert world.order("SO-1").status is OrderStatus.NEW


def test_a_pass_that_could_not_store_a_row_is_made_again_from_where_it_began(world):
    world.seed(simple())
    world.tick(Step.DOWNLOAD_ORDERS)
    checkpoint = world.checkpoints.checkpoint("main", Step.DOWNLOAD_ORDERS)
    (listed,) = world.orders.sales_numbered("main", "SO-1")
    lost = listed.row.model_copy(update={"sale_id": "seen-in-another-run"})
    notes = Unstored().after_page([lost], [lost]).note_in({})
    resumed = {"notes": notes, "pass_started_at": world.clock.now()}
    world.checkpoints.save_checkpoint("main", Step.DOWNLOAD_ORDERS, checkpoint.model_copy(update=resumed))

    world.tick(Step.DOWNLOAD_ORDERS)

    after = world.checkpoints.checkpoint("main", Step.DOWNLOAD_ORDERS)
    world.tick(Step.DOWNLOAD_ORDERS)
    again = world.checkpoints.checkpoint("main", Step.DOWNLOAD_ORDERS)
    assert (after.since, after.pass_started_at) == (checkpoint.since, None)
    assert again.since is not None
    assert again.since > after.since
    assert set(again.notes) == {"judged_by"}
