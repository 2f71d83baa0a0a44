"""What people do meanwhile: the user of DEAR on the screens, the staff of the warehouse, the operator of Crossdock."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any, Protocol

from pydantic import ValidationError

from sandbox.dear import user
from sandbox.dear.errors import DearError
from sandbox.dear.tenant import Doc
from sandbox.warehouse.errors import WarehouseError
from sandbox.warehouse.floor import Correction, PackedLine, PackedParcel, ShipRequest, parcel_of
from sandbox.warehouse.orders import Order, owed
from sandbox.warehouse.parcels import Portion, planned
from sandbox.warehouse.stock import StockUpdate
from simulation import sales
from simulation.heat import Heat
from simulation.outside import Outside

type Tell = Callable[[str, str], None]


class Push(Protocol):
    """Pushes shipments to the product; `many`: the order has others."""

    def __call__(self, shipments: list[dict[str, Any]], *, many: bool) -> None: ...


class DearUser:
    """Works on sales as people do: at odd moments, on what catches the eye."""

    def __init__(self, outside: Outside, seed: str, tell: Tell) -> None:
        self._outside, self._tell = outside, tell
        self._random = Random(f"{seed}/user")

    def act(self, numbers: list[str]) -> None:
        """Do one thing to one of the sales; DEAR may refuse it."""
        number = self._random.choice(numbers)
        self._do(self._random.choices(list(_ACTIONS), list(_ACTIONS.values()))[0], number)

    def _do(self, action: str, number: str, body: Doc | None = None) -> None:
        tenant = self._outside.tenant
        try:
            with tenant.transaction():
                sale = user.find(tenant, number)
                user.ACTIONS[action](tenant, sale, self._body(action, sale) if body is None else body)
        except (DearError, ValidationError) as refused:
            self._tell("DEAR's user", f"{action} {number}: refused, {type(refused).__name__}")
        else:
            self._tell("DEAR's user", f"{action} {number}")

    def void_some(self, numbers: list[str], random: Random) -> None:
        """Void a third of the sales, and one at least: nobody waits for them any longer."""
        for number in random.sample(numbers, min(len(numbers), 1 + len(numbers) // 3)):
            self._do("void", number, {})

    def _body(self, action: str, sale: Doc) -> Doc:
        random = self._random
        if action == "edit":
            return random.choice((self._lines, self._address, self._words))(sale)
        if action == "fulfilment":
            line = random.choice(sale["Order"]["Lines"] or [{"SKU": sales.SKUS[0]}])
            return {"lines": [{"sku": line["SKU"], "quantity": 1}], "pick": random.choice(("DRAFT", "AUTHORISED"))}
        if action == "ship":
            return {"tracking_number": f"USER-{random.randrange(10**6)}"}
        if action == "invoice":
            return {"status": random.choice(("DRAFT", "AUTHORISED"))}
        return {}

    def _lines(self, sale: Doc) -> Doc:
        kept = [
            {
                "sku": line["SKU"], "quantity": line["Quantity"], "price": line["Price"],
                "discount": line["Discount"], "comment": line["Comment"], "drop_ship": line["DropShip"],
            }
            for line in sale["Order"]["Lines"]
        ]  # fmt: skip
        if not kept or self._random.random() < 0.3:
            return {"lines": [*kept, {"sku": self._random.choice(sales.SKUS), "quantity": 1}]}
        line = self._random.choice(kept)
        line["quantity"] = max(1, line["quantity"] + self._random.choice((-1, 1, 2)))
        return {"lines": kept}

    def _address(self, _sale: Doc) -> Doc:
        address = {"Line1": f"{self._random.randint(1, 99)} Other Street", "City": "Leeds", "Postcode": "LS1 4DY"}
        return {"shipping_address": {**address, "Country": "United Kingdom", "Contact": sales.PERSONAL[0]}}

    def _words(self, _sale: Doc) -> Doc:
        return self._random.choice(({"carrier": "Express"}, {"memo": "changed"}, {"customer_reference": "PO 9"}))


_ACTIONS = {
    "edit": 8, "touch": 4, "void": 2, "undo": 1.5, "authorise": 3, "allocate": 1, "pick": 1, "pack": 0.7, "ship": 0.7,
    "invoice": 0.7, "fulfilment": 1, "pay": 0.7,
}  # fmt: skip


class Staff:
    """Ships what was ordered; and splits, ships short, corrects, withdraws, counts and cancels."""

    def __init__(
        self, outside: Outside, seed: str, tell: Tell, push: Push, heat: Heat, *, mischief: float, oddity: float = 0.0
    ) -> None:
        self._outside, self._tell, self._push, self._heat = outside, tell, push, heat
        self._random = Random(f"{seed}/staff")
        self._odd = Random(f"{seed}/odd")
        self._mischief, self._oddity = mischief, oddity
        self._shipments: list[str] = []
        self._mistake: str | None = None

    def visit(self) -> None:
        """Look at every open order, and at some that have left."""
        for order in self._outside.house.orders.all():
            if order["status"] in {"open", "in_progress", "part_shipped"} and self._random.random() < 0.5:
                self._work_on(order)
        if self._shipments and self._random.random() < self._mischief:
            self._change(self._random.choice(self._shipments))
        if self._random.random() < self._mischief / 3:
            self._count()
        if self._odd.random() < self._oddity:
            self._reopen()
        if self._odd.random() < self._oddity:
            self._find_again()

    def ship_by_mistake(self) -> None:
        """Ship the newest order that nobody has begun, to withdraw that soon."""
        orders = self._outside.house.orders.all()
        newest = next((order for order in reversed(orders) if order["status"] == "open" and owed(order)), None)
        if newest is not None:
            before = len(self._shipments)
            self._attempt("ship", newest, lambda: self._ship(newest, self._whole(newest)))
            self._mistake = next(iter(self._shipments[before:]), None)

    def withdraw_the_mistake(self) -> None:
        """It had not left after all."""
        if self._mistake is not None:
            self._alter(self._mistake, self._outside.house.floor.void)

    def ship_everything(self) -> None:
        """Ship all that is left of every order, for good."""
        for order in self._outside.house.orders.all():
            if order["status"] in {"open", "in_progress", "part_shipped"} and owed(order):
                self._receive(order)
                self._attempt("ship", order, partial(self._ship, order, ShipRequest()))

    def _receive(self, order: Order) -> None:
        """See to it that the goods are there."""
        rows = {item["sku"]: item for item in self._outside.house.stock.page((), None, 1000, complete=True)["items"]}
        wanted: Counter[str] = Counter()
        for line in order["content"]["lines"]:
            wanted[line["sku"]] += owed(order).get(line["line_id"], Decimal(0))  # type: ignore[assignment]
        for sku, units in wanted.items():
            if sku in rows and Decimal(rows[sku]["on_hand"]) < units:
                self._put(sku, Decimal(rows[sku]["on_hand"]) + 20)

    def _work_on(self, order: Order) -> None:
        roll = self._random.random()
        if roll < 0.25:
            return
        if roll < 0.4:
            self._attempt("start", order, lambda: self._outside.house.orders.start(order["content"]["reference"]))
        elif roll < 0.4 + self._mischief / 4:
            self._attempt("cancel", order, lambda: self._outside.house.orders.cancel(order["id"], "no goods"))
        elif roll < 0.4 + self._mischief:
            self._attempt("part", order, lambda: self._ship(order, self._part(order)))
        else:
            self._attempt("ship", order, lambda: self._ship(order, self._whole(order)))

    def _attempt(self, what: str, order: Order, act: Callable[[], Any]) -> None:
        reference = order["content"]["reference"]
        try:
            act()
        except (WarehouseError, ValidationError) as refused:
            self._tell("the warehouse", f"{what} {reference}: not possible, {type(refused).__name__}")
        else:
            self._tell("the warehouse", f"{what} {reference}")

    def _ship(self, order: Order, request: ShipRequest) -> None:
        shipment, _ = self._outside.house.floor.ship(order["content"]["reference"], request)
        self._shipments.append(shipment["id"])
        self._heat.shipped(shipment["reference"])
        self._push([shipment], many=len(order["shipments"]) > 0)

    def _whole(self, order: Order) -> ShipRequest:
        portions = [Portion(line_id, units) for line_id, units in owed(order).items()]
        return ShipRequest(parcels=[parcel_of(parcel) for parcel in planned(portions)])

    def _part(self, order: Order) -> ShipRequest:
        """Some of it: the rest follows, or never does."""
        left = owed(order)
        line_id = self._random.choice(sorted(left))
        units = left[line_id] if left[line_id] < 2 else Decimal(1)
        line = PackedLine(line_id=line_id, quantity=f"{units:f}")
        rest = len(left) > 1 or left[line_id] > units
        return ShipRequest(parcels=[PackedParcel(lines=[line])], final=not rest or self._random.random() < 0.3)

    def _change(self, shipment_id: str) -> None:
        floor = self._outside.house.floor
        corrected = self._random.random() < 0.6
        self._alter(shipment_id, (lambda each: floor.correct(each, Correction())) if corrected else floor.void)

    def _alter(self, shipment_id: str, act: Callable[[str], dict[str, Any]]) -> None:
        try:
            shipment = act(shipment_id)
        except (WarehouseError, ValidationError) as refused:
            self._tell("the warehouse", f"change {shipment_id}: not possible, {type(refused).__name__}")
            return
        self._tell("the warehouse", f"{shipment_id} is {shipment['kind']}, revision {shipment['revision']}")
        self._push([shipment], many=False)

    def _reopen(self) -> None:
        """Take up an order that was cancelled, as if that had never been said."""
        orders = self._outside.house.orders
        cancelled = [order for order in orders.all() if order["status"] == "cancelled"]
        if cancelled:
            order = self._odd.choice(cancelled)
            order["status"] = "open"
            orders.save(order)
            orders.record("order_reopened", order, lines=order["content"]["lines"])
            self._tell("the warehouse", f"takes up {order['content']['reference']}, which was cancelled")

    def _find_again(self) -> None:
        """Say that a shipment that was withdrawn has left after all, where its goods are still owed."""
        house = self._outside.house
        for shipment_id in self._shipments:
            shipment = house.shipments.get(shipment_id)
            order = house.orders.get(shipment["order_id"])
            portions = [Portion(line_id, units) for line_id, units in owed(order).items()]
            if shipment["kind"] == "voided" and portions and order["status"] in {"open", "part_shipped"}:
                house.shipments.save({**shipment, "kind": "shipped"})
                parcels = [parcel_of(parcel) for parcel in planned(portions)]
                found = partial(house.floor.correct, shipment_id, Correction(parcels=parcels, final=True))
                self._attempt("find again", order, lambda: self._push([found()], many=False))  # noqa: B023 - called here
                return

    def _count(self) -> None:
        stock = self._outside.house.stock
        sku = self._random.choice(sales.SKUS)
        items = stock.page((), None, 1000, complete=True)["items"]
        row = next(item for item in items if item["sku"] == sku)
        units = max(Decimal(row["on_hand"]) + self._random.choice((-2, 1, 4)), Decimal(0))
        self._put(sku, units)

    def _put(self, sku: str, units: Decimal) -> None:
        counted = {"sku": sku, "warehouse": sales.WAREHOUSE_CODE, "on_hand": f"{units:f}"}
        self._outside.house.stock.set(StockUpdate.model_validate({"stock": [counted]}))
        self._tell("the warehouse", f"counts {sku} anew: {units}")
