"""The commands and their options; what they do is in the modules beside."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli.connecting import connect as run_connect
from cli.faults import Complaint
from cli.finding import find
from cli.looking import connections as all_connections
from cli.looking import connections_named
from cli.looking import ledger as whole_ledger
from cli.looking import orders as all_orders
from cli.site import Desk, Site
from cli.tables import connections_table, found_blocks, ledger_table, orders_table
from cli.tick_view import LiveTick, conclude, document_of
from cli.ticking import tick_once, tick_until_quiet
from cli.waiting import Pair
from crossdock.domain.states import SCHEDULED_STEPS, Step

app = typer.Typer(
    name="crossdock",
    help="Crossdock: sales orders from DEAR to the warehouse, and shipments, invoices and stock back.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Stack = Annotated[
    str,
    typer.Option("--stack", envvar="CROSSDOCK_STACK", metavar="NAME", help="The CloudFormation stack to work on."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document (docs/cli.md) on standard output.")]
OneConnection = Annotated[
    str | None, typer.Option("--connection", "-c", metavar="NAME", help="Only this connection; else all.")
]


@app.command()
def connect(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="The connection: everything but its secrets.")],
    stack: Stack = "crossdock",
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask: a missing secret is an error.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Check a connection file, try it out, and store it.

    The DEAR key, the warehouse and every name in the settings are tried before anything is stored.
    Secrets come from CROSSDOCK_DEAR_ACCOUNT_ID, CROSSDOCK_DEAR_API_KEY, CROSSDOCK_WMS_TOKEN and
    CROSSDOCK_WEBHOOK_SECRET, or are asked for. Applied again, it updates; a secret that is not given stays.
    """
    raise typer.Exit(run_connect(_desk(context), stack, file, no_input=no_input))


@app.command()
def connections(context: typer.Context, stack: Stack = "crossdock", json: AsJson = False) -> None:  # noqa: FBT002
    """Show every connection, with the last run of each step."""
    desk = _desk(context)
    document = all_connections(desk.open_site(stack))
    desk.screen(json).answer(document, connections_table(document, desk.clock.now()))


@app.command()
def orders(
    context: typer.Context,
    connection: OneConnection = None,
    status: Annotated[
        str | None, typer.Option("--status", "-s", metavar="STATUS", help="Only orders with this status.")
    ] = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """List orders: where each stands and why."""
    desk = _desk(context)
    now = desk.clock.now()
    document = all_orders(desk.open_site(stack), connection, status, now)
    desk.screen(json).answer(document, orders_table(document, now))


@app.command()
def order(
    context: typer.Context,
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help="A sale number, a fulfilment number (SO-1.2) or a reference.")
    ],
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show one order: where it stands, why, and what is next."""
    desk = _desk(context)
    now = desk.clock.now()
    document = find(desk.open_site(stack), number, now)
    desk.screen(json).answer(document, found_blocks(document, now))


@app.command()
def ledger(
    context: typer.Context,
    connection: OneConnection = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="CODE", help="Only sales decided for this reason.")
    ] = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Account for every sale that DEAR listed."""
    desk = _desk(context)
    now = desk.clock.now()
    document = whole_ledger(desk.open_site(stack), connection, reason, now)
    desk.screen(json).answer(document, ledger_table(document, now))


@app.command()
def tick(
    context: typer.Context,
    connection: OneConnection = None,
    step: Annotated[
        str | None, typer.Option("--step", metavar="NAME", help="Only this step; else all, in workflow order.")
    ] = None,
    until_quiet: Annotated[  # noqa: FBT002
        bool, typer.Option("--until-quiet", help="Repeat until no step moves anything and nothing is due.")
    ] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0, metavar="MINUTES", help="How long --until-quiet goes on at most.")
    ] = 30,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Run the deployed steps once each, as the schedule does."""
    desk = _desk(context)
    screen = desk.screen(json)
    steps = _steps(step)
    site = desk.open_site(stack)
    pairs = tuple(Pair(each, name) for each in steps for name in _active(site, connection))
    with LiveTick(screen, desk.clock, only_news=until_quiet) as live:
        if until_quiet:
            tally = tick_until_quiet(site, pairs, desk.clock, live, timeout=timedelta(minutes=timeout))
        else:
            tally = tick_once(site, pairs, desk.clock, live)
    now = desk.clock.now()
    code = conclude(screen, tally, now)
    screen.answer(document_of(tally, now))
    raise typer.Exit(code)


def _desk(context: typer.Context) -> Desk:
    desk = context.obj
    if not isinstance(desk, Desk):
        raise TypeError("run it with cli.main.run")
    return desk


def _steps(wanted: str | None) -> tuple[Step, ...]:
    if wanted is None:
        return SCHEDULED_STEPS
    name = wanted.strip().lower().replace("-", "_")
    if name == Step.RECEIVE_TRACKING:
        raise Complaint("receive_tracking runs when the warehouse pushes: it is not ticked.", _known_steps())
    if name not in SCHEDULED_STEPS:
        raise Complaint(f"There is no step {wanted!r}.", _known_steps())
    return (Step(name),)


def _known_steps() -> str:
    return f"Steps: {', '.join(SCHEDULED_STEPS)}."


def _active(site: Site, wanted: str | None) -> list[str]:
    """The connections to tick. Raises Complaint where there is none."""
    active = [each.name for each in connections_named(site, wanted) if each.active]
    if active:
        return active
    if wanted:
        raise Complaint(
            f"The connection {wanted} is not active.", "Set active = true in its file and run `crossdock connect`."
        )
    raise Complaint("There is no active connection.", "Make one: crossdock connect FILE.toml")
