"""Error messages of the outside, without the personal data that they repeat.

Masked is what we sent (the words of a name or an address one by one, other texts whole or in runs of words), what has
the shape of an e-mail address or a telephone number, and what is quoted as a customer, contact, address or name
(unquoted, two capitalised words after customer or contact).
SKUs, document numbers and ids that we sent stay readable.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MASK = "…"
SHORTEST_NAME = 3
SHORTEST_WORD = 4

_RUN_OF_NAMES, _RUN_OF_TEXTS = 2, 3
_FEWEST_DIGITS, _MOST_DIGITS = 9, 15

_WORD = re.compile(r"\w+")
_EMAIL = re.compile(r"[\w.+%'-]{1,64}@(?=[\w.-]*[^\W\d_])[\w-]+(?:\.[\w-]+)*")
_INTERNATIONAL = r"\(?\+\(?\d(?:[ ()./-]{0,3}\d){6,14}"
_FROM_ABROAD = r"00(?:[ .-][1-9]|[1-9]\d{0,2}[ .-]\d)(?:[ ()./-]{0,3}\d){6,12}"
_NATIONAL = r"\(?0[1-9]\d{0,4}\)?(?:[ ./()-]{1,2}\d{2,}){1,5}|0[1-9]\d{7,9}"
_THREE_THREE_FOUR = r"\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}([ .-])\d{3}\1\d{4}"
_PHONE = re.compile(rf"(?<![\w.-])(?:{_INTERNATIONAL}|{_FROM_ABROAD}|{_NATIONAL}|{_THREE_THREE_FOUR})(?![\w:-])")
_CALLED_PHONE = re.compile(
    r"\b(?:tel|telephone|phone|mobile|fax)\b[^\w\n]{1,4}(?P<number>\d[\d ()./-]{3,}\d)", re.IGNORECASE
)
_DAY = re.compile(r"\d{2}([./-])\d{2}\1\d{4}")

_QUOTED = r"(?:'.*?(?:'(?!\w)|$)|\".*?(?:\"|$)|“.*?(?:”|$)|\u2018.*?(?:\u2019(?!\w)|$))"
_PERSON = re.compile(
    r"\b(?:customer|contact|address|name)s?(?:\s+(?:with\s+)?(?:name|named|called))?"
    rf"(?:\s*[:=(]\s*|\s+)(?P<quoted>{_QUOTED}(?:\s*(?:,|and|or)\s*{_QUOTED})*)",
    re.IGNORECASE | re.DOTALL,
)
_ANY_QUOTED = re.compile(_QUOTED, re.DOTALL)

_CAPITAL = r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ'\u2019-]+"
_UNQUOTED = re.compile(rf"\b(?i:customer|contact):?\s+(?P<name>{_CAPITAL}(?:\s+(?:&\s+|and\s+)?{_CAPITAL})+)")

type _Span = tuple[int, int]
type _Run = tuple[str, ...]


@dataclass(frozen=True)
class Sent:
    """What a request carried: `names` of people and places, other private `texts`, and what may be `kept` readable."""

    names: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()


NOTHING_SENT = Sent()


def masked(message: str, sent: Sent = NOTHING_SENT) -> str:
    """The message with "…" in place of personal data, whatever its case, blanks and punctuation are."""
    text = unicodedata.normalize("NFC", message)
    kept = list(_kept(text, sent.kept))
    found = (*_people(text), *_shapes(text), *_repeated(text, _runs(sent)))
    hidden = sorted((start, end) for start, end in found if not any(a <= start and end <= b for a, b in kept))
    shown, position = [], 0
    for start, end in _merged(text, hidden):
        shown += [text[position:start], MASK]
        position = end
    return "".join([*shown, text[position:]])


def _kept(text: str, kept: Iterable[str]) -> Iterator[_Span]:
    """Where something readable stands by itself, exactly as we sent it."""
    for value in kept:
        if value.strip() and value in text:
            for match in re.finditer(rf"(?<![\w-]){re.escape(value)}(?![\w-])", text):
                yield match.span()


def _people(text: str) -> Iterator[_Span]:
    yield from (match.span("name") for match in _UNQUOTED.finditer(text))
    for person in _PERSON.finditer(text):
        for match in _ANY_QUOTED.finditer(text, *person.span("quoted")):
            closed = len(match[0]) > 1 and match[0][-1] in "'\"”\u2019"
            yield match.start() + 1, match.end() - closed


def _shapes(text: str) -> Iterator[_Span]:
    yield from (match.span() for match in _EMAIL.finditer(text))
    yield from (match.span("number") for match in _CALLED_PHONE.finditer(text))
    yield from (match.span() for match in _PHONE.finditer(text) if _is_phone(match[0]))


def _is_phone(shape: str) -> bool:
    digits = sum(each.isdecimal() for each in shape)
    return "+" in shape or (_FEWEST_DIGITS <= digits <= _MOST_DIGITS and not _DAY.match(shape))


def _runs(sent: Sent) -> frozenset[_Run]:
    """The runs of words that give the sent texts away; each covers its text, overlapping."""
    runs: set[_Run] = set()
    for name in sent.names:
        words = _words(name)
        runs |= _runs_of(words, _RUN_OF_NAMES, SHORTEST_NAME)
        runs |= {(word,) for word in words if len(word) >= SHORTEST_WORD and not word.isdecimal()}
    for text in sent.texts:
        runs |= _runs_of(_words(text), _RUN_OF_TEXTS, SHORTEST_WORD)
    return frozenset(runs)


def _runs_of(words: _Run, length: int, shortest: int) -> set[_Run]:
    if sum(map(len, words)) < shortest:
        return set()
    return {words[start : start + length] for start in range(max(1, len(words) - length + 1))}


def _words(text: str) -> _Run:
    return tuple(word.casefold() for word in _WORD.findall(unicodedata.normalize("NFC", text)))


def _repeated(text: str, runs: frozenset[_Run]) -> Iterator[_Span]:
    matches = list(_WORD.finditer(text)) if runs else []
    words = tuple(match[0].casefold() for match in matches)
    for first in range(len(words)):
        for last in range(first, min(first + _RUN_OF_TEXTS, len(words))):
            if words[first : last + 1] in runs:
                yield matches[first].start(), matches[last].end()


def _merged(text: str, spans: Iterable[_Span]) -> Iterator[_Span]:
    """The spans, in order, as one where they overlap or only blanks are between them."""
    current: _Span | None = None
    for start, end in spans:
        if current and not text[current[1] : start].strip():
            current = current[0], max(current[1], end)
            continue
        if current:
            yield current
        current = start, end
    if current:
        yield current
