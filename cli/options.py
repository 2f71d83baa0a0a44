"""What the commands of several modules share: common options, and the desk."""

from typing import Annotated

import typer

from cli.site import Desk

Stack = Annotated[
    str,
    typer.Option("--stack", envvar="CROSSDOCK_STACK", metavar="NAME", help="The CloudFormation stack to work on."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document (docs/cli.md) on standard output.")]
Number = Annotated[
    str, typer.Argument(metavar="NUMBER", help="A sale number, a fulfilment number (SO-1.2) or a reference.")
]
OneConnection = Annotated[
    str | None, typer.Option("--connection", "-c", metavar="NAME", help="Only this connection; else all.")
]


def desk_of(context: typer.Context) -> Desk:
    """What the command works with."""
    desk = context.obj
    if not isinstance(desk, Desk):
        raise TypeError("run it with cli.main.run")
    return desk
