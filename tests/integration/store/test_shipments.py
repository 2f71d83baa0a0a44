"""Shipments in the table: one place each, and never apart from their order's next version."""

from typing import Any

import pytest

from crossdock.domain.errors import LostRace
from crossdock.domain.order import Order
from crossdock.domain.states import OrderStatus, ShipmentStatus, Step
from crossdock.store.orders import DynamoOrders
from tests.integration.store.records import CONNECTION, NOON, at, order, sale, shipment, unmatched


@pytest.fixture
def at_warehouse(orders: DynamoOrders) -> Order:
    """An order that the warehouse has."""
    orders.add_orders(sale(), [order()])
    sent = order().moved(OrderStatus.AT_WMS, at(1), warehouse_order_id="W-7")
    orders.save_order(sent)
    return sent


def matched(record: Any) -> Any:
    """The unmatched record once its sale is known."""
    return record.moved(ShipmentStatus.RECEIVED, at(3)).model_copy(update={"sale_id": "sale-1", "due_at": None})


def test_a_shipment_is_stored_together_with_its_orders_move(orders: DynamoOrders, at_warehouse: Order) -> None:
    shipped = at_warehouse.moved(OrderStatus.SHIPPED, at(2))

    orders.save_shipment(shipment(), shipped)

    assert orders.shipment(CONNECTION, "SO-1", "SH-1") == shipment()
    assert orders.shipments_of_order(shipped) == (shipment(),)
    assert orders.order(CONNECTION, "SO-1") == shipped


def test_a_shipment_is_not_stored_when_its_order_was_changed(orders: DynamoOrders, at_warehouse: Order) -> None:
    noted = at_warehouse.noted(at(2), event="seen")
    orders.save_order(noted)

    with pytest.raises(LostRace) as lost:
        orders.save_shipment(shipment(), at_warehouse.moved(OrderStatus.SHIPPED, at(3)))

    assert lost.value.winner == noted
    assert orders.shipment(CONNECTION, "SO-1", "SH-1") is None


def test_a_shipment_that_comes_twice_is_stored_once(orders: DynamoOrders, at_warehouse: Order) -> None:
    shipped = at_warehouse.moved(OrderStatus.SHIPPED, at(2))
    orders.save_shipment(shipment(), shipped)

    with pytest.raises(LostRace) as lost:
        orders.save_shipment(shipment(received_at=at(9)), shipped.noted(at(9), event="again"))

    assert lost.value.winner == shipment()
    assert orders.order(CONNECTION, "SO-1") == shipped


def test_an_unmatched_shipment_waits_to_be_matched(orders: DynamoOrders) -> None:
    orders.save_shipment(unmatched())

    (key,) = orders.due(CONNECTION, Step.COLLECT_SHIPMENTS, NOON)

    assert orders.shipment_at(key) == unmatched()
    assert orders.shipment(CONNECTION, "SO-1", "SH-1") == unmatched()
    assert list(orders.list_unmatched(CONNECTION)) == [unmatched()]


def test_an_unmatched_shipment_may_wait_longer(orders: DynamoOrders) -> None:
    orders.save_shipment(unmatched())
    later = unmatched(version=2, attempts=1, due_at=at(60))

    orders.save_shipment(later)

    assert orders.next_due(CONNECTION, Step.COLLECT_SHIPMENTS) == at(60)
    assert orders.shipment(CONNECTION, "SO-1", "SH-1") == later


def test_a_matched_shipment_leaves_its_place_among_the_unmatched(orders: DynamoOrders) -> None:
    orders.save_shipment(unmatched())
    orders.add_orders(sale(), [order(status=OrderStatus.AT_WMS, due_at=None)])
    shipped = order(status=OrderStatus.AT_WMS, due_at=None).moved(OrderStatus.SHIPPED, at(3))
    found = matched(unmatched())

    orders.save_shipment(found, shipped)

    assert orders.shipment(CONNECTION, "SO-1", "SH-1") == found
    assert orders.shipments_of_order(shipped) == (found,)
    assert list(orders.list_unmatched(CONNECTION)) == []
    assert orders.due(CONNECTION, Step.COLLECT_SHIPMENTS, at(999)) == []
    assert orders.order(CONNECTION, "SO-1") == shipped


def test_of_two_that_match_a_shipment_the_second_loses(orders: DynamoOrders, at_warehouse: Order) -> None:
    other = unmatched(reference="SO-1b")
    orders.save_shipment(other)
    orders.save_shipment(matched(other))

    with pytest.raises(LostRace) as lost:
        orders.save_shipment(matched(other), at_warehouse.moved(OrderStatus.SHIPPED, at(4)))

    assert lost.value.winner == matched(other)
    assert orders.order(CONNECTION, "SO-1") == at_warehouse


def test_a_shipment_is_not_unmatched_once_its_reference_is_known(orders: DynamoOrders, at_warehouse: Order) -> None:
    with pytest.raises(LostRace) as lost:
        orders.save_shipment(unmatched())

    assert lost.value.winner == at_warehouse
    assert list(orders.list_unmatched(CONNECTION)) == []


def test_a_shipment_that_waits_unmatched_is_not_stored_a_second_time(orders: DynamoOrders) -> None:
    orders.save_shipment(unmatched())
    orders.add_orders(sale(), [order()])

    with pytest.raises(LostRace) as lost:
        orders.save_shipment(shipment())

    assert lost.value.winner == unmatched()
    assert orders.shipments_of_order(order()) == ()


def test_a_shipment_of_a_known_sale_changes_in_place(orders: DynamoOrders, at_warehouse: Order) -> None:
    orders.save_shipment(shipment(), at_warehouse.moved(OrderStatus.SHIPPED, at(2)))
    voided = shipment().moved(ShipmentStatus.VOIDED, at(3))

    orders.save_shipment(voided)
    with pytest.raises(LostRace) as lost:
        orders.save_shipment(shipment().moved(ShipmentStatus.CONFIRMED, at(4)))

    assert orders.shipments_of_order(order()) == (voided,)
    assert lost.value.winner == voided


def test_an_order_is_settled_with_all_its_shipments_or_not_at_all(orders: DynamoOrders, at_warehouse: Order) -> None:
    partly = at_warehouse.moved(OrderStatus.PART_SHIPPED, at(2))
    shipped = partly.moved(OrderStatus.SHIPPED, at(3))
    orders.save_shipment(shipment("SH-1"), partly)
    orders.save_shipment(shipment("SH-2"), shipped)
    confirmed = [shipment(name).moved(ShipmentStatus.CONFIRMED, at(4)) for name in ("SH-1", "SH-2")]
    done = shipped.moved(OrderStatus.CONFIRMED, at(4))

    with pytest.raises(LostRace):
        orders.save_settled(done, [confirmed[0], confirmed[1].model_copy(update={"version": 9})])
    untouched = orders.shipments_of_order(done)
    orders.save_settled(done, confirmed)

    assert [record.status for record in untouched] == [ShipmentStatus.RECEIVED, ShipmentStatus.RECEIVED]
    assert list(orders.shipments_of_order(done)) == confirmed
    assert orders.order(CONNECTION, "SO-1") == done


def test_shipments_of_similar_references_stay_apart(orders: DynamoOrders) -> None:
    orders.add_orders(sale(), [order("SO-1"), order("SO-1.1")])
    orders.save_shipment(shipment("SH-1", "SO-1"))
    orders.save_shipment(shipment("SH-2", "SO-1.1"))

    found = orders.shipments_of_order(order("SO-1"))

    assert [record.shipment.id for record in found] == ["SH-1"]
