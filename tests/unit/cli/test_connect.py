"""`crossdock connect`: everything right is stored, anything wrong is told and nothing is stored."""

import base64
from datetime import date, timedelta
from pathlib import Path

import pytest

from crossdock.dear.transport import Credentials
from crossdock.domain.errors import BudgetSpent, CrossdockError, Interrupted, NotFound, Unauthorised, Unreachable
from crossdock.domain.model import Reason
from crossdock.domain.states import Decision, Step
from crossdock.ports import Checkpoint
from crossdock.rewinding import by_settings
from tests.integration.store.records import CONNECTION, NOON, sale
from tests.unit.cli.fakes import Ended, Stack, connection

GOOD = """
name = "acme"

[warehouse]
base_url = "https://wms.example.com"
"""
SECRETS = {
    "CROSSDOCK_DEAR_ACCOUNT_ID": "the-account",
    "CROSSDOCK_DEAR_API_KEY": "the-key",
    "CROSSDOCK_WMS_TOKEN": "the-token",
}
YESTERDAY = date(2025, 2, 28)
"""Of the clock that stands in tests."""
WEBHOOK = "whsec_" + base64.b64encode(b"0123456789abcdefghijklmn").decode()


@pytest.fixture
def given(stack: Stack) -> Stack:
    """A stack, and every secret that must be given."""
    stack.environment.update(SECRETS)
    return stack


def connect(stack: Stack, folder: Path, text: str, *options: str) -> Ended:
    file = folder / "acme.toml"
    file.write_text(text, "utf-8")
    return stack.run("connect", str(file), *options)


def assert_nothing_is_stored(stack: Stack) -> None:
    assert stack.vault.secrets == {}
    assert stack.checkpoints.found == {}


def test_a_good_file_is_tried_out_and_stored(given: Stack, tmp_path: Path) -> None:
    ended = connect(given, tmp_path, GOOD)

    assert ended.code == 0, ended.err
    assert given.checkpoints.found["acme"].warehouse.base_url == "https://wms.example.com"
    assert given.vault.secrets["crossdock/test/acme/dear"] == {"account_id": "the-account", "api_key": "the-key"}
    assert given.vault.secrets["crossdock/test/acme/warehouse"] == {"token": "the-token"}
    assert "✓ DEAR key: Moss & Daughters" in ended.out
    assert "✓ Warehouse" in ended.out
    assert "✓ Tax rules: 2 can be read" in ended.out
    assert "https://api.example.com/live/v1/connections/acme/shipments" in ended.out


def test_no_secret_is_ever_printed(given: Stack, tmp_path: Path) -> None:
    given.environment["CROSSDOCK_WEBHOOK_SECRET"] = WEBHOOK

    ended = connect(given, tmp_path, GOOD)

    for secret in (*SECRETS.values(), WEBHOOK):
        assert secret not in ended.out + ended.err


def test_a_webhook_secret_is_made_and_its_place_told(given: Stack, tmp_path: Path) -> None:
    ended = connect(given, tmp_path, GOOD)

    made = given.vault.secrets["crossdock/test/acme/webhook"]["secrets"]
    assert isinstance(made, list)
    assert len(base64.b64decode(made[0].removeprefix("whsec_"))) >= 24
    assert made[0] not in ended.out + ended.err
    assert "--secret-id crossdock/test/acme/webhook" in ended.out


def test_two_webhook_secrets_stand_while_one_is_rotated(given: Stack, tmp_path: Path) -> None:
    older = "whsec_" + base64.b64encode(b"n" * 32).decode()
    given.environment["CROSSDOCK_WEBHOOK_SECRET"] = f"{WEBHOOK} {older}"

    connect(given, tmp_path, GOOD)

    assert given.vault.secrets["crossdock/test/acme/webhook"] == {"secrets": [WEBHOOK, older]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = acme", "it is not TOML"),
        ('[warehouse]\nbase_url = "https://x.example.com"', 'name = "main"'),
        (GOOD.replace('"acme"', '"Acme & Co"'), "use 1 to 31 of a-z, 0-9 and -"),
        (GOOD + '[settings]\nsale_status = ["ORDERED"]', "did you mean sale_statuses?"),
        (GOOD + '[settings]\nsale_statuses = ["SHIPPED"]', "SHIPPED is not a DEAR sale status"),
        (GOOD + '[settings]\ninvoice = "always"', '"off", "draft" or "authorise"'),
        (GOOD + "[settings]\nunit_cost = 2", "under [settings.inventory]"),
        (GOOD + '[[settings.order_filters]]\nfeild = "city"\nrule = "required"\nvalues = ["B"]', "did you mean field?"),
        (GOOD + '[settings.order_filters]\nfield = "city"', "give a list in brackets"),
        (GOOD + '[settings.attribute_filters]\nadditional_atribute_1 = ["B"]', "did you mean additional_attribute_1?"),
        (GOOD + "[settings.address_limits]\nlin1 = 40", "did you mean line1?"),
        (GOOD + "[settings.address_limits]\nline1 = 0", "line1 = 40 under [settings.address_limits]"),
        (GOOD + '[settings]\nship_method_from = "carrier"\nshipping_accounts = ["310"]', "leave one of the two out"),
        (GOOD.replace("https", "ftp"), "give a full address"),
        (GOOD.replace("https://wms", "http://wms"), "use https"),
        (GOOD.replace("//wms", "//ada:pass@wms"), "leave out credentials"),
        ('name = "acme"\n', 'base_url = "https://wms.example.com/api"'),
        (GOOD + "[settings.inventory]\nmode = 'on_hand'", 'account = "620"'),
        (GOOD + "[settings.inventory]\naccount = '620'", "settings.warehouses"),
    ],
)
def test_a_wrong_file_is_told_field_by_field(given: Stack, tmp_path: Path, text: str, told: str) -> None:
    ended = connect(given, tmp_path, text)

    assert ended.code == 1
    assert told in ended.err
    assert "nothing was stored" in ended.err
    assert_nothing_is_stored(given)
    assert given.opened == []


def test_every_problem_of_a_file_is_told_at_once(given: Stack, tmp_path: Path) -> None:
    ended = connect(given, tmp_path, 'name = "A B"\n[settings]\nsplit_names = "maybe"\n[warehouse]\nadapter = "fax"\n')

    for field in ("name", "settings.split_names", "warehouse.adapter", "warehouse.base_url"):
        assert field in ended.err


def test_a_file_that_cannot_be_read_is_told(given: Stack, tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes("name = 'caf\xe9'".encode("latin-1"))

    assert "it is a folder" in given.run("connect", str(tmp_path)).err
    assert "it is not UTF-8 text" in given.run("connect", str(latin)).err


def test_a_file_that_is_not_there_is_told(given: Stack) -> None:
    ended = given.run("connect", "nowhere.toml")

    assert ended.code == 1
    assert "there is no such file" in ended.err


@pytest.mark.parametrize(
    ("line", "variable"),
    [
        ('[dear]\naccount_id = "hush"', "CROSSDOCK_DEAR_ACCOUNT_ID"),
        ('[dear]\napi_key = "hush"', "CROSSDOCK_DEAR_API_KEY"),
        ('token = "hush"', "CROSSDOCK_WMS_TOKEN"),
        ('password = "hush"', "CROSSDOCK_WMS_TOKEN"),
        ('[secrets]\nanything = "hush"', "CROSSDOCK_DEAR_API_KEY"),
        ('[webhook]\nsecret = "hush"', "CROSSDOCK_WEBHOOK_SECRET"),
    ],
)
def test_a_secret_in_the_file_is_refused_with_its_variable(
    given: Stack, tmp_path: Path, line: str, variable: str
) -> None:
    ended = connect(given, tmp_path, GOOD + line)

    assert ended.code == 1
    assert variable in ended.err
    assert "hush" not in ended.err
    assert_nothing_is_stored(given)


def test_names_of_carriers_are_not_taken_for_secrets(given: Stack, tmp_path: Path) -> None:
    ended = connect(given, tmp_path, GOOD + '[settings.ship_methods]\n"Secret Token Express" = "STE"')

    assert ended.code == 0, ended.err
    assert given.checkpoints.found["acme"].settings.ship_methods == {"Secret Token Express": "STE"}


def test_missing_secrets_are_all_named(stack: Stack, tmp_path: Path) -> None:
    ended = connect(stack, tmp_path, GOOD)

    assert ended.code == 1
    for variable in SECRETS:
        assert variable in ended.err
    assert_nothing_is_stored(stack)


def test_missing_secrets_are_asked_for_at_a_terminal(stack: Stack, tmp_path: Path) -> None:
    stack.answers = {"DEAR account ID": "typed-id", "DEAR API key": "typed-key ", "Warehouse token": "typed-token"}

    ended = connect(stack, tmp_path, GOOD)

    assert ended.code == 0, ended.err
    assert Credentials(account_id="typed-id", api_key="typed-key") in stack.given


def test_no_input_never_asks(stack: Stack, tmp_path: Path) -> None:
    stack.answers = {"DEAR account ID": "typed-id"}

    ended = connect(stack, tmp_path, GOOD, "--no-input")

    assert ended.code == 1
    assert stack.asked == []


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("CROSSDOCK_DEAR_API_KEY", "two words", "has a space"),
        ("CROSSDOCK_WMS_TOKEN", "schlüssel", "outside of ASCII"),
        ("CROSSDOCK_WEBHOOK_SECRET", "whsec_!!", "is not whsec_ followed by base64"),
        ("CROSSDOCK_WEBHOOK_SECRET", "whsec_c2hvcnQ=", "holds 5 bytes"),
        ("CROSSDOCK_WEBHOOK_SECRET", WEBHOOK.removeprefix("whsec_"), "does not begin with whsec_"),
    ],
)
def test_a_secret_that_cannot_be_right_is_told(
    given: Stack, tmp_path: Path, variable: str, value: str, told: str
) -> None:
    given.environment[variable] = value

    ended = connect(given, tmp_path, GOOD)

    assert ended.code == 1
    assert variable in ended.err
    assert told in ended.err
    assert_nothing_is_stored(given)


# --- a warehouse that asks for Basic -------------------------------------------------------------------------

BASIC = {"CROSSDOCK_WMS_USER": "ada", "CROSSDOCK_WMS_PASSWORD": "söme pass:word"}


@pytest.fixture
def basic(given: Stack) -> Stack:
    """The same with a user and a password for the warehouse, in place of its token."""
    del given.environment["CROSSDOCK_WMS_TOKEN"]
    given.environment.update(BASIC)
    return given


def test_a_user_with_a_password_is_stored_in_place_of_a_token_and_stays(basic: Stack, tmp_path: Path) -> None:
    first = connect(basic, tmp_path, GOOD)
    for name in BASIC:
        del basic.environment[name]
    again = connect(basic, tmp_path, GOOD)

    assert (first.code, again.code) == (0, 0), first.err + again.err
    assert basic.vault.secrets["crossdock/test/acme/warehouse"] == {"user": "ada", "password": "söme pass:word"}
    assert basic.asked == []
    assert "söme" not in first.out + first.err + again.out + again.err


def test_a_warehouse_may_change_from_basic_to_a_token_and_back(basic: Stack, tmp_path: Path) -> None:
    stored = []
    for credentials in (BASIC, {"CROSSDOCK_WMS_TOKEN": "a-token"}, BASIC):
        for name in (*BASIC, "CROSSDOCK_WMS_TOKEN"):
            basic.environment.pop(name, None)
        basic.environment.update(credentials)
        assert connect(basic, tmp_path, GOOD).code == 0
        stored.append(set(basic.vault.secrets["crossdock/test/acme/warehouse"]))

    assert stored == [{"user", "password"}, {"token"}, {"user", "password"}]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"CROSSDOCK_WMS_PASSWORD": ""}, "is given without CROSSDOCK_WMS_PASSWORD"),
        ({"CROSSDOCK_WMS_USER": "", "CROSSDOCK_WMS_TOKEN": "t"}, "is given beside a token"),
        ({"CROSSDOCK_WMS_TOKEN": "a-token"}, "is given beside a token"),
        ({"CROSSDOCK_WMS_USER": "a:b"}, "has a colon in it"),
    ],
)
def test_half_a_credential_or_two_are_refused(basic: Stack, tmp_path: Path, changes: dict[str, str], told: str) -> None:
    basic.environment.update(changes)

    ended = connect(basic, tmp_path, GOOD)

    assert ended.code == 1
    assert told in ended.err
    assert_nothing_is_stored(basic)


# --- what is tried out ---------------------------------------------------------------------------------------


def test_a_refused_key_names_its_variables_and_stores_nothing(given: Stack, tmp_path: Path) -> None:
    given.dear.fault = Unauthorised("DEAR", "GET /me", "Incorrect credentials!", status=403)

    ended = connect(given, tmp_path, GOOD)

    assert ended.code == 2
    assert "CROSSDOCK_DEAR_API_KEY" in ended.err
    assert "Incorrect credentials!" in ended.err
    assert given.dear.calls == 1
    assert "Tax rules: not checked" in ended.out
    assert_nothing_is_stored(given)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Unauthorised("the warehouse", "GET /orders", "no", status=401), "CROSSDOCK_WMS_TOKEN"),
        (Unreachable("the warehouse", "GET /orders", "no connection could be made"), "warehouse.base_url"),
        (NotFound("the warehouse", "GET /orders", "no such page", status=404), "warehouse.base_url"),
        (Interrupted("the warehouse", "GET /orders", "a page of HTML"), "warehouse.base_url"),
    ],
)
def test_a_warehouse_that_does_not_take_us_is_told(
    given: Stack, tmp_path: Path, fault: CrossdockError, told: str
) -> None:
    given.warehouse.fault = fault

    ended = connect(given, tmp_path, GOOD)

    assert ended.code == 2
    assert told in ended.err
    assert_nothing_is_stored(given)


def test_both_sides_are_tried_even_when_one_fails(given: Stack, tmp_path: Path) -> None:
    given.dear.fault = Unauthorised("DEAR", "GET /me", "Incorrect credentials!", status=403)
    given.warehouse.fault = Unreachable("the warehouse", "GET /orders", "no connection could be made")

    ended = connect(given, tmp_path, GOOD)

    assert "CROSSDOCK_DEAR_API_KEY" in ended.err
    assert "warehouse.base_url" in ended.err


def test_an_unknown_location_gets_the_nearest_one(given: Stack, tmp_path: Path) -> None:
    ended = connect(given, tmp_path, GOOD + '[settings]\nlocations = ["main warehous"]')

    assert ended.code == 1
    assert "DEAR has no location 'main warehous'" in ended.err
    assert "did you mean 'Main Warehouse'?" in ended.err
    assert_nothing_is_stored(given)


def test_a_location_of_the_inventory_must_exist_too(given: Stack, tmp_path: Path) -> None:
    ended = connect(given, tmp_path, GOOD + '[settings.warehouses]\n"Moon" = "M1"')

    assert ended.code == 1
    assert "settings.warehouses" in ended.err
    assert "DEAR has: Main Warehouse, Shop Floor" in ended.err
    assert_nothing_is_stored(given)


def test_an_unknown_account_is_told(given: Stack, tmp_path: Path) -> None:
    text = GOOD + '[settings.warehouses]\n"Main Warehouse" = "M1"\n[settings.inventory]\naccount = "621"'

    ended = connect(given, tmp_path, text)

    assert ended.code == 1
    assert "settings.inventory.account" in ended.err
    assert "did you mean '620'?" in ended.err
    assert_nothing_is_stored(given)


def test_a_spent_budget_says_when_to_try_again(given: Stack, tmp_path: Path) -> None:
    given.dear.fault = BudgetSpent(NOON)

    ended = connect(given, tmp_path, GOOD)

    assert ended.code == 2
    assert "spent until 12:00:00 UTC" in ended.err
    assert_nothing_is_stored(given)


def test_the_account_of_a_shipping_charge_must_exist(given: Stack, tmp_path: Path) -> None:
    ended = connect(given, tmp_path, GOOD + '[settings]\nshipping_accounts = ["310", "3100"]')

    assert ended.code == 1
    assert "settings.shipping_accounts" in ended.err
    assert "did you mean '310'?" in ended.err
    assert_nothing_is_stored(given)


def test_accounts_of_charges_and_of_stock_are_read_with_one_call(given: Stack, tmp_path: Path) -> None:
    text = '[settings]\nshipping_accounts = ["310"]\n[settings.warehouses]\n"Main Warehouse" = "M1"\n'

    ended = connect(given, tmp_path, GOOD + text + '[settings.inventory]\naccount = "620"')

    assert ended.code == 0, ended.err
    assert "✓ Shipping accounts: 310" in ended.out
    assert "✓ Inventory account: 620" in ended.out
    assert given.dear.calls == len(("company", "locations", "accounts", "tax rules"))


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        (["PICKED"], "! PICKED: given by DEAR to simple sales only. Advanced sales are matched by their combined"),
        (["packed_and_shipping"], "! PACKED, SHIPPING: given by DEAR to simple sales only"),
        (["ORDERED"], "! ORDERED without BACKORDERED"),
        (["any"], "! DRAFT, ESTIMATING, ESTIMATED, ORDERING: the order is not authorised"),
        (["VOIDED"], "! With these statuses no sale will ever be loaded."),
    ],
)
def test_what_a_status_filter_means_is_warned_of(given: Stack, tmp_path: Path, statuses: list[str], told: str) -> None:
    ended = connect(given, tmp_path, GOOD + f"[settings]\nsale_statuses = {statuses}")

    assert ended.code == 0
    assert told in ended.out


# --- how old a sale may be -----------------------------------------------------------------------------------


def test_a_first_connection_without_a_date_loads_nothing_older_than_yesterday(given: Stack, tmp_path: Path) -> None:
    ended = connect(given, tmp_path, GOOD)

    assert given.checkpoints.found["acme"].settings.earliest_order_date == YESTERDAY
    assert "Sales ordered before 2025-02-28 are not loaded" in ended.out
    assert "To load older ones" in ended.out


def test_a_later_connect_without_a_date_keeps_the_stored_one(given: Stack, tmp_path: Path) -> None:
    connect(given, tmp_path, GOOD)
    given.clock.time += timedelta(days=40)

    ended = connect(given, tmp_path, GOOD)

    assert given.checkpoints.found["acme"].settings.earliest_order_date == YESTERDAY
    assert "acme is unchanged" in ended.out
    assert "Sales ordered before 2025-02-28 are not loaded" in ended.out


def test_a_date_of_the_file_is_taken_and_loads_older_sales(given: Stack, tmp_path: Path) -> None:
    connect(given, tmp_path, GOOD)

    ended = connect(given, tmp_path, GOOD + "[settings]\nearliest_order_date = 2020-01-01")

    assert given.checkpoints.found["acme"].settings.earliest_order_date == date(2020, 1, 1)
    assert "every skipped sale will be judged again" in ended.out
    assert "Sales ordered before" not in ended.out


def test_a_connection_that_was_stored_without_a_date_stays_without(given: Stack, tmp_path: Path) -> None:
    given.checkpoints.save_connection(connection("acme"))

    ended = connect(given, tmp_path, GOOD)

    assert given.checkpoints.found["acme"].settings.earliest_order_date is None
    assert "Sales ordered before" not in ended.out


# --- stored whole or not at all, and applied again -----------------------------------------------------------


def test_what_was_written_is_taken_back_when_a_secret_cannot_be(given: Stack, tmp_path: Path) -> None:
    given.vault.fails_at = "webhook"

    ended = connect(given, tmp_path, GOOD)

    assert ended.code == 2
    assert_nothing_is_stored(given)


def test_secrets_go_back_when_the_connection_cannot_be_stored(given: Stack, tmp_path: Path) -> None:
    connect(given, tmp_path, GOOD)
    before = dict(given.vault.secrets)
    given.environment["CROSSDOCK_WMS_TOKEN"] = "another-token"
    given.checkpoints.saving_fails = CrossdockError("the table is gone")

    ended = connect(given, tmp_path, GOOD.replace("wms.", "wms2."))

    assert ended.code == 2
    assert "the table is gone" in ended.err
    assert given.vault.secrets == before


def test_applied_again_what_is_not_given_stays(given: Stack, tmp_path: Path) -> None:
    connect(given, tmp_path, GOOD)
    before = dict(given.vault.secrets)
    given.environment.clear()
    given.environment["CROSSDOCK_DEAR_API_KEY"] = "a-new-key"

    ended = connect(given, tmp_path, GOOD)

    assert ended.code == 0, ended.err
    after = given.vault.secrets
    assert after["crossdock/test/acme/dear"] == {"account_id": "the-account", "api_key": "a-new-key"}
    assert after["crossdock/test/acme/warehouse"] == before["crossdock/test/acme/warehouse"]
    assert after["crossdock/test/acme/webhook"] == before["crossdock/test/acme/webhook"]
    assert "replaced secret crossdock/test/acme/dear" in ended.out
    assert "kept     secret crossdock/test/acme/warehouse" in ended.out


def test_applied_again_without_a_change_nothing_is_done(given: Stack, tmp_path: Path) -> None:
    connect(given, tmp_path, GOOD)
    given.checkpoints.read["acme", Step.DOWNLOAD_ORDERS] = Checkpoint(since=NOON)

    ended = connect(given, tmp_path, GOOD)

    assert "acme is unchanged" in ended.out
    assert given.checkpoints.read["acme", Step.DOWNLOAD_ORDERS].since == NOON


def test_changed_settings_have_every_sale_judged_again(given: Stack, tmp_path: Path) -> None:
    given.checkpoints.save_connection(connection())
    given.checkpoints.read[CONNECTION, Step.DOWNLOAD_ORDERS] = Checkpoint(since=NOON, pass_started_at=NOON, page=3)
    reason = Reason(code="unmapped_ship_method", text="the ship method 'Courier' has no warehouse code")
    held = sale("s-1", decision=Decision.HELD, due_at=None, reason=reason)
    loaded = sale("s-2", decision=Decision.LOADED, due_at=None)
    waits = sale("s-3", decision=Decision.HELD, due_at=None, reason=Reason(code="held_by_person", text="wait"))
    given.orders.add(held, loaded, waits)
    given.checkpoints.races_to_lose = 1

    ended = connect(given, tmp_path, GOOD + '[settings.ship_methods]\n"Courier" = "C1"')

    assert ended.code == 0, ended.err
    begun_anew = given.checkpoints.read[CONNECTION, Step.DOWNLOAD_ORDERS]
    assert (begun_anew.since, begun_anew.pass_started_at, begun_anew.page) == (None, None, 1)
    assert by_settings(begun_anew, connection()) == begun_anew, (
        "the download is to see that it went by the settings before"
    )
    assert "1 stopped sale and every skipped sale will be judged again" in ended.out


def test_settings_are_not_stored_where_the_list_cannot_be_set_back(given: Stack, tmp_path: Path) -> None:
    connect(given, tmp_path, GOOD)
    before, secrets = given.checkpoints.found["acme"], dict(given.vault.secrets)
    given.environment["CROSSDOCK_WMS_TOKEN"] = "another-token"
    given.checkpoints.races_to_lose = 99

    ended = connect(given, tmp_path, GOOD + '[settings.ship_methods]\n"Courier" = "C1"')

    assert ended.code == 2
    assert (given.checkpoints.found["acme"], given.vault.secrets) == (before, secrets)


def test_a_connection_that_is_not_active_says_so(given: Stack, tmp_path: Path) -> None:
    ended = connect(given, tmp_path, GOOD.replace("[warehouse]", "active = false\n[warehouse]"))

    assert ended.code == 0
    assert "no step runs for it" in ended.out


def test_a_warehouse_code_that_no_stock_is_under_is_refused(given: Stack, tmp_path: Path) -> None:
    text = GOOD + '[settings.warehouses]\n"Main Warehouse" = "M-1"\n[settings.inventory]\naccount = "620"'

    ended = connect(given, tmp_path, text)

    assert ended.code == 1
    assert "settings.warehouses.Main Warehouse" in ended.err
    assert "did you mean 'M1'?" in " ".join(ended.err.split())
    assert_nothing_is_stored(given)


@pytest.mark.parametrize(
    ("more", "code"), [("", 1), ('left_out = ["M1"]', 0), ('locations = "total"\ntotal_location = "Shop Floor"', 0)]
)
def test_a_code_of_two_locations_is_refused_where_each_would_get_all_of_its_stock(
    given: Stack, tmp_path: Path, more: str, code: int
) -> None:
    warehouses = '[settings.warehouses]\n"Main Warehouse" = "M1"\n"Shop Floor" = "M1"\n'

    ended = connect(given, tmp_path, GOOD + warehouses + f'[settings.inventory]\naccount = "620"\n{more}')

    assert ended.code == code, ended.err
    if code:
        told = " ".join(ended.err.split())
        assert "settings.warehouses.Main Warehouse has the code of Shop Floor" in told
        assert 'settings.inventory.locations = "total"' in told
        assert_nothing_is_stored(given)


def test_a_second_name_for_the_same_sales_is_refused(given: Stack, tmp_path: Path) -> None:
    connect(given, tmp_path, GOOD)

    ended = connect(given, tmp_path, GOOD.replace("acme", "acme-two"))

    assert ended.code == 1
    assert "'acme' serves the same sales" in " ".join(ended.err.split())
    assert set(given.checkpoints.found) == {"acme"}
