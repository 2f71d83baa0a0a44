"""receive_tracking: what is stored, what is answered, and what a repeat gets."""

import json
from typing import Any, cast

import pytest

from crossdock.domain.aliases import Aliases
from crossdock.domain.errors import Interrupted, NeedsPerson
from crossdock.domain.model import Reason
from crossdock.domain.states import OrderStatus
from crossdock.ports import AnsweredPush, Orders
from receive_tracking.step import Answer, Push, order_status, receive
from tests.unit.builders import order, parcel, shipment
from tests.unit.receive_tracking.fakes import NOW, MemoryOrders, StoppedClock


class Scene:
    """One connection's store, and pushes to it."""

    def __init__(self) -> None:
        self.orders = MemoryOrders(order(OrderStatus.AT_WMS))

    def push(self, document: Any, webhook_id: str = "msg_1") -> Answer:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        message = Push(webhook_id=webhook_id, body=body)
        return receive("main", message, cast("Orders", self.orders), Aliases(), StoppedClock())

    def ask(self, reference: str) -> Answer:
        return order_status("main", reference, cast("Orders", self.orders))


@pytest.fixture
def scene() -> Scene:
    return Scene()


def wire(**changes: Any) -> dict[str, Any]:
    return shipment(**changes).model_dump(mode="json")


def pushed(data: Any, **changes: Any) -> dict[str, Any]:
    return {"type": "shipment.updated", "timestamp": "2026-03-02T12:29:59Z", "data": data, **changes}


def told(answer: Answer) -> Any:
    return json.loads(answer.body)


def test_a_shipment_is_stored_with_its_order_and_accepted(scene: Scene) -> None:
    answer = scene.push(pushed(wire()))

    assert answer.status == 202
    assert told(answer) == {"accepted": [{"id": "S-1", "revision": 1, "result": "stored"}]}
    assert scene.orders.records["SO-00001", "S-1"].received_at == NOW
    assert scene.orders.orders["SO-00001"].status is OrderStatus.SHIPPED


def test_several_shipments_are_each_accepted_for_themselves(scene: Scene) -> None:
    first, again, stranger = wire(final=False), wire(final=False), wire(id="S-9", reference="SO-99999")
    box = parcel("BOX-2", ("1", "MUG-RED", "1"))
    second = shipment(box, id="S-2").model_dump(mode="json")

    answer = scene.push(pushed([first, second, again, stranger]))

    assert answer.status == 202
    assert [(one["id"], one["result"]) for one in told(answer)["accepted"]] == [
        ("S-1", "stored"),
        ("S-2", "stored"),
        ("S-1", "duplicate"),
        ("S-9", "unknown_order"),
    ]
    assert answer.counts == {"stored": 2, "duplicate": 1, "unknown_order": 1}


def test_a_repeat_gets_the_first_answer_again(scene: Scene) -> None:
    first = scene.push(pushed(wire()))

    repeat = scene.push(pushed(wire()))
    new_message = scene.push(pushed(wire()), webhook_id="msg_2")

    assert (repeat.status, repeat.body) == (202, first.body)
    assert told(new_message)["accepted"][0]["result"] == "duplicate"


def test_another_body_under_a_known_id_is_refused_and_not_stored(scene: Scene) -> None:
    scene.push(pushed(wire()))

    answer = scene.push(pushed(wire(id="S-2")))

    assert answer.status == 409
    assert told(answer)["errors"][0]["field"] == "webhook-id"
    assert list(scene.orders.records) == [("SO-00001", "S-1")]


def test_of_two_bodies_that_race_under_one_id_only_one_is_accepted(scene: Scene) -> None:
    class Racing(MemoryOrders):
        def save_answered(self, answered: AnsweredPush) -> None:
            other = answered.push.model_copy(update={"body_hash": "another"})
            self.pushes[other.connection, other.webhook_id] = AnsweredPush(push=other, answer="{}")
            super().save_answered(answered)

    scene.orders = Racing(order(OrderStatus.AT_WMS))

    answer = scene.push(pushed(wire()))

    assert answer.status == 409
    assert scene.orders.records == {}


def test_of_one_push_that_races_with_itself_both_get_the_first_answer(scene: Scene) -> None:
    class Racing(MemoryOrders):
        def save_answered(self, answered: AnsweredPush) -> None:
            key = answered.push.connection, answered.push.webhook_id
            self.pushes.setdefault(key, answered.model_copy(update={"answer": '{"accepted":["first"]}'}))
            super().save_answered(answered)

    scene.orders = Racing(order(OrderStatus.AT_WMS))

    answer = scene.push(pushed([wire(), wire(id="S-2")]))

    assert (answer.status, answer.body) == (202, '{"accepted":["first"]}')


def test_a_broken_body_under_a_known_id_is_another_body(scene: Scene) -> None:
    scene.push(pushed(wire()))

    assert scene.push(b"{").status == 409


@pytest.mark.parametrize("fault", [OSError("of Ada Moss"), Interrupted("DynamoDB", "TransactWriteItems", "a fault")])
def test_what_could_not_be_stored_is_sent_again_until_all_of_it_is(scene: Scene, fault: Exception) -> None:
    document = pushed([wire(final=False), wire(id="S-2"), wire(id="S-3", reference="SO-99999")])
    scene.orders.broken_for, scene.orders.fault = {"S-2"}, fault

    failed = scene.push(document)
    stored_meanwhile = {shipment_id for _, shipment_id in scene.orders.records}
    scene.orders.broken_for = set()
    repeat = scene.push(document)

    assert failed.status == 500
    assert told(failed) == {"errors": [{"field": "", "message": "not done: send it again later"}]}
    assert len(failed.faults) == 1
    assert "Ada" not in failed.faults[0]
    assert stored_meanwhile == {"S-1", "S-3"}
    assert repeat.status == 202
    assert [one["result"] for one in told(repeat)["accepted"]] == ["duplicate", "stored", "duplicate"]


@pytest.mark.parametrize(("others", "place"), [([], "data"), ([wire(id="S-3", reference="SO-99999")], "data[0]")])
def test_what_can_never_be_stored_is_refused_by_its_place_while_the_others_are_stored(
    scene: Scene, others: list[Any], place: str
) -> None:
    scene.orders.broken_for = {"S-2"}
    scene.orders.fault = NeedsPerson("shipment_too_large", "shipment S-2 is larger than can be kept")

    answer = scene.push(pushed([wire(id="S-2"), *others]))

    assert (answer.status, answer.faults) == (400, ("shipment S-2 is larger than can be kept",))
    assert told(answer) == {"errors": [{"field": place, "message": "shipment S-2 is larger than can be kept"}]}
    assert {shipment_id for _, shipment_id in scene.orders.records} == {each["id"] for each in others}
    assert scene.orders.pushes == {}


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        (b"", {"body"}),
        (b"\xff\xfe{", {"body"}),
        (b"[]", {"body"}),
        (b'"text"', {"body"}),
        (b'{"type": NaN}', {"body"}),
        (b"[" * 100_000, {"body"}),
        (b"{}", {"type", "timestamp", "data"}),
        (pushed(None), {"data"}),
        (pushed("text"), {"data"}),
        (pushed([]), {"data"}),
        (pushed(wire(), type="shipment.deleted"), {"type"}),
        (pushed(wire(), timestamp="2026-03-02T12:00:00"), {"timestamp"}),
        (pushed([wire(id=f"S-{number}") for number in range(101)]), {"data"}),
        (pushed(["text"]), {"data[0]"}),
        (pushed({**wire(), "revision": 0}), {"data.revision"}),
        (pushed({**wire(), "parcels": []}), {"data"}),
        (pushed({**wire(), "parcels": None}), {"data"}),
        (pushed({**wire(), "id": "\ud800"}), {"data.id"}),
        (
            pushed([wire(), {**wire(), "final": "perhaps", "shipped_at": "2026-03-02"}]),
            {"data[1].final", "data[1].shipped_at"},
        ),
    ],
)
def test_a_push_that_breaks_the_contract_names_its_fields_and_stores_nothing(
    scene: Scene, document: Any, fields: set[str]
) -> None:
    answer = scene.push(document)

    assert answer.status == 400
    assert {error["field"] for error in told(answer)["errors"]} == fields
    assert scene.orders.records == {}
    assert scene.orders.pushes == {}


def test_one_wrong_line_among_many_shipments_is_named_exactly(scene: Scene) -> None:
    wrong = wire(id="S-4")
    wrong["parcels"][0]["lines"][0]["quantity"] = "Ada Moss"

    answer = scene.push(pushed([wire(id="S-1"), wire(id="S-2"), wire(id="S-3"), wrong]))

    assert [error["field"] for error in told(answer)["errors"]] == ["data[3].parcels[0].lines[0].quantity"]
    assert "Ada" not in answer.body
    assert scene.orders.records == {}


def test_a_flood_of_mistakes_gets_a_short_answer(scene: Scene) -> None:
    answer = scene.push(pushed([{"parcels": [{}] * 50}] * 100))

    assert len(told(answer)["errors"]) == 100


def test_a_refused_push_may_be_mended_under_the_same_id(scene: Scene) -> None:
    scene.push(pushed({**wire(), "revision": "first"}))

    answer = scene.push(pushed(wire()))

    assert answer.status == 202


def test_a_quantity_given_as_a_number_is_taken_exactly(scene: Scene) -> None:
    document = json.dumps(pushed(wire())).replace('"quantity": "2"', '"quantity": 1.1')

    answer = scene.push(document.encode())

    assert answer.status == 202
    assert str(scene.orders.records["SO-00001", "S-1"].shipment.parcels[0].lines[0].quantity) == "1.1"


def test_a_list_that_is_null_is_an_empty_one(scene: Scene) -> None:
    serials = wire(final=False)
    serials["parcels"][0]["lines"][0]["serials"] = None

    answer = scene.push(pushed([serials, wire(id="S-2", kind="voided") | {"parcels": None}]))

    assert answer.status == 202
    assert scene.orders.records["SO-00001", "S-1"].shipment.parcels[0].lines[0].serials == ()
    assert scene.orders.records["SO-00001", "S-2"].shipment.parcels == ()


def test_an_order_tells_where_it_stands(scene: Scene) -> None:
    scene.push(pushed(shipment(parcel("BOX-1", ("1", "MUG-RED", "1")), final=False).model_dump(mode="json")))

    answer = scene.ask("SO-00001")

    status = told(answer)
    assert answer.status == 200
    assert list(status) == ["reference", "order_number", "status", "reason", "shipments", "timeline"]
    assert (status["reference"], status["order_number"], status["status"]) == ("SO-00001", "SO-00001", "part_shipped")
    assert status["shipments"] == [{"id": "S-1", "revision": 1, "status": "received"}]
    assert status["timeline"][-1]["event"] == "part_shipped"
    assert status["reason"] is None


def test_a_held_order_tells_why(scene: Scene) -> None:
    held = order(OrderStatus.HELD, reason=Reason(code="refused", text="the warehouse refused it"))
    scene.orders.orders["SO-00001"] = held

    assert told(scene.ask("SO-00001"))["reason"] == "the warehouse refused it"


def test_an_order_that_is_not_known_is_not_found(scene: Scene) -> None:
    answer = scene.ask("SO-404")

    assert (answer.status, told(answer)["errors"][0]["field"]) == (404, "reference")
