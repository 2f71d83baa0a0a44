"""`/sale/fulfilment/pack`: which box holds what of the pick (blueprint: Sale Fulfilment Pack)."""

from decimal import Decimal

from sandbox.dear import dates
from sandbox.dear.errors import Rejected
from sandbox.dear.fulfilments import asked_status, body_lines, require_open, stage_keys
from sandbox.dear.money import decimal, plain
from sandbox.dear.registers import is_stock, place, product
from sandbox.dear.sale_store import load_task, save_sale
from sandbox.dear.tenant import Author, Doc, Tenant, public

NAME = "Sale Fulfilment Pack"
_Content = dict[tuple[str, str, str], Decimal]


def get_pack(tenant: Tenant, query: Doc) -> Doc:
    """Give the pack; before it is begun, the picked lines as a template without boxes."""
    _, task = load_task(tenant, query.get("taskid"))
    if task["Pack"]["Status"] == "NOT AVAILABLE" and task["Pick"]["Status"] == "AUTHORISED":
        return {**_shown(task), "Lines": [_boxed(line, "", None) for line in public(task["Pick"]["Lines"])]}
    return _shown(task)


def post_pack(tenant: Tenant, body: Doc, by: Author = "api") -> Doc:
    """Add lines to the pack."""
    return _write(tenant, body, by, keep=True)


def put_pack(tenant: Tenant, body: Doc, by: Author = "api") -> Doc:
    """Replace the pack's lines."""
    return _write(tenant, body, by, keep=False)


def boxes_of(task: Doc) -> list[str]:
    """Give the names of the packed boxes in order."""
    return list(dict.fromkeys(line["Box"] for line in task["Pack"]["Lines"]))


def _write(tenant: Tenant, body: Doc, by: Author, *, keep: bool) -> Doc:
    sale, task = load_task(tenant, body.get("TaskID"))
    if task["Pick"]["Status"] != "AUTHORISED":
        raise Rejected(f"{NAME}: the Pick must be AUTHORISED, it is {task['Pick']['Status']}")
    require_open(task["Pack"], NAME)
    status = asked_status(body, ("DRAFT", "AUTHORISED"))
    kept = task["Pack"]["Lines"] if keep or "Lines" not in body else []
    given = body_lines(body) if "Lines" in body else []
    lines = [*kept, *(_line(tenant, raw) for raw in given)]
    _require_picked(task, lines, whole=status == "AUTHORISED")
    task["Pack"] = {"Status": status, "Lines": lines}
    save_sale(tenant, sale)
    tenant.record("pack", by, body, **stage_keys(sale, task, "Pack"))
    return _shown(task)


def _line(tenant: Tenant, raw: Doc) -> Doc:
    found = product(tenant, raw)
    where = place(tenant, raw.get("Location"), raw.get("LocationID"))
    box = str(raw.get("Box") or "").strip()
    if not box:
        raise Rejected(f"Product '{found['SKU']}': Box is required")
    quantity = decimal(raw.get("Quantity"), "Quantity")
    if quantity <= 0:
        raise Rejected(f"Product '{found['SKU']}': Quantity must be greater than 0")
    line = {
        "ProductID": found["ID"],
        "SKU": found["SKU"],
        "Name": found["Name"],
        "Location": where.name,
        "LocationID": where.id,
        "Quantity": plain(quantity),
        "BatchSN": raw.get("BatchSN") or None,
        "ExpiryDate": dates.optional_date(raw.get("ExpiryDate"), "ExpiryDate"),
        "NonInventory": not is_stock(found),
    }
    return _boxed(line, box, raw.get("WarrantyRegistrationNumber"))


def _boxed(line: Doc, box: str, warranty: object) -> Doc:
    before = {name: line[name] for name in ("ProductID", "SKU", "Name", "Location", "LocationID")}
    return {**before, "Box": box, **line, "WarrantyRegistrationNumber": warranty}


def _require_picked(task: Doc, lines: list[Doc], *, whole: bool) -> None:
    picked, packed = _content(task["Pick"]["Lines"]), _content(lines)
    for key, quantity in packed.items():
        if quantity > picked.get(key, Decimal(0)):
            sku = next(line["SKU"] for line in lines if line["ProductID"].lower() == key[0])
            raise Rejected(f"Product '{sku}': more is packed than was picked from this location and batch")
    if whole and packed != picked:
        raise Rejected(f"{NAME}: everything that was picked must be packed")


def _content(lines: list[Doc]) -> _Content:
    found: _Content = {}
    for line in lines:
        key = (line["ProductID"].lower(), line["LocationID"].lower(), str(line["BatchSN"] or "").lower())
        found[key] = found.get(key, Decimal(0)) + decimal(line["Quantity"], "Quantity")
    return found


def _shown(task: Doc) -> Doc:
    return {"TaskID": task["TaskID"], **public(task["Pack"])}
