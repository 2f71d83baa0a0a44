"""Which of DEAR's locations gets the stock of which warehouses, by the settings."""

from collections.abc import Iterator
from typing import NamedTuple

from crossdock.domain.settings import InventorySettings, Settings


class Place(NamedTuple):
    """One DEAR location and the warehouse codes whose stock, added up, is its own."""

    location: str
    codes: frozenset[str]


def places(settings: Settings, inventory: InventorySettings) -> tuple[Place, ...]:
    """Every place that is written; a warehouse that is left out is in none."""
    return tuple(sorted(_places(settings, inventory), key=_location))


def _places(settings: Settings, inventory: InventorySettings) -> Iterator[Place]:
    wanted = {location: code for location, code in settings.warehouses.items() if code not in inventory.left_out}
    if inventory.locations == "total" and inventory.total_location:
        if wanted:
            yield Place(inventory.total_location, frozenset(wanted.values()))
        return
    for location, code in wanted.items():
        yield Place(location, frozenset({code}))


def _location(place: Place) -> str:
    return place.location
