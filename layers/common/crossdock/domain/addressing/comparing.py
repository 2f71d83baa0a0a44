"""Whether an address's parts and its display lines say the same.

DisplayAddressLine1 is Line1 and Line2, DisplayAddressLine2 is City, State, Postcode and Country, joined by spaces
(blueprint: Address Model). Where a part stands in them is not relied on.
"""

from collections.abc import Iterator
from typing import Literal

from crossdock.domain.addressing.countries import LONGEST_NAME, code_of
from crossdock.domain.addressing.regions import REGION_CODES
from crossdock.domain.addressing.words import Line, key_of, line_of
from crossdock.domain.model import Record
from crossdock.domain.sale import Address

type Part = Literal["line1", "line2", "city", "state", "postcode", "country"]

PARTS: tuple[Part, ...] = ("line1", "line2", "city", "state", "postcode", "country")
HOME: dict[Part, int] = {"line1": 0, "line2": 0, "city": 1, "state": 1, "postcode": 1, "country": 1}
"""The display line that a part belongs to: 0 or 1."""


class Comparison(Record):
    """What of an address is in its display lines. All but `absent` is personal data."""

    found: dict[Part, str] = {}
    """Part to the words of the display lines that say it."""

    absent: tuple[Part, ...] = ()
    """Parts that are filled and stand nowhere in display lines that do say something."""

    unexplained: tuple[str, ...] = ()
    """Runs of display words that no part has."""

    @property
    def agrees(self) -> bool:
        return not self.absent and not self.unexplained


def filled(address: Address, part: Part) -> str:
    """The part's text; empty where it is blank, or a dash or dot that stands for that."""
    text = (getattr(address, part) or "").strip()
    return text if key_of(text) else ""


def compare(address: Address) -> Comparison:
    lines = tuple(line_of(text) for text in address.display)
    explained: list[set[int]] = [set(), set()]
    found: dict[Part, str] = {}
    for part in PARTS:
        for which, first, last in _places(address, part, lines):
            found.setdefault(part, lines[which].cut(first, last))
            explained[which].update(range(first, last))
    for text in (address.company, address.contact):
        for which, line in enumerate(lines):
            for first, last in line.spans(key_of(text or "")):
                explained[which].update(range(first, last))
    rest = tuple(tuple(_rest(line, known)) for line, known in zip(lines, explained, strict=True))
    unsaid = tuple(part for part in PARTS if part not in found and filled(address, part) and lines[HOME[part]].words)
    absent = tuple(part for part in unsaid if _contradicted(address, part, rest[HOME[part]]))
    return Comparison(found=found, absent=absent, unexplained=rest[0] + rest[1])


def _places(address: Address, part: Part, lines: tuple[Line, ...]) -> Iterator[tuple[int, int, int]]:
    """Display line, first and last word of every place that says the part; its own line's first."""
    text = filled(address, part)
    home = HOME[part]
    for which in (home, 1 - home):
        if part == "country":
            yield from ((which, first, last) for first, last in country_spans(lines[which], text))
        elif key := key_of(text):
            yield from ((which, first, last) for first, last in lines[which].spans(key))


def country_spans(line: Line, country: str) -> Iterator[tuple[int, int]]:
    """Every run of words that names the country, by whatever name or code."""
    code, key = code_of(country), key_of(country)
    if not key:
        return
    for first in range(len(line.words)):
        for last in range(first + 1, min(first + LONGEST_NAME, len(line.words)) + 1):
            if line.key(first, last) == key or (code and code_of(line.cut(first, last)) == code):
                yield first, last


def _rest(line: Line, explained: set[int]) -> Iterator[str]:
    first = 0
    for at in range(len(line.words) + 1):
        if at == len(line.words) or at in explained:
            if first < at:
                yield line.cut(first, at)
            first = at + 1


def _contradicted(address: Address, part: Part, rest: tuple[str, ...]) -> bool:
    """Whether the line says something else in the part's place. Region and country it may leave out."""
    match part:
        case "country":
            return any(_names_a_country(line_of(run)) for run in rest)
        case "state":
            return bool(rest and filled(address, "city") and filled(address, "postcode"))
    return True


def _names_a_country(line: Line) -> bool:
    end = len(line.words)
    spans = ((first, last) for first in range(end) for last in range(first + 1, min(first + LONGEST_NAME, end) + 1))
    texts = (line.cut(first, last) for first, last in spans)
    return any(code_of(text) and text.upper() not in REGION_CODES for text in texts)
