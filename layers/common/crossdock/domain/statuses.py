"""DEAR's sale statuses: what each means, and which sales a chosen set of them takes in. Pure."""

from enum import StrEnum


class SaleStatus(StrEnum):
    """The status of a whole sale (blueprint: Available Sale Statuses)."""

    DRAFT = "DRAFT"
    VOIDED = "VOIDED"
    ESTIMATING = "ESTIMATING"
    ESTIMATED = "ESTIMATED"
    ORDERING = "ORDERING"
    ORDERED = "ORDERED"
    BACKORDERED = "BACKORDERED"
    PICKING = "PICKING"
    PICKED = "PICKED"
    PACKING = "PACKING"
    PACKED = "PACKED"
    SHIPPING = "SHIPPING"
    INVOICING = "INVOICING"
    INVOICED = "INVOICED"
    CREDITED = "CREDITED"
    COMPLETED = "COMPLETED"


STATUS_GROUPS: dict[str, frozenset[SaleStatus]] = {
    "PACKED AND SHIPPING": frozenset({SaleStatus.PACKED, SaleStatus.SHIPPING}),
    "ANY": frozenset(SaleStatus),
}
"""Names that stand for several statuses in the settings."""

SIMPLE_ONLY = frozenset(
    {
        SaleStatus.PICKING, SaleStatus.PICKED, SaleStatus.PACKING, SaleStatus.PACKED, SaleStatus.SHIPPING,
        SaleStatus.INVOICING, SaleStatus.INVOICED, SaleStatus.CREDITED,
    }
)  # fmt: skip
"""Statuses that DEAR never gives to an advanced sale (blueprint: Available Sale Statuses)."""
