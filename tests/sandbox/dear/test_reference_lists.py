"""`/me`, the lists below `/ref`, `/product`, and pages of lists."""

import pytest

from tests.sandbox.dear.client import DearClient


def test_me_names_the_company_and_its_time_zone(dear: DearClient) -> None:
    dear.seed(company={"Company": "Quay Ltd", "TimeZone": "Europe/Berlin"})

    me = dear.get("/me")

    assert (me["Company"], me["TimeZone"], me["Currency"]) == ("Quay Ltd", "Europe/Berlin", "USD")


@pytest.mark.parametrize(
    ("path", "key", "name", "expected"),
    [
        ("/ref/location", "LocationList", "Name", ["Main Warehouse", "Overflow"]),
        ("/ref/account", "AccountsList", "Code", ["200", "210", "310", "403", "610", "715", "820"]),
        ("/ref/tax", "TaxRuleList", "Name", ["Tax on Sales", "Tax Exempt"]),
        ("/ref/carrier", "CarrierList", "Description", ["DEFAULT Carrier", "UPS", "FedEx", "USPS", "DHL"]),
        ("/ref/paymentterm", "PaymentTermList", "Name", ["30 days"]),
        ("/ref/attributeset", "AttributeSetList", "Name", ["Sales attributes"]),
    ],
)
def test_a_seed_without_reference_parts_gets_sensible_ones(
    dear: DearClient, path: str, key: str, name: str, expected: list[str]
) -> None:
    body = dear.get(path)

    assert (body["Total"], body["Page"]) == (len(expected), 1)
    assert [row[name] for row in body[key]] == expected


def test_an_unknown_account_code_is_refused_with_code_404_inside_a_400(dear: DearClient) -> None:
    answer = dear.call("GET", "/ref/account", query_string={"Code": "999"})

    assert answer.status == 400
    assert answer.body == [{"ErrorCode": 404, "Exception": "Account '999' was not found in reference book"}]


def test_bins_are_listed_in_their_location_and_as_rows_of_their_own(dear: DearClient) -> None:
    dear.seed(locations=[{"name": "Annex", "bins": ["A-1"]}])

    annex, bin_row = dear.get("/ref/location", Name="A")["LocationList"]

    assert annex["Bins"][0]["ID"] == bin_row["ID"]
    assert (bin_row["Name"], bin_row["ParentID"], bin_row["Bins"]) == ("A-1", annex["ID"], None)


def test_price_tiers_come_without_a_total(dear: DearClient) -> None:
    body = dear.get("/ref/priceTier")

    assert list(body) == ["PriceTiers"]
    assert body["PriceTiers"][0] == {"Code": 1, "Name": "Tier 1"}


def test_pages_cut_a_list_and_keep_its_total(dear: DearClient) -> None:
    body = dear.get("/ref/account", Page=2, Limit=3)

    assert (body["Total"], body["Page"]) == (7, 2)
    assert [row["Code"] for row in body["AccountsList"]] == ["403", "610", "715"]


@pytest.mark.parametrize("query", [{"Limit": 0}, {"Limit": 1001}, {"Page": 0}, {"Page": "two"}])
def test_a_page_outside_of_the_bounds_is_refused(dear: DearClient, query: dict[str, object]) -> None:
    answer = dear.call("GET", "/saleList", query_string=query)

    assert answer.status == 400


def test_products_are_found_by_a_part_of_the_sku(dear: DearClient) -> None:
    products = dear.get("/product", Sku="rea")["Products"]

    assert [product["SKU"] for product in products] == ["BREAD"]
    assert products[0]["PriceTiers"]["Tier 1"] == 8


def test_the_parts_of_a_kit_are_shown_on_request_only(dear: DearClient) -> None:
    dear.seed(products=[{"sku": "SET", "bom": [{"sku": "BREAD", "quantity": 2}], "auto_assembly": True}])

    (bare,) = dear.get("/product", Sku="SET")["Products"]
    (full,) = dear.get("/product", Sku="SET", IncludeBOM="true")["Products"]

    assert (bare["BillOfMaterial"], bare["BillOfMaterialsProducts"]) == (True, [])
    assert [(part["ProductCode"], part["Quantity"]) for part in full["BillOfMaterialsProducts"]] == [("BREAD", 2)]


def test_deprecated_products_are_hidden_unless_asked_for(dear: DearClient) -> None:
    dear.seed(products=[{"sku": "OLD", "status": "Deprecated"}])

    assert dear.get("/product", Sku="OLD")["Total"] == 0
    assert dear.get("/product", Sku="OLD", IncludeDeprecated="true")["Total"] == 1
