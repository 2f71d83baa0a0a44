"""Lambda entry of reconcile."""

from crossdock.domain.states import Step
from crossdock.runtime.handler import scheduled
from reconcile.step import reconcile

handler = scheduled(Step.RECONCILE, reconcile)
