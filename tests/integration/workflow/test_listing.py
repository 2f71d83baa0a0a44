"""The list against a real DEAR and the real store: a first connection with a long past, and voids that pass a hold."""

from crossdock.domain.model import Reason
from crossdock.domain.states import Decision, Step
from crossdock.rewinding import rewind
from tests.integration.workflow.conftest import World, simple


def calls(world: World) -> list[str]:
    return [call["path"].rpartition("/")[2] for call in world.dear.control("calls", method="GET")["calls"]]


def test_a_first_connection_lists_every_sale_and_reads_only_what_is_in_scope(world: World) -> None:
    past = [simple(f"SO-{number}", status="COMPLETED") for number in range(1000, 1300)]
    world.seed(*past, simple("SO-1"), simple("SO-2"))

    report = world.step(Step.DOWNLOAD_ORDERS)

    asked = [path for path in calls(world) if path in {"saleList", "sale"}]
    assert asked == ["saleList", "sale", "sale"]
    assert (report.counts["skipped"], report.counts["downloaded"]) == (300, 2)


def test_new_settings_are_applied_though_a_run_by_the_old_ones_came_after_the_list_was_set_back(world: World) -> None:
    old: dict[str, object] = {**world.settings, "sale_statuses": ["BACKORDERED"]}
    new: dict[str, object] = {**old, "sale_statuses": ["ORDERED"], "ship_methods": {"Courier": "C1"}}
    world.settings = old
    world.seed(simple("SO-1"), simple("SO-2", status="BACKORDERED", carrier="Courier"))
    world.settings["ship_methods"] = {"Express Courier": "EXPRESS"}
    world.step(Step.DOWNLOAD_ORDERS)
    before = {each: world.orders.sales_numbered("main", each)[0].decision for each in ("SO-1", "SO-2")}
    world.clock.sleep(3 * 3600)

    rewind(world.checkpoints, "main", None, judged_by=world.connection)
    world.step(Step.DOWNLOAD_ORDERS)
    world.settings = new
    world.step(Step.DOWNLOAD_ORDERS)

    after = {each: world.orders.sales_numbered("main", each)[0].decision for each in ("SO-1", "SO-2")}
    assert before == {"SO-1": Decision.SKIPPED, "SO-2": Decision.HELD}
    assert after == {"SO-1": Decision.LOADED, "SO-2": Decision.SKIPPED}


def test_a_sale_that_a_person_holds_is_not_read_though_it_changes_and_settings_do(world: World) -> None:
    world.settings["ship_methods"] = {"Express Courier": "EXPRESS"}
    world.seed(simple("SO-1", carrier="Nobody's Carrier"))
    world.tick(Step.DOWNLOAD_ORDERS)
    (entry,) = world.orders.list_sales("main", Decision.HELD)
    reason = Reason(code="held_by_person", text="the customer rang")
    world.orders.save_sale(entry.decided(Decision.HELD, world.clock.now(), reason))

    world.dear.control("sales/SO-1/touch", {})
    world.clock.sleep(60)
    report = world.step(Step.DOWNLOAD_ORDERS)

    (held,) = world.orders.list_sales("main", Decision.HELD)
    assert held.reason == reason
    assert held.row.updated != entry.row.updated
    assert "read" not in report.counts
