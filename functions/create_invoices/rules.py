"""What invoices need of the DEAR account: asked once a day, and kept in the step's checkpoint."""

from datetime import date, timedelta

from pydantic import ValidationError

from crossdock.domain.model import Record
from crossdock.domain.order import Order
from crossdock.domain.rounding import TaxMethod
from crossdock.domain.states import Step
from crossdock.domain.terms import AccountRules, due_date, today_in, today_in_utc
from crossdock.ports import Checkpoint
from crossdock.workflow import Workplace

KEPT_FOR = timedelta(days=1)
"""How long it takes, at most, until a change of the account's settings is seen."""

ASKED_AGAIN_AFTER = timedelta(hours=1)
"""Terms that the kept list does not have may be new: it is asked for again no sooner than this."""

_NOTE = "account_rules"


class Dates(Record):
    """An invoice's two dates, how the account works out tax, and what is to be told of it."""

    on: date
    due: date
    tax_method: TaxMethod
    told: tuple[str, ...] = ()


def dates_for(work: Workplace, order: Order) -> Dates:
    """The tenant's today, and when an invoice of today is due by the sale's terms. At most two calls, once a day."""
    rules = _rules(work, order.facts.terms)
    now = work.now()
    told = []
    on = today_in(now, rules.time_zone)
    if on is None:
        on = today_in_utc(now)
        told.append("dated by UTC, as DEAR names no time zone that is known")
    due = due_date(on, order.facts.terms, rules.terms)
    if due is None:
        due = on
        terms = _named(order.facts.terms)
        why = f"DEAR's list has no payment terms '{terms}'" if terms else "the sale has no terms"
        told.append(f"due on its own date, as {why}")
        if terms:
            work.tally.tell("due at once for unknown terms")
    return Dates(on=on, due=due, tax_method=rules.tax_method, told=tuple(told))


def _rules(work: Workplace, terms: str | None) -> AccountRules:
    checkpoint = work.checkpoints.checkpoint(work.name, Step.CREATE_INVOICES)
    known = _kept(checkpoint)
    age = work.now() - checkpoint.since if known and checkpoint.since else KEPT_FOR
    unknown = known is not None and bool(_named(terms)) and due_date(work.now().date(), terms, known.terms) is None
    if known is not None and age < (ASKED_AGAIN_AFTER if unknown else KEPT_FOR):
        return known
    asked = work.dear().account_rules()
    notes = {**checkpoint.notes, _NOTE: asked.model_dump_json()}
    kept = checkpoint.model_copy(update={"since": work.now(), "notes": notes})
    work.checkpoints.save_checkpoint(work.name, Step.CREATE_INVOICES, kept)
    return asked


def _named(terms: str | None) -> str:
    return (terms or "").strip()


def _kept(checkpoint: Checkpoint) -> AccountRules | None:
    """What was kept; None for nothing, and for what another version of the code kept."""
    try:
        return AccountRules.model_validate_json(checkpoint.notes[_NOTE])
    except (KeyError, ValidationError):
        return None
