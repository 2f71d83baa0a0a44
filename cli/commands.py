"""The commands and their options; what they do is in the modules beside."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli.address import address_blocks
from cli.address import addresses as addresses_of
from cli.connecting import connect as run_connect
from cli.faults import Complaint
from cli.finding import find
from cli.forgetting import forget_orders, forgotten_block
from cli.holding import hold as hold_one
from cli.holding import release as release_one
from cli.holding import turned_block
from cli.inventory import app as inventory_app
from cli.ledgering import ROWS_SHOWN, Wanted, decision_named, entries, ledger_row, write_csv
from cli.ledgering import ledger as whole_ledger
from cli.looking import connections as all_connections
from cli.looking import connections_named
from cli.looking import orders as all_orders
from cli.options import AsJson, Number, OneConnection, Stack, desk_of
from cli.preview import preview as run_preview
from cli.reconciling import reconcile as run_reconcile
from cli.reconciling import reconciled_block
from cli.recovering import begin_recovery, moment_of_restore, names_to_recover, recovery_block
from cli.rewinding import moment_named, rewind_or_show, rewound_block
from cli.site import Site
from cli.tables import connections_table, found_blocks, ledger_table, orders_table
from cli.tick_view import LiveTick, conclude, document_of
from cli.ticking import tick_once, tick_until_quiet
from cli.waiting import Pair
from cli.webhook import app as webhook_app
from crossdock.domain.states import DAILY_STEPS, SCHEDULED_STEPS, Step

app = typer.Typer(
    name="crossdock",
    help="Crossdock: sales orders from DEAR to the warehouse, and shipments, invoices and stock back.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(inventory_app, name="inventory")
app.add_typer(webhook_app, name="webhook")


@app.command()
def connect(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="The connection: everything but its secrets.")],
    stack: Stack = "crossdock",
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask: a missing secret is an error.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Check a connection file, try it out, and store it.

    The DEAR key, the warehouse and every name in the settings are tried before anything is stored.
    Secrets come from CROSSDOCK_DEAR_ACCOUNT_ID, CROSSDOCK_DEAR_API_KEY, CROSSDOCK_WMS_TOKEN (or CROSSDOCK_WMS_USER
    with CROSSDOCK_WMS_PASSWORD) and CROSSDOCK_WEBHOOK_SECRET, or are asked for. Applied again, it updates; a secret
    that is not given stays.
    """
    raise typer.Exit(run_connect(desk_of(context), stack, file, no_input=no_input))


@app.command()
def connections(context: typer.Context, stack: Stack = "crossdock", json: AsJson = False) -> None:  # noqa: FBT002
    """Show every connection, with the last run of each step."""
    desk = desk_of(context)
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
    desk = desk_of(context)
    now = desk.clock.now()
    document = all_orders(desk.open_site(stack), connection, status, now)
    desk.screen(json).answer(document, orders_table(document, now))


@app.command()
def order(
    context: typer.Context,
    number: Number,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show one order: where it stands, why, and what is next."""
    desk = desk_of(context)
    now = desk.clock.now()
    document = find(desk.open_site(stack), number, now)
    desk.screen(json).answer(document, found_blocks(document, now))


@app.command()
def address(
    context: typer.Context,
    number: Number,
    connection: OneConnection = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show a sale's shipping address: DEAR's fields and display lines side by side, and what is made of them.

    It reads the sale from DEAR with one call. What it shows is personal data, kept nowhere.
    """
    desk = desk_of(context)
    screen = desk.screen(json)
    document = addresses_of(desk.open_site(stack), screen, number, connection, desk.clock.now())
    screen.answer(document, address_blocks(document))


@app.command()
def hold(
    context: typer.Context,
    number: Number,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why, in a sentence; no names, no addresses: it is shown.")
    ],
    connection: OneConnection = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Hold one order, or one sale that has no order yet, until a person releases it.

    No step works on it. A sale that changes, and goods that leave, are noted; a void withdraws it all the same.
    """
    desk = desk_of(context)
    turned = hold_one(desk.open_site(stack), number, connection, reason, desk.clock.now())
    desk.screen(json).answer(turned, turned_block(turned, desk.clock.now()))


@app.command()
def release(
    context: typer.Context,
    number: Number,
    connection: OneConnection = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Let one held order, or sale, or one in error, go on where it stood; its tries begin anew."""
    desk = desk_of(context)
    turned = release_one(desk.open_site(stack), number, connection, desk.clock.now())
    desk.screen(json).answer(turned, turned_block(turned, desk.clock.now()))


@app.command()
def forget(
    context: typer.Context,
    number: Number,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before it is done.")] = False,  # noqa: FBT002
    connection: OneConnection = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Take names, addresses and notes out of a done order, for good.

    It is done by itself after settings.personal_data_days. Numbers, SKUs, quantities and tracking numbers stay.
    """
    desk = desk_of(context)
    document = forget_orders(desk, desk.open_site(stack), number, connection, yes=yes)
    desk.screen(json).answer(document, forgotten_block(document))


@app.command()
def ledger(  # noqa: PLR0913, PLR0917 - each is an option
    context: typer.Context,
    connection: OneConnection = None,
    decision: Annotated[
        str | None, typer.Option("--decision", metavar="NAME", help="Only sales with this decision.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="CODE", help="Only sales decided for this reason.")
    ] = None,
    number: Annotated[
        str | None, typer.Option("--number", metavar="TEXT", help="Only sales whose number has this in it.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help=f"Show every sale, not only {ROWS_SHOWN}.")] = False,  # noqa: FBT002
    as_csv: Annotated[bool, typer.Option("--csv", help="Write every sale as CSV to standard output.")] = False,  # noqa: FBT002
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Account for every sale that DEAR listed."""
    if as_csv and json:
        raise Complaint("--csv and --json are both asked for.", "Choose one.")
    desk = desk_of(context)
    now, screen = desk.clock.now(), desk.screen(json)
    wanted = Wanted(connection, decision_named(decision), reason, number)
    site = desk.open_site(stack)
    if as_csv:
        write_csv(screen.people.file, (ledger_row(entry, now) for entry in entries(site, wanted)))
        return
    document = whole_ledger(site, wanted, now, None if json or every else ROWS_SHOWN)
    screen.answer(document, ledger_table(document, now, narrowed=any(wanted)))


@app.command()
def preview(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="The connection, stored already or not.")],
    last: Annotated[
        int, typer.Option("--last", min=1, metavar="NUMBER", help="How many sales to look at: those that changed last.")
    ] = 500,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before the sales are read.")] = False,  # noqa: FBT002
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show which of the last sales these settings would load, and why not the others.

    It reads DEAR's list, then each sale that the list does not decide: a call for each, told beforehand. It writes
    nothing, in DEAR or here. The secrets are found as `connect` finds them; the warehouse's are not needed.
    """
    raise typer.Exit(run_preview(desk_of(context), stack, file, last, yes=yes, json=json))


@app.command()
def tick(
    context: typer.Context,
    connection: OneConnection = None,
    step: Annotated[
        str | None, typer.Option("--step", metavar="NAME", help="Only this step; else all but daily ones, in order.")
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
    desk = desk_of(context)
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


@app.command()
def reconcile(
    context: typer.Context,
    connection: OneConnection = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Compare DEAR's whole list with the ledger and the orders now, and show where they disagree.

    The step does so once a day by itself. It takes a DEAR call for each thousand sales of the account.
    """
    desk = desk_of(context)
    screen, site = desk.screen(json), desk.open_site(stack)
    document, code = run_reconcile(desk, site, screen, _active(site, connection))
    screen.answer(document, reconciled_block(document))
    raise typer.Exit(code)


@app.command()
def rewind(
    context: typer.Context,
    to: Annotated[str, typer.Option("--to", metavar="TIME", help="An ISO date or date-time; without a zone: UTC.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")] = False,  # noqa: FBT002
    connection: OneConnection = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """Have DEAR's list read again from an earlier time, and every sale since judged again.

    An order that stands is compared with its sale, and never sent a second time.
    """
    desk = desk_of(context)
    moment = moment_named(to, desk.clock.now())
    screen, site = desk.screen(json), desk.open_site(stack)
    document = rewind_or_show(desk, site, screen, connections_named(site, connection), moment, dry_run=dry_run)
    screen.answer(document, rewound_block(document))


@app.command()
def recover(
    context: typer.Context,
    to: Annotated[
        str, typer.Option("--to", metavar="TIME", help="What the tables were put back to: ISO; without a zone: UTC.")
    ],
    connection: OneConnection = None,
    stack: Stack = "crossdock",
    json: AsJson = False,  # noqa: FBT002
) -> None:
    """After a restore of the tables: have what was done since made known again, before anything is written.

    It stands in DEAR and at the warehouse. The steps that write wait until both were read again, by download_orders.
    """
    desk = desk_of(context)
    moment = moment_of_restore(to, desk.clock.now())
    screen, site = desk.screen(json), desk.open_site(stack)
    document = begin_recovery(desk, site, screen, names_to_recover(site, connection), moment)
    screen.answer(document, recovery_block(document))


def _steps(wanted: str | None) -> tuple[Step, ...]:
    if wanted is None:
        return SCHEDULED_STEPS
    name = wanted.strip().lower().replace("-", "_")
    if name == Step.RECEIVE_TRACKING:
        raise Complaint("receive_tracking runs when the warehouse pushes: it is not ticked.", _known_steps())
    if name not in {*SCHEDULED_STEPS, *DAILY_STEPS}:
        raise Complaint(f"There is no step {wanted!r}.", _known_steps())
    return (Step(name),)


def _known_steps() -> str:
    return f"Steps: {', '.join((*SCHEDULED_STEPS, *DAILY_STEPS))}."


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
