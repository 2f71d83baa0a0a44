"""The commands that look: what they list, say and print as JSON."""

import csv
import io
import json
import os
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cli.ledgering import ledger_row, write_csv
from crossdock.domain.model import Event, Reason
from crossdock.domain.order import Intent, Order, PostalAddress
from crossdock.domain.shipment import Parcel, ParcelLine
from crossdock.domain.states import Decision, OrderStatus, ShipmentStatus, Step
from crossdock.ports import LeftOut
from tests.integration.store.records import CONNECTION, NOON, at, content, order, sale, shipment
from tests.unit.cli.fakes import Stack, connection, report


@pytest.fixture(autouse=True)
def connected(stack: Stack) -> None:
    stack.checkpoints.save_connection(connection())


def printed(stack: Stack, *arguments: str) -> Any:
    ended = stack.run(*arguments, "--json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def shipped(reference: str = "SO-1", tracking: str = "TRK-1", **changes: Any) -> Any:
    lines = (ParcelLine(sku="SKU-1", quantity=Decimal(2)),)
    parcel = Parcel(parcel_id="BOX-1", carrier="DHL", tracking_number=tracking, lines=lines)
    record = shipment(f"SH-{reference}", reference, **changes)
    return record.model_copy(update={"shipment": record.shipment.model_copy(update={"parcels": (parcel,)})})


# --- orders --------------------------------------------------------------------------------------------------


def test_orders_are_listed_by_number_with_a_total(stack: Stack) -> None:
    stack.orders.add(order("SO-10", "s-10"), order("SO-9", "s-9", status=OrderStatus.AT_WMS, due_at=None))
    stack.orders.add(order("SO-9.2", "s-8", content=content("SO-9.2", "s-8")))

    document = printed(stack, "orders")

    assert [row["reference"] for row in document["orders"]] == ["SO-9", "SO-9.2", "SO-10"]
    assert document["totals"] == {"new": 2, "at_wms": 1}
    assert "3 in all: 2 new, 1 at_wms" in stack.run("orders").out


RETRIED = Reason(code="outcome_unknown", text="the warehouse gave no answer")
REFUSED = Reason(code="refused", text="the warehouse does not know MUG-RED")


@pytest.mark.parametrize(
    ("standing", "told"),
    [
        (order(), "waits to be delivered to the warehouse"),
        (
            order(reason=RETRIED, attempts=2, due_at=at(40)),
            "the warehouse gave no answer; tried again in 40 s (try 3 of 12)",
        ),
        (order(status=OrderStatus.AT_WMS, due_at=None), "waits for the warehouse to ship"),
        (
            order(status=OrderStatus.AT_WMS, due_at=None, reason=Reason(code="late", text="voided, but too late")),
            "waits for the warehouse to ship (voided, but too late)",
        ),
        (order(status=OrderStatus.PART_SHIPPED, due_at=None), "a part has left the warehouse"),
        (order(status=OrderStatus.SHIPPED), "waits to be confirmed in DEAR"),
        (order(status=OrderStatus.CONFIRMED), "waits to be invoiced"),
        (order(status=OrderStatus.CONFIRMED, due_at=None), "invoicing is off"),
        (order(status=OrderStatus.INVOICED, due_at=None, invoice_number="INV-7"), "invoiced as INV-7"),
        (order(status=OrderStatus.HELD, due_at=None, reason=REFUSED), "the warehouse does not know MUG-RED"),
        (order(status=OrderStatus.ERROR, due_at=None, reason=REFUSED), "the warehouse does not know MUG-RED"),
        (order(status=OrderStatus.CANCEL_REQUESTED), "waits for the warehouse to cancel it"),
        (
            order(
                status=OrderStatus.CANCELED,
                due_at=None,
                timeline=(Event(at="x", event="cancel_requested", detail="it was voided in DEAR"),),
            ),
            "canceled: it was voided in DEAR",
        ),
    ],
)
def test_every_status_says_why(stack: Stack, standing: Order, told: str) -> None:
    stack.orders.add(standing)

    (row,) = printed(stack, "orders")["orders"]

    assert told in row["why"]


def test_no_status_is_left_without_a_sentence(stack: Stack) -> None:
    stack.orders.add(*(order(f"SO-{status}", status, status=status) for status in OrderStatus))
    stack.orders.add(*(sale(decision, f"S-{decision}", decision=decision) for decision in Decision))

    rows = printed(stack, "orders")["orders"]
    sales = printed(stack, "ledger")["sales"]

    assert {row["status"] for row in rows} >= set(OrderStatus)
    assert all(row["why"] for row in (*rows, *sales))


def test_tracking_numbers_stand_beside_what_shipped(stack: Stack) -> None:
    stack.orders.add(
        order(status=OrderStatus.SHIPPED), shipped(), shipped(tracking="GONE", status=ShipmentStatus.VOIDED)
    )

    (row,) = printed(stack, "orders")["orders"]

    assert row["tracking_numbers"] == ["TRK-1"]
    assert "TRK-1" in stack.run("orders").out


def test_a_held_sale_without_orders_is_listed_and_never_as_new(stack: Stack) -> None:
    stack.orders.add(sale(decision=Decision.HELD, due_at=None, reason=REFUSED))

    (row,) = printed(stack, "orders")["orders"]

    assert (row["status"], row["reference"], row["why"]) == ("held", None, REFUSED.text)


def test_a_held_sale_is_listed_even_beside_its_orders(stack: Stack) -> None:
    stack.orders.add(order(status=OrderStatus.AT_WMS, due_at=None))
    stack.orders.add(sale(decision=Decision.HELD, due_at=None, reason=REFUSED, references=("SO-1",)))

    statuses = [row["status"] for row in printed(stack, "orders")["orders"]]

    assert sorted(statuses) == ["at_wms", "held"]


def test_a_loaded_sale_that_is_read_again_is_listed_once(stack: Stack) -> None:
    stack.orders.add(order(status=OrderStatus.AT_WMS, due_at=None), sale(references=("SO-1",)))

    assert len(printed(stack, "orders")["orders"]) == 1


def test_skipped_sales_are_listed_when_asked_for(stack: Stack) -> None:
    stack.orders.add(sale(decision=Decision.SKIPPED, due_at=None, reason=Reason(code="status", text="it is PICKED")))

    assert printed(stack, "orders")["orders"] == []
    assert [row["why"] for row in printed(stack, "orders", "--status", "skipped")["orders"]] == ["it is PICKED"]


def test_a_status_filters(stack: Stack) -> None:
    stack.orders.add(order("SO-1"), order("SO-2", "s-2", status=OrderStatus.CANCELED, due_at=None))

    rows = printed(stack, "orders", "--status", "Cancelled")["orders"]

    assert [row["reference"] for row in rows] == ["SO-2"]


def test_an_unknown_status_lists_those_that_exist(stack: Stack) -> None:
    ended = stack.run("orders", "--status", "lost")

    assert ended.code == 1
    for status in (*OrderStatus, "pending", "skipped"):
        assert status in ended.err


def test_an_unknown_connection_lists_those_that_exist(stack: Stack) -> None:
    for command in ("orders", "ledger", "tick"):
        ended = stack.run(command, "--connection", "nobody")

        assert ended.code == 1
        assert "There is no connection nobody." in ended.err
        assert CONNECTION in ended.err


def test_orders_of_several_connections_name_them(stack: Stack) -> None:
    stack.checkpoints.save_connection(connection("other"))
    stack.orders.add(order(), order("SO-2", "s-2", connection="other"))

    assert "other" in stack.run("orders").out
    assert [row["reference"] for row in printed(stack, "orders", "-c", "other")["orders"]] == ["SO-2"]


# --- one order -----------------------------------------------------------------------------------------------


def advanced(number: int, **changes: Any) -> Order:
    reference = f"SO-1.{number}"
    fields = {"content": content(reference, "sale-1"), "sale_number": "SO-1", "fulfilment_number": number}
    return order(reference, "sale-1", **fields | changes)


def test_a_sale_number_shows_every_fulfilment(stack: Stack) -> None:
    stack.orders.add(sale(decision=Decision.LOADED, due_at=None), advanced(2), advanced(1), order("SO-2", "s-2"))

    (found,) = printed(stack, "order", "so-1")["found"]

    assert found["sale"]["order_number"] == "SO-1"
    assert [each["order_number"] for each in found["orders"]] == ["SO-1.1", "SO-1.2"]


@pytest.mark.parametrize("asked", ["SO-1.2", "so-1.2", "WO-22"])
def test_one_fulfilment_is_found_by_number_reference_and_warehouse_id(stack: Stack, asked: str) -> None:
    stack.orders.add(sale(decision=Decision.LOADED, due_at=None), advanced(1), advanced(2, warehouse_order_id="WO-22"))

    (found,) = printed(stack, "order", asked)["found"]

    assert [each["order_number"] for each in found["orders"]] == ["SO-1.2"]


def test_an_order_shows_all_that_is_known_of_it(stack: Stack) -> None:
    timeline = (Event(at=NOON.isoformat(), event="new", detail="downloaded from DEAR"),)
    mapped = {"task_id": "T-1", "warehouse_order_id": "WO-1", "invoice_number": "INV-1"}
    stack.orders.add(sale(decision=Decision.LOADED, due_at=None), shipped())
    stack.orders.add(order(status=OrderStatus.INVOICED, due_at=None, timeline=timeline, **mapped))

    (shown,) = printed(stack, "order", "SO-1")["found"][0]["orders"]
    seen = stack.run("order", "SO-1").out

    assert shown["mappings"]["task_id"] == "T-1"
    assert shown["shipments"][0]["parcels"][0]["tracking_number"] == "TRK-1"
    assert shown["timeline"] == [{"at": NOON.isoformat(), "event": "new", "detail": "downloaded from DEAR"}]
    for told in ("T-1", "WO-1", "INV-1", "TRK-1", "DHL", "SKU-1", "downloaded from DEAR", "2025-03-01 12:00:00"):
        assert told in seen


def test_an_order_shows_no_personal_data(stack: Stack) -> None:
    address = PostalAddress(name="Ada Moss", line1="7 Fern Lane", city="Dunedin", country="NZ", phone="021 555")
    private = content("SO-1", "sale-1").model_copy(update={"ship_to": address, "notes": "ring Ada", "bill_to": address})
    stack.orders.add(sale(decision=Decision.LOADED, due_at=None), order(content=private))

    seen = stack.run("order", "SO-1").out + stack.run("order", "SO-1", "--json").out + stack.run("orders").out

    assert "Dunedin" in seen
    for secret in ("Ada", "Fern Lane", "021 555"):
        assert secret not in seen


def test_an_order_says_what_happens_next_and_when(stack: Stack) -> None:
    intent = Intent(action="deliver", attempt=1, at=NOON)
    stack.orders.add(order(reason=RETRIED, attempts=1, due_at=at(90), intent=intent))

    seen = stack.run("order", "SO-1").out

    assert "deliver_orders sends it to the warehouse, after looking up whether the last try" in seen
    assert "at 12:01:30 UTC (in 1 min 30 s)" in seen


def test_a_held_sale_shows_its_reason_and_the_mend(stack: Stack) -> None:
    stack.orders.add(sale(decision=Decision.HELD, due_at=None, reason=REFUSED))

    seen = stack.run("order", "SO-1").out

    assert REFUSED.text in seen
    assert "a person mends" in seen


def test_a_number_in_two_connections_shows_both(stack: Stack) -> None:
    stack.checkpoints.save_connection(connection("other"))
    stack.orders.add(sale(), sale("sale-2", connection="other"))

    found = printed(stack, "order", "SO-1")["found"]

    assert [each["connection"] for each in found] == [CONNECTION, "other"]


def test_an_unknown_number_says_what_was_searched(stack: Stack) -> None:
    ended = stack.run("order", "SO-404")

    assert ended.code == 1
    assert ended.out == ""
    assert "Nothing is known of 'SO-404'." in ended.err
    assert "reference" in ended.err
    assert CONNECTION in ended.err


# --- the ledger ----------------------------------------------------------------------------------------------


def test_the_ledger_accounts_for_every_sale(stack: Stack) -> None:
    skipped = Reason(code="status", text="its status is PICKED")
    stack.orders.add(
        sale("s-1", "SO-1", decision=Decision.LOADED, due_at=None, references=("SO-1",)),
        sale("s-2", "SO-2", decision=Decision.SKIPPED, due_at=None, reason=skipped),
        sale("s-3", "SO-3", decision=Decision.SKIPPED, due_at=None, reason=skipped),
        sale("s-4", "SO-4", decision=Decision.VOIDED, due_at=None, reason=Reason(code="voided", text="voided")),
    )

    document = printed(stack, "ledger")

    assert document["counts"] == [
        {"decision": "loaded", "reason_code": None, "why": "became orders", "sales": 1},
        {
            "decision": "skipped",
            "reason_code": "status",
            "why": "its status is not one that the settings name",
            "sales": 2,
        },
        {"decision": "voided", "reason_code": "voided", "why": "it was voided in DEAR", "sales": 1},
    ]
    assert [row["order_number"] for row in document["sales"]] == ["SO-1", "SO-2", "SO-3", "SO-4"]
    assert "its status is PICKED" in stack.run("ledger").out


def test_the_ledger_filters_by_reason_and_lists_the_reasons(stack: Stack) -> None:
    stack.orders.add(sale(decision=Decision.SKIPPED, due_at=None, reason=Reason(code="status", text="PICKED")))

    assert len(printed(stack, "ledger", "--reason", "status")["sales"]) == 1
    ended = stack.run("ledger", "--reason", "weather")
    assert ended.code == 1
    assert "Reasons that sales have: status." in ended.err


def test_the_ledger_filters_by_decision_and_by_a_part_of_the_number(stack: Stack) -> None:
    stack.orders.add(sale("s-1", "SO-17"), sale("s-2", "SO-170"))
    stack.orders.add(sale("s-3", "SO-171", decision=Decision.LOADED, due_at=None))

    by_both = printed(stack, "ledger", "--decision", "pending", "--number", "so-170")

    assert [row["order_number"] for row in by_both["sales"]] == ["SO-170"]
    assert [row["order_number"] for row in printed(stack, "ledger", "--decision", "Loaded")["sales"]] == ["SO-171"]
    assert "No sale is like that." in stack.run("ledger", "--number", "SO-9").out


def test_an_unknown_decision_lists_those_that_exist(stack: Stack) -> None:
    ended = stack.run("ledger", "--decision", "lost")

    assert ended.code == 1
    assert ", ".join(Decision) in ended.err


def test_people_see_the_first_of_many_sales_and_how_many_more_there_are(stack: Stack) -> None:
    stack.orders.add(*(sale(f"s-{number}", f"SO-{number}") for number in range(1, 251)))

    seen, everything = stack.run("ledger").out, stack.run("ledger", "--all").out

    assert "SO-200 " in seen
    assert "SO-201 " not in seen
    assert "and 50 more" in seen
    assert "SO-250 " in everything
    assert "more" not in everything
    assert len(printed(stack, "ledger")["sales"]) == 250


def test_a_reason_that_nobody_put_into_words_speaks_for_itself(stack: Stack) -> None:
    stack.orders.add(sale(decision=Decision.HELD, due_at=None, reason=Reason(code="new_trouble", text="of a new kind")))

    assert [count["why"] for count in printed(stack, "ledger")["counts"]] == ["of a new kind"]


def test_the_ledger_as_csv_has_every_sale_and_keeps_to_the_standard(stack: Stack) -> None:
    awkward = Reason(code="refused", text='it said "no", and\nno more')
    stack.orders.add(*(sale(f"s-{number}", f"SO-{number}") for number in range(1, 300)))
    stack.orders.add(sale("s-0", "SO-0", decision=Decision.HELD, due_at=None, reason=awkward, references=("A", "B")))

    ended = stack.run("ledger", "--csv")

    rows = list(csv.DictReader(io.StringIO(ended.out, newline=""), strict=True))
    assert ended.code == 0
    assert len(rows) == 300
    held = next(row for row in rows if row["decision"] == "held")
    assert (held["why"], held["references"]) == (awkward.text, "A B")
    assert held["first_seen_at"] == "2025-03-01T12:00:00Z"
    assert ended.out.count("\r\n") == 301


@pytest.mark.parametrize("number", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_no_cell_of_the_csv_is_read_as_a_formula(stack: Stack, number: str) -> None:
    stack.orders.add(sale("s-1", number))

    (row,) = csv.DictReader(io.StringIO(stack.run("ledger", "--csv").out, newline=""))

    assert row["order_number"] == f"'{number}"


def test_a_csv_of_a_reason_that_no_sale_has_is_empty_and_says_so(stack: Stack) -> None:
    stack.orders.add(sale())

    ended = stack.run("ledger", "--csv", "--reason", "weather")

    assert (ended.code, ended.out) == (1, "")
    assert "No sale has the reason 'weather'." in ended.err


def test_csv_and_json_exclude_each_other(stack: Stack) -> None:
    assert stack.run("ledger", "--csv", "--json").code == 1


def test_a_reader_that_has_enough_of_the_csv_ends_it_quietly(stack: Stack) -> None:
    stack.orders.add(*(sale(f"s-{number}", f"SO-{number}") for number in range(3000)))
    reader, writer = os.pipe()
    os.close(reader)

    rows = (ledger_row(entry, NOON) for entry in stack.orders.entries.values())
    with open(writer, "w", encoding="utf-8") as file:  # noqa: PTH123 - a pipe has no path
        write_csv(file, rows)

    assert len(list(rows)) > 1000


# --- connections ---------------------------------------------------------------------------------------------


def test_connections_show_the_last_run_of_each_step(stack: Stack) -> None:
    problem = {"subject": "SO-1", "code": "refused", "text": "no such SKU"}
    stack.checkpoints.last_reports = [
        report(
            Step.DELIVER_ORDERS, moved=3, dear_calls=2, finished_at=NOON - timedelta(minutes=4), problems=(problem,)
        ),
    ]

    (shown,) = printed(stack, "connections")["connections"]
    seen = stack.run("connections").out

    runs = {run["step"]: run for run in shown["last_runs"]}
    assert runs["deliver_orders"]["moved"] == 3
    assert runs["download_orders"]["outcome"] is None
    assert "4 min ago" in seen
    assert "SO-1: no such SKU" in seen
    assert "not run yet" in seen


def test_a_connection_that_is_left_out_is_shown_with_what_is_wrong_and_how_to_mend_it(stack: Stack) -> None:
    wrong = LeftOut(name="second", active=True, problem="settings.colour: is not a setting; check its spelling")
    stack.checkpoints.left_out = (wrong,)

    document = printed(stack, "connections")
    seen = stack.run("connections").out

    assert document["left_out"] == [wrong.model_dump()]
    assert all(text in seen for text in ("second  left out", wrong.problem, "crossdock connect FILE.toml"))


def test_without_a_connection_the_next_command_is_named(stack: Stack) -> None:
    stack.checkpoints.found.clear()

    assert "crossdock connect FILE.toml" in stack.run("connections").out
    assert "crossdock connect FILE.toml" in stack.run("order", "SO-1").err


def test_what_another_system_wrote_cannot_steer_the_terminal(stack: Stack) -> None:
    nasty = Reason(code="refused", text="[red]no[/red] \x1b[2J\x1b]0;title\x07")
    stack.orders.add(order(status=OrderStatus.HELD, due_at=None, reason=nasty))

    seen = stack.run("orders").out

    assert "\x1b" not in seen
    assert "[red]no[/red]" in seen
