"""Personal data of done orders: kept for its days, then gone for good, with nothing sent or lost by it."""

from datetime import timedelta
from typing import Any

import pytest

from crossdock.domain.errors import Unreachable
from crossdock.domain.order import Order, PostalAddress
from crossdock.domain.report import Report
from crossdock.domain.shipment import Shipment
from crossdock.domain.states import OrderStatus, ShipmentStatus, Step
from crossdock.forgetting import MARK, forget
from crossdock.recording import record_shipment
from crossdock.rewinding import reconcile_anew
from tests.integration.workflow.conftest import OpenEnd, World, simple

DAY = 24 * 3600
PERSONAL = (
    "Ottilie", "Quillfeather", "7 Marrow Lane", "Whitby", "YO22 4XX", "01632 960077", "ottilie@example.com",
    "Leave it with", "PO-OTTILIE",
)  # fmt: skip
HOME = {"Line1": PERSONAL[2], "City": PERSONAL[3], "Postcode": PERSONAL[4], "Country": "United Kingdom"}


def ottilie(number: str = "SO-1", **changes: Any) -> dict[str, Any]:
    """A sale to a person with everything that may be personal."""
    person = {
        "customer": "Ottilie Quillfeather", "contact": "Ottilie Quillfeather", "phone": PERSONAL[5],
        "email": PERSONAL[6], "shipping_address": HOME, "shipping_notes": "Leave it with Mr Quillfeather",
        "customer_reference": "PO-OTTILIE",
    }  # fmt: skip
    return simple(number, **person, **changes)


def stored(world: World) -> str:
    """Everything that both tables hold, as text."""
    return "\n".join(
        str(item) for table in (world.orders._table, world.checkpoints._table) for item in table.scan()["Items"]
    )


def traces(world: World) -> list[str]:
    text = stored(world)
    return [each for each in PERSONAL if each in text]


def done(world: World, *sales: dict[str, Any]) -> None:
    """The sales, all the way to their invoices."""
    world.seed(*sales)
    world.settle()
    world.warehouse.control("work", {"push_share": 0})
    world.settle()


def after_days(world: World, days: float) -> Report:
    world.clock.sleep(days * DAY)
    world.tick(Step.DOWNLOAD_ORDERS)
    return world.step(Step.RECONCILE)


def corrected(world: World, order: Order, tracking: str) -> None:
    """The warehouse corrects a tracking number, with an address of a page that has the postcode in it."""
    (record,) = world.orders.shipments_of_order(order)
    told = record.shipment.model_dump(mode="json")
    told |= {"revision": record.shipment.revision + 1, "updated_at": world.clock.now().isoformat()}
    told["parcels"][0] |= {"tracking_number": tracking, "tracking_url": "https://track.example/T?to=YO22 4XX"}
    record_shipment(world.orders, "main", Shipment.model_validate(told), world.clock.now())


def test_a_done_order_loses_its_personal_data_after_its_days_and_nothing_else(world: World) -> None:
    done(world, ottilie())
    before = world.order("SO-1")
    early, known = after_days(world, 89), traces(world)

    report = after_days(world, 2)

    order = world.order("SO-1")
    assert (early.counts.get("forgotten", 0), set(known) >= {"Ottilie", "7 Marrow Lane", "01632 960077"}) == (0, True)
    assert report.counts["forgotten"] == 1
    assert traces(world) == []
    assert order.content.ship_to == PostalAddress(country=before.content.ship_to.country)
    assert [(line.sku, line.quantity, line.total) for line in order.content.lines] == [
        (line.sku, line.quantity, line.total) for line in before.content.lines
    ]
    assert (order.status, order.invoice_number, order.updated_at) == (
        OrderStatus.INVOICED, before.invoice_number, before.updated_at,
    )  # fmt: skip
    assert order.timeline[:-1] == before.timeline
    (record,) = world.orders.shipments_of_order(order)
    assert record.shipment.parcels[0].tracking_number
    (entry,) = world.orders.sales_numbered("main", "SO-1")
    assert entry.references == ("SO-1",)


@pytest.mark.parametrize("days", [0, 400])
def test_with_other_days_it_stays_longer_or_for_good(world: World, days: int) -> None:
    world.settings["personal_data_days"] = days
    done(world, ottilie())

    report = after_days(world, 399)

    assert "forgotten" not in report.counts
    assert "7 Marrow Lane" in traces(world)


def test_shorter_days_hold_for_what_was_done_before(world: World) -> None:
    done(world, ottilie("SO-1"))
    after_days(world, 40)
    world.settings["personal_data_days"] = 30

    report = after_days(world, 1)

    assert report.counts["forgotten"] == 1
    assert traces(world) == []


def test_longer_days_leave_alone_what_was_done_with_the_shorter_ones(world: World) -> None:
    world.settings["personal_data_days"] = 30
    done(world, ottilie("SO-1"))
    after_days(world, 40)
    world.settings["personal_data_days"] = 90
    done(world, ottilie("SO-2"))

    reports = [after_days(world, days) for days in (1, 88, 2)]

    assert [(report.outcome, report.counts.get("forgotten", 0)) for report in reports] == [
        ("done", 0), ("done", 0), ("done", 1),
    ]  # fmt: skip
    assert traces(world) == []


def test_what_a_run_had_no_time_for_the_next_one_finds_behind_what_is_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(world, ottilie("SO-1"))
    done(world, ottilie("SO-2"))
    with monkeypatch.context() as cut:
        cut.setattr(OpenEnd, "seconds_left", lambda _: 0.0 if world.order("SO-2").forgotten_at else 60.0)
        first = after_days(world, 91)
    looked_at: list[str] = []
    shipments = world.orders.shipments_of_order
    monkeypatch.setattr(
        world.orders, "shipments_of_order", lambda order: looked_at.append(order.reference) or shipments(order)
    )

    second = world.step(Step.RECONCILE)

    assert (first.outcome, second.outcome) == ("deadline", "done")
    assert looked_at == ["SO-1"]
    assert traces(world) == []


def test_what_is_forgotten_is_not_looked_at_again(world: World) -> None:
    done(world, ottilie())
    after_days(world, 91)
    version = world.order("SO-1").version

    reports = [after_days(world, 1) for _ in range(3)]

    assert [report.counts.get("forgotten", 0) for report in reports] == [0, 0, 0]
    assert world.order("SO-1").version == version


def test_the_mark_outlives_a_pass_that_a_person_asks_for(world: World) -> None:
    done(world, ottilie())
    after_days(world, 91)
    mark = world.checkpoints.checkpoint("main", Step.RECONCILE).notes[MARK]

    reconcile_anew(world.checkpoints, "main")

    assert world.checkpoints.checkpoint("main", Step.RECONCILE).notes == {MARK: mark}


def test_an_order_under_way_keeps_its_address_however_old_it_is(world: World) -> None:
    world.seed(ottilie("SO-1"), ottilie("SO-2"))
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    world.orders.save_order(world.order("SO-2").held_by_person("wait", world.clock.now()))

    after_days(world, 300)

    assert [world.order(each).content.ship_to.line1 for each in ("SO-1", "SO-2")] == ["7 Marrow Lane"] * 2


def test_a_cancelled_order_is_done_as_well(world: World) -> None:
    world.seed(ottilie())
    world.tick(Step.DOWNLOAD_ORDERS, Step.DELIVER_ORDERS)
    world.dear.control("sales/SO-1/void", {})
    world.settle()

    after_days(world, 91)

    assert world.order("SO-1").status is OrderStatus.CANCELED
    assert traces(world) == []


def test_an_order_that_ends_without_an_invoice_is_done_as_well(world: World) -> None:
    world.settings["invoice"] = "off"
    done(world, ottilie())

    after_days(world, 91)

    assert world.order("SO-1").status is OrderStatus.CONFIRMED
    assert traces(world) == []


def test_a_change_of_its_sale_brings_nothing_back_and_sends_nothing(world: World) -> None:
    drafts = [{"pick": "DRAFT", "lines": [{"sku": "MUG-RED", "quantity": 1}]}] * 2
    world.seed(ottilie(type="Advanced", fulfilments=drafts))
    world.settle()
    world.warehouse.control("orders/SO-1.1/ship", {})
    world.settle()
    forget(world.orders, world.order("SO-1.1"), world.clock.now())
    sent = len(world.warehouse.ledger())

    elsewhere = {**HOME, "Line1": "8 Marrow Lane"}
    world.dear.control("sales/SO-1/edit", {"shipping_address": elsewhere, "billing_address": elsewhere})
    world.clock.sleep(60)
    reports = world.tick()
    world.settle()

    first, second = world.order("SO-1.1"), world.order("SO-1.2")
    told = [entry["reference"] for entry in world.warehouse.ledger()[sent:]]
    assert reports[Step.DOWNLOAD_ORDERS].counts["read"] == 1
    assert [each for each in (*PERSONAL, "8 Marrow Lane") if each in first.model_dump_json()] == []
    assert (first.status, second.content.ship_to.line1) == (OrderStatus.INVOICED, "8 Marrow Lane")
    assert set(told) == {"SO-1.2"}


def test_a_void_after_it_holds_the_order_as_it_would_have_before(world: World) -> None:
    done(world, ottilie())
    after_days(world, 91)

    world.dear.control("sales/SO-1/void", {})
    world.clock.sleep(DAY)
    world.tick()
    held = world.order("SO-1")
    world.orders.save_order(held.released(world.clock.now()))
    after_days(world, 91)

    assert (held.status, held.reason.code) == (OrderStatus.HELD, "voided_too_late")
    assert world.order("SO-1").status is OrderStatus.INVOICED
    assert traces(world) == []


def test_a_late_correction_of_tracking_reaches_dear_and_its_link_is_forgotten_in_its_turn(world: World) -> None:
    done(world, ottilie())
    after_days(world, 91)

    corrected(world, world.order("SO-1"), "T-LATE")
    world.settle()
    known = traces(world)
    after_days(world, 91)

    order = world.order("SO-1")
    (record,) = world.orders.shipments_of_order(order)
    assert known == ["YO22 4XX"]
    assert "T-LATE" in str(world.dear.ledger())
    assert (record.shipment.parcels[0].tracking_number, record.status) == ("T-LATE", ShipmentStatus.INVOICED)
    assert traces(world) == []


def test_a_run_that_is_cut_short_is_made_good_by_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    done(world, ottilie())
    corrected(world, world.order("SO-1"), "T-2")
    world.settle()
    with monkeypatch.context() as broken:
        broken.setattr(world.orders, "save_order", lambda _order: _fall())
        first = after_days(world, 91)

    second = after_days(world, 1)

    assert [problem.code for problem in first.problems] == ["unreachable"]
    assert second.counts["forgotten"] == 1
    assert traces(world) == []


def _fall() -> None:
    raise Unreachable("DynamoDB", "PutItem", "no connection")


def test_one_that_cannot_be_written_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    done(world, ottilie("SO-1"), ottilie("SO-2"))
    save = world.orders.save_order
    with monkeypatch.context() as broken:
        broken.setattr(world.orders, "save_order", lambda order: _fall() if order.reference == "SO-1" else save(order))
        first = after_days(world, 91)

    second = after_days(world, 1)

    assert (first.counts["forgotten"], second.counts["forgotten"]) == (1, 1)
    assert traces(world) == []


def test_the_days_count_from_the_last_change(world: World) -> None:
    done(world, ottilie())
    world.clock.sleep(60 * DAY)
    corrected(world, world.order("SO-1"), "T-2")
    world.settle()

    early = after_days(world, 60)

    assert world.clock.now() - world.order("SO-1").updated_at < timedelta(days=61)
    assert "forgotten" not in early.counts
