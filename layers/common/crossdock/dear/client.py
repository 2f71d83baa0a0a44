"""DEAR as the workflow sees it: every method of `crossdock.ports.Dear`, each one call unless it says otherwise."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from crossdock.dear import reading, wire, wire_lists, writing
from crossdock.dear.answers import SYSTEM
from crossdock.dear.bills import bill_of
from crossdock.dear.transport import Transport
from crossdock.domain.bills import Bill
from crossdock.domain.errors import Conflict, Interrupted, Unreadable
from crossdock.domain.inventory import Adjustment, AvailabilityRow, StockProduct
from crossdock.domain.invoicing import InvoiceDraft
from crossdock.domain.sale import Fulfilment, Invoice, Sale, ShipLine, StageLine
from crossdock.domain.shelf import sku_key
from crossdock.domain.terms import AccountRules
from crossdock.ports import CataloguePage, SalePage

PAGE = 1000
"""The largest page that DEAR gives (blueprint: Pagination)."""

ADJUSTMENT_PAGE = 200
ADJUSTMENT_PAGES = 3
LONGEST_LIST = 500

_NOTHING_TO_ADJUST = re.compile(r"no need to create (a )?stock ?adjustment", re.IGNORECASE)


class DearClient:
    """DEAR over a transport, which pays for the calls and turns every failure into an error of the domain."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def expect(self, calls: int) -> None:
        self._transport.expect(calls)

    def hold_call(self) -> None:
        self._transport.hold()

    def list_sales(self, *, page: int, updated_since: datetime | None) -> SalePage:
        """One page of up to 1,000 rows. A row without an identity is refused and stops none of the others."""
        params = {"UpdatedSince": _utc(updated_since)} if updated_since else {}
        found = self._page(wire_lists.RowPage, "/saleList", page, PAGE, params)
        rows, refused = reading.sale_rows(found.sale_list)
        return SalePage(rows=rows, refused=refused, total=int(found.total), more=_more("/saleList", page, found))

    def read_sale(self, sale_id: str) -> Sale:
        body = self._get("/sale", {"ID": sale_id, "HideInventoryMovements": "true", "CountryFormat": "Code2"})
        found = reading.sale("GET /sale", body)
        _check_sale("GET /sale", found.sale_id, sale_id)
        return found

    def read_fulfilments(self, sale_id: str) -> tuple[Fulfilment, ...]:
        body = self._get("/sale/fulfilment", {"SaleID": sale_id})
        found = reading.parsed(wire.FulfilmentsOfSale, "GET /sale/fulfilment", body)
        _check_sale("GET /sale/fulfilment", found.sale_id, sale_id)
        return reading.fulfilments(found.fulfilments)

    def add_fulfilment(self, sale_id: str) -> tuple[Fulfilment, ...]:
        """All tasks of the sale with the new one. Raises Conflict while another one is not picked."""
        body = self._post("/sale/fulfilment", {"SaleID": sale_id})
        return reading.fulfilments(reading.parsed(wire.FulfilmentsOfSale, "POST /sale/fulfilment", body).fulfilments)

    def pick(self, task_id: str, lines: Iterable[StageLine]) -> None:
        """Replaces the lines of a draft (blueprint: Group Sale, on POST)."""
        self._authorise("/sale/fulfilment/pick", writing.pick(task_id, lines))

    def pack(self, task_id: str, lines: Iterable[StageLine], *, replace: bool = False) -> None:
        """`replace`: for a pack that is a draft with lines already, to which a POST would add (blueprint)."""
        self._authorise("/sale/fulfilment/pack", writing.pack(task_id, lines), "PUT" if replace else "POST")

    def ship(self, task_id: str, lines: Iterable[ShipLine], *, replace: bool = False) -> None:
        """`replace`: as for a pack; every packed box must then be in the lines."""
        self._authorise("/sale/fulfilment/ship", writing.ship(task_id, lines), "PUT" if replace else "POST")

    def update_tracking(self, task_id: str, lines: Iterable[ShipLine]) -> None:
        """Blueprint: Sale Fulfilment Ship, PUT: the one change that an authorised shipment bears."""
        self._authorise("/sale/fulfilment/ship", writing.tracking(task_id, lines), "PUT")

    def void_fulfilment(self, task_id: str) -> tuple[Fulfilment, ...]:
        """DEAR answers with success also where it voids nothing, since the pick is authorised: look at the answer."""
        body = self._transport.request("DELETE", "/sale/fulfilment", params={"TaskID": task_id, "Void": "true"})
        if body is None:
            return ()
        return reading.fulfilments(reading.parsed(wire.FulfilmentsOfSale, "DELETE /sale/fulfilment", body).fulfilments)

    def read_invoices(self, sale_id: str) -> tuple[Invoice, ...]:
        body = self._get("/sale/invoice", {"SaleID": sale_id})
        found = reading.parsed(wire.InvoicesOfSale, "GET /sale/invoice", body)
        _check_sale("GET /sale/invoice", found.sale_id, sale_id)
        return reading.invoices(found.invoices)

    def create_invoice(self, invoice: InvoiceDraft) -> Invoice | None:
        """The answer shows every invoice of the sale: ours is the last that stands and carries our memo."""
        body = self._post("/sale/invoice", writing.invoice(invoice))
        if body is None:
            return None
        shown = reading.invoices(reading.parsed(wire.InvoicesOfSale, "POST /sale/invoice", body).invoices)
        ours = [each for each in shown if each.memo == invoice.memo and each.status.invoiced]
        return ours[-1] if ours else None

    def read_bill(self, product_id: str) -> Bill:
        """A deprecated product is looked up too: it may still be in an order that is open."""
        params = {"ID": product_id, "IncludeBOM": "true", "IncludeDeprecated": "true"}
        return bill_of(product_id, self._page(wire_lists.ProductPage, "/product", 1, PAGE, params))

    def catalogue(self, *, page: int) -> CataloguePage:
        """One page of up to 1,000 products, deprecated ones too."""
        found = self._page(wire_lists.CatalogueEnvelope, "/product", page, PAGE, {"IncludeDeprecated": "true"})
        products = tuple(reading.stock_product(product) for product in found.products)
        return CataloguePage(products=products, total=int(found.total), more=_more("/product", page, found))

    def find_product(self, *, sku: str, product_id: str = "") -> StockProduct | None:
        """DEAR's filter by SKU finds every SKU that contains the text: pages are read until it is there, or no more."""
        wanted = {"ID": product_id} if product_id else {"Sku": sku}
        for page in self._pages(wire_lists.CatalogueEnvelope, "/product", {**wanted, "IncludeDeprecated": "true"}):
            for product in page.products:
                if product.id == product_id.lower() or (not product_id and sku_key(product.sku) == sku_key(sku)):
                    return reading.stock_product(product)
        return None

    def availability(self, location: str) -> Iterator[AvailabilityRow]:
        """Every row of one location, page by page. DEAR's filter is checked, for it ignores filters silently."""
        path, params = "/ref/productavailability", {"Location": location}
        for page in self._pages(wire_lists.AvailabilityPage, path, params):
            rows = (reading.availability_row(row) for row in page.product_availability_list)
            yield from (row for row in rows if row.location.casefold() == location.strip().casefold())

    def adjust_stock(self, adjustment: Adjustment) -> None:
        """A line alone that would change nothing is done, for quantities are absolute.

        DEAR refuses a whole adjustment for one such line: with others beside it that is a Conflict, nothing applied.
        """
        try:
            body = self._post("/stockadjustment", writing.adjustment(adjustment))
        except Conflict as conflict:
            if _NOTHING_TO_ADJUST.search(conflict.message) and len(adjustment.lines) == 1:
                return
            raise
        _check_status("POST /stockadjustment", body, writing.COMPLETED)

    def find_adjustment(self, marker: str) -> bool:
        """Looks at the first page, which also tells the total, then at the last ones, newest first: 4 calls at most.

        The list is oldest first and cannot be searched, so an adjustment that is hundreds old is not found.
        """
        first = self._adjustments(1)
        if _carries(first, marker):
            return True
        last = -(-int(first.total) // ADJUSTMENT_PAGE)
        newest_first = range(last, max(last - ADJUSTMENT_PAGES, 1), -1)
        return any(_carries(self._adjustments(page), marker) for page in newest_first)

    def company(self) -> str:
        found = reading.parsed(wire_lists.Company, "GET /me", self._get("/me", {}))
        return found.company or ""

    def account_rules(self) -> AccountRules:
        """What `/me` and the list of payment terms say: two calls, and one for each further thousand terms."""
        company = reading.parsed(wire_lists.Company, "GET /me", self._get("/me", {}))
        pages = self._pages(wire_lists.TermPage, "/ref/paymentterm")
        return reading.account_rules(company, [term for page in pages for term in page.payment_term_list])

    def locations(self) -> dict[str, str]:
        """Bins are rows too, named "Location: Bin" as lines name them."""
        rows = [row for page in self._pages(wire_lists.LocationPage, "/ref/location") for row in page.location_list]
        return {row.id: f"{row.parent_name}: {row.name}" if row.parent_name else row.name for row in rows}

    def account_codes(self) -> frozenset[str]:
        """Codes of the accounts that are in use."""
        rows = [row for page in self._pages(wire_lists.AccountPage, "/ref/account") for row in page.accounts_list]
        return frozenset(row.code for row in rows if row.code and (row.status or "ACTIVE").upper() == "ACTIVE")

    def tax_rules(self) -> frozenset[str]:
        """Names of the tax rules that are in use."""
        rows = [row for page in self._pages(wire_lists.TaxPage, "/ref/tax") for row in page.tax_rule_list]
        return frozenset(row.name for row in rows if row.name and row.is_active)

    def calls_made(self) -> int:
        return self._transport.calls_made

    def _get(self, path: str, params: dict[str, str]) -> Any:
        return self._transport.request("GET", path, params=params)

    def _post(self, path: str, body: writing.Body) -> Any:
        return self._transport.request("POST", path, body=body)

    def _authorise(self, path: str, body: writing.Body, method: str = "POST") -> None:
        _check_status(f"{method} {path}", self._transport.request(method, path, body=body), writing.AUTHORISED)

    def _page[Envelope: wire_lists.Page](
        self, envelope: type[Envelope], path: str, page: int, limit: int, params: dict[str, str]
    ) -> Envelope:
        body = self._get(path, {"Page": str(page), "Limit": str(limit), **params})
        return reading.parsed(envelope, f"GET {path}", body)

    def _pages[Envelope: wire_lists.Page](
        self, envelope: type[Envelope], path: str, params: dict[str, str] | None = None
    ) -> Iterator[Envelope]:
        for page in range(1, LONGEST_LIST + 1):
            found = self._page(envelope, path, page, PAGE, params or {})
            yield found
            if not _more(path, page, found):
                return
        raise Interrupted(SYSTEM, f"GET {path}", f"the list has no end after {LONGEST_LIST} pages")

    def _adjustments(self, page: int) -> wire_lists.AdjustmentPage:
        params = {"Status": writing.COMPLETED}
        return self._page(wire_lists.AdjustmentPage, "/stockadjustmentList", page, ADJUSTMENT_PAGE, params)


def _check_sale(call: str, answered: str, asked: str) -> None:
    """An answer about another sale is none: what it says must never be taken for this one's."""
    if answered != asked.lower():
        raise Unreadable(SYSTEM, call, "it was asked for one sale and answered with another")


def _more(path: str, page: int, envelope: wire_lists.Page) -> bool:
    """Whether another page follows: until the row that the total counts last, or a page without any.

    A server that gives fewer rows than were asked for is read to its end all the same. A page that is empty though
    the total says otherwise is not believed: what it leaves out would be taken for absent.
    """
    before, rows = (page - 1) * PAGE, envelope.row_count
    if not rows and before < envelope.total:
        raise Interrupted(SYSTEM, f"GET {path}", f"page {page} is empty, though there are {envelope.total} rows")
    return rows > 0 and not before < envelope.total <= before + rows


def _carries(page: wire_lists.AdjustmentPage, marker: str) -> bool:
    return any(
        row.reference == marker and (row.status or "").upper() == writing.COMPLETED
        for row in page.stock_adjustment_list
    )


def _check_status(call: str, body: Any, wanted: str) -> None:
    """An answer that tells another status, or none, is no success: what was applied must be looked up.

    No content at all is DEAR's other word for success (blueprint: API Status Codes).
    """
    if body is None:
        return
    told = reading.parsed(wire.Written, call, body).status
    if told.upper() != wanted:
        raise Interrupted(SYSTEM, call, f"it answered with the status {told}, not {wanted}")


def _utc(moment: datetime) -> str:
    """Blueprint: Date Format. Cut to the millisecond, which is earlier and so loses nothing."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
