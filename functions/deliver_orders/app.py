"""Lambda entry of deliver_orders."""

from crossdock.domain.states import Step
from crossdock.runtime.handler import scheduled
from deliver_orders.step import deliver_orders

handler = scheduled(Step.DELIVER_ORDERS, deliver_orders)
