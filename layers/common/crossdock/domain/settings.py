"""A connection: one DEAR account joined to one warehouse, with its settings. Validated; nothing unknown passes."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from crossdock.domain.errors import SettingsInvalid
from crossdock.domain.filters import AttributeName, ItemFilter, OrderFilter, Text, contradiction
from crossdock.domain.memo import LONGEST_TEMPLATE, template_fault
from crossdock.domain.network import is_of_the_machine
from crossdock.domain.statuses import STATUS_GROUPS, SaleStatus

DEAR_BASE_URL = "https://inventory.dearsystems.com/ExternalApi/v2"
"""Blueprint: HOST."""

LEAVE_OUT = "leave one of the two out"
"""The mend of a contradiction."""

Code = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]


AddressPart = Literal[
    "name", "company", "line1", "line2", "city", "region", "postcode", "country", "phone", "email"
]  # fmt: skip
CostSource = Literal[
    "unit_cost", "average_cost", "price_tier_1", "price_tier_2", "price_tier_3", "price_tier_4", "price_tier_5",
    "price_tier_6", "price_tier_7", "price_tier_8", "price_tier_9", "price_tier_10",
]  # fmt: skip
ShipMethodSource = Literal["shipping_account", "carrier", AttributeName, "none"]


class _Setting(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _check_url(url: str) -> str:
    parts = urlsplit(url)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("give a full address, such as https://example.com/api")
    if parts.scheme == "http" and not local:
        raise ValueError("use https: plain http is only for a server on this machine")
    if is_of_the_machine(parts.hostname):
        raise ValueError("that is an address of the machine that this runs on, not of a server")
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
    locations: Literal["one_by_one", "total"] = Field(
        default="one_by_one", description="Each location gets its own warehouse's stock, or one of them that of all."
    )
    total_location: Text | None = Field(
        default=None,
        validate_default=True,
        description='The DEAR location that gets the sum, with `locations = "total"`.',
    )
    left_out: tuple[Code, ...] = Field(default=(), description="Warehouse codes whose stock is not written.")
    cost_from: CostSource = Field(
        default="unit_cost", description="What a unit of added stock costs: unit_cost, or a value of DEAR's product."
    )
    unit_cost: Decimal = Field(
        default=Decimal(1),
        ge=0,
        description="Cost of one unit of stock that is added, in base currency; also where DEAR's product has none.",
    )
    minimum_level: Decimal = Field(default=Decimal(0), ge=0, description="Below this many, 0 is sent.")
    longest_age: int = Field(
        default=120, ge=1, description="Minutes after which a snapshot is too old to be written from."
    )
    max_lines: int = Field(default=500, ge=1, le=1000, description="Lines in one stock adjustment at most.")
    approve_above_units: Decimal | None = Field(
        default=None, ge=0, description="A change of more units waits for a person's approval; left out: none does."
    )
    approve_above_percent: Decimal | None = Field(
        default=None, ge=0, description="So does a change by more than this part of what DEAR has, in percent."
    )
    approve_above_share: Decimal = Field(
        default=Decimal("0.5"),
        ge=0,
        le=1,
        description="When more than this part of a location's SKUs would be lowered at once, every line waits; 1: off.",
    )

    @field_validator("total_location")
    @classmethod
    def _total_has_a_location(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("locations") == "total":
            raise ValueError('must name the location that gets the sum, as locations is "total"')
        return value


class Settings(_Setting):
    """What a connection does. Every field has the default that most users want."""

    sale_statuses: frozenset[SaleStatus] = Field(
        default=frozenset({SaleStatus.ORDERED}),
        description='Only sales in these DEAR statuses are loaded; also `"packed_and_shipping"` and `"any"`.',
    )
    locations: tuple[Text, ...] = Field(
        default=(), description="Only sales of these DEAR locations are loaded; empty means all."
    )
    earliest_order_date: date | None = Field(
        default=None,
        description="Nothing ordered before this day is loaded; the first `connect` without one sets the day before.",
    )
    attribute_filters: dict[AttributeName, Annotated[tuple[Text, ...], Field(min_length=1)]] = Field(
        default={},
        description="Only sales whose additional attributes have one of these values are loaded; case is ignored.",
    )
    order_filters: tuple[OrderFilter, ...] = Field(
        default=(), description="What a field of a sale must, or must not, say; a sale that fails one is skipped."
    )
    item_filters: tuple[ItemFilter, ...] = Field(
        default=(), description="Which lines go to the warehouse; a line that fails is dropped, or the sale skipped."
    )
    lines_from: Literal["order", "pick", "pack", "invoice"] = Field(
        default="order", description="Whose lines become the order's; where there are none, the order's own."
    )
    ship_method_from: ShipMethodSource = Field(
        default="shipping_account",
        description="Where the ship method is read; without a charge on a shipping account, the sale's carrier.",
    )
    shipping_accounts: tuple[Code, ...] = Field(
        default=(), description="Account codes of the charges whose description is the ship method."
    )
    notes_from: Literal["order_memo", "quote_memo", "invoice_memo", "credit_note_memo"] = Field(
        default="order_memo", description="Which memo becomes the order's notes."
    )
    source_from: Literal["channel", "account", "sales_rep"] = Field(
        default="channel", description="What the order's source is; where it is blank, the sales channel."
    )
    ship_methods: dict[Code, Code] = Field(default={}, description="DEAR's ship method to the warehouse's code.")
    unmapped_ship_method: Literal["hold", "pass"] = Field(
        default="hold", description="What to do with an order whose ship method is not in ship_methods."
    )
    carriers: dict[Code, Code] = Field(
        default={}, description="The warehouse's carrier to DEAR's carrier name; others pass through."
    )
    unmapped_carrier: Literal["pass", "hold"] = Field(
        default="pass", description="What to do with a shipment whose carrier is not in carriers."
    )
    ship_action: Literal["packed_and_shipped", "shipped_only"] = Field(
        default="packed_and_shipped",
        description="Pick, pack and ship in DEAR what left; or ship alone what DEAR's people have picked and packed.",
    )
    ship_from: Code | None = Field(
        default=None, description="DEAR location that goods leave from; left out: the sale's own."
    )
    picked_elsewhere: Literal["hold", "confirm"] = Field(
        default="hold", description="What to do where DEAR has picked from another location than the goods left from."
    )
    partial_shipments: Literal["wait", "convert"] = Field(
        default="wait",
        description="Simple sales in several shipments: confirm with the last, or make them advanced sales for good.",
    )
    short_shipments: Literal["leave_open", "cancel"] = Field(
        default="leave_open", description="What becomes in DEAR of units that will not ship any more."
    )
    warehouses: dict[Code, Code] = Field(
        default={},
        description="DEAR location to the warehouse's code; needed for inventory; `one_by_one` wants one for each.",
    )
    split_names: bool = Field(default=True, description="Split the contact into first and last name.")
    address_limits: dict[AddressPart, Annotated[int, Field(ge=1)]] = Field(
        default={}, description="Letters that the warehouse takes in a part of an address; a longer one is held."
    )
    kits: Literal["as_kit", "components"] = Field(
        default="as_kit", description="Send an auto-assembled product as itself, or as the components of its bill."
    )
    changed_orders: Literal["update", "resend", "hold"] = Field(
        default="update",
        description="A sale that changes at the warehouse: replace the order there, cancel and send anew, or hold it.",
    )
    invoice: InvoiceMode = Field(default=InvoiceMode.DRAFT, description="What to do once goods have shipped.")
    invoice_memo: Annotated[str, StringConstraints(max_length=LONGEST_TEMPLATE)] = Field(
        default="{marker}",
        description="The memo of our invoices: text with `{marker}`, which must be in it, `{order_number}`, "
        "`{reference}` and `{tracking}`.",
    )
    personal_data_days: int = Field(
        default=90,
        ge=0,
        le=3650,
        description="Days after its last change in which a done order keeps names, addresses and notes; 0: for good.",
    )
    inventory: InventorySettings | None = Field(
        default=None, description="How stock is written to DEAR; left out: it is not."
    )

    @field_validator("sale_statuses", mode="before")
    @classmethod
    def _known_statuses(cls, value: object) -> object:
        """A text alone stands for a list of one; a group stands for its statuses."""
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, (list, tuple, set, frozenset)) or not given:
            raise ValueError('give a list of statuses, such as ["ORDERED"]')
        wanted = {" ".join(str(status).upper().replace("_", " ").replace("&", "AND").split()) for status in given}
        if unknown := sorted(wanted - set(SaleStatus) - STATUS_GROUPS.keys()):
            known = ", ".join((*SaleStatus, *(group.lower().replace(" ", "_") for group in STATUS_GROUPS)))
            raise ValueError(f"{', '.join(unknown)} is not a DEAR sale status; choose from {known}")
        return frozenset(status for name in wanted for status in STATUS_GROUPS.get(name) or {SaleStatus(name)})

    @field_validator("order_filters", "item_filters")
    @classmethod
    def _filters_leave_something(
        cls, value: tuple[OrderFilter | ItemFilter, ...]
    ) -> tuple[OrderFilter | ItemFilter, ...]:
        if clash := contradiction(value):
            field = value[clash[0]].field
            told = f"filters {clash[0]} and {clash[1]} contradict each other, as no {field} passes both"
            raise ValueError(f"{told}: {LEAVE_OUT}")
        return value

    @field_validator("shipping_accounts")
    @classmethod
    def _accounts_are_used(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if value and (source := info.data.get("ship_method_from")) not in {None, "shipping_account"}:
            raise ValueError(f'are never read, as ship_method_from is "{source}": {LEAVE_OUT}')
        return value

    @field_validator("invoice_memo")
    @classmethod
    def _memo_is_known_again(cls, value: str) -> str:
        if fault := template_fault(value):
            raise ValueError(fault)
        return value

    @field_validator("ship_methods")
    @classmethod
    def _methods_are_used(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if value and info.data.get("ship_method_from") == "none":
            raise ValueError(f'is never read, as ship_method_from is "none": {LEAVE_OUT}')
        return value


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
    "too_short": "must not be empty",
    "tuple_type": "give a list in brackets",
    "dict_type": "give a table of names and values",
    "model_type": "give a table of settings",
    "string_pattern_mismatch": "use 1 to 31 of a-z, 0-9 and -, beginning with a letter or digit",
}


def parse_connection(document: dict[str, object]) -> Connection:
    """A connection from a parsed file. Raises SettingsInvalid that names every wrong field and its mend.

    A field in a list of tables is named with its place from 0, as settings.order_filters.0.field.
    """
    try:
        return Connection.model_validate(document)
    except ValidationError as invalid:
        errors = invalid.errors(include_input=False, include_url=False)
        raise SettingsInvalid(tuple((_field(error["loc"]), _wrong(error)) for error in errors)) from None


_KEY = "[key]"
"""How pydantic marks that a key of a table is wrong, and not what stands under it."""


def _field(place: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in place if part not in {_KEY, ""}) or "file"


def _wrong(error: Mapping[str, Any]) -> str:
    kind = "extra_forbidden" if (error["type"], error["loc"][-1:]) == ("literal_error", (_KEY,)) else error["type"]
    message = str(error["msg"]).removeprefix("Value error, ").replace("Input should be", "must be", 1)
    return _MENDS.get(kind, message)
