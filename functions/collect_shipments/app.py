"""Lambda entry of collect_shipments."""

from collect_shipments.step import collect_shipments
from crossdock.domain.states import Step
from crossdock.runtime.handler import scheduled

handler = scheduled(Step.COLLECT_SHIPMENTS, collect_shipments)
