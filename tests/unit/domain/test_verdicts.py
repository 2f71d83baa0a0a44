"""What a row of DEAR's list asks for, by what is known of its sale."""

from typing import Any

import pytest

from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Reason
from crossdock.domain.sale import SaleType
from crossdock.domain.settings import Settings
from crossdock.domain.states import Decision, OrderStatus
from crossdock.domain.verdicts import Verdict, judge
from tests.unit.builders import NOON, order, row

HELD = Reason(code="held_by_person", text="the customer rang")


def entry(decision: Decision, **changes: Any) -> SaleEntry:
    fields: dict[str, Any] = {
        "connection": "main", "sale_id": row().sale_id, "order_number": "SO-00001", "row": row(), "decision": decision,
        "first_seen_at": NOON, "updated_at": NOON,
    }  # fmt: skip
    return SaleEntry(**{**fields, **changes})


def verdict(known: SaleEntry | None, *statuses: OrderStatus, **shown: Any) -> Verdict:
    return judge(row(**shown), known, [order(status) for status in statuses], Settings(), None)


def test_a_new_row_is_read_if_it_is_in_scope_and_skipped_with_its_reason_if_not() -> None:
    assert verdict(None) == Verdict(decision=Decision.PENDING)
    skipped = verdict(None, status="COMPLETED")
    assert (skipped.decision, skipped.reason is not None, skipped.new) == (Decision.SKIPPED, True, True)


@pytest.mark.parametrize(
    ("status", "decision"),
    [
        (OrderStatus.NEW, Decision.PENDING),
        (OrderStatus.AT_WMS, Decision.PENDING),
        (OrderStatus.HELD, Decision.PENDING),
        (OrderStatus.SHIPPED, Decision.LOADED),
        (OrderStatus.INVOICED, Decision.LOADED),
        (OrderStatus.CANCELED, Decision.PENDING),
    ],
)
def test_a_sale_with_orders_is_read_again_until_they_are_at_rest(status: OrderStatus, decision: Decision) -> None:
    assert verdict(entry(Decision.LOADED), status, updated="later").decision is decision


def test_a_sale_with_live_orders_is_not_judged_by_the_filters() -> None:
    assert verdict(entry(Decision.LOADED), OrderStatus.AT_WMS, status="COMPLETED").decision is Decision.PENDING


def test_an_advanced_sale_may_get_fulfilments_until_it_is_shipped() -> None:
    waits = verdict(entry(Decision.LOADED), OrderStatus.INVOICED, type=SaleType.ADVANCED, shipping="PARTIALLY SHIPPED")
    over = verdict(entry(Decision.LOADED), OrderStatus.INVOICED, type=SaleType.ADVANCED, shipping="SHIPPED")

    assert (waits.decision, over.decision) == (Decision.PENDING, Decision.LOADED)


@pytest.mark.parametrize("known", [entry(Decision.PENDING), entry(Decision.LOADED), entry(Decision.HELD, reason=HELD)])
def test_a_void_passes_everything(known: SaleEntry) -> None:
    assert verdict(known, OrderStatus.AT_WMS, status="VOIDED").decision is Decision.VOIDED


@pytest.mark.parametrize(
    ("known", "statuses"),
    [
        (entry(Decision.LOADED), (OrderStatus.INVOICED,)),
        (entry(Decision.HELD, reason=HELD), ()),
        (entry(Decision.PENDING, reason=Reason(code="outcome_unknown", text="no answer")), ()),
    ],
)
def test_what_is_decided_so_already_is_not_new(known: SaleEntry, statuses: tuple[OrderStatus, ...]) -> None:
    assert not verdict(known, *statuses).new


def test_a_hold_of_a_persons_stays_with_the_newer_row() -> None:
    found = verdict(entry(Decision.HELD, reason=HELD), status="BACKORDERED")

    assert found == Verdict(decision=Decision.HELD, reason=HELD)


def test_a_sale_held_for_its_own_fault_is_read_again_when_it_is_judged() -> None:
    held = entry(Decision.HELD, reason=Reason(code="no_sku", text="a line has no SKU"))

    assert verdict(held) == Verdict(decision=Decision.PENDING)
