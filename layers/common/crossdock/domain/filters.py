"""Filters of a connection: which sales are loaded, and which of their lines, by what a field says."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

AttributeName = Literal[
    "additional_attribute_1", "additional_attribute_2", "additional_attribute_3", "additional_attribute_4",
    "additional_attribute_5", "additional_attribute_6", "additional_attribute_7", "additional_attribute_8",
    "additional_attribute_9", "additional_attribute_10",
]  # fmt: skip
"""Blueprint: Additional Attribute Model."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Filter(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    rule: Literal["required", "restricted"] = Field(description="The field must match one of the values, or none.")
    match: Literal["full", "starts", "ends"] = Field(
        default="full", description="What of the field must be the value; case is ignored."
    )
    values: tuple[Text, ...] = Field(min_length=1, description="The values to look for.")


class OrderFilter(_Filter):
    """A filter on a field of the sale. A sale that fails it is skipped."""

    field: Literal[
        "order_number", "customer", "customer_reference", "channel", "account", "sales_rep", "carrier", "terms",
        "currency", "city", "region", "postcode", "country",
    ] = Field(description="The field of the sale; what of an address, is of the shipping address.")  # fmt: skip


class ItemFilter(_Filter):
    """A filter on a field of the lines. A line that fails it is dropped, or the whole sale skipped."""

    field: Literal["sku", "name", "comment", "tax_rule"] = Field(description="The field of the line.")
    action: Literal["drop_line", "refuse_order"] = Field(
        default="drop_line", description="What becomes of a line that fails: it stays out, or the sale is skipped."
    )
