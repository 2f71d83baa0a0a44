"""What becomes of a sale."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.changes import differences
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.planning import plan_sale
from crossdock.domain.references import LONGEST_REFERENCE, free_reference, reference_of
from crossdock.domain.sale import SaleType, StageStatus
from crossdock.domain.scope import judge_row
from crossdock.domain.settings import Settings
from tests.unit.builders import address, fulfilment, picked, row, sale, sale_line

ADVANCED = SaleType.ADVANCED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": SaleType.SERVICE}, "service_sale"),
        ({"status": "DRAFT"}, "status"),
        ({"status": "A NEW STATUS", "order_status": "A NEW ONE, TOO"}, "status"),
        ({"shipping": "SHIPPED"}, "already_shipped"),
        ({"order_date": date(2025, 12, 31)}, "too_old"),
    ],
)
def test_a_row_out_of_scope_is_skipped_with_its_reason(changes, code):
    settings = Settings(earliest_order_date=date(2026, 1, 1))

    reason = judge_row(row(**changes), settings, None)

    assert reason is not None
    assert reason.code == code


def test_a_row_of_a_location_that_is_not_served_is_skipped():
    settings = Settings(locations=("Main Warehouse",))

    assert judge_row(row(), settings, "Overflow").code == "location"
    assert judge_row(row(), settings, "Main Warehouse") is None
    assert judge_row(row(), settings, None) is None, "an unknown location is found out by reading the sale"


def test_a_simple_sale_is_one_order_under_its_own_number():
    plan = plan_sale(sale(lines=(sale_line("MUG-RED", "2"), sale_line("MUG-BLUE", "1"))), Settings())

    (order,) = plan.orders
    assert (order.reference, order.task_id, order.fulfilment_number) == ("SO-00001", sale().sale_id, None)
    assert [(line.line_id, line.sku, line.quantity) for line in order.content.lines] == [
        ("1", "MUG-RED", Decimal(2)),
        ("2", "MUG-BLUE", Decimal(1)),
    ]


def test_an_advanced_sale_is_one_order_for_each_fulfilment_and_never_sums_by_sku():
    lines = (sale_line("MUG-RED", "3"), sale_line("MUG-RED", "2"))
    first = fulfilment(1, picked("MUG-RED", "4"), pick=StageStatus.AUTHORISED)
    second = fulfilment(2, picked("MUG-RED", "1"), pick=StageStatus.DRAFT)

    plan = plan_sale(sale(type=ADVANCED, lines=lines, fulfilments=(second, first)), Settings())

    assert [order.reference for order in plan.orders] == ["SO-00001.1", "SO-00001.2"]
    assert [[(line.line_id, line.quantity) for line in order.content.lines] for order in plan.orders] == [
        [("1", Decimal(3)), ("2", Decimal(1))],
        [("2", Decimal(1))],
    ]


def test_an_open_fulfilment_without_lines_takes_what_the_others_left():
    lines = (sale_line("MUG-RED", "3"), sale_line("MUG-BLUE", "2"))
    first = fulfilment(1, picked("MUG-RED", "3"), pick=StageStatus.AUTHORISED)

    plan = plan_sale(sale(type=ADVANCED, lines=lines, fulfilments=(first, fulfilment(2))), Settings())

    assert [(line.sku, line.quantity) for line in plan.orders[1].content.lines] == [("MUG-BLUE", Decimal(2))]


def test_a_line_that_is_split_over_fulfilments_carries_its_own_part_of_tax_and_total():
    first = fulfilment(1, picked("MUG-RED", "1"), pick=StageStatus.AUTHORISED)

    plan = plan_sale(
        sale(type=ADVANCED, lines=(sale_line("MUG-RED", "3"),), fulfilments=(first, fulfilment(2))), Settings()
    )

    parts = [order.content for order in plan.orders]
    assert [(part.lines[0].tax, part.lines[0].total, part.total) for part in parts] == [
        (Decimal("1.0000"), Decimal("10.0000"), Decimal("10.0000")),
        (Decimal("2.0000"), Decimal("20.0000"), Decimal("20.0000")),
    ]


def test_an_advanced_sale_without_a_fulfilment_is_one_order_not_bound_yet():
    (order,) = plan_sale(sale(type=ADVANCED), Settings()).orders

    assert (order.reference, order.task_id) == ("SO-00001", None)


def test_a_fulfilment_that_dear_has_shipped_asks_for_nothing():
    shipped = fulfilment(1, picked("MUG-RED", "2"), pick=StageStatus.AUTHORISED, ship=StageStatus.AUTHORISED)

    plan = plan_sale(sale(type=ADVANCED, fulfilments=(shipped,)), Settings())

    assert plan.orders == ()
    assert plan.skipped.code == "already_shipped"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"order_status": "DRAFT"}, "not_authorised"),
        ({"lines": ()}, "nothing_to_ship"),
        ({"lines": (sale_line(drop_ship=True),)}, "nothing_to_ship"),
        ({"lines": (sale_line(sku="", product_id=""),)}, "nothing_to_ship"),
        ({"type": SaleType.SERVICE}, "service_sale"),
    ],
)
def test_a_sale_that_asks_for_nothing_is_skipped_with_its_reason(changes, code):
    assert plan_sale(sale(**changes), Settings()).skipped.code == code


@pytest.mark.parametrize("half", [{"sku": ""}, {"product_id": ""}])
def test_a_line_that_names_its_goods_by_half_is_held(half):
    lines = (sale_line(), sale_line().model_copy(update=half))

    with pytest.raises(NeedsPerson, match="line 2 of SO-00001") as caught:
        plan_sale(sale(lines=lines), Settings())

    assert caught.value.code == "no_sku"


def test_an_unmapped_ship_method_is_held_and_the_mend_is_named():
    settings = Settings(ship_methods={"Royal Mail": "RM48"})

    with pytest.raises(NeedsPerson, match=r"'DHL Express'.*settings.ship_methods") as caught:
        plan_sale(sale(), settings)

    assert caught.value.code == "unmapped_ship_method"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (Settings(ship_methods={"DHL Express": "DHLX"}), "DHLX"),
        (Settings(ship_methods={"Royal Mail": "RM48"}, unmapped_ship_method="pass"), "DHL Express"),
        (Settings(), "DHL Express"),
    ],
)
def test_a_ship_method_is_mapped_or_passed_through_as_the_settings_say(settings, code):
    (order,) = plan_sale(sale(), settings).orders

    assert (order.content.ship_method, order.content.ship_method_raw) == (code, "DHL Express")


def test_an_address_that_cannot_be_made_out_is_held():
    blank = address(line1=None, city=None, country=None, display=("", ""))

    with pytest.raises(NeedsPerson) as caught:
        plan_sale(sale(ship_to=blank), Settings())

    assert caught.value.code == "address_incomplete"


def test_more_picked_than_ordered_is_held():
    picked_too_much = fulfilment(1, picked("MUG-RED", "3"), pick=StageStatus.AUTHORISED)

    with pytest.raises(NeedsPerson) as caught:
        plan_sale(sale(type=ADVANCED, fulfilments=(picked_too_much,)), Settings())

    assert caught.value.code == "picked_more_than_ordered"


def test_units_without_an_open_fulfilment_are_told_as_what_they_are():
    lines = (sale_line("MUG-RED", "3"), sale_line("MUG-BLUE", "2"))
    shipped = fulfilment(1, picked("MUG-RED", "3"), pick=StageStatus.AUTHORISED, ship=StageStatus.AUTHORISED)

    plan = plan_sale(sale(type=ADVANCED, lines=lines, fulfilments=(shipped,)), Settings())

    assert plan.skipped.code == "no_open_fulfilment"


def test_an_order_that_stands_does_not_grow_by_what_another_was_picked_short():
    lines = (sale_line("MUG-RED", "3"), sale_line("MUG-BLUE", "2"))
    whole = fulfilment(1, picked("MUG-RED", "3"), pick=StageStatus.DRAFT)
    short = fulfilment(1, picked("MUG-RED", "2"), pick=StageStatus.AUTHORISED, ship=StageStatus.AUTHORISED)
    before = plan_sale(sale(type=ADVANCED, lines=lines, fulfilments=(whole, fulfilment(2))), Settings()).orders
    promised = {str(order.task_id): order.content for order in before}

    after = plan_sale(sale(type=ADVANCED, lines=lines, fulfilments=(short, fulfilment(2))), Settings(), promised)

    assert [order.content.lines for order in after.orders] == [before[1].content.lines]


@given(
    number=st.text(min_size=1, max_size=80),
    fulfilment_number=st.none() | st.integers(1, 99),
    generation=st.integers(1, 99),
)
def test_a_reference_always_fits_the_contract(number, fulfilment_number, generation):
    reference = reference_of(number, "some-sale-id", fulfilment_number, generation)

    assert 1 <= len(reference) <= LONGEST_REFERENCE
    assert set(reference) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-")


@given(
    number=st.text(min_size=1, max_size=80), fulfilment_number=st.none() | st.integers(1, 99), times=st.integers(1, 9)
)
def test_an_order_sent_again_never_takes_a_reference_that_is_taken(number, fulfilment_number, times):
    taken: list[str] = []

    for _ in range(times):
        taken.append(free_reference(number, "some-sale-id", fulfilment_number, taken))

    assert len(set(taken)) == times
    assert taken[0] == reference_of(number, "some-sale-id", fulfilment_number)


def test_numbers_that_look_alike_once_made_safe_keep_different_references():
    assert reference_of("SO/1", "sale-a", None) != reference_of("SO#1", "sale-b", None)


def test_differences_tell_quantities_and_name_an_address_without_showing_it():
    elsewhere = address(line1="Elsewhere 9", display=("Elsewhere 9", "Bristol BS1 4DJ GB"))
    (before,) = plan_sale(sale(), Settings()).orders
    (after,) = plan_sale(sale(lines=(sale_line(quantity="5"),), ship_to=elsewhere), Settings()).orders

    told = "; ".join(differences(before.content, after.content))

    assert "line 1: 2 of MUG-RED became 5 of MUG-RED" in told
    assert "ship_to changed" in told
    assert "Elsewhere" not in told
