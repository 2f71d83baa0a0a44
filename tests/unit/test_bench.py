"""Every benchmark runs at a tiny size; what it counts is judged by `make bench`."""

import json
from collections import Counter
from random import Random

import pytest

from bench import __main__ as command
from bench import load
from bench.expressions import NotKnown, condition, hash_value, updated
from bench.history import with_history
from bench.load import Push, Sent
from bench.result import SMALL, Row, at_least, at_most, exactly
from bench.sales import SETTINGS
from bench.tables import new_tables
from bench.world import NAME, World
from crossdock.domain.order import Order
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.states import OrderStatus, ShipmentStatus
from tests.unit.builders import NOON, order, shipment

NOT_FOR_A_TEST = (
    "DEAR calls an order, without the next two",
    "DEAR calls, stock left out",
    "milliseconds",
)
"""How figures begin that no test judges: so few orders do not share a page of the list, and tests are not timed."""


def silent(_: str) -> None:
    """Nobody waits."""


@pytest.mark.parametrize("name", command.BENCHES)
def test_every_benchmark_has_figures_and_meets_what_does_not_depend_on_its_size(name: str) -> None:
    rows = command.BENCHES[name](SMALL, silent)

    assert all(row.measured >= 0 for row in rows)
    assert len({(row.of, row.what) for row in rows}) == len(rows)
    assert [row for row in rows if row.failed and not row.what.startswith(NOT_FOR_A_TEST)] == []
    assert any(row.target for row in rows)


def test_history_that_is_read_is_counted() -> None:
    world = World(SETTINGS)
    with_history(world, 7)
    world.tables.meter.clear()

    invoiced = list(world.orders.list_orders(NAME, OrderStatus.INVOICED))

    assert len({order.reference for order in invoiced}) == 7
    assert world.tables.meter.items_read == 7
    assert world.tables.meter.requests == {"Query": 1}


@pytest.mark.parametrize(
    ("target", "met", "missed"), [(at_most(1.0), 1.0, 1.01), (at_least(0.95), 0.95, 0.94), (exactly(0), 0, 1)]
)
def test_a_target_is_met_at_its_edge_and_missed_beyond(target: object, met: float, missed: float) -> None:
    assert Row("of", "what", met, target).ok is True
    assert Row("of", "what", missed, target).failed


def test_a_target_of_a_later_version_is_shown_and_fails_nothing() -> None:
    row = Row("of", "what", 2, at_most(1), later=True)

    assert row.ok is False
    assert not row.failed


def test_the_command_writes_json_and_ends_with_1_when_a_target_is_missed(monkeypatch, tmp_path, capsys) -> None:
    def missed(*_: object) -> list[Row]:
        return [Row("a", "calls", 3, at_most(2)), Row("a", "told", 1)]

    monkeypatch.setattr(command, "BENCHES", {"a": missed})
    monkeypatch.setattr(command, "WRITTEN_TO", tmp_path / "new" / "bench.json")
    monkeypatch.setattr("sys.argv", ["bench", "--json"])

    with pytest.raises(SystemExit) as ended:
        command.main()

    document = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1
    assert document["ok"] is False
    assert [row["ok"] for row in document["rows"]] == [False, None]
    assert json.loads((tmp_path / "new" / "bench.json").read_text()) == document


# --- DynamoDB in memory, where the steps' own use of it does not show a fault ------------------------------------


def test_and_binds_more_than_or_and_brackets_more_than_both() -> None:
    values = {":one": {"N": "1"}, ":two": {"N": "2.0"}}
    item = {"a": {"N": "1"}, "b": {"N": "2"}}
    asked = {"ExpressionAttributeValues": values}

    held = condition({**asked, "ConditionExpression": "a = :one OR a = :two AND b = :one"})
    bracketed = condition({**asked, "ConditionExpression": "( a = :one OR a = :two ) AND b = :one"})
    as_numbers = condition({**asked, "ConditionExpression": "b = :two AND NOT_HERE <> :one"})

    assert (held(item), bracketed(item), as_numbers(item)) == (True, False, True)


def test_an_expression_that_is_not_known_is_refused() -> None:
    with pytest.raises(NotKnown):
        condition({"ConditionExpression": "a = :one garbage", "ExpressionAttributeValues": {":one": {"N": "1"}}})
    with pytest.raises(NotKnown):
        hash_value({"KeyConditionExpression": "pk < :one", "ExpressionAttributeValues": {":one": {"S": "1"}}}, "pk")


def test_an_update_reads_the_item_as_it_was() -> None:
    request = {
        "UpdateExpression": "SET a = :new, b = if_not_exists(a, :new) + :new REMOVE gone ADD version :new",
        "ExpressionAttributeValues": {":new": {"N": "5"}},
    }

    after = updated(request, {"a": {"N": "1"}, "gone": {"S": "x"}})

    assert after == {"a": {"N": "5"}, "b": {"N": "6"}, "version": {"N": "5"}}


def test_a_transaction_with_one_failed_condition_writes_nothing_and_shows_what_stands() -> None:
    tables = new_tables()
    table, client = tables.orders, tables.orders.meta.client
    table.put_item(Item={"pk": "p", "sk": "taken", "n": 1})
    is_new = {"ConditionExpression": "attribute_not_exists( pk )", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    puts = [{"Put": {"TableName": "orders", "Item": {"pk": "p", "sk": sk}, **is_new}} for sk in ("new", "taken")]

    with pytest.raises(client.exceptions.TransactionCanceledException) as canceled:
        client.transact_write_items(TransactItems=puts)

    reasons = canceled.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert "Item" not in table.get_item(Key={"pk": "p", "sk": "new"})


def test_a_query_of_an_index_goes_page_by_page_in_either_direction() -> None:
    table = new_tables().orders
    for number in range(5):
        at = {"list_key": "l", "listed_at": f"{number}"} if number else {}
        table.put_item(Item={"pk": "p", "sk": f"{number}", **at})
    table.put_item(Item={"pk": "p", "sk": "3", "list_key": "other", "listed_at": "3"})
    asked = {
        "IndexName": "listing", "KeyConditionExpression": "list_key = :l AND listed_at >= :two",
        "ExpressionAttributeValues": {":l": "l", ":two": "2"}, "ScanIndexForward": False, "Limit": 1,
    }  # fmt: skip

    first = table.query(**asked)
    second = table.query(**asked, ExclusiveStartKey=first["LastEvaluatedKey"])

    assert [item["sk"] for item in (*first["Items"], *second["Items"])] == ["4", "2"]
    assert "LastEvaluatedKey" not in second


# --- the load: what is sent, and what is said of it --------------------------------------------------------------


def test_the_load_has_a_tenth_of_repeats_and_a_tenth_that_was_overtaken() -> None:
    sending = load.plan(100, [f"SO-{number}" for number in range(80)], Random(1))

    seen = Counter(sending)
    overtaken = [push for push in sending if Push(push.reference, push.revision + 1) in seen]
    assert len(sending) == 100
    assert sorted(seen.values()) == [1] * 80 + [2] * 10
    assert len(overtaken) == 10
    assert all(sending.index(Push(push.reference, 2)) < sending.index(push) for push in overtaken)


def test_the_load_notices_what_is_lost_doubled_or_refused() -> None:
    reference, record = shipped().reference, stored()
    good = [Sent(Push(reference, 1), 202, "first", 1.0), Sent(Push(reference, 1), 202, "first", 2.0)]
    bad = [Sent(Push(reference, 2), 202, "a", 1.0), Sent(Push(reference, 2), 503, "b", 1.0)]

    fine = load.judge(good, {reference: shipped()}, {reference: [record]})
    wrong = load.judge(bad, {reference: order()}, {reference: [record, record]})

    assert [row for row in fine if row.failed] == []
    assert {row.what for row in wrong if row.failed} == {
        "shipments lost", "shipments stored twice", "orders that did not move", "answers of 5xx, or none",
        "repeats that got another answer",
    }  # fmt: skip


def shipped() -> Order:
    return order(OrderStatus.SHIPPED)


def stored() -> ShipmentRecord:
    return ShipmentRecord(
        connection="main", sale_id="sale", shipment=shipment(), status=ShipmentStatus.RECEIVED, received_at=NOON
    )
