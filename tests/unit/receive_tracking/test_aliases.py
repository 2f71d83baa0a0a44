"""A push names products as the warehouse does; what is stored names them as DEAR does."""

import json
from typing import cast

from crossdock.domain.aliases import Aliases
from crossdock.domain.states import OrderStatus
from crossdock.ports import Checkpoints, Orders
from receive_tracking.api import TrackingApi
from receive_tracking.door import Door
from receive_tracking.step import Push, receive
from tests.unit.builders import order, shipment
from tests.unit.receive_tracking.fakes import MemoryCheckpoints, MemoryOrders, StoppedClock
from tests.unit.receive_tracking.test_door import BODY, SECRET, ListLog, MemorySecrets, signed


def test_a_pushed_shipment_is_stored_with_dears_skus() -> None:
    orders = MemoryOrders(order(OrderStatus.AT_WMS))
    pushed = shipment()
    names = {line.sku for parcel in pushed.parcels for line in parcel.lines}
    aliases = Aliases(pairs=tuple((f"DEAR-{name}", name) for name in sorted(names)))
    data = pushed.model_dump(mode="json")
    body = json.dumps({"type": "shipment.updated", "timestamp": "2026-03-02T12:29:59Z", "data": data}).encode()

    receive("main", Push(webhook_id="msg_1", body=body), cast("Orders", orders), aliases, StoppedClock())

    (record,) = orders.records.values()
    stored = {line.sku for parcel in record.shipment.parcels for line in parcel.lines}
    assert stored == {f"DEAR-{name}" for name in names}


def test_aliases_are_read_again_when_they_are_half_a_minute_old() -> None:
    checkpoints, clock = MemoryCheckpoints("main"), StoppedClock()
    door = Door(cast("Checkpoints", checkpoints), MemorySecrets(main=(SECRET,)), clock, log=ListLog())
    api = TrackingApi(cast("Orders", MemoryOrders()), cast("Checkpoints", checkpoints), clock, door)

    for wait in (0, 29, 1, 29):
        clock.sleep(wait)
        assert api.push("main", signed(), BODY.encode()).status == 400

    assert checkpoints.aliases_read == ["main", "main"]
