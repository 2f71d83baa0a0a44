"""What the settings' filters do to sales on their way: at the first reading, and when a sale changes later."""

from crossdock.domain.states import Decision, OrderStatus, Step
from tests.integration.workflow.conftest import simple

MARKED = {"attribute_filters": {"additional_attribute_2": ["3PL"]}}


def test_a_sale_that_fails_a_filter_is_skipped_and_loaded_once_it_passes(world):
    world.settings |= MARKED
    world.seed(simple("SO-1"), simple("SO-2", attributes={"AdditionalAttribute2": "3pl"}))
    world.tick()
    (skipped,) = world.orders.list_sales("main", Decision.SKIPPED)

    world.dear.control("sales/SO-1/edit", {"attributes": {"AdditionalAttribute2": "3PL"}})
    world.clock.sleep(60)
    world.tick()

    assert (skipped.order_number, skipped.reason.code) == ("SO-1", "attribute_filter")
    assert {world.order(number).status for number in ("SO-1", "SO-2")} == {OrderStatus.AT_WMS}


def test_an_order_at_the_warehouse_stays_there_when_its_sale_fails_a_filter_later(world):
    world.settings |= MARKED
    world.seed(simple("SO-1", attributes={"AdditionalAttribute2": "3PL"}))
    world.tick()

    world.dear.control("sales/SO-1/edit", {"attributes": {"AdditionalAttribute2": "sent"}})
    world.clock.sleep(60)
    world.tick()
    world.warehouse.control("work", {"push_share": 0})
    world.settle()

    assert world.order("SO-1").status is OrderStatus.INVOICED


def test_an_order_that_was_not_sent_yet_goes_with_its_sale(world):
    world.settings |= MARKED
    world.seed(simple("SO-1", attributes={"AdditionalAttribute2": "3PL"}))
    world.tick(Step.DOWNLOAD_ORDERS)

    world.dear.control("sales/SO-1/edit", {"attributes": {"AdditionalAttribute2": ""}})
    world.clock.sleep(60)
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)

    assert world.order("SO-1").status is OrderStatus.CANCELED
    assert world.warehouse.ledger("order_created") == []


def test_a_line_that_is_dropped_reaches_neither_the_warehouse_nor_the_pick_nor_the_invoice(world):
    world.settings["item_filters"] = [{"field": "sku", "rule": "restricted", "match": "ends", "values": ["blue"]}]
    world.seed(simple("SO-1", ("MUG-BLUE", 1), ("MUG-RED", 2)))
    world.tick()
    world.warehouse.control("work", {"push_share": 0})

    world.settle()

    skus = [
        {line["SKU"] for line in entry["body"]["Lines"]}
        for kind in ("pick", "invoice")
        for entry in world.dear.ledger(kind)
        if entry["by"] == "api"
    ]
    assert world.order("SO-1").status is OrderStatus.INVOICED
    assert skus == [{"MUG-RED"}, {"MUG-RED"}]


def test_advanced_sales_are_loaded_by_the_stage_of_each_fulfilment(world):
    world.settings["sale_statuses"] = ["PICKED"]
    picked, unpicked = (
        {"lines": [{"sku": "MUG-RED", "quantity": 1}], "pick": "AUTHORISED"},
        {"lines": [{"sku": "MUG-RED", "quantity": 1}], "pick": "DRAFT"},
    )
    world.seed(simple("SO-1", ("MUG-RED", 2), type="Advanced", fulfilments=[picked, unpicked]), simple("SO-2"))
    world.tick()
    first = [order.reference for order in world.orders.list_orders("main", OrderStatus.AT_WMS)]

    world.dear.control("sales/SO-1/pick", {"number": 2, "lines": [{"sku": "MUG-RED", "quantity": 1}]})
    world.clock.sleep(60)
    world.tick()

    assert first == ["SO-1.1"]
    assert {order.reference for order in world.orders.list_orders("main", OrderStatus.AT_WMS)} == {"SO-1.1", "SO-1.2"}
