"""From the warehouse's shipments to DEAR's stages."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.shipping import (
    boxes_of,
    pack_lines,
    pick_lines,
    ship_lines,
    ship_lines_for,
    shipped_units,
    unit_differences,
)
from tests.unit.builders import order, parcel, picked, sale, sale_line, shipment

TWO_LINES = sale(lines=(sale_line("MUG-RED", "3"), sale_line("MUG-RED", "2")))


def test_two_parcels_become_two_boxes_and_the_same_sku_in_two_lines_stays_two_pick_lines():
    came = shipment(
        parcel("A", ("1", "MUG-RED", "2")),
        parcel("B", ("1", "MUG-RED", "1"), ("2", "MUG-RED", "2"), tracking_number="T2"),
    )

    boxes = boxes_of(order(of=TWO_LINES), [came], {"DHL": "DHL Express"})

    assert [(line.sku, line.quantity) for line in pick_lines(boxes, "Main")] == [("MUG-RED", 3), ("MUG-RED", 2)]
    assert [(line.box, line.quantity, line.location) for line in pack_lines(boxes, "Main")] == [
        ("A", 2, "Main"),
        ("B", 1, "Main"),
        ("B", 2, "Main"),
    ]
    assert [(line.boxes, line.tracking_number, line.carrier) for line in ship_lines(boxes)] == [
        (("A",), "TRACK-A", "DHL Express"),
        (("B",), "T2", "DHL Express"),
    ]


def test_a_parcel_line_without_a_line_id_is_matched_by_sku_over_several_lines():
    unnamed = parcel("A")
    unnamed["lines"] = [{"sku": "MUG-RED", "quantity": "4"}]

    assert shipped_units(order(of=TWO_LINES), [shipment(unnamed)]) == {"1": Decimal(3), "2": Decimal(1)}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (("1", "MUG-RED", "4"), "shipped_more_than_ordered"),
        (("1", "MUG-BLUE", "1"), "not_ordered"),
        (("9", "MUG-RED", "1"), "not_ordered"),
    ],
)
def test_goods_that_were_not_ordered_are_held(line, code):
    with pytest.raises(NeedsPerson) as caught:
        boxes_of(order(of=TWO_LINES), [shipment(parcel("A", line))], {})

    assert caught.value.code == code


def test_boxes_of_two_shipments_that_share_a_name_are_told_apart():
    boxes = boxes_of(
        order(of=TWO_LINES),
        [
            shipment(parcel("1", ("1", "MUG-RED", "1")), final=False),
            shipment(parcel("1", ("1", "MUG-RED", "2")), id="S-2", shipped_at="2026-03-02T15:00:00Z"),
        ],
        {},
    )

    assert [box.name for box in boxes] == ["1", "S-2 1"]


def test_a_pack_that_stands_in_one_box_takes_every_tracking_number():
    came = shipment(parcel("A", ("1", "MUG-RED", "2")), parcel("B", ("1", "MUG-RED", "1")))
    boxes = boxes_of(order(of=TWO_LINES), [came], {})

    (line,) = ship_lines_for([picked(quantity="3", box="Box 1")], boxes)

    assert (line.boxes, line.tracking_number) == (("Box 1",), "TRACK-A, TRACK-B")


def test_boxes_that_cannot_be_matched_are_held():
    came = shipment(parcel("A", ("1", "MUG-RED", "3")))
    stands = [picked(quantity="1", box="X"), picked(quantity="2", box="Y")]

    with pytest.raises(NeedsPerson) as caught:
        ship_lines_for(stands, boxes_of(order(of=TWO_LINES), [came], {}))

    assert caught.value.code == "boxes_differ"


def test_a_difference_names_the_sku_and_both_quantities():
    assert unit_differences("pick", [picked(quantity="2")], [picked(quantity="3")]) == (
        "MUG-RED: DEAR has 2 in its pick, 3 shipped",
    )
    assert unit_differences("pick", [picked(quantity="2", batch="L1")], [picked(quantity="2")]) == ()


@given(cut=st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_every_unit_that_left_is_in_the_pick_and_in_the_pack_once(cut):
    whole = sale(lines=(sale_line("MUG-RED", str(sum(cut))),))
    came = shipment(*(parcel(f"P{at}", ("1", "MUG-RED", str(units))) for at, units in enumerate(cut)))

    boxes = boxes_of(order(of=whole), [came], {})

    assert sum(line.quantity for line in pick_lines(boxes, None)) == sum(cut)
    assert [line.quantity for line in pack_lines(boxes, None)] == cut
