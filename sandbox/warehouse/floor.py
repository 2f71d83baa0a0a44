"""The warehouse floor: goods leave in parcels, and what was written about them is corrected or withdrawn."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from sandbox.clock import Clock, stamp
from sandbox.control import Ledger
from sandbox.documents import Documents
from sandbox.warehouse.contract import DateText, DecimalText, Key, QuantityText
from sandbox.warehouse.errors import Conflict, Refused, problem
from sandbox.warehouse.labels import labelled
from sandbox.warehouse.orders import Order, Orders, identity, owed
from sandbox.warehouse.parcels import Portion
from sandbox.warehouse.shipments import Shipment, Shipments, public
from sandbox.warehouse.stock import Stock, plain

SHIPPABLE = frozenset({"open", "in_progress", "part_shipped"})


class PackedLine(BaseModel):
    """Units of an order line in a parcel."""

    model_config = ConfigDict(extra="forbid")

    line_id: Key
    quantity: QuantityText
    lot: str | None = None
    serials: list[str] = Field(default_factory=list)
    expires_on: DateText | None = None


class PackedParcel(BaseModel):
    """A parcel as a packer describes it; what is left out gets a made-up label."""

    model_config = ConfigDict(extra="forbid")

    lines: list[PackedLine] = Field(min_length=1)
    parcel_id: str | None = None
    carrier: str | None = None
    service: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    weight: DecimalText | None = None
    weight_unit: str | None = None


class ShipRequest(BaseModel):
    """What to ship: the parcels, or else all that is owed in one parcel, less what is `short`.

    `warehouse`: the code of the place that it leaves from, where that is not the order's.
    """

    model_config = ConfigDict(extra="forbid")

    parcels: list[PackedParcel] | None = Field(default=None, min_length=1)
    short: dict[str, DecimalText] = Field(default_factory=dict)
    final: bool = True
    warehouse: str | None = None
    push: bool = False


class Correction(BaseModel):
    """What a correction says instead; without parcels each one gets a new tracking number."""

    model_config = ConfigDict(extra="forbid")

    parcels: list[PackedParcel] | None = Field(default=None, min_length=1)
    final: bool | None = None
    push: bool = False


class Withdrawal(BaseModel):
    """Whether the withdrawal of a shipment is pushed too."""

    model_config = ConfigDict(extra="forbid")

    push: bool = False


class Floor:
    """Ships, corrects and voids: each one transaction over order, stock, shipment and ledger."""

    def __init__(
        self, documents: Documents, clock: Clock, ledger: Ledger, orders: Orders, shipments: Shipments, stock: Stock
    ) -> None:
        self._documents = documents
        self._clock = clock
        self._ledger = ledger
        self._orders = orders
        self._shipments = shipments
        self._stock = stock

    def ship(self, reference: str, request: ShipRequest) -> tuple[dict[str, Any], int]:
        """Ship goods of the order; give the contract's shipment and its number from 1."""
        with self._documents.transaction():
            order = self._orders.by_reference(reference)
            if order["status"] not in SHIPPABLE:
                raise Conflict({"id": order["id"], "status": order["status"]})
            packed = request.parcels or [_everything(order, request.short)]
            shipment_id, count = self._shipments.new_id()
            shipment: Shipment = {
                "id": shipment_id,
                "revision": 1,
                "order_id": order["id"],
                "reference": reference,
                "kind": "shipped",
                "shipped_at": stamp(self._clock.now()),
                "final": request.final,
                **({"warehouse": request.warehouse} if request.warehouse else {}),
            }
            self._load(order, shipment, packed)
            order["shipments"].append(shipment_id)
            self._finish(order, shipment, "shipped")
        return public(shipment), count

    def correct(self, shipment_id: str, correction: Correction) -> dict[str, Any]:
        """Say anew what was shipped, under the same id with a higher revision."""
        with self._documents.transaction():
            shipment, order = self._live(shipment_id)
            packed = correction.parcels or [_without_label(parcel) for parcel in shipment["parcels"]]
            self._unload(order, shipment)
            shipment["revision"] += 1
            if correction.final is not None:
                shipment["final"] = correction.final
            self._load(order, shipment, packed)
            self._finish(order, shipment, "shipment_corrected")
        return public(shipment)

    def void(self, shipment_id: str) -> dict[str, Any]:
        """Withdraw the shipment: the goods are back on the shelves, and the order is open for them."""
        with self._documents.transaction():
            shipment, order = self._live(shipment_id)
            withdrawn = shipment["parcels"]
            self._unload(order, shipment)
            shipment |= {"revision": shipment["revision"] + 1, "kind": "voided", "final": False, "parcels": []}
            self._finish(order, shipment, "shipment_voided", withdrawn=withdrawn)
        return public(shipment)

    def _live(self, shipment_id: str) -> tuple[Shipment, Order]:
        shipment = self._shipments.get(shipment_id)
        if shipment["kind"] == "voided":
            raise Conflict({"id": shipment_id, "kind": "voided"})
        return shipment, self._orders.get(shipment["order_id"])

    def _load(self, order: Order, shipment: Shipment, packed: list[PackedParcel]) -> None:
        """Take the goods off the shelves and write the labels; raises before anything is stored."""
        _check_owed(order, packed)
        lines = {line["line_id"]: line for line in order["content"]["lines"]}
        shipment["taken"] = []
        parcels: list[dict[str, Any]] = []
        for parcel in packed:
            content: list[dict[str, Any]] = []
            for portion in parcel.lines:
                content += self._pick(order, lines[portion.line_id], portion, shipment)
                _add(order["shipped"], portion.line_id, Decimal(portion.quantity))
            given = parcel.model_dump(mode="json", exclude={"lines"})
            place = len(parcels) + 1
            parcels.append({**labelled(order["content"], shipment, place, content, given), "lines": content})
        shipment["parcels"] = parcels

    def _pick(
        self, order: Order, line: dict[str, Any], portion: PackedLine, shipment: Shipment
    ) -> list[dict[str, Any]]:
        """Give the parcel's lines for a portion: one per lot that it came from."""
        warehouse = shipment.get("warehouse") or order["content"].get("warehouse")
        wanted_lot = portion.lot or line.get("lot")
        picked = []
        for row, units in self._stock.take(line["sku"], Decimal(portion.quantity), warehouse, wanted_lot):
            if row is not None:
                place = {"sku": row.sku, "warehouse": row.warehouse, "lot": row.lot}
                shipment["taken"].append({**place, "quantity": plain(units)})
            picked.append(
                {
                    "line_id": portion.line_id,
                    "sku": line["sku"],
                    "quantity": plain(units),
                    "lot": wanted_lot if row is None else row.lot,
                    "serials": portion.serials,
                    "expires_on": portion.expires_on or (None if row is None else row.expires_on),
                }
            )
        return picked

    def _unload(self, order: Order, shipment: Shipment) -> None:
        for place in shipment["taken"]:
            self._stock.give_back(place["sku"], Decimal(place["quantity"]), place["warehouse"], place["lot"])
        for parcel in shipment["parcels"]:
            for line in parcel["lines"]:
                _add(order["shipped"], line["line_id"], -Decimal(line["quantity"]))
        self._note_stock(shipment, shipment["taken"], sign=1)
        shipment["taken"] = []

    def _finish(self, order: Order, shipment: Shipment, event: str, **more: Any) -> None:
        self._shipments.save(shipment)
        order["status"] = self._status_after_shipping(order)
        self._orders.save(order)
        keys = {"shipment_id": shipment["id"], "revision": shipment["revision"], "lines": order["content"]["lines"]}
        self._ledger.record(event, public(shipment), **identity(order), status=order["status"], **keys, **more)
        self._note_stock(shipment, shipment["taken"], sign=-1)

    def _status_after_shipping(self, order: Order) -> str:
        live = [one for one in map(self._shipments.get, order["shipments"]) if one["kind"] == "shipped"]
        if not live:
            return "open"
        is_done = not owed(order) or any(shipment["final"] for shipment in live)
        return "shipped" if is_done else "part_shipped"

    def _note_stock(self, shipment: Shipment, taken: list[dict[str, Any]], sign: int) -> None:
        if not taken:
            return
        changes = [
            {key: place[key] for key in ("sku", "warehouse", "lot")}
            | {"change": plain(sign * Decimal(place["quantity"]))}
            for place in taken
        ]
        self._ledger.record("stock_changed", changes, because="shipment", shipment_id=shipment["id"])


def parcel_of(portions: list[Portion]) -> PackedParcel:
    """Make a parcel without a label out of the portions."""
    lines = [PackedLine(line_id=portion.line_id, quantity=plain(portion.quantity)) for portion in portions]
    return PackedParcel(lines=lines)


def _everything(order: Order, short: dict[str, str]) -> PackedParcel:
    """Put all that is owed into one parcel, less the quantities that are short by line_id."""
    left = owed(order)
    unknown = [line_id for line_id in short if line_id not in left]
    if unknown:
        raise Refused([problem(f"short.{line_id}", "nothing is owed on this line") for line_id in unknown])
    sent = [
        Portion(line_id, quantity - Decimal(short.get(line_id, "0")))
        for line_id, quantity in left.items()
        if quantity > Decimal(short.get(line_id, "0"))
    ]
    if not sent:
        raise Refused([problem("short", "nothing would be left to ship")])
    return parcel_of(sent)


def _check_owed(order: Order, packed: list[PackedParcel]) -> None:
    sent: dict[str, Decimal] = defaultdict(Decimal)
    for parcel in packed:
        for portion in parcel.lines:
            sent[portion.line_id] += Decimal(portion.quantity)
    left = owed(order)
    problems = [
        problem(f"line {line_id}", f"{plain(left.get(line_id, Decimal(0)))} are owed, not {plain(quantity)}")
        for line_id, quantity in sent.items()
        if quantity > left.get(line_id, Decimal(0))
    ]
    if problems:
        raise Refused(problems)


def _without_label(parcel: dict[str, Any]) -> PackedParcel:
    """Give the same goods again, as one portion per line and lot, to be labelled anew."""
    lines = [PackedLine.model_validate({key: line[key] for key in PackedLine.model_fields}) for line in parcel["lines"]]
    return PackedParcel(lines=lines, parcel_id=parcel["parcel_id"])


def _add(shipped: dict[str, str], line_id: str, quantity: Decimal) -> None:
    shipped[line_id] = plain(Decimal(shipped.get(line_id, "0")) + quantity)
