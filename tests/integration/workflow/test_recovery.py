"""After the tables were put back, what was done since is known again, and nothing is done a second time."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from crossdock import recovering
from crossdock.collecting import FIRST_LOOK_BACK
from crossdock.domain.states import SCHEDULED_STEPS, Decision, OrderStatus, Step
from crossdock.recovering import ASKED_FOR, STOCK_WAITS, WAITING, recover, recovering_since
from crossdock.rewinding import rewind
from crossdock.wms import http
from crossdock.wms.http import HttpWarehouse
from tests.integration.workflow.backups import ship_and_settle
from tests.integration.workflow.conftest import World, simple
from tests.integration.workflow.test_confirmation import reported

DOWN, OUT, COLLECT = Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS, Step.COLLECT_SHIPMENTS
CONFIRM, INVOICE = Step.CONFIRM_SHIPMENTS, Step.CREATE_INVOICES
STAGES = ("pick", "pack", "ship")


def enter(world: World, *sales: dict[str, Any]) -> None:
    world.dear.control("seed", {"sales": list(sales)})
    world.clock.sleep(60)


def advanced(number: str, *fulfilments: dict[str, Any]) -> dict[str, Any]:
    made = simple(number, ("MUG-RED", 3), ("MUG-BLUE", 2), type="Advanced")
    return {**made, "fulfilments": list(fulfilments)} if fulfilments else made


def waits(world: World) -> bool:
    return recovering_since(world.checkpoints.checkpoint("main", DOWN)) is not None


def is_free(world: World, step: Step) -> bool:
    """Whether a run of the step would get its lease."""
    if world.checkpoints.take_lease("main", step, "a-look", 60) is None:
        return False
    world.checkpoints.release_lease("main", step, "a-look")
    return True


def tick(world: World, minutes: int) -> Counter[str]:
    """What the schedule does, a tick a minute: a step whose lease is taken does nothing. The counts of download."""
    counts: Counter[str] = Counter()
    for _ in range(minutes):
        for step in SCHEDULED_STEPS:
            if is_free(world, step):
                report = world.step(step)
                counts.update(report.counts if step is DOWN else {})
        world.clock.sleep(60)
    return counts


def settle(world: World) -> Counter[str]:
    """Until recovery is over and nothing is due; then an hour more, and stock is compared again."""
    counts = tick(world, 12)
    assert not waits(world)
    world.warehouse.control("work", {"push_share": 0})
    counts += tick(world, 25)
    world.clock.sleep(STOCK_WAITS.total_seconds())
    assert all(is_free(world, step) for step in SCHEDULED_STEPS)
    world.settle()
    return counts


def sent(world: World) -> Counter[str]:
    return Counter(entry["reference"] for entry in world.warehouse.ledger("order_created"))


def shipped_units(world: World) -> Counter[str]:
    """By SKU, what left the building in all."""
    parcels = [parcel for entry in world.warehouse.ledger("shipped") for parcel in entry["body"]["parcels"]]
    units: Counter[str] = Counter()
    for parcel in parcels:
        for line in parcel["lines"]:
            units[line["sku"]] += int(line["quantity"])
    return units


def written(world: World, number: str) -> Counter[str]:
    """What the API wrote to a sale in DEAR."""
    kinds = (*STAGES, "invoice", "fulfilment")
    entries = [entry for kind in kinds for entry in world.dear.ledger(kind) if entry.get("by") == "api"]
    return Counter(entry["kind"] for entry in entries if entry["order_number"] == number)


def stock_agrees(world: World) -> bool:
    """Nothing was ever adjusted: both sides count the same by the sales alone."""
    return world.dear.ledger("stock_adjustment") == []


ONCE = Counter({"pick": 1, "pack": 1, "ship": 1, "invoice": 1})


def assert_done_once(world: World, number: str = "SO-1") -> None:
    """It has its invoice here; the warehouse has it once, and DEAR each stage."""
    assert world.order(number).status is OrderStatus.INVOICED
    assert sent(world) == Counter(["SO-0", number])
    assert written(world, number) == ONCE


# --- what was done in the lost time --------------------------------------------------------------------------


def test_a_sale_that_was_done_with_in_the_lost_time_is_known_as_invoiced_and_nothing_is_repeated(world, backup):
    before = backup()
    enter(world, simple("SO-1"))
    ship_and_settle(world)
    invoice = world.order("SO-1").invoice_number
    before.restored()

    counts = settle(world)

    order = world.order("SO-1")
    assert (order.status, order.invoice_number) == (OrderStatus.INVOICED, invoice)
    assert (counts["taken up again"], counts["recovered"]) == (1, 1)
    assert sent(world) == Counter(["SO-0", "SO-1"])
    assert written(world, "SO-1") == ONCE
    assert stock_agrees(world)


def test_what_left_and_was_not_confirmed_is_confirmed_and_invoiced_once(world, backup):
    before = backup()
    enter(world, simple("SO-1"))
    world.tick(DOWN, OUT)
    world.warehouse.control("work", {"push_share": 0})
    before.restored()

    settle(world)

    assert_done_once(world)
    assert stock_agrees(world)


def test_what_was_confirmed_and_not_invoiced_is_invoiced_once(world, backup):
    before = backup()
    enter(world, simple("SO-1"))
    world.tick(DOWN, OUT)
    world.warehouse.control("work", {"push_share": 0})
    world.tick(COLLECT, CONFIRM)
    before.restored()

    settle(world)

    assert world.order("SO-1").status is OrderStatus.INVOICED
    assert written(world, "SO-1") == ONCE


@pytest.mark.parametrize("known", [True, False], ids=["known before", "entered in the lost time"])
@pytest.mark.parametrize("leaves", ["before the restore", "afterwards"])
def test_a_sale_that_was_split_after_its_delivery_gets_no_second_order_for_the_same_goods(world, backup, known, leaves):
    if known:
        enter(world, advanced("SO-9"))
        world.tick(DOWN)
    before = backup()
    if not known:
        enter(world, advanced("SO-9"))
    world.tick(DOWN, OUT)
    (first,) = [reference for reference in sent(world) if reference.startswith("SO-9")]
    world.warehouse.control(f"orders/{first}/start", {})
    red, blue = [{"sku": "MUG-RED", "quantity": 3}], [{"sku": "MUG-BLUE", "quantity": 2}]
    for lines in (red, blue):
        world.dear.control("sales/SO-9/fulfilment", {"lines": lines, "pick": "AUTHORISED"})
        world.clock.sleep(60)
    if leaves == "before the restore":
        world.warehouse.control("work", {"push_share": 0})
    before.restored()

    settle(world)

    assert sent(world) == Counter(["SO-0", first])
    assert shipped_units(world) == Counter({"MUG-RED": 3, "MUG-BLUE": 3})


def test_an_order_that_was_new_in_the_backup_and_has_left_since_is_not_sent_again(world, backup):
    enter(world, simple("SO-1"))
    world.tick(DOWN)
    before = backup()
    world.tick(OUT)
    world.warehouse.control("work", {"push_share": 0})
    before.restored()

    settle(world)

    assert_done_once(world)
    assert stock_agrees(world)


@pytest.mark.parametrize("stood", ["new", "at_wms", "shipped", "confirmed"])
def test_an_order_that_stood_somewhere_in_the_backup_and_is_invoiced_since_is_known_as_such(world, backup, stood):
    enter(world, simple("SO-1"))
    world.tick(DOWN)
    if stood != "new":
        world.tick(OUT)
    if stood in {"shipped", "confirmed"}:
        world.warehouse.control("work", {"push_share": 0})
        world.tick(COLLECT)
    if stood == "confirmed":
        world.tick(CONFIRM)
    assert world.order("SO-1").status == stood
    before = backup()
    ship_and_settle(world)
    invoice = world.order("SO-1").invoice_number
    before.restored()

    settle(world)

    assert world.order("SO-1").invoice_number == invoice
    assert_done_once(world)
    assert stock_agrees(world)


def test_what_was_done_is_read_again_though_the_checkpoints_were_not_put_back(world, backup):
    before = backup()
    enter(world, simple("SO-1"))
    ship_and_settle(world)
    world.clock.sleep(3 * 3600)
    enter(world, simple("SO-2"))
    ship_and_settle(world)
    before.restored(whole=False)

    settle(world)

    assert {world.order(number).status for number in ("SO-1", "SO-2")} == {OrderStatus.INVOICED}
    assert sent(world) == Counter(["SO-0", "SO-1", "SO-2"])
    assert (written(world, "SO-1"), written(world, "SO-2")) == (ONCE, ONCE)


def test_an_edit_that_the_warehouse_was_not_told_of_before_the_restore_is_told_afterwards(world, backup):
    before = backup()
    enter(world, simple("SO-1"))
    world.tick(DOWN, OUT)
    world.dear.control("sales/SO-1/edit", {"lines": [{"sku": "MUG-RED", "quantity": 5, "price": 10}]})
    before.restored()

    settle(world)

    assert shipped_units(world) == Counter({"MUG-RED": 5, "MUG-BLUE": 1})
    assert written(world, "SO-1") == ONCE


def test_a_part_that_was_confirmed_in_the_lost_time_is_matched_and_the_rest_follows(world, backup):
    before = backup()
    enter(world, advanced("SO-9"))
    world.tick(DOWN, OUT)
    (first,) = [reference for reference in sent(world) if reference.startswith("SO-9")]
    part = {"parcels": [{"parcel_id": "A", "carrier": "DHL", "lines": [{"line_id": "1", "quantity": "2"}]}]}
    world.warehouse.control(f"orders/{first}/ship", {**part, "final": False})
    world.tick(COLLECT, CONFIRM, INVOICE)
    assert written(world, "SO-9") == ONCE
    before.restored()

    settle(world)

    assert world.order(first).status is OrderStatus.INVOICED
    assert sent(world) == Counter(["SO-0", first])
    assert written(world, "SO-9") == Counter({"pick": 2, "pack": 2, "ship": 2, "invoice": 2, "fulfilment": 1})
    assert stock_agrees(world)


# --- voided, sent anew, never ours ---------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False], ids=["known before", "entered in the lost time"])
def test_an_order_whose_sale_was_voided_meanwhile_is_cancelled_at_the_warehouse(world, backup, known):
    if known:
        enter(world, simple("SO-1"))
        world.tick(DOWN, OUT)
    before = backup()
    if not known:
        enter(world, simple("SO-1"))
        world.tick(DOWN, OUT)
    world.dear.control("sales/SO-1/void", {})
    before.restored()

    tick(world, 12)

    assert [entry["reference"] for entry in world.warehouse.ledger("order_cancelled")] == ["SO-1"]
    assert world.order("SO-1").status is OrderStatus.CANCELED
    settle(world)
    assert shipped_units(world) == Counter({"MUG-BLUE": 1})


def test_an_order_that_left_before_its_sale_was_voided_is_held(world, backup):
    before = backup()
    enter(world, simple("SO-1"))
    world.tick(DOWN, OUT)
    world.warehouse.control("work", {"push_share": 0})
    world.dear.control("sales/SO-1/void", {})
    before.restored()

    settle(world)

    held = world.order("SO-1")
    assert (held.status, held.reason.code) == (OrderStatus.HELD, "voided_too_late")
    assert written(world, "SO-1") == Counter()


@pytest.mark.parametrize("known", [True, False], ids=["known before", "entered in the lost time"])
@pytest.mark.parametrize("leaves", ["before the restore", "afterwards"])
def test_an_order_that_was_sent_anew_goes_on_in_its_later_generation(world, backup, known, leaves):
    world.settings["changed_orders"] = "resend"
    if known:
        enter(world, simple("SO-1"))
        world.tick(DOWN, OUT)
    before = backup()
    if not known:
        enter(world, simple("SO-1"))
        world.tick(DOWN, OUT)
    world.dear.control("sales/SO-1/edit", {"lines": [{"sku": "MUG-RED", "quantity": 5, "price": 10}]})
    world.clock.sleep(60)
    world.tick(DOWN, OUT)
    assert "SO-1-r2" in sent(world)
    if leaves == "before the restore":
        world.warehouse.control("work", {"push_share": 0})
    before.restored()

    settle(world)

    assert sent(world) == Counter(["SO-0", "SO-1", "SO-1-r2"])
    assert world.order("SO-1-r2").status is OrderStatus.INVOICED
    orders = world.orders.orders_of_sale("main", world.order("SO-1-r2").sale_id)
    assert {order.status for order in orders} <= {OrderStatus.INVOICED, OrderStatus.CANCELED}
    assert written(world, "SO-1") == ONCE
    assert shipped_units(world) == Counter({"MUG-RED": 5, "MUG-BLUE": 1})


def test_a_sale_that_was_never_ours_and_is_shipped_in_dear_stays_skipped(world, backup):
    before = backup()
    enter(world, simple("SO-1"))
    for stage in STAGES:
        world.dear.control(f"sales/SO-1/{stage}", {})
    before.restored()
    world.step(DOWN)
    world.clock.sleep(60)

    settle(world)

    (entry,) = world.orders.sales_numbered("main", "SO-1")
    assert entry.decision is Decision.SKIPPED
    assert entry.references == ()
    assert sent(world) == Counter(["SO-0"])
    assert written(world, "SO-1") == Counter()


# --- while it lasts ------------------------------------------------------------------------------------------


def test_the_steps_that_write_wait_until_the_download_has_ended_it_and_stock_an_hour_longer(world, backup):
    before = backup()
    enter(world, simple("SO-1"))
    world.tick(DOWN, OUT)
    before.restored()
    during = {step: is_free(world, step) for step in (*SCHEDULED_STEPS, Step.RECONCILE)}

    world.step(DOWN)
    after = {step: is_free(world, step) for step in (*SCHEDULED_STEPS, Step.RECONCILE)}
    world.clock.sleep(STOCK_WAITS.total_seconds())

    assert during == {step: step not in WAITING for step in during}
    assert after == {step: step is not Step.SYNC_INVENTORY for step in after}
    assert is_free(world, Step.SYNC_INVENTORY)


def test_while_the_warehouse_is_down_recovery_waits_and_it_ends_once_that_is_back(world, backup):
    before = backup()
    enter(world, simple("SO-1"))
    ship_and_settle(world)
    before.restored()
    world.warehouse.fault(kind="status", status=503, count=-1)

    tick(world, 20)
    waited = waits(world), is_free(world, OUT), written(world, "SO-1")
    world.warehouse.control("faults", method="DELETE")
    tick(world, 16)
    over = waits(world)
    settle(world)

    assert waited == (True, False, ONCE)
    assert not over
    assert_done_once(world)


def test_recovery_that_lasts_longer_than_a_day_still_asks_the_warehouse(world, backup):
    before = backup()
    enter(world, advanced("SO-9"))
    ship_and_settle(world)
    before.restored()
    world.warehouse.fault(kind="status", status=503, count=-1)
    tick(world, 3)
    world.clock.sleep(ASKED_FOR.total_seconds())
    tick(world, 3)
    world.warehouse.control("faults", method="DELETE")

    tick(world, 30)
    settle(world)

    (reference,) = [each for each in sent(world) if each.startswith("SO-9")]
    assert world.order(reference).status is OrderStatus.INVOICED


def test_a_rewind_while_it_lasts_does_not_leave_the_steps_waiting_for_ever(world, backup):
    before = backup()
    enter(world, simple("SO-1"))
    ship_and_settle(world)
    before.restored()

    rewind(world.checkpoints, "main", None)
    tick(world, 12)

    assert is_free(world, OUT)
    assert sent(world) == Counter(["SO-0", "SO-1"])


def test_a_pass_of_the_shipments_that_is_under_way_does_not_move_past_what_was_lost(world, monkeypatch):
    world.seed(*(simple(f"SO-{number}") for number in range(3)))
    world.tick(DOWN, OUT, COLLECT)
    world.clock.sleep(3600)
    lost_since = world.clock.now()
    for number in range(3):
        world.clock.sleep(3600)
        world.warehouse.control(f"orders/SO-{number}/ship", {})
    real, begun = HttpWarehouse.shipments, []

    def recover_after_the_first_page(self, **asked):
        if asked["cursor"] and not begun:
            begun.append(recover(world.checkpoints, "main", lost_since, world.clock.now()))
        return real(self, **asked)

    monkeypatch.setattr(http, "SHIPMENTS_PER_PAGE", 1)
    monkeypatch.setattr(HttpWarehouse, "shipments", recover_after_the_first_page)

    world.step(COLLECT)

    assert begun == [()]
    assert world.checkpoints.checkpoint("main", COLLECT).since <= lost_since


def test_shipments_are_read_from_what_was_lost_though_none_were_read_before(world):
    lost_since = world.clock.now() - timedelta(days=20)

    recover(world.checkpoints, "main", lost_since, world.clock.now())

    assert world.checkpoints.checkpoint("main", COLLECT).since <= lost_since - FIRST_LOOK_BACK


def test_a_shipment_that_cannot_be_matched_does_not_leave_the_steps_waiting_for_ever(world, backup):
    backup().restored()
    reported(world, order_id=world.order("SO-0").warehouse_order_id)
    enter(world, simple("SO-1"))

    tick(world, 12)

    assert not waits(world)
    assert is_free(world, OUT)


def test_a_step_that_is_at_work_is_named_and_nothing_is_begun(world):
    world.seed()
    world.tick(DOWN)
    now = world.clock.now()
    assert world.checkpoints.take_lease("main", CONFIRM, "a-run", 60)

    busy = recover(world.checkpoints, "main", now - timedelta(hours=1), now)
    begun = waits(world)
    world.checkpoints.release_lease("main", CONFIRM, "a-run")
    again = recover(world.checkpoints, "main", now - timedelta(hours=1), world.clock.now())

    assert (busy, begun) == ((CONFIRM,), False)
    assert again == ()
    assert waits(world)


def test_recover_is_safe_to_repeat(world, backup):
    before = backup()
    enter(world, simple("SO-1"))
    ship_and_settle(world)
    before.restored()
    world.step(DOWN)
    now = world.clock.now()

    assert recover(world.checkpoints, "main", now - timedelta(hours=1), now) == ()
    settle(world)

    assert_done_once(world)


@pytest.mark.parametrize("late", [30, 1800])
def test_a_time_that_is_a_little_late_loses_nothing(world, backup, late):
    before = backup()
    enter(world, simple("SO-1"))
    world.tick(DOWN, OUT)
    world.warehouse.control("work", {"push_share": 0})
    world.tick(COLLECT, CONFIRM)
    world.clock.sleep(late)
    moment = world.clock.now()
    before.put_back()
    assert recover(world.checkpoints, "main", moment, world.clock.now()) == ()
    world.clock.sleep(60)

    settle(world)

    assert written(world, "SO-1") == ONCE


def cut(*_args: Any, **_changes: Any) -> None:
    raise KeyboardInterrupt


def cut_off(world, moment, monkeypatch, name, instead):
    """Recover, and lose the command in the middle of it, at a function that ends `instead`."""
    with monkeypatch.context() as patch:
        patch.setattr(recovering, name, instead)
        with pytest.raises(KeyboardInterrupt):
            recover(world.checkpoints, "main", moment, world.clock.now())


def test_recover_that_is_repeated_and_cut_off_lets_no_step_go_early(world, backup, monkeypatch):
    before = backup()
    before.restored()
    world.warehouse.fault(kind="status", status=503, count=-1)
    tick(world, 2)
    cut_off(world, before.made_at, monkeypatch, "rewind", cut)

    tick(world, 20)

    assert waits(world)
    assert not is_free(world, OUT)


def test_recover_that_is_cut_off_after_its_mark_lets_no_step_go_early(world, backup, monkeypatch):
    before = backup()
    before.put_back()
    change = recovering.change_checkpoint

    def until_collect(*each):
        return cut() if each[2] is COLLECT else change(*each)

    cut_off(world, before.made_at, monkeypatch, "change_checkpoint", until_collect)
    world.warehouse.fault(kind="status", status=503, count=-1)

    tick(world, 20)

    assert waits(world)
    assert not is_free(world, OUT)


def test_recover_while_an_earlier_one_is_at_its_end_begins_anew(world, backup, monkeypatch):
    before = backup()
    before.restored()
    collect, again = recovering.collect, []

    def meanwhile(work):
        done = collect(work)
        if not again:
            earlier = before.made_at - timedelta(hours=5)
            again.append(recover(world.checkpoints, "main", earlier, world.clock.now()))
        return done

    monkeypatch.setattr(recovering, "collect", meanwhile)
    world.step(DOWN)

    assert again == [()]
    assert waits(world)
    assert not is_free(world, OUT)


def test_no_step_compares_stock_between_the_end_and_the_hour_that_it_waits(world, backup, monkeypatch):
    backup().restored()
    take, slipped = world.checkpoints.take_lease, []

    def looks(connection, step, holder, seconds):
        if (step, holder) == (Step.SYNC_INVENTORY, "recovery"):
            slipped.append(take(connection, step, "a-run", 60) is not None)
        return take(connection, step, holder, seconds)

    monkeypatch.setattr(world.checkpoints, "take_lease", looks)
    world.step(DOWN)

    assert slipped
    assert not any(slipped)


def test_a_shipment_that_cannot_be_read_is_told_and_ends_up_stopping_nothing(world, backup):
    backup().restored()
    bad = {"shipments": [{"id": "SHP-BAD", "reference": "SO-77"}], "next_cursor": None}
    world.warehouse.fault(method="GET", path="/shipments$", kind="status", status=200, body=bad, count=-1)

    tick(world, 10)
    tried_again = waits(world)
    tick(world, 30)

    assert tried_again
    assert not waits(world)


def test_a_shipment_that_cannot_be_stored_ends_up_stopping_nothing(world, backup):
    before = backup()
    enter(world, simple("SO-1"))
    world.tick(DOWN, OUT)
    lines = [{"line_id": "1", "quantity": "2", "serials": [f"{number:0>150}" for number in range(3000)]}]
    parcel = {"parcel_id": "A", "carrier": "DHL", "lines": lines}
    world.warehouse.control("orders/SO-1/ship", {"parcels": [parcel], "final": True})
    before.restored()

    tick(world, 40)

    assert not waits(world)
