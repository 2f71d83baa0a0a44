"""Addresses: read from display lines only where that is safe, held where the two disagree, never cut, never told."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.domain.addressing import PARTS, bill_to_of, compare, missing_parts, parse, ship_to_of
from crossdock.domain.addressing.countries import COUNTRIES, code_of
from crossdock.domain.addressing.postcodes import NEED_POSTCODE, WITHOUT_POSTCODE, is_postcode
from crossdock.domain.errors import NeedsPerson
from crossdock.domain.order import PostalAddress
from crossdock.domain.sale import Address
from crossdock.domain.settings import Settings
from tests.unit.builders import sale

BRISTOL = {"line1": "1 Quay Street", "city": "Bristol", "postcode": "BS1 4DJ", "country": "GB"}
LISTS = st.lists(st.text(alphabet="αβγδεζηθ", min_size=1, max_size=6), max_size=3).map(" ".join)
ANY_ADDRESS = st.builds(
    Address,
    **dict.fromkeys(("line1", "line2", "city", "state", "postcode", "company", "contact"), st.none() | LISTS),
    country=st.none() | LISTS | st.sampled_from(["GB", "US", "SG", "AE", "Germany"]),
    display=st.tuples(LISTS, LISTS | LISTS.map(lambda words: f"{words} Germany")),
)


def sent(settings: Settings | None = None, **parts: Any) -> PostalAddress:
    return ship_to_of(sale(ship_to=Address(**parts)), settings or Settings())


def held(settings: Settings | None = None, **parts: Any) -> NeedsPerson:
    with pytest.raises(NeedsPerson) as caught:
        sent(settings, **parts)
    return caught.value


def place(address: PostalAddress) -> tuple[str | None, ...]:
    return address.city, address.region, address.postcode, address.country


# --- only the display lines are filled -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("Bristol BS1 4DJ United Kingdom", ("Bristol", None, "BS1 4DJ", "GB")),
        ("Bristol BS14DJ England", ("Bristol", None, "BS14DJ", "GB")),
        ("Milton Keynes, MK1 1AA, United Kingdom", ("Milton Keynes", None, "MK1 1AA", "GB")),
        ("Milton Keynes, Buckinghamshire, MK1 1AA, UK", ("Milton Keynes", "Buckinghamshire", "MK1 1AA", "GB")),
        ("Portland OR 97201 United States", ("Portland", "OR", "97201", "US")),
        ("Portland, OR 97201-1234, USA", ("Portland", "OR", "97201-1234", "US")),
        ("New York New York 10001 United States of America", ("New York", "New York", "10001", "US")),
        ("Kansas City Kansas 66101 US", ("Kansas City", "Kansas", "66101", "US")),
        ("Melbourne VIC 3331 Australia", ("Melbourne", "VIC", "3331", "AU")),
        ("Toronto Ontario M5V 3L9 Canada", ("Toronto", "Ontario", "M5V 3L9", "CA")),
        ("Berlin D-10115 Germany", ("Berlin", None, "D-10115", "DE")),
        ("Amsterdam 1012 AB The Netherlands", ("Amsterdam", None, "1012 AB", "NL")),
        ("Stockholm 114 55 Sweden", ("Stockholm", None, "114 55", "SE")),
        ("Seoul 04524 Korea, Republic of", ("Seoul", None, "04524", "KR")),
        ("Singapore 048581 Singapore", ("Singapore", None, "048581", "SG")),
        ("048581 Singapore", (None, None, "048581", "SG")),
        ("Hong Kong", (None, None, None, "HK")),
        ("Dubai United Arab Emirates", ("Dubai", None, None, "AE")),
        ("Dublin Ireland", ("Dublin", None, None, "IE")),
        ("Saint-Denis 97400 Reunion", ("Saint-Denis", None, "97400", "RE")),
    ],
)
def test_display_lines_that_read_in_one_way_fill_the_fields(line: str, read: tuple[str | None, ...]) -> None:
    address = sent(display=("1 Quay Street", line))

    assert (address.line1, address.line2) == ("1 Quay Street", None)
    assert place(address) == read


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Bristol BS1 4DJ", "no country"),
        ("Bristol BS1 4DJ Atlantis", "no country"),
        ("Bristol 10 United Kingdom", "no postcode of GB"),
        ("10115 Berlin Germany", "no postcode of DE"),
        ("Milton Keynes MK1 1AA United Kingdom", "2 ways"),
        ("Charleston West Virginia 25301 United States", "2 ways"),
        ("Portland 97201 United States", "no way"),
        ("Wilmington 19801 DE", "no country"),
        ("Los Angeles 90001 CA", "no country"),
        ("Atlanta Georgia", "no postcode of GE"),
        ("Abu Dhabi United Arab Emirates", "2 ways"),
        ("Dublin 4 Ireland", "no way"),
        ("", "no country"),
    ],
)
def test_display_lines_that_may_be_read_otherwise_are_held(line: str, why: str) -> None:
    reason = held(display=("1 Quay Street", line))

    assert reason.code == "address_ambiguous"
    assert why in str(reason)
    assert "crossdock address SO-00001" in str(reason)


def test_without_the_first_display_line_there_is_no_street() -> None:
    reason = held(display=("", "Bristol BS1 4DJ United Kingdom"))

    assert reason.code == "address_ambiguous"
    assert "no line 1" in str(reason)


def test_nothing_at_all_is_incomplete() -> None:
    reason = held()

    assert (reason.code, "no line 1 and no city and no country" in str(reason)) == ("address_incomplete", True)


# --- some fields are filled ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blank", "display", "part", "read"),
    [
        ("postcode", ("1 Quay Street", "Bristol BS1 4DJ United Kingdom"), "postcode", "BS1 4DJ"),
        ("country", ("1 Quay Street", "Bristol BS1 4DJ United Kingdom"), "country", "GB"),
        ("city", ("1 Quay Street", "Bristol BS1 4DJ"), "city", "Bristol"),
        ("line1", ("1 Quay Street", ""), "line1", "1 Quay Street"),
        ("city", ("1 Quay Street Flat 2", "Bristol BS1 4DJ"), "line2", "Flat 2"),
    ],
)
def test_a_needed_field_that_is_blank_is_read_where_the_others_settle_it(
    blank: str, display: tuple[str, str], part: str, read: str
) -> None:
    address = sent(**{**BRISTOL, blank: None}, display=display)

    assert getattr(address, part) == read


def test_filled_fields_settle_what_could_not_be_told_apart_alone() -> None:
    known = {**BRISTOL, "city": "Milton Keynes", "postcode": None}

    address = sent(**known, display=("1 Quay Street", "Milton Keynes MK1 1AA United Kingdom"))

    assert place(address) == ("Milton Keynes", None, "MK1 1AA", "GB")


def test_the_first_line_is_read_around_the_second() -> None:
    address = sent(**{**BRISTOL, "line1": "-"}, line2="Flat 2", display=("1 Quay Street, Flat 2", "Bristol BS1 4DJ"))

    assert (address.line1, address.line2) == ("1 Quay Street", "Flat 2")


@pytest.mark.parametrize("display", [("1 Quay Street", "Bristol Avon United Kingdom"), ("1 Quay Street", "Bristol")])
def test_what_the_display_lines_do_not_settle_is_incomplete_and_says_what_is_missing(display: tuple[str, str]) -> None:
    reason = held(**{**BRISTOL, "postcode": None}, display=display)

    assert reason.code == "address_incomplete"
    assert "has no postcode" in str(reason)
    assert "select it on the order" in str(reason)


@pytest.mark.parametrize(
    ("country", "missing"),
    [
        ("US", ("state", "postcode")),
        ("Canada", ("state", "postcode")),
        ("AU", ("state", "postcode")),
        ("GB", ("postcode",)),
        ("IE", ()),
        ("AE", ()),
        ("HK", ()),
        ("Atlantis", ()),
    ],
)
def test_each_country_needs_its_own_parts(country: str, missing: tuple[str, ...]) -> None:
    assert missing_parts(Address(line1="1 Quay Street", city="Anywhere", country=country)) == missing


def test_a_city_state_needs_no_city_and_other_countries_do() -> None:
    assert missing_parts(Address(line1="1 Quay Street", postcode="048581", country="SG")) == ()
    assert missing_parts(Address(line1="1 Quay Street", postcode="10115", country="DE")) == ("city",)


# --- both are filled -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "display",
    [
        ("1 Quay Street", "Bristol BS1 4DJ GB"),
        ("1 QUAY STREET,", "bristol, BS14DJ, United  Kingdom"),
        ("1 Quay Street", "BS1 4DJ Bristol"),
        ("1 Quay Street Bristol BS1 4DJ Great Britain", ""),
        ("", "Bristol BS1 4DJ GBR"),
        ("", ""),
        ("Moss & Daughters, 1 Quay Street", "Bristol BS1 4DJ"),
    ],
)
def test_lines_that_say_the_same_in_another_way_agree(display: tuple[str, str]) -> None:
    address = sent(**BRISTOL, company="Moss & Daughters", display=display)

    assert place(address) == ("Bristol", None, "BS1 4DJ", "GB")


@pytest.mark.parametrize(
    ("display", "named"),
    [
        (("2 Quay Street", "Bristol BS1 4DJ GB"), "line 1 stands in its fields"),
        (("1 Quay Street Flat 9", "Bristol BS1 4DJ GB"), "words that no field has"),
        (("1 Quay Street", "Bath BS1 4DJ GB"), "city stands in its fields"),
        (("1 Quay Street", "Bristol BS1 4DJ Canada"), "country stands in its fields"),
        (("1 Quay Street", "Bristol GB"), "postcode stands in its fields"),
        (("9 Elm Row", "Bath BA1 1AA GB"), "line 1, city and postcode stand in its fields"),
    ],
)
def test_lines_that_say_something_else_are_held_and_the_parts_named(display: tuple[str, str], named: str) -> None:
    reason = held(**BRISTOL, display=display)

    assert reason.code == "address_disagrees"
    assert named in str(reason)
    assert "crossdock address SO-00001" in str(reason)


def test_a_region_or_country_that_the_lines_leave_out_is_no_disagreement_until_another_stands_there() -> None:
    melbourne = {**BRISTOL, "city": "Melbourne", "state": "VIC", "postcode": "3331", "country": "AU"}

    assert sent(**melbourne, display=("1 Quay Street", "Melbourne 3331")).region == "VIC"
    assert "region stands" in str(held(**melbourne, display=("1 Quay Street", "Melbourne NSW 3331")))


def test_a_disagreement_is_found_beside_blank_fields_too() -> None:
    reason = held(**{**BRISTOL, "city": None}, display=("9 Elm Row", "Bath BA1 1AA GB"))

    assert reason.code == "address_disagrees"


@given(
    st.fixed_dictionaries({part: st.none() | LISTS for part in PARTS}), st.randoms(use_true_random=False), st.booleans()
)
def test_fields_agree_with_themselves_joined_in_any_order(
    parts: dict[str, str | None], order: random.Random, commas: bool
) -> None:
    first, second = ([parts[part] or "" for part in half] for half in (PARTS[:2], PARTS[2:]))
    order.shuffle(first)
    order.shuffle(second)
    between = ", " if commas else " "

    compared = compare(Address(**parts, display=(between.join(first).upper(), between.join(second))))

    assert compared.agrees


# --- never wrong, never told, never cut ------------------------------------------------------------------------

PLACES = st.sampled_from(
    [
        ("Bristol", None, "BS1 4DJ", "GB"),
        ("Milton Keynes", None, "MK1 1AA", "GB"),
        ("Milton Keynes", "Bucks", "MK1 1AA", "GB"),
        ("New York", "New York", "10001", "US"),
        ("Charleston", "West Virginia", "25301", "US"),
        ("Wilmington", "DE", "19801", "US"),
        ("Perth", "Western Australia", "6000", "AU"),
        ("Berlin", "Berlin", "10115", "DE"),
        ("Bad Homburg", "Hessen", "61348", "DE"),
        ("Abu Dhabi", None, None, "AE"),
        ("Kowloon", None, None, "HK"),
        ("Singapore", "Singapore", "048581", "SG"),
        ("São Paulo", "SP", "01310-100", "BR"),
        ("Tbilisi", None, "0105", "GE"),
    ]
)
NAMES = {"GB": "United Kingdom", "US": "United States", "AU": "Australia", "DE": "Germany", "HK": "Hong Kong",
         "AE": "United Arab Emirates", "SG": "Singapore", "BR": "Brazil", "GE": "Georgia"}  # fmt: skip


@given(PLACES, st.sets(st.sampled_from(PARTS[2:])), st.booleans(), st.booleans(), st.booleans())
def test_what_is_read_is_what_was_joined_or_it_is_held(
    where: tuple[str | None, ...], blank: set[str], named: bool, commas: bool, told: bool
) -> None:
    whole = dict(zip(PARTS[2:], where, strict=True))
    shown = [*where[:3], *([NAMES[str(where[3])] if named else where[3]] if told else [])]
    line = (", " if commas else " ").join(part for part in shown if part)
    kept = {part: None if part in blank else text for part, text in whole.items()}

    try:
        address = sent(line1="1 Quay Street", **kept, display=("1 Quay Street", line))
    except NeedsPerson:
        return

    needs_reading = missing_parts(Address(line1="1 Quay Street", **kept))
    assert dict(zip(PARTS[2:], place(address), strict=True)) == (whole if needs_reading else kept)


@given(ANY_ADDRESS)
def test_any_address_is_sent_or_held_and_no_reason_tells_a_word_of_it(address: Address) -> None:
    told, codes = "", {"", "address_disagrees", "address_incomplete", "address_ambiguous", "address_too_long"}

    try:
        ship_to_of(sale(ship_to=address), Settings(address_limits={"line1": 3, "name": 3}))
        code = ""
    except NeedsPerson as reason:
        told, code = str(reason), reason.code

    assert code in codes
    assert not set(told) & set("αβγδεζηθ")


@given(ANY_ADDRESS)
def test_billing_is_never_held_and_loses_no_line(address: Address) -> None:
    postal = bill_to_of(sale(bill_to=address), Settings(address_limits={"line1": 1}))

    if not any(getattr(address, part) for part in PARTS):
        shown = " ".join(address.display)
        told = " ".join(str(part) for part in postal.model_dump(exclude={"name", "first_name", "last_name"}).values())
        assert set(shown.removesuffix("Germany").split()) <= set(told.split())


@given(ANY_ADDRESS)
def test_a_field_that_is_filled_is_never_changed_by_reading(address: Address) -> None:
    read = parse(address).address

    if read:
        kept = {part for part in PARTS if getattr(address, part)}
        assert all(getattr(read, part) == getattr(address, part) for part in kept - {"country"})


def test_a_part_longer_than_the_warehouse_takes_is_held_with_its_length() -> None:
    limits = Settings(address_limits={"line1": 10, "city": 7, "name": 5})

    reason = held(limits, **BRISTOL, contact="Ada Moss")

    assert reason.code == "address_too_long"
    assert "line 1 has 13 letters where the warehouse takes 10" in str(reason)
    assert "name has 8 letters where the warehouse takes 5" in str(reason)
    assert "city" not in str(reason)


def test_a_part_that_is_just_as_long_as_it_may_be_is_sent() -> None:
    assert sent(Settings(address_limits={"line1": 13}), **BRISTOL).line1 == "1 Quay Street"


# --- names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ada Moss", "Ada", "Moss"),
        ("Ada", None, "Ada"),
        ("Ada  von der Moss", "Ada von der", "Moss"),
        ("Ada Moss Jr.", "Ada Moss", "Jr."),
    ],
)
def test_the_last_word_is_the_last_name(name: str, first: str | None, last: str) -> None:
    address = sent(**BRISTOL, contact=name)

    assert (address.name, address.first_name, address.last_name) == (name, first, last)


def test_names_are_left_whole_where_the_setting_says_so() -> None:
    address = sent(Settings(split_names=False), **BRISTOL, contact="Ada Moss")

    assert (address.name, address.first_name, address.last_name) == ("Ada Moss", None, None)


@given(st.text(min_size=1).filter(str.strip))
def test_no_letter_of_a_name_is_lost(name: str) -> None:
    address = sent(**BRISTOL, contact=name)

    assert address.name == name
    assert f"{address.first_name or ''} {address.last_name}".split() == name.split()


# --- the tables ------------------------------------------------------------------------------------------------


def test_every_country_is_known_by_code_and_name() -> None:
    iso_and_kosovo = 250

    assert len(COUNTRIES) == iso_and_kosovo
    assert all(code_of(code) == code for code in COUNTRIES)
    for text in ("United Kingdom", "UNITED KINGDOM", "uk", "GBR", "Great Britain", "Northern Ireland"):
        assert code_of(text) == "GB"
    for text, code in {"Côte d\u2019Ivoire": "CI", "Cote d'Ivoire": "CI", "St. Lucia": "LC", "Trinidad & Tobago": "TT",
                       "Viet Nam": "VN", "Turkey": "TR", "Guinea": "GN", "Papua New Guinea": "PG"}.items():  # fmt: skip
        assert code_of(text) == code
    assert code_of("Atlantis") is None


def test_no_country_both_needs_a_postcode_and_has_none() -> None:
    assert not NEED_POSTCODE & WITHOUT_POSTCODE
    assert COUNTRIES >= NEED_POSTCODE | WITHOUT_POSTCODE


@pytest.mark.parametrize(
    ("country", "good", "bad"),
    [
        ("GB", ["BS1 4DJ", "sw1a1aa", "W1A 1AA"], ["BS1", "10115"]),
        ("US", ["97201", "97201-1234"], ["9720", "97201-12"]),
        ("CA", ["K1A 0B1"], ["K1A 0BB"]),
        ("PL", ["00-001"], ["0001"]),
        ("LU", ["L-1234", "1234"], ["12345"]),
        ("IE", ["D02 X285", "D6W XK28"], ["D02"]),
        ("AE", [], ["00000", ""]),
    ],
)
def test_postcodes_are_known_by_their_shape(country: str, good: list[str], bad: list[str]) -> None:
    assert all(is_postcode(country, text) for text in good)
    assert not any(is_postcode(country, text) for text in bad)


@settings(max_examples=20)
@given(st.sampled_from(sorted(NEED_POSTCODE)))
def test_every_country_that_needs_a_postcode_has_a_shape_for_it(country: str) -> None:
    shapes = ("999", "9999", "99999", "999999", "999 99", "1A1 1AA", "99-999", "A1 1AA", "1234 AB", "9999999",
              "A1A 1A1", "9999-999", "99999-999", "999-9999", "AAA 9999", "AD999")  # fmt: skip

    assert any(is_postcode(country, shape) for shape in shapes)
