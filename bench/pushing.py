"""What a push costs: the time that checking it takes, and the store's requests, over the table in memory."""

import json
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from hmac import digest
from statistics import median
from typing import Any

from bench.result import Row, Sizes, Tell, at_most
from bench.sales import SETTINGS, seed, simple, stock_up
from bench.world import NAME, World
from crossdock.domain.aliases import Aliases
from crossdock.domain.order import Order
from crossdock.domain.states import OrderStatus
from receive_tracking.api import TrackingApi
from receive_tracking.door import Door
from receive_tracking.message import read_push
from receive_tracking.signature import verify

_KEY = b"k" * 32
SECRET = "whsec_" + b64encode(_KEY).decode()
LONGEST_CHECK = 2.0
"""Milliseconds."""
MOST_REQUESTS = 2

type Push = tuple[dict[str, str], bytes]
"""Headers and body."""


def pushing(sizes: Sizes, tell: Tell) -> list[Row]:
    """A push of one shipment for each order, then the same again, then all of them in pushes of many."""
    world, orders = world_with_orders(sizes.orders, tell)
    at = world.clock.now()
    pushes = [signed(f"msg_{number}", [shipment(order)], at) for number, order in enumerate(orders)]
    tell(f"{len(pushes)} pushes")
    api = _api(world)
    api.push(NAME, *signed("msg_first", [{}], at))  # what a new process reads once
    of = "pushes"
    rows = [
        Row(
            of,
            "milliseconds of checking: signature, reading, validating (median)",
            _check(pushes),
            at_most(LONGEST_CHECK),
        )
    ]
    for what, again in (("a first shipment", pushes), ("the same push again", pushes)):
        rows.append(Row(of, f"DynamoDB requests, {what}", _requests(world, api, again), at_most(MOST_REQUESTS)))
    anew = [signed(f"anew_{number}", [shipment(order)], at) for number, order in enumerate(orders)]
    rows.append(
        Row(
            of, "DynamoDB requests, a known shipment in a new push", _requests(world, api, anew), at_most(MOST_REQUESTS)
        )
    )
    further = [signed(f"more_{number}", [shipment(order, "-2")], at) for number, order in enumerate(orders)]
    rows.append(Row(of, "DynamoDB requests, a further shipment of its order", _requests(world, api, further)))
    strange = [signed(f"odd_{n}", [shipment(order) | {"reference": f"ODD-{n}"}], at) for n, order in enumerate(orders)]
    rows.append(Row(of, "DynamoDB requests, an unknown order", _requests(world, api, strange), at_most(MOST_REQUESTS)))
    rows.append(Row(of, "milliseconds in the function, store in memory (median)", _duration(world, api, orders)))
    return rows


def shipment(order: Order, more: str = "") -> dict[str, Any]:
    """What the warehouse would push: all of the order in one parcel."""
    lines = [{"line_id": line.line_id, "sku": line.sku, "quantity": str(line.quantity)} for line in order.content.lines]
    parcel = {"parcel_id": "P-1", "carrier": "STANDARD", "tracking_number": "TRACK-1", "lines": lines}
    at = order.updated_at.isoformat()
    return {
        "id": f"SHP-{order.reference}{more}", "revision": 1, "order_id": order.warehouse_order_id,
        "reference": order.reference, "kind": "shipped", "shipped_at": at, "final": True, "parcels": [parcel],
        "updated_at": at,
    }  # fmt: skip


def signed(webhook_id: str, shipments: list[dict[str, Any]], at: datetime, sent: datetime | None = None) -> Push:
    """A push of this time as the warehouse signs it when it is sent."""
    body = json.dumps({"type": "shipment.updated", "timestamp": at.isoformat(), "data": shipments}).encode()
    stamp = str(int((sent or at).timestamp()))
    signature = b64encode(digest(_KEY, f"{webhook_id}.{stamp}.".encode() + body, "sha256")).decode()
    headers = {"webhook-id": webhook_id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
    return headers, body


def world_with_orders(count: int, tell: Tell) -> tuple[World, list[Order]]:
    """Orders that the warehouse has."""
    world = World(SETTINGS)
    stock_up(world)
    seed(world, [simple(f"SO-{number}") for number in range(count)])
    tell(f"{count} orders go to the warehouse")
    for _ in range(count):
        world.tick()
        world.clock.sleep(60)
        found = list(world.orders.list_orders(NAME, OrderStatus.AT_WMS))
        if len(found) == count:
            world.checkpoints.save_connection(world.connection)
            return world, found
    raise RuntimeError("not every order came to the warehouse")


class _Secrets:
    """The secret of the one connection."""

    def webhook(self, connection: str, at: datetime, *, fresh: bool = False) -> tuple[str, ...]:  # noqa: ARG002
        return (SECRET,)

    def dear_token(self, connection: str) -> str | None:  # noqa: ARG002
        return None


def _api(world: World) -> TrackingApi:
    door = Door(world.checkpoints, _Secrets(), world.clock, log=lambda _: world.log)
    return TrackingApi(world.orders, world.checkpoints, world.clock, door)


def _check(pushes: list[Push]) -> float:
    """The median of what stands between a body's arrival and the store."""

    def check(push: Push) -> Callable[[], object]:
        headers, body = push
        now = datetime.fromtimestamp(int(headers["webhook-timestamp"])).astimezone()
        aliases = Aliases()
        return lambda: [aliases.incoming(each) for each in read_push(body) if verify(headers, body, [SECRET], now)]

    return _median(check(push) for push in pushes)


def _duration(world: World, api: TrackingApi, orders: list[Order]) -> float:
    at = world.clock.now()
    pushes = [signed(f"last_{number}", [shipment(order, "-3")], at) for number, order in enumerate(orders)]
    return _median((lambda push=push: api.push(NAME, *push)) for push in pushes)


def _median(works: Any) -> float:
    taken = []
    for work in works:
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return round(median(taken), 3)


def _requests(world: World, api: TrackingApi, pushes: list[Push]) -> float:
    """Requests to the store for each push, all of which must be accepted."""
    world.tables.meter.clear()
    for push in pushes:
        answer = api.push(NAME, *push)
        if answer.status != 202:  # noqa: PLR2004 - accepted
            raise RuntimeError(f"a push was answered {answer.status}: {answer.body}")
    return world.tables.meter.requests.total() / len(pushes)
