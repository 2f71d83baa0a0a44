"""`python -m sandbox.cloud up|down|status|env`."""

import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from sandbox.cloud.errors import CloudError
from sandbox.cloud.local import DEFAULT_NAME, LocalCloud
from sandbox.cloud.places import ROOT
from sandbox.cloud.stack import StackOutputs

FOREIGN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")  # each would lead a client elsewhere

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The local cloud that Crossdock is tried on.")
console = Console(highlight=False)

Name = Annotated[str, typer.Option(help="The cloud's and the stack's name.")]
Port = Annotated[int | None, typer.Option(help="Its port; by default the one it had last, or 4566.")]


class Schedules(StrEnum):
    """Whether the cloud's own clock runs the steps."""

    ON = "on"
    OFF = "off"


@app.command()
def up(
    name: Name = DEFAULT_NAME,
    port: Port = None,
    schedules: Annotated[Schedules, typer.Option(help="Let the cloud's own clock run the steps.")] = Schedules.OFF,
) -> None:
    """Start the cloud, and build and deploy what changed; twice is harmless."""
    with told():
        cloud = LocalCloud.named(name, port)
        started = timed("Starting the local cloud", cloud.start)
        say("MiniStack", f"{'started' if started else 'runs'} at {cloud.endpoint}")
        state = "ENABLED" if schedules is Schedules.ON else "DISABLED"
        outputs = timed("Building and deploying the template", lambda: cloud.deploy({"ScheduleState": state}))
        say("Stack", f"{name} is deployed")
        say("Schedules", "on: the cloud runs the steps" if schedules is Schedules.ON else "off: run `crossdock tick`")
        say("API", cloud.api_url(outputs))
        path = cloud.folder / "env"
        path.touch(mode=0o600)
        path.write_text(exports(cloud, outputs))
        console.print(f"\nPoint a shell at it:  [bold]. {path.relative_to(ROOT)}[/]")


@app.command()
def down(
    name: Name = DEFAULT_NAME,
    purge: Annotated[bool, typer.Option("--purge", help="Forget its state as well.")] = False,  # noqa: FBT002
) -> None:
    """Stop the cloud; its state is kept for the next `up`."""
    with told():
        cloud = LocalCloud.named(name)
        stopped = timed("Stopping the local cloud", cloud.stop)
        say("MiniStack", "stopped" if stopped else "was not running")
        if purge:
            cloud.purge()
            say("State", "forgotten")


@app.command()
def status(name: Name = DEFAULT_NAME) -> None:
    """Say what runs and what is deployed."""
    with told():
        cloud = LocalCloud.named(name)
        pid = cloud.ministack.pid
        if pid is None:
            say("MiniStack", "is not running; `make up` starts it")
            raise typer.Exit(1)
        say("MiniStack", f"runs at {cloud.endpoint}, process {pid}, log {cloud.ministack.log.relative_to(ROOT)}")
        stack = cloud.stack()
        say("Stack", f"{name}: {stack.status}" if stack else "not deployed; `make up` deploys it")
        if stack and stack.is_usable:
            say("Schedules", stack.parameters.get("ScheduleState", "").lower())
            say("API", cloud.api_url(cloud.outputs()))


@app.command()
def env(name: Name = DEFAULT_NAME) -> None:
    """Print the lines that point a shell at the cloud."""
    with told():
        cloud = LocalCloud.named(name)
        print(exports(cloud, cloud.outputs()), end="")  # for `eval`: no colour, no wrapping


def exports(cloud: LocalCloud, outputs: StackOutputs) -> str:
    """Shell lines; `CROSSDOCK_API` is the base that a warehouse pushes to."""
    values = {**cloud.environment(), "CROSSDOCK_API": cloud.api_url(outputs)}
    lines = [f"unset {' '.join(FOREIGN)}", *(f"export {key}={shlex.quote(value)}" for key, value in values.items())]
    return "\n".join(lines) + "\n"


def say(what: str, about: str) -> None:
    console.print(f"[green]✓[/] {what:<10} {escape(about)}", soft_wrap=True)


def timed[T](what: str, act: Callable[[], T]) -> T:
    """Do it under a spinner, and say what took long."""
    began = time.monotonic()
    with console.status(f"{what} …"):
        done = act()
    seconds = time.monotonic() - began
    if seconds > 1:
        console.print(f"[dim]  {what}: {seconds:.1f} s[/]")
    return done


@contextmanager
def told() -> Iterator[None]:
    """A fault that a person can mend is one message and exit code 1, never a traceback."""
    try:
        yield
    except CloudError as error:
        Console(stderr=True, highlight=False).print(f"[red]✗[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    app()
