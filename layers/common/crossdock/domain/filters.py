"""Filters of a connection: which sales are loaded, and which of their lines, by what a field says."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crossdock.domain.sale import Sale, SaleLine

AttributeName = Literal[
    "additional_attribute_1", "additional_attribute_2", "additional_attribute_3", "additional_attribute_4",
    "additional_attribute_5", "additional_attribute_6", "additional_attribute_7", "additional_attribute_8",
    "additional_attribute_9", "additional_attribute_10",
]  # fmt: skip
"""Blueprint: Additional Attribute Model."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Filter(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    field: str
    rule: Literal["required", "restricted"] = Field(
        description="`required`: the field must match one of the values; `restricted`: it must match none."
    )
    match: Literal["full", "starts", "ends"] = Field(
        default="full", description="What of the field must be the value: all, its beginning, its end; case is ignored."
    )
    values: tuple[Text, ...] = Field(min_length=1, description="The values to look for.")

    def allows(self, text: str | None) -> bool:
        """Whether a field that says this passes; a blank one matches nothing."""
        return self.hits(text) == (self.rule == "required")

    def hits(self, text: str | None) -> bool:
        """Whether one of the values is found where `match` says."""
        return any(matches(text, value, self.match) for value in self.values)


class OrderFilter(_Filter):
    """A filter on a field of the sale. A sale that fails it is skipped."""

    field: Literal[
        "order_number", "customer", "customer_reference", "channel", "account", "sales_rep", "carrier", "terms",
        "currency", "city", "region", "postcode", "country",
    ] = Field(description="The field of the sale; what is of an address, is of the shipping address.")  # fmt: skip

    def text_of(self, sale: Sale) -> str | None:
        """What the field says in this sale."""
        match self.field:
            case "channel":
                return sale.source_channel
            case "account":
                return sale.default_account
            case "sales_rep":
                return sale.sales_representative
            case "region":
                return sale.ship_to.state
            case "city" | "postcode" | "country":
                found: str | None = getattr(sale.ship_to, self.field)
                return found
        of_sale: str | None = getattr(sale, self.field)
        return of_sale


class ItemFilter(_Filter):
    """A filter on a field of the lines. A line that fails it is dropped, or the whole sale skipped."""

    field: Literal["sku", "name", "comment", "tax_rule"] = Field(description="The field of the line.")
    action: Literal["drop_line", "refuse_order"] = Field(
        default="drop_line",
        description="What becomes of a line that fails: it stays out, or the sale is skipped. The second comes first.",
    )

    def text_of(self, line: SaleLine) -> str | None:
        """What the field says in this line."""
        found: str | None = getattr(line, self.field)
        return found


def matches(text: str | None, value: str, how: Literal["full", "starts", "ends"] = "full") -> bool:
    """Whether a text is, begins with or ends with a value, whatever the case and the blanks around it."""
    found, sought = (text or "").strip().casefold(), value.strip().casefold()
    match how:
        case "starts":
            return found.startswith(sought)
        case "ends":
            return found.endswith(sought)
    return found == sought


def contradiction(filters: Sequence[_Filter]) -> tuple[int, int] | None:
    """The places of two filters that no text can pass together, where that is plain to see."""
    for (first, one), (second, other) in combinations(enumerate(filters), 2):
        if one.field == other.field and (_shuts_out(one, other) or _shuts_out(other, one)):
            return first, second
    return None


def _shuts_out(one: _Filter, other: _Filter) -> bool:
    """Whether nothing that the first requires passes the second."""
    if one.rule != "required":
        return False
    if one.match == "full":
        return not any(other.allows(value) for value in one.values)
    return other.rule == "restricted" and other.match == one.match and all(map(other.hits, one.values))


def quoted(values: Sequence[str], longest: int = 60, most: int = 5) -> str:
    """Values of a setting as a reason shows them: each cut, and not too many."""
    return " or ".join([*_cut(values[:most], longest), *([f"{len(values) - most} more"] if len(values) > most else [])])


def _cut(values: Sequence[str], longest: int) -> Iterator[str]:
    return (f"'{value if len(value) <= longest else value[: longest - 1] + '…'}'" for value in values)
