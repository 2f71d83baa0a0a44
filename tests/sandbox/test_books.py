"""What the auditor of a run is told: the scenario in its own words, and how much of each kind of work was seen."""

from decimal import Decimal
from typing import Any

from sandbox.run.books import counted, entered_of, most_calls_in_a_minute, personal_data
from sandbox.scenario import demo
from simulation.books import Books, Entered


def entered(number: str) -> Entered:
    return next(each for each in entered_of(demo()) if each.number == number)


def test_a_sale_is_entered_with_its_lines_and_with_what_must_become_of_it():
    assert entered("SO-10402").becomes == "done"
    assert entered("SO-10404").becomes == "stopped"
    assert entered("SO-10421").becomes == "open"
    assert entered("SO-10402").goods == {"KET-GN-09-BLK": 1, "FLT-02-100": 2, "BEN-ETH-250": 3}


def test_what_dear_picked_before_the_beginning_is_told():
    assert entered("SO-10412").picked == (
        ("BEN-COL-1000", Decimal(6)), ("FLT-02-400", Decimal(4)), ("BEN-COL-1000", Decimal(4)),
    )  # fmt: skip
    assert entered("SO-10401").picked == ()


def test_customers_are_known_by_their_street_their_phone_and_their_address():
    assert {"14 Tanner Row", "+44 1632 960011", "imogen@example.com"} <= set(personal_data(demo()))
    assert "" not in personal_data(demo())


def test_work_is_counted_from_both_ledgers():
    books = books_with(
        dear=[
            wrote("ship", "api", fulfilment=1), wrote("ship", "user", fulfilment=2), wrote("ship", "api", fulfilment=1),
            wrote("invoice", "api"), wrote("invoice", "user"), wrote("stock_adjustment", "api", lines=[{}, {}]),
        ],
        warehouse=[{"kind": "order_created"}, {"kind": "shipped"}, {"kind": "shipment_corrected"}],
        calls=[call(0, "/sale", "ID=A"), call(1, "/Sale", "id=a"), call(2, "/salelist", "")],
    )  # fmt: skip

    assert counted(books) == {
        "downloaded": 1, "delivered": 1, "shipped": 1, "confirmed": 2, "invoiced": 1, "stock corrected": 2,
        "DEAR calls": 3,
    }  # fmt: skip


def test_the_busiest_minute_is_found_wherever_it_begins():
    calls = tuple(call(second, "/sale", "") for second in (0, 50, 70, 109, 110, 170))

    assert most_calls_in_a_minute(calls) == 3
    assert most_calls_in_a_minute(()) == 0


def books_with(**ledgers: list[dict[str, Any]]) -> Books:
    return Books(
        entered=(), sales=(), dear_stock=(), reports=lambda _: [],
        **{name: tuple(entries) for name, entries in ledgers.items()},
    )  # fmt: skip


def wrote(kind: str, by: str, fulfilment: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "kind": kind, "by": by, "order_number": "SO-1", "fulfilment_number": fulfilment, "status": "AUTHORISED", **more,
    }  # fmt: skip


def call(second: int, path: str, query: str) -> dict[str, Any]:
    return {"at": f"2026-03-02T08:{second // 60:02}:{second % 60:02}.000000Z", "path": path, "query": query}
