"""Kits out as components and back as kits."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.bills import Bill, Component
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.invoicing import InvoiceTerms, draft_invoice, invoices_due
from crossdock.domain.kits import bills_in_use, expand, unlearnt
from crossdock.domain.order import Order
from crossdock.domain.shipment import ShipmentRecord
from crossdock.domain.shipping import boxes_of, shipped_units
from crossdock.domain.stage_lines import pack_lines, pick_lines, ship_lines
from crossdock.domain.states import ShipmentStatus
from tests.unit.builders import NOON, order, parcel, sale, sale_line, shipment

PARTS = ("CUP", "LID", "SPOON")


def product(sku, **changes):
    return Bill(product_id=f"product-{sku}", sku=sku, name=f"Name of {sku}", **changes)


def kit(sku, *components, produces="1", **changes):
    """Components are (SKU, quantity)."""
    made = tuple(
        Component(product_id=f"product-{part}", sku=part, name=part, quantity=Decimal(quantity))
        for part, quantity in components
    )
    return product(sku, auto_assembly=True, components=made, produces=Decimal(produces), **changes)


def bills(*known):
    return {bill.product_id: bill for bill in known}


SET = kit("SET", ("CUP", "2"), ("LID", "1"))
KNOWN = bills(SET, product("CUP"), product("LID"), product("SPOON"), product("MUG-RED"))


def sent(*lines, known=KNOWN):
    """The order of a sale of these lines, expanded."""
    made = order(of=sale(lines=lines, total=sum((line.total for line in lines), Decimal(0))))
    content, kits = expand(made.content, known)
    return made.model_copy(update={"content": content, "kits": kits})


def test_a_kit_becomes_a_line_per_component_that_costs_nothing_and_the_total_stays():
    expanded = sent(sale_line("MUG-RED", "1"), sale_line("SET", "3", comment="as a present"))

    lines = expanded.content.lines
    assert [(line.line_id, line.sku, line.quantity) for line in lines] == [
        ("1", "MUG-RED", 1),
        ("2-k1", "CUP", 6),
        ("2-k2", "LID", 3),
    ]
    assert {line.total for line in lines[1:]} == {0}
    assert {line.comment for line in lines[1:]} == {"part of kit SET; as a present"}
    assert expanded.content.total == 40


def test_what_was_sold_stands_beside_what_is_sent():
    expanded = sent(sale_line("SET", "3"), sale_line("MUG-RED", "1"))

    assert [(line.line_id, line.sku, line.quantity, line.total) for line in expanded.sold.lines] == [
        ("1", "SET", 3, 30),
        ("2", "MUG-RED", 1, 10),
    ]


def test_a_sale_without_kits_is_sent_as_it_is():
    plain = order(of=sale(lines=(sale_line("MUG-RED", "1"),)))

    content, kits = expand(plain.content, KNOWN)

    assert (content, kits) == (plain.content, ())
    assert plain.sold == plain.content


def test_the_same_component_by_two_ways_is_one_line_and_a_kit_within_a_kit_is_opened():
    box = kit("BOX", ("SET", "2"), ("CUP", "1"))

    expanded = sent(sale_line("BOX", "1"), known={**KNOWN, **bills(box)})

    assert [(line.line_id, line.sku, line.quantity) for line in expanded.content.lines] == [
        ("1-k1", "CUP", 5),
        ("1-k2", "LID", 2),
    ]


def test_a_bill_that_leads_back_to_itself_is_held_with_the_way():
    first, second = kit("A", ("B", "1")), kit("B", ("A", "1"))

    with pytest.raises(NeedsPerson, match="A > B > A") as held:
        sent(sale_line("A", "1"), known=bills(first, second))

    assert held.value.code == "kit_bill_cycle"


@pytest.mark.parametrize(
    "bill",
    [
        kit("SET"),
        kit("SET", ("CUP", "2")).model_copy(update={"auto_assembly": False}),
        kit("SET", ("ENGRAVING", "1")),
    ],
    ids=["no component", "not assembled by DEAR", "services alone"],
)
def test_what_has_no_goods_to_be_built_of_goes_as_it_is(bill):
    known = {**KNOWN, **bills(bill, product("ENGRAVING", service=True))}

    expanded = sent(sale_line("SET", "3"), known=known)

    assert [(line.line_id, line.sku, line.quantity) for line in expanded.content.lines] == [("1", "SET", 3)]
    assert expanded.kits == ()


def test_a_service_among_the_components_is_left_out():
    bill = kit("SET", ("ENGRAVING", "1"), ("CUP", "2"))
    known = {**KNOWN, **bills(bill, product("ENGRAVING", service=True))}

    expanded = sent(sale_line("SET", "3"), known=known)

    assert [(line.line_id, line.sku) for line in expanded.content.lines] == [("1-k1", "CUP")]


def test_a_bill_that_makes_several_at_once_is_divided():
    bill = kit("SET", ("CUP", "6"), ("SPOON", "1"), produces="3")

    expanded = sent(sale_line("SET", "6"), known={**KNOWN, **bills(bill)})

    assert [(line.sku, line.quantity) for line in expanded.content.lines] == [("CUP", 12), ("SPOON", 2)]


def test_units_that_no_quantity_can_say_are_held():
    bill = kit("SET", ("CUP", "1"), produces="3")

    with pytest.raises(NeedsPerson, match=r"1 of kit SET would take 0\.333333 of CUP") as held:
        sent(sale_line("SET", "1"), known={**KNOWN, **bills(bill)})

    assert held.value.code == "kit_not_divisible"


def test_what_is_still_to_be_looked_up_follows_kits_and_nothing_else():
    box = kit("BOX", ("SET", "2"), ("CUP", "1"))
    unopened = kit("CRATE", ("HAY", "1")).model_copy(update={"auto_assembly": False})

    missing = unlearnt(["product-BOX", "product-CRATE", "product-NEW"], bills(box, unopened, product("CUP")))

    assert set(missing) == {"product-SET", "product-NEW"}


def test_an_order_keeps_the_bill_that_it_was_sent_with():
    before = sent(sale_line("SET", "3"), sale_line("MUG-RED", "1"))
    changed = {**KNOWN, **bills(kit("SET", ("SPOON", "9")), kit("MUG-RED", ("SPOON", "1")))}

    again = sent(sale_line("SET", "4"), sale_line("MUG-RED", "1"), known={**changed, **bills_in_use([before])})

    assert [(line.sku, line.quantity) for line in again.content.lines] == [("CUP", 8), ("LID", 4), ("MUG-RED", 1)]


def test_the_kit_goes_into_the_box_of_its_first_component_and_no_tracking_number_is_lost():
    expanded = sent(sale_line("SET", "1"), sale_line("MUG-RED", "1"))
    came = shipment(
        parcel("A", ("1-k2", "LID", "1"), tracking_number="T1"),
        parcel("B", ("1-k1", "CUP", "2"), tracking_number="T2"),
        parcel("C", ("2", "MUG-RED", "1"), tracking_number="T3"),
    )

    boxes = boxes_of(expanded, [came], {})

    assert [(line.sku, line.quantity) for line in pick_lines(boxes, "Main")] == [("SET", 1), ("MUG-RED", 1)]
    assert [(line.box, line.sku) for line in pack_lines(boxes, "Main")] == [("B", "SET"), ("C", "MUG-RED")]
    assert [(line.boxes, line.tracking_number) for line in ship_lines(boxes)] == [
        (("B",), "T2, T1"),
        (("C",), "T3"),
    ]


def test_several_kits_lie_where_their_own_components_are():
    expanded = sent(sale_line("SET", "3"))
    came = shipment(
        parcel("A", ("1-k1", "CUP", "2"), ("1-k2", "LID", "1")),
        parcel("B", ("1-k1", "CUP", "4"), ("1-k2", "LID", "2")),
    )

    boxes = boxes_of(expanded, [came], {})

    assert [(line.box, line.quantity) for line in pack_lines(boxes, "Main")] == [("A", 1), ("B", 2)]


def test_whole_kits_of_a_short_shipment_are_confirmed_and_invoiced_and_no_more():
    expanded = sent(sale_line("SET", "3"), sale_line("MUG-RED", "1"))
    came = shipment(parcel("A", ("1-k1", "CUP", "4"), ("1-k2", "LID", "2")))

    shipped = shipped_units(expanded, [came])
    confirmed = ShipmentRecord(
        connection="main", sale_id=expanded.sale_id, shipment=came, status=ShipmentStatus.CONFIRMED, received_at=NOON
    )
    (due,) = invoices_due(expanded, [confirmed])
    terms = InvoiceTerms(on=NOON.date(), due=NOON.date(), authorise=True, with_charges=False)
    invoice = draft_invoice(expanded, due, {}, terms)

    assert shipped == {"1": 2}
    assert [(line.sku, line.quantity, line.total) for line in invoice.lines] == [("SET", 2, 20)]


def test_components_that_make_no_whole_kits_are_held_with_the_numbers():
    expanded = sent(sale_line("SET", "3"))
    came = shipment(parcel("A", ("1-k1", "CUP", "5"), ("1-k2", "LID", "3")))

    with pytest.raises(NeedsPerson, match=r"of 3 SET the warehouse shipped 5 of 6 CUP, 3 of 3 LID.* 2 whole") as held:
        boxes_of(expanded, [came], {})

    assert held.value.code == "kit_incomplete"


def test_a_component_that_did_not_ship_at_all_holds_the_kit():
    expanded = sent(sale_line("SET", "1"))

    with pytest.raises(NeedsPerson, match="0 of 1 LID"):
        boxes_of(expanded, [shipment(parcel("A", ("1-k1", "CUP", "2")))], {})


def test_tracking_numbers_that_do_not_fit_into_dears_field_are_held_before_anything_is_written():
    expanded = sent(sale_line("SET", "1"), known=bills(kit("SET", ("CUP", "2"), ("LID", "30"))))
    parcels = [parcel(f"P{at}", ("1-k2", "LID", "1"), tracking_number=f"TRACKING-{at:04}") for at in range(30)]
    came = shipment(parcel("A", ("1-k1", "CUP", "2")), *parcels)

    with pytest.raises(NeedsPerson) as held:
        boxes_of(expanded, [came], {})

    assert held.value.code == "kit_in_too_many_parcels"


@st.composite
def sold_and_shipped(draw: st.DrawFn) -> tuple[Order, list[dict[str, object]], dict[str, Decimal]]:
    """An order of kits and mugs, parcels that hold whole kits of it in any split, and the units that were meant."""
    quantities = st.integers(1, 4).map(str)
    bill = draw(st.dictionaries(st.sampled_from(PARTS), quantities, min_size=1))
    produces = draw(st.sampled_from(["1", "2", "0.5"]))
    known = {**KNOWN, **bills(kit("SET", *bill.items(), produces=produces), kit("BOX", ("SET", "2"), ("LID", "1")))}
    skus = draw(st.lists(st.sampled_from(["SET", "BOX", "MUG-RED"]), min_size=1, max_size=4))
    expanded = sent(*(sale_line(sku, draw(quantities)) for sku in skus), known=known)
    meant = {line.line_id: Decimal(draw(st.integers(0, int(line.quantity)))) for line in expanded.sold.lines}
    boxes: list[list[tuple[str, str, str]]] = [[] for _ in range(draw(st.integers(1, 4)))]
    for line in expanded.content.lines:
        for units in _cut(draw, _shipped_of(expanded, line, meant), len(boxes)):
            boxes[units[0]].append((line.line_id, line.sku, str(units[1])))
    parcels = [parcel(f"P{at}", *lines, tracking_number=f"T{at}") for at, lines in enumerate(boxes, start=1) if lines]
    return expanded, parcels, {line_id: units for line_id, units in meant.items() if units}


def _shipped_of(expanded, line, meant):
    """What ships of a line, for so many units as sold."""
    for each in expanded.kits:
        if line.line_id in each.component_ids:
            return Fraction(line.quantity) * Fraction(meant[each.line.line_id]) / Fraction(each.line.quantity)
    return Fraction(meant[line.line_id])


def _cut(draw, units, into):
    """The units in up to `into` parts, in quarters, so that a kit is torn apart anywhere."""
    left = int(units * 4)
    for at in range(into):
        part = left if at == into - 1 else draw(st.integers(0, left))
        left -= part
        if part:
            yield at, Decimal(part) / 4


@given(sold_and_shipped())
def test_what_goes_out_as_components_comes_back_as_what_was_sold(example):
    expanded, parcels, meant = example
    came = [shipment(*parcels)] if parcels else []

    boxes = boxes_of(expanded, came, {})

    assert shipped_units(expanded, came) == meant
    sold = {line.line_id for line in expanded.sold.lines}
    assert all(packed.line.line_id in sold and packed.quantity > 0 for box in boxes for packed in box.lines)
    assert all(box.lines for box in boxes)
    numbers = [number for box in boxes for number in str(box.tracking_number).split(", ")]
    assert sorted(numbers) == sorted(str(each["tracking_number"]) for each in parcels)
    whole = [packed.quantity for box in boxes for packed in box.lines if packed.line.sku != "MUG-RED"]
    assert all(units == int(units) for units in whole)


@given(sold_and_shipped(), st.data())
def test_a_component_too_few_never_passes_unseen(example, data):
    expanded, parcels, _ = example
    components = {line_id for each in expanded.kits for line_id in each.component_ids if len(each.component_ids) > 1}
    torn = [line for each in parcels for line in each["lines"] if line["line_id"] in components]
    if not torn:
        return
    victim = data.draw(st.sampled_from(torn))
    victim["quantity"] = str(Decimal(victim["quantity"]) / 2)

    with pytest.raises(NeedsPerson) as held:
        boxes_of(expanded, [shipment(*parcels)], {})

    assert held.value.code == "kit_incomplete"
