"""The states of orders, shipments and sales, and every move that is allowed between them."""

from enum import StrEnum

from crossdock.domain.errors import IllegalMove


class Step(StrEnum):
    """The workflow steps. The same name is the folder, the function, the metric and the log field."""

    DOWNLOAD_ORDERS = "download_orders"
    DELIVER_ORDERS = "deliver_orders"
    COLLECT_SHIPMENTS = "collect_shipments"
    RECEIVE_TRACKING = "receive_tracking"
    CONFIRM_SHIPMENTS = "confirm_shipments"
    CREATE_INVOICES = "create_invoices"
    SYNC_INVENTORY = "sync_inventory"
    RECONCILE = "reconcile"


DAILY_STEPS = (Step.RECONCILE,)
"""Work of once a day: a tick invokes them only by name, for each costs a reading of the whole list."""

SCHEDULED_STEPS = tuple(step for step in Step if step not in {Step.RECEIVE_TRACKING, *DAILY_STEPS})
"""In workflow order: what a tick invokes."""


class OrderStatus(StrEnum):
    """Where an order stands."""

    NEW = "new"
    AT_WMS = "at_wms"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    CONFIRMED = "confirmed"
    INVOICED = "invoiced"
    HELD = "held"
    ERROR = "error"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELED = "canceled"


class ShipmentStatus(StrEnum):
    """Where a shipment stands."""

    UNMATCHED = "unmatched"
    RECEIVED = "received"
    CONFIRMED = "confirmed"
    INVOICED = "invoiced"
    VOIDED = "voided"


class Decision(StrEnum):
    """What became of a sale that saleList showed. Every row has exactly one."""

    PENDING = "pending"
    LOADED = "loaded"
    SKIPPED = "skipped"
    HELD = "held"
    VOIDED = "voided"
    ERROR = "error"


_S = OrderStatus
STOPS = frozenset({_S.HELD, _S.ERROR})
"""Where an order waits for a person."""
LEAVING = frozenset({_S.CANCELED, _S.CANCEL_REQUESTED})
"""Where an order stands for no fulfilment any more: a sale that asks for its goods again gets a new order."""
DONE = frozenset({_S.CONFIRMED, _S.INVOICED, _S.CANCELED})
"""Where an order ends, once nothing is due any more."""
_WORKING = frozenset({_S.NEW, _S.AT_WMS, _S.PART_SHIPPED, _S.SHIPPED, _S.CONFIRMED})

ORDER_MOVES: dict[OrderStatus, frozenset[OrderStatus]] = {
    # The warehouse may report a shipment before the answer to our delivery was recorded: facts go first.
    _S.NEW: frozenset({_S.AT_WMS, _S.PART_SHIPPED, _S.SHIPPED, _S.CANCEL_REQUESTED, _S.CANCELED}) | STOPS,
    _S.AT_WMS: frozenset({_S.PART_SHIPPED, _S.SHIPPED, _S.CANCEL_REQUESTED, _S.CANCELED}) | STOPS,
    _S.PART_SHIPPED: frozenset({_S.AT_WMS, _S.SHIPPED}) | STOPS,
    _S.SHIPPED: frozenset({_S.AT_WMS, _S.PART_SHIPPED, _S.CONFIRMED}) | STOPS,
    _S.CONFIRMED: frozenset({_S.INVOICED}) | STOPS,
    _S.INVOICED: STOPS,
    # A stop is left by a person's release, back to where the order stood, or by a fact from the warehouse.
    _S.HELD: _WORKING | {_S.CANCEL_REQUESTED, _S.CANCELED, _S.INVOICED},
    _S.ERROR: _WORKING | {_S.CANCEL_REQUESTED, _S.CANCELED, _S.INVOICED, _S.HELD},
    # Where a part leaves first, the rest is for a person: it is held.
    _S.CANCEL_REQUESTED: frozenset({_S.AT_WMS, _S.SHIPPED, _S.CANCELED}) | STOPS,
    # The warehouse shipped what it had cancelled: a person must look.
    _S.CANCELED: frozenset({_S.HELD}),
}
"""The whole table. A move that is not here is refused."""

SHIPMENT_MOVES: dict[ShipmentStatus, frozenset[ShipmentStatus]] = {
    ShipmentStatus.UNMATCHED: frozenset({ShipmentStatus.RECEIVED, ShipmentStatus.VOIDED}),
    ShipmentStatus.RECEIVED: frozenset({ShipmentStatus.CONFIRMED, ShipmentStatus.VOIDED}),
    ShipmentStatus.CONFIRMED: frozenset({ShipmentStatus.INVOICED}),
    ShipmentStatus.INVOICED: frozenset(),
    ShipmentStatus.VOIDED: frozenset({ShipmentStatus.RECEIVED}),
}

QUEUE_OF: dict[OrderStatus, Step] = {
    OrderStatus.NEW: Step.DELIVER_ORDERS,
    OrderStatus.CANCEL_REQUESTED: Step.DELIVER_ORDERS,
    OrderStatus.SHIPPED: Step.CONFIRM_SHIPMENTS,
    OrderStatus.CONFIRMED: Step.CREATE_INVOICES,
}
"""Which step works on an order in this status. No entry: nothing is due, the order waits for the outside."""


def check_order_move(before: OrderStatus, after: OrderStatus) -> None:
    """Refuse a move that the table does not have."""
    if after is not before and after not in ORDER_MOVES[before]:
        raise IllegalMove(f"an order cannot go from {before} to {after}")


def check_shipment_move(before: ShipmentStatus, after: ShipmentStatus) -> None:
    """Refuse a move that the table does not have."""
    if after is not before and after not in SHIPMENT_MOVES[before]:
        raise IllegalMove(f"a shipment cannot go from {before} to {after}")
