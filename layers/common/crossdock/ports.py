"""What a step needs from the outside, as protocols. Adapters implement them; tests put fakes in their place.

Every method may raise what `crossdock.domain.errors` lists. A method that writes outside raises `Interrupted` when
its outcome is unknown: the caller then looks the outcome up before it writes again.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from crossdock.domain.aliases import Aliases
from crossdock.domain.bills import Bill
from crossdock.domain.inventory import (
    Adjustment,
    Aside,
    AvailabilityRow,
    StockProduct,
    StockSnapshotPage,
    Written,
)
from crossdock.domain.invoicing import InvoiceDraft
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Record
from crossdock.domain.order import Content, Order
from crossdock.domain.proposals import Proposal
from crossdock.domain.report import Report
from crossdock.domain.sale import Fulfilment, Invoice, Sale, SaleRow, ShipLine, StageLine
from crossdock.domain.settings import Connection
from crossdock.domain.shipment import Shipment, ShipmentRecord
from crossdock.domain.states import Decision, OrderStatus, Step
from crossdock.domain.terms import AccountRules

INDEX_LAG_SECONDS = 2.0
"""So long after it was stored an order, a sale or a shipment is in the lists of its kind, which are an index."""


class Clock(Protocol):
    """Tells the time, always aware and in UTC, and waits."""

    def now(self) -> datetime: ...
    def sleep(self, seconds: float) -> None: ...


class Deadline(Protocol):
    """How long this run may still take."""

    def seconds_left(self) -> float:
        """Seconds until the run must end, a margin for the last write already taken off."""
        ...


class CallBudget(Protocol):
    """The DEAR calls of an account, shared by every step of every connection to it."""

    def take(self) -> None:
        """Wait for, and use up, one call. Raises BudgetSpent when none comes free in the time that is left."""
        ...

    def expect(self, calls: int) -> None:
        """Raises BudgetSpent when so many calls will not come free soon; uses none up."""
        ...

    def hold(self) -> None:
        """Take the next call now, for use within the second: nothing is waited for then. Raises BudgetSpent."""
        ...

    def pause(self, seconds: float) -> None:
        """Stop every step's calls for so long: DEAR said that the limit is reached."""
        ...


# --- DEAR ----------------------------------------------------------------------------------------------------


class SalePage(Record):
    """A page of saleList: its rows, and whether another page follows. `refused` says what could not be read."""

    rows: tuple[SaleRow, ...]
    refused: tuple[str, ...] = ()
    total: int
    more: bool


class CataloguePage(Record):
    """A page of DEAR's products, as far as their stock goes, and how many there are in all."""

    products: tuple[StockProduct, ...]
    total: int
    more: bool


class Dear(Protocol):
    """DEAR Systems, as far as the workflow uses it."""

    def expect(self, calls: int) -> None:
        """Raises BudgetSpent when so many calls cannot be made soon.

        Asked before work that, cut in its midst, would have to look at what stands before it goes on.
        """
        ...

    def hold_call(self) -> None:
        """Wait for a call before what it is decided by is looked at, not after. Raises BudgetSpent."""
        ...

    def list_sales(self, *, page: int, updated_since: datetime | None) -> SalePage:
        """One page of up to 1,000 rows (blueprint: Sale List); `updated_since` None lists every sale."""
        ...

    def read_sale(self, sale_id: str) -> Sale: ...
    def read_fulfilments(self, sale_id: str) -> tuple[Fulfilment, ...]: ...

    def add_fulfilment(self, sale_id: str) -> tuple[Fulfilment, ...]:
        """Add a fulfilment task. On a simple sale this would convert the sale for good: never call it there."""
        ...

    def pick(self, task_id: str, lines: Iterable[StageLine]) -> None:
        """Write and authorise the pick. Raises Conflict when it is authorised already."""
        ...

    def pack(self, task_id: str, lines: Iterable[StageLine], *, replace: bool = False) -> None:
        """Write and authorise the pack, a box on every line. Raises Conflict when it is authorised already.

        DEAR adds to a draft that has lines; `replace` puts these in their place.
        """
        ...

    def ship(self, task_id: str, lines: Iterable[ShipLine], *, replace: bool = False) -> None:
        """Write and authorise the ship stage, a line per box; `replace` as for the pack. Raises Conflict likewise."""
        ...

    def update_tracking(self, task_id: str, lines: Iterable[ShipLine]) -> None:
        """Write tracking numbers and carriers of an authorised shipment anew: all its lines, each with its boxes."""
        ...

    def void_fulfilment(self, task_id: str) -> tuple[Fulfilment, ...]:
        """Void an open fulfilment of an advanced sale; the sale's as they are then, where DEAR's answer shows them."""
        ...

    def read_invoices(self, sale_id: str) -> tuple[Invoice, ...]: ...

    def create_invoice(self, invoice: InvoiceDraft) -> Invoice | None:
        """Write the invoice; its new record where DEAR's answer shows it. Raises Conflict when one stands already."""
        ...

    def read_bill(self, product_id: str) -> Bill:
        """The product with its bill of materials (blueprint: Product). Raises NotFound where DEAR has it not."""
        ...

    def catalogue(self, *, page: int) -> CataloguePage:
        """One page of up to 1,000 products, deprecated ones too (blueprint: Product)."""
        ...

    def find_product(self, *, sku: str, product_id: str = "") -> StockProduct | None:
        """The product with this id, or else with exactly this SKU; None where DEAR has it not."""
        ...

    def availability(self, location: str) -> Iterator[AvailabilityRow]: ...

    def adjust_stock(self, adjustment: Adjustment) -> None:
        """Write and complete a stock adjustment. An answer that nothing would change counts as done."""
        ...

    def find_adjustment(self, marker: str) -> bool:
        """Whether a completed stock adjustment carries this marker as its Reference."""
        ...

    def company(self) -> str:
        """The company's name (blueprint: Me): the test of the credentials."""
        ...

    def account_rules(self) -> AccountRules:
        """The account's time zone, tax method and payment terms (blueprint: Me, Payment Term): two calls."""
        ...

    def locations(self) -> dict[str, str]:
        """LocationID (lower case) to name, of every location."""
        ...

    def account_codes(self) -> frozenset[str]: ...
    def tax_rules(self) -> frozenset[str]: ...
    def calls_made(self) -> int: ...


# --- the warehouse -------------------------------------------------------------------------------------------


class WarehouseOrder(Record):
    """An order as the warehouse answers for it."""

    id: str
    reference: str
    status: str


class ShipmentPage(Record):
    """Some shipments, oldest change first. `cursor` is None on the last page."""

    shipments: tuple[Shipment, ...]
    refused: tuple[str, ...] = ()
    cursor: str | None


class Warehouse(Protocol):
    """The system that ships the goods."""

    @property
    def replaces_orders(self) -> bool:
        """Whether `replace_order` works; without it a changed order is cancelled there and sent anew."""
        ...

    def create_order(self, reference: str, content: Content) -> WarehouseOrder:
        """Send the order. Raises Conflict (with `found`) when the reference is taken; never sends twice by itself."""
        ...

    def find_order(self, reference: str) -> WarehouseOrder | None: ...

    def replace_order(self, order_id: str, reference: str, content: Content) -> None:
        """Replace the order's content; the same content twice is harmless. Raises Conflict when it is too late."""
        ...

    def cancel_order(self, order_id: str, reason: str) -> None:
        """Cancel the order; cancelling twice is harmless. Raises Conflict (with `found`) when it is too late."""
        ...

    def shipments(self, *, updated_since: datetime, cursor: str | None) -> ShipmentPage: ...
    def stock(self, *, cursor: str | None) -> StockSnapshotPage: ...


# --- what we keep --------------------------------------------------------------------------------------------


class DueKey(Record):
    """Something that waits in a step's work queue: keys only, to be read afresh."""

    partition: str
    sort: str
    due_at: datetime


class PushId(Record):
    """A push by its webhook id and its body's digest; one that came again has both."""

    connection: str
    webhook_id: str
    body_hash: str
    at: datetime


class AnsweredPush(Record):
    """A push, and what it was answered."""

    push: PushId
    answer: str


class Orders(Protocol):
    """Orders, shipments and the coverage ledger. Every write is conditional; a lost one raises LostRace."""

    def due(self, connection: str, step: Step, until: datetime, limit: int = 50) -> list[DueKey]:
        """What is due for the step, oldest first."""
        ...

    def next_due(self, connection: str, step: Step) -> datetime | None:
        """When the first item of the step's queue is due, be it in the future."""
        ...

    def order_at(self, key: DueKey) -> Order | None: ...
    def sale_at(self, key: DueKey) -> SaleEntry | None: ...
    def shipment_at(self, key: DueKey) -> ShipmentRecord | None: ...

    def order(self, connection: str, reference: str) -> Order | None: ...
    def order_by_warehouse_id(self, connection: str, warehouse_order_id: str) -> Order | None: ...
    def orders_of_sale(self, connection: str, sale_id: str) -> tuple[Order, ...]: ...

    def add_orders(self, entry: SaleEntry, orders: Iterable[Order]) -> None:
        """Store new orders with their references, next versions of others, and the sale's entry, all or nothing.

        `entry` is the next version of the stored one. A reference that is taken raises LostRace.
        """
        ...

    def save_order(self, order: Order) -> None:
        """Replace the order's previous version (`order.version - 1`); a new warehouse id becomes a look-up key."""
        ...

    def sale(self, connection: str, sale_id: str) -> SaleEntry | None: ...
    def sales(self, connection: str, sale_ids: Iterable[str]) -> dict[str, SaleEntry]: ...
    def save_sale(self, entry: SaleEntry) -> None: ...

    def shipment(self, connection: str, reference: str, shipment_id: str) -> ShipmentRecord | None: ...
    def shipments_of_order(self, order: Order) -> tuple[ShipmentRecord, ...]: ...

    def save_shipment(
        self, record: ShipmentRecord, order: Order | None = None, answered: AnsweredPush | None = None
    ) -> None:
        """Store a shipment record and, in the same transaction, the order's next version and the push that brought it.

        Raises AnsweredBefore when the push was answered meanwhile.
        """
        ...

    def save_settled(self, order: Order, shipments: Iterable[ShipmentRecord]) -> None:
        """Store the order's next version together with its shipments' next versions, all or nothing."""
        ...

    def list_orders(
        self, connection: str, status: OrderStatus, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Order]:
        """Orders in this status that last changed from `since` to `until`, the last changed first."""
        ...

    def list_sales(self, connection: str, decision: Decision) -> Iterator[SaleEntry]: ...
    def list_unmatched(self, connection: str) -> Iterator[ShipmentRecord]: ...

    def open_push(self, push: PushId, shipments: Iterable[Shipment]) -> "Orders":
        """The orders, what these shipments need of them read at once, ahead. Raises AnsweredBefore."""
        ...

    def save_answered(self, answered: AnsweredPush) -> None:
        """Keep the first answer to a push. Raises AnsweredBefore."""
        ...

    def sales_numbered(self, connection: str, order_number: str) -> tuple[SaleEntry, ...]: ...


class Checkpoint(Record):
    """How far a step has read. What the fields mean is the step's own affair."""

    since: datetime | None = None
    pass_started_at: datetime | None = None
    page: int = 1
    cursor: str | None = None
    notes: dict[str, str] = {}
    version: int = 0


class Lease(Protocol):
    """The right to be the only copy of a step that runs for a connection."""

    def keep(self) -> None:
        """Renew when it is time to. Raises LeaseLost when another copy has taken over."""
        ...


class StockWrite(Record):
    """A stock adjustment that is about to be sent: its lines, by SKU, as the history will keep them."""

    marker: str
    lines: tuple[tuple[str, Written], ...]


class Stock(Protocol):
    """What the inventory keeps: proposals, SKUs set aside, what was written, and the aliases of SKUs."""

    def proposals(self, connection: str) -> tuple[Proposal, ...]:
        """All that are kept; of those that are closed, only the last."""
        ...

    def save_proposal(self, proposal: Proposal) -> None:
        """Replace the proposal's previous version. Raises LostRace."""
        ...

    def asides(self, connection: str) -> tuple[Aside, ...]:
        """The SKUs that were set aside in the last 24 hours."""
        ...

    def set_aside(self, connection: str, aside: Aside) -> None: ...

    def begin(self, connection: str, write: StockWrite) -> None:
        """Record the intent of a write: while it stands, the outcome is not known."""
        ...

    def begun(self, connection: str) -> StockWrite | None: ...
    def end(self, connection: str) -> None: ...

    def add_history(self, connection: str, sku: str, written: Written) -> None: ...

    def history(self, connection: str, sku: str) -> tuple[Written, ...]:
        """What was written of a SKU at every location, the newest first."""
        ...

    def aliases(self, connection: str) -> Aliases: ...

    def save_aliases(self, connection: str, aliases: Aliases) -> None:
        """Put these in the place of all that stood there."""
        ...


class LeftOut(Record):
    """A connection whose stored settings no longer pass, as after an update: nothing can run for it."""

    name: str
    active: bool
    problem: str


class Checkpoints(Protocol):
    """Connections, checkpoints, leases and run reports."""

    @property
    def stock(self) -> Stock: ...

    def connections(self) -> tuple[Connection, ...]:
        """Every connection whose settings can work, by name."""
        ...

    def every_connection(self) -> tuple[Connection | LeftOut, ...]:
        """Those too whose settings cannot work, by name."""
        ...

    def connection_names(self) -> tuple[str, ...]:
        """Of every connection, also of one whose settings cannot work."""
        ...

    def connection(self, name: str) -> Connection | None: ...
    def save_connection(self, connection: Connection) -> None: ...

    def checkpoint(self, connection: str, step: Step) -> Checkpoint: ...

    def save_checkpoint(self, connection: str, step: Step, checkpoint: Checkpoint) -> Checkpoint:
        """Store it if the stored one still has `checkpoint.version`; the stored one, with its new version."""
        ...

    def take_lease(self, connection: str, step: Step, holder: str, seconds: float) -> Lease | None:
        """The lease, or None while another holder has it."""
        ...

    def release_lease(self, connection: str, step: Step, holder: str) -> None: ...
    def save_report(self, report: Report) -> None: ...
    def reports(self, connection: str) -> tuple[Report, ...]: ...

    def note_hint(self, connection: str, at_most_every: timedelta) -> bool:
        """Note that DEAR told of a change; False where that was noted already a shorter time ago."""
        ...

    def bill(self, connection: str, product_id: str) -> Bill | None:
        """What was remembered of the product less than a day ago."""
        ...

    def remember_bill(self, connection: str, bill: Bill) -> None: ...
