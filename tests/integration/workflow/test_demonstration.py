"""What `make run` shows, without its cloud and its four minutes: the story is played, and the auditor finds nothing."""

from typing import Any

import requests

from crossdock.domain.states import Decision, OrderStatus, Step
from sandbox.run.books import HELD_LATE, Books, violations
from sandbox.run.people import People
from sandbox.run.story import STORY
from sandbox.scenario import demo
from tests.integration.workflow.conftest import World

MOST_CALLS = 180
"""With those of `crossdock connect`, about three minutes of DEAR's limit."""


def test_the_demonstration_ends_as_its_scenario_says_and_the_books_are_right(world: World):
    scenario = demo()
    world.dear.control("seed", scenario.dear_seed)
    world.warehouse.control("stock", {"stock": scenario.warehouse_stock})
    world.warehouse.control("settings", scenario.warehouse_settings)
    world.settings = scenario.connection["settings"]
    people = People(world.dear.url, world.warehouse.url, STORY)

    for _ in range(8):
        moved = any(report.moved for report in world.tick().values())
        people.play()
        if not (moved or people.busy):
            break
        world.tick(Step.COLLECT_SHIPMENTS)
        world.clock.sleep(20)

    books = books_of(world)
    assert people.left() == []
    assert became(world) == {
        number: {becomes.replace(HELD_LATE, "held")} for number, becomes in scenario.expected.items()
    }
    wrong = violations(books, scenario.expected)
    assert [text for text in wrong if "calls came to DEAR" not in text] == []  # the world's budget lets every call go
    assert len(books.api_calls()) <= MOST_CALLS


def became(world: World) -> dict[str, set[str]]:
    """By sale, where it and its orders stand, and the code of the reason."""
    ends: dict[str, set[str]] = {}
    for status in OrderStatus:
        for order in world.orders.list_orders("main", status):
            ends.setdefault(order.content.order_number.split(".")[0], set()).add(_told(status, order.reason))
    for decision in Decision:
        for entry in world.orders.list_sales("main", decision):
            told = _told("skipped" if decision is Decision.VOIDED else decision, entry.reason)
            ends.setdefault(entry.order_number, {told})
    return ends


def _told(status: str, reason: Any) -> str:
    return f"{status}: {reason.code}" if reason else str(status)


def books_of(world: World) -> Books:
    shelves = requests.get(
        f"{world.warehouse.url}/inventory?limit=1000", headers={"Authorization": "Bearer token"}, timeout=5
    )
    return Books(
        dear=world.dear.ledger(),
        warehouse=world.warehouse.ledger(),
        calls=world.dear.control("calls", method="GET")["calls"],
        dear_sales=world.dear.control("sales", method="GET")["sales"],
        dear_stock=world.dear.control("stock", method="GET")["stock"],
        warehouse_stock=shelves.json()["items"],
    )
