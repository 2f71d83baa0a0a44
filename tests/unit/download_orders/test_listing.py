"""The list into the ledger while people work in DEAR: whatever moves between two pages, no sale is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.domain.model import Reason
from crossdock.domain.report import Report, RunOutcome
from crossdock.domain.states import Decision, OrderStatus, Step
from crossdock.rewinding import by_settings, rewind
from crossdock.sighting import OVERLAP
from crossdock.workflow import run
from download_orders.listing import list_changes
from reconcile.step import reconcile
from tests.unit.builders import order
from tests.unit.download_orders.fakes import NOON, Ledgering

ORDERS = {
    "newest first": (lambda row: row.updated, True),
    "oldest first": (lambda row: row.updated, False),
    "by number": (lambda row: row.order_number, False),
    "by status, as people change it": (lambda row: (row.status, row.order_number), False),
}


@pytest.fixture
def ledgering() -> Ledgering:
    return Ledgering()


def passes(made: Ledgering, pages: int | None = None) -> list[Report]:
    """Runs until the pass is over; each may read so many pages."""
    reports = []
    while True:
        reports.append(run(Step.DOWNLOAD_ORDERS, list_changes, made.work(pages)))
        assert len(reports) < 200, "the pass does not end"
        if reports[-1].outcome is not RunOutcome.DEADLINE:
            return reports


def fill(made: Ledgering, number: int) -> None:
    for each in range(number):
        made.dear.touch(f"{each:04}")


def counted(reports: list[Report], what: str) -> int:
    return sum(report.counts.get(what, 0) for report in reports)


def test_a_list_that_stands_still_is_read_once(ledgering: Ledgering) -> None:
    fill(ledgering, 8)
    ledgering.clock.sleep(600)

    reports = passes(ledgering)

    assert ledgering.dear.pages == 3
    assert counted(reports, "to be read") == 8
    assert set(ledgering.listed().notes) == {"judged_by"}
    assert ledgering.listed().since is not None


@pytest.mark.parametrize("how", ORDERS)
def test_a_sale_that_moves_between_two_pages_has_the_list_read_again(ledgering: Ledgering, how: str) -> None:
    ledgering.dear.order, ledgering.dear.descending = ORDERS[how]
    fill(ledgering, 8)
    ledgering.clock.sleep(600)
    mover = "0000" if how != "newest first" else "0001"
    ledgering.dear.between = [lambda: ledgering.dear.touch(mover, status="VOIDED")]

    reports = passes(ledgering)

    assert set(ledgering.orders.entries) == set(ledgering.dear.sales)
    if how != "by number":
        assert counted(reports, "list read again") == 1
    assert ledgering.orders.entries[mover].row == ledgering.dear.sales[mover] or how == "by number"
    assert all(not report.problems for report in reports)


def test_a_list_that_never_stands_still_is_read_three_times_and_said_to_have_changed(ledgering: Ledgering) -> None:
    fill(ledgering, 6)
    ledgering.clock.sleep(600)
    ledgering.dear.between = [lambda n=n: ledgering.dear.touch(f"new-{n}") for n in range(30)]

    (report,) = passes(ledgering)

    assert report.counts["list read again"] == 2
    assert [problem.code for problem in report.problems] == ["list_kept_changing"]
    assert ledgering.listed().pass_started_at is None


def test_a_pass_goes_on_where_the_last_run_stopped_and_knows_that_the_list_shifted(ledgering: Ledgering) -> None:
    ledgering.dear.descending = False
    fill(ledgering, 12)
    ledgering.clock.sleep(600)
    first = run(Step.DOWNLOAD_ORDERS, list_changes, ledgering.work(pages=2))
    ledgering.dear.touch("0000")

    reports = passes(ledgering)

    assert first.outcome is RunOutcome.DEADLINE
    assert set(ledgering.orders.entries) == set(ledgering.dear.sales)
    assert counted(reports, "list read again") == 1


def test_a_pass_over_many_runs_reads_its_last_page_again_and_the_one_that_it_was_cut_in(ledgering: Ledgering) -> None:
    fill(ledgering, 30)
    ledgering.clock.sleep(600)

    reports = passes(ledgering, pages=3)

    assert ledgering.dear.pages == 10 + 2 * (len(reports) - 1)
    assert counted(reports, "list read again") == 0
    assert len(ledgering.orders.entries) == 30


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    data=st.data(), how=st.sampled_from(sorted(ORDERS)), size=st.integers(1, 14), pages=st.none() | st.integers(1, 4)
)
def test_whatever_moves_between_pages_every_sale_has_an_entry_that_is_as_dear_has_it(
    data: st.DataObject, how: str, size: int, pages: int | None
) -> None:
    made = Ledgering()
    made.dear.order, made.dear.descending = ORDERS[how]
    made.dear.skew = timedelta(minutes=data.draw(st.integers(-30, 30), label="DEAR's clock is ahead by"))
    fill(made, size)
    passes(made)
    made.clock.sleep(data.draw(st.sampled_from([60, 4000, 100_000])))
    made.dear.between = data.draw(st.lists(st.builds(_act, st.just(made), st.integers(0, 20), _STATUSES), max_size=12))
    for each in range(data.draw(st.integers(0, 6))):
        made.dear.touch(f"more-{each}")
    passes(made, pages)

    made.dear.between = []
    made.clock.sleep(60)
    passes(made, pages)
    made.clock.sleep(90_000)
    passes(made, pages)
    found = run(Step.RECONCILE, reconcile, made.work())

    assert {sale_id: entry.row for sale_id, entry in made.orders.entries.items()} == made.dear.sales
    assert found.outcome is RunOutcome.DONE


_STATUSES = st.sampled_from(["ORDERED", "ESTIMATING", "VOIDED"])


def _act(made: Ledgering, which: int, status: str) -> Callable[[], None]:
    return lambda: made.dear.touch(f"{which:04}", status=status)


def test_rows_with_one_stamp_are_each_stored(ledgering: Ledgering) -> None:
    fill(ledgering, 7)
    for sale_id, row in ledgering.dear.sales.items():
        ledgering.dear.sales[sale_id] = row.model_copy(update={"updated": NOON.isoformat()})

    passes(ledgering)

    assert len(ledgering.orders.entries) == 7


def test_a_row_that_another_writer_overtook_is_written_all_the_same(ledgering: Ledgering) -> None:
    fill(ledgering, 1)
    ledgering.orders.races_to_lose = 2

    (report,) = passes(ledgering)

    assert report.problems == ()
    assert len(ledgering.orders.entries) == 1


def test_what_a_person_holds_stays_held_whatever_its_row_does_until_it_is_voided(ledgering: Ledgering) -> None:
    fill(ledgering, 1)
    passes(ledgering)
    entry = ledgering.orders.entries["0000"]
    reason = Reason(code="held_by_person", text="the customer rang")
    ledgering.orders.save_sale(entry.decided(Decision.HELD, ledgering.clock.now(), reason))
    ledgering.dear.touch("0000", status="BACKORDERED")
    passes(ledgering)
    rewind(ledgering.checkpoints, "main", NOON, judged_again_before=ledgering.clock.now())  # type: ignore[arg-type]
    passes(ledgering)

    held = ledgering.orders.entries["0000"]
    ledgering.dear.touch("0000", status="VOIDED")
    passes(ledgering)

    assert (held.decision, held.reason, held.row.status) == (Decision.HELD, reason, "BACKORDERED")
    assert ledgering.orders.entries["0000"].decision is Decision.VOIDED


def test_a_rewind_judges_each_sale_again_once_though_the_list_is_read_twice(ledgering: Ledgering) -> None:
    fill(ledgering, 8)
    passes(ledgering)
    for sale_id, entry in list(ledgering.orders.entries.items()):
        standing = order(OrderStatus.AT_WMS, sale_id=sale_id, reference=f"SO-{sale_id}")
        ledgering.orders.save_order(standing)
        ledgering.orders.save_sale(
            entry.decided(Decision.LOADED, ledgering.clock.now(), references=(standing.reference,))
        )
    before = ledgering.orders.writes
    ledgering.clock.sleep(7200)
    rewind(ledgering.checkpoints, "main", NOON, judged_again_before=ledgering.clock.now())  # type: ignore[arg-type]
    ledgering.dear.pages = 0
    ledgering.dear.between = [lambda: ledgering.dear.touch("0001")]

    reports = passes(ledgering)

    assert counted(reports, "list read again") == 1
    assert {entry.decision for entry in ledgering.orders.entries.values()} == {Decision.PENDING}
    assert ledgering.orders.writes - before <= 9, "a sale for each, and the one that moved"
    assert set(ledgering.listed().notes) == {"judged_by"}


def test_a_rewind_under_a_pass_has_it_begin_anew(ledgering: Ledgering) -> None:
    fill(ledgering, 9)
    passes(ledgering)
    ledgering.clock.sleep(7200)
    for each in range(9):
        ledgering.dear.touch(f"{each:04}", status="ESTIMATING")
    ledgering.dear.pages = 0
    ledgering.dear.between = [lambda: rewind(ledgering.checkpoints, "main", NOON - 2 * OVERLAP)]  # type: ignore[arg-type]

    (report,) = passes(ledgering)

    assert report.outcome is RunOutcome.DONE
    assert report.counts["list to be read anew"] == 1
    assert (ledgering.listed().since, ledgering.listed().page) == (NOON - OVERLAP, 1)


def test_settings_that_change_have_all_that_was_skipped_or_stopped_judged_again_once(ledgering: Ledgering) -> None:
    stops = {"0001": Decision.HELD, "0002": Decision.ERROR, "0003": Decision.HELD}
    ledgering.settings = {"sale_statuses": ["BACKORDERED"]}
    fill(ledgering, 9)
    passes(ledgering)
    for sale_id, decision in stops.items():
        reason = Reason(code="held_by_person" if sale_id == "0003" else "unmapped_ship_method", text="it waits")
        entry = ledgering.orders.entries[sale_id]
        ledgering.orders.save_sale(entry.decided(decision, ledgering.clock.now(), reason))
    ledgering.clock.sleep(90_000)
    passes(ledgering)
    quiet = passes(ledgering)
    before = ledgering.orders.writes

    ledgering.settings = {"sale_statuses": ["ORDERED", "BACKORDERED"]}
    runs = [*passes(ledgering, pages=2), *passes(ledgering)]

    decisions = {sale_id: entry.decision for sale_id, entry in ledgering.orders.entries.items()}
    assert (counted(quiet, "listed"), len(runs) > 2) == (0, True)
    assert decisions == {**dict.fromkeys(decisions, Decision.PENDING), "0003": Decision.HELD}
    assert ledgering.orders.writes - before == 8


def test_a_pass_that_settings_change_under_begins_anew(ledgering: Ledgering) -> None:
    ledgering.settings = {"sale_statuses": ["BACKORDERED"]}
    fill(ledgering, 9)
    run(Step.DOWNLOAD_ORDERS, list_changes, ledgering.work(pages=2))

    ledgering.settings = {"sale_statuses": ["ORDERED"]}
    passes(ledgering)

    assert {entry.decision for entry in ledgering.orders.entries.values()} == {Decision.PENDING}


def test_a_checkpoint_that_does_not_say_what_it_went_by_is_gone_on_with(ledgering: Ledgering) -> None:
    fill(ledgering, 9)
    passes(ledgering)
    ledgering.clock.sleep(90_000)
    passes(ledgering)
    ledgering.checkpoints.kept[Step.DOWNLOAD_ORDERS] = ledgering.listed().model_copy(update={"notes": {}})

    reports = passes(ledgering)

    assert counted(reports, "listed") == 0
    assert set(ledgering.listed().notes) == {"judged_by"}


def test_the_same_settings_are_known_again_in_whatever_order_they_come(ledgering: Ledgering) -> None:
    ledgering.settings = {"sale_statuses": ["ORDERED", "PICKED"], "carriers": {"a": "A", "b": "B"}}
    passes(ledgering)
    ledgering.settings = {"carriers": {"b": "B", "a": "A"}, "sale_statuses": ["PICKED", "ORDERED"], "invoice": "draft"}

    passes(ledgering)
    stood = ledgering.listed()

    assert by_settings(stood, ledgering.work().connection) == stood
    assert stood.since is not None


def test_the_first_reading_of_a_long_list_stores_each_sale_once(ledgering: Ledgering) -> None:
    fill(ledgering, 3000)
    ledgering.dear.limit = 1000
    ledgering.clock.sleep(600)

    reports = passes(ledgering, pages=2)

    assert ledgering.orders.writes == 3000
    assert counted(reports, "to be read") == 3000
    assert len(reports) == 2
