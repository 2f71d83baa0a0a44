"""From the warehouse's shipments to DEAR's stages."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.corrections import goods_differences
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.sale import ShipLine
from crossdock.domain.settings import Settings
from crossdock.domain.shipping import boxes_of, location_of, shipped_units, short_of
from crossdock.domain.stage_lines import (
    elsewhere,
    pack_lines,
    pack_lines_of,
    pick_lines,
    ship_lines,
    ship_lines_for,
    tracking_updates,
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


def test_boxes_of_which_some_have_dears_names_are_not_paired_by_their_place():
    came = shipment(parcel("1", ("1", "MUG-RED", "1")), parcel("B", ("1", "MUG-RED", "2")))
    stands = [picked(quantity="1", box="S-2 1"), picked(quantity="2", box="1")]

    with pytest.raises(NeedsPerson) as caught:
        ship_lines_for(stands, boxes_of(order(of=TWO_LINES), [came], {}))

    assert caught.value.code == "boxes_differ"


def test_a_box_keeps_its_name_in_dear_though_its_shipment_left_later_than_was_told():
    parcels = [
        parcel("1", ("1", "MUG-RED", "1")),
        parcel("A", ("1", "MUG-RED", "1")),
        parcel("a", ("1", "MUG-RED", "1")),
    ]
    first = shipment(parcels[0], parcels[1], final=False)
    second = shipment(parcel("1", ("2", "MUG-RED", "1")), parcels[2], id="S-2", shipped_at="2026-03-02T15:00:00Z")
    later = first.model_copy(update={"shipped_at": first.shipped_at.replace(hour=20), "parcels": first.parcels[::-1]})
    of = order(of=TWO_LINES)

    names = {box.name for box in boxes_of(of, [first, second], {})}
    boxes = boxes_of(of, [later, second], {}, standing=names)

    assert names == {"1", "A", "S-2 1", "S-2 a"}
    assert [box.name for box in boxes] == ["S-2 1", "S-2 a", "A", "1"]


def shipped(*numbers):
    """As DEAR shows it, in boxes that a person named."""
    named = enumerate(numbers, start=1)
    return tuple(
        ShipLine(shipped_on=None, carrier=None, boxes=(f"Box {at}",), tracking_number=number) for at, number in named
    )


@pytest.mark.parametrize(
    ("stands", "corrected", "expected"),
    [
        (("TA", "TB"), ("TB", "NEW"), {"TB": "Box 2", "NEW": "Box 1"}),
        (("TA", "TB"), ("TB", "TA"), {"TA": "Box 1", "TB": "Box 2"}),
        (("TA", "TB", "TC"), ("TB", "TA"), {"TA": "Box 1", "TB": "Box 2"}),
        (("TA", "TB"), ("NEW", "NEWER"), None),
        (("", ""), ("", "NEW"), None),
    ],
)
def test_a_box_that_a_person_named_is_known_by_its_number_or_held(stands, corrected, expected):
    boxes = boxes_for(
        *(parcel(f"P{number}", ("1", "MUG-RED", "1"), tracking_number=number) for number in corrected),
    )
    packed = [picked(box=f"Box {at}") for at, _ in enumerate(stands, start=1)]

    if expected is None:
        with pytest.raises(NeedsPerson, match="NEW"):
            ship_lines_for(packed, boxes, shipped(*stands))
    else:
        lines = ship_lines_for(packed, boxes, shipped(*stands))
        assert {line.tracking_number: line.boxes[0] for line in lines} == expected


@pytest.mark.parametrize(
    ("before", "number", "url", "expected"),
    [
        ("OLD", "NEW", None, None),
        ("OLD", "NEW", "https://t.example/NEW", "https://t.example/NEW"),
        ("OLD", "OLD, TOO", None, "https://t.example/OLD"),
        ("OLD", None, None, "https://t.example/OLD"),
        ("", "NEW", None, "https://t.example/OLD"),
    ],
)
def test_an_address_goes_with_the_number_that_it_was_of(before, number, url, expected):
    line = ShipLine(shipped_on=None, carrier="DHL", boxes=("A",), tracking_number=before)
    stands = line.model_copy(update={"tracking_url": "https://t.example/OLD"})
    should = line.model_copy(update={"carrier": "UPS", "tracking_number": number, "tracking_url": url})

    (after,) = tracking_updates([stands], [should])

    assert (after.tracking_number, after.tracking_url) == (number or before, expected)


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


# --- names, numbers and lots ---------------------------------------------------------------------------------


def boxes_for(*parcels, of=TWO_LINES):
    return boxes_of(order(of=of), [shipment(*parcels)], {})


@given(
    names=st.lists(st.text(st.sampled_from("aA,- é"), min_size=1, max_size=200), min_size=1, max_size=5, unique=True)
)
def test_every_box_has_a_name_of_its_own_that_dear_can_keep(names):
    usable = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    whole = sale(lines=(sale_line("MUG-RED", str(len(usable) or 1)),))

    boxes = boxes_for(*(parcel(name, ("1", "MUG-RED", "1")) for name in usable), of=whole) if usable else ()

    assert len({box.name.casefold() for box in boxes}) == len(usable)
    assert all("," not in box.name and 0 < len(box.name) <= 256 for box in boxes)


@pytest.mark.parametrize("serials", [["A"], ["A", "A"], ["A", "B", "C"]])
def test_serial_numbers_that_are_not_one_for_each_unit_are_held(serials):
    given_twice = parcel("A")
    given_twice["lines"] = [{"line_id": "1", "sku": "MUG-RED", "quantity": "2", "serials": serials}]

    with pytest.raises(NeedsPerson) as caught:
        boxes_for(given_twice)

    assert caught.value.code == "serials_differ"


@pytest.mark.parametrize(
    ("sent", "lot", "expires_on"),
    [
        ({}, "L1", date(2027, 1, 31)),
        ({"lot": "l1"}, "l1", date(2027, 1, 31)),
        ({"lot": "L2"}, "L2", None),
        ({"serials": ["L2"]}, "L2", None),
        ({"lot": "L2", "expires_on": "2028-01-31"}, "L2", date(2028, 1, 31)),
    ],
)
def test_a_planned_expiry_date_is_for_the_planned_lot_alone(sent, lot, expires_on):
    of = order()
    planned = of.content.lines[0].model_copy(update={"lot": "L1", "expires_on": date(2027, 1, 31)})
    of = of.model_copy(update={"content": of.content.model_copy(update={"lines": (planned,)})})
    came = parcel("A")
    came["lines"] = [{"sku": "MUG-RED", "quantity": "1", **sent}]

    (line,) = pick_lines(boxes_of(of, [shipment(came)], {}), None)

    assert (line.batch, line.expires_on) == (lot, expires_on)


def test_tracking_that_dear_has_no_room_for_is_held_and_not_cut():
    with pytest.raises(NeedsPerson) as caught:
        boxes_for(parcel("A", ("1", "MUG-RED", "1"), tracking_number="T" * 257))

    assert caught.value.code == "tracking_too_long"


def test_units_of_earlier_shipments_are_no_longer_to_be_had():
    of = order(of=TWO_LINES)
    unnamed = [parcel("A"), parcel("B")]
    unnamed[0]["lines"] = [{"sku": "MUG-RED", "quantity": "3"}]
    unnamed[1]["lines"] = [{"sku": "MUG-RED", "quantity": "1"}]
    first, second = shipment(unnamed[0], final=False), shipment(unnamed[1], id="S-2")

    assert shipped_units(of, [second], before=[first]) == {"2": Decimal(1)}
    assert short_of(of, [first, second]) == {"2": Decimal(1)}


def test_a_pack_takes_the_places_and_batches_that_dear_picked():
    boxes = boxes_for(parcel("A", ("1", "MUG-RED", "2")), parcel("B", ("1", "MUG-RED", "1")))
    stands = [picked(quantity="1", location="Main: A1", batch="L1"), picked(quantity="2", location="Main: B2")]

    lines = pack_lines_of(stands, boxes)

    assert [(line.box, line.quantity, line.location, line.batch) for line in lines] == [
        ("A", 2, "Main: B2", None),
        ("B", 1, "Main: A1", "L1"),
    ]


def test_a_bin_of_a_location_is_not_elsewhere():
    boxes = tuple(box.model_copy(update={"location": "Depot"}) for box in boxes_for(parcel("A")))

    assert elsewhere([picked(quantity="2", location="Depot: A1")], boxes) == ()
    assert elsewhere([picked(quantity="2", location="Depot 2")], boxes) == (
        "MUG-RED: DEAR picked it from Depot 2, it left from Depot",
    )


@pytest.mark.parametrize(
    ("corrected", "differences"),
    [
        ("2026-03-28T23:30:00Z", ()),
        ("2026-03-28T22:30:00Z", ("it left on 2026-03-28, not on 2026-03-29",)),
        ("2026-03-29T09:00:00Z", ()),
    ],
)
def test_a_correction_that_tells_the_same_moment_in_another_offset_did_not_leave_on_another_day(corrected, differences):
    before = shipment(shipped_at="2026-03-29T00:30:00+01:00")

    assert goods_differences(before, shipment(shipped_at=corrected)) == differences


@pytest.mark.parametrize(
    ("ship_from", "own", "expected"),
    [
        (None, "Overflow", "Overflow"),
        (None, "Main", "Main"),
        ("Overflow", "Main", "Overflow"),
        ("Depot", "Overflow", "Overflow"),
        (None, "Depot", "Main"),
        (None, None, "Main"),
    ],
)
def test_of_two_locations_with_one_code_goods_leave_from_the_usual_one(ship_from, own, expected):
    settings = Settings(warehouses={"Main": "M", "Overflow": "M", "Depot": "D"}, ship_from=ship_from)

    assert location_of("M", own, settings) == expected
    assert location_of("D", own, settings) == "Depot"
    assert location_of("X", own, settings) is None
