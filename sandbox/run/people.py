"""Plays the people of a run, through both sandboxes' control planes: the story's acts, and else ships what is there."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import requests

from sandbox.run.story import Act
from sandbox.warehouse.floor import PackedParcel, parcel_of
from sandbox.warehouse.parcels import Portion, planned

Entry = dict[str, Any]
AFTERWARDS = frozenset({"confirmed", "invoiced"})


class People:
    """Knows what is still to be done of the story. Of the shipments without an act every second is pushed."""

    def __init__(self, dear: str, warehouse: str, story: Iterable[Act]) -> None:
        self._dear, self._warehouse = dear, warehouse
        self._left: dict[str, list[Act]] = defaultdict(list)
        for act in story:
            self._left[act.order].append(act)
        self._shipped = 0
        self.busy = False
        """Whether anything was done the last time."""

    def play(self) -> list[str]:
        """Do all that can be done now; tell the acts in words, a line for each order."""
        noted = self._get(self._warehouse, "ledger")["ledger"]
        contents = {
            entry["order_number"]: entry for entry in noted if entry["kind"] in {"order_created", "order_replaced"}
        }
        reached = _reached(noted, self._get(self._dear, "ledger")["ledger"])
        before = self._shipped
        acts = {name: [act.told for act in self._acts(contents[name], noted, reached)] for name in sorted(contents)}
        told = [f"{name}: {'; '.join(done)}" for name, done in acts.items() if done]
        self._ship_others(contents)
        self.busy = bool(told) or self._shipped > before
        return told

    def left(self) -> list[str]:
        """What of the story could not be done."""
        return [f"{act.order} never came so far that {act.told}" for acts in self._left.values() for act in acts]

    def _acts(self, order: Entry, noted: list[Entry], reached: set[tuple[str, str]]) -> Iterable[Act]:
        """Do what is next of the order, as long as it is so far."""
        acts = self._left[order["order_number"]]
        done = 0
        while acts and ((acts[0].once, _sale(order)) in reached or (acts[0].once == "a round later" and not done)):
            act = acts.pop(0)
            done += 1
            if act.by == "dear":
                self._post(self._dear, f"sales/{_sale(order)}/{act.does}", act.body)
            else:
                self._at_the_warehouse(order, act, noted)
            yield act

    def _at_the_warehouse(self, order: Entry, act: Act, noted: list[Entry]) -> None:
        if act.does == "correct":
            shipment = next(
                entry["shipment_id"] for entry in noted
                if entry["kind"] == "shipped" and entry["reference"] == order["reference"]
            )  # fmt: skip
            self._post(self._warehouse, f"shipments/{shipment}/correct", {"push": True, **act.body})
            return
        self._post(self._warehouse, f"orders/{order['reference']}/ship", {"push": True, **_packing(order, act)})

    def _ship_others(self, contents: dict[str, Entry]) -> None:
        """Ship every untouched order of whose shipping the story has nothing to tell."""
        open_ids = {o["id"] for o in self._get(self._warehouse, "orders")["orders"] if o["status"] == "open"}
        for number, order in contents.items():
            if order["order_id"] in open_ids and all(act.once in AFTERWARDS for act in self._left[number]):
                self._shipped += 1
                body = {"parcels": _usual_parcels(order), "push": self._shipped % 2 == 0}
                self._post(self._warehouse, f"orders/{order['reference']}/ship", body)

    @staticmethod
    def _get(url: str, what: str) -> Entry:
        answer = requests.get(f"{url}/_control/{what}", timeout=30)
        answer.raise_for_status()
        found: Entry = answer.json()
        return found

    @staticmethod
    def _post(url: str, what: str, body: Entry) -> None:
        answer = requests.post(f"{url}/_control/{what}", json=body, timeout=60)
        if not answer.ok:
            raise RuntimeError(f"{what}: {answer.status_code} {answer.text}")


def _reached(warehouse: list[Entry], dear: list[Entry]) -> set[tuple[str, str]]:
    """How far each sale is: (what was reached, the sale's number)."""
    at_warehouse = {"order_created": "delivered", "order_replaced": "changed"}
    by_us = {"ship": "confirmed", "invoice": "invoiced"}
    return {
        *((at_warehouse[e["kind"]], _sale(e)) for e in warehouse if e["kind"] in at_warehouse),
        *((by_us[e["kind"]], e["order_number"]) for e in dear if e["kind"] in by_us and e["by"] == "api"),
    }


def _sale(entry: Entry) -> str:
    """The number of the sale that an order belongs to."""
    return str(entry["order_number"]).split(".")[0]


def _usual_parcels(order: Entry) -> list[Entry]:
    portions = [Portion(line["line_id"], Decimal(line["quantity"])) for line in order["body"]["lines"]]
    return [_plain(parcel_of(parcel)) for parcel in planned(portions)]


def _packing(order: Entry, act: Act) -> Entry:
    """The parcels of an act; the carrier, if it names one, is that of each."""
    others = {name: value for name, value in act.body.items() if name != "carrier"}
    if not act.parcels:
        return others
    line_ids = {line["sku"]: line["line_id"] for line in order["body"]["lines"]}
    parcels = [[line.split() for line in parcel.split(", ")] for parcel in act.parcels.split(" | ")]
    packed = [parcel_of([Portion(line_ids[sku], Decimal(units)) for units, sku in parcel]) for parcel in parcels]
    return {
        **others,
        "parcels": [_plain(one.model_copy(update={"carrier": act.body.get("carrier")})) for one in packed],
    }


def _plain(parcel: PackedParcel) -> Entry:
    return parcel.model_dump(mode="json", exclude_none=True)
