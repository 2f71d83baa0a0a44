"""Promise 5: an adjustment is applied once, and says what is true, not what was true or a part of it.

What DEAR should have of a product is what lies in the warehouse, and what has left and is not picked in DEAR yet, less
what DEAR has picked and still lies there. Shipping and confirming do not change how far DEAR is from that; only counts,
people's picks and adjustments do. So after an adjustment it must be right, unless one of those came just before.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from simulation.books import Amounts, Books, Entry, Shipped, in_time, moment, units_of

JUST_BEFORE = timedelta(minutes=20)
"""So long may what people did in DEAR be unknown to us, and a correction of a shipment."""
AT_THE_SAME_MOMENT = timedelta(seconds=5)
"""A pick may come between the comparison and the adjustment: docs/reliability.md, what is not covered."""
FOR_GOOD = datetime.max.replace(tzinfo=UTC)
COUNTED_BEFORE = timedelta(minutes=135)
"""A snapshot of up to two hours may be written from: what was counted since is not in it."""


@dataclass
class _Shelves:
    """Both sides' stock, as the ledgers are read on."""

    books: Books
    counted: Amounts[tuple[str, str | None]] = field(default_factory=Amounts)
    left: Shipped = field(default_factory=Shipped)
    picked: dict[str, Amounts[str]] = field(default_factory=lambda: defaultdict(Amounts))
    stirred: dict[str, datetime] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    voided: set[str] = field(default_factory=set)

    def true_units(self, sku: str) -> Decimal:
        """What DEAR should have on hand."""
        units = sum((count for (each, _), count in self.counted.items() if each == sku), Decimal(0))
        numbers = {each.number for each in self.books.entered}
        for number in numbers:
            units += Decimal(self.left.units[number, sku]) - Decimal(self.picked[number][sku])
        return units

    def doubtful_units(self, sku: str) -> Decimal:
        """What DEAR has picked and the warehouse will not ship: a person decides whose stock that is."""
        return sum((Decimal(self.picked[number][sku]) for number in self.ended), Decimal(0))

    def read(self, side: str, entry: Entry) -> None:
        if side == "warehouse":
            self._warehouse(entry)
        else:
            self._dear(entry)

    def _warehouse(self, entry: Entry) -> None:
        number = self.books.sale_of(entry)
        self.left.read(entry, number)
        if entry["kind"] == "shipped":
            self._note_short(entry, number)
            if number in self.voided:
                self._leave_to_a_person(line["sku"] for line in entry["lines"])
        elif entry["kind"] in {"shipment_voided", "order_cancelled"}:
            self.ended.add(number)
        if entry["kind"] == "stock_changed":
            for row in entry["body"]:
                if row["warehouse"] == self.books.code:
                    self._count(row, entry)
        elif entry["kind"] in {"shipment_corrected", "shipment_voided", "order_reopened"}:
            # Of what leaves for an order that was given up, a person decides whether DEAR is to know; and so of what is
            # corrected after DEAR has it, when the operator lets it go on.
            for_a_person = number in self.books.asked_to_hold
            until = FOR_GOOD if for_a_person or entry["kind"] == "order_reopened" else moment(entry) + JUST_BEFORE
            for line in entry["lines"]:
                self._stir(line["sku"], until)

    def _count(self, row: Entry, entry: Entry) -> None:
        """Take in what the warehouse counted anew, or how a shipment changed it."""
        place = (row["sku"], row.get("lot"))
        if entry["because"] == "counted":
            self.counted[place] = Decimal(row["on_hand"])
            self._stir(row["sku"], moment(entry) + COUNTED_BEFORE)
        else:
            self.counted[place] += Decimal(row["change"])

    def _note_short(self, entry: Entry, number: str) -> None:
        gone = sum(self.left.by_order[entry["order_number"]].values())
        if entry["body"]["final"] and gone < sum(Decimal(line["quantity"]) for line in entry["lines"]):
            self.ended.add(number)

    def _dear(self, entry: Entry) -> None:
        number = self.books.sale_of(entry)
        if entry["kind"] in {"sale_undo", "sale_void"}:
            # What had left is back in DEAR's books: whether it is to be taken off again, a person decides.
            self._leave_to_a_person(self.picked.pop(number, {}))
            if self.books.late_withdrawals:
                # So with what leaves all the same, for an order that was forgotten with the lost hour.
                self.voided.add(number)
                self._leave_to_a_person(sku for each, sku in self.left.units if each == number)
        elif entry["kind"] == "pick" and entry["status"] == "AUTHORISED":
            self.picked[number].add(units_of(entry["lines"]))
            for sku in units_of(entry["lines"]):
                self._stir(sku, moment(entry) + AT_THE_SAME_MOMENT)
            if entry["by"] == "user":
                # Whether the warehouse, too, counts them as gone, is between that person and the warehouse.
                self._leave_to_a_person(units_of(entry["lines"]))

    def _leave_to_a_person(self, skus: Iterable[str]) -> None:
        for sku in skus:
            self._stir(sku, FOR_GOOD)

    def _stir(self, sku: str, until: datetime) -> None:
        self.stirred[sku] = max(self.stirred.get(sku, until), until)


def audit_stock(books: Books) -> Iterator[str]:
    """What is wrong with the adjustments, and in the end with the stock."""
    shelves = _Shelves(books)
    markers: Counter[str] = Counter()
    for each in books.entered:
        for sku, units in each.picked:
            shelves.picked[each.number][sku] += units
    begin = moment(books.warehouse[0]) if books.warehouse else None
    for side, entry in in_time(books):
        shelves.read(side, entry)
        if entry["kind"] == "stock_changed" and moment(entry) == begin:
            shelves.stirred.clear()
        if entry["kind"] == "stock_adjustment" and entry["by"] == "api":
            markers[entry["reference"]] += 1
            yield from _judged(books, shelves, entry)
    yield from (f"the adjustment {marker} was applied {times} times" for marker, times in markers.items() if times > 1)
    if books.settled and books.inventory:
        yield from _in_the_end(books, shelves)


def _judged(books: Books, shelves: _Shelves, entry: Entry) -> Iterator[str]:
    for line in entry["lines"]:
        sku, after = line["sku"], Decimal(str(line["on_hand_after"]))
        true = shelves.true_units(sku)
        # Where not everything is known yet, stock may come nearer to what is true and stop short of it.
        before = Decimal(str(line["on_hand_before"]))
        lowest, highest = min(true, before), max(true, before, true + shelves.doubtful_units(sku))
        if line["location"] != books.location:
            yield f"stock of {sku} was written at {line['location']}"
        elif not (lowest <= after <= highest and after != before) and shelves.stirred.get(sku, moment(entry)) <= moment(
            entry
        ):
            yield f"stock of {sku} was set to {after} at {entry['at'][11:19]}, and should be {true}"


def _in_the_end(books: Books, shelves: _Shelves) -> Iterator[str]:
    """Where no sale of the product is stopped half-way, both sides count the same.

    While lines that a person picked, or began to pick, are unknown to the product, it raises no stock, and says so.
    """
    begun = {"pick", "fulfilment"}
    taken_by_people = any(entry["kind"] in begun and entry["by"] == "user" for entry in books.dear)
    unraised = taken_by_people or any(each.picked and not books.is_plain(each) for each in books.entered)
    open_skus = {sku for sku, until in shelves.stirred.items() if until == FOR_GOOD}
    for each in books.entered:
        if not books.is_plain(each):
            open_skus |= {sku for sku, _, _ in each.lines}
    for entry in books.dear:
        if entry["kind"] == "sale_edit":
            open_skus |= {line["sku"] for line in entry["body"].get("lines") or ()}
    in_dear: Amounts[str] = Amounts()
    for row in books.dear_stock:
        if row["Location"] == books.location:
            in_dear[row["SKU"]] += Decimal(str(row["OnHand"]))
    for sku, units in in_dear.items():
        true = shelves.true_units(sku)
        known = (unraised or true <= units) and units <= true + shelves.doubtful_units(sku)
        if sku not in open_skus and not known:
            yield f"stock of {sku}: DEAR has {units}, and should have {true}"
