"""Large changes wait for a person, and what a person said holds for what was shown."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crossdock.domain.inventory import AdjustmentLine
from crossdock.domain.proposals import Cause, ProposalStatus, Wait, brake_of, gate, proposed
from crossdock.domain.settings import InventorySettings
from crossdock.domain.shelf import Shelf

D = Decimal
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def settings(**changes):
    return InventorySettings(account="403", **changes)


def line(before, after, sku="A"):
    return AdjustmentLine(
        sku=sku, location="Main", before=D(before), quantity=D(after), unit_cost=D(1), why="the warehouse counted"
    )


def proposal(shown, status=ProposalStatus.OPEN, cause=Cause.UNITS):
    made = proposed("main", shown, Wait(cause, "large"), None, NOON, NOON)
    return made if status is ProposalStatus.OPEN else made.turned(status, NOON)


def outcome(change, standing=None, brake=None, **limits):
    made = gate([change], {standing.key: standing} if standing else {}, settings(**limits), brake, NOON)
    return next(name for name in ("written", "waiting", "rejected") if getattr(made, name))


def test_without_limits_every_change_is_written():
    assert outcome(line(0, 100_000)) == "written"


@pytest.mark.parametrize(
    ("before", "after", "limits", "expected"),
    [
        (100, 60, {"approve_above_units": 40}, "written"),
        (100, 59, {"approve_above_units": 40}, "waiting"),
        (100, 141, {"approve_above_units": 40}, "waiting"),
        (100, 50, {"approve_above_percent": 50}, "written"),
        (100, 49, {"approve_above_percent": 50}, "waiting"),
        (0, 9, {"approve_above_percent": 50}, "written"),
        (4, 9, {"approve_above_percent": 50, "approve_above_units": 100}, "waiting"),
    ],
)
def test_a_change_above_a_limit_waits(before, after, limits, expected):
    assert outcome(line(before, after), **limits) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (100, 40, "written"),
        (100, 45, "written"),
        (90, 40, "written"),
        (90, 30, "waiting"),
        (100, 39, "waiting"),
        (100, 160, "waiting"),
    ],
)
def test_an_approval_is_for_the_direction_and_the_size_that_was_shown(before, after, expected):
    approved = proposal(line(100, 40), ProposalStatus.APPROVED)

    assert outcome(line(before, after), approved, approve_above_units=10) == expected


def test_a_rejected_change_is_shown_again_only_when_the_difference_changes():
    rejected = proposal(line(100, 40), ProposalStatus.REJECTED)

    assert outcome(line(95, 35), rejected, approve_above_units=10) == "rejected"
    assert outcome(line(95, 34), rejected, approve_above_units=10) == "waiting"
    assert outcome(line(95, 90), rejected, approve_above_units=10) == "written"


def shelf(**units):
    made = Shelf()
    for sku, number in units.items():
        made.put(sku, D(number))
    return made


def halved(number):
    return [line(10, 5, f"S{each}") for each in range(number)]


def test_when_most_skus_would_be_lowered_at_once_every_line_waits():
    stocked = shelf(**{f"S{each}": 10 for each in range(40)})

    assert brake_of(halved(20), stocked, settings()) is None
    brake = brake_of(halved(21), stocked, settings())

    assert brake is not None
    assert outcome(line(1, 2), brake=brake) == "waiting"


def test_a_few_lowered_skus_of_a_small_stock_are_no_sign_of_a_bad_count():
    assert brake_of(halved(19), shelf(**{f"S{each}": 10 for each in range(19)}), settings()) is None


def test_raised_stock_never_makes_the_brake():
    raised = [line(1, 5, f"S{each}") for each in range(40)]

    assert brake_of(raised, shelf(**{f"S{each}": 1 for each in range(40)}), settings()) is None


def test_what_a_bad_count_put_off_waits_on_though_the_others_of_its_list_are_decided():
    put_off = proposal(line(10, 5), cause=Cause.SHARE)

    assert outcome(line(10, 6), put_off) == "waiting"
    assert outcome(line(10, 11), put_off) == "written"
    assert outcome(line(10, 5), put_off, approve_above_share=1) == "written"
