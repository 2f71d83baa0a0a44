"""Every secret can be changed while the functions run: what a warm process has cached is read afresh when refused."""

import pytest

from crossdock.domain.states import OrderStatus, Step
from crossdock.runtime import secrets
from tests.integration.runtime.lambdas import Lambdas
from tests.integration.workflow.conftest import simple

OLD, NEW = "whsec_" + "b" * 44, "whsec_" + "c" * 44
DEAR, WAREHOUSE = {"account_id": "account", "api_key": "key"}, {"token": "token"}
SHIPMENT = {
    "type": "shipment.updated", "timestamp": "2026-03-02T12:00:00Z",
    "data": {
        "id": "S-1", "revision": 1, "reference": "SO-NOBODYS", "kind": "shipped", "final": True,
        "shipped_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z",
        "parcels": [{"parcel_id": "P", "lines": [{"sku": "MUG-RED", "quantity": "1"}]}],
    },
}  # fmt: skip


def ended(lambdas: Lambdas, step: Step) -> str:
    (report,) = lambdas.run(step)
    return str(report["outcome"])


def warm(lambdas: Lambdas, dear: dict[str, str], warehouse: dict[str, str]) -> None:
    """A connection whose secrets are these, in a process that has just read them."""
    lambdas.dear.control("seed", {"sales": []})
    lambdas.store("dear", dear)
    lambdas.store("warehouse", warehouse)
    lambdas.connect()
    lambdas.run(Step.DOWNLOAD_ORDERS)
    lambdas.run(Step.COLLECT_SHIPMENTS)


def test_a_new_key_of_dear_is_used_by_the_run_that_meets_the_old_ones_refusal(lambdas: Lambdas) -> None:
    warm(lambdas, {**DEAR, "api_key": "the-key-before"}, WAREHOUSE)
    before = ended(lambdas, Step.DOWNLOAD_ORDERS)

    lambdas.store("dear", DEAR)

    assert (before, ended(lambdas, Step.DOWNLOAD_ORDERS)) == ("stopped", "done")


@pytest.mark.parametrize("old", [{"token": "the-token-before"}, {"user": "ada", "password": "the-one-before"}])
def test_a_new_token_of_the_warehouse_is_used_by_the_run_that_meets_the_old_ones_refusal(
    lambdas: Lambdas, old: dict[str, str]
) -> None:
    warm(lambdas, DEAR, old)
    before = ended(lambdas, Step.COLLECT_SHIPMENTS)

    lambdas.store("warehouse", WAREHOUSE)

    assert (before, ended(lambdas, Step.COLLECT_SHIPMENTS)) == ("stopped", "done")


def test_an_order_is_delivered_once_though_its_token_changed_between_two_orders(lambdas: Lambdas) -> None:
    warm(lambdas, DEAR, {"token": "the-token-before"})
    lambdas.connect(sale_statuses=["ORDERED"])
    product = {"sku": "MUG-RED", "name": "Mug", "price": 10, "cost": 4}
    lambdas.dear.control("seed", {"products": [product], "sales": [simple("SO-1"), simple("SO-2")]})
    lambdas.run(Step.DOWNLOAD_ORDERS)

    lambdas.store("warehouse", WAREHOUSE)
    outcome = ended(lambdas, Step.DELIVER_ORDERS)

    sent = [entry["reference"] for entry in lambdas.warehouse.ledger("order_created")]
    assert (outcome, sorted(sent)) == ("done", ["SO-1", "SO-2"])


def test_a_secret_that_stays_wrong_is_read_once_more_for_each_refusal_and_no_more(lambdas: Lambdas) -> None:
    warm(lambdas, DEAR, {"token": "wrong"})
    lambdas.calls[Step.COLLECT_SHIPMENTS].clear()

    outcome = ended(lambdas, Step.COLLECT_SHIPMENTS)

    read = [call for call in lambdas.calls[Step.COLLECT_SHIPMENTS] if call[0] == "secretsmanager"]
    assert (outcome, len(read)) == ("stopped", 1)


@pytest.mark.parametrize(
    ("party", "secret", "step"),
    [
        ("warehouse", {"Token": "hush"}, Step.DELIVER_ORDERS),
        ("warehouse", {"token": "hush hush"}, Step.DELIVER_ORDERS),
        ("warehouse", {"token": "hush\n"}, Step.DELIVER_ORDERS),
        ("dear", {"account_id": "account", "apiKey": "hush"}, Step.DOWNLOAD_ORDERS),
    ],
)
def test_a_secret_that_cannot_be_used_ends_the_run_and_counts_against_no_item(
    lambdas: Lambdas, monkeypatch: pytest.MonkeyPatch, party: str, secret: dict[str, str], step: Step
) -> None:
    monkeypatch.setattr(secrets, "CACHE_SECONDS", 0)
    warm(lambdas, DEAR, WAREHOUSE)
    product = {"sku": "MUG-RED", "name": "Mug", "price": 10, "cost": 4}
    lambdas.dear.control("seed", {"products": [product], "sales": [simple("SO-1")]})
    lambdas.run(Step.DOWNLOAD_ORDERS)

    lambdas.store(party, secret)
    (report,) = lambdas.run(step)

    order = lambdas.orders.order("main", "SO-1")
    assert (report["outcome"], order and (order.status, order.attempts)) == ("stopped", (OrderStatus.NEW, 0))
    assert f"crossdock/test/main/{party} is not the JSON document that it should be" in report["stopped_because"]
    assert "hush" not in f"{report}{lambdas.printed.getvalue()}"


def test_a_webhook_secret_is_rotated_without_losing_a_push(lambdas: Lambdas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "CACHE_SECONDS", 0)
    lambdas.store("webhook", {"secrets": [OLD]})
    lambdas.connect()
    at_first = [lambdas.push(SHIPMENT, secret)[0] for secret in (OLD, NEW)]

    lambdas.store("webhook", {"secrets": [NEW, OLD]})
    _old_enough(lambdas)
    meanwhile = [lambdas.push(SHIPMENT, secret)[0] for secret in (OLD, NEW)]
    lambdas.store("webhook", {"secrets": [NEW]})
    _old_enough(lambdas)
    at_last = [lambdas.push(SHIPMENT, secret)[0] for secret in (OLD, NEW)]

    assert (at_first, meanwhile, at_last) == ([202, 401], [202, 202], [401, 202])


def _old_enough(lambdas: Lambdas) -> None:
    """What the door knows is taken for old: a new process stands for the minutes of waiting."""
    from receive_tracking import app  # noqa: PLC0415 - the function's module

    app.build.cache_clear()
    assert lambdas.running is None
