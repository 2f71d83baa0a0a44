"""A sale's shipping address as DEAR holds it now: its fields and its display lines side by side, and the verdict."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from rich.console import Group, RenderableType
from rich.text import Text

from cli.faults import Complaint
from cli.finding import find
from cli.looking import connections_named
from cli.screen import Screen, cell, plain, table
from cli.shapes import Addresses, AddressPart, AddressShown, FoundSale
from cli.site import Site
from crossdock.dear.transport import Credentials
from crossdock.domain.addressing import PARTS, Comparison, compare, missing_parts, ship_to_of
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.model import Reason
from crossdock.domain.order import PostalAddress
from crossdock.domain.sale import Address, Sale
from crossdock.domain.settings import Connection, Settings
from crossdock.ports import Dear

type Verdict = Literal["sent", "read", "held"]

_SAYS: dict[Verdict, str] = {
    "sent": "The fields have all that carriers need, and the display lines do not contradict them: they are sent.",
    "read": "Fields that carriers need are blank; the display lines can be read in one way only, and fill them.",
}


def addresses(site: Site, screen: Screen, number: str, connection: str | None, now: datetime) -> Addresses:
    """The address of every sale that the number names, each read from DEAR with one call. Raises Complaint."""
    sales = _sales(site, number, connection, now)
    calls = "1 DEAR call" if len(sales) == 1 else f"{len(sales)} DEAR calls, one for each sale of that number"
    screen.show(Text(f"Reading from DEAR: {calls}. What it shows is personal data."))
    shown = []
    for found, sale_id in sales:
        dear = _dear(site, found)
        with screen.busy("DEAR …"):
            sale = dear.read_sale(sale_id)
        shown.append(_shown(found, sale))
    return Addresses(searched_for=number.strip(), addresses=tuple(shown))


def _sales(site: Site, number: str, connection: str | None, now: datetime) -> list[tuple[Connection, str]]:
    known = {each.name: each for each in connections_named(site, connection)}
    found = [each for each in find(site, number, now).found if each.connection in known]
    if not found:
        raise Complaint(f"{connection} knows nothing of {number.strip()!r}.", "Leave --connection out to search all.")
    pairs = dict.fromkeys((each.connection, sale_id) for each in found for sale_id in _ids(each))
    return [(known[name], sale_id) for name, sale_id in pairs]


def _ids(found: FoundSale) -> Iterator[str]:
    if found.sale:
        yield found.sale.sale_id
    yield from (order.mappings.sale_id for order in found.orders)


def _dear(site: Site, connection: Connection) -> Dear:
    """DEAR with the secrets that are stored. Raises Complaint where there are none."""
    secret = site.vault.read(connection.name, "dear") or {}
    account_id, api_key = (str(secret.get(field) or "") for field in ("account_id", "api_key"))
    if not account_id or not api_key:
        name = site.vault.name(connection.name, "dear")
        raise Complaint(
            f"The DEAR key of {connection.name} is not in {name}.", "Run `crossdock connect` with its file."
        )
    return site.dear(connection, Credentials(account_id=account_id, api_key=api_key))


def _shown(connection: Connection, sale: Sale) -> AddressShown:
    address, compared = sale.ship_to, compare(sale.ship_to)
    verdict, postal, reason = _judged(sale, connection.settings)
    return AddressShown(
        connection=connection.name,
        order_number=sale.order_number,
        sale_id=sale.sale_id,
        parts=tuple(_parts(address, compared, postal)),
        display_lines=address.display,
        in_no_field=compared.unexplained,
        verdict=verdict,
        reason_code=reason.code if reason else None,
        why=reason.text if reason else _SAYS[verdict],
    )


def _judged(sale: Sale, settings: Settings) -> tuple[Verdict, PostalAddress | None, Reason | None]:
    try:
        postal = ship_to_of(sale, settings)
    except NeedsPerson as held:
        return "held", None, held.reason
    return ("read" if missing_parts(sale.ship_to) else "sent"), postal, None


def _parts(address: Address, compared: Comparison, postal: PostalAddress | None) -> Iterable[AddressPart]:
    sent = postal.model_dump() if postal else {}
    yield AddressPart(part="name", in_fields=address.contact, in_display_lines=None, sent=sent.get("name"))
    yield AddressPart(part="company", in_fields=address.company, in_display_lines=None, sent=sent.get("company"))
    for part in PARTS:
        yield AddressPart(
            part="region" if part == "state" else part,
            in_fields=getattr(address, part),
            in_display_lines=compared.found.get(part),
            sent=sent.get("region" if part == "state" else part),
        )


# --- on the screen -------------------------------------------------------------------------------------------


def address_blocks(document: Addresses) -> RenderableType:
    return Group(*(block for shown in document.addresses for block in _blocks(shown)))


def _blocks(shown: AddressShown) -> Iterator[RenderableType]:
    yield Text(plain(f"\nShipping address of {shown.order_number} ({shown.connection})"), style="bold")
    side_by_side = table("Part", "In the fields", "In the display lines", "To the warehouse")
    for each in shown.parts:
        lacking = each.in_fields and not each.in_display_lines and each.part not in {"name", "company"}
        displayed = cell("not found", "yellow") if lacking else cell(each.in_display_lines)
        side_by_side.add_row(
            cell(each.part.replace("line", "line "), "dim"), cell(each.in_fields), displayed, cell(each.sent)
        )
    for words in shown.in_no_field:
        side_by_side.add_row(cell("in no field", "dim"), cell(""), cell(words, "yellow"), cell(""))
    yield side_by_side
    yield Text()
    for at, line in enumerate(shown.display_lines, start=1):
        yield Text(plain(f"Display line {at}: {line or 'blank'}"))
    code = f" ({shown.reason_code})" if shown.reason_code else ""
    style = "bold red" if shown.verdict == "held" else "bold green"
    yield Text.assemble((f"{shown.verdict}{code}", style), ": ", plain(shown.why))
