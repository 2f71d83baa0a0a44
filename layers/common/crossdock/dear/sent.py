"""What of a request body DEAR's messages may repeat: the values of a few keys; every other text is private."""

import re
from collections.abc import Iterator
from typing import Any

from crossdock.domain.privacy import Sent

READABLE = frozenset(
    {"SKU", "Status", "Location", "Box", "Carrier", "TrackingNumber", "BatchSN", "Account", "TaxRule", "Reference"}
)
"""Besides ids and dates. `Reference` is a stock adjustment's own marker; no other body that we write has one."""

_READABLE_END = re.compile(r"(ID|Date)$")
_PERSON_OR_PLACE = re.compile(r"address|contact|customer|mail|phone", re.IGNORECASE)


def sent_in(body: object) -> Sent:
    """The texts of a body, by what a message may do with them."""
    names, texts, kept = set(), set(), set()
    for key, text in _texts(body):
        if key in READABLE or _READABLE_END.search(key):
            kept.add(text)
        elif _PERSON_OR_PLACE.search(key):
            names.add(text)
        else:
            texts.add(text)
    return Sent(frozenset(names), frozenset(texts), frozenset(kept))


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, str(name))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner, key)
