"""The order: what goes to the warehouse, one per DEAR fulfilment, with all that brings it back to DEAR."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zlib import crc32

from crossdock.domain.bills import Bill
from crossdock.domain.errors import IllegalMove
from crossdock.domain.model import Event, Reason, Record
from crossdock.domain.rounding import Figures
from crossdock.domain.sale import Charge, SaleType, StageLine, StageStatus
from crossdock.domain.states import DONE, LEAVING, QUEUE_OF, STOPS, OrderStatus, Step, check_order_move

ATTEMPTS_BEFORE_ERROR = 12
FIRST_BACK_OFF_SECONDS = 5
LONGEST_BACK_OFF_SECONDS = 900
TIMELINE_HEAD, TIMELINE_LENGTH = 20, 200
"""Of a longer timeline its first and its last lines are kept: an order must fit into an item of the table."""
LEFT_OUT = "left out"
SETTLES_AFTER = timedelta(minutes=1)
"""A write whose answer we lost may still be worked on for so long: it is not repeated sooner."""

HELD_BY_PERSON = "held_by_person"
"""The reason code of what a person holds: only a person releases it."""
CHANGED_AFTER_DELIVERY = "changed_after_delivery"
CHANGED_AFTER_SHIPPING = "changed_after_shipping"
NOT_PACKED = "not_packed"
"""The reason code of what waits to be packed in DEAR, where DEAR's own people pick and pack."""
TO_COMPARE = frozenset({
    "voided_after_confirmation", "corrected_after_confirmation", "shipment_after_confirmation", "undone_in_dear",
})  # fmt: skip
"""The reason codes of what a person must compare with DEAR first: a further shipment is recorded, and lifts no hold."""
TOO_LATE = "too_late"
"""In the reason code of an order that the sale does not ask for any more, and that the warehouse did not stop."""
CONFIRMATION = frozenset({"fulfilment", "pick", "pack", "ship"})
"""What is done, one after the other, to confirm shipments on one fulfilment."""


HAVE_LEFT = frozenset({OrderStatus.PART_SHIPPED, OrderStatus.SHIPPED, OrderStatus.CONFIRMED, OrderStatus.INVOICED})
"""Orders of which something has left the warehouse: DEAR is to know it."""

LEAVES = frozenset({OrderStatus.PART_SHIPPED, OrderStatus.SHIPPED})
"""Orders of which something has left, and DEAR does not know all of it yet."""


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


class SoldKit(Record):
    """A kit as DEAR sold it, `line`, where the order has its components instead; its bill is the one then in force."""

    line: OrderLine
    bill: Bill

    @property
    def component_ids(self) -> tuple[str, ...]:
        """The ids of the order's lines that stand for the kit: they begin with its position in the sale."""
        return tuple(f"{self.line.line_id}-k{number}" for number in range(1, len(self.bill.components) + 1))


class SaleFacts(Record):
    """What confirming and invoicing need of the sale, as it was when we last read it.

    `lines`: all its lines in figures, at their places from 1; none on an order that is older than this field.
    `pick`, `pack`, `ship`: how far the fulfilment was in DEAR; `picked`: what its pick held, of the task `picked_on`.
    """

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
    picked: tuple[StageLine, ...] = ()
    picked_on: str | None = None
    charges: tuple[Charge, ...] = ()
    lines: tuple[Figures, ...] = ()
    invoiced: bool = False


class Intent(Record):
    """An outside write that was begun. While it stands here, its outcome is not known."""

    action: str
    attempt: int
    at: datetime


class Wanted(Record):
    """What the sale asks for since it changed. `told` says how that differs from what the warehouse was told."""

    content: Content
    content_hash: str
    kits: tuple[SoldKit, ...] = ()
    told: str


class Order(Record):
    """An order as we keep it. Every change goes through a method below and raises `version` by one.

    `content` is what the warehouse has or, before its delivery, what it will get; `wanted` what the sale asks for where
    that is something else. `hold` says why a person holds it.

    `part` are the shipments whose confirmation has begun, `corrected` those whose tracking is to be written anew.
    `errand` is the step that must act though the status alone does not say so. `short` are the units, by line as sold,
    that will not ship any more. `passed` are the reasons that a release has overruled. `trouble` says why the sale, as
    it now is, cannot be planned: what was not sent yet is not sent before that is mended, whoever releases it.
    `taken_up`: the tables were put back to before it was sent, and what lines the warehouse has of it is not known.
    `forgotten_at`: when names, addresses and notes were taken out (domain/forgetting.py).
    """

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
    kits: tuple[SoldKit, ...] = ()
    version: int = 1
    reason: Reason | None = None
    held_from: OrderStatus | None = None
    hold: str | None = None
    trouble: Reason | None = None
    wanted: Wanted | None = None
    warehouse_order_id: str | None = None
    intent: Intent | None = None
    done: tuple[str, ...] = ()
    part: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    errand: Step | None = None
    short: dict[str, Decimal] = {}
    passed: tuple[str, ...] = ()
    invoice_number: str | None = None
    attempts: int = 0
    due_at: datetime | None = None
    taken_up: bool = False
    forgotten_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    timeline: tuple[Event, ...] = ()

    @property
    def queue(self) -> Step | None:
        """The step that has this order in its work queue; None when it waits for the outside or a person."""
        return self.next_step if self.due_at else None

    @property
    def next_step(self) -> Step | None:
        """The step that works on such an order; at the warehouse, only where a change waits to be told."""
        if self.status is OrderStatus.AT_WMS and self.wanted is not None:
            return Step.DELIVER_ORDERS
        if self.errand is not None and self.status in HAVE_LEFT:
            return self.errand
        return QUEUE_OF.get(self.status)

    @property
    def sold(self) -> Content:
        """The content as DEAR sold it. For all that goes back to DEAR."""
        return as_sold(self.content, self.kits)

    def with_own_lines(self, content: Content) -> Content:
        """The content with the order's own lines, and what goes with them."""
        own = {name: getattr(self.content, name) for name in ("order_number", "total", "lines")}
        return content.model_copy(update=own)

    @property
    def claims(self) -> tuple[tuple[str, Decimal], ...]:
        """(DEAR's product id, units) that the order stands for as sold, without what will not ship any more."""
        return tuple((line.product_id, line.quantity - self.short.get(line.line_id, 0)) for line in self.sold.lines)

    @property
    def confirming(self) -> bool:
        """Whether DEAR has, or may have, something of the confirmation that is under way."""
        stages = CONFIRMATION - {"fulfilment"}
        return not stages.isdisjoint(self.done) or (self.intent is not None and self.intent.action in stages)

    @property
    def stands(self) -> OrderStatus:
        """How far the order is, held or not."""
        return self.held_from or self.status

    @property
    def finished(self) -> bool:
        """Whether nothing more is to be done about the order, here or outside."""
        return self.status in DONE and self.due_at is None and self.intent is None

    @property
    def only_here(self) -> bool:
        """Whether nothing of the order can have left this system."""
        return self.stands is OrderStatus.NEW and self.intent is None and self.warehouse_order_id is None

    def moved(
        self, status: OrderStatus, at: datetime, *, reason: Reason | None = None, detail: str = "", **changes: object
    ) -> "Order":
        """The order in its next state: due at once where a step works on that state, its troubles forgotten.

        What a person holds or must compare with DEAR, or what shipped before the warehouse could be told of a change
        or a cancellation, stays held, and goes on from the new state once it is released. A withdrawal passes.
        """
        why = None if status in STOPS else self._kept_held(status, reason)
        check_order_move(self.status, OrderStatus.HELD if why else status)
        if why:
            return self._held_on_the_way(status, at, why, changes)
        stopped = status in STOPS
        if stopped and self.hold:
            status, reason = OrderStatus.HELD, self._person_and(reason)
        over = status in LEAVING or (status in LEAVES and self.makes_sure)
        wanted = None if over else self.wanted
        update: dict[str, object] = {
            "status": status,
            "reason": reason,
            "held_from": self.stands if stopped else None,
            "attempts": 0,
            "intent": self.intent if stopped else None,
            "wanted": wanted,
            "errand": self.errand if stopped else None,
        }
        event = Event(at=at.isoformat(), event=status, detail=detail or (reason.text if reason else ""))
        after = self._next(at, event, {**update, **changes})
        return after.model_copy(update={"due_at": after.settled_by(at) if after.next_step else None})

    @property
    def makes_sure(self) -> bool:
        """Whether the change that waits only makes sure that the warehouse has what a taken-up order has here."""
        return self.taken_up and self.wanted is not None and self.wanted.content == self.content

    def _kept_held(self, status: OrderStatus, reason: Reason | None) -> Reason | None:
        """Why the order stays held though it moves on; None where it simply moves."""
        if status in LEAVING:
            return None
        if self.hold:
            return self._person_and(reason)
        if self.status is OrderStatus.HELD and self.reason is not None and self.reason.code in TO_COMPARE:
            return self.reason
        if status in LEAVES and (too_late := self._too_late(status)):
            return too_late
        may_be_late = self.status in STOPS or self.status in {OrderStatus.NEW, OrderStatus.AT_WMS}
        if self.wanted is None or self.makes_sure or not may_be_late or status not in LEAVES:
            return None
        text = f"goods left before the warehouse had taken the change of the sale: {self.wanted.told}"
        return Reason(code=CHANGED_AFTER_DELIVERY, text=text)

    @property
    def unwanted(self) -> bool:
        """Whether the sale does not ask for it any more, and it was too late to stop it."""
        return self.reason is not None and TOO_LATE in self.reason.code

    def _too_late(self, status: OrderStatus) -> Reason | None:
        """Why a person must see to it: what has not left yet is not to leave, and the warehouse may send it.

        Of what has left whole the confirmation finds out whether DEAR still asks for it.
        """
        whole = status is OrderStatus.SHIPPED
        if self.unwanted and (self.status is OrderStatus.HELD or not whole):
            return self.reason
        if self.stands is not OrderStatus.CANCEL_REQUESTED or whole:
            return None
        text = "a part left before the warehouse had cancelled it: have the rest stopped there, or restore the sale"
        return Reason(code=f"cancelled_{TOO_LATE}", text=text)

    def _held_on_the_way(self, status: OrderStatus, at: datetime, why: Reason, changes: dict[str, object]) -> "Order":
        update = {
            "status": OrderStatus.HELD, "held_from": status, "reason": why, "attempts": 0, "intent": None,
            "due_at": None,
        }  # fmt: skip
        event = Event(at=at.isoformat(), event=status, detail=f"it stays held: {why.text}")
        return self._next(at, event, {**update, **changes})

    def _person_and(self, reason: Reason | None) -> Reason:
        """The person's reason, with what else was learnt since."""
        known = self.reason is not None and self.reason.code == HELD_BY_PERSON
        text = self.reason.text if self.reason and known else f"held by a person: {self.hold}"
        if reason is not None and reason.code != HELD_BY_PERSON and reason.text not in text:
            text = f"{text}; meanwhile: {reason.text}"
        return Reason(code=HELD_BY_PERSON, text=text)

    def held_by_person(self, text: str, at: datetime) -> "Order":
        """The order stopped by a person; a write that was begun keeps its intent. `text`: no personal data."""
        held = OrderStatus.HELD
        if self.stands in LEAVING or self.stands is OrderStatus.INVOICED:
            raise IllegalMove(f"an order that is {self.stands} is not held any more")
        told = f"held by a person: {text}"
        before = f"; before that: {self.reason.text}" if self.status in STOPS and self.reason else ""
        event = Event(at=at.isoformat(), event=held, detail=told)
        update = {
            "status": held, "held_from": self.stands, "hold": text, "attempts": 0, "due_at": None,
            "reason": Reason(code=HELD_BY_PERSON, text=told + before),
        }  # fmt: skip
        return self._next(at, event, update)

    def released(
        self, at: datetime, *, event: str = "released", detail: str = "by a person", **changes: object
    ) -> "Order":
        """The order back where it stood, due at once, its trouble forgotten; a write that was begun is looked up."""
        if self.status not in STOPS or self.held_from is None:
            raise IllegalMove(f"an order that is {self.status} cannot be released")
        check_order_move(self.status, self.held_from)
        trouble = changes.get("trouble", self.trouble) if self.only_here else None
        if trouble is not None:
            update = {"status": OrderStatus.HELD, "hold": None, "reason": trouble, "attempts": 0, **changes}
            told = f"{detail}; it waits for its sale"
            return self._next(at, Event(at=at.isoformat(), event=event, detail=told), update)
        update = {
            "status": self.held_from, "held_from": None, "hold": None, "reason": None, "attempts": 0,
            "passed": self._passed(), **changes,
        }  # fmt: skip
        after = self._next(at, Event(at=at.isoformat(), event=event, detail=detail), update)
        return after.model_copy(update={"due_at": self.settled_by(at) if after.next_step else None})

    def _passed(self) -> tuple[str, ...]:
        code = self.reason.code if self.reason else HELD_BY_PERSON
        return self.passed if code in {*self.passed, HELD_BY_PERSON} else (*self.passed, code)

    def wanting(self, wanted: Wanted, at: datetime, **changes: object) -> "Order":
        """The order with a change that the warehouse is to be told of. A stop ends by it, but not a person's hold."""
        if self.status in STOPS and not self.hold:
            detail = f"mended in DEAR: {wanted.told}"
            return self.released(at, event="changed", detail=detail, wanted=wanted, **changes)
        due_at = None if self.hold else max(self.due_at or at, self.settled_by(at))
        event = Event(at=at.isoformat(), event="changed", detail=wanted.told)
        return self._next(at, event, {"wanted": wanted, "due_at": due_at, **changes})

    def accepted(self, sent: Wanted, at: datetime) -> "Order":
        """The order once the warehouse has taken `sent`. What the sale came to ask for meanwhile waits still."""
        left = self.wanted if self.wanted and self.wanted.content != sent.content else None
        event = Event(at=at.isoformat(), event="replaced", detail=f"at the warehouse: {sent.told}")
        update: dict[str, object] = {
            "content": sent.content, "content_hash": sent.content_hash, "kits": sent.kits, "wanted": left,
            "intent": None, "attempts": 0, "taken_up": False,
        }  # fmt: skip
        late = self.status is OrderStatus.HELD and self.reason and self.reason.code == CHANGED_AFTER_DELIVERY
        if late and left is None:
            return self.released(at, event="replaced", detail=event.detail, **update)
        if self.status is OrderStatus.AT_WMS:
            update |= {"reason": None, "due_at": at if left else None}
        return self._next(at, event, update)

    def settled_by(self, at: datetime) -> datetime:
        """When the order may be worked on: now, or once a write whose answer was lost has had its time."""
        return max(at, self.intent.at + SETTLES_AFTER) if self.intent else at

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

    def refreshed(self, at: datetime, **changes: object) -> "Order":
        """The order with what a read has brought and nobody looks for in its timeline."""
        return self._next(at, None, changes)

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
        timeline = _shortened((*self.timeline, event)) if event else self.timeline
        return self.model_copy(update={"version": self.version + 1, "updated_at": at, "timeline": timeline, **changes})


def _shortened(timeline: tuple[Event, ...]) -> tuple[Event, ...]:
    """The timeline, in the place of what is too much of it one line that says so."""
    if len(timeline) <= TIMELINE_LENGTH:
        return timeline
    first = timeline[TIMELINE_HEAD]
    told = Event(at=first.at, event=LEFT_OUT, detail="some of what came from here on is not kept")
    return (*timeline[:TIMELINE_HEAD], told, *timeline[TIMELINE_HEAD + 1 - TIMELINE_LENGTH :])


def as_sold(content: Content, kits: tuple[SoldKit, ...]) -> Content:
    """The content with kits in place of their components."""
    if not kits:
        return content
    kit_of = {line_id: kit for kit in kits for line_id in kit.component_ids}
    lines = (kit_of[line.line_id].line if line.line_id in kit_of else line for line in content.lines)
    return content.model_copy(update={"lines": tuple({line.line_id: line for line in lines}.values())})


def left_too_late(why: Reason) -> Reason:
    """Why an order is held of which goods have left although the sale does not ask for it any more."""
    text = f"{why.text} after the goods had left: recall them, or restore the sale"
    return Reason(code=f"{why.code}_{TOO_LATE}", text=text)


def back_off_seconds(key: str, attempt: int) -> float:
    """How long to wait after failed try number `attempt` (from 1): exponential, capped, spread by `key`.

    The spread is computed, not drawn, so that a run can be repeated exactly.
    """
    ceiling = min(FIRST_BACK_OFF_SECONDS * 2.0 ** min(attempt - 1, 16), LONGEST_BACK_OFF_SECONDS)
    spread = crc32(f"{key}:{attempt}".encode()) % 1000 / 1000
    return ceiling * (0.5 + spread / 2)
