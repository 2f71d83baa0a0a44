"""The auditor on ledgers made by hand: what is as it must be passes, and each broken promise is found."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from simulation.auditor import audit
from simulation.books import Books, Entered

SALE, TASK = "11111111-aaaa-bbbb-cccc-000000000001", 1


def at(minute: float) -> str:
    return f"2026-03-02T08:{int(minute):02}:{int(minute % 1 * 60):02}.000000Z"


def lines(*units: tuple[str, float]) -> list[dict[str, Any]]:
    return [{"SKU": sku, "Quantity": count} for sku, count in units]


def order(minute: float, order_id: str = "WO-1", number: str = "SO-1", units: str = "2", **more: Any) -> dict[str, Any]:
    body = {"lines": [{"line_id": "1", "sku": "MUG", "quantity": units}]}
    keys = {"order_id": order_id, "reference": number, "order_number": number, "sale_id": SALE}
    return {"at": at(minute), "kind": "order_created", **keys, "body": body, **more}


def shipment(minute: float, units: str = "2", label: str = "T1", **more: Any) -> list[dict[str, Any]]:
    parcel = {"tracking_number": label, "lines": [{"line_id": "1", "sku": "MUG", "quantity": units}]}
    keys = {"order_id": "WO-1", "order_number": "SO-1", "sale_id": SALE, "shipment_id": "S1", "revision": 1}
    entry = {
        "at": at(minute), "kind": "shipped", **keys, "lines": [{"line_id": "1", "sku": "MUG", "quantity": "2"}],
        "body": {"final": True, "parcels": [parcel]}, **more,
    }  # fmt: skip
    change = {"sku": "MUG", "warehouse": "MAIN", "lot": None, "change": f"-{units}"}
    stock = {"at": at(minute), "kind": "stock_changed", "because": "shipment", "shipment_id": "S1", "body": [change]}
    return [entry, stock]


def stage(minute: float, kind: str, units: float = 2, **more: Any) -> dict[str, Any]:
    keys = {"sale_id": SALE, "order_number": "SO-1", "task_id": SALE, "fulfilment_number": TASK}
    label = [{"TrackingNumber": "T1"}] if kind == "ship" else []
    return {
        "at": at(minute), "kind": kind, "by": "api", **keys, "status": "AUTHORISED", "body": {"Lines": label},
        "lines": lines(("MUG", units)), **more,
    }  # fmt: skip


def invoice(minute: float, units: float = 2, **more: Any) -> dict[str, Any]:
    made = stage(minute, "invoice", units, charges=[], total=20)
    return {**made, "fulfilment_number": None, **more}


def counted(units: str = "10") -> dict[str, Any]:
    row = {"sku": "MUG", "warehouse": "MAIN", "on_hand": units}
    return {"at": at(0), "kind": "stock_changed", "because": "counted", "body": [row]}


def adjustment(minute: float, after: float, before: float = 1) -> dict[str, Any]:
    line = {"sku": "MUG", "location": "Main Warehouse", "on_hand_before": before, "on_hand_after": after}
    return {
        "at": at(minute), "kind": "stock_adjustment", "by": "api", "reference": "Crossdock main 1", "lines": [line],
        "body": {"Lines": []},
    }  # fmt: skip


def sale() -> dict[str, Any]:
    return {
        "ID": SALE,
        "Order": {"SaleOrderNumber": "SO-1", "Lines": lines(("MUG", 2)), "AdditionalCharges": [], "Total": 20},
        "Fulfilments": [
            {
                "FulfillmentNumber": TASK,
                "Pick": {"Status": "AUTHORISED"},
                "Pack": {"Lines": lines(("MUG", 2))},
                "Ship": {"Status": "AUTHORISED", "Lines": [{"TrackingNumber": "T1"}]},
            }
        ],
        "Invoices": [{"Status": "DRAFT", "Lines": lines(("MUG", 2)), "Total": 20}],
    }


def books(**changes: Any) -> Books:
    """One sale of two mugs that went all the way."""
    fields: dict[str, Any] = {
        "entered": (Entered("SO-1", "done", (("MUG", Decimal(2), False),)),),
        "sales": (sale(),),
        "dear": (*(stage(place, kind) for place, kind in ((11, "pick"), (12, "pack"), (13, "ship"))), invoice(14)),
        "calls": tuple({"at": at(place), "path": "/ExternalApi/v2/sale"} for place in range(10)),
        "dear_stock": ({"SKU": "MUG", "Location": "Main Warehouse", "OnHand": 8},),
        "warehouse": (counted(), order(5), *shipment(10)),
        "reports": lambda _: [("loaded", "became SO-1"), ("invoiced", "done")],
    }
    return Books(**{**fields, **changes})


def promises(**changes: Any) -> set[int]:
    return {violation.promise for violation in audit(books(**changes))}


def test_books_that_are_as_they_must_be_pass() -> None:
    assert audit(books()) == []


def test_a_sale_that_no_report_knows_breaks_the_first_promise() -> None:
    assert 1 in promises(reports=lambda _: [])


def test_a_sale_that_never_left_breaks_the_first_promise() -> None:
    assert 1 in promises(warehouse=(counted("8"), order(5)), dear=())


def test_a_part_that_never_left_breaks_the_first_promise() -> None:
    (gone, stock) = shipment(10, units="1")
    gone["body"]["final"] = False
    gone["lines"] = [{"line_id": "1", "sku": "MUG", "quantity": "1"}]

    assert 1 in promises(warehouse=(counted(), order(5), gone, stock))


def test_a_sale_that_should_have_stopped_and_came_to_the_warehouse_breaks_the_first_promise() -> None:
    assert 1 in promises(entered=(Entered("SO-1", "stopped", (("MUG", Decimal(2), False),)),))


def test_a_sale_that_leaves_long_after_it_was_voided_breaks_the_first_promise() -> None:
    void = {**stage(6, "sale_void"), "by": "user"}
    late = (counted(), order(5), *shipment(45))

    assert 1 in promises(dear=(void,), warehouse=late, settled=False)
    assert 1 not in promises(
        dear=(void,), warehouse=(*late[:2], order(20, kind="order_started"), *late[2:]), settled=False
    )


def test_two_live_orders_of_a_fulfilment_break_the_second_promise() -> None:
    assert 2 in promises(warehouse=(counted(), order(5), order(6, "WO-2"), *shipment(10)))


def test_an_order_in_place_of_a_cancelled_one_is_right() -> None:
    cancelled = order(6, kind="order_cancelled", reason="sent anew")

    assert 2 not in promises(warehouse=(counted(), order(5), cancelled, order(7, "WO-2"), *shipment(10)))


def test_orders_for_more_than_was_ordered_break_the_second_promise() -> None:
    assert 2 in promises(warehouse=(counted(), order(5, units="3"), *shipment(10)))


@pytest.mark.parametrize("kind", ["pick", "pack"])
def test_more_in_dear_than_has_left_breaks_the_third_promise(kind: str) -> None:
    assert 3 in promises(dear=(stage(11, kind, 3), stage(12, "pack"), stage(13, "ship"), invoice(14)))


def test_a_stage_written_twice_breaks_the_third_promise() -> None:
    assert 3 in promises(
        dear=(stage(11, "pick"), stage(12, "pack"), stage(12.5, "pack"), stage(13, "ship"), invoice(14))
    )


def test_a_pick_before_anything_left_breaks_the_third_promise() -> None:
    assert 3 in promises(dear=(stage(9, "pick"), stage(12, "pack"), stage(13, "ship"), invoice(14)))


def test_a_shipment_that_dear_does_not_have_breaks_the_third_promise() -> None:
    unshipped = sale()
    unshipped["Fulfilments"][0]["Ship"]["Status"] = "NOT AVAILABLE"

    assert 3 in promises(sales=(unshipped,))


def test_another_tracking_number_breaks_the_third_promise() -> None:
    mislabelled = sale()
    mislabelled["Fulfilments"][0]["Ship"]["Lines"][0]["TrackingNumber"] = "T9"

    assert 3 in promises(sales=(mislabelled,))


def test_goods_on_another_fulfilment_break_the_third_promise() -> None:
    (gone, stock) = shipment(10)
    orders = (order(5, number="SO-1.1"), order(5, "WO-2", "SO-1.2"))
    warehouse = (counted(), *orders, {**gone, "order_number": "SO-1.1"}, stock)
    dear = tuple({**stage(at, kind), "fulfilment_number": 2} for at, kind in ((11, "pick"), (12, "pack"), (13, "ship")))

    assert 3 in promises(warehouse=warehouse, dear=(*dear, invoice(14)))


def test_two_invoices_of_a_fulfilment_break_the_fourth_promise() -> None:
    assert 4 in promises(dear=(*books().dear, invoice(15)))


def test_an_invoice_above_what_left_breaks_the_fourth_promise() -> None:
    assert 4 in promises(dear=(*books().dear[:-1], invoice(14, 3)))


def test_a_shipment_without_an_invoice_breaks_the_fourth_promise() -> None:
    unbilled = sale()
    unbilled["Invoices"] = []

    assert 4 in promises(sales=(unbilled,), dear=books().dear[:-1])
    assert 4 not in promises(sales=(unbilled,), dear=books().dear[:-1], invoicing=False)


def test_another_price_than_the_sales_breaks_the_fourth_promise() -> None:
    dear = sale()
    dear["Invoices"][0]["Total"] = 18

    assert 4 in promises(sales=(dear,))


def test_a_charge_that_stands_twice_breaks_the_fourth_promise() -> None:
    charged = sale()
    charged["Order"]["AdditionalCharges"] = [{"Description": "Shipping"}]
    invoices = [invoice(14, 1, fulfilment_number=number, charges=[{"Description": "Shipping"}]) for number in (1, 2)]

    assert 4 in promises(sales=(charged,), dear=(*books().dear[:-1], *invoices))


def test_an_adjustment_that_says_what_is_true_is_right() -> None:
    assert promises(dear=(adjustment(5, 10), *books().dear)) == set()


def test_what_several_fulfilments_picked_is_added_up() -> None:
    picks = (stage(11, "pick", 1), stage(11.2, "pick", 1, fulfilment_number=2))
    between = adjustment(20, 8, before=7)

    assert 5 not in promises(dear=(*picks, *books().dear[1:], between), warehouse=long_ago())
    assert 5 in promises(
        dear=(*picks, *books().dear[1:], {**between, "lines": [{**between["lines"][0], "on_hand_after": 9}]}),
        warehouse=long_ago(),
    )


def long_ago() -> tuple[dict[str, Any], ...]:
    return (counted_long_ago(), order(5), *shipment(10))


def test_an_adjustment_that_takes_a_shipment_off_twice_breaks_the_fifth_promise() -> None:
    between = adjustment(10.5, 8, before=10)

    assert 5 in promises(dear=(between, *books().dear), warehouse=(counted_long_ago(), order(5), *shipment(10)))


def counted_long_ago() -> dict[str, Any]:
    return {**counted(), "at": "2026-03-02T04:00:00.000000Z"}


def test_an_adjustment_that_empties_a_shelf_that_is_not_empty_breaks_the_fifth_promise() -> None:
    partial = adjustment(5, 0, before=10)

    assert 5 in promises(dear=(partial, *books().dear), warehouse=(counted_long_ago(), order(5), *shipment(10)))


def test_an_adjustment_applied_twice_breaks_the_fifth_promise() -> None:
    assert 5 in promises(dear=(adjustment(5, 10), adjustment(5.2, 10), *books().dear))


def test_stock_that_differs_in_the_end_breaks_the_fifth_promise() -> None:
    assert 5 in promises(dear_stock=({"SKU": "MUG", "Location": "Main Warehouse", "OnHand": 6},))


def test_a_stop_without_a_reason_breaks_the_sixth_promise() -> None:
    assert 6 in promises(reports=lambda _: [("loaded", "became SO-1"), ("held", " ")])


def test_a_sale_that_should_be_stopped_and_is_not_breaks_the_sixth_promise() -> None:
    entered = (Entered("SO-1", "stopped", (("MUG", Decimal(2), False),)),)

    assert 6 in promises(entered=entered, warehouse=(counted(),), dear=())


def test_a_sixty_first_call_in_a_minute_breaks_the_seventh_promise() -> None:
    calls = tuple({"at": f"2026-03-02T09:00:{second:02}.500000Z", "path": "/sale"} for second in range(60))
    one_more = {"at": "2026-03-02T09:01:00.400000Z", "path": "/sale"}

    assert 7 not in promises(calls=calls)
    assert 7 in promises(calls=(*calls, one_more))


def test_a_customers_name_in_a_log_breaks_the_ninth_promise() -> None:
    said = ("item in trouble {'subject': 'Zephyrine Quillfeather'}",)

    assert 9 in promises(said=said, secrets=("Zephyrine Quillfeather",))


def test_a_sale_that_a_person_worked_on_may_stop_with_a_reason_but_not_silently() -> None:
    edited = (*books().dear[:-1], {**stage(3, "sale_edit"), "by": "user", "body": {}})
    unshipped = deepcopy(sale())
    unshipped["Fulfilments"] = []
    stopped = {"sales": (unshipped,), "dear": edited}

    assert promises(**stopped, reports=lambda _: [("loaded", "became SO-1"), ("held", "it was changed")]) == set()
    assert 3 in promises(**stopped)


def test_what_left_may_wait_in_dear_only_for_an_order_that_the_warehouse_dropped() -> None:
    waiting = sale()
    begun = {"Status": "DRAFT", "Lines": []}
    waiting["Fulfilments"] = [{"FulfillmentNumber": 2, "Pick": begun, "Pack": begun, "Ship": begun}]
    dropped = order(6, "WO-2", "SO-1.2", kind="order_cancelled", reason="no goods")
    by_us = {**dropped, "reason": "the sale was voided in DEAR"}
    edited = (*books().dear[:-1], {**stage(3, "sale_edit"), "by": "user", "body": {}})

    assert 3 not in promises(sales=(waiting,), dear=edited, warehouse=(order(5), dropped, *shipment(10)))
    assert 3 in promises(sales=(waiting,), dear=edited, warehouse=(order(5), by_us, *shipment(10)))
