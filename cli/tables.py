"""The documents as tables for people."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from cli.screen import cell, plain, seconds_text, table
from cli.shapes import (
    Connections,
    ConnectionShown,
    Found,
    FoundSale,
    LastRun,
    Ledger,
    Orders,
    OrderShown,
    ParcelShown,
)
from crossdock.domain.report import Report
from crossdock.ports import LeftOut

_STYLES = {
    "held": "yellow", "error": "red", "stopped": "red", "budget": "yellow", "busy": "yellow", "deadline": "yellow",
    "invoiced": "green", "done": "green", "canceled": "dim", "skipped": "dim", "voided": "dim", "off": "dim",
}  # fmt: skip

PROBLEMS_SHOWN = 3


def status_cell(status: str) -> Text:
    return cell(status, _STYLES.get(status, ""))


def ago(moment: datetime, now: datetime) -> str:
    return seconds_text((now - moment).total_seconds())


def at(moment: datetime, now: datetime) -> str:
    """A moment of the future, as clock time and as how long that is from now."""
    left = (moment - now).total_seconds()
    return f"at {moment:%H:%M:%S} UTC (in {seconds_text(left)})" if left > 0 else "at the next run"


def connections_table(document: Connections, now: datetime) -> RenderableType:
    if not document.connections and not document.left_out:
        return Text("No connection yet. Make one: crossdock connect FILE.toml")
    left_out = (_left_out_block(each) for each in document.left_out)
    return Group(*(_connection_block(each, now) for each in document.connections), *left_out)


def _left_out_block(connection: LeftOut) -> RenderableType:
    head = Text(plain(connection.name), style="bold")
    head.append("  left out" if connection.active else "  not active", style="red" if connection.active else "yellow")
    wrong = cell(f"its settings do not pass, so no step runs for it: {connection.problem}", "yellow")
    return Group(head, wrong, Text("Mend its file, then: crossdock connect FILE.toml"), Text())


def _connection_block(connection: ConnectionShown, now: datetime) -> RenderableType:
    shown = table("Step", "Outcome", "Age", "Moved", "DEAR calls", "Trouble", wide="Trouble")
    for run in connection.last_runs:
        age = f"{ago(run.finished_at, now)} ago" if run.finished_at else ""
        outcome = status_cell(run.outcome) if run.outcome else cell("not run yet", "dim")
        shown.add_row(cell(run.step), outcome, cell(age), cell(run.moved), cell(run.dear_calls), cell(_trouble(run)))
    head = Text(plain(connection.name), style="bold")
    head.append("  active" if connection.active else "  not active", style="green" if connection.active else "yellow")
    where = (
        f"DEAR {connection.dear_base_url}\nwarehouse {connection.warehouse_base_url} ({connection.warehouse_adapter})"
    )
    return Group(head, cell(where, "dim"), *_recovery(connection, now), shown, Text())


def _recovery(connection: ConnectionShown, now: datetime) -> Iterable[RenderableType]:
    if since := connection.recovering_since:
        waiting = ", ".join(connection.waiting_steps)
        head = f"recovering since {since:%Y-%m-%d %H:%M} UTC ({ago(since, now)} ago)"
        yield cell(f"{head}: {waiting} wait until what was done before that is known again", "yellow")


def _trouble(run: LastRun) -> str:
    told = [run.stopped_because] if run.stopped_because else []
    told += [f"{problem.subject}: {problem.text}" for problem in run.problems if problem.text != run.stopped_because]
    return _first(told)


def orders_table(document: Orders, now: datetime) -> RenderableType:
    if not document.orders:
        return Text("No orders.")
    with_connection = len({row.connection for row in document.orders}) > 1
    with_reference = any(row.reference not in {None, row.order_number} for row in document.orders)
    shown = table(
        *(["Connection"] if with_connection else []),
        "Order",
        *(["Reference"] if with_reference else []),
        "Status",
        "Why",
        "Age",
        "Tracking",
        wide="Why",
    )
    for row in document.orders:
        shown.add_row(
            *([cell(row.connection)] if with_connection else []),
            cell(row.order_number, "bold"),
            *([cell(row.reference)] if with_reference else []),
            status_cell(row.status),
            cell(row.why),
            cell(ago(row.created_at, now)),
            cell("\n".join(row.tracking_numbers)),
        )
    return Group(shown, Text(), cell(_total(document.totals, "in all"), "bold"))


def _total(totals: dict[str, int], what: str) -> str:
    return f"{sum(totals.values())} {what}: " + ", ".join(f"{number} {status}" for status, number in totals.items())


def ledger_table(document: Ledger, now: datetime, *, narrowed: bool = False) -> RenderableType:
    """The counts, then the sales. `narrowed`: not every sale was asked for."""
    if not document.counts:
        none = "No sale is like that." if narrowed else "The ledger is empty: no sale has been listed yet."
        return Text(none if narrowed else f"{none} `crossdock tick` lists them.")
    total = sum(count.sales for count in document.counts)
    counts = table("Decision", "Reason", "In words", "Sales", wide="In words")
    counts.columns[3].justify = "right"
    for count in document.counts:
        counts.add_row(status_cell(count.decision), cell(count.reason_code), cell(count.why), cell(count.sales))
    counts.add_row(cell("all", "bold"), "", "", cell(total, "bold"))
    several = len({row.connection for row in document.sales}) > 1
    shown = table(*(["Connection"] if several else []), "Sale", "In DEAR", "Decision", "Why", "Seen", wide="Why")
    for row in document.sales:
        shown.add_row(
            *([cell(row.connection)] if several else []),
            cell(row.order_number, "bold"),
            cell(row.dear_status),
            status_cell(row.decision),
            cell(row.why),
            cell(f"{ago(row.first_seen_at, now)} ago"),
        )
    more = total - len(document.sales)
    left = [Text(f"and {more} more: --all shows them, --csv and --json have them all", style="bold")] if more else []
    return Group(counts, Text(), shown, *left)


# --- one order -----------------------------------------------------------------------------------------------


def found_blocks(document: Found, now: datetime) -> RenderableType:
    blocks: list[RenderableType] = []
    for found in document.found:
        blocks.extend(_sale_blocks(found, now))
    return Group(*blocks)


def _sale_blocks(found: FoundSale, now: datetime) -> list[RenderableType]:
    blocks: list[RenderableType] = []
    if sale := found.sale:
        head = Text(plain(f"Sale {sale.order_number}"), style="bold")
        head.append(plain(f"  {sale.dear_status} in DEAR, {sale.decision} by {found.connection}"), style="default")
        blocks.append(head)
        if sale.decision != "loaded" or not found.orders:
            when = f", {at(sale.due_at, now)}" if sale.due_at else ""
            blocks.append(_facts({"Why": sale.why, "Next": sale.happens_next + when}))
        blocks.append(Text())
    for order in found.orders:
        blocks.extend((*_order_blocks(order, now), Text()))
    return blocks


def _order_blocks(order: OrderShown, now: datetime) -> Iterable[RenderableType]:
    yield Text.assemble((plain(f"Order {order.order_number}"), "bold"), "  ", status_cell(order.status))
    names = order.mappings
    place = ", ".join(filter(None, (order.ship_to_city, order.ship_to_country)))
    yield _facts(
        {
            "Why": order.why,
            "Next": order.happens_next + (f", {at(order.due_at, now)}" if order.due_at else ""),
            "Age": f"{ago(order.created_at, now)}, last changed {ago(order.updated_at, now)} ago",
            "Goes to": place,
            "From": ", ".join(filter(None, (order.location, order.warehouse))),
            "Ship method": order.ship_method,
            "Reference": names.reference,
            "At warehouse": names.warehouse_order_id,
            "DEAR sale": names.sale_id,
            "DEAR task": names.task_id,
            "Fulfilment": names.fulfilment_number,
            "Invoice": names.invoice_number,
        }
    )
    yield Text()
    lines = table("Line", "SKU", "Quantity", "Shipped", "Short", "Lot", "Product", wide="Product")
    for line in order.lines:
        gone = (cell(line.shipped or None), cell(line.short or None))
        lines.add_row(cell(line.line_id), cell(line.sku), cell(line.quantity), *gone, cell(line.lot), cell(line.name))
    yield lines
    yield Text()
    if order.shipments:
        yield _shipments(order)
        yield Text()
    timeline = table("When (UTC)", "Event", "Detail", wide="Detail")
    for event in order.timeline:
        timeline.add_row(cell(_short(event.at)), cell(event.event), cell(event.detail))
    yield timeline


def _shipments(order: OrderShown) -> RenderableType:
    shown = table("Shipment", "Status", "Parcel", "Carrier", "Tracking", "Content", wide="Content")
    for shipment in order.shipments:
        name = f"{shipment.id} r{shipment.revision}" + ("" if shipment.final else " (more to come)")
        for parcel in shipment.parcels or (None,):
            content = _content(parcel) if parcel else ""
            facts = (parcel.parcel_id, parcel.carrier, parcel.tracking_number) if parcel else ("", "", "")
            shown.add_row(cell(name), status_cell(shipment.status), *(cell(fact) for fact in facts), cell(content))
    return shown


def _content(parcel: ParcelShown) -> str:
    return ", ".join(f"{line.quantity} x {line.sku}" for line in parcel.lines)


def _facts(facts: dict[str, object]) -> RenderableType:
    shown = table("", "", wide="")
    shown.show_header = False
    for name, value in facts.items():
        if value:
            shown.add_row(cell(f"  {name}", "dim"), cell(value))
    return shown


def _short(moment: str) -> str:
    return moment.replace("T", " ")[:19]


# --- reports of runs -----------------------------------------------------------------------------------------


def reports_table(reports: Sequence[Report], title: str | None = None) -> RenderableType:
    """A row for each run; the connection is named where there is more than one."""
    several = len({report.connection for report in reports}) > 1
    of = ("Connection",) if several else ()
    shown = table("Step", *of, "Outcome", "Moved", "What", "Problems", "DEAR calls", title=title, wide="Problems")
    for report in reports:
        shown.add_row(
            cell(report.step),
            *((cell(report.connection),) if several else ()),
            status_cell(report.outcome),
            cell(report.moved),
            cell(_counts(report.counts)),
            cell(report_trouble(report)),
            cell(report.dear_calls),
        )
    return shown


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {what}" for what, number in counts.items() if number)


def report_trouble(report: Report) -> str:
    told = [report.stopped_because] if report.stopped_because else []
    told += [
        f"{problem.subject}: {problem.text}" for problem in report.problems if problem.text != report.stopped_because
    ]
    return _first(told)


def summed(reports: Iterable[Report]) -> str:
    """What all the runs did together."""
    total: Counter[str] = Counter()
    for report in reports:
        total.update(report.counts)
    return _counts(dict(total)) or "nothing to do"


def _first(told: list[str]) -> str:
    more = [f"and {len(told) - PROBLEMS_SHOWN} more"] if len(told) > PROBLEMS_SHOWN else []
    return "\n".join((*told[:PROBLEMS_SHOWN], *more))
