"""Units that one side has moved and the other has not yet, by SKU and lot."""

from decimal import Decimal

from crossdock.domain.model import Record
from crossdock.domain.shelf import lot_key, sku_key


class InFlight(Record):
    """Units of a SKU that one side has moved and the other has not yet.

    `left_unconfirmed`: shipped before the snapshot, not yet taken off in DEAR.
    `confirmed_since`: taken off in DEAR, but still counted in the snapshot.
    `undelivered`: allocated in DEAR for orders that the warehouse did not know at the snapshot.
    `unsettled`: a write to DEAR that concerns the SKU has no known outcome yet.
    """

    left_unconfirmed: Decimal = Decimal(0)
    confirmed_since: Decimal = Decimal(0)
    undelivered: Decimal = Decimal(0)
    unsettled: bool = False

    def __add__(self, other: "InFlight") -> "InFlight":
        return InFlight(
            left_unconfirmed=self.left_unconfirmed + other.left_unconfirmed,
            confirmed_since=self.confirmed_since + other.confirmed_since,
            undelivered=self.undelivered + other.undelivered,
            unsettled=self.unsettled or other.unsettled,
        )


NONE = InFlight()


class Flights:
    """What is in flight at one place, by SKU in any letters. Units whose lot nobody told count for the SKU alone."""

    def __init__(self) -> None:
        self._by_lot: dict[str, dict[str, InFlight]] = {}

    def add(self, sku: str, flight: InFlight, lot: str | None = None) -> None:
        lots = self._by_lot.setdefault(sku_key(sku), {})
        lots[lot_key(lot)] = lots.get(lot_key(lot), NONE) + flight

    def of(self, sku: str) -> InFlight:
        """All of the SKU, whatever the lot."""
        return sum(self._by_lot.get(sku_key(sku), {}).values(), NONE)

    def of_lot(self, sku: str, lot: str) -> InFlight:
        return self._by_lot.get(sku_key(sku), {}).get(lot_key(lot), NONE)

    def lots_known(self, sku: str) -> bool:
        """Whether all that is in flight of the SKU names its lot."""
        return self._by_lot.get(sku_key(sku), {}).get("", NONE) == NONE
