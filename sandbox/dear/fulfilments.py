"""`/sale/fulfilment`: the fulfilment tasks of a sale (blueprint: Sale Fulfilment)."""

from sandbox.dear.errors import Rejected
from sandbox.dear.paging import flag
from sandbox.dear.sale_store import load_sale, load_task, save_sale
from sandbox.dear.statuses import is_authorised, is_open, live_tasks
from sandbox.dear.tenant import Author, Doc, Tenant, identity, public

_STAGES = ("Pick", "Pack", "Ship")


def get_fulfilments(tenant: Tenant, query: Doc) -> Doc:
    return _shown(load_sale(tenant, query.get("saleid")))


def post_fulfilment(tenant: Tenant, body: Doc, by: Author = "api") -> Doc:
    """Add a task; on a Simple Sale this turns the sale into an Advanced one for good."""
    sale = load_sale(tenant, body.get("SaleID"))
    require_authorised_order(sale)
    if sale["ServiceOnly"]:
        raise Rejected("Fulfilments are not available for a Service Sale")
    if any(task["Pick"]["Status"] != "AUTHORISED" for task in live_tasks(sale)):
        raise Rejected("There is non authorised Fulfilment in this sale.")
    was = sale["Type"]
    task = add_task(sale, pick="DRAFT")
    save_sale(tenant, sale)
    tenant.record("fulfilment", by, body, **task_keys(sale, task), converted=was != sale["Type"])
    return _shown(sale)


def delete_fulfilment(tenant: Tenant, query: Doc, by: Author = "api") -> Doc:
    """Void or undo a task of an Advanced Sale; one whose pick is authorised stays as it is, without a word."""
    sale, task = load_task(tenant, query.get("taskid"))
    if sale["Type"] != "Advanced Sale":
        raise Rejected("Only fulfilments of an Advanced Sale can be voided or undone")
    if is_open(task["Pick"]["Status"]):
        void = flag(query, "void")
        for stage in _STAGES:
            task[stage]["Status"] = "VOIDED" if void else "NOT AVAILABLE"
            task[stage]["Lines"] = []
        if not void:
            task["Pick"]["Status"] = "DRAFT"
        save_sale(tenant, sale)
        tenant.record("fulfilment_void" if void else "fulfilment_undo", by, query, **task_keys(sale, task))
    return _shown(sale)


def add_task(sale: Doc, pick: str = "NOT AVAILABLE") -> Doc:
    """Add an empty task to the sale, which a second one makes an Advanced Sale.

    The only task of a Simple Sale has the sale's own id; the tasks of an Advanced Sale have ids of their own.
    """
    number = len(sale["Fulfilments"]) + 1
    if number > 1:
        sale["Type"] = "Advanced Sale"
    own = identity("fulfilment", f"{sale['ID']}:{number}")
    task: Doc = {
        "TaskID": own if sale["Type"] == "Advanced Sale" else sale["ID"],
        "FulfillmentNumber": number,
        "LinkedInvoiceNumber": None,
        "FulFilmentStatus": "NOT FULFILLED",
        "Pick": {"Status": pick, "Lines": []},
        "Pack": {"Status": "NOT AVAILABLE", "Lines": []},
        "Ship": {
            "Status": "NOT AVAILABLE",
            "RequireBy": sale["ShipBy"],
            "ShippingAddress": dict(sale["ShippingAddress"]),
            "ShippingNotes": sale["ShippingNotes"],
            "Lines": [],
        },
    }
    sale["Fulfilments"].append(task)
    return task


def require_authorised_order(sale: Doc) -> None:
    if not is_authorised(sale):
        raise Rejected(f"Sale Order must be AUTHORISED, its Status is {sale['Order']['Status']}")


def require_open(stage: Doc, name: str) -> None:
    """Refuse to write a stage that is authorised or voided already."""
    if not is_open(stage["Status"]):
        raise Rejected(f"{name} cannot be changed: Status is {stage['Status']}")


def asked_status(body: Doc, allowed: tuple[str, ...]) -> str:
    """Read the status that a body asks for; compared without regard to case."""
    status = str(body.get("Status") or "").upper()
    if status not in allowed:
        raise Rejected(f"Status must be one of: {', '.join(allowed)}")
    return status


def body_lines(body: Doc) -> list[Doc]:
    """Read the lines of a body as a list of objects."""
    lines = body.get("Lines")
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise Rejected("Lines are required")
    return lines


def task_keys(sale: Doc, task: Doc) -> Doc:
    """Give the keys under which the ledger finds a write to a task."""
    return {
        "sale_id": sale["ID"],
        "order_number": sale["Order"]["SaleOrderNumber"],
        "task_id": task["TaskID"],
        "fulfilment_number": task["FulfillmentNumber"],
    }


def stage_keys(sale: Doc, task: Doc, stage: str) -> Doc:
    """Give the ledger's keys of a write to a stage, with the state that it left behind."""
    return {**task_keys(sale, task), "status": task[stage]["Status"], "lines": public(task[stage]["Lines"])}


def _shown(sale: Doc) -> Doc:
    return {"SaleID": sale["ID"], "Fulfilments": public(sale["Fulfilments"])}
