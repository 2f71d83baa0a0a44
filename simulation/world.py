"""A run: everything that one seed makes happen, on a virtual clock, until it has settled or ought to have."""

import gc
import json
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from hashlib import blake2s
from hmac import digest
from random import Random
from typing import Any

from collect_shipments.step import collect_shipments
from confirm_shipments.step import confirm_shipments
from create_invoices.step import create_invoices
from crossdock.domain.settings import parse_connection
from crossdock.domain.states import SCHEDULED_STEPS, Step
from crossdock.store.checkpoints import DynamoCheckpoints
from crossdock.store.orders import DynamoOrders
from crossdock.store.window import Process as BudgetProcess
from crossdock.workflow import Workplace
from deliver_orders.step import deliver_orders
from download_orders.step import download_orders
from receive_tracking.api import TrackingApi
from receive_tracking.door import Door
from reconcile.step import reconcile
from sandbox.dear.stock import get_availability
from sandbox.dear.tenant import identity, public
from simulation import sales
from simulation.books import Books, Entered
from simulation.chance import draw_from
from simulation.coverage import Coverage
from simulation.database import TableOfProcess
from simulation.dynamo import Index, Table
from simulation.faults import Fault, weather
from simulation.invocation import TIMEOUTS, Container, Log, Secrets, Stage, run_step, told
from simulation.operator import Operator
from simulation.outside import API_KEY, TOKEN, WEBHOOK_SECRET, Outside, open_outside, stock_up
from simulation.people import DearUser, Staff
from simulation.recipe import Recipe
from simulation.turns import BEGIN, Process, Turns
from sync_inventory.step import sync_inventory

type UseCase = Callable[[Workplace], None]

USE_CASES: dict[Step, UseCase] = {
    Step.DOWNLOAD_ORDERS: download_orders,
    Step.DELIVER_ORDERS: deliver_orders,
    Step.COLLECT_SHIPMENTS: collect_shipments,
    Step.CONFIRM_SHIPMENTS: confirm_shipments,
    Step.CREATE_INVOICES: create_invoices,
    Step.SYNC_INVENTORY: sync_inventory,
    Step.RECONCILE: reconcile,
}
INDEXES = (Index("due", "due_queue", "due_at", True), Index("listing", "list_key", "listed_at", False))  # noqa: FBT003
LOOKS = 150.0
"""Seconds between two looks whether it has."""


@dataclass
class Happened:
    """What a run leaves behind, beside the outside systems."""

    trace: list[tuple[float, str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    invocations: int = 0
    settled_after: float | None = None
    asked_to_hold: set[str] = field(default_factory=set)


class World:
    """One run's tables, outside systems, people and schedule."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.happened = Happened()
        self.coverage = Coverage()
        self.turns = Turns()
        draw_from(f"{recipe.seed}/ids")
        self._clocks = {name: Random(f"{recipe.seed}/{name}/clocks") for name in recipe.connections}
        lag = Random(f"{recipe.seed}/lag")
        self.orders = Table(
            "orders",
            INDEXES,
            now=lambda: self.turns.seconds,
            lag=lambda: lag.choice((0, 0, 0, 0.05, 1.5)) * recipe.lag,
        )
        self.orders.watchers.append(self.coverage.saw)
        self.checkpoints = Table("checkpoints")
        self.outsides = [self._outside(name) for name in recipe.connections]
        self._containers: dict[tuple[str, Step], list[Container]] = {}
        self._names = Counter[str]()
        self._staff: dict[str, Staff] = {}
        self._last_at = recipe.minutes * 60.0

    # --- the whole of it ---

    def run(self) -> "World":
        """Let it all happen: trouble first, then peace until it has settled."""
        gc.disable()
        try:
            for outside in self.outsides:
                self._open(outside)
            self.turns.run(self._last_at)
            self._make_peace()
            self._settle()
        finally:
            self.turns.close()
            gc.enable()
        return self

    def tell(self, who: str, what: str) -> None:
        self.happened.trace.append((self.turns.seconds, who, what))

    def digest(self) -> str:
        """What identifies the whole course of the run: the trace, and every write that the outside systems noted."""
        lines = [f"{at:.6f} {who}: {what}" for at, who, what in self.happened.trace]
        for outside in self.outsides:
            dear, house = outside.documents
            lines += [json.dumps(entry) for entry in (*dear.log("dear.ledger"), *house.log("warehouse.ledger"))]
        return blake2s("\n".join(lines).encode()).hexdigest()

    def operator(self) -> Operator:
        """A person with the command line; the tables answer it at once and without fail."""
        return Operator(DynamoOrders(self.orders), DynamoCheckpoints(self.checkpoints, self.turns), self.turns)  # type: ignore[arg-type]

    def books(self, outside: Outside) -> Books:
        """What the auditor gets to see of one connection."""
        dear, house = outside.documents
        settings = self.recipe.settings
        operator = self.operator()
        return Books(
            entered=tuple(_entered(plan) for plan in outside.plans),
            sales=tuple(public(sale) for sale in dear.all("sale")),
            dear=tuple(dear.log("dear.ledger")),
            calls=tuple(dear.all("dear.call")),
            dear_stock=tuple(get_availability(outside.tenant, {"limit": 1000})["ProductAvailabilityList"]),
            warehouse=tuple(house.log("warehouse.ledger")),
            reports=partial(operator.reported, outside.name),
            said=tuple(self.happened.said),
            secrets=(*sales.PERSONAL, API_KEY, TOKEN, WEBHOOK_SECRET),
            invoicing=settings["invoice"] != "off",
            inventory="inventory" in settings,
            asked_to_hold=frozenset(self.happened.asked_to_hold | {outside.poisoned}),
        )

    # --- beginning ---

    def _outside(self, name: str) -> Outside:
        bad = weather(Random(f"{self.recipe.seed}/{name}/weather"), self.recipe.kinds)
        if self.recipe.calm:
            bad.shares = {}
        elif self.recipe.stalls:
            bad.shares["stall"] = self.recipe.stalls
        return open_outside(self.turns, name, bad, partial(self._note, name))

    def _open(self, outside: Outside) -> None:
        seed = f"{self.recipe.seed}/{outside.name}"
        last_sale = self._last_at * 0.6
        outside.plans = [sales.plan(seed, place, last_sale) for place in self.recipe.places]
        stock_up(outside, seed)
        if self.recipe.poisoned is not None and len(outside.plans) > self.recipe.poisoned:
            poison = outside.plans[self.recipe.poisoned].number
            outside.poisoned = poison
            outside.dear.poison = identity("sale", poison)
            outside.warehouse.poison = poison
        for plan in outside.plans:
            self.turns.at(plan.at, partial(self._enter, outside, plan))
        connection = parse_connection(outside.connection(self.recipe.settings))
        DynamoCheckpoints(self.checkpoints, self.turns).save_connection(connection)  # type: ignore[arg-type]
        if outside.name in self.recipe.dead_warehouses:
            outside.warehouse.dead = True
        self._people(outside, seed)
        random = Random(f"{seed}/schedule")
        for step in (*SCHEDULED_STEPS, Step.RECONCILE):
            begins = random.uniform(0, self.recipe.period)
            self.turns.at(begins, partial(self._tick, outside, step, random))

    def _enter(self, outside: Outside, plan: sales.Plan) -> None:
        outside.enter(plan)
        self.tell("DEAR's user", f"enters {plan.number} ({plan.kind})")

    def _people(self, outside: Outside, seed: str) -> None:
        recipe = self.recipe
        random = Random(f"{seed}/people")
        user = DearUser(outside, seed, self.tell)
        staff = Staff(outside, seed, self.tell, partial(self._maybe_push, outside, random), mischief=recipe.mischief)
        self._staff[outside.name] = staff
        for _ in range(recipe.edits):
            at = random.uniform(60, self._last_at)
            self.turns.at(
                at, lambda: user.act([plan.number for plan in outside.plans if plan.at < self.turns.seconds] or ["-"])
            )
        at = random.uniform(60, 400)
        while at < self._last_at:
            self.turns.at(at, staff.visit)
            at += random.uniform(90, 700)
        for _ in range(recipe.operator_acts):
            self.turns.at(random.uniform(300, self._last_at), partial(self._operate, outside, random))

    def _use_dear(self, outside: Outside, user: DearUser) -> None:
        entered = [plan.number for plan in outside.plans if plan.at < self.turns.seconds]
        if entered:
            user.act(entered)

    def _operate(self, outside: Outside, random: Random) -> None:
        number, done = self.operator().act(outside.name, random)
        if number:
            self.happened.asked_to_hold.add(number)
            self.tell("the operator", done)

    # --- the schedule ---

    def _tick(self, outside: Outside, step: Step, random: Random) -> None:
        """Invoke the step, or forget to, or do it twice; then the next tick."""
        recipe = self.recipe
        if step is Step.SYNC_INVENTORY and not recipe.stock_first and not self._was_listed(outside):
            self.turns.at(self.turns.seconds + recipe.period, partial(self._tick, outside, step, random))
            return
        peace = outside.dear.weather.over
        roll = random.random()
        if peace or roll >= recipe.disorder:
            self.invoke(outside, step)
        elif roll < recipe.disorder / 2:
            self.invoke(outside, step)
            self.invoke(outside, step, after=random.choice((0.0, 0.01, 3.0, 61.0)))
        period = 3600.0 if step is Step.RECONCILE else recipe.period * (3 if step is Step.SYNC_INVENTORY else 1)
        late = 0.0 if peace else random.choice((0.0, 0.0, random.uniform(0, 40)))
        self.turns.at(self.turns.seconds + period + late, partial(self._tick, outside, step, random))

    def _was_listed(self, outside: Outside) -> bool:
        """Whether DEAR's whole list was read once, and every sale of it that was then in scope."""
        checkpoints = DynamoCheckpoints(self.checkpoints, self.turns)  # type: ignore[arg-type]
        if checkpoints.checkpoint(outside.name, Step.DOWNLOAD_ORDERS).since is None:
            return False
        return DynamoOrders(self.orders).next_due(outside.name, Step.DOWNLOAD_ORDERS) is None  # type: ignore[arg-type]

    def invoke(self, outside: Outside, step: Step, after: float = 0.0) -> None:
        """Start an invocation of the step for the connection."""
        container = self._container(outside, step)
        container.busy = True
        begin = self.turns.seconds + after
        process = self._process(f"{outside.name}/{step}", begin + TIMEOUTS[step], container)
        stage = self._stage(outside, process)
        self.turns.start(partial(self._invocation, stage, outside, step, container), process, begin)

    def _invocation(self, stage: Stage, outside: Outside, step: Step, container: Container, process: Process) -> None:
        self.happened.invocations += 1
        try:
            report = run_step(stage, step, USE_CASES[step], outside, process, container)
        except Exception as error:  # noqa: BLE001 - what Lambda does with it: the invocation failed
            text, ours = told(error)
            self.tell(process.name, f"failed: {text}")
            self.happened.said.append(text)
            if not ours:
                self.happened.faults.append(f"{process.name}: {text}")
        else:
            if report is not None:
                self.happened.said.append(report.model_dump_json())
                counts = ", ".join(f"{number} {what}" for what, number in sorted(report.counts.items()))
                if counts or report.outcome != "done":
                    self.tell(process.name, f"{report.outcome}: {counts or report.stopped_because}")
        finally:
            container.busy = False
            if process.dead:
                self.tell(process.name, "killed")
                self._containers[outside.name, step].remove(container)

    def _container(self, outside: Outside, step: Step) -> Container:
        known = self._containers.setdefault((outside.name, step), [])
        free = next((each for each in known if not each.busy), None)
        if free is None:
            self._names["container"] += 1
            wrong_by = self._clocks[outside.name].choice(self.recipe.clocks)
            free = Container(BudgetProcess(f"{self._names['container']:04x}"), wrong_by)
            known.append(free)
        return free

    def _process(self, name: str, ends_at: float, container: Container | None = None) -> Process:
        self._names[name] += 1
        wrong_by = container.wrong_by if container else 0.0
        return Process(self.turns, f"{name}#{self._names[name]}", ends_at=ends_at, wrong_by=wrong_by)

    def _stage(self, outside: Outside, process: Process) -> Stage:
        bad, note = outside.dear.weather, partial(self._note, outside.name)
        stalls = self.recipe.stock_stalls or Step.SYNC_INVENTORY not in process.name
        return Stage(
            TableOfProcess(self.orders, process, bad, note, stalls=stalls),
            TableOfProcess(self.checkpoints, process, bad, note, stalls=stalls),
            Log(self.happened.said, self.happened.faults),
        )

    def _note(self, connection: str, who: str, what: str, fault: Fault | None) -> None:
        self.happened.calls[connection] += 1
        self.happened.trace.append((self.turns.seconds, who, f"{what}: {fault}" if fault else what))

    # --- pushes ---

    def _maybe_push(self, outside: Outside, random: Random, shipments: list[dict[str, Any]], *, many: bool) -> None:
        """Push a shipment beside its being polled: now, late, again, or not at all."""
        if many and not self.recipe.overtaking:
            return
        for _ in range(random.choice((0, 1, 1, 2))):
            delay = random.choice((0.2, 0.2, random.uniform(1, 1200)))
            webhook_id = f"msg_{random.randrange(10**12)}"
            body = json.dumps({"type": "shipment.updated", "timestamp": BEGIN.isoformat(), "data": shipments[0]})
            self.turns.at(self.turns.seconds + delay, partial(self._push, outside, webhook_id, body.encode()))
            if random.random() < 0.3:
                again = self.turns.seconds + delay + random.uniform(0, 900)
                self.turns.at(again, partial(self._push, outside, webhook_id, body.encode()))

    def _push(self, outside: Outside, webhook_id: str, body: bytes) -> None:
        process = self._process(
            f"{outside.name}/receive_tracking", self.turns.seconds + TIMEOUTS[Step.RECEIVE_TRACKING]
        )
        self.turns.start(partial(self._receive, outside, webhook_id, body), process, self.turns.seconds)

    def _receive(self, outside: Outside, webhook_id: str, body: bytes, process: Process) -> None:
        stage = self._stage(outside, process)
        checkpoints = DynamoCheckpoints(stage.checkpoints, process)  # type: ignore[arg-type]
        door = Door(checkpoints, Secrets(), process, log=lambda _: stage.log)
        api = TrackingApi(DynamoOrders(stage.orders), checkpoints, process, door)  # type: ignore[arg-type]
        try:
            answer = api.push(outside.name, _signed(webhook_id, body, int(process.now().timestamp())), body)
        except Exception as error:  # noqa: BLE001 - the entry answers 500 to whatever went wrong
            text, ours = told(error)
            self.tell(process.name, f"failed: {text}")
            if not ours:
                self.happened.faults.append(f"{process.name}: {text}")
        else:
            self.happened.said.append(answer.body)
            self.tell(process.name, f"{answer.status} {dict(answer.counts)}")

    # --- ending ---

    def _make_peace(self) -> None:
        self.tell("peace", "no more faults, no more edits")
        for outside in self.outsides:
            outside.dear.weather.over = True

    def _settle(self) -> None:
        end, quiet = self._last_at + self.recipe.patience, 0
        while self.turns.seconds < end and quiet < 2:
            for outside in self.outsides:
                self._staff[outside.name].ship_everything()
            self.turns.run(self.turns.seconds + LOOKS)
            quiet = quiet + 1 if self._quiet() else 0
        if quiet:
            self.happened.settled_after = self.turns.seconds - self._last_at
        for outside in self.outsides:
            self.invoke(outside, Step.SYNC_INVENTORY)
        self.turns.run(self.turns.seconds + LOOKS)

    def _quiet(self) -> bool:
        """Whether nothing is due and every open order of the warehouse has left."""
        orders = DynamoOrders(self.orders)  # type: ignore[arg-type]
        waits = (orders.next_due(outside.name, step) for outside in self.outsides for step in SCHEDULED_STEPS)
        if any(waits):
            return False
        left = {"shipped", "cancelled", "on_hold"}
        return all(order["status"] in left for outside in self.outsides for order in outside.house.orders.all())


def _entered(plan: sales.Plan) -> Entered:
    lines = plan.spec["lines"]
    return Entered(
        plan.number,
        plan.becomes,
        tuple((line["sku"], Decimal(str(line["quantity"])), bool(line.get("drop_ship"))) for line in lines),
        tuple((sku, Decimal(str(units))) for sku, units in plan.picked),
    )


def _signed(webhook_id: str, body: bytes, at: int) -> dict[str, str]:
    key = b64decode(WEBHOOK_SECRET.removeprefix("whsec_"))
    signature = b64encode(digest(key, f"{webhook_id}.{at}.".encode() + body, "sha256")).decode()
    return {"webhook-id": webhook_id, "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}
