"""What `connect` tries out before it stores anything: the key, the warehouse, and every name that settings use."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial

from cli.connection_file import ACCOUNT_ID, API_KEY, WMS_PASSWORD, WMS_TOKEN, WMS_USER
from cli.faults import REFUSED, WRONG_USE
from cli.problems import Problem, nearest
from crossdock.domain.errors import BudgetSpent, CrossdockError, NotFound, Unauthorised, Unreachable
from crossdock.domain.settings import Connection, Settings
from crossdock.ports import Dear, Warehouse
from crossdock.stocktaking.places import places

IMPOSSIBLE_REFERENCE = "crossdock-connect-check"
"""No sale of DEAR makes this reference: asking for it reads nothing and proves address and token."""

NAMES_SHOWN = 8
MOST_STOCK_PAGES = 20


class CheckFailed(Exception):
    """A check that did not pass, as problems; `code` is what the command ends with."""

    def __init__(self, problems: Iterable[Problem], code: int = WRONG_USE) -> None:
        self.problems, self.code = tuple(problems), code
        super().__init__("; ".join(problem.wrong for problem in self.problems))


@dataclass(frozen=True)
class Check:
    """One check: `run` says what it found, or raises. With `needs_dear`, it is left out once the key failed."""

    name: str
    run: Callable[[], str]
    fields: tuple[str, str]
    """What to mend when the address, or the credentials, are wrong."""
    needs_dear: bool = False


def checks_for(connection: Connection, dear: Dear, warehouse: Warehouse) -> tuple[Check, ...]:
    """The checks that this connection needs, cheapest and most telling first."""
    settings = connection.settings
    at_dear = ("dear.base_url", f"{ACCOUNT_ID}, {API_KEY}")
    at_warehouse = ("warehouse.base_url", f"{WMS_TOKEN}, or {WMS_USER} and {WMS_PASSWORD}")
    checks = [
        Check("DEAR key", lambda: dear.company() or "accepted", at_dear),
        Check("Warehouse", lambda: _warehouse(warehouse), at_warehouse),
    ]
    if settings.locations or settings.warehouses or settings.ship_from:
        checks.append(Check("Locations", lambda: _locations(connection, dear), at_dear, needs_dear=True))
    checks += _account_checks(connection, dear, at_dear)
    if settings.inventory is not None:
        checks.append(Check("Warehouse codes", lambda: _warehouse_codes(connection, warehouse), at_warehouse))
    checks.append(Check("Tax rules", lambda: f"{len(dear.tax_rules())} can be read", at_dear, needs_dear=True))
    return tuple(checks)


def _account_checks(connection: Connection, dear: Dear, fields: tuple[str, str]) -> list[Check]:
    """The chart of accounts is read once for both."""
    settings = connection.settings
    codes = cache(dear.account_codes)
    named = {
        "Shipping accounts": [("settings.shipping_accounts", code) for code in settings.shipping_accounts],
        "Inventory account": (
            [("settings.inventory.account", settings.inventory.account)] if settings.inventory is not None else []
        ),
    }
    return [
        Check(name, partial(lambda wanted: _accounts(wanted, codes()), wanted), fields, needs_dear=True)
        for name, wanted in named.items()
        if wanted
    ]


def outcome(check: Check) -> str:
    """What the check found. Raises CheckFailed, whatever went wrong outside."""
    try:
        return check.run()
    except CrossdockError as error:
        field, mend = _what_to_mend(check, error)
        raise CheckFailed([Problem(field=field, wrong=str(error), mend=mend)], REFUSED) from error


def _what_to_mend(check: Check, error: CrossdockError) -> tuple[str, str]:
    address, credentials = check.fields
    match error:
        case Unauthorised():
            return credentials, "check that they are whole and not reset, then run the command again"
        case NotFound() | Unreachable():
            return address, "check the address, and that it answers from here"
        case BudgetSpent():
            return check.name, "other steps use DEAR's calls now: run the command again in a minute"
    return check.name, f"check {address}, then run the command again; if it stays, ask who runs the other system"


def _warehouse(warehouse: Warehouse) -> str:
    warehouse.find_order(IMPOSSIBLE_REFERENCE)
    return "answers and takes the token"


def _locations(connection: Connection, dear: Dear) -> str:
    settings = connection.settings
    existing = set(dear.locations().values())
    wanted = [("settings.locations", name) for name in settings.locations]
    wanted += [("settings.warehouses", name) for name in settings.warehouses]
    wanted += [("settings.ship_from", settings.ship_from)] if settings.ship_from else []
    inventory = settings.inventory
    if inventory is not None and inventory.total_location:
        wanted.append(("settings.inventory.total_location", inventory.total_location))
    _all_exist("location", wanted, existing)
    return ", ".join(dict.fromkeys(name for _, name in wanted))


def _accounts(wanted: list[tuple[str, str]], existing: Iterable[str]) -> str:
    """The codes are in DEAR's chart: a charge on another account would never be taken for the ship method."""
    _all_exist("account", wanted, existing)
    return ", ".join(code for _, code in wanted)


def _warehouse_codes(connection: Connection, warehouse: Warehouse) -> str:
    """The codes are in the warehouse's stock: one that never is would read as an empty shelf."""
    _check_codes_apart(connection.settings)
    codes: set[str | None] = set()
    cursor: str | None = None
    for _ in range(MOST_STOCK_PAGES):
        page = warehouse.stock(cursor=cursor)
        codes |= {item.warehouse for item in page.items}
        cursor = page.cursor
        if cursor is None:
            break
    inventory = connection.settings.inventory
    left_out = inventory.left_out if inventory else ()
    wanted = {location: code for location, code in connection.settings.warehouses.items() if code not in left_out}
    if not codes or None in codes or cursor is not None:
        return ", ".join(wanted.values())
    fields = [(f"settings.warehouses.{location}", code) for location, code in wanted.items()]
    _all_exist("stock under the warehouse code", fields, {code for code in codes if code}, "The warehouse")
    return ", ".join(wanted.values())


def _check_codes_apart(settings: Settings) -> None:
    """A code of two locations would give each of them all that was counted."""
    if settings.inventory is None:
        return
    problems = [
        Problem(
            field=f"settings.warehouses.{place.location}",
            wrong=f"has the code of {' and '.join(place.beside)}, and each would get all of its stock",
            mend="give each location a code of its own, name the code in settings.inventory.left_out, or set "
            'settings.inventory.locations = "total"',
        )
        for place in places(settings, settings.inventory)
        if place.beside
    ]
    if problems:
        raise CheckFailed(problems)


def check_alone(connection: Connection, account_id: str, others: Iterable[tuple[Connection, str]]) -> None:
    """Refuse a second active connection for the same sales: each would confirm and invoice them.

    `others`: the connections that stand, each with its DEAR account id. Raises CheckFailed.
    """
    ours, mine = set(connection.settings.locations), connection.dear.base_url.lower()
    for other, account in others:
        theirs = set(other.settings.locations)
        apart = bool(ours and theirs) and not ours & theirs
        same = (account.lower(), other.dear.base_url.lower()) == (account_id.lower(), mine)
        if other.name != connection.name and other.active and connection.active and same and not apart:
            wrong = f"the connection {other.name!r} serves the same sales of this DEAR account already"
            mend = f"keep the name {other.name!r}, give each its own settings.locations, or make one active = false"
            raise CheckFailed([Problem(field="name", wrong=wrong, mend=mend)])


def _all_exist(what: str, wanted: list[tuple[str, str]], existing: Iterable[str], who: str = "DEAR") -> None:
    known = sorted(existing)
    problems = [
        Problem(field=field, wrong=f"{who} has no {what} {name!r}", mend=_instead(name, known, who))
        for field, name in wanted
        if name not in known
    ]
    if problems:
        raise CheckFailed(problems)


def _instead(name: str, known: list[str], who: str) -> str:
    if meant := nearest(name, known):
        return f"did you mean {meant!r}?"
    more = f", and {len(known) - NAMES_SHOWN} more" if len(known) > NAMES_SHOWN else ""
    return f"{who} has: {', '.join(known[:NAMES_SHOWN]) or 'none at all'}{more}"
