"""What stands on a parcel: carrier, service, tracking number and weight, made up where nobody gave them."""

from decimal import Decimal
from hashlib import sha256
from typing import Any

_SERVICES = {
    "STANDARD": ("DPD", "Classic"),
    "EXPRESS": ("DHL Express", "Worldwide"),
    "ECONOMY": ("Royal Mail", "Tracked 48"),
}
_OTHER_SERVICE = ("DPD", "Classic")


def labelled(
    order: dict[str, Any], shipment: dict[str, Any], place: int, lines: list[dict[str, Any]], given: dict[str, Any]
) -> dict[str, Any]:
    """Give a parcel's fields but its lines; `given` wins wherever it says something.

    The tracking number follows from shipment, revision and place, so a correction without one gets a new one.
    """
    carrier, service = _SERVICES.get(order.get("ship_method") or "", _OTHER_SERVICE)
    tracking = given["tracking_number"] or _tracking_number(order["reference"], shipment, place)
    weight, unit = _weight(order, lines)
    made = {
        "parcel_id": f"{shipment['id']}-{place}",
        "carrier": order.get("carrier") or carrier,
        "service": service,
        "tracking_number": tracking,
        "tracking_url": f"https://tracking.example.com/{tracking}",
        "weight": weight,
        "weight_unit": unit,
    }
    return {field: given.get(field) or value for field, value in made.items()}


def _tracking_number(reference: str, shipment: dict[str, Any], place: int) -> str:
    name = f"{reference}/{shipment['id']}/{shipment['revision']}/{place}"
    return f"SBX{int(sha256(name.encode()).hexdigest(), 16) % 10**12:012}"


def _weight(order: dict[str, Any], lines: list[dict[str, Any]]) -> tuple[str | None, str | None]:
    """Add up the lines' weights; none where one is unknown or they are in different units."""
    ordered = {line["line_id"]: line for line in order["lines"]}
    units = {ordered[line["line_id"]].get("weight_unit") for line in lines}
    weights = [ordered[line["line_id"]].get("weight") for line in lines]
    if len(units) != 1 or None in units or None in weights:
        return None, None
    total = sum(
        (Decimal(weight) * Decimal(line["quantity"]) for weight, line in zip(weights, lines, strict=True)), Decimal(0)
    )
    return f"{total:f}", units.pop()
