"""Connection files: what is wrong is named, with its mend."""

import pytest

from crossdock.domain.errors import SettingsInvalid
from crossdock.domain.settings import DEAR_BASE_URL, parse_connection

GOOD = {"name": "main", "warehouse": {"base_url": "https://wms.example.com"}}


def test_the_smallest_file_has_sensible_defaults():
    connection = parse_connection(GOOD)

    assert connection.dear.base_url == DEAR_BASE_URL
    assert connection.settings.sale_statuses == {"ORDERED"}
    assert connection.settings.invoice == "draft"
    assert connection.settings.inventory is None


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"name": "Main!"}, "name", "a-z, 0-9"),
        ({"warehouse": {}}, "warehouse.base_url", "is missing"),
        ({"warehouse": {"base_url": "ftp://x"}}, "warehouse.base_url", "full address"),
        ({"dear": {"base_url": "http://example.com/api"}}, "dear.base_url", "https"),
        ({"dear": {"base_url": "https://user:pw@example.com"}}, "dear.base_url", "credentials"),
        ({"settings": {"sale_status": ["ORDERED"]}}, "settings.sale_status", "not a setting"),
        ({"settings": {"sale_statuses": ["ORDRED"]}}, "settings.sale_statuses", "ORDRED is not a DEAR sale status"),
        ({"settings": {"inventory": {}}}, "settings.inventory.account", "is missing"),
        ({"settings": {"invoice": "yes"}}, "settings.invoice", "'off', 'draft' or 'authorise'"),
    ],
)
def test_a_wrong_field_is_named_with_what_mends_it(change, field, says):
    with pytest.raises(SettingsInvalid) as caught:
        parse_connection({**GOOD, **change})

    problems = dict(caught.value.problems)
    assert says in problems[field]


def test_every_problem_of_a_file_is_told_at_once():
    with pytest.raises(SettingsInvalid) as caught:
        parse_connection({"name": "", "settings": {"a": 1, "b": 2}})

    assert {field for field, _ in caught.value.problems} == {"name", "warehouse", "settings.a", "settings.b"}
