"""`crossdock connect`: read the file, gather the secrets, try everything out, and only then store."""

from pathlib import Path

from rich.text import Text

from cli.checks import CheckFailed, check_alone, checks_for, outcome
from cli.connection_file import WEBHOOK_SECRET, read_connection
from cli.credentials import GivenSecrets, gather
from cli.faults import FINE, REFUSED, WRONG_USE
from cli.problems import Problem, Refusal, problem_table
from cli.screen import Screen, counted, plain
from cli.site import Desk, Site
from cli.storing import Stored, dated, store
from crossdock.domain.settings import Connection
from crossdock.domain.statuses import warnings_for


def connect(desk: Desk, stack: str, file: Path, *, no_input: bool) -> int:
    """Connect, or bring a connection up to date; the exit code."""
    screen = desk.screen(False)  # noqa: FBT003 - the one command without --json
    try:
        connection = read_connection(file)
        site = desk.open_site(stack)
        given = gather(connection.name, desk.environment, site.vault, None if no_input else desk.ask)
    except Refusal as refusal:
        screen.err.print(Text(refusal.title, style="bold red"), problem_table(refusal.problems))
        return WRONG_USE
    code, problems = _try_out(screen, connection, given, site)
    if not problems:
        code, problems = _alone(connection, given, site)
    if problems:
        screen.err.print(Text("Nothing was stored.", style="bold red"), problem_table(problems))
        return code
    meant = dated(connection, site.checkpoints.connection(connection.name), desk.clock.now().date())
    stored = store(site, meant, given)
    _tell(screen, site, meant, given, stored)
    if meant != connection:
        screen.show(Text(_which_sales_are_too_old(meant, stored)))
    _tell_what_comes_next(screen, meant)
    return FINE


def _try_out(
    screen: Screen, connection: Connection, given: GivenSecrets, site: Site
) -> tuple[int, tuple[Problem, ...]]:
    """Run every check, each told as it ends; the exit code and the problems."""
    dear = site.dear(connection, given.dear)
    warehouse = site.warehouse(connection, given.warehouse)
    problems: list[Problem] = []
    code, dear_fails = FINE, False
    for check in checks_for(connection, dear, warehouse):
        if check.needs_dear and dear_fails:
            screen.show(Text(f"- {check.name}: not checked, DEAR has to answer first", style="dim"))
            continue
        try:
            with screen.busy(f"{check.name} …"):
                found = outcome(check)
        except CheckFailed as failed:
            screen.show(Text("✗ ", style="red") + Text(plain(f"{check.name}: {failed}")))
            problems.extend(failed.problems)
            code = max(code, failed.code)
            dear_fails = dear_fails or (failed.code == REFUSED and check.name == "DEAR key")
        else:
            screen.show(Text("✓ ", style="green") + Text(plain(f"{check.name}: {found}")))
    return code, tuple(problems)


def _alone(connection: Connection, given: GivenSecrets, site: Site) -> tuple[int, tuple[Problem, ...]]:
    others = [
        (other, str((site.vault.read(other.name, "dear") or {}).get("account_id", "")))
        for other in site.checkpoints.connections()
        if other.name != connection.name
    ]
    try:
        check_alone(connection, given.dear.account_id, others)
    except CheckFailed as failed:
        return failed.code, failed.problems
    return FINE, ()


def _tell(screen: Screen, site: Site, connection: Connection, given: GivenSecrets, stored: Stored) -> None:
    """What exactly was done."""
    name = connection.name
    done = "unchanged" if _nothing_changed(stored) else "connected" if stored.connection == "created" else "updated"
    screen.show(Text(f"\n{name} is {done}.", style="bold"))
    for told, parties in (("created", stored.created), ("replaced", stored.replaced), ("kept", stored.kept)):
        for party in parties:
            screen.show(Text(f"  {told:<9}secret {site.vault.name(name, party)}"))
    screen.show(Text(f"  {stored.connection:<9}settings of {name}"))
    if stored.judges_again is not None:
        again = counted(stored.judges_again, "stopped sale")
        screen.show(Text(f"  The settings changed: {again} and every skipped sale will be judged again."))
    if given.generated:
        screen.show(Text(_where_the_webhook_secret_is(site.vault.name(name, "webhook"))))
    screen.show(Text(f"  The warehouse pushes shipments to {site.api_url}/v1/connections/{name}/shipments"))


def _which_sales_are_too_old(connection: Connection, stored: Stored) -> str:
    """What was made of a file without an earliest order date."""
    earliest = connection.settings.earliest_order_date
    so = "the first connect sets it to the day before" if stored.connection == "created" else "the stored one stays"
    return (
        f"  Sales ordered before {earliest} are not loaded: the file has no earliest_order_date, so {so}.\n"
        f"  To load older ones, write an earlier day than this under [settings], and connect again:\n"
        f"    earliest_order_date = {earliest}"
    )


def _tell_what_comes_next(screen: Screen, connection: Connection) -> None:
    for warning in warnings_for(connection.settings.sale_statuses):
        screen.show(Text("  ! " + warning, style="yellow"))
    if connection.active:
        screen.show(Text("Next: the schedule runs the steps; `crossdock tick --until-quiet` runs them now."))
    else:
        screen.show(Text("It is not active: no step runs for it until the file says active = true."))


def _nothing_changed(stored: Stored) -> bool:
    return stored.connection == "kept" and not stored.created and not stored.replaced


def _where_the_webhook_secret_is(name: str) -> str:
    return (
        f"  A webhook secret was made, as {WEBHOOK_SECRET} was not set. Read it, to give it to the warehouse, with\n"
        f"    aws secretsmanager get-secret-value --secret-id {name} --query SecretString --output text"
    )
