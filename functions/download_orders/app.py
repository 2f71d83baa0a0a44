"""Lambda entry of download_orders."""

from crossdock.domain.states import Step
from crossdock.runtime.handler import scheduled
from download_orders.step import download_orders

handler = scheduled(Step.DOWNLOAD_ORDERS, download_orders)
