"""The order: what goes to the warehouse, one per DEAR fulfilment, with all that brings it back to DEAR."""

from datetime import date, datetime
from decimal import Decimal
from zlib import crc32

from crossdock.domain.model import Event, Reason, Record
from crossdock.domain.sale import Charge, SaleType, StageStatus
from crossdock.domain.states import QUEUE_OF, OrderStatus, Step, check_order_move

ATTEMPTS_BEFORE_ERROR = 12
FIRST_BACK_OFF_SECONDS = 5
LONGEST_BACK_OFF_SECONDS = 900


class PostalAddress(Record):
    """An address in the contract's shape."""

    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    phone: str | None = None
    email: str | None = None


class OrderLine(Record):
    """A line of the order. `line_id` is stable within the order; the same SKU may stand in several lines.

    Of a line that is split over fulfilments, `tax` and `total` are this part's. `product_id` and `tax_rule` are DEAR's
    side of it and do not go to the warehouse.
    """

    line_id: str
    sku: str
    name: str
    quantity: Decimal
    price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    comment: str | None = None
    lot: str | None = None
    expires_on: date | None = None
    barcode: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    product_id: str = ""
    tax_rule: str | None = None


class Content(Record):
    """What the warehouse is told. Two orders with the same content need no second word."""

    order_number: str
    sale_id: str
    customer_reference: str | None = None
    channel: str | None = None
    source: str | None = None
    ordered_at: date | None = None
    ship_by: date | None = None
    warehouse: str | None = None
    location: str | None = None
    ship_method: str | None = None
    carrier: str | None = None
    ship_method_raw: str | None = None
    ship_to: PostalAddress
    bill_to: PostalAddress
    notes: str | None = None
    shipping_notes: str | None = None
    currency: str | None = None
    total: Decimal
    lines: tuple[OrderLine, ...]
    attributes: dict[str, str] = {}


class SaleFacts(Record):
    """What confirming and invoicing need of the sale, as it was when we last read it."""

    type: SaleType
    read_at_stamp: str
    location: str | None
    tax_inclusive: bool
    currency_rate: Decimal | None
    terms: str | None
    bill_line1: str | None = None
    bill_line2: str | None = None
    pick: StageStatus = StageStatus.NOT_AVAILABLE
    pack: StageStatus = StageStatus.NOT_AVAILABLE
    ship: StageStatus = StageStatus.NOT_AVAILABLE
    charges: tuple[Charge, ...] = ()
    invoiced: bool = False


class Intent(Record):
    """An outside write that was begun. While it stands here, its outcome is not known."""

    action: str
    attempt: int
    at: datetime


class Order(Record):
    """An order as we keep it. Every change goes through a method below and raises `version` by one."""

    connection: str
    sale_id: str
    sale_number: str
    reference: str
    fulfilment_number: int | None
    task_id: str | None
    status: OrderStatus
    content: Content
    content_hash: str
    facts: SaleFacts
    version: int = 1
    reason: Reason | None = None
    held_from: OrderStatus | None = None
    warehouse_order_id: str | None = None
    intent: Intent | None = None
    done: tuple[str, ...] = ()
    invoice_number: str | None = None
    attempts: int = 0
    due_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    timeline: tuple[Event, ...] = ()

    @property
    def queue(self) -> Step | None:
        """The step that has this order in its work queue; None when it waits for the outside or a person."""
        return QUEUE_OF.get(self.status) if self.due_at else None

    def moved(
        self, status: OrderStatus, at: datetime, *, reason: Reason | None = None, detail: str = "", **changes: object
    ) -> "Order":
        """The order in its next state: due at once where a step works on that state, its troubles forgotten."""
        check_order_move(self.status, status)
        stopped = status in {OrderStatus.HELD, OrderStatus.ERROR}
        was_stopped = self.status in {OrderStatus.HELD, OrderStatus.ERROR}
        update: dict[str, object] = {
            "status": status,
            "reason": reason,
            "held_from": (self.held_from if was_stopped else self.status) if stopped else None,
            "attempts": 0,
            "due_at": at if status in QUEUE_OF else None,
            "intent": self.intent if stopped else None,
        }
        event = Event(at=at.isoformat(), event=status, detail=detail or (reason.text if reason else ""))
        return self._next(at, event, {**update, **changes})

    def intending(self, action: str, at: datetime) -> "Order":
        """The order with the intent to do `action` outside, recorded before the call is made."""
        attempt = self.intent.attempt + 1 if self.intent and self.intent.action == action else 1
        return self._next(at, None, {"intent": Intent(action=action, attempt=attempt, at=at)})

    def recorded(
        self, action: str, at: datetime, *, then: str | None = None, detail: str = "", **changes: object
    ) -> "Order":
        """The order with `action` known to be done and, in the same write, the intent to do `then`; it stays due."""
        event = Event(at=at.isoformat(), event=action, detail=detail)
        done = self.done if action in self.done else (*self.done, action)
        intent = Intent(action=then, attempt=1, at=at) if then else None
        return self._next(at, event, {"done": done, "intent": intent, "attempts": 0, "reason": None, **changes})

    def settled(self, at: datetime, *, event: str, detail: str = "") -> "Order":
        """The order where it is, with nothing more due: this state is where it ends."""
        return self._next(at, Event(at=at.isoformat(), event=event, detail=detail), {"due_at": None, "intent": None})

    def noted(self, at: datetime, *, event: str, detail: str = "", **changes: object) -> "Order":
        """The order with one more line in its timeline and, where given, changed fields."""
        return self._next(at, Event(at=at.isoformat(), event=event, detail=detail), changes)

    def backed_off(self, at: datetime, due_at: datetime, reason: Reason, *, intent: Intent | None) -> "Order":
        """The order after a failed try: due again later, with the reason to be seen meanwhile."""
        changes: dict[str, object] = {
            "attempts": self.attempts + 1,
            "due_at": due_at,
            "reason": reason,
            "intent": intent,
        }
        first_of_its_kind = self.reason is None or self.reason.code != reason.code
        event = Event(at=at.isoformat(), event="retry", detail=reason.text) if first_of_its_kind else None
        return self._next(at, event, changes)

    def _next(self, at: datetime, event: Event | None, changes: dict[str, object]) -> "Order":
        timeline = (*self.timeline, event) if event else self.timeline
        return self.model_copy(update={"version": self.version + 1, "updated_at": at, "timeline": timeline, **changes})


def back_off_seconds(key: str, attempt: int) -> float:
    """How long to wait after failed try number `attempt` (from 1): exponential, capped, spread by `key`.

    The spread is computed, not drawn, so that a run can be repeated exactly.
    """
    ceiling = min(FIRST_BACK_OFF_SECONDS * 2.0 ** (attempt - 1), LONGEST_BACK_OFF_SECONDS)
    spread = crc32(f"{key}:{attempt}".encode()) % 1000 / 1000
    return ceiling * (0.5 + spread / 2)
