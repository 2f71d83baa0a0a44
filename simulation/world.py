"""A run: everything that one seed makes happen, on a virtual clock, until it has settled or ought to have."""

import gc
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cache, partial
from hashlib import blake2s
from random import Random

from collect_shipments.step import collect_shipments
from confirm_shipments.step import confirm_shipments
from create_invoices.step import create_invoices
from crossdock.domain.settings import parse_connection
from crossdock.domain.states import SCHEDULED_STEPS, STOPS, OrderStatus, Step
from crossdock.store.checkpoints import DynamoCheckpoints
from crossdock.store.orders import DynamoOrders
from crossdock.store.window import Process as BudgetProcess
from crossdock.workflow import Workplace
from deliver_orders.step import deliver_orders
from download_orders.step import download_orders
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
from simulation.heat import Heat
from simulation.invocation import TIMEOUTS, Container, Log, Stage, run_step, take_push, told
from simulation.network import Poison
from simulation.operator import Operator
from simulation.outside import API_KEY, TOKEN, WEBHOOK_SECRET, Outside, open_outside, stock_up
from simulation.people import DearUser, Staff
from simulation.pushes import Pushes
from simulation.recipe import Recipe
from simulation.turns import BEGIN, Process, Turns
from simulation.upheavals import Upheavals
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
MANY_TRIES = 10
"""Of an order that waits for another one of its sale."""
LOOKS = 150.0
"""Seconds between two looks whether it has."""
BEFORE_THE_MEND = 900.0
"""Seconds before a bug is mended at which a user loses patience with what was given up."""


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
        self.checkpoints = Table("checkpoints")
        self.upheavals = Upheavals(recipe, self.turns, self.happened.faults)
        self.orders.watchers += [self.coverage.saw, self.upheavals.saw]
        self.outsides = [self._outside(name) for name in recipe.connections]
        self._containers: dict[tuple[str, Step], list[Container]] = {}
        self._names = Counter[str]()
        self._staff: dict[str, Staff] = {}
        self._heat = {each.name: Heat(recipe, self.turns, each.name, each.dear.weather) for each in self.outsides}
        self._last_at = recipe.minutes * 60.0

    # --- the whole of it ---

    def run(self) -> "World":
        """Let it all happen: trouble first, then peace until it has settled."""
        gc.disable()
        try:
            for outside in self.outsides:
                self._open(outside)
            for table in (self.orders, self.checkpoints):
                if table.name in self.recipe.restored:
                    self.upheavals.restore(table)
            for outside in self.outsides if self.recipe.restored else ():
                self.upheavals.recover(DynamoCheckpoints(self.checkpoints, self.turns), outside.name)  # type: ignore[arg-type]
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
            reports=cache(partial(operator.reported, outside.name)),
            said=tuple(self.happened.said),
            secrets=(*sales.PERSONAL, API_KEY, TOKEN, WEBHOOK_SECRET),
            invoicing=settings["invoice"] != "off",
            inventory="inventory" in settings,
            settled=self.recipe.settles,
            late_withdrawals=self.recipe.bug is not None or bool(self.recipe.restored),
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
        backlog = self.recipe.backlog
        outside.plans = [sales.plan(seed, place, last_sale, backlog=backlog) for place in self.recipe.places]
        stock_up(outside, seed, careless=self.recipe.careless)
        if self.recipe.poisoned is not None and len(outside.plans) > self.recipe.poisoned:
            poison = outside.plans[self.recipe.poisoned].number
            outside.poisoned = poison
            outside.dear.poisons.append(Poison(identity("sale", poison)))
            outside.warehouse.poisons.append(Poison(poison))
        if bug := self.recipe.bug:
            outside.dear.poisons.append(bug)
            outside.warehouse.poisons.append(bug)
            self.turns.at(bug.ends, partial(self._mend, outside))
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
        self._heat[outside.name].entered(plan.number)
        self.tell("DEAR's user", f"enters {plan.number} ({plan.kind})")

    def _people(self, outside: Outside, seed: str) -> None:
        recipe = self.recipe
        random = Random(f"{seed}/people")
        user = DearUser(outside, seed, self.tell)
        push = Pushes(recipe, self.turns, random, partial(self._push, outside))
        heat = self._heat[outside.name]
        staff = Staff(outside, seed, self.tell, push, heat, mischief=recipe.mischief, oddity=recipe.oddity)
        self._staff[outside.name] = staff
        if recipe.restored:
            self.upheavals.mistake(staff)
        until = recipe.bug.ends if recipe.bug else self._last_at
        if recipe.bug:
            impatient = Random(f"{seed}/impatient")
            self.turns.at(until - BEFORE_THE_MEND, partial(self._lose_patience, outside, user, impatient))
        for _ in range(recipe.edits):
            at = random.uniform(60, until)
            self.turns.at(
                at, lambda: user.act([plan.number for plan in outside.plans if plan.at < self.turns.seconds] or ["-"])
            )
        at = random.uniform(60, 400)
        while at < self._last_at:
            self.turns.at(at, staff.visit)
            at += random.uniform(90, 700)
        for _ in range(recipe.operator_acts):
            self.turns.at(random.uniform(300, until), partial(self._operate, outside, random))

    def _operate(self, outside: Outside, random: Random) -> None:
        number, done = self.operator().act(outside.name, random)
        if number:
            self.happened.asked_to_hold.add(number)
            self.tell("the operator", done)

    def _lose_patience(self, outside: Outside, user: DearUser, random: Random) -> None:
        """DEAR's user voids sales that were given up, before the bug is mended."""
        user.void_some(self.operator().given_up(outside.name), random)

    def _mend(self, outside: Outside) -> None:
        """The bug is mended, and the operator releases what was given up for it."""
        for _, done in self.operator().release_all(outside.name, OrderStatus.ERROR):
            self.tell("the operator", done)

    def _clear_the_desk(self, outside: Outside) -> None:
        """The operator releases all that is held, be it right or wrong."""
        for number, done in self.operator().release_all(outside.name, OrderStatus.HELD):
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
        if self.upheavals.stands_still():
            pass
        elif peace or roll >= recipe.disorder:
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
            self._failed(process, error)
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
        newer = self.upheavals.is_newer()
        return Stage(
            TableOfProcess(
                self.orders, process, bad, note, stalls=stalls, newer=newer, refuses=self._heat[outside.name].refuses
            ),
            TableOfProcess(self.checkpoints, process, bad, note, stalls=stalls),
            Log(self.happened.said, self.happened.faults),
        )

    def _note(self, connection: str, who: str, what: str, fault: Fault | None) -> None:
        self.happened.calls[connection] += 1
        self.happened.trace.append((self.turns.seconds, who, f"{what}: {fault}" if fault else what))

    # --- pushes ---

    def _push(self, outside: Outside, webhook_id: str, body: bytes) -> None:
        process = self._process(
            f"{outside.name}/receive_tracking", self.turns.seconds + TIMEOUTS[Step.RECEIVE_TRACKING]
        )
        self.turns.start(partial(self._receive, outside, webhook_id, body), process, self.turns.seconds)

    def _receive(self, outside: Outside, webhook_id: str, body: bytes, process: Process) -> None:
        try:
            answer = take_push(self._stage(outside, process), outside, process, webhook_id, body)
        except Exception as error:  # noqa: BLE001 - the entry answers 500 to whatever went wrong
            self._failed(process, error)
        else:
            self.happened.said.append(answer.body)
            self.tell(process.name, f"{answer.status} {dict(answer.counts)}")

    def _failed(self, process: Process, error: Exception) -> None:
        text, ours = told(error)
        self.tell(process.name, f"failed: {text}")
        self.happened.said.append(text)
        if not ours:
            self.happened.faults.append(f"{process.name}: {text}")

    # --- ending ---

    def _make_peace(self) -> None:
        self.tell("peace", "no more faults, no more edits")
        for outside in self.outsides:
            outside.dear.weather.over = True
            if self.recipe.oddity:
                self.turns.at(self._last_at + 2 * LOOKS, partial(self._clear_the_desk, outside))

    def _settle(self) -> None:
        end, quiet = self._last_at + self.recipe.patience, 0
        mended = self.recipe.bug.ends if self.recipe.bug else 0.0
        stock_is_right = self.upheavals.stock_is_right_at if self.recipe.restored else 0.0
        while self.turns.seconds < end and (quiet < 2 or self.turns.seconds < max(mended, stock_is_right)):
            if self.turns.seconds >= mended:
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
        # After a restore shipments may stay unmatched: they are told in every report.
        steps = set(SCHEDULED_STEPS) - ({Step.COLLECT_SHIPMENTS} if self.recipe.restored else set())
        if any(self._has_work(outside, step) for outside in self.outsides for step in steps):
            return False
        left = {"shipped", "cancelled", "on_hold"}
        return all(order["status"] in left for outside in self.outsides for order in outside.house.orders.all())

    def _has_work(self, outside: Outside, step: Step) -> bool:
        """Whether anything is due, but for what waits for another order of its sale, and that for a person.

        It does where the product has stopped it, or where the warehouse dropped it, which it has no way to tell, and
        what waits was tried so often that it would be held if it waited for something else.
        """
        orders = DynamoOrders(self.orders)  # type: ignore[arg-type]
        dropped = {o["content"]["reference"] for o in outside.house.orders.all() if o["status"] == "cancelled"}
        for key in orders.due(outside.name, step, BEGIN + timedelta(days=9), limit=1000):
            order = orders.order_at(key)
            waits = order is not None and order.reason is not None and order.reason.code == "others_first"
            siblings = orders.orders_of_sale(outside.name, order.sale_id) if order and waits else ()
            ended = dropped if order and order.attempts >= MANY_TRIES else set()
            if not any(each.status in STOPS or each.reference in ended for each in siblings):
                return True
        return False


def _entered(plan: sales.Plan) -> Entered:
    lines = plan.spec["lines"]
    return Entered(
        plan.number,
        plan.becomes,
        tuple((line["sku"], Decimal(str(line["quantity"])), bool(line.get("drop_ship"))) for line in lines),
        tuple((sku, Decimal(str(units))) for sku, units in plan.picked),
    )
