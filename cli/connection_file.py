"""The connection file: read, checked field by field, and free of secrets."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

from cli.problems import Problem, Refusal, nearest
from crossdock.domain.errors import SettingsInvalid
from crossdock.domain.filters import AttributeName, ItemFilter, OrderFilter
from crossdock.domain.settings import DEAR_BASE_URL, LEAVE_OUT, AddressPart, Connection, parse_connection

ACCOUNT_ID = "CROSSDOCK_DEAR_ACCOUNT_ID"
API_KEY = "CROSSDOCK_DEAR_API_KEY"
WMS_TOKEN = "CROSSDOCK_WMS_TOKEN"  # noqa: S105 - the name of a variable
WMS_USER = "CROSSDOCK_WMS_USER"
WMS_PASSWORD = "CROSSDOCK_WMS_PASSWORD"  # noqa: S105 - the name of a variable
WEBHOOK_SECRET = "CROSSDOCK_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable

EXAMPLES = {
    "name": 'name = "main"',
    "active": "active = true",
    "dear.base_url": f'base_url = "{DEAR_BASE_URL}" under [dear], or leave it out',
    "warehouse.adapter": 'adapter = "http" under [warehouse]',
    "warehouse.base_url": 'base_url = "https://wms.example.com/api" under [warehouse]',
    "settings.sale_statuses": 'sale_statuses = ["ORDERED", "BACKORDERED"] under [settings]',
    "settings.locations": 'locations = ["Main Warehouse"] under [settings]',
    "settings.earliest_order_date": "earliest_order_date = 2026-01-31 under [settings]",
    "settings.attribute_filters": 'additional_attribute_1 = ["Retail"] under [settings.attribute_filters]',
    "settings.order_filters": (
        'order_filters = [{ field = "country", rule = "required", values = ["GB", "IE"] }] under [settings]'
    ),
    "settings.item_filters": (
        'item_filters = [{ field = "sku", rule = "restricted", match = "starts", values = ["GIFT-"] }] under [settings]'
    ),
    "settings.lines_from": 'lines_from = "order", "pick", "pack" or "invoice" under [settings]',
    "settings.ship_method_from": (
        'ship_method_from = "shipping_account", "carrier", "additional_attribute_1" or "none" under [settings]'
    ),
    "settings.shipping_accounts": 'shipping_accounts = ["420"] under [settings]',
    "settings.notes_from": 'notes_from = "order_memo", "quote_memo" or "invoice_memo" under [settings]',
    "settings.source_from": 'source_from = "channel", "account" or "sales_rep" under [settings]',
    "settings.ship_methods": '"Express Post" = "EXP" under [settings.ship_methods]',
    "settings.unmapped_ship_method": 'unmapped_ship_method = "hold" or "pass" under [settings]',
    "settings.carriers": '"AUSPOST" = "Australia Post" under [settings.carriers]',
    "settings.unmapped_carrier": 'unmapped_carrier = "pass" or "hold" under [settings]',
    "settings.ship_action": 'ship_action = "packed_and_shipped" or "shipped_only" under [settings]',
    "settings.ship_from": 'ship_from = "Main Warehouse" under [settings]',
    "settings.picked_elsewhere": 'picked_elsewhere = "hold" or "confirm" under [settings]',
    "settings.partial_shipments": 'partial_shipments = "wait" or "convert" under [settings]',
    "settings.short_shipments": 'short_shipments = "leave_open" or "cancel" under [settings]',
    "settings.warehouses": '"Main Warehouse" = "WH1" under [settings.warehouses]',
    "settings.split_names": "split_names = true under [settings]",
    "settings.address_limits": "line1 = 40 under [settings.address_limits]",
    "settings.kits": 'kits = "as_kit" or "components" under [settings]',
    "settings.changed_orders": 'changed_orders = "update", "resend" or "hold" under [settings]',
    "settings.invoice": 'invoice = "off", "draft" or "authorise" under [settings]',
    "settings.invoice_memo": 'invoice_memo = "Your order {order_number}. {marker}" under [settings]',
    "settings.personal_data_days": "personal_data_days = 90 under [settings]",
    "settings.inventory.account": 'account = "620" under [settings.inventory]',
    "settings.inventory.mode": 'mode = "on_hand" or "available" under [settings.inventory]',
    "settings.inventory.locations": 'locations = "one_by_one" or "total" under [settings.inventory]',
    "settings.inventory.total_location": 'total_location = "Main Warehouse" under [settings.inventory]',
    "settings.inventory.left_out": 'left_out = ["WH9"] under [settings.inventory]',
    "settings.inventory.cost_from": (
        'cost_from = "unit_cost", "average_cost" or "price_tier_1" under [settings.inventory]'
    ),
    "settings.inventory.approve_above_units": "approve_above_units = 100 under [settings.inventory]",
    "settings.inventory.approve_above_percent": "approve_above_percent = 50 under [settings.inventory]",
    "settings.inventory.approve_above_share": "approve_above_share = 0.5 under [settings.inventory]",
    "settings.inventory.unit_cost": "unit_cost = 1.00 under [settings.inventory]",
    "settings.inventory.minimum_level": "minimum_level = 0 under [settings.inventory]",
    "settings.inventory.max_lines": "max_lines = 500 under [settings.inventory]",
    "settings.inventory.longest_age": "longest_age = 120 under [settings.inventory]",
}
"""Every setting with a line that would be right."""

_PARTS: dict[str, Iterable[str]] = {
    "settings.attribute_filters": get_args(AttributeName),
    "settings.order_filters": OrderFilter.model_fields,
    "settings.item_filters": ItemFilter.model_fields,
    "settings.address_limits": get_args(AddressPart),
}
"""What may stand in the tables that are one setting."""

_TABLES = ("dear", "warehouse", "settings", "settings.inventory")
_FREE = frozenset({"settings.ship_methods", "settings.carriers", "settings.warehouses"})
"""Tables whose keys are names of the user's own."""

_SECRET_KEY = re.compile(
    r"api_?key|application_?key|account_?id|token|passw|secret|credential|bearer|authorization|(^|_)(key|user|username)$",
    re.IGNORECASE,
)


def read_connection(path: Path) -> Connection:
    """The connection that the file describes. Raises Refusal with every problem of the file."""
    document = _document(path)
    problems = list(_secrets_in(document))
    try:
        connection = parse_connection(_without_secrets(document))
    except SettingsInvalid as invalid:
        problems.extend(_problem(field, message) for field, message in invalid.problems)
    else:
        problems.extend(_contradictions(connection))
        if not problems:
            return connection
    raise Refusal(f"{path} cannot be used; nothing was stored.", problems)


def _document(path: Path) -> dict[str, Any]:
    name = str(path)
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        wrong, mend = "there is no such file", "check the path"
    except IsADirectoryError:
        wrong, mend = "it is a folder", "name the file in it"
    except OSError as error:
        wrong, mend = f"it cannot be read ({error.strerror})", "check its permissions"
    except UnicodeDecodeError:
        wrong, mend = "it is not UTF-8 text", "save it as UTF-8"
    except tomllib.TOMLDecodeError as error:
        wrong, mend = f"it is not TOML: {error}", 'write `name = "value"` lines under [tables]; texts need quotes'
    raise Refusal(f"{name} cannot be used; nothing was stored.", [Problem(field=name, wrong=wrong, mend=mend)])


def _secrets_in(document: dict[str, Any]) -> Iterator[Problem]:
    for field in _secret_fields(document, ""):
        wrong = "looks like a secret, and secrets do not belong in this file"
        yield Problem(field=field, wrong=wrong, mend=f"delete the line and set {_variable_for(field)} instead")


def _secret_fields(document: dict[str, Any], prefix: str) -> Iterator[str]:
    for key, value in document.items():
        field = f"{prefix}{key}"
        if field in _FREE or field in EXAMPLES:
            continue
        if isinstance(value, dict) and field != "secrets":
            yield from _secret_fields(value, f"{field}.")
        elif isinstance(value, dict):
            yield from (f"{field}.{name}" for name in value)
        elif _SECRET_KEY.search(key):
            yield field


def _without_secrets(document: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """What is left to be parsed, so that no field is told of twice."""
    secret = set(_secret_fields(document, prefix))
    left: dict[str, Any] = {}
    for key, value in document.items():
        field = f"{prefix}{key}"
        if field in secret or field == "secrets":
            continue
        nested = isinstance(value, dict) and field not in _FREE
        left[key] = _without_secrets(value, f"{field}.") if nested else value
    return left


def _variable_for(field: str) -> str:
    words = field.lower()
    if "webhook" in words:
        return WEBHOOK_SECRET
    if "account" in words:
        return ACCOUNT_ID
    if "warehouse" in words or "wms" in words or "token" in words:
        return WMS_TOKEN
    return API_KEY


def _problem(field: str, message: str) -> Problem:
    if message.startswith("is not a setting"):
        return Problem(field=field, wrong="is not a setting", mend=_renamed(field))
    if message.endswith(LEAVE_OUT):
        return Problem(field=field, wrong=message.removesuffix(f": {LEAVE_OUT}"), mend=LEAVE_OUT)
    return Problem(field=field, wrong=message, mend=_example(field))


def _renamed(field: str) -> str:
    """What may have been meant: the nearest setting of the same table, else a list of all."""
    table, _, key = field.rpartition(".")
    prefix = f"{table}." if table else ""
    here = {known.removeprefix(prefix).split(".")[0] for known in (*EXAMPLES, *_TABLES) if known.startswith(prefix)}
    here |= set(_PARTS.get(re.sub(r"\.\d+$", "", table), ()))
    if meant := nearest(key, here):
        return f"did you mean {meant}?"
    elsewhere = next((known for known in EXAMPLES if known.rpartition(".")[2] == key), None)
    if elsewhere:
        return f"move it: {EXAMPLES[elsewhere]}"
    return f"choose from {', '.join(sorted(here))}"


def _example(field: str) -> str:
    """A line that would be right, for the field or for what it is a part of."""
    parts = field.split(".")
    for length in range(len(parts), 0, -1):
        prefix = ".".join(parts[:length])
        if prefix in EXAMPLES:
            return f"such as {EXAMPLES[prefix]}"
        inside = [example for known, example in EXAMPLES.items() if known.startswith(f"{prefix}.")]
        if inside:
            return f"such as {inside[-1] if prefix == 'warehouse' else inside[0]}"
    return "see docs/cli.md for a whole file"


def _contradictions(connection: Connection) -> Iterator[Problem]:
    """Settings that are right each for itself, but not together."""
    settings = connection.settings
    if settings.inventory is not None and not settings.warehouses:
        yield Problem(
            field="settings.warehouses",
            wrong="is empty, so the inventory that [settings.inventory] asks for has no location",
            mend=_example("settings.warehouses"),
        )
