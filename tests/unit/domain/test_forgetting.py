"""What is left of an order that is forgotten: exactly what these lists name, whatever fields it gets one day."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from crossdock.domain.bills import Bill
from crossdock.domain.edits import edited
from crossdock.domain.forgetting import forgotten, without_addresses
from crossdock.domain.model import Record
from crossdock.domain.order import Content, Intent, OrderLine, PostalAddress, SaleFacts, SoldKit, Wanted
from crossdock.domain.planning import plan_sale
from crossdock.domain.sale import Charge
from crossdock.domain.settings import Settings
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.states import OrderStatus, ShipmentStatus
from tests.unit.builders import NOON, address, charge, order, parcel, sale, shipment

LATER = NOON + timedelta(days=90)
OF_A_LINE = {"barcode", "line_id", "lot", "name", "product_id", "sku", "tax_rule", "weight_unit"}
KEPT = {
    "ship_to": {"country"},
    "bill_to": {"country"},
    "content": {
        "carrier", "channel", "currency", "location", "order_number", "sale_id", "ship_method", "ship_method_raw",
        "warehouse",
    },
    "line": OF_A_LINE,
    "kit": OF_A_LINE,
    "facts": {"location", "picked_on", "read_at_stamp", "terms"},
    "charge": {"account", "tax_rule"},
}  # fmt: skip


def texts(record: type[Record], of: str) -> dict[str, str]:
    """Every text field of a record, with a text that says where it stood."""
    return {
        name: f"<{of}.{name}>" for name, field in record.model_fields.items() if field.annotation in {str, str | None}
    }


def told(text: str) -> Iterator[tuple[str, str]]:
    for each in text.split("<")[1:]:
        place, _, name = each.partition(">")[0].partition(".")
        yield place, name


def full() -> Content:
    addresses = {each: PostalAddress(**texts(PostalAddress, each)) for each in ("ship_to", "bill_to")}
    content = order().content
    line = content.lines[0].model_copy(update=texts(OrderLine, "line"))
    return content.model_copy(
        update={**texts(Content, "content"), **addresses, "lines": (line,), "attributes": {"Engraving": "<content.x>"}}
    )


def test_of_every_text_only_what_these_lists_name_is_kept() -> None:
    content = full()
    before = order(OrderStatus.INVOICED, due_at=None)
    kit = SoldKit(
        line=content.lines[0].model_copy(update=texts(OrderLine, "kit")), bill=Bill(product_id="p", sku="KIT")
    )
    facts = before.facts.model_copy(
        update={**texts(SaleFacts, "facts"), "charges": (charge().model_copy(update=texts(Charge, "charge")),)}
    )
    wanted = Wanted(content=content, content_hash="h", told="it changed")
    known = before.model_copy(update={"content": content, "kits": (kit,), "facts": facts, "wanted": wanted})

    after = forgotten(known, LATER)

    kept: dict[str, set[str]] = {}
    for place, name in told(after.model_dump_json()):
        kept.setdefault(place, set()).add(name)
    assert kept == KEPT
    assert len(list(told(known.model_dump_json()))) > 2 * sum(map(len, KEPT.values()))


def test_it_keeps_its_place_in_time_and_tells_of_it() -> None:
    before = order(OrderStatus.INVOICED, due_at=None)

    after = forgotten(before, LATER)

    assert (after.updated_at, after.version, after.forgotten_at) == (NOON, before.version + 1, LATER)
    assert [event.event for event in after.timeline] == ["forgotten"]
    assert after.content_hash != before.content_hash


@pytest.mark.parametrize(
    ("status", "changes", "finished"),
    [
        (OrderStatus.INVOICED, {}, True),
        (OrderStatus.CONFIRMED, {}, True),
        (OrderStatus.CANCELED, {}, True),
        (OrderStatus.CONFIRMED, {"due_at": NOON}, False),
        (OrderStatus.INVOICED, {"due_at": NOON}, False),
        (OrderStatus.INVOICED, {"intent": Intent(action="ship", attempt=1, at=NOON)}, False),
        (OrderStatus.HELD, {"held_from": OrderStatus.INVOICED}, False),
        (OrderStatus.AT_WMS, {}, False),
        (OrderStatus.SHIPPED, {}, False),
        (OrderStatus.CANCEL_REQUESTED, {}, False),
    ],
)
def test_only_an_order_with_nothing_left_to_do_is_finished(status, changes, finished) -> None:
    assert order(status, **{"due_at": None, **changes}).finished is finished


def test_reading_its_sale_again_brings_nothing_back() -> None:
    moved = sale(bill_to=address(display=("2 Marrow Lane", "Whitby YO22 4XX GB")))
    planned = plan_sale(moved, Settings()).orders[0]
    done = order(OrderStatus.INVOICED, due_at=None)

    assert edited(done, planned, "update", LATER) is not None
    assert edited(forgotten(done, LATER), planned, "update", LATER) is None


def test_of_a_shipment_only_the_addresses_of_its_tracking_go() -> None:
    one = parcel("A", tracking_url="https://track.example/T?to=YO22")
    sent = ShipmentRecord(
        connection="main", sale_id="s", shipment=shipment(one, parcel("B")), status=ShipmentStatus.INVOICED,
        received_at=NOON,
    )  # fmt: skip

    after = without_addresses(sent)

    assert after is not None
    assert "YO22" not in after.model_dump_json()
    assert [each.tracking_number for each in after.shipment.parcels] == ["TRACK-A", "TRACK-B"]
    assert after.version == sent.version + 1
    assert without_addresses(after) is None
