"""`/sale/fulfilment/pick`: what is taken from which location, bin and batch (blueprint: Sale Fulfilment Pick).

Authorising a pick takes the goods off the shelf: on hand and allocated both go down.
"""

from collections.abc import Iterator
from decimal import Decimal

from sandbox.dear import dates, stock
from sandbox.dear.errors import Rejected
from sandbox.dear.fulfilments import asked_status, body_lines, require_authorised_order, require_open, stage_keys
from sandbox.dear.lines import quantities
from sandbox.dear.money import decimal, plain
from sandbox.dear.registers import is_stock, needs_batch, place, product
from sandbox.dear.sale_store import load_task, save_sale
from sandbox.dear.statuses import live_tasks
from sandbox.dear.tenant import Author, Doc, Tenant, public

NAME = "Sale Fulfilment Pick"


def get_pick(tenant: Tenant, query: Doc) -> Doc:
    _, task = load_task(tenant, query.get("taskid"))
    return _shown(task)


def write_pick(tenant: Tenant, body: Doc, by: Author = "api") -> Doc:
    """`POST` and `PUT`: replace the pick's lines, or with `AutoPickMode` AUTOPICK choose and authorise them."""
    sale, task = load_task(tenant, body.get("TaskID"))
    require_authorised_order(sale)
    require_open(task["Pick"], NAME)
    if str(body.get("AutoPickMode") or "").upper() == "AUTOPICK":
        status, lines = "AUTHORISED", list(_automatic_lines(tenant, sale, task))
    else:
        status = asked_status(body, ("DRAFT", "AUTHORISED"))
        given = body_lines(body) if "Lines" in body else task["Pick"]["Lines"]
        lines = [_line(tenant, raw) for raw in given]
    if status == "AUTHORISED" and not lines:
        raise Rejected(f"{NAME}: there is nothing to pick")
    _require_ordered(sale, task, lines)
    task["Pick"] = {"Status": status, "Lines": lines}
    if status == "AUTHORISED":
        _take_from_stock(tenant, sale, task)
    save_sale(tenant, sale)
    tenant.record("pick", by, body, **stage_keys(sale, task, "Pick"))
    return _shown(task)


def put_picks_back(tenant: Tenant, sale: Doc) -> None:
    """Bring everything that the sale's picks took back to the shelf."""
    for task in sale["Fulfilments"]:
        if task["Pick"]["Status"] == "AUTHORISED":
            for line in task["Pick"]["Lines"]:
                if not line["NonInventory"]:
                    where = place(tenant, identifier=line["LocationID"])
                    quantity = decimal(line["Quantity"], "Quantity")
                    stock.put_back(tenant, product(tenant, line), where, line["BatchSN"], quantity)


def open_quantities(sale: Doc, task: Doc, *, drafts: bool) -> dict[str, Decimal]:
    """Give by product what is ordered and no other fulfilment has picked; `drafts` counts their drafts too."""
    counted = {"AUTHORISED", "DRAFT"} if drafts else {"AUTHORISED"}
    others = [other for other in live_tasks(sale) if other["TaskID"] != task["TaskID"]]
    picked = quantities(
        line for other in others if other["Pick"]["Status"] in counted for line in other["Pick"]["Lines"]
    )
    ordered = quantities(line for line in sale["Order"]["Lines"] if not line["DropShip"])
    return {key: wanted - picked.get(key, Decimal(0)) for key, wanted in ordered.items()}


def _line(tenant: Tenant, raw: Doc) -> Doc:
    found = product(tenant, raw)
    where = place(tenant, raw.get("Location"), raw.get("LocationID"))
    quantity = decimal(raw.get("Quantity"), "Quantity")
    if quantity <= 0:
        raise Rejected(f"Product '{found['SKU']}': Quantity must be greater than 0")
    batch = raw.get("BatchSN") or None
    if needs_batch(found) and is_stock(found) and not batch:
        raise Rejected(f"Product '{found['SKU']}': BatchSN is required for costing method '{found['CostingMethod']}'")
    return {
        "ProductID": found["ID"],
        "SKU": found["SKU"],
        "Name": found["Name"],
        "Location": where.name,
        "LocationID": where.id,
        "Quantity": plain(quantity),
        "BatchSN": batch,
        "ExpiryDate": dates.optional_date(raw.get("ExpiryDate"), "ExpiryDate"),
        "NonInventory": not is_stock(found),
    }


def _require_ordered(sale: Doc, task: Doc, lines: list[Doc]) -> None:
    left = open_quantities(sale, task, drafts=False)
    names = {line["ProductID"].lower(): line["SKU"] for line in lines}
    for key, quantity in quantities(lines).items():
        if key not in left:
            raise Rejected(f"Product '{names[key]}' is not in the Sale Order")
        if quantity > left[key]:
            raise Rejected(
                f"Product '{names[key]}': Quantity {plain(quantity)} is more than the {plain(left[key])} left to pick"
            )


def _automatic_lines(tenant: Tenant, sale: Doc, task: Doc) -> Iterator[Doc]:
    """Choose what to pick: the task's draft where it has one, else all that is left of the order."""
    if task["Pick"]["Lines"]:
        yield from task["Pick"]["Lines"]
        return
    where = place(tenant, identifier=sale["_location_id"])
    for key, quantity in open_quantities(sale, task, drafts=True).items():
        found = product(tenant, {"ProductID": key})
        if quantity <= 0:
            continue
        if not is_stock(found):
            yield _line(tenant, {"ProductID": key, "LocationID": where.id, "Quantity": quantity})
            continue
        for row, part in stock.choose(tenant, found, where, None, quantity):
            yield _line(
                tenant,
                {
                    "ProductID": key,
                    "LocationID": stock.place_of(row).id,
                    "Quantity": part,
                    "BatchSN": row["batch"],
                    "ExpiryDate": row["expiry"],
                },
            )


def _take_from_stock(tenant: Tenant, sale: Doc, task: Doc) -> None:
    for line in task["Pick"]["Lines"]:
        if line["NonInventory"]:
            continue
        where = place(tenant, identifier=line["LocationID"])
        quantity = decimal(line["Quantity"], "Quantity")
        cost = stock.take(tenant, product(tenant, line), where, line["BatchSN"], quantity)
        sale["InventoryMovements"].append(
            {"TaskID": task["TaskID"], "ProductID": line["ProductID"], "Date": tenant.today(), "COGS": plain(cost)}
        )
        sale["COGSAmount"] = plain(decimal(sale["COGSAmount"], "COGSAmount") + cost)


def _shown(task: Doc) -> Doc:
    return {"TaskID": task["TaskID"], **public(task["Pick"])}
