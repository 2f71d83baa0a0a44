"""The entry of the command line, and the one place where every fault becomes a message."""

import getpass
import os
import sys
import traceback
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.text import Text
from typer.exceptions import TyperException

from cli.aws import open_site
from cli.commands import app
from cli.faults import FINE, INTERRUPTED, WRONG_USE, complaint_of
from cli.screen import Screen, consoles, plain
from cli.site import Desk
from crossdock.runtime.clock import SystemClock


def main() -> None:
    """Run what the shell asks for."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str], desk: Desk | None = None) -> int:
    """Run one command; its exit code. Nothing but an exit code leaves this function."""
    desk = desk or real_desk(*consoles())
    err = desk.screen(False).err  # noqa: FBT003 - whatever the command's output is
    command = typer.main.get_command(app)
    try:
        asked = list(arguments) or ["--help"]
        code = command.main(asked, prog_name="crossdock", standalone_mode=False, obj=desk)
    except TyperException as wrong:
        _say(err, wrong.format_message(), "crossdock --help, or crossdock COMMAND --help, tells how it is used.")
        return WRONG_USE
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the boundary: no traceback reaches a user
        if desk.environment.get("CROSSDOCK_DEBUG"):
            traceback.print_exc()
        complaint = complaint_of(error, desk.environment.get("AWS_ENDPOINT_URL"))
        _say(err, complaint.problem, complaint.mend)
        return complaint.code
    if code == INTERRUPTED:
        _say(err, "Stopped.", "What was done is kept; run the command again to go on.")
    return code if isinstance(code, int) else FINE


def real_desk(out: Console, err: Console) -> Desk:
    """The desk of a person at a terminal, or of a script."""
    environment, clock = dict(os.environ), SystemClock()
    return Desk(
        environment=environment,
        clock=clock,
        screen=lambda json: Screen(out, err, json=json),
        open_site=lambda stack: open_site(stack, environment, clock),
        ask=_ask if sys.stdin.isatty() and sys.stderr.isatty() else None,
    )


def _ask(what: str) -> str:
    return getpass.getpass(f"{what} (not shown): ")


def _say(err: Console, problem: str, mend: str) -> None:
    err.print(Text(plain(problem), style="bold red"))
    if mend:
        err.print(Text(plain(mend)))


if __name__ == "__main__":
    main()
