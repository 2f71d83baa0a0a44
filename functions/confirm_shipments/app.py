"""Lambda entry of confirm_shipments."""

from confirm_shipments.step import confirm_shipments
from crossdock.domain.states import Step
from crossdock.runtime.handler import scheduled

handler = scheduled(Step.CONFIRM_SHIPMENTS, confirm_shipments)
