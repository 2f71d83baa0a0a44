"""What `--json` prints: stable, and documented field by field in docs/cli.md.

No shape but `Addresses` holds personal data.
"""

from datetime import date, datetime
from decimal import Decimal

from cli.stock_shapes import AliasesShown, Inventory, InventoryDecided, InventoryPreview
from cli.webhook_shapes import DearToken, SecretRotated, WebhookAddresses, WebhookTried
from crossdock.domain.model import Event, Record
from crossdock.domain.reconciling import FindingKind
from crossdock.domain.report import Problem, Report, RunOutcome
from crossdock.domain.shipment import Parcel
from crossdock.domain.states import Decision, OrderStatus, ShipmentStatus, Step
from crossdock.ports import LeftOut


class LastRun(Record):
    """The last run of a step; all but `step` are null before the first."""

    step: Step
    outcome: RunOutcome | None = None
    finished_at: datetime | None = None
    moved: int | None = None
    dear_calls: int | None = None
    stopped_because: str | None = None
    problems: tuple[Problem, ...] = ()


class ConnectionShown(Record):
    """A connection with the last run of each step, in workflow order.

    `waiting_steps` do nothing while it recovers from a restore of the tables.
    """

    name: str
    active: bool
    dear_base_url: str
    warehouse_adapter: str
    warehouse_base_url: str
    last_runs: tuple[LastRun, ...]
    recovering_since: datetime | None
    waiting_steps: tuple[Step, ...]


class Connections(Record):
    """`crossdock connections`. `left_out`: those whose settings no longer pass, so that no step runs for them."""

    connections: tuple[ConnectionShown, ...]
    left_out: tuple[LeftOut, ...]


class OrderRow(Record):
    """An order; or a sale that waits or was stopped, with its decision as `status` and without a reference."""

    connection: str
    order_number: str
    reference: str | None
    sale_id: str
    status: str
    reason_code: str | None
    why: str
    tried_again_at: datetime | None
    created_at: datetime
    updated_at: datetime
    tracking_numbers: tuple[str, ...]


class Orders(Record):
    """`crossdock orders`."""

    totals: dict[str, int]
    orders: tuple[OrderRow, ...]


class Line(Record):
    """A line of an order. `short`: units that will not ship any more, once the last shipment has left."""

    line_id: str
    sku: str
    name: str
    quantity: Decimal
    lot: str | None
    shipped: Decimal
    short: Decimal


class ShippedLine(Record):
    """So many of an order line in a parcel."""

    line_id: str | None
    sku: str
    quantity: Decimal
    lot: str | None


class ParcelShown(Record):
    """A box that left the building."""

    parcel_id: str
    carrier: str | None
    service: str | None
    tracking_number: str | None
    tracking_url: str | None
    lines: tuple[ShippedLine, ...]

    @classmethod
    def of(cls, parcel: Parcel) -> "ParcelShown":
        lines = tuple(
            ShippedLine(line_id=line.line_id, sku=line.sku, quantity=line.quantity, lot=line.lot)
            for line in parcel.lines
        )
        return cls(
            parcel_id=parcel.parcel_id,
            carrier=parcel.carrier,
            service=parcel.service,
            tracking_number=parcel.tracking_number,
            tracking_url=parcel.tracking_url,
            lines=lines,
        )


class ShipmentShown(Record):
    """What the warehouse reported."""

    id: str
    revision: int
    status: ShipmentStatus
    shipped_at: datetime
    received_at: datetime
    final: bool
    parcels: tuple[ParcelShown, ...]


class Mappings(Record):
    """What the order is called everywhere."""

    sale_id: str
    sale_number: str
    task_id: str | None
    fulfilment_number: int | None
    reference: str
    warehouse_order_id: str | None
    invoice_number: str | None


class OrderShown(Record):
    """Everything about one order, but for personal data: of the address, city and country at most."""

    order_number: str
    status: OrderStatus
    reason_code: str | None
    why: str
    happens_next: str
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    warehouse: str | None
    location: str | None
    ship_method: str | None
    ship_to_city: str | None
    ship_to_country: str | None
    mappings: Mappings
    lines: tuple[Line, ...]
    shipments: tuple[ShipmentShown, ...]
    timeline: tuple[Event, ...]


class SaleShown(Record):
    """A sale's entry in the ledger."""

    connection: str
    order_number: str
    sale_id: str
    dear_status: str
    decision: Decision
    reason_code: str | None
    why: str
    happens_next: str
    due_at: datetime | None
    first_seen_at: datetime
    updated_at: datetime


class FoundSale(Record):
    """A sale that the search found, with those of its orders that were asked for."""

    connection: str
    sale: SaleShown | None
    orders: tuple[OrderShown, ...]


class Found(Record):
    """`crossdock order NUMBER`."""

    searched_for: str
    found: tuple[FoundSale, ...]


class AddressPart(Record):
    """A part of an address: as DEAR's field has it, as its display lines say it, and as the warehouse is told."""

    part: str
    in_fields: str | None
    in_display_lines: str | None
    sent: str | None


class AddressShown(Record):
    """A sale's shipping address. `verdict`: sent as it is, read from the display lines, or held."""

    connection: str
    order_number: str
    sale_id: str
    parts: tuple[AddressPart, ...]
    display_lines: tuple[str, str]
    in_no_field: tuple[str, ...]
    verdict: str
    reason_code: str | None
    why: str


class Addresses(Record):
    """`crossdock address`: the one document with personal data, for the person who asks for it."""

    searched_for: str
    addresses: tuple[AddressShown, ...]


class Turned(Record):
    """`crossdock hold` and `crossdock release`: an order, or a sale without a reference, from one state to another."""

    connection: str
    order_number: str
    sale_id: str
    reference: str | None
    before: str
    after: str
    reason_code: str | None
    why: str
    happens_next: str
    due_at: datetime | None
    note: str | None


class ForgottenOrder(Record):
    """A done order whose personal data is gone; `changed`: it was there until now."""

    connection: str
    order_number: str
    reference: str
    status: OrderStatus
    forgotten_at: datetime
    changed: bool


class Forgotten(Record):
    """`crossdock forget`."""

    orders: tuple[ForgottenOrder, ...]


class LedgerCount(Record):
    """How many sales have this decision for this reason; `why` is the reason in people's words."""

    decision: Decision
    reason_code: str | None
    why: str
    sales: int


class LedgerRow(Record):
    """A sale that DEAR's list showed, and what became of it."""

    connection: str
    order_number: str
    sale_id: str
    dear_status: str
    decision: Decision
    reason_code: str | None
    why: str
    references: tuple[str, ...]
    first_seen_at: datetime
    updated_at: datetime


class Ledger(Record):
    """`crossdock ledger`."""

    counts: tuple[LedgerCount, ...]
    sales: tuple[LedgerRow, ...]


class PreviewGroup(Record):
    """Sales that would not load, for one reason. `breakdown`: what tells them apart, to how many have it."""

    decision: Decision
    reason_code: str
    sales: int
    why: str
    mend: str
    breakdown: dict[str, int]
    examples: tuple[str, ...]


class MissingName(Record):
    """A name that the settings and DEAR do not share. `sales`: how many it concerns, null where it is none's."""

    kind: str
    name: str
    field: str
    sales: int | None
    effect: str
    mend: str


class Preview(Record):
    """`crossdock preview`. `partial`: it ended before `not_read` sales were read."""

    connection: str
    asked_for: int
    found: int
    loads: int
    does_not_load: int
    orders: int
    partial: bool
    not_read: int
    groups: tuple[PreviewGroup, ...]
    missing: tuple[MissingName, ...]
    earliest_order_date: date | None
    would_be_too_old: int | None
    unreadable_rows: tuple[str, ...]
    dear_calls: int


class Failure(Record):
    """A function that did not run to its end."""

    step: Step
    connection: str
    problem: str
    log: str


class Left(Record):
    """What was still to be done when the command ended."""

    step: Step
    connection: str
    because: str
    due_at: datetime | None


class Tick(Record):
    """`crossdock tick`. `quiet`: no step moved anything and nothing is due; null without --until-quiet."""

    rounds: int
    seconds: float
    quiet: bool | None
    reports: tuple[Report, ...]
    failures: tuple[Failure, ...]
    left: tuple[Left, ...]


class FindingShown(Record):
    """Something on which DEAR and Crossdock disagree, or did until this command."""

    connection: str
    kind: FindingKind
    order_number: str
    sale_id: str
    dear_says: str
    we_say: str
    what_to_do: str


class Reconciled(Record):
    """`crossdock reconcile`. `left`: connections whose list was not compared to the end."""

    listed: int
    dear_calls: int
    counts: dict[str, int]
    findings: tuple[FindingShown, ...]
    left: tuple[Left, ...]


class RewindCount(Record):
    """How many sales would fare the same for the same reason, with some of their numbers."""

    outcome: str
    reason_code: str | None
    why: str | None
    sales: int
    examples: tuple[str, ...]


class RewindRow(Record):
    """A sale that changed since, and what a re-read would do with it."""

    connection: str
    order_number: str
    sale_id: str
    outcome: str
    reason_code: str | None
    why: str | None


class Rewound(Record):
    """`crossdock rewind`. `counts` and `sales` belong to a dry run."""

    to: datetime
    dry_run: bool
    connections: tuple[str, ...]
    whole_list: tuple[str, ...]
    dear_calls: int
    counts: tuple[RewindCount, ...]
    sales: tuple[RewindRow, ...]


class Recovery(Record):
    """`crossdock recover`. `waiting_steps` do nothing until what was done since `to` is known again."""

    to: datetime
    began_at: datetime
    connections: tuple[str, ...]
    waiting_steps: tuple[Step, ...]


ANSWERS: dict[str, type[Record]] = {
    "connections": Connections,
    "orders": Orders,
    "order": Found,
    "address": Addresses,
    "hold": Turned,
    "release": Turned,
    "forget": Forgotten,
    "ledger": Ledger,
    "preview": Preview,
    "tick": Tick,
    "reconcile": Reconciled,
    "rewind": Rewound,
    "recover": Recovery,
    "inventory show": Inventory,
    "inventory approve": InventoryDecided,
    "inventory reject": InventoryDecided,
    "inventory preview": InventoryPreview,
    "inventory aliases": AliasesShown,
    "webhook show-url": WebhookAddresses,
    "webhook secret rotate": SecretRotated,
    "webhook dear-token": DearToken,
    "webhook test": WebhookTried,
}
"""Command to the document that it prints."""
