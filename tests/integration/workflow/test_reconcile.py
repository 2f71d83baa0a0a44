"""The daily comparison over a real DEAR and the real store: each finding once, and silence where both agree."""

from typing import Any

import pytest

from crossdock.dear import client
from crossdock.dear.client import DearClient
from crossdock.domain.reconciling import FindingKind
from crossdock.domain.report import Report
from crossdock.domain.states import Decision, OrderStatus, Step
from crossdock.ports import Checkpoint
from crossdock.rewinding import reconcile_anew
from tests.integration.workflow import conftest
from tests.integration.workflow.conftest import World, simple

DAY = 24 * 3600


def findings(report: Report) -> dict[str, str]:
    return {problem.code: problem.subject for problem in report.problems}


def reconciled(world: World) -> Report:
    reconcile_anew(world.checkpoints, "main")
    return world.step(Step.RECONCILE)


def hidden_from_the_windows(world: World, hours: float = 5) -> None:
    """The download believes that it has read up to now."""
    world.clock.sleep(hours * 3600)
    checkpoint = world.checkpoints.checkpoint("main", Step.DOWNLOAD_ORDERS)
    read = checkpoint.model_copy(update={"since": world.clock.now()})
    world.checkpoints.save_checkpoint("main", Step.DOWNLOAD_ORDERS, read)


def asked(world: World) -> list[str]:
    return [call["path"].rpartition("/")[2] for call in world.dear.control("calls", method="GET")["calls"]]


def test_nothing_is_compared_before_the_first_list_is_read(world: World) -> None:
    world.seed(simple())

    report = world.step(Step.RECONCILE)

    assert (report.outcome, report.problems) == ("off", ())
    assert "has not read the whole list" in (report.stopped_because or "")
    assert asked(world) == []


def test_where_both_agree_nothing_is_found_and_no_sale_is_read(world: World) -> None:
    world.seed(simple("SO-1"), simple("SO-2"))
    world.settle()
    world.warehouse.control("work", {"push_share": 0})
    world.settle()
    world.clock.sleep(DAY)
    before = len(asked(world))

    report = world.step(Step.RECONCILE)

    assert report.problems == ()
    assert report.counts["findings"] == 0
    assert {report.counts[kind.replace("_", " ")] for kind in FindingKind} == {0}
    assert asked(world)[before:] == ["saleList"]


def test_a_sale_that_no_window_showed_is_found_recorded_and_loaded(world: World) -> None:
    world.seed(simple("SO-1"))
    world.tick()
    world.dear.control("seed", {"sales": [simple("SO-2")]})
    hidden_from_the_windows(world)

    report = world.step(Step.RECONCILE)
    world.step(Step.DOWNLOAD_ORDERS)

    assert findings(report) == {"never_seen": "SO-2"}
    assert world.order("SO-2").status is OrderStatus.NEW
    assert findings(reconciled(world)) == {}


def test_what_the_next_window_will_show_is_left_to_it(world: World) -> None:
    world.seed(simple("SO-1"))
    world.tick()
    world.clock.sleep(DAY)
    world.tick(Step.DOWNLOAD_ORDERS)
    world.dear.control("seed", {"sales": [simple("SO-2")]})

    report = world.step(Step.RECONCILE)

    assert report.problems == ()


def test_a_sale_that_moved_behind_our_back_is_judged_again(world: World) -> None:
    world.seed(simple("SO-1"))
    world.tick(Step.DOWNLOAD_ORDERS)
    world.dear.control("sales/SO-1/void", {})
    hidden_from_the_windows(world)

    report = world.step(Step.RECONCILE)

    assert findings(report) == {"moved_without_us": "SO-1"}
    assert world.order("SO-1").status is OrderStatus.CANCELED
    assert [entry.order_number for entry in world.orders.list_sales("main", Decision.VOIDED)] == ["SO-1"]


def shipped_by_hand(world: World) -> None:
    """A sale that people shipped in DEAR while the warehouse picks its order, too far on to cancel it."""
    world.seed(simple("SO-1"))
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    world.warehouse.control("orders/SO-1/start", {})
    for stage in ("pick", "pack", "ship"):
        world.dear.control(f"sales/SO-1/{stage}", {})


def test_a_sale_shipped_in_dear_while_its_order_stands_is_found_once_the_download_has_seen_it(world: World) -> None:
    shipped_by_hand(world)

    before = reconciled(world)
    world.clock.sleep(60)
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    after = reconciled(world)

    assert findings(before) == {}
    assert findings(after) == {"shipped_in_dear_not_by_us": "SO-1"}
    assert "SHIPPED" in after.problems[0].text
    assert "Crossdock says: at_wms" in after.problems[0].text


def test_a_shipment_on_its_way_to_dear_is_no_finding(world: World) -> None:
    world.seed(simple("SO-1"))
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    world.warehouse.control("work", {"push_share": 0})
    world.tick(Step.COLLECT_SHIPMENTS)
    for stage in ("pick", "pack", "ship"):
        world.dear.control(f"sales/SO-1/{stage}", {})

    assert findings(reconciled(world)) == {}


def confirmed(world: World) -> None:
    world.seed(simple("SO-1"))
    world.settle()
    world.warehouse.control("work", {"push_share": 0})
    world.settle()


def relisted(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """DEAR's list as it would be after something that the sandbox does not let its user do."""
    listed = DearClient.list_sales

    def changed(self: DearClient, **asked_for: Any) -> Any:
        page = listed(self, **asked_for)
        rows = tuple(row for row in map(change, page.rows) if row is not None)
        return page.model_copy(update={"rows": rows, "total": len(rows)})

    monkeypatch.setattr(DearClient, "list_sales", changed)


def test_an_order_that_dear_does_not_show_as_shipped_any_more_is_found_after_an_hour(world: World, monkeypatch) -> None:
    confirmed(world)
    relisted(monkeypatch, lambda row: row.model_copy(update={"shipping": "NOT SHIPPED"}))

    at_once = reconciled(world)
    world.clock.sleep(2 * 3600)
    later = reconciled(world)

    assert findings(at_once) == {}
    assert findings(later) == {"confirmed_here_not_in_dear": "SO-1"}


def test_history_is_not_compared(world: World, monkeypatch) -> None:
    confirmed(world)
    relisted(monkeypatch, lambda row: row.model_copy(update={"shipping": "NOT SHIPPED"}))
    world.clock.sleep(8 * DAY)

    assert findings(reconciled(world)) == {}


def test_an_order_whose_sale_is_gone_from_the_list_is_found(world: World, monkeypatch) -> None:
    world.seed(simple("SO-1"), simple("SO-2"))
    world.tick()
    relisted(monkeypatch, lambda row: None if row.order_number == "SO-2" else row)

    report = reconciled(world)

    assert findings(report) == {"gone_from_dear": "SO-2"}
    assert report.counts["gone from dear"] == 1


def test_a_pass_over_several_runs_finds_what_one_would(world: World, monkeypatch) -> None:
    monkeypatch.setattr(client, "PAGE", 2)
    world.seed(*(simple(f"SO-{number}") for number in range(1, 8)))
    world.tick()
    relisted_pages(monkeypatch, "SO-3")
    reconcile_anew(world.checkpoints, "main")

    monkeypatch.setattr(conftest, "OpenEnd", Short)
    reports = [world.step(Step.RECONCILE)]
    while reports[-1].outcome == "deadline" and len(reports) < 20:
        reports.append(world.step(Step.RECONCILE))

    assert len(reports) > 1
    assert findings(reports[-1]) == {"gone_from_dear": "SO-3"}


def relisted_pages(monkeypatch: pytest.MonkeyPatch, gone: str) -> None:
    """The list without one sale, all pages drawn up together."""
    listed = DearClient.list_sales

    def without(self: DearClient, *, page: int, updated_since: Any) -> Any:
        rows, number, more = [], 1, True
        while more:
            found = listed(self, page=number, updated_since=updated_since)
            rows += [row for row in found.rows if row.order_number != gone]
            number, more = number + 1, found.more
        some = tuple(rows[2 * (page - 1) : 2 * page])
        return found.model_copy(update={"rows": some, "total": len(rows), "more": 2 * page < len(rows)})

    monkeypatch.setattr(DearClient, "list_sales", without)


class Short:
    """A run whose time is over after some checks of it."""

    def __init__(self) -> None:
        self.checks = 0

    def seconds_left(self) -> float:
        self.checks += 1
        return 60.0 if self.checks <= 14 else 0.0


def test_a_pass_is_made_once_a_day_and_its_findings_are_told_until_the_next(world: World) -> None:
    shipped_by_hand(world)
    world.clock.sleep(60)
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    first = world.step(Step.RECONCILE)
    before = len(asked(world))

    world.clock.sleep(3600)
    again = world.step(Step.RECONCILE)
    in_between = len(asked(world))
    world.clock.sleep(23 * 3600)
    world.step(Step.RECONCILE)

    assert findings(again) == findings(first) == {"shipped_in_dear_not_by_us": "SO-1"}
    assert again.counts["findings"] == 1
    assert in_between == before
    assert len(asked(world)) > in_between


def test_a_list_that_shifts_is_not_asked_what_is_gone(world: World, monkeypatch) -> None:
    world.seed(simple("SO-1"))
    world.tick()
    sales = iter(range(100, 200))
    listed = DearClient.list_sales

    def shifting(self: DearClient, *, page: int, updated_since: Any) -> Any:
        found = listed(self, page=1, updated_since=updated_since)
        return found.model_copy(update={"rows": (), "total": next(sales), "more": page < 2})

    monkeypatch.setattr(DearClient, "list_sales", shifting)

    report = reconciled(world)

    assert set(findings(report)) == {"list_kept_changing"}
    assert report.counts["list read again"] == 2


def test_a_checkpoint_that_was_taken_back_ends_the_run_in_order(world: World, monkeypatch) -> None:
    world.seed(simple("SO-1"))
    world.tick()
    listed = DearClient.list_sales

    def overtaken(self: DearClient, *, page: int, updated_since: Any) -> Any:
        reconcile_anew(world.checkpoints, "main")
        found = listed(self, page=1, updated_since=updated_since)
        return found.model_copy(update={"more": page < 2})

    monkeypatch.setattr(DearClient, "list_sales", overtaken)

    report = reconciled(world)

    assert (report.outcome, report.counts["list to be read anew"]) == ("done", 1)
    standing = world.checkpoints.checkpoint("main", Step.RECONCILE)
    assert standing == Checkpoint(version=standing.version)
