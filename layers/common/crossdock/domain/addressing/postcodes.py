"""Which countries use postcodes, and what these look like (Universal Postal Union, Postal addressing systems).

In a shape 9 is a digit, a is a letter, * is either, a space or hyphen may be either or left out; all else stands for
itself.
"""

import re
from functools import cache


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SHAPES = {
    "999": "FO IS LS MG OM PG",
    "9999": """AF AL AM AR AT AU BD BE BG CC CH CV CX CY DK ET GE GL GW HT HU LI LR LU LV MD MK MZ NE NF NO NZ PH PY SI
        SJ TN VE ZA""",
    "99999": """AX BA BL BT CR CU DE DO DZ EE EG ES FI FR GF GP GT GU HN HR ID IL IQ IT JO KE KR KW LA LK LT MA MC ME
        MF MH MM MN MP MQ MU MV MX MY NC NI NP PE PF PK PM PR PS PW RE RS SA SD SM SN TH TR TW TZ UA US UY VA VI VN WF
        XK YT ZM AS FM""",
    "999999": "BY CN CO EC IN KG KH KZ MN NG RO RU SG TJ TM TT TW UZ VN",
    "9999999": "CL IL",
    "999 99": "CZ GR SE SK",
    "99-999": "PL",
    "99999-9999": "US PR VI GU AS MP SA",
    "99999-99999": "IR",
    "9999-999": "PT",
    "99999-999": "BR",
    "999-9999": "JP",
    "999-999": "CL",
    "9999 aa": "NL",
    "a9a 9a9": "CA",
    "a9 9aa": "GB GG JE IM",
    "a99 9aa": "GB GG JE IM",
    "aa9 9aa": "GB GG JE IM",
    "aa99 9aa": "GB GG JE IM",
    "a9a 9aa": "GB",
    "aa9a 9aa": "GB",
    "a99 ****": "IE",
    "D6W ****": "IE",
    "a9999aaa": "AR",
    "aaa 9999": "MT",
    "a999": "SZ",
    "aa9999": "BN",
    "AD999": "AD",
    "AZ 9999": "AZ",
    "BB99999": "BB",
    "KY9-9999": "KY",
    "GX11 1AA": "GI",
}  # fmt: skip

NEED_POSTCODE = _codes("""
    AD AR AT AU AX BA BE BG BR CA CH CN CY CZ DE DK EE ES FI FO FR GB GF GG GL GP GR GU HR HU ID IL IM IN IS IT JE JP KR
    LI LT LU LV MC ME MK MQ MT MX MY NL NO NZ PH PL PR PT RE RO RS RU SE SG SI SK SM TH TR TW UA US VA VI YT ZA
""")
"""Countries whose carriers do not take a parcel without a postcode."""

WITHOUT_POSTCODE = _codes("""
    AE AG AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GQ GY HK JM KI KM KP LY ML MO MR MW NR
    NU PA QA RW SB SC SL SR SS ST SX SY TD TG TK TL TO TV UG VU YE ZW
""")
"""Countries that have none, or have codes that nobody writes."""

_OFTEN_LEFT_OUT = frozenset({"IE"})

LONGEST_POSTCODE = 3
"""Words of a postcode at most."""


def is_postcode(country: str, text: str) -> bool:
    """Whether the text has the shape of a postcode of the country; a prefix such as the D of D-10115 may stand."""
    pattern = _pattern(country)
    return bool(pattern and pattern.fullmatch(" ".join(text.upper().split())))


def may_lack_postcode(country: str) -> bool:
    """Whether an address of this country can be read without one."""
    return country in WITHOUT_POSTCODE or country in _OFTEN_LEFT_OUT


@cache
def _pattern(country: str) -> re.Pattern[str] | None:
    shapes = [_written(shape) for shape, countries in _SHAPES.items() if country in countries.split()]
    return re.compile(rf"(?:[A-Z]{{1,2}}-)?(?:{'|'.join(shapes)})") if shapes else None


def _written(shape: str) -> str:
    parts = {"9": "[0-9]", "a": "[A-Z]", "*": "[0-9A-Z]", " ": "[ -]?", "-": "[ -]?"}
    return "".join(parts.get(each, each) for each in shape)
