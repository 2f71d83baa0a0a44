"""The warehouse's stock in DEAR: mapping, lots, costs, proposals, history, aliases, and what it costs in calls."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from crossdock.dear.client import DearClient
from crossdock.dear.transport import Transport
from crossdock.domain.aliases import Aliases
from crossdock.domain.inventory import Written
from crossdock.domain.proposals import ProposalStatus
from crossdock.domain.states import ShipmentStatus, Step
from crossdock.store.stock import DynamoStock
from crossdock.wms.http import HttpWarehouse
from sync_inventory.approving import Approvals
from tests.integration.workflow.conftest import simple
from tests.integration.workflow.test_confirmation import ship
from tests.integration.workflow.test_confirmation_in_parts import advanced

MAIN = "Main Warehouse"


@pytest.fixture(autouse=True)
def _the_list_was_read_before(world):
    """No stock is written before all of DEAR's sales are listed once."""
    world.tick(Step.DOWNLOAD_ORDERS)


def products(world, *specs, stock=()):
    world.dear.control("seed", {"products": [{"name": spec["sku"], **spec} for spec in specs], "stock": list(stock)})


def lies(sku, on_hand, location=MAIN, **more):
    return {"sku": sku, "location": location, "on_hand": on_hand, **more}


def counted(world, *rows):
    """Set shelves, each (sku, units, more): of warehouse MAIN unless it says otherwise."""
    stock = [{"sku": sku, "warehouse": "MAIN", "on_hand": str(units), **more} for sku, units, more in rows]
    world.warehouse.control("stock", {"stock": stock})


def inventory(world, **settings):
    world.settings["inventory"] = {"account": "403", **settings}


def sync(world):
    return world.step(Step.SYNC_INVENTORY)


def written(world):
    """Every line that DEAR was sent, in order."""
    return [line for each in world.dear.ledger("stock_adjustment") for line in each["body"]["Lines"]]


def quantities(world):
    return {(line["SKU"], line["Location"], line.get("BatchSN")): line["Quantity"] for line in written(world)}


def codes(report):
    return {(problem.subject, problem.code) for problem in report.problems}


@pytest.fixture
def calls(monkeypatch):
    """How often each of DEAR's addresses was called."""
    made = Counter()
    real = Transport.request

    def request(self, method, path, **given):
        made[f"{method} {path}"] += 1
        return real(self, method, path, **given)

    monkeypatch.setattr(Transport, "request", request)
    return made


# --- mapping ---


def two_warehouses(world):
    world.dear.control("seed", {"locations": [MAIN, "Second"]})
    world.settings["warehouses"] = {MAIN: "MAIN", "Second": "WH2"}
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 10), lies("CUP", 3, "Second")])
    counted(world, ("CUP", 8, {}), ("CUP", 5, {"warehouse": "WH2"}))


def test_each_location_gets_the_stock_of_its_own_warehouse(world):
    two_warehouses(world)

    sync(world)

    assert quantities(world) == {("CUP", MAIN, None): 8, ("CUP", "Second", None): 5}


def test_a_code_of_two_locations_is_written_to_neither_and_the_others_go_on(world):
    two_warehouses(world)
    world.dear.control("seed", {"locations": [MAIN, "Second", "Overflow"]})
    world.settings["warehouses"]["Overflow"] = "MAIN"

    report = sync(world)

    assert quantities(world) == {("CUP", "Second", None): 5}
    assert codes(report) == {(place, "shared_warehouse_code") for place in (MAIN, "Overflow")}


def test_the_sum_of_all_warehouses_goes_to_one_location(world):
    two_warehouses(world)
    inventory(world, locations="total", total_location=MAIN)

    sync(world)

    assert quantities(world) == {("CUP", MAIN, None): 13}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [({}, {("CUP", "Second", None): 5}), ({"locations": "total", "total_location": MAIN}, {("CUP", MAIN, None): 5})],
)
def test_a_warehouse_that_is_left_out_is_neither_written_nor_added_up(world, mode, expected):
    two_warehouses(world)
    inventory(world, left_out=["MAIN"], **mode)

    sync(world)

    assert quantities(world) == expected


def test_a_total_without_one_of_its_warehouses_is_not_written(world):
    two_warehouses(world)
    world.settings["warehouses"]["Second"] = "WH3"
    inventory(world, locations="total", total_location=MAIN)

    report = sync(world)

    assert (written(world), codes(report)) == ([], {(MAIN, "warehouse_not_in_snapshot")})


def test_goods_are_netted_at_the_location_that_they_left_from(world, monkeypatch):
    two_warehouses(world)
    counted(world, ("CUP", 10, {}), ("CUP", 3, {"warehouse": "WH2"}))
    world.dear.control("seed", {"sales": [simple("SO-1", ("CUP", 2))]})
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    world.warehouse.control("orders/SO-1/ship", {})
    counted(world, ("CUP", 10, {}), ("CUP", 1, {"warehouse": "WH2"}))
    real = HttpWarehouse.shipments
    from_second = {"warehouse": "WH2"}
    monkeypatch.setattr(HttpWarehouse, "shipments", lambda self, **asked: (page := real(self, **asked)).model_copy(
        update={"shipments": tuple(each.model_copy(update=from_second) for each in page.shipments)}
    ))  # fmt: skip

    sync(world)

    assert written(world) == []


def test_a_further_part_is_netted_though_the_pick_of_the_part_before_it_was_read(world):
    world.settings["invoice"] = "off"
    reference = advanced(world, 4)
    counted(world, ("MUG-RED", 100, {}))
    world.dear.fault(method="POST", path=".*/sale/fulfilment/pack$", kind="timeout_after")
    ship(world, ("A", 1), reference=reference, final=False)
    world.tick()
    world.clock.sleep(60)
    world.tick(Step.DOWNLOAD_ORDERS, Step.CONFIRM_SHIPMENTS)
    ship(world, ("B", 3), reference=reference)
    world.step(Step.COLLECT_SHIPMENTS)

    sync(world)

    first, second = world.orders.shipments_of_order(world.order(reference))
    assert (first.status, second.status) == (ShipmentStatus.CONFIRMED, ShipmentStatus.RECEIVED)
    assert written(world) == []


# --- letters ---


def test_a_sku_in_other_letters_is_counted_as_dears_own_and_netted(world):
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 10)])
    world.dear.control("seed", {"sales": [simple("SO-1", ("CUP", 2))]})
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    ship(world, ("A", 2))
    counted(world, ("Cup", 5, {}), ("cup", 2, {}))

    sync(world)
    again = sync(world)

    assert quantities(world) == {("CUP", MAIN, None): 9}, "7 counted, and 2 that left and are not confirmed"
    assert again.counts.get("differences", 0) == 0


def test_a_sku_in_two_spellings_that_dear_has_nowhere_yet_is_one(world):
    products(world, {"sku": "CUP"})
    counted(world, ("Cup", 5, {}), ("cup", 2, {}))

    sync(world)

    assert quantities(world) == {("Cup", MAIN, None): 7}


# --- lots ---


def test_lots_are_written_batch_by_batch_with_their_expiry(world):
    fefo = {"sku": "TEA", "costing_method": "FEFO - Batch"}
    products(
        world,
        fefo,
        stock=[lies("TEA", 6, batch="A1", expiry="2027-01-31"), lies("TEA", 2, batch="OLD", expiry="2026-06-30")],
    )
    counted(
        world,
        ("TEA", 5, {"lot": "A1", "expires_on": "2027-01-31"}),
        ("TEA", 9, {"lot": "B2", "expires_on": "2027-05-31"}),
    )

    sync(world)
    again = sync(world)

    assert quantities(world) == {("TEA", MAIN, "A1"): 5, ("TEA", MAIN, "B2"): 9, ("TEA", MAIN, "OLD"): 0}
    assert {line["BatchSN"]: line["ExpiryDate"][:10] for line in written(world)}["B2"] == "2027-05-31"
    assert again.counts.get("differences", 0) == 0


def test_the_first_stock_of_a_batched_product_is_written_by_lot(world):
    products(world, {"sku": "TEA", "costing_method": "FIFO - Batch"})
    counted(world, ("TEA", 5, {"lot": "A1"}), ("TEA", 4, {"lot": "A2"}))

    sync(world)

    assert quantities(world) == {("TEA", MAIN, "A1"): 5, ("TEA", MAIN, "A2"): 4}


def test_a_batched_product_without_lots_and_stock_in_bins_are_told_and_left(world):
    world.dear.control("seed", {"locations": [MAIN, {"name": "Binned", "bins": ["B-1"]}]})
    world.settings["warehouses"] = {MAIN: "MAIN", "Binned": "WH2"}
    tea = {"sku": "TEA", "costing_method": "FIFO - Batch"}
    products(world, tea, {"sku": "CUP"}, stock=[lies("TEA", 6, batch="A1"), lies("CUP", 6, "Binned", bin="B-1")])
    counted(world, ("TEA", 5, {}), ("CUP", 5, {"warehouse": "WH2"}))

    report = sync(world)

    assert (written(world), codes(report)) == ([], {("TEA", "batched"), ("CUP", "in_bins")})


# --- cost ---


@pytest.mark.parametrize(
    ("source", "cost", "told"),
    [("average_cost", 4, "DEAR's average cost"), ("price_tier_1", 10, "DEAR's price tier 1"),
     ("price_tier_7", 2.5, "DEAR has no price tier 7")],
)  # fmt: skip
def test_added_stock_costs_what_the_setting_names_and_only_what_is_raised_is_looked_up(
    world, calls, source, cost, told
):
    inventory(world, cost_from=source, unit_cost=2.5)
    products(world, {"sku": "CUP"}, {"sku": "JUG"}, stock=[lies("CUP", 1), lies("JUG", 9)])
    counted(world, ("CUP", 5, {}), ("JUG", 5, {}))

    sync(world)

    cup, jug = written(world)
    assert (cup["UnitCost"], jug["UnitCost"]) == (cost, 2.5)
    assert told in cup["Comments"]
    assert calls["GET /product"] == 1


# --- time ---


@pytest.fixture
def slow(world, monkeypatch):
    """Have each call of DEAR's client take so many seconds: `slow("find_product", 5)`."""

    def take(call, seconds):
        real = getattr(DearClient, call)

        def called(self, *given, **named):
            world.clock.sleep(seconds)
            return real(self, *given, **named)

        monkeypatch.setattr(DearClient, call, called)

    return take


def test_what_takes_long_to_look_up_is_compared_again_and_written(world, calls, slow):
    skus = [f"CUP-{number:02}" for number in range(20)]
    inventory(world, cost_from="average_cost")
    products(world, *({"sku": sku, "cost": 2} for sku in skus), stock=[lies(sku, 1) for sku in skus])
    counted(world, *((sku, 2, {}) for sku in skus))
    slow("find_product", 5)

    report = sync(world)

    assert (len(written(world)), report.counts["differences"], codes(report)) == (20, 20, set())
    assert (calls["GET /product"], calls["GET /ref/productavailability"]) == (20, 2)


def test_figures_that_are_too_old_to_be_written_are_told(world, slow):
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 1)])
    counted(world, ("CUP", 2, {}))
    slow("availability", 100)

    report = sync(world)

    assert (written(world), codes(report)) == ([], {(MAIN, "compared_too_long_ago")})


# --- what DEAR does not take ---


def test_what_dear_does_not_take_is_told_in_every_pass_and_costs_nothing_more(world, calls):
    products(
        world, {"sku": "WRAP", "type": "Service"}, {"sku": "OLD", "status": "Deprecated"}, {"sku": "CUP"},
        stock=[lies("CUP", 1)],
    )  # fmt: skip
    counted(world, ("WRAP", 5, {}), ("OLD", 5, {}), ("NOBODY", 5, {}), ("CUP", 2, {}))

    first = sync(world)
    calls.clear()
    second = sync(world)

    expected = {("WRAP", "not_stock"), ("OLD", "deprecated_product"), ("NOBODY", "unknown_product")}
    assert codes(first) == codes(second) == expected
    assert quantities(world) == {("CUP", MAIN, None): 2}
    assert calls == {"GET /ref/productavailability": 1}


def test_many_products_are_looked_up_as_a_list(world, calls):
    skus = [f"NEW-{number}" for number in range(30)]
    products(world, *({"sku": sku} for sku in skus))
    counted(world, *((sku, 3, {}) for sku in skus), ("NOBODY", 5, {}))

    report = sync(world)

    assert (len(written(world)), codes(report)) == (30, {("NOBODY", "unknown_product")})
    assert calls == {"GET /ref/productavailability": 1, "GET /product": 1, "POST /stockadjustment": 1}


# --- economy ---


def test_nothing_is_written_when_nothing_changed_and_one_write_takes_all_that_did(world, calls):
    skus = [f"S-{number:03}" for number in range(120)]
    products(world, *({"sku": sku} for sku in skus), stock=[lies(sku, 10) for sku in skus])
    counted(world, *((sku, 10, {}) for sku in skus))

    sync(world)
    unchanged = dict(calls)
    counted(world, *((sku, 11, {}) for sku in skus))
    calls.clear()
    sync(world)

    assert unchanged == {"GET /ref/productavailability": 1}
    assert calls == {"GET /ref/productavailability": 1, "POST /stockadjustment": 1}
    assert len(written(world)) == 120


def test_lines_are_divided_into_writes_of_the_size_that_is_set(world, calls):
    inventory(world, max_lines=50)
    skus = [f"S-{number:03}" for number in range(120)]
    products(world, *({"sku": sku} for sku in skus), stock=[lies(sku, 10) for sku in skus])
    counted(world, *((sku, 11, {}) for sku in skus))

    sync(world)

    assert calls["POST /stockadjustment"] == 3


# --- history ---


def test_every_line_that_was_written_is_in_its_skus_history(world):
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 1)])
    for units in (2, 3):
        counted(world, ("CUP", units, {}))
        sync(world)

    newest, oldest = world.checkpoints.stock.history("main", "CUP")

    assert [(each.before, each.after) for each in (newest, oldest)] == [(2, 3), (1, 2)]
    assert newest.marker == world.dear.ledger("stock_adjustment")[-1]["reference"]
    assert newest.why == "the warehouse counted 3"


def test_a_write_whose_answer_was_lost_is_in_the_history_once_it_is_found(world):
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 1)])
    counted(world, ("CUP", 2, {}))
    world.dear.fault(method="POST", path=".*/stockadjustment$", kind="timeout_after")

    sync(world)
    before = world.checkpoints.stock.history("main", "CUP")
    sync(world)

    assert before == ()
    assert [each.after for each in world.checkpoints.stock.history("main", "CUP")] == [2]
    assert len(world.dear.ledger("stock_adjustment")) == 1


def test_a_history_keeps_the_last_fifty_lines(world):
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 1)])
    sync(world)
    line = {"location": MAIN, "before": 0, "after": 1, "why": "counted"}
    stock = world.checkpoints.stock

    for number in range(53):
        at = datetime(2026, 3, 1, 12, number, tzinfo=UTC)
        stock.add_history("main", "CUP", Written.model_validate({"at": at, "marker": f"m{number}", **line}))

    assert [each.marker for each in stock.history("main", "CUP")] == [f"m{number}" for number in range(52, 2, -1)]


# --- proposals ---


def proposals(world):
    return {each.sku: each for each in world.checkpoints.stock.proposals("main") if each.stands}


def decide(world, sku, status):
    stock = world.checkpoints.stock
    stock.save_proposal(proposals(world)[sku].turned(status, world.clock.now()))


def test_a_large_change_waits_for_a_person_and_a_small_one_does_not(world):
    inventory(world, approve_above_units=10)
    products(world, {"sku": "CUP"}, {"sku": "JUG"}, stock=[lies("CUP", 50), lies("JUG", 50)])
    counted(world, ("CUP", 20, {}), ("JUG", 45, {}))

    report = sync(world)

    assert quantities(world) == {("JUG", MAIN, None): 45}
    assert codes(report) == {("CUP", "needs_approval")}
    waiting = proposals(world)["CUP"]
    assert (waiting.before, waiting.after, waiting.why) == (50, 20, "the warehouse counted 20")


def test_an_approved_change_is_written_once_and_its_proposal_ends(world):
    inventory(world, approve_above_units=10)
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 50)])
    counted(world, ("CUP", 20, {}))
    sync(world)
    decide(world, "CUP", ProposalStatus.APPROVED)

    sync(world)
    sync(world)

    assert [line["Quantity"] for line in written(world)] == [20]
    assert proposals(world) == {}


class Killed(BaseException):
    """The process is gone: nothing is caught, nothing is tidied up."""


def die(*_):
    raise Killed


@pytest.mark.parametrize("moment", [(Approvals, "written"), (DynamoStock, "end")])
def test_an_approval_is_used_up_by_its_write_wherever_the_pass_is_killed(world, monkeypatch, moment):
    inventory(world, approve_above_units=10)
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 50)])
    counted(world, ("CUP", 20, {}))
    sync(world)
    decide(world, "CUP", ProposalStatus.APPROVED)
    with monkeypatch.context() as patch:
        patch.setattr(*moment, die)
        with pytest.raises(Killed):
            sync(world)
    world.clock.sleep(900)
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 45)])
    counted(world, ("CUP", 20, {}))

    sync(world)

    assert [line["Quantity"] for line in written(world)] == [20]
    assert (proposals(world)["CUP"].status, proposals(world)["CUP"].before) == (ProposalStatus.OPEN, 45)


def test_an_approval_does_not_hold_for_a_change_that_grew_meanwhile(world):
    inventory(world, approve_above_units=10)
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 50)])
    counted(world, ("CUP", 20, {}))
    sync(world)
    decide(world, "CUP", ProposalStatus.APPROVED)
    counted(world, ("CUP", 10, {}))

    sync(world)

    assert written(world) == []
    assert (proposals(world)["CUP"].status, proposals(world)["CUP"].after) == (ProposalStatus.OPEN, 10)


def test_a_rejected_change_is_told_no_more_until_it_is_another(world):
    inventory(world, approve_above_units=10)
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 50)])
    counted(world, ("CUP", 20, {}))
    sync(world)
    decide(world, "CUP", ProposalStatus.REJECTED)

    same = sync(world)
    counted(world, ("CUP", 19, {}))
    other = sync(world)

    assert (codes(same), codes(other)) == (set(), {("CUP", "needs_approval")})
    assert written(world) == []


def test_an_approval_that_is_taken_back_while_the_pass_is_under_way_is_not_written(world, monkeypatch):
    inventory(world, approve_above_units=10)
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 50)])
    counted(world, ("CUP", 20, {}))
    sync(world)
    decide(world, "CUP", ProposalStatus.APPROVED)
    real = DearClient.availability

    def availability(self, location):
        decide(world, "CUP", ProposalStatus.REJECTED)
        return real(self, location)

    monkeypatch.setattr(DearClient, "availability", availability)

    report = sync(world)

    assert (written(world), report.counts["changed meanwhile"]) == ([], 1)


def test_a_proposal_ends_when_its_difference_is_gone(world):
    inventory(world, approve_above_units=10)
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 50)])
    counted(world, ("CUP", 20, {}))
    sync(world)
    counted(world, ("CUP", 50, {}))

    sync(world)

    assert (proposals(world), written(world)) == ({}, [])


def test_a_snapshot_with_everything_halved_becomes_one_list_for_a_person(world):
    skus = [f"S-{number:03}" for number in range(30)]
    products(world, *({"sku": sku} for sku in skus), stock=[lies(sku, 10) for sku in skus])
    counted(world, *((sku, 5, {}) for sku in skus))

    report = sync(world)
    decide(world, "S-000", ProposalStatus.APPROVED)
    for sku in skus[1:20]:
        decide(world, sku, ProposalStatus.REJECTED)
    sync(world)
    sync(world)

    assert codes(report) == {(MAIN, "many_lowered")}
    assert quantities(world) == {("S-000", MAIN, None): 5}, "the ten that nobody decided wait on"
    assert len(proposals(world)) == 29


def test_waiting_costs_no_write_and_no_call_from_pass_to_pass(world, calls):
    inventory(world, approve_above_units=10)
    products(world, {"sku": "CUP"}, stock=[lies("CUP", 50)])
    counted(world, ("CUP", 20, {}))
    sync(world)
    before = proposals(world)["CUP"]
    calls.clear()

    sync(world)

    assert proposals(world)["CUP"] == before
    assert calls == {"GET /ref/productavailability": 1}


# --- aliases ---


def test_the_warehouse_reads_its_own_skus_and_dear_its_own(world):
    world.seed(simple("SO-1", ("MUG-RED", 2)), stock=50)
    world.checkpoints.stock.save_aliases("main", Aliases(pairs=(("MUG-RED", "W-1"),)))
    world.warehouse.control("stock", {"replace": True, "stock": [
        {"sku": "W-1", "warehouse": "MAIN", "on_hand": "48"}, {"sku": "MUG-BLUE", "warehouse": "MAIN", "on_hand": "50"},
    ]})  # fmt: skip

    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS, Step.SYNC_INVENTORY)
    world.warehouse.control("orders/SO-1/ship", {})
    world.settle()

    (sent,) = world.warehouse.ledger("order_created")
    assert [line["sku"] for line in sent["body"]["lines"]] == ["W-1"]
    assert world.order("SO-1").status == "invoiced"
    assert [(line["SKU"], line["Quantity"]) for line in written(world)] == [("MUG-RED", 48)]


def test_a_sku_that_is_another_products_name_at_the_warehouse_is_held(world):
    world.seed(simple("SO-1", ("MUG-RED", 2)))
    world.checkpoints.stock.save_aliases("main", Aliases(pairs=(("MUG-BLUE", "MUG-RED"),)))

    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)

    assert (world.order("SO-1").status, world.order("SO-1").reason.code) == ("held", "sku_alias_taken")


def test_a_count_under_a_name_that_is_nobodys_makes_the_snapshot_partial(world):
    world.seed(simple("SO-1"))
    world.checkpoints.stock.save_aliases("main", Aliases(pairs=(("MUG-RED", "W-1"),)))

    report = sync(world)

    assert {code for _, code in codes(report)} == {"partial_snapshot", "unreadable_stock"}


def test_no_stock_is_written_before_every_sale_of_dear_is_listed(world):
    world.checkpoints.save_checkpoint(
        "main",
        Step.DOWNLOAD_ORDERS,
        world.checkpoints.checkpoint("main", Step.DOWNLOAD_ORDERS).model_copy(update={"since": None}),
    )
    world.seed(stock=10)
    world.warehouse.control("stock", {"stock": [{"sku": "MUG-RED", "warehouse": "MAIN", "on_hand": "12"}]})

    early = world.step(Step.SYNC_INVENTORY)
    world.tick(Step.DOWNLOAD_ORDERS, Step.SYNC_INVENTORY)

    assert [problem.code for problem in early.problems] == ["sales_unlisted"]
    assert len(world.dear.ledger("stock_adjustment")) == 1
