"""Why something stands where it stands and what happens next, as one sentence for every status."""

from datetime import datetime

from cli.screen import seconds_text
from crossdock.domain.invoicing import INVOICED_ALREADY
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Reason
from crossdock.domain.order import ATTEMPTS_BEFORE_ERROR, HELD_BY_PERSON, Order
from crossdock.domain.states import Decision, OrderStatus, Step

_WAITS = {
    OrderStatus.NEW: "waits to be delivered to the warehouse",
    OrderStatus.AT_WMS: "waits for the warehouse to ship",
    OrderStatus.PART_SHIPPED: "a part has left the warehouse; waits for the rest",
    OrderStatus.SHIPPED: "has left the warehouse; waits to be confirmed in DEAR",
    OrderStatus.CONFIRMED: "confirmed in DEAR; waits to be invoiced",
    OrderStatus.INVOICED: "done: shipped, confirmed and invoiced",
    OrderStatus.HELD: "held, with no reason recorded",
    OrderStatus.ERROR: "given up, with no reason recorded",
    OrderStatus.CANCEL_REQUESTED: "waits for the warehouse to cancel it",
    OrderStatus.CANCELED: "canceled",
}

_NEXT = {
    OrderStatus.NEW: "deliver_orders sends it to the warehouse",
    OrderStatus.AT_WMS: "nothing until the warehouse ships; collect_shipments asks it every few minutes",
    OrderStatus.PART_SHIPPED: "nothing until the warehouse ships the rest; collect_shipments asks it",
    OrderStatus.SHIPPED: "confirm_shipments writes pick, pack and ship in DEAR",
    OrderStatus.CONFIRMED: "create_invoices writes the invoice in DEAR",
    OrderStatus.INVOICED: "nothing: it is done",
    OrderStatus.HELD: "nothing by itself: a person mends what the reason names, or releases it (`crossdock release`)",
    OrderStatus.ERROR: "nothing by itself: a person looks at what was answered, then releases it (`crossdock release`)",
    OrderStatus.CANCEL_REQUESTED: "deliver_orders cancels it at the warehouse",
    OrderStatus.CANCELED: "nothing: it is withdrawn",
}

_ERRANDS = {
    Step.CONFIRM_SHIPMENTS: "confirm_shipments writes in DEAR what has left so far, or corrects its tracking",
    Step.CREATE_INVOICES: "create_invoices writes the invoice in DEAR for what is confirmed so far",
}

_SALE_WAITS = {
    Decision.PENDING: "waits to be read from DEAR",
    Decision.LOADED: "loaded: there was nothing new in it",
    Decision.SKIPPED: "skipped, with no reason recorded",
    Decision.HELD: "held, with no reason recorded",
    Decision.VOIDED: "voided in DEAR",
    Decision.ERROR: "given up, with no reason recorded",
}

_RELEASED = "nothing until a person releases it: `crossdock release NUMBER`"

_SALE_NEXT = {
    Decision.PENDING: "download_orders reads it",
    Decision.LOADED: "its orders go their way",
    Decision.SKIPPED: "nothing until it changes in DEAR, or the settings do (`crossdock connect`)",
    Decision.HELD: "a person mends what the reason names, in DEAR or with `crossdock connect`; then it is read again",
    Decision.VOIDED: "nothing: it is voided",
    Decision.ERROR: "nothing until it changes in DEAR, or the settings do (`crossdock connect`)",
}


def why(order: Order, now: datetime) -> str:
    """Why the order stands where it stands."""
    stands = _stands(order)
    if order.reason is None:
        return stands
    if order.status in {OrderStatus.HELD, OrderStatus.ERROR}:
        return order.reason.text
    if order.due_at:
        return _retried(order.reason, order.attempts, order.due_at, now)
    return stands if order.reason.text in stands else f"{stands} ({order.reason.text})"


def _stands(order: Order) -> str:
    """Where the order stands, its troubles aside."""
    stands = _WAITS[order.status]
    match order.status:
        case OrderStatus.AT_WMS if order.wanted and order.due_at:
            return f"the sale changed, and waits to be changed at the warehouse: {order.wanted.told}"
        case OrderStatus.INVOICED if order.invoice_number:
            return f"{stands} as {order.invoice_number}"
        case OrderStatus.CANCELED:
            return _canceled(order)
        case OrderStatus.CONFIRMED if order.due_at is None:
            left_alone = order.reason is not None and order.reason.code == INVOICED_ALREADY
            return "confirmed in DEAR" if left_alone else "confirmed in DEAR; invoicing is off"
    return stands


def happens_next(order: Order) -> str:
    """What happens to the order next. When, says its `due_at`."""
    if order.status is OrderStatus.CONFIRMED and order.due_at is None:
        left_alone = order.reason is not None and order.reason.code == INVOICED_ALREADY
        return f"nothing: it is done, {'a person has invoiced it' if left_alone else 'invoicing is off'}"
    if order.status is OrderStatus.HELD and order.hold:
        return _RELEASED
    if order.status is OrderStatus.AT_WMS and order.queue is not None:
        return "deliver_orders tells the warehouse of the change"
    if order.errand is not None and order.queue is order.errand:
        return _ERRANDS[order.errand]
    if order.queue is not None and order.intent is not None:
        return f"{_NEXT[order.status]}, after looking up whether the last try ({order.intent.action}) was applied"
    return _NEXT[order.status]


def why_sale(entry: SaleEntry, now: datetime) -> str:
    """Why the sale was decided on as it was."""
    if entry.reason is None:
        loaded = entry.decision is Decision.LOADED and entry.references
        return f"became {', '.join(entry.references)}" if loaded else _SALE_WAITS[entry.decision]
    if entry.decision is Decision.PENDING and entry.due_at and entry.attempts:
        return _retried(entry.reason, entry.attempts, entry.due_at, now)
    return entry.reason.text


def sale_happens_next(entry: SaleEntry) -> str:
    if entry.decision is Decision.HELD and entry.reason and entry.reason.code == HELD_BY_PERSON:
        return _RELEASED
    return _SALE_NEXT[entry.decision]


def _retried(reason: Reason, attempts: int, due_at: datetime, now: datetime) -> str:
    left = (due_at - now).total_seconds()
    when = f"in {seconds_text(left)}" if left > 0 else "at the next run"
    counted = f" (try {attempts + 1} of {ATTEMPTS_BEFORE_ERROR})" if attempts else ""
    return f"{reason.text}; tried again {when}{counted}"


def _canceled(order: Order) -> str:
    """What led to the cancelling, as the timeline has it."""
    told = [event.detail for event in order.timeline if event.event in {"cancel_requested", "canceled"}]
    because = next((detail for detail in told if detail), "")
    return f"canceled: {because}" if because else _WAITS[OrderStatus.CANCELED]
