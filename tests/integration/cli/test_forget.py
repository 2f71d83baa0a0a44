"""`crossdock forget` on the whole world: who an order was for is gone, the order is found as before."""

import json

import pytest
from rich.console import Console

from cli.faults import Complaint
from cli.forgetting import forget_orders
from cli.screen import Screen
from cli.site import Desk
from crossdock.domain.states import OrderStatus, Step
from tests.integration.cli.conftest import CommandLine
from tests.integration.workflow.conftest import World, simple
from tests.integration.workflow.test_forgetting import done, ottilie, traces


@pytest.fixture
def connected(operator: CommandLine, world: World) -> CommandLine:
    world.checkpoints.save_connection(world.connection)
    return operator


def test_a_done_order_is_forgotten_at_once_and_found_as_before(connected: CommandLine, world: World) -> None:
    done(world, ottilie())
    (record,) = world.orders.shipments_of_order(world.order("SO-1"))

    ended = connected.run("forget", "SO-1", "--yes", "--json")
    again = connected.run("forget", "SO-1", "--yes", "--json")
    shown = json.loads(connected.run("order", "so-1", "--json").out)["found"][0]["orders"][0]

    assert [each["changed"] for each in json.loads(ended.out)["orders"]] == [True]
    assert [each["changed"] for each in json.loads(again.out)["orders"]] == [False]
    assert traces(world) == []
    assert shown["lines"][0]["sku"] == "MUG-RED"
    assert shown["shipments"][0]["parcels"][0]["tracking_number"] == record.shipment.parcels[0].tracking_number
    assert [event["event"] for event in shown["timeline"]][-1] == "forgotten"


def test_stock_is_still_counted_right_after_an_order_is_forgotten(connected: CommandLine, world: World) -> None:
    done(world, ottilie())
    adjusted = len(world.dear.ledger("adjustment"))

    connected.run("forget", "SO-1", "--yes")
    world.settle()

    assert len(world.dear.ledger("adjustment")) == adjusted


def test_an_order_under_way_is_refused_with_where_it_stands(connected: CommandLine, world: World) -> None:
    world.seed(ottilie())
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)

    ended = connected.run("forget", "SO-1", "--yes")

    assert (ended.code, ended.out) == (1, "")
    assert "SO-1 is under way" in ended.err
    assert "SO-1 is at_wms" in ended.err
    assert "7 Marrow Lane" in traces(world)


def test_of_a_sale_with_one_order_under_way_nothing_is_forgotten_until_one_is_named(
    connected: CommandLine, world: World
) -> None:
    world.seed(ottilie())
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    world.dear.control("sales/SO-1/void", {})
    world.settle()
    other = world.order("SO-1").model_copy(
        update={"reference": "SO-1-r2", "version": 1, "status": OrderStatus.NEW, "warehouse_order_id": None}
    )
    world.orders.save_order(other)

    all_of_it = connected.run("forget", "SO-1", "--yes")

    assert all_of_it.code == 1
    assert "SO-1-r2 is new" in all_of_it.err
    assert world.order("SO-1").forgotten_at is None


def test_nobody_forgets_without_being_asked_or_saying_yes(connected: CommandLine, world: World) -> None:
    done(world, ottilie())

    ended = connected.run("forget", "SO-1")

    assert ended.code == 1
    assert "--yes" in ended.err
    assert "7 Marrow Lane" in traces(world)


def test_a_person_is_asked_and_only_a_yes_counts(connected: CommandLine, world: World) -> None:
    done(world, ottilie())
    asked: list[str] = []

    def desk(answer: str) -> Desk:
        def ask(question: str) -> str:
            asked.append(question)
            return answer

        site = connected._open("test")
        return Desk({}, world.clock, lambda _: Screen(Console(), Console()), lambda _: site, ask)

    with pytest.raises(Complaint, match="Nothing was done"):
        forget_orders(desk(""), connected._open("test"), "SO-1", None, yes=False)
    before = traces(world)
    document = forget_orders(desk("yes"), connected._open("test"), "SO-1", None, yes=False)

    assert "7 Marrow Lane" in before
    assert traces(world) == []
    assert document.orders[0].changed
    assert all("SO-1 of main" in question and "Marrow" not in question for question in asked)


def test_of_a_sale_without_orders_nothing_personal_is_kept(connected: CommandLine, world: World) -> None:
    world.seed(ottilie(status="COMPLETED"), simple("SO-2"))
    world.tick(Step.DOWNLOAD_ORDERS)

    ended = connected.run("forget", "SO-1", "--yes")

    assert ended.code == 1
    assert "nothing personal is kept of it" in ended.err
    assert traces(world) == []
