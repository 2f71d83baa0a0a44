"""A connection: one DEAR account joined to one warehouse, with its settings. Validated; nothing unknown passes."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from crossdock.domain.errors import SettingsInvalid

DEAR_BASE_URL = "https://inventory.dearsystems.com/ExternalApi/v2"
"""Blueprint: HOST."""

SALE_STATUSES = (
    "DRAFT", "VOIDED", "ESTIMATING", "ESTIMATED", "ORDERING", "ORDERED", "BACKORDERED", "PICKING", "PICKED",
    "PACKING", "PACKED", "SHIPPING", "INVOICING", "INVOICED", "CREDITED", "COMPLETED",
)  # fmt: skip
"""Blueprint: Available Sale Statuses."""

Code = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]


class _Setting(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _check_url(url: str) -> str:
    parts = urlsplit(url)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("give a full address, such as https://example.com/api")
    if parts.scheme == "http" and not local:
        raise ValueError("use https: plain http is only for a server on this machine")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("leave out credentials, query and fragment: secrets come from the environment")
    return url.rstrip("/")


class DearSettings(_Setting):
    """Where DEAR is."""

    base_url: str = Field(default=DEAR_BASE_URL, description="Where DEAR's API is, up to and including the version.")
    _url = field_validator("base_url")(_check_url)


class WarehouseSettings(_Setting):
    """Which warehouse system, and where it is."""

    adapter: Literal["http"] = Field(default="http", description="Which warehouse system it is.")
    base_url: str = Field(description="Where the warehouse's API is; the contract's paths follow it.")
    _url = field_validator("base_url")(_check_url)


class InvoiceMode(StrEnum):
    """What to do about invoices in DEAR once goods have shipped."""

    OFF = "off"
    DRAFT = "draft"
    AUTHORISE = "authorise"


class InventorySettings(_Setting):
    """How warehouse stock is written to DEAR."""

    account: Annotated[str, StringConstraints(min_length=1)] = Field(
        description="Code of DEAR's expense account for stock adjustments."
    )
    mode: Literal["on_hand", "available"] = Field(default="on_hand", description="Which of DEAR's quantities is set.")
    unit_cost: Decimal = Field(
        default=Decimal(1), ge=0, description="Cost of one unit of stock that is added, in base currency."
    )
    minimum_level: Decimal = Field(default=Decimal(0), ge=0, description="Below this many, 0 is sent.")
    longest_age: int = Field(
        default=120, ge=1, description="Minutes after which a snapshot is too old to be written from."
    )
    max_lines: int = Field(default=500, ge=1, le=1000, description="Lines in one stock adjustment at most.")


class Settings(_Setting):
    """What a connection does. Every field has the default that most users want."""

    sale_statuses: frozenset[str] = Field(
        default=frozenset({"ORDERED"}), description="Only sales in these DEAR statuses are loaded."
    )
    locations: tuple[str, ...] = Field(
        default=(), description="Only sales of these DEAR locations are loaded; empty means all."
    )
    earliest_order_date: date | None = Field(default=None, description="Nothing ordered before this day is loaded.")
    ship_methods: dict[str, Code] = Field(default={}, description="DEAR carrier to the warehouse's code.")
    unmapped_ship_method: Literal["hold", "pass"] = Field(
        default="hold", description="What to do with an order whose ship method is not in ship_methods."
    )
    carriers: dict[str, Code] = Field(
        default={}, description="The warehouse's carrier to DEAR's carrier name; others pass through."
    )
    warehouses: dict[str, Code] = Field(
        default={}, description="DEAR location to the warehouse's code; needed for inventory."
    )
    split_names: bool = Field(default=True, description="Split the contact into first and last name.")
    invoice: InvoiceMode = Field(default=InvoiceMode.DRAFT, description="What to do once goods have shipped.")
    inventory: InventorySettings | None = Field(
        default=None, description="How stock is written to DEAR; left out: it is not."
    )

    @field_validator("sale_statuses", mode="before")
    @classmethod
    def _known_statuses(cls, value: object) -> object:
        if not isinstance(value, (list, tuple, set, frozenset)) or not value:
            raise ValueError('give a list of statuses, such as ["ORDERED"]')
        wanted = {str(status).strip().upper() for status in value}
        if unknown := sorted(wanted - set(SALE_STATUSES)):
            raise ValueError(f"{', '.join(unknown)} is not a DEAR sale status; choose from {', '.join(SALE_STATUSES)}")
        return frozenset(wanted)


class Connection(_Setting):
    """One DEAR account joined to one warehouse system."""

    name: Name = Field(description="What the connection is called in commands, logs, secrets and the push address.")
    active: bool = Field(default=True, description="Whether the schedule runs it.")
    dear: DearSettings = DearSettings()
    warehouse: WarehouseSettings
    settings: Settings = Settings()


_MENDS = {
    "extra_forbidden": "is not a setting; check its spelling",
    "missing": "is missing",
    "string_too_short": "must not be blank",
    "tuple_type": "give a list of texts in brackets",
    "string_pattern_mismatch": "use 1 to 31 of a-z, 0-9 and -, beginning with a letter or digit",
}


def parse_connection(document: dict[str, object]) -> Connection:
    """A connection from a parsed file. Raises SettingsInvalid that names every wrong field and its mend."""
    try:
        return Connection.model_validate(document)
    except ValidationError as invalid:
        problems = tuple(
            (
                ".".join(str(part) for part in error["loc"]) or "file",
                _MENDS.get(error["type"], error["msg"].removeprefix("Value error, ")),
            )
            for error in invalid.errors(include_input=False, include_url=False)
        )
        raise SettingsInvalid(problems) from None
