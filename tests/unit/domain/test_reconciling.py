"""What counts as a finding, kind by kind, and what is kept of findings between pages."""

from datetime import timedelta
from typing import Any

import pytest

from crossdock.domain.ledger import SaleEntry
from crossdock.domain.order import Intent, Order
from crossdock.domain.reconciling import (
    MOST_SHOWN,
    MOST_UNSEEN,
    WHAT_TO_DO,
    FindingKind,
    Found,
    Standing,
    Unseen,
    disagreement,
    finding_of_order,
    finding_of_row,
    may_disagree,
    missed,
)
from crossdock.domain.stamps import stamp_of
from crossdock.domain.states import Decision, OrderStatus
from tests.unit.builders import NOON, order, row

STAMP = "2026-03-02T09:00:00Z"


def entry(**changes: Any) -> SaleEntry:
    fields: dict[str, Any] = {
        "connection": "main", "sale_id": row().sale_id, "order_number": "SO-00001", "row": row(updated=STAMP),
        "decision": Decision.SKIPPED, "first_seen_at": NOON, "updated_at": NOON,
    }  # fmt: skip
    return SaleEntry(**{**fields, **changes})


@pytest.mark.parametrize(
    ("shown", "known", "found"),
    [
        ({"updated": STAMP}, None, FindingKind.NEVER_SEEN),
        ({"updated": "2026-03-02T11:30:00Z"}, None, None),
        ({"updated": ""}, None, FindingKind.NEVER_SEEN),
        ({"updated": STAMP}, {}, None),
        ({"updated": "2026-03-02T09:30:00Z"}, {}, FindingKind.MOVED_WITHOUT_US),
        ({"updated": "2026-03-02T11:30:00Z"}, {}, None),
        ({"updated": "2026-03-02T08:00:00Z"}, {}, None),
        ({"updated": STAMP, "status": "BACKORDERED"}, {}, FindingKind.MOVED_WITHOUT_US),
        ({"updated": STAMP, "credit_note_status": "AUTHORISED"}, {}, None),
        ({"updated": "soon", "status": "VOIDED"}, {}, FindingKind.MOVED_WITHOUT_US),
    ],
)
def test_a_row_is_missed_when_no_window_showed_it_and_none_will(shown: Any, known: Any, found: Any) -> None:
    stored = None if known is None else entry(**known)

    assert missed(row(**shown), stored, NOON - timedelta(hours=2)) is found


@pytest.mark.parametrize(
    ("status", "changes", "found"),
    [
        (OrderStatus.NEW, {}, True),
        (OrderStatus.AT_WMS, {}, True),
        (OrderStatus.PART_SHIPPED, {}, True),
        (OrderStatus.HELD, {"held_from": OrderStatus.SHIPPED}, True),
        (OrderStatus.ERROR, {"held_from": OrderStatus.AT_WMS}, True),
        (OrderStatus.SHIPPED, {}, False),
        (OrderStatus.HELD, {"held_from": OrderStatus.SHIPPED, "done": ("pick", "pack", "ship")}, False),
        (OrderStatus.HELD, {"held_from": OrderStatus.SHIPPED, "intent": ("ship",)}, False),
        (OrderStatus.HELD, {"held_from": OrderStatus.CONFIRMED}, False),
        (OrderStatus.CONFIRMED, {}, False),
        (OrderStatus.CANCELED, {}, False),
        (OrderStatus.CANCEL_REQUESTED, {}, False),
    ],
)
def test_a_sale_that_dear_calls_shipped_is_a_finding_unless_we_shipped_it(
    status: OrderStatus, changes: dict[str, Any], found: bool
) -> None:
    if "intent" in changes:
        changes = {**changes, "intent": Intent(action=changes["intent"][0], attempt=1, at=NOON)}
    standing = order(status, **changes)

    told = disagreement(row(shipping="SHIPPED"), standing, NOON + timedelta(days=1))

    assert (told is FindingKind.SHIPPED_IN_DEAR_NOT_BY_US) == found
    assert told in {None, FindingKind.SHIPPED_IN_DEAR_NOT_BY_US}


@pytest.mark.parametrize(
    ("shipping", "after", "found"),
    [
        ("NOT SHIPPED", timedelta(hours=1), True),
        ("SHIPPING", timedelta(hours=1), True),
        ("NOT SHIPPED", timedelta(minutes=59), False),
        ("SHIPPED", timedelta(days=1), False),
        ("PARTIALLY SHIPPED", timedelta(days=1), False),
    ],
)
def test_a_confirmed_order_that_dear_does_not_show_is_a_finding_once_it_has_settled(
    shipping: str, after: timedelta, found: bool
) -> None:
    for status in (OrderStatus.CONFIRMED, OrderStatus.INVOICED):
        told = disagreement(row(shipping=shipping), order(status), NOON + after)
        assert (told is FindingKind.CONFIRMED_HERE_NOT_IN_DEAR) == found


def test_what_may_disagree_holds_for_every_order_that_does() -> None:
    words = ("SHIPPED", "PARTIALLY SHIPPED", "NOT SHIPPED", "")
    for status in OrderStatus:
        for word in words:
            standing = order(status)
            if disagreement(row(shipping=word), standing, NOON + timedelta(days=1)):
                assert may_disagree(row(shipping=word), Standing.of(standing, None))


def test_several_orders_of_a_sale_stand_together() -> None:
    one = Standing.of(order(OrderStatus.CONFIRMED), None)

    both = Standing.of(order(OrderStatus.AT_WMS), one)

    assert both == Standing(open=True, confirmed=True, unconfirmed=True)


def test_a_finding_says_both_sides_and_what_to_do_and_nothing_personal() -> None:
    standing: Order = order(OrderStatus.HELD, held_from=OrderStatus.AT_WMS)

    told = finding_of_order(FindingKind.GONE_FROM_DEAR, standing, None).text

    assert "its list does not have the sale" in told
    assert "held, from at_wms" in told
    assert "Ada" not in told
    assert set(WHAT_TO_DO) == set(FindingKind)


def test_findings_survive_the_notes_and_one_that_is_met_again_counts_once() -> None:
    finding = finding_of_row(FindingKind.NEVER_SEEN, row(), None)

    found = Found.noted(Found().plus(finding).note()).plus(finding)

    assert found.counts == {FindingKind.NEVER_SEEN: 1}
    assert found.shown == (finding,)


def test_more_findings_than_are_shown_are_counted() -> None:
    found = Found()
    for number in range(MOST_SHOWN + 5):
        found = found.plus(finding_of_row(FindingKind.NEVER_SEEN, row(order_number=f"SO-{number}"), None))

    assert len(found.shown) == MOST_SHOWN
    assert found.counts == {FindingKind.NEVER_SEEN: MOST_SHOWN + 5}
    assert len(str(found.note())) < 120_000


def test_what_was_not_seen_survives_the_notes_and_too_many_are_not_kept() -> None:
    unseen = Unseen.of({"one", "two"})
    unseen.saw({"one", "three"})

    again = Unseen.noted(unseen.note())

    assert (again.has("one"), again.has("two")) == (False, True)
    most = Unseen.of({str(number) for number in range(MOST_UNSEEN)})
    assert len(str(most.note())) < 200_000
    assert not Unseen.noted(Unseen.of({str(number) for number in range(MOST_UNSEEN + 1)}).note()).complete


@pytest.mark.parametrize("text", ["", "soon", "2026-03-02", "2026-03-02T10:00:00.123", "2026-03-02T11:00:00+01:00"])
def test_a_stamp_is_read_leniently_and_is_utc_where_it_names_no_zone(text: str) -> None:
    stamp = stamp_of(row(updated=text))

    assert (stamp is None) == (text in {"", "soon"})
    assert stamp is None or stamp.utcoffset() == timedelta(0)
