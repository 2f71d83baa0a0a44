"""The adapter against a DEAR that keeps state: whole ways through a sale, adjustments, and everything that breaks."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import requests

from crossdock.dear.client import DearClient
from crossdock.dear.transport import Transport
from crossdock.domain.errors import (
    Conflict,
    Interrupted,
    NotFound,
    Outcome,
    OutsideError,
    Refused,
    Throttled,
    Unauthorised,
)
from crossdock.domain.inventory import Adjustment, AdjustmentLine
from crossdock.domain.invoicing import NEW_TASK, InvoiceDraft, InvoiceLine
from crossdock.domain.sale import SaleType, ShipLine, StageLine, StageStatus
from sandbox.clock import SystemClock
from sandbox.dear.app import create_app
from sandbox.documents import Documents
from sandbox.serving import Server

ACCOUNT, KEY = "0f3c8d0a-1111-4222-8333-444455556666", "7b1f0c2e-9999-4888-8777-666655554444"
READ_TIMEOUT = 0.25
SEED = {
    "products": [{"sku": "MUG", "price": 12.5}, {"sku": "TEA", "price": 4.2}],
    "stock": [{"sku": "MUG", "on_hand": 50}, {"sku": "TEA", "on_hand": 80}],
}


class World:
    """A sandbox with its control plane, and the adapter in front of it."""

    def __init__(self, url, session, budget):
        self.url, self._session = url, session
        self.transport = self.with_key(KEY, budget)
        self.dear = DearClient(self.transport)

    def with_key(self, key, budget):
        base = f"{self.url}/ExternalApi/v2"
        return Transport(base, ACCOUNT, key, budget, session=self._session, timeout=(2, READ_TIMEOUT))

    def control(self, path, body=None):
        if body is None:
            return self._session.get(f"{self.url}/_control/{path}", timeout=5).json()
        answer = self._session.post(f"{self.url}/_control/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def sale(self, **spec):
        """A seeded sale of 3 mugs and 5 teas, read through the adapter."""
        lines = [{"sku": "MUG", "quantity": 3}, {"sku": "TEA", "quantity": 5, "discount": 10}]
        seeded = self.control("seed", {"sales": [{"lines": lines, **spec}]})
        return self.dear.read_sale(seeded["sales"][0]["sale_id"])

    def shown(self, sale):
        return self.control(f"sales/{sale.order_number}")


@pytest.fixture
def world(budget):
    app = create_app(Documents(), SystemClock(), account_id=ACCOUNT, api_key=KEY, calls_per_minute=None)
    with Server(app) as server, requests.Session() as session:
        made = World(server.url, session, budget)
        made.control("seed", SEED)
        yield made


def stage_lines(sale, quantities, box=None):
    by_sku = {line.sku: line for line in sale.lines}
    return tuple(
        StageLine(
            product_id=by_sku[sku].product_id,
            sku=sku,
            name=by_sku[sku].name,
            quantity=Decimal(quantity),
            location=sale.location,
            box=box,
        )
        for sku, quantity in quantities.items()
    )


def ship_line(*boxes, tracking="1Z1"):
    return ShipLine(shipped_on=date(2026, 5, 4), carrier="Fast Freight", boxes=boxes, tracking_number=tracking)


def invoice_of(sale, quantities, *, task_id, linked=None, authorise=True, charges=()):
    by_sku = {line.sku: line for line in sale.lines}
    lines = []
    for sku, quantity in quantities.items():
        line = by_sku[sku]
        lines.append(
            InvoiceLine(
                product_id=line.product_id,
                sku=sku,
                name=line.name,
                quantity=Decimal(quantity),
                price=line.price,
                discount=line.discount,
                tax=line.tax * quantity / line.quantity,
                total=line.total * quantity / line.quantity,
                tax_rule=line.tax_rule,
            )
        )
    return InvoiceDraft(
        sale_id=sale.sale_id,
        task_id=task_id,
        memo=f"Crossdock {sale.order_number}.{linked or ''}",
        authorise=authorise,
        invoice_date=date(2026, 5, 4),
        due_date=date(2026, 6, 3),
        linked_fulfilment=linked,
        currency_rate=sale.currency_rate,
        bill_line1=sale.bill_to.display[0],
        bill_line2=sale.bill_to.display[1],
        lines=tuple(lines),
        charges=charges,
    )


def test_a_simple_sale_goes_from_the_list_to_its_invoice_in_five_calls(world):
    world.control("seed", {"sales": [{"lines": [{"sku": "MUG", "quantity": 3}], "ship_by": "2026-05-30"}]})
    dear = world.dear
    (row,) = dear.list_sales(page=1, updated_since=None).rows
    before = dear.calls_made()

    sale = dear.read_sale(row.sale_id)
    dear.pick(sale.sale_id, stage_lines(sale, {"MUG": 3}))
    dear.pack(sale.sale_id, stage_lines(sale, {"MUG": 3}, box="P1"))
    dear.ship(sale.sale_id, [ship_line("P1")])
    made = dear.create_invoice(invoice_of(sale, {"MUG": 3}, task_id=sale.sale_id))

    assert dear.calls_made() - before == 5
    assert (row.type, row.status, row.updated) == (SaleType.SIMPLE, "ORDERED", sale.updated)
    assert (made.status, made.memo) == (StageStatus.AUTHORISED, f"Crossdock {sale.order_number}.")
    after = dear.read_sale(sale.sale_id)
    (task,) = after.fulfilments
    assert (task.pick, task.pack, task.ship) == (StageStatus.AUTHORISED,) * 3
    assert task.ship_lines == (ship_line("P1"),)
    assert [invoice.number for invoice in after.invoices] == [made.number]
    assert after.updated != sale.updated


def test_confirming_changes_neither_the_address_nor_the_required_date_nor_the_customers(world):
    sale = world.sale(ship_by="2026-05-30")
    customers = world.control("customers")

    world.dear.pick(sale.sale_id, stage_lines(sale, {"MUG": 3, "TEA": 5}))
    world.dear.pack(sale.sale_id, stage_lines(sale, {"MUG": 3, "TEA": 5}, box="P1"))
    world.dear.ship(sale.sale_id, [ship_line("P1")])

    after = world.dear.read_sale(sale.sale_id)
    assert (after.ship_by, after.ship_to, after.type) == (date(2026, 5, 30), sale.ship_to, SaleType.SIMPLE)
    assert world.control("customers") == customers


def test_an_advanced_sale_ships_in_two_fulfilments_each_with_its_invoice(world):
    dear = world.dear
    sale = world.sale(type="Advanced")
    (first,) = sale.fulfilments

    dear.pick(first.task_id, stage_lines(sale, {"MUG": 2, "TEA": 5}))
    packed = (*stage_lines(sale, {"MUG": 2}, box="P1"), *stage_lines(sale, {"TEA": 5}, box="P2"))
    dear.pack(first.task_id, packed)
    dear.ship(first.task_id, [ship_line("P1"), ship_line("P2", tracking="1Z2")])
    second = dear.add_fulfilment(sale.sale_id)[-1]
    dear.pick(second.task_id, stage_lines(sale, {"MUG": 1}))
    dear.pack(second.task_id, stage_lines(sale, {"MUG": 1}, box="P3"))
    dear.ship(second.task_id, [ship_line("P3", tracking="1Z3")])
    dear.create_invoice(invoice_of(sale, {"MUG": 2, "TEA": 5}, task_id=NEW_TASK, linked="1"))
    dear.create_invoice(invoice_of(sale, {"MUG": 1}, task_id=NEW_TASK, linked="2", authorise=False))

    one, two = dear.read_fulfilments(sale.sale_id)
    assert (one.number, two.number, two.task_id) == (1, 2, second.task_id)
    assert one.pack_lines == packed
    assert [line.tracking_number for line in one.ship_lines] == ["1Z1", "1Z2"]
    invoices = dear.read_invoices(sale.sale_id)
    assert [(each.linked_fulfilment, each.status) for each in invoices] == [
        ("1", StageStatus.AUTHORISED),
        ("2", StageStatus.DRAFT),
    ]
    assert [one.linked_invoice, two.linked_invoice] == [each.number for each in invoices]


def test_charges_and_money_go_through_to_the_last_digit(world):
    sale = world.sale(charges=[{"description": "Freight", "price": 7.77}])

    made = world.dear.create_invoice(invoice_of(sale, {"MUG": 3, "TEA": 5}, task_id=sale.sale_id, charges=sale.charges))

    assert [line.total for line in sale.lines] == [Decimal("37.5"), Decimal("18.9")]
    assert made.number
    assert world.dear.read_sale(sale.sale_id).invoices[0].total == sale.total


def test_what_is_authorised_already_is_a_conflict_at_every_stage(world):
    sale = world.sale()
    everything = {"MUG": 3, "TEA": 5}
    draft = invoice_of(sale, everything, task_id=sale.sale_id)
    writes = (
        lambda: world.dear.pick(sale.sale_id, stage_lines(sale, everything)),
        lambda: world.dear.pack(sale.sale_id, stage_lines(sale, everything, box="P1")),
        lambda: world.dear.ship(sale.sale_id, [ship_line("P1")]),
        lambda: world.dear.create_invoice(draft),
    )

    for write in writes:
        write()
        with pytest.raises(Conflict):
            write()


def test_a_stage_out_of_its_turn_is_refused_and_no_conflict(world):
    sale = world.sale()

    with pytest.raises(Refused) as caught:
        world.dear.pack(sale.sale_id, stage_lines(sale, {"MUG": 3}, box="P1"))

    assert not isinstance(caught.value, Conflict)


def test_a_fulfilment_is_not_added_beside_an_open_one(world):
    sale = world.sale(type="Advanced")

    with pytest.raises(Conflict):
        world.dear.add_fulfilment(sale.sale_id)


def test_a_draft_pack_is_replaced_and_not_added_to(world):
    sale = world.sale()
    everything = {"MUG": 3, "TEA": 5}
    world.dear.pick(sale.sale_id, stage_lines(sale, everything))
    world.control(f"sales/{sale.order_number}/pack", {"status": "DRAFT"})

    world.dear.pack(sale.sale_id, stage_lines(sale, everything, box="P9"), replace=True)

    (task,) = world.dear.read_fulfilments(sale.sale_id)
    assert task.pack_lines == stage_lines(sale, everything, box="P9")


def test_only_what_changed_since_is_listed(world):
    sale = world.sale()
    changed = datetime.fromisoformat(sale.updated)

    before = world.dear.list_sales(page=1, updated_since=changed - timedelta(seconds=1))
    after = world.dear.list_sales(page=1, updated_since=changed + timedelta(seconds=1))

    assert [row.sale_id for row in before.rows] == [sale.sale_id]
    assert (after.rows, after.more) == ((), False)


def test_a_sale_or_task_that_is_not_there(world):
    nobody = "99999999-9999-4999-8999-999999999999"

    with pytest.raises(NotFound):
        world.dear.read_sale(nobody)
    with pytest.raises(Refused):
        world.dear.pick(nobody, ())


def adjustment(quantity, *, sku="MUG", marker="Crossdock stock 1", set_on_hand=True):
    line = AdjustmentLine(
        sku=sku, location="Main Warehouse", quantity=quantity, before=50, unit_cost=1, why="the warehouse counted"
    )
    return Adjustment(
        marker=marker,
        account="403",
        effective_on=datetime(2026, 5, 4, 10, tzinfo=UTC),
        set_on_hand=set_on_hand,
        lines=(line,),
    )


def test_an_adjustment_sets_stock_and_is_found_by_its_marker(world):
    assert not world.dear.find_adjustment("Crossdock stock 1")

    world.dear.adjust_stock(adjustment(43))
    world.dear.adjust_stock(adjustment(43, marker="Crossdock stock 2"))

    rows = {row.sku: row.on_hand for row in world.dear.availability("Main Warehouse")}
    assert rows == {"MUG": 43, "TEA": 80}
    assert world.dear.find_adjustment("Crossdock stock 1")
    assert not world.dear.find_adjustment("Crossdock stock 2")


@pytest.mark.parametrize(("set_on_hand", "on_hand"), [(True, 40), (False, 43)])
def test_an_adjustment_sets_what_is_on_hand_or_what_is_available(world, set_on_hand, on_hand):
    world.sale()

    world.dear.adjust_stock(adjustment(40, set_on_hand=set_on_hand))

    (row,) = (row for row in world.dear.availability("Main Warehouse") if row.sku == "MUG")
    assert (row.on_hand, row.allocated, row.available) == (on_hand, 3, on_hand - 3)


def test_an_unknown_product_in_an_adjustment_is_refused(world):
    with pytest.raises(Refused, match="reference book"):
        world.dear.adjust_stock(adjustment(1, sku="NOPE"))


def test_the_reference_books(world):
    assert world.dear.company()
    assert "Main Warehouse" in world.dear.locations().values()
    assert "403" in world.dear.account_codes()
    assert world.sale().lines[0].tax_rule in world.dear.tax_rules()


@pytest.mark.parametrize("form", ["429", "429-bare", "503-text", "400-array"])
@pytest.mark.parametrize(
    "call", [lambda dear: dear.company(), lambda dear: dear.adjust_stock(adjustment(49))], ids=["read", "write"]
)
def test_the_call_limit_is_known_in_every_form(world, budget, form, call):
    world.control("settings", {"calls_per_minute": 1, "throttle_form": form})
    world.dear.company()

    with pytest.raises(Throttled) as caught:
        call(world.dear)

    assert caught.value.outcome is Outcome.NOT_APPLIED
    assert budget.pauses == [60]


@pytest.mark.parametrize("error_shape", ["array", "object"])
def test_an_error_is_read_in_both_shapes(world, error_shape):
    world.control("settings", {"error_shape": error_shape})

    with pytest.raises(Refused, match="was not found"):
        world.dear.pick("99999999-9999-4999-8999-999999999999", ())


def test_a_wrong_key_is_refused(world, budget):
    with pytest.raises(Unauthorised, match="Incorrect credentials!"):
        DearClient(world.with_key("wrong", budget)).company()


def test_a_path_that_is_none_is_answered_with_a_page(world):
    with pytest.raises(Interrupted, match="a web page instead of JSON"):
        world.transport.request("GET", "/nowhere")


FAULTS = [
    # the fault, the error it becomes, whether the write was applied
    ({"kind": "timeout_before"}, Interrupted, False),
    ({"kind": "timeout_after"}, Interrupted, True),
    ({"kind": "cut"}, Interrupted, True),
    ({"kind": "html"}, Interrupted, False),
    ({"kind": "slow", "seconds": READ_TIMEOUT + 0.1}, Interrupted, True),
    ({"kind": "status", "status": 500}, Interrupted, False),
    ({"kind": "status_after", "status": 500}, Interrupted, True),
    ({"kind": "status_after", "status": 503, "body": "Service Unavailable"}, Interrupted, True),
    ({"kind": "status_after", "status": 302, "headers": {"Location": "/elsewhere"}}, Interrupted, True),
    ({"kind": "status", "status": 503, "body": "60 calls per 60 seconds API limit."}, Throttled, False),
    ({"kind": "status", "status": 429, "headers": {"Retry-After": "30 sec"}}, Throttled, False),
    ({"kind": "status", "status": 403, "body": "Incorrect credentials!"}, Unauthorised, False),
    ({"kind": "status", "status": 400, "body": [{"ErrorCode": 400, "Exception": "No."}]}, Refused, False),
]


@pytest.mark.parametrize(("fault", "expected", "applied"), FAULTS)
def test_every_fault_of_a_write_says_whether_the_outcome_must_be_looked_up(world, fault, expected, applied):
    sale = world.sale()
    lines = stage_lines(sale, {"MUG": 3, "TEA": 5})
    world.control("faults", {"path": "/sale/fulfilment/pick", **fault})

    with pytest.raises(OutsideError) as caught:
        world.dear.pick(sale.sale_id, lines)

    assert type(caught.value) is expected
    assert caught.value.outcome is (Outcome.UNKNOWN if expected is Interrupted else Outcome.NOT_APPLIED)
    (task,) = world.dear.read_fulfilments(sale.sale_id)
    assert (task.pick_lines == lines) is applied
    assert (task.pick is StageStatus.AUTHORISED) is applied


def test_a_slow_answer_within_its_time_is_an_answer(world):
    sale = world.sale()
    world.control("faults", {"kind": "slow", "seconds": 0.02})

    assert world.dear.read_sale(sale.sale_id).sale_id == sale.sale_id
