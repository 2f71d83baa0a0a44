"""The parts of the simulation, held to what they stand in for."""

from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from crossdock.collecting import OVERLAP
from crossdock.domain.states import Step
from crossdock.store.checkpoints import DynamoCheckpoints
from download_orders.unstored import PASSES
from sandbox.dear.tenant import identity
from sandbox.documents import Documents
from simulation.database import TableOfProcess
from simulation.documents import MemoryDocuments
from simulation.dynamo import Index, Table
from simulation.expressions import Unsupported, condition, update
from simulation.faults import Weather
from simulation.heat import LONGEST, Heat
from simulation.invocation import TIMEOUTS
from simulation.mutants import ROOT
from simulation.mutations import MUTATIONS, Mutation
from simulation.recipe import Recipe
from simulation.turns import Killed, Process, Turns
from simulation.world import INDEXES

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


class Broken(Exception):
    """What goes wrong within a transaction."""


@pytest.mark.parametrize("seed", range(30))
def test_documents_in_memory_are_those_on_disk(seed: int) -> None:
    kinds = [Documents(None), MemoryDocuments()]

    shown = [do_at_random(documents, Random(seed)) for documents in kinds]

    assert shown[0] == shown[1]


def do_at_random(documents: Documents, random: Random) -> list[Any]:
    seen: list[Any] = []
    for turn in range(60):
        with suppress(Broken), documents.transaction():
            for _ in range(random.randint(1, 4)):
                kind, key = random.choice("ab"), random.choice("xyz")
                match random.randint(0, 4):
                    case 0 | 1:
                        documents.put(kind, key, {"turn": turn, "lines": [1, {"deep": None}]})
                    case 2:
                        documents.delete(kind, key)
                    case 3:
                        documents.append(kind, {"turn": turn})
                    case _:
                        seen.append(documents.get(kind, key))
            if random.random() < 0.3:
                raise Broken
        seen.append([documents.all(kind) for kind in "ab"])
        seen.append([documents.log(kind) for kind in "ab"])
    return seen


class _Loader(yaml.SafeLoader):
    """Leaves CloudFormation's short functions alone."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: None)  # noqa: ARG005


def declared() -> dict[str, Any]:
    return yaml.load(TEMPLATE.read_text(), Loader=_Loader)["Resources"]  # noqa: S506 - a safe loader


def test_the_indexes_are_those_of_the_template() -> None:
    wanted = [
        Index(
            index["IndexName"],
            *(key["AttributeName"] for key in index["KeySchema"]),
            keys_only=index["Projection"]["ProjectionType"] == "KEYS_ONLY",
        )
        for index in declared()["Orders"]["Properties"]["GlobalSecondaryIndexes"]
    ]

    assert sorted(INDEXES) == sorted(wanted)


def test_the_functions_have_the_time_that_the_template_gives_them() -> None:
    given = {
        properties["Handler"].partition(".")[0]: properties["Timeout"]
        for properties in (each.get("Properties", {}) for each in declared().values())
        if "Handler" in properties and "Timeout" in properties
    }

    assert given == {str(step): seconds for step, seconds in TIMEOUTS.items()}


def test_an_index_that_lags_shows_a_change_later() -> None:
    now = [0.0]
    table = Table("orders", INDEXES, now=lambda: now[0], lag=lambda: 2.0)
    table.put_item(Item={"pk": "a", "sk": "b", "due_queue": "q", "due_at": "1"})

    early = list(due(table))
    now[0] = 2.0

    assert (early, list(due(table))) == ([], [{"pk": "a", "sk": "b", "due_queue": "q", "due_at": "1"}])


def due(table: Table) -> list[dict[str, Any]]:
    from boto3.dynamodb.conditions import Key  # noqa: PLC0415

    items: list[dict[str, Any]] = table.query(IndexName="due", KeyConditionExpression=Key("due_queue").eq("q"))["Items"]
    return items


def test_bounds_in_the_wrong_order_are_refused() -> None:
    from boto3.dynamodb.conditions import Key  # noqa: PLC0415

    with pytest.raises(ClientError, match="ValidationException"):
        Table("orders").query(KeyConditionExpression=Key("pk").eq("a") & Key("sk").between("c", "b"))


@pytest.mark.parametrize("text", ["size(a) > :b", "a IN (:b)", "attribute_type(a, :b)", "a = ", "(a = :b"])
def test_a_condition_outside_of_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(Unsupported):
        condition(text)


@pytest.mark.parametrize("text", ["DELETE a :b", "SET a", "SET list_append(a, :b)"])
def test_an_update_outside_of_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(Unsupported):
        update(text)


def test_processes_take_turns_by_the_clock_and_in_the_order_of_planning() -> None:
    turns, seen = Turns(), []

    def body(process: Process) -> None:
        for _ in range(3):
            process.sleep(1.0)
            seen.append((turns.seconds, process.name))

    for name, at in (("a", 0.0), ("b", 0.5), ("c", 0.5)):
        turns.start(body, Process(turns, name), at)
    turns.run(100)
    turns.close()

    assert seen == [
        (1.0, "a"), (1.5, "b"), (1.5, "c"), (2.0, "a"), (2.5, "b"), (2.5, "c"), (3.0, "a"), (3.5, "b"), (3.5, "c"),
    ]  # fmt: skip


@pytest.mark.parametrize("first", [-100.0, 0.0, 100.0])
@pytest.mark.parametrize("second", [-100.0, 0.0, 100.0])
def test_a_lease_holds_between_clocks_that_are_minutes_apart(first: float, second: float) -> None:
    turns, table, calm = Turns(), Table("checkpoints"), Weather(Random(1), {})

    def checkpoints(wrong_by: float) -> DynamoCheckpoints:
        process = Process(turns, "a copy", wrong_by=wrong_by)
        return DynamoCheckpoints(TableOfProcess(table, process, calm, lambda *_: None), process)  # type: ignore[arg-type]

    lease = checkpoints(first).take_lease("main", Step.DELIVER_ORDERS, "one", 60)
    turns.run(turns.seconds + 30)
    taken_early = checkpoints(second).take_lease("main", Step.DELIVER_ORDERS, "two", 60)
    turns.run(turns.seconds + 200)

    assert lease is not None
    assert taken_early is None
    assert checkpoints(second).take_lease("main", Step.DELIVER_ORDERS, "three", 60) is not None


def test_a_killed_process_does_nothing_more() -> None:
    turns, seen = Turns(), []

    def body(process: Process) -> None:
        try:
            process.kill()
        finally:
            with suppress(Killed):
                process.sleep(1)
                seen.append("came back")
            seen.append("finally")

    turns.start(body, Process(turns, "victim"), 0.0)
    turns.run(10)
    turns.close()

    assert seen == ["finally"]


def test_a_process_whose_time_is_over_is_killed_where_it_waits() -> None:
    turns, seen = Turns(), []

    def body(process: Process) -> None:
        process.sleep(4)
        seen.append(turns.seconds)
        process.sleep(4)
        seen.append(turns.seconds)

    turns.start(body, Process(turns, "slow", ends_at=5.0), 0.0)
    turns.run(10)
    turns.close()

    assert seen == [4.0]


def heat_of(share: float, **changes: Any) -> tuple[Heat, Turns, Weather]:
    recipe = Recipe(seed=1, places=(1,), minutes=1, period=60.0, settings={}, heat=share, **changes)
    turns, weather = Turns(), Weather(Random(1), {})
    return Heat(recipe, turns, "main", weather), turns, weather


def put(partition: str) -> dict[str, Any]:
    return {"Item": {"pk": partition}}


def test_a_shipped_orders_records_are_refused_longer_than_the_list_looks_back_and_no_others() -> None:
    heat, turns, _ = heat_of(1.0)

    heat.shipped("SO-1")

    both = {"TransactItems": [{"Put": put("main#sale")}, {"Put": put("main#order#SO-1")}]}
    assert heat.refuses(both)
    assert not heat.refuses(put("main#order#SO-2"))
    turns.run(OVERLAP.total_seconds())
    assert heat.refuses(both)
    turns.run(LONGEST)
    assert not heat.refuses(both)


def test_a_sale_is_refused_in_fewer_passes_than_the_list_is_held_up_for() -> None:
    heat, _, _ = heat_of(1.0)

    heat.entered("SO-1")

    sale = put(f"main#{identity('sale', 'SO-1')}")
    refused = [heat.refuses(sale) for _ in range(PASSES)]
    assert refused[0]
    assert not refused[-1]


@pytest.mark.parametrize("peace", [{"heat": 0.0}, {"calm": True}, {"over": True}, {"kinds": frozenset()}])
def test_where_nothing_goes_wrong_no_record_is_refused(peace: dict[str, Any]) -> None:
    over = peace.pop("over", False)
    heat, _, weather = heat_of(peace.pop("heat", 1.0), **peace)
    weather.over = over

    heat.shipped("SO-1")

    assert not heat.refuses(put("main#order#SO-1"))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_what_a_mutant_takes_away_is_there(mutation: Mutation) -> None:
    text = (ROOT / mutation.file).read_text()

    assert text.count(mutation.old) == 1
    compile(text.replace(mutation.old, mutation.new), mutation.file, "exec")
