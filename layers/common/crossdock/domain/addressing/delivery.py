"""From DEAR's address to the warehouse's: completed where that is safe, and held where only a person can mend it.

No reason holds a street, a name or a postcode.
"""

from crossdock.domain.addressing.comparing import PARTS, Comparison, Part, compare, filled
from crossdock.domain.addressing.countries import WITHOUT_CITY, code_of
from crossdock.domain.addressing.parsing import parse
from crossdock.domain.addressing.postcodes import NEED_POSTCODE
from crossdock.domain.addressing.regions import NEED_REGION
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.order import PostalAddress
from crossdock.domain.sale import Address, Sale
from crossdock.domain.settings import Settings

MEND = "correct the address on the customer in DEAR, then select it on the order"

PART_NAMES: dict[str, str] = {"line1": "line 1", "line2": "line 2", "state": "region"}
"""What people call a part, where it is not the part's own name."""


def ship_to_of(sale: Sale, settings: Settings) -> PostalAddress:
    """Where the goods go. Raises NeedsPerson: address_disagrees, _ambiguous, _incomplete or _too_long."""
    postal = _postal(sale, _settled(sale.ship_to, sale.order_number), settings)
    _check_lengths(postal, settings)
    return postal


def bill_to_of(sale: Sale, settings: Settings) -> PostalAddress:
    """Whom the goods are billed to: as good as it can be told. Never raises, for nothing is sent there."""
    address = sale.bill_to
    if missing_parts(address) and not compare(address).absent:
        address = parse(address).address or _as_displayed(address)
    return _postal(sale, address, settings)


def missing_parts(address: Address) -> tuple[Part, ...]:
    """The parts that carriers need in this address's country and that are blank."""
    country = code_of(address.country)
    needed: dict[Part, bool] = {
        "line1": True,
        "city": country not in WITHOUT_CITY,
        "state": country in NEED_REGION,
        "postcode": country in NEED_POSTCODE,
        "country": True,
    }
    return tuple(part for part in PARTS if needed.get(part) and not filled(address, part))


def _settled(address: Address, number: str) -> Address:
    """The address with every part that it needs. Raises NeedsPerson."""
    compared, missing = compare(address), missing_parts(address)
    if compared.absent or (compared.unexplained and not missing):
        raise NeedsPerson("address_disagrees", _disagreement(compared, number))
    if not missing:
        return address
    if not compared.unexplained:
        raise NeedsPerson("address_incomplete", f"the shipping address has {_none_of(missing)}: {MEND}")
    parsed = parse(address)
    if parsed.address and not (missing := missing_parts(parsed.address)):
        return parsed.address
    told = parsed.trouble or f"they hold {_none_of(missing)}"
    where = f"`crossdock address {number}` shows them; {MEND}"
    if any(filled(address, part) for part in PARTS if part != "country"):
        text = f"the shipping address has {_none_of(missing)}, and its display lines do not settle it: {told}. {where}"
        raise NeedsPerson("address_incomplete", text)
    text = f"the shipping address has display lines alone, and these cannot be told apart: {told}. {where}"
    raise NeedsPerson("address_ambiguous", text)


def _disagreement(compared: Comparison, number: str) -> str:
    told = []
    if compared.absent:
        stand = "stand" if len(compared.absent) > 1 else "stands"
        told.append(f"{_listed(compared.absent, 'and')} {stand} in its fields and not in its display lines")
    if compared.unexplained:
        told.append("its display lines hold words that no field has")
    return (
        f"the shipping address says two things: {', and '.join(told)}. `crossdock address {number}` shows both; {MEND}"
    )


def _none_of(parts: tuple[Part, ...]) -> str:
    return f"no {_listed(parts, 'and no')}"


def _listed(parts: tuple[str, ...], last: str) -> str:
    names = [PART_NAMES.get(part, part) for part in parts]
    return f" {last} ".join(names) if last != "and" or len(names) <= 2 else f"{', '.join(names[:-1])} and {names[-1]}"  # noqa: PLR2004


def _check_lengths(postal: PostalAddress, settings: Settings) -> None:
    """Raises NeedsPerson for a part that the warehouse would cut or refuse: here nothing is ever cut."""
    lengths = {part: len(getattr(postal, part) or "") for part in settings.address_limits}
    long = [
        f"{PART_NAMES.get(part, part)} has {lengths[part]} letters where the warehouse takes {limit}"
        for part, limit in settings.address_limits.items()
        if lengths[part] > limit
    ]
    if long:
        text = f"the shipping address is too long: {', '.join(long)}: shorten it on the customer in DEAR, "
        raise NeedsPerson("address_too_long", text + "then select it on the order")


def _postal(sale: Sale, address: Address, settings: Settings) -> PostalAddress:
    name = address.contact or sale.contact or sale.customer
    first, last = _first_and_last(name or "") if settings.split_names else ("", "")
    return PostalAddress(
        name=name,
        first_name=first or None,
        last_name=last or None,
        company=address.company,
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        region=address.state,
        postcode=address.postcode,
        country=code_of(address.country) or address.country,
        phone=sale.phone,
        email=sale.email,
    )


def _first_and_last(name: str) -> tuple[str, str]:
    """The last word is the last name, all before it the first; a word alone is a last name."""
    *first, last = name.split() or [""]
    return " ".join(first), last


def _as_displayed(address: Address) -> Address:
    """Where only display lines are filled: these as the two lines, so that a person can read them."""
    if filled(address, "line1") or filled(address, "line2") or filled(address, "city"):
        return address
    line1, line2 = (text.strip() or None for text in address.display)
    return address.model_copy(update={"line1": line1, "line2": line2})
