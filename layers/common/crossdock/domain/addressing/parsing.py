"""Blank parts of an address read from its display lines, only where these can be read in exactly one way."""

from collections.abc import Iterator

from crossdock.domain.addressing.comparing import filled
from crossdock.domain.addressing.countries import COUNTRIES, LONGEST_NAME, WITHOUT_CITY, code_of
from crossdock.domain.addressing.postcodes import LONGEST_POSTCODE, is_postcode, may_lack_postcode
from crossdock.domain.addressing.regions import NEED_REGION, REGION_CODES, is_region
from crossdock.domain.addressing.words import Line, key_of, line_of
from crossdock.domain.model import Record
from crossdock.domain.sale import Address


class Parsed(Record):
    """The address with its blank parts read, or the trouble that there was. The trouble holds no personal data."""

    address: Address | None = None
    trouble: str = ""


def parse(address: Address) -> Parsed:
    """Read the blank parts; those that are filled stay, and settle where the others stand."""
    street, place = _street(address), _place(address)
    if street is None:
        return Parsed(trouble="the first display line does not begin or end with the part that is filled")
    if isinstance(place, str):
        return Parsed(trouble=place)
    return Parsed(address=address.model_copy(update={part: text or None for part, text in (street | place).items()}))


def _place(address: Address) -> dict[str, str] | str:
    """City, region, postcode and country; or the trouble."""
    line = line_of(address.display[1])
    if not line.words:
        return {}
    country = _country(address, line)
    if country is None:
        return "no country is recognised at the end of the second display line"
    code, line = country
    postcodes = tuple(_postcodes(address, code, line))
    if not postcodes:
        told = code if code in COUNTRIES else "its country"
        return f"no postcode of {told} is recognised where it belongs"
    ways = {
        (city, region, postcode)
        for postcode, end in postcodes
        for city, region in _cities(address, code, Line(line.text, line.words[:end]))
    }
    if len(ways) != 1:
        return f"city and region can be read from them in {f'{len(ways)} ways' if ways else 'no way'}"
    return {"country": code, **dict(zip(("city", "state", "postcode"), ways.pop(), strict=True))}


def _street(address: Address) -> dict[str, str] | None:
    """Line 1 and line 2. With neither filled nobody can tell where one ends: all of it is line 1."""
    line1, line2 = filled(address, "line1"), filled(address, "line2")
    shown = line_of(address.display[0])
    end = len(shown.words)
    if not end or (line1 and line2):
        return {}
    if not line1 and not line2:
        return {"line1": address.display[0].strip()}
    given = key_of(line1 or line2)
    for first, last in shown.spans(given):
        if line1 and first == 0:
            return {"line2": shown.cut(last, end)}
        if line2 and last == end:
            return {"line1": shown.cut(0, first)}
    return None


def _country(address: Address, line: Line) -> tuple[str, Line] | None:
    """The country's code, and the words before it. A filled one may be left out; a blank one must be there."""
    given = filled(address, "country")
    code = code_of(given) or given
    for length in range(min(LONGEST_NAME, len(line.words)), 0, -1):
        first = len(line.words) - length
        text = line.cut(first, len(line.words))
        named = code_of(text)
        if given and (named == code or key_of(text) == key_of(given)):
            return code, Line(line.text, line.words[:first])
        if not given and named and text.upper() not in REGION_CODES:
            return named, Line(line.text, line.words[:first])
    return (code, line) if given else None


def _postcodes(address: Address, country: str, line: Line) -> Iterator[tuple[str, int]]:
    """Every postcode that may stand at the end, and how many words are before it."""
    given, end = filled(address, "postcode"), len(line.words)
    some = False
    for first in range(max(0, end - LONGEST_POSTCODE), end):
        text = line.cut(first, end)
        if key_of(text) == key_of(given) if given else is_postcode(country, text):
            some = True
            yield given or text, first
    if not some and may_lack_postcode(country):
        yield given, end


def _cities(address: Address, country: str, line: Line) -> Iterator[tuple[str, str]]:
    """Every way to divide the words into city and region."""
    end = len(line.words)
    for at in range(end + 1):
        city, region = line.cut(0, at), line.cut(at, end)
        if _fits_city(address, country, line, at) and _fits_region(address, country, line, at):
            yield filled(address, "city") or city, filled(address, "state") or region


def _fits_city(address: Address, country: str, line: Line, end: int) -> bool:
    if given := filled(address, "city"):
        return line.key(0, end) == key_of(given)
    if not end:
        return country in WITHOUT_CITY and (not line.words or bool(filled(address, "state")))
    if not _is_name(line, 0, end):
        return False
    return country in NEED_REGION or end == len(line.words) or line.words[end - 1].ends_part or not _has_marks(line)


def _fits_region(address: Address, country: str, line: Line, first: int) -> bool:
    """One that is filled may be left out of the line, if what is left is sure to be the city."""
    end = len(line.words)
    if given := key_of(filled(address, "state")):
        shown = any(line.key(at, end) == given for at in range(end))
        sure = bool(filled(address, "city")) or end <= 1
        return line.key(first, end) == given if shown else first == end and sure
    if country in NEED_REGION:
        return first < end and is_region(country, line.cut(first, end))
    return first == end or _is_name(line, first, end)


def _is_name(line: Line, first: int, last: int) -> bool:
    """Whether the words may be one name: no digits, and no comma between them."""
    if any(word.ends_part for word in line.words[first : last - 1]):
        return False
    return not any(letter.isdigit() for word in line.words[first:last] for letter in word.key)


def _has_marks(line: Line) -> bool:
    """Whether commas tell where parts end."""
    return any(word.ends_part for word in line.words)
