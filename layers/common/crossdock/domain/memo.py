"""The memo of an invoice: the user's template, which must carry the mark that our invoices are known by. Pure."""

import re
from collections.abc import Iterable, Mapping

FIELDS = ("marker", "order_number", "reference", "tracking")
"""What a template may name."""

LONGEST_MEMO = 1024
"""Blueprint: Sale Invoice POST Model."""

LONGEST_TEMPLATE = 500

_FIELD = re.compile(r"\{([a-z_]+)\}")
_RUNS_ON = re.compile(r"[A-Za-z0-9]\{marker\}|\{marker\}([./-]?[A-Za-z0-9{])|\}\{marker\}")


def template_fault(template: str) -> str | None:
    """What is wrong with a template, and what mends it; None for one that works."""
    known = ", ".join(f"{{{field}}}" for field in FIELDS)
    if unknown := [name for name in _FIELD.findall(template) if name not in FIELDS]:
        return f"{{{unknown[0]}}} is not known; use {known}"
    if re.search(r"[{}]", _FIELD.sub("", template)):
        return f"braces stand only around a field: {known}"
    if "{marker}" not in template:
        return "must contain {marker}: without it, an invoice of ours could not be told from others"
    if _RUNS_ON.search(template):
        return "put a space before and after {marker}"
    return None


def names_one_of(memo: str, numbers: Iterable[str]) -> bool:
    """Whether a memo carries a mark of ours, of an order with one of these numbers, on any of its fulfilments."""
    return any(re.search(rf"(?<![A-Za-z0-9])Crossdock {re.escape(each)}(?![A-Za-z0-9])", memo) for each in numbers)


def memo_of(template: str, values: Mapping[str, str], tracking: tuple[str, ...]) -> str:
    """The memo. One that is longer than DEAR takes has fewer tracking numbers; the mark is never cut."""
    for kept in range(len(tracking), -1, -1):
        shown = ", ".join(tracking[:kept]) + (" …" if kept < len(tracking) else "")
        memo = _filled(template, {**values, "tracking": shown})
        if len(memo) <= LONGEST_MEMO:
            return memo
    return values["marker"]


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _FIELD.sub(lambda found: values[found[1]], template).strip()
