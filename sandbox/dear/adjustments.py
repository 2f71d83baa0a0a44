"""`/stockadjustment` and its list: absolute new quantities (blueprint: Stock Adjustment).

Without `UpdateOnHand` a line sets what is *available*, with it what is *on hand*. Stock moves when the
adjustment is completed, whatever its effective date.
"""

from sandbox.dear import dates, stock
from sandbox.dear.adjustment_lines import Change, changes_of
from sandbox.dear.errors import Rejected
from sandbox.dear.fulfilments import asked_status
from sandbox.dear.money import plain
from sandbox.dear.paging import page_of
from sandbox.dear.products import product_facts
from sandbox.dear.registers import account, same
from sandbox.dear.tenant import Author, Doc, Tenant, identity

_DEFAULT_ACCOUNT = "403"
_INVENTORY_ACCOUNT = "715: Inventory"
_LISTED = ("TaskID", "EffectiveDate", "StocktakeNumber", "Status", "Account", "Reference")
_SHOWN = (*_LISTED, "ExistingStockLines", "NewStockLines", "Transactions")


def get_adjustment_list(tenant: Tenant, query: Doc) -> Doc:
    """List adjustments, oldest first."""
    rows = [{name: doc[name] for name in _LISTED} for doc in tenant.documents.all("adjustment")]
    if query.get("status"):
        rows = [row for row in rows if same(row["Status"], query["status"])]
    return page_of(query, "StockAdjustmentList", rows)


def get_adjustment(tenant: Tenant, query: Doc) -> Doc:
    return _shown(_load(tenant, query.get("taskid")))


def post_adjustment(tenant: Tenant, body: Doc, by: Author = "api") -> Doc:
    number = f"ST-{tenant.next_number('stocktake'):05}"
    adjustment: Doc = {"TaskID": identity("adjustment", number), "StocktakeNumber": number}
    return _write(tenant, adjustment, body, by)


def put_adjustment(tenant: Tenant, body: Doc, by: Author = "api") -> Doc:
    """Change a draft, or complete it."""
    adjustment = _load(tenant, body.get("TaskID"))
    if adjustment["Status"] != "DRAFT":
        raise Rejected(f"Stock Adjustment cannot be changed: Status is {adjustment['Status']}")
    return _write(tenant, adjustment, body, by)


def _write(tenant: Tenant, adjustment: Doc, body: Doc, by: Author) -> Doc:
    adjustment |= {
        "EffectiveDate": dates.document_date(body.get("EffectiveDate"), "EffectiveDate"),
        "Status": asked_status(body, ("DRAFT", "COMPLETED")),
        "Account": account(tenant, body.get("Account") or _DEFAULT_ACCOUNT)["Code"],
        "Reference": body.get("Reference") or "",
        "Transactions": [],
    }
    changes = changes_of(tenant, body)
    adjustment["ExistingStockLines"] = [_existing_line(change) for change in changes if change.existed]
    adjustment["NewStockLines"] = [_new_line(change) for change in changes if not change.existed]
    if adjustment["Status"] == "COMPLETED":
        adjustment["Transactions"] = [_applied(tenant, adjustment, change) for change in changes]
    tenant.documents.put("adjustment", adjustment["TaskID"], adjustment)
    tenant.record(
        "stock_adjustment", by, body, task_id=adjustment["TaskID"], number=adjustment["StocktakeNumber"],
        reference=adjustment["Reference"], status=adjustment["Status"], lines=[_entry(change) for change in changes],
    )  # fmt: skip
    return _shown(adjustment)


def _applied(tenant: Tenant, adjustment: Doc, change: Change) -> Doc:
    """Move the stock of one line and give its entry in the books."""
    amount = stock.set_on_hand(
        tenant,
        change.product,
        change.place,
        change.new_on_hand,
        batch=change.batch,
        expiry=change.expiry,
        unit_cost=change.unit_cost,
    )
    return {
        "ID": identity(
            "transaction", f"{adjustment['TaskID']}:{change.product['SKU']}:{change.place.id}:{change.batch}"
        ),
        "Debit": _INVENTORY_ACCOUNT,
        "Credit": account(tenant, adjustment["Account"])["DisplayName"],
        "Amount": plain(amount),
        "EffectiveDate": adjustment["EffectiveDate"],
    }


def _existing_line(change: Change) -> Doc:
    return _line(
        change,
        {
            "QuantityOnHand": plain(change.on_hand),
            "Available": plain(change.on_hand - change.allocated),
            "Adjustment": plain(change.quantity),
        },
        {},
    )


def _new_line(change: Change) -> Doc:
    before = {"Quantity": plain(change.quantity), "UnitCost": plain(change.unit_cost)}
    return _line(change, before, {"ReceivedDate": change.received})


def _line(change: Change, quantities: Doc, dated: Doc) -> Doc:
    return {
        "ProductID": change.product["ID"],
        "SKU": change.product["SKU"],
        "ProductName": change.product["Name"],
        **quantities,
        "LocationID": change.place.id,
        "Location": change.place.name,
        "BatchSN": change.batch,
        "ExpiryDate": change.expiry,
        **dated,
        "Comments": change.comments,
        **product_facts(change.product),
    }


def _entry(change: Change) -> Doc:
    """Give a line as the ledger keeps it: the quantities before and after."""
    return {
        "sku": change.product["SKU"],
        "location": change.place.name,
        "batch": change.batch,
        "on_hand_before": plain(change.on_hand),
        "on_hand_after": plain(change.new_on_hand),
        "available_before": plain(change.on_hand - change.allocated),
        "available_after": plain(change.new_on_hand - change.allocated),
    }


def _load(tenant: Tenant, task_id: object) -> Doc:
    found = tenant.documents.get("adjustment", str(task_id or "").lower())
    if found is None:
        raise Rejected(f"Stock Adjustment with TaskID '{task_id or ''}' was not found")
    return found


def _shown(adjustment: Doc) -> Doc:
    return {name: adjustment[name] for name in _SHOWN}
