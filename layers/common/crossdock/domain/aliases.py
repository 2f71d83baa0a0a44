"""One product, two names: DEAR's SKU and the warehouse's. Everything inside Crossdock speaks DEAR's."""

from collections.abc import Iterable
from functools import cached_property

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.inventory import StockItem, StockSnapshotPage
from crossdock.domain.model import Record
from crossdock.domain.order import Content
from crossdock.domain.shelf import sku_key
from crossdock.domain.shipment import Shipment


class AliasesClash(ValueError):
    """Pairs that cannot all be. `problems`: the number of the pair, from 0, and what is wrong with it."""

    def __init__(self, problems: Iterable[tuple[int, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} pairs clash")


class _Names:
    """One side's SKUs to the other's."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._exact = dict(pairs)
        self._in_other_letters = {sku_key(sku): name for sku, name in self._exact.items()}

    def get(self, sku: str) -> str | None:
        return self._exact.get(sku) or self._in_other_letters.get(sku_key(sku))


class Aliases(Record):
    """Pairs of DEAR's SKU and the warehouse's, each SKU once on its side. What has no alias has one name.

    A SKU in other letters is the same one, unless one in just these letters has an alias as well.
    """

    pairs: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _to_warehouse(self) -> "_Names":
        return _Names(self.pairs)

    @cached_property
    def _to_dear(self) -> "_Names":
        return _Names((warehouse, dear) for dear, warehouse in self.pairs)

    def at_warehouse(self, sku: str) -> str:
        """The warehouse's name of a DEAR SKU. Raises NeedsPerson where that name is another product's there."""
        if (alias := self._to_warehouse.get(sku)) is not None:
            return alias
        if (other := self._to_dear.get(sku)) is not None:
            raise NeedsPerson(
                "sku_alias_taken",
                f"{sku} is the warehouse's name of DEAR's {other}: give {sku} an alias of its own, or mend that one",
            )
        return sku

    def in_dear(self, sku: str) -> str:
        """DEAR's name of a warehouse SKU."""
        return self._to_dear.get(sku) or sku

    def is_ambiguous(self, sku: str) -> bool:
        """Whether the warehouse uses a DEAR SKU as a name though that product has another name there."""
        return self._to_warehouse.get(sku) is not None and self._to_dear.get(sku) is None

    def outgoing(self, content: Content) -> Content:
        """An order's content as the warehouse is to read it."""
        lines = tuple(line.model_copy(update={"sku": self.at_warehouse(line.sku)}) for line in content.lines)
        return content.model_copy(update={"lines": lines})

    def incoming(self, shipment: Shipment) -> Shipment:
        """A shipment with DEAR's SKUs."""
        parcels = tuple(
            parcel.model_copy(
                update={
                    "lines": tuple(line.model_copy(update={"sku": self.in_dear(line.sku)}) for line in parcel.lines)
                }
            )
            for parcel in shipment.parcels
        )
        return shipment.model_copy(update={"parcels": parcels})

    def counted(self, page: StockSnapshotPage) -> StockSnapshotPage:
        """A page of stock with DEAR's SKUs. An item under an ambiguous name is refused: its count is nobody's."""
        items: list[StockItem] = []
        refused: list[str] = []
        for item in page.items:
            if self.is_ambiguous(item.sku):
                told = f"the warehouse counts {item.sku} though its alias is {self._to_warehouse.get(item.sku)}"
                refused.append(f"inventory item {item.sku}: {told}")
            else:
                items.append(item.model_copy(update={"sku": self.in_dear(item.sku)}))
        return page.model_copy(update={"items": tuple(items), "refused": (*page.refused, *refused)})


def aliases_of(pairs: Iterable[tuple[str, str]]) -> Aliases:
    """The aliases. Raises AliasesClash that names every pair with a SKU that another pair has on the same side."""
    given = tuple(pairs)
    problems: list[tuple[int, str]] = []
    seen: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for number, pair in enumerate(given):
        for side, (sku, name) in enumerate(zip(pair, ("dear_sku", "warehouse_sku"), strict=True)):
            if (first := seen[side].setdefault(sku, number)) != number:
                problems.append((number, f"{name} {sku} stands already in pair {first}"))
    if problems:
        raise AliasesClash(problems)
    return Aliases(pairs=tuple(pair for pair in given if pair[0] != pair[1]))
