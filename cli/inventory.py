"""`crossdock inventory ...`: what waits for a person, what differs now, what was written, and the aliases of SKUs."""

from pathlib import Path
from typing import Annotated

import typer

from cli.aliasing import aliases_table as table_of_aliases
from cli.aliasing import import_aliases, imported_block, shown_aliases
from cli.looking import connections_named
from cli.options import AsJson, OneConnection, Stack, desk_of
from cli.proposing import Choice, agree, decide, decided_table, inventory, inventory_blocks, meant_by
from cli.stock_preview import preview as preview_stock
from cli.stock_preview import preview_blocks
from crossdock.domain.proposals import ProposalStatus

app = typer.Typer(
    help="Stock: what waits for a person, what differs now, what was written, the aliases of SKUs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
aliases = typer.Typer(
    help="Products that the warehouse calls by other names than DEAR.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(aliases, name="aliases")

OneSku = Annotated[str | None, typer.Option("--sku", metavar="SKU", help="Only this SKU, as DEAR has it.")]
OneLocation = Annotated[str | None, typer.Option("--location", metavar="NAME", help="Only at this DEAR location.")]
WhichSku = Annotated[str | None, typer.Argument(metavar="SKU", help="The SKU, as DEAR has it.")]
Everyone = Annotated[bool, typer.Option("--all", help="Every proposal that is open.")]


@app.command()
def show(
    context: typer.Context,
    connection: OneConnection = None,
    sku: OneSku = None,
    history: Annotated[
        str | None, typer.Option("--history", metavar="SKU", help="What was written to DEAR of this SKU.")
    ] = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show proposals that wait for a person, SKUs that DEAR does not take, and a SKU's history."""
    desk = desk_of(context)
    site = desk.open_site(stack)
    document = inventory(site, connections_named(site, connection), sku, history)
    desk.screen(json).answer(document, *inventory_blocks(document))


@app.command()
def approve(
    context: typer.Context,
    sku: WhichSku = None,
    every: Everyone = False,  # noqa: FBT002
    location: OneLocation = None,
    connection: OneConnection = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not show and ask before it is approved.")] = False,  # noqa: FBT002
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Have the next pass write what is proposed: in the direction that is shown, and no more than is shown.

    It shows the list and asks first; what a pass changes until you have answered is not approved.
    """
    _decide(
        context, ProposalStatus.APPROVED, Choice(sku, location, every=every), connection, stack, ask=not yes, json=json
    )


@app.command()
def reject(
    context: typer.Context,
    sku: WhichSku = None,
    every: Everyone = False,  # noqa: FBT002
    location: OneLocation = None,
    connection: OneConnection = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Have what is proposed not written, and not shown again until the difference is another one."""
    _decide(
        context, ProposalStatus.REJECTED, Choice(sku, location, every=every), connection, stack, ask=False, json=json
    )


@app.command()
def preview(
    context: typer.Context,
    connection: OneConnection = None,
    sku: OneSku = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show what the next pass would write, and why: it reads both sides and writes nothing.

    It takes DEAR calls: one for each thousand rows of stock, and some for products whose stock would be raised.
    """
    desk = desk_of(context)
    screen, site = desk.screen(json), desk.open_site(stack)
    document = preview_stock(desk, site, screen, connections_named(site, connection), sku)
    screen.answer(document, *preview_blocks(document))


@aliases.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Columns dear_sku and warehouse_sku.")],
    connection: OneConnection = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Put the file's aliases in the place of all that the connection has."""
    desk = desk_of(context)
    site = desk.open_site(stack)
    document = import_aliases(site, file, connections_named(site, connection))
    desk.screen(json).answer(document, imported_block(document))


@aliases.command("show")
def show_aliases(
    context: typer.Context,
    connection: OneConnection = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show the aliases."""
    desk = desk_of(context)
    site = desk.open_site(stack)
    document = shown_aliases(site, connections_named(site, connection))
    desk.screen(json).answer(document, table_of_aliases(document))


def _decide(
    context: typer.Context,
    status: ProposalStatus,
    choice: Choice,
    connection: str | None,
    stack: str,
    *,
    ask: bool,
    json: bool,
) -> None:
    desk = desk_of(context)
    screen, site = desk.screen(json), desk.open_site(stack)
    meant = meant_by(site, connections_named(site, connection), choice, status)
    if ask:
        agree(desk, screen, meant)
    document = decide(site, meant, status, desk.clock.now())
    screen.answer(document, *decided_table(document))
