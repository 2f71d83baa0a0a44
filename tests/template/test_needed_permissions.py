"""What each role grants is what its function asks of AWS, found out by running it: nothing more, nothing less."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from crossdock.domain.aliases import Aliases
from crossdock.domain.states import DAILY_STEPS, SCHEDULED_STEPS, Step
from crossdock.recovering import recover
from crossdock.runtime.clock import SystemClock
from crossdock.wms.registry import WarehouseCredentials, open_warehouse
from tests.integration.conftest import checkpoints_table, declared, dynamodb, orders_table, table_kind
from tests.integration.runtime.lambdas import Call, Lambdas, lambdas
from tests.integration.workflow.conftest import simple
from tests.template.template import resources, statements, step_of
from tests.unit.builders import order

pytestmark = [pytest.mark.template, pytest.mark.filterwarnings("ignore:No application metrics")]

SECRET, TOKEN = "whsec_" + "b" * 44, "d" * 43
OF_THE_PLATFORM = {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}
"""What Lambda itself does with the role: it writes the log, and forwards an event that failed."""
WHERE_A_RACE_IS_LOST = {("dynamodb:GetItem", "Orders"), ("dynamodb:GetItem", "Checkpoints")}
"""Who won is read, where the answer to a failed condition leaves it out."""
OF_KMS = {"kms:Decrypt", "kms:GenerateDataKey"}
"""What AWS does with the role where the tables have a key of the customer's."""

_IN_A_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}

type Grant = tuple[str, str]
"""An action, and on what."""


# --- granted ---------------------------------------------------------------------------------------------------


def granted(role: str) -> set[Grant]:
    return {
        (action, _named(resource))
        for each in statements(role)
        for action in each["Action"]
        for resource in each["Resource"]
        if action not in OF_THE_PLATFORM | OF_KMS
    }


def _named(resource: dict[str, Any]) -> str:
    if "Fn::GetAtt" in resource:
        return str(resource["Fn::GetAtt"][0])
    text = str(resource["Fn::Sub"])
    if ":secret:" in text:
        return text.rpartition("/")[2].removesuffix("-??????")
    if ":function:" in text:
        return text.rpartition("${AWS::StackName}-")[2].replace("-", "_")
    return text.removeprefix("${").replace(".Arn}", "")


# --- used ------------------------------------------------------------------------------------------------------


def used(calls: Iterable[Call], lambdas: Lambdas) -> set[Grant]:
    return {grant for call in calls for grant in _needed(*call, lambdas)}


def _needed(service: str, operation: str, arguments: dict[str, Any], lambdas: Lambdas) -> Iterator[Grant]:
    match service, operation:
        case "secretsmanager", "GetSecretValue":
            yield "secretsmanager:GetSecretValue", str(arguments["SecretId"]).rpartition("/")[2]
        case "lambda", "Invoke":
            yield "lambda:InvokeFunction", str(arguments["FunctionName"]).rpartition("test-")[2].replace("-", "_")
        case "dynamodb", "TransactWriteItems":
            for item in arguments["TransactItems"]:
                ((kind, write),) = item.items()
                yield f"dynamodb:{_IN_A_TRANSACTION[kind]}", _table(write["TableName"], lambdas)
        case "dynamodb", "BatchGetItem":
            for name in arguments["RequestItems"]:
                yield "dynamodb:BatchGetItem", _table(name, lambdas)
        case _:
            table = _table(arguments["TableName"], lambdas)
            index = f"/index/{arguments['IndexName']}" if "IndexName" in arguments else ""
            yield f"{service}:{operation}", table + index


def _table(name: str, lambdas: Lambdas) -> str:
    return {lambdas.orders_table.name: "Orders", lambdas.checkpoints_table.name: "Checkpoints"}[name]


# --- a run in which every step does all that it can do -----------------------------------------------------------


def push(shipment_id: str, reference: str, **changes: Any) -> dict[str, Any]:
    shipment = {
        "id": shipment_id, "revision": 1, "reference": reference, "kind": "shipped", "final": True,
        "shipped_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z",
        "parcels": [{"parcel_id": shipment_id, "lines": [{"sku": "MUG-RED", "quantity": "2"}]}], **changes,
    }  # fmt: skip
    return {"type": "shipment.updated", "timestamp": "2026-03-02T12:00:00Z", "data": shipment}


def all_of_it(lambdas: Lambdas) -> None:
    """Sales of several kinds, shipments that come before their order, by both ways, stock that differs, and time."""
    lambdas.cold = True
    lambdas.store("dear", {"account_id": "account", "api_key": "key"})
    lambdas.store("warehouse", {"token": "token"})
    lambdas.store("webhook", {"secrets": [SECRET], "dear_token": TOKEN})
    settings: dict[str, Any] = {"warehouses": {"Main Warehouse": "MAIN"}, "kits": "components"}
    lambdas.connect(**settings, changed_orders="resend", inventory={"account": "403", "approve_above_units": 10})
    lambdas.checkpoints.stock.save_aliases("main", Aliases(pairs=(("MUG-BLUE", "W-BLUE"),)))
    _seed(lambdas, "SO-1", "SO-2", "SO-3", "SO-4")
    drafted = {"pick": "DRAFT", "lines": [{"sku": "MUG-RED", "quantity": 2}]}
    lambdas.dear.control("seed", {"sales": [simple("SO-5", type="Advanced", fulfilments=[drafted])]})
    lambdas.push(push("S-9", "SO-9"), SECRET)
    for _ in range(2):
        lambdas.tick()
    lambdas.dear.control("sales/SO-3/void", {})
    lambdas.dear.control("sales/SO-4/edit", {"lines": [{"sku": "MUG-RED", "quantity": 3, "price": 10}]})
    lambdas.warehouse.control("orders/SO-1/ship", {})
    lambdas.warehouse.control("orders/SO-5.1/ship", _one_of_two("A"))
    for reference, step in (("SO-77", Step.COLLECT_SHIPMENTS), ("SO-78", Step.SYNC_INVENTORY)):
        _ship_without_an_order(lambdas, reference)
        lambdas.run(step)
    lambdas.push(push("S-2", "SO-2"), SECRET)
    lambdas.dear.control("seed", {"sales": [simple("SO-9")]})
    for box in ("B", "", ""):
        SystemClock().sleep(3600)
        if box:
            lambdas.tick()
            lambdas.warehouse.control("orders/SO-5.1/ship", _one_of_two(box))
        lambdas.tick()
        lambdas.run(Step.RECONCILE)
    SystemClock().sleep(100 * 24 * 3600)
    lambdas.dear.control("sales/SO-2/void", {})
    lambdas.run(Step.RECONCILE)
    _lose_an_hour(lambdas)
    lambdas.ask("SO-1", SECRET)
    lambdas.hint(TOKEN)
    lambdas.connect("second")
    for step in (*SCHEDULED_STEPS, *DAILY_STEPS):
        lambdas.run(step)


def _lose_an_hour(lambdas: Lambdas) -> None:
    """The tables are put back to before a sale was sent, and what was done since is made known again."""
    began, tables = SystemClock().now(), (lambdas.orders_table, lambdas.checkpoints_table)
    before = [_items(table) for table in tables]
    lambdas.dear.control("seed", {"sales": [simple("SO-8")]})
    SystemClock().sleep(3600)
    lambdas.tick()
    for table, items in zip(tables, before, strict=True):
        with table.batch_writer() as batch:
            for key in _items(table).keys() - items.keys():
                batch.delete_item(dict(zip(("pk", "sk"), key, strict=True)))
            for item in items.values():
                batch.put_item(item)
    _ship_without_an_order(lambdas, "SO-79")
    assert recover(lambdas.checkpoints, "main", began, SystemClock().now()) == ()
    SystemClock().sleep(60)
    lambdas.run(Step.DOWNLOAD_ORDERS)
    lambdas.run(Step.DOWNLOAD_ORDERS)
    taken_up = lambdas.orders.order("main", "SO-8")
    assert taken_up is not None
    assert taken_up.taken_up
    assert lambdas.checkpoints.take_lease("main", Step.DELIVER_ORDERS, "a run", 1), "recovery has not ended"


def _items(table: Any) -> dict[tuple[str, str], Any]:
    return {(item["pk"], item["sk"]): item for item in table.scan()["Items"]}


def _one_of_two(box: str) -> dict[str, Any]:
    return {"parcels": [{"parcel_id": box, "lines": [{"line_id": "1", "quantity": "1"}]}], "final": box == "B"}


def _ship_without_an_order(lambdas: Lambdas, reference: str) -> None:
    """The warehouse ships what nobody here knows of."""
    (connection,) = lambdas.checkpoints.connections()
    warehouse = open_warehouse(connection.warehouse, WarehouseCredentials(token="token"))
    warehouse.create_order(reference, order().content)
    lambdas.warehouse.control(f"orders/{reference}/ship", {})


def _seed(lambdas: Lambdas, *numbers: str) -> None:
    mugs = [{"sku": sku, "name": sku, "price": 10, "cost": 4} for sku in ("MUG-RED", "MUG-BLUE")]
    shelf = [{"sku": mug["sku"], "location": "Main Warehouse", "on_hand": 100} for mug in mugs]
    lambdas.dear.control("seed", {"products": mugs, "stock": shelf, "sales": [simple(number) for number in numbers]})
    stock = [
        {"sku": "MUG-RED", "warehouse": "MAIN", "on_hand": "97"},
        {"sku": "W-BLUE", "warehouse": "MAIN", "on_hand": "1"},
    ]
    lambdas.warehouse.control("stock", {"stock": stock})


__all__ = ["checkpoints_table", "declared", "dynamodb", "lambdas", "orders_table", "table_kind"]


def test_each_role_grants_what_its_function_uses_and_nothing_else(lambdas: Lambdas) -> None:
    all_of_it(lambdas)

    differences = {}
    for name in sorted(resources("Lambda::Function")):
        step = Step(step_of(name))
        may, does = granted(f"{name}Role"), used(lambdas.calls[step], lambdas) | WHERE_A_RACE_IS_LOST
        if may != does:
            differences[step.value] = {
                "granted and unused": [" ".join(each) for each in sorted(may - does)],
                "used and not granted": [" ".join(each) for each in sorted(does - may)],
            }
    assert differences == {}, json.dumps(differences, indent=1)
