"""`make load`: thousands of pushes at a deployed stack on a local cloud of its own; none may be lost or doubled."""

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from random import Random
from socket import socket
from statistics import quantiles
from threading import local

import boto3
import requests
from rich.console import Console
from rich.progress import Progress

from bench.pushing import SECRET, shipment, signed, world_with_orders
from bench.result import Row, exactly
from bench.world import NAME
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.order import Order
from crossdock.domain.settings import parse_connection
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.states import OrderStatus
from crossdock.runtime.clock import SystemClock
from crossdock.store.checkpoints import DynamoCheckpoints
from crossdock.store.orders import DynamoOrders
from sandbox.cloud.local import REGION, LocalCloud

STACK = "crossdock-load"
AT_ONCE = 20
TENTH = 10
TRIES = 3
PARAMETERS = {"ApiRequestsPerSecond": "10000", "ApiBurst": "5000"}
"""Out of the way: what is measured is the function, not the throttle."""


@dataclass(frozen=True)
class Push:
    """A message about one shipment; sent twice it is the same message."""

    reference: str
    revision: int

    @property
    def webhook_id(self) -> str:
        return f"msg_{self.reference}_{self.revision}"


@dataclass(frozen=True)
class Sent:
    """What came of one message. `silence`: what became of tries without an answer; it was then sent again."""

    push: Push
    status: int
    answer: str
    milliseconds: float
    silence: tuple[str, ...] = ()


def plan(pushes: int, references: Sequence[str], random: Random) -> list[Push]:
    """What is sent, in this order: a tenth is sent a second time, and a tenth comes after its own correction.

    It takes eight tenths as many references as there are pushes.
    """
    tenth = pushes // TENTH
    first = [Push(reference, 1) for reference in references[: pushes - 2 * tenth]]
    rest = [*first, *random.sample(first[tenth:], tenth)]
    random.shuffle(rest)
    return [*(Push(push.reference, 2) for push in first[:tenth]), *rest]


def judge(sent: Iterable[Sent], orders: dict[str, Order], records: dict[str, list[ShipmentRecord]]) -> list[Row]:
    """What the answers and the tables say: every figure but the times must be as it is."""
    made = list(sent)
    newest: dict[str, int] = defaultdict(int)
    answers: dict[Push, set[str]] = defaultdict(set)
    for each in made:
        newest[each.push.reference] = max(newest[each.push.reference], each.push.revision)
        answers[each.push].add(each.answer)
    lost = [name for name, revision in newest.items() if revision not in {r.shipment.revision for r in records[name]}]
    doubled = [
        name for name in newest if len(records[name]) > 1 or any(r.version > newest[name] for r in records[name])
    ]
    waiting = [name for name in newest if orders[name].status is not OrderStatus.SHIPPED]
    refused = [each for each in made if each.status != HTTPStatus.ACCEPTED]
    times = quantiles([each.milliseconds for each in made], n=100)
    of = f"load: {len(made):,} pushes, {AT_ONCE} at a time"
    return [
        Row(of, "shipments lost", len(lost), exactly(0)),
        Row(of, "shipments stored twice", len(doubled), exactly(0)),
        Row(of, "orders that did not move", len(waiting), exactly(0)),
        Row(of, "answers of 5xx, or none", sum(_is_ours(each) for each in refused), exactly(0)),
        Row(of, "other refusals", sum(not _is_ours(each) for each in refused), exactly(0)),
        Row(of, "repeats that got another answer", sum(len(told) > 1 for told in answers.values()), exactly(0)),
        Row(of, "tries without an answer, sent again", sum(len(each.silence) for each in made)),
        Row(of, "milliseconds, half of the answers within", round(times[49])),
        Row(of, "milliseconds, 99 of 100 within", round(times[98])),
    ]


def _is_ours(sent: Sent) -> bool:
    return sent.status >= HTTPStatus.INTERNAL_SERVER_ERROR or sent.status == 0


class Target:
    """A deployed stack, its tables, and the way to its API."""

    def __init__(self, cloud: LocalCloud) -> None:
        outputs = cloud.deploy(PARAMETERS)
        described = cloud.stack()
        if described is None:
            raise RuntimeError("the stack is not there")
        self._url = f"{cloud.api_url(outputs)}/v1/connections/{NAME}/shipments"
        environment, names = cloud.environment(), described.outputs
        session = boto3.Session(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], None, REGION)
        tables = session.resource("dynamodb", endpoint_url=cloud.endpoint)
        self.orders = DynamoOrders(tables.Table(names["OrdersTable"]))
        checkpoints = DynamoCheckpoints(tables.Table(names["CheckpointsTable"]), SystemClock())
        checkpoints.save_connection(parse_connection({"name": NAME, "warehouse": {"base_url": "https://wms.invalid"}}))
        secret = f"{names['SecretsPrefix']}/{NAME}/webhook"
        cloud.client("secretsmanager").create_secret(Name=secret, SecretString=json.dumps({"secrets": [SECRET]}))
        self._mine = local()

    def send(self, push: Push, order: Order) -> Sent:
        """One message, whatever comes of it; sent again, as a warehouse does, where there is no answer at all."""
        told = shipment(order) | {"revision": push.revision}
        silence: tuple[str, ...] = ()
        while True:
            headers, body = signed(push.webhook_id, [told], order.updated_at, datetime.now(UTC))
            began = time.perf_counter()
            try:
                answer = self._session.post(self._url, data=body, headers=headers, timeout=30)
            except requests.RequestException as fault:
                silence = (*silence, type(fault).__name__)
                if len(silence) == TRIES:
                    return Sent(push, 0, "", 0.0, silence)
            else:
                taken = (time.perf_counter() - began) * 1000
                return Sent(push, answer.status_code, answer.text, taken, silence)

    def warm(self) -> None:
        """Have a process of the function for each request at once, one new one at a time: two cores start no twenty."""
        for many in range(1, AT_ONCE + 1):
            with ThreadPoolExecutor(many) as threads:
                list(threads.map(lambda _: self._session.post(self._url, timeout=60), range(many)))

    @property
    def _session(self) -> requests.Session:
        """A session of this thread's own."""
        if not hasattr(self._mine, "session"):
            self._mine.session = requests.Session()
            self._mine.session.trust_env = False
        session: requests.Session = self._mine.session
        return session


def copies(count: int) -> list[tuple[SaleEntry, Order]]:
    """So many sales with an order each that the warehouse has, all like one that the real steps made."""
    world, (made,) = world_with_orders(1, lambda _: None)
    entry = world.orders.sale(NAME, made.sale_id)
    if entry is None:
        raise RuntimeError("the order has no ledger entry")

    def copy(number: int) -> tuple[SaleEntry, Order]:
        name, sale_id = f"SO-{number}", f"sale-{number}"
        own = {"sale_id": sale_id, "sale_number": name, "reference": name, "warehouse_order_id": f"WO-{number}"}
        listed = {"sale_id": sale_id, "order_number": name, "references": (name,), "version": 1}
        return entry.model_copy(update=listed), made.model_copy(update={**own, "version": 1})

    return [copy(number) for number in range(count)]


def main() -> None:
    """Start a cloud, fill it, push, judge, and take it down."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--pushes", type=int, default=5000)
    pushes = parser.parse_args().pushes
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        cloud = LocalCloud.named(STACK, probe.getsockname()[1])
    cloud.purge()
    cloud.start()
    try:
        rows = _measured(Target(cloud), pushes)
    finally:
        cloud.purge()
    console = Console(highlight=False)
    for row in rows:
        mark = "" if row.ok is None else "✓ " if row.ok else "✗ "
        console.print(f"{mark}{row.what}: {row.measured:,.0f}")
    sys.exit(any(row.failed for row in rows))


def _measured(target: Target, pushes: int) -> list[Row]:
    made = {order.reference: (entry, order) for entry, order in copies(pushes - 2 * (pushes // TENTH))}
    sending = plan(pushes, list(made), Random(1))  # noqa: S311 - the same order in every run
    with Progress() as progress, ThreadPoolExecutor(AT_ONCE) as threads:

        def each[What, Result](told: str, work: Callable[[What], Result], over: Sequence[What]) -> list[Result]:
            return list(progress.track(threads.map(work, over), total=len(over), description=told))

        each("orders", lambda one: target.orders.add_orders(one[0], [one[1]]), list(made.values()))
        target.warm()
        began = time.perf_counter()
        sent = each("pushes", lambda push: target.send(push, made[push.reference][1]), sending)
        seconds = time.perf_counter() - began
        names = list(made)
        orders = dict(zip(names, each("looking at orders", lambda name: _order(target, name), names), strict=True))
        found = each("and shipments", target.orders.shipments_of_order, list(orders.values()))
    rows = judge(sent, orders, dict(zip(names, map(list, found), strict=True)))
    silence = dict(Counter(kind for each in sent for kind in each.silence))
    rate = f"{len(sent):,} pushes in {seconds:.0f} s, {len(sent) / seconds:.0f} a second"
    Console(highlight=False).print(f"{rate}; by status: {dict(Counter(each.status for each in sent))} {silence or ''}")
    return rows


def _order(target: Target, reference: str) -> Order:
    order = target.orders.order(NAME, reference)
    if order is None:
        raise RuntimeError(f"the order {reference} is gone")
    return order


if __name__ == "__main__":
    main()
