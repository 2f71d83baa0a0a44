"""Deciding over proposals, a SKU's history, and aliases from a CSV file."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crossdock.domain.aliases import Aliases
from crossdock.domain.inventory import AdjustmentLine, Aside, Written
from crossdock.domain.proposals import Cause, Wait, proposed
from crossdock.store.stock import DynamoStock
from simulation.dynamo import Table
from tests.integration.store.records import CONNECTION, NOON
from tests.unit.cli.fakes import connection


@pytest.fixture
def stock(stack):
    """The real store, on a table in memory, of a stack with one connection."""
    kept = DynamoStock(Table("checkpoints"), stack.clock)
    stack.checkpoints.stock = kept
    stack.checkpoints.save_connection(connection())
    return kept


def propose(stock, sku, location="Main"):
    line = AdjustmentLine(
        sku=sku, location=location, before=Decimal(50), quantity=Decimal(20), unit_cost=Decimal(1), why="counted 20"
    )
    proposal = proposed(CONNECTION, line, Wait(Cause.UNITS, "above 10"), None, NOON, NOON)
    stock.save_proposal(proposal)
    return proposal


def statuses(stock):
    return {(each.sku, each.location): str(each.status) for each in stock.proposals(CONNECTION)}


def test_what_waits_is_shown_with_its_reason(stack, stock):
    propose(stock, "CUP")
    stock.set_aside(CONNECTION, Aside(location="Main", sku="JUG", code="not_stock", text="it is a service", at=NOON))

    shown = stack.run("inventory", "show")

    assert shown.code == 0
    assert all(text in shown.out for text in ("CUP", "50", "20", "counted 20; above 10", "JUG", "it is a service"))


def test_only_one_sku_is_shown_when_it_is_asked_for(stack, stock):
    propose(stock, "CUP")
    propose(stock, "JUG")

    document = json.loads(stack.run("inventory", "show", "--sku", "JUG", "--json").out)

    assert [each["sku"] for each in document["proposals"]] == ["JUG"]


def test_a_skus_history_is_shown_the_newest_first(stack, stock):
    for hour in (8, 9):
        at = datetime(2026, 3, 2, hour, tzinfo=UTC)
        line = Written(at=at, location="Main", before=Decimal(1), after=Decimal(hour), why="counted", marker=f"m{hour}")
        stock.add_history(CONNECTION, "CUP", line)

    document = json.loads(stack.run("inventory", "show", "--history", "CUP", "--json").out)

    assert [each["marker"] for each in document["history"]] == ["m9", "m8"]
    assert "m9" in stack.run("inventory", "show", "--history", "CUP").out


def test_one_sku_is_approved_at_all_its_locations_or_at_one(stack, stock):
    for location in ("Main", "Second"):
        propose(stock, "CUP", location)
        propose(stock, "JUG", location)

    stack.run("inventory", "approve", "CUP", "--yes")
    stack.run("inventory", "reject", "JUG", "--location", "Second")

    assert statuses(stock) == {
        ("CUP", "Main"): "approved", ("CUP", "Second"): "approved", ("JUG", "Main"): "open",
        ("JUG", "Second"): "rejected",
    }  # fmt: skip


def test_all_means_what_nobody_has_decided_yet(stack, stock):
    propose(stock, "CUP")
    propose(stock, "JUG")
    stack.run("inventory", "reject", "CUP")

    ended = stack.run("inventory", "approve", "--all", "--yes")

    assert (ended.code, statuses(stock)) == (0, {("CUP", "Main"): "rejected", ("JUG", "Main"): "approved"})


def test_a_mind_may_be_changed_until_it_is_written(stack, stock):
    propose(stock, "CUP")
    stack.run("inventory", "reject", "CUP")

    stack.run("inventory", "approve", "CUP", "--yes")

    assert statuses(stock) == {("CUP", "Main"): "approved"}


@pytest.mark.parametrize("arguments", [(), ("CUP", "--all"), ("JUG",)])
def test_a_choice_that_means_nothing_or_too_much_is_refused(stack, stock, arguments):
    propose(stock, "CUP")

    ended = stack.run("inventory", "approve", *arguments, "--yes")

    assert (ended.code, statuses(stock)) == (1, {("CUP", "Main"): "open"})
    assert ended.err


def asks(stack, monkeypatch, answer):
    """A person sits at the terminal, who gives the answer that `answer` returns."""
    stack.answers = {}
    monkeypatch.setattr(stack, "_ask", lambda _: answer())


@pytest.mark.parametrize(("answer", "ends"), [("yes", (0, "approved")), ("", (1, "open"))])
def test_what_is_about_to_be_approved_is_shown_and_asked_for(stack, stock, monkeypatch, answer, ends):
    propose(stock, "CUP")
    asks(stack, monkeypatch, lambda: answer)

    ended = stack.run("inventory", "approve", "CUP", "--json")

    assert (ended.code, statuses(stock)["CUP", "Main"]) == ends
    assert all(text in ended.err for text in ("To be approved", "CUP", "50", "20"))


def test_where_nobody_sits_at_the_terminal_nothing_is_approved_without_yes(stack, stock):
    propose(stock, "CUP")

    ended = stack.run("inventory", "approve", "CUP")

    assert (ended.code, statuses(stock)) == (1, {("CUP", "Main"): "open"})
    assert "--yes" in ended.err


def test_what_a_pass_changes_while_the_person_looks_is_not_approved(stack, stock, monkeypatch):
    shown = propose(stock, "CUP")
    propose(stock, "JUG")

    def answer():
        stock.save_proposal(shown.model_copy(update={"after": Decimal(0), "version": shown.version + 1}))
        return "yes"

    asks(stack, monkeypatch, answer)
    document = json.loads(stack.run("inventory", "approve", "--all", "--json").out)

    assert [each["sku"] for each in document["decided"]] == ["JUG"]
    assert [(each["sku"], each["after"]) for each in document["changed_meanwhile"]] == [("CUP", "20")]
    assert statuses(stock) == {("CUP", "Main"): "open", ("JUG", "Main"): "approved"}


@pytest.mark.usefixtures("stock")
def test_without_the_inventory_setting_a_preview_says_so(stack):
    assert "there is no [settings.inventory]" in stack.run("inventory", "preview").out


# --- aliases ---


def imported(stack, tmp_path, text):
    file = tmp_path / "aliases.csv"
    file.write_bytes(text.encode())
    return stack.run("inventory", "aliases", "import", str(file))


@pytest.mark.parametrize(
    "text",
    [
        "dear_sku,warehouse_sku\nCUP,W-1\nJUG,W-2\n",
        "\ufeffwarehouse_sku;name;DEAR_SKU\r\n W-1 ;a cup;CUP\r\nW-2;;JUG\r\n;;\r\n",
    ],
)
def test_a_file_is_read_whatever_divides_its_columns_and_in_whatever_order_they_are(stack, stock, tmp_path, text):
    ended = imported(stack, tmp_path, text)

    assert ended.code == 0
    assert stock.aliases(CONNECTION).pairs == (("CUP", "W-1"), ("JUG", "W-2"))
    assert "W-2" in stack.run("inventory", "aliases", "show").out


def test_an_import_replaces_all_that_stood(stack, stock, tmp_path):
    imported(stack, tmp_path, "dear_sku,warehouse_sku\nCUP,W-1\n")

    imported(stack, tmp_path, "dear_sku,warehouse_sku\nJUG,W-2\n")

    assert stock.aliases(CONNECTION).pairs == (("JUG", "W-2"),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("dear_sku,warehouse_sku\nCUP,W-1\nCUP,W-2\n", "line 3: dear_sku CUP"),
        ("dear_sku,warehouse_sku\nCUP,W-1\n\nJUG,W-1\n", "line 4: warehouse_sku W-1"),
        ("dear_sku,warehouse_sku\nCUP,\n", "line 2: warehouse_sku is blank"),
        ("dear,warehouse_sku\nCUP,W-1\n", "no column dear_sku"),
        ("", "no column dear_sku"),
    ],
)
def test_pairs_that_cannot_all_be_are_refused_with_their_lines(stack, stock, tmp_path, text, told):
    stock.save_aliases(CONNECTION, Aliases(pairs=(("OLD", "W-0"),)))

    ended = imported(stack, tmp_path, text)

    assert ended.code == 1
    assert told in ended.err
    assert stock.aliases(CONNECTION).pairs == (("OLD", "W-0"),)


def test_aliases_are_one_connections_own(stack, stock, tmp_path):
    stack.checkpoints.save_connection(connection("second"))

    ended = imported(stack, tmp_path, "dear_sku,warehouse_sku\nCUP,W-1\n")

    assert (ended.code, stock.aliases(CONNECTION).pairs) == (1, ())
    assert "--connection" in ended.err
