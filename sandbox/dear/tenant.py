"""One DEAR account: its documents, clock, settings, numbering and ledger."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.clock import Clock
from sandbox.control import Ledger
from sandbox.dear import dates
from sandbox.documents import Documents

Doc = dict[str, Any]
Author = Literal["api", "user"]
"""Who wrote: a caller of the API, or the account's own user, whom the control plane plays."""

PREFIX = "dear"
EMPTY_GUID = "00000000-0000-0000-0000-000000000000"
_NAMESPACE = uuid.UUID("5b8f2d0e-6f0c-4a8e-9c6b-7a2f1f6d3c11")


class Settings(BaseModel):
    """What the control plane can change about the account's behaviour.

    `calls_per_minute` null lifts the limit; `check_stock` false lets picks take what is not there;
    `first_fulfilment` false authorises advanced sales without a fulfilment.
    """

    model_config = ConfigDict(extra="forbid")

    account_id: str
    api_key: str
    calls_per_minute: int | None = Field(default=60, ge=1)
    throttle_form: Literal["cycle", "429", "429-bare", "503-text", "400-array"] = "cycle"
    error_shape: Literal["array", "object"] = "array"
    check_stock: bool = True
    first_fulfilment: bool = True


class Tenant:
    """The state of one account, kept whole in its documents."""

    def __init__(self, documents: Documents, clock: Clock, defaults: Settings) -> None:
        self.documents = documents
        self.clock = clock
        self.ledger = Ledger(documents, clock, PREFIX)
        self._defaults = defaults

    def transaction(self) -> AbstractContextManager[None]:
        return self.documents.transaction()

    def settings(self) -> Settings:
        """Give the settings: those of the start, with what the control plane changed."""
        changed = self.documents.get("settings", "") or {}
        return Settings.model_validate({**self._defaults.model_dump(), **changed})

    def change_settings(self, patch: Doc) -> Settings:
        """Change some settings for good; raises pydantic's error on an unknown name or value."""
        changed = {**(self.documents.get("settings", "") or {}), **patch}
        settings = Settings.model_validate({**self._defaults.model_dump(), **changed})
        self.documents.put("settings", "", changed)
        return settings

    def now(self) -> datetime:
        """Give the time in the whole milliseconds that DEAR keeps."""
        return dates.truncated(self.clock.now())

    def today(self) -> str:
        """Give today as a document date."""
        return f"{self.now().date().isoformat()}T00:00:00"

    def next_number(self, series: str) -> int:
        """Count one up in a series of document numbers, from 1."""
        number = int((self.documents.get("counter", series) or {"last": 0})["last"]) + 1
        self.documents.put("counter", series, {"last": number})
        return number

    def record(self, kind: str, by: Author, body: Any, **keys: Any) -> None:
        """Write an accepted change into the ledger."""
        self.ledger.record(kind, body, by=by, **keys)


Handler = Callable[[Tenant, Doc], Any]
"""An endpoint: takes the query (keys in lower case) or the body, gives the JSON answer."""


def identity(kind: str, name: str) -> str:
    """Give the GUID of a thing by its name, the same in every run."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}:{name.lower()}"))


def public(value: Any) -> Any:
    """Copy a document without what it keeps for itself under keys that begin with `_`."""
    if isinstance(value, dict):
        return {key: public(item) for key, item in value.items() if not key.startswith("_")}
    if isinstance(value, list):
        return [public(item) for item in value]
    return value
