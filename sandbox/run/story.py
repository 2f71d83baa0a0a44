"""What people do during the demonstration: warehouse workers and users of DEAR, each as soon as an order is so far."""

from dataclasses import dataclass, field
from typing import Any, Literal

Reached = Literal["delivered", "changed", "confirmed", "invoiced", "a round later"]


@dataclass(frozen=True)
class Act:
    """One thing that somebody does with an order, `once` the systems' own ledgers show that it is so far.

    `order` is its number at the warehouse. `by` "warehouse": `does` is `ship` or `correct`; `parcels` are given as
    `2 SKU, 1 SKU | 1 SKU`, or are left out for all that is owed. `by` "dear": `does` is an action on the sale of
    `sandbox.dear.user`. `told` says it in words.
    """

    order: str
    once: Reached
    by: Literal["warehouse", "dear"]
    does: str
    told: str
    parcels: str = ""
    body: dict[str, Any] = field(default_factory=dict)


def _lines(**units: float) -> dict[str, Any]:
    return {"lines": [{"sku": sku.replace("_", "-"), "quantity": quantity} for sku, quantity in units.items()]}


STORY = (
    Act("SO-10414", "delivered", "warehouse", "ship", "leaves in one parcel"),
    Act("SO-10414", "delivered", "dear", "pick", "a user of DEAR picks it there"),
    Act("SO-10414", "delivered", "dear", "pack", "packs it"),
    Act("SO-10414", "delivered", "dear", "ship", "ships it, without the tracking number"),
    Act("SO-10419", "delivered", "warehouse", "ship", "leaves in one parcel"),
    Act("SO-10419", "invoiced", "warehouse", "correct", "the warehouse corrects the tracking number"),
    Act(
        "SO-10421", "delivered", "dear", "pick", "a user of DEAR picks all of it",
        body=_lines(BEN_COL_1000=8, FLT_02_100=10),
    ),
    Act(
        "SO-10421", "a round later", "warehouse", "ship", "two bags are damaged: 6 of 8 leave, and no more will",
        parcels="6 BEN-COL-1000 | 10 FLT-02-100",
    ),
    Act(
        "SO-10425.1", "delivered", "warehouse", "ship", "a first part leaves in two parcels, more will follow",
        parcels="4 APR-CNV-OLV | 3 CLN-TAB-100, 1 SCL-PRO-2K", body={"final": False},
    ),
    Act("SO-10425.1", "confirmed", "warehouse", "ship", "the rest leaves"),
    Act(
        "SO-10426", "delivered", "dear", "edit", "a user of DEAR adds a pack of tablets",
        body={
            "lines": [
                {"sku": "BEN-GRN-KG", "quantity": 12.5, "price": 9.45, "tax_rule": "Zero-rated"},
                {"sku": "CLN-TAB-100", "quantity": 2, "price": 16.75, "tax_rule": "Zero-rated"},
            ]
        },
    ),
    Act("SO-10426", "changed", "warehouse", "ship", "leaves as it was changed"),
    Act("SO-10429", "delivered", "warehouse", "ship", "leaves in one parcel"),
    Act("SO-10429", "delivered", "dear", "void", "a user of DEAR voids the sale"),
    Act(
        "SO-10432", "delivered", "warehouse", "ship", "34 of 36 green mugs leave, and no more will",
        parcels="20 MUG-ENA-350-GRN | 14 MUG-ENA-350-GRN, 6 MUG-ENA-350-NVY | 12 MUG-ENA-350-NVY, 6 APR-CNV-OLV",
    ),
    Act("SO-10434", "delivered", "warehouse", "ship", "leaves in one parcel"),
    Act("SO-10434", "delivered", "dear", "invoice", "a user of DEAR invoices it"),
    Act(
        "SO-10436", "delivered", "warehouse", "ship", "leaves with a carrier that nobody knows",
        parcels="2 CLN-TAB-100", body={"carrier": "Fleet Foot Couriers"},
    ),
    Act(
        "SO-10437", "delivered", "warehouse", "ship", "leaves from the showroom, where the aprons are",
        body={"warehouse": "SHOW"},
    ),
    Act("SO-10438", "delivered", "warehouse", "ship", "leaves in one parcel"),
    Act("SO-10438", "delivered", "dear", "invoice", "a user of DEAR invoices it"),
    Act("SO-10438", "delivered", "dear", "credit", "and credits it: the customer has cancelled"),
)  # fmt: skip
"""The story of the demonstration's own sales; an order's acts follow one another."""
