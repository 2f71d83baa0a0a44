"""The sixteen statuses: what each follows from, and which rows and fulfilments a set of them takes in."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.sale import CreditNote, Invoice, SaleType, StageStatus
from crossdock.domain.statuses import (
    NOT_AUTHORISED_YET,
    SHIPPED_ALREADY,
    SIMPLE_ONLY,
    SaleParts,
    SaleStatus,
    derive_status,
    fulfilments_in_scope,
    parts_of,
    row_matches,
    status_of_fulfilment,
    warnings_for,
)
from tests.unit.builders import fulfilment, picked, row, sale, sale_line

ADVANCED = SaleType.ADVANCED
NEVER, DRAFT, DONE, PAID = (
    StageStatus.NOT_AVAILABLE,
    StageStatus.DRAFT,
    StageStatus.AUTHORISED,
    StageStatus.PAID,
)
OWED = Decimal("12.50")
ORDERED: dict[str, object] = {"order": DONE}
PICKED = ORDERED | {"pick": DONE}
PACKED = PICKED | {"pack": DONE}
SHIPPED = PACKED | {"ship": DONE}

TABLE: list[tuple[str, dict[str, object]]] = [
    ("DRAFT", {}),
    ("VOIDED", {"voided": True}),
    ("VOIDED", SHIPPED | {"voided": True, "invoice": PAID}),
    ("ESTIMATING", {"quote": DRAFT}),
    ("ESTIMATED", {"quote": DONE}),
    ("ESTIMATED", {"quote_skipped": True}),
    ("ORDERING", {"order": DRAFT}),
    ("ORDERING", {"quote": DONE, "order": DRAFT, "backordered": True}),
    ("ORDERED", ORDERED),
    ("BACKORDERED", ORDERED | {"backordered": True}),
    ("PICKING", ORDERED | {"pick": DRAFT}),
    ("PICKING", ORDERED | {"pick": DRAFT, "backordered": True}),
    ("PICKED", PICKED),
    ("PACKING", PICKED | {"pack": DRAFT}),
    ("PACKED", PACKED),
    ("SHIPPING", PACKED | {"ship": DRAFT}),
    ("INVOICING", SHIPPED | {"invoice": DRAFT}),
    ("INVOICED", SHIPPED | {"invoice": DONE, "balance": OWED}),
    ("INVOICED", SHIPPED | {"invoice": PAID, "balance": -OWED}),
    ("CREDITED", SHIPPED | {"invoice": DONE, "credit_note": DONE, "balance": OWED}),
    ("COMPLETED", SHIPPED | {"invoice": PAID}),
    ("COMPLETED", SHIPPED | {"invoice": PAID, "credit_note": DONE}),
]
"""Every row of the product's table, the second column as parts."""

ADVANCED_TABLE: list[tuple[str, dict[str, object]]] = [
    ("DRAFT", {}),
    ("VOIDED", {"voided": True}),
    ("ESTIMATING", {"quote": DRAFT}),
    ("ESTIMATED", {"quote": DONE}),
    ("ORDERING", {"order": DRAFT}),
    ("ORDERED", ORDERED),
    ("ORDERED", ORDERED | {"pick": DRAFT}),
    ("ORDERED", SHIPPED | {"invoice": DONE, "balance": OWED, "credit_note": DONE}),
    ("BACKORDERED", PACKED | {"backordered": True}),
    ("COMPLETED", SHIPPED | {"invoice": PAID}),
]

parts = st.builds(
    SaleParts,
    voided=st.booleans(),
    quote=st.sampled_from(StageStatus),
    quote_skipped=st.booleans(),
    order=st.sampled_from(StageStatus),
    backordered=st.booleans(),
    pick=st.sampled_from(StageStatus),
    pack=st.sampled_from(StageStatus),
    ship=st.sampled_from(StageStatus),
    invoice=st.sampled_from(StageStatus),
    credit_note=st.sampled_from(StageStatus),
    balance=st.decimals(-5, 5, places=2),
    advanced=st.booleans(),
)
words = st.sampled_from(
    ["", "NOT AVAILABLE", "VOIDED", "DRAFT", "AUTHORISED", "AUTH_NO_ALLOC", "FULFILLED", "A NEW WORD", "PAID"]
    + [word for verb in ("PICK", "PACK") for word in (f"NOT {verb}ED", f"{verb}ING", f"PARTIALLY {verb}ED")]
    + ["PICKED", "PACKED", "SHIPPED", "NOT SHIPPED", "PARTIALLY SHIPPED", "INVOICED", "PARTIALLY INVOICED"]
)


@pytest.mark.parametrize(("status", "made_of"), TABLE)
def test_a_simple_sale_has_the_status_of_the_tables_row(status, made_of):
    assert derive_status(SaleParts.model_validate(made_of)) == status


@pytest.mark.parametrize(("status", "made_of"), ADVANCED_TABLE)
def test_an_advanced_sale_has_only_the_statuses_that_the_table_gives_it(status, made_of):
    assert derive_status(SaleParts.model_validate({**made_of, "advanced": True})) == status


def test_the_table_is_tried_in_every_row():
    assert {status for status, _ in TABLE} == set(SaleStatus)
    assert {status for status, _ in ADVANCED_TABLE} == set(SaleStatus) - SIMPLE_ONLY


def test_parts_that_the_table_has_no_row_for_have_no_status():
    shipped_and_not_billed = SaleParts.model_validate(SHIPPED)
    billed_for_nothing = SaleParts.model_validate({**SHIPPED, "invoice": DONE})

    assert derive_status(shipped_and_not_billed) is None
    assert derive_status(billed_for_nothing) is None


@given(made_of=parts)
def test_any_parts_have_one_status_at_most_and_an_advanced_sale_none_of_a_simple_one(made_of):
    status = derive_status(made_of)

    assert status is None or isinstance(status, SaleStatus)
    assert not (made_of.advanced and status in SIMPLE_ONLY)
    assert (status is SaleStatus.VOIDED) == made_of.voided


@given(made_of=parts)
def test_a_status_of_shipped_goods_needs_an_authorised_shipment(made_of):
    status = derive_status(made_of)

    assert status not in SHIPPED_ALREADY or made_of.ship is DONE


@given(steps=st.lists(st.sampled_from(["more", "skip"]), min_size=14, max_size=14), backordered=st.booleans())
def test_a_sale_that_moves_on_never_falls_back_in_its_status(steps, backordered):
    way = [
        {"quote": DRAFT}, {"quote": DONE}, {"order": DRAFT}, {"order": DONE}, {"pick": DRAFT}, {"pick": DONE},
        {"pack": DRAFT}, {"pack": DONE}, {"ship": DRAFT}, {"ship": DONE}, {"invoice": DRAFT},
        {"invoice": DONE, "balance": OWED}, {"invoice": PAID, "balance": Decimal(1)}, {"balance": Decimal(0)},
    ]  # fmt: skip
    ranks = {status: rank for rank, status in enumerate(SaleStatus)}
    ranks[SaleStatus.BACKORDERED] = ranks[SaleStatus.ORDERED]
    made_of: dict[str, object] = {"backordered": backordered}
    seen = []

    for step, change in zip(steps, way, strict=True):
        made_of |= change
        if step == "more" and (status := derive_status(SaleParts.model_validate(made_of))):
            seen.append(ranks[status])

    assert seen == sorted(seen)


# --- the parts of a sale that was read ---------------------------------------------------------------------------


def invoice(number="INV-1", status=DONE, *, of="1", total="20", paid="0"):
    return Invoice(
        task_id=f"task-{number}", number=number, status=status, memo="", linked_fulfilment=of,
        total=Decimal(total), paid=Decimal(paid),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        ("DRAFT", {"order_status": "NOT AVAILABLE"}),
        ("ESTIMATING", {"order_status": "", "quote_status": "DRAFT"}),
        ("ORDERING", {"order_status": "DRAFT"}),
        ("VOIDED", {"order_status": "VOIDED"}),
        ("ORDERED", {"order_status": "AUTH_NO_ALLOC"}),
        ("ORDERED", {}),
        ("BACKORDERED", {"lines": (sale_line(), sale_line(backordered=Decimal(1)))}),
        ("PICKED", {"fulfilments": (fulfilment(1, pick=DONE),)}),
        ("PICKED", {"fulfilments": (fulfilment(1, pick=StageStatus.VOIDED), fulfilment(2, pick=DONE))}),
    ],
)
def test_the_status_of_a_sale_follows_from_what_was_read_of_it(status, changes):
    assert derive_status(parts_of(sale(**changes), None)) == status


def test_each_fulfilment_of_an_advanced_sale_has_the_status_of_its_own_stages_and_invoices():
    fulfilments = (
        fulfilment(1, pick=DONE, pack=DONE, ship=DONE),
        fulfilment(2, pick=DONE, pack=DONE, ship=DONE, linked_invoice="INV-2"),
        fulfilment(3, pick=DONE),
        fulfilment(4),
    )
    invoices = (invoice("INV-1", paid="20", status=PAID), invoice("INV-2", of=None), invoice("INV-0", DRAFT, of=None))

    of = sale(type=ADVANCED, fulfilments=fulfilments, invoices=invoices)

    assert [status_of_fulfilment(of, each) for each in fulfilments] == ["COMPLETED", "INVOICED", "PICKED", "ORDERED"]
    assert derive_status(parts_of(of, None)) == "ORDERED"


def test_a_credit_note_counts_where_something_is_owed():
    shipped = fulfilment(1, pick=DONE, pack=DONE, ship=DONE)
    of = sale(fulfilments=(shipped,), invoices=(invoice(),), credit_notes=(CreditNote(status=DONE),))

    assert derive_status(parts_of(of, None)) == "CREDITED"


# --- which sales a set takes in ----------------------------------------------------------------------------------


def matching(**changes):
    return {status for status in SaleStatus if row_matches(row(**changes), {status})}


def test_a_simple_row_is_matched_by_its_status_alone():
    assert matching(status="PICKED", picking="PARTIALLY PICKED", packing="PACKED") == {"PICKED"}


@pytest.mark.parametrize("status", ["", "A NEW STATUS"])
def test_a_row_whose_status_says_nothing_is_matched_by_its_other_columns(status):
    assert matching(status=status) == {"ORDERED", "BACKORDERED"}
    assert matching(status=status, picking="PICKED", packing="NOT PACKED") == {"PICKED"}
    assert matching(status=status, order_status="DRAFT") == {"ORDERING"}
    assert matching(status=status, order_status="NOT AVAILABLE", quote_status="AUTHORISED") == {"ESTIMATED"}
    assert matching(status=status, order_status="ANOTHER NEW WORD") == set()
    assert matching(status=status, type=ADVANCED, picking="PICKED", packing="PACKED", shipping="NOT SHIPPED") == {
        "ORDERED", "BACKORDERED", "PACKED",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("picking", "packing", "shipping", "invoicing", "statuses"),
    [
        ("NOT PICKED", "NOT PACKED", "NOT SHIPPED", "NOT INVOICED", set()),
        ("PICKING", "NOT PACKED", "NOT SHIPPED", "NOT INVOICED", {"PICKING"}),
        ("PARTIALLY PICKED", "NOT PACKED", "NOT SHIPPED", "NOT INVOICED", {"PICKING", "PICKED"}),
        ("PICKED", "NOT AVAILABLE", "", "", {"PICKED"}),
        ("PICKED", "PACKING", "NOT SHIPPED", "NOT INVOICED", {"PICKED", "PACKING"}),
        ("PICKED", "PARTIALLY PACKED", "NOT SHIPPED", "NOT INVOICED", {"PICKED", "PACKING", "PACKED"}),
        ("PICKED", "PACKED", "NOT SHIPPED", "DRAFT", {"PACKED"}),
        ("PICKED", "PACKED", "SHIPPING", "DRAFT", {"PACKED", "SHIPPING"}),
        ("PICKED", "PACKED", "PARTIALLY SHIPPED", "NOT INVOICED", {"PACKED", "SHIPPING"}),
        ("PICKED", "PACKED", "PARTIALLY SHIPPED", "DRAFT", {"PACKED", "SHIPPING", "INVOICING"}),
        ("PICKED", "PACKED", "SHIPPED", "PARTIALLY INVOICED", {"INVOICING", "INVOICED"}),
        ("PICKED", "PACKED", "SHIPPED", "INVOICED", {"INVOICED"}),
    ],
)
def test_an_advanced_row_is_matched_by_its_combined_statuses_too(picking, packing, shipping, invoicing, statuses):
    combined = {"picking": picking, "packing": packing, "shipping": shipping, "invoicing": invoicing}

    assert matching(type=ADVANCED, **combined) == {"ORDERED"} | statuses


def test_an_advanced_row_with_a_credit_note_is_matched_by_it():
    assert "CREDITED" in matching(type=ADVANCED, credit_note_status="AUTHORISED", invoicing="INVOICED")
    assert "CREDITED" not in matching(type=ADVANCED, credit_note_status="DRAFT", invoicing="INVOICED")


@given(
    kind=st.sampled_from(SaleType),
    columns=st.fixed_dictionaries(
        dict.fromkeys(("order_status", "picking", "packing", "shipping", "invoicing", "quote_status"), words)
    ),
    status=words | st.sampled_from(SaleStatus),
    wanted=st.frozensets(st.sampled_from(SaleStatus)),
)
def test_no_row_breaks_the_matching_and_a_wider_set_takes_in_more(kind, columns, status, wanted):
    listed = row(type=kind, status=str(status), **columns)

    assert not row_matches(listed, frozenset())
    assert row_matches(listed, wanted) <= row_matches(listed, wanted | {SaleStatus.PICKED})
    if status in set(SaleStatus):
        assert row_matches(listed, frozenset(SaleStatus))


STAGES = [
    (NEVER, NEVER, NEVER), (DRAFT, NEVER, NEVER), (DONE, NEVER, NEVER), (DONE, DRAFT, NEVER),
    (DONE, DONE, NEVER), (DONE, DONE, DRAFT), (DONE, DONE, DONE),
]  # fmt: skip


def combined(stages, verb):
    """The combined word as DEAR makes it of the fulfilments' stages, when all units stand in one of them."""
    if all(stage is DONE for stage in stages):
        return f"{verb}ED"
    if any(stage is DONE for stage in stages):
        return f"PARTIALLY {verb}ED"
    return f"{verb}ING" if DRAFT in stages else f"NOT {verb}ED"


@given(
    stages=st.lists(st.sampled_from(STAGES), min_size=1, max_size=4),
    wanted=st.frozensets(st.sampled_from(sorted(SIMPLE_ONLY)), min_size=1),
)
def test_no_row_is_passed_over_that_holds_a_fulfilment_in_scope(stages, wanted):
    fulfilments = tuple(
        fulfilment(number, pick=pick, pack=pack, ship=ship) for number, (pick, pack, ship) in enumerate(stages, start=1)
    )
    pick, pack, ship = zip(*stages, strict=True)
    listed = row(
        type=ADVANCED, picking=combined(pick, "PICK"), packing=combined(pack, "PACK"), shipping=combined(ship, "SHIPP"),
    )  # fmt: skip

    taken = fulfilments_in_scope(sale(type=ADVANCED, fulfilments=fulfilments), wanted)

    assert taken is not None
    assert not taken or row_matches(listed, wanted)


def test_of_an_advanced_sale_the_fulfilments_in_the_wanted_stages_are_taken():
    picked_one, open_one = fulfilment(1, picked(), pick=DONE), fulfilment(2)
    gone = fulfilment(3, picked(), pick=DONE, pack=StageStatus.VOIDED)
    of = sale(type=ADVANCED, fulfilments=(picked_one, open_one, gone))

    assert fulfilments_in_scope(of, {SaleStatus.PICKED}) == (picked_one,)
    assert fulfilments_in_scope(of, {SaleStatus.PACKED}) == ()
    assert fulfilments_in_scope(of, {SaleStatus.PICKED, SaleStatus.ORDERED}) is None, "its own status is wanted"
    assert fulfilments_in_scope(sale(), {SaleStatus.PICKED}) is None, "a simple sale is matched by its row"


def test_a_fulfilment_that_has_an_order_stays_in_scope_when_its_stage_moves_on():
    packed, fresh = fulfilment(1, picked(), pick=DONE, pack=DONE), fulfilment(2, picked(), pick=DONE)
    of = sale(type=ADVANCED, fulfilments=(packed, fresh))

    assert fulfilments_in_scope(of, {SaleStatus.PICKED}, promised={"task-1"}) == (packed, fresh)


def test_an_advanced_sale_with_a_status_that_nobody_knows_is_taken_by_its_parts():
    of = sale(type=ADVANCED, status="", fulfilments=(fulfilment(1, pick=DONE),))

    assert fulfilments_in_scope(of, {SaleStatus.ORDERED}) is None


# --- what a set means --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"PICKED"}, "PICKED: given by DEAR to simple sales only. Advanced sales are matched by their combined"),
        ({"PICKED", "PACKED", "ORDERED"}, "one that is ORDERED is loaded whole"),
        ({"PICKED", "BACKORDERED", "ORDERED"}, "every open advanced sale is loaded"),
        ({"DRAFT", "ORDERED", "ORDERING"}, "DRAFT, ORDERING: the order is not authorised"),
        ({"COMPLETED", "ORDERED"}, "COMPLETED: given by DEAR once the goods have left"),
        ({"VOIDED", "ORDERED"}, "VOIDED: a voided sale is never loaded"),
        ({"ORDERED"}, "ORDERED without BACKORDERED"),
        ({"BACKORDERED"}, "BACKORDERED without ORDERED"),
        ({"DRAFT", "VOIDED", "INVOICED"}, "no sale will ever be loaded"),
    ],
)
def test_a_set_is_warned_of_for_what_its_names_do_not_say(wanted, says):
    assert any(says in warning for warning in warnings_for({SaleStatus(status) for status in wanted}))


def test_the_plain_choice_is_not_warned_of():
    assert warnings_for({SaleStatus.ORDERED, SaleStatus.BACKORDERED}) == ()


@given(wanted=st.frozensets(st.sampled_from(SaleStatus), min_size=1))
def test_every_status_that_is_not_plain_is_named_in_a_warning(wanted):
    told = " ".join(warnings_for(wanted))

    for status in wanted & (SIMPLE_ONLY | NOT_AUTHORISED_YET | SHIPPED_ALREADY | {SaleStatus.VOIDED}):
        assert status in told
