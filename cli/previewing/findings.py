"""What a preview has found so far: what loads, what does not and why, and which names the settings lack."""

from collections import Counter
from dataclasses import dataclass, field

from cli.previewing.bills import Bills
from cli.reasons import words_of
from cli.shapes import PreviewGroup
from crossdock.domain.content import ship_method_of
from crossdock.domain.errors import CrossdockError, NeedsPerson, Remedy
from crossdock.domain.model import Reason
from crossdock.domain.planning import plan_sale
from crossdock.domain.sale import Sale, SaleRow
from crossdock.domain.settings import Settings
from crossdock.domain.states import Decision
from crossdock.domain.verdicts import judge

EXAMPLES = 5
"""Order numbers that are shown of a group."""

_ORDER = (Decision.HELD, Decision.ERROR, Decision.PENDING, Decision.SKIPPED, Decision.VOIDED)
"""Of the groups: what wants a person comes first."""


@dataclass
class _Group:
    told: str
    sales: int = 0
    examples: list[str] = field(default_factory=list)
    breakdown: Counter[str] = field(default_factory=Counter)


@dataclass
class Findings:
    """Sales are taken in one by one; each ends in `loaded` or in one of the groups."""

    settings: Settings
    locations: dict[str, str]
    """DEAR's LocationID to name; empty where no row needs it."""
    loaded: list[SaleRow] = field(default_factory=list)
    orders: int = 0
    ship_methods: Counter[str] = field(default_factory=Counter)
    """DEAR's ship methods, of the sales that load or are held."""
    sale_locations: Counter[str] = field(default_factory=Counter)
    """DEAR's locations, of the sales that load or are held."""
    carriers: set[str] = field(default_factory=set)
    """Carriers that the sales name, be it on the sale or on a parcel."""
    _groups: dict[tuple[Decision, str], _Group] = field(default_factory=dict)

    @property
    def judged(self) -> int:
        return len(self.loaded) + sum(group.sales for group in self._groups.values())

    def take_row(self, row: SaleRow) -> bool:
        """Judge the sale by its row alone; False where it has to be read."""
        location = self.locations.get(row.location_id or "")
        verdict = judge(row, None, (), self.settings, location)
        if verdict.reason:
            self._add(verdict.decision, row, verdict.reason, _particular(verdict.reason.code, row, location))
        return verdict.decision is not Decision.PENDING

    def take_sale(self, row: SaleRow, sale: Sale, bills: Bills) -> None:
        """Judge a sale that was read, by what the download would do with it.

        Raises what `bills` raises; the sale is not judged then.
        """
        try:
            plan = plan_sale(sale, self.settings)
            bills.check(plan)
        except NeedsPerson as stopped:
            method = ship_method_of(sale, self.settings) if stopped.code == "unmapped_ship_method" else None
            self._add(Decision.HELD, row, stopped.reason, method or "")
        else:
            if plan.skipped:
                self._add(Decision.SKIPPED, row, plan.skipped, _particular(plan.skipped.code, row, sale.location, sale))
                return
            self.loaded.append(row)
            self.orders += len(plan.orders)
        self._note_names(sale)

    def take_trouble(self, row: SaleRow, error: CrossdockError) -> None:
        """A sale that could not be read: held where DEAR said no, else tried again by a later download."""
        held = error.remedy is Remedy.HOLD
        self._add(Decision.HELD if held else Decision.PENDING, row, error.reason)

    def groups(self) -> tuple[PreviewGroup, ...]:
        """The sales that do not load: what wants a person first, then by how many they are."""
        found = sorted(self._groups.items(), key=lambda item: (_ORDER.index(item[0][0]), -item[1].sales, item[0][1]))
        return tuple(_shown(decision, code, group) for (decision, code), group in found)

    def _add(self, decision: Decision, row: SaleRow, reason: Reason, particular: str = "") -> None:
        group = self._groups.setdefault((decision, reason.code), _Group(reason.text))
        group.sales += 1
        if len(group.examples) < EXAMPLES:
            group.examples.append(row.order_number)
        if particular:
            group.breakdown[particular] += 1

    def _note_names(self, sale: Sale) -> None:
        if method := ship_method_of(sale, self.settings):
            self.ship_methods[method] += 1
        if sale.location:
            self.sale_locations[sale.location] += 1
        shipped = (line.carrier for each in sale.fulfilments for line in each.ship_lines)
        self.carriers |= {carrier for carrier in (sale.carrier, *shipped) if carrier}


def _particular(code: str, row: SaleRow, location: str | None, sale: Sale | None = None) -> str:
    """What tells the sales of a group apart: their status, or their location."""
    told = {"status": row.status, "location": location, "not_authorised": sale.order_status if sale else ""}
    return (told[code] or "blank") if code in told else ""


def _shown(decision: Decision, code: str, group: _Group) -> PreviewGroup:
    words = words_of(code, group.told)
    return PreviewGroup(
        decision=decision,
        reason_code=code,
        sales=group.sales,
        why=words.why,
        mend=words.mend,
        breakdown=dict(group.breakdown.most_common()),
        examples=tuple(group.examples),
    )
