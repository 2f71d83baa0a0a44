"""`crossdock webhook ...`: what the warehouse pushes to, what it signs with, and whether that works."""

from datetime import timedelta
from typing import Annotated

import typer

from cli.faults import FINE, REFUSED
from cli.looking import connections_named
from cli.options import AsJson, OneConnection, Stack, desk_of
from cli.screen import table
from cli.webhook_secrets import (
    address_cells,
    address_of,
    make_dear_token,
    only,
    rotate,
    rotated_block,
    token_block,
)
from cli.webhook_shapes import WebhookAddresses
from cli.webhook_trying import tried_blocks, try_webhook

app = typer.Typer(
    help="The API that the warehouse pushes to: its address, its secret, and whether it works.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
secret = typer.Typer(help="What the warehouse signs its pushes with.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(secret, name="secret")

Show = Annotated[bool, typer.Option("--show", help="Print it, this once; else it is only stored.")]


@app.command("show-url")
def show_url(
    context: typer.Context,
    connection: OneConnection = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show the addresses of each connection's API."""
    desk = desk_of(context)
    site = desk.open_site(stack)
    found = tuple(address_of(site, each.name) for each in connections_named(site, connection))
    shown = table("Connection", "Shipments are pushed to", "An order's status", "DEAR's webhooks")
    for address in found:
        shown.add_row(*address_cells(address))
    desk.screen(json).answer(WebhookAddresses(addresses=found), shown)


@secret.command("rotate")
def rotate_secret(
    context: typer.Context,
    keep_old: Annotated[
        float, typer.Option("--keep-old", min=0, metavar="HOURS", help="How long the old one stays good; 0: not.")
    ] = 24,
    show: Show = False,  # noqa: FBT002
    connection: OneConnection = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Make a new secret, while the old one stays good for a day."""
    desk = desk_of(context)
    site = desk.open_site(stack)
    name = only(connections_named(site, connection))
    document, made = rotate(site, name, timedelta(hours=keep_old), desk.clock.now())
    screen = desk.screen(json)
    screen.answer(document)
    screen.show(rotated_block(document, made if show else None))


@app.command("dear-token")
def dear_token(
    context: typer.Context,
    show: Show = False,  # noqa: FBT002
    connection: OneConnection = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Make a token for DEAR's own webhooks, in the place of the one before."""
    desk = desk_of(context)
    site, screen = desk.open_site(stack), desk.screen(json)
    document, made = make_dear_token(site, only(connections_named(site, connection)))
    screen.answer(document)
    screen.show(token_block(document, made if show else None))


@app.command("test")
def try_api(
    context: typer.Context,
    connection: OneConnection = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Call the deployed API as the warehouse would, and show its answers. Nothing is stored."""
    desk = desk_of(context)
    site = desk.open_site(stack)
    document = try_webhook(site, only(connections_named(site, connection)), desk.clock.now())
    desk.screen(json).answer(document, *tried_blocks(document))
    raise typer.Exit(FINE if document.works else REFUSED)
