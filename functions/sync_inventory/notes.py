"""What the step must remember from one run to the next: a write that was begun, and SKUs that DEAR refuses."""

import json
from datetime import datetime, timedelta

from crossdock.domain.states import Step
from crossdock.workflow import Workplace

_BEGUN, _ASIDE = "begun", "aside"
ASIDE_FOR = timedelta(hours=24)
"""So long a refused SKU is left out, so that it does not cost calls in every pass; then it is tried again."""


class Notes:
    """Kept with the step's checkpoint."""

    def __init__(self, work: Workplace) -> None:
        self._work = work

    def begin(self, marker: str) -> None:
        """Record that an adjustment with this marker is about to be sent."""
        self._put(_BEGUN, marker)

    def end(self) -> None:
        """Record that its outcome is known."""
        self._put(_BEGUN, None)

    def begun(self) -> str | None:
        """The marker of an adjustment whose outcome is not known."""
        return self._notes().get(_BEGUN)

    def set_aside(self, sku: str, at: datetime) -> None:
        self._put(_ASIDE, json.dumps({**self._aside(), sku: at.isoformat()}))

    def aside(self, now: datetime) -> frozenset[str]:
        """SKUs that DEAR refused not long ago."""
        return frozenset(sku for sku, at in self._aside().items() if datetime.fromisoformat(at) + ASIDE_FOR > now)

    def _aside(self) -> dict[str, str]:
        kept: dict[str, str] = json.loads(self._notes().get(_ASIDE, "{}"))
        return kept

    def _notes(self) -> dict[str, str]:
        return self._work.checkpoints.checkpoint(self._work.name, Step.SYNC_INVENTORY).notes

    def _put(self, key: str, value: str | None) -> None:
        checkpoint = self._work.checkpoints.checkpoint(self._work.name, Step.SYNC_INVENTORY)
        notes = {name: kept for name, kept in checkpoint.notes.items() if name != key}
        if value is not None:
            notes[key] = value
        changed = checkpoint.model_copy(update={"notes": notes})
        self._work.checkpoints.save_checkpoint(self._work.name, Step.SYNC_INVENTORY, changed)
