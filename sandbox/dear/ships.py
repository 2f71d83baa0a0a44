"""`/sale/fulfilment/ship`: the shipments of the packed boxes (blueprint: Sale Fulfilment Ship).

A box is named `Box` in what is written and `Boxes` in what is read. A shipment is AUTHORISED when every
packed box is shipped; asked for with fewer, it becomes PARTIALLY AUTHORISED.
"""

from sandbox.dear import dates
from sandbox.dear.addresses import address, adopt_shipping_address
from sandbox.dear.errors import Rejected
from sandbox.dear.fulfilments import asked_status, body_lines, require_open, stage_keys
from sandbox.dear.packs import boxes_of
from sandbox.dear.registers import same
from sandbox.dear.sale_store import load_task, save_sale
from sandbox.dear.tenant import Author, Doc, Tenant, identity, public

NAME = "Sale Fulfilment Ship"
DEFAULT_CARRIER = "DEFAULT Carrier"
_STATUSES = ("DRAFT", "PARTIALLY AUTHORISED", "AUTHORISED")
_DONE = ("PARTIALLY AUTHORISED", "AUTHORISED")


def get_ship(tenant: Tenant, query: Doc) -> Doc:
    _, task = load_task(tenant, query.get("taskid"))
    return _shown(task)


def post_ship(tenant: Tenant, body: Doc, by: Author = "api") -> Doc:
    """Add lines to the shipment."""
    return _write(tenant, body, by, replace=False)


def put_ship(tenant: Tenant, body: Doc, by: Author = "api") -> Doc:
    """Replace the shipment, or with `AddTrackingNumbers` update tracking and carrier of an authorised one."""
    sale, task = load_task(tenant, body.get("TaskID"))
    if body.get("AddTrackingNumbers") is True and task["Ship"]["Status"] in _DONE:
        return _update_tracking(tenant, sale, task, body, by)
    return _write(tenant, body, by, replace=True)


def _write(tenant: Tenant, body: Doc, by: Author, *, replace: bool) -> Doc:
    sale, task = load_task(tenant, body.get("TaskID"))
    ship = task["Ship"]
    require_open(ship, NAME)
    if task["Pack"]["Status"] != "AUTHORISED":
        raise Rejected(f"{NAME}: the Pack must be AUTHORISED, it is {task['Pack']['Status']}")
    status = asked_status(body, _STATUSES)
    kept = ship["Lines"] if not replace or "Lines" not in body else []
    given = body_lines(body) if "Lines" in body else []
    lines = [*kept, *(_line(tenant, raw, shipped=status in _DONE) for raw in given)]
    listed = _require_packed_boxes(task, lines)
    missing = [box for box in boxes_of(task) if box not in listed]
    if replace and missing:
        raise Rejected(f"{NAME}: all packed boxes must be listed, missing: {', '.join(missing)}")
    ship["Lines"] = [_identified(task, number, line) for number, line in enumerate(lines, start=1)]
    ship["Status"] = _reached(status, ship["Lines"], missing)
    _apply_header(tenant, sale, ship, body, by)
    save_sale(tenant, sale)
    tenant.record("ship", by, body, **stage_keys(sale, task, "Ship"))
    return _shown(task)


def _reached(status: str, lines: list[Doc], missing: list[str]) -> str:
    if status == "DRAFT":
        return status
    if not any(line["IsShipped"] for line in lines):
        raise Rejected(f"{NAME}: no box is shipped")
    whole = not missing and all(line["IsShipped"] for line in lines)
    return "AUTHORISED" if whole else "PARTIALLY AUTHORISED"


def _line(tenant: Tenant, raw: Doc, *, shipped: bool) -> Doc:
    boxes = [box.strip() for box in str(raw.get("Box") or "").split(",") if box.strip()]
    if not boxes:
        raise Rejected(f"{NAME}: Box is required")
    carrier = str(raw.get("Carrier") or DEFAULT_CARRIER)
    _know_carrier(tenant, carrier)
    return {
        "ShipmentDate": dates.document_date(raw.get("ShipmentDate"), "ShipmentDate"),
        "Carrier": carrier,
        "Boxes": ",".join(boxes),
        "TrackingNumber": raw.get("TrackingNumber") or "",
        "TrackingURL": raw.get("TrackingURL") or "",
        "IsShipped": bool(raw.get("IsShipped", shipped)),
    }


def _identified(task: Doc, number: int, line: Doc) -> Doc:
    return {"ID": identity("shipment", f"{task['TaskID']}:{number}"), **line}


def _require_packed_boxes(task: Doc, lines: list[Doc]) -> set[str]:
    """Refuse boxes that were not packed or are named twice; gives the packed names that are listed."""
    packed = {box.lower(): box for box in boxes_of(task)}
    listed: set[str] = set()
    for line in lines:
        for box in line["Boxes"].split(","):
            if box.lower() not in packed:
                raise Rejected(f"{NAME}: box '{box}' was not packed")
            if packed[box.lower()] in listed:
                raise Rejected(f"{NAME}: box '{box}' is listed more than once")
            listed.add(packed[box.lower()])
    return listed


def _know_carrier(tenant: Tenant, name: str) -> None:
    """Do as DEAR does with a carrier that it has not heard of: add it to the reference book."""
    if tenant.documents.get("carrier", name.lower()) is None:
        carrier = {"CarrierID": identity("carrier", name), "Description": name}
        tenant.documents.put("carrier", name.lower(), carrier)
        tenant.record("carrier", "api", carrier, carrier=name)


def _apply_header(tenant: Tenant, sale: Doc, ship: Doc, body: Doc, by: Author) -> None:
    """Apply what stands beside the lines: a RequireBy, even a null one, overwrites the sale's own date."""
    if "RequireBy" in body:
        sale["ShipBy"] = ship["RequireBy"] = dates.optional_date(body["RequireBy"], "RequireBy")
    if body.get("ShippingNotes") is not None:
        ship["ShippingNotes"] = body["ShippingNotes"]
    given = body.get("ShippingAddress")
    if isinstance(given, dict):
        adopt_shipping_address(tenant, sale, given, by)
        ship["ShippingAddress"] = address(given)


def _update_tracking(tenant: Tenant, sale: Doc, task: Doc, body: Doc, by: Author) -> Doc:
    for raw in body_lines(body):
        line = _existing_line(task, raw)
        if raw.get("Carrier"):
            _know_carrier(tenant, raw["Carrier"])
        changed = {
            name: raw[name] for name in ("TrackingNumber", "TrackingURL", "Carrier") if raw.get(name) is not None
        }
        line |= changed
    save_sale(tenant, sale)
    tenant.record("ship_tracking", by, body, **stage_keys(sale, task, "Ship"))
    return _shown(task)


def _existing_line(task: Doc, raw: Doc) -> Doc:
    wanted = {box.strip().lower() for box in str(raw.get("Box") or "").split(",")}
    for line in task["Ship"]["Lines"]:
        same_boxes = {box.lower() for box in line["Boxes"].split(",")} == wanted
        if same(line["ID"], raw.get("ID")) or same_boxes:
            found: Doc = line
            return found
    raise Rejected(f"{NAME}: box '{raw.get('Box') or ''}' is not in this shipment")


def _shown(task: Doc) -> Doc:
    return {"TaskID": task["TaskID"], **public(task["Ship"])}
