"""When an invoice falls due: DEAR's payment terms, and the day that it is where the account is. Pure."""

import calendar
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crossdock.domain.model import Record
from crossdock.domain.rounding import TaxMethod


class TermMethod(StrEnum):
    """How a payment term counts its days (blueprint: Payment Term)."""

    DAYS = "number of days"
    DAY_OF_NEXT_MONTH = "day of next month"
    LAST_DAY_OF_NEXT_MONTH = "last day of next month"
    DAYS_AFTER_MONTH = "days since the end of the month"


class PaymentTerm(Record):
    """A payment term; a `method` that DEAR may add later is one that nobody can count by."""

    name: str
    days: int
    method: str


class AccountRules(Record):
    """What invoices need of the DEAR account itself: where it is, what tax is worked out on, its payment terms."""

    time_zone: str | None = None
    tax_method: TaxMethod = TaxMethod.TOTAL
    terms: tuple[PaymentTerm, ...] = ()


def due_date(on: date, terms: str | None, known: Iterable[PaymentTerm]) -> date | None:
    """The day when an invoice of `on` is due; None for terms that are not in the list or cannot be counted by."""
    wanted = _plain(terms or "")
    term = next((each for each in known if wanted and _plain(each.name) == wanted), None)
    if term is None or term.days < 0:
        return None
    try:
        return _due(on, term)
    except (OverflowError, ValueError):
        return None


def today_in(moment: datetime, time_zone: str | None) -> date | None:
    """The date at this moment in the time zone (IANA); None where nobody knows the zone."""
    if time_zone is None:
        return None
    try:
        return moment.astimezone(ZoneInfo(time_zone)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def today_in_utc(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _due(on: date, term: PaymentTerm) -> date | None:
    match _plain(term.method):
        case TermMethod.DAYS:
            return on + timedelta(days=term.days)
        case TermMethod.DAY_OF_NEXT_MONTH:
            end = _month_end(_month_end(on) + timedelta(days=1))
            return end.replace(day=min(max(term.days, 1), end.day))
        case TermMethod.LAST_DAY_OF_NEXT_MONTH:
            return _month_end(_month_end(on) + timedelta(days=1))
        case TermMethod.DAYS_AFTER_MONTH:
            return _month_end(on) + timedelta(days=term.days)
    return None


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
