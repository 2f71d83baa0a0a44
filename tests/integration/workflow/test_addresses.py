"""Addresses as DEAR hands them out: read, held with a reason that tells nothing, and loaded once they are mended."""

import pytest

from crossdock.domain.states import Decision, Step
from tests.integration.workflow.conftest import simple

BLANK = dict.fromkeys(("line1", "line2", "city", "state", "postcode", "country"), "")
QUAY = {"line1": "12 Quay Street", "city": "Portland", "state": "OR", "postcode": "97201", "country": "United States"}


def displayed(first, second, **parts):
    return {**(parts or BLANK), "display_address_line1": first, "display_address_line2": second}


def test_an_address_of_which_only_the_display_lines_are_filled_reaches_the_warehouse_whole(world):
    world.seed(simple(shipping_address=displayed("12 Quay Street", "Portland OR 97201 United States")))

    world.tick()

    ship_to = world.order("SO-1").content.ship_to
    assert (ship_to.line1, ship_to.city, ship_to.region) == ("12 Quay Street", "Portland", "OR")
    assert (ship_to.postcode, ship_to.country) == ("97201", "US")
    assert len(world.warehouse.ledger("order_created")) == 1


@pytest.mark.parametrize(
    ("address", "settings", "code"),
    [
        (displayed("12 Quay Street", "Milton Keynes MK1 1AA United Kingdom"), {}, "address_ambiguous"),
        (displayed("77 Elm Row", "Portland OR 97201 United States", **QUAY), {}, "address_disagrees"),
        ({**QUAY, "postcode": ""}, {}, "address_incomplete"),
        (BLANK, {}, "address_incomplete"),
        (QUAY, {"address_limits": {"line1": 8}}, "address_too_long"),
    ],
)
def test_an_address_that_only_a_person_can_mend_is_held_and_its_reason_tells_none_of_it(world, address, settings, code):
    world.settings |= settings
    world.seed(simple("SO-1", shipping_address=address), simple("SO-2", shipping_address={**QUAY, "line1": "1 Elm"}))

    report = world.step(Step.DOWNLOAD_ORDERS)

    (held,) = world.orders.list_sales("main", Decision.HELD)
    assert (held.order_number, held.reason.code) == ("SO-1", code)
    told = held.reason.text + "".join(problem.text for problem in report.problems)
    for word in ("Quay", "Elm", "Milton", "97201", "MK1", "Moss"):
        assert word not in told
    assert world.order("SO-2").status == "new"


def test_a_held_sale_releases_itself_once_its_address_is_mended_in_dear(world):
    world.seed(simple("SO-1", shipping_address=displayed("77 Elm Row", "Portland OR 97201 United States", **QUAY)))
    world.tick()

    world.dear.control("sales/SO-1/edit", {"shipping_address": {"line1": "77 Elm Row"}})
    world.clock.sleep(60)
    world.tick()

    assert world.order("SO-1").content.ship_to.line1 == "77 Elm Row"
    assert not list(world.orders.list_sales("main", Decision.HELD))


def test_a_billing_address_never_holds_a_sale(world):
    world.seed(simple("SO-1", shipping_address=QUAY, billing_address=displayed("PO Box 7", "Somewhere")))

    world.tick()

    bill_to = world.order("SO-1").content.bill_to
    assert (bill_to.line1, bill_to.line2, bill_to.city) == ("PO Box 7", "Somewhere", None)
