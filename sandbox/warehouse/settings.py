"""What a person may set on the sandbox warehouse through its control plane."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from standardwebhooks import Webhook

from sandbox.documents import Documents

_KIND = "warehouse.settings"


class PushTarget(BaseModel):
    """Where shipments are pushed to: the Crossdock API's base up to and with `/v1/connections/{connection}`."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(pattern=r"^https?://")
    secret: SecretStr

    @field_validator("secret")
    @classmethod
    def _can_sign(cls, secret: SecretStr) -> SecretStr:
        try:
            Webhook(secret.get_secret_value())
        except Exception as error:  # noqa: BLE001 - the library raises several kinds for a bad secret
            raise ValueError("must be whsec_ and the key in base64") from error.with_traceback(None)
        return secret


class Settings(BaseModel):
    """The warehouse's settings; only what was given is changed.

    `repeats_references`: against the contract it takes an order whose reference another one has.
    """

    model_config = ConfigDict(extra="forbid")

    refused_skus: list[str] = Field(default_factory=list)
    snapshot_complete: bool = True
    honours_idempotency: bool = False
    repeats_references: bool = False
    push: PushTarget | None = None

    @classmethod
    def load(cls, documents: Documents, *, honours_idempotency: bool) -> Self:
        """Read the settings; the argument holds until a person sets another value."""
        stored = documents.get(_KIND, "") or {}
        return cls.model_validate({"honours_idempotency": honours_idempotency, **stored})

    def store(self, documents: Documents) -> None:
        """Keep what was set, the secret in clear: it has to sign after a restart too."""
        stored = documents.get(_KIND, "") or {}
        given = self.model_dump(mode="json", exclude_unset=True)
        if self.push is not None and "push" in given:
            given["push"]["secret"] = self.push.secret.get_secret_value()
        documents.put(_KIND, "", {**stored, **given})

    def shown(self) -> dict[str, Any]:
        """Give the settings for a person to see: a secret is never among them."""
        shown = self.model_dump(mode="json", exclude={"push"})
        return {**shown, "push": None if self.push is None else {"url": self.push.url, "secret_set": True}}
