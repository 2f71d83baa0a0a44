"""The whole flow with marked secrets and a marked person: neither shows in anything that it says or keeps.

Every outside system is made to repeat what it was sent, in each way that it can fail. What may hold the person are the
orders under way, and nothing else; what may hold a secret is Secrets Manager alone.
"""

import io
import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from rich.console import Console

from cli.aws import SecretsManagerVault
from cli.main import run
from cli.screen import Screen
from cli.site import Desk, Site
from crossdock.domain.order import Order
from crossdock.domain.states import OrderStatus, Step
from crossdock.runtime.clock import SystemClock
from crossdock.wms.registry import open_warehouse
from tests.integration.cli.conftest import _dear
from tests.integration.runtime.lambdas import PREFIX, Lambdas, deployed
from tests.integration.workflow.conftest import simple

WEBHOOK = "whsec_" + b64encode(b"marked-webhook-secret-of-32-byte").decode()
SECRETS = ("marked-account-id", "marked-api-key", "marked-bearer-token", WEBHOOK, WEBHOOK.removeprefix("whsec_"))
NAME, LINE, CITY, POSTCODE = "Zephyrine Quillfeather", "41 Larkspur Mews", "Whitby", "YO22 4XX"
PHONE, EMAIL, NOTE = "+44 1632 960777", "zephyrine@quillfeather.example", "Ring for Zephyrine"
PERSON = (NAME, "Zephyrine", "Quillfeather", LINE, "Larkspur", POSTCODE, PHONE, EMAIL, "zephyrine")
HOME = {"Line1": LINE, "City": CITY, "Postcode": POSTCODE, "Country": "United Kingdom"}
DEAR_ECHO = f"Customer '{NAME}' ({EMAIL}, {PHONE}) may not; account {SECRETS[0]}, key {SECRETS[1].upper()}"
INVOICE_ECHO = f"{DEAR_ECHO}; BillingAddressLine1 {LINE}, BillingAddressLine2 {CITY} {POSTCODE}"
READ_ECHO = f"GET with Authorization: Bearer {SECRETS[2]} for {EMAIL}, {PHONE}"
ORDER_ECHO = f"{READ_ECHO}: {NAME} of {LINE}, {CITY} {POSTCODE}: {NOTE}"
"""Each repeats what its call carried: the headers always, of a body what was in it."""


@pytest.fixture
def lambdas(orders_table: Any, checkpoints_table: Any) -> Iterator[Lambdas]:
    marked = {"account_id": SECRETS[0], "api_key": SECRETS[1], "token": SECRETS[2]}
    with deployed(orders_table, checkpoints_table, **marked) as made:
        made.store("dear", {"account_id": SECRETS[0], "api_key": SECRETS[1]})
        made.store("warehouse", {"token": SECRETS[2]})
        made.store("webhook", {"secrets": [WEBHOOK]})
        made.connect(warehouses={"Main Warehouse": "MAIN"}, inventory={"account": "403"})
        yield made


def to_zephyrine(number: str, **changes: Any) -> dict[str, Any]:
    person = {
        "customer": NAME, "contact": NAME, "phone": PHONE, "email": EMAIL, "shipping_address": HOME,
        "shipping_notes": NOTE, "customer_reference": f"of {NAME}",
    }  # fmt: skip
    return simple(number, **{**person, **changes})


def seed(lambdas: Lambdas, *sales: dict[str, Any]) -> None:
    mug = {"sku": "MUG-RED", "name": "Mug", "price": 10, "cost": 4}
    shelf = [{"sku": "MUG-RED", "location": "Main Warehouse", "on_hand": 100}]
    lambdas.dear.control("seed", {"products": [mug], "stock": shelf, "sales": list(sales)})
    lambdas.warehouse.control("stock", {"stock": [{"sku": "MUG-RED", "warehouse": "MAIN", "on_hand": "100"}]})


def in_dears_words(text: str) -> list[dict[str, Any]]:
    return [{"ErrorCode": 400, "Exception": text}]


def at_the_command_line(lambdas: Lambdas) -> str:
    """All that the looking commands print, for people and as JSON."""
    out = io.StringIO()
    console = Console(file=out, width=200, markup=False, emoji=False, highlight=False)
    site = Site(
        stack="test", orders=lambdas.orders, checkpoints=lambdas.checkpoints,
        vault=SecretsManagerVault(boto3.client("secretsmanager"), PREFIX), invoker=None, api_url="https://api.example",
        dear=_dear, warehouse=lambda connection, credentials: open_warehouse(connection.warehouse, credentials),
    )  # fmt: skip
    desk = Desk(
        environment={}, clock=SystemClock(), screen=lambda json: Screen(console, console, json=json),
        open_site=lambda _: site, ask=None,
    )  # fmt: skip
    numbers = [order.sale_number for status in OrderStatus for order in lambdas.orders.list_orders("main", status)]
    looking = [["connections"], ["orders"], ["ledger", "--all"], *(["order", number] for number in numbers)]
    for arguments in looking:
        run(arguments, desk)
        run([*arguments, "--json"], desk)
    return out.getvalue()


def kept_outside_of_orders(lambdas: Lambdas) -> str:
    """What the tables hold, but for the parts of an order that say where it goes."""
    shown = []
    for table in (lambdas.orders_table, lambdas.checkpoints_table):
        for item in table.scan()["Items"]:
            private = {"content", "wanted", "facts", "kits", "content_hash"} if item.get("kind") == "order" else set()
            shown.append(json.dumps({name: value for name, value in item.items() if name not in private}, default=str))
    return "\n".join(shown)


def assert_nothing_leaked(lambdas: Lambdas) -> None:
    said = {
        "a log line or metric": lambdas.printed.getvalue(),
        "what is kept": kept_outside_of_orders(lambdas),
        "the command line": at_the_command_line(lambdas),
    }
    everything = {**said, "an order": lambdas.stored()}
    leaks = [(where, secret) for where, text in everything.items() for secret in SECRETS if secret in text]
    leaks += [(where, part) for where, text in said.items() for part in PERSON if part in text]
    assert leaks == []
    assert '"message":"run"' in said["a log line or metric"]
    assert LINE in everything["an order"]


def test_the_way_through_leaves_no_trace_of_who_it_was_for(lambdas: Lambdas) -> None:
    seed(lambdas, to_zephyrine("SO-1"), to_zephyrine("SO-2", shipping_address={**HOME, "Country": "", "City": ""}))

    lambdas.tick()
    lambdas.warehouse.control("work", {"push_share": 0})
    lambdas.tick()
    lambdas.run(Step.RECONCILE)

    assert lambdas.orders.order("main", "SO-1").status is OrderStatus.INVOICED
    assert_nothing_leaked(lambdas)


@pytest.mark.parametrize("status", [400, 401, 409, 429, 500, 503])
def test_a_dear_that_repeats_everything_in_its_errors_teaches_us_nothing(lambdas: Lambdas, status: int) -> None:
    seed(lambdas, to_zephyrine("SO-1"), to_zephyrine("SO-2"))
    lambdas.dear.fault(path="saleList", kind="status", status=status, body=in_dears_words(DEAR_ECHO))
    lambdas.run(Step.DOWNLOAD_ORDERS)
    lambdas.dear.fault(path="/sale$", method="GET", kind="status", status=status, body=DEAR_ECHO)
    lambdas.run(Step.DOWNLOAD_ORDERS)
    SystemClock().sleep(90)
    lambdas.run(Step.DOWNLOAD_ORDERS)
    lambdas.run(Step.DELIVER_ORDERS)
    lambdas.warehouse.control("work", {"push_share": 0})
    for path, echo in (("/pick$", DEAR_ECHO), ("/invoice$", INVOICE_ECHO), ("stockadjustment$", DEAR_ECHO)):
        body = in_dears_words(echo)
        lambdas.dear.fault(path=path, method="POST", kind="status", status=status, body=body, count=2)
    SystemClock().sleep(90)
    lambdas.tick()

    assert_nothing_leaked(lambdas)


@pytest.mark.parametrize("status", [401, 409, 422, 429, 500])
def test_a_warehouse_that_repeats_everything_in_its_errors_teaches_us_nothing(lambdas: Lambdas, status: int) -> None:
    seed(lambdas, to_zephyrine("SO-1"), to_zephyrine("SO-2"))
    lambdas.run(Step.DOWNLOAD_ORDERS)
    for path, method, echo in (
        ("/orders", "POST", ORDER_ECHO), ("/orders", "GET", READ_ECHO), ("/shipments", "GET", READ_ECHO),
        ("/inventory", "GET", READ_ECHO),
    ):  # fmt: skip
        body = {"errors": [{"field": "ship_to", "message": echo}], "id": "WO-9", "status": echo}
        lambdas.warehouse.fault(path=path, method=method, kind="status", status=status, body=body, count=2)

    lambdas.tick()

    assert_nothing_leaked(lambdas)


def test_a_push_full_of_names_leaves_none_behind(lambdas: Lambdas) -> None:
    seed(lambdas, to_zephyrine("SO-1"))
    lambdas.tick()
    line = {"sku": "MUG-RED", "quantity": "2", "engraving": NAME}
    shipment = {
        "id": "S-1", "revision": 1, "reference": "SO-1", "kind": "shipped", "final": True, "recipient": NAME,
        "ship_to": {"name": NAME, "line1": LINE}, "shipped_at": "2026-03-02T12:00:00Z",
        "updated_at": "2026-03-02T12:00:00Z", "parcels": [{"parcel_id": "P", "phone": PHONE, "lines": [line]}],
    }  # fmt: skip
    push = {"type": "shipment.updated", "timestamp": "2026-03-02T12:00:00Z", "data": shipment}

    forged = lambdas.push(push, "whsec_" + "d" * 44)
    wrong = lambdas.push({**push, "data": {**shipment, "kind": NAME, "revision": NAME, "shipped_at": LINE}}, WEBHOOK)
    right = lambdas.push(push, WEBHOOK)

    assert [forged[0], wrong[0], right[0]] == [401, 400, 202]
    assert [part for part in (*PERSON, *SECRETS) if part in forged[1] + wrong[1] + right[1]] == []
    assert_nothing_leaked(lambdas)


@pytest.mark.filterwarnings("ignore:No application metrics")
@pytest.mark.parametrize("where", ["an item", "the whole run"])
def test_a_fault_of_our_own_that_quotes_what_it_met_is_logged_by_its_place(
    lambdas: Lambdas, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    seed(lambdas, to_zephyrine("SO-1"))
    lambdas.run(Step.DOWNLOAD_ORDERS)

    def fall(order: Order, *_: object) -> Order:
        try:
            return int(order.content.ship_to.name or "")
        except ValueError as bad:
            raise KeyError(SECRETS[2]) from bad

    if where == "an item":
        monkeypatch.setattr(Order, "intending", fall)
        lambdas.run(Step.DELIVER_ORDERS)
    else:
        monkeypatch.setattr("crossdock.runtime.handler.run", _run_of(fall))
        with pytest.raises(Exception, match=r"KeyError at test_marked_secrets.py:\d+$") as failed:
            lambdas.run(Step.DELIVER_ORDERS)
        assert failed.type.__name__ == "RunFailed"
        lambdas.printed.write('"message":"run"')

    assert "KeyError at test_marked_secrets.py" in lambdas.printed.getvalue()
    assert "which came of" in lambdas.printed.getvalue()
    assert_nothing_leaked(lambdas)


def _run_of(fall: Any) -> Any:
    return lambda _step, _use_case, work: fall(work.orders.order("main", "SO-1"))
