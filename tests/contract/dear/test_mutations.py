"""DEAR's answers with something wrong in them: each is read, or told of as a typed error that shows nobody's data.

And whatever is read of a sale can be planned: into orders for no more than was ordered, or into a reason.
"""

import re
from collections import Counter
from copy import deepcopy
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.dear import exact_json, reading, wire_lists
from crossdock.domain.errors import CrossdockError, Interrupted, NeedsPerson, NotFound
from crossdock.domain.planning import Plan, plan_sale
from crossdock.domain.sale import Sale, SaleType
from crossdock.domain.settings import Settings
from tests.contract.dear.test_examples import READERS, example, read_sale

WRONG_BOOLEANS = ["false", "true", " False ", "TRUE", 0, 1, "0", "1", "yes", "perhaps", 2, {}, []]
WRONG_NUMBERS = [
    "3", " 3 ", "3.50", "1,234.5", "3,5", "", "many", "NaN", "Infinity", "-3", "1e3", "1e400", -3, 0, True,
    Decimal("0.0001"), Decimal("1e17"), Decimal("-1e17"), 10**40, Decimal("1e-30"), {}, [], [3],
]  # fmt: skip
WRONG_DATES = [
    "2026-02-27", "2026-02-27T00:00:00.1234567Z", "2026-02-27T00:00:00+13:00", "27/02/2026", "02-27-2026",
    "0001-01-01T00:00:00", "9999-12-31T23:59:59", "2026-13-45", "/Date(1772150400000)/", "yesterday", 20260227, False,
]  # fmt: skip
WRONG_TEXTS = ["", "  ", "UNHEARD OF", "a\u0000b", "\ud83c", "x" * 5_000, "⸻ é \u202e", 7, Decimal("7.0"), True, {}, []]
WRONG_PARTS = [None, "", "none", 0, True, [], {}, [None], [[]], [{}], {"Unheard": {"Of": [None]}}]
DATE = re.compile(r"\d{4}-\d\d-\d\dT")

PRIVATE = {
    "customer", "contact", "phone", "email", "company", "line1", "line2", "postcode", "displayaddressline1",
    "displayaddressline2", "billingaddressline1", "billingaddressline2", "salesrepresentative",
}  # fmt: skip
"""The fields of an example that tell of a person; city and country may be shown."""


def places(value):
    """Every container within the value, with one of its keys or positions."""
    found, unseen = [], [value]
    while unseen:
        container = unseen.pop()
        keys = container if isinstance(container, dict) else range(len(container))
        found += [(container, key) for key in keys]
        unseen += [container[key] for key in keys if isinstance(container[key], (dict, list))]
    return found


def wrong_values(value):
    """What may stand where this value should, by what it is."""
    match value:
        case bool():
            wrong = WRONG_BOOLEANS
        case int() | Decimal():
            wrong = WRONG_NUMBERS
        case str() if DATE.match(value):
            wrong = WRONG_DATES
        case str():
            wrong = [value.lower(), f" {value.title()} ", value.replace(" ", "_"), *WRONG_TEXTS]
        case dict():
            wrong = [*WRONG_PARTS, [value]]
        case list():
            wrong = [*WRONG_PARTS, *value[:1], [*value, None], value * 2]
        case _:
            wrong = [*WRONG_PARTS, *WRONG_TEXTS]
    return [None, *wrong]


@st.composite
def mutated(draw, name):
    """The example with one to three places dropped, joined by an unknown neighbour, misspelt, or wrong."""
    body = deepcopy(example(name))
    for _ in range(draw(st.integers(1, 3))):
        found = places(body) or [({"": None}, "")]
        container, key = found[draw(st.integers(0, len(found) - 1))]
        kind = draw(st.sampled_from(["drop", "wrong", "wrong", "wrong", "extra", "case"]))
        if kind == "drop":
            del container[key]
        elif kind == "wrong":
            container[key] = deepcopy(draw(st.sampled_from(wrong_values(container[key]))))
        elif isinstance(container, dict):
            name_of_it = f"{key}Later" if kind == "extra" else str(key).swapcase()
            container[name_of_it] = container[key] if kind == "extra" else container.pop(key)
    return body


@cache
def private_words(name):
    """The words of the example that stand in a field of a person, and in no other."""
    found = {True: set(), False: set()}
    for container, key in places(example(name)):
        if isinstance(container, dict) and isinstance(container[key], str):
            words = {word for word in re.findall(r"\w{4,}", container[key].casefold()) if not word.isdecimal()}
            found[key.lower() in PRIVATE] |= words
    return found[True] - found[False]


def read_or_error(name, body):
    """What reading gives: the record, or the error of the tree. Anything else that it raises fails the test."""
    try:
        return READERS[name](body)
    except CrossdockError as error:
        return error


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=40, deadline=None, database=None, derandomize=True)
@given(data=st.data())
def test_a_mutated_answer_reads_or_is_told_of_without_anybodys_data(name, data):
    found = read_or_error(name, data.draw(mutated(name)))

    if isinstance(found, CrossdockError):
        told = str(found).casefold()
        assert isinstance(found, (Interrupted, NeedsPerson, NotFound))
        assert [word for word in private_words(name) if word in told] == []


@pytest.mark.parametrize("text", ["bytes", "\ufeff{}", "{", '{"Total": NaN}', '{"Total": 1e999999999}', "[" * 50_000])
def test_what_is_no_json_is_told_of_as_such(text):
    body = text.encode()

    try:
        found = exact_json.read(body)
    except ValueError:
        return

    assert isinstance(read_or_error("get_saleList", found), Interrupted)


@settings(max_examples=50, deadline=None, database=None, derandomize=True)
@given(data=st.data())
def test_every_row_of_a_mutated_list_is_read_or_refused(data):
    body = deepcopy(example("get_saleList"))
    good = body["SaleList"]
    spoilt = data.draw(mutated("get_saleList")).get("SaleList")
    bad = spoilt if isinstance(spoilt, list) else [spoilt]

    page = reading.parsed(wire_lists.RowPage, "GET /saleList", {"Total": 9, "SaleList": [*bad, *good]})
    rows, refused = reading.sale_rows(page.sale_list)

    assert len(rows) + len(refused) == len(bad) + len(good)
    assert [row.sale_id for row in rows][-len(good) :] == [row["SaleID"] for row in good]
    assert all("SO-" not in told for told in refused)


SETTINGS = [
    Settings(sale_statuses="any"),
    Settings(sale_statuses="any", ship_methods={"Post": "POST"}),
    Settings(sale_statuses="any", ship_methods={"Post": "POST"}, unmapped_ship_method="pass", split_names=False),
    Settings(sale_statuses=["ORDERED"], locations=("Showroom",)),
    Settings(sale_statuses="packed_and_shipping", ship_method_from="none"),
    *(Settings(sale_statuses="any", lines_from=source) for source in ("pick", "pack", "invoice")),
]


@st.composite
def sales(draw):
    """A mutated sale, simple or advanced, its lines and fulfilments more than once."""
    body = draw(mutated("get_sale"))
    if draw(st.booleans()):
        body["Type"] = draw(st.sampled_from(["Simple Sale", "Advanced Sale", "simple sale", "Service Sale"]))
    if isinstance(order := body.get("Order"), dict) and isinstance(order.get("Lines"), list) and draw(st.booleans()):
        order["Lines"] = order["Lines"] * 2
    tasks = body.get("Fulfilments")
    if isinstance(tasks, list) and tasks and isinstance(tasks[0], dict) and draw(st.booleans()):
        second = {**deepcopy(tasks[0]), "TaskID": "second", "FulfillmentNumber": draw(st.sampled_from([2, 1, 0, -1]))}
        body["Fulfilments"] = [*tasks, second]
    return body


def units(parts):
    total = Counter()
    for part in parts:
        total[part.product_id] += part.quantity
    return total


def ordered_of(sale):
    return units(line for line in sale.lines if line.quantity > 0)


@settings(max_examples=120, deadline=None, database=None, derandomize=True)
@given(body=sales(), chosen=st.sampled_from(SETTINGS))
def test_a_mutated_sale_becomes_a_plan_or_waits_for_a_person(body, chosen):
    sale = read_or_error("get_sale", body)
    if not isinstance(sale, Sale) or sale.type is SaleType.SERVICE:
        return

    try:
        plan = plan_sale(sale, chosen)
    except NeedsPerson as held:
        told = str(held).casefold()
        assert [word for word in private_words("get_sale") if word in told] == []
        return

    assert isinstance(plan, Plan)
    assert bool(plan.orders) != (plan.skipped is not None)
    asked = units(line for order in plan.orders for line in order.content.lines)
    assert all(asked[product] <= ordered for product, ordered in ordered_of(sale).items())
    assert set(asked) <= set(ordered_of(sale))
    assert len({order.reference for order in plan.orders}) == len(plan.orders)
    assert all(line.quantity > 0 for order in plan.orders for line in order.content.lines)


@pytest.mark.parametrize("told", [{"Type": "Service Sale"}, {"ServiceOnly": "true"}])
def test_a_sale_that_turns_out_to_be_of_services_asks_for_no_order(told):
    sale = read_sale({**example("get_sale"), **told})

    assert plan_sale(sale, Settings(sale_statuses="any")).orders == ()


def test_goods_without_the_id_of_their_product_are_never_left_out_silently():
    body = deepcopy(example("get_sale"))
    (line,) = body["Order"]["Lines"]
    body["Order"]["Lines"] = [line, {**line, "ProductID": None}]

    try:
        plan = plan_sale(read_sale(body), Settings(sale_statuses="any", unmapped_ship_method="pass"))
    except NeedsPerson:
        return

    assert [len(order.content.lines) for order in plan.orders] == [2]


def test_enough_of_the_mutated_sales_become_orders():
    """The property above would hold of a reader that refuses everything."""
    outcomes = Counter()

    @settings(max_examples=40, deadline=None, database=None, derandomize=True)
    @given(body=sales())
    def count(body):
        sale = read_or_error("get_sale", body)
        try:
            outcomes[bool(isinstance(sale, Sale) and plan_sale(sale, SETTINGS[0]).orders)] += 1
        except NeedsPerson:
            outcomes[False] += 1

    count()

    assert outcomes[True] > outcomes.total() / 3


@pytest.mark.parametrize("odd", WRONG_BOOLEANS)
@pytest.mark.parametrize("name", ["SkipQuote", "ServiceOnly"])
def test_an_odd_flag_of_a_sale_is_read_as_what_it_says_or_not_at_all(name, odd):
    body = deepcopy(example("get_sale"))
    body[name] = odd

    sale = read_or_error("get_sale", body)

    says_yes = str(odd).strip().lower() in {"true", "1", "yes"}
    says_no = str(odd).strip().lower() in {"false", "0", "no"}
    if name == "SkipQuote" or says_no:
        assert sale == read_sale(example("get_sale"))
    elif says_yes:
        assert sale.type == "service"
    else:
        assert isinstance(sale, Interrupted)
