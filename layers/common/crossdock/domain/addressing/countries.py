"""Countries by their ISO 3166-1 codes (alpha-2, alpha-3), English names, and the names that are used as well."""

import unicodedata

from crossdock.domain.addressing.words import key_of

_TABLE = """
AD AND Andorra|AE ARE United Arab Emirates|AF AFG Afghanistan|AG ATG Antigua and Barbuda|AI AIA Anguilla|
AL ALB Albania|AM ARM Armenia|AO AGO Angola|AQ ATA Antarctica|AR ARG Argentina|AS ASM American Samoa|AT AUT Austria|
AU AUS Australia|AW ABW Aruba|AX ALA Åland Islands|AZ AZE Azerbaijan|BA BIH Bosnia and Herzegovina|BB BRB Barbados|
BD BGD Bangladesh|BE BEL Belgium|BF BFA Burkina Faso|BG BGR Bulgaria|BH BHR Bahrain|BI BDI Burundi|BJ BEN Benin|
BL BLM Saint Barthélemy|BM BMU Bermuda|BN BRN Brunei|BO BOL Bolivia|BQ BES Caribbean Netherlands|BR BRA Brazil|
BS BHS Bahamas|BT BTN Bhutan|BV BVT Bouvet Island|BW BWA Botswana|BY BLR Belarus|BZ BLZ Belize|CA CAN Canada|
CC CCK Cocos Islands|CD COD Democratic Republic of the Congo|CF CAF Central African Republic|CG COG Congo|
CH CHE Switzerland|CI CIV Côte d'Ivoire|CK COK Cook Islands|CL CHL Chile|CM CMR Cameroon|CN CHN China|
CO COL Colombia|CR CRI Costa Rica|CU CUB Cuba|CV CPV Cabo Verde|CW CUW Curaçao|CX CXR Christmas Island|CY CYP Cyprus|
CZ CZE Czechia|DE DEU Germany|DJ DJI Djibouti|DK DNK Denmark|DM DMA Dominica|DO DOM Dominican Republic|
DZ DZA Algeria|EC ECU Ecuador|EE EST Estonia|EG EGY Egypt|EH ESH Western Sahara|ER ERI Eritrea|ES ESP Spain|
ET ETH Ethiopia|FI FIN Finland|FJ FJI Fiji|FK FLK Falkland Islands|FM FSM Micronesia|FO FRO Faroe Islands|
FR FRA France|GA GAB Gabon|GB GBR United Kingdom|GD GRD Grenada|GE GEO Georgia|GF GUF French Guiana|GG GGY Guernsey|
GH GHA Ghana|GI GIB Gibraltar|GL GRL Greenland|GM GMB Gambia|GN GIN Guinea|GP GLP Guadeloupe|
GQ GNQ Equatorial Guinea|GR GRC Greece|GS SGS South Georgia and the South Sandwich Islands|GT GTM Guatemala|
GU GUM Guam|GW GNB Guinea-Bissau|GY GUY Guyana|HK HKG Hong Kong|HM HMD Heard Island and McDonald Islands|
HN HND Honduras|HR HRV Croatia|HT HTI Haiti|HU HUN Hungary|ID IDN Indonesia|IE IRL Ireland|IL ISR Israel|
IM IMN Isle of Man|IN IND India|IO IOT British Indian Ocean Territory|IQ IRQ Iraq|IR IRN Iran|IS ISL Iceland|
IT ITA Italy|JE JEY Jersey|JM JAM Jamaica|JO JOR Jordan|JP JPN Japan|KE KEN Kenya|KG KGZ Kyrgyzstan|KH KHM Cambodia|
KI KIR Kiribati|KM COM Comoros|KN KNA Saint Kitts and Nevis|KP PRK North Korea|KR KOR South Korea|KW KWT Kuwait|
KY CYM Cayman Islands|KZ KAZ Kazakhstan|LA LAO Laos|LB LBN Lebanon|LC LCA Saint Lucia|LI LIE Liechtenstein|
LK LKA Sri Lanka|LR LBR Liberia|LS LSO Lesotho|LT LTU Lithuania|LU LUX Luxembourg|LV LVA Latvia|LY LBY Libya|
MA MAR Morocco|MC MCO Monaco|MD MDA Moldova|ME MNE Montenegro|MF MAF Saint Martin|MG MDG Madagascar|
MH MHL Marshall Islands|MK MKD North Macedonia|ML MLI Mali|MM MMR Myanmar|MN MNG Mongolia|MO MAC Macao|
MP MNP Northern Mariana Islands|MQ MTQ Martinique|MR MRT Mauritania|MS MSR Montserrat|MT MLT Malta|MU MUS Mauritius|
MV MDV Maldives|MW MWI Malawi|MX MEX Mexico|MY MYS Malaysia|MZ MOZ Mozambique|NA NAM Namibia|NC NCL New Caledonia|
NE NER Niger|NF NFK Norfolk Island|NG NGA Nigeria|NI NIC Nicaragua|NL NLD Netherlands|NO NOR Norway|NP NPL Nepal|
NR NRU Nauru|NU NIU Niue|NZ NZL New Zealand|OM OMN Oman|PA PAN Panama|PE PER Peru|PF PYF French Polynesia|
PG PNG Papua New Guinea|PH PHL Philippines|PK PAK Pakistan|PL POL Poland|PM SPM Saint Pierre and Miquelon|
PN PCN Pitcairn|PR PRI Puerto Rico|PS PSE Palestine|PT PRT Portugal|PW PLW Palau|PY PRY Paraguay|QA QAT Qatar|
RE REU Réunion|RO ROU Romania|RS SRB Serbia|RU RUS Russia|RW RWA Rwanda|SA SAU Saudi Arabia|SB SLB Solomon Islands|
SC SYC Seychelles|SD SDN Sudan|SE SWE Sweden|SG SGP Singapore|SH SHN Saint Helena, Ascension and Tristan da Cunha|
SI SVN Slovenia|SJ SJM Svalbard and Jan Mayen|SK SVK Slovakia|SL SLE Sierra Leone|SM SMR San Marino|SN SEN Senegal|
SO SOM Somalia|SR SUR Suriname|SS SSD South Sudan|ST STP Sao Tome and Principe|SV SLV El Salvador|
SX SXM Sint Maarten|SY SYR Syria|SZ SWZ Eswatini|TC TCA Turks and Caicos Islands|TD TCD Chad|
TF ATF French Southern Territories|TG TGO Togo|TH THA Thailand|TJ TJK Tajikistan|TK TKL Tokelau|TL TLS Timor-Leste|
TM TKM Turkmenistan|TN TUN Tunisia|TO TON Tonga|TR TUR Türkiye|TT TTO Trinidad and Tobago|TV TUV Tuvalu|
TW TWN Taiwan|TZ TZA Tanzania|UA UKR Ukraine|UG UGA Uganda|UM UMI United States Minor Outlying Islands|
US USA United States|UY URY Uruguay|UZ UZB Uzbekistan|VA VAT Vatican City|VC VCT Saint Vincent and the Grenadines|
VE VEN Venezuela|VG VGB British Virgin Islands|VI VIR US Virgin Islands|VN VNM Vietnam|VU VUT Vanuatu|
WF WLF Wallis and Futuna|WS WSM Samoa|YE YEM Yemen|YT MYT Mayotte|ZA ZAF South Africa|ZM ZMB Zambia|ZW ZWE Zimbabwe
"""

_OTHER_NAMES = """
AE UAE; Emirates|AX Aland|BA Bosnia|BL St Barts|BN Brunei Darussalam|BO Bolivia (Plurinational State of);
Plurinational State of Bolivia|BQ Bonaire; Bonaire, Sint Eustatius and Saba; Bonaire, St Eustatius and Saba|BY
Byelorussia; Republic of Belarus|CC Cocos (Keeling) Islands; Keeling Islands|CD Congo (DRC); DR Congo; Congo,
Democratic Republic of the; Congo - Kinshasa; Zaire|CG Republic of the Congo; Congo, Republic of the; Congo -
Brazzaville|CH Swiss Confederation; Schweiz; Suisse|CI Ivory Coast|CN People's Republic of China; PR China; China,
People's Republic of; Mainland China|CV Cape Verde|CZ Czech Republic|DE Deutschland; Federal Republic of Germany|ES
España|FK Falkland Islands (Malvinas); Malvinas|FM Federated States of Micronesia; Micronesia, Federated States of|
FO Faeroe Islands|GB Great Britain; UK; Britain; England; Scotland; Wales; Northern Ireland; United Kingdom of Great
Britain and Northern Ireland; Great Britain and Northern Ireland|GS South Georgia|HK Hong Kong SAR; Hong Kong SAR
China; Hong Kong, China|HM Heard and McDonald Islands|IE Republic of Ireland; Ireland, Republic of; Eire|IR Islamic
Republic of Iran; Iran, Islamic Republic of|IT Italia|KN St Kitts|KP Korea, Democratic People's Republic of;
Democratic People's Republic of Korea; Korea, North|KR Korea; Republic of Korea; Korea, Republic of; Korea, South|LA
Lao People's Democratic Republic; Lao PDR|LY Libyan Arab Jamahiriya|MD Republic of Moldova; Moldova, Republic of|MF
Saint Martin (French part)|MK Macedonia; Republic of North Macedonia; Macedonia, the former Yugoslav Republic of; The
former Yugoslav Republic of Macedonia; Macedonia, FYRO; FYROM|MM Burma; Myanmar (Burma)|MO Macau; Macao SAR; Macau
SAR; Macao SAR China; Macau SAR China|NL Holland; Nederland; Kingdom of the Netherlands|PN Pitcairn Islands|PS State
of Palestine; Palestine, State of; Palestinian Territory; Palestinian Territories; Palestinian Territory, Occupied;
Occupied Palestinian Territory; Palestinian Authority|RU Russian Federation|SH Saint Helena|SJ Svalbard|SK Slovak
Republic|SX Sint Maarten (Dutch part); St Maarten|SY Syrian Arab Republic|SZ Swaziland|TC Turks and Caicos|TF
French Southern and Antarctic Lands|TL East Timor|TR Turkey; Republic of Türkiye|TW Taiwan, Province of China;
Taiwan, Republic of China; Chinese Taipei; Taiwan ROC|TZ United Republic of Tanzania; Tanzania, United Republic of|UM
US Outlying Islands; U.S. Minor Outlying Islands|US United States of America; United States (USA)|VA Holy See;
Vatican; Vatican City State; Holy See (Vatican City State)|VC St Vincent|VE Bolivarian Republic of Venezuela;
Venezuela, Bolivarian Republic of|VG Virgin Islands, British|VI Virgin Islands, U.S.; United States Virgin Islands|
VN Socialist Republic of Vietnam|WS Western Samoa|XK XK; XKX; Kosovo; Republic of Kosovo
"""

WITHOUT_CITY = frozenset({"GI", "HK", "MC", "MO", "NR", "PN", "SG", "VA"})
"""City states, and islands with a single place: their addresses need no city."""

_LEFT_OUT = frozenset({"the", "and"})
_WRITTEN_OUT = {"st": "saint"}


def code_of(text: str | None) -> str | None:
    """The alpha-2 code of a country that is given as a name or a code; None for what is none."""
    return _CODES.get(_folded(text)) if text else None


def _folded(text: str) -> str:
    """A name's key without accents and articles: Réunion is Reunion, and St Lucia is Saint Lucia."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    words = (key_of(word) for word in bare.replace("-", " ").replace("(", " ").split())
    return "".join(_WRITTEN_OUT.get(word, word) for word in words if word not in _LEFT_OUT)


def _rows(table: str) -> list[tuple[str, str]]:
    rows = (row.strip().partition(" ") for row in table.replace("\n", " ").split("|"))
    return [(code, rest) for code, _, rest in rows]


def _codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, rest in _rows(_TABLE):
        alpha3, _, name = rest.partition(" ")
        found |= {_folded(text): code for text in (code, alpha3, name)}
    for code, names in _rows(_OTHER_NAMES):
        found |= {_folded(name): code for name in names.split(";")}
    return found


_CODES = _codes()
COUNTRIES = frozenset(_CODES.values())
LONGEST_NAME = 10
"""Words of a country's name at most."""
