"""`crossdock preview`: what it finds, what it costs, how it ends, and that it writes nothing."""

import ast
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.previewing.sample import WINDOWS, last_sales
from cli.reasons import REASONS
from crossdock.domain.bills import Bill, Component
from crossdock.domain.errors import BudgetSpent, Interrupted, Refused, Throttled, Unauthorised, Unreadable
from crossdock.domain.sale import Sale, SaleRow, SaleType
from crossdock.ports import SalePage
from tests.integration.store.records import NOON
from tests.unit.builders import address, fulfilment, picked, row, sale, sale_line
from tests.unit.cli.fakes import FakeDear, Stack, connection

KEYS = {"CROSSDOCK_DEAR_ACCOUNT_ID": "an-account", "CROSSDOCK_DEAR_API_KEY": "a-key"}


class ListingDear(FakeDear):
    """DEAR with sales; what it is not made for, such as any write, fails the test."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[SaleRow] = []
        self.sales: dict[str, Sale] = {}
        self.answers: dict[str, list[BaseException]] = {}
        self.read: list[str] = []
        self.asked: list[tuple[int, datetime | None]] = []
        self.bills: dict[str, Bill] = {}
        self.bills_read: list[str] = []

    def add(self, number: int, changes: dict[str, Any] | None = None, **row_changes: Any) -> str:
        """A sale that loads, but for the changes; its id."""
        sale_id, order_number = f"s-{number}", f"SO-{number}"
        stamp = (NOON - timedelta(hours=number)).isoformat()
        fields = {"order_date": NOON.date(), "location_id": "l-1", **row_changes}
        self.rows.append(row(sale_id=sale_id, order_number=order_number, updated=stamp, **fields))
        self.sales[sale_id] = sale(sale_id=sale_id, order_number=order_number, **(changes or {}))
        return sale_id

    def list_sales(self, *, page: int, updated_since: datetime | None) -> SalePage:
        self._call()
        self.asked.append((page, updated_since))
        found = [
            each for each in self.rows if not updated_since or datetime.fromisoformat(each.updated) >= updated_since
        ]
        return SalePage(rows=tuple(found), total=len(found), more=False)

    def read_sale(self, sale_id: str) -> Sale:
        self._call()
        self.read.append(sale_id)
        if answers := self.answers.get(sale_id):
            raise answers.pop(0)
        return self.sales[sale_id]

    def read_bill(self, product_id: str) -> Bill:
        self._call()
        self.bills_read.append(product_id)
        return self.bills.get(product_id) or Bill(product_id=product_id, sku=product_id, whole=True)

    def calls_made(self) -> int:
        return self.calls


class ReadOnly:
    """Something of the stack of which only reading is allowed."""

    def __init__(self, whole: object, *reads: str) -> None:
        self._whole, self._reads = whole, reads

    def __getattr__(self, name: str) -> Any:
        assert name in self._reads, f"a preview must not use {name}"
        return getattr(self._whole, name)


@pytest.fixture
def dear(stack: Stack) -> ListingDear:
    """DEAR with no sale yet, and a stack that refuses to be written to."""
    stack.dear = found = ListingDear()
    stack.environment.update(KEYS)
    stack.orders = ReadOnly(stack.orders)  # type: ignore[assignment]
    stack.checkpoints = ReadOnly(stack.checkpoints, "connection", "found")  # type: ignore[assignment]
    stack.vault = ReadOnly(stack.vault, "read")  # type: ignore[assignment]
    return found


@pytest.fixture
def file(tmp_path: Path) -> str:
    return settings_file(tmp_path)


def settings_file(folder: Path, settings: str = "") -> str:
    path = folder / "main.toml"
    text = f'name = "main"\n[warehouse]\nbase_url = "https://wms.example.com"\n[settings]\n{settings}'
    path.write_text(text, "utf-8")
    return str(path)


def printed(stack: Stack, *arguments: str) -> Any:
    ended = stack.run("preview", *arguments, "--json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


# --- what it finds -------------------------------------------------------------------------------------------


def test_the_first_line_says_how_many_load_and_how_many_do_not(stack: Stack, dear: ListingDear, file: str) -> None:
    for number in range(1, 4):
        dear.add(number)
    dear.add(4, status="BACKORDERED")

    ended = stack.run("preview", file)

    assert ended.code == 0, ended.err
    assert "With these settings 3 of the last 4 sales load; 1 does not." in ended.out


def test_what_does_not_load_is_grouped_with_its_reason_its_examples_and_the_mend(
    stack: Stack, dear: ListingDear, file: str
) -> None:
    for number in range(1, 8):
        dear.add(number, status="BACKORDERED" if number % 2 else "PICKING")
    dear.add(8, type=SaleType.SERVICE)
    dear.add(9, {"ship_to": address(line1=None, country=None, display=("", ""))})
    dear.add(10, {"order_status": "DRAFT"})

    document = printed(stack, file)

    found = {(group["decision"], group["reason_code"]): group for group in document["groups"]}
    assert {key: group["sales"] for key, group in found.items()} == {
        ("held", "address_incomplete"): 1,
        ("skipped", "status"): 7,
        ("skipped", "service_sale"): 1,
        ("skipped", "not_authorised"): 1,
    }
    status = found["skipped", "status"]
    assert status["breakdown"] == {"BACKORDERED": 4, "PICKING": 3}
    assert status["examples"] == ["SO-1", "SO-2", "SO-3", "SO-4", "SO-5"]
    assert "settings.sale_statuses" in status["mend"]
    assert document["groups"][0]["decision"] == "held"
    seen = stack.run("preview", file).out
    assert "BACKORDERED 4, PICKING 3" in seen
    assert "SO-1, SO-2, SO-3, SO-4, SO-5, ..." in seen


def test_a_voided_sale_is_voided_even_where_any_status_is_loaded(
    stack: Stack, dear: ListingDear, tmp_path: Path
) -> None:
    dear.add(1, status="VOIDED")

    document = printed(stack, settings_file(tmp_path, 'sale_statuses = ["any"]'))

    assert [(group["decision"], group["sales"]) for group in document["groups"]] == [("voided", 1)]
    assert dear.read == []


def test_fulfilments_are_counted_as_orders(stack: Stack, dear: ListingDear, file: str) -> None:
    parts = (fulfilment(1, picked(quantity="1")), fulfilment(2, picked(quantity="1")))
    advanced = {"type": SaleType.ADVANCED, "lines": (sale_line(quantity="2"),), "fulfilments": parts}
    dear.add(1, advanced, type=SaleType.ADVANCED)

    document = printed(stack, file)

    assert (document["loads"], document["orders"]) == (1, 2)
    assert "They become 2 orders" in stack.run("preview", file).out


def test_an_account_without_sales_is_no_error(stack: Stack, dear: ListingDear, file: str) -> None:
    ended = stack.run("preview", file)

    assert ended.code == 0
    assert "DEAR lists no sale yet" in ended.out
    assert dear.read == []


def test_the_day_that_connect_would_set_is_told_with_what_it_leaves_out(
    stack: Stack, dear: ListingDear, file: str
) -> None:
    yesterday = NOON.date() - timedelta(days=1)
    dear.add(1, order_date=yesterday)
    dear.add(2, order_date=yesterday - timedelta(days=1))

    document = printed(stack, file)

    assert document["loads"] == 2
    assert document["would_be_too_old"] == 1
    assert document["earliest_order_date"] == yesterday.isoformat()
    assert "1 of the 2 were ordered before that day" in stack.run("preview", file).out


def test_the_day_that_a_stored_connection_has_is_kept(stack: Stack, dear: ListingDear, file: str) -> None:
    stack.checkpoints.found["main"] = connection("main", earliest_order_date="2024-01-01")
    dear.add(1, order_date=date(2024, 6, 1))

    assert printed(stack, file)["would_be_too_old"] == 0


def test_the_day_of_the_file_is_judged_as_it_is(stack: Stack, dear: ListingDear, tmp_path: Path) -> None:
    dear.add(1, order_date=date(2024, 6, 1))

    document = printed(stack, settings_file(tmp_path, "earliest_order_date = 2025-01-01"))

    assert [group["reason_code"] for group in document["groups"]] == ["too_old"]
    assert document["would_be_too_old"] is None


# --- names that do not match ---------------------------------------------------------------------------------


MAPPED = """
locations = ["Main Warehouse", "Shop Flor"]
shipping_accounts = ["310", "999"]
[settings.ship_methods]
"Express Post" = "EXP"
[settings.warehouses]
"Shop Floor" = "SHOP"
[settings.carriers]
"THEIRS" = "DHL Expres"
"OTHERS" = "Pigeon"
"""


def test_missing_names_are_listed_with_the_sales_that_they_concern(
    stack: Stack, dear: ListingDear, tmp_path: Path
) -> None:
    dear.add(1, {"carrier": "DHL Express"})
    dear.add(2, {"carrier": "DHL Express"})
    dear.add(3, {"carrier": "Express post"})
    dear.add(4, {"carrier": "Express Post"})

    document = printed(stack, settings_file(tmp_path, MAPPED))

    missing = {(each["kind"], each["name"]): each for each in document["missing"]}
    assert {key: each["sales"] for key, each in missing.items()} == {
        ("ship_method", "DHL Express"): 2,
        ("ship_method", "Express post"): 1,
        ("sale_location", "Main Warehouse"): 4,
        ("carrier", "DHL Expres"): None,
        ("location", "Shop Flor"): None,
        ("account", "999"): None,
    }
    assert 'correct "Express Post"' in missing["ship_method", "Express post"]["mend"]
    assert "'Shop Floor'" in missing["location", "Shop Flor"]["mend"]
    held = next(group for group in document["groups"] if group["decision"] == "held")
    assert held["breakdown"] == {"DHL Express": 2, "Express post": 1}


def test_a_location_that_is_not_served_is_found_by_the_list_alone(
    stack: Stack, dear: ListingDear, tmp_path: Path
) -> None:
    dear.add(1, location_id="l-2")

    document = printed(stack, settings_file(tmp_path, 'locations = ["Main Warehouse"]'))

    assert [(group["reason_code"], group["breakdown"]) for group in document["groups"]] == [
        ("location", {"Shop Floor": 1})
    ]
    assert dear.read == []


def test_nothing_is_asked_for_that_the_settings_do_not_name(stack: Stack, dear: ListingDear, file: str) -> None:
    dear.add(1)

    document = printed(stack, file)

    assert document["dear_calls"] == len(dear.asked) + len(dear.read)


# --- what it costs -------------------------------------------------------------------------------------------


def test_only_what_the_list_leaves_open_is_read_and_its_cost_is_told_first(
    stack: Stack, dear: ListingDear, file: str
) -> None:
    for number in range(1, 4):
        dear.add(number)
    dear.add(4, status="COMPLETED")

    seen = stack.run("preview", file).out

    assert sorted(dear.read) == ["s-1", "s-2", "s-3"]
    assert "the list alone decides 1 of them" in seen
    assert "Reading the other 3 takes 3 calls: about 3 s at 60 a minute" in seen
    assert seen.index("takes 3 calls") < seen.index("With these settings")


@pytest.mark.parametrize(("answer", "reads", "code"), [("", 1, 0), ("yes", 1, 0), ("no", 0, 130)])
def test_a_person_is_asked_before_the_reads(
    stack: Stack, dear: ListingDear, file: str, answer: str, reads: int, code: int
) -> None:
    dear.add(1)
    stack.answers = {"Press Enter to go on, or type no to stop": answer}

    ended = stack.run("preview", file)

    assert (len(dear.read), ended.code) == (reads, code)
    assert len(stack.asked) == 1


def test_with_yes_nobody_is_asked(stack: Stack, dear: ListingDear, file: str) -> None:
    dear.add(1)
    stack.answers = {}

    assert stack.run("preview", file, "--yes").code == 0
    assert stack.asked == []


def test_calls_that_are_not_free_are_waited_for(stack: Stack, dear: ListingDear, file: str) -> None:
    dear.add(1)
    spent, slow = BudgetSpent(NOON + timedelta(seconds=40)), Throttled("DEAR", "GET /sale", "slow", retry_after=7)
    dear.answers["s-1"] = [spent, slow]

    ended = stack.run("preview", file)

    assert ended.code == 0
    assert "With these settings 1 of 1 sale loads; 0 do not." in ended.out
    assert stack.clock.slept == 47
    assert "Waiting 40 s: other steps use DEAR's calls" in ended.out


def test_a_budget_that_is_never_free_ends_it(stack: Stack, dear: ListingDear, file: str) -> None:
    dear.add(1)
    dear.answers["s-1"] = [BudgetSpent(NOON) for _ in range(100)]

    ended = stack.run("preview", file)

    assert ended.code == 2
    assert "Partial, 1 of the last 1 were not read" in ended.out


def test_kits_that_are_opened_cost_a_call_for_each_product_and_a_bad_bill_is_told(
    stack: Stack, dear: ListingDear, tmp_path: Path
) -> None:
    itself = Component(product_id="product-KIT", sku="KIT", name="Kit", quantity=Decimal(1))
    dear.bills["product-KIT"] = Bill(product_id="product-KIT", sku="KIT", auto_assembly=True, components=(itself,))
    dear.add(1)
    dear.add(2)
    dear.add(3, {"lines": (sale_line("KIT"),)})
    file = settings_file(tmp_path, 'kits = "components"')

    document = printed(stack, file)

    assert document["loads"] == 2
    assert [(group["decision"], group["reason_code"]) for group in document["groups"]] == [("held", "kit_bill_cycle")]
    assert dear.bills_read == ["product-MUG-RED", "product-KIT"]
    assert "one more for each product" in stack.run("preview", file).out


def test_without_opened_kits_no_product_is_looked_up(stack: Stack, dear: ListingDear, file: str) -> None:
    dear.add(1)

    assert "product" not in stack.run("preview", file).out
    assert dear.bills_read == []


# --- how it ends ---------------------------------------------------------------------------------------------


def test_a_sale_that_cannot_be_read_is_told_and_stops_no_other(stack: Stack, dear: ListingDear, file: str) -> None:
    for number in range(1, 5):
        dear.add(number)
    dear.answers["s-2"] = [Refused("DEAR", "GET /sale", "no")]
    dear.answers["s-3"] = [Interrupted("DEAR", "GET /sale", "the answer cannot be read")]

    document = printed(stack, file)

    assert (document["loads"], document["partial"]) == (2, False)
    assert [(group["decision"], group["reason_code"], group["examples"]) for group in document["groups"]] == [
        ("held", "refused", ["SO-2"]),
        ("pending", "outcome_unknown", ["SO-3"]),
    ]


def test_a_dear_that_is_down_ends_it_with_what_is_known(stack: Stack, dear: ListingDear, file: str) -> None:
    for number in range(1, 21):
        silence = Interrupted("DEAR", "GET /sale", "no answer came")
        dear.answers[dear.add(number)] = [silence] if number > 3 else []

    ended = stack.run("preview", file)

    assert ended.code == 2
    assert len(dear.read) == 6
    assert "with these settings 3 of the other 5 load" in ended.out
    assert "no answer came" in ended.err


def test_answers_that_make_no_sense_are_no_sign_that_dear_is_down(stack: Stack, dear: ListingDear, file: str) -> None:
    for number in range(1, 8):
        dear.answers[dear.add(number)] = [Unreadable("DEAR", "GET /sale", "it cannot be read")]

    (group,) = printed(stack, file)["groups"]

    assert (group["reason_code"], group["sales"]) == ("unreadable_answer", 7)


def test_a_refused_key_ends_it_and_names_what_to_check(stack: Stack, dear: ListingDear, file: str) -> None:
    dear.fault = Unauthorised("DEAR", "GET /saleList", "the key was refused")

    ended = stack.run("preview", file)

    assert ended.code == 2
    assert "CROSSDOCK_DEAR_API_KEY" in ended.err
    assert dear.calls == 1


def test_ctrl_c_shows_what_is_known_so_far(stack: Stack, dear: ListingDear, file: str) -> None:
    for number in range(1, 5):
        dear.add(number)
    dear.answers["s-3"] = [KeyboardInterrupt()]

    ended = stack.run("preview", file)
    dear.answers["s-3"] = [KeyboardInterrupt()]
    document = json.loads(stack.run("preview", file, "--json").out)

    assert ended.code == 130
    assert "Partial, 2 of the last 4 were not read: with these settings 2 of the other 2 load" in ended.out
    assert "Nothing was written." in ended.err
    assert (document["partial"], document["not_read"], document["loads"]) == (True, 2, 2)


# --- what it works with --------------------------------------------------------------------------------------


def test_a_wrong_file_is_refused_as_connect_refuses_it(stack: Stack, dear: ListingDear, tmp_path: Path) -> None:
    wrong = settings_file(tmp_path, 'sale_status = ["ORDERED"]')

    previewed, connected = stack.run("preview", wrong), stack.run("connect", wrong)

    assert previewed.code == connected.code == 1
    assert previewed.err == connected.err
    assert dear.calls == 0


def test_the_warehouse_and_its_token_are_not_needed(stack: Stack, dear: ListingDear, file: str) -> None:
    dear.add(1)

    assert stack.run("preview", file).code == 0
    assert stack.asked == []
    assert stack.warehouse.asked_for == []


def test_a_missing_key_is_told_as_connect_tells_it(stack: Stack, dear: ListingDear, file: str) -> None:
    stack.environment.clear()

    ended = stack.run("preview", file)

    assert ended.code == 1
    assert "CROSSDOCK_DEAR_API_KEY" in ended.err
    assert "CROSSDOCK_WMS_TOKEN" not in ended.err
    assert dear.calls == 0


def test_nothing_personal_is_shown(stack: Stack, dear: ListingDear, file: str) -> None:
    dear.add(1)
    dear.add(2, {"ship_to": address(line1=None)})
    dear.add(3, {"carrier": None})

    seen = stack.run("preview", file).out + stack.run("preview", file, "--json").out

    for secret in ("Ada", "Moss", "Quay", "BS1"):
        assert secret not in seen


# --- the words ---------------------------------------------------------------------------------------------------


ROOT = Path(__file__).parents[3]
JUDGES = (
    *(ROOT / "layers/common/crossdock/domain").rglob("*.py"),
    ROOT / "layers/common/crossdock/dear/reading.py",
    *(ROOT / "functions/download_orders").glob("*.py"),
)
"""Where sales get their reasons."""

NOT_OF_SALES = {
    "box_name", "boxes_differ", "kit_in_too_many_parcels", "kit_incomplete", "not_ordered", "shipped_differently",
    "shipped_more_than_ordered", "sku_alias_taken", "sale_lines_changed", "serials_differ", "tracking_too_long",
    "nothing_to_invoice", "unmapped_carrier", "unmapped_warehouse",
}  # fmt: skip
"""Of orders on their way to the warehouse and back."""


def test_every_reason_that_a_sale_can_have_has_words_and_a_mend() -> None:
    given = {code for file in JUDGES for code in reasons_given(file)}

    assert len(given) > 20
    assert given - NOT_OF_SALES - REASONS.keys() == set()


def reasons_given(file: Path) -> Iterator[str]:
    """The codes that a module writes down: NeedsPerson("code", ...) and Reason(code="code", ...)."""
    for call in (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        first = call.args[:1] if name == "NeedsPerson" else []
        named = [each.value for each in call.keywords if name == "Reason" and each.arg == "code"]
        yield from (str(each.value) for each in (*first, *named) if isinstance(each, ast.Constant))


# --- the sample ----------------------------------------------------------------------------------------------


class PagedList:
    """A list of sales by their age in days, in whatever order, in pages of three rows."""

    def __init__(self, ages: list[float]) -> None:
        self.ages, self.calls = ages, 0

    def page(self, number: int, since: datetime | None) -> SalePage:
        self.calls += 1
        rows = [
            row(sale_id=f"s-{at}", updated=(NOON - timedelta(days=age)).isoformat())
            for at, age in enumerate(self.ages)
            if since is None or NOON - timedelta(days=age) >= since
        ]
        shown = rows[(number - 1) * 3 : number * 3]
        return SalePage(rows=tuple(shown), total=len(rows), more=number * 3 < len(rows))


@given(
    ages=st.lists(st.integers(0, 2000).map(lambda hours: hours / 2), unique=True, max_size=25),
    number=st.integers(1, 30),
)
def test_the_sales_that_changed_last_are_found_in_any_order_of_the_list(ages: list[float], number: int) -> None:
    dear = PagedList(ages)

    found = last_sales(dear.page, number, NOON)

    newest = sorted(range(len(ages)), key=lambda at: ages[at])[:number]
    assert [each.sale_id for each in found.rows] == [f"s-{at}" for at in newest]
    assert dear.calls <= len(WINDOWS) + 1 + len(ages) // 3


def test_no_more_of_the_list_is_read_than_is_needed() -> None:
    dear = PagedList([day / 2 for day in range(400)])

    found = last_sales(dear.page, 10, NOON)

    assert len(found.rows) == 10
    assert dear.calls == 1 + 1 + 4  # a day is too short; a week holds 15 sales on five pages


def test_a_row_that_a_shifting_page_shows_again_counts_once_as_it_is_by_now() -> None:
    before, now = row(updated="2025-03-01T10:00:00Z"), row(updated="2025-03-01T11:00:00Z", status="PICKING")
    other = row(sale_id="other", updated="no time at all")
    pages = [
        SalePage(rows=(before, other), total=3, more=True),
        SalePage(rows=(now,), refused=("row 2 of the page",), total=3, more=False),
    ]

    found = last_sales(lambda number, _: pages[number - 1], 3, NOON)

    assert found.rows == (now, other)
    assert found.unreadable == ("row 2 of the page",)
