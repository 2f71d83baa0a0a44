"""The auditor: whether the nine promises were kept, judged by what the two outside systems wrote down themselves.

It knows nothing of our tables and imports nothing of the product. What the product's own reports say is taken in one
place alone: where something did not go through, they must say why.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from simulation.books import Amounts, Books, Entered, Entry, Shipped, Units, in_time, moment, shipped, units_of
from simulation.stock_audit import audit_stock

OPEN = frozenset({"DRAFT", "NOT AVAILABLE"})
STOPPED = frozenset({"held", "error", "skipped", "voided", "canceled", "cancel_requested", "pending", "unknown"})
CALLS_A_MINUTE = 60


@dataclass(frozen=True, order=True)
class Violation:
    """A promise of docs/architecture.md that was broken, by its number, and how; 10 is that everything settles."""

    promise: int
    text: str

    def __str__(self) -> str:
        return f"promise {self.promise}: {self.text}"


def audit(books: Books) -> list[Violation]:
    """Everything that is wrong; empty when every promise was kept."""
    found = [
        *(Violation(1, text) for text in _withdrawn_in_time(books)),
        *(Violation(2, text) for text in _one_order_each(books)),
        *(Violation(3, text) for text in _confirmed_only_what_left(books)),
        *(Violation(4, text) for text in _invoiced_only_what_left(books)),
        *(Violation(5, text) for text in audit_stock(books)),
        *(Violation(7, text) for text in _within_the_limit(books)),
        *(Violation(9, text) for text in _nothing_personal(books)),
    ]
    if books.settled:
        found += _all_settled(books)
    return sorted(found)


# --- 1: what was voided does not go out -----------------------------------------------------------------------

SOON = timedelta(minutes=25)
"""Within which a sale that was voided must be known to be."""


def _withdrawn_in_time(books: Books) -> Iterator[str]:
    """Long after a sale was voided in DEAR, it is not sent to the warehouse, and leaves only where work had begun."""
    if books.late_withdrawals:
        return
    voided = {books.sale_of(entry): moment(entry) for entry in books.dear if entry["kind"] == "sale_void"}
    begun: set[str] = set()
    for entry in books.warehouse:
        number = books.sale_of(entry)
        late = number in voided and moment(entry) > voided[number] + SOON and number not in books.asked_to_hold
        if late and entry["kind"] == "order_created":
            yield f"{number} was sent to the warehouse {moment(entry) - voided[number]} after it was voided"
        if late and entry["kind"] == "shipped" and entry["order_id"] not in begun:
            yield f"{number} left the warehouse {moment(entry) - voided[number]} after it was voided"
        if entry["kind"] in {"order_started", "shipped", "order_reopened"}:
            begun.add(entry["order_id"])


# --- 2: at most one warehouse order per fulfilment -----------------------------------------------------------


def _one_order_each(books: Books) -> Iterator[str]:
    """At any moment one live order per fulfilment, and all live ones of a sale for no more than was ever ordered.

    What an order shipped short, and for good, somebody may have sent once more.
    """
    live: dict[str, tuple[str, str, Amounts[str]]] = {}
    most, left, over = _most_ordered(books), Shipped(), set[str]()
    for entry in books.warehouse:
        left.read(entry, books.sale_of(entry))
        if "order_id" in entry:
            (over.add if entry.get("status") == "shipped" else over.discard)(entry["order_id"])
        if entry["kind"] == "order_cancelled":
            live.pop(entry["order_id"], None)
        if entry["kind"] not in {"order_created", "order_replaced"}:
            continue
        number = books.sale_of(entry)
        same = [order for order, (_, name, _) in live.items() if name == entry["order_number"]]
        if entry["kind"] == "order_created" and same:
            yield f"{entry['order_number']} has the orders {', '.join(same)} and {entry['order_id']} at the warehouse"
        live[entry["order_id"]] = (number, entry["order_number"], _asked(entry))
        total: Amounts[str] = Amounts()
        for order, (owner, name, units) in live.items():
            gone = {sku: count for (_, sku), count in left.by_order[name].items()}
            total.add({} if owner != number else gone if order in over else units)
        for sku, count in total.items():
            if count > most[number, sku]:
                yield f"{count} of {sku} are asked for at the warehouse, of {number}, which ordered {most[number, sku]}"


def _asked(entry: Entry) -> Amounts[str]:
    """What an order at the warehouse asks for."""
    asked: Amounts[str] = Amounts()
    for line in entry["body"]["lines"]:
        asked[line["sku"]] += Decimal(line["quantity"])
    return asked


def _most_ordered(books: Books) -> Units:
    """The most that each sale ever asked for."""
    most: Units = Amounts()
    for each in books.entered:
        for sku, units in each.goods.items():
            most[each.number, sku] = units
    for entry in books.dear:
        if entry["kind"] != "sale_edit" or not entry["body"].get("lines"):
            continue
        asked: Amounts[str] = Amounts()
        for line in entry["body"]["lines"]:
            asked[line["sku"]] += Decimal(str(line["quantity"]))
        for sku, units in asked.items():
            most[entry["order_number"], sku] = max(most[entry["order_number"], sku], units)
    return most


# --- 3: every shipment in DEAR exactly once ------------------------------------------------------------------

_UNDONE = frozenset({"sale_undo", "sale_void"})


def _confirmed_only_what_left(books: Books) -> Iterator[str]:
    """As it went along: nothing was picked or packed in DEAR, by the API, before it had left, nor on another task."""
    left = Shipped()
    asked = frozenset(entry["order_number"] for entry in books.warehouse if entry["kind"] == "order_created")
    written: dict[tuple[str, str], Amounts[tuple[int, str]]] = defaultdict(Amounts)
    for side, entry in in_time(books):
        number = books.sale_of(entry)
        if side == "warehouse":
            left.read(entry, number)
            continue
        if entry["kind"] in _UNDONE:
            for stage in ("pick", "pack"):
                written.pop((number, stage), None)
        if entry["kind"] in {"pick", "pack"} and entry["by"] == "api" and entry["status"] == "AUTHORISED":
            task = entry["fulfilment_number"]
            done = written[number, entry["kind"]]
            done.add({(task, sku): units for sku, units in units_of(entry["lines"]).items()})
            yield from _too_much(entry, number, done, left, asked)
        if entry["kind"] == "ship" and entry["by"] == "api":
            yield from _foreign_labels(entry, number, left)


def _too_much(
    entry: Entry, number: str, stage: Amounts[tuple[int, str]], left: Shipped, asked: frozenset[str]
) -> Iterator[str]:
    """More in this stage than has left: of the sale, or of the fulfilment, where that has an order of its own."""
    total: Amounts[str] = Amounts()
    for (_, sku), units in stage.items():
        total[sku] += units
    for sku, units in total.items():
        if units > left.ever[number, sku]:
            yield f"{entry['kind']} in DEAR of {units} {sku} of {number}, of which {left.ever[number, sku]} have left"
    task = f"{number}.{entry['fulfilment_number']}"
    if number in asked or task not in asked:
        return
    for (each, sku), units in stage.items():
        of_task = left.by_order[task][number, sku]
        withdrawn = left.ever[number, sku] != left.units[number, sku]
        if each == entry["fulfilment_number"] and units > max(of_task, Decimal(0)) and not withdrawn:
            yield f"{entry['kind']} of {units} {sku} on fulfilment {each} of {number}, whose order shipped {of_task}"


def _foreign_labels(entry: Entry, number: str, left: Shipped) -> Iterator[str]:
    for line in entry["body"].get("Lines", ()):
        label = line.get("TrackingNumber")
        owners = [owner for owner, labels in left.labels.items() if label in labels and owner != number]
        if owners:
            yield f"{number} has the tracking number {label} of {', '.join(owners)} in DEAR"


# --- 4: at most one invoice per fulfilment, never above what shipped -----------------------------------------


def _invoiced_only_what_left(books: Books) -> Iterator[str]:
    left = Shipped()
    live: dict[str, list[Entry]] = defaultdict(list)
    for side, entry in in_time(books):
        number = books.sale_of(entry)
        if side == "warehouse":
            left.read(entry, number)
        elif entry["kind"] in _UNDONE | {"invoice_void"}:
            live.pop(number, None)
        elif entry["kind"] == "invoice" and entry["by"] == "user":
            # Of a simple sale a person writes over the draft that stands: what was ours is gone.
            live[number] = [each for each in live[number] if each["task_id"] != entry["task_id"]]
        elif entry["kind"] == "invoice":
            same = [each for each in live[number] if each["fulfilment_number"] == entry["fulfilment_number"]]
            if same:
                yield f"{number}, fulfilment {entry['fulfilment_number']}, was invoiced {len(same) + 1} times"
            live[number].append(entry)
            yield from _above(number, live[number], left)
    for number, invoices in live.items():
        yield from _charged_once(books, number, invoices)


def _above(number: str, invoices: list[Entry], left: Shipped) -> Iterator[str]:
    total: Amounts[str] = Amounts()
    for each in invoices:
        total.add(units_of(each["lines"]))
    for sku, units in total.items():
        if units > left.ever[number, sku]:
            yield f"{units} {sku} of {number} are invoiced, of which {left.ever[number, sku]} have left"


def _charged_once(books: Books, number: str, invoices: list[Entry]) -> Iterator[str]:
    """The sale's additional charges stand on its invoices no more than once."""
    charges = Counter(charge["Description"] for each in invoices for charge in each["charges"])
    sale = books.sale(number)
    asked = Counter(charge["Description"] for charge in sale["Order"]["AdditionalCharges"])
    if number in books.edited:
        return
    for text, times in charges.items():
        if times > asked[text]:
            yield f"{number} is charged {text!r} {times} times"


# --- 7 and 9 -------------------------------------------------------------------------------------------------


def _within_the_limit(books: Books) -> Iterator[str]:
    calls = [moment(call) for call in books.calls if "/_control" not in call["path"]]
    begin = 0
    for at, when in enumerate(calls):
        while calls[begin] <= when - timedelta(seconds=60):
            begin += 1
        if at - begin + 1 > CALLS_A_MINUTE:
            yield f"{at - begin + 1} calls came to DEAR in the minute before {when:%H:%M:%S.%f}"
            return


def _nothing_personal(books: Books) -> Iterator[str]:
    said = (*books.said, *(why for each in books.entered for _, why in books.reports(each.number)))
    text = "\n".join(said)
    for secret in books.secrets:
        if secret in text:
            line = next(each for each in said if secret in each)
            yield f"{secret[:4]}… shows in what the product says: {line[:160].replace(secret, '***')}"


# --- 1, 3, 4, 6 at the end: everything has settled, or says why -----------------------------------------------


def _all_settled(books: Books) -> list[Violation]:
    left = shipped(books)
    found: list[Violation] = []
    for each in books.entered:
        reports = books.reports(each.number)
        if not reports:
            found.append(Violation(1, f"{each.number} is not known to any report"))
            continue
        if wordless := [status for status, why in reports if not why.strip()]:
            found.append(Violation(6, f"{each.number} is {wordless[0]} without a reason"))
        found += _became(books, each, left, reports)
    return found


def _became(books: Books, each: Entered, left: Shipped, reports: list[tuple[str, str]]) -> list[Violation]:
    number = each.number
    told = "; ".join(f"{status}: {why}" for status, why in reports)[:200]
    if each.becomes == "stopped" and books.is_plain(each):
        if any(books.sale_of(entry) == number for entry in books.warehouse if entry["kind"] == "order_created"):
            return [Violation(1, f"{number} came to the warehouse, and should not have ({told})")]
        return (
            []
            if any(status in STOPPED for status, _ in reports)
            else [Violation(6, f"{number} is not stopped: {told}")]
        )
    gone = {sku: units for (owner, sku), units in left.units.items() if owner == number and units}
    if each.becomes == "done" and books.is_plain(each):
        return _done(books, each, gone, left, told)
    stopped = any(status in STOPPED for status, _ in reports[1:] or reports)
    if stopped or number in books.asked_to_hold or _taken_back(books, number) or _waits_in_dear(books, number):
        return []
    wrong = [*_in_dear(books, number, gone, left), *_billed(books, number, gone)]
    return [Violation(promise, f"{text}, and nothing is held ({told})") for promise, text in wrong]


def _taken_back(books: Books, number: str) -> bool:
    """Whether a user of DEAR undid the sale, or a part of it, after it was shipped there."""
    shipped_there = False
    for entry in books.dear:
        if books.sale_of(entry) != number:
            continue
        shipped_there = shipped_there or entry["kind"] == "ship"
        if (
            shipped_there
            and entry["by"] == "user"
            and entry["kind"] in _UNDONE | {"fulfilment_undo", "fulfilment_void"}
        ):
            return True
    return False


def _waits_in_dear(books: Books, number: str) -> bool:
    """Whether a fulfilment stands open whose order the warehouse dropped: DEAR adds none for what left of another."""
    sale = books.sale(number)
    begun = [task["FulfillmentNumber"] for task in sale["Fulfilments"] if task["Pick"]["Status"] in OPEN]
    return any(f"{number}.{task}" in books.dropped for task in begun)


def _done(books: Books, each: Entered, gone: dict[str, Decimal], left: Shipped, told: str) -> list[Violation]:
    """A sale that nobody interfered with: all of it shipped (unless the warehouse had too little) and told in DEAR."""
    number = each.number
    if each.picked and _short(books, number) and any(word in told for word in STOPPED):
        return []
    found: list[Violation] = []
    wanted = {sku: units for sku, units in each.goods.items() if units}
    if not gone:
        found.append(Violation(1, f"{number} never left the warehouse ({told})"))
    elif gone != wanted and not _short(books, number):
        found.append(Violation(1, f"{number} ordered {_shown(wanted)}, and {_shown(gone)} left ({told})"))
    found += [
        Violation(promise, f"{text} ({told})")
        for promise, text in (*_in_dear(books, number, gone, left), *_billed(books, number, gone, exact=True))
    ]
    return found


def _short(books: Books, number: str) -> bool:
    """Whether the warehouse shipped less of an order of the sale than was asked, and said that no more will come."""
    gone: Amounts[str] = Amounts()
    asked: dict[str, Decimal] = {}
    for entry in books.warehouse:
        if entry["kind"] == "shipped" and books.sale_of(entry) == number:
            asked[entry["order_id"]] = sum((Decimal(line["quantity"]) for line in entry["lines"]), Decimal(0))
            for parcel in entry["body"]["parcels"]:
                gone[entry["order_id"]] += sum(Decimal(line["quantity"]) for line in parcel["lines"])
    return any(gone[order] < units for order, units in asked.items())


def _in_dear(books: Books, number: str, gone: dict[str, Decimal], left: Shipped) -> list[tuple[int, str]]:
    """What has left is in DEAR: packed, shipped, with its labels."""
    sale = books.sale(number)
    tasks = [task for task in sale["Fulfilments"] if task["Ship"]["Status"] == "AUTHORISED"]
    packed: Amounts[str] = Amounts()
    labels: list[str] = []
    for task in tasks:
        packed.add(units_of(task["Pack"]["Lines"]))
        # What a person packed as one box has the numbers of all its parcels on one line.
        labels += [label for line in task["Ship"]["Lines"] for label in line["TrackingNumber"].split(", ")]
    found = []
    if dict(packed) != gone:
        found.append((3, f"{_shown(gone)} of {number} left, and DEAR has {_shown(packed)} shipped"))
    elif sorted(labels) != sorted(left.labels[number]):
        found.append((3, f"{number} left as {sorted(left.labels[number])}, and DEAR has {sorted(labels)}"))
    return found


def _billed(books: Books, number: str, gone: dict[str, Decimal], *, exact: bool = False) -> list[tuple[int, str]]:
    """What has left is invoiced, and where nobody interfered for the sale's own money."""
    if not books.invoicing:
        return []
    sale = books.sale(number)
    live = [invoice for invoice in sale["Invoices"] if invoice["Status"] != "VOIDED"]
    units: Amounts[str] = Amounts()
    for invoice in live:
        units.add(units_of(invoice["Lines"]))
    if any(
        entry["kind"] == "invoice" and entry["by"] == "user" and books.sale_of(entry) == number for entry in books.dear
    ):
        return []
    if dict(units) != gone:
        return [(4, f"{_shown(gone)} of {number} left, and {_shown(units)} are invoiced")]
    ordered = units_of(sale["Order"]["Lines"])
    total = sum(Decimal(str(invoice["Total"])) for invoice in live)
    if exact and ordered == units and abs(total - Decimal(str(sale["Order"]["Total"]))) > Decimal("0.02"):
        return [(4, f"{number} costs {sale['Order']['Total']}, and {total} are invoiced")]
    return []


def _shown(units: dict[str, Decimal]) -> str:
    return ", ".join(f"{count:f} {sku}" for sku, count in sorted(units.items())) or "nothing"
