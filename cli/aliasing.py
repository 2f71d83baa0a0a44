"""Aliases of SKUs: read from a CSV file, checked line by line, stored, shown."""

import csv
from collections.abc import Iterable
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from cli.faults import Complaint
from cli.problems import nearest
from cli.screen import cell, plain, table
from cli.site import Site
from cli.stock_shapes import AliasesShown, AliasShown
from crossdock.domain.aliases import Aliases, AliasesClash, aliases_of
from crossdock.domain.settings import Connection

COLUMNS = ("dear_sku", "warehouse_sku")
PROBLEMS_TOLD = 20


def import_aliases(site: Site, file: Path, connections: tuple[Connection, ...]) -> AliasesShown:
    """Put the file's pairs in the place of those that stand. Raises Complaint with every line that is wrong."""
    if len(connections) != 1:
        names = ", ".join(each.name for each in connections) or "none yet"
        raise Complaint("It must be clear whose aliases these are.", f"Give --connection; there are: {names}.")
    found = _read(file)
    site.checkpoints.stock.save_aliases(connections[0].name, found)
    return AliasesShown(aliases=tuple(_shown(connections[0].name, found)))


def shown_aliases(site: Site, connections: Iterable[Connection]) -> AliasesShown:
    stock = site.checkpoints.stock
    return AliasesShown(
        aliases=tuple(
            each for connection in connections for each in _shown(connection.name, stock.aliases(connection.name))
        )
    )


def _shown(connection: str, aliases: Aliases) -> Iterable[AliasShown]:
    return (AliasShown(connection=connection, dear_sku=dear, warehouse_sku=other) for dear, other in aliases.pairs)


def _read(file: Path) -> Aliases:
    rows = _rows(file)
    problems = [f"line {number}: {wrong}" for number, pair in rows if (wrong := _wrong(pair))]
    lines = [number for number, _ in rows]
    try:
        aliases = aliases_of(pair for _, pair in rows) if not problems else Aliases()
    except AliasesClash as clash:
        problems = [f"line {lines[number]}: {told}" for number, told in clash.problems]
    if problems:
        more = [f"and {len(problems) - PROBLEMS_TOLD} more"] if len(problems) > PROBLEMS_TOLD else []
        told = "\n".join((*problems[:PROBLEMS_TOLD], *more))
        raise Complaint(f"{file} cannot be used; nothing was stored.\n{told}", "Each SKU stands once in its column.")
    return aliases


def _rows(file: Path) -> list[tuple[int, tuple[str, str]]]:
    """Each pair with its line; commas, semicolons or tabs divide the columns, and other columns are ignored."""
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise Complaint(f"{file} cannot be read ({error.strerror}).", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise Complaint(f"{file} is not UTF-8 text.", "Save it as UTF-8.") from error
    head = text.partition("\n")[0]
    reader = csv.DictReader(text.splitlines(), delimiter=next((mark for mark in ";\t" if mark in head), ","))
    names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    for column in COLUMNS:
        if column not in names:
            mend = (
                f"did you mean it by {meant!r}?" if (meant := nearest(column, names)) else "the first line names them."
            )
            raise Complaint(f"{file} has no column {column}.", f"Columns: {', '.join(COLUMNS)}; {mend}")
    pairs = [(reader.line_num, tuple((row.get(column) or "").strip() for column in COLUMNS)) for row in reader]
    return [(number, (dear, other)) for number, (dear, other) in pairs if dear or other]


def _wrong(pair: tuple[str, str]) -> str | None:
    blank = [column for column, sku in zip(COLUMNS, pair, strict=True) if not sku]
    if blank:
        return f"{blank[0]} is blank"
    return None


def imported_block(document: AliasesShown) -> RenderableType:
    number = len(document.aliases)
    return Text(
        f"{number} aliases are stored. Orders from now on go out with the warehouse's SKUs.", style="bold green"
    )


def aliases_table(document: AliasesShown) -> RenderableType:
    if not document.aliases:
        return Text("No aliases: both sides call every product by the same SKU.")
    shown = table("Connection", "DEAR's SKU", "The warehouse's SKU")
    for each in document.aliases:
        shown.add_row(cell(each.connection), cell(each.dear_sku, "bold"), cell(plain(each.warehouse_sku)))
    return shown
