"""What `make run` shows, without its cloud and its four minutes: the story is played, and the auditor finds nothing."""

from dataclasses import replace
from functools import partial
from io import StringIO
from typing import Any

from rich.console import Console

from crossdock.domain.states import Decision, OrderStatus, Step
from sandbox.run.books import entered_of, noted, personal_data, read_books, written
from sandbox.run.judging import HELD_LATE, PROMISES, judge
from sandbox.run.people import People
from sandbox.run.story import STORY
from sandbox.scenario import demo
from simulation.books import Books
from simulation.operator import Operator
from tests.integration.workflow.conftest import World

MOST_CALLS = 190
"""With those of `crossdock connect`, about three minutes of DEAR's limit."""


def test_the_demonstration_ends_as_its_scenario_says_and_the_books_are_right(world: World):
    people = played(world)

    books = books_of(world)

    assert people.left() == []
    assert became(world) == {
        number: {becomes.replace(HELD_LATE, "held")} for number, becomes in demo().expected.items()
    }
    assert judge(books).wrong == []
    assert len(world.dear.control("calls", method="GET")["calls"]) <= MOST_CALLS


def test_the_run_fails_when_its_books_were_tampered_with(world: World):
    played(world)
    books, screen = books_of(world), Console(file=StringIO())

    exits = {broken: judge(spoilt).shown(screen) for broken, spoilt in tampered(books).items()}
    found = {broken: {each.promise for each in judge(spoilt).broken} for broken, spoilt in tampered(books).items()}

    assert judge(books).shown(screen) == 0
    assert exits == dict.fromkeys(PROMISES, 1)
    assert [broken for broken, promises in found.items() if broken not in promises] == []


def tampered(books: Books) -> dict[int, Books]:
    """The books with something else in them, by the promise that is then broken."""
    created, pack, invoice = noted(books, "order_created")[0], written(books, "pack")[0], written(books, "invoice")[0]
    shelf = next(row for row in books.dear_stock if row["SKU"] == "SRV-GLS-600")
    return {
        1: replace(books, reports=lambda number: [] if number == "SO-10402" else books.reports(number)),
        2: replace(books, warehouse=(*books.warehouse[:20], {**created, "order_id": "WO-X"}, *books.warehouse[20:])),
        3: replace(books, dear=(*books.dear, pack)),
        4: replace(books, dear=(*books.dear, invoice)),
        5: replace(books, dear_stock=(*books.dear_stock, {**shelf, "OnHand": 7})),
        6: replace(books, reports=lambda number: [(where, "") for where, _ in books.reports(number)]),
        7: replace(books, calls=({"at": books.dear[0]["at"], "path": "/sale"},) * 61),
        9: replace(books, said=(f"posted to {books.secrets[0]}",)),
    }


def played(world: World) -> People:
    """Run the steps and the story until nothing moves."""
    scenario = demo()
    world.dear.control("seed", scenario.dear_seed)
    world.warehouse.control("stock", {"stock": scenario.warehouse_stock})
    world.warehouse.control("settings", scenario.warehouse_settings)
    world.settings = scenario.connection["settings"]
    world.checkpoints.save_connection(world.connection)
    people = People(world.dear.url, world.warehouse.url, STORY)
    for _ in range(8):
        moved = any(report.moved for report in world.tick().values())
        people.play()
        if not (moved or people.busy):
            break
        world.tick(Step.COLLECT_SHIPMENTS)
        world.clock.sleep(20)
    return people


def books_of(world: World) -> Books:
    """Without the calls to DEAR: the world's budget lets every one go at once."""
    books = read_books(
        world.dear.url,
        world.warehouse.url,
        entered=entered_of(demo()),
        reports=partial(Operator(world.orders, world.checkpoints, world.clock).reported, "main"),
        secrets=personal_data(demo()),
    )
    return replace(books, calls=())


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
