"""When an invoice falls due, and which day it is where the account is."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.terms import PaymentTerm, TermMethod, due_date, today_in

ON = date(2026, 1, 31)


def term(method: str, days: int = 10) -> PaymentTerm:
    return PaymentTerm(name="Ours", days=days, method=method)


@pytest.mark.parametrize(
    ("method", "days", "due"),
    [
        ("number of days", 30, date(2026, 3, 2)),
        ("number of days", 0, ON),
        ("day of next month", 10, date(2026, 2, 10)),
        ("day of next month", 31, date(2026, 2, 28)),
        ("last day of next month", 10, date(2026, 2, 28)),
        ("days since the end of the month", 10, date(2026, 2, 10)),
        ("Days Since  The End of the Month", 0, ON),
    ],
)
def test_each_method_counts_as_dear_names_it(method, days, due):
    assert due_date(ON, "Ours", [term(method, days)]) == due


@pytest.mark.parametrize(
    ("terms", "known"),
    [
        (None, term("number of days")),
        ("", term("number of days")),
        ("Another", term("number of days")),
        ("Ours", term("on a full moon")),
        ("Ours", term("number of days", -3)),
        ("Ours", term("number of days", 10**9)),
    ],
)
def test_terms_that_nobody_can_count_by_have_no_due_date(terms, known):
    assert due_date(ON, terms, [known]) is None


def test_terms_are_found_whatever_their_case_and_spaces():
    assert due_date(ON, " 30  DAYS", [PaymentTerm(name="30 days", days=30, method="number of days")]) is not None


@given(on=st.dates(date(2020, 1, 1), date(2040, 1, 1)), days=st.integers(0, 400), method=st.sampled_from(TermMethod))
def test_nothing_is_due_before_it_is_invoiced(on, days, method):
    due = due_date(on, "Ours", [term(method, days)])

    assert due is not None
    assert due >= on


def test_the_day_is_the_accounts_and_not_utcs():
    evening = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)

    assert today_in(evening, "Europe/Moscow") == date(2026, 3, 3)
    assert today_in(evening, "America/Los_Angeles") == date(2026, 3, 2)
    assert [today_in(evening, zone) for zone in (None, "Nowhere/Atlantis", "../etc", "")] == [None] * 4
