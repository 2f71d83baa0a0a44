"""Which of DEAR's locations gets the stock of which warehouses, by the settings."""

from collections.abc import Iterator
from typing import NamedTuple

from crossdock.domain.settings import InventorySettings, Settings


class Place(NamedTuple):
    """One DEAR location and the warehouse codes whose stock, added up, is its own.

    `beside`: other locations that would get the stock of the same code as well, each all of it.
    """

    location: str
    codes: frozenset[str]
    beside: tuple[str, ...] = ()


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
        beside = tuple(other for other, its in wanted.items() if its == code and other != location)
        yield Place(location, frozenset({code}), beside)


def _location(place: Place) -> str:
    return place.location
