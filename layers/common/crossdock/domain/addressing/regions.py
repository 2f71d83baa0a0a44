"""The states and provinces of the countries whose addresses must name one (USPS, Canada Post, Australia Post)."""

from crossdock.domain.addressing.words import key_of

_US = """AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|
DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|
LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|
NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|
OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|
UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming|PR Puerto Rico|GU Guam|
VI Virgin Islands|AS American Samoa|MP Northern Mariana Islands|AA Armed Forces Americas|AE Armed Forces Europe|
AP Armed Forces Pacific"""
_CA = """AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NS Nova Scotia|
NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|QC Québec|SK Saskatchewan|YT Yukon"""
_AU = """ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD Queensland|SA South Australia|
TAS Tasmania|VIC Victoria|WA Western Australia"""


def _split(table: str) -> tuple[frozenset[str], frozenset[str]]:
    """The codes, and the keys of codes and names."""
    rows = [row.strip().partition(" ") for row in table.replace("\n", "").split("|")]
    return frozenset(code for code, _, _ in rows), frozenset(
        key_of(text) for code, _, name in rows for text in (code, name)
    )


_TABLES = {"US": _split(_US), "CA": _split(_CA), "AU": _split(_AU)}

NEED_REGION = frozenset(_TABLES)
"""Countries whose carriers ask for the state or province."""

REGION_CODES = frozenset(code for codes, _ in _TABLES.values() for code in codes)


def is_region(country: str, text: str) -> bool:
    """Whether it is a state or province of one of these countries."""
    return key_of(text) in _TABLES[country][1]
