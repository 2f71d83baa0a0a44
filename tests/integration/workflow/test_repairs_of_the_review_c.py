"""At the edges: passes that must get on, sales that must not be held, calls and time that must not be spent."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from crossdock.domain.addressing import compare
from crossdock.domain.errors import BudgetSpent, NeedsPerson
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.report import Report, RunOutcome
from crossdock.domain.sale import Address
from crossdock.domain.states import Decision, Step
from crossdock.ports import Checkpoint
from crossdock.sighting import known_locations
from crossdock.store.checkpoints import DynamoCheckpoints
from crossdock.store.orders import DynamoOrders
from crossdock.workflow import run
from download_orders.listing import list_changes
from tests.integration.workflow.conftest import World, simple
from tests.integration.workflow.test_edits import DOWN, OUT, there
from tests.integration.workflow.test_kits import catalogue, looked_up, sell
from tests.unit.download_orders.fakes import Ledgering

# --- the list ------------------------------------------------------------------------------------------------


def test_a_pass_gets_on_though_each_run_may_call_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Ledgering()
    for number in range(8):
        made.dear.touch(f"{number:04}")
    made.clock.sleep(600)
    asked: list[int] = []
    real, left = made.dear.list_sales, {"calls": 0}

    def once(*, page: int, **window: Any) -> Any:
        if not left["calls"]:
            raise BudgetSpent(made.clock.now())
        left["calls"] -= 1
        asked.append(page)
        return real(page=page, **window)

    monkeypatch.setattr(made.dear, "list_sales", once)

    for _ in range(5):
        left["calls"] = 1
        run(DOWN, list_changes, made.work())

    assert asked == [1, 1, 2, 2, 3]
    assert made.listed().since is not None
    assert set(made.listed().notes) == {"judged_by"}
    assert len(made.orders.entries) == 8


@pytest.mark.parametrize("step", [Step.DOWNLOAD_ORDERS, Step.RECONCILE])
def test_a_checkpoint_that_is_overtaken_at_the_end_of_a_pass_stops_no_run(
    world: World, monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    if step is Step.RECONCILE:
        world.step(Step.DOWNLOAD_ORDERS)
    world.seed(simple())
    real = DynamoCheckpoints.save_checkpoint
    overtaken: list[Step] = []

    def overtaking(self: DynamoCheckpoints, name: str, of: Step, checkpoint: Checkpoint) -> Checkpoint:
        if of is step and not overtaken:
            overtaken.append(of)
            real(self, name, of, self.checkpoint(name, of))
        return real(self, name, of, checkpoint)

    monkeypatch.setattr(DynamoCheckpoints, "save_checkpoint", overtaking)

    report = world.step(step)

    assert overtaken == [step]
    assert report.outcome is RunOutcome.DONE
    assert report.counts["list to be read anew"] == 1
    if step is Step.DOWNLOAD_ORDERS:
        assert world.order("SO-1").reference == "SO-1"


def codes(report: Report) -> list[tuple[str, str]]:
    return [(problem.subject, problem.code) for problem in report.problems]


def test_a_row_that_cannot_be_stored_is_left_behind_after_five_passes_and_told_until_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = DynamoOrders.save_sale

    def poisoned(self: DynamoOrders, entry: SaleEntry) -> None:
        if entry.order_number == "SO-1":
            raise NeedsPerson("sale_too_large", "it cannot be kept")
        real(self, entry)

    world.seed(simple("SO-1"), simple("SO-2"))
    reports = []
    with monkeypatch.context() as patched:
        patched.setattr(DynamoOrders, "save_sale", poisoned)
        for _ in range(8):
            reports.append(world.step(DOWN))
            world.clock.sleep(7200)

    world.dear.control("sales/SO-1/touch", {})
    world.clock.sleep(60)
    world.step(DOWN)
    after = world.step(DOWN)

    assert [report.counts.get("listed", 0) for report in reports] == [2, 2, 2, 2, 2, 0, 0, 0]
    assert codes(reports[3]) == [("SO-1", "sale_too_large")]
    assert codes(reports[5]) == codes(reports[7]) == [("SO-1", "row_not_stored")]
    assert codes(after) == []
    assert world.order("SO-1").reference == "SO-1"


def test_where_many_rows_cannot_be_stored_the_list_is_not_moved_on(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Ledgering()
    made.dear.limit = 100
    for number in range(60):
        made.dear.touch(f"{number:04}")

    def full(_entry: SaleEntry) -> None:
        raise NeedsPerson("sale_too_large", "it cannot be kept")

    with monkeypatch.context() as patched:
        patched.setattr(made.orders, "save_sale", full)
        for _ in range(8):
            run(DOWN, list_changes, made.work())
            made.clock.sleep(7200)
    frozen = made.listed()
    run(DOWN, list_changes, made.work())

    assert frozen.since is None
    assert len(made.orders.entries) == 60
    assert set(made.listed().notes) == {"judged_by"}


def test_locations_that_dear_does_not_know_are_asked_for_once() -> None:
    calls: list[str] = []

    def locations() -> dict[str, str]:
        calls.append("locations")
        return {"a": "Main"}

    settings = SimpleNamespace(locations=("Main",))
    work: Any = SimpleNamespace(
        connection=SimpleNamespace(settings=settings), dear=lambda: SimpleNamespace(locations=locations)
    )
    known: dict[str, str] = {}
    for location_id in ("x", "y", "x", "a", "y"):
        row: Any = SimpleNamespace(location_id=location_id)
        known = known_locations(work, [row], known)

    assert len(calls) == 2
    assert known == {"x": "", "y": "", "a": "Main"}


# --- the sale ------------------------------------------------------------------------------------------------


def test_a_drop_ship_line_on_the_invoice_is_no_reason_to_hold(world: World) -> None:
    world.settings |= {"lines_from": "invoice", "sale_statuses": ["any"]}
    sale = simple("SO-1", ("MUG-RED", 2))
    sale["lines"].append({"sku": "MUG-BLUE", "quantity": 1, "price": 10, "drop_ship": True})
    world.seed(sale)
    world.dear.control("sales/SO-1/invoice", {})
    world.clock.sleep(60)

    world.tick(DOWN, OUT)

    assert there(world) == {"SO-1": {"MUG-RED": "2"}}


def left_out(world: World) -> None:
    world.settings |= {
        "kits": "components",
        "order_filters": [{"field": "order_number", "rule": "required", "match": "starts", "values": ["WEB-"]}],
    }
    catalogue(world)
    sell(world, simple("SO-1", ("SET", 1), ("BOX", 1)))


def test_a_sale_that_the_filters_leave_out_costs_no_look_up_of_its_products(world: World) -> None:
    left_out(world)

    world.tick(DOWN)

    assert [entry.order_number for entry in world.orders.list_sales("main", Decision.SKIPPED)] == ["SO-1"]
    assert looked_up(world) == 0


def test_a_product_that_cannot_be_read_does_not_hold_a_sale_that_the_filters_leave_out(world: World) -> None:
    left_out(world)
    world.dear.fault(method="GET", path=".*/product$", kind="status", status=400, count=-1)

    world.tick(DOWN)

    assert [entry.order_number for entry in world.orders.list_sales("main", Decision.SKIPPED)] == ["SO-1"]


def test_a_long_display_line_is_compared_at_once() -> None:
    words = " ".join(f"{chr(97 + number % 26)}{number}" for number in range(300))
    elm = Address(line1="1 Elm", city="Portland", state="OR", postcode="97201", country="United States")
    began = time.monotonic()

    found = compare(elm.model_copy(update={"display": ("1 Elm", words)}))

    assert time.monotonic() - began < 2
    assert not found.agrees
