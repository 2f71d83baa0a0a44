"""Lambda entry of sync_inventory."""

from crossdock.domain.states import Step
from crossdock.runtime.handler import scheduled
from sync_inventory.step import sync_inventory

handler = scheduled(Step.SYNC_INVENTORY, sync_inventory)
