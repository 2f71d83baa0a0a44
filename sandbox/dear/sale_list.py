"""`/saleList`: one row per sale, filtered, newest change first (blueprint: Sale List).

`UpdatedSince` and `CreatedSince` exclude the given moment, `UpdatedUntil` as well; all compare whole
milliseconds. Filters that DEAR does not know are ignored.
"""

from collections.abc import Callable
from datetime import datetime

from sandbox.dear import dates
from sandbox.dear.paging import flag, page_of
from sandbox.dear.registers import same
from sandbox.dear.tenant import Doc, Tenant, public

_EXACT = {
    "quotestatus": "QuoteStatus",
    "orderstatus": "OrderStatus",
    "combinedpickstatus": "CombinedPickingStatus",
    "combinedpackstatus": "CombinedPackingStatus",
    "combinedshippingstatus": "CombinedShippingStatus",
    "combinedinvoicestatus": "CombinedInvoiceStatus",
    "creditnotestatus": "CreditNoteStatus",
    "externalid": "ExternalID",
    "status": "Status",
    "orderlocationid": "OrderLocationID",
}
_SEARCHED = ("OrderNumber", "Status", "Customer", "InvoiceNumber", "CustomerReference", "CreditNoteNumber")
_Test = Callable[[Doc], bool]


def get_sale_list(tenant: Tenant, query: Doc) -> Doc:
    tests = [*_exact_tests(query), *_time_tests(query), *_other_tests(query)]
    rows = [row for row in tenant.documents.all("sale_row") if all(test(row) for test in tests)]
    rows.sort(key=lambda row: dates.moment(row["Updated"], "Updated"), reverse=True)
    return page_of(query, "SaleList", [public(row) for row in rows])


def _exact_tests(query: Doc) -> list[_Test]:
    return [_equals(column, query[name]) for name, column in _EXACT.items() if query.get(name)]


def _equals(column: str, wanted: str) -> _Test:
    return lambda row: same(row[column], wanted)


def _time_tests(query: Doc) -> list[_Test]:
    tests: list[_Test] = []
    for name, column in (("createdsince", "_created"), ("updatedsince", "Updated")):
        if query.get(name):
            since = dates.truncated(dates.moment(query[name], name))
            tests.append(_after(column, since))
    if query.get("updateduntil"):
        until = dates.truncated(dates.moment(query["updateduntil"], "UpdatedUntil"))
        tests.append(lambda row: dates.moment(row["Updated"], "Updated") < until)
    return tests


def _after(column: str, since: datetime) -> _Test:
    return lambda row: dates.moment(row[column], column) > since


def _other_tests(query: Doc) -> list[_Test]:
    tests: list[_Test] = []
    if query.get("search"):
        sought = str(query["search"]).lower()
        tests.append(lambda row: any(sought in str(row[column] or "").lower() for column in _SEARCHED))
    if query.get("shipby"):
        last = dates.moment(query["shipby"], "ShipBy")
        tests.append(lambda row: _is_due(row, last))
    if flag(query, "readyforshipping"):
        tests.append(lambda row: bool(row["_ready"]))
    return tests


def _is_due(row: Doc, last: datetime) -> bool:
    if not row["ShipBy"] or row["CombinedShippingStatus"] == "SHIPPED":
        return False
    return dates.moment(row["ShipBy"], "ShipBy") <= last
