"""Bad answers of DEAR: each sale is loaded, skipped or held with a reason, or tried again, and none stops the others.

Many answers are bad at once, each to a sale of its own, and sound sales stand among them. Once DEAR answers soundly
again, or a sale is mended there, the sales in trouble are loaded as well.
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import requests

from crossdock.domain.report import Report, RunOutcome
from crossdock.domain.states import Decision, OrderStatus, Step
from tests.integration.workflow.conftest import World, simple

HTML = "<!DOCTYPE html><html><body><h1>Page not found</h1></body></html>"
REFUSAL = {"ErrorCode": 400, "Exception": "The sale of customer 'Moss & Daughters' is locked"}
LONGEST_BACK_OFF = 3600
Doc = dict[str, Any]


def sale_of(world: World, number: str) -> Doc:
    """The sale as DEAR holds it."""
    found: Doc = world.dear.control(f"sales/{number}", method="GET")
    return found


def answer_sale(world: World, number: str, **fault: Any) -> None:
    """What DEAR answers to each read of this sale, and of no other."""
    script = {"kind": "status", "status": 200, "count": -1, **fault}
    world.dear.fault(method="GET", path="/sale$", query=sale_of(world, number)["ID"], **script)


def answer_list(world: World, **fault: Any) -> None:
    """What DEAR answers when its list is read next."""
    world.dear.fault(method="GET", path="/saleList$", **{"kind": "status", "status": 200, **fault})


def answer_rows(world: World, change: Callable[[list[Doc]], list[Any]], **fault: Any) -> None:
    """The list as DEAR holds it, its rows changed, is the next answer."""
    headers = {"api-auth-accountid": "account", "api-auth-applicationkey": "key"}
    page = requests.get(f"{world.dear.url}/ExternalApi/v2/saleList", headers=headers, timeout=5).json()
    rows = change(page["SaleList"])
    answer_list(world, body={**page, "Total": len(rows), "SaleList": rows}, **fault)


def answer_soundly(world: World) -> None:
    world.dear.control("faults", method="DELETE")


def download(world: World) -> Report:
    """One run of the download, a minute before the next; nobody's name is in what it tells."""
    report = world.step(Step.DOWNLOAD_ORDERS)
    world.clock.sleep(60)
    assert "Moss" not in str(report)
    return report


def delivered(world: World) -> list[str]:
    """The references of all orders that the warehouse made, after it was sent what waits for it."""
    world.step(Step.DELIVER_ORDERS)
    return sorted(entry["reference"] for entry in world.warehouse.ledger("order_created"))


def entries(world: World) -> dict[str, Any]:
    """The ledger by order number; nobody's name is in its reasons."""
    found = {entry.order_number: entry for decision in Decision for entry in world.orders.list_sales("main", decision)}
    assert "Moss" not in str([entry.reason for entry in found.values()])
    return found


def loaded(world: World) -> set[str]:
    return {entry.order_number for entry in world.orders.list_sales("main", Decision.LOADED)}


def without(*path: str | int) -> Callable[[Doc], None]:
    """A change of a sale: the field at the path is not there."""

    def change(sale: Doc) -> None:
        *parents, last = path
        part: Any = sale
        for key in parents:
            part = part[key]
        del part[last]

    return change


def having(value: Any, *path: str | int) -> Callable[[Doc], None]:
    """A change of a sale: the field at the path is this value."""

    def change(sale: Doc) -> None:
        *parents, last = path
        part: Any = sale
        for key in parents:
            part = part[key]
        part[last] = value

    return change


def spoilt(sale: Doc, *changes: Callable[[Doc], None]) -> Doc:
    body = deepcopy(sale)
    for change in changes:
        change(body)
    return body


ALIKE = [{"TaskID": task, "FulfillmentNumber": 1, "Pick": {"Status": "DRAFT"}} for task in ("a-task", "b-task")]
LOADED = {
    "SkipQuote as a text": [having("false", "SkipQuote"), having("false", "ServiceOnly")],
    "numbers as texts": [having("2.0000", "Order", "Lines", 0, "Quantity"), having("10", "Order", "Lines", 0, "Price")],
    "unknown words": [having("LINGERING", "Status"), having("Sideways", "TaxCalculation"), having("?", "PriceTier")],
    "a field that is new": [having({"Deep": [None]}, "Novelty"), having([None], "Order", "Lines", 0, "Novelty")],
    "nulls for lists": [having(None, "Fulfilments"), having(None, "Invoices"), having(None, "AdditionalAttributes")],
    "a line alone for a list": [lambda sale: sale["Order"].update(Lines=sale["Order"]["Lines"][0])],
    "names in other cases": [lambda sale: sale.update(order=sale.pop("Order"), LOCATION=sale.pop("Location"))],
    "dates of other kinds": [having("2/3/2026", "ShipBy"), having("0001-01-01T00:00:00", "SaleOrderDate")],
}
SKIPPED = {
    "nothing_to_ship": [having([], "Order", "Lines")],
    "not_authorised": [having("RETICULATED", "Order", "Status")],
}
HELD = {
    "empty_order": [having({}, "Order")],
    "sale_type_unknown": [having("Subscription Sale", "Type")],
    "no_sku": [without("Order", "Lines", 0, "SKU")],
    "address_incomplete": [without("ShippingAddress", "Line1"), without("ShippingAddress", "DisplayAddressLine1")],
    "fulfilments_alike": [having(ALIKE, "Fulfilments")],
}
ANOTHERS = "the answer of another sale"
TRIED_AGAIN = {
    "no quantity": [without("Order", "Lines", 0, "Quantity")],
    "a quantity that is none": [having("a pair", "Order", "Lines", 0, "Quantity")],
    "no id": [without("ID")],
    "no order number": [having("", "Order", "SaleOrderNumber")],
    "a text for a list": [having("Moss", "Order", "Lines")],
    ANOTHERS: [],
}


ODD_ROWS = [
    [having(None, "Updated"), without("Type")],
    [without("Updated"), having("27/02/2026", "OrderDate")],
    [having("yesterday", "Updated"), having([], "Customer")],
    [having(None, "OrderDate")],
    [having("Subscription Sale", "Type")],
    [without("OrderLocationID")],
    [having("1", "InvoiceAmount")],
    [having({"Deep": []}, "Novelty")],
]
REFUSED = {"refused": REFUSAL, "refused in an array": [REFUSAL, REFUSAL]}


def seed_numbered(world: World, cases: Any) -> dict[str, str]:
    """A sale for each case, and the cases by order number; a sound sale is SO-1 and another SO-99."""
    numbers = {f"SO-{place}": case for place, case in enumerate(cases, start=10)}
    world.seed(*(simple(number) for number in ("SO-1", *numbers, "SO-99")))
    return numbers


def spoil(world: World, numbers: dict[str, str], cases: dict[str, list[Callable[[Doc], None]]]) -> None:
    """Each sale is answered as its case says; where nothing is to change, with the sale SO-1."""
    for number, case in numbers.items():
        if case in cases:
            sale = sale_of(world, number if cases[case] else "SO-1")
            answer_sale(world, number, body=spoilt(sale, *cases[case]))


def test_odd_rows_of_odd_sales_that_can_be_understood_are_loaded(world):
    numbers = {f"SO-{place}": case for place, case in enumerate(LOADED, start=10)}
    world.seed(*(simple(number) for number in numbers))
    spoil(world, numbers, LOADED)
    odd = dict(zip(numbers, ODD_ROWS, strict=True))
    answer_rows(world, lambda rows: [spoilt(row, *odd[row["OrderNumber"]]) for row in rows])

    download(world)

    assert loaded(world) == set(numbers)
    units = {case: [line.quantity for line in world.order(number).content.lines] for number, case in numbers.items()}
    assert units == {case: [2] for case in LOADED}


def test_sales_in_trouble_have_their_reason_after_one_run_and_are_loaded_when_they_can_be(world):
    numbers = seed_numbered(world, [*SKIPPED, *HELD, *TRIED_AGAIN, *REFUSED])
    spoil(world, numbers, SKIPPED | HELD | TRIED_AGAIN)
    for number, case in numbers.items():
        if case in REFUSED:
            answer_sale(world, number, status=400, body=REFUSED[case])

    download(world)

    found = {case: entry for number, entry in entries(world).items() if (case := numbers.get(number))}
    assert {case: (entry.decision, entry.reason.code) for case, entry in found.items()} == {
        **{case: (Decision.SKIPPED, case) for case in SKIPPED},
        **{case: (Decision.HELD, case) for case in HELD},
        **dict.fromkeys(TRIED_AGAIN, (Decision.PENDING, "unreadable_answer")),
        **dict.fromkeys(REFUSED, (Decision.HELD, "refused")),
    }
    assert "answered with another" in found[ANOTHERS].reason.text
    assert all("cannot be read" in found[case].reason.text for case in TRIED_AGAIN if case != ANOTHERS)
    assert all("is locked" in found[case].reason.text for case in REFUSED)
    assert loaded(world) == {"SO-1", "SO-99"}

    answer_soundly(world)
    world.clock.sleep(LONGEST_BACK_OFF)
    mended = {"nothing_to_ship", "no_sku", "refused"}
    for number in (number for number, case in numbers.items() if case in mended):
        world.dear.control(f"sales/{number}/edit", {"shipping_notes": "mended"})
    download(world)

    now = loaded(world)
    assert {case for number, case in numbers.items() if number in now} == mended | set(TRIED_AGAIN)


NO_ANSWERS = {
    "a page": {"body": HTML, "headers": {"Content-Type": "text/html"}},
    "a page that is said to be JSON": {"body": HTML, "headers": {"Content-Type": "application/json"}},
    "cut": {"kind": "cut"},
    "silence": {"kind": "timeout_after"},
    "no content": {"status": 204},
    "a redirect": {"status": 302, "headers": {"Location": "/login"}},
    "null": {"body": None},
    "an array": {"body": []},
    "a fault": {"status": 500, "body": [{"ErrorCode": 500, "Exception": "Unexpected"}]},
    "an error with 200": {"body": {"ErrorCode": 500, "Exception": "Customer 'Ada Moss' is unknown"}},
    "a wrong key": {"status": 403, "body": "Incorrect credentials!"},
    "the call limit": {"status": 503, "body": "You have reached 60 calls per 60 seconds API limit."},
    "the call limit as a refusal": {"status": 400, "body": [{"ErrorCode": 400, "Exception": "60 seconds API limit"}]},
}


def runs_to_the_end(world: World, at_most: int) -> list[Report]:
    """So many runs as it takes until one ends with nothing left that is due."""
    runs: list[Report] = []
    while len(runs) < at_most and (not runs or runs[-1].outcome is not RunOutcome.DONE):
        runs.append(world.step(Step.DOWNLOAD_ORDERS))
    return runs


def test_reads_that_are_not_answered_are_tried_again_and_never_keep_the_sound_sales_back(world):
    numbers = seed_numbered(world, NO_ANSWERS)
    for number, case in numbers.items():
        answer_sale(world, number, **{"body": "", **NO_ANSWERS[case]})

    runs = runs_to_the_end(world, at_most=len(NO_ANSWERS))

    assert {run.outcome for run in runs} == {RunOutcome.BUDGET, RunOutcome.STOPPED, RunOutcome.DONE}
    assert "Moss" not in str(runs)
    found = entries(world)
    assert {found[number].decision for number in numbers} == {Decision.PENDING}
    assert [number for number in numbers if found[number].reason is None] == []
    assert {number for number, entry in found.items() if entry.decision is Decision.LOADED} == {"SO-1", "SO-99"}
    soon = world.clock.now() + timedelta(seconds=LONGEST_BACK_OFF)
    assert [number for number in numbers if not found[number].due_at <= soon] == []


def test_a_list_that_is_not_answered_moves_no_checkpoint_so_that_no_sale_is_lost(world):
    world.seed(simple("SO-1"), simple("SO-2"))

    outcomes = {}
    for case, answer in NO_ANSWERS.items():
        answer_list(world, **{"body": "", **answer})
        outcomes[case] = download(world).outcome
        world.clock.sleep(2 * 3600)

    assert set(outcomes.values()) == {RunOutcome.STOPPED, RunOutcome.BUDGET}

    download(world)

    assert loaded(world) == {"SO-1", "SO-2"}


JUNK = [None, [], "SO-2", 7, {}, {"SaleID": {}}]


def test_what_is_no_row_or_has_no_id_is_told_of_and_stops_none_of_the_rows(world):
    numbers = ["SO-1", "SO-2", "SO-3"]
    world.seed(*(simple(number) for number in numbers))
    nameless = {"SO-2": [having(None, "SaleID")]}

    def among_junk(rows: list[Doc]) -> list[Any]:
        changed = [spoilt(row, *nameless.get(row["OrderNumber"], [])) for row in rows]
        return [changed[0], *JUNK, *changed[1:]]

    answer_rows(world, among_junk)
    first = download(world)

    assert [problem.code for problem in first.problems] == ["unreadable_row"] * (len(JUNK) + len(nameless))
    assert loaded(world) == {"SO-1", "SO-3"}

    answer_rows(world, lambda rows: [*rows, *reversed(rows)])
    download(world)

    assert delivered(world) == numbers


def test_a_row_without_its_number_is_loaded_under_the_number_that_the_sale_has(world):
    world.seed(simple("SO-1"), simple("SO-2"))
    answer_rows(world, lambda rows: [spoilt(row, having(None, "OrderNumber")) for row in rows])

    download(world)

    assert loaded(world) == {"SO-1", "SO-2"}
    assert [entry.order_number for entry in world.orders.sales_numbered("main", "SO-2")] == ["SO-2"]


def test_a_row_in_an_unknown_status_is_judged_by_its_other_columns_until_it_is_known(world):
    world.seed(simple("SO-2"), simple("SO-3"))
    unknown = having("LINGERING", "Status")
    drafted = {"SO-2": [unknown, having("DRAFT", "OrderStatus")], "SO-3": [unknown]}
    answer_rows(world, lambda rows: [spoilt(row, *drafted.get(row["OrderNumber"], [])) for row in rows])

    download(world)

    found = entries(world)
    assert (found["SO-2"].decision, found["SO-2"].reason.code) == (Decision.SKIPPED, "status")
    assert "LINGERING" in found["SO-2"].reason.text
    assert found["SO-3"].decision is Decision.LOADED

    download(world)

    assert loaded(world) == {"SO-2", "SO-3"}


def test_sales_of_one_moment_are_all_loaded_and_each_is_read_once(world):
    world.seed(simple("SO-1"), simple("SO-2"), simple("SO-3"))

    def of_one_moment(rows: list[Doc]) -> list[Doc]:
        return [{**row, "Updated": "2026-03-02T12:00:00.5Z"} for row in rows]

    answer_rows(world, lambda rows: of_one_moment(rows)[:2])
    download(world)
    answer_rows(world, of_one_moment, count=-1)
    for _ in range(3):
        download(world)

    assert loaded(world) == {"SO-1", "SO-2", "SO-3"}
    calls = world.dear.control("calls", method="GET")["calls"]
    assert len([call for call in calls if call["path"].lower().endswith("/sale")]) == 3


def test_a_bad_edit_of_a_sale_at_the_warehouse_changes_nothing_there_until_it_can_be_read(world):
    world.seed(simple("SO-2"))
    download(world)
    assert delivered(world) == ["SO-2"]
    world.dear.control("sales/SO-2/edit", {"shipping_notes": "by the back door"})
    answer_sale(world, "SO-2", body=spoilt(sale_of(world, "SO-2"), without("Order", "Lines", 0, "Quantity")))

    download(world)

    assert delivered(world) == ["SO-2"]
    assert world.order("SO-2").status is OrderStatus.AT_WMS
    assert entries(world)["SO-2"].decision is Decision.PENDING
