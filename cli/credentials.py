"""The secrets of a connection: from the environment, from what is stored, or asked for without an echo."""

import base64
import binascii
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cli.connection_file import ACCOUNT_ID, API_KEY, WEBHOOK_SECRET, WMS_PASSWORD, WMS_TOKEN, WMS_USER
from cli.problems import Problem, Refusal
from cli.site import Secret, Vault
from crossdock.dear.transport import Credentials
from crossdock.domain.errors import SettingsInvalid
from crossdock.wms.registry import WarehouseCredentials

SHORTEST_WEBHOOK_SECRET = 24
"""Random bytes, as Standard Webhooks asks for."""

_PREFIX = "whsec_"

_PROMPTS = {
    ACCOUNT_ID: "DEAR account ID",
    API_KEY: "DEAR API key",
    WMS_TOKEN: "Warehouse token",
}
_WHERE = {
    ACCOUNT_ID: "DEAR shows it under Integration > DEAR API Setup",
    API_KEY: "DEAR shows it under Integration > DEAR API Setup",
    WMS_TOKEN: "the warehouse system gives it out",
}


@dataclass(frozen=True)
class GivenSecrets:
    """All secrets of a connection. `generated`: the webhook secret was made here.

    `beside_webhook` is what else its document has: old secrets that are still good, and the token for DEAR's webhooks.
    """

    dear: Credentials
    warehouse: WarehouseCredentials
    webhook: tuple[str, ...] = field(repr=False)
    generated: bool = False
    beside_webhook: Secret = field(default_factory=dict, repr=False)

    def documents(self) -> dict[str, Secret]:
        """Party to the document that Secrets Manager keeps."""
        return {
            "dear": {"account_id": self.dear.account_id, "api_key": self.dear.api_key},
            "warehouse": {
                part: value for part in ("token", "user", "password") if (value := str(getattr(self.warehouse, part)))
            },
            "webhook": {**self.beside_webhook, "secrets": list(self.webhook)},
        }


def gather(
    connection: str, environment: Mapping[str, str], vault: Vault, ask: Callable[[str], str] | None
) -> GivenSecrets:
    """Every secret: given by its variable, else as it is stored, else asked for. Raises Refusal."""
    dear, warehouse = vault.read(connection, "dear") or {}, vault.read(connection, "warehouse") or {}
    stored = {
        ACCOUNT_ID: str(dear.get("account_id", "")),
        API_KEY: str(dear.get("api_key", "")),
    }
    basic = _basic(environment, warehouse)
    if not basic:
        stored[WMS_TOKEN] = str(warehouse.get("token", ""))
    found = {name: environment.get(name, "").strip() or kept or _asked(name, ask) for name, kept in stored.items()}
    problems = [_missing(name) for name, value in found.items() if not value]
    problems += [_unsendable(name) for name, value in found.items() if value and not _sendable(value)]
    problems += _half_given(environment)
    given = environment.get(WEBHOOK_SECRET, "").split()
    problems += [problem for secret in given if (problem := _webhook_problem(secret))]
    if problems:
        raise Refusal("The secrets cannot be used; nothing was stored.", problems)
    stored_webhook = vault.read(connection, "webhook") or {}
    kept = _kept_webhook(stored_webhook)
    return GivenSecrets(
        dear=Credentials(account_id=found[ACCOUNT_ID], api_key=found[API_KEY]),
        warehouse=_warehouse(basic or {"token": found[WMS_TOKEN]}),
        webhook=tuple(given) or kept or (new_webhook_secret(),),
        generated=not given and not kept,
        beside_webhook={name: value for name, value in stored_webhook.items() if name != "secrets"},
    )


def new_webhook_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _asked(name: str, ask: Callable[[str], str] | None) -> str:
    return ask(_PROMPTS[name]).strip() if ask else ""


def _missing(name: str) -> Problem:
    return Problem(
        field=name,
        wrong=f"the {_PROMPTS[name]} is missing",
        mend=f"set the variable, or run it in a terminal to be asked; {_WHERE[name]}",
    )


def _sendable(value: str) -> bool:
    return value.isascii() and value.isprintable() and " " not in value


def _unsendable(name: str) -> Problem:
    wrong = "has a space, a line break or a letter outside of ASCII in it"
    return Problem(field=name, wrong=wrong, mend="copy it again, alone and whole")


def _basic(environment: Mapping[str, str], stored: Secret) -> dict[str, str]:
    """A user and a password for the warehouse, where they are given, or stored and no token is given."""
    if environment.get(WMS_USER, "").strip():
        return {"user": environment[WMS_USER].strip(), "password": environment.get(WMS_PASSWORD, "").strip()}
    if environment.get(WMS_TOKEN, "").strip():
        return {}
    return {part: str(stored[part]) for part in ("user", "password") if stored.get(part)}


def _half_given(environment: Mapping[str, str]) -> list[Problem]:
    """A warehouse lets in by a token, or by a user with a password: never by both, nor by a half."""
    token, user, password = (bool(environment.get(name, "").strip()) for name in (WMS_TOKEN, WMS_USER, WMS_PASSWORD))
    if user == password and not (token and user):
        return []
    wrong = "is given beside a token" if token else f"is given without {WMS_PASSWORD if user else WMS_USER}"
    mend = f"set {WMS_USER} and {WMS_PASSWORD} for Basic, or {WMS_TOKEN} alone for a bearer token"
    return [Problem(field=WMS_USER if user else WMS_PASSWORD, wrong=wrong, mend=mend)]


def _warehouse(parts: Mapping[str, str]) -> WarehouseCredentials:
    field = WMS_TOKEN if "token" in parts else WMS_USER
    try:
        return WarehouseCredentials(**parts)
    except SettingsInvalid as invalid:
        problems = [Problem(field=field, wrong=told, mend="copy it again") for _, told in invalid.problems]
        raise Refusal("The secrets cannot be used; nothing was stored.", problems) from None


def _webhook_problem(secret: str) -> Problem | None:
    mend = 'make one: echo "whsec_$(openssl rand -base64 32)"; or leave the variable unset and one is made'
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return Problem(field=WEBHOOK_SECRET, wrong="is not whsec_ followed by base64", mend=mend)
    if not secret.startswith(_PREFIX):
        return Problem(field=WEBHOOK_SECRET, wrong="does not begin with whsec_", mend=mend)
    if len(key) < SHORTEST_WEBHOOK_SECRET:
        wrong = f"holds {len(key)} bytes; {SHORTEST_WEBHOOK_SECRET} are needed"
        return Problem(field=WEBHOOK_SECRET, wrong=wrong, mend=mend)
    return None


def _kept_webhook(stored: Secret) -> tuple[str, ...]:
    kept = stored.get("secrets")
    return tuple(str(secret) for secret in kept) if isinstance(kept, list) else ()
